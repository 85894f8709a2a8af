//! Rows that are decided together are decided as each is alone, whatever is known of
//! their neighbours.
//!
//! What is of the request as a whole is not compared: the amounts of units of one line,
//! which follow each other, and the settlement. Where a request as a whole says something
//! of a row, it is not compared either: [`alone`], [`runs_out`], [`completes`] and
//! [`waits_for_the_whole`].

use crate::within::decide;
use redress::domain::facts::{Action, Facts, RowIndex};
use redress::domain::few::Few;
use redress::domain::verdict::{Decision, MissingFact, Outcome};
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::plan::Plan;
use redress::policy::terms::{Effect, Test};

use crate::random::told::{Origin, only};
use crate::random::{Situation, of_every_shop_and_action, shrink};

/// Returns the facts where a row is all that is asked about. Its parcel is named
/// where the others leave only one; `None`: what they leave cannot be said alone.
fn alone(situation: &Situation, facts: &Facts<'_>, row: &RowIndex) -> Option<Facts<'static>> {
    let mut alone = situation.clone();
    let mut line = situation.request.lines[row.request_line].clone();
    let mut group = line.groups[row.group].clone();
    let parcel = row
        .shipment
        .and_then(|place| situation.order.shipments.get(place));
    if let Some(parcel) = parcel.filter(|parcel| parcel.items.is_some()) {
        group.shipment = Some(parcel.id);
    }
    line.groups = Few::one(group);
    alone.request.lines = Few::one(line);
    // Of a line that was settled before more units can be asked about than a parcel holds.
    let apart = alone.facts().ok()?;
    let sole = &apart.rows()[0];
    let same = match row.shipment {
        None => sole.shipment.is_none() && apart.parcels_of(sole) == facts.parcels_of(row),
        known => sole.shipment == known,
    };
    same.then_some(apart)
}

/// Whether the units of a request share an option that has fewer uses left than there are
/// units: then which of them get the uses depends on the others.
fn runs_out(plan: &Plan, situation: &Situation) -> bool {
    let Some(route) = plan.route(situation.request.ask.action) else {
        return false;
    };
    let groups = situation
        .request
        .lines
        .iter()
        .flat_map(|line| line.groups.iter());
    let units: i32 = groups.map(|group| group.quantity).sum();
    let grants = route.grants.iter();
    let clauses = grants.filter_map(|at| plan.clause(route.clauses[*at].clause));
    let mut codes = clauses.filter_map(|clause| match &clause.effect {
        Effect::Grants(grant) => grant.consumes.as_deref(),
        _ => None,
    });
    codes.any(|code| {
        let options = situation
            .order
            .options
            .iter()
            .filter(|option| option.code == code);
        let left = options.filter_map(|option| Some(option.quantity - option.used?));
        left.min().is_some_and(|left| left > 0 && left < units)
    })
}

/// Whether a request is about all units of the order that are left.
fn completes(facts: &Facts<'_>) -> bool {
    let lines = facts.order().lines.iter().enumerate();
    let mut short = lines.filter(|(place, line)| {
        let rows = facts.rows().iter().filter(|row| row.line == *place);
        rows.map(|row| row.quantity).sum::<i32>() + facts.consumed(*place) < line.quantity
    });
    short.next().is_none()
}

/// Whether a row that is approved alone waits for what the request as a whole comes to:
/// delivery and options, where it completes the order, or the prices of all units that a
/// credit pays for.
fn waits_for_the_whole(together: &Decision<'_>, alone: &Decision<'_>, uses_credit: bool) -> bool {
    let of_whole = |fact: &MissingFact| {
        let path = fact.path.as_str();
        let of_order = ["order.delivery.", "order.options"];
        let price = path.ends_with(".unit_price") || path.ends_with("discount");
        of_order.iter().any(|start| path.starts_with(start)) || (uses_credit && price)
    };
    alone.outcome == Outcome::Approved
        && together.outcome == Outcome::NeedsInformation
        && together.missing.facts.iter().all(of_whole)
}

/// Counts rows that were compared with what they are told alone, and those that were not.
#[derive(Debug, Default)]
struct Compared {
    rows: usize,
    /// Of these, rows that share their decision with another of the request.
    shared: usize,
    amounts: usize,
    few_uses: usize,
    parcels: usize,
    whole_order: usize,
    waiting: usize,
}

/// Returns what rows are told together and not alone, or the other way around.
fn differences(plan: &Plan, situation: &Situation, compared: &mut Compared) -> Vec<String> {
    let facts = situation.facts().unwrap();
    let mut told = Vec::new();
    if facts.rows().len() < 2 {
        return told;
    }
    if runs_out(plan, situation) {
        compared.few_uses += facts.rows().len();
        return told;
    }
    let together = decide(plan, &facts, View::Basic);
    let tests = plan
        .route(together.action)
        .into_iter()
        .flat_map(|route| &route.tests);
    let reads_whole = tests
        .filter_map(Test::fact)
        .any(|named| named.fact == Fact::WholeOrder);
    let uses_credit = together.action == Action::CreditUse;
    for (index, (row, decision)) in facts.rows().iter().zip(together.each()) {
        let Some(alone) = alone(situation, &facts, index) else {
            compared.parcels += 1;
            continue;
        };
        if reads_whole && completes(&alone) != completes(&facts) {
            compared.whole_order += 1;
            continue;
        }
        let apart = decide(plan, &alone, View::Basic);
        let (sole, other) = apart.each().next().unwrap();
        if waits_for_the_whole(decision, other, uses_credit) {
            compared.waiting += 1;
            continue;
        }
        let origin = Origin {
            request_lines: vec![index.request_line],
            groups: vec![vec![index.group]],
            ..Origin::default()
        };
        let mut one = Origin::default().decision((row, decision));
        let mut two = origin.decision((sole, other));
        compared.rows += 1;
        let alike = together
            .rows
            .iter()
            .filter(|other| other.decision == row.decision);
        compared.shared += usize::from(alike.count() > 1);
        let of_line = facts.rows().iter().filter(|row| row.line == index.line);
        if of_line.count() == 1 {
            compared.amounts += 1;
            one.push(format!("{:?}", row.amount));
            two.push(format!("{:?}", sole.amount));
        }
        told.extend(only("<", &one, &two));
        told.extend(only(">", &two, &one));
    }
    told
}

#[test]
fn rows_decided_together_are_decided_as_alone() {
    let mut wrong = 0;
    let mut compared = Compared::default();
    of_every_shop_and_action(("rows alone", 60), |plan, (number, situation)| {
        let of = |least: &Situation| differences(plan, least, &mut Compared::default());
        if !differences(plan, situation, &mut compared).is_empty() {
            let least = shrink(situation, |least| !of(least).is_empty());
            let told = of(&least);
            println!("--- {} order {number}: {told:#?}\n{least:?}", plan.policy);
            wrong += 1;
        }
    });
    println!("{compared:?}");
    assert!(
        compared.rows > 1000 && compared.amounts > 500,
        "{compared:?}"
    );
    assert_eq!(wrong, 0, "orders whose rows are told something else alone");
}
