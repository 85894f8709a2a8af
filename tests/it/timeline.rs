//! A grid of orders, deliveries, requests and decisions: every end of a period is on it,
//! and the instant before. What is worked out here knows nothing of the engine.

use std::collections::BTreeSet;

use chrono::{NaiveTime, Weekday};
use redress::domain::time::{Day, Instant, Zone};
use redress::domain::verdict::{Act, NextDay, Period};
use redress::domain::vocabulary::Event;
use redress::policy::terms::{Clock, DaySpec, End};

fn paris() -> Zone {
    Zone::from_name("Europe/Paris").unwrap()
}

/// Whether a day is worked by the calendar of the generator.
fn is_worked(day: Day) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn worked_from(day: Day) -> Day {
    (0..7)
        .map(|n| day.plus_days(n))
        .find(|d| is_worked(*d))
        .unwrap()
}

fn worked_after(day: Day, days: i32) -> Day {
    (0..days).fold(day, |day, _| worked_from(day.plus_days(1)))
}

fn after(from: Instant, period: Period) -> Instant {
    let day = paris().day_of(from);
    let last = match period {
        Period::Hours(hours) => return from.plus_hours(i64::from(hours)).next(),
        Period::ShortHours(hours) => return from.plus_hours(i64::from(hours)),
        Period::ShortDays(days) => return day.plus_days(i64::from(days)).start(paris()),
        Period::ShortMonths(months) => return day.plus_months_clamped(months).start(paris()),
        Period::Next(next) => {
            // The grid looks at days that every month has.
            let first = day.plus_days(i64::from(!next.same_day));
            let is_it = |day: &Day| i64::from(day.day()) == i64::from(next.day);
            let mut days = (0..40).map(|n| first.plus_days(n));
            let found = days.find(is_it).unwrap();
            found.plus_days(-i64::from(next.short))
        }
        Period::Days(days) => day.plus_days(i64::from(days)),
        Period::Months(months) => day.plus_months_clamped(months),
        Period::BusinessDays(days) => worked_after(day, days),
        Period::ShortBusinessDays(days) => return worked_after(day, days).start(paris()),
    };
    last.plus_days(1).start(paris())
}

fn clock(spec: DaySpec, clock: Clock, from: Instant) -> Instant {
    let day = paris().day_of(from);
    let day = spec.next.map_or(day, |weekday| day.on_or_after(weekday));
    match clock {
        Clock::Instant(time) => paris().clock(day, time).next(),
        Clock::Minute(time) => {
            let minute = paris().clock(day, time).unix_seconds();
            Instant::from_unix(minute + 60, 0).unwrap()
        }
    }
}

/// Returns the ends that count from one event, of which the ends of windows consist.
pub fn leaves() -> Vec<End> {
    let deliver = |period| End::After(Event::Deliver, period, None);
    let sunday = Some(Weekday::Sun);
    let place = |next| DaySpec {
        of: Event::Place,
        next,
    };
    let [eleven, last] =
        [(23, 0), (22, 59)].map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap());
    vec![
        deliver(Period::Days(2)),
        deliver(Period::Days(3)),
        deliver(Period::Days(7)),
        deliver(Period::Days(14)),
        deliver(Period::Days(30)),
        deliver(Period::Months(1)),
        deliver(Period::Hours(48)),
        deliver(Period::ShortHours(48)),
        deliver(Period::ShortDays(4)),
        deliver(Period::ShortMonths(1)),
        End::After(Event::Deliver, Period::ShortBusinessDays(3), Some(0)),
        End::After(Event::Deliver, Period::BusinessDays(3), Some(0)),
        End::After(Event::Deliver, Period::BusinessDays(10), Some(0)),
        deliver(Period::Next(NextDay {
            month: None,
            day: 15,
            same_day: false,
            short: false,
        })),
        End::Date(Day::parse("2026-03-20").unwrap(), false),
        End::After(Event::Place, Period::Days(5), None),
        End::Clock(place(None), Clock::Instant(eleven)),
        End::Clock(place(sunday), Clock::Minute(last)),
        End::Before(Event::Place),
        End::Before(Event::Ship),
        End::Before(Event::Deliver),
    ]
}

