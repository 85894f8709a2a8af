//! Writes a request back as the message that would ask it.

use redress_client::pb;
use redress_client::pb::customer_request::Action;
use redress_client::pb::event_time::State;

use super::nanos;
use crate::domain::facts as f;
use crate::domain::id::CallerId;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{EventTime, Instant};
use crate::rpc::enums::{self, Wire};

/// Writes a request about an order in this currency. Reading it gives the same
/// request.
pub fn request(currency: Currency, request: &f::Request) -> pb::CustomerRequest {
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
        ask,
    } = request;
    pb::CustomerRequest {
        claim_id: id(claim_id.as_ref()),
        request_time: Some(timestamp(*request_time)),
        statement_send_time: event(*statement_send),
        form_send_time: event(*form_send),
        channel: enums::write(*channel),
        requester: enums::write(*requester),
        order_number_quoted: enums::write(*order_number_quoted),
        statement_clear: enums::write(*statement_clear),
        lines: lines.iter().map(|l| line(currency, l)).collect(),
        wants: enums::write(*wants),
        evidence: unless_empty(evidence(supplied)),
        journey: unless_empty(journey(currency, way_back)),
        response: unless_empty(response(reply)),
        action: Some(action(currency, ask)),
    }
}

/// Leaves out a message that says nothing: absent and empty mean the same.
fn unless_empty<M: Default + PartialEq>(message: M) -> Option<M> {
    (message != M::default()).then_some(message)
}

fn id(id: Option<&CallerId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

fn word(word: Option<&str>) -> String {
    word.unwrap_or_default().to_owned()
}

fn amount(currency: Currency, amount: Option<Amount>) -> String {
    amount.map(|a| a.text(currency)).unwrap_or_default()
}

fn timestamp(instant: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: instant.unix_seconds(),
        nanos: nanos(instant),
    }
}

fn event(time: EventTime) -> Option<pb::EventTime> {
    let state = match time {
        EventTime::Unknown => return None,
        EventTime::NotYet => State::NotYet(pb::NotYet {}),
        EventTime::At(instant) => State::Time(timestamp(instant)),
        EventTime::On(day) => State::Date(day.to_string()),
    };
    Some(pb::EventTime { state: Some(state) })
}

fn line(currency: Currency, line: &f::RequestLine) -> pb::RequestLine {
    let f::RequestLine { line: id, groups } = line;
    pb::RequestLine {
        line_id: id.to_string(),
        groups: groups.iter().map(|g| group(currency, g)).collect(),
    }
}

fn group(currency: Currency, group: &f::UnitGroup) -> pb::UnitGroup {
    let f::UnitGroup {
        quantity,
        shipment,
        condition: state,
        finding: found,
    } = group;
    pb::UnitGroup {
        quantity: *quantity,
        shipment_id: id(shipment.as_ref()),
        condition: unless_empty(condition(state)),
        finding: unless_empty(finding(currency, found)),
    }
}

fn condition(state: &f::Condition) -> pb::Condition {
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
    pb::Condition {
        worn: enums::write(*worn),
        altered: enums::write(*altered),
        damaged: enums::write(*damaged),
        stained: enums::write(*stained),
        contents_complete: enums::write(*contents_complete),
        packaging_complete: enums::write(*packaging_complete),
        labels_present: enums::write(*labels_present),
        accessories_present: enums::write(*accessories_present),
        seal_intact: enums::write(*seal_intact),
        tape_present: enums::write(*tape_present),
        customer_fault: enums::write(*customer_fault),
    }
}

fn finding(currency: Currency, found: &f::Finding) -> pb::Finding {
    let f::Finding {
        defect,
        defect_at_delivery,
        used_beyond_testing,
        deterioration,
        value_loss,
        instructions_followed,
    } = found;
    pb::Finding {
        defect: enums::write(*defect),
        defect_at_delivery: enums::write(*defect_at_delivery),
        used_beyond_testing: enums::write(*used_beyond_testing),
        deterioration_amount: amount(currency, *deterioration),
        value_loss_amount: amount(currency, *value_loss),
        instructions_followed: enums::write(*instructions_followed),
    }
}

