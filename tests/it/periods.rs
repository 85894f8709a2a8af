//! Which of two ends that count from one event can be the later one, on both sides of
//! every rule: where it can, a grant up to it and a refusal from the other one on are in
//! conflict, and the example says when.

use crate::within::decide;
use redress::domain::facts::{Action, Ask, Facts};
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::verdict::Bound;
use redress::engine::View;
use redress::policy::catalog::Catalog;
use redress::policy::source::Source;

use crate::generate::{self, Seed};

/// Writes terms in a zone, with two calendars.
fn terms(zone: &str, clauses: &str) -> Source {
    let head = format!(
        r#"format    = 1
policy    = "acme-shop"
revision  = "always"
title     = "Acme"
kind      = "terms"
time_zone = "{zone}"

[routes]
return = "return"

[calendars.weekdays]
rest = ["sat", "sun"]

[calendars.christmas]
days = [{{ from = "11-01", to = "12-25" }}]

[calendars.spain]
days = [{{ fixed = "01-01" }}, {{ fixed = "01-06" }}, {{ western_easter = -2 }}, {{ fixed = "05-01" }},
        {{ fixed = "08-15" }}, {{ fixed = "10-12" }}, {{ fixed = "11-01" }}, {{ fixed = "12-06" }},
        {{ fixed = "12-08" }}, {{ fixed = "12-25" }}]
rest = ["sat", "sun"]
"#
    );
    Source {
        path: "acme-shop/always.toml".to_owned(),
        text: head + clauses,
    }
}

fn grant(inside: &str) -> String {
    format!(
        r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back."
source = "Returns"
on     = "return"
within = {inside}
grants = {{ remedy = "refund" }}
"#
    )
}

/// Loads a grant that is open up to one end, and a refusal from another one on, with
/// nothing that says which of them holds. Returns the example of their conflict.
fn conflict(zone: &str, inside: &str, past: &str) -> Option<String> {
    let refusal = format!(
        r#"
[[clause]]
id      = "ACM-02"
says    = "They do not."
source  = "Returns"
on      = "return"
when    = {{ past = {past} }}
refuses = {{ reason = "late" }}
"#
    );
    let source = terms(zone, &(grant(inside) + &refusal));
    let error = match Catalog::load(&[source]) {
        Ok(_) => return None,
        Err(error) => error,
    };
    let mut found = error.diagnostics();
    let first = found.next().unwrap();
    assert_eq!(first.code, "conflict", "{inside} {past}\n{error}");
    assert!(found.next().is_none(), "{inside} {past}\n{error}");
    Some(first.help.clone())
}

/// The ends of one window as the engine has them, by the delivery.
struct Ends(Catalog);

impl Ends {
    fn new(zone: &str, inside: &str) -> Self {
        Self(Catalog::load(&[terms(zone, &grant(inside))]).unwrap_or_else(|e| panic!("{e}")))
    }

