//! `redress health`: whether a server serves.

use std::time::Duration;

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::output::{self, Exit, Failure};
use super::small_runtime;
use super::target::{Trust, innermost, unreachable};

/// How long the server may take: supervisors give a check a few seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Ask a server for its health
///
/// Ends with 0 if it serves, with 1 if it says that it does not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the server, such as 127.0.0.1:50051
    #[arg(
        value_name = "ADDR",
        env = "REDRESS_ADDR",
        default_value = "127.0.0.1:50051"
    )]
    to: String,
    /// Service to ask for, such as redress.v1.DecisionService [default: the whole server]
    #[arg(long, default_value = "", hide_default_value = true)]
    service: String,
    #[command(flatten)]
    trust: Trust,
}

/// Runs the command.
///
/// # Errors
/// The server cannot be reached or does not serve.
pub fn run(args: &Args) -> Result<(), Failure> {
    let status = small_runtime()?.block_on(async {
        tokio::time::timeout(TIMEOUT, ask(args))
            .await
            .unwrap_or_else(|_| Err(unreachable(&args.to, &"no answer in time")))
    })?;
    match status {
        ServingStatus::Serving => output::print("SERVING\n"),
        other => Err(Failure::new(
            Exit::Refused,
            format!("`{}` answers `{}`", args.to, other.as_str_name()),
        )),
    }
}

async fn ask(args: &Args) -> Result<ServingStatus, Failure> {
    let away = |error: tonic::transport::Error| unreachable(&args.to, &innermost(&error));
    let channel = args
        .trust
        .endpoint(&args.to)?
        .connect()
        .await
        .map_err(away)?;
    let reply = HealthClient::new(channel)
        .check(HealthCheckRequest {
            service: args.service.clone(),
        })
        .await?;
    Ok(reply.into_inner().status())
}
