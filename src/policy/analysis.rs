//! Looks at every situation that a policy can meet: conflicts, gaps, and clauses
//! that can never apply.
//!
//! Situations are finite: what tests tell apart is a variable with a few values
//! (`model`), some combinations of which cannot be (`theory`, `span`), and a search
//! over them is complete (`search`). It is done once, when a policy is loaded, so that
//! a decision never meets two clauses that disagree.

mod example;
mod formula;
mod model;
mod search;
mod span;
mod stated;
mod theory;

use std::collections::BTreeSet;

use super::checked::{CheckedPolicy, Clause};
use super::terms::{Addition, Effect, Part, Sum};
use crate::domain::facts::{Action, Remedy};
use model::Model;
use search::{Goal, Search};
use span::Spans;

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
    /// Two additions take different amounts of one entitlement under one code.
    SharedCode,
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
    /// The clauses, by index. Of a conflict, the first is in conflict with each other one.
    pub clauses: Vec<usize>,
    /// A situation in which it happens, in words; of a conflict, between the first two
    /// clauses. Empty: it needs none.
    pub example: Vec<String>,
}

impl Problem {
    /// Returns the stable code of the diagnostic.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ProblemKind::RefusalAndGrant
            | ProblemKind::SameRemedy
            | ProblemKind::NoRank
            | ProblemKind::Additions
            | ProblemKind::SharedCode => "conflict",
            ProblemKind::Gap => "gap",
            ProblemKind::Dead => "never-active",
            ProblemKind::TooComplex => "too-complex",
        }
    }

    /// Says what is wrong and how to mend it.
    pub fn describe(&self, policy: &CheckedPolicy) -> (String, String) {
        let id = |index: &usize| {
            let id = policy.clauses.get(*index).map(Clause::label);
            let id = id.unwrap_or_default();
            format!("`{id}`")
        };
        let first = self.clauses.first().map(id).unwrap_or_default();
        let others = listed(self.clauses.iter().skip(1).map(id).collect());
        let quoted = |places: &[usize]| {
            let ids = places.iter().filter_map(|index| policy.clauses.get(*index));
            let ids: Vec<String> = ids.map(|c| format!("\"{}\"", c.id)).collect();
            ids.join(", ")
        };
        let route = self.route;
        let (what, mend) = match self.kind {
            ProblemKind::RefusalAndGrant => {
                let is_refusal = |index: &usize| remedy_of(policy, *index).is_none();
                let refuses = self.clauses.first().is_some_and(is_refusal);
                let several = self.clauses.len() > 2;
                let words = match (refuses, several) {
                    (true, false) => ["refuses", "grants", ""],
                    (true, true) => ["refuses", "grant", " each of"],
                    (false, false) => ["grants", "refuses", ""],
                    (false, true) => ["grants", "refuse", " each of"],
                };
                let [does, done, each] = words;
                (
                    format!("{first} {does} what {others} {done} in the same situation"),
                    format!(
                        "say which holds: `overrides = [{}]` in {first}, or `overrides = [{}]` \
                         in{each} {others}",
                        quoted(self.clauses.get(1..).unwrap_or_default()),
                        quoted(self.clauses.get(..1).unwrap_or_default()),
                    ),
                )
            }
            ProblemKind::SameRemedy => (
                format!("{first} grants the same remedy in the same situation as {others}"),
                match have_one_act(policy, &self.clauses) {
                    true => "let one override the other, give them tests that exclude each \
                             other, or write one as `extends` of the other: then the longer of \
                             both windows counts"
                        .to_owned(),
                    false => "let one override the other, or give them tests that exclude each \
                              other"
                        .to_owned(),
                },
            ),
            ProblemKind::NoRank => (
                format!(
                    "{first} is open in the same situation as {others}, and no `rank` says which \
                     comes first"
                ),
                "give each a `rank`; equal ranks say that they are equal".to_owned(),
            ),
            ProblemKind::Additions => {
                let mut parts = self.clauses.iter().map(|place| addition(policy, *place));
                let first_two = parts.next().flatten().zip(parts.next().flatten());
                let part = first_two
                    .and_then(|(a, b)| disagree(a, b))
                    .unwrap_or_default();
                (
                    format!("{first} sets `{part}` of an entitlement differently from {others}"),
                    "let one override the other, or give them tests that exclude each other"
                        .to_owned(),
                )
            }
            ProblemKind::SharedCode => {
                let last = self.clauses.last();
                let parts = self.clauses.first().zip(last);
                let parts =
                    parts.map(|(one, other)| (addition(policy, *one), addition(policy, *other)));
                let code = match parts {
                    Some((Some(a), Some(b))) => shared_code(a, b).unwrap_or_default(),
                    _ => "",
                };
                let what = match others.is_empty() {
                    true => format!("{first} takes two different amounts under the code `{code}`"),
                    false => format!(
                        "{first} takes another amount under the code `{code}` than {others}"
                    ),
                };
                (
                    what,
                    "give each amount a code of its own, so that earlier remedies say which was \
                     taken, or let only one of them apply"
                        .to_owned(),
                )
            }
            ProblemKind::Gap => (
                format!("no clause answers a request on the route `{route}`"),
                "add a clause that grants, refuses or refers".to_owned(),
            ),
            ProblemKind::Dead => (
                format!("{first} can never be active"),
                "its tests exclude each other, its window closes before it opens, or another \
                 clause always sets it aside"
                    .to_owned(),
            ),
            ProblemKind::TooComplex => (
                format!("the route `{route}` has too many situations to check"),
                "use fewer different tests".to_owned(),
            ),
        };
        if self.example.is_empty() {
            return (what, mend);
        }
        let pair = match self.clauses.get(1) {
            Some(second) if self.clauses.len() > 2 => {
                format!(" of {first} and {}", id(second))
            }
            _ => String::new(),
        };
        let example = self.example.join(", ");
        (what, format!("for example{pair} when {example}; {mend}"))
    }
}

