//! Completes unknown facts: which of them can change a row's answer.
//!
//! A row that needs a fact is decided under every value that can matter, and so
//! on until no fact is needed: a tree whose leaves are answers. A fact is missing
//! if and only if two leaves with different answers disagree about it alone.
//! Values that no test and no window tells apart share one representative, so
//! that the tree is finite and, but for its limit, complete.

use super::draft::{Draft, Drafted, bare, draft, own_reason};
use super::guard::{Results, is_finding};
use super::judge::Judged;
use super::shape::put_conditions_in_order;
use super::world::{Assumed, Key, World};
use crate::domain::facts::Remedy;
use crate::domain::few::Few;
use crate::domain::limits::MAX_COMPLETIONS;
use crate::domain::verdict::{
    Answer, Cite, Decision, Entitlement, MissingFact, Outcome, Reason, ReasonCode, Window,
    WindowStatus,
};
use crate::domain::vocabulary::{Fact, Kind};
use crate::policy::plan::{Plan, RemedyBits, RoutePlan};
use crate::policy::terms::{FactRef, Test};

/// Stands for every word that no test of the route names.
const ANOTHER_WORD: &str = "\u{1}another";

type Path<'a> = Vec<(Key<'a>, Assumed<'a>)>;

/// Decides a row on a route, unknown facts completed in every way; `results` are
/// those of its tests, and `judged` is what they come to.
pub(super) fn decide_row<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    (results, judged): (Results, &Judged<'a>),
) -> Drafted<'a> {
    match draft(world, route, judged) {
        Ok(drafted) if drafted.draft.decision.missing.is_empty() => drafted,
        Ok(Drafted { draft, .. }) => needs(draft.decision.missing.clone(), draft.remedies).into(),
        Err(key) => {
            let mut tree = Tree::new(world, route, wants);
            tree.split(&mut Vec::new(), key, results);
            tree.conclude()
        }
    }
}

/// Decides a row as far as its facts are known.
fn judge_and_draft<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    results: Results,
) -> Result<Drafted<'a>, Key<'a>> {
    let mut judged = Judged::of(results);
    world.judge(route, wants, &mut judged);
    draft(world, route, &judged)
}

/// Puts missing facts in order of path, each once, whatever is asked about it.
pub(super) fn each_once(missing: &mut Vec<MissingFact>) {
    missing.sort();
    missing.dedup_by(|a, b| a.path == b.path);
}

/// Turns a draft into one that asks for facts.
pub(super) fn needs<'a>(mut missing: Vec<MissingFact>, remedies: RemedyBits) -> Draft<'a> {
    each_once(&mut missing);
    Draft {
        remedies,
        own: true,
        ..Draft::of(facts_missing(missing))
    }
}

/// Returns a decision that waits for facts, which are in order.
pub(super) fn facts_missing<'a>(missing: Vec<MissingFact>) -> Box<Decision<'a>> {
    let reason = own_reason(ReasonCode::FactsMissing, None);
    let mut decision = bare(Outcome::NeedsInformation, Few::one(reason));
    decision.missing = missing;
    decision
}

struct Tree<'a, 'w> {
    world: World<'a, 'w>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    leaves: Vec<(Path<'a>, Drafted<'a>)>,
    /// Facts whose values could not all be tried.
    stuck: Vec<Key<'a>>,
}

impl<'a, 'w> Tree<'a, 'w> {
    const fn new(world: &World<'a, 'w>, route: &'a RoutePlan, wants: Option<Remedy>) -> Self {
        Self {
            world: *world,
            route,
            wants,
            leaves: Vec::new(),
            stuck: Vec::new(),
        }
    }

    /// Decides the row under each value of a fact that it waits for, on top of the
    /// assumptions of a path, under which its tests came to `results`.
    fn split(&mut self, path: &mut Path<'a>, key: Key<'a>, results: Results) {
        let world = World {
            assumed: path,
            ..self.world
        };
        let values = values(&world, self.route, key);
        let seen = path.iter().any(|(k, _)| *k == key);
        if values.is_empty() || seen || self.leaves.len() >= MAX_COMPLETIONS {
            self.stuck.push(key);
            return;
        }
        for value in values {
            path.push((key, value));
            let world = World {
                assumed: path,
                ..self.world
            };
            let results = world.results_with(self.route, (key, results));
            match judge_and_draft(&world, self.route, self.wants, results) {
                Ok(draft) => self.leaves.push((path.clone(), draft)),
                Err(key) => self.split(path, key, results),
            }
            path.pop();
        }
    }

