//! Instants that stand for all instants of an unknown event.
//!
//! Windows and clock limits cut the time line at a few instants; between two
//! cuts the answer is the same but for the dates that are computed from the
//! event. A cut is the first instant of a class; the representatives are the
//! cuts and both ends of what the other events allow, so that dates that differ
//! inside one class are told apart too.

use chrono::Weekday;

use super::window::ActTime;
use super::world::{ORDER_LEVEL, World};
use crate::domain::limits::FIRST_YEAR;
use crate::domain::time::{Day, EventTime, Instant, Zone};
use crate::domain::verdict::{Bound, Period};
use crate::domain::vocabulary::Event;
use crate::policy::terms::{Calendar, Clock, DaySpec, End, Test, WindowSpec, WindowZone};

/// How far ahead a planned event of which nothing is known can lie, in days.
const FAR_AHEAD_DAYS: i64 = 4000;
/// Days before an act on which clock limits of that day are tried.
const NEAR_DAYS: i64 = 9;
/// How often the distance is doubled in which so many business days are looked for.
const MAX_DOUBLINGS: usize = 12;
/// How far back a day of a calendar is looked for.
const CALENDAR_DAYS: i64 = 400;

/// The instants of an unknown event at which what reads it can change.
pub(crate) struct Cuts<'c, 'a, 'w> {
    world: &'c World<'a, 'w>,
    zone: Zone,
    event: Event,
    /// The instants that ends are compared with.
    acts: Vec<Instant>,
    /// The earliest instant that other facts allow.
    first: Instant,
    /// The latest: days recur before it.
    last: Instant,
    /// The instants from which something else changes: days recur after them.
    others: &'c [Instant],
    /// Whether days of a week or times of a day are among the cuts.
    recurs: bool,
    instants: Vec<Instant>,
}

/// States which instants other facts allow, both ends inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstantRange {
    /// The first.
    pub first: Instant,
    /// The last.
    pub last: Instant,
    /// Whether it may not have happened.
    pub not_yet: bool,
}

/// Returns what the other events allow; `None`: the event cannot have happened.
pub(crate) fn allowed(world: &World<'_, '_>, event: Event, index: usize) -> Option<InstantRange> {
    let known = world.zone();
    let zone = known.unwrap_or_else(|_| Zone::earliest());
    // Where the place is not known, its day may begin anywhere and end anywhere.
    let last_zone = known.unwrap_or_else(|_| Zone::latest());
    let request = world.facts.request();
    let mut last = world.facts.decide_time();
    let mut first: Option<Instant> = None;
    let mut not_yet = true;
    if matches!(event, Event::Place | Event::StatementSend) {
        last = last.min(request.request_time);
        not_yet = event == Event::Place;
    }
    if event.is_planned() {
        last = zone.day_of(last).plus_days(FAR_AHEAD_DAYS).start(zone);
        not_yet = false;
    }
    match world.event_at(event, index).0 {
        EventTime::On(day) => {
            first = Some(day.start(zone));
            last = last.min(day.plus_days(1).start(last_zone).previous());
            not_yet = false;
        }
        EventTime::Happened => not_yet = false,
        EventTime::Unknown | EventTime::NotYet | EventTime::At(_) => {}
    }
    let others = index_of_others(event, index);
    first = first.max(not_before(world, event, others, zone)?);
    let later = world.plan.events_after(event);
    for time in later.flat_map(|later| world.bounding(later, others)) {
        match time {
            EventTime::At(at) => {
                last = last.min(at);
                not_yet = false;
            }
            EventTime::On(day) => {
                last = last.min(day.plus_days(1).start(last_zone).previous());
                not_yet = false;
            }
            EventTime::Happened => not_yet = false,
            EventTime::NotYet | EventTime::Unknown => {}
        }
    }
    let first = first.unwrap_or_else(|| {
        let until = zone.day_of(last.min(world.facts.decide_time()));
        // Every day of a week is left to what comes before and nobody can tell.
        let days_before = match world.facts.has_unavailable() {
            true => i64::from(event.before().count_ones()).saturating_mul(NEAR_DAYS),
            false => 0,
        };
        until
            .plus_days(
                days_back(until)
                    .saturating_sub(days_before)
                    .saturating_neg(),
            )
            .start(zone)
    });
    Some(InstantRange {
        first: first.min(last),
        last,
        not_yet,
    })
}

