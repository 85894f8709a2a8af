//! Reads each fact of the vocabulary from order and request.
//!
//! The match has no wildcard: a fact cannot be declared without being read.

use super::world::{Value, World};
use crate::domain::event::Event;
use crate::domain::facts::{
    Ask, Condition, Facts, Finding, Line, OrderOption, PaymentMethod, RowIndex, UnitGroup,
};
use crate::domain::time::{EventTime, Zone};
use crate::domain::vocabulary::{Fact, SHIPPED, WORTH};

fn yes_no<'a>(answer: Option<bool>) -> Value<'a> {
    answer.map_or(Value::Unknown, Value::YesNo)
}

fn word(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Unknown, Value::Word)
}

fn attribute<'a>(list: &[(&'a str, &'a str)], name: &str) -> Value<'a> {
    word(list.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
}

/// Reads a fact; unknown where nobody said.
pub(super) fn read<'a>(world: &World<'a, '_>, fact: Fact, parameter: Option<&str>) -> Value<'a> {
    let order = world.facts.order();
    let request = world.facts.request();
    let Some(line) = world.line else {
        return Value::Unknown;
    };
    let group = world.group;
    let state =
        |read: fn(&Condition) -> Option<bool>| yes_no(group.and_then(|g| read(&g.condition)));
    let found = |read: fn(&Finding) -> Option<bool>| yes_no(group.and_then(|g| read(&g.finding)));
    let named = parameter.unwrap_or_default();
    match fact {
        Fact::CustomerKindIs => word(order.customer.kind.map(|k| k.word())),
        Fact::Registered => yes_no(order.customer.registered),
        Fact::Age => age(world),
        Fact::SalesChannelIs => word(order.sales_channel.map(|c| c.word())),
        Fact::DeliveryRegion => word(order.delivery_region),
        Fact::Charged => yes_no(order.charged),
        Fact::DataComplete => yes_no(order.data_complete),
        Fact::Gift => yes_no(order.gift),
        Fact::ReturnAgreed => yes_no(order.return_agreed),
        Fact::FraudSuspected => yes_no(order.fraud_suspected),
        Fact::OrderTag => yes_no(order.tags.has(named)),
        Fact::OrderAttribute => attribute(&order.attributes, named),
        Fact::OptionBought => option_bought(world, named),
        Fact::OptionLeft => option_left(world, named),
        Fact::PaidWith => {
            let with = |method: PaymentMethod| method.word() == named;
            if order.payments.iter().any(|p| p.method.is_some_and(with)) {
                Value::YesNo(true)
            } else if order.payments.is_empty() || order.payments.iter().any(|p| p.method.is_none())
            {
                Value::Unknown
            } else {
                Value::YesNo(false)
            }
        }
        Fact::OrderShipped => word(
            world
                .shipped()
                .ok()
                .filter(|shipped| SHIPPED.contains(shipped)),
        ),
        Fact::ShipmentCount => {
            // Units in no parcel belong to one more. Where none is told, nobody knows.
            match order.shipments.first() {
                Some(first) if first.named => count(order.shipments.len()),
                _ => Value::Unknown,
            }
        }
        Fact::Personalized => yes_no(line.personalized),
        Fact::Category => word(line.category),
        Fact::Tag => yes_no(line.tags.has(named)),
        Fact::TagReasonIs => word(line.tag_reason.map(|r| r.word())),
        Fact::Attribute => attribute(&line.attributes, named),
        // Who speaks of the state of a seal or a tape says that there was one.
        Fact::Sealed => yes_no(line.sealed.or(spoken_of(group, |c| c.seal_intact))),
        Fact::Taped => yes_no(line.taped.or(spoken_of(group, |c| c.tape_present))),
        Fact::Set => yes_no(is_set(line)),
        Fact::Contains => {
            if line.contents.iter().any(|c| c == named) {
                Value::YesNo(true)
            } else if !line.contents.is_empty() || is_set(line) == Some(false) {
                // A set that lists its contents lists them all.
                Value::YesNo(line.category == Some(named))
            } else {
                Value::Unknown
            }
        }
        Fact::Available => yes_no(line.available),
        Fact::ReceiverIs => {
            let parcel = world.shipment_place().and_then(|p| order.shipments.get(p));
            word(parcel.and_then(|s| s.receiver).map(|r| r.word()))
        }
        Fact::Worn => state(|c| c.worn),
        Fact::Altered => state(|c| c.altered),
        Fact::Damaged => state(|c| c.damaged),
        Fact::Stained => state(|c| c.stained),
        Fact::ContentsComplete => state(|c| c.contents_complete),
        Fact::PackagingComplete => state(|c| c.packaging_complete),
        Fact::LabelsPresent => state(|c| c.labels_present),
        Fact::AccessoriesPresent => state(|c| c.accessories_present),
        Fact::SealIntact => state(|c| c.seal_intact),
        Fact::TapePresent => state(|c| c.tape_present),
        Fact::CustomerFault => state(|c| c.customer_fault),
        Fact::Defect => word(group.and_then(|g| g.finding.defect).map(|d| d.word())),
        Fact::DefectAtDelivery => found(|f| f.defect_at_delivery),
        Fact::UsedBeyondTesting => found(|f| f.used_beyond_testing),
        Fact::InstructionsFollowed => found(|f| f.instructions_followed),
        Fact::Deteriorated => found(|f| f.deterioration.map(|a| !a.is_zero())),
        Fact::ValueLost => found(|f| f.value_loss.map(|a| !a.is_zero())),
        Fact::ChannelIs => word(request.channel.map(|c| c.word())),
        Fact::RequesterIs => word(request.requester.map(|r| r.word())),
        Fact::StatementClear => yes_no(request.statement_clear),
        Fact::OrderNumberQuoted => yes_no(request.order_number_quoted),
        Fact::Photos => yes_no(request.evidence.photos),
        Fact::Description => yes_no(request.evidence.description),
        Fact::PersonalData => yes_no(request.evidence.personal_data),
        Fact::ReturnForm => yes_no(request.evidence.return_form),
        Fact::FormSent => match world.event(Event::FormSend).0 {
            EventTime::Unknown => Value::Unknown,
            EventTime::NotYet => Value::YesNo(false),
            EventTime::At(_) | EventTime::On(_) => Value::YesNo(true),
        },
        Fact::WholeOrder => Value::YesNo(asks_whole_order(world.facts, world.rows)),
        Fact::ReturnMethodIs => word(request.journey.method.map(|m| m.word())),
        Fact::FreightCollect => yes_no(request.journey.freight_collect),
        Fact::ParcelCount => request
            .journey
            .parcel_count
            .map_or(Value::Unknown, |n| Value::Number(i64::from(n))),
        Fact::AddressCorrect => yes_no(request.journey.address_correct),
        Fact::ReturnLost => yes_no(request.journey.lost),
        Fact::Confirmed => yes_no(request.response.confirmed),
        Fact::ReturnAccepted => yes_no(request.response.return_accepted),
        Fact::ReturnReason
        | Fact::ExchangeReason
        | Fact::WantedAvailable
        | Fact::WantedWorth
        | Fact::CancellationReason
        | Fact::ChangeKindIs
        | Fact::ClaimKindIs
        | Fact::DefectType
        | Fact::TextLanguage
        | Fact::TranslationFree
        | Fact::TextAuthorIs
        | Fact::CourierInformed
        | Fact::DeliveryProblemKindIs
        | Fact::CauseIs
        | Fact::VisiblyDamaged
        | Fact::AddressCorrected
        | Fact::Payout
        | Fact::ShopEventKindIs => read_ask(world, fact),
    }
}

/// Reads a fact of the action that is asked for; of another action it is unknown.
fn read_ask<'a>(world: &World<'a, '_>, fact: Fact) -> Value<'a> {
    match (world.ask, fact) {
        (Ask::Return { reason }, Fact::ReturnReason)
        | (Ask::Exchange { reason, .. }, Fact::ExchangeReason)
        | (Ask::Cancellation { reason }, Fact::CancellationReason) => word(*reason),
        (
            Ask::Exchange {
                wanted_available, ..
            },
            Fact::WantedAvailable,
        ) => yes_no(*wanted_available),
        (Ask::Exchange { .. }, Fact::WantedWorth) => wanted_worth(world),
        (Ask::Change { kind }, Fact::ChangeKindIs) => word(kind.map(|k| k.word())),
        (Ask::Claim { kind, .. }, Fact::ClaimKindIs) => word(kind.map(|k| k.word())),
        (Ask::Claim { defect_type, .. }, Fact::DefectType) => word(*defect_type),
        // What counts is the language, not where it is spoken.
        (Ask::Claim { text_language, .. }, Fact::TextLanguage) => word(
            text_language
                .as_deref()
                .and_then(|code| code.split('-').next()),
        ),
        (
            Ask::Claim {
                translation_free, ..
            },
            Fact::TranslationFree,
        ) => yes_no(*translation_free),
        (Ask::Claim { text_author, .. }, Fact::TextAuthorIs) => word(text_author.map(|t| t.word())),
        (
            Ask::Claim {
                courier_informed, ..
            },
            Fact::CourierInformed,
        ) => yes_no(*courier_informed),
        (Ask::DeliveryProblem { kind, .. }, Fact::DeliveryProblemKindIs) => {
            word(kind.map(|k| k.word()))
        }
        (Ask::DeliveryProblem { cause, .. }, Fact::CauseIs) => word(cause.map(|c| c.word())),
        (
            Ask::DeliveryProblem {
                visibly_damaged, ..
            },
            Fact::VisiblyDamaged,
        ) => yes_no(*visibly_damaged),
        (
            Ask::DeliveryProblem {
                address_corrected, ..
            },
            Fact::AddressCorrected,
        ) => yes_no(*address_corrected),
        // Who wants it paid out says so.
        (Ask::CreditUse { payout, .. }, Fact::Payout) => Value::YesNo(*payout == Some(true)),
        (Ask::ShopEvent { kind, .. }, Fact::ShopEventKindIs) => Value::Word(kind.word()),
        _ => Value::Unknown,
    }
}

fn count<'a>(number: usize) -> Value<'a> {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Returns the options of a code that cover the row's line.
fn covering<'a>(world: &World<'a, '_>, code: &str) -> Vec<&'a OrderOption<'a>> {
    let order = world.facts.order();
    let line = world.line.map(|l| l.id);
    let covers = |o: &&OrderOption<'_>| {
        o.code == code && (o.lines.is_empty() || line.is_some_and(|id| o.lines.contains(&id)))
    };
    order.options.iter().filter(covers).collect()
}

