//! `redress health`: whether a server serves.

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::codegen::Bytes;
use tonic::codegen::http::header::HOST;
use tonic::codegen::http::{Request, StatusCode};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::output::{self, Exit, Failure};
use super::small_runtime;
use super::target::{Trust, innermost, unreachable};
use crate::server::listener::ListenAddress;

/// How long the server may take: supervisors give a check a few seconds.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Ask a server for its health
///
/// Ends with 0 if it serves, with 1 if it says that it does not. Without an address it
/// asks the server that the environment sets up: its admin port where it has one,
/// otherwise its port.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address of the server, such as 127.0.0.1:50051, https://host:443 or unix:/PATH
    #[arg(value_name = "ADDR", env = "REDRESS_ADDR")]
    to: Option<String>,
    /// Service to ask for, such as redress.v1.DecisionService [default: the whole server]
    #[arg(long, default_value = "", hide_default_value = true)]
    service: String,
    /// Admin port of the server, which is asked over HTTP in place of its port
    #[arg(long, value_name = "ADDR", env = "REDRESS_ADMIN_LISTEN")]
    admin: Option<SocketAddr>,
    /// Port of the server, where no address is given
    #[arg(
        long,
        value_name = "ADDR",
        env = "REDRESS_LISTEN",
        default_value = "127.0.0.1:50051"
    )]
    listen: ListenAddress,
    #[command(flatten)]
    trust: Trust,
}

/// Runs the command.
///
/// # Errors
/// The server cannot be reached or does not serve.
pub fn run(args: &Args) -> Result<(), Failure> {
    // The admin port knows of no services.
    let admin = args.admin.filter(|_| args.service.is_empty());
    let asked = match (&args.to, admin) {
        (None, Some(admin)) => Asked::Admin(reachable(admin)),
        (Some(address), _) => Asked::Server(address.clone()),
        (None, None) => Asked::Server(match &args.listen {
            ListenAddress::Tcp(address) => reachable(*address).to_string(),
            unix @ ListenAddress::Unix(_) => unix.to_string(),
        }),
    };
    let address = asked.to_string();
    let late = || Err(unreachable(&address, &"no answer in time"));
    let answer = small_runtime()?.block_on(async {
        let answer = async {
            match &asked {
                Asked::Admin(admin) => ready(*admin).await,
                Asked::Server(server) => status(args, server).await,
            }
        };
        tokio::time::timeout(TIMEOUT, answer)
            .await
            .unwrap_or_else(|_| late())
    })?;
    if answer == ServingStatus::Serving.as_str_name() {
        return output::print("SERVING\n");
    }
    let why = format!("`{address}` answers `{answer}`");
    Err(Failure::new(Exit::Refused, why))
}

/// Who is asked.
enum Asked {
    /// The server.
    Server(String),
    /// The admin port.
    Admin(SocketAddr),
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(address) => f.write_str(address),
            Self::Admin(address) => write!(f, "http://{address}/readyz"),
        }
    }
}

/// Returns where somebody on this machine reaches a server that listens on an address:
/// one that stands for all addresses is none.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Asks a server.
async fn status(args: &Args, address: &str) -> Result<String, Failure> {
    let away = |error: tonic::transport::Error| unreachable(address, &innermost(&error));
    let endpoint = args.trust.endpoint(address)?;
    let channel = endpoint.connect().await.map_err(away)?;
    let service = args.service.clone();
    let reply = HealthClient::new(channel)
        .check(HealthCheckRequest { service })
        .await?;
    Ok(reply.into_inner().status().as_str_name().to_owned())
}

/// Asks an admin port.
async fn ready(address: SocketAddr) -> Result<String, Failure> {
    let away = |error: &dyn Error| unreachable(&address.to_string(), &innermost(error));
    let stream = TcpStream::connect(address).await.map_err(|e| away(&e))?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut send, connection) = handshake.map_err(|e| away(&e))?;
    let _connection = tokio::spawn(connection);
    let request = Request::get("/readyz")
        .header(HOST, address.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|e| away(&e))?;
    let response = send.send_request(request).await.map_err(|e| away(&e))?;
    Ok(match response.status() {
        StatusCode::OK => ServingStatus::Serving.as_str_name().to_owned(),
        StatusCode::SERVICE_UNAVAILABLE => ServingStatus::NotServing.as_str_name().to_owned(),
        other => other.to_string(),
    })
}
