// Generated from the options of `proto/redress/v1` by `cargo run -p redress-generate`.

use redress_client::pb;
use redress_client::pb::customer_request::Action;

use crate::domain::path::At;
use super::reader::Reader;
use crate::domain::facts as f;
use crate::domain::facts::{
    ActionFacts, LineFacts, OrderFacts, ParcelFacts, RequestFacts, UnitsFacts,
};
use crate::domain::vocabulary::{Event, Fact};

/// Takes the fields of `Order` apart that hold no facts.
macro_rules! order_fields {
    ($($field:tt)*) => { pb::Order { $($field)*, place_time: _, accept_time: _, sales_channel: _, delivery_region_code: _, charged: _, data_complete: _, gift: _, return_agreed: _, fraud_suspected: _, } };
}
pub(super) use order_fields;

/// Reads the facts and events of `Order`.
pub(super) fn order<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Order, to: &mut OrderFacts<'t>) {
    to.set_event(Event::Place, r.event(at, "place_time", m.place_time.as_ref()));
    to.set_event(Event::Accept, r.event(at, "accept_time", m.accept_time.as_ref()));
    to.set(Fact::SalesChannel, r.one_of(at, "sales_channel", m.sales_channel, "SalesChannel", &["online", "store", "telephone", "marketplace"]));
    to.set(Fact::DeliveryRegion, r.region(at, "delivery_region_code", &m.delivery_region_code).into());
    to.set(Fact::Charged, r.yes_no(at, "charged", m.charged));
    to.set(Fact::DataComplete, r.yes_no(at, "data_complete", m.data_complete));
    to.set(Fact::Gift, r.yes_no(at, "gift", m.gift));
    to.set(Fact::ReturnAgreed, r.yes_no(at, "return_agreed", m.return_agreed));
    to.set(Fact::FraudSuspected, r.yes_no(at, "fraud_suspected", m.fraud_suspected));
}

/// Takes the fields of `Customer` apart that hold no facts.
macro_rules! customer_fields {
    ($($field:tt)*) => { pb::Customer { $($field)*, kind: _, registered: _, birth_date: _, } };
}
pub(super) use customer_fields;

/// Reads the facts and events of `Customer`.
pub(super) fn customer<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Customer, to: &mut OrderFacts<'t>) {
    to.set(Fact::CustomerKind, r.one_of(at, "kind", m.kind, "CustomerKind", &["consumer", "business", "retailer", "mixed_purpose"]));
    to.set(Fact::Registered, r.yes_no(at, "registered", m.registered));
    to.set_event(Event::Birth, r.day(at, "birth_date", &m.birth_date).into());
}

/// Takes the fields of `Delivery` apart that hold no facts.
macro_rules! delivery_fields {
    ($($field:tt)*) => { pb::Delivery { $($field)*, promise_date: _, } };
}
pub(super) use delivery_fields;

/// Reads the facts and events of `Delivery`.
pub(super) fn delivery<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Delivery, to: &mut OrderFacts<'t>) {
    to.set_event(Event::Promise, r.day(at, "promise_date", &m.promise_date).into());
}

/// Takes the fields of `Line` apart that hold no facts.
macro_rules! line_fields {
    ($($field:tt)*) => { pb::Line { $($field)*, category: _, personalized: _, tag_reason: _, sealed: _, set: _, available: _, confirm_time: _, design_confirm_time: _, production_start_time: _, } };
}
pub(super) use line_fields;

/// Reads the facts and events of `Line`.
pub(super) fn line<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Line, to: &mut LineFacts<'t>) {
    to.set(Fact::Category, r.word(at, "category", &m.category).into());
    to.set(Fact::Personalized, r.yes_no(at, "personalized", m.personalized));
    to.set(Fact::TagReason, r.one_of(at, "tag_reason", m.tag_reason, "TagReason", &["seasonal", "custom_made", "hygiene", "other"]));
    to.set(Fact::Sealed, r.yes_no(at, "sealed", m.sealed));
    to.set(Fact::Set, r.yes_no(at, "set", m.set));
    to.set(Fact::Available, r.yes_no(at, "available", m.available));
    to.set_event(Event::Confirm, r.event(at, "confirm_time", m.confirm_time.as_ref()));
    to.set_event(Event::DesignConfirm, r.event(at, "design_confirm_time", m.design_confirm_time.as_ref()));
    to.set_event(Event::ProductionStart, r.event(at, "production_start_time", m.production_start_time.as_ref()));
}