/// Joins names with commas, the last one with "and".
fn listed(mut names: Vec<String>) -> String {
    match (names.pop(), names.is_empty()) {
        (None, _) => String::new(),
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", names.join(", ")),
    }
}

/// Returns everything that is wrong with a policy as a whole, by kind and place.
pub fn analyse(policy: &CheckedPolicy) -> Vec<Problem> {
    let routes: BTreeSet<Action> = policy.routes.iter().map(|(_, route)| *route).collect();
    let spans = Spans::new(policy);
    let mut found = Vec::new();
    let mut alive: BTreeSet<usize> = BTreeSet::new();
    for route in routes {
        let model = Model::new(policy, &spans, route);
        let mut on_route = RouteAnalysis {
            policy,
            model: &model,
            search: Search::new(&model),
            route,
            problems: Vec::new(),
        };
        if model.is_too_wide {
            on_route.report(ProblemKind::TooComplex, &[], Vec::new());
            alive.extend(on_route.places(|_| true));
        } else {
            on_route.conflicts();
            on_route.additions();
            on_route.gap();
            on_route.alive(&mut alive);
        }
        found.extend(on_route.problems);
    }
    let mut problems = grouped(policy, found);
    for (index, clause) in policy.clauses.iter().enumerate() {
        if let (false, Some(route)) = (alive.contains(&index), clause.routes.first()) {
            problems.push(Problem {
                kind: ProblemKind::Dead,
                route: *route,
                clauses: vec![index],
                example: Vec::new(),
            });
        }
    }
    problems.sort_by(|a, b| (a.kind, a.route, &a.clauses).cmp(&(b.kind, b.route, &b.clauses)));
    problems
}

/// Puts conflicts of one clause with several others together: they have one cause, and
/// it is told once, whatever the routes.
fn grouped(policy: &CheckedPolicy, found: Vec<Problem>) -> Vec<Problem> {
    let (mut pairs, mut problems): (Vec<Problem>, Vec<Problem>) = found
        .into_iter()
        .partition(|p| p.code() == "conflict" && p.clauses.len() == 2);
    let mut told: BTreeSet<(ProblemKind, Vec<usize>)> = BTreeSet::new();
    pairs.retain(|p| told.insert((p.kind, p.clauses.clone())));
    while let Some((kind, hub)) = hub_of(policy, &pairs) {
        let (own, rest): (Vec<Problem>, Vec<Problem>) = pairs
            .into_iter()
            .partition(|p| p.kind == kind && p.clauses.contains(&hub));
        pairs = rest;
        let others = own.iter().flat_map(|p| &p.clauses).filter(|c| **c != hub);
        let clauses: Vec<usize> = std::iter::once(hub).chain(others.copied()).collect();
        if let Some(first) = own.into_iter().next() {
            problems.push(Problem { clauses, ..first });
        }
    }
    problems
}

