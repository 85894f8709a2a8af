//! A slow, obvious interpreter of the checked policy, written from the ground
//! rules and not from the compiler or the engine.
//!
//! It knows nothing of bits, plans, orders of evaluation or representatives: it
//! reads a completed situation, asks each clause in words, and follows the list
//! in `docs/policy-language.md`, "How clauses decide". Unknown facts are not its
//! business: a caller decides every completion and compares.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use redress::domain::event::Event;
use redress::domain::facts::{Action, Facts, Remedy, RowIndex};
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::verdict::{Act, Outcome, Period};
use redress::domain::vocabulary::Fact;
use redress::policy::checked::{CheckedPolicy, Clause};
use redress::policy::terms::{
    Clock, DaySpec, Effect, End, Grant, Pending, Test, Where, WindowSpec,
};

/// What a row comes to, as far as the missing list compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub outcome: Outcome,
    pub remedy: Option<Remedy>,
    pub opens: Option<String>,
    pub closes: Option<String>,
    pub conditions: BTreeSet<String>,
    /// Hundredths of a per cent that deductions leave.
    pub deducted: BTreeSet<u32>,
    pub due: Option<String>,
}

/// Three results of a test: `None` waits for a finding.
type Holds = Option<bool>;

/// Where an act falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Early,
    Inside,
    Late,
}

/// One row of completed facts under a policy.
pub struct Oracle<'a> {
    pub policy: &'a CheckedPolicy,
    pub facts: &'a Facts<'a>,
    pub row: RowIndex,
    pub route: Action,
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

