//! Reads conditions and obligations.

use super::ClauseIndex;
use super::effects::need_code;
use super::ends::due;
use super::guards::list;
use crate::domain::verdict::{Outcome, Party};
use crate::domain::vocabulary::Class;
use crate::policy::document::Item;
use crate::policy::terms::{ConditionSpec, ObligationSpec, SettledBy, Test};

/// Reads a condition of an entitlement.
pub(super) fn condition(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<ConditionSpec> {
    let table = item.table_like("{ code = \"goods_received\", event = \"receive\" }")?;
    let code = need_code(&table, "code");
    let on_event = table.get("event").map(|e| names.event(&e));
    let when = table.get("when").map(|w| (w.clone(), list(&w, names)));
    let failed = table.get("failed").map(|item| {
        let outcome = |word: &str| {
            Outcome::from_word(word).filter(|o| matches!(o, Outcome::Denied | Outcome::NeedsReview))
        };
        item.word(
            &["denied", "needs_review"],
            outcome,
            "consequence of a failed condition",
        )
    });
    let settled_by = match (on_event, when) {
        (Some(event), None) => event.map(SettledBy::Event),
        (None, Some((item, tests))) => finding(&item, tests).map(SettledBy::Finding),
        (Some(_), Some((item, _))) => {
            let help = "remove one of them";
            item.bad("one-test", "`event` and `when` exclude each other", help);
            None
        }
        (None, None) => {
            let help = "add `event = \"receive\"`, or `when = { worn = false }` with `failed`";
            let message = "nothing says what settles the condition";
            table.lack(&["event", "when"], "missing-key", message, help);
            None
        }
    };
    table.finish_ref();
    let settled_by = settled_by?;
    let failed = match (failed, &settled_by) {
        (Some(failed), _) => failed?,
        (None, SettledBy::Event(_)) => Outcome::NeedsReview,
        (None, SettledBy::Finding(_)) => {
            item.bad(
                "missing-key",
                "nothing says what a failed condition leads to",
                "add `failed = \"denied\"` or `failed = \"needs_review\"`",
            );
            return None;
        }
    };
    Some(ConditionSpec {
        code: code?,
        settled_by,
        failed,
    })
}

/// Returns the one test of a finding that settles a condition.
fn finding(item: &Item<'_, '_>, tests: Vec<Test>) -> Option<Test> {
    let [test] = <[Test; 1]>::try_from(tests)
        .map_err(|tests| {
            // An empty or a misspelt test is told already.
            if tests.len() > 1 {
                let help = "write a condition for each";
                item.bad("one-test", "a condition is settled by one test", help);
            }
        })
        .ok()?;
    let (what, help) = match (&test, test.fact().map(|of| of.fact.spec())) {
        (_, Some(spec)) => match spec.class {
            Class::Finding => return Some(test),
            Class::Asked => (
                format!(
                    "`{}` does not settle a condition: it is asked for",
                    spec.name
                ),
                format!(
                    "use `asks = {{ fact = \"{}\" }}` in a clause of its own",
                    spec.name
                ),
            ),
            Class::Given | Class::Selector => (
                format!(
                    "`{}` does not settle a condition: it is a given fact",
                    spec.name
                ),
                "test it in `when` of the clause; a condition waits for a finding, such as \
                 `worn = false`, or for an `event`"
                    .to_owned(),
            ),
        },
        (Test::Happened(event, true), None) => (
            "an event settles a condition without a test".to_owned(),
            format!("write `event = \"{event}\"` in place of `when`"),
        ),
        (_, None) => (
            "a window or a day does not settle a condition".to_owned(),
            "test it in `when` of the clause".to_owned(),
        ),
    };
    item.bad("not-a-finding", what, help);
    None
}

/// Reads what one side must do.
pub(super) fn obligation(item: &Item<'_, '_>, names: &ClauseIndex<'_>) -> Option<ObligationSpec> {
    let table = item.table_like("{ party = \"customer\", code = \"send_goods_back\" }")?;
    let code = need_code(&table, "code");
    let party = table
        .need("party")
        .and_then(|p| p.word(Party::WORDS, Party::from_word, "side"));
    let due = match table.get("by") {
        None => Some(None),
        Some(item) => due(&item, names).map(Some),
    };
    table.finish_ref();
    Some(ObligationSpec {
        code: code?,
        party: party?,
        due: due?,
    })
}
