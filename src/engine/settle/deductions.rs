//! What counts once for more than a row: taken off, charged, or paid back beside what was paid.

use super::Settling;
use crate::domain::facts::{EarlierRemedy, Facts, Order, RowIndex};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::Amount;
use crate::domain::verdict::{Arithmetic, Cite, SettlementItem, SettlementKind, Steps};
use crate::engine::approved::Approved;
use crate::engine::kept::Among;
use crate::engine::money::{Basis, not_known, of_row, payable, price_of, work_known};
use crate::engine::world::World;
use crate::policy::terms::{Formula, Scope, Sum};

/// Names what a sum counts once in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Line(usize),
    /// A group, by the first of its lines.
    Group(usize),
    Parcel(Option<usize>),
    /// A return parcel; `None`: that of units that name none.
    Return(Option<usize>),
    Whole,
}

impl Place {
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
struct Shared<'a> {
    sum: &'a Sum,
    clause: Cite<'a>,
    place: Place,
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
            for (sum, clause) in &row.terms.shared {
                // What pays nothing has no part in what is taken off.
                let counts = row.terms.pays();
                join(&mut shared, (sum, *clause), (row, &world), counts);
            }
        }
        shared.sort_by_key(|shared| shared.sum.scope);
        for one in shared {
            let kind = SettlementKind::Deduction;
            let worked = self.once(&one, world, memory, kind);
            let (amount, arithmetic) = match worked {
                None => (None, not_known(one.sum)),
                Some((open, before, steps)) => {
                    let all = self.refund.plus(self.credit);
                    // What is of a line comes off its own units, so that splits add up.
                    let facts = self.facts;
                    let own = |line: usize| match one.place {
                        Place::Line(own) => own == line,
                        Place::Group(first) => facts.group_of(line) == first,
                        // They come after those of lines and groups.
                        Place::Parcel(_) | Place::Return(_) | Place::Whole => false,
                    };
                    let lines = left.iter().enumerate().filter(|(line, _)| own(*line));
                    let of_lines: Amount = lines.map(|(_, left)| *left).sum();
                    let cap = match one.place {
                        Place::Line(_) | Place::Group(_) => all.at_most(of_lines),
                        Place::Parcel(_) | Place::Return(_) | Place::Whole => all,
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
                        join(shared, (sum, *clause), (row, &world), true);
                    } else if !(counts_once(sum) && seen.contains(sum)) {
                        seen.push(sum);
                        self.extra_of_row(*kind, (sum, *clause), &world);
                    }
                }
            }
        }
        for (kind, mut shared) in shared {
            shared.sort_by_key(|shared| shared.sum.scope);
            for one in shared {
                let worked = self.once(&one, world, memory, kind);
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
            // A group has the name of its first line, under which it is remembered.
            Place::Line(line) | Place::Group(line) => self.line_id(line),
            Place::Parcel(_) | Place::Return(_) | Place::Whole => None,
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
    counts: bool,
) {
    let index = &row.row.index;
    let place = Place::of(sum.scope, world.facts, index);
    let (paid, price) = match counts {
        true => (
            payable(world.facts, world.facts.worth(index)),
            price_of(world, index.line, (index.earlier, index.quantity)),
        ),
        false => (Amount::ZERO, Some(Amount::ZERO)),
    };
    let same = |one: &&mut Shared<'a>| {
        one.place == place && one.sum == sum && (counts_once(sum) || one.clause.id == clause.id)
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
        None => shared.push(Shared {
            sum,
            clause,
            place,
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

/// Keeps what earlier requests took; what explains one sum explains no other.
pub(super) enum Memory<'a> {
    /// Earlier remedies say by codes what was taken: of each code what no sum counts yet, and
    /// what was kept beside that, by which a sum without a code counts as taken.
    Told(Vec<Taken<'a>>, Amount),
    /// They do not: what earlier units of each line were paid less than they were worth counts
    /// as taken, as far as no sum counts it yet.
    Kept(Vec<Amount>),
}

/// An amount that an earlier remedy says was taken.
pub(super) struct Taken<'a> {
    remedy: &'a EarlierRemedy<'a>,
    code: &'a str,
    left: Amount,
}

impl<'a> Memory<'a> {
    /// Looks at all earlier remedies.
    pub(super) fn of(facts: &'a Facts<'a>) -> Self {
        let order = facts.order();
        let told = order.earlier.iter().flat_map(|remedy| {
            remedy.taken.iter().map(move |(code, left)| Taken {
                remedy,
                code,
                left: *left,
            })
        });
        let told: Vec<_> = told.collect();
        match told.is_empty() {
            true => {
                let lines = 0..order.lines.len();
                Self::Kept(lines.map(|line| facts.deducted_before_of(line)).collect())
            }
            false => {
                let all: Amount = told.iter().map(|taken| taken.left).sum();
                Self::Told(told, facts.deducted_before().less(all))
            }
        }
    }

    /// Returns what was taken of an amount, and counts it for no other.
    fn taken(&mut self, facts: &Facts<'_>, one: &Shared<'_>, amount: Amount) -> Amount {
        let order = facts.order();
        let parcel = |place: Option<usize>| Some(order.shipments.get(place?)?.id);
        let mut before = Amount::ZERO;
        let mut take = |left: &mut Amount| {
            let some = amount.less(before).at_most(*left);
            *left = left.less(some);
            before = before.plus(some);
        };
        match self {
            Self::Told(_, rest) if one.sum.code.is_empty() => take(rest),
            Self::Told(all, _) => {
                let same = |taken: &&mut Taken<'_>| taken.code == one.sum.code;
                for taken in all.iter_mut().filter(same) {
                    let here = match one.place {
                        Place::Line(line) => {
                            taken.remedy.line == order.lines.get(line).map(|line| line.id)
                        }
                        Place::Group(first) => {
                            let lines = order.lines.iter();
                            let line = lines
                                .clone()
                                .position(|line| taken.remedy.line == Some(line.id));
                            line.is_some_and(|line| facts.group_of(line) == first)
                        }
                        Place::Parcel(place) => {
                            taken.remedy.shipment.is_some()
                                && taken.remedy.shipment == parcel(place)
                        }
                        Place::Return(_) | Place::Whole => true,
                    };
                    if here {
                        take(&mut taken.left);
                    }
                }
            }
            Self::Kept(lines) => {
                for (line, left) in lines.iter_mut().enumerate() {
                    let here = match one.place {
                        Place::Line(own) => own == line,
                        Place::Group(first) => facts.group_of(line) == first,
                        Place::Parcel(place) => may_be_of(order, line, parcel(place)),
                        Place::Return(_) | Place::Whole => true,
                    };
                    if here {
                        take(left);
                    }
                }
            }
        }
        before
    }
}

/// Whether earlier units of a line can have come in a parcel: nobody says that they came in
/// others.
fn may_be_of(order: &Order<'_>, line: usize, parcel: Option<CallerId<'_>>) -> bool {
    let line = order.lines.get(line).map(|line| line.id);
    let mut earlier = order.earlier.iter().filter(|earlier| earlier.line == line);
    earlier.any(|earlier| {
        let told = earlier.shipment;
        earlier.is_consumed() && (told.is_none() || parcel.is_none() || told == parcel)
    })
}

impl<'a> Settling<'a> {
    /// Works out a sum that counts once for several rows: what is open of it, what was taken
    /// before, and its steps; `None`: something is not known. Where they come back in several
    /// parcels, the greatest of what it is for each counts.
    fn once<'w>(
        &self,
        one: &Shared<'a>,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
        memory: &mut Option<Memory<'a>>,
        kind: SettlementKind,
    ) -> Option<(Amount, Amount, Steps)>
    where
        'a: 'w,
    {
        let mut greatest: Option<(Amount, Steps)> = None;
        for row in &one.rows {
            let world = world(*row);
            let mut basis = Basis {
                paid: one.paid,
                price: one.price,
                units: (0, one.units),
                among: Among::of(one.sum.scope),
            };
            basis.add_earlier(&world, one.sum);
            let worked = work_known(&world, &one.sum.formula, &basis, None)?;
            if greatest
                .as_ref()
                .is_none_or(|(amount, _)| worked.0 > *amount)
            {
                greatest = Some(worked);
            }
        }
        let (amount, steps) = greatest?;
        if !one.sum.scope.is_remembered() || self.facts.order().earlier.is_empty() {
            return Some((amount, Amount::ZERO, steps));
        }
        let memory = memory.get_or_insert_with(|| Memory::of(self.facts));
        // What was paid besides is not kept of what units were worth.
        let kept = matches!(memory, Memory::Kept(_));
        let before = match kind == SettlementKind::Reimbursement && kept {
            true => Amount::ZERO,
            false => memory.taken(self.facts, one, amount),
        };
        Some((amount.less(before), before, steps))
    }
}