/// Takes the fields of `Shipment` apart that hold no facts.
macro_rules! shipment_fields {
    ($($field:tt)*) => { pb::Shipment { $($field)*, ship_time: _, deliver_time: _, receiver: _, collect_time: _, first_attempt_time: _, attempt_answer_time: _, warehouse_return_time: _, } };
}
pub(super) use shipment_fields;

/// Reads the facts and events of `Shipment`.
pub(super) fn shipment<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Shipment, to: &mut ParcelFacts<'t>) {
    to.set_event(Event::Ship, r.event(at, "ship_time", m.ship_time.as_ref()));
    to.set_event(Event::Deliver, r.event(at, "deliver_time", m.deliver_time.as_ref()));
    to.set(Fact::Receiver, r.one_of(at, "receiver", m.receiver, "Receiver", &["customer", "named_person", "other_person", "pickup_point", "carrier"]));
    to.set_event(Event::Collect, r.event(at, "collect_time", m.collect_time.as_ref()));
    to.set_event(Event::FirstAttempt, r.event(at, "first_attempt_time", m.first_attempt_time.as_ref()));
    to.set_event(Event::AttemptAnswer, r.event(at, "attempt_answer_time", m.attempt_answer_time.as_ref()));
    to.set_event(Event::WarehouseReturn, r.event(at, "warehouse_return_time", m.warehouse_return_time.as_ref()));
}

/// Takes the fields of `CustomerRequest` apart that hold no facts.
macro_rules! customer_request_fields {
    ($($field:tt)*) => { pb::CustomerRequest { $($field)*, statement_send_time: _, form_send_time: _, channel: _, requester: _, order_number_quoted: _, statement_clear: _, evidence: _, journey: _, response: _, } };
}
pub(super) use customer_request_fields;

/// Reads the facts and events of `Evidence`.
pub(super) fn evidence<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Evidence, to: &mut RequestFacts<'t>) {
    to.set(Fact::Photos, r.yes_no(at, "photos", m.photos));
    to.set(Fact::Description, r.yes_no(at, "description", m.description));
    to.set(Fact::PersonalData, r.yes_no(at, "personal_data", m.personal_data));
    to.set(Fact::ReturnForm, r.yes_no(at, "return_form", m.return_form));
}

/// Reads the facts and events of `ReturnJourney`.
pub(super) fn return_journey<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ReturnJourney, to: &mut RequestFacts<'t>) {
    to.set(Fact::ReturnMethod, r.one_of(at, "method", m.method, "ReturnMethod", &["post", "store", "collection"]));
    to.set_event(Event::HandOver, r.event(at, "hand_over_time", m.hand_over_time.as_ref()));
    to.set_event(Event::Proof, r.event(at, "proof_time", m.proof_time.as_ref()));
    to.set_event(Event::Receive, r.event(at, "receive_time", m.receive_time.as_ref()));
    to.set(Fact::ReturnPaid, r.amount(at, "paid", &m.paid).into());
    to.set(Fact::FreightCollect, r.yes_no(at, "freight_collect", m.freight_collect));
    to.set(Fact::ParcelCount, r.number(at, "parcel_count", m.parcel_count, Some(1)));
    to.set(Fact::AddressCorrect, r.yes_no(at, "address_correct", m.address_correct));
    to.set(Fact::ReturnLost, r.yes_no(at, "lost", m.lost));
    to.set_event(Event::ShopRequest, r.event(at, "shop_request_time", m.shop_request_time.as_ref()));
    to.set_event(Event::ShopCollect, r.event(at, "shop_collect_time", m.shop_collect_time.as_ref()));
    to.set(Fact::CollectionCost, r.amount(at, "collection_cost", &m.collection_cost).into());
    to.set(Fact::UndeliveredCost, r.amount(at, "undelivered_cost", &m.undelivered_cost).into());
}

/// Reads the facts and events of `ShopResponse`.
pub(super) fn shop_response<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ShopResponse, to: &mut RequestFacts<'t>) {
    to.set(Fact::Confirmed, r.yes_no(at, "confirmed", m.confirmed));
    to.set_event(Event::ConfirmMail, r.event(at, "confirm_mail_time", m.confirm_mail_time.as_ref()));
    to.set(Fact::ReturnAccepted, r.yes_no(at, "return_accepted", m.return_accepted));
}

