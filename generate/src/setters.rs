//! Writes what builds requests: for each field of a message that a caller sends, a method
//! that takes the type that a program has.

use std::collections::BTreeMap;
use std::fmt::Write;

use protox::prost_reflect::{
    Cardinality, DescriptorPool, FieldDescriptor, Kind, MessageDescriptor,
};

use crate::table::snake;

/// Messages that callers send, with those inside of them.
const SENT: [&str; 3] = [
    "redress.v1.DecideRequest",
    "redress.v1.BatchItem",
    "redress.v1.ListOptionsRequest",
];

/// Returns `client/src/gen/setters.rs`.
pub fn code(pool: &DescriptorPool) -> String {
    let mut messages = BTreeMap::new();
    for name in SENT {
        add(
            pool.get_message_by_name(name).expect("a message"),
            &mut messages,
        );
    }
    let mut code = String::from(
        "// Generated from the messages of `proto/redress/v1` by `cargo run -p redress-generate`.\n",
    );
    for message in messages.values() {
        let setters: String = message.fields().map(|f| setter(&f)).collect();
        if !setters.is_empty() {
            let _ = write!(code, "\nimpl {} {{{setters}}}\n", message.name());
        }
    }
    code
}

fn add(message: MessageDescriptor, messages: &mut BTreeMap<String, MessageDescriptor>) {
    if message.package_name() != "redress.v1" || messages.contains_key(message.name()) {
        return;
    }
    messages.insert(message.name().to_owned(), message.clone());
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind() {
            add(inner, messages);
        }
    }
}

/// What a setter takes, and what of it becomes the value of a field.
fn value(kind: &Kind) -> (String, &'static str) {
    match kind {
        Kind::String => ("impl ToString".to_owned(), "value.to_string()"),
        Kind::Int32 => ("i32".to_owned(), "value"),
        Kind::Int64 => ("i64".to_owned(), "value"),
        Kind::Bool => ("bool".to_owned(), "value"),
        Kind::Enum(of) => (
            format!("impl Into<{}>", of.name()),
            "i32::from(value.into())",
        ),
        Kind::Message(of) if of.full_name() == "google.protobuf.Timestamp" => (
            "::chrono::DateTime<::chrono::Utc>".to_owned(),
            "crate::timestamp(value)",
        ),
        Kind::Message(of) => (format!("impl Into<{}>", of.name()), "value.into()"),
        other => panic!("there is no setter for a field of {other:?}"),
    }
}

fn setter(field: &FieldDescriptor) -> String {
    let name = field.name();
    let (takes, value) = value(&field.kind());
    let (doc, takes, statement) = if field.cardinality() == Cardinality::Repeated {
        let all = format!("self.{name} = values.into_iter().map(|value| {value}).collect();");
        let takes = format!("values: impl IntoIterator<Item = {takes}>");
        (format!("Replaces [`Self::{name}`]."), takes, all)
    } else {
        let takes = format!("value: {takes}");
        let oneof = field.containing_oneof();
        if let Some(oneof) = oneof.filter(|_| !optional(field)) {
            let (module, of) = (snake(field.parent_message().name()), oneof.name());
            let variant = format!("{module}::{}::{}", camel(of), camel(name));
            let doc = format!("Sets [`Self::{of}`] to [`{variant}`].");
            (doc, takes, format!("self.{of} = Some({variant}({value}));"))
        } else {
            let value = if optional(field) || matches!(field.kind(), Kind::Message(_)) {
                format!("Some({value})")
            } else {
                value.to_owned()
            };
            let doc = format!("Sets [`Self::{name}`].");
            (doc, takes, format!("self.{name} = {value};"))
        }
    };
    format!(
        "\n    /// {doc}\n    #[must_use]\n    pub fn with_{name}(mut self, {takes}) -> Self {{\n        {statement}\n        self\n    }}\n"
    )
}

/// Whether a field is `optional`, which the descriptor says by a oneof of its own.
fn optional(field: &FieldDescriptor) -> bool {
    field.field_descriptor_proto().proto3_optional()
}

/// Writes a name as Rust names a type.
fn camel(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_') {
        let (first, rest) = word.split_at(usize::from(!word.is_empty()));
        camel.push_str(&first.to_uppercase());
        camel.push_str(rest);
    }
    camel
}
