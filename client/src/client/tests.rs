use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::time::Duration;

use tonic_types::StatusExt;

use super::*;

fn client(config: Config) -> Client {
    Client::connect_lazy("http://localhost:1", config).expect("an endpoint")
}

#[tokio::test]
async fn only_unavailable_is_tried_again_and_not_for_ever() {
    let cases = [
        (Code::Unavailable, 4),
        (Code::InvalidArgument, 1),
        (Code::ResourceExhausted, 1),
        (Code::Internal, 1),
    ];
    for (code, wanted) in cases {
        let config = Config {
            backoff: Duration::from_micros(1),
            attempts: 4,
            ..Config::default()
        };
        let tries = Cell::new(0);
        let reply: Result<(), _> = client(config)
            .call((), |_, _| {
                tries.set(tries.get() + 1);
                ready(Err(Status::new(code, "no")))
            })
            .await;
        let error = reply.expect_err("a refusal");
        assert_eq!(error.refusal().map(|r| r.code()), Some(code));
        assert_eq!(tries.get(), wanted, "{code:?}");
    }
}

/// Calls a server that sheds load and asks to wait, and returns the times of the attempts.
async fn shed(config: Config, asked: Duration) -> Vec<Duration> {
    let details = tonic_types::ErrorDetails::with_retry_info(Some(asked));
    let status = Status::with_error_details(Code::Unavailable, "busy", details);
    let started = Instant::now();
    let times = RefCell::new(Vec::new());
    let reply: Result<(), _> = client(config)
        .call((), |_, _| {
            times.borrow_mut().push(started.elapsed());
            ready(Err(status.clone()))
        })
        .await;
    let error = reply.expect_err("a refusal");
    assert_eq!(error.refusal().map(Refusal::code), Some(Code::Unavailable));
    times.into_inner()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sheds_load_is_left_alone_as_long_as_it_asks() {
    let config = Config {
        deadline: Duration::from_secs(5),
        ..Config::default()
    };
    let asked = Duration::from_secs(2);
    let times = shed(config, asked).await;
    assert_eq!(times.len(), 3, "{times:?}");
    for pair in times.windows(2) {
        let waited = pair[1] - pair[0];
        assert!((asked..asked * 11 / 10).contains(&waited), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_gives_up_at_once() {
    for asked in [
        Duration::from_secs(11),
        Duration::from_secs(400 * 365 * 86400),
    ] {
        let times = shed(Config::default(), asked).await;
        assert_eq!(times, [Duration::ZERO], "{asked:?}");
    }
    // The longest wait that the wire can say, which no instant lies behind.
    let retry = tonic_types::pb::RetryInfo {
        retry_delay: Some(prost_types::Duration {
            seconds: i64::MAX,
            nanos: 999_999_999,
        }),
    };
    let details = tonic_types::pb::Status {
        details: vec![prost_types::Any {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".into(),
            value: prost::Message::encode_to_vec(&retry),
        }],
        ..Default::default()
    };
    let details = prost::Message::encode_to_vec(&details);
    let status = Status::with_details(Code::Unavailable, "busy", details.into());
    assert!(asked_to_wait(&status) > FOREVER);
    let tries = Cell::new(0);
    let reply: Result<(), _> = client(Config::default())
        .call((), |_, _| {
            tries.set(tries.get() + 1);
            ready(Err(status.clone()))
        })
        .await;
    assert!(reply.is_err());
    assert_eq!(tries.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_the_deadline_ends_says_why_the_attempt_before_failed() {
    let unanswered = [Some(Code::Cancelled), Some(Code::DeadlineExceeded), None];
    for last in unanswered {
        let tries = Cell::new(0);
        let reply: Result<(), _> = client(Config::default())
            .call((), |_, _| {
                tries.set(tries.get() + 1);
                let is_first = tries.get() == 1;
                async move {
                    if is_first {
                        return Err(Status::unavailable("busy"));
                    }
                    match last {
                        Some(code) => {
                            tokio::time::sleep(Config::default().deadline).await;
                            Err(Status::new(code, "late"))
                        }
                        None => pending().await,
                    }
                }
            })
            .await;
        let error = reply.expect_err("a refusal");
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(
            (refusal.code(), refusal.message()),
            (Code::Unavailable, "busy")
        );
        assert_eq!(tries.get(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_all_time_is_none() {
    let config = Config {
        deadline: Duration::MAX,
        ..Config::default()
    };
    let client = client(config);
    let reply = client.call((), |_, _| ready(Ok(Response::new(1)))).await;
    assert_eq!(reply.expect("a reply"), 1);
}

#[test]
fn jitter_is_spread_up_to_the_bound() {
    let bound = Duration::from_millis(50);
    let waits: Vec<Duration> = (0..200).map(|_| jitter(bound)).collect();
    assert!(waits.iter().all(|wait| *wait <= bound));
    assert!(waits.iter().any(|wait| *wait < bound / 2));
    assert!(waits.iter().any(|wait| *wait > bound / 2));
}

#[tokio::test]
async fn the_server_is_told_the_deadline() {
    let reply = client(Config::default())
        .call((), |_, request: Request<()>| {
            let told = request.metadata().get("grpc-timeout").is_some();
            ready(Ok(Response::new(told)))
        })
        .await;
    assert!(reply.expect("a reply"));
}

#[tokio::test]
async fn a_call_without_an_answer_ends_with_the_deadline() {
    let config = Config {
        deadline: Duration::from_millis(1),
        ..Config::default()
    };
    let reply: Result<(), _> = client(config).call((), |_, _| pending()).await;
    let error = reply.expect_err("no reply");
    assert_eq!(
        error.refusal().map(|r| r.code()),
        Some(Code::DeadlineExceeded)
    );
}

#[tokio::test]
async fn calls_can_be_spawned() {
    fn spawnable<T: Send + 'static>(_: T) {}
    let client = client(Config::default());
    spawnable(async move { client.decide(DecideRequest::default()).await });
}

#[tokio::test]
async fn a_lost_connection_is_retried_whatever_the_transport_calls_it() {
    // A peer that closes each connection as soon as the head of a call is there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let taken = tokio::spawn(async move {
        let mut taken = 0;
        while taken < 3 {
            let (socket, _) = listener.accept().await.expect("a connection");
            socket.readable().await.expect("the head of a connection");
            taken += 1;
        }
    });
    let config = Config {
        attempts: 3,
        ..Config::default()
    };
    let made = Client::connect_lazy(format!("http://{address}"), config);
    let client = made.expect("an endpoint");
    let called = client.decide(DecideRequest::default()).await;
    let error = called.expect_err("no server");
    assert_eq!(error.refusal().map(|r| r.code()), Some(Code::Unavailable));
    taken.await.expect("as many connections as attempts");
}

#[test]
fn only_what_the_transport_says_is_a_lost_connection() {
    for code in [Code::Unknown, Code::Cancelled, Code::Internal] {
        let said = unavailable_if_lost(Status::new(code, "by the server"));
        assert_eq!(said.code(), code);
    }
    let late = Status::from_error(Box::new(TimeoutExpired(())));
    assert_eq!(unavailable_if_lost(late).code(), Code::Cancelled);
}
