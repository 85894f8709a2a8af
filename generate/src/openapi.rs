//! Describes the methods that have one request and one reply as OpenAPI, for whoever asks
//! them in JSON.

use std::collections::BTreeMap;

use protox::prost_reflect::prost_types::FileDescriptorProto;
use protox::prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor,
    MethodDescriptor,
};

use crate::json::{Json, list, object, text};

/// The package of the contract, and the point before a name.
pub const PACKAGE: &str = "redress.v1.";
/// How a comment begins on a field that a request must set.
const REQUIRED: &str = "Required.";

/// What the document says of itself.
const ABOUT: &str = "Decides what a shop's customer is owed, from the shop's published terms.\n\n\
    Every method is asked by POST with the proto JSON of its request; the same methods, and the \
    stream of decisions, are answered in gRPC, gRPC-Web and the rest of the Connect protocol. \
    Fields that have no value are left out of a reply. Descriptions name fields as the contract \
    does, such as `order_id` for `orderId`; a request can use either. A denial is an answer, with \
    200.";

/// Headers that a call can carry: name, type, what it says.
const HEADERS: [(&str, &str, &str); 3] = [
    (
        "connect-timeout-ms",
        "integer",
        "How long the caller waits, in milliseconds.",
    ),
    (
        "x-request-id",
        "string",
        "The caller's own name of the call, for log lines.",
    ),
    (
        "traceparent",
        "string",
        "The caller's trace, as W3C Trace Context has it.",
    ),
];

/// Codes of errors, as Connect calls them.
const CODES: [&str; 16] = [
    "canceled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
];

/// Writes `docs/openapi.json`.
pub fn code(pool: &DescriptorPool) -> String {
    let services = pool
        .services()
        .filter(|s| s.full_name().starts_with(PACKAGE));
    let (mut tags, mut paths, mut schemas) = (Vec::new(), Vec::new(), Schemas::default());
    for service in services {
        let about = comment(&service.parent_file(), service.path());
        tags.push(object([
            ("name", text(service.name())),
            ("description", text(about)),
        ]));
        let methods = service.methods();
        for method in methods.filter(|m| !m.is_client_streaming() && !m.is_server_streaming()) {
            schemas.add(&method.input());
            schemas.add(&method.output());
            let path = format!("/{}/{}", service.full_name(), method.name());
            paths.push((path, object([("post", operation(&method))])));
        }
    }
    schemas.0.insert("Error".to_owned(), error());
    let headers = HEADERS.map(|(name, kind, about)| {
        let header = object([
            ("name", text(name)),
            ("in", text("header")),
            ("description", text(about)),
            ("schema", object([("type", text(kind))])),
        ]);
        (name.to_owned(), header)
    });
    let error = object([
        ("description", text("Why there is no answer.")),
        ("content", content("Error")),
    ]);
    let token = object([
        ("type", text("http")),
        ("scheme", text("bearer")),
        ("description", text("Where the server requires tokens.")),
    ]);
    let document = object([
        ("openapi", text("3.1.0")),
        ("info", info()),
        (
            "servers",
            list([object([("url", text("http://localhost:50051"))])]),
        ),
        (
            "security",
            list([object([]), object([("token", list([]))])]),
        ),
        ("tags", list(tags)),
        ("paths", Json::Object(paths)),
        (
            "components",
            object([
                ("schemas", Json::Object(schemas.0.into_iter().collect())),
                ("responses", object([("Error", error)])),
                ("parameters", Json::Object(headers.into())),
                ("securitySchemes", object([("token", token)])),
            ]),
        ),
    ]);
    format!("{}\n", document.pretty())
}

fn info() -> Json {
    object([
        ("title", text("redress")),
        ("version", text(env!("CARGO_PKG_VERSION"))),
        ("description", text(ABOUT)),
        (
            "license",
            object([
                ("name", text("Apache 2.0")),
                ("identifier", text("Apache-2.0")),
            ]),
        ),
    ])
}

fn operation(method: &MethodDescriptor) -> Json {
    let service = method.parent_service();
    let about = comment(&service.parent_file(), method.path());
    let summary = about.split_inclusive(". ").next().unwrap_or_default();
    let headers = HEADERS.map(|(name, ..)| {
        let path = format!("#/components/parameters/{name}");
        object([("$ref", text(path))])
    });
    let reply = object([
        ("description", text("The answer.")),
        ("content", content(schema_name(method.output().full_name()))),
    ]);
    let error = object([("$ref", text("#/components/responses/Error"))]);
    object([
        ("tags", list([text(service.name())])),
        (
            "operationId",
            text(format!("{}_{}", service.name(), method.name())),
        ),
        ("summary", text(summary.trim().trim_end_matches('.'))),
        ("description", text(&about)),
        ("parameters", list(headers)),
        (
            "requestBody",
            object([
                ("required", Json::Bool(true)),
                ("content", content(schema_name(method.input().full_name()))),
            ]),
        ),
        ("responses", object([("200", reply), ("default", error)])),
    ])
}

fn content(schema: &str) -> Json {
    object([("application/json", object([("schema", reference(schema))]))])
}

fn reference(schema: &str) -> Json {
    let path = format!("#/components/schemas/{schema}");
    object([("$ref", text(path))])
}

/// Returns a full name without the package of the contract.
pub fn schema_name(full: &str) -> &str {
    full.strip_prefix(PACKAGE).unwrap_or(full)
}

