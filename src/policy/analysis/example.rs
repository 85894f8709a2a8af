//! Says in words what a situation is, for an example that an author reads.

use super::formula::{Literal, Truth, Values};
use super::model::{Model, Subject, Variable};
use super::search::Search;
use super::span::Span;
use super::stated;
use crate::domain::verdict::Act;
use crate::domain::vocabulary::Event;
use crate::policy::terms::{Clock, FactRef, WindowZone};

/// Says what of a situation is decided, without what follows from the rest of it.
pub(super) fn words(
    model: &Model<'_>,
    search: &Search<'_, '_>,
    situation: &[Values],
) -> Vec<String> {
    let kept = kept(model, situation);
    // Facts first, then when acts take place.
    let (mut facts, mut acts) = (Vec::new(), Vec::new());
    let mut told: Vec<(Act, Event)> = Vec::new();
    for (variable, left) in &kept {
        let Some(of) = model.variables.get(*variable) else {
            continue;
        };
        match &of.subject {
            Subject::Reached(act, event) | Subject::Passed(act, event, ..) => {
                if !told.contains(&(*act, *event)) {
                    told.push((*act, *event));
                    let mut said = fallen(model, &kept, *act, *event);
                    if mixes_units(model, &kept, *act, *event)
                        && let Some(day) = search.day_of(situation, *event)
                    {
                        said.push_str(&format!(", such as with `{event}` on {day}"));
                    }
                    acts.push(said);
                }
            }
            Subject::Fact(_)
            | Subject::NotSupplied(..)
            | Subject::Happened(_)
            | Subject::Dated(..)
            | Subject::Week(_)
            | Subject::InCalendar(..) => facts.push(value(model, of, *left)),
        }
    }
    facts.sort();
    facts.append(&mut acts);
    facts
}

/// Returns the variables that are decided and do not follow from others that are.
fn kept(model: &Model<'_>, situation: &[Values]) -> Vec<(usize, Values)> {
    let mut left: Vec<Values> = situation.to_vec();
    for (variable, of) in model.variables.iter().enumerate() {
        if left.get(variable).is_some_and(|l| *l != of.domain)
            && model
                .theory
                .iter()
                .any(|list| follows(list, variable, of, &left))
            && let Some(slot) = left.get_mut(variable)
        {
            *slot = of.domain;
        }
    }
    let decided = left.iter().zip(&model.variables).enumerate();
    decided
        .filter(|(_, (left, of))| **left != of.domain)
        .map(|(variable, (left, _))| (variable, *left))
        .collect()
}

/// Whether a list of which one literal holds leaves a variable nothing but the values that
/// it has.
fn follows(list: &[Literal], variable: usize, of: &Variable, left: &[Values]) -> bool {
    let mut own = list.iter().filter(|l| l.variable == variable);
    let (Some(literal), None) = (own.next(), own.next()) else {
        return false;
    };
    left.get(variable) == Some(&(of.domain & literal.values))
        && list
            .iter()
            .filter(|l| l.variable != variable)
            .all(|l| matches!(l.truth(left), Truth::No))
}

/// Says which value a variable has that stands alone.
fn value(model: &Model<'_>, of: &Variable, left: Values) -> String {
    let index = usize::try_from(left.trailing_zeros()).unwrap_or(usize::MAX);
    let value = of.values.get(index).map_or("", String::as_str);
    let yes = value == "yes";
    match &of.subject {
        Subject::Fact(fact) => format!("{} = {value}", name(fact)),
        Subject::NotSupplied(fact, _) if yes => format!("{} is never supplied", name(fact)),
        Subject::NotSupplied(fact, _) => format!("{} can still be supplied", name(fact)),
        Subject::Happened(event) if yes => format!("`{event}` has happened"),
        Subject::Happened(event) => format!("`{event}` has not happened"),
        Subject::Week(event) => format!("`{event}` falls into the part of the week {value}"),
        Subject::InCalendar(day, calendar) => {
            let calendar = model.policy.calendars.get(*calendar);
            let name = calendar.map_or("", |c| c.name.as_str());
            let of = match day.next {
                None => format!("the day of `{}`", day.of),
                Some(weekday) => format!("the next {} from `{}` on", weekday_word(weekday), day.of),
            };
            let not = if yes { "" } else { "not " };
            format!("{of} is {not}in `{name}`")
        }
        Subject::Dated(act, day, zone) => {
            let side = if yes { "after" } else { "by" };
            let act = act_words(*act);
            format!("{act} comes {side} {day}{}", by_days_of(*zone))
        }
        // These are told together.
        Subject::Reached(..) | Subject::Passed(..) => String::new(),
    }
}

