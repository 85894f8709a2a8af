//! Asks for a first verdict of a server with the policies that are built in.

use std::error::Error;

use redress_client::pb::customer_request::Action;
use redress_client::{Client, Config, answer, pb, timestamp};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", ask("http://localhost:50051").await?);
    Ok(())
}

/// Asks for the return of a plain ring for 59.00, and says what comes of it.
pub async fn ask(address: &str) -> Result<String, Box<dyn Error>> {
    let order = pb::Order {
        order_id: "1001".into(),
        currency_code: "EUR".into(),
        place_time: Some(pb::EventTime::at("2026-03-02T09:00:00Z".parse()?)),
        lines: vec![pb::Line {
            line_id: "ring".into(),
            quantity: 1,
            unit_price: "59.00".into(),
            discount: "0.00".into(),
            category: "ring".into(),
            personalized: answer(false),
            tags_complete: answer(true),
            ..Default::default()
        }],
        discount: "0.00".into(),
        tags_complete: answer(true),
        shipments: vec![pb::Shipment {
            shipment_id: "parcel".into(),
            deliver_time: Some(pb::EventTime::at("2026-03-09T10:00:00Z".parse()?)),
            ..Default::default()
        }],
        ..Default::default()
    };
    let action = Action::GoodsReturn(pb::ReturnAction::default());
    let request = pb::CustomerRequest {
        request_time: Some(timestamp("2026-03-20T09:00:00Z".parse()?)),
        ..pb::CustomerRequest::new(action, vec![pb::RequestLine::units("ring", 1)])
    };
    let client = Client::connect(address, Config::default()).await?;
    let reply = client
        .decide(pb::DecideRequest {
            policy: "milona-paris".into(),
            order: Some(order),
            request: Some(request),
            view: pb::View::Full.into(),
            ..Default::default()
        })
        .await?;
    let verdict = reply.verdict.ok_or("the reply has no verdict")?;
    let mut said = format!("{}\n", verdict.summary);
    let (step, now) = (verdict.next_step(), &verdict.payable_now_total);
    said += &format!("next: {step:?}, payable now: {now}\n");
    for fact in &verdict.missing {
        said += &format!("{}: {}\n", fact.path, fact.question);
    }
    Ok(said)
}
