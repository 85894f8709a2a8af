//! Names unknown facts for people and programs: field path, source, question.

use super::money::missing_prices;
use super::world::{AT_HOME, Key, ORDER_LEVEL, World};
use crate::domain::event::Event;
use crate::domain::path::{Field, FieldPath, Owner, UnitsPlace};
use crate::domain::spell::Spell;
use crate::domain::verdict::{Guide, Missing, MissingFact, Party};
use crate::domain::vocabulary::Fact;

impl World<'_, '_> {
    /// Describes a fact that is needed, or those that it is worked out from.
    pub(super) fn missing(&self, key: Key<'_>) -> Missing {
        let mut missing = Missing::default();
        if matches!(key, Key::Fact(Fact::WantedWorth, _)) {
            // What was paid is compared with what the wanted goods cost.
            missing = missing_prices(self.facts, self.row.line);
            if self.wanted_unit_price().is_some() {
                return missing;
            }
        }
        missing.facts.push(self.missing_one(key));
        missing
    }

    fn missing_one(&self, key: Key<'_>) -> MissingFact {
        let (source, question) = match key {
            Key::Fact(fact, _) => (fact.spec().source, fact.spec().question),
            Key::Event(event, _) => (event_source(event), event_question(event)),
            Key::Shipment => (Party::Customer, "In which parcel did these units come?"),
            Key::Zone(AT_HOME) => (
                Party::Customer,
                "In which time zone does the customer live?",
            ),
            Key::Zone(_) => (Party::Shop, "In which time zone is the place of delivery?"),
        };
        MissingFact {
            path: self.path_of(key),
            source,
            question,
            guide: None,
        }
    }

    /// Returns the field path of a fact in the request as a text.
    pub(super) fn path_of(&self, key: Key<'_>) -> String {
        self.path(key).of_units(self.row.place()).spelled()
    }

    /// Returns the field path of a fact in the request.
    pub(super) fn path<'k>(&self, key: Key<'k>) -> FieldPath<'k> {
        match key {
            Key::Fact(fact, word) => FieldPath {
                word,
                ..self.at_own_parcel(fact.spec().field)
            },
            Key::Event(event, place) => at_parcel(event.field(), place),
            Key::Shipment => FieldPath::to(Field::of(Owner::Units, "shipment_id")),
            Key::Zone(AT_HOME) => FieldPath::of("order.customer.time_zone"),
            Key::Zone(place) => at_parcel(Field::of(Owner::Parcel, "time_zone"), place),
        }
    }

    /// Names a field; of parcels, that of the row's own.
    fn at_own_parcel(&self, field: Field) -> FieldPath<'static> {
        // Paths are compared between completions that assume different parcels.
        let parcel = match field.is_of_parcel() {
            true => self.shipment_place().unwrap_or(0),
            false => 0,
        };
        FieldPath {
            parcel,
            ..FieldPath::to(field)
        }
    }
}

/// Names a field; of parcels, that of the one at a place.
const fn at_parcel(field: Field, place: usize) -> FieldPath<'static> {
    FieldPath {
        parcel: if place == ORDER_LEVEL { 0 } else { place },
        ..FieldPath::to(field)
    }
}

fn event_source(event: Event) -> Party {
    match event {
        Event::StatementSend
        | Event::FormSend
        | Event::HandOver
        | Event::Birth
        | Event::CredentialsReport
        | Event::AddressAnswer => Party::Customer,
        Event::Deliver
        | Event::DeliverLast
        | Event::Collect
        | Event::FirstAttempt
        | Event::AttemptAnswer => Party::Carrier,
        Event::Place
        | Event::Accept
        | Event::Confirm
        | Event::Ship
        | Event::WarehouseReturn
        | Event::DesignConfirm
        | Event::ProductionStart
        | Event::Request
        | Event::Proof
        | Event::Receive
        | Event::ShopRequest
        | Event::ShopCollect
        | Event::ConfirmMail
        | Event::AddressQuery
        | Event::ShopCancel
        | Event::NextOrder
        | Event::CreditGoodsReceive
        | Event::Promise => Party::Shop,
    }
}

fn event_question(event: Event) -> &'static str {
    match event {
        Event::Place => "When was the order placed?",
        Event::Accept => "When did the shop accept the order?",
        Event::Confirm => "When was the dispatch of the line confirmed?",
        Event::Ship => "When did the parcel leave the shop, or has it not?",
        Event::Deliver | Event::DeliverLast => "When was the parcel delivered, or has it not been?",
        Event::Collect => "When did the customer collect the parcel, or not yet?",
        Event::FirstAttempt => "When was delivery first tried, or not yet?",
        Event::AttemptAnswer => "When did the customer answer the carrier, or not yet?",
        Event::WarehouseReturn => "When did the parcel arrive back in the warehouse, or not yet?",
        Event::DesignConfirm => "When did the customer confirm the design, or not yet?",
        Event::ProductionStart => "When did making begin, or not yet?",
        Event::Request => "When did the request reach the shop?",
        Event::StatementSend => "When was the statement sent?",
        Event::FormSend => "When was the form sent, or not yet?",
        Event::HandOver => "When were the goods handed over, or not yet?",
        Event::Proof => "When did proof of sending reach the shop, or not yet?",
        Event::Receive => "When did the goods reach the shop, or not yet?",
        Event::ShopRequest => "When did the shop ask for the goods, or not yet?",
        Event::ShopCollect => "When did the shop collect the goods, or not yet?",
        Event::ConfirmMail => "When was the confirming mail sent, or not yet?",
        Event::AddressQuery => "When did the shop ask about the address?",
        Event::AddressAnswer => "When did the customer answer about the address, or not yet?",
        Event::ShopCancel => "When did the shop cancel the order, or not yet?",
        Event::NextOrder => "When was the next order placed, or not yet?",
        Event::CreditGoodsReceive => "When did the goods that the credit stands for come back?",
        Event::Birth => "When was the customer born?",
        Event::CredentialsReport => "When were the credentials reported lost, or not?",
        Event::Promise => "Which day was promised for delivery?",
    }
}

/// Renames facts of the units of one row to the same facts of another row's.
pub(super) struct Renaming {
    /// How paths begin, and how they begin of the other row.
    beginnings: [(String, String); 2],
}

impl Renaming {
    /// Renames facts of the units at one place to those at another.
    pub(super) fn new(from: UnitsPlace, to: UnitsPlace) -> Self {
        let beginning = |owner: Owner, place: UnitsPlace| {
            let path = FieldPath::to(Field::of(owner, ""));
            path.of_units(place).spelled()
        };
        let line = |place: UnitsPlace| beginning(Owner::Line, place);
        let group = |place: UnitsPlace| beginning(Owner::Units, place);
        Self {
            beginnings: [(line(from), line(to)), (group(from), group(to))],
        }
    }

    /// Returns a fact under its new name.
    pub(super) fn fact(&self, fact: &MissingFact) -> MissingFact {
        let guide = fact.guide.as_deref().map(|guide| Guide {
            after: guide.after.iter().map(|path| self.path(path)).collect(),
            ..guide.clone()
        });
        MissingFact {
            path: self.path(&fact.path),
            guide: guide.map(Box::new),
            ..*fact
        }
    }

    fn path(&self, path: &str) -> String {
        let mut beginnings = self.beginnings.iter();
        let renamed = beginnings.find_map(|(old, new)| Some([new, path.strip_prefix(old)?]));
        renamed.map_or_else(|| path.to_owned(), |parts| parts.concat())
    }
}