    fn conclude(mut self) -> Drafted<'a> {
        let mut keys = std::mem::take(&mut self.stuck);
        for (place, (path, draft)) in self.leaves.iter().enumerate() {
            for (other_path, other) in self.leaves.iter().skip(place.saturating_add(1)) {
                if let Some(key) = only_conflict(path, other_path)
                    && !keys.contains(&key)
                    && draft != other
                {
                    keys.push(key);
                }
            }
        }
        let mut missing: Vec<MissingFact> =
            keys.iter().map(|key| self.world.missing(*key)).collect();
        missing.extend(
            self.leaves
                .iter()
                .flat_map(|(_, d)| d.draft.decision.missing.iter().cloned()),
        );
        let remedies = self.leaves.iter().map(|(_, d)| d.draft.remedies);
        let remedies = remedies.fold(0, |set, more| set | more);
        // Whichever parcel is listed first, the same completion speaks for all.
        let speaks = self.leaves.iter().min_by_key(|(_, leaf)| rests_on(leaf));
        match speaks {
            Some((_, leaf)) if missing.is_empty() => self.agree(leaf.clone(), remedies),
            _ => needs(missing, remedies).into(),
        }
    }

    /// Keeps of an answer what every completion agrees on.
    fn agree(&self, mut agreed: Drafted<'a>, remedies: RemedyBits) -> Drafted<'a> {
        let draft = &mut agreed.draft;
        draft.remedies = remedies;
        // Other rows of the same results may be completed in other ways.
        draft.own = true;
        let decision = &mut draft.decision;
        if decision.outcome == Outcome::Denied {
            decision.window = self.widest();
        }
        put_conditions_in_order(decision);
        let everywhere = |reason: &Reason<'a>| {
            self.leaves.iter().all(|(_, d)| {
                let reasons = &d.draft.decision.reasons;
                reasons
                    .iter()
                    .any(|r| r.code == reason.code && r.clause == reason.clause)
            })
        };
        let first = decision.reasons.first().map(|reason| reason.code);
        decision.reasons.retain(everywhere);
        if decision.reasons.is_empty() {
            let by_code = |code: &str| {
                let says =
                    |d: &Drafted<'a>| d.draft.decision.reasons.iter().any(|r| r.code == code);
                self.leaves.iter().all(|(_, d)| says(d))
            };
            let common =
                first.filter(|code| ReasonCode::from_word(code).is_some() && by_code(code));
            let (code, clause) = match (decision.outcome, self.shut()) {
                (Outcome::Denied, Some((reason, window))) => {
                    decision.window = Some(window);
                    (reason.code, reason.clause)
                }
                (Outcome::Denied, None) => {
                    (common.unwrap_or(ReasonCode::DeniedEitherWay.word()), None)
                }
                (Outcome::NeedsReview, _) => {
                    (common.unwrap_or(ReasonCode::ReviewEitherWay.word()), None)
                }
                _ => (ReasonCode::Granted.word(), None),
            };
            decision.reasons.push(Reason {
                code,
                clause,
                facts: Vec::new(),
            });
            decision.window = decision.window.filter(|window| {
                let other = |d: &Drafted<'a>| d.draft.decision.window.is_some_and(|w| w != *window);
                !self.leaves.iter().any(|(_, d)| other(d))
            });
        }
        draft
            .notices
            .retain(|n| self.leaves.iter().all(|(_, d)| d.draft.notices.contains(n)));
        agreed
    }
}

impl<'a> Tree<'a, '_> {
    /// Returns the window of denials that are alike but for their dates: the widest, so
    /// that which parcel the units are in, and which is listed first, changes nothing.
    fn widest(&self) -> Option<Window> {
        let windows = || {
            self.leaves
                .iter()
                .filter_map(|(_, d)| d.draft.decision.window)
        };
        let first = windows().next()?;
        if windows().all(|window| window == first) {
            return Some(first);
        }
        let widest = match first.status {
            Some(WindowStatus::NotOpenYet) => windows().min_by_key(|w| w.opens.sort_key()),
            _ => windows().max_by_key(|w| w.closes.sort_key()),
        };
        widest.filter(|_| windows().count() == self.leaves.len())
    }

    /// Returns the shut window on which denials rest, if it is the same wherever one
    /// does: the others are refused besides, and late all the same.
    fn shut(&self) -> Option<(Reason<'a>, Window)> {
        let resting = |d: &Drafted<'a>| {
            let decision = &d.draft.decision;
            let first = decision.reasons.first()?;
            let code = ReasonCode::from_word(first.code);
            let shut = matches!(code, Some(ReasonCode::WindowClosed | ReasonCode::TooEarly));
            shut.then(|| Some((first.clone(), decision.window?)))?
        };
        let mut found: Option<(Reason<'a>, Window)> = None;
        for (_, draft) in &self.leaves {
            match (resting(draft), &found) {
                (Some(rests), None) => found = Some(rests),
                (Some((_, window)), Some((_, first))) if window != *first => return None,
                _ => {}
            }
        }
        found
    }
}

