//! Field paths that are written only where somebody reads them.

use std::fmt;

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
    /// `{shipment}` is that of the parcel.
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
    pub fn of_units(&self, place: UnitsPlace) -> impl fmt::Display {
        Filled { path: *self, place }
    }
}

struct Filled<'a> {
    path: FieldPath<'a>,
    place: UnitsPlace,
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.path.template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let place = match name {
                "line" => self.place.line,
                "request_line" => self.place.request_line,
                "group" => self.place.group,
                _ => self.path.parcel,
            };
            f.write_str(before)?;
            place.fmt(f)?;
            rest = tail;
        }
        f.write_str(rest)?;
        match self.path.word {
            Some(word) => write!(f, "[{word}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
