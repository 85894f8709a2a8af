//! Looks at every situation that a policy can meet: conflicts, gaps, and clauses
//! that can never apply.
//!
//! Situations are finite: what tests tell apart is a variable with a few values
//! (`model`), and a search over them is complete (`search`). It is done once,
//! when a policy is loaded, so that a decision never meets two clauses that
//! disagree.

mod model;
mod search;

use std::collections::BTreeSet;

use super::checked::CheckedPolicy;
use super::terms::{Addition, Effect, Part};
use crate::domain::facts::{Action, Remedy};
use model::Model;
use search::{Goal, Search};

/// Names what is wrong with a policy as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A refusal and an open grant that it covers are both active.
    RefusalAndGrant,
    /// Two open grants of one remedy are both active.
    SameRemedy,
    /// Two open grants are both active and one of them has no rank.
    NoRank,
    /// Two additions give one entitlement different values of one part.
    Additions,
    /// No grant, refusal or referral is active.
    Gap,
    /// A clause can never be active.
    Dead,
    /// The search ended at its limit.
    TooComplex,
}

/// Describes one thing that is wrong with a policy as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The route.
    pub route: Action,
    /// The clauses, by place.
    pub clauses: Vec<usize>,
    /// A situation in which it happens, in words; empty: it needs none.
    pub example: Vec<String>,
}

impl Problem {
    /// Returns the stable code of the diagnostic.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ProblemKind::RefusalAndGrant
            | ProblemKind::SameRemedy
            | ProblemKind::NoRank
            | ProblemKind::Additions => "conflict",
            ProblemKind::Gap => "gap",
            ProblemKind::Dead => "never-active",
            ProblemKind::TooComplex => "too-complex",
        }
    }

    /// Says what is wrong and how to mend it; `ids` are those of the clauses.
    pub fn describe(&self, ids: &[&str]) -> (String, String) {
        let named = format!("`{}`", ids.join("` and `"));
        let route = self.route;
        let (what, mend) = match self.kind {
            ProblemKind::RefusalAndGrant => (
                format!("{named} refuse and grant in the same situation"),
                "say in `overrides` of one of them that it sets the other aside",
            ),
            ProblemKind::SameRemedy => (
                format!("{named} grant the same remedy in the same situation"),
                "let one of them override the other, or tell them apart by tests",
            ),
            ProblemKind::NoRank => (
                format!(
                    "{named} are open in the same situation, and nothing says which comes first"
                ),
                "give both a `rank`; equal ranks say that they are equal",
            ),
            ProblemKind::Additions => (
                format!("{named} give one entitlement different values of the same part"),
                "let one of them override the other, or tell them apart by tests",
            ),
            ProblemKind::Gap => (
                format!("no clause answers a request on the route `{route}`"),
                "add a clause that grants, refuses or refers",
            ),
            ProblemKind::Dead => (
                format!("{named} can never be active"),
                "its tests exclude each other, or another clause always sets it aside",
            ),
            ProblemKind::TooComplex => (
                format!("the situations of the route `{route}` are too many to look at"),
                "use fewer different tests",
            ),
        };
        if self.example.is_empty() {
            return (what, mend.to_owned());
        }
        (
            what,
            format!("for example when {}; {mend}", self.example.join(", ")),
        )
    }
}

/// Returns everything that is wrong with a policy as a whole, by kind and place.
pub fn analyse(policy: &CheckedPolicy) -> Vec<Problem> {
    let routes: BTreeSet<Action> = policy.routes.iter().map(|(_, route)| *route).collect();
    let mut problems = Vec::new();
    let mut alive: BTreeSet<usize> = BTreeSet::new();
    for route in routes {
        let model = Model::new(policy, route);
        let mut on_route = OnRoute {
            policy,
            search: Search::new(policy, &model),
            route,
            problems: Vec::new(),
        };
        on_route.conflicts();
        on_route.additions();
        on_route.gap();
        on_route.alive(&mut alive);
        problems.extend(on_route.problems);
    }
    for (place, clause) in policy.clauses.iter().enumerate() {
        if let (false, Some(route)) = (alive.contains(&place), clause.routes.first()) {
            problems.push(Problem {
                kind: ProblemKind::Dead,
                route: *route,
                clauses: vec![place],
                example: Vec::new(),
            });
        }
    }
    problems.sort_by(|a, b| (a.kind, a.route, &a.clauses).cmp(&(b.kind, b.route, &b.clauses)));
    problems
}

struct OnRoute<'m, 'p> {
    policy: &'p CheckedPolicy,
    search: Search<'m, 'p>,
    route: Action,
    problems: Vec<Problem>,
}

impl OnRoute<'_, '_> {
    /// Looks for a situation and reports it.
    fn look(&mut self, kind: ProblemKind, clauses: &[usize], goals: &[Goal]) {
        match self.search.find(goals) {
            Ok(None) => {}
            Ok(Some(example)) => {
                self.problems.push(Problem {
                    kind,
                    route: self.route,
                    clauses: clauses.to_vec(),
                    example,
                });
            }
            Err(search::LimitReached) => self.problems.push(Problem {
                kind: ProblemKind::TooComplex,
                route: self.route,
                clauses: clauses.to_vec(),
                example: Vec::new(),
            }),
        }
    }

