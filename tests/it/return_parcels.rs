//! Several return parcels of one request: units are decided by what is told of the parcel in
//! which they come back, as if all travelled in it.

use redress::domain::facts::{RequestFacts, ReturnParcel};
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::id;
use crate::random::told::{Origin, only};
use crate::random::{Situation, of_every_shop_and_action, shrink};
use crate::slots;
use crate::within::decide;
use redress::domain::path::Owner;

/// How paths of the request's own return shipment begin.
const OWN: &str = "request.journey.";

/// Returns what a request tells of its return shipment alone.
fn journey(facts: &RequestFacts<'static>) -> RequestFacts<'static> {
    let mut journey = RequestFacts::UNKNOWN;
    for fact in slots::facts_of(Owner::Request) {
        if fact.spec().field.to_string().starts_with(OWN) {
            journey.set(*fact, facts.get(*fact));
        }
    }
    for event in slots::events_of(Owner::Request) {
        if event.field().to_string().starts_with(OWN) {
            journey.set_event(*event, facts.event(*event));
        }
    }
    journey
}

/// Returns the facts of a request with another return shipment.
fn with_journey(
    facts: &RequestFacts<'static>,
    of: &RequestFacts<'static>,
) -> RequestFacts<'static> {
    let mut facts = facts.clone();
    for fact in slots::facts_of(Owner::Request) {
        if fact.spec().field.to_string().starts_with(OWN) {
            facts.set(*fact, of.get(*fact));
        }
    }
    for event in slots::events_of(Owner::Request) {
        if event.field().to_string().starts_with(OWN) {
            facts.set_event(*event, of.event(*event));
        }
    }
    facts
}

/// Lets the units of a request come back in turn in the parcel that it tells of, in one of
/// which this is told, and in none that is listed.
fn apart(situation: &Situation, second: &RequestFacts<'static>) -> Situation {
    let mut apart = situation.clone();
    let own = journey(&situation.request.facts);
    let told = [own, second.clone()];
    let names = ["first", "second"].map(id);
    let parcels = names.iter().zip(&told);
    apart.request.return_parcels = parcels
        .map(|(id, facts)| ReturnParcel {
            id: *id,
            facts: facts.clone(),
        })
        .collect();
    let mut turn = 0;
    for line in &mut apart.request.lines {
        for group in &mut line.groups {
            group.return_parcel = names.get(turn % 3).copied();
            turn += 1;
        }
    }
    apart
}

/// Returns what rows are told otherwise than where all units travel as they do; counts the
/// rows that were compared.
fn differences(plan: &Plan, apart: &Situation, compared: &mut usize) -> Vec<String> {
    let mut told = Vec::new();
    let facts = apart.facts().unwrap();
    let together = decide(plan, &facts, View::Basic);
    let groups = || apart.request.lines.iter().flat_map(|line| &line.groups);
    if together.rows.len() != groups().count() {
        // A right ran out between them, and which of them got it depends on how they differ.
        return told;
    }
    let parcels = apart.request.return_parcels.iter();
    let ways = parcels.map(|parcel| (Some(parcel.id), journey(&parcel.facts)));
    let own = (None, journey(&apart.request.facts));
    for (place, (of, way)) in ways.chain([own]).enumerate() {
        let mut all = apart.clone();
        all.request.return_parcels = Vec::new();
        all.request.facts = with_journey(&apart.request.facts, &way);
        for line in &mut all.request.lines {
            line.groups
                .iter_mut()
                .for_each(|group| group.return_parcel = None);
        }
        let all_facts = all.facts().unwrap();
        let all = decide(plan, &all_facts, View::Basic);
        let prefix = format!("request.return_parcels[{place}].journey.");
        for ((group, one), other) in groups().zip(together.each()).zip(all.each()) {
            if group.return_parcel != of {
                continue;
            }
            *compared += 1;
            let origin = Origin::default();
            let one: Vec<String> = origin
                .decision(one)
                .iter()
                .map(|t| t.replace(&prefix, OWN))
                .collect();
            let other = origin.decision(other);
            told.extend(only("<", &one, &other));
            told.extend(only(">", &other, &one));
        }
    }
    told
}