impl Oracle<'_> {
    pub fn answer(&self, wants: Option<Remedy>) -> Answer {
        let denied = |outcome| Answer {
            outcome,
            remedy: None,
            opens: None,
            closes: None,
            conditions: BTreeSet::new(),
            deducted: BTreeSet::new(),
            due: None,
        };
        // 2. An active refusal of all remedies denies.
        if self.refusals(None) {
            return denied(Outcome::Denied);
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
        let mut open: Vec<(usize, &Grant)> = grants
            .iter()
            .filter(|(at, _)| self.grant_place(*at) == Place::Inside)
            .copied()
            .collect();
        if open.is_empty() && !grants.is_empty() {
            return denied(Outcome::Denied);
        }
        // 4. An active referral of all remedies.
        if self.referrals(None) {
            return denied(Outcome::NeedsReview);
        }
        if open.is_empty() {
            return denied(Outcome::NeedsReview);
        }
        // 5. The wish picks, otherwise the lowest rank, ties in file order.
        open.sort_by_key(|(at, g)| (g.rank.unwrap_or(0), *at));
        let allowed: Vec<_> = open
            .iter()
            .filter(|(_, g)| !self.refusals(Some(g.remedy)))
            .copied()
            .collect();
        let picked = match wants {
            Some(wish) => match allowed.iter().find(|(_, g)| g.remedy == wish) {
                Some(found) => Some(*found),
                None if self.refusals(Some(wish)) => return denied(Outcome::Denied),
                None if self.referrals(Some(wish)) => return denied(Outcome::NeedsReview),
                None => allowed.first().copied(),
            },
            None => allowed.first().copied(),
        };
        let Some((at, grant)) = picked else {
            return denied(Outcome::Denied);
        };
        // 6. A referral that names the picked remedy.
        if self.referrals(Some(grant.remedy)) {
            return denied(Outcome::NeedsReview);
        }
        self.entitled(at, grant)
    }

    fn entitled(&self, at: usize, grant: &Grant) -> Answer {
        let mut conditions = BTreeSet::new();
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
                    use redress::policy::terms::{Deduction, Part};
                    for part in &addition.parts {
                        match (part, state) {
                            (Part::Deduct(Deduction::Percent(p)), State::On) => {
                                deducted.insert(*p);
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
        let (opens, closes) = match &grant.window {
            None => (None, None),
            Some(window) => (
                Some(self.opens_text(window)),
                Some(
                    self.closes(at, window)
                        .map_or("waits".to_owned(), |i| i.to_string()),
                ),
            ),
        };
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

    fn clauses(&self) -> impl Iterator<Item = (usize, &Clause)> {
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
                if let (None, Test::YesNo(named, _)) = (result, test) {
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

    fn test(&self, test: &Test) -> Holds {
        match test {
            Test::YesNo(named, wanted) => self.yes_no(named.fact).map(|yes| yes == *wanted),
            Test::OneOf(named, words) => {
                let word = self.word(named.fact)?;
                Some(words.contains(&word))
            }
            Test::NoneOf(named, words) => {
                let word = self.word(named.fact)?;
                Some(!words.contains(&word))
            }
            Test::Range(..) => unreachable!("the generator makes none"),
            Test::Happened(event, wanted) => Some(self.when(*event).is_some() == *wanted),
            Test::NotSupplied(named, _) => {
                // A completed asked-for fact is supplied, or never will be.
                Some(self.yes_no(named.fact) != Some(true))
            }
            Test::Window(window, wanted) => {
                let place = self.place(window, self.end(&window.closes));
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
                let Some(day) = self.day(*spec) else {
                    return Some(false);
                };
                Some(self.policy.calendars[*calendar].contains(day) == *wanted)
            }
        }
    }

    fn yes_no(&self, fact: Fact) -> Option<bool> {
        let line = &self.facts.order().lines[self.row.line];
        let request = self.facts.request();
        let group = &request.lines[self.row.request_line].groups[self.row.group];
        match fact {
            Fact::Personalized => line.personalized,
            Fact::Available => line.available,
            Fact::Gift => self.facts.order().gift,
            Fact::Registered => self.facts.order().customer.registered,
            Fact::Worn => group.condition.worn,
            Fact::Stained => group.condition.stained,
            Fact::Photos => request.evidence.photos,
            other => unreachable!("the generator does not use {other:?}"),
        }
    }

    fn word(&self, fact: Fact) -> Option<String> {
        match fact {
            Fact::CustomerKindIs => self
                .facts
                .order()
                .customer
                .kind
                .map(|k| k.word().to_owned()),
            Fact::Category => self.facts.order().lines[self.row.line]
                .category
                .map(str::to_owned),
            other => unreachable!("the generator does not use {other:?}"),
        }
    }

    fn zone(&self) -> Zone {
        self.policy.zone.expect("the generator names a zone")
    }

    /// When an event happened; `None`: not yet.
    fn when(&self, event: Event) -> Option<Instant> {
        let shipment = &self.facts.order().shipments[self.row.shipment.expect("one parcel")];
        let time = match event {
            Event::Place => self.facts.order().place,
            Event::Ship => shipment.ship,
            Event::Deliver => shipment.deliver,
            Event::Request => EventTime::At(self.facts.request().request_time),
            Event::Receive => self.facts.request().journey.receive,
            other => unreachable!("the generator does not use {other:?}"),
        };
        match time {
            EventTime::At(at) => Some(at),
            EventTime::NotYet => None,
            EventTime::Unknown if event == Event::Receive => None,
            other => unreachable!("completed facts leave no {event:?} {other:?}"),
        }
    }

    fn day(&self, spec: DaySpec) -> Option<Day> {
        let mut day = self.zone().day_of(self.when(spec.of)?);
        if let Some(weekday) = spec.next {
            while day.weekday() != weekday {
                day = day.plus_days(1);
            }
        }
        Some(day)
    }

    /// The first instant outside; `None`: it waits for an event.
    pub fn end(&self, end: &End) -> Option<Instant> {
        match end {
            End::Never => None,
            End::Before(event) => self.when(*event),
            End::After(event, period, calendar) => {
                let at = self.when(*event)?;
                let day = self.zone().day_of(at);
                match period {
                    Period::Hours(n) => Some(at.plus_hours(i64::from(*n)).next()),
                    Period::Days(n) => Some(day.plus_days(i64::from(*n) + 1).start(self.zone())),
                    Period::Months(n) => {
                        Some(day.plus_months_clamped(*n).plus_days(1).start(self.zone()))
                    }
                    Period::BusinessDays(n) => {
                        let calendar = &self.policy.calendars[calendar.expect("a calendar")];
                        let mut day = day;
                        let mut left = *n;
                        while left > 0 {
                            day = day.plus_days(1);
                            let rests = calendar.rest.contains(&day.weekday());
                            if !rests && !calendar.contains(day) {
                                left -= 1;
                            }
                        }
                        Some(day.plus_days(1).start(self.zone()))
                    }
                }
            }
            End::Clock(spec, clock) => {
                let day = self.day(*spec)?;
                Some(match clock {
                    Clock::Instant(t) => self.zone().clock(day, *t).next(),
                    Clock::Minute(t) => self.zone().clock(day, next_minute(*t)),
                })
            }
            // What waits for an event is later than any instant.
            End::Latest(ends) => {
                let ends: Vec<_> = ends.iter().map(|e| self.end(e)).collect();
                if ends.contains(&None) {
                    None
                } else {
                    ends.into_iter().flatten().max()
                }
            }
            End::Earliest(ends) => ends.iter().filter_map(|e| self.end(e)).min(),
        }
    }

    fn opens_text(&self, window: &WindowSpec) -> String {
        match window.opens {
            None => "always".to_owned(),
            Some(event) => self
                .when(event)
                .map_or("waits".to_owned(), |at| at.to_string()),
        }
    }

    /// The end of a grant's window, moved by every extension that applies.
    fn closes(&self, grant: usize, window: &WindowSpec) -> Option<Instant> {
        let mut ends = vec![self.end(&window.closes)];
        for (_, clause) in self.clauses() {
            if let Effect::Extends(extended, end) = &clause.effect
                && *extended == grant
                && self.applies(clause) == Some(true)
            {
                ends.push(self.end(end));
            }
        }
        if ends.contains(&None) {
            None
        } else {
            ends.into_iter().flatten().max()
        }
    }

    fn grant_place(&self, grant: usize) -> Place {
        match &self.policy.clauses[grant].effect {
            Effect::Grants(Grant {
                window: Some(window),
                ..
            }) => self.place(window, self.closes(grant, window)),
            _ => Place::Inside,
        }
    }

    fn place(&self, window: &WindowSpec, closes: Option<Instant>) -> Place {
        let act = match window.act {
            Act::Request => self.facts.request().request_time,
            Act::Decision => self.facts.decide_time(),
            other => unreachable!("the generator does not use {other:?}"),
        };
        if let Some(event) = window.opens {
            match self.when(event) {
                None => return Place::Early,
                Some(at) if act < at => return Place::Early,
                Some(_) => {}
            }
        }
        match closes {
            Some(close) if act >= close => Place::Late,
            _ => Place::Inside,
        }
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
