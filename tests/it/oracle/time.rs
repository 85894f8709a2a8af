//! Windows and ends of one row: what closes when, and where an act falls.

use redress::domain::time::{Day, Instant, Zone};
use redress::domain::verdict::{NextDay, Period};
use redress::domain::vocabulary::Event;
use redress::policy::terms::{Clock, DaySpec, Effect, End, Grant, WindowSpec, WindowZone};

use super::{Oracle, Place, next_minute};

impl Oracle<'_> {
    /// The zone of the policy's days: its own, or the place of the parcel.
    pub fn zone(&self) -> Zone {
        match self.policy.zone.or_else(|| self.zone_of_parcel()) {
            Some(zone) => zone,
            None => {
                self.untold.set(Some("zone"));
                Zone::utc()
            }
        }
    }

    fn zone_of(&self, window: &WindowSpec) -> Zone {
        match window.zone {
            WindowZone::Policy => self.zone(),
            WindowZone::Customer => match self.facts.order().customer_zone {
                Some(zone) => zone,
                None => {
                    self.untold.set(Some("zone"));
                    self.zone()
                }
            },
        }
    }

    pub fn day(&self, spec: DaySpec, zone: Zone) -> Option<Day> {
        let mut day = zone.day_of(self.when(spec.of)?);
        if let Some(weekday) = spec.next {
            while day.weekday() != weekday {
                day = day.plus_days(1);
            }
        }
        Some(day)
    }

    /// The first instant outside; `None`: it waits for an event.
    pub fn end(&self, end: &End) -> Option<Instant> {
        self.end_in(end, self.zone())
    }

    fn end_in(&self, end: &End, zone: Zone) -> Option<Instant> {
        match end {
            End::Never => None,
            End::Before(event) => self.when(*event),
            End::After(event, period, calendar) => self.after(*event, *period, *calendar, zone),
            End::Stated(event, of) => {
                let number = self.number(&of.fact)?;
                let count = number.max(of.at_least.into()).min(of.at_most.into());
                let count = i32::try_from(count).unwrap();
                let period = match of.one {
                    Period::Days(one) => Period::Days(one * count),
                    Period::ShortDays(one) => Period::ShortDays(one * count),
                    Period::Hours(one) => Period::Hours(one * count),
                    Period::ShortHours(one) => Period::ShortHours(one * count),
                    Period::Months(one) => Period::Months(one * count),
                    Period::ShortMonths(one) => Period::ShortMonths(one * count),
                    Period::BusinessDays(one) => Period::BusinessDays(one * count),
                    Period::ShortBusinessDays(one) => Period::ShortBusinessDays(one * count),
                    Period::Next(_) => unreachable!("a day has no length"),
                };
                self.after(*event, period, of.calendar, zone)
            }
            End::Clock(spec, clock) => {
                let day = self.day(*spec, zone)?;
                Some(match clock {
                    Clock::Instant(t) => zone.clock(day, *t).next(),
                    Clock::Minute(t) => zone.clock(day, next_minute(*t)),
                })
            }
            End::Date(day, short) => Some(day.plus_days(i64::from(!short)).start(zone)),
            // What waits for an event is later than any instant.
            End::Latest(ends) => {
                let ends: Vec<_> = ends.iter().map(|e| self.end_in(e, zone)).collect();
                if ends.contains(&None) {
                    None
                } else {
                    ends.into_iter().flatten().max()
                }
            }
            End::Earliest(ends) => ends.iter().filter_map(|e| self.end_in(e, zone)).min(),
        }
    }

    /// The first instant after a period; `None`: its event has not happened.
    fn after(
        &self,
        event: Event,
        period: Period,
        calendar: Option<usize>,
        zone: Zone,
    ) -> Option<Instant> {
        let at = self.when(event)?;
        let day = zone.day_of(at);
        match period {
            Period::Hours(n) => Some(at.plus_hours(i64::from(n)).next()),
            Period::Days(n) => Some(day.plus_days(i64::from(n) + 1).start(zone)),
            Period::ShortHours(n) => Some(at.plus_hours(i64::from(n))),
            Period::ShortDays(n) => Some(day.plus_days(i64::from(n)).start(zone)),
            Period::ShortMonths(n) => Some(day.plus_months_clamped(n).start(zone)),
            Period::Months(n) => Some(day.plus_months_clamped(n).plus_days(1).start(zone)),
            Period::Next(next) => {
                let mut day = if next.same_day { day } else { day.plus_days(1) };
                while !is_next(day, next) {
                    day = day.plus_days(1);
                }
                Some(day.plus_days(i64::from(!next.short)).start(zone))
            }
            Period::BusinessDays(n) => {
                let last = self.business_day(day, n, calendar);
                Some(last.plus_days(1).start(zone))
            }
            Period::ShortBusinessDays(n) => Some(self.business_day(day, n, calendar).start(zone)),
        }
    }

    /// The nth business day after a day, or before it.
    fn business_day(&self, mut day: Day, count: i32, calendar: Option<usize>) -> Day {
        let calendar = &self.policy.calendars[calendar.expect("a calendar")];
        let mut left = count.abs();
        while left > 0 {
            day = day.plus_days(i64::from(count.signum()));
            let rests = calendar.rest.contains(&day.weekday());
            if !rests && !calendar.contains(day) {
                left -= 1;
            }
        }
        day
    }

    pub fn opens_text(&self, window: &WindowSpec) -> String {
        match &window.opens {
            None => "always".to_owned(),
            Some(end) => self
                .end_in(end, self.zone_of(window))
                .map_or("waits".to_owned(), |at| at.to_string()),
        }
    }

    /// The end of a grant's window, moved by every extension that applies.
    pub fn closes(&self, grant: usize, window: &WindowSpec) -> Option<Instant> {
        let zone = self.zone_of(window);
        let mut ends = vec![self.end_in(&window.closes, zone)];
        for (_, clause) in self.clauses() {
            if let Effect::Extends(extended, end) = &clause.effect
                && *extended == grant
                && self.applies(clause) == Some(true)
            {
                ends.push(self.end_in(end, zone));
            }
        }
        if ends.contains(&None) {
            None
        } else {
            ends.into_iter().flatten().max()
        }
    }

    pub fn grant_place(&self, grant: usize) -> Place {
        match &self.policy.clauses[grant].effect {
            Effect::Grants(Grant {
                window: Some(window),
                ..
            }) => self.place(window, self.closes(grant, window)),
            _ => Place::Inside,
        }
    }

    /// Where the act of a window falls that is no grant's own.
    pub fn place_of(&self, window: &WindowSpec) -> Place {
        self.place(window, self.end_in(&window.closes, self.zone_of(window)))
    }

    fn place(&self, window: &WindowSpec, closes: Option<Instant>) -> Place {
        let act = match window.act.event() {
            None => self.facts.decide_time(),
            // An act that has not come comes after the instant of deciding.
            Some(event) => self.when(event).unwrap_or(self.facts.decide_time()),
        };
        if let Some(end) = &window.opens {
            match self.end_in(end, self.zone_of(window)) {
                None => return Place::Early,
                Some(at) if act < at => return Place::Early,
                Some(_) => {}
            }
        }
        match closes {
            Some(close) if act < close => Place::Inside,
            Some(close) if act < self.rolled(window, close) => Place::Rolled,
            Some(_) => Place::Late,
            None => Place::Inside,
        }
    }

    /// Whether the window of a grant opens before it closes, as far as that is known.
    pub fn ever_opens(&self, grant: usize, window: &WindowSpec) -> bool {
        let opens = window.opens.as_ref();
        let opens = opens.and_then(|end| self.end_in(end, self.zone_of(window)));
        match (opens, self.closes(grant, window)) {
            (Some(opens), Some(close)) => opens < close || opens < self.rolled(window, close),
            _ => true,
        }
    }

    /// The end of a period whose last day is no working day: with the next that is one.
    fn rolled(&self, window: &WindowSpec, close: Instant) -> Instant {
        let zone = self.zone_of(window);
        let Some(roll) = &window.roll else {
            return close;
        };
        let period = match &roll.of {
            Some(end) => self.end_in(end, zone).unwrap_or(close),
            None => close,
        };
        let calendar = &self.policy.calendars[roll.calendar];
        let rests = |day: Day| calendar.rest.contains(&day.weekday()) || calendar.contains(day);
        let mut day = zone.day_of(period.previous());
        if !rests(day) {
            return close;
        }
        while rests(day) {
            day = day.plus_days(1);
        }
        day.plus_days(1).start(zone).max(close)
    }
}

/// Whether a day is that of its month or year, or the last of a month that does not have it.
fn is_next(day: Day, next: NextDay) -> bool {
    let tomorrow = day.plus_days(1);
    let own = i32::try_from(day.day()).unwrap();
    let is_last = tomorrow.day() == 1;
    let month = i32::try_from(day.month()).unwrap();
    next.month.is_none_or(|wanted| wanted == month)
        && (own == next.day || is_last && own < next.day)
}
