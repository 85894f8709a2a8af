//! Works out the amounts that clauses say.

use super::unknown::is_of_units;
use crate::domain::money::{Amount, part};
use crate::domain::time::{Day, EventTime, Instant};
use crate::domain::verdict::{Arithmetic, Steps};
use crate::domain::vocabulary::{Event, Fact};
use crate::engine::kept::{self, Among};
use crate::engine::read::read;
use crate::engine::world::{Key, World};
use crate::policy::terms::{Base, Count, Every, Formula, Scope, Sum};

/// Nanoseconds of an hour.
const HOUR: i128 = 3_600_000_000_000;

/// Holds what a formula takes parts of.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Basis {
    /// What the units can still pay.
    pub paid: Amount,
    /// What they cost before discounts; `None`: not known.
    pub price: Option<Amount>,
    /// Of the row's units the first that counts, and how many do: an amount that is stated
    /// of a group is shared by its units.
    pub units: (i32, i32),
    /// The lines of which discounts on kept units count.
    pub among: Among,
}

/// Says that something of a sum is not known.
pub(in crate::engine) fn not_known(sum: &Sum) -> Arithmetic {
    let facts = sum.formula.facts();
    let amount = facts.first().map_or("other", |fact| fact.word());
    Arithmetic::Unknown { amount }
}

/// Works out what a sum comes to for a row, at most a cap; `None`: something is not known.
pub(in crate::engine) fn of_row(
    world: &World<'_, '_>,
    sum: &Sum,
    cap: Option<Amount>,
) -> Option<(Amount, Arithmetic)> {
    let row = &world.row;
    let capped = |amount: Amount| cap.map_or(amount, |cap| amount.at_most(cap));
    if sum.scope == Scope::Unit {
        return of_units(world, &sum.formula, cap);
    }
    // Worked out cumulatively, so that splits add up.
    let upto = |units: i32| Basis {
        paid: world.facts.worth_upto(row.line, units).unwrap_or_default(),
        price: price_of(world, row.line, units),
        units: (0, row.quantity),
        among: Among::Line,
    };
    let all = row.earlier.saturating_add(row.quantity);
    let (amount, steps) = work(world, &sum.formula, &upto(all))?;
    let before = match sum.formula.is_proportional() && row.earlier != 0 {
        true => work(world, &sum.formula, &upto(row.earlier))?.0,
        false => Amount::ZERO,
    };
    let arithmetic = Arithmetic::Said {
        steps: Box::new(steps),
        units: 1,
        before,
        cap,
    };
    Some((capped(amount.less(before)), arithmetic))
}

/// Works out what comes to each unit, at most what it can still pay.
fn of_units(
    world: &World<'_, '_>,
    formula: &Formula,
    cap: Option<Amount>,
) -> Option<(Amount, Arithmetic)> {
    let row = &world.row;
    let mut total = Amount::ZERO;
    let mut first: Option<Steps> = None;
    let mut alike = true;
    for unit in 0..row.quantity {
        let mut one = *row;
        one.earlier = row.earlier.saturating_add(unit);
        one.quantity = 1;
        let paid = world.facts.worth(&one).unwrap_or_default();
        let basis = Basis {
            paid,
            price: price_of(world, row.line, 1),
            units: (unit, 1),
            among: Among::Line,
        };
        let (amount, steps) = work(world, formula, &basis)?;
        // What is charged or paid back does not come off the unit.
        let amount = cap.map_or(amount, |_| amount.at_most(paid));
        total = total.plus(amount);
        alike &= first.as_ref().is_none_or(|first| *first == steps);
        first.get_or_insert(steps);
    }
    let total = cap.map_or(total, |cap| total.at_most(cap));
    let arithmetic = match first {
        Some(steps) if alike => Arithmetic::Said {
            steps: Box::new(steps),
            units: row.quantity,
            before: Amount::ZERO,
            cap: Some(total),
        },
        _ => Arithmetic::Stated {
            stated: total,
            cap: total,
        },
    };
    Some((total, arithmetic))
}

/// Returns what units of a line cost before discounts; `None`: not known.
pub(in crate::engine) fn price_of(
    world: &World<'_, '_>,
    line: usize,
    units: i32,
) -> Option<Amount> {
    let line = world.facts.order().lines.get(line)?;
    Some(part(line.gross()?, line.quantity, 0, units))
}

/// Works out a formula; `None`: something is not known.
pub(in crate::engine) fn work(
    world: &World<'_, '_>,
    formula: &Formula,
    basis: &Basis,
) -> Option<(Amount, Steps)> {
    let all = |list: &[Formula]| -> Option<(Vec<Amount>, Vec<Steps>)> {
        let each = list.iter().map(|of| work(world, of, basis));
        each.collect()
    };
    Some(match formula {
        Formula::Fixed(amount, _) => (*amount, Steps::Amount(*amount)),
        Formula::Stated(fact) => {
            let amount = stated(world, *fact, basis.units)?;
            (amount, Steps::Amount(amount))
        }
        Formula::Percent(basis_points, of, rounding) => {
            let of = base(world, *of, basis)?;
            let amount = of.fraction((i64::from(*basis_points), 10_000), *rounding);
            let basis_points = *basis_points;
            (amount, Steps::Percent { of, basis_points })
        }
        Formula::Part {
            of,
            used,
            whole,
            unused,
        } => {
            let of = base(world, *of, basis)?;
            let whole = counted(world, *whole).ok()?;
            let used = counted(world, *used).ok()?.min(whole);
            let taken = match unused {
                true => whole.saturating_sub(used),
                false => used,
            };
            let amount = of.fraction_half_up(taken, whole);
            (amount, Steps::Part { of, taken, whole })
        }
        Formula::Times(of, count) => {
            let (each, steps) = work(world, of, basis)?;
            let count = counted(world, *count).ok()?;
            let amount = each.fraction_half_up(count, 1);
            (amount, Steps::Times(Box::new(steps), count))
        }
        Formula::Greatest(list) => {
            let (amounts, steps) = all(list)?;
            (
                amounts.into_iter().max().unwrap_or_default(),
                Steps::Greatest(steps),
            )
        }
        Formula::Least(list) => {
            let (amounts, steps) = all(list)?;
            (
                amounts.into_iter().min().unwrap_or_default(),
                Steps::Least(steps),
            )
        }
        Formula::All(list) => {
            let (amounts, steps) = all(list)?;
            (amounts.into_iter().sum(), Steps::All(steps))
        }
    })
}

