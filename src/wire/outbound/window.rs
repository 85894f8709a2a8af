//! Writes windows and their ends.

use super::encoder::Encoder;
use super::{RenderContext, tag, timestamp};
use crate::domain::time::Instant;
use crate::domain::verdict::{Act, Bound, Period, PeriodUnit, ReasonCode, Window};
use crate::domain::vocabulary::Event;
use crate::wire::enums;

/// Writes a window with the last local moment inside it.
pub(super) fn window(m: &RenderContext<'_>, to: &mut Encoder, window: Window) {
    use tag::window as t;
    let Window {
        opens,
        closes,
        review_until,
        act,
        status,
        zone,
    } = window;
    let zone = zone.unwrap_or(m.zone);
    to.message(t::OPENS, |to| bound(to, opens));
    to.message(t::CLOSES, |to| bound(to, closes));
    if let Some(until) = review_until {
        timestamp(to, t::REVIEW_UNTIL_TIME, until);
    }
    if !m.compact {
        to.number(t::ACT, enums::act(act));
        if let Act::Event(event) = act {
            to.text(t::ACT_EVENT, event.word());
        }
    }
    to.number(t::STATUS, enums::write(status));
    if m.compact {
        return;
    }
    if let Some(last) = last_moment(closes) {
        to.spelled(t::LAST_LOCAL_MOMENT, &last.local_text(zone));
    }
    to.spelled(t::TIME_ZONE, &zone);
}

/// Returns what a reason that rests on a window says of it: the last local moment
/// that was inside, or the first that will be, for people to read.
pub(super) fn parameters(
    m: &RenderContext<'_>,
    code: &str,
    window: Window,
) -> Vec<(&'static str, String)> {
    let zone = window.zone.unwrap_or(m.zone);
    let minute = |instant: Instant| instant.local_minute(zone).to_string();
    match (ReasonCode::from_word(code), window.opens, window.closes) {
        (Some(ReasonCode::WindowClosed), _, Bound::At(close)) => {
            vec![("closes", minute(close.previous()))]
        }
        (Some(ReasonCode::TooEarly), Bound::At(open), _) => vec![("opens", minute(open))],
        _ => Vec::new(),
    }
}

/// Returns the last moment inside a window that closes so, where it is known.
fn last_moment(closes: Bound) -> Option<Instant> {
    match closes {
        Bound::At(close) => Some(close.previous()),
        Bound::On(_) | Bound::After(..) | Bound::Between(..) | Bound::Unbounded => None,
    }
}

/// Writes an end of a window, or a due date.
pub(super) fn bound(to: &mut Encoder, bound: Bound) {
    use tag::bound as t;
    match bound {
        Bound::At(instant) => timestamp(to, t::TIME, instant),
        Bound::On(event) => to.text(t::EVENT, event.word()),
        Bound::After(event, period) => to.message(t::AFTER, |to| after(to, event, period)),
        Bound::Between(start, end) => to.message(t::RANGE, |to| {
            use tag::time_range as t;
            timestamp(to, t::START_TIME, start);
            timestamp(to, t::END_TIME, end);
        }),
        Bound::Unbounded => to.message(t::UNBOUNDED, |_| ()),
    }
}

fn after(to: &mut Encoder, event: Event, period: Period) {
    use tag::after_event as t;
    let (count, unit, short) = period.parts();
    let tag = match unit {
        PeriodUnit::Days => t::DAY_COUNT,
        PeriodUnit::BusinessDays => t::BUSINESS_DAY_COUNT,
        PeriodUnit::Hours => t::HOUR_COUNT,
        PeriodUnit::Months => t::MONTH_COUNT,
        PeriodUnit::DaysOfMonth => t::DAY_OF_MONTH,
    };
    to.text(t::EVENT, event.word());
    to.number(tag, count);
    to.flag(t::EXCLUSIVE, short);
    if let Period::Next(next) = period {
        to.number(t::MONTH_OF_YEAR, next.month.unwrap_or_default());
        to.flag(t::SAME_DAY, next.same_day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Zone;

    fn last_local_moment(closes: Bound, zone: Zone) -> Option<String> {
        last_moment(closes).map(|last| last.local_text(zone).to_string())
    }

    #[test]
    fn the_last_local_moment_is_inside_the_window() {
        let close = Instant::parse("2026-03-15T00:00:00+01:00").expect("RFC 3339");
        let paris = Zone::from_name("Europe/Paris").expect("a zone");
        assert_eq!(
            last_local_moment(Bound::At(close), paris).as_deref(),
            Some("2026-03-14T23:59:59+01:00")
        );
        // A limit that includes its instant closes one nanosecond after it.
        assert_eq!(
            last_local_moment(Bound::At(close.next()), paris).as_deref(),
            Some("2026-03-15T00:00:00+01:00")
        );
        assert_eq!(last_local_moment(Bound::Unbounded, paris), None);
    }
}
