//! Instants that stand for all instants of an unknown event.
//!
//! Windows and clock limits cut the time line at a few instants; between two
//! cuts the answer is the same but for the dates that are computed from the
//! event. A cut is the first instant of a class; the representatives are the
//! cuts and both ends of what the other events allow, so that dates that differ
//! inside one class are told apart too.

use chrono::Weekday;

use super::world::{Assumed, Key, World};
use crate::domain::event::Event;
use crate::domain::time::{Day, EventTime, Instant, Zone};
use crate::domain::verdict::Period;
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{Clock, DaySpec, End, Test, WindowSpec};

/// How far back an event of which nothing is known can lie, in days.
const FAR_BACK_DAYS: i64 = 4000;
/// How far ahead a planned event of which nothing is known can lie, in days.
const FAR_AHEAD_DAYS: i64 = 4000;
/// Days before an act on which clock limits of that day are tried.
const NEAR_DAYS: i64 = 9;
/// How far back a day of a calendar is looked for.
const CALENDAR_DAYS: i64 = 400;

/// Returns the first instant of each class of instants of an event, in order.
pub(super) fn cuts(
    world: &World<'_, '_>,
    route: &RoutePlan,
    event: Event,
    range: &Range,
) -> Vec<Instant> {
    let zone = world.zone().unwrap_or_else(|_| Zone::earliest());
    let mut cuts = Cuts {
        acts: acts(world, route),
        world,
        zone,
        event,
        last: range.last,
        instants: Vec::new(),
    };
    for window in route.windows(world.plan) {
        cuts.window(window);
    }
    for end in route.extension_ends(world.plan) {
        cuts.end(end);
    }
    for test in &route.tests {
        cuts.test(test);
    }
    let mut instants = cuts.instants;
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Returns the instants that windows compare ends with: the request, the decision, and
/// the acts that are assumed.
fn acts(world: &World<'_, '_>, route: &RoutePlan) -> Vec<Instant> {
    let mut acts = vec![
        world.facts.request().request_time,
        world.facts.decide_time(),
    ];
    let assumed = |act: Event| {
        world
            .assumed
            .iter()
            .filter_map(move |(key, value)| match (key, value) {
                (Key::Event(event, _), Assumed::Event(EventTime::At(at))) if *event == act => {
                    Some(*at)
                }
                _ => None,
            })
    };
    for window in route.windows(world.plan) {
        acts.extend(window.act.event().into_iter().flat_map(assumed));
    }
    acts.sort_unstable();
    acts.dedup();
    acts
}

/// States which instants other facts allow, both ends inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// The first.
    pub first: Instant,
    /// The last.
    pub last: Instant,
    /// Whether it may not have happened.
    pub not_yet: bool,
}

/// Returns what the other events allow; `None`: the event cannot have happened.
pub(super) fn allowed(world: &World<'_, '_>, event: Event, place: usize) -> Option<Range> {
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
    if let EventTime::On(day) = world.event_at(event, place).0 {
        first = Some(day.start(zone));
        last = last.min(day.plus_days(1).start(last_zone).previous());
        not_yet = false;
    }
    for before in event.predecessors() {
        match world.event_at(before, place).0 {
            EventTime::NotYet => return None,
            EventTime::At(at) => first = first.max(Some(at)),
            EventTime::On(day) => first = first.max(Some(day.start(zone))),
            EventTime::Unknown => {}
        }
    }
    for time in event
        .successors()
        .flat_map(|after| world.bounding(after, place))
    {
        match time {
            EventTime::At(at) => {
                last = last.min(at);
                not_yet = false;
            }
            EventTime::On(day) => {
                last = last.min(day.plus_days(1).start(last_zone).previous());
                not_yet = false;
            }
            EventTime::NotYet | EventTime::Unknown => {}
        }
    }
    let first = first.unwrap_or_else(|| {
        let until = zone.day_of(last.min(world.facts.decide_time()));
        until.plus_days(-FAR_BACK_DAYS).start(zone)
    });
    Some(Range {
        first: first.min(last),
        last,
        not_yet,
    })
}

