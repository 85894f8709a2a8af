//! What the client does against servers that answer what the test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redress_client::fake::FakeServer;
use redress_client::pb::{DecideRequest, Order};
use redress_client::{Client, ClientError, Config, Intercept, NextStep, blocking, pb};
use tonic::transport::Endpoint;
use tonic::{Code, Status};

fn paid(order_id: String) -> pb::Verdict {
    pb::Verdict {
        order_id,
        next_step: pb::NextStep::Pay.into(),
        payable_now_total: "59.00".into(),
        ..Default::default()
    }
}

/// Pays every order but one without an id.
fn decide(request: DecideRequest) -> Result<pb::Verdict, Status> {
    match request.order {
        Some(order) => Ok(paid(order.order_id)),
        None => Err(Status::invalid_argument("there is no order")),
    }
}

fn order(id: &str) -> DecideRequest {
    DecideRequest::default().with_order(Order::new(id, "EUR"))
}

#[tokio::test]
async fn a_batch_has_a_verdict_or_an_error_for_each() {
    let server = FakeServer::start(decide).unwrap();
    let client = Client::connect(server.uri(), Config::default())
        .await
        .unwrap();
    let requests = [order("1"), DecideRequest::default(), order("3")];
    let results = client.batch_decide(requests).await.unwrap();
    let ids: Vec<Option<&str>> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .ok()
                .map(|verdict| verdict.order_id.as_str())
        })
        .collect();
    assert_eq!(ids, [Some("1"), None, Some("3")]);
    assert_eq!(
        results[1].as_ref().unwrap_err().message(),
        "there is no order"
    );
}

#[tokio::test]
async fn a_reply_without_a_known_step_is_an_error() {
    let unknown = pb::Verdict {
        next_step: 99,
        ..Default::default()
    };
    let server = FakeServer::start(move |_| Ok(unknown.clone())).unwrap();
    let client = Client::connect(server.uri(), Config::default())
        .await
        .unwrap();
    let error = client.decide(order("1")).await.unwrap_err();
    assert!(matches!(error, ClientError::InvalidReply(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "99 is not a step that this version knows"
    );
}

#[test]
fn threads_share_a_client_that_blocks() {
    let server = FakeServer::start(decide).unwrap();
    let client = blocking::Client::connect(server.uri(), Config::default()).unwrap();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let client = &client;
            scope.spawn(move || {
                let verdict = client.decide(order(&n.to_string())).unwrap();
                assert_eq!(verdict.order_id, n.to_string());
                assert_eq!(verdict.next_step, NextStep::Pay);
            });
        }
    });
    let error = client.decide(DecideRequest::default()).unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_client_that_blocks_can_be_dropped_where_async_runs() {
    let server = FakeServer::start(decide).unwrap();
    let uri = server.uri();
    let made = tokio::task::spawn_blocking(move || {
        let client = blocking::Client::connect(uri, Config::default()).unwrap();
        let marked = client.with_header("x-request-id", "7").unwrap();
        drop(client);
        marked.decide(order("1")).unwrap();
        marked
    });
    drop(made.await.unwrap());
    let unreachable = || blocking::Client::connect("http://127.0.0.1:1", Config::default());
    let made = tokio::task::spawn_blocking(unreachable);
    assert!(matches!(made.await.unwrap(), Err(ClientError::Connect(_))));
}

#[tokio::test]
async fn calls_carry_headers_and_what_an_interceptor_adds() {
    let server = FakeServer::start(decide).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_by = Arc::clone(&seen);
    let mut config = Config::default();
    config.token = Some("secret".to_owned());
    config.headers = vec![("x-shop".to_owned(), "north".to_owned())];
    config.intercept = Some(Intercept::new(move |call| {
        let header = |name| {
            call.metadata()
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned())
        };
        let found = ["authorization", "x-shop", "x-request-id"].map(header);
        seen_by.lock().unwrap().push(found);
        Ok(call)
    }));
    let client = Client::connect(server.uri(), config).await.unwrap();
    client.decide(order("1")).await.unwrap();
    let marked = client.with_header("x-request-id", "7").unwrap();
    let again = marked.with_header("x-request-id", "8").unwrap();
    again.decide(order("2")).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    let wanted = [None, text("8")].map(|id| [text("Bearer secret"), text("north"), id]);
    assert_eq!(*seen.lock().unwrap(), wanted);

    assert!(client.with_header("no name", "1").is_err());
    assert!(client.with_header("x-name", "\n").is_err());
    let shown = format!("{client:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("north"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_interceptor_can_refuse_a_call() {
    let server = FakeServer::start(decide).unwrap();
    let mut config = Config::default();
    config.intercept = Some(Intercept::new(|_| Err(Status::cancelled("not today"))));
    let client = Client::connect(server.uri(), config).await.unwrap();
    let error = client.decide(order("1")).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().message(), "not today");
}

#[tokio::test]
async fn calls_go_over_a_channel_that_the_program_made() {
    let server = FakeServer::start(decide).unwrap();
    let channel = Endpoint::from_shared(server.uri()).unwrap().connect_lazy();
    let client = Client::from_channel(channel, Config::default()).unwrap();
    assert_eq!(client.decide(order("1")).await.unwrap().order_id, "1");
}

#[tokio::test]
async fn calls_are_shared_out_among_servers_and_go_on_without_one() {
    let counts = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
    let mut servers = counts.clone().map(|count| {
        let counting = move |request| {
            count.fetch_add(1, Ordering::Relaxed);
            decide(request)
        };
        Some(FakeServer::start(counting).unwrap())
    });
    let uris = servers
        .each_ref()
        .map(|server| server.as_ref().unwrap().uri());
    let client = Client::balanced(uris, Config::default()).await.unwrap();
    for _ in 0..10 {
        client.decide(order("1")).await.unwrap();
    }
    let count = |n: usize| counts[n].load(Ordering::Relaxed);
    assert_eq!((count(0), count(1)), (5, 5));

    servers[0] = None;
    for _ in 0..10 {
        client.decide(order("1")).await.unwrap();
    }
    assert_eq!(count(1), 15);
}

#[tokio::test]
async fn the_deadline_holds_where_the_server_takes_longer() {
    let server = FakeServer::start(|_| {
        std::thread::sleep(Duration::from_millis(500));
        Ok(paid("1".to_owned()))
    })
    .unwrap();
    let mut config = Config::default();
    config.deadline = Duration::from_millis(50);
    let client = Client::connect(server.uri(), config).await.unwrap();
    let error = client.decide(order("1")).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), Code::DeadlineExceeded);
}
