//! What is told of the facts and events of one owner: an order, a line, a parcel, units, a
//! request or an action.

use crate::domain::money::Amount;
use crate::domain::path::Owner;
use crate::domain::time::{Day, EventTime};
use crate::domain::vocabulary as standard;
use crate::domain::vocabulary::{Event, EventSpec, Fact, FactSpec};

/// Holds what is known of a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'t> {
    /// Nobody knows.
    #[default]
    Unknown,
    /// Yes or no.
    YesNo(bool),
    /// A word.
    Word(&'t str),
    /// A number.
    Number(i64),
    /// An amount in the currency of the order.
    Amount(Amount),
}

impl<'t> Value<'t> {
    /// Returns the answer; `None`: unknown, or no answer.
    pub const fn yes_no(self) -> Option<bool> {
        match self {
            Self::YesNo(answer) => Some(answer),
            _ => None,
        }
    }

    /// Returns the word; `None`: unknown, or no word.
    pub const fn word(self) -> Option<&'t str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Returns the number; `None`: unknown, or no number.
    pub const fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the amount; `None`: unknown, or no amount.
    pub const fn amount(self) -> Option<Amount> {
        match self {
            Self::Amount(amount) => Some(amount),
            _ => None,
        }
    }

    /// Whether anything is known.
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(answer: Option<bool>) -> Self {
        answer.map_or(Self::Unknown, Self::YesNo)
    }
}

impl<'t> From<Option<&'t str>> for Value<'t> {
    fn from(word: Option<&'t str>) -> Self {
        word.map_or(Self::Unknown, Self::Word)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Unknown, Self::Number)
    }
}

impl From<Option<Amount>> for Value<'_> {
    fn from(amount: Option<Amount>) -> Self {
        amount.map_or(Self::Unknown, Self::Amount)
    }
}

impl From<Option<Day>> for EventTime {
    fn from(day: Option<Day>) -> Self {
        day.map_or(Self::Unknown, Self::On)
    }
}

/// Holds what is told of facts and events that policies declare. Most orders have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct DeclaredEntries<'t>(Option<Box<Entries<'t>>>);

/// The facts and events that are known, each by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entries<'t> {
    facts: Vec<(Fact, Value<'t>)>,
    events: Vec<(Event, EventTime)>,
}

impl<'t> DeclaredEntries<'t> {
    fn facts(&self) -> &[(Fact, Value<'t>)] {
        self.0.as_deref().map_or(&[][..], |entries| &entries.facts)
    }

    fn get(&self, fact: Fact) -> Value<'t> {
        let found = self.facts().iter().find(|(known, _)| *known == fact);
        found.map_or(Value::Unknown, |(_, value)| *value)
    }

    fn set(&mut self, fact: Fact, value: Value<'t>) {
        let facts = &mut self.0.get_or_insert_default().facts;
        facts.retain(|(known, _)| *known != fact);
        if value.is_known() {
            let at = facts.partition_point(|(known, _)| *known < fact);
            facts.insert(at, (fact, value));
        }
    }

    fn events(&self) -> &[(Event, EventTime)] {
        self.0.as_deref().map_or(&[][..], |entries| &entries.events)
    }

    fn event(&self, event: Event) -> EventTime {
        let found = self.events().iter().find(|(known, _)| *known == event);
        found.map_or(EventTime::Unknown, |(_, time)| *time)
    }

    fn set_event(&mut self, event: Event, time: EventTime) {
        let events = &mut self.0.get_or_insert_default().events;
        events.retain(|(known, _)| *known != event);
        if time != EventTime::Unknown {
            let at = events.partition_point(|(known, _)| *known < event);
            events.insert(at, (event, time));
        }
    }
}