/// Returns the clause with the most conflicts of one kind; among equals one that grants
/// nothing or lacks a rank, then the earlier in the file.
fn hub_of(policy: &CheckedPolicy, pairs: &[Problem]) -> Option<(ProblemKind, usize)> {
    let all = pairs
        .iter()
        .flat_map(|p| p.clauses.iter().map(move |c| (p.kind, *c)));
    all.max_by_key(|(kind, clause)| {
        let count = pairs
            .iter()
            .filter(|p| p.kind == *kind && p.clauses.contains(clause))
            .count();
        let is_cause = match kind {
            ProblemKind::NoRank => !ranked(policy, *clause),
            _ => remedy_of(policy, *clause).is_none(),
        };
        (count, is_cause, std::cmp::Reverse(*clause))
    })
}

struct RouteAnalysis<'m, 'p> {
    policy: &'p CheckedPolicy,
    model: &'m Model<'p>,
    search: Search<'m, 'p>,
    route: Action,
    problems: Vec<Problem>,
}

impl RouteAnalysis<'_, '_> {
    /// Looks for a situation and reports it.
    fn look(&mut self, kind: ProblemKind, clauses: &[usize], goals: &[Goal]) {
        match self.search.situation(goals) {
            Ok(None) => {}
            Ok(Some(found)) => {
                let example = example::words(self.model, &self.search, &found);
                self.report(kind, clauses, example);
            }
            // Once for the route: whatever else is looked for would end there too.
            Err(search::LimitReached) if self.is_too_complex() => {}
            Err(search::LimitReached) => {
                self.report(ProblemKind::TooComplex, &[], Vec::new());
            }
        }
    }

    fn is_too_complex(&self) -> bool {
        let is = |problem: &Problem| problem.kind == ProblemKind::TooComplex;
        self.problems.iter().any(is)
    }

    fn report(&mut self, kind: ProblemKind, clauses: &[usize], example: Vec<String>) {
        self.problems.push(Problem {
            kind,
            route: self.route,
            clauses: clauses.to_vec(),
            example,
        });
    }