    fn of(&self, deliver: Instant) -> Instant {
        let mut seed = Seed::new(1);
        let line = generate::line(&mut seed, "a", 1, 5900);
        let at = EventTime::At(deliver);
        let order = generate::order(vec![line], at, at, at);
        let ask = Ask::of(Action::Return);
        let request = generate::request(deliver, vec![generate::units("a", 1)], ask);
        let facts = Facts::new(order, request, None).unwrap();
        let plan = self.0.find("acme-shop", None, at).unwrap();
        let verdict = decide(plan, &facts, View::Full);
        let (_, decision) = verdict.each().next().unwrap();
        let window = decision.entitlement.as_ref().and_then(|e| e.window);
        match window.map(|window| window.closes) {
            Some(Bound::At(at)) => at,
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the first and the last instant of a day.
fn edges(zone: &str, day: Day) -> [Instant; 2] {
    let zone = Zone::from_name(zone).unwrap();
    [day.start(zone), day.plus_days(1).start(zone).previous()]
}

/// Writes an end of so many units after the delivery.
fn after(period: &str) -> String {
    let (count, unit) = period.split_once(' ').unwrap();
    let (unit, calendar) = match unit.split_once(" of ") {
        Some((unit, calendar)) => (unit, format!(", calendar = \"{calendar}\"")),
        None => (unit, String::new()),
    };
    format!("{{ {unit} = {count}{calendar}, after = \"deliver\" }}")
}

/// States up to which period another one is never later, and the one before, of which it
/// can be. The engine says the same: on every day of two years, and on that of the example.
#[track_caller]
fn assert_limit(zone: &str, inside: &str, (never, can): (&str, &str)) {
    let of = |past: &str| conflict(zone, &after(inside), &after(past));
    assert_eq!(of(never), None, "inside {inside}, past {never}");
    let example = of(can).unwrap_or_else(|| panic!("inside {inside}, past {can}"));
    let words = |period: &str| match period.split_once(' ') {
        Some(("1", unit)) => format!("1 {}", unit.trim_end_matches('s')),
        _ => period.to_owned(),
    };
    let (than, most) = (words(can), words(inside));
    let wanted = format!("more than {than} and at most {most} after `deliver`");
    assert!(example.contains(&wanted), "{example}");
    if zone == "delivery" {
        return;
    }
    let ends = |period: &str| Ends::new(zone, &after(period));
    let (own, no_earlier, earlier) = (ends(inside), ends(never), ends(can));
    let first = Day::parse("2027-01-01").unwrap();
    for at in (0..731).flat_map(|n| edges(zone, first.plus_days(n))) {
        assert!(own.of(at) <= no_earlier.of(at), "{inside}, {never}: {at}");
    }
    if let Some((_, day)) = example.split_once("with `deliver` on ") {
        let day = Day::parse(&day[..10]).unwrap();
        let later = edges(zone, day)
            .iter()
            .any(|at| own.of(*at) > earlier.of(*at));
        assert!(later, "{inside}, {can}: {example}");
    }
}

/// The rows of the issue: they have nothing in common, and are far apart.
#[test]
fn windows_in_other_units_do_not_meet() {
    for (inside, past) in [
        ("48 hours", "30 days"),
        ("14 days", "30 days"),
        ("14 days", "1 months"),
        ("48 hours", "1 months"),
        ("48 hours", "14 business_days of spain"),
    ] {
        assert_eq!(
            conflict("Europe/Paris", &after(inside), &after(past)),
            None,
            "inside {inside}, past {past}"
        );
    }
}

/// Delivered at the very end of day 0, 48 hours end with day 2.
#[test]
fn hours_end_with_so_many_days_where_clocks_do_not_change() {
    assert_limit("UTC", "48 hours", ("2 days", "1 days"));
    assert_limit("UTC", "49 hours", ("3 days", "2 days"));
    // Delivered at the start of day 0, day 2 ends 72 hours later.
    assert_limit("UTC", "2 days", ("72 hours", "71 hours"));
}

/// In the night of 29 March 2026 clocks go forward: 48 hours from the last instant of the
/// 27th end at 01:00 of the 30th, an hour after day 2. In the night of 25 October they go
/// back: day 2 of the 24th ends 73 hours after it began.
#[test]
fn a_change_of_clocks_makes_days_longer_or_shorter() {
    assert_limit("Europe/Paris", "48 hours", ("3 days", "2 days"));
    let example = conflict("Europe/Paris", &after("48 hours"), &after("2 days")).unwrap();
    assert!(
        example.contains("such as with `deliver` on 2026-03-27"),
        "{example}"
    );
    assert_limit("Europe/Paris", "47 hours", ("2 days", "1 days"));
    assert_limit("Europe/Paris", "2 days", ("73 hours", "72 hours"));
    // Days of the place of delivery are those of any zone.
    assert_limit("delivery", "48 hours", ("3 days", "2 days"));
}

/// A month has 28 to 31 days, a year 365 or 366.
#[test]
fn months_have_the_days_of_the_calendar() {
    assert_limit("Europe/Paris", "1 months", ("31 days", "30 days"));
    assert_limit("Europe/Paris", "28 days", ("1 months", "0 months"));
    let example = conflict("Europe/Paris", &after("29 days"), &after("1 months")).unwrap();
    assert!(
        example.contains("more than 1 month and at most 29 days"),
        "{example}"
    );
    // July and August, and January 31st clamped to February.
    assert_limit("Europe/Paris", "2 months", ("62 days", "61 days"));
    assert_limit("Europe/Paris", "12 months", ("366 days", "365 days"));
    let year = |days: &str| conflict("Europe/Paris", &after(days), &after("12 months"));
    assert_eq!(year("365 days"), None);
    assert!(year("366 days").is_some());
    assert_limit("Europe/Paris", "6 months", ("6 months", "5 months"));
}

/// The 14th weekday after a Thursday or Friday is day 20; with nine holidays a year in
/// between it is later. N business days are never fewer than N days.
#[test]
fn business_days_rest_as_their_calendar_does() {
    let weekdays = "14 business_days of weekdays";
    let inside = |past: &str| conflict("UTC", &after(weekdays), &after(past));
    assert_eq!(inside("20 days"), None);
    let example = inside("19 days").unwrap();
    let wanted = "more than 19 days and at most 14 business days of `weekdays` after `deliver`";
    assert!(example.contains(wanted), "{example}");
    let past = |days: &str| conflict("UTC", &after(days), &after(weekdays));
    // From a Sunday, the 14th weekday is Thursday, day 18, and no fewer from any day.
    assert_eq!(past("18 days"), None);
    assert!(past("19 days").is_some());
    // The holidays of December and January: 14 business days from Friday 4 December 2026
    // skip the 8th and the 25th, and end with Monday 28 December, day 24.
    let spain = "14 business_days of spain";
    assert!(conflict("UTC", &after(spain), &after("20 days")).is_some());
    assert_eq!(conflict("UTC", &after("14 days"), &after(spain)), None);
    assert_eq!(conflict("UTC", &after(weekdays), &after(spain)), None);
    assert!(conflict("UTC", &after(spain), &after(weekdays)).is_some());
}

/// 23:00 on the day of the order ends before the day does, and after it has begun.
#[test]
fn clock_times_end_no_later_than_their_day() {
    let evening = r#"{ until = { instant = "23:00" }, of = "place" }"#;
    let sunday = r#"{ until = { minute = "22:59" }, of = "place", next = "sun" }"#;
    let placed = |unit: &str| format!("{{ {unit}, after = \"place\" }}");
    let never = |inside: &str, past: &str| {
        assert_eq!(
            conflict("Europe/Paris", inside, past),
            None,
            "{inside} {past}"
        );
    };
    let can = |inside: &str, past: &str| {
        assert!(
            conflict("Europe/Paris", inside, past).is_some(),
            "{inside} {past}"
        );
    };
    never(evening, &placed("days = 0"));
    can(&placed("days = 0"), evening);
    never(r#"{ until = { instant = "22:00" }, of = "place" }"#, sunday);
    can(sunday, evening);
    // At 23:00 sharp on a Sunday, the instant is inside and the minute before it over.
    can(evening, sunday);
    // The next Sunday is at most six days away.
    never(sunday, &placed("days = 6"));
    can(sunday, &placed("days = 5"));
    // Placed at midnight, 23:00 is 23 hours later; the clocks go back on a Sunday.
    can(evening, &placed("hours = 22"));
    never(evening, &placed("hours = 24"));
    // Placed in the evening, hours end after it.
    can(&placed("hours = 1"), evening);
}

/// What counts from an earlier event ends earlier; from a later one it may not.
#[test]
fn an_earlier_event_ends_earlier() {
    let from = |days: u32, event: &str| {
        format!("{{ days = {days}, after = \"{event}\", opens = \"any\" }}")
    };
    let of = |inside: (u32, &str), past: (u32, &str)| {
        conflict("UTC", &from(inside.0, inside.1), &from(past.0, past.1))
    };
    assert_eq!(of((14, "ship"), (14, "deliver")), None);
    assert_eq!(of((14, "place"), (30, "deliver")), None);
    assert_eq!(of((14, "deliver"), (14, "deliver_last")), None);
    assert!(of((14, "deliver"), (14, "ship")).is_some());
    assert!(of((14, "deliver"), (30, "place")).is_some());
    // Nothing says which of these comes first.
    assert!(of((14, "accept"), (30, "ship")).is_some());
}

/// An act that comes after another has passed what that one has.
#[test]
fn a_later_act_has_passed_what_an_earlier_one_has() {
    let by = |days: u32, act: &str| {
        format!("{{ days = {days}, after = \"deliver\", opens = \"any\", act = \"{act}\" }}")
    };
    let of = |inside: (u32, &str), past: (u32, &str)| {
        conflict("UTC", &by(inside.0, inside.1), &by(past.0, past.1))
    };
    assert_eq!(of((14, "decision"), (14, "request")), None);
    assert!(of((14, "request"), (14, "decision")).is_some());
    assert!(of((15, "decision"), (14, "request")).is_some());
    // Nothing says which of these comes first.
    assert!(of((14, "request"), (14, "hand_over")).is_some());
    // Goods were handed over before they were received, in the words of the vocabulary.
    assert_eq!(of((14, "receive"), (14, "hand_over")), None);
    let example = of((14, "hand_over"), (14, "receive")).unwrap();
    let wanted = "receipt of the goods comes more than 14 days after `deliver`";
    assert!(example.contains(wanted), "{example}");
    // A statement that was sent was sent before it came; one may still be to be sent.
    assert!(of((14, "request"), (14, "statement")).is_some());
    let sent = format!("{}, happened = \"statement_send\"", by(14, "statement"));
    assert_eq!(conflict("UTC", &by(14, "request"), &sent), None);
}

/// A window that moves to a working day is past only then.
#[test]
fn a_rolled_window_is_past_with_the_working_day() {
    let rolled =
        |days: u32| format!("{{ days = {days}, after = \"deliver\", roll = \"weekdays\" }}");
    // Day 14 stays where it is on a weekday, and moves to a later one otherwise.
    assert_eq!(conflict("UTC", &after("14 days"), &rolled(14)), None);
    assert!(conflict("UTC", &after("15 days"), &rolled(14)).is_some());
    assert_eq!(conflict("UTC", &after("15 days"), &rolled(15)), None);
    // What is inside the window is not late.
    assert_eq!(conflict("UTC", &rolled(14), &after("14 days")), None);
}

/// Parts of the week that have no instant in common exclude each other.
#[test]
fn parts_of_the_week_do_not_meet() {
    let week = |from: &str, to: &str| {
        format!(
            "{{ of = \"place\", from = {{ minute = \"{from}\" }}, to = {{ minute = \"{to}\" }} }}"
        )
    };
    let load = |other: &str| {
        let text = format!(
            "[[clause]]\nid = \"ACM-01\"\nsays = \"A.\"\nsource = \"B\"\non = \"return\"\n\
             when = {{ week = {} }}\ngrants = {{ remedy = \"refund\" }}\n\
             [[clause]]\nid = \"ACM-02\"\nsays = \"A.\"\nsource = \"B\"\non = \"return\"\n\
             when = {{ week = {other} }}\nrefuses = {{ reason = \"weekend\" }}\n\
             [[clause]]\nid = \"ACM-03\"\nsays = \"A.\"\nsource = \"B\"\non = \"return\"\n\
             refers = {{ reason = \"other_time\" }}\n",
            week("mon 00:00", "fri 18:00")
        );
        Catalog::load(&[generate::terms(&text)])
    };
    assert!(load(&week("fri 18:01", "sun 23:59")).is_ok());
    let error = load(&week("fri 18:00", "sun 23:59")).unwrap_err();
    let codes: Vec<&str> = error.diagnostics().map(|d| d.code).collect();
    assert_eq!(codes, ["conflict"], "{error}");
}

/// Delivered on the 15th of January, the next 15th is 31 days away, and a day away after the
/// 14th. The year that follows 28 February 2027 is a leap year.
#[test]
fn the_next_day_of_a_month_or_year_is_at_most_one_away() {
    let month = r#"{ day_of_month = 15, after = "deliver" }"#;
    let of = |inside: &str, past: &str| conflict("Europe/Paris", inside, past);
    assert_eq!(of(month, &after("31 days")), None);
    let example = of(month, &after("30 days")).unwrap();
    let wanted = "more than 30 days after `deliver`";
    assert!(example.contains(wanted), "{example}");
    assert!(
        example.contains("by the next day 15 of a month after `deliver`"),
        "{example}"
    );
    assert_eq!(of(&after("1 days"), month), None);
    assert!(of(&after("2 days"), month).is_some());
    let year = r#"{ date = "02-29", after = "deliver" }"#;
    assert_eq!(of(year, &after("366 days")), None);
    assert!(of(year, &after("365 days")).is_some());
    // On the day itself it ends with it.
    let own = r#"{ day_of_month = 15, of = "deliver" }"#;
    assert_eq!(of(own, &after("30 days")), None);
    assert!(of(own, &after("29 days")).is_some());
    assert!(of(&after("1 days"), own).is_some());
    assert_eq!(of(own, month), None);
    assert!(of(month, own).is_some());
}

/// From 1 November to 31 January there are 91 days, from 25 December 37.
#[test]
fn a_season_bounds_what_counts_from_its_days() {
    let january = r#"{ date = "01-31", after = "place", opens = "place" }"#;
    let placed = |days: u32| format!("{{ days = {days}, after = \"place\" }}");
    let bought = |past: &str| format!("{past}, day = {{ of = \"place\", in = \"christmas\" }}");
    let of = |inside: &str, past: &str| conflict("Europe/Paris", inside, &bought(past));
    assert_eq!(of(january, &placed(91)), None);
    let example = of(january, &placed(90)).unwrap();
    assert!(
        example.contains("such as with `place` on 2026-11-01"),
        "{example}"
    );
    assert_eq!(of(&placed(37), january), None);
    assert!(of(&placed(38), january).is_some());
    // Out of season it can be the whole year.
    assert!(conflict("Europe/Paris", january, &placed(91)).is_some());
}

/// Dates stand in their order, and so do those who act.
#[test]
fn dates_are_compared_with_each_other() {
    let date = |date: &str, act: &str| {
        format!("{{ date = \"{date}\", act = \"{act}\", opens = \"any\" }}")
    };
    let of = |inside: (&str, &str), past: (&str, &str)| {
        conflict("UTC", &date(inside.0, inside.1), &date(past.0, past.1))
    };
    let (eve, day) = ("2026-12-24", "2026-12-25");
    assert_eq!(of((eve, "request"), (eve, "request")), None);
    assert_eq!(of((eve, "request"), (day, "request")), None);
    let example = of((day, "request"), (eve, "request")).unwrap();
    for words in [
        "the request comes after 2026-12-24",
        "the request comes by 2026-12-25",
    ] {
        assert!(example.contains(words), "{example}");
    }
    assert_eq!(of((eve, "decision"), (eve, "request")), None);
    assert!(of((eve, "request"), (eve, "decision")).is_some());
    // Days of the customer end up to 26 hours apart from those of the terms.
    let home =
        |date: &str| format!("{{ date = \"{date}\", zone = \"customer\", opens = \"any\" }}");
    assert!(conflict("UTC", &home(eve), &date(eve, "request")).is_some());
    assert!(conflict("UTC", &home(eve), &date(day, "request")).is_some());
    assert_eq!(
        conflict("UTC", &home(eve), &date("2026-12-26", "request")),
        None
    );
    // A window that rolls is past with the working day: the 26th is a Saturday.
    let rolled = r#"{ date = "2026-12-26", opens = "any", roll = "weekdays" }"#;
    assert_eq!(
        conflict("UTC", &date("2026-12-28", "request"), rolled),
        None
    );
    assert!(conflict("UTC", &date("2026-12-29", "request"), rolled).is_some());
}

/// A period of 14 to 60 days ends with day 14 at the earliest, and with day 60 at the latest.
#[test]
fn a_period_that_a_fact_makes_is_compared_by_its_limits() {
    let stated = |unit: &str| {
        let fact = "{ fact = \"quantity\", at_least = 14, at_most = 60 }";
        format!("{{ {unit} = {fact}, after = \"deliver\" }}")
    };
    let days = stated("days");
    let of = |inside: &str, past: &str| conflict("Europe/Paris", inside, past);
    assert_eq!(of(&days, &after("60 days")), None);
    let example = of(&days, &after("59 days")).unwrap();
    let wanted = "at most the period of `quantity` (14 days to 60 days) after `deliver`";
    assert!(example.contains(wanted), "{example}");
    assert_eq!(of(&after("14 days"), &days), None);
    assert!(of(&after("15 days"), &days).is_some());
    // The same number is the same on both sides.
    assert_eq!(of(&days, &days), None);
    // 60 hours are over with day 3, however many they are.
    assert_eq!(of(&stated("hours"), &after("3 days")), None);
    assert!(of(&stated("hours"), &after("1 days")).is_some());
    // A test of the number says how long the period is.
    let few = format!("{}, quantity = {{ at_most = 20 }}", after("20 days"));
    assert_eq!(of(&days, &few), None);
    let some = format!("{}, quantity = {{ at_most = 21 }}", after("20 days"));
    assert!(of(&days, &some).is_some());
    let many = format!("{days}, quantity = {{ at_least = 31 }}");
    assert_eq!(of(&after("31 days"), &many), None);
    assert!(of(&after("32 days"), &many).is_some());
}
