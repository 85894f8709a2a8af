//! A slow, obvious interpreter of the checked policy, written from the ground
//! rules and not from the compiler or the engine.
//!
//! It knows nothing of bits, plans, orders of evaluation or representatives: it
//! reads a completed situation, asks each clause in words, and follows the list
//! in `docs/policy-language.md`, "How clauses decide". Findings may be open, and what
//! is asked for may still come. Other unknown facts are not its business: a caller
//! decides every completion and compares.
//!
//! `facts` and `time` read one row; `row` decides it with its conditions and what is
//! added; `worth`, `sums` and `money` settle all rows of a request, in exact fractions.

mod exact;
mod facts;
mod kept;
mod money;
mod once;
mod row;
mod sums;
mod time;
mod worth;

pub use money::{Money, settle, shares};
pub use row::RowAnswer;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use chrono::NaiveTime;
use redress::domain::facts::{Action, Facts, Remedy};
use redress::domain::path::UnitsLocation;
use redress::domain::verdict::Outcome;
use redress::domain::vocabulary::Fact;
use redress::policy::checked::{CheckedPolicy, Clause};
use redress::policy::terms::{Clock, Effect, Formula, Grant, Pending, Test, Where};

/// What a row comes to, as far as the missing list compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub outcome: Outcome,
    pub remedy: Option<Remedy>,
    pub opens: Option<String>,
    pub closes: Option<String>,
    /// In order; one that several clauses set as often.
    pub conditions: Vec<String>,
    /// Hundredths of a per cent that deductions leave.
    pub deducted: BTreeSet<u32>,
    pub due: Option<String>,
}

impl Answer {
    /// Returns what is compared to find what is missing: of dates only whether the act
    /// is in time, which the outcome says.
    pub fn without_dates(self) -> Self {
        Self {
            opens: None,
            closes: None,
            due: None,
            ..self
        }
    }
}

/// Three results of a test: `None` waits for a finding.
type Holds = Option<bool>;

/// Where an act falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Early,
    Inside,
    /// Late, but inside the rolled period.
    Rolled,
    Late,
}

/// One row of completed facts under a policy.
pub struct Oracle<'a> {
    pub policy: &'a CheckedPolicy,
    pub facts: &'a Facts<'a>,
    pub row: UnitsLocation,
    pub route: Action,
    /// A given fact that was read and that nobody has told.
    pub untold: Cell<Option<&'static str>>,
    /// The uses of options that are left for these units; `None`: all that the order has.
    pub uses: Option<i64>,
    /// The other units of the request that do not stay with the customer.
    pub back: Vec<(UnitsLocation, i32)>,
    /// Whether a denial only came too early.
    pub early: Cell<bool>,
    /// Asked-for facts that were read, are not supplied and still can be.
    pub can_come: RefCell<BTreeSet<Fact>>,
    /// Those of them that will be.
    pub comes: BTreeSet<Fact>,
}

/// What became of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Off,
    On,
    /// On or off under conditions: names of findings.
    Conditional(BTreeSet<String>),
    /// Findings are open and a person decides.
    Person,
}

impl<'a> Oracle<'a> {
    pub fn new(
        policy: &'a CheckedPolicy,
        facts: &'a Facts<'a>,
        row: UnitsLocation,
        route: Action,
    ) -> Self {
        Self {
            policy,
            facts,
            row,
            route,
            untold: Cell::new(None),
            uses: None,
            back: Vec::new(),
            early: Cell::new(false),
            can_come: RefCell::default(),
            comes: BTreeSet::new(),
        }
    }

    pub fn answer(&self, wants: Option<Remedy>) -> Answer {
        match self.chosen(wants) {
            Ok((at, grant)) => self.entitled(at, grant),
            Err(outcome) => Answer {
                outcome,
                remedy: None,
                opens: None,
                closes: None,
                conditions: Vec::new(),
                deducted: BTreeSet::new(),
                due: None,
            },
        }
    }

