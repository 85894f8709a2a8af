//! Works out the amounts that clauses say.

use super::bounds::{AmountInterval, Bounds};
use super::unknown::is_of_units;
use crate::domain::facts::{Facts, RowIndex};
use crate::domain::money::{Amount, part};
use crate::domain::path::Owner;
use crate::domain::time::{Day, EventTime, Instant};
use crate::domain::verdict::{Arithmetic, Steps};
use crate::domain::vocabulary::{Event, Fact};
use crate::engine::read::kept;
use crate::engine::read::kept::Among;
use crate::engine::read::lookup::read;
use crate::engine::read::world::{Key, World};
use crate::policy::terms::{Allowance, Base, Count, Every, Formula, Scope, Sum};

/// Stands for more than anybody counts: periods of a century of hours.
const MANY: i64 = 1_000_000;
/// Nanoseconds of an hour.
const HOUR: i128 = 3_600_000_000_000;

/// Units that follow each other: how many, and behind how many others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnitRange {
    /// How many units come before them.
    pub before: i32,
    /// How many they are.
    pub count: i32,
}

impl UnitRange {
    /// The first units.
    pub(crate) const fn first(count: i32) -> Self {
        Self { before: 0, count }
    }

    /// The units of a row, among those of its line.
    pub(crate) const fn of_row(row: &RowIndex) -> Self {
        Self {
            before: row.earlier,
            count: row.quantity,
        }
    }
}

/// Holds what a formula takes parts of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormulaInputs {
    /// What the units can still pay.
    pub paid: Amount,
    /// What they cost before discounts; `None`: not known.
    pub price: Option<Amount>,
    /// Those of the row's units that count: an amount that is stated of a group is shared by
    /// its units.
    pub units: UnitRange,
    /// The lines of which discounts on kept units count.
    pub among: Among,
}

impl FormulaInputs {
    /// Adds the units that earlier requests used up, where a sum counts once for them too, so
    /// that splits add up.
    pub(crate) fn add_earlier(&mut self, world: &World<'_, '_>, sum: &Sum) {
        let (facts, scope) = (world.facts, sum.scope);
        let own = world.row.line;
        let counts = |line: &usize| match scope {
            Scope::Line => *line == own,
            Scope::Group => facts.group_of(*line) == facts.group_of(own),
            Scope::Order => true,
            Scope::Row | Scope::Unit | Scope::Parcel | Scope::ReturnParcel | Scope::Request => {
                false
            }
        };
        let lines: Vec<usize> = (0..facts.order().lines.len()).filter(counts).collect();
        // Where it was not taken before, it is not of earlier units.
        if !facts.can_have_taken(&lines, &sum.code) {
            return;
        }
        for line in lines {
            let paid = payable(facts, Some(facts.used_up(line)));
            self.paid = self.paid.plus(paid);
            let price = price_of(world, line, UnitRange::first(facts.consumed(line)));
            self.price = self.price.zip(price).map(|(all, more)| all.plus(more));
        }
    }
}

/// Says that something of a sum is not known.
pub(crate) fn not_known(sum: &Sum) -> Arithmetic {
    let facts = sum.formula.facts();
    let amount = facts.first().map_or("other", |fact| fact.word());
    Arithmetic::Unknown { amount }
}

/// Something that is not known of a count, and between what it lies.
pub(super) struct OpenCount<'a> {
    /// What makes it known.
    pub keys: Vec<Key<'a>>,
    /// The least that it can be.
    pub least: i64,
    /// The most that it can be.
    pub most: i64,
}

/// Works out what a sum comes to for a row, at most a cap; `None`: something is not known.
pub(crate) fn of_row(
    world: &World<'_, '_>,
    sum: &Sum,
    cap: Option<Amount>,
) -> Option<(Amount, Arithmetic)> {
    let row = &world.row;
    let capped = |amount: Amount| cap.map_or(amount, |cap| amount.at_most(cap));
    if sum.scope == Scope::Unit {
        return of_units(world, &sum.formula, cap);
    }
    let all = row.earlier.saturating_add(row.quantity);
    let basis = upto(world, all);
    // Worked out cumulatively, so that splits add up.
    let before = match sum.formula.is_proportional() && row.earlier != 0 {
        true => {
            work_known(world, &sum.formula, &upto(world, row.earlier), None).map(|(all, _)| all)
        }
        false => Some(Amount::ZERO),
    };
    let cap_of_all = before.and_then(|before| Some(cap?.plus(before)));
    let worked = work_known(world, &sum.formula, &basis, cap_of_all).zip(before);
    let Some(((amount, steps), before)) = worked else {
        // Nothing is taken off nothing.
        let nothing = cap.filter(|cap| cap.is_zero())?;
        let (stated, cap) = (nothing, nothing);
        return Some((nothing, Arithmetic::Stated { stated, cap }));
    };
    let open = amount.less(before);
    let arithmetic = Arithmetic::Said {
        steps: Box::new(steps),
        units: 1,
        before,
        cap: cap.filter(|cap| open > *cap),
    };
    Some((capped(open), arithmetic))
}