fn evidence(supplied: &f::Evidence) -> pb::Evidence {
    let f::Evidence {
        photos,
        description,
        personal_data,
        return_form,
    } = supplied;
    pb::Evidence {
        photos: enums::write(*photos),
        description: enums::write(*description),
        personal_data: enums::write(*personal_data),
        return_form: enums::write(*return_form),
    }
}

fn journey(currency: Currency, way_back: &f::Journey) -> pb::ReturnJourney {
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
    pb::ReturnJourney {
        method: enums::write(*method),
        hand_over_time: event(*hand_over),
        proof_time: event(*proof),
        receive_time: event(*receive),
        paid: amount(currency, *paid),
        freight_collect: enums::write(*freight_collect),
        parcel_count: *parcel_count,
        address_correct: enums::write(*address_correct),
        lost: enums::write(*lost),
        shop_request_time: event(*shop_request),
        shop_collect_time: event(*shop_collect),
        collection_cost: amount(currency, *collection_cost),
        undelivered_cost: amount(currency, *undelivered_cost),
    }
}

fn response(reply: &f::Response) -> pb::ShopResponse {
    let f::Response {
        confirmed,
        confirm_mail,
        return_accepted,
    } = reply;
    pb::ShopResponse {
        confirmed: enums::write(*confirmed),
        confirm_mail_time: event(*confirm_mail),
        return_accepted: enums::write(*return_accepted),
    }
}

fn action(currency: Currency, ask: &f::Ask) -> Action {
    match ask {
        f::Ask::Return { reason } => Action::Return(pb::ReturnAction {
            reason: word(reason.as_deref()),
        }),
        f::Ask::Withdrawal => Action::Withdrawal(pb::WithdrawalAction {}),
        f::Ask::Exchange {
            reason,
            wanted_unit_price,
            wanted_available,
        } => Action::Exchange(pb::ExchangeAction {
            reason: word(reason.as_deref()),
            wanted_unit_price: amount(currency, *wanted_unit_price),
            wanted_available: enums::write(*wanted_available),
        }),
        f::Ask::Cancellation { reason } => Action::Cancellation(pb::CancellationAction {
            reason: word(reason.as_deref()),
        }),
        f::Ask::Change { kind } => Action::Change(pb::ChangeAction {
            kind: enums::write(*kind),
        }),
        f::Ask::Claim {
            kind,
            defect_type,
            text_language,
            translation_free,
            text_author,
            courier_informed,
        } => Action::Claim(pb::ClaimAction {
            kind: enums::write(*kind),
            defect_type: word(defect_type.as_deref()),
            text_language_code: word(text_language.as_deref()),
            translation_free: enums::write(*translation_free),
            text_author: enums::write(*text_author),
            courier_informed: enums::write(*courier_informed),
        }),
        f::Ask::DeliveryProblem {
            kind,
            cause,
            visibly_damaged,
            address_corrected,
        } => Action::DeliveryProblem(pb::DeliveryProblemAction {
            kind: enums::write(*kind),
            cause: enums::write(*cause),
            visibly_damaged: enums::write(*visibly_damaged),
            address_corrected: enums::write(*address_corrected),
        }),
        f::Ask::CreditUse {
            credit,
            next_order,
            goods_receive,
            payout,
        } => Action::CreditUse(pb::CreditUseAction {
            credit_amount: amount(currency, *credit),
            next_order_time: event(*next_order),
            goods_receive_time: event(*goods_receive),
            payout: enums::write(*payout),
        }),
        f::Ask::ShopEvent {
            kind,
            address_query,
            address_answer,
            cancel,
        } => Action::ShopEvent(pb::ShopEventAction {
            kind: kind.write(),
            address_query_time: event(*address_query),
            address_answer_time: event(*address_answer),
            cancel_time: event(*cancel),
        }),
    }
}
