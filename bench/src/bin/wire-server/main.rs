//! A server to measure: the shell of redress around an answer of choice.
//!
//! `wire-server redress|redress-quiet|canned|echo [THREADS]`: one thread unless it is
//! said; `redress-quiet` logs nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a program of the bench ends where it cannot go on"
)]

mod canned;

use std::convert::Infallible;

use redress::rpc::service::{CatalogHandle, Decisions, SystemClock};
use redress::server::config::Config;
use redress::server::telemetry::{self, LogFormat};
use redress::server::{self, reload};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::server::NamedService;
use tonic::service::Routes;
use tower::Service;

use crate::canned::Canned;

// The same as in the program that it stands beside.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (answer, threads) = match arguments.as_slice() {
        [answer] => (*answer, "1"),
        [answer, threads] => (*answer, *threads),
        other => panic!("not understood: {other:?}"),
    };
    let threads = threads.parse().expect("a number of threads");
    let config = Config::default();
    let level = if answer == "redress-quiet" {
        "off"
    } else {
        "info"
    };
    let _logs = telemetry::start(LogFormat::Human, level, false).expect("a log");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("a runtime");
    let catalog = CatalogHandle::new(reload::catalog(None).expect("the built-in policies"));
    match answer {
        "redress" | "redress-quiet" => {
            let decisions = Decisions::new(catalog, SystemClock).observer(config.metrics.clone());
            runtime.block_on(serve(decisions, config));
        }
        "canned" => runtime.block_on(serve(Canned::verdict(&catalog.current()), config)),
        "echo" => runtime.block_on(serve(Canned::echo(), config)),
        other => panic!("not understood: {other}"),
    }
}

async fn serve<S>(calls: S, config: Config)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: NamedService + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    println!("listening on {address}");
    let forever = std::future::pending();
    server::serve_routes(listener, Routes::new(calls), config, forever)
        .await
        .expect("a server that serves");
}
