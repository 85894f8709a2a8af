//! Requests in: nothing is lost on the way, and nothing makes it panic.

use proptest::prelude::*;
use prost::Message;
use redress::domain::facts::{self, Remedy, Value};
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::violation::Violation;
use redress::domain::vocabulary::{Event, Fact};
use redress::engine::Budget;
use redress::policy::catalog::Catalog;
use redress::wire::inbound::DecideInput;
use redress::wire::{answer, outbound};
use redress_client::pb;
use redress_client::pb::customer_request::Action;

use crate::samples::{at, now, on};

const YES: i32 = pb::Answer::Yes as i32;
const NO: i32 = pb::Answer::No as i32;

fn not_yet() -> Option<pb::EventTime> {
    Some(pb::EventTime::not_yet())
}

/// Returns a request in which every field but the action is set.
fn everything(action: Action) -> pb::CustomerRequest {
    pb::CustomerRequest {
        payout_wish: None,
        facts: Vec::new(),
        claim_id: "case 7".into(),
        request_time: Some(prost_types::Timestamp {
            seconds: 1_773_000_000,
            nanos: 7,
        }),
        statement_send_time: on("2026-03-07"),
        form_send_time: not_yet(),
        channel: pb::Channel::Email.into(),
        requester: pb::Requester::Recipient.into(),
        order_number_quoted: YES,
        statement_clear: NO,
        lines: vec![pb::RequestLine {
            line_id: "ring".into(),
            groups: vec![pb::UnitGroup {
                wanted: None,
                return_parcel_id: String::new(),
                facts: Vec::new(),
                quantity: 1,
                shipment_id: "box".into(),
                condition: Some(condition()),
                finding: Some(pb::Finding {
                    defect: pb::DefectFinding::None.into(),
                    defect_at_delivery: NO,
                    used_beyond_testing: YES,
                    deterioration_amount: "1.50".into(),
                    value_loss_amount: "0.00".into(),
                    instructions_followed: YES,
                }),
            }],
        }],
        wants: pb::Remedy::StoreCredit.into(),
        evidence: Some(pb::Evidence {
            photos: YES,
            description: NO,
            personal_data: YES,
            return_form: NO,
        }),
        journey: Some(pb::ReturnJourney {
            method: pb::ReturnMethod::Post.into(),
            hand_over_time: at("2026-03-08T10:00:00Z"),
            proof_time: on("2026-03-09"),
            receive_time: not_yet(),
            paid: "4.90".into(),
            freight_collect: NO,
            parcel_count: Some(2),
            address_correct: YES,
            lost: NO,
            shop_request_time: on("2026-03-07"),
            shop_collect_time: not_yet(),
            collection_cost: "9.00".into(),
            undelivered_cost: "0.00".into(),
        }),
        response: Some(pb::ShopResponse {
            confirmed: YES,
            confirm_mail_time: on("2026-03-09"),
            return_accepted: NO,
        }),
        unavailable_paths: vec!["order.gift".into(), "order.all_lines.available".into()],
        // What holds for all units is said of each before a request is read.
        all_units: None,
        return_parcels: Vec::new(),
        action: Some(action),
    }
}

fn condition() -> pb::Condition {
    pb::Condition {
        worn: YES,
        altered: NO,
        damaged: YES,
        stained: NO,
        contents_complete: YES,
        packaging_complete: NO,
        labels_present: YES,
        accessories_present: NO,
        seal_intact: YES,
        customer_fault: YES,
    }
}

