//! Reads the facts and events that a policy declares: `[facts.NAME]` and `[events.NAME]`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::path::Owner;
use crate::domain::verdict::Party;
use crate::domain::vocabulary::{
    Class, DeclaredKind, Event, EventDeclaration, Fact, FactDeclaration, MAX_DECLARED_EVENTS,
};
use crate::policy::document::{Diagnostics, Item, Table, nearest};
use crate::policy::limits::{MAX_DECLARED_FACTS, MAX_DECLARED_WORDS, MAX_NAME_CHARS};

/// What declared facts and events can be of.
const OWNERS: [(&str, Owner); 5] = [
    ("order", Owner::Order),
    ("line", Owner::Line),
    ("parcel", Owner::Parcel),
    ("units", Owner::Units),
    ("request", Owner::Request),
];
/// The types of declared facts.
const TYPES: [&str; 4] = ["yes_no", "word", "number", "amount"];
/// The classes of declared facts.
const CLASSES: [(&str, Class); 3] = [
    ("given", Class::Given),
    ("finding", Class::Finding),
    ("asked", Class::Asked),
];
/// The most that a declared number can be.
const MAX_NUMBER: i64 = 1_000_000_000;

/// Holds what a policy declares, and what of it its clauses use.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    /// The facts, by name.
    pub facts: Vec<Fact>,
    /// The events, by their index in a set of events.
    pub events: Vec<Event>,
    /// Where each name stands in the file.
    spans: Vec<(String, Range<usize>)>,
    /// Names of earlier revisions.
    former: BTreeSet<String>,
    /// Names whose declaration is wrong: who uses them is not told of it again.
    failed: BTreeSet<String>,
    used: RefCell<BTreeSet<String>>,
}

impl Declarations {
    /// Returns the declared fact with this name, which is used now.
    pub(super) fn fact(&self, name: &str) -> Option<Fact> {
        let found = self.facts.iter().find(|fact| fact.word() == name);
        found.inspect(|_| self.use_name(name)).copied()
    }

    /// Returns the declared event with this name, which is used now.
    pub(super) fn event(&self, name: &str) -> Option<Event> {
        let found = self.events.iter().find(|event| event.word() == name);
        found.inspect(|_| self.use_name(name)).copied()
    }

    /// Whether a name is declared, but not as it has to be.
    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.failed.contains(name)
    }

    fn use_name(&self, name: &str) {
        self.used.borrow_mut().insert(name.to_owned());
    }

    /// Returns what no clause uses.
    pub(super) fn unused(&self) -> Vec<(String, Range<usize>)> {
        let used = self.used.borrow();
        let unused = self.spans.iter().filter(|(name, _)| !used.contains(name));
        unused.cloned().collect()
    }
}

