//! Reads facts and events from the options of the contract's fields, and checks that they
//! make sense.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use protox::prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, EnumValueDescriptor, ExtensionDescriptor,
    FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};

/// Messages of which each element of a list owns facts.
const OWNERS: [(&str, &str); 3] = [
    ("Line", "Line"),
    ("Shipment", "Parcel"),
    ("UnitGroup", "Units"),
];

/// A fact, as its field and its options describe it.
pub struct Fact {
    pub name: String,
    pub field: FieldDescriptor,
    pub owner: String,
    /// The path below its owner; of order, request and action the whole path.
    pub path: String,
    pub class: String,
    /// `YesNo`, `Word`, `Number` or `Amount`.
    pub kind: &'static str,
    /// The closed list of its words; empty: any word, or no word.
    pub words: Vec<String>,
    pub source: String,
    pub question: String,
    pub parameter: String,
    pub reading: String,
    pub personal: bool,
    pub at_least: Option<i64>,
    /// The event from which it can be known; empty: always.
    pub known_after: String,
    /// Its index among the facts of its owner; `None`: nothing is told of it.
    pub slot: Option<usize>,
}

/// An event, as its field and its options describe it.
pub struct Event {
    pub name: String,
    pub field: FieldDescriptor,
    pub owner: String,
    pub path: String,
    pub after: Vec<String>,
    pub source: String,
    pub question: String,
    pub phrase: String,
    pub personal: bool,
    pub planned: bool,
    pub to_come: bool,
    pub reading: String,
    pub slot: Option<usize>,
}

/// The standard vocabulary.
pub struct Table {
    pub pool: DescriptorPool,
    pub facts: Vec<Fact>,
    pub events: Vec<Event>,
    extension: ExtensionDescriptor,
}

impl Table {
    /// Reads the contract in a folder.
    pub fn read(proto: &Path) -> Self {
        let entries = fs::read_dir(proto.join("redress/v1")).expect("the contract's folder");
        let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
        files.sort();
        let mut compiler = protox::Compiler::new([proto]).expect("a compiler");
        compiler
            .open_files(files)
            .expect("a contract that compiles");
        let pool = compiler.descriptor_pool();
        let extension = pool.get_extension_by_name("redress.v1.vocabulary");
        let mut table = Self {
            extension: extension.expect("the option"),
            pool,
            facts: Vec::new(),
            events: Vec::new(),
        };
        table.walk(&table.message("Order"), "Order", "order.");
        table.walk(&table.message("CustomerRequest"), "Request", "request.");
        for (message, owner) in OWNERS {
            table.walk(&table.message(message), owner, "");
        }
        table.check();
        table.order_events();
        table
    }

    pub fn message(&self, name: &str) -> MessageDescriptor {
        let found = self.pool.get_message_by_name(&format!("redress.v1.{name}"));
        found.unwrap_or_else(|| panic!("no message {name}"))
    }

    /// Whether a field holds a fact or an event that is told.
    pub fn is_told(&self, field: &FieldDescriptor) -> bool {
        let facts = self.facts.iter().filter(|f| f.slot.is_some());
        let events = self.events.iter().filter(|e| e.slot.is_some());
        facts
            .map(|f| &f.field)
            .chain(events.map(|e| &e.field))
            .any(|told| told == field)
    }

    fn options(&self, field: &FieldDescriptor) -> Option<DynamicMessage> {
        let options = field.options();
        options
            .has_extension(&self.extension)
            .then(|| options.get_extension(&self.extension).as_message().cloned())
            .flatten()
    }

    fn walk(&mut self, message: &MessageDescriptor, owner: &str, path: &str) {
        for field in message.fields() {
            if let Some(options) = self.options(&field) {
                self.add(&field, &options, owner, path);
            }
            let Kind::Message(inner) = field.kind() else {
                continue;
            };
            let own = inner.parent_file().package_name() == "redress.v1";
            let is_owner = OWNERS.iter().any(|(name, _)| *name == inner.name());
            if !own || field.is_list() || is_owner || inner.name() == "EventTime" {
                continue;
            }
            let owner = match field.containing_oneof() {
                Some(_) => format!("Action(Action::{})", action(&inner)),
                None => owner.to_owned(),
            };
            self.walk(&inner, &owner, &format!("{path}{}.", field.name()));
        }
    }

