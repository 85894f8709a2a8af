//! Counts the states in which facts and events were drawn, and what came of them.
//!
//! Whatever a situation holds beside facts and events is taken apart by name: a new field
//! does not build here until it is drawn. A new fact or event has to be drawn in every state.

use std::collections::BTreeMap;
use std::fmt::Debug;

use redress::domain::facts::*;
use redress::domain::path::Owner;
use redress::domain::time::EventTime;
use redress::domain::verdict::{Outcome, Verdict};
use redress::domain::vocabulary::*;

use super::Situation;
use crate::slots;

/// The fewest rows of each outcome with which a property says anything.
const MIN_ROWS: usize = 100;
/// The shops whose policies are in the tree.
const SHOPS: usize = 5;

/// Counts states by name of the fact. A state that can be drawn and was not counts 0.
#[derive(Default)]
pub struct Census {
    states: BTreeMap<(&'static str, String), usize>,
    outcomes: BTreeMap<(String, Action, Outcome), usize>,
    /// How many situations the fact check refused.
    pub refused: usize,
}

impl Census {
    /// Counts a situation and what came of it.
    pub fn count(&mut self, situation: &Situation, verdict: &Verdict<'_>) {
        let shop = verdict.receipt.policy.as_str();
        for (_, decision) in verdict.each() {
            let key = (shop.to_owned(), verdict.action, decision.outcome);
            *self.outcomes.entry(key).or_default() += 1;
        }
        let Situation {
            order,
            request,
            decide_time,
        } = situation;
        let later = *decide_time > request.request_time;
        self.number("decided later", usize::from(later), 1);
        self.order(order);
        self.request(request);
    }

    /// Reports how often what came up, and checks that all that can be drawn did.
    pub fn report(&self, property: &str) {
        println!("{property}: {} orders refused", self.refused);
        for ((shop, action, outcome), count) in &self.outcomes {
            println!("{count:8} {shop} {action}: {outcome}");
        }
        for ((name, state), count) in &self.states {
            println!("{count:8} {name}: {state}");
        }
        let missed: Vec<_> = self
            .states
            .iter()
            .filter(|(_, count)| **count == 0)
            .collect();
        assert!(missed.is_empty(), "never drawn: {missed:#?}");
        assert_eq!(self.refused, 0, "orders that cannot be");
        for outcome in Outcome::ALL
            .iter()
            .filter(|outcome| **outcome != Outcome::Mixed)
        {
            let of = self.outcomes.iter().filter(|((_, _, of), _)| of == outcome);
            let rows: usize = of.map(|(_, count)| count).sum();
            assert!(rows >= MIN_ROWS, "{rows} rows are {outcome}");
        }
        let mut approved: Vec<&str> = self
            .outcomes
            .keys()
            .filter(|(_, _, of)| *of == Outcome::Approved)
            .map(|(shop, _, _)| shop.as_str())
            .collect();
        approved.dedup();
        assert_eq!(approved.len(), SHOPS, "shops that approve: {approved:?}");
    }

    fn state(&mut self, name: &'static str, state: String, all: impl Fn() -> Vec<String>) {
        if let Some(count) = self.states.get_mut(&(name, state.clone())) {
            *count += 1;
            return;
        }
        self.states.insert((name, state), 1);
        for other in all() {
            self.states.entry((name, other)).or_default();
        }
    }

    fn event(&mut self, name: &'static str, time: EventTime) {
        let state = match time {
            EventTime::Unknown => "unknown",
            EventTime::NotYet => "not yet",
            EventTime::At(_) => "at an instant",
            EventTime::On(_) => "on a day",
            // Drawn by a property of its own.
            EventTime::Happened => "at an unknown time",
        };
        let all = ["unknown", "not yet", "at an instant", "on a day"];
        self.state(name, state.to_owned(), || all.map(str::to_owned).to_vec());
    }

    fn yes_no(&mut self, name: &'static str, answer: Option<bool>) {
        self.word(name, answer, &[true, false]);
    }

    fn word<W: Debug>(&mut self, name: &'static str, word: Option<W>, words: &[W]) {
        let state = word.map_or("unknown".to_owned(), |word| format!("{word:?}"));
        let all = || words.iter().map(|word| format!("{word:?}"));
        self.state(name, state, || {
            all().chain(["unknown".to_owned()]).collect()
        });
    }

    fn known(&mut self, name: &'static str, known: bool) {
        self.word(name, known.then_some("known"), &["known"]);
    }

    fn number(&mut self, name: &'static str, number: usize, most: usize) {
        let all = || (0..=most).map(|number| number.to_string()).collect();
        self.state(name, number.to_string(), all);
    }

    /// Counts what is told of an owner. Of a fact of any word it counts whether it is known.
    fn facts(&mut self, facts: &[Fact], get: impl Fn(Fact) -> Value<'static>) {
        for fact in facts {
            let (name, value) = (fact.word(), get(*fact));
            match fact.spec().kind {
                Kind::YesNo => self.yes_no(name, value.yes_no()),
                // What happened on the shop's side is always said.
                Kind::OneOf(words) if *fact == Fact::ShopEventKind => {
                    let all = || words.iter().map(|word| format!("{word:?}")).collect();
                    self.state(name, format!("{:?}", value.word().unwrap()), all);
                }
                Kind::OneOf(words) => self.word(name, value.word(), words),
                // An examination can find that there is nothing; what is given is some amount.
                Kind::Amount if fact.spec().class == Class::Finding => {
                    self.yes_no(name, value.amount().map(|amount| !amount.is_zero()));
                }
                Kind::Word | Kind::Number | Kind::Amount => self.known(name, value.is_known()),
            }
        }
    }

