//! Instants and periods as people say them: local, with the zone.

use chrono::DateTime;
use prost_types::Timestamp;
use redress_client::pb;
use redress_client::pb::bound::Kind;

use super::Clauses;
use crate::domain::time::{Instant, Zone};
use crate::domain::verdict::Period;
use crate::domain::vocabulary::Event;
use crate::suite::next_day;

const LOCAL: &str = "%a %-d %b %Y %H:%M:%S";
const FALLBACK_ZONE: &str = "UTC";

/// Writes instants in one zone.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Zone,
}

impl Clock {
    /// Takes the zone of the policy, else of the first window that names one,
    /// else UTC.
    pub fn of(verdict: &pb::Verdict, clauses: &Clauses) -> Self {
        let windows = verdict.rows.iter().flat_map(|row| {
            row.window
                .iter()
                .chain(row.entitlement.iter().flat_map(|e| e.window.iter()))
        });
        let names = windows
            .chain(verdict.alternatives.iter().flat_map(|a| a.window.iter()))
            .map(|window| window.time_zone.as_str());
        Self::first(std::iter::once(clauses.time_zone.as_str()).chain(names))
    }

    /// Takes the first zone that there is, else UTC.
    pub fn first<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let zone = names
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(Zone::from_name)
            .unwrap_or(Zone::Named(chrono_tz::UTC));
        Self { zone }
    }

    /// Writes an instant with the zone.
    pub fn instant(&self, time: &Timestamp) -> String {
        read(time).map_or_else(|| stamp(time), |instant| local(instant, self.zone))
    }

    /// Writes the last moment before an end that is outside.
    fn last_moment(&self, end: &Timestamp) -> String {
        read(end).map_or_else(
            || stamp(end),
            |instant| local(instant.previous(), self.zone),
        )
    }

    /// Writes an end of a period, such as `until Sat 14 Mar 2026 23:59:59
    /// (Europe/Paris)`; `None`: there is no end.
    pub fn until(&self, bound: &pb::Bound) -> Option<String> {
        Some(match bound.kind.as_ref()? {
            Kind::Time(end) => format!("until {}", self.last_moment(end)),
            Kind::Event(event) => format!("until {}", event_word(event)),
            Kind::After(after) => format!("until {}", period(after)),
            Kind::Range(range) => format!(
                "until a moment between {} and {}",
                range
                    .start_time
                    .as_ref()
                    .map_or_else(String::new, |t| self.last_moment(t)),
                range
                    .end_time
                    .as_ref()
                    .map_or_else(String::new, |t| self.last_moment(t)),
            ),
            Kind::Unbounded(_) => return None,
        })
    }

    /// Writes when something is due, such as `by Sat 14 Mar 2026 23:59:59
    /// (Europe/Paris)`, with all that it waits for; `None`: no period is set.
    pub fn due(&self, due: Option<&pb::Bound>, wait: Option<&pb::DueWait>) -> Option<String> {
        let Some(wait) = wait else {
            return self.by(due?);
        };
        let mut parts: Vec<String> = wait.groups.iter().map(|g| self.group(g)).collect();
        if parts.len() > 1 {
            parts.push("the last of these counts".to_owned());
        }
        if let Some(floor) = &wait.not_before_time {
            parts.push(format!("but not before {}", self.last_moment(floor)));
        }
        Some(parts.join("; "))
    }

    /// Writes ends of which the first counts.
    fn group(&self, group: &pb::DueGroup) -> String {
        let mut ends: Vec<String> = group.ends.iter().filter_map(|end| self.by(end)).collect();
        if let Some(limit) = &group.not_after_time {
            ends.push(format!("by {}", self.last_moment(limit)));
        }
        match ends.as_slice() {
            [only] => only.clone(),
            several => format!("{}, whichever is first", several.join(" or ")),
        }
    }

    /// Writes one end by which something is due.
    fn by(&self, bound: &pb::Bound) -> Option<String> {
        match bound.kind.as_ref()? {
            Kind::After(after) if is_same_day(after) => {
                Some(format!("on the day of {}", event_word(&after.event)))
            }
            Kind::After(after) if next_day(after).is_some() => {
                Some(format!("by {}", period(after)))
            }
            Kind::After(after) => Some(format!("within {}", period(after))),
            _ => Some(self.until(bound)?.replacen("until", "by", 1)),
        }
    }

    /// Writes when a period begins; `None`: it always has.
    fn from(&self, bound: &pb::Bound) -> Option<String> {
        Some(match bound.kind.as_ref()? {
            Kind::Time(start) => format!("from {}", self.instant(start)),
            Kind::Event(event) => format!("from {}", event_word(event)),
            Kind::After(after) => format!("from {}", period(after)),
            Kind::Range(range) => format!(
                "from a moment between {} and {}",
                range
                    .start_time
                    .as_ref()
                    .map_or_else(String::new, |t| self.instant(t)),
                range
                    .end_time
                    .as_ref()
                    .map_or_else(String::new, |t| self.instant(t)),
            ),
            Kind::Unbounded(_) => return None,
        })
    }

    /// Writes a window; `None`: it is open at any time. The beginning is said
    /// only where it lies ahead.
    pub fn window(&self, window: &pb::Window) -> Option<String> {
        let clock = Self::first([window.time_zone.as_str()]);
        let clock = if window.time_zone.is_empty() {
            self
        } else {
            &clock
        };
        let opens = window
            .opens
            .as_ref()
            .filter(|_| window.status() == pb::WindowStatus::NotOpenYet)
            .and_then(|bound| clock.from(bound));
        let closes = match window.last_local_moment.as_str() {
            "" => window.closes.as_ref().and_then(|bound| clock.until(bound)),
            last => Some(format!("until {}", local_text(last, &window.time_zone))),
        };
        match (opens, closes) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(opens), Some(closes)) => Some(format!("{opens} {closes}")),
        }
    }
}

