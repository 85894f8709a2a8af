//! Computes ends and windows, and where an act falls.

use super::context::Counted;
use super::untimed::joined;
use super::world::{Key, ORDER_LEVEL, World};
use crate::domain::time::{Day, EventTime, Instant, Zone};
use crate::domain::verdict::{Act, Bound, Period, Window, WindowStatus};
use crate::domain::vocabulary::Event;
use crate::policy::terms::{Clock, DaySpec, End, Roll, StatedPeriod, WindowSpec, WindowZone};

/// Holds a computed end, with what keeps it from being exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndValue<'p> {
    /// The end.
    pub bound: Option<Bound>,
    /// The fact that makes it exact, where it is unknown or a range.
    pub key: Option<Key<'p>>,
}

impl<'p> EndValue<'p> {
    fn known(bound: Bound) -> Self {
        Self {
            bound: Some(bound),
            key: None,
        }
    }

    fn unknown(key: Key<'p>) -> Self {
        Self {
            bound: None,
            key: Some(key),
        }
    }
}

/// Holds a window and where its act fell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowResult<'p> {
    /// The window as it can be shown; `None`: an end is unknown.
    pub window: Option<Window>,
    /// Where the act fell, or the fact that tells.
    pub status: Result<WindowStatus, Key<'p>>,
}

impl WindowResult<'_> {
    /// Returns where the act fell as it is told: nobody is told to come back for a window that
    /// closes before it opens. Tests go by the ends: what such a window ends with is not past
    /// yet. `None`: not known.
    pub(crate) fn told(&self) -> Option<WindowStatus> {
        match (self.status.ok()?, &self.window) {
            (WindowStatus::NotOpenYet, Some(window)) if window.is_never_open() => {
                Some(WindowStatus::Closed)
            }
            (status, _) => Some(status),
        }
    }
}

