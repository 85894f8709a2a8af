//! Writes what reads facts and events from messages.

use std::fmt::Write;

use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::messages::{Held, MIXED, actions, held, pure_in, rust, slots_of};
use crate::table::{Event, Fact, Table, action, camel, snake};

/// Writes `src/wire/inbound/standard.rs`.
pub fn code(table: &Table) -> String {
    let mut code = String::from(
        "use redress_client::pb;\nuse redress_client::pb::customer_request::Action;\n\n\
         use crate::domain::path::At;\nuse super::reader::Reader;\nuse crate::domain::facts as f;\n\
         use crate::domain::facts::{\n    ActionFacts, LineFacts, OrderFacts, ParcelFacts, RequestFacts, UnitsFacts,\n};\n\
         use crate::domain::vocabulary::{Event, Fact};\n",
    );
    for name in MIXED {
        let message = table.message(name);
        pattern(table, &mut code, &message);
        pure_in(table, &message)
            .iter()
            .for_each(|inner| reader(table, &mut code, inner));
        reader(table, &mut code, &message);
    }
    let actions = actions(table);
    for (_, message) in &actions {
        if message.fields().len() > 0 {
            reader(table, &mut code, message);
        }
    }
    code.push_str(
        "\n/// Reads what is asked for.\npub(super) fn action<'t>(r: &mut Reader, at: &At<'_>, message: &'t Action, ask: &mut f::Ask<'t>) {\n    match message {\n",
    );
    for (field, message) in &actions {
        let variant = camel(field.name());
        let (bound, read) = match message.fields().len() {
            0 => ("_", String::new()),
            _ => (
                "m",
                format!(
                    "\n            {}(r, &at.field({:?}), m, &mut ask.facts);",
                    snake(message.name()),
                    field.name()
                ),
            ),
        };
        let _ = writeln!(
            code,
            "        Action::{variant}({bound}) => {{\n            *ask = f::Ask::of(f::Action::{});{read}\n        }}",
            action(message)
        );
    }
    code.push_str("    }\n}\n");
    code
}

/// Writes a pattern that takes a message apart: the fields that are read by hand, each by
/// name, so that one that is new breaks the build.
fn pattern(table: &Table, code: &mut String, message: &MessageDescriptor) {
    let name = message.name();
    let macro_name = format!("{}_fields", snake(name));
    let others = message
        .fields()
        .filter(|field| !matches!(held(table, field), Held::Other));
    let others: String = others
        .map(|field| format!(" {}: _,", rust(&field)))
        .collect();
    let _ = writeln!(
        code,
        "\n/// Takes the fields of `{name}` apart that hold no facts.\n\
         macro_rules! {macro_name} {{\n    ($($field:tt)*) => {{ pb::{name} {{ $($field)*,{others} }} }};\n}}\n\
         pub(super) use {macro_name};"
    );
}

fn reader(table: &Table, code: &mut String, message: &MessageDescriptor) {
    let mut body = String::new();
    for field in message.fields() {
        match held(table, &field) {
            Held::Fact(fact) => self::fact(&mut body, &field, fact),
            Held::Event(event) => self::event(&mut body, &field, event),
            Held::Message(inner) => {
                let name = field.name();
                let _ = writeln!(
                    body,
                    "    if let Some(m) = &m.{name} {{\n        {}(r, &at.field({name:?}), m, to);\n    }}",
                    snake(inner.name())
                );
            }
            Held::Other => {}
        }
    }
    let (function, name) = (snake(message.name()), message.name());
    let slots = slots_of(table, message);
    let _ = writeln!(
        code,
        "\n/// Reads the facts and events of `{name}`.\n\
         pub(super) fn {function}<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::{name}, to: &mut {slots}<'t>) {{\n{body}}}"
    );
}

fn fact(body: &mut String, field: &FieldDescriptor, fact: &Fact) {
    let name = field.name();
    let value = match (field.kind(), fact.kind) {
        (Kind::Enum(_), "YesNo") => format!("r.yes_no(at, {name:?}, m.{name})"),
        (Kind::Enum(of), _) => format!(
            "r.one_of(at, {name:?}, m.{name}, {:?}, &{:?})",
            of.name(),
            fact.words
        ),
        (_, "Amount") => format!("r.amount(at, {name:?}, &m.{name}).into()"),
        (_, "Number") => format!("r.number(at, {name:?}, m.{name}, {:?})", fact.at_least),
        _ => {
            let read = match name {
                name if name.ends_with("_region_code") => "region",
                name if name.ends_with("_language_code") => "language",
                _ => "word",
            };
            format!("r.{read}(at, {name:?}, &m.{name}).into()")
        }
    };
    let _ = writeln!(body, "    to.set(Fact::{}, {value});", camel(&fact.name));
}

fn event(body: &mut String, field: &FieldDescriptor, event: &Event) {
    let name = field.name();
    let time = match field.kind() {
        Kind::String => format!("r.day(at, {name:?}, &m.{name}).into()"),
        _ => format!("r.event(at, {name:?}, m.{name}.as_ref())"),
    };
    let _ = writeln!(
        body,
        "    to.set_event(Event::{}, {time});",
        camel(&event.name)
    );
}