/// Returns the place at which the events are looked up that bound one: those of its parcel,
/// or of the row's where it is no parcel's.
pub(crate) const fn index_of_others(event: Event, index: usize) -> usize {
    match event.field().is_of_parcel() {
        true => index,
        false => ORDER_LEVEL,
    }
}

/// Returns the last instant at which something is known to have happened that comes before
/// an event, if anything is; `None`: it has not, so that the event cannot have happened. What
/// comes before is looked up at `index`.
pub(crate) fn not_before(
    world: &World<'_, '_>,
    event: Event,
    index: usize,
    zone: Zone,
) -> Option<Option<Instant>> {
    let mut first: Option<Instant> = None;
    for before in world.plan.events_in(event.before()) {
        match world.event_at(before, index).0 {
            EventTime::NotYet => return None,
            EventTime::At(at) => first = first.max(Some(at)),
            EventTime::On(day) => first = first.max(Some(day.start(zone))),
            EventTime::Unknown | EventTime::Happened => {}
        }
    }
    Some(first)
}

impl<'c, 'a, 'w> Cuts<'c, 'a, 'w> {
    /// Starts without a cut, for an event that lies in a range.
    pub(crate) fn new(
        world: &'c World<'a, 'w>,
        event: Event,
        range: &InstantRange,
        others: &'c [Instant],
    ) -> Self {
        let mut acts = vec![
            world.facts.request().request_time,
            world.facts.decide_time(),
        ];
        acts.dedup();
        Self {
            world,
            zone: world.zone().unwrap_or_else(|_| Zone::earliest()),
            event,
            acts,
            first: range.first,
            last: range.last,
            others,
            recurs: false,
            instants: Vec::new(),
        }
    }

    /// Returns the cuts, in order: each is the first instant of a class; and whether days of
    /// a week or times of a day are among them.
    pub(crate) fn instants(mut self) -> (Vec<Instant>, bool) {
        self.instants.sort_unstable();
        self.instants.dedup();
        (self.instants, self.recurs)
    }

    fn is_event(&self, event: Event) -> bool {
        event == self.event || (event == Event::DeliverLast && self.event == Event::Deliver)
    }

    /// Returns the instants before which clock limits and days of a week are
    /// tried: the acts, the latest that the event can be, and some days after the
    /// earliest, which leaves the most room to what comes later; and after what else changes.
    fn recent(&self) -> Vec<Instant> {
        let mut recent = self.acts.clone();
        recent.push(self.last);
        for at in std::iter::once(&self.first).chain(self.others) {
            let after = self.zone.day_of(*at).plus_days(NEAR_DAYS);
            recent.push(after.start(self.zone).min(self.last));
        }
        recent.sort_unstable();
        recent.dedup();
        recent
    }

    /// Starts a class with an instant.
    fn cut(&mut self, first: Instant) {
        self.instants.push(first);
    }