fn option_bought<'a>(world: &World<'a, '_>, code: &str) -> Value<'a> {
    if !covering(world, code).is_empty() {
        Value::YesNo(true)
    } else if world.facts.order().options_complete == Some(true) {
        Value::YesNo(false)
    } else {
        Value::Unknown
    }
}

fn option_left<'a>(world: &World<'a, '_>, code: &str) -> Value<'a> {
    let options = covering(world, code);
    if options.is_empty() {
        return match world.facts.order().options_complete {
            Some(true) => Value::Number(0),
            _ => Value::Unknown,
        };
    }
    let taken: i32 = world
        .used
        .iter()
        .filter(|(c, _)| *c == code)
        .map(|(_, n)| *n)
        .sum();
    let left = options.iter().try_fold(0_i64, |sum, option| {
        let used = option.used?;
        Some(sum.saturating_add(i64::from(option.quantity.saturating_sub(used))))
    });
    left.map_or(Value::Unknown, |left| {
        Value::Number(left.saturating_sub(i64::from(taken)).max(0))
    })
}

/// Whether the state of a part that goods need not have is told.
fn spoken_of(group: Option<&UnitGroup<'_>>, read: fn(&Condition) -> Option<bool>) -> Option<bool> {
    group.and_then(|g| read(&g.condition)).map(|_| true)
}

