//! Reads the request of the customer, or what happened on the shop's side.

use redress_client::pb;
use redress_client::pb::customer_request::Action;

use super::at::At;
use super::paths::paths;
use super::reader::{Read, Reader};
use super::shared;
use crate::domain::facts::{
    Ask, Condition, Evidence, Finding, Journey, Request, RequestLine, Response, UnitGroup,
};
use crate::domain::limits::{MAX_GROUPS, MAX_LINES};
use crate::domain::time::Instant;
use crate::domain::violation::ViolationKind;

/// Reads a request of which nothing is known but when it is made, unless it says that
/// itself. What cannot be read stays unknown: the request is still checked, and never
/// used.
pub(super) fn request<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::CustomerRequest,
    request: &mut Request<'t>,
) {
    let pb::CustomerRequest {
        claim_id,
        request_time,
        statement_send_time,
        form_send_time,
        channel,
        requester,
        order_number_quoted,
        statement_clear,
        lines: asked,
        wants,
        evidence: supplied,
        journey: way_back,
        response: reply,
        unavailable_paths,
        all_units,
        action,
    } = message;
    request.claim_id = r.optional_id(at, "claim_id", claim_id);
    let now = request.request_time;
    request.request_time = instant_or(r, at, "request_time", request_time.as_ref(), now);
    request.statement_send = r.event(at, "statement_send_time", statement_send_time.as_ref());
    request.form_send = r.event(at, "form_send_time", form_send_time.as_ref());
    request.channel = r.choice(at, "channel", *channel);
    request.requester = r.choice(at, "requester", *requester);
    request.order_number_quoted = r.choice(at, "order_number_quoted", *order_number_quoted);
    request.statement_clear = r.choice(at, "statement_clear", *statement_clear);
    if asked.is_empty() {
        r.missing(at, "lines", "name the units that the request is about");
    }
    r.list_into(at, "lines", asked, MAX_LINES, &mut request.lines);
    request.wants = r.choice(at, "wants", *wants);
    if let Some(supplied) = supplied {
        request.evidence = evidence(r, &at.field("evidence"), supplied);
    }
    if let Some(way_back) = way_back {
        request.journey = journey(r, &at.field("journey"), way_back);
    }
    if let Some(reply) = reply {
        request.response = response(r, &at.field("response"), reply);
    }
    if !unavailable_paths.is_empty() {
        request.unavailable = paths(r, at, "unavailable_paths", unavailable_paths);
    }
    if let Some(all) = all_units {
        shared::units(r, &at.field("all_units"), all);
    }
    if let Some(ask) = ask(r, at, action.as_ref()) {
        request.ask = ask;
    }
}

/// Reads an instant that may be left out for another.
pub(super) fn instant_or(
    r: &mut Reader,
    at: &At<'_>,
    name: &'static str,
    time: Option<&prost_types::Timestamp>,
    otherwise: Instant,
) -> Instant {
    time.and_then(|t| r.instant(at, name, t))
        .unwrap_or(otherwise)
}

impl<'t> Read<'t, pb::RequestLine> for RequestLine<'t> {
    #[inline]
    fn unknown() -> Self {
        RequestLine::unknown()
    }

    #[inline]
    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::RequestLine) {
        let pb::RequestLine { line_id, groups } = message;
        self.line = r.element_id(at, "line_id", line_id);
        if groups.is_empty() {
            r.missing(at, "groups", "name at least one group of units");
        }
        r.list_into(at, "groups", groups, MAX_GROUPS, &mut self.groups);
    }
}

impl<'t> Read<'t, pb::UnitGroup> for UnitGroup<'t> {
    #[inline]
    fn unknown() -> Self {
        UnitGroup::unknown()
    }

    #[inline]
    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::UnitGroup) {
        let pb::UnitGroup {
            quantity,
            shipment_id,
            condition: state,
            finding: found,
        } = message;
        r.quantity(at, "quantity", *quantity);
        self.quantity = *quantity;
        self.shipment = r.optional_id(at, "shipment_id", shipment_id);
        if let Some(state) = state {
            condition(r, &at.field("condition"), state, &mut self.condition);
        }
        if let Some(found) = found {
            self.finding = finding(r, &at.field("finding"), found);
        }
    }
}