/// Returns what is kept of where an act falls against one event: whether each is passed.
fn against<'m>(
    model: &'m Model<'_>,
    kept: &'m [(usize, Values)],
    act: Act,
    event: Event,
) -> impl Iterator<Item = (Option<(&'m Span, WindowZone)>, bool)> {
    kept.iter().filter_map(move |(variable, left)| {
        let passed = *left == 2;
        match &model.variables.get(*variable)?.subject {
            Subject::Reached(a, e) if (*a, *e) == (act, event) => Some((None, passed)),
            Subject::Passed(a, e, span, zone) if (*a, *e) == (act, event) => {
                Some((Some((span, *zone)), passed))
            }
            Subject::Fact(_)
            | Subject::NotSupplied(..)
            | Subject::Happened(_)
            | Subject::Reached(..)
            | Subject::Passed(..)
            | Subject::Dated(..)
            | Subject::Week(_)
            | Subject::InCalendar(..) => None,
        }
    })
}

/// Whether ends on both sides of an act are counted in different units, so that an example
/// day helps to believe it.
fn mixes_units(model: &Model<'_>, kept: &[(usize, Values)], act: Act, event: Event) -> bool {
    let spans = |wanted: bool| {
        against(model, kept, act, event)
            .filter_map(move |(end, passed)| end.filter(|_| passed == wanted))
            .map(|(span, _)| span)
    };
    spans(true)
        .any(|a| spans(false).any(|b| std::mem::discriminant(a) != std::mem::discriminant(b)))
}

/// Says where an act falls against one event and the ends that count from it.
fn fallen(model: &Model<'_>, kept: &[(usize, Values)], act: Act, event: Event) -> String {
    let mut parts: Vec<String> = Vec::new();
    // Counted from the event: they share its name.
    let mut counted: Vec<String> = Vec::new();
    let against: Vec<_> = against(model, kept, act, event).collect();
    let is_end = |(end, _): &(Option<_>, bool)| end.is_some();
    for side in [true, false] {
        for (end, passed) in against.iter().filter(|(_, passed)| *passed == side) {
            match end {
                // What counts from the event says so too.
                None if *passed && against.iter().any(is_end) => {}
                None if *passed => parts.push(format!("after `{event}`")),
                None => parts.push(format!("before `{event}`")),
                Some((span, zone)) => {
                    let home = by_days_of(*zone);
                    match clock_or_day(model, span, event, *passed) {
                        Some(part) => parts.push(format!("{part}{home}")),
                        None if span.ends_before_event() => {
                            let than = if *passed { "less than" } else { "at least" };
                            let period = period(model, span);
                            parts.push(format!("{than} {period} before `{event}`{home}"));
                        }
                        None => {
                            let than = if *passed { "more than" } else { "at most" };
                            counted.push(format!("{than} {}{home}", period(model, span)));
                        }
                    }
                }
            }
        }
    }
    if !counted.is_empty() {
        parts.push(format!("{} after `{event}`", counted.join(" and ")));
    }
    format!("{} comes {}", act_words(act), parts.join(" and "))
}

/// Says whose days a date is one of, where they are not the policy's.
const fn by_days_of(zone: WindowZone) -> &'static str {
    match zone {
        WindowZone::Policy => "",
        WindowZone::Customer => " by the customer's days",
    }
}

