//! Evaluates tests and guards with three results: yes, no, and not known.

use chrono::NaiveTime;

use super::window::Fallen;
use super::world::{Key, Value, World};
use crate::domain::time::EventTime;
use crate::domain::verdict::WindowStatus;
use crate::domain::vocabulary::Class;
use crate::policy::plan::{Bits, GuardMasks, RoutePlan, places};
use crate::policy::terms::{Clock, End, FactRef, Test, WeekPart, Where};

/// Says which unknown fact keeps a test from being decided.
pub(super) type Blocked<'p> = Key<'p>;

/// Whether an unknown fact is a finding, for which the clause says what follows.
pub(super) fn is_finding(key: Key<'_>) -> bool {
    match key {
        Key::Fact(fact, _) => fact.spec().class == Class::Finding,
        Key::Event(..) | Key::Shipment | Key::Zone(_) => false,
    }
}

/// Holds what the tests of a route came to; a bit in neither is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// Tests that hold.
    pub yes: Bits,
    /// Tests that do not.
    pub no: Bits,
    /// Tests that wait for a finding.
    pub finding: Bits,
}

/// Holds what a guard came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// It does not hold.
    No,
    /// It holds.
    Yes,
    /// It waits for these tests.
    Waits(Bits),
}

impl Holds {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, holds) | (holds, Self::Yes) => holds,
            (Self::Waits(a), Self::Waits(b)) => Self::Waits(a | b),
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, holds) | (holds, Self::No) => holds,
            (Self::Waits(a), Self::Waits(b)) => Self::Waits(a | b),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            waits @ Self::Waits(_) => waits,
        }
    }
}

impl Results {
    fn all_of(&self, bits: Bits) -> Holds {
        if bits & self.no != 0 {
            Holds::No
        } else {
            match bits & !self.yes {
                0 => Holds::Yes,
                rest => Holds::Waits(rest),
            }
        }
    }

    /// Evaluates a guard.
    #[inline]
    pub fn guard(&self, guard: &GuardMasks) -> Holds {
        // Most guards fail here.
        if guard.all & self.no != 0 {
            return Holds::No;
        }
        self.rest_of(guard)
    }

    fn rest_of(&self, guard: &GuardMasks) -> Holds {
        let mut holds = self.all_of(guard.all);
        for bits in &guard.unless {
            if holds == Holds::No {
                return holds;
            }
            holds = holds.and(self.all_of(*bits).not());
        }
        if guard.any.is_empty() {
            return holds;
        }
        holds.and(
            guard
                .any
                .iter()
                .fold(Holds::No, |any, bits| any.or(self.all_of(*bits))),
        )
    }

    /// Takes the result of one bit back.
    pub fn clear(&mut self, bit: Bits) {
        self.yes &= !bit;
        self.no &= !bit;
        self.finding &= !bit;
    }

    /// Sets the bit of a test to the opposite of another's.
    pub fn follow(&mut self, of: Bits, opposite: Bits) {
        if self.yes & of != 0 {
            self.no |= opposite;
        } else if self.no & of != 0 {
            self.yes |= opposite;
        } else if self.finding & of != 0 {
            self.finding |= opposite;
        }
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

/// Returns the bit of a test's place.
pub(super) fn bit(place: usize) -> Bits {
    u32::try_from(place)
        .ok()
        .and_then(|shift| Bits::from(1_u8).checked_shl(shift))
        .unwrap_or(0)
}

/// Returns the tests of a set of bits, with their places.
pub(super) fn tests_of(route: &RoutePlan, bits: Bits) -> impl Iterator<Item = (usize, &Test)> {
    places(bits).filter_map(|place| Some((place, route.tests.get(place)?)))
}

impl<'a> World<'a, '_> {
    /// Evaluates a test that names no granting clause's window.
    pub(super) fn test(&self, test: &'a Test) -> Result<bool, Blocked<'a>> {
        match test {
            Test::YesNo(fact, wanted) => self.said(fact, |value| match value {
                Value::YesNo(yes) => Some(yes == *wanted),
                _ => None,
            }),
            Test::OneOf(fact, words) => self.said(fact, |value| match value {
                Value::Word(word) => Some(words.iter().any(|w| w == word)),
                _ => None,
            }),
            Test::NoneOf(fact, words) => self.said(fact, |value| match value {
                Value::Word(word) => Some(words.iter().all(|w| w != word)),
                _ => None,
            }),
            Test::Range(fact, low, high) => self.said(fact, |value| match value {
                Value::Number(number) => Some((*low..=*high).contains(&number)),
                _ => None,
            }),
            Test::Happened(event, wanted) => match self.event(*event) {
                (EventTime::At(_) | EventTime::On(_), _) => Ok(*wanted),
                (EventTime::NotYet, _) => Ok(!*wanted),
                (EventTime::Unknown, _) if event.is_to_come() => Ok(!*wanted),
                (EventTime::Unknown, key) => Err(key),
            },
            Test::NotSupplied(fact, until) => self.not_supplied(fact, until.as_ref()),
            Test::Window(spec, wanted) => {
                let fallen = self.window(spec, &[]);
                fallen.status.map(|status| falls(status, *wanted))
            }
            // A decision evaluates these once the windows of grants are known.
            Test::Past(_) => Ok(false),
            Test::Week(event, part) => self.in_week(*event, part),
            Test::DayIn(spec, calendar, wanted) => {
                let inside = |day| {
                    self.plan
                        .calendars
                        .get(*calendar)
                        .is_some_and(|c| c.contains(day))
                };
                Ok(self.day(*spec)?.is_some_and(|day| inside(day) == *wanted))
            }
        }
    }

    /// Compares a fact; one of another kind than the test's says nothing.
    fn said(
        &self,
        fact: &'a FactRef,
        holds: impl FnOnce(Value<'a>) -> Option<bool>,
    ) -> Result<bool, Blocked<'a>> {
        holds(self.fact(fact)).ok_or_else(|| self.key(fact))
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

    fn in_week(
        &self,
        event: crate::domain::event::Event,
        part: &WeekPart,
    ) -> Result<bool, Blocked<'a>> {
        let (time, key) = self.event(event);
        let at = match time {
            EventTime::At(at) => at,
            EventTime::NotYet => return Ok(false),
            EventTime::On(_) | EventTime::Unknown => return Err(key),
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
pub(super) fn falls(status: WindowStatus, wanted: Where) -> bool {
    match wanted {
        Where::Inside => status == WindowStatus::Open,
        Where::Outside => status != WindowStatus::Open,
        // While the last day may have moved, the period is not past for certain.
        Where::Past => status == WindowStatus::Closed,
    }
}

/// Whether a window is past.
pub(super) fn is_past<'p>(fallen: &Fallen<'p>) -> Result<bool, Blocked<'p>> {
    fallen.status.map(|status| falls(status, Where::Past))
}
