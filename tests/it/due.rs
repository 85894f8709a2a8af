//! Due dates that wait: what they say before events happen is what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::within::decide;
use redress::domain::facts::{Action, Ask, Facts};
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::verdict::{Bound, Due, DueGroup, Period};
use redress::domain::vocabulary::Event;
use redress::engine::View;
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;
use redress::policy::source::Source;
use redress::policy::terms::End;

use crate::generate::{self, Seed, instant};
use crate::oracle::Oracle;

/// Not before an instant; groups of ends, each with the instant that limits it.
type Waits = (
    Option<Instant>,
    BTreeSet<(BTreeSet<String>, Option<Instant>)>,
);

fn known(bound: &Bound) -> Instant {
    match bound {
        Bound::At(at) => *at,
        other => panic!("nothing is known by its day alone, but {other:?}"),
    }
}

/// Says when something is due in the words of the slow interpreter.
pub fn told(due: &Due) -> String {
    let end = |bound: &Bound| match bound {
        Bound::On(event) => event.to_string(),
        Bound::After(event, period) => format!("{period:?} after {event}"),
        other => panic!("{other:?} does not wait"),
    };
    let waits: Waits = match due {
        Due::By(bound @ Bound::At(_)) => (Some(known(bound)), BTreeSet::new()),
        Due::By(waiting) => (None, [([end(waiting)].into(), None)].into()),
        Due::Waits(wait) => {
            let group = |g: &DueGroup| {
                let ends = g.ends.iter().map(end).collect();
                (ends, g.not_after.as_ref().map(known))
            };
            let groups = wait.groups.iter().map(group).collect();
            (wait.not_before.as_ref().map(known), groups)
        }
    };
    format!("{waits:?}")
}

impl Oracle<'_> {
    /// When something is due: the latest of groups, the first of each of which counts.
    pub fn due(&self, end: &End) -> String {
        let several = |end| match end {
            End::Latest(ends) => ends.clone(),
            other => vec![other],
        };
        let (mut floor, mut groups) = (None, BTreeSet::new());
        for group in several(end.clone()) {
            let group = match group {
                End::Earliest(ends) => ends,
                other => vec![other],
            };
            let limit = group.iter().filter_map(|e| self.end(e)).min();
            let period = |end: &End| match end {
                End::After(_, period, calendar) => Some((*period, *calendar)),
                _ => None,
            };
            // What has happened comes before what has not.
            let beaten = |waiting: &End| {
                let mut come = group.iter().filter(|e| self.end(e).is_some());
                come.any(|e| period(e).is_some() && period(e) == period(waiting))
            };
            let waiting = group.iter().filter(|e| self.end(e).is_none());
            let open: BTreeSet<String> = waiting
                .filter(|e| !beaten(e))
                .map(|e| match e {
                    End::Before(event) => event.to_string(),
                    End::After(event, period, _) => format!("{period:?} after {event}"),
                    other => unreachable!("the generator makes no {other:?}"),
                })
                .collect();
            if open.is_empty() {
                floor = floor.max(limit);
            } else {
                groups.insert((open, limit));
            }
        }
        groups.retain(|(_, limit)| limit.is_none() || *limit > floor);
        let waits: Waits = (floor, groups);
        format!("{waits:?}")
    }
}

const ZONE: &str = "Europe/Paris";
/// Two days before the clocks change.
const ASKED: &str = "2026-03-27T21:30:00+01:00";
const EVENTS: [Event; 4] = [
    Event::Proof,
    Event::Receive,
    Event::ShopCollect,
    Event::ConfirmMail,
];

/// Due dates of every shape that a policy can state.
const DUES: [&str; 10] = [
    r#"{ days = 3, after = "receive" }"#,
    r#"{ before = "receive" }"#,
    r#"{ latest = [{ days = 15, after = "request" }, { earliest = [{ days = 0, after = "receive" }, { days = 0, after = "proof" }] }] }"#,
    r#"{ earliest = [{ days = 14, after = "receive" }, { days = 14, after = "proof" }] }"#,
    r#"{ earliest = [{ days = 2, after = "receive" }, { days = 9, after = "proof" }, { before = "confirm_mail" }] }"#,
    r#"{ earliest = [{ days = 10, after = "request" }, { days = 4, after = "receive" }] }"#,
    r#"{ latest = [{ days = 5, after = "receive" }, { hours = 48, after = "confirm_mail" }, { days = 6, after = "request" }] }"#,
    r#"{ latest = [{ earliest = [{ days = 1, after = "receive" }, { days = 8, after = "request" }] }, { earliest = [{ months = 1, after = "proof" }, { days = 3, after = "confirm_mail" }] }] }"#,
    r#"{ latest = [{ days = 20, after = "request" }, { earliest = [{ days = 10, after = "request" }, { days = 4, after = "receive" }] }] }"#,
    r#"{ latest = [{ days = 2, after = "proof" }, { latest = [{ before = "shop_collect" }, { hours = 100, after = "request" }] }] }"#,
];