/// Whether a line is a set: as it is said, otherwise by what it lists; goods of a
/// kind that list nothing are none.
fn is_set(line: &Line<'_>) -> Option<bool> {
    line.set
        .or(match (line.contents.is_empty(), &line.category) {
            (false, _) => Some(true),
            (true, Some(_)) => Some(false),
            (true, None) => None,
        })
}

/// Full years on the local day of the order; before the purchase, of the request.
fn age(world: &World<'_, '_>) -> Value<'static> {
    let order = world.facts.order();
    let zone = world.plan.zone.unwrap_or_else(Zone::utc);
    let placed = match order.place {
        EventTime::At(at) => Some(zone.day_of(at)),
        EventTime::On(day) => Some(day),
        EventTime::NotYet => Some(zone.day_of(world.facts.request().request_time)),
        EventTime::Unknown => None,
    };
    match (order.customer.birth, placed) {
        (Some(birth), Some(placed)) => Value::Number(i64::from(placed.full_years_since(birth))),
        _ => Value::Unknown,
    }
}

/// Whether units asked for now and used up before are all units of the order.
pub(super) fn asks_whole_order(facts: &Facts<'_>, rows: &[RowIndex]) -> bool {
    let order = facts.order();
    order.lines.iter().enumerate().all(|(place, line)| {
        let asked: i32 = rows
            .iter()
            .filter(|r| r.line == place)
            .map(|r| r.quantity)
            .sum();
        asked.saturating_add(facts.consumed(place)) >= line.quantity
    })
}

/// Compares what the wanted goods cost with what the row's units are worth now: what was
/// paid for them less what was given back for them before.
fn wanted_worth<'a>(world: &World<'a, '_>) -> Value<'a> {
    let Some(price) = world.wanted_unit_price() else {
        return Value::Unknown;
    };
    let Some(worth) = world.facts.worth(&world.row) else {
        return Value::Unknown;
    };
    let place = match price.times(world.row.quantity).cmp(&worth) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Greater => 2,
    };
    word(WORTH.get(place).copied())
}