/// Reads the declarations. `taken` are words that tests have a meaning for already.
pub(super) fn read(root: &Table<'_, '_>, taken: &[&str]) -> Declarations {
    let mut declared = Declarations::default();
    let entries = |key| {
        let table = root.get(key).and_then(|item: Item<'_, '_>| item.table());
        table.map(|table| table.entries()).unwrap_or_default()
    };
    let mut counts = [0_usize; OWNERS.len()];
    let (facts, all) = (entries("facts"), entries("events"));
    let names = facts.iter().chain(&all).map(|(name, ..)| *name);
    let names: Vec<&str> = names.collect();
    for (name, span, item) in facts {
        let Some(table) = item.table() else { continue };
        let fits = is_name(name, &span, root.report(), taken, &declared);
        let read = fact(name, &table);
        let former = former_names(&table, taken, &names, &mut declared);
        table.finish();
        let read = read
            .zip(former)
            .map(|(read, former_names)| FactDeclaration {
                former_names,
                ..read
            });
        let (true, Some(read)) = (fits, read) else {
            declared.failed.insert(name.to_owned());
            continue;
        };
        let index = OWNERS.iter().position(|(_, owner)| *owner == read.owner);
        if let Some(count) = index.and_then(|index| counts.get_mut(index)) {
            *count = count.saturating_add(1);
            if *count > MAX_DECLARED_FACTS {
                let message = format!("more than {MAX_DECLARED_FACTS} facts of one owner");
                root.report()
                    .add("too-many", span.clone(), message, "declare fewer");
                continue;
            }
        }
        declared.spans.push((name.to_owned(), span));
        declared.facts.push(Fact::declare(read));
    }
    let mut open: Vec<(&str, Range<usize>, OpenEvent)> = Vec::new();
    let events: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
    for (name, span, item) in all {
        let Some(table) = item.table() else { continue };
        let fits = is_name(name, &span, root.report(), taken, &declared);
        let read = event(name, &table, &events);
        let former = former_names(&table, taken, &names, &mut declared);
        table.finish();
        let read = read.zip(former).map(|(read, former_names)| OpenEvent {
            rest: EventDeclaration {
                former_names,
                ..read.rest
            },
            ..read
        });
        match (fits, read) {
            (true, Some(read)) => open.push((name, span, read)),
            _ => {
                declared.failed.insert(name.to_owned());
            }
        }
    }
    let most = usize::try_from(MAX_DECLARED_EVENTS).unwrap_or(usize::MAX);
    if let Some((_, span, _)) = open.get(most) {
        let message = format!(
            "{} events; at most {MAX_DECLARED_EVENTS} can be declared",
            open.len()
        );
        root.report()
            .add("too-many", span.clone(), message, "declare fewer");
        open.truncate(most);
    }
    in_order(open, root.report(), &mut declared);
    declared.facts.sort();
    declared
}

/// Describes events each after those that come before it.
fn in_order(
    mut open: Vec<(&str, Range<usize>, OpenEvent)>,
    report: &Diagnostics<'_>,
    declared: &mut Declarations,
) {
    while !open.is_empty() {
        let is_known = |first: &String| !open.iter().any(|(name, ..)| name == first);
        let next = open
            .iter()
            .position(|(.., event)| event.after.iter().all(is_known));
        let Some(next) = next else {
            for (name, span, _) in &open {
                let message = format!("`{name}` would have to come before itself");
                report.add(
                    "event-order",
                    span.clone(),
                    message,
                    "remove one of the `after`",
                );
                declared.failed.insert((*name).to_owned());
            }
            return;
        };
        let (name, span, event) = open.remove(next);
        let resolved = |first: &String| {
            let own = declared.events.iter().find(|event| event.word() == first);
            Event::standard(first).or(own.copied())
        };
        let index = u32::try_from(declared.events.len()).unwrap_or(0);
        let described = Event::declare(EventDeclaration {
            bit: Event::FIRST_DECLARED.saturating_add(index),
            after: event.after.iter().filter_map(resolved).collect(),
            ..event.rest
        });
        declared.spans.push((name.to_owned(), span));
        declared.events.push(described);
    }
}

/// Checks the name of a declaration. `taken` are words that tests have a meaning for already,
/// and `declared` holds the declarations before this one.
fn is_name(
    name: &str,
    span: &Range<usize>,
    report: &Diagnostics<'_>,
    taken: &[&str],
    declared: &Declarations,
) -> bool {
    let form =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    let starts = name
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_lowercase());
    if !starts || name.len() > MAX_NAME_CHARS || !name.bytes().all(form) {
        let message = format!("`{name}` is not a valid name");
        let help = format!(
            "start with a lower-case letter; then letters, digits and underscores, at most \
             {MAX_NAME_CHARS}"
        );
        report.add("bad-name", span.clone(), message, help);
        return false;
    }
    let what = if Fact::standard(name).is_some() {
        "a standard fact"
    } else if Event::standard(name).is_some() {
        "a standard event"
    } else if taken.contains(&name) {
        "a word of the policy language"
    } else if declared.spans.iter().any(|(known, _)| known == name) {
        "declared already"
    } else {
        return true;
    };
    let help = match what {
        "declared already" => "give each fact and event a name of its own",
        "a word of the policy language" => "choose another name",
        _ => "remove the declaration and use the standard one, or choose another name",
    };
    report.add(
        "name-taken",
        span.clone(),
        format!("`{name}` is {what}"),
        help,
    );
    false
}