/// Returns an amount that the facts state: of a group of units the part of some of them.
fn stated(world: &World<'_, '_>, fact: Fact, (first, units): (i32, i32)) -> Option<Amount> {
    let amount = match fact {
        Fact::OrderValue | Fact::KeptValue => read(world, fact, None).amount(),
        _ => world.stated(fact),
    }?;
    if !is_of_units(fact) {
        return Some(amount);
    }
    let group = world.group?;
    let before = world.row.offset.saturating_add(first);
    Some(part(amount, group.quantity, before, units))
}

fn base(world: &World<'_, '_>, of: Base, basis: &Basis) -> Option<Amount> {
    match of {
        Base::Paid => Some(basis.paid),
        Base::Price => basis.price,
        Base::Delivery => world.facts.order().delivery.paid,
        Base::StandardDelivery => world.facts.order().delivery.standard_cost,
        Base::KeptDiscount => kept::discount(world, basis.among),
        Base::Stated(fact) => stated(world, fact, basis.units),
    }
}

/// Counts; an error names what is not known. What a completion assumes of facts and times is
/// not looked at: they are asked for as they are needed, whatever they are.
pub(super) fn counted<'a>(world: &World<'a, '_>, count: Count) -> Result<i64, Key<'a>> {
    match count {
        Count::Stated(fact) => match read(world, fact, None).number() {
            Some(number) => Ok(number.max(0)),
            None => Err(world.key_of(fact)),
        },
        Count::Periods {
            from,
            to,
            every,
            begun,
        } => world.shown(|world| periods(world, (from, to), every, begun)),
    }
}

fn periods<'a>(
    world: &World<'a, '_>,
    (from, to): (Event, Event),
    every: Every,
    begun: bool,
) -> Result<i64, Key<'a>> {
    let ((start, from), (end, to)) = (world.event(from), world.event(to));
    // What has not begun has no periods.
    if start == EventTime::NotYet {
        return Ok(0);
    }
    let (starts, ends) = (instants(world, start, from)?, instants(world, end, to)?);
    let zone = world.zone()?;
    let days = |(first, last): (Instant, Instant)| (zone.day_of(first), zone.day_of(last));
    match every {
        Every::Hours(hours) => {
            let between = |from: Instant, to: Instant| {
                full_and_begun(
                    to.nanos_since(from),
                    HOUR.saturating_mul(i128::from(hours)),
                    begun,
                )
            };
            let least = between(starts.1, ends.0);
            // A day leaves the hour open: where that matters the time is asked for.
            match least == between(starts.0, ends.1) {
                true => Ok(least),
                false if starts.0 == starts.1 => Err(to),
                false => Err(from),
            }
        }
        Every::Days(every) => {
            let passed = days(ends).0.days_since(days(starts).0);
            Ok(full_and_begun(i128::from(passed), i128::from(every), begun))
        }
        Every::Months(every) => {
            let (from, to) = (days(starts).0, days(ends).0);
            Ok(months(from, to, i64::from(every), begun))
        }
    }
}

/// Returns the first and the last instant at which an event can have happened.
fn instants<'a>(
    world: &World<'a, '_>,
    time: EventTime,
    key: Key<'a>,
) -> Result<(Instant, Instant), Key<'a>> {
    match time {
        EventTime::At(at) => Ok((at, at)),
        EventTime::On(day) => {
            let zone = world.zone()?;
            Ok((day.start(zone), day.plus_days(1).start(zone).previous()))
        }
        EventTime::NotYet | EventTime::Unknown | EventTime::Happened => Err(key),
    }
}

/// Divides what has passed by the length of a period; one that has begun counts too where it
/// says so. Nothing passes backwards.
fn full_and_begun(passed: i128, every: i128, begun: bool) -> i64 {
    let passed = passed.max(0);
    let added = match begun {
        true => every.saturating_sub(1),
        false => 0,
    };
    let periods = passed.saturating_add(added).checked_div(every);
    i64::try_from(periods.unwrap_or_default()).unwrap_or(i64::MAX)
}

/// Counts months from one day to another, clamped to the end of the month.
fn months(from: Day, to: Day, every: i64, begun: bool) -> i64 {
    if to <= from {
        return 0;
    }
    let after = |count: i64| {
        let months = i32::try_from(count.saturating_mul(every)).unwrap_or(i32::MAX);
        from.plus_months_clamped(months)
    };
    // No month has more than 31 days, so that it is not past the first of these.
    let mut full = to.days_since(from).div_euclid(31_i64.saturating_mul(every));
    while after(full.saturating_add(1)) <= to {
        full = full.saturating_add(1);
    }
    match begun && after(full) < to {
        true => full.saturating_add(1),
        false => full,
    }
}
