//! Writes the table that the engine reads.

use std::fmt::Write;

use crate::table::{Event, Fact, Table, camel};

/// Owners whose facts stand in slots, with the constants that count them.
const SLOTS: [(&str, &str); 6] = [
    ("Order", "ORDER"),
    ("Line", "LINE"),
    ("Parcel", "PARCEL"),
    ("Units", "UNITS"),
    ("Request", "REQUEST"),
    ("Action", "ACTION"),
];

/// Writes `src/domain/vocabulary/standard.rs`.
pub fn code(table: &Table) -> String {
    let mut code = String::from(
        "use super::declared::{DeclaredEvent, DeclaredFact};\n\
         use super::{Class, EventSpec, FactSpec, Kind, Parameter};\n\
         use crate::domain::facts::Action;\n\
         use crate::domain::path::{Field, Owner};\n\
         use crate::domain::verdict::Party;\n",
    );
    names(
        &mut code,
        "Names a standard fact.",
        "Fact",
        table.facts.iter().map(|f| (&f.name, &f.question)),
    );
    names(
        &mut code,
        "Names a standard event.",
        "Event",
        table.events.iter().map(|e| (&e.name, &e.phrase)),
    );
    let derived = |reading: &str| !reading.is_empty();
    let rules = table
        .facts
        .iter()
        .filter(|f| derived(&f.reading))
        .map(|f| &f.name);
    list(
        &mut code,
        "Names facts that a rule of the engine reads.",
        "FactRule",
        rules,
    );
    let rules = table
        .events
        .iter()
        .filter(|e| derived(&e.reading))
        .map(|e| &e.name);
    list(
        &mut code,
        "Names events that a rule of the engine reads.",
        "EventRule",
        rules,
    );
    for (owner, constant) in SLOTS {
        let of = |of: &str| of == owner || of.starts_with(&format!("{owner}("));
        let facts = table.facts.iter().filter(|f| of(&f.owner));
        let facts = facts.filter_map(|f| Some((f.slot?, f.name.as_str())));
        slots(&mut code, (constant, "Fact"), facts.collect());
        let events = table.events.iter().filter(|e| of(&e.owner));
        let events = events.filter_map(|e| Some((e.slot?, e.name.as_str())));
        slots(&mut code, (constant, "Event"), events.collect());
    }
    let _ = writeln!(
        code,
        "\nstatic FACTS: [FactSpec; {}] = [",
        table.facts.len()
    );
    table
        .facts
        .iter()
        .for_each(|fact| self::fact(&mut code, fact));
    let _ = writeln!(
        code,
        "];\n\nstatic EVENTS: [EventSpec; {}] = [",
        table.events.len()
    );
    for (bit, event) in table.events.iter().enumerate() {
        let before = table.before(&event.name);
        let comes_after = |later: &&Event| table.before(&later.name).contains(&event.name);
        let set = |is_in: &dyn Fn(&&Event) -> bool| {
            let events = table.events.iter().enumerate();
            let events = events.filter(|(_, event)| is_in(event));
            events.fold(0, |set, (bit, _)| set | 1_u64 << bit)
        };
        let before = set(&|first| before.contains(&first.name));
        self::event(&mut code, event, [bit as u64, before, set(&comes_after)]);
    }
    code.push_str("];\n");
    code
}

/// Writes what is told of an owner, by slot, and how many slots there are: what is asked for
/// is one action of several, whose slots overlap.
fn slots(code: &mut String, (owner, what): (&str, &str), mut told: Vec<(usize, &str)>) {
    told.sort_by_key(|(slot, _)| *slot);
    let count = told.last().map_or(0, |(slot, _)| slot + 1);
    let names = told
        .iter()
        .map(|(_, name)| format!("{what}::{}", camel(name)));
    let names = names.collect::<Vec<_>>().join(", ");
    let upper = what.to_uppercase();
    let _ = writeln!(
        code,
        "\n/// What is told of one owner, by slot.\n\
         pub const {owner}_{upper}S: &[{what}] = &[{names}];\n\
         /// How many slots that takes.\n\
         pub const {owner}_{upper}_SLOTS: usize = {count};"
    );
}