/// Reads the facts and events of `CustomerRequest`.
pub(super) fn customer_request<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::CustomerRequest, to: &mut RequestFacts<'t>) {
    to.set_event(Event::StatementSend, r.event(at, "statement_send_time", m.statement_send_time.as_ref()));
    to.set_event(Event::FormSend, r.event(at, "form_send_time", m.form_send_time.as_ref()));
    to.set(Fact::Channel, r.one_of(at, "channel", m.channel, "Channel", &["email", "contact_form", "prescribed_form", "post", "telephone", "chat", "store"]));
    to.set(Fact::Requester, r.one_of(at, "requester", m.requester, "Requester", &["buyer", "recipient", "shop"]));
    to.set(Fact::OrderNumberQuoted, r.yes_no(at, "order_number_quoted", m.order_number_quoted));
    to.set(Fact::StatementClear, r.yes_no(at, "statement_clear", m.statement_clear));
    if let Some(m) = &m.evidence {
        evidence(r, &at.field("evidence"), m, to);
    }
    if let Some(m) = &m.journey {
        return_journey(r, &at.field("journey"), m, to);
    }
    if let Some(m) = &m.response {
        shop_response(r, &at.field("response"), m, to);
    }
}

/// Takes the fields of `UnitGroup` apart that hold no facts.
macro_rules! unit_group_fields {
    ($($field:tt)*) => { pb::UnitGroup { $($field)*, condition: _, finding: _, } };
}
pub(super) use unit_group_fields;

/// Reads the facts and events of `Condition`.
pub(super) fn condition<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Condition, to: &mut UnitsFacts<'t>) {
    to.set(Fact::Worn, r.yes_no(at, "worn", m.worn));
    to.set(Fact::Altered, r.yes_no(at, "altered", m.altered));
    to.set(Fact::Damaged, r.yes_no(at, "damaged", m.damaged));
    to.set(Fact::Stained, r.yes_no(at, "stained", m.stained));
    to.set(Fact::ContentsComplete, r.yes_no(at, "contents_complete", m.contents_complete));
    to.set(Fact::PackagingComplete, r.yes_no(at, "packaging_complete", m.packaging_complete));
    to.set(Fact::LabelsPresent, r.yes_no(at, "labels_present", m.labels_present));
    to.set(Fact::AccessoriesPresent, r.yes_no(at, "accessories_present", m.accessories_present));
    to.set(Fact::SealIntact, r.yes_no(at, "seal_intact", m.seal_intact));
    to.set(Fact::CustomerFault, r.yes_no(at, "customer_fault", m.customer_fault));
}

/// Reads the facts and events of `Finding`.
pub(super) fn finding<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::Finding, to: &mut UnitsFacts<'t>) {
    to.set(Fact::Defect, r.one_of(at, "defect", m.defect, "DefectFinding", &["confirmed", "not_significant", "caused_by_customer", "none"]));
    to.set(Fact::DefectAtDelivery, r.yes_no(at, "defect_at_delivery", m.defect_at_delivery));
    to.set(Fact::UsedBeyondTesting, r.yes_no(at, "used_beyond_testing", m.used_beyond_testing));
    to.set(Fact::Deterioration, r.amount(at, "deterioration_amount", &m.deterioration_amount).into());
    to.set(Fact::ValueLoss, r.amount(at, "value_loss_amount", &m.value_loss_amount).into());
    to.set(Fact::InstructionsFollowed, r.yes_no(at, "instructions_followed", m.instructions_followed));
}

/// Reads the facts and events of `UnitGroup`.
pub(super) fn unit_group<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::UnitGroup, to: &mut UnitsFacts<'t>) {
    if let Some(m) = &m.condition {
        condition(r, &at.field("condition"), m, to);
    }
    if let Some(m) = &m.finding {
        finding(r, &at.field("finding"), m, to);
    }
}

/// Reads the facts and events of `ReturnAction`.
pub(super) fn return_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ReturnAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::ReturnReason, r.word(at, "reason", &m.reason).into());
}

/// Reads the facts and events of `ExchangeAction`.
pub(super) fn exchange_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ExchangeAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::ExchangeReason, r.word(at, "reason", &m.reason).into());
    to.set(Fact::WantedUnitPrice, r.amount(at, "wanted_unit_price", &m.wanted_unit_price).into());
    to.set(Fact::WantedAvailable, r.yes_no(at, "wanted_available", m.wanted_available));
    to.set(Fact::WantedSameProduct, r.yes_no(at, "wanted_same_product", m.wanted_same_product));
}

/// Reads the facts and events of `CancellationAction`.
pub(super) fn cancellation_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::CancellationAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::CancellationReason, r.word(at, "reason", &m.reason).into());
}