/// Reads the names that a fact or an event had in earlier revisions; `None`: one of them is
/// wrong. `names` are those that the policy declares, and `taken` words that tests have a
/// meaning for already.
fn former_names(
    table: &Table<'_, '_>,
    taken: &[&str],
    names: &[&str],
    declared: &mut Declarations,
) -> Option<Vec<String>> {
    let items = table.get("formerly").map(|item| item.one_or_more());
    let mut former = Vec::new();
    for item in items.unwrap_or_default() {
        let name = item.text()?;
        if !is_name(&name, &item.span, table.report(), taken, declared) {
            return None;
        }
        if names.contains(&name.as_str()) || !declared.former.insert(name.clone()) {
            item.bad(
                "name-taken",
                format!("`{name}` names something else too"),
                "remove it; an earlier name leads to one fact or event",
            );
            return None;
        }
        former.push(name);
    }
    Some(former)
}

/// Whether values are personal data.
fn personal(table: &Table<'_, '_>) -> Option<bool> {
    match table.get("personal") {
        None => Some(false),
        Some(item) => item.yes_no(),
    }
}

fn owner(table: &Table<'_, '_>) -> Option<Owner> {
    let words = OWNERS.map(|(word, _)| word);
    let find = |word: &str| OWNERS.iter().find(|(known, _)| *known == word);
    let item = table.need("of")?;
    item.word(&words, |word| find(word).map(|(_, owner)| *owner), "owner")
}

fn source(table: &Table<'_, '_>) -> Option<Party> {
    match table.get("source") {
        None => Some(Party::Shop),
        Some(item) => item.word(Party::WORDS, Party::from_word, "source"),
    }
}

/// Reads a question: a sentence that ends with a question mark.
fn question(table: &Table<'_, '_>) -> Option<String> {
    let item = table.need("question")?;
    let text = item.sentence("question")?;
    if text.ends_with(['?', ';']) {
        return Some(text);
    }
    item.bad(
        "bad-question",
        "the question does not end with a question mark",
        "write it as it can be put to a person",
    );
    None
}

fn fact(name: &str, table: &Table<'_, '_>) -> Option<FactDeclaration> {
    let kind = kind(table);
    let class = match table.get("class") {
        None => Some(Class::Given),
        Some(item) => {
            let words = CLASSES.map(|(word, _)| word);
            let find = |word: &str| CLASSES.iter().find(|(known, _)| *known == word);
            item.word(&words, |word| find(word).map(|(_, class)| *class), "class")
        }
    };
    let (owner, source, question) = (owner(table), source(table), question(table));
    let personal = personal(table);
    let kind = kind?;
    if class == Some(Class::Asked) && kind != DeclaredKind::YesNo {
        let item = table.get("class");
        if let Some(item) = item {
            item.bad(
                "wrong-type",
                "what customers are asked for is `yes_no`: whether they supplied it",
                "write `type = \"yes_no\"`, or another class",
            );
        }
        return None;
    }
    if class == Some(Class::Asked)
        && owner.is_some_and(|owner| owner != Owner::Request)
        && let Some(item) = table.get("of")
    {
        item.bad(
            "wrong-owner",
            "what customers are asked for comes with their request",
            "write `of = \"request\"`, or another class",
        );
        return None;
    }
    Some(FactDeclaration {
        name: name.to_owned(),
        owner: owner?,
        class: class?,
        kind,
        source: source?,
        question: question?,
        personal: personal?,
        former_names: Vec::new(),
    })
}