/// Returns what a decision rests on: the clauses and codes of what is granted, of what a
/// person can choose and of the reasons, with amounts and the codes of conditions.
fn rests_on<'a>(drafted: &Drafted<'a>) -> impl Ord + use<'a> {
    let decision = &drafted.draft.decision;
    let clause = |cite: Option<Cite<'a>>| cite.map(|cite| cite.id.clone());
    let granted = |entitlement: &Entitlement<'a>| {
        let conditions = entitlement
            .conditions
            .iter()
            .map(|c| (c.code, c.clause.id.clone()));
        let mut conditions: Vec<_> = conditions.collect();
        conditions.sort();
        (entitlement.clause.id.clone(), conditions)
    };
    let candidates = decision
        .candidates
        .iter()
        .map(|candidate| match &candidate.answer {
            Answer::Entitlement {
                entitlement,
                amount,
            } => (Some(granted(entitlement)), *amount, None),
            Answer::Refusal(reason) => (None, None, Some((reason.code, clause(reason.clause)))),
        });
    let reasons = decision.reasons.iter().map(|r| (r.code, clause(r.clause)));
    (
        decision.entitlement.as_ref().map(granted),
        candidates.collect::<Vec<_>>(),
        reasons.collect::<Vec<_>>(),
    )
}

/// Returns the fact on which alone two paths disagree.
fn only_conflict<'a>(a: &Path<'a>, b: &Path<'a>) -> Option<Key<'a>> {
    let mut found = None;
    for (key, value) in a {
        if b.iter().any(|(k, v)| k == key && v != value) {
            if found.is_some() {
                return None;
            }
            found = Some(*key);
        }
    }
    found
}

/// Returns one value of a fact for each class that the route tells apart.
fn values<'a>(world: &World<'a, '_>, route: &'a RoutePlan, key: Key<'a>) -> Vec<Assumed<'a>> {
    match key {
        Key::Fact(fact, word) if !is_finding(key) => fact_values(world.plan, route, fact, word),
        Key::Fact(..) => Vec::new(),
        Key::Event(event, place) => super::instants::event_values(world, route, event, place),
        Key::Shipment => {
            let parcels = world.facts.parcels_of(&world.row);
            parcels.into_iter().map(Assumed::Shipment).collect()
        }
        Key::Zone(_) => vec![
            Assumed::Zone(crate::domain::time::Zone::earliest()),
            Assumed::Zone(crate::domain::time::Zone::latest()),
        ],
    }
}

fn fact_values<'a>(
    plan: &'a Plan,
    route: &'a RoutePlan,
    fact: Fact,
    word: Option<&'a str>,
) -> Vec<Assumed<'a>> {
    let same = |named: &FactRef| named.fact == fact && named.word.as_deref() == word;
    let lists = || {
        let tests = route.tests.iter().chain(route.settling_tests(plan));
        let compared = tests.filter_map(Test::words);
        compared.filter_map(|(named, list)| same(named).then_some(list))
    };
    match fact.spec().kind {
        Kind::YesNo => vec![Assumed::YesNo(true), Assumed::YesNo(false)],
        Kind::OneOf(words) => {
            let lists: Vec<&[String]> = lists().collect();
            let alike =
                |a: &str, b: &str| lists.iter().all(|list| names(list, a) == names(list, b));
            let mut apart: Vec<&'a str> = Vec::with_capacity(words.len());
            for word in words {
                if !apart.iter().any(|known| alike(known, word)) {
                    apart.push(word);
                }
            }
            apart.into_iter().map(Assumed::Word).collect()
        }
        Kind::Word => {
            let mut words: Vec<&'a str> = vec![ANOTHER_WORD];
            words.extend(lists().flatten().map(String::as_str));
            words.sort_unstable();
            words.dedup();
            words.into_iter().map(Assumed::Word).collect()
        }
        Kind::Number => {
            let mut numbers: Vec<i64> = vec![0];
            for test in &route.tests {
                if let Test::Range(named, low, high) = test
                    && same(named)
                {
                    numbers.extend([*low, low.saturating_sub(1), *high, high.saturating_add(1)]);
                }
            }
            numbers.retain(|n| (0..=i64::from(i32::MAX)).contains(n));
            numbers.sort_unstable();
            numbers.dedup();
            numbers.into_iter().map(Assumed::Number).collect()
        }
    }
}

fn names(list: &[String], word: &str) -> bool {
    list.iter().any(|named| named == word)
}
