//! A server to measure: the shell of redress around an answer of choice.
//!
//! `wire-server ANSWER [THREADS]`: one thread unless it is said. `redress` decides, counts
//! and logs, `redress-quiet` does not log; `redress:WORDS` does what the words say
//! (`telling.rs`), and `redress:` none of it. `canned` and `echo` have a prepared answer, and
//! `collector` takes spans.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a program of the bench ends where it cannot go on"
)]

mod canned;
mod collector;
mod telling;

use std::convert::Infallible;

use redress::rpc::service::CatalogHandle;
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
use crate::telling::Telling;

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
    let mut config = Config::default();
    let telling = match answer {
        "redress-quiet" => Telling::parse("metrics"),
        _ => Telling::parse(answer.strip_prefix("redress:").unwrap_or("metrics,log")),
    };
    let level = if telling.log { "info" } else { "off" };
    let _logs = telemetry::start(LogFormat::Human, level, false).expect("a log");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("a runtime");
    let catalog = || CatalogHandle::new(reload::catalog(None).expect("the built-in policies"));
    match answer {
        "canned" => {
            let canned = Canned::verdict(&catalog().current());
            runtime.block_on(serve(canned, config));
        }
        "echo" => runtime.block_on(serve(Canned::echo(), config)),
        "collector" => runtime.block_on(async { collector::serve(listen().await).await }),
        _ if answer.starts_with("redress") => runtime.block_on(async {
            let (decisions, _flush) = telling.decisions(catalog(), &mut config);
            serve(decisions, config).await;
        }),
        other => panic!("not understood: {other}"),
    }
}

/// Takes a free port, and says which.
async fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    println!("listening on {address}");
    listener
}

async fn serve<S>(calls: S, config: Config)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: NamedService + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let listener = listen().await;
    let forever = std::future::pending();
    server::serve_routes(listener, Routes::new(calls), config, forever)
        .await
        .expect("a server that serves");
}
