//! Rolling restarts of three servers under load.

use std::time::Duration;

use redress_client::Config;

use super::callers::{Callers, balance, connect, without_retries};
use super::proxy::{FALL, INTERVAL_MS, Layer, Proxy};
use super::servers::{Server, Start};
use super::{Plan, at_least, at_most, figure};
use crate::report::Figure;

/// Number of servers.
const SERVERS: usize = 3;
/// Concurrent callers.
const CALLERS: usize = 16;
/// The drain delay behind the proxy, in seconds: `fall` times `inter` of its checks, and a
/// second.
const DRAIN_DELAY: u64 = (FALL * INTERVAL_MS).div_ceil(1000) + 1;
/// The pause after each restart, so that the proxy's check passes before the next.
const PAUSE: Duration = Duration::from_millis(3 * INTERVAL_MS);

/// Who balances calls.
#[derive(Clone, Copy, Debug)]
enum Balancer {
    Proxy(Layer),
    Client,
}

/// Restarts behind each balancer, all three at the same time in a quick run.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let seven = Balancer::Proxy(Layer::Seven);
    let four = Balancer::Proxy(Layer::Four);
    let behind = |balancer| restart(plan, balancer);
    let (seven, four, own) = if plan.quick {
        tokio::join!(behind(seven), behind(four), behind(Balancer::Client))
    } else {
        let seven = behind(seven).await;
        let four = behind(four).await;
        (seven, four, behind(Balancer::Client).await)
    };
    [seven, four, own].concat()
}

async fn restart(plan: &Plan, balancer: Balancer) -> Vec<Figure> {
    let drain_delay = match balancer {
        Balancer::Proxy(_) => DRAIN_DELAY,
        // There are no checks: a call that finds its server gone is retried at another.
        Balancer::Client => 0,
    };
    let drain_delay = drain_delay.to_string();
    let arguments = ["--threads", "1", "--drain-delay", &drain_delay];
    let starts: [Start; SERVERS] = std::array::from_fn(|_| Start::new(&plan.program, &arguments));
    let mut servers: Vec<Server> = Vec::new();
    for start in &starts {
        servers.push(start.run().await);
    }
    let (what, proxy, config) = match balancer {
        Balancer::Proxy(Layer::Seven) => {
            let proxy = Proxy::start(Layer::Seven, &starts);
            (
                "rolling restart behind a proxy at L7, without client retries",
                Some(proxy),
                without_retries(),
            )
        }
        Balancer::Proxy(Layer::Four) => {
            let proxy = Proxy::start(Layer::Four, &starts);
            (
                "rolling restart behind a proxy at L4, with default retries",
                Some(proxy),
                Config::default(),
            )
        }
        Balancer::Client => (
            "rolling restart behind the client's own balancing",
            None,
            Config::default(),
        ),
    };
    let client = match &proxy {
        Some(proxy) => connect(format!("http://{}", proxy.address), config).await,
        None => balance(servers.iter().map(Server::uri).collect(), config).await,
    };
    let callers = Callers::start(&client, CALLERS);
    tokio::time::sleep(PAUSE).await;
    let mut bad_exits = 0;
    for _ in 0..plan.pick(1, 3) {
        for (number, start) in starts.iter().enumerate() {
            let (code, _) = servers.remove(number).stop().await;
            bad_exits += u32::from(code != Some(0));
            servers.insert(number, start.run().await);
            tokio::time::sleep(PAUSE).await;
        }
    }
    let tally = callers.stop().await;
    tally.explain(what);
    for server in servers {
        server.stop().await;
    }
    let callers = Callers::start(&client, 1);
    tokio::time::sleep(PAUSE).await;
    let none_left = callers.stop().await;
    let failed = none_left.failed() as f64;
    let not_retriable = none_left.not_retriable as f64;
    vec![
        at_least(what, "calls", tally.answered as f64, "", 1.0),
        at_most(what, "failed calls", tally.failed() as f64, "", 0.0),
        at_most(what, "exit codes other than 0", bad_exits.into(), "", 0.0),
        figure(what, "slowest call", tally.slowest(), "ms"),
        at_least(what, "failed calls with no server left", failed, "", 1.0),
        at_most(what, "those that are not retriable", not_retriable, "", 0.0),
    ]
}
