//! Writes a request back as the message that would ask it.

use super::encoder::Encoder;
use super::{amount, tag, timestamp};
use crate::domain::facts as f;
use crate::domain::id::CallerId;
use crate::domain::money::Currency;
use crate::domain::time::EventTime;
use crate::rpc::enums::{self, Wire};

/// Returns a request about an order in this currency as a message of its own, encoded.
/// Reading it gives the same request.
pub fn customer_request(currency: Currency, request: &f::Request<'_>) -> Vec<u8> {
    let mut to = Encoder::default();
    self::request(currency, &mut to, request);
    to.into_bytes()
}

/// Writes a request about an order in this currency.
pub(super) fn request(currency: Currency, to: &mut Encoder, request: &f::Request<'_>) {
    use tag::customer_request as t;
    let f::Request {
        claim_id,
        request_time,
        statement_send,
        form_send,
        channel,
        requester,
        order_number_quoted,
        statement_clear,
        lines,
        wants,
        evidence: supplied,
        journey: way_back,
        response: reply,
        unavailable,
        ask,
    } = request;
    to.text(t::CLAIM_ID, id(claim_id.as_ref()));
    timestamp(to, t::REQUEST_TIME, *request_time);
    event(to, t::STATEMENT_SEND_TIME, *statement_send);
    event(to, t::FORM_SEND_TIME, *form_send);
    to.number(t::CHANNEL, enums::write(*channel));
    to.number(t::REQUESTER, enums::write(*requester));
    to.number(t::ORDER_NUMBER_QUOTED, enums::write(*order_number_quoted));
    to.number(t::STATEMENT_CLEAR, enums::write(*statement_clear));
    to.list(t::LINES, lines.iter(), |to, l| line(currency, to, l));
    to.number(t::WANTS, enums::write(*wants));
    // Absent and empty mean the same.
    to.unless_empty(t::EVIDENCE, |to| evidence(to, supplied));
    to.unless_empty(t::JOURNEY, |to| journey(currency, to, way_back));
    to.unless_empty(t::RESPONSE, |to| response(to, reply));
    to.texts(t::UNAVAILABLE_PATHS, unavailable.iter().map(String::as_str));
    // What holds for all units was said of each of them.
    to.optional(t::ALL_UNITS, None, |to, all| group(currency, to, all));
    action(currency, to, ask);
}

fn id<'i>(id: Option<&'i CallerId<'_>>) -> &'i str {
    id.map_or("", |id| id.as_str())
}

fn event(to: &mut Encoder, tag: u32, time: EventTime) {
    use tag::event_time as t;
    match time {
        EventTime::Unknown => {}
        EventTime::NotYet => to.message(tag, |to| to.message(t::NOT_YET, |_| ())),
        EventTime::At(instant) => to.message(tag, |to| timestamp(to, t::TIME, instant)),
        EventTime::On(day) => to.message(tag, |to| to.text(t::DATE, &day.to_string())),
    }
}

fn line(currency: Currency, to: &mut Encoder, line: &f::RequestLine<'_>) {
    use tag::request_line as t;
    let f::RequestLine { line: id, groups } = line;
    to.text(t::LINE_ID, id.as_str());
    to.list(t::GROUPS, groups.iter(), |to, g| group(currency, to, g));
}

fn group(currency: Currency, to: &mut Encoder, group: &f::UnitGroup<'_>) {
    use tag::unit_group as t;
    let f::UnitGroup {
        quantity,
        shipment,
        condition: state,
        finding: found,
    } = group;
    to.number(t::QUANTITY, *quantity);
    to.text(t::SHIPMENT_ID, id(shipment.as_ref()));
    to.unless_empty(t::CONDITION, |to| condition(to, state));
    to.unless_empty(t::FINDING, |to| finding(currency, to, found));
}

fn condition(to: &mut Encoder, state: &f::Condition) {
    use tag::condition as t;
    let f::Condition {
        worn,
        altered,
        damaged,
        stained,
        contents_complete,
        packaging_complete,
        labels_present,
        accessories_present,
        seal_intact,
        tape_present,
        customer_fault,
    } = state;
    to.number(t::WORN, enums::write(*worn));
    to.number(t::ALTERED, enums::write(*altered));
    to.number(t::DAMAGED, enums::write(*damaged));
    to.number(t::STAINED, enums::write(*stained));
    to.number(t::CONTENTS_COMPLETE, enums::write(*contents_complete));
    to.number(t::PACKAGING_COMPLETE, enums::write(*packaging_complete));
    to.number(t::LABELS_PRESENT, enums::write(*labels_present));
    to.number(t::ACCESSORIES_PRESENT, enums::write(*accessories_present));
    to.number(t::SEAL_INTACT, enums::write(*seal_intact));
    to.number(t::TAPE_PRESENT, enums::write(*tape_present));
    to.number(t::CUSTOMER_FAULT, enums::write(*customer_fault));
}

fn finding(currency: Currency, to: &mut Encoder, found: &f::Finding) {
    use tag::finding as t;
    let f::Finding {
        defect,
        defect_at_delivery,
        used_beyond_testing,
        deterioration,
        value_loss,
        instructions_followed,
    } = found;
    to.number(t::DEFECT, enums::write(*defect));
    to.number(t::DEFECT_AT_DELIVERY, enums::write(*defect_at_delivery));
    to.number(t::USED_BEYOND_TESTING, enums::write(*used_beyond_testing));
    amount(currency, to, t::DETERIORATION_AMOUNT, *deterioration);
    amount(currency, to, t::VALUE_LOSS_AMOUNT, *value_loss);
    to.number(
        t::INSTRUCTIONS_FOLLOWED,
        enums::write(*instructions_followed),
    );
}

