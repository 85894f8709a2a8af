//! Writes ends and due dates as cases state them.

use redress_client::pb;
use redress_client::pb::bound::Kind;

use crate::domain::time::Instant;
use crate::domain::verdict::{NextDay, Period};

/// Writes an end: `event:E`, `after:E`, an instant, a range, or `never`.
pub(super) fn bound(bound: Option<&pb::Bound>) -> String {
    match bound.and_then(|b| b.kind.as_ref()) {
        Some(Kind::Time(time)) => instant(time),
        Some(Kind::Event(e)) => format!("event:{}", e),
        Some(Kind::After(after)) => format!("after:{}", after.event),
        Some(Kind::Range(range)) => {
            let text = |t: Option<&prost_types::Timestamp>| t.map(instant).unwrap_or_default();
            format!(
                "{}..{}",
                text(range.start_time.as_ref()),
                text(range.end_time.as_ref())
            )
        }
        Some(Kind::Unbounded(_)) => "never".to_owned(),
        None => "none".to_owned(),
    }
}

/// Writes a due date: an end, or the latest of the parts that it waits for, with a
/// semicolon between them: `first of 14 days after receive, 14 days after proof; not
/// before INSTANT`.
pub(super) fn due(at_latest: Option<&pb::Bound>, wait: Option<&pb::DueWait>) -> String {
    let Some(wait) = wait else {
        return bound(at_latest);
    };
    let mut parts: Vec<String> = wait.groups.iter().map(group).collect();
    if let Some(floor) = &wait.not_before_time {
        parts.push(format!("not before {}", instant(floor)));
    }
    parts.join("; ")
}

fn group(group: &pb::DueGroup) -> String {
    let mut ends: Vec<String> = group.ends.iter().map(waiting).collect();
    ends.extend(group.not_after_time.as_ref().map(instant));
    match ends.as_slice() {
        [only] => only.clone(),
        several => format!("first of {}", several.join(", ")),
    }
}

/// Writes an end that waits with its period.
fn waiting(end: &pb::Bound) -> String {
    match &end.kind {
        Some(Kind::After(after)) => period(after),
        _ => bound(Some(end)),
    }
}

/// Returns the day of a month or year up to which a period goes; `None`: it is counted.
pub fn next_day(after: &pb::AfterEvent) -> Option<NextDay> {
    (after.day_of_month != 0).then_some(NextDay {
        month: Some(after.month_of_year).filter(|month| *month != 0),
        day: after.day_of_month,
        same_day: after.same_day,
        short: after.exclusive,
    })
}

/// Writes a period after an event; one without length ends with the day.
fn period(after: &pb::AfterEvent) -> String {
    if let Some(next) = next_day(after) {
        return format!("{next} {}", after.event);
    }
    let counts = [
        (after.business_day_count, "business days"),
        (after.hour_count, "hours"),
        (after.month_count, "months"),
    ];
    let (count, unit) = counts
        .into_iter()
        .find(|(count, _)| *count != 0)
        .unwrap_or((after.day_count, "days"));
    let (less, side) = Period::side(after.exclusive, count < 0);
    format!(
        "{less}{} {unit} {side} {}",
        count.unsigned_abs(),
        after.event
    )
}

pub(super) fn instant(time: &prost_types::Timestamp) -> String {
    let nanos = u32::try_from(time.nanos).unwrap_or(0);
    Instant::from_unix(time.seconds, nanos)
        .map(|at| at.to_string())
        .unwrap_or_default()
}