    fn add(&mut self, field: &FieldDescriptor, options: &DynamicMessage, owner: &str, path: &str) {
        let path = format!("{path}{}", field.name());
        for spec in list(options, "facts") {
            let (kind, words) = kind_of(field, &spec);
            let reading = word(&spec, "reading");
            let told = reading != "DERIVED";
            let slot = self
                .facts
                .iter()
                .filter(|f| f.owner == owner && f.slot.is_some())
                .count();
            self.facts.push(Fact {
                name: named(&spec, field.name()),
                field: field.clone(),
                owner: owner.to_owned(),
                path: path.clone(),
                class: or(word(&spec, "fact_class"), "GIVEN"),
                kind,
                words,
                source: or(word(&spec, "source"), "SHOP"),
                question: text(&spec, "question"),
                parameter: or(word(&spec, "parameter"), "NONE"),
                reading,
                personal: yes(&spec, "personal"),
                at_least: spec.has_field_by_name("at_least").then(|| {
                    let least = spec.get_field_by_name("at_least").and_then(|v| v.as_i64());
                    least.expect("a number")
                }),
                known_after: text(&spec, "known_after"),
                slot: told.then_some(slot),
            });
        }
        for spec in list(options, "events") {
            let name = field.name();
            let name = name.strip_suffix("_time").or(name.strip_suffix("_date"));
            let reading = word(&spec, "reading");
            let told = reading != "DERIVED";
            self.events.push(Event {
                name: named(&spec, name.unwrap_or_default()),
                field: field.clone(),
                owner: owner.to_owned(),
                path: path.clone(),
                after: texts(&spec, "after"),
                source: or(word(&spec, "source"), "SHOP"),
                question: text(&spec, "question"),
                phrase: text(&spec, "phrase"),
                personal: yes(&spec, "personal"),
                planned: yes(&spec, "planned"),
                to_come: yes(&spec, "to_come"),
                reading,
                slot: told.then_some(usize::MAX),
            });
        }
    }

    /// Gives the events of each owner their slots: what must come first has the smaller one.
    fn order_events(&mut self) {
        let owners: BTreeSet<String> = self.events.iter().map(|e| e.owner.clone()).collect();
        for owner in owners {
            let mut placed: BTreeSet<String> = BTreeSet::new();
            loop {
                let own = |e: &Event| e.owner == owner && e.slot.is_some();
                let names = self
                    .events
                    .iter()
                    .filter(|e| own(e))
                    .map(|e| e.name.clone());
                let open: Vec<String> = names.filter(|name| !placed.contains(name)).collect();
                let next = open.iter().find(|name| {
                    let before = self.before(name);
                    open.iter().all(|other| !before.contains(other))
                });
                let Some(next) = next.cloned() else { break };
                let event = self.events.iter_mut().find(|e| e.name == next);
                event.expect("an event").slot = Some(placed.len());
                placed.insert(next);
            }
        }
    }

    /// Checks what the compiler of the contract cannot.
    fn check(&self) {
        let mut names = BTreeSet::new();
        for fact in &self.facts {
            assert!(
                names.insert(("fact", &fact.name)),
                "two facts `{}`",
                fact.name
            );
            assert!(fact.question.ends_with('?'), "`{}` asks nothing", fact.name);
            let after = &fact.known_after;
            let known = after.is_empty() || self.events.iter().any(|e| e.name == *after);
            assert!(
                known,
                "`{}` is known after `{after}`, which is no event",
                fact.name
            );
        }
        for event in &self.events {
            let name = &event.name;
            assert!(!name.is_empty(), "{} needs a name", event.path);
            assert!(names.insert(("event", name)), "two events `{name}`");
            assert!(event.question.ends_with('?'), "`{name}` asks nothing");
            assert!(!event.phrase.is_empty(), "`{name}` has no phrase");
            for first in &event.after {
                let known = self.events.iter().any(|e| e.name == *first);
                assert!(known, "`{name}` comes after `{first}`, which is no event");
            }
            assert!(
                !self.before(name).contains(name),
                "`{name}` comes before itself"
            );
        }
        assert!(
            self.events.len() <= 48,
            "sets of events have 64 bits, 16 for declared ones"
        );
    }