/// Returns what a row's parts are taken of: the first units of its line, those that come
/// before with them.
pub(super) fn upto(world: &World<'_, '_>, units: i32) -> FormulaInputs {
    let row = &world.row;
    let paid = world.facts.worth_upto(row.line, units);
    FormulaInputs {
        paid: payable(world.facts, paid),
        price: price_of(world, row.line, UnitRange::first(units)),
        units: UnitRange::first(row.quantity),
        among: Among::Line,
    }
}

/// Returns what parts are taken of for one of a row's units.
pub(super) fn of_unit(world: &World<'_, '_>, unit: i32) -> FormulaInputs {
    let mut one = world.row;
    one.earlier = one.earlier.saturating_add(unit);
    one.quantity = 1;
    FormulaInputs {
        paid: payable(world.facts, world.facts.worth(&one)),
        price: price_of(world, one.line, UnitRange::of_row(&one)),
        units: UnitRange {
            before: unit,
            count: 1,
        },
        among: Among::Line,
    }
}

/// Returns what units pay: nothing where nothing was charged.
pub(crate) fn payable(facts: &Facts<'_>, worth: Option<Amount>) -> Amount {
    match facts.nothing_charged() {
        true => Amount::ZERO,
        false => worth.unwrap_or_default(),
    }
}

/// Works out a formula, at most a cap; `None`: it turns on something that is not known.
pub(crate) fn work_known(
    world: &World<'_, '_>,
    formula: &Formula,
    basis: &FormulaInputs,
    cap: Option<Amount>,
) -> Option<(Amount, Steps)> {
    work(world, formula, basis).or_else(|| {
        let bounds = Bounds {
            world,
            basis: *basis,
            priced: true,
        };
        let amount = bounds.range(formula).only(AmountInterval::up_to(cap))?;
        Some((amount, Steps::Amount(amount)))
    })
}

/// Works out what comes to each unit, at most what it can still pay.
fn of_units(
    world: &World<'_, '_>,
    formula: &Formula,
    cap: Option<Amount>,
) -> Option<(Amount, Arithmetic)> {
    let mut total = Amount::ZERO;
    let mut first: Option<Steps> = None;
    let (mut alike, mut bites) = (true, false);
    for unit in 0..world.row.quantity {
        let basis = of_unit(world, unit);
        let of_unit = cap.map(|_| basis.paid);
        let Some((amount, steps)) = work_known(world, formula, &basis, of_unit) else {
            let all = range_of_units(world, formula, cap.is_some());
            let total = all.only(AmountInterval::up_to(cap))?;
            let (stated, cap) = (total, total);
            return Some((total, Arithmetic::Stated { stated, cap }));
        };
        // What is charged or paid back does not come off the unit.
        bites |= of_unit.is_some_and(|paid| amount > paid);
        let amount = of_unit.map_or(amount, |paid| amount.at_most(paid));
        total = total.plus(amount);
        alike &= first.as_ref().is_none_or(|first| *first == steps);
        first.get_or_insert(steps);
    }
    bites |= cap.is_some_and(|cap| total > cap);
    let total = cap.map_or(total, |cap| total.at_most(cap));
    let arithmetic = match first {
        Some(steps) if alike => Arithmetic::Said {
            steps: Box::new(steps),
            units: world.row.quantity,
            before: Amount::ZERO,
            cap: bites.then_some(total),
        },
        _ => Arithmetic::Stated {
            stated: total,
            cap: total,
        },
    };
    Some((total, arithmetic))
}

