//! Mutants: a policy with one clause changed, which a case of that clause must notice.

use std::fmt;

use chrono::TimeDelta;

use crate::domain::facts::Action;
use crate::domain::money::Amount;
use crate::domain::time::Day;
use crate::domain::verdict::{NextDay, Period};
use crate::policy::checked::{CheckedPolicy, Clause, Guard};
use crate::policy::terms::{AmountRange, Clock, Effect, End, Part, Test, Where, WindowSpec};

/// Names how a clause was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It never applies.
    Off,
    /// It applies always: no test, no window.
    Always,
    /// One of its tests is turned around, or dropped where it has no opposite.
    Test(usize),
    /// One of its limits lies a unit later: a day, an hour, a month or a minute.
    Later(usize),
    /// One of its limits lies a unit earlier.
    Earlier(usize),
    /// Its last day does not move to a working day.
    Unrolled,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("switched off"),
            Self::Always => f.write_str("applied always"),
            Self::Test(index) => write!(f, "test {} turned around", index.saturating_add(1)),
            Self::Later(index) => write!(f, "limit {} later", index.saturating_add(1)),
            Self::Earlier(index) => write!(f, "limit {} earlier", index.saturating_add(1)),
            Self::Unrolled => f.write_str("without the move of its last day"),
        }
    }
}

/// Returns the indexes of a clause with an effect: one, or one for each of its bands.
pub(super) fn places(policy: &CheckedPolicy, id: &str) -> Vec<usize> {
    let clauses = policy.clauses.iter().enumerate();
    let named = clauses.filter(|(_, clause)| clause.id.as_str() == id);
    named.map(|(index, _)| index).collect()
}

/// Returns whether a clause has a condition or a window, so that there is an
/// inside and an outside.
pub(super) fn has_sides(clause: &Clause) -> bool {
    clause.guard != Guard::default()
        || matches!(&clause.effect, Effect::Grants(grant) if grant.window.is_some())
}

/// Makes a clause apply never.
pub(super) fn switch_off(policy: &mut CheckedPolicy, index: usize) {
    // An empty list of tests always holds.
    if let Some(clause) = policy.clauses.get_mut(index) {
        clause.guard.unless.push(Vec::new());
    }
    policy.uncovered.retain(|(_, by)| *by != index);
}

/// Returns every mutant of a clause.
pub(super) fn of(policy: &CheckedPolicy, index: usize) -> Vec<(Change, CheckedPolicy)> {
    let Some(clause) = policy.clauses.get(index) else {
        return Vec::new();
    };
    let mut mutants = Vec::new();
    let mut add = |change: Change, edit: &dyn Fn(&mut Clause)| {
        let mut mutant = policy.clone();
        if let Some(clause) = mutant.clauses.get_mut(index) {
            edit(clause);
        }
        mutants.push((change, mutant));
    };
    if has_sides(clause) {
        add(Change::Always, &|clause| {
            clause.guard = Guard::default();
            if let Effect::Grants(grant) = &mut clause.effect {
                grant.window = None;
            }
        });
    }
    for test in 0..tests(clause).len() {
        add(Change::Test(test), &|clause| turn(clause, test));
    }
    for limit in 0..limits(&mut clause.clone()).len() {
        add(Change::Later(limit), &|clause| shift(clause, limit, true));
        add(Change::Earlier(limit), &|clause| {
            shift(clause, limit, false)
        });
    }
    if matches!(&clause.effect, Effect::Grants(g) if g.window.as_ref().is_some_and(|w| w.roll.is_some()))
    {
        add(Change::Unrolled, &|clause| {
            if let Effect::Grants(grant) = &mut clause.effect
                && let Some(window) = &mut grant.window
            {
                window.roll = None;
            }
        });
    }
    let mut off = policy.clone();
    switch_off(&mut off, index);
    mutants.push((Change::Off, off));
    mutants
}

/// Returns the policy with one action of which its terms do not speak led to one of
/// its routes.
pub(super) fn spoken_of(policy: &CheckedPolicy) -> Vec<CheckedPolicy> {
    let mut targets: Vec<Action> = policy.routes.iter().map(|(_, route)| *route).collect();
    targets.sort();
    targets.dedup();
    let uncovered = |action: &&Action| !policy.routes.iter().any(|(of, _)| of == *action);
    let mut mutants = Vec::new();
    for action in Action::ALL.iter().filter(uncovered) {
        for route in &targets {
            let mut mutant = policy.clone();
            mutant.routes.push((*action, *route));
            mutant.routes.sort();
            mutants.push(mutant);
        }
    }
    mutants
}

fn tests(clause: &Clause) -> Vec<&Test> {
    let guard = &clause.guard;
    let lists = guard.unless.iter().chain(&guard.any).flatten();
    guard.all.iter().chain(lists).collect()
}

/// Turns a test around, or drops it.
fn turn(clause: &mut Clause, mut index: usize) {
    let guard = &mut clause.guard;
    let lists = std::iter::once(&mut guard.all)
        .chain(&mut guard.unless)
        .chain(&mut guard.any);
    for list in lists {
        if index >= list.len() {
            index = index.saturating_sub(list.len());
            continue;
        }
        let test = list.remove(index);
        if let Some(turned) = turned(test) {
            list.insert(index, turned);
        }
        return;
    }
}

