//! Field paths that are written only where somebody reads them.

use std::fmt;

use super::spell::{Spell, number};

/// How the paths begin that have places in them.
const OF_UNITS: &str = "request.lines[{request_line}].groups[{group}].";
const OF_LINE: &str = "order.lines[{line}].";
const OF_PARCEL: &str = "order.shipments[{shipment}].";

/// Says where units stand in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitsPlace {
    /// Place of the line in the order.
    pub line: usize,
    /// Place of the line in the request.
    pub request_line: usize,
    /// Place of the group in the line of the request.
    pub group: usize,
}

/// Names a field of a request: a path with places left open, which units fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath<'a> {
    /// The path; `{line}`, `{request_line}` and `{group}` are those of units,
    /// `{shipment}` is that of the parcel. It begins with `order.lines[{line}].`,
    /// `request.lines[{request_line}].groups[{group}].` or
    /// `order.shipments[{shipment}].`, or has no places.
    pub template: &'static str,
    /// The word that names the fact inside its field, such as a tag.
    pub word: Option<&'a str>,
    /// Place of the parcel in the order.
    pub parcel: usize,
}

impl FieldPath<'_> {
    /// Names a field of which there is one.
    pub const fn of(template: &'static str) -> Self {
        Self {
            template,
            word: None,
            parcel: 0,
        }
    }

    /// Returns the literal path for some units, such as
    /// `request.lines[0].groups[0].condition.worn`.
    pub fn of_units(&self, place: UnitsPlace) -> impl Spell + fmt::Display {
        Filled { path: *self, place }
    }
}

struct Filled<'a> {
    path: FieldPath<'a>,
    place: UnitsPlace,
}

impl Spell for Filled<'_> {
    fn spell(&self, to: &mut impl fmt::Write) -> fmt::Result {
        let template = self.path.template;
        let field = if let Some(field) = template.strip_prefix(OF_UNITS) {
            to.write_str("request.lines[")?;
            index(to, self.place.request_line)?;
            to.write_str("].groups[")?;
            index(to, self.place.group)?;
            to.write_str("].")?;
            field
        } else if let Some(field) = template.strip_prefix(OF_LINE) {
            to.write_str("order.lines[")?;
            index(to, self.place.line)?;
            to.write_str("].")?;
            field
        } else if let Some(field) = template.strip_prefix(OF_PARCEL) {
            to.write_str("order.shipments[")?;
            index(to, self.path.parcel)?;
            to.write_str("].")?;
            field
        } else {
            template
        };
        to.write_str(field)?;
        if let Some(word) = self.path.word {
            to.write_char('[')?;
            to.write_str(word)?;
            to.write_char(']')?;
        }
        Ok(())
    }
}

fn index(to: &mut impl fmt::Write, place: usize) -> fmt::Result {
    number(to, place as u64)
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spell(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Event;
    use crate::domain::vocabulary::Fact;

    #[test]
    fn no_place_is_left_open() {
        let facts = Fact::ALL.iter().map(|fact| fact.spec().path);
        let events = Event::ALL.iter().map(|event| event.field());
        for template in facts.chain(events) {
            let path = FieldPath::of(template);
            let filled = path.of_units(UnitsPlace::default()).spelled();
            assert!(!filled.contains(['{', '}']), "{template}");
        }
    }

    #[test]
    fn units_fill_places_in() {
        let place = UnitsPlace {
            line: 1,
            request_line: 2,
            group: 3,
        };
        let path = FieldPath {
            word: Some("sale"),
            ..FieldPath::of("order.lines[{line}].tags")
        };
        assert_eq!(
            path.of_units(place).to_string(),
            "order.lines[1].tags[sale]"
        );
        let path = FieldPath::of("request.lines[{request_line}].groups[{group}].condition.worn");
        assert_eq!(
            path.of_units(place).to_string(),
            "request.lines[2].groups[3].condition.worn"
        );
        let path = FieldPath {
            parcel: 4,
            ..FieldPath::of("order.shipments[{shipment}].ship_time")
        };
        assert_eq!(
            path.of_units(place).to_string(),
            "order.shipments[4].ship_time"
        );
    }
}