#[inline]
fn condition(r: &mut Reader, at: &At<'_>, message: &pb::Condition, state: &mut Condition) {
    let pb::Condition {
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
    } = message;
    state.worn = r.choice(at, "worn", *worn);
    state.altered = r.choice(at, "altered", *altered);
    state.damaged = r.choice(at, "damaged", *damaged);
    state.stained = r.choice(at, "stained", *stained);
    state.contents_complete = r.choice(at, "contents_complete", *contents_complete);
    state.packaging_complete = r.choice(at, "packaging_complete", *packaging_complete);
    state.labels_present = r.choice(at, "labels_present", *labels_present);
    state.accessories_present = r.choice(at, "accessories_present", *accessories_present);
    state.seal_intact = r.choice(at, "seal_intact", *seal_intact);
    state.tape_present = r.choice(at, "tape_present", *tape_present);
    state.customer_fault = r.choice(at, "customer_fault", *customer_fault);
}

fn finding(r: &mut Reader, at: &At<'_>, message: &pb::Finding) -> Finding {
    let pb::Finding {
        defect,
        defect_at_delivery,
        used_beyond_testing,
        deterioration_amount,
        value_loss_amount,
        instructions_followed,
    } = message;
    Finding {
        defect: r.choice(at, "defect", *defect),
        defect_at_delivery: r.choice(at, "defect_at_delivery", *defect_at_delivery),
        used_beyond_testing: r.choice(at, "used_beyond_testing", *used_beyond_testing),
        deterioration: r.amount(at, "deterioration_amount", deterioration_amount),
        value_loss: r.amount(at, "value_loss_amount", value_loss_amount),
        instructions_followed: r.choice(at, "instructions_followed", *instructions_followed),
    }
}

fn evidence(r: &mut Reader, at: &At<'_>, message: &pb::Evidence) -> Evidence {
    let pb::Evidence {
        photos,
        description,
        personal_data,
        return_form,
    } = message;
    Evidence {
        photos: r.choice(at, "photos", *photos),
        description: r.choice(at, "description", *description),
        personal_data: r.choice(at, "personal_data", *personal_data),
        return_form: r.choice(at, "return_form", *return_form),
    }
}

fn journey(r: &mut Reader, at: &At<'_>, message: &pb::ReturnJourney) -> Journey {
    let pb::ReturnJourney {
        method,
        hand_over_time,
        proof_time,
        receive_time,
        paid,
        freight_collect,
        parcel_count,
        address_correct,
        lost,
        shop_request_time,
        shop_collect_time,
        collection_cost,
        undelivered_cost,
    } = message;
    if let Some(count) = parcel_count
        && *count < 1
    {
        let why = format!("is {count}; give at least 1, or leave it out if it is unknown");
        r.wrong(at, "parcel_count", ViolationKind::OutOfRange, why);
    }
    Journey {
        method: r.choice(at, "method", *method),
        hand_over: r.event(at, "hand_over_time", hand_over_time.as_ref()),
        proof: r.event(at, "proof_time", proof_time.as_ref()),
        receive: r.event(at, "receive_time", receive_time.as_ref()),
        paid: r.amount(at, "paid", paid),
        freight_collect: r.choice(at, "freight_collect", *freight_collect),
        parcel_count: *parcel_count,
        address_correct: r.choice(at, "address_correct", *address_correct),
        lost: r.choice(at, "lost", *lost),
        shop_request: r.event(at, "shop_request_time", shop_request_time.as_ref()),
        shop_collect: r.event(at, "shop_collect_time", shop_collect_time.as_ref()),
        collection_cost: r.amount(at, "collection_cost", collection_cost),
        undelivered_cost: r.amount(at, "undelivered_cost", undelivered_cost),
    }
}

fn response(r: &mut Reader, at: &At<'_>, message: &pb::ShopResponse) -> Response {
    let pb::ShopResponse {
        confirmed,
        confirm_mail_time,
        return_accepted,
    } = message;
    Response {
        confirmed: r.choice(at, "confirmed", *confirmed),
        confirm_mail: r.event(at, "confirm_mail_time", confirm_mail_time.as_ref()),
        return_accepted: r.choice(at, "return_accepted", *return_accepted),
    }
}