/// Returns the least and the greatest that comes to all units of a row; capped, each gives at
/// most what it can still pay.
pub(super) fn range_of_units(
    world: &World<'_, '_>,
    formula: &Formula,
    capped: bool,
) -> AmountInterval {
    let mut all = AmountInterval::up_to(Some(Amount::ZERO));
    for unit in 0..world.row.quantity {
        let basis = of_unit(world, unit);
        let bounds = Bounds {
            world,
            basis,
            priced: world.facts.line_net(world.row.line).is_some(),
        };
        let cap = capped.then_some(basis.paid);
        let range = bounds.range(formula).within(AmountInterval::up_to(cap));
        all.least = all.least.plus(range.least);
        all.most = all.most.plus(range.most);
    }
    all
}

/// Returns what units of a line cost before discounts; `None`: not known.
pub(crate) fn price_of(world: &World<'_, '_>, line: usize, units: UnitRange) -> Option<Amount> {
    let line = world.facts.order().lines.get(line)?;
    Some(part(
        line.gross()?,
        line.quantity,
        units.before,
        units.count,
    ))
}

/// Works out a formula; `None`: something is not known.
fn work(
    world: &World<'_, '_>,
    formula: &Formula,
    basis: &FormulaInputs,
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
            let amount = of.fraction(i64::from(*basis_points), 10_000, *rounding);
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
            let used = counted(world, *used).ok()?;
            let (amount, taken) = part_of(of, used, whole, *unused);
            match whole {
                0 => (amount, Steps::Amount(amount)),
                _ => (amount, Steps::Part { of, taken, whole }),
            }
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

/// Returns the part of an amount for those of the `whole` that are `used`, or with `unused` for
/// the others, and how many these are. Of nothing nothing is used.
pub(super) fn part_of(of: Amount, used: i64, whole: i64, unused: bool) -> (Amount, i64) {
    let used = used.min(whole);
    let taken = match unused {
        true => whole.saturating_sub(used),
        false => used,
    };
    match (whole, unused) {
        (0, true) => (of, taken),
        _ => (of.fraction_half_up(taken, whole), taken),
    }
}

/// Returns an amount that the facts state: of a group of units the part of some of them.
fn stated(world: &World<'_, '_>, fact: Fact, units: UnitRange) -> Option<Amount> {
    share_of_units(world, fact, known_amount(world, fact)?, units)
}

/// Returns an amount that the facts state, of all that it is of.
pub(super) fn known_amount(world: &World<'_, '_>, fact: Fact) -> Option<Amount> {
    match fact {
        Fact::OrderValue | Fact::KeptValue => read(world, fact, None).amount(),
        _ => world.stated(fact),
    }
}

/// Returns the part of an amount that is of some of a row's units: all of it where it is not
/// stated of units.
pub(super) fn share_of_units(
    world: &World<'_, '_>,
    fact: Fact,
    amount: Amount,
    units: UnitRange,
) -> Option<Amount> {
    if !is_of_units(fact) {
        return Some(amount);
    }
    let group = world.group?;
    let before = world.row.offset.saturating_add(units.before);
    Some(part(amount, group.quantity, before, units.count))
}

fn base(world: &World<'_, '_>, of: Base, basis: &FormulaInputs) -> Option<Amount> {
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
pub(super) fn counted<'a>(world: &World<'a, '_>, count: Count) -> Result<i64, OpenCount<'a>> {
    match count {
        Count::Stated(fact) => match number(world, fact) {
            Some(number) => Ok(number.max(0)),
            None => Err(OpenCount {
                keys: vec![world.key_of(fact)],
                least: fact.spec().at_least.unwrap_or_default().max(0),
                most: fact.spec().at_most.unwrap_or(MANY),
            }),
        },
        Count::Periods {
            from,
            to,
            every,
            begun,
        } => world.shown(|world| periods(world, from, to, every, begun)),
        Count::Beyond(fact, allowance) => beyond(world, fact, allowance),
    }
}

/// Counts what a number is above an allowance.
fn beyond<'a>(
    world: &World<'a, '_>,
    fact: Fact,
    allowance: Allowance,
) -> Result<i64, OpenCount<'a>> {
    let allowed = match allowance {
        Allowance::Number(number) => Ok(i64::from(number)),
        Allowance::Share(basis_points, of) => counted(world, Count::Stated(of)).map(|of| {
            let share = of.saturating_mul(i64::from(basis_points));
            share.div_euclid(10_000)
        }),
        Allowance::Each(number, (from, to), every, begun) => {
            let periods = Count::Periods {
                from,
                to,
                every,
                begun,
            };
            counted(world, periods).map(|count| count.saturating_mul(i64::from(number)))
        }
    };
    match (counted(world, Count::Stated(fact)), allowed) {
        (Ok(number), Ok(allowed)) => Ok(number.saturating_sub(allowed).max(0)),
        (Ok(most), Err(open)) => Err(OpenCount {
            keys: open.keys,
            least: 0,
            most,
        }),
        (Err(open), Ok(allowed)) => Err(OpenCount {
            least: open.least.saturating_sub(allowed).max(0),
            most: open.most.saturating_sub(allowed).max(0),
            keys: open.keys,
        }),
        (Err(open), Err(other)) => Err(OpenCount {
            keys: [open.keys, other.keys].concat(),
            least: 0,
            most: open.most,
        }),
    }
}

