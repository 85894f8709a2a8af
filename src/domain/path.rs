//! Field paths that are written only where somebody reads them.
//!
//! [`At`] names a place in a message, [`FieldPath`] the field of a fact, whose places the
//! units of a row fill in.

mod at;

use std::cmp::Ordering;
use std::fmt;

use super::facts::Action;
use super::spell::{Spell, number};
pub use at::At;

/// Says where units stand in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitsLocation {
    /// Index of the line in the order.
    pub line: usize,
    /// Index of the line in the request.
    pub request_line: usize,
    /// Index of the group in the line of the request.
    pub group: usize,
    /// Index of the return parcel in the request; `None`: the units name none.
    pub return_parcel: Option<u8>,
}

/// Says what a field is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The order: there is one such field.
    Order,
    /// A line of the order.
    Line,
    /// A parcel of the order.
    Parcel,
    /// A group of units of the request.
    Units,
    /// The request: there is one such field.
    Request,
    /// What is asked for, if it is this action.
    Action(Action),
}

/// Names a field of a request, whichever line, parcel or units it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    owner: Owner,
    /// The path below the owner.
    rest: &'static str,
}

impl Field {
    /// Names a field by its owner and the path below it, such as `condition.worn`.
    pub const fn of(owner: Owner, rest: &'static str) -> Self {
        Self { owner, rest }
    }

    /// Returns what the field is of.
    pub const fn owner(self) -> Owner {
        self.owner
    }

    /// Whether each parcel has one.
    pub const fn is_of_parcel(self) -> bool {
        matches!(self.owner, Owner::Parcel)
    }

    /// Whether each return parcel of a request has one, beside the one of the request.
    pub(crate) fn is_of_return(self) -> bool {
        matches!(self.owner, Owner::Request) && self.rest.starts_with(OF_RETURN)
    }

    /// Returns how the path begins, with the names of places. No path of the message
    /// begins like those of other owners, so that paths are ordered by their beginning
    /// and then by the rest.
    const fn beginning(self) -> &'static str {
        match self.owner {
            Owner::Order | Owner::Request | Owner::Action(_) => self.rest,
            Owner::Line => "order.lines[line].",
            Owner::Parcel => "order.shipments[shipment].",
            Owner::Units => "request.lines[request_line].groups[group].",
        }
    }
}

/// Writes the path with the names of places, such as `order.lines[line].tags`.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.beginning())?;
        match self.owner {
            Owner::Order | Owner::Request | Owner::Action(_) => Ok(()),
            Owner::Line | Owner::Parcel | Owner::Units => f.write_str(self.rest),
        }
    }
}

/// Orders fields as their paths, places left out.
impl Ord for Field {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.beginning(), self.rest).cmp(&(other.beginning(), other.rest))
    }
}

impl PartialOrd for Field {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Names a field of a request: a path with places left open, which units fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath<'a> {
    /// The field.
    pub field: Field,
    /// The word that names the fact inside its field, such as a tag.
    pub word: Option<&'a str>,
    /// Index of the parcel in the order, where the field is of one.
    pub parcel: usize,
}

impl FieldPath<'_> {
    /// Names a field of which there is one, by its whole path.
    pub const fn of(path: &'static str) -> Self {
        Self::to(Field::of(Owner::Order, path))
    }

    /// Names a field; of parcels, that of the first.
    pub const fn to(field: Field) -> Self {
        Self {
            field,
            word: None,
            parcel: 0,
        }
    }

    /// Returns the literal path for some units, such as
    /// `request.lines[0].groups[0].condition.worn`.
    pub fn of_units(self, location: UnitsLocation) -> impl Spell + fmt::Display {
        Filled {
            path: self,
            location,
        }
    }
}

const REQUEST: &str = "request.";
/// How the path of a field begins that each return parcel has, in the request itself.
const OF_RETURN: &str = "request.journey.";
const RETURN_PARCELS: &str = "request.return_parcels[";

struct Filled<'a> {
    path: FieldPath<'a>,
    location: UnitsLocation,
}

impl Spell for Filled<'_> {
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
        let Self { path, location } = self;
        let mut rest = path.field.rest;
        match path.field.owner {
            Owner::Request if path.field.is_of_return() => {
                if let Some(parcel) = location.return_parcel {
                    entry(to, RETURN_PARCELS, usize::from(parcel))?;
                    rest = rest.strip_prefix(REQUEST).unwrap_or(rest);
                }
            }
            Owner::Order | Owner::Request | Owner::Action(_) => {}
            Owner::Line => entry(to, "order.lines[", location.line)?,
            Owner::Parcel => entry(to, "order.shipments[", path.parcel)?,
            Owner::Units => {
                entry(to, "request.lines[", location.request_line)?;
                entry(to, "groups[", location.group)?;
            }
        }
        to.write_str(rest)?;
        if let Some(word) = path.word {
            to.write_char('[')?;
            to.write_str(word)?;
            to.write_char(']')?;
        }
        Ok(())
    }
}

/// Writes the beginning of a path that leads through an entry of a list.
fn entry(to: &mut impl fmt::Write, list: &str, at: usize) -> fmt::Result {
    to.write_str(list)?;
    number(to, at as u64)?;
    to.write_str("].")
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::{Event, Fact};

    fn fields() -> impl Iterator<Item = Field> {
        let facts = Fact::ALL.iter().map(|fact| fact.spec().field);
        facts.chain(Event::ALL.iter().map(|event| event.field()))
    }

    #[test]
    fn only_owners_have_places() {
        for field in fields() {
            assert!(!field.rest.contains(['{', '}', '[', ']']), "{field:?}");
            let beginnings = ["order.", "request."];
            let whole = beginnings.iter().any(|b| field.rest.starts_with(b));
            let listed = matches!(field.owner, Owner::Line | Owner::Parcel | Owner::Units);
            assert_eq!(whole, !listed, "{field:?}");
        }
    }

    #[test]
    fn fields_are_ordered_as_their_paths() {
        let path = |field: Field| FieldPath::to(field).of_units(UnitsLocation::default());
        for one in fields() {
            for other in fields() {
                let paths = path(one).spelled().cmp(&path(other).spelled());
                assert_eq!(one.cmp(&other), paths, "{one:?}, {other:?}");
            }
        }
    }

    #[test]
    fn units_fill_places_in() {
        let location = UnitsLocation {
            line: 1,
            request_line: 2,
            group: 3,
            return_parcel: Some(4),
        };
        let path = FieldPath {
            word: Some("sale"),
            ..FieldPath::to(Field::of(Owner::Line, "tags"))
        };
        assert_eq!(
            path.of_units(location).to_string(),
            "order.lines[1].tags[sale]"
        );
        let path = FieldPath::to(Field::of(Owner::Units, "condition.worn"));
        assert_eq!(
            path.of_units(location).to_string(),
            "request.lines[2].groups[3].condition.worn"
        );
        let path = FieldPath {
            parcel: 4,
            ..FieldPath::to(Field::of(Owner::Parcel, "ship_time"))
        };
        assert_eq!(
            path.of_units(location).to_string(),
            "order.shipments[4].ship_time"
        );
        let path = FieldPath::to(Event::Receive.field());
        assert_eq!(
            path.of_units(location).to_string(),
            "request.return_parcels[4].journey.receive_time"
        );
        assert_eq!(
            path.of_units(UnitsLocation::default()).to_string(),
            "request.journey.receive_time"
        );
        let path = FieldPath::of("order.discount");
        assert_eq!(path.of_units(location).to_string(), "order.discount");
    }
}