    /// The grant that the row gets, or what becomes of it without one.
    fn chosen(&self, wants: Option<Remedy>) -> Result<(usize, &'a Grant), Outcome> {
        // 2. An active refusal of all remedies denies.
        if self.refusals(None) {
            return Err(Outcome::Denied);
        }
        // 3. All windows of active grants shut.
        let grants: Vec<(usize, &Grant)> = self
            .clauses()
            .filter_map(|(at, c)| match &c.effect {
                Effect::Grants(g) => Some((at, g)),
                _ => None,
            })
            .filter(|(at, _)| matches!(self.state(*at), State::On | State::Conditional(_)))
            .collect();
        let at = |place: Place| {
            let mut at = grants.clone();
            at.retain(|(at, _)| self.grant_place(*at) == place);
            at
        };
        let mut open = at(Place::Inside);
        if open.is_empty() && !grants.is_empty() && at(Place::Rolled).is_empty() {
            // Of a window that closes before it opens nobody is early.
            let early = at(Place::Early).into_iter();
            let opens = |(at, grant): &(usize, &Grant)| {
                let window = grant.window.as_ref();
                window.is_none_or(|window| self.ever_opens(*at, window))
            };
            self.early.set(early.filter(opens).count() > 0);
            return Err(Outcome::Denied);
        }
        // 4. An active referral of all remedies, or a grant in its rolled period alone.
        if self.referrals(None) || open.is_empty() {
            return Err(Outcome::NeedsReview);
        }
        // 5. The wish picks, otherwise the lowest rank, ties in file order.
        open.sort_by_key(|(at, g)| (g.rank.unwrap_or(0), *at));
        let allowed: Vec<_> = open
            .iter()
            .filter(|(_, g)| !self.refusals(Some(g.remedy)))
            .copied()
            .collect();
        let picked = match wants {
            Some(wish) => match meets(wish)
                .iter()
                .find_map(|remedy| allowed.iter().find(|(_, g)| g.remedy == *remedy))
            {
                Some(found) => Some(*found),
                None if self.refusals(Some(wish)) => return Err(Outcome::Denied),
                None if self.referrals(Some(wish)) => return Err(Outcome::NeedsReview),
                None => allowed.first().copied(),
            },
            None => allowed.first().copied(),
        };
        let Some((at, grant)) = picked else {
            return Err(Outcome::Denied);
        };
        // 6. A referral that names the picked remedy.
        if self.referrals(Some(grant.remedy)) {
            return Err(Outcome::NeedsReview);
        }
        Ok((at, grant))
    }