fn evidence(to: &mut Encoder, supplied: &f::Evidence) {
    use tag::evidence as t;
    let f::Evidence {
        photos,
        description,
        personal_data,
        return_form,
    } = supplied;
    to.number(t::PHOTOS, enums::write(*photos));
    to.number(t::DESCRIPTION, enums::write(*description));
    to.number(t::PERSONAL_DATA, enums::write(*personal_data));
    to.number(t::RETURN_FORM, enums::write(*return_form));
}

fn journey(currency: Currency, to: &mut Encoder, way_back: &f::Journey) {
    use tag::return_journey as t;
    let f::Journey {
        method,
        hand_over,
        proof,
        receive,
        paid,
        freight_collect,
        parcel_count,
        address_correct,
        lost,
        shop_request,
        shop_collect,
        collection_cost,
        undelivered_cost,
    } = way_back;
    to.number(t::METHOD, enums::write(*method));
    event(to, t::HAND_OVER_TIME, *hand_over);
    event(to, t::PROOF_TIME, *proof);
    event(to, t::RECEIVE_TIME, *receive);
    amount(currency, to, t::PAID, *paid);
    to.number(t::FREIGHT_COLLECT, enums::write(*freight_collect));
    to.known_number(t::PARCEL_COUNT, *parcel_count);
    to.number(t::ADDRESS_CORRECT, enums::write(*address_correct));
    to.number(t::LOST, enums::write(*lost));
    event(to, t::SHOP_REQUEST_TIME, *shop_request);
    event(to, t::SHOP_COLLECT_TIME, *shop_collect);
    amount(currency, to, t::COLLECTION_COST, *collection_cost);
    amount(currency, to, t::UNDELIVERED_COST, *undelivered_cost);
}

fn response(to: &mut Encoder, reply: &f::Response) {
    use tag::shop_response as t;
    let f::Response {
        confirmed,
        confirm_mail,
        return_accepted,
    } = reply;
    to.number(t::CONFIRMED, enums::write(*confirmed));
    event(to, t::CONFIRM_MAIL_TIME, *confirm_mail);
    to.number(t::RETURN_ACCEPTED, enums::write(*return_accepted));
}

/// Writes what is asked for: one message of several.
fn action(currency: Currency, to: &mut Encoder, ask: &f::Ask<'_>) {
    use tag::customer_request as t;
    match ask {
        f::Ask::Return { reason } => to.message(t::RETURN, |to| {
            to.text(
                tag::return_action::REASON,
                reason.as_deref().unwrap_or_default(),
            );
        }),
        f::Ask::Withdrawal => to.message(t::WITHDRAWAL, |_| ()),
        f::Ask::Exchange {
            reason,
            wanted_unit_price,
            wanted_available,
        } => to.message(t::EXCHANGE, |to| {
            use tag::exchange_action as t;
            to.text(t::REASON, reason.as_deref().unwrap_or_default());
            amount(currency, to, t::WANTED_UNIT_PRICE, *wanted_unit_price);
            to.number(t::WANTED_AVAILABLE, enums::write(*wanted_available));
        }),
        f::Ask::Cancellation { reason } => to.message(t::CANCELLATION, |to| {
            to.text(
                tag::cancellation_action::REASON,
                reason.as_deref().unwrap_or_default(),
            );
        }),
        f::Ask::Change { kind } => to.message(t::CHANGE, |to| {
            to.number(tag::change_action::KIND, enums::write(*kind));
        }),
        f::Ask::Claim {
            kind,
            defect_type,
            text_language,
            translation_free,
            text_author,
            courier_informed,
        } => to.message(t::CLAIM, |to| {
            use tag::claim_action as t;
            to.number(t::KIND, enums::write(*kind));
            to.text(t::DEFECT_TYPE, defect_type.as_deref().unwrap_or_default());
            to.text(
                t::TEXT_LANGUAGE_CODE,
                text_language.as_deref().unwrap_or_default(),
            );
            to.number(t::TRANSLATION_FREE, enums::write(*translation_free));
            to.number(t::TEXT_AUTHOR, enums::write(*text_author));
            to.number(t::COURIER_INFORMED, enums::write(*courier_informed));
        }),
        f::Ask::DeliveryProblem {
            kind,
            cause,
            visibly_damaged,
            address_corrected,
        } => to.message(t::DELIVERY_PROBLEM, |to| {
            use tag::delivery_problem_action as t;
            to.number(t::KIND, enums::write(*kind));
            to.number(t::CAUSE, enums::write(*cause));
            to.number(t::VISIBLY_DAMAGED, enums::write(*visibly_damaged));
            to.number(t::ADDRESS_CORRECTED, enums::write(*address_corrected));
        }),
        f::Ask::CreditUse {
            credit,
            next_order,
            goods_receive,
            payout,
        } => to.message(t::CREDIT_USE, |to| {
            use tag::credit_use_action as t;
            amount(currency, to, t::CREDIT_AMOUNT, *credit);
            event(to, t::NEXT_ORDER_TIME, *next_order);
            event(to, t::GOODS_RECEIVE_TIME, *goods_receive);
            to.number(t::PAYOUT, enums::write(*payout));
        }),
        f::Ask::ShopEvent {
            kind,
            address_query,
            address_answer,
            cancel,
        } => to.message(t::SHOP_EVENT, |to| {
            use tag::shop_event_action as t;
            to.number(t::KIND, kind.write());
            event(to, t::ADDRESS_QUERY_TIME, *address_query);
            event(to, t::ADDRESS_ANSWER_TIME, *address_answer);
            event(to, t::CANCEL_TIME, *cancel);
        }),
    }
}
