//! Between what bounds an amount lies while something of it is not known, and what of that it
//! turns on.

use super::formula::{FormulaInputs, OpenCount, counted, known_amount, part_of, share_of_units};
use crate::domain::money::{Amount, Rounding};
use crate::domain::vocabulary::Fact;
use crate::engine::read::kept;
use crate::engine::read::world::{Key, World};
use crate::policy::terms::{Base, Count, Formula};

/// Stands for a limit that there is not.
const UNLIMITED: Amount = Amount::from_minor(i64::MAX);
/// Stands for the greatest amount that can be stated: so many times as much is still more.
const GREAT: Amount = Amount::from_minor(10_000_000_000_000);

/// The least and the greatest that an amount can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AmountInterval {
    pub least: Amount,
    pub most: Amount,
}

impl AmountInterval {
    /// What can be any amount.
    const ANY: Self = Self {
        least: Amount::ZERO,
        most: GREAT,
    };

    const fn one(amount: Amount) -> Self {
        Self {
            least: amount,
            most: amount,
        }
    }

    /// From nothing to what is given, or without a limit.
    pub(super) fn up_to(most: Option<Amount>) -> Self {
        Self {
            least: Amount::ZERO,
            most: most.unwrap_or(UNLIMITED),
        }
    }

    /// What of it lies in a window; all that is outside is like its nearer end.
    pub(super) fn within(self, window: Self) -> Self {
        let clamp = |amount: Amount| amount.max(window.least).min(window.most);
        Self {
            least: clamp(self.least),
            most: clamp(self.most),
        }
    }

    /// Returns the amount if there is only one.
    pub(super) fn only(self, window: Self) -> Option<Amount> {
        let seen = self.within(window);
        (seen.least == seen.most).then_some(seen.least)
    }
}

/// How often something counts.
#[derive(Clone, Copy)]
struct Multiplicity {
    /// At least.
    least: i64,
    /// At most.
    most: i64,
}

impl Multiplicity {
    const fn exactly(count: i64) -> Self {
        Self {
            least: count,
            most: count,
        }
    }
}

/// Looks at a formula of which something is not known.
pub(super) struct Bounds<'a, 'w, 'b> {
    pub world: &'b World<'a, 'w>,
    /// What parts are taken of.
    pub basis: FormulaInputs,
    /// Whether what the units were paid with is known.
    pub priced: bool,
}

impl<'a> Bounds<'a, '_, '_> {
    /// Returns the bounds of a formula.
    pub(super) fn range(&self, formula: &Formula) -> AmountInterval {
        let all = |list: &[Formula], of: fn(Vec<Amount>) -> Amount| {
            let ranges: Vec<AmountInterval> = list.iter().map(|of| self.range(of)).collect();
            AmountInterval {
                least: of(ranges.iter().map(|range| range.least).collect()),
                most: of(ranges.iter().map(|range| range.most).collect()),
            }
        };
        match formula {
            Formula::Fixed(amount, _) => AmountInterval::one(*amount),
            Formula::Stated(fact) => self.stated(*fact),
            Formula::Percent(points, of, rounding) => {
                let of = self.base(*of);
                let part = |of: Amount| of.fraction(i64::from(*points), 10_000, *rounding);
                AmountInterval {
                    least: part(of.least),
                    most: part(of.most),
                }
            }
            Formula::Part {
                of,
                used,
                whole,
                unused,
            } => {
                let (used, whole) = (self.times(*used), self.times(*whole));
                parts(self.base(*of), used, whole, *unused)
            }
            Formula::Times(of, count) => {
                let (of, times) = (self.range(of), self.times(*count));
                AmountInterval {
                    least: of.least.fraction_half_up(times.least, 1),
                    most: of.most.fraction_half_up(times.most, 1),
                }
            }
            Formula::Greatest(list) => all(list, |each| each.into_iter().max().unwrap_or_default()),
            Formula::Least(list) => all(list, |each| each.into_iter().min().unwrap_or_default()),
            Formula::All(list) => all(list, |each| each.into_iter().sum()),
        }
    }

