//! When money may move: after events that a clause names.

use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
use crate::samples::{self, at, now};

/// Returns when the money for a ring may move that `release` holds back.
fn release(release: &str, journey: pb::ReturnJourney) -> pb::Release {
    let clauses = format!(
        r#"
[[clause]]
id     = "REL-01"
says   = "What comes back within 30 days is paid for."
source = "Returns"
on     = "return"
within = {{ days = 30, after = "deliver" }}
grants = {{ remedy = "refund" }}

[[clause]]
id     = "REL-02"
says   = "Money waits."
source = "Returns"
on     = "return"
adds   = {{ release = {release} }}
"#
    );
    let catalog = Catalog::load(&[terms(&clauses)]).unwrap_or_else(|e| panic!("{e}"));
    let mut message = samples::decide();
    message.request.as_mut().unwrap().journey = Some(journey);
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let settlement = decided.verdict.decode().unwrap().settlement.unwrap();
    settlement.release.unwrap()
}

fn seconds(release: &pb::Release) -> Option<String> {
    let time = release.release_time?;
    let time = redress::domain::time::Instant::from_unix(time.seconds, 0)?;
    Some(time.to_string())
}

/// Returns a return shipment of which these times are known.
fn journey(receive: Option<&str>, proof: Option<&str>) -> pb::ReturnJourney {
    pb::ReturnJourney {
        hand_over_time: at("2026-03-10T10:00:00Z"),
        receive_time: receive.and_then(at),
        proof_time: proof.and_then(at),
        ..Default::default()
    }
}

const EARLY: &str = "2026-03-12T10:00:00Z";
const LATE: &str = "2026-03-14T10:00:00Z";
const BOTH: &str = r#"{ all = ["receive", "proof"] }"#;
const FIRST: &str = r#"{ first = ["receive", "proof"] }"#;

#[test]
fn money_that_waits_for_all_events_may_move_since_the_last() {
    for journey in [
        journey(Some(EARLY), Some(LATE)),
        journey(Some(LATE), Some(EARLY)),
    ] {
        let release = release(BOTH, journey);
        assert_eq!(release.events, Vec::<String>::new());
        assert_eq!(seconds(&release).as_deref(), Some(LATE));
    }
    let release = release(BOTH, journey(Some(EARLY), None));
    assert_eq!(release.events, ["proof"]);
    assert!(!release.any);
    assert_eq!(seconds(&release), None);
}

#[test]
fn money_that_waits_for_one_of_several_events_may_move_since_the_first() {
    let both = release(FIRST, journey(Some(LATE), Some(EARLY)));
    assert_eq!(seconds(&both).as_deref(), Some(EARLY));
    let none = release(FIRST, journey(None, None));
    assert_eq!(none.events, ["proof", "receive"]);
    assert!(none.any);
}

#[test]
fn of_one_event_it_does_not_matter_whether_it_is_the_first() {
    let one = release(r#"{ first = ["receive"] }"#, journey(None, None));
    assert_eq!(one.events, ["receive"]);
    assert!(!one.any);
}
