//! Judges one row on one route: which clauses are active, and what they come to.

pub(crate) mod activity;

use crate::domain::facts::{Remedy, Value};
use crate::domain::few::Few;
use crate::domain::verdict::WindowStatus;
use crate::engine::read::guard::{Holds, TestResults, bit, is_past, tests_of};
use crate::engine::read::window::{EndValue, WindowResult};
use crate::engine::read::world::{Key, World};
use crate::policy::plan::{Bits, PlanClause, RouteClause, RoutePlan, bits, indexes};
use crate::policy::terms::{Effect, FactRef, Grant, Pending, Refusal, Test};
use activity::{Active, Activity};

/// The windows of grants, by index on the route.
pub(crate) type Windows<'a> = Few<(usize, WindowResult<'a>)>;

/// Returns the window of the grant at an index of the route; `None`: it has none.
pub(crate) fn window_of<'j, 'a>(
    windows: &'j [(usize, WindowResult<'a>)],
    at: usize,
) -> Option<&'j WindowResult<'a>> {
    let of_grant = windows.iter().find(|(index, _)| *index == at);
    of_grant.map(|(_, window)| window)
}

/// Holds what a row came to on a route.
pub(crate) struct Judged<'a> {
    /// What became of each clause, by index on the route.
    pub active: Activity<'a>,
    /// The windows of grants that may apply and have one.
    pub windows: Windows<'a>,
    /// The answer, or a fact that is asked for and can change it.
    pub answer: Result<Ruling, Key<'a>>,
    /// What the tests came to, for showing them.
    pub results: TestResults,
}

/// States the answer for a row; indexes are those of the route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Refused by these clauses.
    Refused(Few<usize>),
    /// The windows of these grants are closed or not open yet.
    OutsideWindow(Few<usize>),
    /// Referred by these clauses; a person chooses among these grants.
    Referred { by: Few<usize>, grants: Few<usize> },
    /// These grants are late, but inside their grace periods.
    GraceReview { grants: Few<usize> },
    /// Granted.
    Granted { grant: usize, wish_unmet: bool },
    /// No clause speaks: the checker excludes it.
    Uncovered,
}

impl Judged<'_> {
    /// Returns the out-parameter of [`World::judge`]: no clause active yet, tests as given,
    /// which are those of [`World::results`].
    #[inline]
    pub(crate) const fn empty(results: TestResults) -> Self {
        Self {
            active: Activity::new(),
            windows: Few::new(),
            answer: Ok(Ruling::Uncovered),
            results,
        }
    }

    /// Whether the answer is no for good: refused, or late.
    pub(crate) fn is_closed(&self) -> bool {
        let early = |at: &usize| {
            let window = window_of(&self.windows, *at);
            window.and_then(WindowResult::told) == Some(WindowStatus::NotOpenYet)
        };
        match &self.answer {
            Ok(Ruling::Refused(_)) => true,
            Ok(Ruling::OutsideWindow(grants)) => !grants.iter().any(early),
            Ok(
                Ruling::Referred { .. }
                | Ruling::GraceReview { .. }
                | Ruling::Granted { .. }
                | Ruling::Uncovered,
            )
            | Err(_) => false,
        }
    }
}