/// Reads the facts and events of `ChangeAction`.
pub(super) fn change_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ChangeAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::ChangeKind, r.one_of(at, "kind", m.kind, "ChangeKind", &["size", "color", "address", "design", "delivery", "other"]));
}

/// Reads the facts and events of `ClaimAction`.
pub(super) fn claim_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ClaimAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::ClaimKind, r.one_of(at, "kind", m.kind, "ClaimKind", &["damaged", "defective", "wrong_item", "different", "missing_item", "packaging", "not_ordered", "price"]));
    to.set(Fact::DefectType, r.word(at, "defect_type", &m.defect_type).into());
}

/// Reads the facts and events of `DeliveryProblemAction`.
pub(super) fn delivery_problem_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::DeliveryProblemAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::DeliveryProblemKind, r.one_of(at, "kind", m.kind, "DeliveryProblemKind", &["delay", "lost", "undeliverable", "refused"]));
    to.set(Fact::Cause, r.one_of(at, "cause", m.cause, "Cause", &["customer", "shop", "carrier", "other"]));
}

/// Reads the facts and events of `CreditUseAction`.
pub(super) fn credit_use_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::CreditUseAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::CreditAmount, r.amount(at, "credit_amount", &m.credit_amount).into());
    to.set_event(Event::NextOrder, r.event(at, "next_order_time", m.next_order_time.as_ref()));
    to.set_event(Event::CreditGoodsReceive, r.event(at, "goods_receive_time", m.goods_receive_time.as_ref()));
    to.set(Fact::Payout, r.yes_no(at, "payout", m.payout));
}

/// Reads the facts and events of `ShopEventAction`.
pub(super) fn shop_event_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::ShopEventAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::ShopEventKind, r.one_of(at, "kind", m.kind, "ShopEventKind", &["address_unanswered", "out_of_stock", "order_not_accepted", "parcel_returned"]));
    to.set_event(Event::AddressQuery, r.event(at, "address_query_time", m.address_query_time.as_ref()));
    to.set_event(Event::AddressAnswer, r.event(at, "address_answer_time", m.address_answer_time.as_ref()));
    to.set_event(Event::ShopCancel, r.event(at, "cancel_time", m.cancel_time.as_ref()));
}

/// Reads the facts and events of `OtherAction`.
pub(super) fn other_action<'t>(r: &mut Reader, at: &At<'_>, m: &'t pb::OtherAction, to: &mut ActionFacts<'t>) {
    to.set(Fact::OtherAction, r.word(at, "name", &m.name).into());
}

/// Reads what is asked for.
pub(super) fn action<'t>(r: &mut Reader, at: &At<'_>, message: &'t Action, ask: &mut f::Ask<'t>) {
    match message {
        Action::GoodsReturn(m) => {
            *ask = f::Ask::of(f::Action::Return);
            return_action(r, &at.field("goods_return"), m, &mut ask.facts);
        }
        Action::Withdrawal(_) => {
            *ask = f::Ask::of(f::Action::Withdrawal);
        }
        Action::Exchange(m) => {
            *ask = f::Ask::of(f::Action::Exchange);
            exchange_action(r, &at.field("exchange"), m, &mut ask.facts);
        }
        Action::Cancellation(m) => {
            *ask = f::Ask::of(f::Action::Cancellation);
            cancellation_action(r, &at.field("cancellation"), m, &mut ask.facts);
        }
        Action::Change(m) => {
            *ask = f::Ask::of(f::Action::Change);
            change_action(r, &at.field("change"), m, &mut ask.facts);
        }
        Action::Claim(m) => {
            *ask = f::Ask::of(f::Action::Claim);
            claim_action(r, &at.field("claim"), m, &mut ask.facts);
        }
        Action::DeliveryProblem(m) => {
            *ask = f::Ask::of(f::Action::DeliveryProblem);
            delivery_problem_action(r, &at.field("delivery_problem"), m, &mut ask.facts);
        }
        Action::CreditUse(m) => {
            *ask = f::Ask::of(f::Action::CreditUse);
            credit_use_action(r, &at.field("credit_use"), m, &mut ask.facts);
        }
        Action::ShopEvent(m) => {
            *ask = f::Ask::of(f::Action::ShopEvent);
            shop_event_action(r, &at.field("shop_event"), m, &mut ask.facts);
        }
        Action::Other(m) => {
            *ask = f::Ask::of(f::Action::Other);
            other_action(r, &at.field("other"), m, &mut ask.facts);
        }
    }
}
