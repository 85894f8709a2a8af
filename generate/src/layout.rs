//! Writes what of each request repeats, and what an entry takes once it is decoded.

use std::collections::BTreeMap;
use std::fmt::Write;

use protox::prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

use crate::table::snake;

/// The package of the contract.
const PACKAGE: &str = "redress.v1";

/// Writes `src/wire/decoded_size/standard.rs`.
pub fn code(pool: &DescriptorPool) -> String {
    let services = pool.services().filter(|s| s.package_name() == PACKAGE);
    let mut requests: Vec<MessageDescriptor> = services
        .flat_map(|service| service.methods().map(|m| m.input()).collect::<Vec<_>>())
        .filter(repeats)
        .collect();
    requests.sort_by(|a, b| a.name().cmp(b.name()));
    let mut layouts = BTreeMap::new();
    requests.iter().for_each(|m| add(m, &mut layouts));
    let mut code = String::from(
        "use std::mem::size_of;\n\nuse redress_client::pb;\n\nuse super::{FieldLayout, Layout, Request};\n",
    );
    for message in &requests {
        let name = message.name();
        let _ = write!(
            code,
            "\nimpl Request for pb::{name} {{\n    const LAYOUT: &'static Layout = &{};\n}}\n",
            constant(message)
        );
    }
    for layout in layouts.values() {
        code.push_str(layout);
    }
    code
}

/// Whether something in a message can stand any number of times.
fn repeats(message: &MessageDescriptor) -> bool {
    message.fields().any(|field| {
        field.is_list() || matches!(field.kind(), Kind::Message(inner) if repeats(&inner))
    })
}

/// Adds the layouts of a message and of those in it, by name.
fn add(message: &MessageDescriptor, layouts: &mut BTreeMap<String, String>) {
    if layouts.contains_key(message.name()) {
        return;
    }
    let last = message.fields().map(|f| f.number()).max().unwrap_or(0);
    let mut code = format!("\nstatic {}: Layout = Layout::of(&[\n", constant(message));
    for number in 0..=last {
        let field = message.get_field(number);
        let layout = field.map_or_else(|| "Once".to_owned(), |field| self::field(&field));
        let _ = writeln!(code, "    FieldLayout::{layout},");
    }
    code.push_str("]);\n");
    layouts.insert(message.name().to_owned(), code);
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind()
            && repeats(&inner)
        {
            add(&inner, layouts);
        }
    }
}

fn field(field: &FieldDescriptor) -> String {
    match (field.kind(), field.is_list()) {
        (Kind::Message(inner), false) if repeats(&inner) => {
            format!("Message(&{})", constant(&inner))
        }
        (_, false) => "Once".to_owned(),
        (Kind::Message(inner), true) => {
            let size = format!("size_of::<pb::{}>()", inner.name());
            match repeats(&inner) {
                true => format!("Messages({size}, &{})", constant(&inner)),
                false => format!("Entries({size})"),
            }
        }
        (Kind::String, true) => "Entries(size_of::<String>())".to_owned(),
        (Kind::Enum(_), true) => "Numbers(size_of::<i32>())".to_owned(),
        (kind, true) => panic!("no request repeats {kind:?} yet: say here what one takes"),
    }
}

fn constant(message: &MessageDescriptor) -> String {
    snake(message.name()).to_uppercase()
}