    fn places(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<usize> {
        let on = |place: &usize| {
            self.policy
                .clauses
                .get(*place)
                .is_some_and(|c| c.routes.contains(&self.route) && wanted(&c.effect))
        };
        (0..self.policy.clauses.len()).filter(on).collect()
    }

    fn conflicts(&mut self) {
        let policy = self.policy;
        let grants = self.places(|e| matches!(e, Effect::Grants(_)));
        let refusals = self.places(|e| matches!(e, Effect::Refuses(_)));
        for grant in &grants {
            for refusal in &refusals {
                if refuses(policy, *refusal, remedy_of(policy, *grant)) {
                    let (first, second) = (*grant.min(refusal), *grant.max(refusal));
                    self.look(
                        ProblemKind::RefusalAndGrant,
                        &[first, second],
                        &[Goal::Open(*grant), Goal::Active(*refusal)],
                    );
                }
            }
        }
        for (at, one) in grants.iter().enumerate() {
            for other in grants.iter().skip(at.saturating_add(1)) {
                let both = [Goal::Open(*one), Goal::Open(*other)];
                if remedy_of(policy, *one) == remedy_of(policy, *other) {
                    self.look(ProblemKind::SameRemedy, &[*one, *other], &both);
                } else if !ranked(policy, *one) || !ranked(policy, *other) {
                    self.look(ProblemKind::NoRank, &[*one, *other], &both);
                }
            }
        }
    }

    fn additions(&mut self) {
        let policy = self.policy;
        let grants = self.places(|e| matches!(e, Effect::Grants(_)));
        let additions = self.places(|e| matches!(e, Effect::Adds(_)));
        for (at, one) in additions.iter().enumerate() {
            for other in additions.iter().skip(at.saturating_add(1)) {
                let (Some(a), Some(b)) = (addition(policy, *one), addition(policy, *other)) else {
                    continue;
                };
                if !disagree(a, b) {
                    continue;
                }
                let shared = |grant: &&usize| {
                    let remedy = remedy_of(policy, **grant);
                    concerns(a, **grant, remedy) && concerns(b, **grant, remedy)
                };
                for grant in grants.iter().filter(shared) {
                    let before = self.problems.len();
                    self.look(
                        ProblemKind::Additions,
                        &[*one, *other],
                        &[Goal::Active(*one), Goal::Active(*other), Goal::Open(*grant)],
                    );
                    // One entitlement is enough to tell.
                    if self.problems.len() > before {
                        break;
                    }
                }
            }
        }
    }

    fn gap(&mut self) {
        let answers = self.places(|effect| match effect {
            Effect::Grants(_) => true,
            Effect::Refuses(refusal) => refusal.remedies.is_empty(),
            Effect::Refers(referral) => referral.remedies.is_empty(),
            Effect::Adds(_) | Effect::Extends(..) => false,
        });
        let goals: Vec<Goal> = answers.iter().map(|place| Goal::Inactive(*place)).collect();
        self.look(ProblemKind::Gap, &answers, &goals);
    }

    /// Collects the clauses that are active in some situation of the route.
    fn alive(&mut self, alive: &mut BTreeSet<usize>) {
        // One situation shows many clauses at once.
        let mut situations = Vec::new();
        for place in self.places(|_| true) {
            if alive.contains(&place) {
                continue;
            }
            let is_grant = remedy_of(self.policy, place).is_some();
            let goal = if is_grant {
                Goal::Open(place)
            } else {
                Goal::Active(place)
            };
            if situations
                .iter()
                .any(|s: &Vec<_>| self.search.meets(s, goal))
            {
                alive.insert(place);
                continue;
            }
            match self.search.situation(&[goal]) {
                Ok(None) => {}
                Ok(Some(situation)) => {
                    situations.push(situation);
                    alive.insert(place);
                }
                // What cannot be decided is reported by the searches above.
                Err(search::LimitReached) => {
                    alive.insert(place);
                }
            }
        }
    }
}

fn remedy_of(policy: &CheckedPolicy, place: usize) -> Option<Remedy> {
    match &policy.clauses.get(place)?.effect {
        Effect::Grants(grant) => Some(grant.remedy),
        _ => None,
    }
}

fn ranked(policy: &CheckedPolicy, place: usize) -> bool {
    policy
        .clauses
        .get(place)
        .is_some_and(|c| matches!(&c.effect, Effect::Grants(grant) if grant.rank.is_some()))
}

fn refuses(policy: &CheckedPolicy, place: usize, remedy: Option<Remedy>) -> bool {
    match policy.clauses.get(place).map(|c| &c.effect) {
        Some(Effect::Refuses(refusal)) => {
            refusal.remedies.is_empty() || remedy.is_some_and(|r| refusal.remedies.contains(&r))
        }
        _ => false,
    }
}

fn addition(policy: &CheckedPolicy, place: usize) -> Option<&Addition> {
    match &policy.clauses.get(place)?.effect {
        Effect::Adds(addition) => Some(addition),
        _ => None,
    }
}

fn concerns(addition: &Addition, grant: usize, remedy: Option<Remedy>) -> bool {
    (addition.to.is_empty() || addition.to.contains(&grant))
        && (addition.remedies.is_empty() || remedy.is_some_and(|r| addition.remedies.contains(&r)))
}

/// Whether two additions give different values of a part that has only one.
fn disagree(a: &Addition, b: &Addition) -> bool {
    let clash = |x: &Part, y: &Part| match (x, y) {
        (Part::ReturnPayer(_), Part::ReturnPayer(_))
        | (Part::ReturnRisk(_), Part::ReturnRisk(_))
        | (Part::ReturnAddress(_), Part::ReturnAddress(_))
        | (Part::Payee(_), Part::Payee(_))
        | (Part::Due(_), Part::Due(_))
        | (Part::Release(..), Part::Release(..))
        | (Part::Delivery(_), Part::Delivery(_))
        | (Part::Options(_), Part::Options(_))
        | (Part::Difference { .. }, Part::Difference { .. }) => x != y,
        _ => false,
    };
    a.parts.iter().any(|x| b.parts.iter().any(|y| clash(x, y)))
}
