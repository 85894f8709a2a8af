//! Policies that change while a server runs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use redress_client::{Client, pb};

use crate::bundle;
use crate::process::Process;

/// Returns an empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("reloading")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a policy that gives money back within so many days.
fn write(directory: &Path, name: &str, days: u32) {
    let policy = bundle::policy(name, days);
    let path = directory.join(&policy.path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, policy.text).unwrap();
}

/// Starts a server of a directory, and returns it with what waits for a line of its log.
fn serve(directory: &Path, arguments: &[&str]) -> (Process, impl FnMut(&str) -> String + use<>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.arg("--policies").arg(directory).args(arguments);
    let mut server = Process::start(command);
    let mut log = BufReader::new(server.child.stderr.take().unwrap()).lines();
    let line = move |what: &str| {
        let lines = log.by_ref().map(Result::unwrap);
        let mut found = lines.filter(|line| line.contains(what));
        found.next().expect("a line before the end")
    };
    (server, line)
}

async fn policies(client: &Client) -> Vec<String> {
    let policies = client.list_policies("").await.unwrap().into_iter();
    policies.map(|policy| policy.policy).collect()
}

async fn policy_set(client: &Client) -> pb::PolicySet {
    let mut stub = client.policies();
    let listed = stub.list_policies(pb::ListPoliciesRequest::default());
    listed.await.unwrap().into_inner().policy_set.unwrap()
}

/// A directory as Kubernetes mounts it: what is seen are links through one link, which
/// changes at once.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_change_are_noticed_and_a_bad_set_changes_nothing() {
    let directory = folder("watched");
    write(&directory.join("..first"), "shop-a", 14);
    symlink("..first", directory.join("..data")).unwrap();
    for shop in ["shop-a", "shop-b"] {
        symlink(format!("..data/{shop}"), directory.join(shop)).unwrap();
    }
    // What editors leave beside a file while they write it.
    let shop = directory.join("..first/shop-a");
    fs::write(shop.join(".always.toml.swp"), "half").unwrap();
    fs::write(shop.join("always.toml~"), "half").unwrap();
    let swap = |to: &str| {
        symlink(to, directory.join("..next")).unwrap();
        fs::rename(directory.join("..next"), directory.join("..data")).unwrap();
    };
    let (server, mut line) = serve(&directory, &[]);
    let client = server.client().await;
    assert_eq!(policies(&client).await, ["shop-a"]);
    let first = policy_set(&client).await;
    assert_eq!(first.rejected_load, None);

    write(&directory.join("..second"), "shop-a", 30);
    write(&directory.join("..second"), "shop-b", 14);
    swap("..second");
    let said = line("policies reloaded");
    assert!(said.contains(r#"added="shop-b/always""#), "{said}");
    assert!(said.contains(r#"changed="shop-a/always""#), "{said}");
    assert!(said.contains(r#"removed="""#), "{said}");
    assert_eq!(policies(&client).await, ["shop-a", "shop-b"]);

    let second = policy_set(&client).await;
    assert_ne!(second.digest, first.digest);

    let broken = directory.join("..second/shop-b/always.toml");
    fs::write(broken, "format = 1\n").unwrap();
    line("policies kept");
    assert_eq!(policies(&client).await, ["shop-a", "shop-b"]);
    // Callers learn that the set is not the one in the files, and why.
    let mut kept = policy_set(&client).await;
    let rejected = kept.rejected_load.take().unwrap();
    assert_eq!(kept, second);
    assert!(
        rejected.reason.contains("shop-b/always.toml"),
        "{rejected:?}"
    );
    let machine = directory.to_str().unwrap();
    assert!(!rejected.reason.contains(machine), "{rejected:?}");
    let loaded = second.load_time.unwrap();
    let tried = rejected.reject_time.unwrap();
    assert!((tried.seconds, tried.nanos) > (loaded.seconds, loaded.nanos));

    swap("..first");
    let said = line("policies reloaded");
    assert!(said.contains(r#"removed="shop-b/always""#), "{said}");
    assert_eq!(policies(&client).await, ["shop-a"]);
    let third = policy_set(&client).await;
    assert_eq!(third.digest, first.digest);
    assert_eq!(third.rejected_load, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_watch_reads_at_the_signal() {
    let directory = folder("ordered");
    write(&directory, "shop-a", 14);
    let (server, mut line) = serve(&directory, &["--watch", "false"]);
    let client = server.client().await;
    write(&directory, "shop-b", 14);
    server.signal("-HUP");
    let said = line("policies reloaded");
    assert!(said.contains(r#"added="shop-b/always""#), "{said}");
    assert_eq!(policies(&client).await, ["shop-a", "shop-b"]);
}