/// Turns a test around; where it has no opposite, into one that fails where it held.
fn turned(test: Test) -> Option<Test> {
    if let Some(opposite) = test.opposite() {
        return Some(opposite);
    }
    match test {
        Test::Range(fact, from, to) => Some(match (from.checked_sub(1), to.checked_add(1)) {
            (Some(below), _) => Test::Range(fact, i64::MIN, below),
            (None, Some(above)) => Test::Range(fact, above, i64::MAX),
            (None, None) => return None,
        }),
        Test::Amount(fact, range) => {
            let step = Amount::from_minor(1);
            let (low, high) = match range.high {
                _ if range.low > Amount::ZERO => (Amount::ZERO, Some(range.low.less(step))),
                Some(high) => (high.plus(step), None),
                None => return None,
            };
            Some(Test::Amount(fact, AmountRange { low, high, ..range }))
        }
        Test::Window(spec, _) => Some(Test::Window(spec, Where::Inside)),
        Test::DayIn(day, calendar, inside) => Some(Test::DayIn(day, calendar, !inside)),
        _ => None,
    }
}

/// One limit of a clause.
enum Limit<'c> {
    Period(&'c mut Period),
    Clock(&'c mut Clock),
    Date(&'c mut Day),
    Count(&'c mut i32),
}

/// Collects the limits of a clause.
fn limits(clause: &mut Clause) -> Vec<Limit<'_>> {
    let mut found = Vec::new();
    let guard = &mut clause.guard;
    let lists = std::iter::once(&mut guard.all)
        .chain(&mut guard.unless)
        .chain(&mut guard.any);
    for test in lists.flatten() {
        match test {
            Test::Window(spec, _) => of_window(spec, &mut found),
            Test::Week(_, part) => {
                found.push(Limit::Clock(&mut part.from.1));
                found.push(Limit::Clock(&mut part.to.1));
            }
            Test::NotSupplied(_, Some(end)) => of_end(end, &mut found),
            _ => {}
        }
    }
    match &mut clause.effect {
        Effect::Grants(grant) => {
            if let Some(window) = &mut grant.window {
                of_window(window, &mut found);
            }
        }
        Effect::Extends(_, end) => of_end(end, &mut found),
        Effect::Adds(addition) => {
            for part in &mut addition.parts {
                match part {
                    Part::Due(end) => of_end(end, &mut found),
                    Part::Obligation(spec) => {
                        if let Some(end) = &mut spec.due {
                            of_end(end, &mut found);
                        }
                    }
                    _ => {}
                }
            }
        }
        Effect::Refuses(_) | Effect::Refers(_) => {}
    }
    found
}

fn of_window<'w>(spec: &'w mut WindowSpec, found: &mut Vec<Limit<'w>>) {
    of_end(&mut spec.closes, found);
    if let Some(end) = &mut spec.opens {
        of_end(end, found);
    }
    if let Some(end) = spec.roll.as_mut().and_then(|roll| roll.of.as_mut()) {
        of_end(end, found);
    }
}

fn of_end<'e>(end: &'e mut End, found: &mut Vec<Limit<'e>>) {
    match end {
        End::After(_, period, _) => found.push(Limit::Period(period)),
        End::Clock(_, clock) => found.push(Limit::Clock(clock)),
        End::Date(day, _) => found.push(Limit::Date(day)),
        End::Stated(_, period) => {
            found.push(Limit::Count(&mut period.at_least));
            found.push(Limit::Count(&mut period.at_most));
        }
        End::Latest(ends) | End::Earliest(ends) => {
            for end in ends {
                of_end(end, found);
            }
        }
        End::Never | End::Before(_) => {}
    }
}

fn shift(clause: &mut Clause, index: usize, later: bool) {
    match limits(clause).into_iter().nth(index) {
        Some(Limit::Period(
            Period::Days(n)
            | Period::BusinessDays(n)
            | Period::Months(n)
            | Period::Hours(n)
            | Period::ShortDays(n)
            | Period::ShortHours(n)
            | Period::ShortMonths(n)
            | Period::ShortBusinessDays(n),
        )) => {
            *n = match (later, *n) {
                (true, n) => n.saturating_add(1),
                // What ends with its event is not counted back from it.
                (false, 0) => 0,
                (false, n) => n.saturating_sub(1),
            };
        }
        Some(Limit::Clock(Clock::Instant(time) | Clock::Minute(time))) => {
            let minute = TimeDelta::minutes(if later { 1 } else { -1 });
            *time = time.overflowing_add_signed(minute).0;
        }
        Some(Limit::Period(Period::Next(next))) => *next = beside(*next, later),
        Some(Limit::Count(count)) => *count = count.saturating_add(if later { 1 } else { -1 }),
        Some(Limit::Date(day)) => *day = day.plus_days(if later { 1 } else { -1 }),
        None => {}
    }
}

/// Returns the day after or before a day of a month or of the year.
fn beside(next: NextDay, later: bool) -> NextDay {
    // A year in which every day exists, and a month with all days.
    const YEAR: i32 = 2024;
    let month = next.month.unwrap_or(1).unsigned_abs();
    let own = Day::new(YEAR, month, next.day.unsigned_abs());
    let Some(moved) = own.map(|day| day.plus_days(if later { 1 } else { -1 })) else {
        return next;
    };
    let number = |of: u32| i32::try_from(of).unwrap_or_default();
    NextDay {
        month: next.month.map(|_| number(moved.month())),
        day: number(moved.day()),
        ..next
    }
}
