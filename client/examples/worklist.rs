//! Decides requests, a line of proto JSON each, and prints what is to be done.
//!
//! `cargo run --example worklist --features serde -- http://localhost:50051 < requests.jsonl`

use std::error::Error;
use std::process::ExitCode;
use std::{env, io};

use redress_client::pb::DecideRequest;
use redress_client::{Client, Config, NextStep, Verdict};

/// What one batch holds at most.
const BATCH: usize = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let uri = env::args().nth(1).ok_or("name the address of a server")?;
    let mut requests: Vec<DecideRequest> = Vec::new();
    for line in io::stdin().lines() {
        requests.push(serde_json::from_str(&line?)?);
    }
    let client = Client::connect(uri, Config::default()).await?;
    let mut refused = false;
    for batch in requests.chunks(BATCH) {
        let results = client.batch_decide(batch.to_vec()).await?;
        for (request, result) in batch.iter().zip(results) {
            let order_id = request.order.as_ref().map_or("", |order| &order.order_id);
            match result {
                Ok(verdict) => println!("{order_id}: {}", to_do(&verdict)),
                Err(refusal) => {
                    refused = true;
                    println!("{order_id}: not decided, {refusal}");
                }
            }
        }
    }
    Ok(ExitCode::from(u8::from(refused)))
}

/// Says what to do; the compiler refuses this as soon as a step is left out.
pub fn to_do(verdict: &Verdict) -> String {
    match verdict.next_step {
        NextStep::Ask => {
            let questions = verdict.missing.iter().map(|fact| fact.question.as_str());
            format!("ask: {}", questions.collect::<Vec<_>>().join(" "))
        }
        NextStep::Review => "let a person decide".to_owned(),
        NextStep::Pay => format!("pay {}", verdict.payable_now),
        NextStep::CarryOut => "give what was granted".to_owned(),
        NextStep::Wait => "wait".to_owned(),
        NextStep::Refuse => "tell the customer that it is refused".to_owned(),
    }
}