/// Where the acts of a [`Times`] fall against all leaves, a bit each.
pub type Signature = u128;

pub const ACTS: [Act; 2] = [Act::Request, Act::Decision];
const EVENTS: [Event; 3] = [Event::Place, Event::Ship, Event::Deliver];

/// Names what a bit of a signature tells; leaves by their place.
#[derive(Clone, Copy, Debug)]
pub enum Bit {
    /// The act has passed the end.
    Passed(Act, usize),
    /// It has passed the last working day on or after that of the end.
    Rolled(Act, usize),
    Happened(Event),
    Weekend,
    InCalendar,
}

/// Orders, deliveries, requests and decisions, told apart by where the acts fall.
pub struct Grid {
    pub leaves: Vec<End>,
    /// Every signature that some times have.
    pub found: Vec<Signature>,
}

impl Grid {
    pub fn new() -> Self {
        let mut grid = Self {
            leaves: leaves(),
            found: Vec::new(),
        };
        grid.fill();
        grid
    }

    /// Returns the place of a leaf.
    pub fn leaf(&self, end: &End) -> usize {
        self.leaves.iter().position(|leaf| leaf == end).unwrap()
    }

    pub fn bit(&self, bit: Bit) -> Signature {
        let leaves = self.leaves.len();
        let act = |act: Act| ACTS.iter().position(|a| *a == act).unwrap() * 2 * leaves;
        let rest = ACTS.len() * 2 * leaves;
        1 << match bit {
            Bit::Passed(of, leaf) => act(of) + leaf,
            Bit::Rolled(of, leaf) => act(of) + leaves + leaf,
            Bit::Happened(event) => rest + EVENTS.iter().position(|e| *e == event).unwrap(),
            Bit::Weekend => rest + EVENTS.len(),
            Bit::InCalendar => rest + EVENTS.len() + 1,
        }
    }

    /// Looks at orders around the change of clocks and the end of February.
    fn fill(&mut self) {
        let mut found = BTreeSet::new();
        let first = Day::parse("2026-01-28").unwrap();
        let days: Vec<Day> = (0..70)
            .filter(|n| n % 4 == 0 || *n > 52 || (24..40).contains(n))
            .map(|n| first.plus_days(n))
            .collect();
        let times = |day: Day, parts: &[(i64, u32)]| -> Vec<Instant> {
            let part = |(minutes, nanos): &(i64, u32)| {
                let start = day.start(paris()).unix_seconds();
                Instant::from_unix(start + minutes * 60, *nanos).unwrap()
            };
            let last = day.plus_days(1).start(paris()).previous();
            parts.iter().map(part).chain([last]).collect()
        };
        let never = Instant::parse("2025-06-01T00:00:00Z").unwrap();
        self.request(
            &mut found,
            (None, None, None),
            &[never, never.plus_hours(1000)],
        );
        for day in &days {
            for place in times(*day, &[(0, 0), (10 * 60, 0)]) {
                let ends = self.ends(Event::Place, place);
                let ship_at = [place, place.plus_hours(30), place.plus_hours(200)];
                self.request(&mut found, (Some(place), None, None), &ends);
                for ship in ship_at {
                    let all = [ends.clone(), self.ends(Event::Ship, ship)].concat();
                    self.request(&mut found, (Some(place), Some(ship), None), &all);
                }
            }
            for deliver in times(*day, &[(0, 0), (6 * 60, 0), (10 * 60, 0)]) {
                let ends = self.ends(Event::Deliver, deliver);
                for before in [0, 1, 3, 6, 8, 40] {
                    let placed = paris().day_of(deliver).plus_days(-before);
                    let mut placed = times(placed, &[(0, 0), (60, 0), (22 * 60 + 58, 0)]);
                    placed.push(deliver);
                    for place in placed.into_iter().filter(|p| *p <= deliver) {
                        let all = [ends.clone(), self.ends(Event::Place, place)].concat();
                        for ship in [place, deliver] {
                            let happened = (Some(place), Some(ship), Some(deliver));
                            self.request(&mut found, happened, &all);
                        }
                    }
                }
            }
        }
        self.found = found.into_iter().collect();
    }

