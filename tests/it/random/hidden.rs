//! Hides given facts: what an order or a request leaves out.

use redress::domain::facts::{Ask, Line, RequestLine, Shipment};
use redress::domain::time::EventTime;

use super::Situation;
use crate::generate::Seed;

/// Makes a fact unknown.
type Hide = fn(&mut Situation, &mut Seed);

/// Makes one given fact unknown.
pub(super) fn hide(situation: &mut Situation, seed: &mut Seed) {
    let lists = [ORDER, LINE, PARCEL, REQUEST];
    let list = match seed.below(5) {
        4 => return hide_ask(situation, seed),
        other => lists[other],
    };
    seed.pick(list)(situation, seed);
}

const UNKNOWN: EventTime = EventTime::Unknown;

const ORDER: &[Hide] = &[
    |s, _| s.order.place = UNKNOWN,
    |s, _| s.order.accept = UNKNOWN,
    |s, _| s.order.customer.kind = None,
    |s, _| s.order.customer.registered = None,
    |s, _| s.order.customer.credentials_report = None,
    |s, _| s.order.sales_channel = None,
    |s, _| s.order.delivery_region = None,
    |s, _| s.order.charged = None,
    |s, _| s.order.data_complete = None,
    |s, _| s.order.gift = None,
    |s, _| s.order.return_agreed = None,
    |s, _| s.order.tags.complete = None,
    |s, _| s.order.attributes.clear(),
    |s, _| s.order.options_complete = None,
    |s, seed| hide_in_option(s, seed, |option| option.paid = None),
    |s, seed| hide_in_option(s, seed, |option| option.used = None),
    |s, _| s.order.delivery.method = None,
    |s, _| s.order.delivery.paid = None,
    |s, _| s.order.delivery.standard_cost = None,
    |s, _| s.order.delivery.promise = None,
    |s, _| s.order.discount = None,
    |s, _| s.order.total_paid = None,
    |s, _| s.order.payments.clear(),
    |s, seed| {
        let place = seed.below(s.order.payments.len());
        s.order
            .payments
            .iter_mut()
            .skip(place)
            .take(1)
            .for_each(|p| p.method = None);
    },
];

const LINE: &[Hide] = &[
    |s, seed| line(s, seed).unit_price = None,
    |s, seed| line(s, seed).discount = None,
    |s, seed| line(s, seed).category = None,
    |s, seed| line(s, seed).personalized = None,
    |s, seed| line(s, seed).tags.complete = None,
    |s, seed| line(s, seed).tag_reason = None,
    |s, seed| line(s, seed).attributes.clear(),
    |s, seed| line(s, seed).set = None,
    |s, seed| line(s, seed).available = None,
    |s, seed| line(s, seed).confirm = UNKNOWN,
    |s, seed| line(s, seed).design_confirm = UNKNOWN,
    |s, seed| line(s, seed).production_start = UNKNOWN,
];

const PARCEL: &[Hide] = &[
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.ship = UNKNOWN),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.deliver = UNKNOWN),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.receiver = None),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.collect = UNKNOWN),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.first_attempt = UNKNOWN),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.attempt_answer = UNKNOWN),
    |s, seed| hide_in_parcel(s, seed, |parcel| parcel.zone = None),
];

const REQUEST: &[Hide] = &[
    |s, _| s.request.statement_send = UNKNOWN,
    |s, _| s.request.form_send = UNKNOWN,
    |s, _| s.request.channel = None,
    |s, _| s.request.requester = None,
    |s, _| s.request.journey.method = None,
    |s, _| s.request.journey.address_correct = None,
    |s, seed| {
        let asked: &mut RequestLine<'static> = some(&mut s.request.lines, seed);
        some(&mut asked.groups, seed).shipment = None;
    },
];

fn some<'l, T>(list: &'l mut [T], seed: &mut Seed) -> &'l mut T {
    &mut list[seed.below(list.len())]
}

fn line<'l>(s: &'l mut Situation, seed: &mut Seed) -> &'l mut Line<'static> {
    some(&mut s.order.lines, seed)
}

fn hide_in_parcel(s: &mut Situation, seed: &mut Seed, hide: fn(&mut Shipment<'static>)) {
    if !s.order.shipments.is_empty() {
        hide(some(&mut s.order.shipments, seed));
    }
}

fn hide_in_option(
    s: &mut Situation,
    seed: &mut Seed,
    hide: fn(&mut redress::domain::facts::OrderOption<'static>),
) {
    if !s.order.options.is_empty() {
        hide(some(&mut s.order.options, seed));
    }
}

/// Makes one fact of what is asked for unknown; of a withdrawal there is none.
fn hide_ask(situation: &mut Situation, seed: &mut Seed) {
    let which = seed.below(6);
    match &mut situation.request.ask {
        Ask::Return { reason } | Ask::Cancellation { reason } => *reason = None,
        Ask::Withdrawal => {}
        Ask::Exchange {
            reason,
            wanted_unit_price,
            wanted_available,
        } => match which {
            0 | 1 => *reason = None,
            2 | 3 => *wanted_unit_price = None,
            _ => *wanted_available = None,
        },
        Ask::Change { kind } => *kind = None,
        Ask::Claim {
            kind,
            defect_type,
            text_language,
            translation_free,
            text_author,
            courier_informed,
        } => match which {
            0 => *kind = None,
            1 => *defect_type = None,
            2 => *text_language = None,
            3 => *translation_free = None,
            4 => *text_author = None,
            _ => *courier_informed = None,
        },
        Ask::DeliveryProblem {
            kind,
            cause,
            visibly_damaged,
            address_corrected,
        } => match which {
            0 | 1 => *kind = None,
            2 | 3 => *cause = None,
            4 => *visibly_damaged = None,
            _ => *address_corrected = None,
        },
        Ask::CreditUse {
            credit,
            next_order,
            goods_receive,
            payout,
        } => match which {
            0 | 1 => *credit = None,
            2 => *next_order = UNKNOWN,
            3 => *goods_receive = UNKNOWN,
            _ => *payout = None,
        },
        Ask::ShopEvent {
            kind: _,
            address_query,
            address_answer,
            cancel: _,
        } => match which {
            0..3 => *address_query = UNKNOWN,
            _ => *address_answer = UNKNOWN,
        },
    }
}