impl<'a> World<'a, '_> {
    /// Judges the row on a route under a wish.
    pub(crate) fn judge(
        &self,
        route: &'a RoutePlan,
        wants: Option<Remedy>,
        judged: &mut Judged<'a>,
    ) {
        for at in &route.grants {
            if let Some(window) = self.grant_window(route, *at, &judged.results) {
                judged.windows.push((*at, window));
            }
        }
        self.weigh(route, wants, judged);
    }

    /// Judges the row, the windows of whose grants are known, on a route under a wish.
    pub(crate) fn weigh(
        &self,
        route: &'a RoutePlan,
        wants: Option<Remedy>,
        judged: &mut Judged<'a>,
    ) {
        for (index, test) in tests_of(route, route.past) {
            if let Test::Past(clause) = test {
                let at = route.position(*clause);
                let window = at.and_then(|at| window_of(&judged.windows, at));
                let result = window.map_or(Ok(false), is_past);
                judged.results.set(bit(index), result);
            }
        }
        self.activate(route, judged);
        judged.answer = Weighing {
            world: self,
            route,
            active: &judged.active,
            windows: &judged.windows,
        }
        .answer(wants);
    }

    /// Computes the window of the grant at an index of a route, extensions included;
    /// `None`: it has none, or does not apply and nothing else reads its window.
    #[inline]
    pub(crate) fn grant_window(
        &self,
        route: &'a RoutePlan,
        at: usize,
        results: &TestResults,
    ) -> Option<WindowResult<'a>> {
        let clause = route.clauses.get(at)?;
        if results.guard(&clause.guard) == Holds::No && route.watched.binary_search(&at).is_err() {
            return None;
        }
        let grant = self.clause(clause)?.effect.grant()?;
        let spec = grant.window.as_ref()?;
        let moved = self.extensions(route, clause.clause, results);
        Some(self.window(spec, &moved))
    }

    fn extensions(
        &self,
        route: &'a RoutePlan,
        granting: usize,
        results: &TestResults,
    ) -> Few<EndValue<'a>> {
        if route.extensions.is_empty() {
            return Few::new();
        }
        let moved = |at: &usize| {
            let clause = route.clauses.get(*at)?;
            let Effect::Extends(extended, end) = &self.clause(clause)?.effect else {
                return None;
            };
            if *extended != granting {
                return None;
            }
            match results.guard(&clause.guard) {
                Holds::No => None,
                Holds::Yes => Some(self.end(end)),
                // What waits for findings alone does not extend yet.
                Holds::Waits(bits) if bits & !results.finding == 0 => None,
                Holds::Waits(bits) => {
                    let given = bits & !results.finding;
                    Some(EndValue {
                        bound: None,
                        key: self.first_blocked(route, given),
                    })
                }
            }
        };
        route.extensions.iter().filter_map(moved).collect()
    }

    /// Returns the ends to which active extensions move a grant's window; the
    /// grant is named by its index on the route.
    pub(crate) fn extensions_of(
        &self,
        route: &'a RoutePlan,
        at: usize,
        results: &TestResults,
    ) -> Few<EndValue<'a>> {
        route
            .clauses
            .get(at)
            .map_or_else(Few::new, |c| self.extensions(route, c.clause, results))
    }

    pub(crate) fn clause(&self, at: &RouteClause) -> Option<&'a PlanClause> {
        self.plan.clause(at.clause)
    }

    /// Returns the fact that keeps the first of some tests from being decided.
    fn first_blocked(&self, route: &'a RoutePlan, bits: Bits) -> Option<Key<'a>> {
        if self.blocked_by.is_some() {
            return self.blocked_by;
        }
        tests_of(route, bits).find_map(|(_, test)| match test {
            Test::Past(clause) => {
                let at = route.position(*clause)?;
                let results = self.results(route);
                self.grant_window(route, at, &results)?.status.err()
            }
            // It can wait for nothing else, so that it need not be read again.
            test => match test.fact() {
                Some(fact) => Some(self.key(fact)),
                None => self.test(test).err(),
            },
        })
    }

    /// Evaluates the tests of a route, but for those that ask whether the window of a
    /// grant is past.
    #[inline]
    pub(crate) fn results(&self, route: &'a RoutePlan) -> TestResults {
        let mut results = TestResults::default();
        let evaluated = !(route.past | route.following);
        for (bit, test) in bits().zip(&route.tests) {
            if bit & evaluated != 0 {
                results.set(bit, self.test(test));
            }
        }
        results.follow(&route.opposites);
        results
    }

    /// Whether a refusal closes the route that time alone decides.
    pub(crate) fn is_refused(&self, route: &'a RoutePlan) -> bool {
        let mut results = TestResults::default();
        let evaluated = route.closing_tests & !(route.past | route.following);
        for (index, test) in tests_of(route, evaluated) {
            results.set(bit(index), self.test(test));
        }
        results.follow(&route.opposites);
        for (index, test) in tests_of(route, route.past & route.closing_tests) {
            if let Test::Past(clause) = test
                && let Some(at) = route.position(*clause)
                && let Some(window) = self.grant_window(route, at, &results)
            {
                results.set(bit(index), is_past(&window));
            }
        }
        let mut closing = indexes(route.closing).filter_map(|at| route.clauses.get(at));
        closing.any(|clause| results.guard(&clause.guard) == Holds::Yes)
    }

    /// Says what becomes of each clause, overriders first.
    pub(crate) fn activate(&self, route: &'a RoutePlan, judged: &mut Judged<'a>) {
        let Judged {
            active,
            windows,
            results,
            ..
        } = judged;
        for at in indexes(route.left_by(results.no)) {
            let Some(clause) = route.clauses.get(at) else {
                break;
            };
            let own = self.own_activity(route, clause, results);
            if own == Active::No {
                continue;
            }
            let over = clause.overriders & active.any();
            let state = match over {
                0 => own,
                _ => overridden(route, over, own, active, windows),
            };
            active.set(at, state);
        }
    }

    /// Whether tests wait for nothing but what the customer may have supplied, of
    /// which nobody has said anything.
    pub(crate) fn only_unsaid(&self, route: &'a RoutePlan, bits: Bits) -> bool {
        let unsaid = |fact: &'a FactRef| self.fact(fact) == Value::Unknown;
        tests_of(route, bits)
            .all(|(_, test)| matches!(test, Test::NotSupplied(fact, _) if unsaid(fact)))
    }

    /// Whether one of some tests compares amounts in another currency than the order's.
    pub(crate) fn is_foreign(&self, route: &'a RoutePlan, bits: Bits) -> bool {
        let order = self.facts.order().currency;
        tests_of(route, bits & route.amounts)
            .any(|(_, test)| matches!(test, Test::Amount(_, range) if range.currency != order))
    }

    fn own_activity(
        &self,
        route: &'a RoutePlan,
        at: &'a RouteClause,
        results: &TestResults,
    ) -> Active<'a> {
        let bits = match results.guard(&at.guard) {
            Holds::No => return Active::No,
            Holds::Yes => return Active::Yes,
            Holds::Waits(bits) => bits,
        };
        let Some(clause) = self.clause(at) else {
            return Active::No;
        };
        let given = bits & !results.finding;
        if given != 0 && clause.pending == Pending::Presumed && self.only_unsaid(route, given) {
            return Active::HeldOff;
        }
        if given != 0 {
            // A test can wait for a fact that another test of the same fact also
            // waits for; the first is enough to ask.
            return self
                .first_blocked(route, given)
                .map_or(Active::No, Active::Needs);
        }
        if bits & route.amounts != 0 && self.is_foreign(route, bits) {
            return Active::Review;
        }
        match (clause.pending, &clause.effect) {
            (Pending::Review, Effect::Grants(_) | Effect::Refuses(_) | Effect::Refers(_)) => {
                Active::Review
            }
            (_, Effect::Grants(_)) => Active::Assumed,
            (_, Effect::Refuses(_) | Effect::Refers(_) | Effect::Adds(_) | Effect::Extends(..)) => {
                Active::HeldOff
            }
        }
    }
}