/// Names an event for people: as the vocabulary says it, or by its name.
pub fn event_word(name: &str) -> &str {
    match Event::standard(name) {
        Some(event) => event.spec().phrase,
        None => name,
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

/// Writes a period after an event, such as `14 days after receive`.
fn period(after: &pb::AfterEvent) -> String {
    if let Some(next) = next_day(after) {
        return format!("{next} {}", event_word(&after.event));
    }
    let parts: Vec<String> = [
        (after.month_count, "month"),
        (after.day_count, "day"),
        (after.business_day_count, "business day"),
        (after.hour_count, "hour"),
    ]
    .into_iter()
    .filter(|(count, _)| *count != 0)
    .map(|(count, unit)| {
        let count = count.unsigned_abs();
        format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
    })
    .collect();
    let is_back = counts_of(after).iter().any(|count| *count < 0);
    let (less, side) = Period::side(after.exclusive, is_back);
    format!(
        "{less}{} {side} {}",
        parts.join(" and "),
        event_word(&after.event)
    )
    .trim_start()
    .to_owned()
}

/// Writes an instant as RFC 3339 in UTC.
pub fn stamp(time: &Timestamp) -> String {
    read(time).map_or_else(|| format!("{time:?}"), |instant| instant.to_string())
}

fn read(time: &Timestamp) -> Option<Instant> {
    Instant::from_unix(time.seconds, u32::try_from(time.nanos).ok()?)
}

fn local(instant: Instant, zone: Zone) -> String {
    local_text(&instant.local_text(zone).to_string(), &zone.name())
}

/// Writes a local RFC 3339 text for people; the zone's name goes with it.
fn local_text(text: &str, zone: &str) -> String {
    let zone = if zone.is_empty() { FALLBACK_ZONE } else { zone };
    DateTime::parse_from_rfc3339(text).map_or_else(
        |_| text.to_owned(),
        |time| format!("{} ({zone})", time.format(LOCAL)),
    )
}