    fn events(&mut self, events: &[Event], get: impl Fn(Event) -> EventTime) {
        for event in events {
            match event {
                // A day of birth and a promised day are days.
                Event::Birth | Event::Promise => {
                    self.known(event.word(), get(*event) != EventTime::Unknown);
                }
                _ => self.event(event.word(), get(*event)),
            }
        }
    }

    fn order(&mut self, order: &Order<'static>) {
        let Order {
            id: _,
            currency: _,
            facts,
            customer_zone,
            tags,
            lines,
            shipments,
            options,
            options_complete,
            delivery,
            discount,
            total_paid,
            adjustments: _,
            open_requests: _,
            payments,
            earlier,
        } = order;
        self.facts(slots::facts_of(Owner::Order), |fact| facts.get(fact));
        self.events(slots::events_of(Owner::Order), |event| facts.event(event));
        self.known("customer.time_zone", customer_zone.is_some());
        self.known("tags_complete", tags.complete.is_some());
        self.number("lines", lines.len() - 1, 3);
        self.number("shipments", shipments.len(), 3);
        self.number("options", options.len().min(1), 1);
        self.known("options_complete", options_complete.is_some());
        let Delivery {
            method,
            paid,
            standard_cost,
        } = delivery;
        self.known("delivery.method", method.is_some());
        self.known("delivery.paid", paid.is_some());
        self.known("delivery.standard_cost", standard_cost.is_some());
        self.known("discount", discount.is_some());
        self.known("total_paid", total_paid.is_some());
        self.number("payments", payments.len(), 3);
        for payment in payments {
            self.word("payment.method", payment.method, PaymentMethod::ALL);
            self.known("payment.payer_id", payment.payer.is_some());
        }
        self.number("earlier_remedies", earlier.len(), 3);
        for remedy in earlier {
            let all = || {
                Remedy::WORDS
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect()
            };
            self.state("earlier.remedy", remedy.remedy.to_string(), all);
            self.yes_no("earlier.consumed", remedy.consumed);
        }
        for option in options {
            self.known("option.used_count", option.used.is_some());
            self.known("option.paid", option.paid.is_some());
            let left = option.used.is_some_and(|used| used < option.quantity);
            self.yes_no("option.left", option.used.map(|_| left));
        }
        lines.iter().for_each(|line| self.line(line));
        shipments.iter().for_each(|parcel| self.parcel(parcel));
    }

    fn line(&mut self, line: &Line<'static>) {
        let Line {
            group: _,
            id: _,
            quantity,
            unit_price,
            total: _,
            discount,
            facts,
            tags,
            contents,
        } = line;
        self.number("line.quantity", *quantity as usize - 1, 3);
        self.known("line.unit_price", unit_price.is_some());
        self.known("line.discount", discount.is_some());
        self.known("line.tags_complete", tags.complete.is_some());
        self.number("line.tags", tags.words.len().min(1), 1);
        self.number("line.contents", contents.len().min(1), 1);
        self.facts(slots::facts_of(Owner::Line), |fact| facts.get(fact));
        self.events(slots::events_of(Owner::Line), |event| facts.event(event));
    }

    fn parcel(&mut self, parcel: &Shipment<'static>) {
        let Shipment {
            id: _,
            items,
            facts,
            zone,
            named: _,
        } = parcel;
        self.known("shipment.items", items.is_some());
        self.known("shipment.time_zone", zone.is_some());
        self.facts(slots::facts_of(Owner::Parcel), |fact| facts.get(fact));
        self.events(slots::events_of(Owner::Parcel), |event| facts.event(event));
    }

    fn request(&mut self, request: &Request<'static>) {
        let Request {
            claim_id: _,
            request_time: _,
            payout: _,
            return_parcels: _,
            facts,
            lines,
            wants,
            unavailable: _,
            ask,
        } = request;
        self.facts(slots::facts_of(Owner::Request), |fact| facts.get(fact));
        self.events(slots::events_of(Owner::Request), |event| facts.event(event));
        self.word("wants", *wants, Remedy::ALL);
        for line in lines {
            self.number("groups", line.groups.len() - 1, 2);
            for group in &line.groups {
                self.known("units.shipment_id", group.shipment.is_some());
                self.facts(slots::facts_of(Owner::Units), |fact| group.facts.get(fact));
                self.events(slots::events_of(Owner::Units), |event| {
                    group.facts.event(event)
                });
            }
        }
        let asked = Owner::Action(ask.action);
        let facts = ACTION_FACTS
            .iter()
            .filter(|f| f.spec().field.owner() == asked);
        let events = ACTION_EVENTS.iter().filter(|e| e.field().owner() == asked);
        let (facts, events): (Vec<Fact>, Vec<Event>) =
            (facts.copied().collect(), events.copied().collect());
        self.facts(&facts, |fact| ask.get(fact));
        self.events(&events, |event| ask.event(event));
    }
}
