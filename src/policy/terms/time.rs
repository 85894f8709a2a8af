//! Windows and ends: when something is possible.

use chrono::{NaiveTime, Weekday};

use super::{Events, FactRef};
use crate::domain::time::Day;
use crate::domain::verdict::{Act, Period};
use crate::domain::vocabulary::Event;

/// States where an act must fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Where {
    /// Inside.
    Inside,
    /// Before or after.
    Outside,
    /// After.
    Past,
}

/// States a part of the week in the policy's zone, both ends inclusive; it does
/// not wrap around Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeekPart {
    /// First weekday and clock time.
    pub from: (Weekday, Clock),
    /// Last weekday and clock time.
    pub to: (Weekday, Clock),
}

/// States a clock limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The instant: as an end it is inside, anything later is not.
    Instant(NaiveTime),
    /// The whole minute: as an end, up to its last instant.
    Minute(NaiveTime),
}

/// States a local day: that of an event, or the next weekday on or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DaySpec {
    /// The event.
    pub of: Event,
    /// The weekday to go on to; the day itself counts.
    pub next: Option<Weekday>,
}

/// States a window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowSpec {
    /// When it opens: with the first instant outside of this end, of which an event is one;
    /// `None`: it always was open.
    pub opens: Option<End>,
    /// When it closes.
    pub closes: End,
    /// The act that has to fall inside.
    pub act: Act,
    /// Whether a late act is reviewed up to the next working day of a calendar.
    pub roll: Option<Roll>,
    /// Whose days they are.
    pub zone: WindowZone,
}

/// States in whose zone the days of a window begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WindowZone {
    /// The policy's.
    #[default]
    Policy,
    /// The customer's own.
    Customer,
}

/// States that the last day of a period moves to a working day if it is not one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Roll {
    /// The calendar: a day of rest or a day of the set is no working day.
    pub calendar: usize,
    /// The end of the period that rolls; `None`: the window's own.
    pub of: Option<End>,
}

/// States an end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Never.
    Never,
    /// A period after an event.
    After(Event, Period, Option<usize>),
    /// The event itself: what happens before it is inside.
    Before(Event),
    /// A clock time on a day.
    Clock(DaySpec, Clock),
    /// The end of a date; with `true` its start.
    Date(Day, bool),
    /// A period after an event, of which a fact says how long it is.
    Stated(Event, Box<StatedPeriod>),
    /// The latest of several.
    Latest(Vec<End>),
    /// The earliest of several.
    Earliest(Vec<End>),
}

impl WindowSpec {
    /// Returns the events that it reads.
    pub fn events(&self) -> Events {
        let opens = self.opens.as_ref().map_or(0, End::events);
        let act = self.act.event().map_or(0, Event::bit);
        let roll = self.roll.as_ref().and_then(|roll| roll.of.as_ref());
        opens | act | self.closes.events() | roll.map_or(0, End::events)
    }

    /// Returns the periods of which facts say how long they are, with the events that they
    /// count from.
    pub fn stated(&self) -> Vec<(Event, &StatedPeriod)> {
        let roll = self.roll.as_ref().and_then(|roll| roll.of.as_ref());
        let ends = self.opens.iter().chain(roll).chain([&self.closes]);
        ends.flat_map(End::stated).collect()
    }
}

impl End {
    /// Returns the events that it counts from.
    pub fn events(&self) -> Events {
        match self {
            Self::Never | Self::Date(..) => 0,
            Self::Before(event) | Self::After(event, ..) | Self::Stated(event, _) => event.bit(),
            Self::Clock(day, _) => day.of.bit(),
            Self::Latest(ends) | Self::Earliest(ends) => {
                ends.iter().fold(0, |set, end| set | end.events())
            }
        }
    }

    /// Returns the periods of which facts say how long they are, with the events that they
    /// count from.
    pub fn stated(&self) -> Vec<(Event, &StatedPeriod)> {
        match self {
            Self::Stated(event, period) => vec![(*event, period.as_ref())],
            Self::Latest(ends) | Self::Earliest(ends) => {
                ends.iter().flat_map(Self::stated).collect()
            }
            Self::Never | Self::Before(_) | Self::After(..) | Self::Clock(..) | Self::Date(..) => {
                Vec::new()
            }
        }
    }
}

/// States a period of which a fact says how long it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatedPeriod {
    /// The fact, a number.
    pub fact: FactRef,
    /// The least that counts: where the fact is less, the period is so long.
    pub at_least: i32,
    /// The most that counts.
    pub at_most: i32,
    /// One of what is counted, on the side of the event on which the period lies.
    pub one: Period,
    /// The calendar that counts business days.
    pub calendar: Option<usize>,
}

impl StatedPeriod {
    /// Returns the period that a number makes.
    pub fn of(&self, number: i64) -> Period {
        let least = i64::from(self.at_least);
        let most = i64::from(self.at_most).max(least);
        let count = i32::try_from(number.clamp(least, most)).unwrap_or(self.at_most);
        self.one.times(count)
    }

    /// Returns the shortest period.
    pub fn least(&self) -> Period {
        self.of(i64::from(self.at_least))
    }

    /// Returns the longest period.
    pub fn most(&self) -> Period {
        self.of(i64::from(self.at_most))
    }
}