    /// Returns what must come before an event, directly or by way of others.
    pub fn before(&self, name: &str) -> BTreeSet<String> {
        let mut before = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(next) = open.pop() {
            let event = self.events.iter().find(|e| e.name == next);
            for first in event.iter().flat_map(|e| &e.after) {
                if before.insert(first.clone()) {
                    open.push(first.clone());
                }
            }
        }
        before
    }
}

/// Returns the type of a fact's values and their closed list.
fn kind_of(field: &FieldDescriptor, spec: &DynamicMessage) -> (&'static str, Vec<String>) {
    let words = texts(spec, "words");
    let kind = match word(spec, "value_type").as_str() {
        "YES_NO" => "YesNo",
        "WORD" => "Word",
        "NUMBER" => "Number",
        "AMOUNT" => "Amount",
        _ => match field.kind() {
            Kind::Enum(of) if of.name() == "Answer" => "YesNo",
            Kind::Enum(of) => return ("Word", words_of(&of)),
            Kind::String => "Word",
            Kind::Int32 => "Number",
            other => panic!("{} is {other:?}, which no fact can be", field.full_name()),
        },
    };
    (kind, words)
}

/// Returns the words of an enum by number, from 1 on.
fn words_of(list: &EnumDescriptor) -> Vec<String> {
    let prefix = format!("{}_", snake(list.name()).to_uppercase());
    let values = list.values().filter(|value| value.number() > 0).enumerate();
    let word = |(at, value): (usize, EnumValueDescriptor)| {
        assert_eq!(value.number() as usize, at + 1, "{} has a gap", list.name());
        value
            .name()
            .strip_prefix(&prefix)
            .expect("its prefix")
            .to_lowercase()
    };
    values.map(word).collect()
}

fn list(message: &DynamicMessage, name: &str) -> Vec<DynamicMessage> {
    let value = message.get_field_by_name(name).expect("a field");
    let entries = value.as_list().expect("a list").iter();
    entries.filter_map(Value::as_message).cloned().collect()
}

fn texts(message: &DynamicMessage, name: &str) -> Vec<String> {
    let value = message.get_field_by_name(name).expect("a field");
    let entries = value.as_list().expect("a list").iter();
    entries
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn text(message: &DynamicMessage, name: &str) -> String {
    let value = message.get_field_by_name(name).expect("a field");
    value.as_str().expect("a text").to_owned()
}

fn yes(message: &DynamicMessage, name: &str) -> bool {
    let value = message.get_field_by_name(name).expect("a field");
    value.as_bool().expect("yes or no")
}

/// Returns the name of an enum's value without its prefix; empty: unspecified.
fn word(message: &DynamicMessage, name: &str) -> String {
    let field = message
        .descriptor()
        .get_field_by_name(name)
        .expect("a field");
    let Kind::Enum(list) = field.kind() else {
        panic!("{name} is no enum");
    };
    let number = message
        .get_field(&field)
        .as_enum_number()
        .expect("a number");
    let value = list.get_value(number).expect("a value");
    let prefix = format!("{}_", snake(list.name()).to_uppercase());
    let word = value.name().strip_prefix(&prefix).expect("its prefix");
    if word == "UNSPECIFIED" {
        String::new()
    } else {
        word.to_owned()
    }
}

fn or(word: String, otherwise: &str) -> String {
    if word.is_empty() {
        otherwise.to_owned()
    } else {
        word
    }
}

fn named(spec: &DynamicMessage, otherwise: &str) -> String {
    or(text(spec, "name"), otherwise)
}

/// Returns the action that a message holds the facts of.
pub fn action(message: &MessageDescriptor) -> &str {
    let name = message.name();
    name.strip_suffix("Action")
        .unwrap_or_else(|| panic!("{name} is no action"))
}

/// Writes a name of the contract as Rust writes types.
pub fn camel(name: &str) -> String {
    let parts = name.split('_');
    let part = |part: &str| {
        let (first, rest) = part.split_at(1.min(part.len()));
        first.to_uppercase() + &rest.to_lowercase()
    };
    parts.map(part).collect()
}

/// Writes a name of a type as Rust writes functions.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
