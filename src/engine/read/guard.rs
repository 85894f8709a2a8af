//! Evaluates tests and guards with three results: yes, no, and not known.

use chrono::NaiveTime;

use super::window::WindowResult;
use super::world::{Key, World};
use crate::domain::facts::Value;
use crate::domain::time::EventTime;
use crate::domain::verdict::WindowStatus;
use crate::domain::vocabulary::{Class, Event};
use crate::policy::plan::{Bits, GuardMasks, RoutePlan, indexes};
use crate::policy::terms::{
    AmountRange, Clock, DaySpec, End, FactRef, Test, WeekPart, Where, WindowSpec,
};

/// Says which unknown fact keeps a test from being decided.
pub(crate) type Blocked<'p> = Key<'p>;

/// Whether an unknown fact is a finding, for which the clause says what follows.
pub(crate) fn is_finding(key: Key<'_>) -> bool {
    match key {
        Key::Fact(fact, ..) => fact.spec().class == Class::Finding,
        Key::Event(..) | Key::Shipment | Key::Zone(_) => false,
        // Nobody is asked for another currency: a person decides.
        Key::Currency => true,
    }
}

/// Holds what the tests of a route came to; a bit in neither is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestResults {
    /// Tests that hold.
    pub yes: Bits,
    /// Tests that do not.
    pub no: Bits,
    /// Tests that wait for a finding.
    pub finding: Bits,
}

/// Holds what a guard came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// It does not hold.
    No,
    /// It holds.
    Yes,
    /// It waits for these tests.
    Waits(Bits),
}

impl Holds {
    /// Returns what holds once these tests do.
    const fn of(waits: Bits) -> Self {
        match waits {
            0 => Self::Yes,
            _ => Self::Waits(waits),
        }
    }
}

impl TestResults {
    /// Evaluates a guard.
    #[inline]
    pub fn guard(&self, guard: &GuardMasks) -> Holds {
        // Most guards fail here.
        if guard.all & self.no != 0 {
            return Holds::No;
        }
        self.rest_of(guard)
    }

    /// Evaluates a guard of which no test that must hold is known not to.
    fn rest_of(&self, guard: &GuardMasks) -> Holds {
        let mut waits = guard.all & !self.yes;
        for bits in &guard.unless {
            match self.open(*bits) {
                None => {}
                Some(0) => return Holds::No,
                Some(open) => waits |= open,
            }
        }
        if !guard.any.is_empty() {
            let mut perhaps = 0;
            for bits in &guard.any {
                match self.open(*bits) {
                    None => {}
                    Some(0) => return Holds::of(waits),
                    Some(open) => perhaps |= open,
                }
            }
            if perhaps == 0 {
                return Holds::No;
            }
            waits |= perhaps;
        }
        Holds::of(waits)
    }

    /// Returns those of some tests that are not known; `None`: one of them does not hold.
    const fn open(&self, bits: Bits) -> Option<Bits> {
        match bits & self.no {
            0 => Some(bits & !self.yes),
            _ => None,
        }
    }

    /// Sets the bits of tests that are the opposite of others, by these.
    #[inline]
    pub fn follow(&mut self, opposites: &[(Bits, Bits)]) {
        for (of, opposite) in opposites {
            self.follow_one(*of, *opposite);
        }
    }

    #[inline]
    fn follow_one(&mut self, of: Bits, opposite: Bits) {
        if self.yes & of != 0 {
            self.no |= opposite;
        } else if self.no & of != 0 {
            self.yes |= opposite;
        } else if self.finding & of != 0 {
            self.finding |= opposite;
        }
    }

    /// Drops the result of one bit.
    pub const fn forget(&mut self, bit: Bits) {
        self.yes &= !bit;
        self.no &= !bit;
        self.finding &= !bit;
    }

    /// Sets the result of one bit.
    pub fn set(&mut self, bit: Bits, result: Result<bool, Blocked<'_>>) {
        match result {
            Ok(true) => self.yes |= bit,
            Ok(false) => self.no |= bit,
            Err(key) if is_finding(key) => self.finding |= bit,
            Err(_) => {}
        }
    }
}

/// Returns the bit of a test's index.
pub(crate) fn bit(index: usize) -> Bits {
    u32::try_from(index)
        .ok()
        .and_then(|shift| Bits::from(1_u8).checked_shl(shift))
        .unwrap_or(0)
}

/// Returns the tests of a set of bits, with their indexes.
pub(crate) fn tests_of(route: &RoutePlan, bits: Bits) -> impl Iterator<Item = (usize, &Test)> {
    indexes(bits).filter_map(|index| Some((index, route.tests.get(index)?)))
}