/// Says what becomes of a clause that applies, its overriders considered.
fn overridden<'a>(
    route: &RoutePlan,
    over: Bits,
    own: Active<'a>,
    active: &Activity<'a>,
    windows: &[(usize, WindowResult<'a>)],
) -> Active<'a> {
    let mut needs = None;
    for over in indexes(over) {
        let state = active.get(over);
        let in_force = match state {
            Active::No | Active::HeldOff => Ok(false),
            // Whether the refusal comes or not, what it would set aside is
            // weighed: a closed window denies either way.
            Active::Review if route.refusals & bit(over) != 0 => Ok(false),
            Active::Yes | Active::Assumed | Active::Review => {
                // A grant that is not open overrides nothing.
                match window_of(windows, over) {
                    None => Ok(true),
                    Some(window) => window
                        .status
                        .map(|s| matches!(s, WindowStatus::Open | WindowStatus::Review)),
                }
            }
            Active::Needs(key) => Err(key),
        };
        match in_force {
            Ok(true) => return Active::No,
            Ok(false) => {}
            Err(key) => needs = needs.or(Some(key)),
        }
    }
    needs.map_or(own, Active::Needs)
}

/// Weighs active clauses against each other.
struct Weighing<'a, 'j, 'w> {
    world: &'j World<'a, 'w>,
    route: &'a RoutePlan,
    active: &'j Activity<'a>,
    windows: &'j [(usize, WindowResult<'a>)],
}

