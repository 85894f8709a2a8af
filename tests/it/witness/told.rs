//! What is told of a situation before facts of it are hidden.

use redress::domain::facts::Ask;
use redress::domain::time::{EventTime, Zone};

use crate::generate::Seed;
use crate::random::Situation;

/// Turns the days on which events happened to instants of them, in their order if that is
/// possible.
pub fn settle_days(situation: &mut Situation, zone: Zone, seed: &mut Seed) {
    let hour = seed.below(24) as i64;
    let latest = situation.decide_time;
    let settle = |time: &mut EventTime| {
        if let EventTime::On(day) = *time {
            *time = EventTime::At(day.start(zone).plus_hours(hour).min(latest));
        }
    };
    let Situation { order, request, .. } = situation;
    settle(&mut order.place);
    settle(&mut order.accept);
    order
        .customer
        .credentials_report
        .iter_mut()
        .for_each(settle);
    for line in &mut order.lines {
        settle(&mut line.confirm);
        settle(&mut line.design_confirm);
        settle(&mut line.production_start);
    }
    for parcel in &mut order.shipments {
        settle(&mut parcel.ship);
        settle(&mut parcel.deliver);
        settle(&mut parcel.collect);
        settle(&mut parcel.first_attempt);
        settle(&mut parcel.attempt_answer);
        settle(&mut parcel.warehouse_return);
    }
    settle(&mut request.statement_send);
    settle(&mut request.form_send);
    settle(&mut request.response.confirm_mail);
    let journey = &mut request.journey;
    settle(&mut journey.hand_over);
    settle(&mut journey.proof);
    settle(&mut journey.receive);
    settle(&mut journey.shop_request);
    settle(&mut journey.shop_collect);
    match &mut request.ask {
        Ask::CreditUse {
            next_order,
            goods_receive,
            ..
        } => {
            settle(next_order);
            settle(goods_receive);
        }
        Ask::ShopEvent {
            address_query,
            address_answer,
            cancel,
            ..
        } => {
            settle(address_query);
            settle(address_answer);
            settle(cancel);
        }
        _ => {}
    }
}

/// Supplies what the customer can be asked to supply.
pub fn supply(situation: &mut Situation) {
    let request = &mut situation.request;
    request.statement_clear = Some(true);
    request.order_number_quoted = Some(true);
    if request.form_send == EventTime::NotYet {
        request.form_send = EventTime::At(request.request_time);
    }
    let evidence = &mut request.evidence;
    evidence.photos = Some(true);
    evidence.description = Some(true);
    evidence.personal_data = Some(true);
    evidence.return_form = Some(true);
}