/// Writes an enum of names, with one variant for what a policy declares.
fn names<'n>(
    code: &mut String,
    doc: &str,
    name: &str,
    entries: impl Iterator<Item = (&'n String, &'n String)>,
) {
    let entries: Vec<(String, &String, &String)> = entries
        .map(|(name, doc)| (camel(name), name, doc))
        .collect();
    let _ = writeln!(
        code,
        "\n/// {doc}\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum {name} {{"
    );
    for (variant, _, doc) in &entries {
        let _ = writeln!(code, "    /// {doc}\n    {variant},");
    }
    let _ = writeln!(
        code,
        "    /// One that a policy declares.\n    Declared(Declared{name}),\n}}\n\nimpl {name} {{\n    \
         /// The standard ones, in the order of the contract.\n    pub const ALL: &[Self] = &["
    );
    for (variant, ..) in &entries {
        let _ = writeln!(code, "        Self::{variant},");
    }
    let _ = writeln!(
        code,
        "    ];\n\n    /// Returns the standard one with this name.\n    \
         pub fn standard(name: &str) -> Option<Self> {{\n        match name {{"
    );
    for (variant, name, _) in &entries {
        let _ = writeln!(code, "            {name:?} => Some(Self::{variant}),");
    }
    let _ = writeln!(
        code,
        "            _ => None,\n        }}\n    }}\n\n    /// Describes it.\n    \
         pub const fn spec(self) -> &'static {name}Spec {{\n        match self {{\n            \
         Self::Declared(declared) => declared.spec(),"
    );
    for (at, (variant, ..)) in entries.iter().enumerate() {
        let _ = writeln!(
            code,
            "            Self::{variant} => &{}S[{at}],",
            name.to_uppercase()
        );
    }
    code.push_str("        }\n    }\n}\n");
}

fn list<'n>(code: &mut String, doc: &str, name: &str, entries: impl Iterator<Item = &'n String>) {
    let _ = writeln!(
        code,
        "\n/// {doc}\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum {name} {{"
    );
    for name in entries {
        let _ = writeln!(code, "    /// `{name}`.\n    {},", camel(name));
    }
    code.push_str("}\n");
}

fn fact(code: &mut String, fact: &Fact) {
    let kind = match (fact.kind, fact.words.as_slice()) {
        ("Word", words @ [_, ..]) => format!("OneOf(&{words:?})"),
        (kind, _) => kind.to_owned(),
    };
    let rule = (!fact.reading.is_empty()).then(|| format!("FactRule::{}", camel(&fact.name)));
    let _ = writeln!(
        code,
        "    FactSpec {{\n        name: {:?},\n        declared: false,\n        class: Class::{},\n        kind: Kind::{kind},\n        \
         parameter: Parameter::{},\n        field: Field::of(Owner::{}, {:?}),\n        source: Party::{},\n        \
         question: {:?},\n        personal: {},\n        former_names: &[],\n        at_least: {:?},\n        at_most: None,\n        known_after: {},\n        slot: {:?},\n        rule: {},\n    }},",
        fact.name,
        camel(&fact.class),
        camel(&fact.parameter),
        fact.owner,
        fact.path,
        camel(&fact.source),
        fact.question,
        fact.personal,
        fact.at_least,
        option(
            (!fact.known_after.is_empty()).then(|| format!("Event::{}", camel(&fact.known_after)))
        ),
        fact.slot,
        option(rule),
    );
}

fn event(code: &mut String, event: &Event, [bit, before, later]: [u64; 3]) {
    let after: Vec<String> = event
        .after
        .iter()
        .map(|e| format!("Event::{}", camel(e)))
        .collect();
    let rule = (!event.reading.is_empty()).then(|| format!("EventRule::{}", camel(&event.name)));
    let _ = writeln!(
        code,
        "    EventSpec {{\n        name: {:?},\n        declared: false,\n        bit: {bit},\n        before: {before:#x},\n        later: {later:#x},\n        field: Field::of(Owner::{}, {:?}),\n        after: &[{}],\n        \
         source: Party::{},\n        question: {:?},\n        personal: {},\n        former_names: &[],\n        phrase: {:?},\n        planned: {},\n        \
         to_come: {},\n        slot: {:?},\n        rule: {},\n    }},",
        event.name,
        event.owner,
        event.path,
        after.join(", "),
        camel(&event.source),
        event.question,
        event.personal,
        event.phrase,
        event.planned,
        event.to_come,
        event.slot,
        option(rule),
    );
}

fn option(text: Option<String>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({text})"))
}