/// Loads a policy that pays back what is returned by a due date.
fn policy(due: &str) -> Catalog {
    let text = format!(
        r#"
format    = 1
policy    = "acme-shop"
revision  = "always"
title     = "Acme Shop"
kind      = "terms"
time_zone = "{ZONE}"

[routes]
return = "return"

[[clause]]
id     = "ACM-01"
says   = "A piece comes back for its price."
source = "Returns"
on     = "return"
grants = {{ remedy = "refund" }}

[[clause]]
id     = "ACM-02"
says   = "The refund has its date."
source = "Refunds"
on     = "return"
adds   = {{ due = {due} }}
"#
    );
    let path = "acme-shop/always.toml".to_owned();
    Catalog::load(&[Source { path, text }]).unwrap_or_else(|e| panic!("{e}"))
}

/// Decides what is known of a history at an instant; some events by their day alone.
fn due_at(plan: &Plan, events: &BTreeMap<Event, Instant>, at: Instant, by_day: bool) -> Due {
    let zone = Zone::from_name(ZONE).unwrap();
    let of = |event| match events.get(&event) {
        Some(time) if *time <= at && by_day => EventTime::On(zone.day_of(*time)),
        Some(time) if *time <= at => EventTime::At(*time),
        // Said or not, what lies ahead has not happened.
        Some(_) if event == Event::Receive => EventTime::NotYet,
        _ => EventTime::Unknown,
    };
    let mut seed = Seed::new(7);
    let line = generate::line(&mut seed, "a", 1, 5900);
    let shipped = EventTime::At(instant(ASKED).plus_hours(-80));
    let order = generate::order(vec![line], shipped, shipped, shipped);
    let ask = Ask::of(Action::Return);
    let mut request = generate::request(instant(ASKED), vec![generate::units("a", 1)], ask);
    for event in EVENTS {
        request.facts.set_event(event, of(event));
    }
    let facts = Facts::new(order, request, Some(at)).unwrap();
    let verdict = decide(plan, &facts, View::Basic);
    assert!(verdict.missing.is_empty(), "{:?}", verdict.missing);
    verdict.settlement.unwrap().due.unwrap()
}

/// Works out what a due date comes to, as a caller would.
fn comes_to(due: &Due, events: &BTreeMap<Event, Instant>) -> Instant {
    let zone = Zone::from_name(ZONE).unwrap();
    let end = |bound: &Bound| match bound {
        Bound::On(event) => events[event],
        Bound::After(event, period) => {
            let (at, day) = (events[event], zone.day_of(events[event]));
            match period {
                Period::Days(n) => day.plus_days(i64::from(*n) + 1).start(zone),
                Period::Months(n) => day.plus_months_clamped(*n).plus_days(1).start(zone),
                Period::Hours(n) => at.plus_hours(i64::from(*n)).next(),
                other => unreachable!("no due date here has {other:?}"),
            }
        }
        other => known(other),
    };
    let wait = match due {
        Due::By(bound) => return end(bound),
        Due::Waits(wait) => wait,
    };
    let group = |g: &DueGroup| g.ends.iter().chain(&g.not_after).map(end).min().unwrap();
    let groups = wait.groups.iter().map(group);
    groups
        .chain(wait.not_before.as_ref().map(end))
        .max()
        .unwrap()
}

#[test]
fn what_a_due_date_says_before_its_events_is_what_comes_of_it() {
    let mut waited = 0;
    for (number, due) in DUES.iter().enumerate() {
        let catalog = policy(due);
        let plan = catalog.plans().next().unwrap();
        for history in 0..200 {
            let mut seed = Seed::new(0xD0E_0000 + number as u64 * 1000 + history);
            let mut later = || instant(ASKED).plus_hours(1 + seed.below(24 * 25) as i64);
            let events: BTreeMap<Event, Instant> = EVENTS.map(|event| (event, later())).into();
            let last = *events.values().max().unwrap();
            let Due::By(Bound::At(end)) = due_at(plan, &events, last, false) else {
                panic!("{due}: all events have happened");
            };
            let mut stages = vec![instant(ASKED), last];
            stages.extend(events.values().flat_map(|at| [*at, at.previous()]));
            stages.sort();
            let mut before: Option<Instant> = None;
            for at in stages {
                let said = due_at(plan, &events, at, false);
                let context = format!("{due} at {at}: {said:?}\n{events:?}");
                assert_eq!(comes_to(&said, &events), end, "{context}");
                let floor = match &said {
                    Due::By(Bound::At(at)) => Some(*at),
                    Due::By(_) => None,
                    Due::Waits(wait) => wait.not_before.as_ref().map(known),
                };
                assert!(floor >= before, "the floor came down: {context}");
                before = floor;
                if let Bound::At(at_latest) = said.at_latest() {
                    assert!(end <= at_latest, "{context}");
                }
                waited += usize::from(said.wait().is_some());
            }
        }
    }
    assert!(waited > 5000, "{waited}");
}

