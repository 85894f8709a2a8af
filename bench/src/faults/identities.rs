//! Callers without valid credentials: an expired certificate, one of another authority,
//! none, a wrong token, no token, no TLS.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd,
};
use redress_client::{Client, Config, Identity};
use sha2::{Digest, Sha256};
use tempfile::tempdir;
use tokio::time::Instant;

use super::callers::{connect, request, without_retries};
use super::servers::Start;
use super::{Plan, at_least, at_most, during};
use crate::report::Figure;

/// The name in the server's certificate.
const NAME: &str = "localhost";
/// The valid token.
const TOKEN: &str = "the valid token";
/// The bound on memory growth.
const GROWTH_MIB: f64 = 64.0;
/// Concurrent callers of each kind.
const CONCURRENT: usize = 2;

/// A certificate authority.
struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self {
            certificate: params.self_signed(&key).expect("a certificate"),
            issuer: Issuer::new(params, key),
        }
    }

    /// Issues a certificate, valid or expired.
    fn issue(&self, expired: bool) -> Identity {
        let mut params = CertificateParams::new(vec![NAME.to_owned()]).expect("parameters");
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer);
        Identity {
            certificate_pem: certificate.expect("a certificate").pem().into_bytes(),
            key_pem: key.serialize_pem().into_bytes(),
        }
    }

    fn config(&self, identity: Option<Identity>, token: Option<&str>) -> Config {
        let mut config = without_retries();
        config.connections = 1;
        config.tls.ca_pem = Some(self.certificate.pem().into_bytes());
        config.tls.domain = Some(NAME.to_owned());
        config.tls.identity = identity;
        config.token = token.map(str::to_owned);
        config
    }
}

/// Has all of them call in a loop while a caller with valid credentials goes on.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let (own, other) = (Authority::new(), Authority::new());
    let folder = tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    let Identity {
        certificate_pem,
        key_pem,
    } = own.issue(false);
    let digest = Sha256::digest(TOKEN);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let server = Start::new(&plan.program, &[])
        .with("--tls-cert", write("server.pem", &certificate_pem))
        .with("--tls-key", write("server.key", &key_pem))
        .with(
            "--tls-client-ca",
            write("ca.pem", own.certificate.pem().as_bytes()),
        )
        .with(
            "--tokens",
            write("tokens", format!("callers {digits}\n").as_bytes()),
        )
        .run()
        .await;
    let uri = format!("https://{}", server.address);
    let invalid = [
        (
            "an expired certificate",
            own.config(Some(own.issue(true)), Some(TOKEN)),
        ),
        (
            "a certificate of another authority",
            own.config(Some(other.issue(false)), Some(TOKEN)),
        ),
        ("no certificate", own.config(None, Some(TOKEN))),
        (
            "a wrong token",
            own.config(Some(own.issue(false)), Some("a guess")),
        ),
        ("no token", own.config(Some(own.issue(false)), None)),
    ];
    let valid = own.config(Some(own.issue(false)), Some(TOKEN));
    let client = connect(uri.clone(), valid).await;
    let until = Instant::now() + Duration::from_secs(1) + plan.attack();
    let plain = format!("http://{}", server.address);
    let attack = async {
        let mut counts: Vec<Arc<Counts>> = Vec::new();
        let mut all = tokio::task::JoinSet::new();
        let mut start = |uri: &str, config: &Config| {
            let count = Arc::new(Counts::default());
            for _ in 0..CONCURRENT {
                all.spawn(attempt(
                    uri.to_owned(),
                    config.clone(),
                    until,
                    Arc::clone(&count),
                ));
            }
            counts.push(count);
        };
        for (_, config) in &invalid {
            start(&uri, config);
        }
        start(&plain, &without_retries());
        all.join_all().await;
        counts
    };
    let what = "invalid credentials";
    let (mut figures, counts) = during(plan, what, server, client, GROWTH_MIB, attack).await;
    let names = invalid.iter().map(|(name, _)| *name).chain(["no TLS"]);
    for (name, count) in names.zip(counts) {
        let attempts = count.attempts.load(Ordering::Relaxed) as f64;
        let accepted = count.accepted.load(Ordering::Relaxed) as f64;
        figures.push(at_least(
            what,
            &format!("{name}: attempts"),
            attempts,
            "",
            1.0,
        ));
        figures.push(at_most(
            what,
            &format!("{name}: accepted"),
            accepted,
            "",
            0.0,
        ));
    }
    figures
}

#[derive(Debug, Default)]
struct Counts {
    attempts: AtomicU64,
    accepted: AtomicU64,
}

/// Connects and calls in a loop.
async fn attempt(uri: String, config: Config, until: Instant, counts: Arc<Counts>) {
    while Instant::now() < until {
        counts.attempts.fetch_add(1, Ordering::Relaxed);
        if let Ok(client) = Client::connect(uri.clone(), config.clone()).await
            && client.decide(request()).await.is_ok()
        {
            counts.accepted.fetch_add(1, Ordering::Relaxed);
        }
    }
}
