//! Reads facts and events that a policy declares: each is checked against its declaration.

use std::collections::BTreeSet;

use redress_client::pb;
use redress_client::pb::fact::Value as Told;

use super::reader::{Reader, quote};
use super::words::unlisted;
use crate::domain::facts::{Order, Stated, Value};
use crate::domain::limits::{MAX_FACTS, MAX_NUMBER};
use crate::domain::path::At;
use crate::domain::path::Owner;
use crate::domain::time::EventTime;
use crate::domain::violation::{Violation, ViolationKind};
use crate::domain::vocabulary::{Event, Fact, Kind};
use crate::policy::document::near;
use crate::policy::plan::Plan;

/// Reads the declared facts of a request. A name is known if one of the plans declares it.
pub fn declared<'t>(
    message: &'t pb::DecideRequest,
    plans: &[&Plan],
    stated: &mut Stated<'t>,
) -> Vec<Violation> {
    let parts = stated.parts();
    let mut reading = DeclaredReader::new(plans, parts.order);
    let unlisted = unlisted(plans, parts.order, Some(parts.request));
    reading.reader.violations.extend(unlisted);
    if let Some(order) = &message.order {
        reading.order(order, parts.order);
    }
    let Some(request) = &message.request else {
        return reading.reader.violations.into_vec();
    };
    let at = &At::ROOT.field("request");
    let facts = &mut parts.request.facts;
    reading.list(at, Owner::Request, &request.facts, |told| told.put(facts));
    let lines = request.lines.iter().zip(&mut parts.request.lines);
    for (index, (line, to)) in lines.enumerate() {
        let at = &at.element("lines", index);
        for (index, (group, to)) in line.groups.iter().zip(&mut to.groups).enumerate() {
            let at = &at.element("groups", index);
            reading.list(at, Owner::Units, &group.facts, |told| {
                told.put(&mut to.facts)
            });
        }
    }
    reading.reader.violations.into_vec()
}

/// Reads the declared facts of the order of a request for options.
pub fn declared_of_order<'t>(
    message: Option<&'t pb::Order>,
    plans: &[&Plan],
    order: &mut Order<'t>,
) -> Vec<Violation> {
    let mut reading = DeclaredReader::new(plans, order);
    reading
        .reader
        .violations
        .extend(unlisted(plans, order, None));
    if let Some(message) = message {
        reading.order(message, order);
    }
    reading.reader.violations.into_vec()
}

/// Reads entries against the declarations of plans.
struct DeclaredReader<'p> {
    plans: &'p [&'p Plan],
    reader: Reader,
}

/// What an entry says.
enum Entry<'t> {
    Fact(Fact, Value<'t>),
    Event(Event, EventTime),
}

/// What entries are put into.
trait Slots<'t> {
    fn put_fact(&mut self, fact: Fact, value: Value<'t>);
    fn put_event(&mut self, event: Event, time: EventTime);
}

macro_rules! slots {
    ($($name:ident),+) => {$(
        impl<'t> Slots<'t> for crate::domain::facts::$name<'t> {
            fn put_fact(&mut self, fact: Fact, value: Value<'t>) {
                self.set(fact, value);
            }

            fn put_event(&mut self, event: Event, time: EventTime) {
                self.set_event(event, time);
            }
        }
    )+};
}

slots!(OrderFacts, LineFacts, ParcelFacts, UnitsFacts, RequestFacts);

impl<'t> Entry<'t> {
    fn put(self, to: &mut impl Slots<'t>) {
        match self {
            Self::Fact(fact, value) => to.put_fact(fact, value),
            Self::Event(event, time) => to.put_event(event, time),
        }
    }
}