fn actions() -> Vec<Action> {
    let reason = || "size".to_owned();
    vec![
        Action::GoodsReturn(pb::ReturnAction { reason: reason() }),
        Action::Withdrawal(pb::WithdrawalAction {}),
        Action::Exchange(pb::ExchangeAction {
            wanted_same_product: 0,
            reason: reason(),
            wanted_unit_price: "70.00".into(),
            wanted_available: YES,
        }),
        Action::Cancellation(pb::CancellationAction { reason: reason() }),
        Action::Change(pb::ChangeAction {
            kind: pb::ChangeKind::Design.into(),
        }),
        Action::Claim(pb::ClaimAction {
            kind: pb::ClaimKind::Different.into(),
            defect_type: "stone".into(),
        }),
        Action::DeliveryProblem(pb::DeliveryProblemAction {
            kind: pb::DeliveryProblemKind::Refused.into(),
            cause: pb::Cause::Other.into(),
        }),
        Action::CreditUse(pb::CreditUseAction {
            credit_amount: "20.00".into(),
            next_order_time: on("2026-03-10"),
            goods_receive_time: not_yet(),
            payout: NO,
        }),
        Action::ShopEvent(pb::ShopEventAction {
            kind: pb::ShopEventKind::OutOfStock.into(),
            address_query_time: on("2026-03-05"),
            address_answer_time: not_yet(),
            cancel_time: at("2026-03-06T10:00:00Z"),
        }),
    ]
}

fn asking(request: pb::CustomerRequest) -> pb::DecideRequest {
    pb::DecideRequest {
        request: Some(request),
        ..crate::samples::decide()
    }
}

fn read(message: &pb::DecideRequest) -> DecideInput<'_> {
    let mut input = DecideInput::new(now());
    input.read(message).expect("nothing wrong with a field");
    input
}

fn refusal(message: &pb::DecideRequest) -> Vec<Violation> {
    DecideInput::new(now()).read(message).unwrap_err()
}

#[test]
fn requests_survive_the_way_in_and_out() {
    for action in actions() {
        let request = everything(action);
        let message = asking(request.clone());
        let input = read(&message);
        let written =
            outbound::customer_request(input.facts.order().currency, input.facts.request());
        assert_eq!(written, request.encode_to_vec());
    }
}

#[test]
fn what_is_left_out_is_unknown_and_stays_out() {
    for action in actions() {
        let request = pb::CustomerRequest {
            request_time: everything(action.clone()).request_time,
            ..pb::CustomerRequest::new(action, vec![pb::RequestLine::units("ring", 1)])
        };
        let message = asking(request.clone());
        let input = read(&message);
        let written =
            outbound::customer_request(input.facts.order().currency, input.facts.request());
        assert_eq!(written, request.encode_to_vec());
    }
}

#[test]
fn a_request_without_an_instant_is_made_now() {
    let action = Action::Withdrawal(pb::WithdrawalAction {});
    let message = asking(pb::CustomerRequest::new(action, vec![]).with_ring());
    let mut input = read(&message);
    assert_eq!(input.facts.request().request_time, now());
    let facts = input.facts.check().expect("facts that fit");
    assert_eq!(facts.decide_time(), now());
}

/// Adds the units that every request needs.
trait WithRing {
    fn with_ring(self) -> Self;
}

impl WithRing for pb::CustomerRequest {
    fn with_ring(mut self) -> Self {
        self.lines = vec![pb::RequestLine::units("ring", 1)];
        self
    }
}

#[test]
fn facts_are_read_as_they_are_said() {
    let action = Action::Exchange(pb::ExchangeAction {
        wanted_same_product: 0,
        reason: "size".into(),
        wanted_unit_price: "70.00".into(),
        wanted_available: 0,
    });
    let message = asking(everything(action));
    let input = read(&message);
    let order = input.facts.order();
    assert_eq!(
        order.facts.event(Event::Place),
        EventTime::At(instant("2026-03-01T10:00:00Z"))
    );
    assert_eq!(order.facts.get(Fact::Gift), Value::Unknown);
    assert_eq!(order.options_complete, Some(true));
    assert_eq!(order.total_paid, Some(Amount::from_minor(16_400)));
    assert_eq!(order.delivery.standard_cost, None);
    let request = input.facts.request();
    assert_eq!(request.wants, Some(Remedy::StoreCredit));
    assert_eq!(request.facts.event(Event::Receive), EventTime::NotYet);
    let ask = &request.ask;
    assert_eq!(ask.action, facts::Action::Exchange);
    assert_eq!(ask.get(Fact::ExchangeReason), Value::Word("size"));
    let price = Amount::from_minor(7000);
    assert_eq!(ask.get(Fact::WantedUnitPrice), Value::Amount(price));
    assert_eq!(ask.get(Fact::WantedAvailable), Value::Unknown);
}

