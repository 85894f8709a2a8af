//! What counts once for more than a row: taken off, charged, or paid back beside what was paid.

use super::Settling;
use crate::domain::facts::{EarlierRemedy, Facts, RowIndex};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::verdict::{Arithmetic, Cite, SettlementItem, SettlementKind, Steps};
use crate::engine::approved::Approved;
use crate::engine::kept::Among;
use crate::engine::money::{Basis, not_known, of_row, price_of, work};
use crate::engine::world::World;
use crate::policy::terms::{Scope, Sum};

/// Names what a sum counts once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Line(usize),
    /// A group, by the first of its lines.
    Group(usize),
    Parcel(Option<usize>),
    Whole,
}

impl Place {
    fn of(scope: Scope, facts: &Facts<'_>, row: &RowIndex) -> Self {
        match scope {
            Scope::Group => Self::Group(facts.group_of(row.line)),
            Scope::Parcel => Self::Parcel(row.shipment),
            Scope::Line => Self::Line(row.line),
            Scope::Row | Scope::Unit | Scope::Request | Scope::Order => Self::Whole,
        }
    }
}

/// Holds a sum with the rows in which it counts once.
struct Shared<'a> {
    sum: &'a Sum,
    clause: Cite<'a>,
    place: Place,
    /// The first of the rows.
    row: RowIndex,
    /// What their units can still pay.
    paid: Amount,
    /// What they cost before discounts; `None`: not known.
    price: Option<Amount>,
    /// Their units.
    units: i32,
}

impl<'a> Settling<'a> {
    /// Takes off what counts once for more than a row: what is of the order last.
    pub(super) fn shared<'d, 'w>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>> + Clone,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
    ) where
        'a: 'd + 'w,
    {
        if approved.clone().all(|a| a.terms.shared.is_empty()) {
            return;
        }
        let mut shared = Vec::new();
        for row in approved {
            let world = world(row.row.index);
            for (sum, clause) in &row.terms.shared {
                join(&mut shared, (sum, *clause), (row, &world));
            }
        }
        shared.sort_by_key(|shared| shared.sum.scope);
        let mut memory = Memory::default();
        for one in shared {
            let worked = self.once(&one, &world(one.row), Some(&mut memory));
            let (amount, arithmetic) = match worked {
                None => (None, not_known(one.sum)),
                Some((open, before, steps)) => {
                    let cap = self.refund.plus(self.credit);
                    let arithmetic = Arithmetic::Said {
                        steps: Box::new(steps),
                        units: 1,
                        before,
                        cap: Some(cap),
                    };
                    (Some(self.take(open)), arithmetic)
                }
            };
            self.item(SettlementKind::Deduction, &one, amount, arithmetic);
        }
    }

    /// Adds charges and what the customer gets beside what was paid.
    pub(super) fn extras<'d, 'w>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: impl Fn(RowIndex) -> World<'a, 'w>,
    ) where
        'a: 'd + 'w,
    {
        let mut shared: [(SettlementKind, Vec<Shared<'a>>); 2] = [
            (SettlementKind::Charge, Vec::new()),
            (SettlementKind::Reimbursement, Vec::new()),
        ];
        for row in approved {
            let world = world(row.row.index);
            for (kind, shared) in &mut shared {
                let sums = match kind {
                    SettlementKind::Charge => &row.terms.charges,
                    _ => &row.terms.reimbursements,
                };
                let mut seen: Few<&Sum> = Few::new();
                for (sum, clause) in sums {
                    if !sum.scope.is_of_row() {
                        join(shared, (sum, *clause), (row, &world));
                    } else if !seen.contains(sum) {
                        // An amount counts once, however many clauses name it.
                        seen.push(sum);
                        self.extra_of_row(*kind, (sum, *clause), &world);
                    }
                }
            }
        }
        for (kind, shared) in shared {
            for one in shared {
                let worked = self.once(&one, &world(one.row), None);
                let (amount, arithmetic) = match worked {
                    None => (None, not_known(one.sum)),
                    Some((open, before, steps)) => {
                        let arithmetic = Arithmetic::Said {
                            steps: Box::new(steps),
                            units: 1,
                            before,
                            cap: None,
                        };
                        (Some(open), arithmetic)
                    }
                };
                self.give_extra(kind, amount);
                self.item(kind, &one, amount, arithmetic);
            }
        }
    }

    fn extra_of_row(
        &mut self,
        kind: SettlementKind,
        (sum, clause): (&'a Sum, Cite<'a>),
        world: &World<'a, '_>,
    ) {
        let (amount, arithmetic) = match of_row(world, sum, None) {
            None => (None, not_known(sum)),
            Some((amount, arithmetic)) => (Some(amount), arithmetic),
        };
        self.give_extra(kind, amount);
        self.items.push(SettlementItem {
            kind,
            code: &sum.code,
            line_id: world.line.map(|line| line.id),
            amount,
            clause: Some(clause),
            arithmetic,
        });
    }

    fn give_extra(&mut self, kind: SettlementKind, amount: Option<Amount>) {
        let total = match kind {
            SettlementKind::Charge => &mut self.charged,
            _ => &mut self.reimbursed,
        };
        *total = total.plus(amount.unwrap_or_default());
    }

    fn item(
        &mut self,
        kind: SettlementKind,
        one: &Shared<'a>,
        amount: Option<Amount>,
        arithmetic: Arithmetic,
    ) {
        let line_id = match one.place {
            Place::Line(line) => self.line_id(line),
            Place::Group(_) | Place::Parcel(_) | Place::Whole => None,
        };
        self.items.push(SettlementItem {
            kind,
            code: &one.sum.code,
            line_id,
            amount,
            clause: Some(one.clause),
            arithmetic,
        });
    }
}