    fn base(&self, of: Base) -> AmountInterval {
        match of {
            Base::Paid if self.priced => AmountInterval::one(self.basis.paid),
            Base::Paid => AmountInterval::ANY,
            Base::Price => self
                .basis
                .price
                .map_or(AmountInterval::ANY, AmountInterval::one),
            Base::Delivery => {
                let paid = self.world.facts.order().delivery.paid;
                paid.map_or(AmountInterval::ANY, AmountInterval::one)
            }
            Base::StandardDelivery => {
                let cost = self.world.facts.order().delivery.standard_cost;
                cost.map_or(AmountInterval::ANY, AmountInterval::one)
            }
            Base::KeptDiscount => {
                let discount = kept::discount(self.world, self.basis.among);
                discount.map_or(AmountInterval::ANY, AmountInterval::one)
            }
            Base::Stated(fact) => self.stated(fact),
        }
    }

    fn stated(&self, fact: Fact) -> AmountInterval {
        if let Some(amount) = known_amount(self.world, fact) {
            let amount = share_of_units(self.world, fact, amount, self.basis.units);
            return amount.map_or(AmountInterval::ANY, AmountInterval::one);
        }
        let (least, most) = self.world.bounds(fact);
        AmountInterval {
            least,
            most: most.unwrap_or(GREAT),
        }
    }

    fn times(&self, count: Count) -> Multiplicity {
        match counted(self.world, count) {
            Ok(count) => Multiplicity::exactly(count),
            Err(OpenCount { least, most, .. }) => Multiplicity { least, most },
        }
    }

    /// Lists what is not known and makes a difference to a formula while that lies in a
    /// window.
    pub(super) fn asked(&self, formula: &Formula, window: AmountInterval, keys: &mut Vec<Key<'a>>) {
        let range = self.range(formula).within(window);
        if range.least == range.most {
            return;
        }
        match formula {
            Formula::Fixed(..) => {}
            Formula::Stated(fact) => self.fact(*fact, keys),
            Formula::Percent(_, of, _) => self.asked_of_base(*of, keys),
            Formula::Part {
                of,
                used,
                whole,
                unused,
            } => {
                let base = self.base(*of);
                let (times_used, times_whole) = (self.times(*used), self.times(*whole));
                let seen = |of: AmountInterval, used: Multiplicity, whole: Multiplicity| {
                    let range = parts(of, used, whole, *unused).within(window);
                    range.least != range.most
                };
                let wholes = pins(times_whole, times_used);
                let useds = pins(times_used, times_whole);
                let bases = [
                    AmountInterval::one(base.least),
                    AmountInterval::one(base.most),
                ];
                let any = |seen: &dyn Fn(Multiplicity, Multiplicity) -> bool,
                           useds: &[Multiplicity],
                           wholes: &[Multiplicity]| {
                    let mut pairs = useds
                        .iter()
                        .flat_map(|u| wholes.iter().map(move |w| (u, w)));
                    pairs.any(|(used, whole)| seen(*used, *whole))
                };
                if any(&|used, whole| seen(base, used, whole), &useds, &wholes) {
                    self.asked_of_base(*of, keys);
                }
                let of_any = |used, whole| bases.iter().any(|of| seen(*of, used, whole));
                if any(&of_any, &[times_used], &wholes) {
                    self.asked_of_count(*used, keys);
                }
                if any(&of_any, &useds, &[times_whole]) {
                    self.asked_of_count(*whole, keys);
                }
            }
            Formula::Times(of, count) => {
                let each = self.range(of);
                let Multiplicity { least, most } = self.times(*count);
                if most > 0 {
                    let most_each = match window.most == UNLIMITED {
                        true => UNLIMITED,
                        false => window.most.fraction(1, least.max(1), Rounding::Up),
                    };
                    let window = AmountInterval {
                        least: window.least.fraction(1, most, Rounding::Down),
                        most: most_each,
                    };
                    self.asked(of, window, keys);
                }
                let seen = |each: Amount| {
                    let range = AmountInterval {
                        least: each.fraction_half_up(least, 1),
                        most: each.fraction_half_up(most, 1),
                    };
                    let range = range.within(window);
                    range.least != range.most
                };
                if seen(each.least) || seen(each.most) {
                    self.asked_of_count(*count, keys);
                }
            }
            Formula::Greatest(list) => self.each(list, keys, |others| {
                // One that is not above the others is not seen.
                let floor = others.map(|range| range.least).max().unwrap_or_default();
                AmountInterval {
                    least: floor.max(window.least),
                    most: window.most,
                }
            }),
            Formula::Least(list) => self.each(list, keys, |others| {
                let ceiling = others.map(|range| range.most).min().unwrap_or(UNLIMITED);
                AmountInterval {
                    least: window.least,
                    most: ceiling.min(window.most),
                }
            }),
            Formula::All(list) => self.each(list, keys, |others| {
                let (mut least, mut most) = (Amount::ZERO, Amount::ZERO);
                for range in others {
                    (least, most) = (least.plus(range.least), most.plus(range.most));
                }
                AmountInterval {
                    least: window.least.less(most),
                    most: match window.most == UNLIMITED {
                        true => UNLIMITED,
                        false => window.most.less(least),
                    },
                }
            }),
        }
    }

