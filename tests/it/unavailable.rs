//! What nobody can tell is not asked for, and leads to a person.

use redress::domain::facts::Facts;
use redress::domain::verdict::{Answer, Outcome, ReasonCode, Verdict};
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::guides::{UNLISTED, case};
use crate::known::Known;
use crate::shops;
use crate::within::decide;

/// The verdict of an order of which some facts are said to be out of reach.
fn verdict<'a>(plan: &'a Plan, facts: &'a Facts<'a>) -> Verdict<'a> {
    let verdict = decide(plan, facts, View::Basic);
    for (_, decision) in verdict.each() {
        let unavailable = |path: &str| facts.request().is_unavailable(path);
        for fact in &decision.missing.facts {
            assert!(!unavailable(&fact.path), "{} is asked for", fact.path);
        }
        for reason in &decision.reasons {
            if reason.code == ReasonCode::FactsUnavailable.word() {
                assert_eq!(decision.outcome, Outcome::NeedsReview);
                assert!(!reason.facts.is_empty());
                assert!(reason.facts.iter().all(|(path, _)| unavailable(path)));
            }
        }
    }
    verdict
}

fn with_unavailable(known: &Known, paths: Vec<String>) -> Facts<'static> {
    let (order, mut request) = known.clone();
    request.unavailable = paths.leak();
    Facts::new(order, request, None).expect("possible facts")
}

/// Returns the facts of an order of which nobody can tell anything that is asked for: neither
/// some paths nor, where the time of an event is one of them, what says more of it, such as
/// an event before it.
fn with_nothing_to_ask(plan: &Plan, known: &Known, mut paths: Vec<String>) -> Facts<'static> {
    // Placed, shipped, delivered: what comes before the event before it counts once nobody
    // can tell that one either.
    for _ in 0..3 {
        let facts = with_unavailable(known, paths.clone());
        let more = decide(plan, &facts, View::Basic).missing;
        paths.extend(more.into_iter().map(|fact| fact.path));
    }
    with_unavailable(known, paths)
}

/// Of all that is missing nobody can tell anything: a person decides, whatever it is.
/// Then of one fact after the other.
#[test]
fn what_nobody_can_tell_leads_to_a_person() {
    let catalog = shops::catalog();
    let (mut reviewed, mut asked, mut settled) = (0, 0, 0);
    for plan in catalog.plans() {
        for number in 0..150 {
            let known = case(0x0A_0000 + number, |_| true);
            let facts = Facts::new(known.0.clone(), known.1.clone(), None).expect("facts");
            let missing = decide(plan, &facts, View::Basic).missing;
            if missing.is_empty() {
                continue;
            }
            let paths: Vec<String> = missing.iter().map(|fact| fact.path.clone()).collect();
            let facts = with_nothing_to_ask(plan, &known, paths.clone());
            let all = verdict(plan, &facts);
            assert_eq!(
                (all.outcome, all.missing.len()),
                (Outcome::NeedsReview, 0),
                "{} seed {number}: {paths:?}",
                plan.policy
            );
            reviewed += 1;
            for path in paths {
                let facts = with_unavailable(&known, vec![path]);
                match verdict(plan, &facts).missing.is_empty() {
                    true => settled += 1,
                    false => asked += 1,
                }
            }
        }
    }
    assert!(
        reviewed > 100 && asked > 100 && settled > 20,
        "{reviewed} {asked} {settled}"
    );
}

/// The options for the reviewer are what the values of the facts come to.
#[test]
fn a_person_chooses_from_what_the_facts_can_come_to() {
    let catalog = shops::catalog();
    let mut chosen = 0;
    for plan in catalog.plans() {
        for number in 0..300 {
            let known = case(0x0B_0000 + number, |path| !UNLISTED.contains(&path));
            let facts = Facts::new(known.0.clone(), known.1.clone(), None).expect("facts");
            let full = decide(plan, &facts, View::Full);
            let [fact] = full.missing.as_slice() else {
                continue;
            };
            let guide = fact.guide.as_ref().expect("a guide");
            let Some(approval) = guide
                .answers
                .iter()
                .find(|answer| answer.leads_to.outcome == Outcome::Approved)
            else {
                continue;
            };
            let facts = with_nothing_to_ask(plan, &known, vec![fact.path.clone()]);
            let verdict = verdict(plan, &facts);
            let (_, decision) = verdict.each().next().expect("a row");
            let offered = decision
                .candidates
                .iter()
                .any(|candidate| match &candidate.answer {
                    Answer::Entitlement {
                        entitlement,
                        amount,
                    } => {
                        (Some(entitlement.remedy), *amount)
                            == (approval.leads_to.remedy, approval.leads_to.amount)
                    }
                    Answer::Refusal(_) => false,
                });
            assert!(
                offered,
                "{} seed {number}: {:?}",
                plan.policy, decision.candidates
            );
            chosen += 1;
        }
    }
    assert!(chosen > 20, "{chosen}");
}
