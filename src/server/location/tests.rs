use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::connector::MAX_REFUSAL_BYTES;
use super::*;

/// How long tests let a source take.
const SHORT: Duration = Duration::from_millis(400);
/// A bundle that tests let through.
const MAX: u64 = 100;

/// A source that answers each request with the same bytes, and how many there were.
struct Source {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Source {
    /// Sends `head` and then `part` as often as `times` says, with a pause after each.
    async fn start(head: String, part: &'static [u8], times: usize, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (head, counted) = (head.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    while read_head(&mut stream).await {
                        counted.fetch_add(1, Ordering::Relaxed);
                        let mut sent = stream.write_all(head.as_bytes()).await;
                        for _ in 0..times {
                            tokio::time::sleep(pause).await;
                            if sent.is_err() {
                                return;
                            }
                            sent = stream.write_all(part).await;
                        }
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// Answers with a head alone.
    async fn answering(status: &str, headers: &str) -> Self {
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\n\r\n");
        Self::start(head, b"", 0, Duration::ZERO).await
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Returns a place there, with the limits of tests.
    fn location(&self) -> Location {
        location(&format!("http://{}/policies.bundle", self.address))
    }
}

/// Reads the head of a request; `false`: the client has gone.
async fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

fn location(url: &str) -> Location {
    let location = Location::new(url, &[], true).expect("a location");
    Location {
        timeout: SHORT * 10,
        max_bytes: MAX,
        ..location
    }
}

/// Returns why nothing was fetched.
async fn failure(location: &Location) -> LocationError {
    match location.fetch(None).await {
        Ok(fetched) => panic!("{fetched:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_answer_without_a_bundle_is_an_error_that_names_its_status() {
    for (status, requests) in [
        ("403 Forbidden", 1),
        ("404 Not Found", 1),
        ("410 Gone", 1),
        // What may be different a moment later.
        ("500 Internal Server Error", MAX_RETRIES + 1),
        ("503 Service Unavailable", MAX_RETRIES + 1),
    ] {
        let source = Source::answering(status, "").await;
        let error = failure(&source.location()).await;
        assert!(matches!(error, LocationError::Fetch(_)), "{error:?}");
        assert!(error.to_string().contains(status), "{error}");
        assert_eq!(source.requests(), requests, "{status}");
    }
}

#[tokio::test]
async fn not_modified_is_an_answer_only_to_a_request_that_names_a_version() {
    let source = Source::answering("304 Not Modified", "").await;
    let location = source.location();
    assert!(matches!(
        location.fetch(Some("\"one\"")).await,
        Ok(Fetched::Unchanged)
    ));
    let error = failure(&location).await;
    assert!(matches!(error, LocationError::NotModified), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_followed_and_one_that_leads_nowhere_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\netag: \"one\"\r\ncontent-length: 6\r\n\r\n".to_owned();
    let to = Source::start(head, b"bundle", 1, Duration::ZERO).await;
    let headers = format!("location: http://{}/other\r\n", to.address);
    let from = Source::answering("302 Found", &headers).await;
    match from.location().fetch(None).await {
        Ok(Fetched::Bundle { bytes, etag }) => {
            assert_eq!(
                (&bytes[..], etag.as_deref()),
                (&b"bundle"[..], Some("\"one\""))
            );
        }
        other => panic!("{other:?}"),
    }
    let nowhere = Source::answering("302 Found", "").await;
    assert!(matches!(
        failure(&nowhere.location()).await,
        LocationError::Fetch(_)
    ));
    let circle = Source::answering("302 Found", "location: /policies.bundle\r\n").await;
    let error = failure(&circle.location()).await;
    assert!(matches!(error, LocationError::Fetch(_)), "{error:?}");
    assert!(circle.requests() > 1);
}

#[tokio::test]
async fn a_source_that_hangs_or_sends_byte_after_byte_is_not_waited_for() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {MAX}\r\n\r\n");
    let nothing = Source::start(String::new(), b"", 0, SHORT).await;
    let no_body = Source::start(head.clone(), b"", 0, SHORT).await;
    let bytes = Source::start(head, b"a", 80, SHORT / 20).await;
    for source in [nothing, no_body, bytes] {
        let location = Location {
            timeout: SHORT,
            ..source.location()
        };
        let error = failure(&location).await;
        assert!(matches!(error, LocationError::TimedOut), "{error:?}");
    }
    assert!(SHORT < FETCH_TIMEOUT);
}

#[tokio::test]
async fn a_bundle_that_is_too_large_or_whose_size_is_not_told_is_not_read() {
    let larger = format!("content-length: {}\r\n", MAX + 1);
    for (headers, is_told) in [
        (larger.as_str(), true),
        ("transfer-encoding: chunked\r\n", false),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
        let source = Source::start(head, b"", 0, Duration::ZERO).await;
        let error = failure(&source.location()).await;
        match is_told {
            true => assert!(matches!(error, LocationError::TooLarge), "{error:?}"),
            false => assert!(error.to_string().contains("Content-Length"), "{error}"),
        }
    }
    // The largest is.
    const WHOLE: [u8; 100] = [b'a'; 100];
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {MAX}\r\n\r\n");
    let source = Source::start(head, &WHOLE, 1, Duration::ZERO).await;
    assert!(matches!(
        source.location().fetch(None).await,
        Ok(Fetched::Bundle { bytes, etag: None }) if bytes == WHOLE
    ));
}

#[tokio::test]
async fn a_bundle_that_ends_early_is_an_error() {
    for etag in ["", "etag: \"one\"\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let head = format!("HTTP/1.1 200 OK\r\n{etag}content-length: 50\r\n\r\nhalf of it");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if read_head(&mut stream).await {
                    // Whoever asks again for the rest gets the same.
                    let _ = stream.write_all(head.as_bytes()).await;
                }
            }
        });
        let location = location(&format!("http://{address}/policies.bundle"));
        let error = failure(&location).await;
        assert!(matches!(error, LocationError::Fetch(_)), "{error:?}");
    }
}

#[tokio::test]
async fn of_an_answer_that_refuses_one_short_line_is_kept() {
    let head = "HTTP/1.1 404 Not Found\r\ncontent-length: 1000000000\r\n\r\n".to_owned();
    let part = b"<Code>NoSuchKey</Code>\n\x1b[2J2026-12-01 INFO all is well\r\n";
    let source = Source::start(head, part, usize::MAX, Duration::ZERO).await;
    let said = failure(&source.location()).await.to_string();
    assert!(said.contains("<Code>NoSuchKey</Code>"), "{said}");
    assert!(!said.contains(char::is_control), "{said}");
    assert!(said.len() < MAX_REFUSAL_BYTES + 500, "{}", said.len());
}

#[tokio::test]
async fn what_is_not_signed_is_never_fetched_in_plaintext() {
    let source = Source::answering("200 OK", "").await;
    let variables = [
        ("AWS_ENDPOINT", format!("http://{}", source.address)),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_ACCESS_KEY_ID", "reader".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "a-long-secret".to_owned()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let of = |is_signed| Location::new("s3://terms/policies.bundle", &variables, is_signed);
    let refused = match of(false) {
        Ok(location) => failure(&location).await,
        Err(error) => error,
    };
    assert_eq!(source.requests(), 0);
    assert!(!refused.to_string().contains("a-long-secret"), "{refused}");
    // What is signed may be.
    let _ = of(true).expect("a location").fetch(None).await;
    assert!(source.requests() > 0);
}

#[test]
fn errors_do_not_repeat_a_url_that_may_hold_a_secret() {
    for url in [
        "https://me:hunter2@shop.example/a",
        "https://hunter2@shop.example/a",
        "https://shop.example/a?sig=hunter2",
        "https://shop.example/a#hunter2",
        "ftp://me:hunter2@shop.example/a",
        "https://me:hunter2@[shop.example/a",
        "hunter2",
    ] {
        let error = Location::new(url, &[], true).expect_err(url);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
