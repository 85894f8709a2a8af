//! Facts and events that a policy declares.
//!
//! They are described once for the life of the process: plans that declare the same share
//! one description, so that a fact is named by its address and nothing is looked up by name
//! while an order is decided. What policies declared that are loaded no more stays.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use super::{Class, Event, EventSpec, Fact, FactSpec, Kind, Parameter};
use crate::domain::path::{Field, Owner};
use crate::domain::verdict::Party;

/// Names a fact that a policy declares.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredFact(&'static FactSpec);

/// Names an event that a policy declares.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredEvent(&'static EventSpec);

impl DeclaredFact {
    /// Describes the fact.
    pub const fn spec(self) -> &'static FactSpec {
        self.0
    }
}

impl DeclaredEvent {
    /// Describes the event.
    pub const fn spec(self) -> &'static EventSpec {
        self.0
    }
}

/// Compares by name, and declarations of one name by where they are described: the same
/// declaration is described once.
macro_rules! by_name {
    ($($name:ident),+) => {$(
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                std::ptr::eq(self.0, other.0)
            }
        }

        impl Eq for $name {}

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                let address = |of: &Self| std::ptr::from_ref(of.0).addr();
                let names = self.0.name.cmp(other.0.name);
                names.then_with(|| address(self).cmp(&address(other)))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                std::ptr::from_ref(self.0).addr().hash(state);
            }
        }
    )+};
}

by_name!(DeclaredFact, DeclaredEvent);

/// Says of a fact what a policy declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactDeclaration {
    /// Its name.
    pub name: String,
    /// What it is of: order, line, parcel, units or request.
    pub owner: Owner,
    /// What follows while it is unknown.
    pub class: Class,
    /// The type of its values.
    pub kind: DeclaredKind,
    /// Who can usually tell.
    pub source: Party,
    /// What is asked, in the language of the policy.
    pub question: String,
    /// Whether its values are personal data.
    pub personal: bool,
    /// Names that it had in earlier revisions.
    pub former_names: Vec<String>,
}

/// Tells the type of a declared fact's values, with their limits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeclaredKind {
    /// Yes or no.
    YesNo,
    /// One of a closed list of words.
    OneOf(Vec<String>),
    /// A whole number, at least and at most.
    Number(Option<i64>, Option<i64>),
    /// An amount in the currency of the order.
    Amount,
}

/// Says of an event what a policy declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventDeclaration {
    /// Its name.
    pub name: String,
    /// Its index in a set of events.
    pub bit: u32,
    /// What it is of: order, line, parcel, units or request.
    pub owner: Owner,
    /// Events that must have happened before it.
    pub after: Vec<Event>,
    /// Who can usually tell.
    pub source: Party,
    /// What is asked, in the language of the policy.
    pub question: String,
    /// What a sentence calls it.
    pub phrase: String,
    /// Whether its time is personal data.
    pub personal: bool,
    /// Names that it had in earlier revisions.
    pub former_names: Vec<String>,
    /// Whether it lies ahead by its nature.
    pub planned: bool,
    /// Whether it is taken to lie ahead while it is unknown.
    pub to_come: bool,
}

/// Returns where the entries of declared facts and events stand below their owner.
const fn list_of(owner: Owner) -> Field {
    match owner {
        Owner::Order | Owner::Action(_) => Field::of(Owner::Order, "order.facts"),
        Owner::Request => Field::of(Owner::Request, "request.facts"),
        Owner::Line => Field::of(Owner::Line, "facts"),
        Owner::Parcel => Field::of(Owner::Parcel, "facts"),
        Owner::Units => Field::of(Owner::Units, "facts"),
    }
}

fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn all_kept(texts: &[String]) -> &'static [&'static str] {
    let texts: Vec<&'static str> = texts.iter().map(|text| kept(text)).collect();
    Box::leak(texts.into_boxed_slice())
}

impl Fact {
    /// Describes a declared fact, or finds its description.
    pub fn declare(declaration: FactDeclaration) -> Self {
        static KNOWN: Mutex<BTreeMap<FactDeclaration, DeclaredFact>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let described = known.entry(declaration).or_insert_with_key(|of| {
            let (kind, at_least, at_most) = match &of.kind {
                DeclaredKind::YesNo => (Kind::YesNo, None, None),
                DeclaredKind::OneOf(words) => (Kind::OneOf(all_kept(words)), None, None),
                DeclaredKind::Number(least, most) => (Kind::Number, *least, *most),
                DeclaredKind::Amount => (Kind::Amount, None, None),
            };
            DeclaredFact(Box::leak(Box::new(FactSpec {
                name: kept(&of.name),
                declared: true,
                class: of.class,
                kind,
                parameter: Parameter::None,
                field: list_of(of.owner),
                source: of.source,
                question: kept(&of.question),
                personal: of.personal,
                former_names: all_kept(&of.former_names),
                at_least,
                at_most,
                known_after: None,
                slot: None,
                rule: None,
            })))
        });
        Self::Declared(*described)
    }
}

impl Event {
    /// Describes a declared event, or finds its description.
    pub fn declare(declaration: EventDeclaration) -> Self {
        static KNOWN: Mutex<BTreeMap<EventDeclaration, DeclaredEvent>> =
            Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let described = known.entry(declaration).or_insert_with_key(|of| {
            let after = of.after.iter();
            let before = after.fold(0, |set, event| set | event.bit() | event.before());
            DeclaredEvent(Box::leak(Box::new(EventSpec {
                name: kept(&of.name),
                declared: true,
                bit: of.bit,
                before,
                later: 0,
                field: list_of(of.owner),
                after: Box::leak(of.after.clone().into_boxed_slice()),
                source: of.source,
                question: kept(&of.question),
                personal: of.personal,
                former_names: all_kept(&of.former_names),
                phrase: kept(&of.phrase),
                planned: of.planned,
                to_come: of.to_come,
                slot: None,
                rule: None,
            })))
        });
        Self::Declared(*described)
    }
}