    fn entitled(&self, at: usize, grant: &Grant) -> Answer {
        let mut conditions = Vec::new();
        if let State::Conditional(findings) = self.state(at) {
            conditions.extend(
                findings
                    .into_iter()
                    .map(|f| format!("finding_confirmed {f}")),
            );
        }
        let mut deducted = BTreeSet::new();
        let mut due = None;
        for (other, clause) in self.clauses() {
            let state = self.state(other);
            match (&clause.effect, &state) {
                (Effect::Refuses(r), State::Conditional(findings))
                    if r.remedies.is_empty() || r.remedies.contains(&grant.remedy) =>
                {
                    conditions.extend(findings.iter().map(|f| format!("not_{} {f}", r.reason)));
                }
                (Effect::Refers(r), State::Conditional(findings))
                    if r.remedies.is_empty() || r.remedies.contains(&grant.remedy) =>
                {
                    conditions.extend(findings.iter().map(|f| format!("not_{} {f}", r.reason)));
                }
                (Effect::Adds(addition), state)
                    if addition.remedies.is_empty()
                        || addition.remedies.contains(&grant.remedy) =>
                {
                    use redress::policy::terms::Part;
                    for part in &addition.parts {
                        match (part, state) {
                            (Part::Deduct(sum), State::On)
                                if let Formula::Percent(points, ..) = sum.formula =>
                            {
                                deducted.insert(points);
                            }
                            (Part::Due(end), State::On) => due = Some(self.due(end)),
                            (Part::Notice(_), _) => {}
                            (_, State::Conditional(findings)) => {
                                conditions
                                    .extend(findings.iter().map(|f| format!("finding_open {f}")));
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        conditions.sort_unstable();
        let (opens, closes) = self.window(at, grant).unzip();
        Answer {
            outcome: Outcome::Approved,
            remedy: Some(grant.remedy),
            opens,
            closes,
            conditions,
            deducted,
            due,
        }
    }

    /// When a grant can be asked for, in words; `None`: at any time.
    fn window(&self, at: usize, grant: &Grant) -> Option<(String, String)> {
        let window = grant.window.as_ref()?;
        let closes = self.closes(at, window);
        let closes = closes.map_or("waits".to_owned(), |at| at.to_string());
        Some((self.opens_text(window), closes))
    }

    fn clauses(&self) -> impl Iterator<Item = (usize, &'a Clause)> {
        let route = self.route;
        self.policy
            .clauses
            .iter()
            .enumerate()
            .filter(move |(_, c)| c.routes.contains(&route))
    }

    fn refusals(&self, remedy: Option<Remedy>) -> bool {
        self.clauses().any(|(at, c)| match &c.effect {
            Effect::Refuses(r) => named(&r.remedies, remedy) && self.state(at) == State::On,
            _ => false,
        })
    }

    fn referrals(&self, remedy: Option<Remedy>) -> bool {
        self.clauses().any(|(at, c)| {
            let state = self.state(at);
            match &c.effect {
                Effect::Refers(r) => {
                    named(&r.remedies, remedy) && matches!(state, State::On | State::Person)
                }
                Effect::Refuses(r) => named(&r.remedies, remedy) && state == State::Person,
                Effect::Grants(_) => remedy.is_none() && state == State::Person,
                _ => false,
            }
        })
    }

    /// 1. Applies, and no active clause overrides it.
    fn state(&self, at: usize) -> State {
        let clause = &self.policy.clauses[at];
        let own = match self.applies(clause) {
            Some(false) => return State::Off,
            Some(true) => State::On,
            None => {
                let reviewable = matches!(
                    clause.effect,
                    Effect::Grants(_) | Effect::Refuses(_) | Effect::Refers(_)
                );
                if clause.pending == Pending::Review && reviewable {
                    State::Person
                } else {
                    State::Conditional(self.open_findings(clause))
                }
            }
        };
        let overridden = self.clauses().any(|(other, c)| {
            c.overrides.contains(&at) && {
                let state = self.state(other);
                match &c.effect {
                    Effect::Grants(_) => {
                        state != State::Off && self.grant_place(other) == Place::Inside
                    }
                    // A refusal that waits for a person sets nothing aside yet.
                    Effect::Refuses(_) => state == State::On,
                    _ => matches!(state, State::On | State::Person),
                }
            }
        });
        if overridden { State::Off } else { own }
    }

    fn applies(&self, clause: &Clause) -> Holds {
        let conj = |tests: &[Test]| -> Holds {
            let results: Vec<Holds> = tests.iter().map(|t| self.test(t)).collect();
            if results.contains(&Some(false)) {
                Some(false)
            } else if results.contains(&None) {
                None
            } else {
                Some(true)
            }
        };
        let not = |holds: Holds| holds.map(|h| !h);
        let mut parts = vec![conj(&clause.guard.all)];
        parts.extend(clause.guard.unless.iter().map(|t| not(conj(t))));
        if !clause.guard.any.is_empty() {
            let any: Vec<Holds> = clause.guard.any.iter().map(|t| conj(t)).collect();
            parts.push(if any.contains(&Some(true)) {
                Some(true)
            } else if any.contains(&None) {
                None
            } else {
                Some(false)
            });
        }
        if parts.contains(&Some(false)) {
            Some(false)
        } else if parts.contains(&None) {
            None
        } else {
            Some(true)
        }
    }

    /// Names the findings for which a guard waits: those in a part that is not
    /// decided, in a list of tests none of which is known to fail.
    fn open_findings(&self, clause: &Clause) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        let lists = std::iter::once(&clause.guard.all)
            .chain(&clause.guard.unless)
            .chain(if self.any_decided(clause) {
                [].iter()
            } else {
                clause.guard.any.iter()
            });
        for tests in lists {
            let results: Vec<Holds> = tests.iter().map(|t| self.test(t)).collect();
            if results.contains(&Some(false)) {
                continue;
            }
            for (test, result) in tests.iter().zip(results) {
                if let (None, Some(named)) = (result, test.fact()) {
                    open.insert(named.fact.spec().name.to_owned());
                }
            }
        }
        open
    }

    fn any_decided(&self, clause: &Clause) -> bool {
        clause
            .guard
            .any
            .iter()
            .any(|tests| tests.iter().all(|t| self.test(t) == Some(true)))
    }

    pub(crate) fn test(&self, test: &Test) -> Holds {
        match test {
            Test::YesNo(named, wanted) => self.yes_no(named).map(|yes| yes == *wanted),
            Test::OneOf(named, words) => {
                let word = self.word(named)?;
                Some(words.contains(&word))
            }
            Test::NoneOf(named, words) => {
                let word = self.word(named)?;
                Some(!words.contains(&word))
            }
            Test::Range(named, least, most) => {
                let number = self.number(named)?;
                Some((*least..=*most).contains(&number))
            }
            Test::Amount(named, range) => {
                let amount = self.amount(named)?.minor();
                let above = range.high.is_some_and(|high| amount > high.minor());
                Some(amount >= range.low.minor() && !above)
            }
            Test::Happened(event, wanted) => Some(self.happened(*event) == *wanted),
            Test::NotSupplied(named, until) => {
                let supplied = self.yes_no(named) == Some(true);
                let over = until.as_ref().and_then(|end| self.end(end));
                if !supplied && over.is_none_or(|end| self.facts.decide_time() < end) {
                    self.can_come.borrow_mut().insert(named.fact);
                    if self.comes.contains(&named.fact) {
                        return Some(false);
                    }
                }
                // A completed asked-for fact is supplied, or never will be.
                Some(!supplied)
            }
            Test::Window(window, wanted) => {
                let place = self.place_of(window);
                Some(match wanted {
                    Where::Inside => place == Place::Inside,
                    Where::Outside => place != Place::Inside,
                    Where::Past => place == Place::Late,
                })
            }
            Test::Past(grant) => Some(self.grant_place(*grant) == Place::Late),
            Test::Week(event, part) => {
                let Some(at) = self.when(*event) else {
                    return Some(false);
                };
                let (day, time) = self.zone().local(at);
                let now = (day.weekday().num_days_from_monday(), time);
                let clock = |c: Clock, end: bool| match c {
                    Clock::Instant(t) => t,
                    Clock::Minute(t) if end => {
                        t + chrono::TimeDelta::seconds(59)
                            + chrono::TimeDelta::nanoseconds(999_999_999)
                    }
                    Clock::Minute(t) => t,
                };
                let from = (
                    part.from.0.num_days_from_monday(),
                    clock(part.from.1, false),
                );
                let to = (part.to.0.num_days_from_monday(), clock(part.to.1, true));
                Some(from <= now && now <= to)
            }
            Test::DayIn(spec, calendar, wanted) => {
                let Some(day) = self.day(*spec, self.zone()) else {
                    return Some(false);
                };
                Some(self.policy.calendars[*calendar].contains(day) == *wanted)
            }
        }
    }
}

/// The remedies that meet a wish, the better first: a part of the money is better than
/// none.
fn meets(wish: Remedy) -> Vec<Remedy> {
    match wish {
        Remedy::Refund => vec![Remedy::Refund, Remedy::PartialRefund],
        other => vec![other],
    }
}

fn named(remedies: &[Remedy], remedy: Option<Remedy>) -> bool {
    match remedy {
        None => remedies.is_empty(),
        Some(remedy) => remedies.contains(&remedy),
    }
}

fn next_minute(time: NaiveTime) -> NaiveTime {
    time.overflowing_add_signed(chrono::TimeDelta::minutes(1)).0
}