    /// Looks at each of several formulas, in a window that the others leave it.
    fn each(
        &self,
        list: &[Formula],
        keys: &mut Vec<Key<'a>>,
        window: impl Fn(&mut dyn Iterator<Item = AmountInterval>) -> AmountInterval,
    ) {
        let ranges: Vec<AmountInterval> = list.iter().map(|of| self.range(of)).collect();
        for (index, of) in list.iter().enumerate() {
            let others = ranges.iter().enumerate();
            let mut others = others
                .filter(|(other, _)| *other != index)
                .map(|(_, range)| *range);
            let window = window(&mut others);
            if window.least < window.most {
                self.asked(of, window, keys);
            }
        }
    }

    fn fact(&self, fact: Fact, keys: &mut Vec<Key<'a>>) {
        if known_amount(self.world, fact).is_none() {
            add(keys, self.world.key_of(fact));
        }
    }

    fn asked_of_base(&self, of: Base, keys: &mut Vec<Key<'a>>) {
        if let Base::Stated(fact) = of {
            self.fact(fact, keys);
        }
    }

    fn asked_of_count(&self, count: Count, keys: &mut Vec<Key<'a>>) {
        if let Err(open) = counted(self.world, count) {
            open.keys.into_iter().for_each(|key| add(keys, key));
        }
    }
}

/// Returns the ends of a count, and one: a part of none is none, so that it counts like an end.
fn ends(of: Multiplicity) -> [i64; 3] {
    [of.least, of.least.max(1).min(of.most), of.most]
}

/// Returns values of a count between which it may matter to another that it is measured by: its
/// ends, one, and the ends of the other.
fn pins(own: Multiplicity, other: Multiplicity) -> [Multiplicity; 5] {
    let [least, one, most] = ends(own);
    let clamp = |end: i64| end.max(own.least).min(own.most);
    [least, one, most, clamp(other.least), clamp(other.most)].map(Multiplicity::exactly)
}

/// Tries the ends of what is counted, between which a part only grows or only falls.
fn parts(
    of: AmountInterval,
    used: Multiplicity,
    whole: Multiplicity,
    unused: bool,
) -> AmountInterval {
    let mut found: Option<AmountInterval> = None;
    for whole in ends(whole) {
        for used in ends(used) {
            for of in [of.least, of.most] {
                let (amount, _) = part_of(of, used, whole, unused);
                let range = found.get_or_insert(AmountInterval::one(amount));
                range.least = range.least.min(amount);
                range.most = range.most.max(amount);
            }
        }
    }
    found.unwrap_or(AmountInterval::ANY)
}

fn add<'a>(keys: &mut Vec<Key<'a>>, key: Key<'a>) {
    if !keys.contains(&key) {
        keys.push(key);
    }
}
