//! Writes windows and their ends.

use redress_client::pb;
use redress_client::pb::bound::Kind;

use super::{Writer, timestamp};
use crate::domain::event::Event;
use crate::domain::time::Zone;
use crate::domain::verdict::{Bound, Period, ReasonCode, Window};
use crate::rpc::enums::{self, Wire};

/// Writes a window with the last local moment inside it.
pub(super) fn window(w: &Writer<'_>, window: &Window) -> pb::Window {
    let Window {
        opens,
        closes,
        review_until,
        act,
        status,
        zone,
    } = window;
    let zone = zone.unwrap_or(w.zone);
    pb::Window {
        opens: Some(bound(*opens)),
        closes: Some(bound(*closes)),
        review_until_time: review_until.map(timestamp),
        act: act.write(),
        status: enums::write(*status),
        last_local_moment: last_local_moment(*closes, zone),
        time_zone: zone.name(),
    }
}

/// Returns what a reason that rests on a window says of it: the last local moment
/// that was inside, or the first that will be, for people to read.
pub(super) fn parameters(
    w: &Writer<'_>,
    code: &str,
    window: &Window,
) -> Vec<(&'static str, String)> {
    let zone = window.zone.unwrap_or(w.zone);
    match (ReasonCode::from_word(code), window.opens, window.closes) {
        (Some(ReasonCode::WindowClosed), _, Bound::At(close)) => {
            vec![("closes", close.previous().local_minute(zone))]
        }
        (Some(ReasonCode::TooEarly), Bound::At(open), _) => {
            vec![("opens", open.local_minute(zone))]
        }
        _ => Vec::new(),
    }
}

fn last_local_moment(closes: Bound, zone: Zone) -> String {
    match closes {
        Bound::At(close) => close.previous().local_text(zone),
        Bound::On(_) | Bound::After(..) | Bound::Between(..) | Bound::Unbounded => String::new(),
    }
}

/// Writes an end of a window, or a due date.
pub(super) fn bound(bound: Bound) -> pb::Bound {
    let kind = match bound {
        Bound::At(instant) => Kind::Time(timestamp(instant)),
        Bound::On(event) => Kind::Event(event.write()),
        Bound::After(event, period) => Kind::After(after(event, period)),
        Bound::Between(start, end) => Kind::Range(pb::TimeRange {
            start_time: Some(timestamp(start)),
            end_time: Some(timestamp(end)),
        }),
        Bound::Unbounded => Kind::Unbounded(pb::Unbounded {}),
    };
    pb::Bound { kind: Some(kind) }
}

fn after(event: Event, period: Period) -> pb::AfterEvent {
    let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let mut after = pb::AfterEvent {
        event: event.write(),
        day_count: 0,
        business_day_count: 0,
        hour_count: 0,
        month_count: 0,
    };
    match period {
        Period::Days(n) => after.day_count = count(n),
        Period::BusinessDays(n) => after.business_day_count = count(n),
        Period::Hours(n) => after.hour_count = count(n),
        Period::Months(n) => after.month_count = count(n),
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Instant;

    #[test]
    fn the_last_local_moment_is_inside_the_window() {
        let close = Instant::parse("2026-03-15T00:00:00+01:00").expect("RFC 3339");
        let paris = Zone::from_name("Europe/Paris").expect("a zone");
        assert_eq!(
            last_local_moment(Bound::At(close), paris),
            "2026-03-14T23:59:59+01:00"
        );
        // A limit that includes its instant closes one nanosecond after it.
        assert_eq!(
            last_local_moment(Bound::At(close.next()), paris),
            "2026-03-15T00:00:00+01:00"
        );
        assert_eq!(last_local_moment(Bound::Unbounded, paris), "");
    }
}