impl<'a> Weighing<'a, '_, '_> {
    fn state(&self, at: usize) -> Active<'a> {
        self.active.get(at)
    }

    fn effect(&self, at: usize) -> Option<&'a Effect> {
        self.route
            .clauses
            .get(at)
            .and_then(|c| self.world.clause(c))
            .map(|c| &c.effect)
    }

    fn grant(&self, at: usize) -> Option<&'a Grant> {
        self.effect(at)?.grant()
    }

    fn refusal(&self, at: usize) -> Option<&'a Refusal> {
        self.effect(at)?.refusal()
    }

    /// Returns the refusals that apply and name the remedy, or all remedies.
    fn refusals(&self, remedy: Option<Remedy>) -> Few<usize> {
        let active = self.active.yes & self.route.refusals;
        if active == 0 {
            return Few::new();
        }
        let names = |at: &usize| {
            self.refusal(*at)
                .is_some_and(|r| names(&r.remedies, remedy))
        };
        indexes(active).filter(names).collect()
    }

    /// Returns the referrals that apply or wait for a finding that a person
    /// decides on, and name the remedy, or all remedies.
    fn referrals(&self, remedy: Option<Remedy>) -> Few<usize> {
        let Activity { yes, review, .. } = self.active;
        // A refusal or a grant that waits for a person is a referral.
        let grants = if remedy.is_none() { *review } else { 0 };
        if (yes | review) & self.route.referrals == 0 && *review == 0 {
            return Few::new();
        }
        let named = |at: &usize| match self.effect(*at) {
            Some(Effect::Refers(r)) => names(&r.remedies, remedy),
            Some(Effect::Refuses(r)) => names(&r.remedies, remedy),
            _ => false,
        };
        let waiting = self.route.grants.iter().copied();
        // What adds or extends waits for a person only where its amounts are foreign.
        let foreign = match remedy {
            None => *review & !self.route.granting & !self.route.refusals & !self.route.referrals,
            Some(_) => 0,
        };
        indexes((yes | review) & self.route.referrals)
            .chain(indexes(*review & self.route.refusals))
            .filter(named)
            .chain(waiting.filter(|at| grants & bit(*at) != 0))
            .chain(indexes(foreign))
            .collect()
    }

    fn answer(&self, wants: Option<Remedy>) -> Result<Ruling, Key<'a>> {
        let refused = self.refusals(None);
        if !refused.is_empty() {
            return Ok(Ruling::Refused(refused));
        }
        self.ask_for(indexes(self.active.needs & self.route.refusals))?;
        self.ask_for(self.route.grants.iter().copied())?;
        let (mut open, mut in_grace, mut outside) = (Few::new(), Few::new(), Few::new());
        let foreign = self.foreign();
        let mut late = 0;
        for at in &self.route.grants {
            let is_foreign = foreign & bit(*at) != 0;
            // A grant without a window is always open.
            let window = window_of(self.windows, *at);
            let status = || window.map_or(Ok(WindowStatus::Open), |w| w.status);
            match self.state(*at) {
                Active::Yes | Active::Assumed => {}
                // Whatever the amount comes to, its window is closed.
                Active::Review if is_foreign => {
                    if matches!(status()?, WindowStatus::NotOpenYet | WindowStatus::Closed) {
                        late |= bit(*at);
                    }
                    continue;
                }
                Active::No | Active::HeldOff | Active::Review | Active::Needs(_) => continue,
            }
            match status()? {
                WindowStatus::Open => open.push(*at),
                WindowStatus::Review => in_grace.push(*at),
                WindowStatus::NotOpenYet | WindowStatus::Closed => outside.push(*at),
            }
        }
        let referred = (self.active.yes | self.active.review) & self.route.referrals;
        if late != 0 && self.active.review & self.route.granting == late && referred == 0 {
            outside.extend(indexes(late));
        }
        if open.is_empty() && in_grace.is_empty() && !outside.is_empty() {
            // What was wished for is what a denial is about.
            outside.sort_by_key(|at| wants.is_none() || self.grant(*at).map(|g| g.remedy) != wants);
            return Ok(Ruling::OutsideWindow(outside));
        }
        self.ask_for(indexes(self.active.needs & self.route.referrals))?;
        let by = self.referrals(None);
        if !by.is_empty() {
            let mut grants = open;
            grants.extend(in_grace);
            let waiting = by
                .iter()
                .filter(|at| self.grant(**at).is_some())
                .copied()
                .collect::<Few<_>>();
            grants.extend(waiting);
            return Ok(Ruling::Referred { by, grants });
        }
        if open.is_empty() {
            return Ok(if in_grace.is_empty() {
                Ruling::Uncovered
            } else {
                Ruling::GraceReview { grants: in_grace }
            });
        }
        Ok(self.pick(open, wants))
    }

    /// Returns the grants that wait for a person since they compare amounts in another
    /// currency than the order's.
    fn foreign(&self) -> Bits {
        let waiting = self.active.review & self.route.granting;
        if waiting == 0 || self.route.amounts == 0 {
            return 0;
        }
        let foreign = indexes(waiting).filter(|at| {
            let guard = self.route.clauses.get(*at).map(|at| &at.guard);
            guard.is_some_and(|guard| self.world.is_foreign(self.route, guard.tests()))
        });
        foreign.fold(0, |set, at| set | bit(at))
    }

    /// Fails with the fact that keeps a clause from being decided, if one does.
    fn ask_for(&self, clauses: impl Iterator<Item = usize>) -> Result<(), Key<'a>> {
        if self.active.needs == 0 {
            return Ok(());
        }
        for at in clauses {
            if let Active::Needs(key) = self.state(at) {
                return Err(key);
            }
        }
        Ok(())
    }

    /// Picks among open grants by the wish.
    fn pick(&self, open: Few<usize>, wants: Option<Remedy>) -> Ruling {
        let remedy_of = |at: usize| self.grant(at).map(|g| g.remedy);
        let mut allowed = open.clone();
        if self.active.yes & self.route.refusals != 0 {
            allowed.retain(|at| self.refusals(remedy_of(*at)).is_empty());
        }
        let gives = |remedy: Remedy| {
            let mut open = allowed.iter().copied();
            open.find(|at| remedy_of(*at) == Some(remedy))
        };
        // Who wishes for money back gets the part of it that the terms give.
        let wished = wants.and_then(|wish| match wish {
            Remedy::Refund => gives(wish).or_else(|| gives(Remedy::PartialRefund)),
            other @ (Remedy::PartialRefund
            | Remedy::StoreCredit
            | Remedy::Exchange
            | Remedy::Replacement
            | Remedy::Repair
            | Remedy::Change
            | Remedy::PriceReduction
            | Remedy::CreditUse
            | Remedy::Cancellation) => gives(other),
        });
        let picked = match (wished, wants) {
            (Some(at), _) => Some((at, false)),
            (None, Some(wish)) => {
                let refused = self.refusals(Some(wish));
                if !refused.is_empty() {
                    return Ruling::Refused(refused);
                }
                let by = self.referrals(Some(wish));
                if !by.is_empty() {
                    return Ruling::Referred {
                        by,
                        grants: allowed,
                    };
                }
                allowed.first().map(|at| (*at, true))
            }
            (None, None) => allowed.first().map(|at| (*at, false)),
        };
        let Some((grant, wish_unmet)) = picked else {
            let refused = open
                .iter()
                .flat_map(|at| self.refusals(remedy_of(*at)))
                .collect();
            return Ruling::Refused(refused);
        };
        let by = remedy_of(grant)
            .map(|r| self.referrals(Some(r)))
            .unwrap_or_default();
        if !by.is_empty() {
            return Ruling::Referred {
                by,
                grants: allowed,
            };
        }
        Ruling::Granted { grant, wish_unmet }
    }
}

/// Whether a clause is about a remedy; `None`: about all of them.
fn names(remedies: &[Remedy], remedy: Option<Remedy>) -> bool {
    match remedy {
        None => remedies.is_empty(),
        Some(remedy) => remedies.contains(&remedy),
    }
}