fn number(world: &World<'_, '_>, fact: Fact) -> Option<i64> {
    if !matches!(fact.spec().field.owner(), Owner::Order | Owner::Request) {
        world.scratch.read_own();
    }
    read(world, fact, None).number()
}

/// What periods need to know of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KnownEvent {
    /// The first and the last instant at which it can have happened.
    Between(Instant, Instant),
    /// It has not happened yet, or may not have.
    Ahead,
    /// Somebody can tell it, or nobody knows when it happened.
    Open,
}

fn told<'a>(world: &World<'a, '_>, event: Event, time: EventTime) -> Result<KnownEvent, Key<'a>> {
    Ok(match time {
        EventTime::At(at) => KnownEvent::Between(at, at),
        EventTime::On(day) => {
            let zone = world.zone()?;
            let last = day.plus_days(1).start(zone).previous();
            KnownEvent::Between(day.start(zone), last)
        }
        EventTime::NotYet => KnownEvent::Ahead,
        EventTime::Unknown if event.is_to_come() => KnownEvent::Ahead,
        EventTime::Unknown | EventTime::Happened => KnownEvent::Open,
    })
}

/// Counts the periods from one event to another; one that has begun counts where `begun` says
/// so.
fn periods<'a>(
    world: &World<'a, '_>,
    from: Event,
    to: Event,
    every: Every,
    begun: bool,
) -> Result<i64, OpenCount<'a>> {
    let any = |keys: Vec<Key<'a>>| OpenCount {
        keys,
        least: 0,
        most: MANY,
    };
    let one = |key: Key<'a>| any(vec![key]);
    let ((start, from_key), (end, to_key)) = (world.event(from), world.event(to));
    let (starts, ends) = (
        told(world, from, start).map_err(one)?,
        told(world, to, end).map_err(one)?,
    );
    let decided = world.facts.decide_time();
    let (starts, ends) = match (starts, ends) {
        (KnownEvent::Between(a, b), KnownEvent::Between(c, d)) => ((a, b), (c, d)),
        // What comes after the second event, or never, is followed by no period.
        (KnownEvent::Ahead, KnownEvent::Between(_, last)) if last <= decided => return Ok(0),
        (KnownEvent::Ahead, KnownEvent::Open) if end == EventTime::Happened => return Ok(0),
        (_, KnownEvent::Ahead) => return Err(one(to_key)),
        (KnownEvent::Open, KnownEvent::Open) => return Err(any(vec![from_key, to_key])),
        (_, KnownEvent::Open) => return Err(one(to_key)),
        (KnownEvent::Ahead | KnownEvent::Open, KnownEvent::Between(..)) => {
            return Err(one(from_key));
        }
    };
    let zone = world.zone().map_err(one)?;
    match every {
        Every::Hours(hours) => {
            let between = |from: Instant, to: Instant| {
                full_and_begun(
                    to.nanos_since(from),
                    HOUR.saturating_mul(i128::from(hours)),
                    begun,
                )
            };
            let (least, most) = (between(starts.1, ends.0), between(starts.0, ends.1));
            if least == most {
                return Ok(least);
            }
            // A day leaves the hour open: where that matters the time is asked for.
            let mut keys = Vec::new();
            if starts.0 != starts.1 {
                keys.push(from_key);
            }
            if ends.0 != ends.1 {
                keys.push(to_key);
            }
            Err(OpenCount { keys, least, most })
        }
        Every::Days(every) => {
            let passed = zone.day_of(ends.0).days_since(zone.day_of(starts.0));
            Ok(full_and_begun(i128::from(passed), i128::from(every), begun))
        }
        Every::Months(every) => {
            let (from, to) = (zone.day_of(starts.0), zone.day_of(ends.0));
            Ok(months(from, to, i64::from(every), begun))
        }
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
