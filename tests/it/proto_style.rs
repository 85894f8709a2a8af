//! The contract keeps its own style: comments, names, types.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};
use redress::wire::FILE_DESCRIPTOR_SET;

/// Numbers of fields of `FileDescriptorProto`, `DescriptorProto` and others, as
/// paths of source locations have them.
mod tag {
    pub const MESSAGE: i32 = 4;
    pub const ENUM: i32 = 5;
    pub const SERVICE: i32 = 6;
    pub const METHOD: i32 = 2;
    pub const FIELD: i32 = 2;
    pub const ONEOF: i32 = 8;
    pub const VALUE: i32 = 2;
}

fn contract() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("a descriptor set");
    set.file
        .into_iter()
        .filter(|f| f.package() == "redress.v1")
        .collect()
}

/// Calls back for each element with its name and the comment that leads it.
fn walk(file: &FileDescriptorProto, mut see: impl FnMut(String, Option<&str>)) {
    let comments: BTreeMap<&[i32], &str> = file
        .source_code_info
        .iter()
        .flat_map(|info| &info.location)
        .filter_map(|l| Some((l.path.as_slice(), l.leading_comments.as_deref()?.trim())))
        .collect();
    let mut at = |name: String, path: &[i32]| see(name, comments.get(path).copied());
    for (m, message) in (0..).zip(&file.message_type) {
        let name = message.name();
        at(name.to_owned(), &[tag::MESSAGE, m]);
        for (i, field) in (0..).zip(&message.field) {
            at(
                format!("{name}.{}", field.name()),
                &[tag::MESSAGE, m, tag::FIELD, i],
            );
        }
        for (i, oneof) in (0..).zip(&message.oneof_decl) {
            // What `optional` makes of a field is no element of the text.
            let written = message
                .field
                .iter()
                .any(|f| f.oneof_index == Some(i) && !f.proto3_optional());
            if written {
                at(
                    format!("{name}.{}", oneof.name()),
                    &[tag::MESSAGE, m, tag::ONEOF, i],
                );
            }
        }
    }
    for (e, list) in (0..).zip(&file.enum_type) {
        at(list.name().to_owned(), &[tag::ENUM, e]);
        for (i, value) in (0..).zip(&list.value) {
            at(value.name().to_owned(), &[tag::ENUM, e, tag::VALUE, i]);
        }
    }
    for (s, service) in (0..).zip(&file.service) {
        at(service.name().to_owned(), &[tag::SERVICE, s]);
        for (i, method) in (0..).zip(&service.method) {
            at(
                format!("{}.{}", service.name(), method.name()),
                &[tag::SERVICE, s, tag::METHOD, i],
            );
        }
    }
}

#[test]
fn every_element_has_a_leading_comment_that_is_a_sentence() {
    let mut seen = 0;
    for file in contract() {
        walk(&file, |name, comment| {
            seen += 1;
            let comment = comment.unwrap_or_default();
            assert!(comment.ends_with('.'), "{name}: `{comment}`");
        });
        let trailing = file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
            .find(|l| l.trailing_comments.is_some());
        assert_eq!(trailing, None, "{}", file.name());
    }
    assert!(seen > 400, "only {seen} elements were looked at");
}

#[test]
fn fields_of_requests_say_whether_they_are_required() {
    let files = contract();
    let messages: BTreeMap<&str, &DescriptorProto> = files
        .iter()
        .flat_map(|f| &f.message_type)
        .map(|m| (m.name(), m))
        .collect();
    let mut inputs: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = messages
        .keys()
        .copied()
        .filter(|name| name.ends_with("Request") && *name != "CustomerRequest")
        .collect();
    while let Some(name) = open.pop() {
        if let Some(message) = messages.get(name)
            && inputs.insert(name)
        {
            open.extend(message.field.iter().filter_map(own_type));
        }
    }
    for file in &files {
        walk(file, |name, comment| {
            let Some((message, field)) = name.split_once('.') else {
                return;
            };
            let in_oneof = messages.get(message).is_some_and(|m| {
                m.field
                    .iter()
                    .any(|f| f.name() == field && f.oneof_index.is_some() && !f.proto3_optional())
            });
            if inputs.contains(message) && !in_oneof {
                let comment = comment.unwrap_or_default();
                let says = comment.starts_with("Required. ") || comment.starts_with("Optional. ");
                assert!(says, "{name}: `{comment}`");
            }
        });
    }
}

/// Returns the message of the contract that a field holds.
fn own_type(field: &FieldDescriptorProto) -> Option<&str> {
    field.type_name().strip_prefix(".redress.v1.")
}

#[test]
fn enums_are_prefixed_and_start_unspecified() {
    for list in contract().iter().flat_map(|f| &f.enum_type) {
        let prefix = upper_snake(list);
        for value in &list.value {
            assert!(value.name().starts_with(&prefix), "{}", value.name());
        }
        let zero = list.value.first().expect("a value");
        assert_eq!(zero.number(), 0);
        assert_eq!(zero.name(), format!("{prefix}UNSPECIFIED"));
    }
}

fn upper_snake(list: &EnumDescriptorProto) -> String {
    let mut prefix = String::new();
    for letter in list.name().chars() {
        if letter.is_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    prefix + "_"
}

#[test]
fn fields_have_plain_names_and_exact_types() {
    for message in contract().iter().flat_map(|f| &f.message_type) {
        for field in &message.field {
            let name = format!("{}.{}", message.name(), field.name());
            let plain = field
                .name()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(plain && !field.name().starts_with("is_"), "{name}");
            let exact = matches!(
                field.r#type(),
                Type::Int32
                    | Type::Int64
                    | Type::Bool
                    | Type::String
                    | Type::Bytes
                    | Type::Message
                    | Type::Enum
            );
            assert!(exact, "{name}: {:?}", field.r#type());
            if field.type_name() == ".google.protobuf.Timestamp" {
                let name_fits = field.name() == "time" || field.name().ends_with("_time");
                assert!(name_fits, "{name}");
            }
        }
    }
}

#[test]
fn calls_have_messages_of_their_own_and_only_one_streams() {
    for method in contract()
        .iter()
        .flat_map(|f| &f.service)
        .flat_map(|s| &s.method)
    {
        let name = method.name();
        assert_eq!(method.input_type(), format!(".redress.v1.{name}Request"));
        assert_eq!(method.output_type(), format!(".redress.v1.{name}Response"));
        let streams = method.client_streaming() || method.server_streaming();
        assert_eq!(streams, name == "StreamDecide");
    }
}
