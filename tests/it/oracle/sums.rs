//! What an amount of the terms comes to, from "Amounts" in `docs/policy-language.md`.

use std::collections::{BTreeMap, BTreeSet};

use redress::domain::money::{Amount, Rounding};
use redress::domain::path::Owner;
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::vocabulary::{Class, Event, Fact, Kind};
use redress::policy::terms::{Base, Count, Every, FactRef, Formula, Scope, Sum};

use super::exact::Exact;
use super::worth::{Worths, part};
use super::{Oracle, RowAnswer};

/// What follows from something that nobody has told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Untold {
    /// It can be known by now: it is asked for.
    Asked,
    /// It cannot be known yet, or is to be found: money waits.
    Held,
    /// It happened at a time that nobody knows: a person decides.
    Reviewed,
}

/// Something of a formula that is not known, and values that it can have.
struct Open {
    key: String,
    values: Vec<i64>,
    untold: Untold,
}

/// Values of what is open, by what it is.
type Guess = BTreeMap<String, i64>;

/// What a formula takes parts of.
#[derive(Clone, Copy)]
pub struct Units {
    /// What the units can still pay.
    pub paid: i64,
    /// What they cost before discounts.
    pub price: i64,
    /// In what the amount counts once.
    pub scope: Scope,
    /// The units of the group, for amounts that are stated of a group.
    pub of_group: (i32, i32),
}

/// When an event happened, as far as periods need it.
#[derive(Clone, Copy)]
enum When {
    /// Between two instants, which are one where its time is known.
    Known(Instant, Instant),
    Ahead,
    Asked,
    Untimed,
}

/// Rounds as the terms say.
fn rounded(exact: Exact, rounding: Rounding) -> i64 {
    match rounding {
        Rounding::HalfUp => exact.half_up(),
        Rounding::Down => exact.floor(),
        Rounding::Up => -(Exact::ZERO - exact).floor(),
    }
}

/// Whether a formula is a share of what units cost, so that parts of it are worked out one
/// after the other.
pub fn is_share(formula: &Formula) -> bool {
    match formula {
        Formula::Fixed(..) | Formula::Stated(_) => false,
        Formula::Percent(_, of, _) | Formula::Part { of, .. } => {
            matches!(of, Base::Paid | Base::Price)
        }
        Formula::Times(of, _) => is_share(of),
        Formula::Greatest(list) | Formula::Least(list) | Formula::All(list) => {
            list.iter().all(is_share)
        }
    }
}

/// Whether what units cost makes a difference.
pub fn needs_units(formula: &Formula) -> bool {
    match formula {
        Formula::Fixed(..) | Formula::Stated(_) => false,
        Formula::Percent(_, of, _) | Formula::Part { of, .. } => {
            matches!(of, Base::Paid | Base::Price)
        }
        Formula::Times(of, _) => needs_units(of),
        Formula::Greatest(list) | Formula::Least(list) | Formula::All(list) => {
            list.iter().any(needs_units)
        }
    }
}

