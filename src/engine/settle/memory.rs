//! What earlier requests took of amounts that count once, and have given back.

use super::deductions::{Extent, SharedSum};
use crate::domain::facts::{EarlierRemedy, Facts, Order};
use crate::domain::id::CallerId;
use crate::domain::money::Amount;

/// Keeps what earlier requests took; what explains one sum explains no other.
pub(super) enum Memory<'a> {
    /// Earlier remedies say by codes what was taken: of each code what no sum counts yet, and
    /// what was kept beside that, by which a sum without a code counts as taken.
    Told(Vec<Taken<'a>>, Amount),
    /// They do not: what earlier units of each line were paid less than they were worth counts
    /// as taken, as far as no sum counts it yet.
    Kept(Vec<Amount>),
}

/// An amount that an earlier remedy says was taken, below zero where it was given back.
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
    pub(super) fn taken(
        &mut self,
        facts: &Facts<'_>,
        one: &SharedSum<'_>,
        amount: Amount,
    ) -> Amount {
        let order = facts.order();
        let mut before = Amount::ZERO;
        let mut take = |left: &mut Amount| {
            let some = amount.less(before).at_most(*left).max(Amount::ZERO);
            *left = left.less(some);
            before = before.plus(some);
        };
        match self {
            Self::Told(_, rest) if one.sum.code.is_empty() => take(rest),
            Self::Told(all, _) => {
                // What an earlier remedy says of this parcel comes before what it says of none.
                for is_named in [true, false] {
                    let here = |taken: &&mut Taken<'_>| {
                        taken.code == one.sum.code
                            && is_here(facts, taken.remedy, one.extent) == Some(is_named)
                    };
                    let mut here: Vec<_> = all.iter_mut().filter(here).collect();
                    // What was given back is no longer taken.
                    let mut left: Amount = here.iter().map(|taken| taken.left).sum();
                    let all = left;
                    take(&mut left);
                    let mut cut = all.less(left);
                    for taken in &mut here {
                        let some = cut.at_most(taken.left.max(Amount::ZERO));
                        taken.left =
                            Amount::from_minor(taken.left.minor().saturating_sub(some.minor()));
                        cut = cut.less(some);
                    }
                }
            }
            Self::Kept(lines) => {
                for (line, left) in lines.iter_mut().enumerate() {
                    let here = match one.extent {
                        Extent::Line(own) => own == line,
                        Extent::Group(first) => facts.group_of(line) == first,
                        Extent::Parcel(index) => may_be_of(order, line, parcel(order, index)),
                        Extent::Return(_) | Extent::Whole => true,
                    };
                    if here {
                        take(left);
                    }
                }
            }
        }
        before
    }

    /// Returns what was taken of an amount and is not due any more; counts it for no other.
    /// What nobody says was taken is none.
    pub(super) fn left(&mut self, facts: &Facts<'_>, one: &SharedSum<'_>) -> Amount {
        match self {
            Self::Told(..) if !one.sum.code.is_empty() => {
                self.taken(facts, one, Amount::from_minor(i64::MAX))
            }
            Self::Told(..) | Self::Kept(_) => Amount::ZERO,
        }
    }
}

fn parcel<'t>(order: &Order<'t>, index: Option<usize>) -> Option<CallerId<'t>> {
    Some(order.shipments.get(index?)?.id)
}

/// Whether what an earlier remedy says was taken was taken in a line, a group or a parcel.
/// `Some(false)`: nobody says of which parcel, and it can be this one. Then it counts as taken:
/// no fee is taken twice.
fn is_here(facts: &Facts<'_>, remedy: &EarlierRemedy<'_>, extent: Extent) -> Option<bool> {
    let order = facts.order();
    let of = |line: usize| remedy.line == order.lines.get(line).map(|line| line.id);
    match extent {
        Extent::Line(line) => of(line).then_some(true),
        Extent::Group(first) => {
            let mut lines = 0..order.lines.len();
            let is_own = |line: usize| of(line) && facts.group_of(line) == first;
            lines.any(is_own).then_some(true)
        }
        Extent::Parcel(index) => match (remedy.shipment, parcel(order, index)) {
            (Some(told), Some(own)) => (told == own).then_some(true),
            (Some(_), None) | (None, None) => Some(false),
            (None, Some(own)) => holds(order, own, remedy).then_some(false),
        },
        Extent::Return(_) | Extent::Whole => Some(true),
    }
}

/// Whether a parcel can hold the units of an earlier remedy: its items, where they are listed,
/// name their line.
fn holds(order: &Order<'_>, parcel: CallerId<'_>, remedy: &EarlierRemedy<'_>) -> bool {
    let parcel = order.shipments.iter().find(|of| of.id == parcel);
    let items = parcel.and_then(|parcel| parcel.items.as_ref());
    match (items, remedy.line) {
        (Some(items), Some(line)) => items.iter().any(|(of, _)| *of == line),
        _ => true,
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
