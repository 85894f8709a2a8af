//! Bundles of policies: `redress bundle`, and what other tests need to make some.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use redress::load::bundle;
use redress::policy::source::Source;
use redress::server::signatures::SigningKey;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::generate::terms;

/// A pair of keys in PEM form.
pub struct Keys {
    pub private: String,
    pub public: String,
}

impl Keys {
    pub fn new() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        // RFC 8410: what comes before a key of this kind.
        let mut public = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
        public.extend_from_slice(pair.public_key().as_ref());
        let pem = |what: &str, bytes: &[u8]| {
            let text = STANDARD.encode(bytes);
            format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
        };
        Self {
            private: pem("PRIVATE KEY", document.as_ref()),
            public: pem("PUBLIC KEY", &public),
        }
    }

    pub fn sign(&self, bundle: &[u8]) -> Vec<u8> {
        SigningKey::parse(&self.private).unwrap().sign(bundle)
    }
}

/// Returns an empty folder.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("bundle")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Returns a policy that gives money back within so many days.
pub fn policy(name: &str, days: u32) -> Source {
    let clause = format!(
        r#"
[[clause]]
id     = "A-01"
says   = "What comes back in time is paid for."
source = "Returns"
on     = "return"
within = {{ days = {days}, after = "deliver" }}
grants = {{ remedy = "refund" }}
"#
    );
    Source {
        path: format!("{name}/always.toml"),
        text: terms(&clause).text.replace("acme-shop", name),
    }
}

pub fn packed(names: &[&str]) -> Vec<u8> {
    let policies: Vec<Source> = names.iter().map(|name| policy(name, 14)).collect();
    bundle::pack(&policies).unwrap()
}

pub fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.env_clear().args(arguments).output().unwrap()
}

#[test]
fn a_directory_is_packed_checked_signed_and_always_the_same() {
    let (keys, folder) = (Keys::new(), folder("packed"));
    let private = write(&folder, "private.pem", &keys.private);
    let policies = folder.join("policies");
    for name in ["shop-b", "shop-a"] {
        let source = policy(name, 14);
        let shop = policies.join(name);
        fs::create_dir_all(&shop).unwrap();
        fs::write(shop.join("always.toml"), source.text).unwrap();
        fs::write(shop.join("notes.txt"), "no policy").unwrap();
    }
    let directory = policies.to_str().unwrap();
    let out = folder.join("policies.bundle");
    let out = out.to_str().unwrap();
    let output = run(&["bundle", directory, "--out", out]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let plain = fs::read(out).unwrap();
    assert_eq!(plain, packed(&["shop-a", "shop-b"]));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("2 policy revisions, not signed\ndigest "),
        "{said}"
    );
    let digest = said.lines().last().unwrap().to_owned();

    let output = run(&["bundle", directory, "--out", out, "--key", &private]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read(out).unwrap(), keys.sign(&plain));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("2 policy revisions, signed\n{digest}\n"));

    let public = write(&folder, "public.pem", &keys.public);
    let output = run(&["bundle", directory, "--out", out, "--key", &public]);
    assert_eq!(output.status.code(), Some(2));
    let broken = policies.join("shop-a/always.toml");
    fs::write(broken, "format = 1\n").unwrap();
    let before = fs::read(out).unwrap();
    let output = run(&["bundle", directory, "--out", out]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read(out).unwrap(), before, "a broken set was packed");
}
