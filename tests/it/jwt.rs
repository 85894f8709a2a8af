//! JSON Web Tokens: which are accepted, what they let their caller ask about, and how keys
//! are replaced. Keys are made here, and tokens put together by hand.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redress::server::config::Config;
use redress::server::jwt::{Expected, JwtVerifier, KeysError, LEEWAY_SECONDS};
use redress::server::tokens::Tokens;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{Client, ClientError};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::http::granted;
use crate::process::Process;
use crate::running::Running;

const ISSUER: &str = "https://login.shop.example";
const AUDIENCE: &str = "redress";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key that signs.
enum Signer {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    fn p256() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap())
    }

    fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// Returns the public key of an id.
    fn public(&self, id: &str) -> Value {
        match self {
            Self::P256(pair) => {
                // A byte that says how it is written, and two numbers of 32.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": id, "x": base64(x), "y": base64(y)})
            }
            Self::Ed25519(pair) => {
                let x = base64(pair.public_key());
                json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x, "use": "sig"})
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Returns a token of a key's id.
    fn token(&self, id: &str, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm(), "typ": "JWT", "kid": id});
        signed(&header, claims, |message| self.sign(message))
    }
}

fn signed(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!(
        "{}.{}",
        base64(header.to_string()),
        base64(claims.to_string())
    );
    let signature = base64(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn keys(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// Claims that are accepted.
fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "checkout", "exp": now() + 600})
}

/// Those claims, with others.
fn with(others: &[(&str, Value)]) -> Value {
    let mut claims = claims();
    for (name, value) in others {
        claims[name] = value.clone();
    }
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn expected() -> Expected {
    Expected {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        policies_claim: None,
    }
}

async fn client(uri: &str, token: &str) -> Client {
    let mut config = redress_client::Config::default();
    config.token = Some(token.to_owned());
    Client::connect(uri.to_owned(), config).await.unwrap()
}

async fn list(uri: &str, token: &str) -> Result<Vec<String>, ClientError> {
    let client = client(uri, token).await;
    let policies = client.list_policies("").await?;
    let mut names: Vec<String> = policies.into_iter().map(|policy| policy.policy).collect();
    names.dedup();
    Ok(names)
}

/// Checks that nothing but that it is not authenticated is said.
async fn assert_refused(uri: &str, what: &str, token: &str) {
    let error = list(uri, token).await.expect_err(what);
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.code(), Code::Unauthenticated, "{what}");
    assert_eq!(error.reason(), Some(Reason::Unauthenticated), "{what}");
    assert_eq!(refusal.message(), "the call is not authenticated", "{what}");
}

