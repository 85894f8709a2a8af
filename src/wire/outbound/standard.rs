// Generated from the options of `proto/redress/v1` by `cargo run -p redress-generate`.

use redress_client::pb;
use redress_client::pb::customer_request::Action;

use super::request::FactWriter;
use crate::domain::facts as f;
use crate::domain::facts::{ActionFacts, RequestFacts, UnitsFacts};
use crate::domain::vocabulary::{Event, Fact};

/// Writes the facts and events of `Evidence`.
pub(super) fn evidence(t: FactWriter, from: &RequestFacts<'_>) -> pb::Evidence {
    pb::Evidence {
        photos: t.yes_no(from.get(Fact::Photos)),
        description: t.yes_no(from.get(Fact::Description)),
        personal_data: t.yes_no(from.get(Fact::PersonalData)),
        return_form: t.yes_no(from.get(Fact::ReturnForm)),
    }
}

/// Writes the facts and events of `ReturnJourney`.
pub(super) fn return_journey(t: FactWriter, from: &RequestFacts<'_>) -> pb::ReturnJourney {
    pb::ReturnJourney {
        method: t.number_of(from.get(Fact::ReturnMethod), &["post", "store", "collection"]),
        hand_over_time: t.event(from.event(Event::HandOver)),
        proof_time: t.event(from.event(Event::Proof)),
        receive_time: t.event(from.event(Event::Receive)),
        paid: t.amount(from.get(Fact::ReturnPaid)),
        freight_collect: t.yes_no(from.get(Fact::FreightCollect)),
        parcel_count: t.number(from.get(Fact::ParcelCount)),
        address_correct: t.yes_no(from.get(Fact::AddressCorrect)),
        lost: t.yes_no(from.get(Fact::ReturnLost)),
        shop_request_time: t.event(from.event(Event::ShopRequest)),
        shop_collect_time: t.event(from.event(Event::ShopCollect)),
        collection_cost: t.amount(from.get(Fact::CollectionCost)),
        undelivered_cost: t.amount(from.get(Fact::UndeliveredCost)),
    }
}

/// Writes the facts and events of `ShopResponse`.
pub(super) fn shop_response(t: FactWriter, from: &RequestFacts<'_>) -> pb::ShopResponse {
    pb::ShopResponse {
        confirmed: t.yes_no(from.get(Fact::Confirmed)),
        confirm_mail_time: t.event(from.event(Event::ConfirmMail)),
        return_accepted: t.yes_no(from.get(Fact::ReturnAccepted)),
    }
}

/// Writes the facts and events of `CustomerRequest`.
pub(super) fn customer_request(t: FactWriter, from: &RequestFacts<'_>) -> pb::CustomerRequest {
    pb::CustomerRequest {
        statement_send_time: t.event(from.event(Event::StatementSend)),
        form_send_time: t.event(from.event(Event::FormSend)),
        channel: t.number_of(from.get(Fact::Channel), &["email", "contact_form", "prescribed_form", "post", "telephone", "chat", "store"]),
        requester: t.number_of(from.get(Fact::Requester), &["buyer", "recipient", "shop"]),
        order_number_quoted: t.yes_no(from.get(Fact::OrderNumberQuoted)),
        statement_clear: t.yes_no(from.get(Fact::StatementClear)),
        evidence: t.unless_empty(evidence(t, from)),
        journey: t.unless_empty(return_journey(t, from)),
        response: t.unless_empty(shop_response(t, from)),
        ..pb::CustomerRequest::default()
    }
}

/// Writes the facts and events of `Condition`.
pub(super) fn condition(t: FactWriter, from: &UnitsFacts<'_>) -> pb::Condition {
    pb::Condition {
        worn: t.yes_no(from.get(Fact::Worn)),
        altered: t.yes_no(from.get(Fact::Altered)),
        damaged: t.yes_no(from.get(Fact::Damaged)),
        stained: t.yes_no(from.get(Fact::Stained)),
        contents_complete: t.yes_no(from.get(Fact::ContentsComplete)),
        packaging_complete: t.yes_no(from.get(Fact::PackagingComplete)),
        labels_present: t.yes_no(from.get(Fact::LabelsPresent)),
        accessories_present: t.yes_no(from.get(Fact::AccessoriesPresent)),
        seal_intact: t.yes_no(from.get(Fact::SealIntact)),
        customer_fault: t.yes_no(from.get(Fact::CustomerFault)),
    }
}

/// Writes the facts and events of `Finding`.
pub(super) fn finding(t: FactWriter, from: &UnitsFacts<'_>) -> pb::Finding {
    pb::Finding {
        defect: t.number_of(from.get(Fact::Defect), &["confirmed", "not_significant", "caused_by_customer", "none"]),
        defect_at_delivery: t.yes_no(from.get(Fact::DefectAtDelivery)),
        used_beyond_testing: t.yes_no(from.get(Fact::UsedBeyondTesting)),
        deterioration_amount: t.amount(from.get(Fact::Deterioration)),
        value_loss_amount: t.amount(from.get(Fact::ValueLoss)),
        instructions_followed: t.yes_no(from.get(Fact::InstructionsFollowed)),
    }
}