/// What errors look like, which the contract does not describe.
fn error() -> Json {
    let of = |kind: &str, about: &str| object([("type", text(kind)), ("description", text(about))]);
    let detail = object([
        ("type", text("object")),
        (
            "properties",
            object([
                (
                    "type",
                    of(
                        "string",
                        "Name of a message, such as `google.rpc.ErrorInfo`.",
                    ),
                ),
                (
                    "value",
                    of("string", "The message, encoded, in base64 without padding."),
                ),
                ("debug", of("object", "The message as JSON.")),
            ]),
        ),
        ("required", list(["type", "value"].map(text))),
    ]);
    object([
        ("type", text("object")),
        ("description", text("Says why there is no answer.")),
        (
            "properties",
            object([
                (
                    "code",
                    object([("type", text("string")), ("enum", list(CODES.map(text)))]),
                ),
                ("message", of("string", "One sentence for people.")),
                (
                    "details",
                    object([
                        ("type", text("array")),
                        (
                            "description",
                            text(
                                "What programs branch on: `google.rpc.ErrorInfo` has the reason, \
                                 `google.rpc.BadRequest` the fields that are wrong, \
                                 `google.rpc.RetryInfo` when to come back.",
                            ),
                        ),
                        ("items", detail),
                    ]),
                ),
            ]),
        ),
        ("required", list(["code"].map(text))),
    ])
}

/// Schemas by name.
#[derive(Default)]
struct Schemas(BTreeMap<String, Json>);

impl Schemas {
    /// Adds a message with all that it holds.
    fn add(&mut self, message: &MessageDescriptor) {
        let name = schema_name(message.full_name()).to_owned();
        if well_known(message).is_some() || self.0.contains_key(&name) {
            return;
        }
        // Known before it is described: a message may hold itself.
        self.0.insert(name.clone(), object([]));
        for field in message.fields() {
            match field.kind() {
                Kind::Message(inner) => self.add(&inner),
                Kind::Enum(inner) => {
                    let name = schema_name(inner.full_name()).to_owned();
                    self.0.entry(name).or_insert_with(|| enumeration(&inner));
                }
                _ => {}
            }
        }
        self.0.insert(name, schema(message));
    }
}

/// Describes a message.
fn schema(message: &MessageDescriptor) -> Json {
    let mut about = comment(&message.parent_file(), message.path());
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let names = oneof
            .fields()
            .map(|field| format!("`{}`", field.json_name()));
        let names = names.collect::<Vec<_>>().join(", ");
        about = format!("{about} At most one of {names} is set.");
    }
    let mut parts = vec![
        ("type".to_owned(), text("object")),
        ("description".to_owned(), text(about)),
    ];
    let (mut properties, mut required) = (Vec::new(), Vec::new());
    for field in message.fields() {
        let about = comment(&message.parent_file(), field.path());
        if about.starts_with(REQUIRED) {
            required.push(text(field.json_name()));
        }
        properties.push((field.json_name().to_owned(), property(&field, about)));
    }
    if !properties.is_empty() {
        parts.push(("properties".to_owned(), Json::Object(properties)));
    }
    if !required.is_empty() {
        parts.push(("required".to_owned(), list(required)));
    }
    Json::Object(parts)
}

/// Describes a field.
fn property(field: &FieldDescriptor, about: String) -> Json {
    let mut parts = value(field);
    if field.is_list() {
        parts = vec![
            ("type".to_owned(), text("array")),
            ("items".to_owned(), Json::Object(parts)),
        ];
    }
    parts.push(("description".to_owned(), text(about)));
    Json::Object(parts)
}

/// Describes a value as proto JSON writes it.
fn value(field: &FieldDescriptor) -> Vec<(String, Json)> {
    let of = |parts: &[(&str, &str)]| {
        let parts = parts.iter();
        parts
            .map(|(key, value)| ((*key).to_owned(), text(*value)))
            .collect()
    };
    match field.kind() {
        Kind::String => of(&[("type", "string")]),
        Kind::Bytes => of(&[("type", "string"), ("contentEncoding", "base64")]),
        Kind::Bool => of(&[("type", "boolean")]),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            of(&[("type", "integer"), ("format", "int32")])
        }
        // A number of 64 bits is a text, since JSON's numbers are often read as floats.
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            of(&[("type", "string"), ("format", "int64")])
        }
        Kind::Message(message) => match well_known(&message) {
            Some(parts) => of(parts),
            None => vec![("$ref".to_owned(), path_of(message.full_name()))],
        },
        Kind::Enum(inner) => vec![("$ref".to_owned(), path_of(inner.full_name()))],
        other => panic!(
            "`{}` has the type {other:?}, which has no schema yet",
            field.full_name()
        ),
    }
}

fn path_of(full: &str) -> Json {
    text(format!("#/components/schemas/{}", schema_name(full)))
}

/// Returns the schema of a message that has a form of its own in JSON.
fn well_known(message: &MessageDescriptor) -> Option<&'static [(&'static str, &'static str)]> {
    match message.full_name() {
        "google.protobuf.Timestamp" => Some(&[("type", "string"), ("format", "date-time")]),
        name if name.starts_with("google.") => panic!("`{name}` has no schema yet"),
        _ => None,
    }
}

/// Describes the values of an enum.
fn enumeration(of: &EnumDescriptor) -> Json {
    let file = of.parent_file();
    let mut about = comment(&file, of.path());
    about.push('\n');
    let mut names = Vec::new();
    for value in of.values() {
        let says = comment(&file, value.path());
        about.push_str(&format!("\n- `{}`: {says}", value.name()));
        names.push(text(value.name()));
    }
    object([
        ("type", text("string")),
        ("description", text(about)),
        ("enum", list(names)),
    ])
}

/// Returns the comment before something, its lines joined.
pub fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let file: &FileDescriptorProto = file.file_descriptor_proto();
    let info = file.source_code_info.as_ref().expect("comments");
    let found = info.location.iter().find(|location| location.path == path);
    let comment = found.and_then(|location| location.leading_comments.as_deref());
    let lines = comment.unwrap_or_default().lines().map(str::trim);
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}
