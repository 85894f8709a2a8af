//! Tells what of a message the vocabulary describes.

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::table::{Event, Fact, Table};

/// Messages that hold more than facts and events: their other fields are read and written by
/// hand.
pub const MIXED: [&str; 7] = [
    "Order",
    "Customer",
    "Delivery",
    "Line",
    "Shipment",
    "CustomerRequest",
    "UnitGroup",
];

/// What a field holds.
pub enum Held<'t> {
    Fact(&'t Fact),
    Event(&'t Event),
    /// A message of facts and events alone.
    Message(MessageDescriptor),
    /// Something else.
    Other,
}

/// Says what a field holds.
pub fn held<'t>(table: &'t Table, field: &FieldDescriptor) -> Held<'t> {
    let told = |f: &&Fact| f.field == *field && f.slot.is_some();
    if let Some(fact) = table.facts.iter().find(told) {
        return Held::Fact(fact);
    }
    let told = |e: &&Event| e.field == *field && e.slot.is_some();
    if let Some(event) = table.events.iter().find(told) {
        return Held::Event(event);
    }
    match field.kind() {
        Kind::Message(inner) if is_pure(table, &inner) && field.containing_oneof().is_none() => {
            Held::Message(inner)
        }
        _ => Held::Other,
    }
}

/// Whether a message holds facts and events alone.
fn is_pure(table: &Table, message: &MessageDescriptor) -> bool {
    let mut fields = message.fields();
    message.fields().len() > 0 && fields.all(|field| table.is_told(&field))
}

/// Returns the messages of facts and events alone that a mixed one holds.
pub fn pure_in(table: &Table, message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let inner = message
        .fields()
        .filter_map(|field| match held(table, &field) {
            Held::Message(inner) => Some(inner),
            _ => None,
        });
    inner.collect()
}

/// Returns the owner of a message's facts, as its type of slots is called.
pub fn slots_of(table: &Table, message: &MessageDescriptor) -> String {
    let facts = table.facts.iter().map(|f| (&f.field, &f.owner));
    let events = table.events.iter().map(|e| (&e.field, &e.owner));
    let mut all = facts.chain(events);
    let own = |field: &FieldDescriptor| field.parent_message() == message;
    let owner = all
        .find(|(field, _)| own(field))
        .map(|(_, owner)| owner.as_str());
    let owner = owner
        .unwrap_or("Units")
        .split('(')
        .next()
        .unwrap_or_default();
    format!("{owner}Facts")
}

/// Returns the actions, each with its message.
pub fn actions(table: &Table) -> Vec<(FieldDescriptor, MessageDescriptor)> {
    let request = table.message("CustomerRequest");
    let of = |field: FieldDescriptor| match (field.containing_oneof(), field.kind()) {
        (Some(_), Kind::Message(message)) => Some((field, message)),
        _ => None,
    };
    request.fields().filter_map(of).collect()
}

/// Writes a name of the contract as Rust writes fields.
pub fn rust(field: &FieldDescriptor) -> String {
    match field.name() {
        "return" => "r#return".to_owned(),
        name => name.to_owned(),
    }
}
