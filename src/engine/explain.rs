//! Explains a row: the facts that the cited clauses compared, and their values.

use super::case::{Asked, Case};
use super::guard::tests_of;
use super::rows::DecidedRow;
use super::world::{Value, World};
use crate::domain::facts::RowIndex;
use crate::domain::few::Few;
use crate::domain::spell::Spell;
use crate::domain::time::EventTime;
use crate::domain::verdict::Decision;
use crate::policy::plan::{Bits, RoutePlan};
use crate::policy::terms::{DaySpec, Test};

/// Returns the decision of each row with the facts of its reasons: rows that are alike
/// compared facts of their own.
pub(super) fn explain<'a>(
    case: Case<'a, '_>,
    route: &'a RoutePlan,
    rows: &[DecidedRow<'a>],
    decisions: &[Box<Decision<'a>>],
) -> Few<Box<Decision<'a>>> {
    let explained = |row: &DecidedRow<'a>| {
        let mut decision = decisions.get(row.draft)?.clone();
        fill(case, route, row.index, &mut decision);
        Some(decision)
    };
    rows.iter().filter_map(explained).collect()
}

/// Fills in the facts of each reason of a row's decision.
fn fill<'a>(
    case: Case<'a, '_>,
    route: &'a RoutePlan,
    index: RowIndex,
    decision: &mut Decision<'a>,
) {
    let asked = Asked {
        ask: &case.facts.request().ask,
        tried: false,
    };
    let world = World {
        rows: case.facts.rows(),
        ..World::new(case, asked, index)
    };
    for reason in decision.reasons.iter_mut() {
        let Some(cite) = reason.clause else { continue };
        let mut clauses = route.clauses.iter();
        let clause = clauses.find(|c| {
            case.plan
                .clause(c.clause)
                .is_some_and(|p| p.cited.id == cite.id)
        });
        let Some(clause) = clause else { continue };
        let guard = &clause.guard;
        let bits: Bits = guard
            .unless
            .iter()
            .chain(&guard.any)
            .fold(guard.all, |bits, more| bits | more);
        for (_, test) in tests_of(route, bits) {
            let fact = shown(&world, test);
            if !reason.facts.contains(&fact) {
                reason.facts.push(fact);
            }
        }
    }
}

/// Returns the path and the value of the fact that a test reads.
fn shown<'a>(world: &World<'a, '_>, test: &'a Test) -> (String, String) {
    let (key, text) = match (test.fact(), test) {
        (Some(fact), _) => (world.key(fact), value_text(world.fact(fact))),
        (
            None,
            Test::Happened(event, _)
            | Test::Week(event, _)
            | Test::DayIn(DaySpec { of: event, .. }, ..),
        ) => {
            let (time, key) = world.event(*event);
            (key, time_text(time))
        }
        (None, _) => {
            let at = world.facts.request().request_time;
            return ("request.request_time".to_owned(), at.to_string());
        }
    };
    let path = world.path(key).of_units(world.row.place());
    (path.spelled(), text)
}

fn value_text(value: Value<'_>) -> String {
    match value {
        Value::Unknown => "unknown".to_owned(),
        Value::YesNo(true) => "yes".to_owned(),
        Value::YesNo(false) => "no".to_owned(),
        Value::Word(word) => word.to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

fn time_text(time: EventTime) -> String {
    match time {
        EventTime::Unknown => "unknown".to_owned(),
        EventTime::NotYet => "not yet".to_owned(),
        EventTime::At(at) => at.to_string(),
        EventTime::On(day) => day.to_string(),
    }
}