struct Cuts<'a, 'c, 'w> {
    world: &'c World<'a, 'w>,
    zone: Zone,
    event: Event,
    /// The instants that ends are compared with.
    acts: Vec<Instant>,
    /// The latest instant that other facts allow: days recur before it.
    last: Instant,
    instants: Vec<Instant>,
}

impl Cuts<'_, '_, '_> {
    fn is_event(&self, event: Event) -> bool {
        event == self.event || (event == Event::DeliverLast && self.event == Event::Deliver)
    }

    /// Returns the instants before which clock limits and days of a week are
    /// tried: the acts, and the latest that the event can be.
    fn recent(&self) -> Vec<Instant> {
        let mut recent = self.acts.clone();
        recent.push(self.last);
        recent
    }

    /// Starts a class with an instant.
    fn cut(&mut self, first: Instant) {
        self.instants.push(first);
    }

    fn window(&mut self, window: &WindowSpec) {
        self.end(&window.closes);
        if let Some(end) = window.roll.as_ref().and_then(|r| r.of.as_ref()) {
            self.end(end);
        }
        if window.roll.is_some() {
            self.near_days(&[]);
        }
        if window.opens.is_some_and(|e| self.is_event(e)) {
            // An event up to the act has opened the window.
            for act in self.acts.clone() {
                self.cut(act.next());
            }
        }
        // The event can itself be the act of a window that counts from another.
        self.act_cut(&window.closes);
    }

    fn act_cut(&mut self, end: &End) {
        if let crate::domain::verdict::Bound::At(at) = self
            .world
            .end_bound(end)
            .unwrap_or(crate::domain::verdict::Bound::Unbounded)
        {
            self.cut(at);
        }
    }

    fn end(&mut self, end: &End) {
        match end {
            End::Never => {}
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
            End::After(..) => {}
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
        // The first day from which the period reaches the day of the act, found
        // by halving: later days never end earlier.
        let today = self.zone.day_of(act);
        let reaches = |back: i64| {
            let day = today.plus_days(back.saturating_neg());
            self.world.last_day(day, period, calendar) >= today
        };
        let (mut inside, mut outside) = (0_i64, FAR_BACK_DAYS);
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

    fn test(&mut self, test: &Test) {
        match test {
            Test::Week(event, part) if self.is_event(*event) => {
                self.near_days(&[part.from.1, part.to.1]);
            }
            Test::DayIn(spec, calendar, _) if self.is_event(spec.of) => {
                self.near_days(&[]);
                self.calendar_days(*spec, *calendar);
            }
            Test::NotSupplied(_, Some(end)) => self.end(end),
            Test::Happened(event, _) if event.is_planned() && self.is_event(*event) => {
                self.cut(self.world.facts.decide_time().next());
            }
            _ => {}
        }
    }

    /// Cuts at the days before each act, and at clock limits on them.
    fn near_days(&mut self, clocks: &[Clock]) {
        for from in self.recent() {
            let today = self.zone.day_of(from);
            for back in 0..NEAR_DAYS {
                let day = today.plus_days(back.saturating_neg());
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
    }

    /// Cuts at the last day of a calendar before each act, and at the days from
    /// which a weekday leads to it.
    fn calendar_days(&mut self, spec: DaySpec, calendar: usize) {
        let Some(calendar) = self.world.plan.calendars.get(calendar) else {
            return;
        };
        for from in self.recent() {
            let today = self.zone.day_of(from);
            let days = (0..CALENDAR_DAYS).map(|back| today.plus_days(back.saturating_neg()));
            if let Some(day) = days.into_iter().find(|d| calendar.contains(*d)) {
                let steps = i64::from(spec.next.map_or(0, |_: Weekday| 6));
                for back in 0..=steps {
                    let from: Day = day.plus_days(back.saturating_neg());
                    self.cut(from.start(self.zone));
                }
            }
        }
    }
}