impl<'p> DeclaredReader<'p> {
    fn new(plans: &'p [&'p Plan], order: &Order<'_>) -> Self {
        let mut reader = Reader::new();
        reader.use_currency(order.currency);
        Self { plans, reader }
    }

    fn order<'t>(&mut self, message: &'t pb::Order, order: &mut Order<'t>) {
        let at = &At::ROOT.field("order");
        let facts = &mut order.facts;
        self.list(at, Owner::Order, &message.facts, |told| told.put(facts));
        for (index, (line, to)) in message.lines.iter().zip(&mut order.lines).enumerate() {
            let at = &at.element("lines", index);
            self.list(at, Owner::Line, &line.facts, |told| told.put(&mut to.facts));
        }
        let parcels = message.shipments.iter().zip(&mut order.shipments);
        for (index, (parcel, to)) in parcels.enumerate() {
            let at = &at.element("shipments", index);
            self.list(at, Owner::Parcel, &parcel.facts, |told| {
                told.put(&mut to.facts)
            });
        }
    }

    /// Reads the entries of one owner.
    fn list<'t>(
        &mut self,
        at: &At<'_>,
        owner: Owner,
        entries: &'t [pb::Fact],
        mut put: impl FnMut(Entry<'t>),
    ) {
        if entries.is_empty() {
            return;
        }
        if entries.len() > MAX_FACTS {
            self.reader.too_many(at, "facts", entries.len(), MAX_FACTS);
            return;
        }
        let mut names = BTreeSet::new();
        let mut told: Vec<(&'static str, &pb::Fact)> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let at = &at.element("facts", index);
            if !names.insert(entry.name.as_str()) {
                let why = format!("duplicate fact {}; state each once", quote(&entry.name));
                self.reader.wrong(at, "name", ViolationKind::Duplicate, why);
                continue;
            }
            let named = self.named(&entry.name);
            let other = |(known, of): &&(&'static str, &pb::Fact)| {
                named.contains(known) && of.value != entry.value
            };
            if let Some((known, of)) = told.iter().find(other) {
                let why = format!(
                    "`{}` and `{}` both name `{known}`; state it once",
                    of.name, entry.name
                );
                self.reader.wrong(at, "name", ViolationKind::Duplicate, why);
                continue;
            }
            told.extend(named.into_iter().map(|name| (name, entry)));
            self.entry(at, owner, entry, &mut put);
        }
    }

    /// Returns the names that what is meant by a name has now.
    fn named(&self, name: &str) -> Vec<&'static str> {
        let facts = self.plans.iter().filter_map(|plan| plan.fact(name));
        let events = self.plans.iter().filter_map(|plan| plan.event(name));
        facts
            .map(Fact::word)
            .chain(events.map(Event::word))
            .collect()
    }

    fn entry<'t>(
        &mut self,
        at: &At<'_>,
        owner: Owner,
        entry: &'t pb::Fact,
        put: &mut impl FnMut(Entry<'t>),
    ) {
        let pb::Fact { name, value } = entry;
        let facts = self.plans.iter().filter_map(|plan| plan.fact(name));
        let events = self.plans.iter().filter_map(|plan| plan.event(name));
        let (facts, events): (Vec<Fact>, Vec<Event>) = (facts.collect(), events.collect());
        if facts.is_empty() && events.is_empty() {
            self.unknown_name(at, owner, name);
            return;
        }
        let Some(value) = value else {
            let mend = "give a value, or leave the entry out while it is unknown";
            self.reader.missing(at, "value", mend);
            return;
        };
        for fact in facts {
            if !self.is_of(at, name, owner, fact.spec().field.owner()) {
                continue;
            }
            let before = self.reader.violations.len();
            let read = self.fact(at, fact, value);
            self.mask(before, name, fact.spec().personal);
            if let Some(value) = read {
                put(Entry::Fact(fact, value));
            }
        }
        for event in events {
            if !self.is_of(at, name, owner, event.field().owner()) {
                continue;
            }
            match value {
                Told::Time(time) => {
                    let before = self.reader.violations.len();
                    let time = self.reader.event(at, "time", Some(time));
                    self.mask(before, name, event.spec().personal);
                    put(Entry::Event(event, time));
                }
                Told::Answer(_) | Told::Word(_) | Told::Number(_) | Told::Amount(_) => {
                    self.wrong_type(at, name, "an event", "time")
                }
            }
        }
    }

    /// Takes a value that is personal out of what was reported of it: the violations behind the
    /// first `before`.
    fn mask(&mut self, before: usize, name: &str, personal: bool) {
        if !personal {
            return;
        }
        for violation in self.reader.violations.after_mut(before) {
            violation.description =
                format!("is not a value that `{name}` can have; its declaration says which are");
        }
    }

    /// Reads the value of a fact; `None`: it is wrong and reported.
    fn fact<'t>(&mut self, at: &At<'_>, fact: Fact, value: &'t Told) -> Option<Value<'t>> {
        let (name, r) = (fact.word(), &mut self.reader);
        let read = match (fact.spec().kind, value) {
            (Kind::YesNo, Told::Answer(answer)) => r.yes_no(at, "answer", *answer),
            (Kind::OneOf(words), Told::Word(word)) => match words.contains(&word.as_str()) {
                true => Value::Word(word),
                false => {
                    let why = format!(
                        "{} is not a value of `{name}`; {}",
                        quote(word),
                        nearest(word, words.iter().copied())
                    );
                    r.wrong(at, "word", ViolationKind::UnknownWord, why);
                    Value::Unknown
                }
            },
            (Kind::Number, Told::Number(number)) => {
                let spec = fact.spec();
                let least = spec.at_least.unwrap_or(0);
                let most = spec.at_most.unwrap_or(MAX_NUMBER);
                match (least..=most).contains(number) {
                    true => Value::Number(*number),
                    false => {
                        let why = format!("is {number}; give at least {least} and at most {most}");
                        r.wrong(at, "number", ViolationKind::OutOfRange, why);
                        Value::Unknown
                    }
                }
            }
            (Kind::Amount, Told::Amount(amount)) => r.required_amount(at, "amount", amount).into(),
            (kind, _) => {
                let (what, field) = match kind {
                    Kind::YesNo => ("yes or no", "answer"),
                    Kind::Word | Kind::OneOf(_) => ("a word", "word"),
                    Kind::Number => ("a whole number", "number"),
                    Kind::Amount => ("an amount", "amount"),
                };
                self.wrong_type(at, name, what, field);
                return None;
            }
        };
        read.is_known().then_some(read)
    }

    fn wrong_type(&mut self, at: &At<'_>, name: &str, what: &str, field: &str) {
        let why = format!("`{name}` is {what}; set `{field}`");
        self.reader
            .wrong(at, "value", ViolationKind::WrongType, why);
    }

    /// Whether an entry stands where its declaration says.
    fn is_of(&mut self, at: &At<'_>, name: &str, owner: Owner, declared: Owner) -> bool {
        if owner != declared {
            let why = format!(
                "`{name}` is of {}; set it in {}",
                of(declared),
                list_of(declared)
            );
            self.reader
                .wrong(at, "name", ViolationKind::UnknownReference, why);
        }
        owner == declared
    }

    /// Reports a name that no plan declares, with the nearest one, or where a standard one
    /// stands.
    fn unknown_name(&mut self, at: &At<'_>, owner: Owner, name: &str) {
        let field = Fact::standard(name).map(|fact| fact.spec().field);
        let field = field.or(Event::standard(name).map(Event::field));
        let why = match field {
            Some(field) => format!("{} is a standard fact; set `{field}`", quote(name)),
            None => {
                let facts = self.plans.iter().flat_map(|plan| &plan.facts);
                let facts = facts.map(|fact| {
                    let spec = fact.spec();
                    (fact.word(), spec.field.owner(), spec.former_names)
                });
                let events = self.plans.iter().flat_map(|plan| &plan.declared_events);
                let events = events.map(|event| {
                    let spec = event.spec();
                    (event.word(), event.field().owner(), spec.former_names)
                });
                let own = facts.chain(events).filter(|(_, of, _)| *of == owner);
                // Each name as it is and was spelled, with the name of today.
                let names: Vec<(&str, &str)> = own
                    .flat_map(|(name, _, was)| {
                        let spelled = std::iter::once(name).chain(was.iter().copied());
                        spelled.map(move |spelled| (spelled, name))
                    })
                    .collect();
                let mut known: Vec<&str> = names.iter().map(|(_, name)| *name).collect();
                known.sort_unstable();
                known.dedup();
                let meant = near(name, names.iter().map(|(spelled, _)| *spelled))
                    .and_then(|near| names.iter().find(|(spelled, _)| *spelled == near))
                    .map(|(_, name)| *name);
                let policy = self.plans.first().map_or("", |plan| plan.policy.as_str());
                format!(
                    "{} is not declared by policy `{policy}` of {}; {}",
                    quote(name),
                    of(owner),
                    nearest(meant.unwrap_or(name), known.into_iter())
                )
            }
        };
        self.reader
            .wrong(at, "name", ViolationKind::UnknownReference, why);
    }
}

/// Names the nearest of some words, and all of them.
pub(super) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str> + Clone) -> String {
    let all: Vec<String> = known.clone().map(|word| format!("`{word}`")).collect();
    let all = match all.as_slice() {
        [] => "there is none".to_owned(),
        all => format!("known are {}", all.join(", ")),
    };
    match near(word, known) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all,
    }
}

/// Says what a fact is of.
const fn of(owner: Owner) -> &'static str {
    match owner {
        Owner::Order => "an order",
        Owner::Line => "an order line",
        Owner::Parcel => "a parcel",
        Owner::Units => "units",
        Owner::Request | Owner::Action(_) => "a request",
    }
}

/// Says where facts of an owner are listed.
const fn list_of(owner: Owner) -> &'static str {
    match owner {
        Owner::Order => "`order.facts`",
        Owner::Line => "`facts` of the line",
        Owner::Parcel => "`facts` of the shipment",
        Owner::Units => "`facts` of the unit group",
        Owner::Request | Owner::Action(_) => "`request.facts`",
    }
}