#[tokio::test]
async fn a_token_is_accepted_for_what_its_signer_says() {
    let (point, edwards, stranger) = (Signer::p256(), Signer::ed25519(), Signer::p256());
    let set = keys(&[point.public("p"), edwards.public("e")]);
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let config = Config {
        jwt: Some(JwtVerifier::new(expected(), &set).unwrap()),
        // SHA-256 of `abc`.
        tokens: Some(Tokens::parse(&format!("shop-a {digest}")).unwrap()),
        ..Config::default()
    };
    let metrics = Arc::clone(&config.metrics);
    let server = Running::built_in(config).await;
    let uri = server.uri();

    let just_past = with(&[("exp", json!(now() - LEEWAY_SECONDS / 2))]);
    let several = with(&[("aud", json!(["shop", AUDIENCE]))]);
    for (what, token) in [
        ("P-256", point.token("p", &claims())),
        ("Ed25519", edwards.token("e", &claims())),
        ("clocks differ", point.token("p", &just_past)),
        ("several audiences", point.token("p", &several)),
        ("beside it, a token that is hashed", "abc".to_owned()),
    ] {
        // The second call does not check the signature again.
        for _ in 0..2 {
            let listed = list(&uri, &token).await;
            assert!(!listed.expect(what).is_empty(), "{what}");
        }
    }

    let long_past = with(&[("exp", json!(now() - 2 * LEEWAY_SECONDS))]);
    let text = with(&[("exp", json!((now() + 600).to_string()))]);
    let early = with(&[("nbf", json!(now() + 2 * LEEWAY_SECONDS))]);
    let good = point.token("p", &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other_claims = base64(with(&[("sub", json!("admin"))]).to_string());
    let head = message.split_once('.').unwrap().0;
    let public = URL_SAFE_NO_PAD.decode(point.public("p")["x"].as_str().unwrap());
    let hmac_header = json!({"alg": "HS256", "kid": "p"});
    let by_public = |bytes: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        signed(&hmac_header, &claims(), |message| {
            hmac::sign(&key, message).as_ref().to_vec()
        })
    };
    let none = json!({"alg": "none", "kid": "p"});
    let no_id = json!({"alg": "ES256"});
    let crossed = json!({"alg": "ES256", "kid": "e"});
    let refused = [
        ("expired", point.token("p", &long_past)),
        ("a time as text", point.token("p", &text)),
        ("not yet valid", point.token("p", &early)),
        ("never expires", point.token("p", &without("exp"))),
        ("no issuer", point.token("p", &without("iss"))),
        ("no audience", point.token("p", &without("aud"))),
        ("nobody's", point.token("p", &without("sub"))),
        (
            "other audience",
            point.token("p", &with(&[("aud", json!("shop"))])),
        ),
        (
            "other issuer",
            point.token("p", &with(&[("iss", json!("https://evil.example"))])),
        ),
        ("unknown key", point.token("q", &claims())),
        ("signed by another", stranger.token("p", &claims())),
        ("signed by the other key", edwards.token("p", &claims())),
        (
            "algorithm of another key",
            signed(&crossed, &claims(), |message| edwards.sign(message)),
        ),
        ("other claims", format!("{head}.{other_claims}.{signature}")),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("no algorithm", signed(&none, &claims(), |_| Vec::new())),
        ("signed with a public key", by_public(&public.unwrap())),
        (
            "signed with the text of a public key",
            by_public(point.public("p").to_string().as_bytes()),
        ),
        (
            "no key id",
            signed(&no_id, &claims(), |message| point.sign(message)),
        ),
        ("no token", String::new()),
    ];
    for (what, token) in &refused {
        assert_refused(&uri, what, token).await;
    }
    let counted = format!(
        "redress_refusals_total{{method=\"ListPolicies\",\
         reason=\"ERROR_REASON_UNAUTHENTICATED\"}} {}",
        refused.len()
    );
    assert!(metrics.encode().contains(&counted));
    let mut health = HealthClient::new(server.channel().await);
    assert!(health.check(HealthCheckRequest::default()).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn a_token_names_the_policies_that_may_be_asked_about() {
    let signer = Signer::p256();
    let expected = Expected {
        policies_claim: Some("shops".to_owned()),
        ..expected()
    };
    let set = keys(&[signer.public("p")]);
    let config = Config {
        jwt: Some(JwtVerifier::new(expected, &set).unwrap()),
        ..Config::default()
    };
    let server = Running::built_in(config).await;
    let uri = server.uri();
    let request = granted();
    let own = request.policy.clone();
    let token = |shops: Value| signer.token("p", &with(&[("shops", shops)]));

    let may = client(&uri, &token(json!([own, "another"]))).await;
    assert!(may.decide(request.clone()).await.is_ok());
    assert_eq!(
        list(&uri, &token(json!(own))).await.unwrap(),
        std::slice::from_ref(&own)
    );

    for shops in [json!(["another"]), json!([]), json!("another")] {
        let token = token(shops);
        assert_eq!(list(&uri, &token).await.unwrap(), [""; 0]);
        let caller = client(&uri, &token).await;
        let results = caller.batch_decide([request.clone()]).await.unwrap();
        let refused = results[0].as_ref().expect_err("decided");
        assert_eq!(refused.reason(), Some(Reason::PolicyNotFound));
        let options = pb::ListOptionsRequest {
            policy: own.clone(),
            order: request.order.clone(),
            ..pb::ListOptionsRequest::default()
        };
        let read = format!("policies/{own}");
        for refused in [
            caller.decide(request.clone()).await.map(|_| ()),
            caller.list_options(options).await.map(|_| ()),
            caller.get_policy(read).await.map(|_| ()),
        ] {
            assert_eq!(refused.unwrap_err().reason(), Some(Reason::PolicyNotFound));
        }
    }
    // A token that does not say may ask about none, and one that says something else is none.
    let silent = signer.token("p", &claims());
    assert_eq!(list(&uri, &silent).await.unwrap(), [""; 0]);
    assert_refused(&uri, "a number", &token(json!(7))).await;
    assert_refused(&uri, "a list of numbers", &token(json!([7]))).await;
    server.stop().await;
}

#[test]
fn keys_of_rsa_are_used_for_signatures_alone() {
    let n = base64([0xc5; 256]);
    let key = |others: &[(&str, &str)]| {
        let mut key = json!({"kty": "RSA", "kid": "r", "n": n, "e": "AQAB"});
        for (name, value) in others {
            key[name] = json!(value);
        }
        keys(&[key])
    };
    let usable = |text: &str| JwtVerifier::new(expected(), text).is_ok();
    assert!(usable(&key(&[])));
    assert!(usable(&key(&[("alg", "PS384"), ("use", "sig")])));
    assert!(!usable(&key(&[("use", "enc")])));
    assert!(!usable(&key(&[("alg", "RSA-OAEP")])));
    assert!(!usable(&key(&[("alg", "HS256")])));
}

#[test]
fn files_of_keys_that_let_nobody_in_are_refused() {
    let point = Signer::p256().public("p");
    let mut nameless = point.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    let secret = json!({"kty": "oct", "kid": "s", "k": base64("a secret that is shared")});
    let of = |text: &str| JwtVerifier::new(expected(), text).map(|_| ()).unwrap_err();
    assert!(matches!(of(&keys(&[])), KeysError::Empty));
    assert!(matches!(
        of(&keys(std::slice::from_ref(&secret))),
        KeysError::Empty
    ));
    assert!(matches!(of(&keys(&[nameless])), KeysError::Empty));
    assert!(matches!(of("{}"), KeysError::Json(_)));
    let twice = keys(&[point.clone(), point.clone()]);
    assert!(matches!(of(&twice), KeysError::Duplicate(id) if id == "p"));
    let many: Vec<Value> = vec![point.clone(); 101];
    assert!(matches!(of(&keys(&many)), KeysError::TooMany));
    // A secret beside a key is left out.
    assert!(JwtVerifier::new(expected(), &keys(&[secret, point])).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_replaced_while_the_server_runs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jwt");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("keys.json").to_str().unwrap().to_owned();
    let (old, new) = (Signer::p256(), Signer::ed25519());
    fs::write(&path, keys(&[old.public("1")])).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(["--jwt-keys", &path, "--jwt-issuer", ISSUER]);
    command.args(["--jwt-audience", AUDIENCE]);
    let mut server = Process::start(command);
    let mut log = BufReader::new(server.child.stderr.take().unwrap()).lines();
    let mut says = |what: &str| log.by_ref().any(|line| line.unwrap().contains(what));
    let uri = format!("http://{}", server.address);
    let (of_old, of_new) = (old.token("1", &claims()), new.token("2", &claims()));
    assert!(list(&uri, &of_old).await.is_ok());
    assert_refused(&uri, "its key is to come", &of_new).await;

    fs::write(&path, "no keys").unwrap();
    server.signal("-HUP");
    assert!(says("token keys kept"));
    assert!(list(&uri, &of_old).await.is_ok());

    fs::write(&path, keys(&[old.public("1"), new.public("2")])).unwrap();
    server.signal("-HUP");
    assert!(says("token keys replaced"));
    assert!(list(&uri, &of_old).await.is_ok() && list(&uri, &of_new).await.is_ok());

    fs::write(&path, keys(&[new.public("2")])).unwrap();
    server.signal("-HUP");
    assert!(says("token keys replaced"));
    assert_refused(&uri, "its key is gone", &of_old).await;
    assert!(list(&uri, &of_new).await.is_ok());
}

#[test]
fn settings_of_tokens_are_given_together() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jwt");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("good.json").to_str().unwrap().to_owned();
    fs::write(&path, keys(&[Signer::p256().public("1")])).unwrap();
    let config = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
        let output = command.env_clear().arg("config").args(arguments).output();
        let output = output.unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), error)
    };
    let (issuer, audience) = (["--jwt-issuer", ISSUER], ["--jwt-audience", AUDIENCE]);
    let file = ["--jwt-keys", &path];
    assert_eq!(config(&[file, issuer, audience].concat()).0, Some(0));
    let claim = ["--jwt-policies-claim", "shops"];
    for (arguments, what) in [
        (
            [file, issuer].concat(),
            "`jwt_keys` is set without `jwt_audience`",
        ),
        (
            [file, audience].concat(),
            "`jwt_keys` is set without `jwt_issuer`",
        ),
        (issuer.to_vec(), "`jwt_issuer` is set without `jwt_keys`"),
        (
            claim.to_vec(),
            "`jwt_policies_claim` is set without `jwt_keys`",
        ),
    ] {
        let (code, error) = config(&arguments);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains(what), "{error}");
    }
    fs::write(&path, "{\"keys\": []}").unwrap();
    let (code, error) = config(&[file, issuer, audience].concat());
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("no key can be used"), "{error}");
}
