//! Completes unknown facts: which of them can change a row's answer.
//!
//! What is unknown of places and times is completed first: `times` finds every
//! combination that the order of events allows and that some test, window or condition
//! tells apart, an *effect*. For each effect `diagram` decides the row under each class
//! of values of the unknown facts, in one fixed order of facts, to an ordered decision
//! diagram whose equal parts are one node. So a fact is missing if and only if a node
//! asks for it, and a time if two effects that differ in it alone lead to different
//! nodes. `agree` says what all completions have in common, where nothing is missing.

mod agree;
mod classes;
mod diagram;
mod effect;
mod facts;
mod finding;
mod guides;
mod items;
mod probes;
mod questions;
mod reads;
mod terms;
mod times;
mod variables;

use super::draft::{Draft, Drafted, bare, draft, own_reason};
use super::judge::Judged;
use super::missing::available;
use super::world::{Key, World};
use crate::domain::facts::{Facts, Remedy};
use crate::domain::few::Few;
use crate::domain::verdict::{
    Answer, Candidate, Decision, Guide, Missing, MissingFact, Outcome, ReasonCode,
};
use crate::policy::plan::{RemedyBits, RoutePlan};
use agree::{agree, every_answer};
use diagram::Diagram;
use guides::{guides, stands_for_parcel};
use terms::{depend, waiting_bits};
use times::{Times, parcels};

/// Decides a row on a route, unknown facts completed in every way; `judged` is what the
/// known ones come to.
pub(super) fn decide_row<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    judged: &Judged<'a>,
) -> Drafted<'a> {
    if !world.scratch.work.spend(1) {
        return needs(Missing::default(), 0).into();
    }
    let mut drafted = decide_answer(world, route, wants, judged);
    let approved = drafted.draft.decision.outcome == Outcome::Approved;
    if approved && !world.brief && waiting_bits(judged, route) != 0 {
        depend(world, route, (judged, &mut drafted));
    }
    drafted
}

/// Decides a row, unknown facts completed in every way where one of them matters.
fn decide_answer<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    judged: &Judged<'a>,
) -> Drafted<'a> {
    match draft(world, route, judged) {
        Ok(drafted) if drafted.draft.decision.missing.is_empty() => drafted,
        Ok(drafted) => {
            let missing = drafted.draft.decision.missing.clone();
            let (asked, unavailable) = available(world.facts, missing);
            match asked.is_empty() {
                true => review(world.facts, &[drafted], unavailable).into(),
                false => Draft {
                    prospects: drafted.draft.prospects().into_owned(),
                    ..needs(asked, drafted.draft.remedies)
                }
                .into(),
            }
        }
        Err(_) => complete(world, route, wants),
    }
}

/// Turns a draft into one that asks for facts.
pub(super) fn needs<'a>(mut missing: Missing, remedies: RemedyBits) -> Draft<'a> {
    MissingFact::each_once(&mut missing.facts);
    Draft {
        remedies,
        own: true,
        ..Draft::of(facts_missing(missing))
    }
}

/// Returns a decision that waits for facts, which are in order.
pub(super) fn facts_missing<'a>(missing: Missing) -> Box<Decision<'a>> {
    let reason = own_reason(ReasonCode::FactsMissing, None);
    let mut decision = bare(Outcome::NeedsInformation, Few::one(reason));
    decision.missing = missing;
    decision
}

/// Decides a row under every completion of what is unknown.
fn complete<'a>(world: &World<'a, '_>, route: &'a RoutePlan, wants: Option<Remedy>) -> Drafted<'a> {
    let world = World {
        completing: true,
        ..*world
    };
    let parcels = parcels(&world);
    let mut diagram = Diagram::new(world, route, wants);
    let mut missing = Vec::new();
    let mut found: Vec<Times<'a>> = Vec::new();
    for parcel in &parcels {
        let times = Times::find(&world, route, *parcel);
        let roots = diagram.roots(&times);
        missing.extend(times.missing(&world, &roots, |assumed| diagram.root(assumed)));
        found.push(times.with_roots(roots));
    }
    missing.extend(times::missing_parcel(&found));
    missing.extend(diagram.missing());
    let (told, unavailable) = tell(&world, &mut diagram, &found, &missing);
    let remedies = diagram.remedies();
    match (told.is_empty(), unavailable.is_empty()) {
        (true, true) => agree(&diagram.keep(&found), remedies),
        (true, false) => {
            let answers = every_answer(&diagram.keep(&found));
            Draft {
                remedies,
                ..review(world.facts, &answers, unavailable)
            }
            .into()
        }
        (false, _) => Draft {
            prospects: diagram.prospects(),
            ..needs(told, remedies)
        }
        .into(),
    }
}