    /// Returns the event, every end that counts from it, and the instant before each.
    fn ends(&self, of: Event, at: Instant) -> Vec<Instant> {
        let ends = self.leaves.iter().filter_map(|end| leaf(end, of, at));
        let ends = ends.flat_map(|end| [end, rolled(end)]);
        ends.flat_map(|end| [end.previous(), end]).collect()
    }

    /// Asks and decides at every one of these instants.
    fn request(
        &self,
        found: &mut BTreeSet<Signature>,
        (place, ship, deliver): (Option<Instant>, Option<Instant>, Option<Instant>),
        instants: &[Instant],
    ) {
        let mut instants: Vec<Instant> = instants.to_vec();
        instants.sort();
        instants.dedup();
        let at = [place, ship, deliver];
        let thresholds: Vec<Option<Instant>> = self
            .leaves
            .iter()
            .map(|end| {
                let pairs = EVENTS.into_iter().zip(at);
                pairs.filter_map(|(event, at)| leaf(end, event, at?)).next()
            })
            .collect();
        let rolls: Vec<Option<Instant>> = thresholds.iter().map(|end| end.map(rolled)).collect();
        let passed = |act: Instant| -> Signature {
            let all = thresholds.iter().chain(&rolls).enumerate();
            all.fold(0, |bits, (n, end)| {
                bits | (Signature::from(end.is_some_and(|end| act >= end)) << n)
            })
        };
        let seen: Vec<Signature> = instants.iter().map(|at| passed(*at)).collect();
        let mut rest = 0;
        for (event, at) in EVENTS.into_iter().zip(at) {
            if at.is_some() {
                rest |= self.bit(Bit::Happened(event));
            }
        }
        if let Some(place) = place {
            let (day, time) = paris().local(place);
            let weekend = match day.weekday() {
                Weekday::Sat => true,
                Weekday::Sun => time < NaiveTime::from_hms_opt(23, 0, 0).unwrap(),
                _ => false,
            };
            if weekend {
                rest |= self.bit(Bit::Weekend);
            }
            if day.on_or_after(Weekday::Sun) == Day::parse("2026-03-29").unwrap() {
                rest |= self.bit(Bit::InCalendar);
            }
        }
        let happened = at.into_iter().flatten().max();
        let width = 2 * self.leaves.len();
        for (n, request) in instants.iter().enumerate() {
            if place.is_some_and(|place| *request < place) {
                continue;
            }
            for (m, decide) in instants.iter().enumerate().skip(n) {
                if happened.is_none_or(|last| *decide >= last) {
                    found.insert(rest | seen[n] | (seen[m] << width));
                }
            }
        }
    }
}

/// Returns a leaf that counts from an event; `None`: it counts from another.
fn leaf(end: &End, of: Event, at: Instant) -> Option<Instant> {
    match end {
        End::After(event, period, _) => (*event == of).then(|| after(at, *period)),
        End::Before(event) => (*event == of).then_some(at),
        End::Date(day, _) => Some(day.plus_days(1).start(paris())),
        End::Clock(day, limit) => (day.of == of).then(|| clock(*day, *limit, at)),
        other => unreachable!("{other:?} is no leaf"),
    }
}

/// Returns an end, moved to the end of the next working day if its last day is none.
fn rolled(end: Instant) -> Instant {
    let last = paris().day_of(end.previous());
    let moved = worked_from(last);
    if moved == last {
        end
    } else {
        moved.plus_days(1).start(paris())
    }
}