impl Oracle<'_> {
    /// Works out a formula, in minor units.
    pub fn work(&self, formula: &Formula, units: &Units, guess: &Guess) -> i64 {
        let all = |list: &[Formula]| -> Vec<i64> {
            list.iter().map(|of| self.work(of, units, guess)).collect()
        };
        match formula {
            Formula::Fixed(amount, _) => amount.minor(),
            Formula::Stated(fact) => self.stated_amount(*fact, units, guess),
            Formula::Percent(points, of, rounding) => {
                let of = Exact::from(self.base(*of, units, guess));
                rounded(of * Exact::new(i128::from(*points), 10_000), *rounding)
            }
            Formula::Part {
                of,
                used,
                whole,
                unused,
            } => {
                let of = self.base(*of, units, guess);
                let whole = self.count(whole, guess);
                let used = self.count(used, guess).min(whole);
                let counted = if *unused { whole - used } else { used };
                match whole {
                    // Of nothing nothing is used.
                    0 if *unused => of,
                    0 => 0,
                    _ => (Exact::from(of) * Exact::new(counted.into(), whole.into())).half_up(),
                }
            }
            Formula::Times(of, count) => self.work(of, units, guess) * self.count(count, guess),
            Formula::Greatest(list) => all(list).into_iter().max().unwrap(),
            Formula::Least(list) => all(list).into_iter().min().unwrap(),
            Formula::All(list) => all(list).into_iter().sum(),
        }
    }

    fn base(&self, base: Base, units: &Units, guess: &Guess) -> i64 {
        match base {
            Base::Paid => units.paid,
            Base::Price => units.price,
            Base::Delivery => self.facts.order().delivery.paid.unwrap().minor(),
            Base::StandardDelivery => self.facts.order().delivery.standard_cost.unwrap().minor(),
            Base::KeptDiscount => self.kept_discount(units.scope),
            Base::Stated(fact) => self.stated_amount(fact, units, guess),
        }
    }

    fn told_amount(&self, fact: Fact) -> Option<i64> {
        let named = FactRef { fact, word: None };
        self.amount(&named).map(Amount::minor)
    }

    fn stated_amount(&self, fact: Fact, units: &Units, guess: &Guess) -> i64 {
        let told = self.told_amount(fact);
        let amount = told.unwrap_or_else(|| guess[fact.word()]);
        if fact.spec().field.owner() != Owner::Units {
            return amount;
        }
        let (from, to) = units.of_group;
        let group = self.group().quantity;
        part(amount, to, group) - part(amount, from, group)
    }

    fn count(&self, count: &Count, guess: &Guess) -> i64 {
        match self.counted(count) {
            Ok(known) => known,
            Err(open) => guess[&open.key],
        }
    }

    /// Counts, or says what is open.
    fn counted(&self, count: &Count) -> Result<i64, Open> {
        match count {
            Count::Stated(fact) => {
                let named = FactRef {
                    fact: *fact,
                    word: None,
                };
                // A number that is not told is asked for here, whatever tests make of it.
                let before = self.untold.get();
                let number = self.number(&named);
                self.untold.set(before);
                let limits = (fact.spec().at_least, fact.spec().at_most);
                let limits = limits.0.unwrap_or(0)..=limits.1.unwrap_or(i64::MAX);
                number.ok_or_else(|| Open {
                    key: fact.word().to_owned(),
                    values: [0, 1, 2, 40, fact.spec().at_most.unwrap_or(100_000)]
                        .into_iter()
                        .filter(|number| limits.contains(number))
                        .collect(),
                    untold: self.untold_fact(*fact),
                })
            }
            Count::Beyond(..) => unreachable!("it is not drawn"),
            Count::Periods {
                from,
                to,
                every,
                begun,
            } => {
                let open = |untold, values| Open {
                    key: format!("{count:?}"),
                    values,
                    untold,
                };
                let many = || vec![0, 1, 2, 40, 100_000];
                let decided = self.facts.decide_time();
                match (self.moment(*from), self.moment(*to)) {
                    (When::Known(a, b), When::Known(c, d)) => {
                        let zone = self.zone();
                        let least = periods(zone, (b, c), *every, *begun);
                        let most = periods(zone, (a, d), *every, *begun);
                        match least == most {
                            true => Ok(least),
                            false => Err(open(Untold::Asked, (least..=most).collect())),
                        }
                    }
                    // It comes later, or never: nothing has passed from it.
                    (When::Ahead, When::Known(_, to)) if to <= decided => Ok(0),
                    (When::Ahead, When::Untimed) => Ok(0),
                    (When::Ahead, When::Known(..)) => Err(open(Untold::Held, many())),
                    (When::Asked, When::Known(..) | When::Asked | When::Untimed)
                    | (_, When::Asked) => Err(open(Untold::Asked, many())),
                    (_, When::Ahead) => Err(open(Untold::Held, many())),
                    (When::Untimed, _) | (_, When::Untimed) => Err(open(Untold::Reviewed, many())),
                }
            }
        }
    }

    fn moment(&self, event: Event) -> When {
        let request = self.facts.request();
        let told = match (event, self.stored_event(event)) {
            (Event::Request, _) => EventTime::At(request.request_time),
            (_, told) => told,
        };
        let zone = self.zone();
        match told {
            EventTime::At(at) => When::Known(at, at),
            EventTime::On(day) if event.spec().planned => {
                When::Known(day.start(zone), day.start(zone))
            }
            EventTime::On(day) => {
                When::Known(day.start(zone), day.plus_days(1).start(zone).previous())
            }
            EventTime::NotYet => When::Ahead,
            EventTime::Unknown if event.is_to_come() => When::Ahead,
            // What has to come before it has not come.
            EventTime::Unknown if self.waits_for_another(event) => When::Ahead,
            EventTime::Unknown => When::Asked,
            EventTime::Happened => When::Untimed,
        }
    }

    fn waits_for_another(&self, event: Event) -> bool {
        let before = Event::ALL.iter();
        let mut before = before.filter(|other| event.before() & other.bit() != 0);
        before.any(|other| self.stored_event(*other) == EventTime::NotYet)
    }

    /// What follows from a fact that nobody has told.
    fn untold_fact(&self, fact: Fact) -> Untold {
        let after = match fact {
            Fact::ReturnPaid => Some(Event::HandOver),
            Fact::CollectionCost => Some(Event::ShopCollect),
            Fact::UndeliveredCost => Some(Event::WarehouseReturn),
            _ => None,
        };
        let can_be_told = match after {
            Some(event) => self.happened(event),
            None => fact.spec().class != Class::Finding,
        };
        match can_be_told {
            true => Untold::Asked,
            false => Untold::Held,
        }
    }

    /// Lists what of a formula nobody has told, each once.
    fn open(&self, formula: &Formula) -> Vec<Open> {
        let mut open: Vec<Open> = Vec::new();
        let facts = formula.facts().into_iter();
        for fact in facts.filter(|fact| fact.spec().kind == Kind::Amount) {
            if self.told_amount(fact).is_none() {
                open.push(Open {
                    key: fact.word().to_owned(),
                    values: vec![0, 1, 99, 5000, 9_999_999],
                    untold: self.untold_fact(fact),
                });
            }
        }
        let counts = formula.counts();
        // A number can matter just above one that is known beside it.
        let known = counts.iter().filter_map(|count| self.counted(count).ok());
        let above: Vec<i64> = known.map(|known| known + 1).collect();
        open.extend(counts.iter().filter_map(|count| {
            let mut one = self.counted(count).err()?;
            let most = one.values.iter().max().copied().unwrap_or(0);
            let least = one.values.iter().min().copied().unwrap_or(0);
            let between = above.iter().filter(|n| (least..=most).contains(n));
            one.values.extend(between);
            one.values.sort_unstable();
            one.values.dedup();
            Some(one)
        }));
        let mut seen = BTreeSet::new();
        open.retain(|one| seen.insert(one.key.clone()));
        open
    }

    /// What follows from what nobody has told, as far as what is worked out turns on it.
    fn matters(&self, formula: &Formula, amount: impl Fn(&Guess) -> Vec<i64>) -> Vec<Untold> {
        let open = self.open(formula);
        let mut guesses = vec![Guess::new()];
        for one in &open {
            let longer = guesses.iter().flat_map(|guess| {
                one.values.iter().map(|value| {
                    let mut guess = guess.clone();
                    guess.insert(one.key.clone(), *value);
                    guess
                })
            });
            guesses = longer.collect();
        }
        let amounts: Vec<_> = guesses.iter().map(&amount).collect();
        let turns = |key: &str| {
            // By the values of all others, what it comes to.
            let mut seen: BTreeMap<Guess, &Vec<i64>> = BTreeMap::new();
            guesses.iter().zip(&amounts).any(|(guess, amount)| {
                let mut others = guess.clone();
                others.remove(key);
                *seen.entry(others).or_insert(amount) != amount
            })
        };
        let open = open.iter().filter(|one| turns(&one.key));
        open.map(|one| one.untold).collect()
    }

    /// Whether an amount of some units turns on what nobody has told.
    pub fn turns_on_untold(&self, formula: &Formula, units: &Units) -> bool {
        let matter = self.matters(formula, |guess| vec![self.work(formula, units, guess)]);
        !matter.is_empty()
    }

    /// What follows from what nobody has told of an amount, for one row. What is taken off
    /// row by row takes nothing where nothing is left.
    pub fn untold_of(
        &self,
        row: &RowAnswer<'_>,
        sum: &Sum,
        left: Option<i64>,
        off: bool,
    ) -> BTreeSet<Untold> {
        let line = Worths::of(self.facts, row.place.line);
        let mut lines = self.facts.request().lines.iter();
        let groups = lines.find(|asked| asked.line == self.line().id);
        let of_row = matches!(sum.scope, Scope::Row | Scope::Unit);
        let matter = if of_row && groups.is_some_and(|asked| asked.groups.len() > 1) {
            // Units of other rows can come before these: any of the line can be meant.
            let all = line.left_units();
            if left.is_some() && line.payable(0, all) == 0 {
                return BTreeSet::new();
            }
            let of_line = self.matters(&sum.formula, |guess| {
                vec![self.upto(&line, row, sum, all, guess)]
            });
            let own = self.matters(&sum.formula, |guess| match sum.scope {
                Scope::Row => vec![self.upto(&line, row, sum, row.quantity, guess)],
                _ => vec![self.of_row(&line, row, sum, 0, false, guess)],
            });
            of_line.into_iter().chain(own).collect()
        } else if of_row {
            return self.untold_at(row, sum, left, 0);
        } else {
            let mut units = Units {
                scope: sum.scope,
                paid: line.payable(0, row.quantity),
                price: line.price(0, row.quantity),
                of_group: (0, 0),
            };
            // What pays nothing has no part in what is taken off.
            if off && !row.pays() {
                (units.paid, units.price) = (0, 0);
            }
            self.add_earlier(sum, row.place.line, &mut units);
            self.matters(&sum.formula, |guess| {
                vec![self.work(&sum.formula, &units, guess)]
            })
        };
        matter.into_iter().collect()
    }

    /// The same of units that so many others of their line come before.
    pub fn untold_at(
        &self,
        row: &RowAnswer<'_>,
        sum: &Sum,
        left: Option<i64>,
        r: i32,
    ) -> BTreeSet<Untold> {
        if left == Some(0) {
            return BTreeSet::new();
        }
        let line = Worths::of(self.facts, row.place.line);
        let matter = match is_share(&sum.formula) && sum.scope == Scope::Row {
            // Whether it makes a difference is asked of all units up to these: what rounding
            // leaves of it for the last of them does not count.
            true => self.matters(&sum.formula, |guess| {
                let all = self.upto(&line, row, sum, r + row.quantity, guess);
                let capped = left.filter(|_| line.consumed + r == 0);
                vec![capped.map_or(all, |left| all.min(left))]
            }),
            false => self.matters(&sum.formula, |guess| {
                let amount = self.of_row(&line, row, sum, r, left.is_some(), guess);
                vec![left.map_or(amount, |left| amount.min(left))]
            }),
        };
        matter.into_iter().collect()
    }

    /// Adds the units that earlier requests used up, where an amount counts once for them too.
    pub fn add_earlier(&self, sum: &Sum, line: usize, units: &mut Units) {
        let all = 0..self.facts.order().lines.len();
        let lines: Vec<usize> = match sum.scope {
            Scope::Line => vec![line],
            Scope::Group => self.of_group(),
            Scope::Order => all.collect(),
            Scope::Row | Scope::Unit | Scope::Parcel | Scope::ReturnParcel | Scope::Request => {
                Vec::new()
            }
        };
        let earlier = &self.facts.order().earlier;
        let tells = earlier.iter().any(|e| !e.taken.is_empty()) && !sum.code.is_empty();
        let id = |place: usize| self.facts.order().lines[place].id;
        let was_taken = match tells {
            true => earlier
                .iter()
                .filter(|e| lines.iter().any(|place| e.line == Some(id(*place))))
                .any(|e| e.taken.iter().any(|(code, _)| *code == sum.code)),
            false => lines
                .iter()
                .any(|place| Worths::of(self.facts, *place).kept_back > 0),
        };
        // Where it was not taken before, it is not of earlier units.
        if was_taken {
            for place in lines {
                let line = Worths::of(self.facts, place);
                units.paid += line.payable_gone();
                units.price += line.price_gone();
            }
        }
    }

    /// What an amount comes to for the units of a row, of which r units of its line come
    /// first; capped: each unit gives what it can.
    pub fn of_row(
        &self,
        line: &Worths<'_>,
        row: &RowAnswer<'_>,
        sum: &Sum,
        r: i32,
        capped: bool,
        guess: &Guess,
    ) -> i64 {
        let q = row.quantity;
        let group = |from: i32, to: i32| (row.offset + from, row.offset + to);
        if sum.scope == Scope::Unit {
            let each = (0..q).map(|unit| {
                let units = Units {
                    scope: sum.scope,
                    paid: line.payable(r + unit, 1),
                    price: line.price(r + unit, 1),
                    of_group: group(unit, unit + 1),
                };
                let amount = self.work(&sum.formula, &units, guess);
                if capped {
                    amount.min(units.paid)
                } else {
                    amount
                }
            });
            return each.sum();
        }
        let upto = |k: i32| self.upto(line, row, sum, k, guess);
        match is_share(&sum.formula) {
            true => (upto(r + q) - upto(r)).max(0),
            false => upto(r + q),
        }
    }

    /// What an amount comes to for the units of a line up to the first k that are left.
    fn upto(
        &self,
        line: &Worths<'_>,
        row: &RowAnswer<'_>,
        sum: &Sum,
        k: i32,
        guess: &Guess,
    ) -> i64 {
        let units = Units {
            scope: sum.scope,
            paid: line.payable_gone() + line.payable(0, k),
            price: line.price_gone() + line.price(0, k),
            of_group: (row.offset, row.offset + row.quantity),
        };
        self.work(&sum.formula, &units, guess)
    }

    /// Values for what does not matter.
    pub fn any_guess(&self, formula: &Formula) -> Guess {
        let open = self.open(formula).into_iter();
        open.map(|one| (one.key, one.values[0])).collect()
    }
}

/// Counts periods one by one.
fn periods(zone: Zone, (from, to): (Instant, Instant), every: Every, begun: bool) -> i64 {
    let (first, last) = (zone.day_of(from), zone.day_of(to));
    // Whether the start of a period, or its end, lies before the second event or with it.
    let reaches = |count: i64| -> std::cmp::Ordering {
        let day = |day: Day| day.cmp(&last);
        match every {
            Every::Hours(hours) => from.plus_hours(count * i64::from(hours)).cmp(&to),
            Every::Days(days) => day(first.plus_days(count * i64::from(days))),
            Every::Months(months) => {
                let months = i32::try_from(count * i64::from(months)).unwrap();
                day(first.plus_months_clamped(months))
            }
        }
    };
    let mut full = 0;
    while reaches(full + 1).is_le() {
        full += 1;
    }
    if begun && reaches(full).is_lt() {
        full += 1;
    }
    full
}