impl<'a> World<'a, '_> {
    /// Computes an end: the first instant outside.
    pub(crate) fn end(&self, end: &End) -> EndValue<'a> {
        if self.shown
            && let Some(between) = self.end_between(end)
        {
            return between;
        }
        match end {
            End::Never => EndValue::known(Bound::Unbounded),
            End::Before(event) => self.before(*event),
            End::After(event, period, calendar) => self.after(*event, *period, *calendar),
            End::Stated(event, of) => self.stated_end(*event, of),
            End::Clock(day, clock) => self.clock_end(*day, *clock),
            End::Date(day, short) => self.in_zone(|zone| {
                let end = day.plus_days(i64::from(!short)).start(zone);
                (end, end)
            }),
            End::Latest(ends) => self.extreme(ends, true),
            End::Earliest(ends) => self.extreme(ends, false),
        }
    }

    /// Reads an event that something is counted from. A statement of which only
    /// the receipt is known counts from the receipt, and an event to come has not
    /// happened while nobody says so and nothing after it has.
    fn anchor(&self, event: Event) -> (EventTime, Key<'a>) {
        match self.event(event) {
            (time, key)
                if event == Event::StatementSend
                    && (matches!(time, EventTime::Unknown | EventTime::Happened)
                        || self.is_assumed(key)) =>
            {
                (EventTime::At(self.facts.request().request_time), key)
            }
            (EventTime::Unknown | EventTime::Happened, key)
                if self.shown || self.occurred(event) == Some(false) =>
            {
                (EventTime::NotYet, key)
            }
            other => other,
        }
    }

    fn before(&self, event: Event) -> EndValue<'a> {
        match self.anchor(event) {
            (EventTime::Unknown | EventTime::Happened, key) => EndValue::unknown(key),
            (EventTime::NotYet, _) => EndValue::known(Bound::On(event)),
            (EventTime::At(at), _) => EndValue::known(Bound::At(at)),
            // A planned day takes place at its start, wherever that is.
            (EventTime::On(day), key) if event.is_planned() => EndValue {
                bound: Some(Bound::Between(
                    day.start(Zone::earliest()),
                    day.start(Zone::latest()),
                )),
                key: Some(key),
            },
            (EventTime::On(day), key) => match self.zone() {
                Ok(zone) => EndValue {
                    bound: Some(Bound::Between(
                        day.start(zone),
                        day.plus_days(1).start(zone),
                    )),
                    key: Some(key),
                },
                Err(zone_key) => EndValue {
                    bound: Some(Bound::Between(
                        day.start(Zone::earliest()),
                        day.plus_days(1).start(Zone::latest()),
                    )),
                    key: Some(zone_key),
                },
            },
        }
    }

    pub(crate) fn after(
        &self,
        event: Event,
        period: Period,
        calendar: Option<usize>,
    ) -> EndValue<'a> {
        let (time, key) = self.anchor(event);
        match time {
            EventTime::Unknown | EventTime::Happened => EndValue::unknown(key),
            EventTime::NotYet => EndValue::known(Bound::After(event, period)),
            EventTime::At(from) => match period {
                Period::Hours(hours) => {
                    EndValue::known(Bound::At(from.plus_hours(i64::from(hours)).next()))
                }
                Period::ShortHours(hours) => {
                    EndValue::known(Bound::At(from.plus_hours(i64::from(hours))))
                }
                Period::Days(days) => self.in_zone(|zone| {
                    let end = zone.end_of_day(from, days);
                    (end, end)
                }),
                Period::Months(_)
                | Period::BusinessDays(_)
                | Period::ShortDays(_)
                | Period::ShortMonths(_)
                | Period::ShortBusinessDays(_)
                | Period::Next(_) => self.in_zone(|zone| {
                    let counted = Counted {
                        from,
                        zone,
                        period,
                        calendar,
                    };
                    let end = self.scratch.end(counted, || {
                        let last = self.last_day(zone.day_of(from), period, calendar);
                        last.plus_days(1).start(zone)
                    });
                    (end, end)
                }),
            },
            EventTime::On(day) => match period {
                Period::Hours(hours) | Period::ShortHours(hours) => {
                    let hours = i64::from(hours);
                    let end = |from: Instant| match period {
                        Period::ShortHours(_) => from.plus_hours(hours),
                        Period::Days(_)
                        | Period::BusinessDays(_)
                        | Period::Hours(_)
                        | Period::Months(_)
                        | Period::ShortDays(_)
                        | Period::ShortMonths(_)
                        | Period::ShortBusinessDays(_)
                        | Period::Next(_) => from.plus_hours(hours).next(),
                    };
                    let range = |zone: Zone| {
                        let earliest = end(day.start(zone));
                        // A planned day takes place at its start, wherever that is.
                        let latest = match event.is_planned() {
                            true => earliest,
                            false => end(day.plus_days(1).start(zone).previous()),
                        };
                        (earliest, latest)
                    };
                    let value = self.in_zone(range);
                    EndValue {
                        key: Some(key),
                        ..value
                    }
                }
                Period::Days(_)
                | Period::BusinessDays(_)
                | Period::Months(_)
                | Period::ShortDays(_)
                | Period::ShortMonths(_)
                | Period::ShortBusinessDays(_)
                | Period::Next(_) => self.in_zone(|zone| {
                    let end = self
                        .last_day(day, period, calendar)
                        .plus_days(1)
                        .start(zone);
                    (end, end)
                }),
            },
        }
    }

    /// Computes the end of a period of which a fact says how long it is.
    fn stated_end(&self, event: Event, of: &StatedPeriod) -> EndValue<'a> {
        let (period, key) = match self.number(of.fact.fact) {
            Ok(number) => (of.of(number), None),
            Err(key) => (of.least(), Some(key)),
        };
        let value = self.after(event, period, of.calendar);
        match (key, value.bound) {
            // What waits for the event waits whatever the fact says.
            (None, _) | (_, None | Some(Bound::After(..))) => value,
            (Some(key), _) => EndValue::unknown(key),
        }
    }

    /// Computes an end in the zone, or in all zones of the world where it is unknown.
    fn in_zone(&self, compute: impl Fn(Zone) -> (Instant, Instant)) -> EndValue<'a> {
        match self.zone() {
            Ok(zone) => {
                let (earliest, latest) = compute(zone);
                let bound = if earliest == latest {
                    Bound::At(earliest)
                } else {
                    Bound::Between(earliest, latest)
                };
                EndValue::known(bound)
            }
            Err(key) => {
                let (a, b) = (compute(Zone::earliest()), compute(Zone::latest()));
                EndValue {
                    bound: Some(Bound::Between(a.0.min(b.0), a.1.max(b.1))),
                    key: Some(key),
                }
            }
        }
    }

    /// Returns the last day of a period that starts on a day.
    pub(crate) fn last_day(&self, day: Day, period: Period, calendar: Option<usize>) -> Day {
        match period {
            Period::Days(days) => day.plus_days(i64::from(days)),
            Period::Months(months) => day.plus_months_clamped(months),
            Period::BusinessDays(days) => calendar
                .and_then(|c| self.plan.calendars.get(c))
                .map_or(day, |c| c.plus_business_days(day, days)),
            Period::ShortBusinessDays(days) => self
                .last_day(day, Period::BusinessDays(days), calendar)
                .plus_days(-1),
            Period::Next(next) => next.last_day(day),
            Period::ShortDays(days) => day.plus_days(i64::from(days).saturating_sub(1)),
            Period::ShortMonths(months) => day.plus_months_clamped(months).plus_days(-1),
            Period::Hours(_) | Period::ShortHours(_) => day,
        }
    }

    /// Returns the day that a day spec names; an error names what is unknown.
    pub(crate) fn day(&self, spec: DaySpec) -> Result<Option<Day>, Key<'a>> {
        let day = match self.anchor(spec.of) {
            (EventTime::Unknown | EventTime::Happened, key) => return Err(key),
            (EventTime::NotYet, _) => return Ok(None),
            (EventTime::At(at), _) => self.zone()?.day_of(at),
            (EventTime::On(day), _) => day,
        };
        Ok(Some(
            spec.next.map_or(day, |weekday| day.on_or_after(weekday)),
        ))
    }

    fn clock_end(&self, spec: DaySpec, clock: Clock) -> EndValue<'a> {
        let on_day = EndValue::known(Bound::After(spec.of, Period::Days(0)));
        match (self.zone(), self.day(spec)) {
            (Err(_), _) | (_, Err(_)) if self.shown => on_day,
            (Err(key), _) | (_, Err(key)) => EndValue::unknown(key),
            (Ok(_), Ok(None)) => on_day,
            (Ok(zone), Ok(Some(day))) => EndValue::known(Bound::At(clock_close(zone, day, clock))),
        }
    }

    fn extreme(&self, ends: &[End], latest: bool) -> EndValue<'a> {
        let mut best: Option<EndValue<'a>> = None;
        for end in ends {
            let value = self.end(end);
            if value.bound.is_none() {
                return value;
            }
            best = Some(match best {
                None => value,
                Some(old) if later(&value, &old) == latest => value,
                Some(old) => old,
            });
        }
        best.unwrap_or(EndValue::known(Bound::Unbounded))
    }

    /// Computes a window and where its act falls; `moved` are ends to which
    /// extensions move it, if they are later.
    pub(crate) fn window(&self, spec: &WindowSpec, moved: &[EndValue<'a>]) -> WindowResult<'a> {
        if spec.zone == WindowZone::Customer && !self.at_home {
            let home = World {
                at_home: true,
                ..*self
            };
            return home.window(spec, moved);
        }
        let mut closes = self.end(&spec.closes);
        for end in moved {
            if closes.bound.is_none() || end.bound.is_none() {
                closes = if closes.bound.is_none() { closes } else { *end };
                break;
            }
            if later(end, &closes) {
                closes = *end;
            }
        }
        let opens = self.opens(spec.opens.as_ref());
        let act = self.act(spec.act);
        let status = match self.act_as_known(spec.act) {
            Some(known) => fall(&opens, &closes, known).or_else(|_| fall(&opens, &closes, act)),
            None => fall(&opens, &closes, act),
        };
        let rolled = spec
            .roll
            .as_ref()
            .and_then(|roll| self.moved_to_working_day(roll, &closes));
        let (status, review_until) = match (status, rolled) {
            (Ok(WindowStatus::Closed), Some(until)) => match act {
                ActTime::At(at) if at < until => (Ok(WindowStatus::Review), Some(until)),
                ActTime::At(_) | ActTime::UpTo(..) | ActTime::Between(..) | ActTime::Unknown(_) => {
                    (Ok(WindowStatus::Closed), Some(until))
                }
            },
            (status, until) => (status, until),
        };
        let window = opens.bound.zip(closes.bound).map(|(opens, closes)| Window {
            opens,
            closes,
            review_until,
            act: spec.act,
            status: status.ok(),
            zone: self.zone().ok(),
        });
        WindowResult { window, status }
    }

    fn opens(&self, opens: Option<&End>) -> EndValue<'a> {
        let event = match opens {
            None => return EndValue::known(Bound::Unbounded),
            Some(End::Before(event)) => *event,
            Some(end) => {
                let mut value = self.end(end);
                // It opens with the day that it leaves out of the end.
                if let Some(Bound::After(event, period)) = value.bound {
                    value.bound = Some(Bound::After(event, period.whole()));
                }
                return value;
            }
        };
        if self.shown
            && let Some(span) = self.span(event)
        {
            return EndValue::known(joined(span.first, span.last));
        }
        match self.anchor(event) {
            (EventTime::Unknown | EventTime::Happened, key) => EndValue::unknown(key),
            (EventTime::NotYet, _) => EndValue::known(Bound::On(event)),
            (EventTime::At(at), _) => EndValue::known(Bound::At(at)),
            // What happens on the day of the event is not too early.
            (EventTime::On(day), _) => {
                let zone = self.zone().unwrap_or_else(|_| Zone::earliest());
                EndValue::known(Bound::At(day.start(zone)))
            }
        }
    }

    /// Returns the end of the rolled period, where the last day is no working
    /// day and the rolled end is later than the window's.
    fn moved_to_working_day(&self, roll: &Roll, closes: &EndValue<'a>) -> Option<Instant> {
        let zone = self.zone().ok()?;
        let calendar = self.plan.calendars.get(roll.calendar)?;
        let end = roll.of.as_ref().map_or(*closes, |end| self.end(end));
        let (Some(Bound::At(end)), Some(Bound::At(close))) = (end.bound, closes.bound) else {
            return None;
        };
        let last = zone.day_of(end.previous());
        let moved = calendar.business_on_or_after(last);
        let until = moved.plus_days(1).start(zone);
        (moved != last || roll.of.is_some())
            .then_some(until)
            .filter(|until| *until > close)
    }

    /// Reads an act without what is assumed of it: what was sent at an unknown time and
    /// received in time is in time, whenever it was sent. `None`: nothing is assumed.
    fn act_as_known(&self, act: Act) -> Option<ActTime<'a>> {
        let event = act.event()?;
        let of_act = |key: &Key<'_>| matches!(key, Key::Event(of, _) if *of == event);
        if !self.assumed.iter().any(|(key, _)| of_act(key)) {
            return None;
        }
        let assumed = self.assumed.iter().filter(|(key, _)| !of_act(key));
        let assumed: Vec<_> = assumed.cloned().collect();
        let world = World {
            assumed: &assumed,
            ..*self
        };
        Some(world.act(act))
    }

    /// Reads when the act of a window took place. An act that lies ahead is no
    /// earlier than the instant of deciding; one that something after it implies is no
    /// later than that.
    pub(crate) fn act(&self, act: Act) -> ActTime<'a> {
        let request = self.facts.request();
        let of = |event: Event| match self.event(event) {
            (EventTime::At(at), _) => ActTime::At(at),
            (EventTime::NotYet, _) => ActTime::At(self.facts.decide_time()),
            (EventTime::Unknown | EventTime::Happened, key) => {
                match self.happened_by(event, self.index_of(event)) {
                    Some(latest) => ActTime::UpTo(latest, key),
                    None if event.is_to_come() => ActTime::At(self.facts.decide_time()),
                    None => ActTime::Unknown(key),
                }
            }
            (EventTime::On(day), key) => match self.zone() {
                Ok(zone) => ActTime::Between(
                    day.start(zone),
                    day.plus_days(1).start(zone).previous(),
                    key,
                ),
                Err(key) => ActTime::Unknown(key),
            },
        };
        match act.event() {
            None => ActTime::At(self.facts.decide_time()),
            Some(Event::Request) => ActTime::At(request.request_time),
            Some(Event::StatementSend) => match of(Event::StatementSend) {
                // Sent is never after received.
                ActTime::Unknown(key) => ActTime::UpTo(request.request_time, key),
                other @ (ActTime::At(_) | ActTime::UpTo(..) | ActTime::Between(..)) => other,
            },
            Some(event) => of(event),
        }
    }
}