impl<'a> World<'a, '_> {
    /// Evaluates a test that names no granting clause's window.
    // Each test of each row is evaluated: a call costs as much as most of them.
    #[inline(always)]
    pub(crate) fn test(&self, test: &'a Test) -> Result<bool, Blocked<'a>> {
        let fact = match test {
            Test::YesNo(fact, _)
            | Test::OneOf(fact, _)
            | Test::NoneOf(fact, _)
            | Test::Range(fact, ..) => fact,
            Test::Amount(fact, range) => return self.amount_in(fact, range),
            Test::Happened(event, wanted) => return self.happened(*event, *wanted),
            Test::NotSupplied(fact, until) => return self.not_supplied(fact, until.as_ref()),
            Test::Window(spec, wanted) => return self.in_window(spec, *wanted),
            // A decision evaluates these once the windows of grants are known.
            Test::Past(_) => return Ok(false),
            Test::Week(event, part) => return self.in_week(*event, part),
            Test::DayIn(spec, calendar, wanted) => {
                return self.on_day(*spec, *calendar, *wanted);
            }
        };
        Ok(match (test, self.fact(fact)) {
            (Test::YesNo(_, wanted), Value::YesNo(yes)) => yes == *wanted,
            (Test::OneOf(_, words), Value::Word(word)) => words.iter().any(|w| w == word),
            (Test::NoneOf(_, words), Value::Word(word)) => words.iter().all(|w| w != word),
            (Test::Range(_, low, high), Value::Number(number)) => (*low..=*high).contains(&number),
            // A fact of another kind than the test's says nothing.
            _ => return Err(self.key(fact)),
        })
    }

    fn amount_in(&self, fact: &'a FactRef, range: &AmountRange) -> Result<bool, Blocked<'a>> {
        if range.currency != self.facts.order().currency {
            return Err(Key::Currency);
        }
        if let Value::Amount(amount) = self.fact(fact) {
            return Ok(range.contains(amount));
        }
        let (least, most) = self.bounds(fact.fact);
        let below = most.is_some_and(|most| most < range.low);
        let above = range.high.is_some_and(|high| least > high);
        let inside =
            range.contains(least) && most.map_or(range.high.is_none(), |most| range.contains(most));
        match (below || above, inside) {
            (true, _) => Ok(false),
            (false, true) => Ok(true),
            (false, false) => Err(self.key(fact)),
        }
    }

    fn happened(&self, event: Event, wanted: bool) -> Result<bool, Blocked<'a>> {
        match self.occurred(event) {
            Some(happened) => Ok(happened == wanted),
            None => Err(self.event(event).1),
        }
    }

    fn in_window(&self, spec: &'a WindowSpec, wanted: Where) -> Result<bool, Blocked<'a>> {
        let window = self.window(spec, &[]);
        window.status.map(|status| falls(status, wanted))
    }

    /// Whether a day is in the calendar at an index of the plan, or is not, as is wanted.
    fn on_day(&self, spec: DaySpec, calendar: usize, wanted: bool) -> Result<bool, Blocked<'a>> {
        let calendar = self.plan.calendars.get(calendar);
        let inside = |day| calendar.is_some_and(|c| c.contains(day));
        Ok(self.day(spec)?.is_some_and(|day| inside(day) == wanted))
    }

    fn not_supplied(&self, fact: &'a FactRef, until: Option<&'a End>) -> Result<bool, Blocked<'a>> {
        let (known, assumed, key) = self.supplied(fact);
        match (known, assumed) {
            (Some(true), _) | (_, Some(true)) => return Ok(false),
            (_, Some(false)) => return Ok(true),
            (None | Some(false), None) => {}
        }
        if known == Some(false)
            && let Some(end) = until
        {
            let passed = match self.end(end).bound {
                Some(crate::domain::verdict::Bound::At(at)) => self.facts.decide_time() >= at,
                Some(crate::domain::verdict::Bound::Between(_, latest)) => {
                    self.facts.decide_time() >= latest
                }
                _ => false,
            };
            if passed {
                return Ok(true);
            }
        }
        Err(key)
    }

    fn in_week(&self, event: Event, part: &WeekPart) -> Result<bool, Blocked<'a>> {
        let (time, key) = self.event(event);
        let at = match time {
            EventTime::At(at) => at,
            EventTime::NotYet => return Ok(false),
            EventTime::On(_) | EventTime::Happened | EventTime::Unknown => return Err(key),
        };
        let (day, clock) = self.zone()?.local(at);
        let now = (day.weekday().num_days_from_monday(), clock);
        let from = match part.from {
            (day, Clock::Instant(time) | Clock::Minute(time)) => (day.num_days_from_monday(), time),
        };
        if now < from {
            return Ok(false);
        }
        let (last_day, last) = (part.to.0.num_days_from_monday(), part.to.1);
        Ok(match last {
            Clock::Instant(time) => now <= (last_day, time),
            Clock::Minute(time) => (now.0, minute(now.1)) <= (last_day, minute(time)),
        })
    }
}

/// Cuts a clock time off to its minute.
fn minute(time: NaiveTime) -> (u32, u32) {
    use chrono::Timelike;
    (time.hour(), time.minute())
}

/// Whether a status is where a test wants the act.
pub(crate) fn falls(status: WindowStatus, wanted: Where) -> bool {
    match wanted {
        Where::Inside => status == WindowStatus::Open,
        Where::Outside => status != WindowStatus::Open,
        // While the last day may have moved, the period is not past for certain.
        Where::Past => status == WindowStatus::Closed,
    }
}

/// Whether a window is past.
pub(crate) fn is_past<'p>(window: &WindowResult<'p>) -> Result<bool, Blocked<'p>> {
    window.status.map(|status| falls(status, Where::Past))
}