/// Puts a row to the sum that it shares with others.
fn join<'a>(
    shared: &mut Vec<Shared<'a>>,
    (sum, clause): (&'a Sum, Cite<'a>),
    (row, world): (Approved<'_, 'a>, &World<'a, '_>),
) {
    let index = &row.row.index;
    let place = Place::of(sum.scope, world.facts, index);
    let paid = row.row.money.after_cap_and_deductions();
    let paid = paid.map_or(Amount::ZERO, |(capped, _)| capped);
    let price = price_of(world, index.line, index.quantity);
    let same = |one: &&mut Shared<'a>| one.place == place && one.sum == sum;
    match shared.iter_mut().find(same) {
        // A row that several clauses name it for counts once.
        Some(one) if one.row == *index => {}
        Some(one) => {
            one.paid = one.paid.plus(paid);
            one.price = one.price.zip(price).map(|(all, more)| all.plus(more));
            one.units = one.units.saturating_add(index.quantity);
        }
        None => shared.push(Shared {
            sum,
            clause,
            place,
            row: *index,
            paid,
            price,
            units: index.quantity,
        }),
    }
}

/// Keeps what was kept of earlier units, where earlier remedies do not say what was taken: it
/// counts as taken as far as less was paid for those units than they were worth.
#[derive(Default)]
struct Memory {
    /// What earlier units of the order were paid less, as far as no sum counts it yet.
    order: Option<Amount>,
    /// The same of single lines and groups.
    places: Vec<(Place, Amount)>,
}

impl Memory {
    /// Returns what is left of what was kept, at a place.
    fn kept(&mut self, facts: &Facts<'_>, place: Place) -> &mut Amount {
        let of = |counts: &dyn Fn(usize) -> bool| -> Amount {
            let lines = (0..facts.order().lines.len()).filter(|line| counts(*line));
            lines.map(|line| facts.deducted_before_of(line)).sum()
        };
        let known = self.places.iter().position(|(known, _)| *known == place);
        let at = known.unwrap_or(self.places.len());
        if known.is_none() {
            let kept = match place {
                Place::Line(line) => facts.deducted_before_of(line),
                Place::Group(first) => of(&|line| facts.group_of(line) == first),
                Place::Parcel(_) | Place::Whole => return self.of_order(facts),
            };
            self.places.push((place, kept));
        }
        match self.places.get_mut(at) {
            Some((_, kept)) => kept,
            None => self.order.get_or_insert(Amount::ZERO),
        }
    }

    fn of_order(&mut self, facts: &Facts<'_>) -> &mut Amount {
        self.order.get_or_insert_with(|| facts.deducted_before())
    }
}

impl<'a> Settling<'a> {
    /// Works out a sum that counts once for several rows: what is open of it, what was taken
    /// before, and its steps; `None`: something is not known.
    fn once(
        &self,
        one: &Shared<'a>,
        world: &World<'a, '_>,
        memory: Option<&mut Memory>,
    ) -> Option<(Amount, Amount, Steps)> {
        let facts = self.facts;
        let scope = one.sum.scope;
        // What earlier units paid counts with these, so that splits add up.
        let counts = |line: &usize| match one.place {
            _ if !scope.is_remembered() => false,
            Place::Line(own) => *line == own,
            Place::Group(first) => facts.group_of(*line) == first,
            Place::Parcel(_) => false,
            Place::Whole => true,
        };
        let among = match one.place {
            Place::Line(_) => Among::Line,
            Place::Group(_) => Among::Group,
            Place::Parcel(_) | Place::Whole => Among::Order,
        };
        let mut basis = Basis {
            paid: one.paid,
            price: one.price,
            units: (0, one.units),
            among,
        };
        for line in (0..facts.order().lines.len()).filter(counts) {
            basis.paid = basis.paid.plus(facts.used_up(line));
            let price = price_of(world, line, facts.consumed(line));
            basis.price = basis.price.zip(price).map(|(all, more)| all.plus(more));
        }
        let (amount, steps) = work(world, &one.sum.formula, &basis)?;
        let before = self.taken_before(one, amount, memory);
        Some((amount.less(before), before, steps))
    }

    /// Returns what earlier requests took of a sum.
    fn taken_before(
        &self,
        one: &Shared<'a>,
        amount: Amount,
        memory: Option<&mut Memory>,
    ) -> Amount {
        let order = self.facts.order();
        if !one.sum.scope.is_remembered() || order.earlier.is_empty() {
            return Amount::ZERO;
        }
        // Without a code nobody can say that it was taken.
        let told = !one.sum.code.is_empty() && order.earlier.iter().any(|e| !e.taken.is_empty());
        if told {
            let here = |earlier: &&EarlierRemedy<'_>| match one.place {
                Place::Line(line) => earlier.line == self.line_id(line),
                Place::Group(first) => {
                    let line = order.lines.iter().position(|l| Some(l.id) == earlier.line);
                    line.is_some_and(|line| self.facts.group_of(line) == first)
                }
                Place::Parcel(parcel) => {
                    let parcel = parcel.and_then(|place| order.shipments.get(place));
                    earlier.shipment.is_some() && earlier.shipment == parcel.map(|p| p.id)
                }
                Place::Whole => true,
            };
            let earlier = order.earlier.iter().filter(here);
            let taken = earlier.flat_map(|earlier| &earlier.taken);
            let same = taken.filter(|(code, _)| *code == one.sum.code);
            return same.map(|(_, amount)| *amount).sum();
        }
        let Some(memory) = memory else {
            return Amount::ZERO;
        };
        let kept = memory.kept(self.facts, one.place);
        let before = amount.at_most(*kept);
        *kept = kept.less(before);
        before
    }
}