    fn places(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<usize> {
        let on = |index: &usize| {
            self.policy
                .clauses
                .get(*index)
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
            for other in additions.iter().skip(at) {
                let (Some(a), Some(b)) = (addition(policy, *one), addition(policy, *other)) else {
                    continue;
                };
                let of_one_entitlement = |grant: &&usize| {
                    let remedy = remedy_of(policy, **grant);
                    concerns(a, **grant, remedy) && concerns(b, **grant, remedy)
                };
                let shared: Vec<usize> =
                    grants.iter().filter(of_one_entitlement).copied().collect();
                if one != other && disagree(a, b).is_some() {
                    self.together(ProblemKind::Additions, &[*one, *other], &shared);
                }
                if shared_code(a, b).is_some() {
                    let pair = [*one, *other];
                    let clauses = if one == other { &[*one][..] } else { &pair };
                    self.together(ProblemKind::SharedCode, clauses, &shared);
                }
            }
        }
    }

    /// Looks for a situation in which additions shape the entitlement of one of the grants.
    fn together(&mut self, kind: ProblemKind, additions: &[usize], grants: &[usize]) {
        for grant in grants {
            let before = self.problems.len();
            let mut goals: Vec<Goal> = additions.iter().copied().map(Goal::Active).collect();
            goals.push(Goal::Open(*grant));
            self.look(kind, additions, &goals);
            // One entitlement is enough to tell.
            if self.problems.len() > before {
                break;
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
        let goals: Vec<Goal> = answers.iter().map(|index| Goal::Inactive(*index)).collect();
        self.look(ProblemKind::Gap, &[], &goals);
    }

    /// Collects the clauses that are active in some situation of the route.
    fn alive(&mut self, alive: &mut BTreeSet<usize>) {
        // One situation shows many clauses at once.
        let mut situations = Vec::new();
        for index in self.places(|_| true) {
            if alive.contains(&index) {
                continue;
            }
            let is_grant = remedy_of(self.policy, index).is_some();
            let goal = if is_grant {
                Goal::Open(index)
            } else {
                Goal::Active(index)
            };
            if situations
                .iter()
                .any(|s: &Vec<_>| self.search.meets(s, goal))
            {
                alive.insert(index);
                continue;
            }
            match self.search.situation(&[goal]) {
                Ok(None) => {}
                Ok(Some(situation)) => {
                    situations.push(situation);
                    alive.insert(index);
                }
                // What cannot be decided is reported by the searches above.
                Err(search::LimitReached) => {
                    alive.insert(index);
                }
            }
        }
    }
}

fn remedy_of(policy: &CheckedPolicy, index: usize) -> Option<Remedy> {
    policy
        .clauses
        .get(index)?
        .effect
        .grant()
        .map(|grant| grant.remedy)
}

/// Whether granting clauses have windows that look at one act.
fn have_one_act(policy: &CheckedPolicy, places: &[usize]) -> bool {
    let act = |index: &usize| {
        policy
            .clauses
            .get(*index)?
            .effect
            .grant()
            .and_then(|grant| grant.window.as_ref().map(|window| window.act))
    };
    let mut acts = places.iter().map(act);
    let first = acts.next().flatten();
    first.is_some() && acts.all(|act| act == first)
}

fn ranked(policy: &CheckedPolicy, index: usize) -> bool {
    policy
        .clauses
        .get(index)
        .is_some_and(|c| matches!(&c.effect, Effect::Grants(grant) if grant.rank.is_some()))
}

fn refuses(policy: &CheckedPolicy, index: usize, remedy: Option<Remedy>) -> bool {
    match policy.clauses.get(index).map(|c| &c.effect) {
        Some(Effect::Refuses(refusal)) => {
            refusal.remedies.is_empty() || remedy.is_some_and(|r| refusal.remedies.contains(&r))
        }
        _ => false,
    }
}

fn addition(policy: &CheckedPolicy, index: usize) -> Option<&Addition> {
    policy.clauses.get(index)?.effect.addition()
}

pub(super) fn concerns(addition: &Addition, grant: usize, remedy: Option<Remedy>) -> bool {
    (addition.to.is_empty() || addition.to.contains(&grant))
        && (addition.remedies.is_empty() || remedy.is_some_and(|r| addition.remedies.contains(&r)))
}

/// Returns the part that has only one value, and of which two additions give different
/// ones; `None`: there is none.
fn disagree(a: &Addition, b: &Addition) -> Option<&'static str> {
    let clash = |x: &Part, y: &Part| match (x, y) {
        (Part::ReturnPayer(_), Part::ReturnPayer(_)) => Some("return_payer"),
        (Part::ReturnRisk(_), Part::ReturnRisk(_)) => Some("return_risk"),
        (Part::ReturnAddress(_), Part::ReturnAddress(_)) => Some("return_address"),
        (Part::Payee(_), Part::Payee(_)) => Some("payee"),
        (Part::BackTo(_), Part::BackTo(_)) => Some("back_to"),
        (Part::Due(_), Part::Due(_)) => Some("due"),
        (Part::Release(..), Part::Release(..)) => Some("release"),
        (Part::Delivery(_), Part::Delivery(_)) => Some("delivery"),
        (Part::Options(_), Part::Options(_)) => Some("options"),
        (Part::Difference { .. }, Part::Difference { .. }) => Some("difference"),
        _ => None,
    };
    let pairs = a
        .parts
        .iter()
        .flat_map(|x| b.parts.iter().map(move |y| (x, y)));
    let mut different = pairs.filter(|(x, y)| x != y);
    different.find_map(|(x, y)| clash(x, y))
}

/// Returns the code under which two additions, or one, take different amounts of which one is
/// remembered: what an earlier remedy says was taken would count for either.
fn shared_code<'a>(a: &'a Addition, b: &'a Addition) -> Option<&'a str> {
    let sums = |of: &'a Addition| of.parts.iter().filter_map(Part::sum);
    let mut pairs = sums(a).flat_map(|x| sums(b).map(move |y| (x, y)));
    let shared = |(x, y): &(&Sum, &Sum)| {
        let is_remembered = x.scope.is_remembered() || y.scope.is_remembered();
        is_remembered && !x.code.is_empty() && x.code == y.code && x != y
    };
    pairs.find(shared).map(|(x, _)| x.code.as_str())
}