/// Says on which side of an end an act falls that is no number of anything.
fn clock_or_day(model: &Model<'_>, span: &Span, event: Event, passed: bool) -> Option<String> {
    match span {
        Span::Days(0) if passed => Some(format!("after the day of `{event}`")),
        Span::Days(0) => Some(format!("by the end of the day of `{event}`")),
        Span::Clock(next, clock) => {
            let (Clock::Instant(time) | Clock::Minute(time)) = clock;
            let side = if passed { "after" } else { "until" };
            let day = match next {
                None => format!("the day of `{event}`"),
                Some(weekday) => format!("the next {} from `{event}` on", weekday_word(*weekday)),
            };
            Some(format!("{side} {} on {day}", time.format("%H:%M")))
        }
        Span::MovedToWorkingDay(inner, calendar) => {
            let name = calendar_name(model, *calendar);
            clock_or_day(model, inner, event, passed)
                .map(|part| format!("{part}, moved to a working day of `{name}`,"))
        }
        Span::Next(next) => {
            let side = if passed { "after" } else { "by" };
            Some(format!("{side} {next} `{event}`"))
        }
        Span::Hours(_)
        | Span::Stated(_)
        | Span::Date(_)
        | Span::Days(_)
        | Span::Months(_)
        | Span::ShortHours(_)
        | Span::ShortMonths(_)
        | Span::BusinessDays(..)
        | Span::ShortBusinessDays(..) => None,
    }
}

fn period(model: &Model<'_>, span: &Span) -> String {
    let count = |n: i32, one: &str, other: &str| match n.unsigned_abs() {
        1 => format!("1 {one}"),
        n => format!("{n} {other}"),
    };
    match span {
        Span::Hours(n) => count(*n, "hour", "hours"),
        Span::Days(n) => count(*n, "day", "days"),
        Span::Months(n) => count(*n, "month", "months"),
        Span::ShortHours(n) => format!("{} sharp", count(*n, "hour", "hours")),
        Span::ShortMonths(n) => format!("{} less a day", count(*n, "month", "months")),
        Span::BusinessDays(n, calendar) => {
            let name = calendar_name(model, *calendar);
            let days = count(*n, "business day", "business days");
            format!("{days} of `{name}`")
        }
        Span::ShortBusinessDays(n, calendar) => {
            let days = Span::BusinessDays(*n, *calendar);
            format!("{} less a day", period(model, &days))
        }
        Span::MovedToWorkingDay(inner, calendar) => {
            let name = calendar_name(model, *calendar);
            let period = period(model, inner);
            format!("{period} (moved to a working day of `{name}`)")
        }
        // A period that is as long as a fact says has a length for the example alone.
        Span::Stated(of) => {
            let name = name(&of.period.fact);
            let least = stated::span(of.period.least(), of.period.calendar);
            let most = stated::span(of.period.most(), of.period.calendar);
            let (least, most) = (period(model, &least), period(model, &most));
            format!("the period of `{name}` ({least} to {most})")
        }
        Span::Clock(..) | Span::Next(_) | Span::Date(_) => String::new(),
    }
}

fn calendar_name<'m>(model: &'m Model<'_>, calendar: usize) -> &'m str {
    let calendar = model.policy.calendars.get(calendar);
    calendar.map_or("", |c| c.name.as_str())
}

fn name(fact: &FactRef) -> String {
    match &fact.word {
        Some(word) => format!("{}.{word}", fact.fact.spec().name),
        None => fact.fact.spec().name.to_owned(),
    }
}

fn weekday_word(weekday: chrono::Weekday) -> &'static str {
    use chrono::Weekday;
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

fn act_words(act: Act) -> &'static str {
    match act {
        Act::Request => "the request",
        Act::Statement => "the statement",
        Act::Form => "the form",
        Act::HandOver => "the hand-over",
        Act::NextOrder => "the next order",
        Act::Decision => "the decision",
        Act::Place => "the order",
        Act::AddressAnswer => "the answer about the address",
        Act::AttemptAnswer => "the answer to the carrier",
        Act::ShopCollect => "the collection",
        Act::Event(event) => event.spec().phrase,
    }
}
