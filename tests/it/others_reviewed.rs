//! Units whose answer does not turn on others that a person decides are decided beside them.

use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::answer;
use redress_client::pb;

use crate::generate::terms;
use crate::samples::{self, now};

/// Rings come back whatever stays; where two pieces of the set stay, by a clause that asks
/// whether they are personalized. Of a chain a person decides.
const CLAUSES: &str = r#"
[words]
options  = []
category = ["ring", "chain"]

[[clause]]
id     = "ACM-01"
says   = "Goods come back, with what delivery cost if nothing of the order stays."
source = "Returns"
on     = "return"
grants = { remedy = "refund", delivery = "paid" }

[[clause]]
id        = "ACM-02"
says      = "Personalized pieces of a set of which two stay come back."
source    = "Returns"
on        = "return"
when      = { personalized = true, group_kept = { at_least = 2 } }
grants    = { remedy = "refund", delivery = "paid" }
overrides = ["ACM-01"]

[[clause]]
id        = "ACM-03"
says      = "Plain pieces of a set of which two stay come back."
source    = "Returns"
on        = "return"
when      = { personalized = false, group_kept = { at_least = 2 } }
grants    = { remedy = "refund", delivery = "paid" }
overrides = ["ACM-01"]

[[clause]]
id     = "ACM-04"
says   = "A person decides of chains."
source = "Returns"
on     = "return"
when   = { category = "chain" }
refers = { reason = "chain" }
"#;

#[test]
fn a_ring_that_comes_back_in_any_case_does_not_wait_for_the_chain() {
    let catalog = Catalog::load(&[terms(CLAUSES)]).unwrap();
    let mut message = samples::decide();
    let order = message.order.as_mut().unwrap();
    for line in &mut order.lines {
        line.group_id = "set".into();
    }
    order.lines[0].category = "ring".into();
    order.lines[1].category = "chain".into();
    order.lines[1].personalized = pb::Answer::No.into();
    let request = message.request.as_mut().unwrap();
    request.lines.push(pb::RequestLine::units("chain", 1));
    let decided = answer::decide(&catalog, &message, now(), &Budget::default()).unwrap();
    let verdict = decided.verdict.decode().unwrap();
    let outcomes: Vec<pb::Outcome> = verdict.rows.iter().map(pb::Row::outcome).collect();
    // One ring stays, and perhaps the chain: delivery is not paid back in either case.
    assert_eq!(outcomes, [pb::Outcome::Approved, pb::Outcome::NeedsReview]);
}