fn ask<'t>(r: &mut Reader, parent: &At<'_>, action: Option<&'t Action>) -> Option<Ask<'t>> {
    let Some(action) = action else {
        r.missing(
            parent,
            "action",
            "set one of `return` to `shop_event`: what is asked for",
        );
        return None;
    };
    Some(match action {
        Action::Return(pb::ReturnAction { reason }) => {
            let at = &parent.field("return");
            Ask::Return {
                reason: r.word(at, "reason", reason),
            }
        }
        Action::Withdrawal(pb::WithdrawalAction {}) => Ask::Withdrawal,
        Action::Exchange(message) => {
            let pb::ExchangeAction {
                reason,
                wanted_unit_price,
                wanted_available,
            } = message;
            let at = &parent.field("exchange");
            Ask::Exchange {
                reason: r.word(at, "reason", reason),
                wanted_unit_price: r.amount(at, "wanted_unit_price", wanted_unit_price),
                wanted_available: r.choice(at, "wanted_available", *wanted_available),
            }
        }
        Action::Cancellation(pb::CancellationAction { reason }) => {
            let at = &parent.field("cancellation");
            Ask::Cancellation {
                reason: r.word(at, "reason", reason),
            }
        }
        Action::Change(pb::ChangeAction { kind }) => {
            let at = &parent.field("change");
            Ask::Change {
                kind: r.choice(at, "kind", *kind),
            }
        }
        Action::Claim(message) => claim(r, &parent.field("claim"), message),
        Action::DeliveryProblem(message) => {
            let pb::DeliveryProblemAction {
                kind,
                cause,
                visibly_damaged,
                address_corrected,
            } = message;
            let at = &parent.field("delivery_problem");
            Ask::DeliveryProblem {
                kind: r.choice(at, "kind", *kind),
                cause: r.choice(at, "cause", *cause),
                visibly_damaged: r.choice(at, "visibly_damaged", *visibly_damaged),
                address_corrected: r.choice(at, "address_corrected", *address_corrected),
            }
        }
        Action::CreditUse(message) => {
            let pb::CreditUseAction {
                credit_amount,
                next_order_time,
                goods_receive_time,
                payout,
            } = message;
            let at = &parent.field("credit_use");
            Ask::CreditUse {
                credit: r.amount(at, "credit_amount", credit_amount),
                next_order: r.event(at, "next_order_time", next_order_time.as_ref()),
                goods_receive: r.event(at, "goods_receive_time", goods_receive_time.as_ref()),
                payout: r.choice(at, "payout", *payout),
            }
        }
        Action::ShopEvent(message) => shop_event(r, &parent.field("shop_event"), message)?,
    })
}

fn claim<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::ClaimAction) -> Ask<'t> {
    let pb::ClaimAction {
        kind,
        defect_type,
        text_language_code,
        translation_free,
        text_author,
        courier_informed,
    } = message;
    Ask::Claim {
        kind: r.choice(at, "kind", *kind),
        defect_type: r.word(at, "defect_type", defect_type),
        text_language: r.language(at, "text_language_code", text_language_code),
        translation_free: r.choice(at, "translation_free", *translation_free),
        text_author: r.choice(at, "text_author", *text_author),
        courier_informed: r.choice(at, "courier_informed", *courier_informed),
    }
}

fn shop_event<'t>(r: &mut Reader, at: &At<'_>, message: &pb::ShopEventAction) -> Option<Ask<'t>> {
    let pb::ShopEventAction {
        kind,
        address_query_time,
        address_answer_time,
        cancel_time,
    } = message;
    let kind = r.required_choice(at, "kind", *kind, "say what happened");
    let address_query = r.event(at, "address_query_time", address_query_time.as_ref());
    let address_answer = r.event(at, "address_answer_time", address_answer_time.as_ref());
    let cancel = r.event(at, "cancel_time", cancel_time.as_ref());
    Some(Ask::ShopEvent {
        kind: kind?,
        address_query,
        address_answer,
        cancel,
    })
}