/// States when an act took place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ActTime<'p> {
    /// At an instant.
    At(Instant),
    /// Not after an instant.
    UpTo(Instant, Key<'p>),
    /// In a range, both ends inside.
    Between(Instant, Instant, Key<'p>),
    /// Not known.
    Unknown(Key<'p>),
}

/// Returns the first instant after a clock limit on a day.
fn clock_close(zone: Zone, day: Day, clock: Clock) -> Instant {
    match clock {
        Clock::Instant(time) => zone.clock(day, time).next(),
        Clock::Minute(time) => {
            let minute = zone.clock(day, time);
            // A minute is 60 seconds in every zone: clocks change by whole minutes.
            Instant::from_unix(minute.unix_seconds().saturating_add(60), 0).unwrap_or(minute)
        }
    }
}

/// Whether one end is later than another; what waits for an event is later than
/// any instant, and no end is later than all.
fn later(a: &EndValue<'_>, b: &EndValue<'_>) -> bool {
    let rank = |end: &EndValue<'_>| match end.bound {
        Some(Bound::At(at)) => (0, Some(at), None),
        Some(Bound::Between(_, latest)) => (0, Some(latest), None),
        // Events stand in the order in which they usually happen.
        Some(Bound::On(event) | Bound::After(event, _)) => (1, None, Some(event)),
        Some(Bound::Unbounded) | None => (2, None, None),
    };
    rank(a) > rank(b)
}

/// Says where an act falls between two ends.
fn fall<'p>(
    opens: &EndValue<'p>,
    closes: &EndValue<'p>,
    act: ActTime<'p>,
) -> Result<WindowStatus, Key<'p>> {
    let (first, last, act_key) = match act {
        ActTime::At(at) => (Some(at), Some(at), None),
        ActTime::UpTo(at, key) => (None, Some(at), Some(key)),
        ActTime::Between(a, b, key) => (Some(a), Some(b), Some(key)),
        ActTime::Unknown(key) => (None, None, Some(key)),
    };
    // Which of the bounds let the act be late for sure, or in time for sure.
    let (mut surely_late, mut surely_in_time) = (false, false);
    let mut key = act_key;
    match closes.bound {
        None => key = closes.key.or(key),
        Some(Bound::Unbounded | Bound::On(_) | Bound::After(..)) => surely_in_time = true,
        Some(Bound::At(close)) => {
            surely_late = first.is_some_and(|f| f >= close);
            surely_in_time = last.is_some_and(|l| l < close);
        }
        Some(Bound::Between(earliest, latest)) => {
            surely_late = first.is_some_and(|f| f >= latest);
            surely_in_time = last.is_some_and(|l| l < earliest);
            if !surely_late && !surely_in_time {
                key = closes.key.or(key);
            }
        }
    }
    match opens.bound {
        Some(Bound::On(_) | Bound::After(..)) => return Ok(WindowStatus::NotOpenYet),
        Some(Bound::At(open)) => {
            if last.is_some_and(|l| l < open) {
                return Ok(WindowStatus::NotOpenYet);
            }
            // What was sent before the opening and received after it is in time; of what may
            // not have been received either, nobody knows.
            if last.is_none() && !surely_late {
                return Err(key.unwrap_or(Key::Event(Event::Place, ORDER_LEVEL)));
            }
        }
        // It opens at a distance from an event of which only the day is known.
        Some(Bound::Between(earliest, _)) if last.is_some_and(|l| l < earliest) => {
            return Ok(WindowStatus::NotOpenYet);
        }
        Some(Bound::Between(_, latest)) if last.is_some_and(|l| l >= latest) => {}
        Some(Bound::Unbounded) => {}
        Some(Bound::Between(..)) | None => {
            if !surely_late {
                return Err(opens
                    .key
                    .or(key)
                    .unwrap_or(Key::Event(Event::Place, ORDER_LEVEL)));
            }
        }
    }
    if surely_late {
        Ok(WindowStatus::Closed)
    } else if surely_in_time {
        Ok(WindowStatus::Open)
    } else {
        Err(key.unwrap_or(Key::Event(Event::Place, ORDER_LEVEL)))
    }
}
