//! Describes services, messages and enumerations for people: `docs/api.md`.

use protox::prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    ServiceDescriptor,
};

use crate::openapi::{PACKAGE, comment, schema_name};

/// What the page says before its first heading.
const HEAD: &str = "<!-- Generated from `proto/redress/v1` by `cargo run -p redress-generate`. -->
# API reference

Every service, message and enumeration of the contract, with the words of the [proto files](../proto/redress/v1).
[First verdict](first-verdict.md) shows a call in each language, [Protocols](protocols.md) how calls look in JSON, [Versions](versions.md) what may change.

A field whose text begins with *Required* must be set.
What is absent is unknown, unless the text says what absence means: never zero, and never a no.
Of the fields that are marked *one of* a name, at most one is set.
";

/// The files of the contract in the order of reading: calls, what is asked, what is answered.
const FILES: [&str; 8] = [
    "decision_service",
    "policy_service",
    "order",
    "request",
    "verdict",
    "facts",
    "vocabulary",
    "error",
];

/// Writes `docs/api.md`.
///
/// # Panics
/// The contract has a file that is not in the order of reading.
pub fn page(pool: &DescriptorPool) -> String {
    let ours = pool
        .files()
        .filter(|f| f.package_name() == PACKAGE.trim_end_matches('.'));
    assert_eq!(
        ours.count(),
        FILES.len(),
        "a file of the contract is not listed"
    );
    let mut page = HEAD.to_owned();
    for name in FILES {
        let path = format!("redress/v1/{name}.proto");
        let file = pool
            .get_file_by_name(&path)
            .expect("a file of the contract");
        page.push_str(&format!("\n## [{name}.proto](../proto/{path})\n"));
        for one in file.services() {
            service(&mut page, &file, &one);
        }
        for one in file.messages() {
            message(&mut page, &file, &one);
        }
        for one in file.enums() {
            enumeration(&mut page, &file, &one);
        }
    }
    page
}

fn service(page: &mut String, file: &FileDescriptor, service: &ServiceDescriptor) {
    heading(page, service.name(), &comment(file, service.path()));
    page.push_str("| method | request | reply | |\n|---|---|---|---|\n");
    for method in service.methods() {
        let stream = |is_stream| if is_stream { "stream of " } else { "" };
        page.push_str(&format!(
            "| `{}` | {}{} | {}{} | {} |\n",
            method.name(),
            stream(method.is_client_streaming()),
            link(method.input().full_name()),
            stream(method.is_server_streaming()),
            link(method.output().full_name()),
            cell(&comment(file, method.path())),
        ));
    }
}

fn message(page: &mut String, file: &FileDescriptor, message: &MessageDescriptor) {
    heading(
        page,
        schema_name(message.full_name()),
        &comment(file, message.path()),
    );
    let mut fields: Vec<FieldDescriptor> = message.fields().collect();
    // In the order of the file, which is the order of their paths.
    fields.sort_by(|a, b| a.path().cmp(b.path()));
    if !fields.is_empty() {
        page.push_str("| field | type | |\n|---|---|---|\n");
    }
    for field in fields {
        let one_of = field
            .containing_oneof()
            .filter(|_| !field.field_descriptor_proto().proto3_optional())
            .map(|group| format!(", one of `{}`", group.name()));
        let deprecated = field.field_descriptor_proto().options.as_ref();
        let deprecated = deprecated.is_some_and(|options| options.deprecated());
        page.push_str(&format!(
            "| `{}`{} | {}{} | {} |\n",
            field.name(),
            if deprecated { ", deprecated" } else { "" },
            kind(&field),
            one_of.unwrap_or_default(),
            cell(&comment(file, field.path())),
        ));
    }
    for inner in message.child_messages().filter(|m| !m.is_map_entry()) {
        self::message(page, file, &inner);
    }
    for inner in message.child_enums() {
        enumeration(page, file, &inner);
    }
}

fn enumeration(page: &mut String, file: &FileDescriptor, of: &EnumDescriptor) {
    heading(page, schema_name(of.full_name()), &comment(file, of.path()));
    page.push_str("| value | number | |\n|---|---|---|\n");
    for value in of.values() {
        page.push_str(&format!(
            "| `{}` | {} | {} |\n",
            value.name(),
            value.number(),
            cell(&comment(file, value.path())),
        ));
    }
}

fn heading(page: &mut String, name: &str, about: &str) {
    page.push_str(&format!("\n### {name}\n\n{about}\n\n"));
}

/// Returns the type of a field, with a link where the page describes it.
fn kind(field: &FieldDescriptor) -> String {
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let part = |field: FieldDescriptor| kind(&field);
        let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
        return format!("map from {} to {}", part(key), part(value));
    }
    let one = match field.kind() {
        Kind::Message(message) => link(message.full_name()),
        Kind::Enum(of) => link(of.full_name()),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    if field.is_list() {
        format!("list of {one}")
    } else {
        one
    }
}

/// Returns a name, with a link where the page describes it.
fn link(full: &str) -> String {
    match full.strip_prefix(PACKAGE) {
        Some(name) => format!("[{name}](#{})", name.to_lowercase().replace('.', "")),
        None => format!("`{full}`"),
    }
}

/// Returns a text as a cell of a table holds it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
