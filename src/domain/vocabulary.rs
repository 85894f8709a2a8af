//! The vocabulary of facts and events: name, class, type, field and question of each.
//!
//! The contract is the table: what stands in `standard` is generated from the options of
//! its fields. It is the one place that says which facts a policy can test, and what it
//! means that one of them is unknown.

mod declared;
mod event;
#[rustfmt::skip]
mod standard;

pub use declared::{DeclaredEvent, DeclaredFact, DeclaredKind, EventDeclaration, FactDeclaration};
pub use event::MAX_DECLARED_EVENTS;
pub use standard::*;

use super::path::Field;
use super::verdict::Party;

/// Tells what follows while a fact is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It is asked for if it can change the answer.
    Given,
    /// Like given; its values are also what an action's reason classes are made of.
    Selector,
    /// An examination tells: the clause says whether it is an open condition or
    /// a matter for a person.
    Finding,
    /// The customer can supply it: known to be absent counts like unknown for as
    /// long as it can still be supplied.
    Asked,
}

/// Tells which values a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// One of a closed list of words.
    OneOf(&'static [&'static str]),
    /// A word of the caller or the policy.
    Word,
    /// A whole number.
    Number,
    /// An amount in the currency of the order.
    Amount,
}

/// Tells whether a fact needs a word to name it, such as the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// No.
    None,
    /// A tag, kind of goods or payment method: any word.
    Word,
    /// The code of an option that the policy declares.
    Option,
}

/// Describes a fact.
#[derive(Clone, Copy, Debug)]
pub struct FactSpec {
    /// Its name in policies.
    pub name: &'static str,
    /// Whether a policy declares it; otherwise the contract has a field for it.
    pub declared: bool,
    /// What follows while it is unknown.
    pub class: Class,
    /// Its values.
    pub kind: Kind,
    /// Whether a word names it.
    pub parameter: Parameter,
    /// The field that holds it.
    pub field: Field,
    /// Who can usually tell.
    pub source: Party,
    /// What is asked, in English.
    pub question: &'static str,
    /// Whether its values are personal data, which no error repeats.
    pub personal: bool,
    /// Names that it had in earlier revisions, under which it is taken too.
    pub former_names: &'static [&'static str],
    /// The least number that it can be; `None`: no limit.
    pub at_least: Option<i64>,
    /// The greatest number that it can be; `None`: no limit.
    pub at_most: Option<i64>,
    /// The event from which it can be known, and before which it is not asked for; `None`:
    /// always.
    pub known_after: Option<Event>,
    /// Its index among the facts of its owner; `None`: a rule reads it from others.
    pub slot: Option<usize>,
    /// The rule that reads it, or says what is meant where nothing is told.
    pub rule: Option<FactRule>,
}

/// Describes an event.
#[derive(Clone, Copy, Debug)]
pub struct EventSpec {
    /// Its name in policies.
    pub name: &'static str,
    /// Whether a policy declares it; otherwise the contract has a field for it.
    pub declared: bool,
    /// Its index in a set of events; those that a policy declares come after the standard
    /// ones.
    pub bit: u32,
    /// The set of events that must come before it, directly or by way of others.
    pub before: u64,
    /// The set of standard events that it must come before, directly or by way of others.
    pub later: u64,
    /// The field that holds it.
    pub field: Field,
    /// Events that must have happened before it, but those that these imply.
    pub after: &'static [Event],
    /// Who can usually tell.
    pub source: Party,
    /// What is asked, in English.
    pub question: &'static str,
    /// Whether its time is personal data, which no error repeats.
    pub personal: bool,
    /// Names that it had in earlier revisions, under which it is taken too.
    pub former_names: &'static [&'static str],
    /// What a sentence calls it in English.
    pub phrase: &'static str,
    /// Whether it lies ahead by its nature, and is given as a day.
    pub planned: bool,
    /// Whether it is taken to lie ahead while it is unknown.
    pub to_come: bool,
    /// Its index among the events of its owner; `None`: a rule reads it from others.
    pub slot: Option<usize>,
    /// The rule that reads it, or says what is meant where nothing is told.
    pub rule: Option<EventRule>,
}

/// Names facts and events by their name in policies.
macro_rules! named {
    ($($name:ident),+) => {$(
        impl $name {
            /// Returns its name in policies.
            pub const fn word(self) -> &'static str {
                self.spec().name
            }

            /// Whether it is meant by a name: its own, or one that it had.
            pub fn is_named(self, name: &str) -> bool {
                let spec = self.spec();
                spec.name == name || spec.former_names.contains(&name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}

named!(Fact, Event);

impl Fact {
    /// Returns the word that names the fact in its field: that of one that a policy
    /// declares, since these stand in a list.
    pub const fn entry(self) -> Option<&'static str> {
        match self {
            Self::Declared(declared) => Some(declared.spec().name),
            _ => None,
        }
    }

    /// Whether it is read from the units that the customer keeps, and with them from what
    /// becomes of the other units of a request.
    pub const fn is_of_kept_units(self) -> bool {
        matches!(
            self,
            Self::WholeGroup | Self::GroupGone | Self::GroupKept | Self::KeptValue
        )
    }

    /// Whether it is the same of all lines of a group, and can differ between groups.
    pub const fn is_of_group(self) -> bool {
        matches!(
            self,
            Self::WholeGroup | Self::GroupQuantity | Self::GroupGone | Self::GroupKept
        )
    }
}

/// The word of [`Fact::Channel`] for a request that came by the form which the shop
/// prescribes.
pub const PRESCRIBED_FORM: &str = "prescribed_form";
/// The words of [`Fact::OrderShipped`]: nothing, a part, all.
pub const SHIPPED: [&str; 3] = ["no", "partly", "yes"];
/// The words of [`Fact::WantedWorth`].
pub const WORTH: [&str; 3] = ["lower", "equal", "higher"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for fact in Fact::ALL {
            assert_eq!(Fact::standard(fact.spec().name), Some(*fact));
        }
        for event in Event::ALL {
            assert_eq!(Event::standard(event.spec().name), Some(*event));
        }
    }

    #[test]
    fn words_that_the_engine_speaks_of_are_in_the_contract() {
        let words = |fact: Fact| match fact.spec().kind {
            Kind::OneOf(words) => words,
            _ => &[][..],
        };
        assert!(words(Fact::Channel).contains(&PRESCRIBED_FORM));
        assert_eq!(words(Fact::OrderShipped), SHIPPED);
        assert_eq!(words(Fact::WantedWorth), WORTH);
    }
}
