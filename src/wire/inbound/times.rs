//! Reads instants, days, zones and the state of events.

use prost_types::Timestamp;
use redress_client::pb;
use redress_client::pb::event_time::State;

use super::reader::{Reader, quote};
use crate::domain::limits::{FIRST_YEAR, LAST_YEAR};
use crate::domain::path::At;
use crate::domain::time::{Day, EventTime, Instant, Zone};
use crate::domain::violation::ViolationKind;

impl Reader {
    /// Reads an instant.
    pub(super) fn instant(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        time: &Timestamp,
    ) -> Option<Instant> {
        let read = instant(time);
        if read.is_none() {
            self.wrong_instant(at, name);
        }
        read
    }

    #[cold]
    fn wrong_instant(&mut self, at: &At<'_>, name: &'static str) {
        let why = format!(
            "is outside the years {FIRST_YEAR} to {LAST_YEAR}, or its `nanos` are not 0 to 999999999"
        );
        self.wrong(at, name, ViolationKind::InvalidTime, why);
    }

    /// Reads a calendar day that may be left out.
    pub(super) fn day(&mut self, at: &At<'_>, name: &'static str, text: &str) -> Option<Day> {
        if text.is_empty() {
            return None;
        }
        let read = day(text);
        if read.is_none() {
            self.wrong_day(at, name, text);
        }
        read
    }

    #[cold]
    fn wrong_day(&mut self, at: &At<'_>, name: &'static str, text: &str) {
        let why = format!(
            "{} is not a day such as `2026-03-14`, of the years {FIRST_YEAR} to {LAST_YEAR}",
            quote(text)
        );
        self.wrong(at, name, ViolationKind::InvalidTime, why);
    }

    /// Reads a time zone that may be left out.
    pub(super) fn zone(&mut self, at: &At<'_>, field: &'static str, name: &str) -> Option<Zone> {
        if name.is_empty() {
            return None;
        }
        let read = Zone::from_name(name);
        if read.is_none() {
            self.wrong_zone(at, field, name);
        }
        read
    }

    #[cold]
    fn wrong_zone(&mut self, at: &At<'_>, field: &'static str, name: &str) {
        let why = format!(
            "{} is not an IANA time zone such as `Europe/Paris`",
            quote(name)
        );
        self.wrong(at, field, ViolationKind::UnknownTimeZone, why);
    }

    /// Reads the state of an event; an absent message is unknown.
    pub(super) fn event(
        &mut self,
        at: &At<'_>,
        name: &'static str,
        time: Option<&pb::EventTime>,
    ) -> EventTime {
        match time {
            Some(time) => self.stated_event(at, name, time),
            None => EventTime::Unknown,
        }
    }

    fn stated_event(&mut self, at: &At<'_>, name: &'static str, time: &pb::EventTime) -> EventTime {
        let pb::EventTime { state } = time;
        let known = match state {
            Some(State::Time(time)) => instant(time).map(EventTime::At),
            Some(State::Date(date)) => day(date).map(EventTime::On),
            Some(State::NotYet(pb::NotYet {})) => Some(EventTime::NotYet),
            Some(State::Happened(pb::Happened {})) => Some(EventTime::Happened),
            None => None,
        };
        known.unwrap_or_else(|| {
            self.wrong_event(at, name, state.as_ref());
            EventTime::Unknown
        })
    }

    /// Records why nothing could be read of an event that is there.
    #[cold]
    fn wrong_event(&mut self, at: &At<'_>, name: &'static str, state: Option<&State>) {
        let event = at.field(name);
        match state {
            Some(State::Time(_)) => self.wrong_instant(&event, "time"),
            Some(State::Date(date)) if date.is_empty() => {
                self.missing(&event, "date", "give a day such as `2026-03-14`");
            }
            Some(State::Date(date)) => self.wrong_day(&event, "date", date),
            Some(State::NotYet(pb::NotYet {}) | State::Happened(pb::Happened {})) => {}
            None => {
                let mend = "set `time`, `date`, `not_yet` or `happened`, or leave the event out if it is unknown";
                self.missing(at, name, mend);
            }
        }
    }
}

/// Reads an instant; `None`: it is outside of what a caller may state.
fn instant(time: &Timestamp) -> Option<Instant> {
    let Timestamp { seconds, nanos } = *time;
    let nanos = u32::try_from(nanos).ok().filter(|n| *n < 1_000_000_000)?;
    Instant::from_unix(seconds, nanos).filter(|instant| instant.in_stated_years())
}

/// Reads a day; `None`: it is none, or outside of what a caller may state.
fn day(text: &str) -> Option<Day> {
    Day::parse(text).filter(|day| day.in_stated_years())
}