#[test]
fn units_are_decided_by_the_parcel_in_which_they_come_back() {
    let mut last = RequestFacts::UNKNOWN;
    let (mut compared, mut wrong) = (0, 0);
    of_every_shop_and_action(("return parcels", 40), |plan, (number, situation)| {
        let second = last.clone();
        last = journey(&situation.request.facts);
        let split = apart(situation, &second);
        if situation.request.lines.len() < 2 || split.facts().is_err() {
            return;
        }
        if !differences(plan, &split, &mut compared).is_empty() {
            let of = |least: &Situation| match least.facts() {
                Ok(_) => differences(plan, least, &mut 0),
                Err(_) => Vec::new(),
            };
            let least = shrink(&split, |least| !of(least).is_empty());
            println!(
                "--- {} order {number}: {:#?}\n{least:?}",
                plan.policy,
                of(&least)
            );
            wrong += 1;
        }
    });
    println!("{compared} rows");
    assert!(compared > 1000, "{compared}");
    assert_eq!(wrong, 0, "rows that are told something else");
}

#[cfg(feature = "server")]
mod message {
    use redress::domain::limits::MAX_RETURN_PARCELS;
    use redress::engine::Budget;
    use redress::rpc::status::CallError;
    use redress::wire::answer;
    use redress_client::pb;

    use crate::samples::{self, at, now};
    use crate::units::catalog;

    fn parcel(id: &str, receive_time: Option<pb::EventTime>) -> pb::ReturnParcel {
        pb::ReturnParcel {
            return_parcel_id: id.into(),
            journey: Some(pb::ReturnJourney {
                receive_time,
                ..Default::default()
            }),
        }
    }

    /// Returns the violations of a request about a ring in the parcel of an id.
    fn violations(
        id: &str,
        change: impl FnOnce(&mut pb::CustomerRequest),
    ) -> Vec<(String, String)> {
        let mut message = samples::decide();
        let request = message.request.as_mut().unwrap();
        request.lines[0].groups[0].return_parcel_id = id.into();
        change(request);
        match answer::decide(&catalog(), &message, now(), &Budget::default()) {
            Ok(_) => Vec::new(),
            Err(CallError::Invalid(violations)) => violations
                .into_iter()
                .map(|violation| (violation.field, violation.description))
                .collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn fields(found: &[(String, String)]) -> Vec<&str> {
        let mut fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        fields.dedup();
        fields
    }

    #[test]
    fn units_name_a_parcel_that_the_request_lists() {
        let list =
            |request: &mut pb::CustomerRequest| request.return_parcels = vec![parcel("A", None)];
        assert_eq!(violations("A", list), []);
        assert_eq!(violations("", list), []);
        let found = violations("B", list);
        assert_eq!(
            fields(&found),
            ["request.lines[0].groups[0].return_parcel_id"]
        );
        assert!(found[0].1.contains("`B`"), "{found:?}");
    }

    #[test]
    fn each_parcel_has_an_id_of_its_own() {
        let twice = |request: &mut pb::CustomerRequest| {
            request.return_parcels = vec![parcel("A", None), parcel("A", None)];
        };
        let found = violations("A", twice);
        assert_eq!(
            fields(&found),
            ["request.return_parcels[1].return_parcel_id"]
        );
        let without = |request: &mut pb::CustomerRequest| {
            request.return_parcels = vec![parcel("", None)];
        };
        let found = violations("", without);
        assert_eq!(
            fields(&found),
            ["request.return_parcels[0].return_parcel_id"]
        );
    }

    #[test]
    fn parcels_are_counted_and_no_more_than_the_limit_are_taken() {
        let count = |count: usize| {
            move |request: &mut pb::CustomerRequest| {
                let all = (0..count).map(|number| parcel(&format!("A{number}"), None));
                request.return_parcels = all.collect();
            }
        };
        assert_eq!(violations("A0", count(MAX_RETURN_PARCELS)), []);
        let found = violations("A0", count(MAX_RETURN_PARCELS + 1));
        assert_eq!(fields(&found), ["request.return_parcels"]);
    }

    #[test]
    fn the_events_of_each_parcel_are_checked() {
        let early = at("2026-03-01T10:00:00Z");
        let found = violations("B", |request| {
            request.return_parcels = vec![parcel("A", None), parcel("B", early.clone())];
        });
        assert_eq!(
            fields(&found),
            ["request.return_parcels[1].journey.receive_time"]
        );
        // What holds for all of them is named once, where it stands.
        let found = violations("B", |request| {
            request.return_parcels = vec![parcel("A", None), parcel("B", None)];
            request.journey = parcel("", early).journey;
        });
        assert_eq!(fields(&found), ["request.journey.receive_time"]);
    }

    #[test]
    fn no_parcel_holds_for_all_units() {
        let found = violations("A", |request| {
            request.return_parcels = vec![parcel("A", None)];
            request.all_units = Some(pb::UnitGroup {
                return_parcel_id: "A".into(),
                ..Default::default()
            });
        });
        assert_eq!(fields(&found), ["request.all_units.return_parcel_id"]);
    }
}
