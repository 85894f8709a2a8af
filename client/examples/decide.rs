//! Asks for a return of one piece and prints the answer.
//!
//! `cargo run -p redress-client --example decide -- http://localhost:50051 acme-shop`

use std::error::Error;

use redress_client::{Client, Config, pb};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments
        .next()
        .unwrap_or_else(|| "http://localhost:50051".to_owned());
    let policy = arguments.next().unwrap_or_else(|| "acme-shop".to_owned());

    let client = Client::connect(endpoint, Config::default()).await?;
    match client.decide(request(policy)).await {
        Ok(reply) => {
            let verdict = reply.verdict.ok_or("the reply has no verdict")?;
            println!("{}", verdict.summary);
            // An approval may have to wait: act on the step, and pay no more than this.
            println!("next: {}", verdict.next_step().as_str_name());
            println!("payable now: {}", verdict.payable_now_total);
            for fact in &verdict.missing {
                println!("missing: {} - {}", fact.path, fact.question);
            }
        }
        Err(error) => {
            println!("{error}");
            for violation in error.violations() {
                println!("{}: {}", violation.field, violation.description);
            }
        }
    }
    Ok(())
}

/// Describes an order of one ring for 59.00 EUR and asks to send it back.
fn request(policy: String) -> pb::DecideRequest {
    let ring = pb::Line {
        line_id: "1".into(),
        quantity: 1,
        unit_price: "59.00".into(),
        discount: "0.00".into(),
        category: "ring".into(),
        personalized: pb::Answer::No.into(),
        ..Default::default()
    };
    let order = pb::Order {
        order_id: "1001".into(),
        currency_code: "EUR".into(),
        lines: vec![ring],
        discount: "0.00".into(),
        ..Default::default()
    };
    let action = pb::customer_request::Action::GoodsReturn(pb::ReturnAction::default());
    let lines = vec![pb::RequestLine::units("1", 1)];
    pb::DecideRequest {
        policy,
        order: Some(order),
        request: Some(pb::CustomerRequest::new(action, lines)),
        view: pb::View::Full.into(),
        ..Default::default()
    }
}
