//! The files for those who run the server fit the server.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use redress::server::config::DEFAULT_GRACE;
use redress_client::pb::ErrorReason;
use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Returns what follows a word in each line that begins with it.
fn after<'t>(text: &'t str, word: &str) -> BTreeSet<&'t str> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(word))
        .collect()
}

/// Returns every word of a text that begins with another.
fn words<'t>(text: &'t str, beginning: &str) -> BTreeSet<&'t str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with(beginning))
        .collect()
}

/// Asserts that expressions use metrics that are documented, which another test compares
/// with those that are exported, and more than `fewest` of them.
fn assert_exported(expressions: &str, fewest: usize) {
    let page = read("docs/operations.md");
    let metrics: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split(['{', '`']).next())
        .collect();
    let used = words(expressions, "redress_")
        .into_iter()
        .map(|name| name.strip_suffix("_bucket").unwrap_or(name))
        .collect::<BTreeSet<&str>>();
    assert!(used.len() > fewest, "{used:?}");
    for name in &used {
        assert!(metrics.contains(name), "{name} is not exported");
    }
}

#[test]
fn the_dashboard_shows_what_is_exported_by_labels_that_there_are() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/redress.json")).unwrap();
    let page = read("docs/operations.md");
    let panels = dashboard["panels"].as_array().unwrap();
    let expressions: Vec<&str> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap())
        .map(|target| target["expr"].as_str().unwrap())
        .collect();
    assert_exported(&expressions.join(" "), 10);
    for expression in expressions {
        let Some((_, labels)) = expression.split_once("sum by (") else {
            continue;
        };
        let metric = *words(expression, "redress_").first().unwrap();
        let metric = metric.strip_suffix("_bucket").unwrap_or(metric);
        let (labels, _) = labels.split_once(')').unwrap();
        let (_, known) = page.split_once(&format!("| `{metric}{{")).unwrap();
        let (known, _) = known.split_once('}').unwrap();
        let known: BTreeSet<&str> = known.split(',').chain(["le", "instance"]).collect();
        for label in labels.split(", ") {
            assert!(known.contains(label), "{metric} has no {label}");
        }
    }
}

#[test]
fn alerts_are_about_what_is_exported_and_each_has_its_page() {
    let alerts = read("deploy/prometheus/alerts.yml");
    let page = read("docs/operations.md");
    let rules: Vec<&str> = after(&alerts, "expr: ").into_iter().collect();
    assert_exported(&rules.join(" "), 5);
    for reason in words(&rules.join(" "), "ERROR_REASON_") {
        assert!(ErrorReason::from_str_name(reason).is_some(), "{reason}");
    }
    for reason in ["handshake", "too_many"] {
        let label = format!("{{reason=\"{reason}\"}}");
        assert!(alerts.contains(&label) && page.contains(&format!("`{reason}`")));
    }
    let (_, runbook) = page.split_once("\n## Alerts\n").unwrap();
    assert_eq!(after(&alerts, "- alert: "), after(runbook, "### "));
}

#[test]
fn the_unit_starts_a_server_that_ends_before_it_is_killed() {
    let unit = read("deploy/systemd/redress.service");
    let started = *after(&unit, "ExecStart=").first().unwrap();
    let arguments = started
        .strip_prefix("/usr/local/bin/redress serve ")
        .unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/systemd");
    let arguments = arguments.replace("/etc/redress", root.to_str().unwrap());
    let checked = Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg("config")
        .args(arguments.split(' '))
        .env_clear()
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(0), "{wrong}");
    let page = String::from_utf8(checked.stdout).unwrap();
    assert!(page.contains("admin_listen = \"127.0.0.1:9464\""), "{page}");
    let limit: u64 = after(&unit, "TimeoutStopSec=")
        .first()
        .unwrap()
        .parse()
        .unwrap();
    assert!(DEFAULT_GRACE.as_secs() < limit);
}