/// Writes the facts and events of `UnitGroup`.
pub(super) fn unit_group(t: FactWriter, from: &UnitsFacts<'_>) -> pb::UnitGroup {
    pb::UnitGroup {
        condition: t.unless_empty(condition(t, from)),
        finding: t.unless_empty(finding(t, from)),
        ..pb::UnitGroup::default()
    }
}

/// Writes the facts and events of `ReturnAction`.
pub(super) fn return_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::ReturnAction {
    pb::ReturnAction {
        reason: t.word(from.get(Fact::ReturnReason)),
    }
}

/// Writes the facts and events of `ExchangeAction`.
pub(super) fn exchange_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::ExchangeAction {
    pb::ExchangeAction {
        reason: t.word(from.get(Fact::ExchangeReason)),
        wanted_unit_price: t.amount(from.get(Fact::WantedUnitPrice)),
        wanted_available: t.yes_no(from.get(Fact::WantedAvailable)),
        wanted_same_product: t.yes_no(from.get(Fact::WantedSameProduct)),
    }
}

/// Writes the facts and events of `CancellationAction`.
pub(super) fn cancellation_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::CancellationAction {
    pb::CancellationAction {
        reason: t.word(from.get(Fact::CancellationReason)),
    }
}

/// Writes the facts and events of `ChangeAction`.
pub(super) fn change_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::ChangeAction {
    pb::ChangeAction {
        kind: t.number_of(from.get(Fact::ChangeKind), &["size", "color", "address", "design", "delivery", "other"]),
    }
}

/// Writes the facts and events of `ClaimAction`.
pub(super) fn claim_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::ClaimAction {
    pb::ClaimAction {
        kind: t.number_of(from.get(Fact::ClaimKind), &["damaged", "defective", "wrong_item", "different", "missing_item", "packaging", "not_ordered", "price"]),
        defect_type: t.word(from.get(Fact::DefectType)),
    }
}

/// Writes the facts and events of `DeliveryProblemAction`.
pub(super) fn delivery_problem_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::DeliveryProblemAction {
    pb::DeliveryProblemAction {
        kind: t.number_of(from.get(Fact::DeliveryProblemKind), &["delay", "lost", "undeliverable", "refused"]),
        cause: t.number_of(from.get(Fact::Cause), &["customer", "shop", "carrier", "other"]),
    }
}

/// Writes the facts and events of `CreditUseAction`.
pub(super) fn credit_use_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::CreditUseAction {
    pb::CreditUseAction {
        credit_amount: t.amount(from.get(Fact::CreditAmount)),
        next_order_time: t.event(from.event(Event::NextOrder)),
        goods_receive_time: t.event(from.event(Event::CreditGoodsReceive)),
        payout: t.yes_no(from.get(Fact::Payout)),
    }
}

/// Writes the facts and events of `ShopEventAction`.
pub(super) fn shop_event_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::ShopEventAction {
    pb::ShopEventAction {
        kind: t.number_of(from.get(Fact::ShopEventKind), &["address_unanswered", "out_of_stock", "order_not_accepted", "parcel_returned"]),
        address_query_time: t.event(from.event(Event::AddressQuery)),
        address_answer_time: t.event(from.event(Event::AddressAnswer)),
        cancel_time: t.event(from.event(Event::ShopCancel)),
    }
}

/// Writes the facts and events of `OtherAction`.
pub(super) fn other_action(t: FactWriter, from: &ActionFacts<'_>) -> pb::OtherAction {
    pb::OtherAction {
        name: t.word(from.get(Fact::OtherAction)),
    }
}

/// Writes what is asked for.
pub(super) fn action(t: FactWriter, ask: &f::Ask<'_>) -> Action {
    match ask.action {
        f::Action::Return => Action::GoodsReturn(return_action(t, &ask.facts)),
        f::Action::Withdrawal => Action::Withdrawal(pb::WithdrawalAction {}),
        f::Action::Exchange => Action::Exchange(exchange_action(t, &ask.facts)),
        f::Action::Cancellation => Action::Cancellation(cancellation_action(t, &ask.facts)),
        f::Action::Change => Action::Change(change_action(t, &ask.facts)),
        f::Action::Claim => Action::Claim(claim_action(t, &ask.facts)),
        f::Action::DeliveryProblem => Action::DeliveryProblem(delivery_problem_action(t, &ask.facts)),
        f::Action::CreditUse => Action::CreditUse(credit_use_action(t, &ask.facts)),
        f::Action::ShopEvent => Action::ShopEvent(shop_event_action(t, &ask.facts)),
        f::Action::Other => Action::Other(other_action(t, &ask.facts)),
    }
}
