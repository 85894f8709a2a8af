//! Instants and periods as people say them: local, with the zone, in their language.

use chrono::{DateTime, NaiveDateTime};
use prost_types::Timestamp;
use redress_client::pb;
use redress_client::pb::bound::Kind;

use super::Clauses;
use crate::domain::time::{Instant, Zone};
use crate::domain::verdict::NextDay;
use crate::suite::next_day;
use crate::text::Localizer;

const FALLBACK_ZONE: &str = "UTC";

/// Writes instants in one zone and one language.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Zone,
    localizer: Localizer<'static>,
    names_zone: bool,
}

impl Clock {
    /// Takes the zone of the policy, else of the first window that names one,
    /// else UTC.
    pub fn of(verdict: &pb::Verdict, clauses: &Clauses, localizer: Localizer<'static>) -> Self {
        let windows = verdict.rows.iter().flat_map(|row| {
            row.window
                .iter()
                .chain(row.entitlement.iter().flat_map(|e| e.window.iter()))
        });
        let names = windows
            .chain(verdict.alternatives.iter().flat_map(|a| a.window.iter()))
            .map(|window| window.time_zone.as_str());
        let names = std::iter::once(clauses.time_zone.as_str()).chain(names);
        Self::first(names, localizer)
    }

    /// Takes the first zone that there is, else UTC.
    pub fn first<'a>(
        names: impl IntoIterator<Item = &'a str>,
        localizer: Localizer<'static>,
    ) -> Self {
        let zone = names
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(Zone::from_name)
            .unwrap_or(Zone::Named(chrono_tz::UTC));
        Self {
            zone,
            localizer,
            names_zone: true,
        }
    }

    /// Says whether the zone is named with each time; else it is taken for granted.
    pub fn naming_zone(self, names_zone: bool) -> Self {
        Self { names_zone, ..self }
    }

    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.localizer.fill("period", key, values)
    }

    /// Writes an instant with the zone.
    pub fn instant(&self, time: &Timestamp) -> String {
        read(time).map_or_else(|| stamp(time), |instant| self.local(instant))
    }

    /// Writes the last moment before an end that is outside.
    fn last_moment(&self, end: &Timestamp) -> String {
        read(end).map_or_else(|| stamp(end), |instant| self.local(instant.previous()))
    }

    fn local(&self, instant: Instant) -> String {
        let text = instant.local_text(self.zone).to_string();
        self.local_text(&text, &self.zone.name())
    }

    /// Writes a local RFC 3339 text for people; the zone's name goes with it.
    fn local_text(&self, text: &str, zone: &str) -> String {
        let zone = if zone.is_empty() { FALLBACK_ZONE } else { zone };
        let local: Option<NaiveDateTime> = DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.naive_local());
        local.map_or_else(
            || text.to_owned(),
            |local| match self.names_zone {
                true => format!("{} ({zone})", self.localizer.moment(local)),
                false => self.localizer.moment(local),
            },
        )
    }

    /// Writes an end of a period, such as `until Sat 14 Mar 2026, 23:59 (Europe/Paris)`,
    /// with the words for a time and for anything else; `None`: there is no end.
    fn end(
        &self,
        bound: &pb::Bound,
        (time, other): (&str, &str),
        moment: impl Fn(&Timestamp) -> String,
    ) -> Option<String> {
        let (key, end) = match bound.kind.as_ref()? {
            Kind::Time(end) => (time, moment(end)),
            Kind::Event(event) => (other, self.localizer.event(event).to_owned()),
            Kind::After(after) => (other, self.period(after)),
            Kind::Range(range) => {
                let shown = |t: &Option<Timestamp>| t.as_ref().map(&moment).unwrap_or_default();
                let (start, end) = (shown(&range.start_time), shown(&range.end_time));
                let values = [("start", start.as_str()), ("end", end.as_str())];
                (other, self.say("between", &values))
            }
            Kind::Unbounded(_) => return None,
        };
        Some(self.say(key, &[("end", &end)]))
    }

    /// Writes when something is due, such as `by Sat 14 Mar 2026, 23:59 (Europe/Paris)`,
    /// with all that it waits for; `None`: no period is set.
    pub fn due(&self, due: Option<&pb::Bound>, wait: Option<&pb::DueWait>) -> Option<String> {
        let Some(wait) = wait else {
            return self.by(due?);
        };
        let mut parts: Vec<String> = wait.groups.iter().map(|g| self.group(g)).collect();
        if parts.len() > 1 {
            parts.push(self.say("last_counts", &[]));
        }
        if let Some(floor) = &wait.not_before_time {
            parts.push(self.say("not_before", &[("end", &self.last_moment(floor))]));
        }
        Some(parts.join("; "))
    }

    /// Writes ends of which the first counts.
    fn group(&self, group: &pb::DueGroup) -> String {
        let mut ends: Vec<String> = group.ends.iter().filter_map(|end| self.by(end)).collect();
        if let Some(limit) = &group.not_after_time {
            ends.push(self.say("by_time", &[("end", &self.last_moment(limit))]));
        }
        match ends.as_slice() {
            [only] => only.clone(),
            several => {
                let or = format!(" {} ", self.localizer.label("period", "or"));
                self.say("whichever_first", &[("ends", &several.join(&or))])
            }
        }
    }

    /// Writes one end by which something is due.
    fn by(&self, bound: &pb::Bound) -> Option<String> {
        match bound.kind.as_ref()? {
            Kind::After(after) if is_same_day(after) => {
                let event = self.localizer.event(&after.event);
                Some(self.say("on_day", &[("event", event)]))
            }
            Kind::After(after) if next_day(after).is_none() => {
                Some(self.say("within", &[("end", &self.period(after))]))
            }
            _ => self.end(bound, ("by_time", "by"), |end| self.last_moment(end)),
        }
    }

    /// Writes a window; `None`: it is open at any time. The beginning is said
    /// only where it lies ahead.
    pub fn window(&self, window: &pb::Window) -> Option<String> {
        let clock = Self::first([window.time_zone.as_str()], self.localizer);
        let clock = clock.naming_zone(self.names_zone);
        let clock = if window.time_zone.is_empty() {
            self
        } else {
            &clock
        };
        let opens = window
            .opens
            .as_ref()
            .filter(|_| window.status() == pb::WindowStatus::NotOpenYet)
            .and_then(|bound| clock.end(bound, ("from_time", "from"), |t| clock.instant(t)));
        let closes = match window.last_local_moment.as_str() {
            "" => window.closes.as_ref().and_then(|bound| {
                clock.end(bound, ("until_time", "until"), |end| clock.last_moment(end))
            }),
            last => {
                let end = clock.local_text(last, &window.time_zone);
                Some(clock.say("until_time", &[("end", &end)]))
            }
        };
        match (opens, closes) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(from), Some(until)) => {
                Some(clock.say("both", &[("from", &from), ("until", &until)]))
            }
        }
    }

    /// Writes a period after an event, such as `14 days after receipt of the goods`.
    fn period(&self, after: &pb::AfterEvent) -> String {
        let event = self.localizer.event(&after.event);
        if let Some(next) = next_day(after) {
            return self.day_after(next, event);
        }
        let units = [
            (after.month_count, "month"),
            (after.day_count, "day"),
            (after.business_day_count, "business_day"),
            (after.hour_count, "hour"),
        ];
        let parts: Vec<String> = units
            .into_iter()
            .filter(|(count, _)| *count != 0)
            .map(|(count, unit)| {
                let count = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
                self.localizer.count("count", unit, count)
            })
            .collect();
        let is_back = counts_of(after).iter().any(|count| *count < 0);
        let key = match (after.exclusive, is_back) {
            _ if parts.is_empty() => "just_after",
            (false, false) => "after",
            (false, true) => "before",
            (true, false) => "short_after",
            (true, true) => "short_before",
        };
        let and = format!(" {} ", self.localizer.label("period", "and"));
        let values = [("length", parts.join(&and)), ("event", event.to_owned())];
        self.say(key, &values.each_ref().map(|(name, v)| (*name, v.as_str())))
    }

    /// Writes the day of a month or year that follows an event.
    fn day_after(&self, next: NextDay, event: &str) -> String {
        let day = next.day.to_string();
        let month = next.month.and_then(|month| {
            let months = self.localizer.label("date", "months").split(' ');
            let before = usize::try_from(month.checked_sub(1)?).ok()?;
            months.into_iter().nth(before)
        });
        let day = match month {
            Some(month) => format!("{day} {month}"),
            None => self.say("day_of_month", &[("day", &day)]),
        };
        let key = if next.same_day {
            "first_day"
        } else {
            "next_day"
        };
        let end = self.say(key, &[("day", &day), ("event", event)]);
        match next.short {
            true => self.say("start_of", &[("end", &end)]),
            false => end,
        }
    }
}

/// Whether a period has no length: it ends with the day of its event.
fn is_same_day(after: &pb::AfterEvent) -> bool {
    counts_of(after) == [0; 4] && after.day_of_month == 0
}

/// Returns how many there are of each unit.
fn counts_of(after: &pb::AfterEvent) -> [i32; 4] {
    [
        after.day_count,
        after.business_day_count,
        after.hour_count,
        after.month_count,
    ]
}

/// Writes an instant as RFC 3339 in UTC.
pub fn stamp(time: &Timestamp) -> String {
    read(time).map_or_else(|| format!("{time:?}"), |instant| instant.to_string())
}

fn read(time: &Timestamp) -> Option<Instant> {
    Instant::from_unix(time.seconds, u32::try_from(time.nanos).ok()?)
}
