//! What counts once for more than a row: taken off, charged, or paid back beside what was paid.

use super::Settling;
use super::approved::Approved;
use super::memory::Memory;
use crate::domain::facts::{Facts, RowIndex};
use crate::domain::few::Few;
use crate::domain::money::Amount;
use crate::domain::verdict::{Arithmetic, Cite, SettlementItem, SettlementKind, Steps};
use crate::engine::money::{
    CitedSum, FormulaInputs, UnitRange, not_known, of_row, payable, price_of, work_known,
};
use crate::engine::read::kept::Among;
use crate::engine::read::world::World;
use crate::policy::terms::{Formula, Scope, Sum};

/// Names what a sum counts once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// A line.
    Line(usize),
    /// A group, by the first of its lines.
    Group(usize),
    /// A parcel; `None`: it is not known which.
    Parcel(Option<usize>),
    /// A return parcel; `None`: that of units that name none.
    Return(Option<u8>),
    /// The request, or the order.
    Whole,
}

impl Extent {
    fn of(scope: Scope, facts: &Facts<'_>, row: &RowIndex) -> Self {
        match scope {
            Scope::Group => Self::Group(facts.group_of(row.line)),
            Scope::Parcel => Self::Parcel(row.shipment),
            Scope::Line => Self::Line(row.line),
            Scope::ReturnParcel => Self::Return(row.return_parcel),
            Scope::Row | Scope::Unit | Scope::Request | Scope::Order => Self::Whole,
        }
    }
}