/// Describes the facts that are missing, and those of them that nobody can tell apart;
/// where the verdict explains itself, the first with what hangs on each.
fn tell<'a>(
    world: &World<'a, '_>,
    diagram: &mut Diagram<'a, '_>,
    found: &[Times<'a>],
    missing: &[Key<'a>],
) -> (Missing, Vec<MissingFact>) {
    // A fact that says whether an event has happened is told with the event.
    let is_of_event = |key: &Key<'a>| {
        let events = missing.iter().filter(|key| matches!(key, Key::Event(..)));
        let path = world.path(*key);
        matches!(key, Key::Fact(..)) && events.map(|key| world.path(*key)).any(|of| of == path)
    };
    let known = missing.iter().copied().filter(|key| !is_of_event(key));
    let (missing, out_of_reach) = known.partition::<Vec<Key<'a>>, _>(|key| {
        !world.facts.has_unavailable() || !world.facts.is_unavailable(&world.path_of(*key))
    });
    let guides = match world.explains {
        true => guides(diagram, found, &missing, |key| world.path_of(key)),
        false => Vec::new(),
    };
    let mut described = Missing::default();
    for key in &missing {
        let of = stands_for_parcel(found, *key);
        let guide = guides.iter().find(|(known, _)| *known == of);
        let path = guide.map(|_| world.path_of(*key));
        let mut missing = world.missing(*key);
        if let Some((_, guide)) = guide {
            for fact in &mut missing.facts {
                fact.guide = Some(Box::new(Guide {
                    // What is worked out from several facts has no values of its own.
                    answers: match path.as_ref() == Some(&fact.path) {
                        true => guide.answers.clone(),
                        false => Vec::new(),
                    },
                    ..guide.clone()
                }));
            }
        }
        described.append(missing);
    }
    described.append(diagram.missing_amounts().clone());
    let (told, mut unavailable) = available(world.facts, described);
    let out_of_reach = out_of_reach.iter().map(|key| world.missing(*key));
    unavailable.extend(out_of_reach.flat_map(|missing| missing.facts));
    (told, unavailable)
}

/// Returns a review of what answers come to where nobody can tell the facts that decide
/// between them.
pub(super) fn review<'a>(
    facts: &Facts<'_>,
    answers: &[Drafted<'a>],
    mut unavailable: Vec<MissingFact>,
) -> Draft<'a> {
    MissingFact::each_once(&mut unavailable);
    let mut times = unavailable.iter();
    let code = match times.all(|fact| facts.is_untimed(&fact.path)) {
        true => ReasonCode::TimeUnknown,
        false => ReasonCode::FactsUnavailable,
    };
    let mut reason = own_reason(code, None);
    let facts = unavailable.into_iter();
    reason.facts = facts
        .map(|fact| (fact.path, "unknown".to_owned()))
        .collect();
    let mut decision = bare(Outcome::NeedsReview, Few::one(reason));
    for drafted in answers {
        for candidate in candidates(drafted) {
            if !decision.candidates.contains(&candidate) {
                decision.candidates.push(candidate);
            }
        }
    }
    Draft {
        own: true,
        ..Draft::of(decision)
    }
}

/// Returns what a person can choose who decides between answers.
fn candidates<'a>(drafted: &Drafted<'a>) -> Vec<Candidate<'a>> {
    let Decision {
        outcome,
        reasons,
        entitlement,
        candidates,
        ..
    } = &*drafted.draft.decision;
    let answer = match (outcome, entitlement, reasons.first()) {
        (Outcome::Approved, Some(entitlement), _) => Answer::Entitlement {
            entitlement: Box::new(entitlement.clone()),
            amount: drafted.money.worth,
        },
        (Outcome::Denied, _, Some(reason)) => Answer::Refusal(reason.clone()),
        _ => return candidates.clone(),
    };
    vec![Candidate {
        answer,
        recommended: false,
    }]
}
