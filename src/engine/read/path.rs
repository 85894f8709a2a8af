//! Names unknown facts for people and programs: field path, source, question.

use super::prices::{missing_prices, missing_value};
use super::world::{AT_HOME, Key, ORDER_LEVEL, World};
use crate::domain::path::{Field, FieldPath, Owner, UnitsLocation};
use crate::domain::spell::Spell;
use crate::domain::verdict::{AskedField, Guide, Missing, MissingFact, Question};
use crate::domain::vocabulary::Fact;

impl World<'_, '_> {
    /// Describes a fact that is needed, or those that it is worked out from.
    pub(crate) fn missing(&self, key: Key<'_>) -> Missing {
        let mut missing = Missing::default();
        if matches!(key, Key::Fact(Fact::OrderValue | Fact::KeptValue, ..)) {
            return missing_value(self.facts, self.row.line);
        }
        if matches!(key, Key::Fact(Fact::WantedWorth, ..)) {
            // What was paid is compared with what the wanted goods cost.
            missing = missing_prices(self.facts, self.row.line);
            if self.wanted_unit_price().is_some() {
                return missing;
            }
        }
        missing.facts.extend(self.missing_one(key));
        missing
    }

    fn missing_one(&self, key: Key<'_>) -> Option<MissingFact> {
        let question = match key {
            Key::Fact(fact, word, _) => Question::Fact(fact, word.map(str::to_owned)),
            Key::Event(event, _) => Question::Event(event),
            Key::Shipment => Question::Field(AskedField::Shipment),
            Key::Zone(AT_HOME) => Question::Field(AskedField::CustomerTimeZone),
            Key::Zone(_) => Question::Field(AskedField::DeliveryTimeZone),
            // A person decides, whatever it is.
            Key::Currency => return None,
        };
        Some(MissingFact {
            path: self.path_of(key),
            question,
            guide: None,
        })
    }

    /// Returns the field path of a fact in the request as a text.
    pub(crate) fn path_of(&self, key: Key<'_>) -> String {
        self.path(key).of_units(self.row.location()).spelled()
    }

    /// Returns the field path of a fact in the request.
    pub(crate) fn path<'k>(&self, key: Key<'k>) -> FieldPath<'k> {
        match key {
            Key::Fact(fact, word, index) => FieldPath {
                word: word.or(fact.entry()),
                ..at_parcel(fact.spec().field, index)
            },
            Key::Event(event, index) => FieldPath {
                word: event.entry(),
                ..at_parcel(event.field(), index)
            },
            Key::Shipment => FieldPath::to(Field::of(Owner::Units, "shipment_id")),
            Key::Zone(AT_HOME) => FieldPath::of("order.customer.time_zone"),
            Key::Zone(index) => at_parcel(Field::of(Owner::Parcel, "time_zone"), index),
            Key::Currency => FieldPath::of("order.currency_code"),
        }
    }
}

/// Names a field; of parcels, that of the one at an index.
const fn at_parcel(field: Field, index: usize) -> FieldPath<'static> {
    FieldPath {
        parcel: if index == ORDER_LEVEL { 0 } else { index },
        ..FieldPath::to(field)
    }
}

/// Renames facts of the units of one row to the same facts of another row's.
pub(crate) struct Renaming {
    /// How paths begin, and how they begin of the other row.
    beginnings: [(String, String); 2],
}

impl Renaming {
    /// Renames facts of the units at one location to those at another.
    pub(crate) fn new(from: UnitsLocation, to: UnitsLocation) -> Self {
        let beginning = |owner: Owner, location: UnitsLocation| {
            let path = FieldPath::to(Field::of(owner, ""));
            path.of_units(location).spelled()
        };
        let line = |location: UnitsLocation| beginning(Owner::Line, location);
        let group = |location: UnitsLocation| beginning(Owner::Units, location);
        Self {
            beginnings: [(line(from), line(to)), (group(from), group(to))],
        }
    }

    /// Returns a fact under its new name.
    pub(crate) fn fact(&self, fact: &MissingFact) -> MissingFact {
        let guide = fact.guide.as_deref().map(|guide| Guide {
            after: guide.after.iter().map(|path| self.path(path)).collect(),
            ..guide.clone()
        });
        MissingFact {
            path: self.path(&fact.path),
            question: fact.question.clone(),
            guide: guide.map(Box::new),
        }
    }

    fn path(&self, path: &str) -> String {
        let mut beginnings = self.beginnings.iter();
        let renamed = beginnings.find_map(|(old, new)| Some([new, path.strip_prefix(old)?]));
        renamed.map_or_else(|| path.to_owned(), |parts| parts.concat())
    }
}