/// Reads the type of a fact with its words or limits.
fn kind(table: &Table<'_, '_>) -> Option<DeclaredKind> {
    let item = table.need("type")?;
    let kind = item.word(
        &TYPES,
        |word| TYPES.iter().copied().find(|t| *t == word),
        "type",
    )?;
    let only_of = |key: &'static str, of: &str| {
        if kind != of
            && let Some(item) = table.get_if_there(key)
        {
            let message = format!("`{key}` belongs to the type `{of}`");
            item.bad(
                "wrong-type",
                message,
                format!("remove it, or write `type = \"{of}\"`"),
            );
        }
    };
    only_of("words", "word");
    only_of("at_least", "number");
    only_of("at_most", "number");
    match kind {
        "yes_no" => Some(DeclaredKind::YesNo),
        "amount" => Some(DeclaredKind::Amount),
        "number" => {
            let limit = |key: &'static str| match table.get(key) {
                None => Some(None),
                Some(item) => item.integer(0, MAX_NUMBER).map(Some),
            };
            let (least, most) = (limit("at_least")?, limit("at_most")?);
            if let (Some(low), Some(high)) = (least, most)
                && low > high
            {
                let message = format!("no number is at least {low} and at most {high}");
                item.bad("bad-range", message, "swap them");
                return None;
            }
            Some(DeclaredKind::Number(least, most))
        }
        _ => {
            let list = table.need("words")?;
            let items = list.one_or_more();
            let words: Vec<String> = items.iter().filter_map(Item::text).collect();
            if words.is_empty() || words.len() > MAX_DECLARED_WORDS {
                let message = format!("a fact has 1 to {MAX_DECLARED_WORDS} words");
                list.bad("too-many", message, "list each word once");
                return None;
            }
            for (item, word) in items.iter().zip(&words) {
                if words.iter().filter(|other| *other == word).count() > 1 {
                    let message = format!("duplicate word `{word}`");
                    item.bad("duplicate", message, "list each word once");
                    return None;
                }
            }
            (words.len() == items.len()).then_some(DeclaredKind::OneOf(words))
        }
    }
}

/// An event whose predecessors are not resolved yet.
struct OpenEvent {
    after: Vec<String>,
    rest: EventDeclaration,
}

fn event(name: &str, table: &Table<'_, '_>, declared: &[&str]) -> Option<OpenEvent> {
    let yes = |key: &'static str| match table.get(key) {
        None => Some(false),
        Some(item) => item.yes_no(),
    };
    let (planned, to_come) = (yes("planned"), yes("to_come"));
    let items = table.get("after").map(|item| item.one_or_more());
    let mut after = Vec::new();
    for item in items.unwrap_or_default() {
        let first = item.text()?;
        if Event::standard(&first).is_none() && !declared.contains(&first.as_str()) {
            let known = Event::ALL.iter().map(|event| event.word());
            let help = nearest(&first, known.chain(declared.iter().copied()));
            item.bad("unknown-word", format!("unknown event `{first}`"), help);
            return None;
        }
        after.push(first);
    }
    let phrase = table
        .need("phrase")
        .and_then(|item| item.sentence("phrase"));
    let (owner, source, question) = (owner(table), source(table), question(table));
    let personal = personal(table);
    if planned == Some(true) && to_come == Some(true) {
        table.report().add(
            "unused",
            table.span(),
            "a planned event is given; it does not lie ahead while it is unknown",
            "remove `to_come`",
        );
    }
    Some(OpenEvent {
        after,
        rest: EventDeclaration {
            name: name.to_owned(),
            bit: 0,
            owner: owner?,
            after: Vec::new(),
            source: source?,
            question: question?,
            personal: personal?,
            former_names: Vec::new(),
            phrase: phrase?,
            planned: planned?,
            to_come: to_come?,
        },
    })
}
