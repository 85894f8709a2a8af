//! Policy sets that are replaced under load, every tenth one broken.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

use super::callers::{Callers, connect, request, without_retries};
use super::servers::{PATIENCE, Start};
use super::{Plan, at_most, figure};
use crate::report::Figure;

/// Replacements of the set.
const REPLACEMENTS: usize = 100;
/// Every so many sets, one is broken.
const BROKEN_EVERY: usize = 10;
/// How long each set is in use before the next, in a quick and in a full run.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];
/// Concurrent callers.
const CALLERS: usize = 8;

/// Replaces the set as Kubernetes replaces a ConfigMap: by changing one symbolic link.
pub async fn run(plan: &Plan) -> Vec<Figure> {
    let folder = tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let policy = request().policy;
    let original = root.join(&policy).join("always.toml");
    let text = fs::read_to_string(&original).expect("a policy");
    let mut good = BTreeSet::new();
    for number in 0..=REPLACEMENTS {
        let shop = folder.path().join(format!("..{number}")).join(&policy);
        fs::create_dir_all(&shop).expect("a folder");
        let text = match is_broken(number) {
            true => text.replace("[[clause]]", "[[claws]]"),
            false => format!("{text}\n# Set {number}.\n"),
        };
        if !is_broken(number) {
            good.insert(Sha256::digest(&text).to_vec());
        }
        fs::write(shop.join("always.toml"), text).expect("a file");
    }
    let loaded = folder.path().join("loaded");
    fs::create_dir_all(&loaded).expect("a folder");
    point_to(&folder, 0);
    symlink(format!("../..data/{policy}"), loaded.join(&policy)).expect("a link");
    let server = Start::new(&plan.program, &["--watch", "false"])
        .with("--policies", &loaded)
        .run()
        .await;
    let client = connect(server.uri(), without_retries()).await;
    let callers = Callers::start(&client, CALLERS);
    let (mut ok, mut failed) = (0.0, 0.0);
    for number in 1..=REPLACEMENTS {
        tokio::time::sleep(plan.pick(PAUSES[0], PAUSES[1])).await;
        point_to(&folder, number);
        server.signal("-HUP");
        let began = Instant::now();
        while ok + failed < number as f64 {
            assert!(began.elapsed() < PATIENCE, "the set is not reloaded");
            tokio::time::sleep(Duration::from_millis(5)).await;
            ok = server.metric("redress_policy_reloads_total", "\"ok\"");
            failed = server.metric("redress_policy_reloads_total", "\"failed\"");
        }
    }
    let tally = callers.stop().await;
    tally.explain("policies");
    let unknown = tally.digests.difference(&good).count();
    let what = "policies replaced";
    vec![
        figure(what, "sets loaded", ok, "").bar(
            "90",
            ok == (REPLACEMENTS - REPLACEMENTS / BROKEN_EVERY) as f64,
        ),
        figure(what, "broken sets rejected", failed, "")
            .bar("10", failed == (REPLACEMENTS / BROKEN_EVERY) as f64),
        figure(what, "calls", tally.answered as f64, ""),
        figure(
            what,
            "sets named by verdicts",
            tally.digests.len() as f64,
            "",
        )
        .bar("at least 50", tally.digests.len() >= REPLACEMENTS / 2),
        at_most(what, "failed calls", tally.failed() as f64, "", 0.0),
        at_most(what, "digests of any other set", unknown as f64, "", 0.0),
    ]
}

fn is_broken(number: usize) -> bool {
    number > 0 && number.is_multiple_of(BROKEN_EVERY)
}

/// Points the link to a set, atomically.
fn point_to(folder: &TempDir, number: usize) {
    let new = folder.path().join("..new");
    symlink(format!("..{number}"), &new).expect("a link");
    fs::rename(new, folder.path().join("..data")).expect("a link");
}