#[test]
fn events_known_by_their_day_alone_have_the_same_ends_in_days() {
    for (number, due) in DUES.iter().enumerate() {
        if due.contains("hours") || due.contains("before") {
            continue;
        }
        let catalog = policy(due);
        let plan = catalog.plans().next().unwrap();
        let mut seed = Seed::new(0xDA7E + number as u64);
        let mut later = || instant(ASKED).plus_hours(1 + seed.below(24 * 25) as i64);
        let events: BTreeMap<Event, Instant> = EVENTS.map(|event| (event, later())).into();
        for at in events.values() {
            let exact = due_at(plan, &events, *at, false);
            assert_eq!(due_at(plan, &events, *at, true), exact, "{due}");
        }
    }
}

#[test]
fn an_event_known_by_its_day_alone_leaves_a_range_of_hours() {
    let zone = Zone::from_name(ZONE).unwrap();
    let day = zone.day_of(instant("2026-04-02T12:00:00+02:00"));
    let events: BTreeMap<Event, Instant> =
        [(Event::ConfirmMail, instant("2026-04-02T12:00:00+02:00"))].into();
    let at = instant("2026-04-03T12:00:00+02:00");
    let due = |text: &str| {
        let catalog = policy(text);
        due_at(catalog.plans().next().unwrap(), &events, at, true)
    };
    let start = day.start(zone).plus_hours(48).next();
    let range = Bound::Between(start, day.plus_days(1).start(zone).plus_hours(48));
    let mail = r#"{ hours = 48, after = "confirm_mail" }"#;
    let goods = r#"{ days = 5, after = "receive" }"#;
    let Due::Waits(held) = due(&format!("{{ latest = [{mail}, {goods}] }}")) else {
        panic!("it waits");
    };
    assert_eq!(held.not_before, Some(range));
    let Due::Waits(limited) = due(&format!("{{ earliest = [{mail}, {goods}] }}")) else {
        panic!("it waits");
    };
    assert_eq!(limited.groups[0].not_after, Some(range));
    // 27 March 20:30 UTC and 184 hours are 4 April 12:30 UTC, inside of the range.
    let inside = instant("2026-04-04T12:30:00Z").next();
    let request = r#"{ hours = 184, after = "request" }"#;
    assert_eq!(
        due(&format!("{{ latest = [{mail}, {request}] }}")),
        Due::By(Bound::Between(inside, day.plus_days(3).start(zone)))
    );
}

#[test]
fn a_promised_day_that_lies_ahead_beats_nothing() {
    let catalog = policy(
        r#"{ earliest = [{ days = 2, after = "promise" }, { days = 2, after = "receive" }] }"#,
    );
    let plan = catalog.plans().next().unwrap();
    let mut seed = Seed::new(7);
    let line = generate::line(&mut seed, "a", 1, 5900);
    let shipped = EventTime::At(instant(ASKED).plus_hours(-80));
    let mut order = generate::order(vec![line], shipped, shipped, shipped);
    let zone = Zone::from_name(ZONE).unwrap();
    let promised = zone.day_of(instant("2026-04-10T12:00:00+02:00"));
    order
        .facts
        .set_event(Event::Promise, EventTime::On(promised));
    let ask = Ask::of(Action::Return);
    let request = generate::request(instant(ASKED), vec![generate::units("a", 1)], ask);
    let facts = Facts::new(order, request, None).unwrap();
    let verdict = decide(plan, &facts, View::Basic);
    let Some(Due::Waits(wait)) = verdict.settlement.unwrap().due else {
        panic!("goods that come sooner count");
    };
    let limit = promised.plus_days(3).start(zone);
    assert_eq!(wait.groups[0].not_after, Some(Bound::At(limit)));
    assert_eq!(
        *wait.groups[0].ends,
        [Bound::After(Event::Receive, Period::Days(2))]
    );
}