fn instant(text: &str) -> Instant {
    Instant::parse(text).expect("RFC 3339")
}

proptest! {
    /// Whatever arrives is read or refused.
    #[test]
    fn no_bytes_make_it_panic(edits in prop::collection::vec((any::<u16>(), any::<u8>()), 0..8)) {
        let mut message = crate::samples::decide();
        message.request = actions().pop().map(everything);
        let mut bytes = message.encode_to_vec();
        let length = bytes.len();
        for (place, value) in edits {
            if let Some(byte) = bytes.get_mut(usize::from(place) % length) {
                *byte = value;
            }
        }
        if let Ok(message) = pb::DecideRequest::decode(bytes.as_slice()) {
            prop_assert!(answer::decide(&Catalog::default(), &message, now(), &Budget::default()).is_err());
        }
    }
}

/// What is wrong with single fields and what is wrong between fields come in one
/// reply, each once.
#[test]
fn mistakes_in_fields_and_between_them_are_told_together() {
    let mut message = crate::samples::decide();
    let order = message.order.as_mut().unwrap();
    order.currency_code = "EURO".to_owned();
    order.lines[0].unit_price = "-1".to_owned();
    let twice = order.lines[0].clone();
    order.lines.push(twice);
    message.request.as_mut().unwrap().lines[0].line_id = "nobody".to_owned();
    let told: Vec<String> = refusal(&message).into_iter().map(|v| v.field).collect();
    for field in [
        "order.currency_code",
        "order.lines[0].unit_price",
        "order.lines[2].line_id",
        "request.lines[0].line_id",
    ] {
        assert_eq!(
            told.iter().filter(|t| *t == field).count(),
            1,
            "{field} in {told:?}"
        );
    }
}

/// What names lines, or adds them up, is not wrong besides where there are none.
#[test]
fn an_order_without_lines_is_told_so_and_no_more() {
    let mut message = crate::samples::decide();
    let order = message.order.as_mut().unwrap();
    order.lines.clear();
    order.options_complete = pb::Answer::Yes.into();
    order.total_paid = "59.00".to_owned();
    order.gift = 99;
    let refused = refusal(&message);
    let told: Vec<&str> = refused.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(told, ["order.gift", "order.lines"]);
}

/// What is wrong with the eleventh payment is not wrong with the second.
#[test]
fn a_mistake_hides_none_of_a_field_whose_path_begins_alike() {
    let mut message = crate::samples::decide();
    let order = message.order.as_mut().unwrap();
    let payment = |index: usize| pb::Payment {
        payment_id: format!("part-{index}"),
        // 16 x 10.00 + 4.00 = 164.00
        amount: if index == 16 { "4.00" } else { "10.00" }.to_owned(),
        ..Default::default()
    };
    order.payments = (0..17).map(payment).collect();
    order.payments[10].method = 99;
    let share = pb::PaymentShare {
        payment_id: "part-1".to_owned(),
        amount: "11.00".to_owned(),
    };
    order.earlier_remedies = vec![pb::EarlierRemedy {
        line_id: "chain".to_owned(),
        quantity: 1,
        remedy: pb::Remedy::Refund.into(),
        amount: "11.00".to_owned(),
        payments: vec![share],
        ..Default::default()
    }];
    let refused = refusal(&message);
    let told: Vec<&str> = refused.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(told, ["order.payments[10].method", "order.payments[1]"]);
}