    /// Cuts where the act of a window falls elsewhere; `moved` is an end to which it is
    /// extended.
    pub(crate) fn window<'e>(&mut self, window: &'e WindowSpec, moved: Option<&'e End>) {
        let rolled = window.roll.as_ref().and_then(|roll| roll.of.as_ref());
        let ends = std::iter::once(&window.closes).chain(rolled).chain(moved);
        let home = World {
            at_home: window.zone == WindowZone::Customer,
            ..*self.world
        };
        let mut cuts = Cuts {
            world: &home,
            zone: home.zone().unwrap_or_else(|_| Zone::earliest()),
            acts: self.acts.clone(),
            instants: Vec::new(),
            ..*self
        };
        match home.act(window.act) {
            ActTime::At(at) | ActTime::UpTo(at, _) => cuts.acts.push(at),
            ActTime::Between(first, last, _) => cuts.acts.extend([first, last]),
            ActTime::Unknown(_) => {}
        }
        let calendar = window.roll.as_ref().map(|roll| roll.calendar);
        let calendar =
            calendar.and_then(|calendar| home.plan.calendars.get(calendar).map(AsRef::as_ref));
        if let Some(calendar) = calendar {
            let acts = cuts
                .acts
                .iter()
                .map(|act| first_rolled_to(calendar, cuts.zone.day_of(*act)));
            let days: Vec<_> = acts.collect();
            cuts.acts
                .extend(days.into_iter().map(|day| day.start(cuts.zone)));
        }
        cuts.acts.sort_unstable();
        cuts.acts.dedup();
        for end in ends {
            cuts.end(end);
            if window.act.event().is_some_and(|act| cuts.is_event(act)) {
                cuts.bounds(end, calendar);
            }
        }
        cuts.opening(window);
        self.recurs |= cuts.recurs;
        self.instants.extend(cuts.instants);
    }

    /// Cuts where a window opens.
    fn opening(&mut self, window: &WindowSpec) {
        let opens = match &window.opens {
            None => return,
            Some(End::Before(event)) => *event,
            Some(end) => {
                self.end(end);
                if window.act.event().is_some_and(|act| self.is_event(act)) {
                    self.bounds(end, None);
                }
                return;
            }
        };
        if self.is_event(opens) {
            // An event up to the act has opened the window.
            for act in self.acts.clone() {
                self.cut(act.next());
            }
        }
        if window.act.event().is_some_and(|act| self.is_event(act))
            && let (EventTime::At(at), _) = self.world.event(opens)
        {
            self.cut(at);
        }
    }

    /// Cuts at the instants that an end can be, and at those to which it rolls.
    fn bounds(&mut self, end: &End, calendar: Option<&Calendar>) {
        if let End::Latest(ends) | End::Earliest(ends) = end {
            for end in ends {
                self.bounds(end, calendar);
            }
        } else if let Some(Bound::At(at)) = self.world.end(end).bound {
            self.cut(at);
            let last = self.zone.day_of(at.previous());
            let rolled = calendar.map(|calendar| calendar.business_on_or_after(last));
            let rolled = rolled.map(|day| day.plus_days(1).start(self.zone));
            self.instants.extend(rolled);
        }
    }

    fn end(&mut self, end: &End) {
        match end {
            End::Never | End::Date(..) => {}
            End::Before(event) if self.is_event(*event) => {
                // The act comes before an event that is later than it.
                for act in self.acts.clone() {
                    self.cut(act.next());
                }
            }
            End::Before(_) => {}
            End::After(event, period, calendar) if self.is_event(*event) => {
                for act in self.acts.clone() {
                    self.period_cut(act, *period, *calendar);
                }
            }
            End::Stated(event, of) if self.is_event(*event) => {
                let period = self.world.number(of.fact.fact).map(|number| of.of(number));
                for act in self.acts.clone() {
                    if let Ok(period) = period {
                        self.period_cut(act, period, of.calendar);
                    }
                }
            }
            End::After(..) | End::Stated(..) => {}
            End::Clock(spec, clock) => self.clock(*spec, *clock),
            End::Latest(ends) | End::Earliest(ends) => {
                for end in ends {
                    self.end(end);
                }
            }
        }
    }

    /// Cuts where a period counted from the event ends with the act.
    fn period_cut(&mut self, act: Instant, period: Period, calendar: Option<usize>) {
        if let Period::Hours(hours) = period {
            self.cut(act.plus_hours(i64::from(hours).saturating_neg()));
            return;
        }
        if let Period::ShortHours(hours) = period {
            self.cut(act.plus_hours(i64::from(hours).saturating_neg()).next());
            return;
        }
        // The first day from which the period reaches the day of the act, found
        // by halving: later days never end earlier.
        let today = self.zone.day_of(act);
        let reaches = |back: i64| {
            let day = today.plus_days(back.saturating_neg());
            self.world.last_day(day, period, calendar) >= today
        };
        // What is counted back from the event is reached by later days alone.
        let ahead = match period {
            Period::Days(days) if days < 0 => i64::from(days),
            Period::Months(months) if months < 0 => i64::from(months).saturating_mul(31),
            Period::ShortDays(days) => i64::from(days).saturating_sub(1).min(0),
            Period::ShortMonths(months) if months <= 0 => {
                i64::from(months).saturating_mul(31).saturating_sub(1)
            }
            // It can be the start of the day of the event.
            Period::Next(_) => -1,
            Period::BusinessDays(days) | Period::ShortBusinessDays(days) if days <= 0 => {
                // Rest days among them make it more.
                let twice = |ahead: &i64| Some(ahead.saturating_mul(2));
                let ahead = i64::from(days).saturating_sub(1).saturating_mul(2);
                let mut tried = std::iter::successors(Some(ahead), twice).take(MAX_DOUBLINGS);
                tried.find(|ahead| reaches(*ahead)).unwrap_or(ahead)
            }
            Period::Days(_)
            | Period::BusinessDays(_)
            | Period::Hours(_)
            | Period::Months(_)
            | Period::ShortHours(_)
            | Period::ShortMonths(_)
            | Period::ShortBusinessDays(_) => 0,
        };
        let (mut inside, mut outside) = (ahead, days_back(today));
        if reaches(outside) {
            return;
        }
        while outside.saturating_sub(inside) > 1 {
            let middle = inside.saturating_add(outside).div_euclid(2);
            if reaches(middle) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        self.cut(today.plus_days(inside.saturating_neg()).start(self.zone));
    }

    fn clock(&mut self, spec: DaySpec, clock: Clock) {
        if self.is_event(spec.of) {
            self.near_days(&[clock]);
        }
    }

    /// Cuts where a test comes to something else.
    pub(crate) fn test(&mut self, test: &Test) {
        match test {
            Test::Window(window, _) => self.window(window, None),
            Test::Week(event, part) if self.is_event(*event) => {
                self.near_days(&[part.from.1, part.to.1]);
            }
            Test::DayIn(spec, calendar, _) if self.is_event(spec.of) => {
                self.near_days(&[]);
                self.calendar_days(*spec, *calendar);
            }
            Test::NotSupplied(_, Some(end)) => self.end(end),
            Test::Happened(event, _) => self.happening(*event),
            Test::YesNo(..)
            | Test::OneOf(..)
            | Test::NoneOf(..)
            | Test::Range(..)
            | Test::Amount(..)
            | Test::NotSupplied(..)
            | Test::Past(_)
            | Test::Week(..)
            | Test::DayIn(..) => {}
        }
    }

    /// Cuts where an event has happened.
    pub(crate) fn happening(&mut self, event: Event) {
        if event.is_planned() && self.is_event(event) {
            self.cut(self.world.facts.decide_time().next());
        }
    }

    /// Cuts at the days before each act, and at clock limits on them.
    fn near_days(&mut self, clocks: &[Clock]) {
        self.recurs = true;
        let recent = self.recent();
        let days = recent.iter().flat_map(|from| {
            let today = self.zone.day_of(*from);
            (0..NEAR_DAYS).map(move |back| today.plus_days(back.saturating_neg()))
        });
        let mut days: Vec<Day> = days.collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            self.cut(day.start(self.zone));
            for clock in clocks {
                let (Clock::Instant(time) | Clock::Minute(time)) = *clock;
                let from = self.zone.clock(day, time);
                self.cut(from);
                match clock {
                    Clock::Instant(_) => self.cut(from.next()),
                    Clock::Minute(_) => {
                        let seconds = from.unix_seconds().saturating_add(60);
                        self.instants.extend(Instant::from_unix(seconds, 0));
                    }
                }
            }
        }
    }

    /// Cuts at the last days of a calendar that follow each other before each act, at the
    /// days beside them, and at the days from which a weekday leads to one of these.
    fn calendar_days(&mut self, spec: DaySpec, calendar: usize) {
        let Some(calendar) = self.world.plan.calendars.get(calendar) else {
            return;
        };
        for from in self.recent() {
            let today = self.zone.day_of(from);
            let days = (0..CALENDAR_DAYS).map(|back| today.plus_days(back.saturating_neg()));
            let Some(last) = days.into_iter().find(|d| calendar.contains(*d)) else {
                continue;
            };
            let back = (1..CALENDAR_DAYS).map(|back| last.plus_days(back.saturating_neg()));
            let mut outside = back.skip_while(|day| calendar.contains(*day));
            let before = outside.next();
            let edges = [Some(last.plus_days(1)), Some(last), before];
            let edges = edges
                .into_iter()
                .chain([before.map(|day| day.plus_days(1))]);
            for edge in edges.flatten() {
                let steps = i64::from(spec.next.map_or(0, |_: Weekday| 6));
                for back in 0..=steps {
                    let from: Day = edge.plus_days(back.saturating_neg());
                    self.cut(from.start(self.zone));
                }
            }
        }
    }
}

/// Returns the first of the days that roll to a day or later.
fn first_rolled_to(calendar: &Calendar, day: Day) -> Day {
    let back = (1..=CALENDAR_DAYS).map(|back| day.plus_days(back.saturating_neg()));
    let rolled = back.take_while(|before| calendar.business_on_or_after(*before) >= day);
    rolled.last().unwrap_or(day)
}

/// Returns how many days lie between the first day that anybody can state and a day: no event
/// was before it, so that a period which is longer is never over.
fn days_back(day: Day) -> i64 {
    let first = Day::new(FIRST_YEAR, 1, 1);
    first.map_or(0, |first| day.days_since(first)).max(0)
}