#[test]
fn the_image_is_labelled_as_the_package_and_its_bases_can_be_pinned() {
    let image = read("Dockerfile");
    let package = read("Cargo.toml");
    for (label, key) in [
        ("title", "name = "),
        ("description", "description = "),
        ("licenses", "license = "),
    ] {
        let value = *after(&package, key)
            .iter()
            .find(|value| **value != "\"it\"")
            .unwrap();
        let line = format!("LABEL org.opencontainers.image.{label}={value}\n");
        assert!(image.contains(&line), "no {line}");
    }
    let bases: Vec<&str> = image
        .lines()
        .filter_map(|line| line.strip_prefix("FROM "))
        .collect();
    assert_eq!(bases, ["${BUILD} AS build", "${BASE}"]);
    let toolchain = read("rust-toolchain.toml");
    let channel = after(&toolchain, "channel = ")
        .first()
        .unwrap()
        .trim_matches('"');
    let pinned = format!("ARG BUILD=rust:{channel}-slim-");
    assert!(image.contains(&pinned), "no {pinned}");
}

#[test]
fn the_image_is_built_of_all_that_cargo_looks_for() {
    let image = read("Dockerfile");
    let copied: BTreeSet<&str> = image
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|rest| !rest.starts_with("--from="))
        .flat_map(|rest| {
            let mut words: Vec<&str> = rest.split(' ').collect();
            words.pop();
            words
        })
        .collect();
    let ignored = read(".dockerignore");
    assert_eq!(ignored.lines().next(), Some("*"));
    assert_eq!(after(&ignored, "!"), {
        let mut wanted = copied.clone();
        // It is part of a folder.
        wanted.remove("client/Cargo.toml");
        wanted
    });
    // Cargo reads the manifest of every member of the workspace, and the text of what is built
    // in.
    let package = read("Cargo.toml");
    let (members, _) = after(&package, "members = [")
        .first()
        .unwrap()
        .split_once(']')
        .unwrap();
    for member in members.split(", ") {
        let manifest = format!("{}/Cargo.toml", member.trim_matches('"'));
        assert!(copied.contains(manifest.as_str()), "no {manifest}");
    }
    for folder in [
        "src",
        "client",
        "proto",
        "policies",
        "texts",
        "build.rs",
        "Cargo.lock",
    ] {
        assert!(copied.contains(folder), "no {folder}");
    }
}

/// Returns the value of a variable in the manifest of the servers.
fn variable<'m>(manifest: &'m str, name: &str) -> &'m str {
    let (_, rest) = manifest.split_once(&format!("- name: {name}\n")).unwrap();
    let value = rest.trim_start().strip_prefix("value: ").unwrap();
    value.lines().next().unwrap().trim_matches('"')
}

#[test]
fn the_manifest_starts_a_server_that_drains_before_it_is_killed() {
    let manifest = read("deploy/kubernetes/deployment.yaml");
    let names = after(&manifest, "- name: REDRESS_");
    let variables = names.iter().map(|name| {
        let name = format!("REDRESS_{name}");
        let value = variable(&manifest, &name).to_owned();
        (name, value)
    });
    let checked = Command::new(env!("CARGO_BIN_EXE_redress"))
        .arg("config")
        .env_clear()
        .envs(variables)
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(0), "{wrong}");
    let number = |word: &str| -> u64 { after(&manifest, word).first().unwrap().parse().unwrap() };
    assert!(DEFAULT_GRACE.as_secs() < number("terminationGracePeriodSeconds: "));
    // The first of both is the readiness probe's.
    let (_, probe) = manifest.split_once("readinessProbe:").unwrap();
    let of_probe = |word: &str| -> u64 {
        let (_, rest) = probe.split_once(word).unwrap();
        rest.lines().next().unwrap().parse().unwrap()
    };
    let noticed = of_probe("periodSeconds: ") * of_probe("failureThreshold: ");
    let delay: u64 = variable(&manifest, "REDRESS_DRAIN_DELAY").parse().unwrap();
    assert!(delay > noticed, "{delay} seconds for {noticed}");
    for (path, port) in [("/readyz", "admin"), ("/healthz", "admin")] {
        assert!(manifest.contains(&format!("path: {path}\n              port: {port}\n")));
    }
}
