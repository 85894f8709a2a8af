//! Messages that other tests change one thing about.

use redress::domain::time::Instant;
use redress_client::pb;
use redress_client::pb::customer_request::Action;

/// Returns what counts as now in these tests.
pub fn now() -> Instant {
    Instant::parse("2026-03-20T12:00:00Z").expect("RFC 3339")
}

/// Returns the state of an event that happened at an RFC 3339 instant.
pub fn at(text: &str) -> Option<pb::EventTime> {
    let time = chrono::DateTime::parse_from_rfc3339(text).expect("RFC 3339");
    Some(pb::EventTime::at(time.to_utc()))
}

/// Returns the state of an event that happened on a day.
pub fn on(day: &str) -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::Date(day.to_owned())),
    })
}

/// Returns an order of two rings at 59.00 and a chain at 41.00, delivered.
pub fn order() -> pb::Order {
    let line = |id: &str, quantity: i32, price: &str| pb::Line {
        line_id: id.into(),
        quantity,
        unit_price: price.into(),
        discount: "0.00".into(),
        ..Default::default()
    };
    pb::Order {
        order_id: "1001".into(),
        currency_code: "EUR".into(),
        place_time: at("2026-03-01T10:00:00Z"),
        lines: vec![line("ring", 2, "59.00"), line("chain", 1, "41.00")],
        shipments: vec![pb::Shipment {
            shipment_id: "box".into(),
            ship_time: at("2026-03-02T10:00:00Z"),
            deliver_time: on("2026-03-04"),
            ..Default::default()
        }],
        options_complete: pb::Answer::Yes.into(),
        delivery: Some(pb::Delivery {
            paid: "5.00".into(),
            ..Default::default()
        }),
        discount: "0.00".into(),
        // 2 x 59.00 + 41.00 + 5.00
        total_paid: "164.00".into(),
        payments: vec![pb::Payment {
            payment_id: "card".into(),
            amount: "164.00".into(),
            method: pb::PaymentMethod::Card.into(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// Returns a request to send one ring back, with nothing wrong in it.
pub fn decide() -> pb::DecideRequest {
    let action = Action::GoodsReturn(pb::ReturnAction::default());
    let lines = vec![pb::RequestLine::units("ring", 1)];
    pb::DecideRequest {
        policy: "acme-shop".into(),
        order: Some(order()),
        request: Some(pb::CustomerRequest::new(action, lines)),
        ..Default::default()
    }
}

/// Returns a question about the options of the same order.
pub fn list_options() -> pb::ListOptionsRequest {
    pb::ListOptionsRequest {
        policy: "acme-shop".into(),
        order: Some(order()),
        with_requests: true,
        ..Default::default()
    }
}
