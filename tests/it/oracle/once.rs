//! Amounts that count once for a line, a parcel, a request or the order, and what earlier
//! requests took of them.

use std::collections::BTreeMap;

use redress::domain::facts::{EarlierRemedy, Facts};
use redress::domain::id::CallerId;
use redress::policy::terms::{Scope, Sum};

use super::sums::Units;
use super::worth::Worths;
use super::{Oracle, RowAnswer};

/// In what an amount counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    Line(usize),
    /// A group, by its lines; a line without one is a group of its own.
    Group(Option<CallerId<'p>>, usize),
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
            Scope::Line => Self::Line(row.place.line),
            Scope::Group => match oracle.line().group {
                Some(group) => Self::Group(Some(group), 0),
                None => Self::Group(None, row.place.line),
            },
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
    facts: &'p Facts<'p>,
}

struct Taken<'p> {
    code: String,
    line: Option<CallerId<'p>>,
    parcel: Option<CallerId<'p>>,
    /// The parcels that its units can have come in.
    can_be: Vec<CallerId<'p>>,
    left: i64,
}

struct Kept<'p> {
    parcels: Vec<Option<CallerId<'p>>>,
    group: Option<CallerId<'p>>,
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
                can_be: can_be(facts, earlier),
                left: amount.minor(),
            })
        });
        let told: Vec<_> = told.collect();
        let kept = told.is_empty().then(|| {
            let lines = 0..facts.order().lines.len();
            let kept = lines.map(|line| {
                let of_line = Worths::of(facts, line);
                let (parcels, left) = (of_line.parcels, of_line.kept_back);
                let group = facts.order().lines[line].group;
                let kept = Kept {
                    parcels,
                    group,
                    left,
                };
                (line, kept)
            });
            kept.collect()
        });
        Self { told, kept, facts }
    }

    /// Takes what earlier requests took of an amount out of the memory.
    pub fn taken(&mut self, once: &Once<'p>, amount: i64, paid: bool) -> i64 {
        // What was paid besides was not kept of anything.
        let of_request = matches!(once.place, Place::Request | Place::Return(_));
        if of_request || paid && self.kept.is_some() {
            return 0;
        }
        let line = match once.place {
            Place::Line(line) | Place::Group(None, line) => Some(line),
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
                Place::Group(Some(group), _) => kept.group == Some(group),
                _ => line.is_none_or(|line| line == *of),
            };
            if here {
                take(&mut kept.left);
            }
        }
        let facts_lines = &self.facts.order().lines;
        // Of a parcel that nobody names it was taken of any that it can have been, where no
        // more is told.
        for is_told in [true, false] {
            let code = &once.sum.code;
            for taken in self.told.iter_mut().filter(|taken| taken.code == *code) {
                let here = match (once.place, taken.parcel) {
                    (Place::Group(Some(group), _), _) => {
                        let mut lines = facts_lines.iter();
                        let line = lines.find(|line| Some(line.id) == taken.line);
                        is_told && line.is_some_and(|line| line.group == Some(group))
                    }
                    (Place::Line(_) | Place::Group(None, _), _) => {
                        is_told && taken.line == Some(once.line)
                    }
                    (Place::Parcel(Some(own)), Some(told)) => is_told && own == told,
                    (Place::Parcel(Some(own)), None) => !is_told && taken.can_be.contains(&own),
                    (Place::Parcel(None), _) => !is_told,
                    (Place::Return(_) | Place::Request | Place::Order, _) => is_told,
                };
                if here {
                    take(&mut taken.left);
                }
            }
        }
        before
    }
}

/// The parcels that can have held the units of an earlier remedy.
fn can_be<'p>(facts: &'p Facts<'p>, earlier: &EarlierRemedy<'p>) -> Vec<CallerId<'p>> {
    let parcels = facts.order().shipments.iter();
    let holds = parcels.filter(|parcel| match (&parcel.items, earlier.line) {
        (Some(items), Some(line)) => items.iter().any(|(of, _)| *of == line),
        _ => true,
    });
    holds.map(|parcel| parcel.id).collect()
}
