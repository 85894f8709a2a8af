//! Asks for a first verdict of a server with the policies that are built in.

use std::error::Error;

use redress_client::pb::{CustomerRequest, DecideRequest, EventTime, Line, Order};
use redress_client::pb::{RequestLine, ReturnAction, Shipment};
use redress_client::{Client, Config, Verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let verdict = ask("http://localhost:50051").await?;
    println!("{}", verdict.summary);
    println!(
        "next: {:?}, payable now: {}",
        verdict.next_step, verdict.payable_now
    );
    for fact in &verdict.missing {
        println!("{fact}");
    }
    Ok(())
}

/// Asks for the return of a plain ring for 59.00.
pub async fn ask(address: &str) -> Result<Verdict, Box<dyn Error>> {
    let ring = Line::new("ring", 1, "59.00")
        .with_discount("0.00")
        .with_category("ring")
        .with_personalized(false)
        .with_tags_complete(true);
    let parcel =
        Shipment::new("parcel").with_deliver_time(EventTime::at("2026-03-09T10:00:00Z".parse()?));
    let order = Order::new("1001", "EUR")
        .with_place_time(EventTime::at("2026-03-02T09:00:00Z".parse()?))
        .with_lines([ring])
        .with_discount("0.00")
        .with_tags_complete(true)
        .with_shipments([parcel]);
    let request = CustomerRequest::default()
        .with_request_time("2026-03-20T09:00:00Z".parse()?)
        .with_lines([RequestLine::units("ring", 1)])
        .with_goods_return(ReturnAction::default());
    let client = Client::connect(address, Config::default()).await?;
    let verdict = client
        .decide(DecideRequest::new("milona-paris", order, request))
        .await?;
    Ok(verdict)
}