/// Holds a sum with the rows in which it counts once.
pub(super) struct SharedSum<'a> {
    /// The sum.
    pub sum: &'a Sum,
    /// The clause that says it.
    pub clause: Cite<'a>,
    /// What it counts once in.
    pub extent: Extent,
    /// The first of the rows of each return parcel.
    rows: Few<RowIndex>,
    /// The last of the rows that were put to it.
    last: RowIndex,
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
        memory: &mut Option<Memory<'a>>,
    ) where
        'a: 'd + 'w,
    {
        if approved.clone().all(|a| a.terms.shared.is_empty()) {
            return;
        }
        let mut shared = Vec::new();
        // What the units of each line still pay.
        let mut left = vec![Amount::ZERO; self.facts.order().lines.len()];
        for row in approved {
            let world = world(row.row.index);
            if let Some(left) = left.get_mut(row.row.index.line)
                && let Some((_, worth)) = row.row.money.after_cap_and_deductions()
            {
                *left = left.plus(worth);
            }
            for of in &row.terms.shared {
                // What pays nothing has no part in what is taken off.
                let counts = row.terms.pays();
                join(&mut shared, *of, row, &world, counts);
            }
        }
        shared.sort_by_key(|shared| shared.sum.scope);
        for one in shared {
            let kind = SettlementKind::Deduction;
            let worked = self.once(&one, world, memory, kind);
            let (amount, arithmetic) = match worked {
                Worked::Unknown => (None, not_known(one.sum)),
                Worked::Pending(most) => {
                    self.held = self.held.plus(most);
                    (None, Arithmetic::Pending)
                }
                Worked::Known(open, before, steps) => {
                    let all = self.refund.plus(self.credit);
                    // What is of a line comes off its own units, so that splits add up.
                    let facts = self.facts;
                    let own = |line: usize| match one.extent {
                        Extent::Line(own) => own == line,
                        Extent::Group(first) => facts.group_of(line) == first,
                        // They come after those of lines and groups.
                        Extent::Parcel(_) | Extent::Return(_) | Extent::Whole => false,
                    };
                    let lines = left.iter().enumerate().filter(|(line, _)| own(*line));
                    let of_lines: Amount = lines.map(|(_, left)| *left).sum();
                    let cap = match one.extent {
                        Extent::Line(_) | Extent::Group(_) => all.at_most(of_lines),
                        Extent::Parcel(_) | Extent::Return(_) | Extent::Whole => all,
                    };
                    let taken = self.take(open.at_most(cap));
                    let mut rest = taken;
                    for (_, left) in left.iter_mut().enumerate().filter(|(line, _)| own(*line)) {
                        let cut = rest.at_most(*left);
                        *left = left.less(cut);
                        rest = rest.less(cut);
                    }
                    let arithmetic = Arithmetic::Said {
                        steps: Box::new(steps),
                        units: 1,
                        before,
                        cap: Some(cap).filter(|cap| open > *cap),
                    };
                    (Some(taken), arithmetic)
                }
            };
            self.item(kind, &one, amount, arithmetic);
        }
    }

    /// Adds charges and what the customer gets beside what was paid.
    pub(super) fn extras<'d, 'w>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
        memory: &mut Option<Memory<'a>>,
    ) where
        'a: 'd + 'w,
    {
        let mut shared: [(SettlementKind, Vec<SharedSum<'a>>); 2] = [
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
                for of in sums {
                    if !of.sum.scope.is_of_row() {
                        join(shared, *of, row, &world, true);
                    } else if !(counts_once(of.sum) && seen.contains(&of.sum)) {
                        seen.push(of.sum);
                        self.extra_of_row(*kind, *of, &world);
                    }
                }
            }
        }
        for (kind, mut shared) in shared {
            shared.sort_by_key(|shared| shared.sum.scope);
            for one in shared {
                let worked = self.once(&one, world, memory, kind);
                let (amount, arithmetic) = match worked {
                    Worked::Unknown => (None, not_known(one.sum)),
                    Worked::Pending(most) => {
                        if kind == SettlementKind::Charge {
                            self.held = self.held.plus(most);
                        }
                        (None, Arithmetic::Pending)
                    }
                    Worked::Known(open, before, steps) => {
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

    fn extra_of_row(&mut self, kind: SettlementKind, of: CitedSum<'a>, world: &World<'a, '_>) {
        let CitedSum { sum, clause } = of;
        let (amount, arithmetic) = match of_row(world, sum, None) {
            None => (None, not_known(sum)),
            Some((amount, arithmetic)) => (Some(amount), arithmetic),
        };
        self.give_extra(kind, amount);
        self.items.push(SettlementItem {
            kind,
            code: &sum.code,
            line_id: world.line.map(|line| line.id),
            shipment_id: None,
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

    pub(super) fn item(
        &mut self,
        kind: SettlementKind,
        one: &SharedSum<'a>,
        amount: Option<Amount>,
        arithmetic: Arithmetic,
    ) {
        let (line_id, shipment_id) = match one.extent {
            // A group has the name of its first line, under which it is remembered.
            Extent::Line(line) | Extent::Group(line) => (self.line_id(line), None),
            Extent::Parcel(index) => {
                let parcel = index.and_then(|index| self.facts.order().shipments.get(index));
                // One that nobody named has no name by which it is remembered.
                (
                    None,
                    parcel.filter(|parcel| parcel.named).map(|parcel| parcel.id),
                )
            }
            Extent::Return(_) | Extent::Whole => (None, None),
        };
        self.items.push(SettlementItem {
            kind,
            code: &one.sum.code,
            line_id,
            shipment_id,
            amount,
            clause: Some(one.clause),
            arithmetic,
        });
    }
}

/// Puts a row to the sum that it shares with others. `counts`: what the row pays and costs is a
/// part of what the sum is worked out of.
pub(super) fn join<'a>(
    shared: &mut Vec<SharedSum<'a>>,
    of: CitedSum<'a>,
    row: Approved<'_, 'a>,
    world: &World<'a, '_>,
    counts: bool,
) {
    let CitedSum { sum, clause } = of;
    let index = &row.row.index;
    let extent = Extent::of(sum.scope, world.facts, index);
    let (paid, price) = match counts {
        true => (
            payable(world.facts, world.facts.worth(index)),
            price_of(world, index.line, UnitRange::of_row(index)),
        ),
        false => (Amount::ZERO, Some(Amount::ZERO)),
    };
    let same = |one: &&mut SharedSum<'a>| {
        one.extent == extent && one.sum == sum && (counts_once(sum) || one.clause.id == clause.id)
    };
    match shared.iter_mut().find(same) {
        // A row that several clauses name it for counts once.
        Some(one) if one.last == *index => {}
        Some(one) => {
            one.last = *index;
            let mut rows = one.rows.iter();
            if !rows.any(|row| row.return_parcel == index.return_parcel) {
                one.rows.push(*index);
            }
            one.paid = one.paid.plus(paid);
            one.price = one.price.zip(price).map(|(all, more)| all.plus(more));
            one.units = one.units.saturating_add(index.quantity);
        }
        None => shared.push(SharedSum {
            sum,
            clause,
            extent,
            rows: Few::one(*index),
            last: *index,
            paid,
            price,
            units: index.quantity,
        }),
    }
}

/// Whether an amount counts once however many clauses name it: what the facts state is one
/// amount, and what two clauses say are two.
const fn counts_once(sum: &Sum) -> bool {
    matches!(sum.formula, Formula::Stated(_))
}

impl<'a> SharedSum<'a> {
    /// Returns what the sum is worked out of, earlier units with it.
    fn basis(&self, world: &World<'_, '_>) -> FormulaInputs {
        let mut basis = FormulaInputs {
            paid: self.paid,
            price: self.price,
            units: UnitRange::first(self.units),
            among: Among::of(self.sum.scope),
        };
        basis.add_earlier(world, self.sum);
        basis
    }

    /// Works the sum out for each return parcel of its rows; returns the greatest, and `None`
    /// where something is not known.
    pub(super) fn greatest<'w>(
        &self,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
    ) -> Option<(Amount, Steps)>
    where
        'a: 'w,
    {
        let mut greatest: Option<(Amount, Steps)> = None;
        for row in &self.rows {
            let world = world(*row);
            let worked = work_known(&world, &self.sum.formula, &self.basis(&world), None)?;
            let is_more = |(amount, _): &(Amount, Steps)| worked.0 > *amount;
            if greatest.as_ref().is_none_or(is_more) {
                greatest = Some(worked);
            }
        }
        greatest
    }
}

/// What a sum that counts once came to.
enum Worked {
    /// What is open of it, what was taken before, and its steps.
    Known(Amount, Amount, Steps),
    /// Something of it is not known.
    Unknown,
    /// It turns on rows that are not decided; at most this much is open.
    Pending(Amount),
}

impl<'a> Settling<'a> {
    /// Works out a sum that counts once for several rows. Where they come back in several
    /// parcels, the greatest of what it is for each counts.
    fn once<'w>(
        &mut self,
        one: &SharedSum<'a>,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
        memory: &mut Option<Memory<'a>>,
        kind: SettlementKind,
    ) -> Worked
    where
        'a: 'w,
    {
        let Some((amount, steps)) = one.greatest(world) else {
            self.open.push((one.sum, one.extent));
            return Worked::Unknown;
        };
        // What becomes of rows that are not decided changes what the customer keeps.
        let other = match self.perhaps.is_empty() || !one.sum.formula.looks_at_kept_units() {
            true => amount,
            false => {
                let perhaps = |row: RowIndex| World {
                    back: &self.perhaps,
                    ..world(row)
                };
                one.greatest(&perhaps).map_or(amount, |(other, _)| other)
            }
        };
        let before = match one.sum.scope.is_remembered() && !self.facts.order().earlier.is_empty() {
            false => Amount::ZERO,
            true => {
                let memory = memory.get_or_insert_with(|| Memory::of(self.facts));
                // What was paid besides is not kept of what units were worth.
                let kept = matches!(memory, Memory::Kept(_));
                match kind == SettlementKind::Reimbursement && kept {
                    true => Amount::ZERO,
                    false => memory.taken(self.facts, one, amount.max(other)),
                }
            }
        };
        match other == amount {
            true => {
                self.now.push((one.sum, one.extent, amount));
                Worked::Known(amount.less(before), before, steps)
            }
            false => {
                self.open.push((one.sum, one.extent));
                Worked::Pending(amount.max(other).less(before))
            }
        }
    }
}
