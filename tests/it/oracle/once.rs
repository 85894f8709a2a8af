//! Amounts that count once for a line, a parcel, a request or the order, and what earlier
//! requests took of them.

use std::collections::BTreeMap;

use redress::domain::facts::Facts;
use redress::domain::id::CallerId;
use redress::policy::terms::{Scope, Sum};

use super::sums::Units;
use super::worth::Worths;
use super::{Oracle, RowAnswer};

/// In what an amount counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    Line(usize),
    /// `None`: it is not told which.
    Parcel(Option<CallerId<'p>>),
    /// `None`: no parcel of the request's own list.
    Return(Option<CallerId<'p>>),
    Request,
    Order,
}

impl<'p> Place<'p> {
    pub fn of(oracle: &Oracle<'p>, row: &RowAnswer<'_>, scope: Scope) -> Self {
        match scope {
            // No line that is drawn is in a group.
            Scope::Line | Scope::Group => Self::Line(row.place.line),
            Scope::Parcel => Self::Parcel(oracle.parcel().map(|parcel| parcel.id)),
            Scope::ReturnParcel => Self::Return(oracle.group().return_parcel),
            Scope::Order => Self::Order,
            Scope::Row | Scope::Unit | Scope::Request => Self::Request,
        }
    }
}

/// An amount that counts once for several rows.
pub struct Once<'p> {
    pub sum: &'p Sum,
    pub place: Place<'p>,
    /// The rows.
    pub rows: Vec<usize>,
    /// The line of the first.
    pub line: CallerId<'p>,
    /// All their units.
    pub units: Units,
    /// Whether it cannot be worked out.
    pub open: bool,
}

/// What earlier requests took; whatever explains an amount explains no other.
pub struct Before<'p> {
    /// By code, line and parcel, where an earlier remedy tells what was taken.
    told: Vec<Taken<'p>>,
    /// Otherwise what was kept of the units of each line, with the parcels that these came in.
    kept: Option<BTreeMap<usize, Kept<'p>>>,
}

struct Taken<'p> {
    code: String,
    line: Option<CallerId<'p>>,
    parcel: Option<CallerId<'p>>,
    left: i64,
}

struct Kept<'p> {
    parcels: Vec<Option<CallerId<'p>>>,
    left: i64,
}

impl<'p> Before<'p> {
    pub fn of(facts: &'p Facts<'p>) -> Self {
        let earlier = &facts.order().earlier;
        let told = earlier.iter().flat_map(|earlier| {
            earlier.taken.iter().map(|(code, amount)| Taken {
                code: (*code).to_owned(),
                line: earlier.line,
                parcel: earlier.shipment,
                left: amount.minor(),
            })
        });
        let told: Vec<_> = told.collect();
        let kept = told.is_empty().then(|| {
            let lines = 0..facts.order().lines.len();
            let kept = lines.map(|line| {
                let of_line = Worths::of(facts, line);
                let (parcels, left) = (of_line.parcels, of_line.kept_back);
                (line, Kept { parcels, left })
            });
            kept.collect()
        });
        Self { told, kept }
    }

    /// Takes what earlier requests took of an amount out of the memory.
    pub fn taken(&mut self, once: &Once<'p>, amount: i64, paid: bool) -> i64 {
        // What was paid besides was not kept of anything.
        let of_request = matches!(once.place, Place::Request | Place::Return(_));
        if of_request || paid && self.kept.is_some() {
            return 0;
        }
        let line = match once.place {
            Place::Line(line) => Some(line),
            _ => None,
        };
        let mut before = 0;
        let mut take = |left: &mut i64| {
            let some = (*left).min(amount - before).max(0);
            *left -= some;
            before += some;
        };
        for (of, kept) in self.kept.iter_mut().flatten() {
            let here = match once.place {
                Place::Parcel(Some(parcel)) => {
                    let mut parcels = kept.parcels.iter();
                    parcels.any(|p| p.is_none_or(|p| p == parcel))
                }
                _ => line.is_none_or(|line| line == *of),
            };
            if here {
                take(&mut kept.left);
            }
        }
        let code = &once.sum.code;
        for taken in self.told.iter_mut().filter(|taken| taken.code == *code) {
            let here = match once.place {
                Place::Line(_) => taken.line == Some(once.line),
                Place::Parcel(parcel) => parcel.is_some() && taken.parcel == parcel,
                Place::Return(_) | Place::Request | Place::Order => true,
            };
            if here {
                take(&mut taken.left);
            }
        }
        before
    }
}
