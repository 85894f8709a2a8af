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
mod folding;
mod guides;
mod items;
mod probes;
mod questions;
mod reach;
mod reads;
mod terms;
mod times;
mod variables;

use crate::domain::facts::{Facts, Remedy};
use crate::domain::few::Few;
use crate::domain::verdict::{
    Answer, Candidate, Decision, Guide, Missing, MissingFact, Outcome, Reason, ReasonCode,
};
use crate::engine::entitle::draft::{Draft, Drafted, bare, draft, own_reason};
use crate::engine::judge::Judged;
use crate::engine::read::askable::available;
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{RemedyBits, RoutePlan};
use agree::{agree, every_answer};
use diagram::Diagram;
use folding::Folding;
use guides::{guides, stands_for};
use reach::bounds;
use terms::{depend, waiting_bits};
use times::{Times, parcels};

/// Decides a row on a route, unknown facts completed in every way; `judged` is what the
/// known ones come to.
pub(crate) fn decide_row<'a>(
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
        depend(world, route, judged, &mut drafted);
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
pub(crate) fn needs<'a>(mut missing: Missing, remedies: RemedyBits) -> Draft<'a> {
    MissingFact::each_once(&mut missing.facts);
    Draft {
        remedies,
        own: true,
        ..Draft::of(facts_missing(missing))
    }
}

/// Returns a decision that waits for facts, which are in order.
pub(crate) fn facts_missing<'a>(missing: Missing) -> Box<Decision<'a>> {
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
    let (asked, out_of_reach) = missing
        .iter()
        .partition::<Vec<Key<'a>>, _>(|key| !world.is_out_of_reach(**key));
    let (_, amounts) = available(world.facts, diagram.missing_amounts());
    let (told, unavailable) = match out_of_reach.is_empty() && amounts.is_empty() {
        true => tell(&world, &mut diagram, &found, &asked),
        false => {
            let (folded, asked) = fold(&world, &mut diagram, &found, &out_of_reach);
            let (told, mut unavailable) = tell(&world, &mut diagram, &folded, &asked);
            unavailable.extend(amounts);
            let described = out_of_reach.iter().map(|key| world.missing(*key));
            unavailable.extend(described.flat_map(|missing| missing.facts));
            (told, unavailable)
        }
    };
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

/// Folds completions that differ in nothing but what nobody can tell, and returns with them
/// what is still to be asked for: what changes the answer that they agree on, or whether
/// they agree.
fn fold<'a>(
    world: &World<'a, '_>,
    diagram: &mut Diagram<'a, '_>,
    found: &[Times<'a>],
    out_of_reach: &[Key<'a>],
) -> (Vec<Times<'a>>, Vec<Key<'a>>) {
    let mut folding = Folding::default();
    let mut all = Vec::with_capacity(found.len());
    let mut missing = Vec::new();
    for times in found {
        let bounds = bounds(world, times, out_of_reach);
        let folded = match bounds.is_empty() {
            true => folding.times(diagram, times),
            false => {
                let times = Times::find_with(world, diagram.route, times.parcel, &bounds);
                let roots = diagram.roots(&times);
                folding.times(diagram, &times.with_roots(roots))
            }
        };
        missing.extend(folding.missing(world, diagram, &folded));
        all.push(folded);
    }
    missing.extend(times::missing_parcel(&all));
    diagram.count(folding.nodes);
    missing.extend(diagram.missing());
    missing.retain(|key| !world.is_out_of_reach(*key));
    (all, missing)
}

/// Describes the facts that are missing, and those of them that nobody can tell; where the
/// verdict explains itself, the first with what hangs on each.
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
    let missing = missing.iter().copied().filter(|key| !is_of_event(key));
    let missing: Vec<Key<'a>> = missing.collect();
    let guides = match world.explains {
        true => guides(diagram, found, &missing, |key| world.path_of(key)),
        false => Vec::new(),
    };
    let mut described = Missing::default();
    for key in &missing {
        let of = stands_for(found, *key);
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
    described.append(diagram.missing_amounts());
    available(world.facts, described)
}

/// Returns a review of what answers come to where nobody can tell the facts that decide
/// between them.
pub(crate) fn review<'a>(
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
    choice(reason, answers)
}

/// Returns a review in which a person chooses between answers.
pub(crate) fn choice<'a>(reason: Reason<'a>, answers: &[Drafted<'a>]) -> Draft<'a> {
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
    vec![Candidate::of(answer, false)]
}
