//! TLS: who is trusted, and with which certificates a server does not start.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
use redress::server::config::Config;
use redress::server::tls::{Identity, Pem, TlsError};
use redress_client::{Client, ClientError};

use crate::process::Process;
use crate::running::Running;

/// Within the years for which certificates of tests are valid, in seconds since 1970.
const NOW: i64 = 1_800_000_000;

/// Returns the texts of a certificate, with the authority of clients.
pub fn pem(certified: &CertifiedKey<KeyPair>, client_ca: Option<String>) -> Pem {
    Pem {
        certificate: certified.cert.pem(),
        key: certified.signing_key.serialize_pem(),
        client_ca,
    }
}

/// Returns the same, checked.
pub fn identity(certified: &CertifiedKey<KeyPair>, client_ca: Option<String>) -> Identity {
    Identity::new(&pem(certified, client_ca), NOW).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_serves_those_who_trust_the_certificate() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = certified.cert.pem();
    let config = Config {
        tls: Some(identity(&certified, None)),
        ..Config::default()
    };
    let metrics = Arc::clone(&config.metrics);
    let server = Running::start(config).await;
    let uri = format!("https://{}", server.address);

    let mut trusting = redress_client::Config::default();
    trusting.tls.ca_pem = Some(certificate.clone().into_bytes());
    trusting.tls.domain = Some("localhost".to_owned());
    let client = Client::connect(uri.clone(), trusting).await.unwrap();
    assert!(client.list_policies("").await.is_ok());

    let stranger = Client::connect(uri, redress_client::Config::default()).await;
    assert!(matches!(stranger, Err(ClientError::Connect(_))));
    let failed = "redress_connection_ends_total{reason=\"handshake\"} 1";
    while !metrics.encode().contains(failed) {
        tokio::task::yield_now().await;
    }

    let file = std::env::temp_dir().join(format!("redress-ca-{}.pem", std::process::id()));
    std::fs::write(&file, certificate).unwrap();
    let address = format!("https://{}", server.address);
    let authority = file.clone();
    let health = tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["health", &address, "--tls-name", "localhost", "--ca"])
            .arg(authority)
            .output()
    });
    assert_eq!(health.await.unwrap().unwrap().stdout, b"SERVING\n");
    std::fs::remove_file(file).unwrap();
    drop(client);
    server.stop().await;
}

/// Returns a certificate for `localhost`.
fn localhost() -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// Returns a client's settings that trust a certificate for `localhost`.
fn trusting(certificate: String) -> redress_client::Config {
    let mut config = redress_client::Config::default();
    config.tls.ca_pem = Some(certificate.into_bytes());
    config.tls.domain = Some("localhost".to_owned());
    config
}

/// Returns a folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("tls")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn answers(client: &Client) -> bool {
    let asked = client.list_policies("");
    asked.await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_certificates_answers_those_who_show_one() {
    let (own, callers) = (localhost(), localhost());
    let config = Config {
        tls: Some(identity(&own, Some(callers.cert.pem()))),
        ..Config::default()
    };
    let server = Running::built_in(config).await;
    let uri = format!("https://{}", server.address);
    let mut shown = trusting(own.cert.pem());
    shown.tls.identity = Some(redress_client::Identity {
        certificate_pem: callers.cert.pem().into_bytes(),
        key_pem: callers.signing_key.serialize_pem().into_bytes(),
    });
    let client = Client::connect(uri.clone(), shown).await.unwrap();
    assert!(answers(&client).await);
    drop(client);
    // TLS 1.3 lets a client believe that it is connected until it hears of it.
    let stranger = localhost();
    let mut strange = trusting(own.cert.pem());
    strange.tls.identity = Some(redress_client::Identity {
        certificate_pem: stranger.cert.pem().into_bytes(),
        key_pem: stranger.signing_key.serialize_pem().into_bytes(),
    });
    for other in [trusting(own.cert.pem()), strange] {
        let refused = match Client::connect(uri.clone(), other).await {
            Ok(client) => !answers(&client).await,
            Err(_) => true,
        };
        assert!(refused);
    }

    let folder = folder("shown");
    let file = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trust = [
        ("REDRESS_CA", file("ca.pem", own.cert.pem())),
        ("REDRESS_TLS_NAME", "localhost".to_owned()),
    ];
    let shown = [
        (
            "REDRESS_CLIENT_CERT",
            file("client.pem", callers.cert.pem()),
        ),
        (
            "REDRESS_CLIENT_KEY",
            file("client.key", callers.signing_key.serialize_pem()),
        ),
    ];
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/return_plain_piece.json"
    );
    for arguments in [vec!["health", &uri], vec!["ask", example, "--to", &uri]] {
        let run = async |variables: &[(&str, String)]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
            command.args(&arguments).env_clear();
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            let output = tokio::task::spawn_blocking(move || command.output());
            output.await.unwrap().unwrap().status.code()
        };
        assert_eq!(run(&[&trust[..], &shown].concat()).await, Some(0));
        assert_eq!(run(&trust).await, Some(2), "{arguments:?} without one");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_read_again_without_dropping_connections() {
    let folder = folder("again");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let write = |certified: &CertifiedKey<KeyPair>| {
        std::fs::write(path("own.pem"), certified.cert.pem()).unwrap();
        std::fs::write(path("own.key"), certified.signing_key.serialize_pem()).unwrap();
    };
    let (first, second) = (localhost(), localhost());
    write(&first);
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args([
        "--tls-cert",
        &path("own.pem"),
        "--tls-key",
        &path("own.key"),
    ]);
    let mut server = Process::start(command);
    let uri = format!("https://{}", server.address);
    let connect = async |of: &CertifiedKey<KeyPair>| {
        Client::connect(uri.clone(), trusting(of.cert.pem())).await
    };
    let open = connect(&first).await.unwrap();
    assert!(answers(&open).await);
    // Half of a replacement changes nothing.
    std::fs::write(path("own.pem"), second.cert.pem()).unwrap();
    server.signal("-HUP");
    let mut log = BufReader::new(server.child.stderr.take().unwrap()).lines();
    let mut says = |what: &str| log.by_ref().any(|line| line.unwrap().contains(what));
    assert!(says("certificates kept"));
    assert!(answers(&connect(&first).await.unwrap()).await);
    // All of it is used from the next connection on.
    write(&second);
    server.signal("-HUP");
    assert!(says("certificates replaced"));
    assert!(answers(&connect(&second).await.unwrap()).await);
    assert!(connect(&first).await.is_err());
    assert!(answers(&open).await);
    // Without a signal it is noticed too, by looking from time to time.
    write(&first);
    assert!(says("certificates replaced"));
    assert!(answers(&connect(&first).await.unwrap()).await);
}

