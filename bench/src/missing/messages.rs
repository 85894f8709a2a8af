//! Requests of which as little as possible is known, and one of which everything is.

use redress_client::pb::customer_request::Action;
use redress_client::pb::{self, DecideRequest, ListOptionsRequest, View};

use crate::redress_side::{Requests, shops};

/// A request that states every fact, but for its policy and its action.
const KNOWN: &str = include_str!("../../requests/known.json");

/// The instant of that request, in seconds since 1970.
const REQUESTED: i64 = 1_773_133_200;

/// An action of one shop, with its facts stated and left out.
pub struct Case {
    /// The shop and the action, as they are printed.
    pub name: String,
    /// The shop.
    pub shop: String,
    bare: Action,
    known: DecideRequest,
}

/// The lines of an order, one unit each, of which nothing else is known.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Lines of the order.
    pub lines: usize,
    /// Different categories that the lines take turns with. 0: no category is stated.
    pub categories: usize,
}

impl Shape {
    /// One unit of one line.
    pub const ONE: Self = Self::lines(1);

    /// Lines of one unit, all alike.
    pub const fn lines(lines: usize) -> Self {
        Self {
            lines,
            categories: 0,
        }
    }
}

/// Returns every action of every shop.
pub fn cases() -> Vec<Case> {
    let template = Requests::new().decide(KNOWN);
    let mut cases = Vec::new();
    for shop in shops() {
        for (name, bare, stated) in actions() {
            let mut known = template.clone();
            known.policy.clone_from(&shop);
            if let Action::Cancellation(_) | Action::Change(_) | Action::ShopEvent(_) = &bare {
                not_shipped(&mut known);
            }
            if let Action::DeliveryProblem(_) = &bare {
                not_delivered(&mut known);
            }
            known.request.get_or_insert_default().action = Some(stated);
            cases.push(Case {
                name: format!("{shop}, {name}"),
                shop: shop.clone(),
                bare,
                known,
            });
        }
    }
    cases
}

impl Case {
    /// Returns the request of which everything is known.
    pub fn known(&self, view: View) -> DecideRequest {
        DecideRequest {
            view: view.into(),
            ..self.known.clone()
        }
    }

    /// Returns a request that states lines and quantities alone.
    pub fn unknown(&self, shape: Shape, view: View) -> DecideRequest {
        let group = pb::UnitGroup {
            quantity: 1,
            ..Default::default()
        };
        let line = |line_id| pb::RequestLine {
            line_id,
            groups: vec![group.clone()],
        };
        let known = self.known.request.as_ref();
        DecideRequest {
            policy: self.shop.clone(),
            order: Some(order(shape)),
            request: Some(pb::CustomerRequest {
                request_time: known.and_then(|request| request.request_time),
                lines: (0..shape.lines).map(id).map(line).collect(),
                action: Some(self.bare.clone()),
                ..Default::default()
            }),
            view: view.into(),
            ..Default::default()
        }
    }
}

/// Asks each shop what is possible with an order of which nothing is known.
pub fn options(shape: Shape) -> Vec<(String, ListOptionsRequest)> {
    let template = Requests::new().decide(KNOWN);
    let of = |policy: String| {
        let message = ListOptionsRequest {
            policy: policy.clone(),
            order: Some(order(shape)),
            request_time: template.request.as_ref().and_then(|r| r.request_time),
            ..Default::default()
        };
        (policy, message)
    };
    shops().into_iter().map(of).collect()
}

fn order(shape: Shape) -> pb::Order {
    let line = |number: usize| pb::Line {
        line_id: id(number),
        quantity: 1,
        category: match shape.categories {
            0 => String::new(),
            categories => format!("kind-{}", number % categories),
        },
        ..Default::default()
    };
    pb::Order {
        order_id: "O-1".to_owned(),
        currency_code: "EUR".to_owned(),
        lines: (0..shape.lines).map(line).collect(),
        ..Default::default()
    }
}

fn id(number: usize) -> String {
    format!("line-{number}")
}

/// Returns each action with its name, without facts and with all of them.
fn actions() -> Vec<(&'static str, Action, Action)> {
    let reason = || "size".to_owned();
    let kind = pb::ShopEventKind::OutOfStock.into();
    vec![
        (
            "return",
            Action::GoodsReturn(pb::ReturnAction::default()),
            Action::GoodsReturn(pb::ReturnAction { reason: reason() }),
        ),
        (
            "withdrawal",
            Action::Withdrawal(pb::WithdrawalAction {}),
            Action::Withdrawal(pb::WithdrawalAction {}),
        ),
        (
            "exchange",
            Action::Exchange(pb::ExchangeAction::default()),
            Action::Exchange(pb::ExchangeAction {
                wanted_same_product: 0,
                reason: reason(),
                wanted_unit_price: "59.00".to_owned(),
                wanted_available: yes(),
            }),
        ),
        (
            "cancellation",
            Action::Cancellation(pb::CancellationAction::default()),
            Action::Cancellation(pb::CancellationAction { reason: reason() }),
        ),
        (
            "change",
            Action::Change(pb::ChangeAction::default()),
            Action::Change(pb::ChangeAction {
                kind: pb::ChangeKind::Address.into(),
            }),
        ),
        (
            "claim",
            Action::Claim(pb::ClaimAction::default()),
            Action::Claim(pb::ClaimAction {
                kind: pb::ClaimKind::Defective.into(),
                defect_type: "other".to_owned(),
            }),
        ),
        (
            "delivery problem",
            Action::DeliveryProblem(pb::DeliveryProblemAction::default()),
            Action::DeliveryProblem(pb::DeliveryProblemAction {
                kind: pb::DeliveryProblemKind::Lost.into(),
                cause: pb::Cause::Carrier.into(),
            }),
        ),
        (
            "credit use",
            Action::CreditUse(pb::CreditUseAction::default()),
            Action::CreditUse(pb::CreditUseAction {
                credit_amount: "25.00".to_owned(),
                next_order_time: at(REQUESTED - 3600),
                goods_receive_time: at(REQUESTED - 7200),
                payout: no(),
            }),
        ),
        (
            // The contract requires what happened.
            "shop event",
            Action::ShopEvent(pb::ShopEventAction {
                kind,
                ..Default::default()
            }),
            Action::ShopEvent(pb::ShopEventAction {
                kind,
                address_query_time: not_yet(),
                address_answer_time: not_yet(),
                cancel_time: not_yet(),
            }),
        ),
    ]
}

/// Takes the parcel of an order back into the shop.
fn not_shipped(message: &mut DecideRequest) {
    not_delivered(message);
    let order = message.order.get_or_insert_default();
    for shipment in &mut order.shipments {
        shipment.ship_time = not_yet();
    }
    for line in &mut order.lines {
        line.confirm_time = not_yet();
    }
}

/// Takes the parcel of an order back to the carrier.
fn not_delivered(message: &mut DecideRequest) {
    let order = message.order.get_or_insert_default();
    for shipment in &mut order.shipments {
        shipment.deliver_time = not_yet();
        shipment.collect_time = not_yet();
        shipment.first_attempt_time = not_yet();
        shipment.receiver = 0;
    }
}

fn at(seconds: i64) -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::Time(prost_types::Timestamp {
            seconds,
            nanos: 0,
        })),
    })
}

fn not_yet() -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::NotYet(pb::NotYet {})),
    })
}

fn yes() -> i32 {
    pb::Answer::Yes.into()
}

fn no() -> i32 {
    pb::Answer::No.into()
}