/// Declares the slots of an owner: an array for its events and one for its facts.
macro_rules! slots {
    ($($(#[$meta:meta])* $name:ident, $owner:pat, $events:expr, $facts:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name<'t> {
            events: [EventTime; $events],
            facts: [Value<'t>; $facts],
            declared: DeclaredEntries<'t>,
        }

        impl<'t> $name<'t> {
            /// Nothing is known.
            pub const UNKNOWN: Self = Self {
                events: [EventTime::Unknown; $events],
                facts: [Value::Unknown; $facts],
                declared: DeclaredEntries(None),
            };

            /// Returns what is told of a fact of this owner; of another one's, and of what a
            /// rule reads from others, nothing is.
            pub fn get(&self, fact: Fact) -> Value<'t> {
                let spec = fact.spec();
                match spec.field.owner() {
                    $owner => self.get_own(fact, spec),
                    _ => Value::Unknown,
                }
            }

            /// Returns what is told of a fact that is of this owner; `spec` describes it.
            pub(crate) fn get_own(&self, fact: Fact, spec: &FactSpec) -> Value<'t> {
                match spec.slot {
                    Some(slot) => self.facts.get(slot).copied().unwrap_or_default(),
                    None if spec.declared => self.declared.get(fact),
                    None => Value::Unknown,
                }
            }

            /// Says what is known of a fact of this owner.
            pub fn set(&mut self, fact: Fact, value: Value<'t>) {
                let spec = fact.spec();
                debug_assert!(matches!(spec.field.owner(), $owner), "{fact} is of another owner");
                if spec.declared {
                    self.declared.set(fact, value);
                }
                if let Some(slot) = spec.slot.and_then(|slot| self.facts.get_mut(slot)) {
                    *slot = value;
                }
            }

            /// Returns what is told of an event of this owner.
            pub fn event(&self, event: Event) -> EventTime {
                let spec = event.spec();
                match spec.field.owner() {
                    $owner => self.own_event(event, spec),
                    _ => EventTime::Unknown,
                }
            }

            /// Returns what is told of an event that is of this owner; `spec` describes it.
            pub(crate) fn own_event(&self, event: Event, spec: &EventSpec) -> EventTime {
                match spec.slot {
                    Some(slot) => self.events.get(slot).copied().unwrap_or(EventTime::Unknown),
                    None if spec.declared => self.declared.event(event),
                    None => EventTime::Unknown,
                }
            }

            /// Says what is known of an event of this owner.
            pub fn set_event(&mut self, event: Event, time: EventTime) {
                let spec = event.spec();
                debug_assert!(matches!(spec.field.owner(), $owner), "{event} is of another owner");
                if spec.declared {
                    self.declared.set_event(event, time);
                }
                if let Some(slot) = spec.slot.and_then(|slot| self.events.get_mut(slot)) {
                    *slot = time;
                }
            }

            /// Infers what has not happened from what must come first and has not; `events`
            /// are those of this owner, each after those that come before it.
            pub fn infer(&mut self, events: &[Event], order: &OrderFacts<'_>) {
                let placed = order.event(Event::Place);
                let known = self.events.iter().chain([&placed]);
                // Only what has not happened says anything of what comes after.
                if known.fold(false, |any, time| any | matches!(time, EventTime::NotYet)) {
                    self.infer_from(events, order);
                }
            }

            fn infer_from(&mut self, events: &[Event], order: &OrderFacts<'_>) {
                for event in events.iter().filter(|event| !event.is_planned()) {
                    let mut first = event.spec().after.iter();
                    let not_yet = |first: &Event| {
                        let time = match first.field().owner() {
                            Owner::Order => order.event(*first),
                            _ => self.event(*first),
                        };
                        time == EventTime::NotYet
                    };
                    if self.event(*event) == EventTime::Unknown && first.any(not_yet) {
                        self.set_event(*event, EventTime::NotYet);
                    }
                }
            }

            /// Returns what is told of the facts that policies declare.
            pub fn declared_facts(&self) -> &[(Fact, Value<'t>)] {
                self.declared.facts()
            }

            /// Returns what is told of the events that policies declare.
            pub fn declared_events(&self) -> &[(Event, EventTime)] {
                self.declared.events()
            }

            /// Returns what is told of all standard events, in their order.
            pub fn events(&self) -> &[EventTime] {
                &self.events
            }
        }

        impl Default for $name<'_> {
            fn default() -> Self {
                Self::UNKNOWN
            }
        }
    )+};
}

slots! {
    /// Holds what is told of an order, its customer and its delivery.
    OrderFacts, Owner::Order, standard::ORDER_EVENT_SLOTS, standard::ORDER_FACT_SLOTS;
    /// Holds what is told of a line.
    LineFacts, Owner::Line, standard::LINE_EVENT_SLOTS, standard::LINE_FACT_SLOTS;
    /// Holds what is told of a parcel.
    ParcelFacts, Owner::Parcel, standard::PARCEL_EVENT_SLOTS, standard::PARCEL_FACT_SLOTS;
    /// Holds what is told of units: their condition and what was found.
    UnitsFacts, Owner::Units, standard::UNITS_EVENT_SLOTS, standard::UNITS_FACT_SLOTS;
    /// Holds what is told of a request, the return shipment and what the shop did.
    RequestFacts, Owner::Request, standard::REQUEST_EVENT_SLOTS, standard::REQUEST_FACT_SLOTS;
    /// Holds what is told of what is asked for. Which action it is of stands beside it.
    ActionFacts, Owner::Action(_), standard::ACTION_EVENT_SLOTS, standard::ACTION_FACT_SLOTS;
}
