//! Writes a request back as the message that would ask it.

use prost::Message;
use redress_client::pb;
use redress_client::pb::event_time::State;
use redress_client::pb::fact::Value as Entry;

use super::{nanos, standard};
use crate::domain::facts as f;
use crate::domain::facts::Value;
use crate::domain::id::CallerId;
use crate::domain::money::Currency;
use crate::domain::time::{EventTime, Instant};
use crate::domain::vocabulary::{Event, Fact};
use crate::wire::enums;

/// Returns a request about an order in this currency as a message of its own, encoded.
/// Reading it gives the same request.
pub fn customer_request(currency: Currency, request: &f::Request<'_>) -> Vec<u8> {
    message(currency, request).encode_to_vec()
}

/// Returns a request about an order in this currency as a message.
pub(super) fn message(currency: Currency, request: &f::Request<'_>) -> pb::CustomerRequest {
    let told = FactWriter { currency };
    let f::Request {
        claim_id,
        request_time,
        facts,
        return_parcels,
        lines,
        wants,
        payout,
        unavailable,
        ask,
    } = request;
    pb::CustomerRequest {
        claim_id: id(claim_id.as_ref()),
        request_time: Some(timestamp(*request_time)),
        lines: lines.iter().map(|l| line(told, l)).collect(),
        return_parcels: return_parcels.iter().map(|p| parcel(told, p)).collect(),
        wants: enums::write(*wants),
        payout_wish: payout.map(payout_wish),
        unavailable_paths: unavailable.to_vec(),
        // What holds for all units was said of each of them.
        all_units: None,
        facts: told.declared(facts.declared_facts(), facts.declared_events()),
        action: Some(standard::action(told, ask)),
        ..standard::customer_request(told, facts)
    }
}

fn id(id: Option<&CallerId<'_>>) -> String {
    id.map_or_else(String::new, |id| id.as_str().to_owned())
}

fn wanted_goods(told: FactWriter, wanted: &f::WantedGoods<'_>) -> pb::WantedGoods {
    let f::WantedGoods {
        item,
        unit_price,
        available,
        same_product,
    } = wanted;
    pb::WantedGoods {
        item_id: id(item.as_ref()),
        unit_price: unit_price.map_or_else(String::new, |price| price.text(told.currency)),
        available: enums::write(*available),
        same_product: enums::write(*same_product),
    }
}

fn payout_wish(wish: f::PayoutWish<'_>) -> pb::PayoutWish {
    match wish {
        f::PayoutWish::Payment(payment) => pb::PayoutWish {
            payment_id: id(Some(&payment)),
            method: enums::write(None::<f::PaymentMethod>),
        },
        f::PayoutWish::Means(means) => pb::PayoutWish {
            payment_id: String::new(),
            method: enums::write(Some(means)),
        },
    }
}

fn parcel(told: FactWriter, parcel: &f::ReturnParcel<'_>) -> pb::ReturnParcel {
    let f::ReturnParcel { id, facts } = parcel;
    pb::ReturnParcel {
        return_parcel_id: id.as_str().to_owned(),
        journey: told.unless_empty(standard::return_journey(told, facts)),
    }
}

fn line(told: FactWriter, line: &f::RequestLine<'_>) -> pb::RequestLine {
    let f::RequestLine { line: id, groups } = line;
    pb::RequestLine {
        line_id: id.as_str().to_owned(),
        groups: groups.iter().map(|g| group(told, g)).collect(),
    }
}

fn group(told: FactWriter, group: &f::UnitGroup<'_>) -> pb::UnitGroup {
    let f::UnitGroup {
        quantity,
        shipment,
        facts,
        return_parcel,
        wanted,
    } = group;
    pb::UnitGroup {
        quantity: *quantity,
        shipment_id: id(shipment.as_ref()),
        return_parcel_id: id(return_parcel.as_ref()),
        wanted: wanted.as_deref().map(|wanted| wanted_goods(told, wanted)),
        facts: told.declared(facts.declared_facts(), facts.declared_events()),
        ..standard::unit_group(told, facts)
    }
}

fn timestamp(instant: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: instant.unix_seconds(),
        nanos: nanos(instant),
    }
}

/// Writes what is told of facts and events as fields have it.
#[derive(Clone, Copy)]
pub(super) struct FactWriter {
    currency: Currency,
}

impl FactWriter {
    /// Writes a message, unless nothing is told in it: absent and empty mean the same.
    pub(super) fn unless_empty<M: Default + PartialEq>(self, message: M) -> Option<M> {
        (message != M::default()).then_some(message)
    }

    pub(super) fn yes_no(self, value: Value<'_>) -> i32 {
        enums::write(value.yes_no())
    }

    /// Writes a word as the number of an enum's value.
    pub(super) fn number_of(self, value: Value<'_>, words: &[&str]) -> i32 {
        let word = value.word();
        let index = word.and_then(|word| words.iter().position(|known| *known == word));
        let number = index.and_then(|index| i32::try_from(index).ok());
        number.map_or(0, |number| number.saturating_add(1))
    }

    pub(super) fn word(self, value: Value<'_>) -> String {
        value.word().unwrap_or_default().to_owned()
    }

    pub(super) fn number(self, value: Value<'_>) -> Option<i32> {
        value.number().and_then(|number| i32::try_from(number).ok())
    }

    pub(super) fn amount(self, value: Value<'_>) -> String {
        let amount = value.amount();
        amount.map_or_else(String::new, |amount| amount.text(self.currency).to_string())
    }

    pub(super) fn event(self, time: EventTime) -> Option<pb::EventTime> {
        let state = match time {
            EventTime::Unknown => return None,
            EventTime::NotYet => State::NotYet(pb::NotYet {}),
            EventTime::Happened => State::Happened(pb::Happened {}),
            EventTime::At(instant) => State::Time(timestamp(instant)),
            EventTime::On(day) => State::Date(day.to_string()),
        };
        Some(pb::EventTime { state: Some(state) })
    }

    /// Writes facts and events that the policy declares.
    fn declared(self, facts: &[(Fact, Value<'_>)], events: &[(Event, EventTime)]) -> Vec<pb::Fact> {
        let value = |value: Value<'_>| {
            Some(match value {
                Value::Unknown => return None,
                Value::YesNo(_) => Entry::Answer(self.yes_no(value)),
                Value::Word(word) => Entry::Word(word.to_owned()),
                Value::Number(number) => Entry::Number(number),
                Value::Amount(_) => Entry::Amount(self.amount(value)),
            })
        };
        let facts = facts.iter().map(|(fact, told)| (fact.word(), value(*told)));
        let time = |time: EventTime| self.event(time).map(Entry::Time);
        let events = events
            .iter()
            .map(|(event, told)| (event.word(), time(*told)));
        let entry = |(name, value): (&str, Option<Entry>)| pb::Fact {
            name: name.to_owned(),
            value,
        };
        facts.chain(events).map(entry).collect()
    }
}
