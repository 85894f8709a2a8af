//! Writes what puts facts and events of a request into its messages.

use std::fmt::Write;

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::messages::{Held, actions, held, pure_in, slots_of};
use crate::table::{Event, Fact, Table, action, camel, snake};

/// Writes `src/wire/outbound/standard.rs`.
pub fn code(table: &Table) -> String {
    let mut code = String::from(
        "use redress_client::pb;\nuse redress_client::pb::customer_request::Action;\n\n\
         use super::request::FactWriter;\nuse crate::domain::facts as f;\n\
         use crate::domain::facts::{ActionFacts, RequestFacts, UnitsFacts};\n\
         use crate::domain::vocabulary::{Event, Fact};\n",
    );
    for name in ["CustomerRequest", "UnitGroup"] {
        let message = table.message(name);
        pure_in(table, &message)
            .iter()
            .for_each(|inner| writer(table, &mut code, inner));
        writer(table, &mut code, &message);
    }
    let actions = actions(table);
    for (_, message) in &actions {
        if message.fields().len() > 0 {
            writer(table, &mut code, message);
        }
    }
    code.push_str(
        "\n/// Writes what is asked for.\npub(super) fn action(t: FactWriter, ask: &f::Ask<'_>) -> Action {\n    match ask.action {\n",
    );
    for (field, message) in &actions {
        let variant = camel(field.name());
        let written = match message.fields().len() {
            0 => format!("pb::{} {{}}", message.name()),
            _ => format!("{}(t, &ask.facts)", snake(message.name())),
        };
        let _ = writeln!(
            code,
            "        f::Action::{} => Action::{variant}({written}),",
            action(message)
        );
    }
    code.push_str("    }\n}\n");
    code
}

fn writer(table: &Table, code: &mut String, message: &MessageDescriptor) {
    let mut body = String::new();
    let mut whole = true;
    for field in message.fields() {
        let name = field.name();
        match held(table, &field) {
            Held::Fact(fact) => self::fact(&mut body, &field, fact),
            Held::Event(event) => self::event(&mut body, &field, event),
            Held::Message(inner) => {
                let _ = writeln!(
                    body,
                    "        {name}: t.unless_empty({}(t, from)),",
                    snake(inner.name())
                );
            }
            Held::Other => whole = false,
        }
    }
    if !whole {
        body.push_str("        ..pb::");
        let _ = writeln!(body, "{}::default()", message.name());
    }
    let (function, name) = (snake(message.name()), message.name());
    let slots = slots_of(table, message);
    let _ = writeln!(
        code,
        "\n/// Writes the facts and events of `{name}`.\n\
         pub(super) fn {function}(t: FactWriter, from: &{slots}<'_>) -> pb::{name} {{\n    pb::{name} {{\n{body}    }}\n}}"
    );
}

fn fact(body: &mut String, field: &FieldDescriptor, fact: &Fact) {
    let value = format!("from.get(Fact::{})", camel(&fact.name));
    let written = match (field.kind(), fact.kind) {
        (Kind::Enum(_), "YesNo") => format!("t.yes_no({value})"),
        (Kind::Enum(_), _) => format!("t.number_of({value}, &{:?})", fact.words),
        (_, "Amount") => format!("t.amount({value})"),
        (_, "Number") => format!("t.number({value})"),
        _ => format!("t.word({value})"),
    };
    let _ = writeln!(body, "        {}: {written},", field.name());
}

fn event(body: &mut String, field: &FieldDescriptor, event: &Event) {
    let time = format!("from.event(Event::{})", camel(&event.name));
    let written = match field.kind() {
        Kind::String => format!("t.day({time})"),
        _ => format!("t.event({time})"),
    };
    let _ = writeln!(body, "        {}: {written},", field.name());
}