/// Returns a certificate for `localhost` that is valid for a year.
pub fn of_year(year: i32) -> CertifiedKey<KeyPair> {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(year, 1, 1);
    params.not_after = date_time_ymd(year + 1, 1, 1);
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    CertifiedKey { cert, signing_key }
}

/// The first instants of 2020 and 2021, in seconds since 1970.
const YEAR_2020: i64 = 1_577_836_800;
const YEAR_2021: i64 = 1_609_459_200;

#[test]
fn a_certificate_is_used_from_its_first_second_to_its_last() {
    let pem = pem(&of_year(2020), None);
    for now in [YEAR_2020, YEAR_2021] {
        let identity = Identity::new(&pem, now).unwrap();
        assert_eq!(identity.expires(), YEAR_2021);
    }
    let late = Identity::new(&pem, YEAR_2021 + 1).unwrap_err();
    assert!(
        late.to_string().contains("expired on Jan  1 00:00:00 2021"),
        "{late}"
    );
    let early = Identity::new(&pem, YEAR_2020 - 1).unwrap_err();
    assert!(
        early
            .to_string()
            .contains("not valid before Jan  1 00:00:00 2020"),
        "{early}"
    );
}

#[test]
fn texts_that_do_not_belong_together_are_refused() {
    let (one, other) = (pem(&of_year(2020), None), pem(&of_year(2020), None));
    let with = |change: fn(&mut Pem, &Pem)| {
        let mut changed = one.clone();
        change(&mut changed, &other);
        Identity::new(&changed, YEAR_2020).unwrap_err()
    };
    let error = with(|pem, other| pem.key.clone_from(&other.key));
    assert!(matches!(error, TlsError::Mismatch(_)), "{error}");
    let error = with(|pem, _| pem.key = "no key".to_owned());
    assert!(matches!(error, TlsError::Pem { .. }), "{error}");
    let error = with(|pem, _| pem.certificate = "no certificate".to_owned());
    assert!(matches!(error, TlsError::NoCertificate(_)), "{error}");
    let error = with(|pem, _| pem.client_ca = Some(String::new()));
    assert!(matches!(error, TlsError::NoCertificate(_)), "{error}");
}

#[test]
fn a_replacement_that_cannot_be_used_changes_nothing() {
    let identity = Identity::new(&pem(&of_year(2020), None), YEAR_2020).unwrap();
    let mut next = pem(&of_year(2021), None);
    assert!(identity.replace(&next, YEAR_2020).is_err());
    assert_eq!(identity.expires(), YEAR_2021);
    identity.replace(&next, YEAR_2021).unwrap();
    assert_eq!(identity.expires(), YEAR_2021 + 365 * 86_400);
    next.key.clear();
    assert!(identity.replace(&next, YEAR_2021).is_err());
}
