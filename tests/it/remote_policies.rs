//! Policies that come from a bundle over HTTP or object storage.

mod origin;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use redress::load::bundle;
use redress_client::{Client, pb};

use self::origin::{Answer, Origin, until};
use crate::admin::{get, value};
use crate::bundle::{Keys, folder, packed, policy, run, write};
use crate::process::Process;
use crate::running::PATIENCE;

/// A server that asks a source every second.
struct Asking {
    server: Process,
    admin: String,
    client: Client,
    log: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Asking {
    async fn start(address: SocketAddr, arguments: &[&str]) -> Self {
        let mut server = Process::start(command(address, arguments));
        let line = server.line();
        let admin = line.strip_prefix("admin port on ").unwrap().to_owned();
        let log = BufReader::new(server.child.stderr.take().unwrap()).lines();
        let client = server.client().await;
        Self {
            server,
            admin,
            client,
            log,
        }
    }

    /// Waits for a line of the log.
    fn line(&mut self, what: &str) -> String {
        let mut lines = self.log.by_ref().map(Result::unwrap);
        let found = lines.find(|line| line.contains(what));
        found.unwrap_or_else(|| panic!("no line with {what}"))
    }

    async fn listed(&self) -> (Vec<String>, pb::PolicySet) {
        let mut stub = self.client.policies();
        let listed = stub.list_policies(pb::ListPoliciesRequest::default());
        let listed = listed.await.unwrap().into_inner();
        let names = listed.policies.into_iter().map(|policy| policy.policy);
        (names.collect(), listed.policy_set.unwrap())
    }

    fn count(&self, metric: &str) -> u64 {
        value(&get(&self.admin, "/metrics").1, metric)
    }

    /// Whether health says that the server serves.
    fn serves(&self) -> bool {
        self.server.serves()
    }

    /// Stops the server, and returns the rest of its log.
    fn stop(mut self) -> String {
        drop(self.client);
        self.server.signal("-TERM");
        let rest: Vec<String> = self.log.map(Result::unwrap).collect();
        assert_eq!(self.server.end(PATIENCE).0, Some(0));
        rest.join("\n")
    }
}

fn command(address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--threads", "1"]);
    command.args(["--admin-listen", "127.0.0.1:0", "--policies-interval", "1"]);
    if !arguments.contains(&"--policies-url") {
        let url = format!("http://{address}/shops/policies.bundle");
        command.args(["--policies-url", &url]);
    }
    command.args(arguments);
    command
}

/// Runs a server that must not start, and returns what it says.
fn refused(address: SocketAddr, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(address, arguments).env_clear().output().unwrap();
    assert!(output.stdout.is_empty(), "it listens");
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_asked_for_by_its_etag_and_another_is_used_as_a_whole() {
    let (keys, folder) = (Keys::new(), folder("etag"));
    let key = write(&folder, "public.pem", &keys.public);
    let first = keys.sign(&packed(&["shop-a"]));
    let (origin, address) = Origin::start(Answer::Bundle(first)).await;
    let mut asking = Asking::start(address, &["--policies-key", &key]).await;
    let (names, set) = asking.listed().await;
    assert_eq!(names, ["shop-a"]);
    origin.next(304).await;
    origin.next(304).await;
    {
        let state = origin.0.lock().unwrap();
        assert!(
            state
                .asked
                .iter()
                .all(|asked| asked.0 == "/shops/policies.bundle")
        );
        assert_eq!(state.asked.iter().filter(|asked| asked.3 == 200).count(), 1);
        assert_eq!(state.asked[0].1, None);
    }
    assert_eq!(asking.listed().await.1, set);
    let unchanged = "redress_policy_fetches_total{result=\"unchanged\"}";
    assert!(asking.count(unchanged) > 0);
    assert_eq!(
        asking.count("redress_policy_reloads_total{result=\"ok\"}"),
        0
    );

    let second = keys.sign(&packed(&["shop-a", "shop-b"]));
    origin.give(Answer::Bundle(second));
    // An order asks at once.
    asking.server.signal("-HUP");
    let said = asking.line("policies reloaded");
    assert!(said.contains(r#"added="shop-b/always""#), "{said}");
    assert!(said.contains(r#"changed="""#), "{said}");
    let (names, after) = asking.listed().await;
    assert_eq!(names, ["shop-a", "shop-b"]);
    assert_ne!(after.digest, set.digest);
    assert_eq!(
        asking.count("redress_policy_reloads_total{result=\"ok\"}"),
        1
    );
    asking.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_changes_nothing_and_callers_learn_why() {
    let (keys, stranger, folder) = (Keys::new(), Keys::new(), folder("rejected"));
    let key = write(&folder, "public.pem", &keys.public);
    let good = keys.sign(&packed(&["shop-a"]));
    let (origin, address) = Origin::start(Answer::Bundle(good.clone())).await;
    let mut asking = Asking::start(address, &["--policies-key", &key]).await;
    let (_, set) = asking.listed().await;
    let mut broken = policy("shop-b", 14);
    broken.text = "format = 1\n".to_owned();
    let broken = bundle::pack(&[policy("shop-a", 30), broken]).unwrap();
    let other = packed(&["shop-b"]);
    let mut changed = keys.sign(&other);
    *changed.last_mut().unwrap() ^= 1;
    let cases = [
        ("shop-b/always.toml", keys.sign(&broken)),
        ("signed with another key", stranger.sign(&other)),
        ("the bundle is not signed", other.clone()),
        ("the bundle was changed", changed),
        ("the files cannot be read", keys.sign(b"no archive")),
    ];
    for (times, (why, bundle)) in cases.into_iter().enumerate() {
        origin.give(Answer::Bundle(bundle));
        asking.line("policies kept");
        let (names, mut kept) = asking.listed().await;
        assert_eq!(names, ["shop-a"]);
        let rejected = kept.rejected_load.take().expect(why);
        assert!(rejected.reason.contains(why), "{why}: {rejected:?}");
        assert_eq!(kept, set);
        // The same bundle is neither fetched nor told again.
        origin.next(304).await;
        origin.next(304).await;
        let failed = asking.count("redress_policy_reloads_total{result=\"failed\"}");
        assert_eq!(failed, u64::try_from(times).unwrap() + 1);
        assert_eq!(asking.count("redress_policies_rejected"), 1);
    }
    origin.give(Answer::Bundle(good));
    asking.line("policies reloaded");
    let (_, after) = asking.listed().await;
    assert_eq!((after.digest, after.rejected_load), (set.digest, None));
    assert_eq!(asking.count("redress_policies_rejected"), 0);
    asking.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_takes_the_server_out_only_where_that_is_wished_for() {
    let (keys, folder) = (Keys::new(), folder("stale"));
    let key = write(&folder, "public.pem", &keys.public);
    let good = Answer::Bundle(keys.sign(&packed(&["shop-a"])));
    let (origin, address) = Origin::start(good.clone()).await;
    let mut bold = Asking::start(address, &["--policies-key", &key]).await;
    let limit = ["--policies-key", &key, "--policies-max-age", "2"];
    let mut careful = Asking::start(address, &limit).await;
    assert!(careful.serves() && bold.serves());
    for answer in [Answer::Status(500), Answer::Stall] {
        origin.give(answer);
        careful.line("policies are too old");
        assert!(!careful.serves());
        assert_eq!(get(&careful.admin, "/readyz").0, 503);
        // Whoever asks nevertheless is answered.
        assert_eq!(careful.listed().await.0, ["shop-a"]);
        assert!(bold.serves());
        assert_eq!(bold.listed().await.0, ["shop-a"]);
        origin.give(good.clone());
        // Nobody waits for the end of what stalls.
        if origin.answered(0) > 0 {
            break;
        }
        careful.line("confirmed by their source again");
        assert!(careful.serves());
        assert_eq!(get(&careful.admin, "/readyz").0, 200);
        assert!(careful.count("redress_policy_fetches_total{result=\"failed\"}") > 0);
        bold.line("policies kept, their source cannot be used");
        bold.line("policy source is used again");
    }
    for asking in [careful, bold] {
        let began = Instant::now();
        asking.stop();
        assert!(
            began.elapsed() < PATIENCE / 4,
            "the end waits for the source"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_from_the_cache_when_its_source_is_not_reached() {
    let (keys, folder) = (Keys::new(), folder("cache"));
    let key = write(&folder, "public.pem", &keys.public);
    let cache = folder.join("cache");
    fs::create_dir(&cache).unwrap();
    let arguments = [
        "--policies-key",
        &key,
        "--policies-cache",
        cache.to_str().unwrap(),
    ];
    let first = keys.sign(&packed(&["shop-a"]));
    let (origin, address) = Origin::start(Answer::Status(500)).await;
    let (code, said) = refused(address, &arguments);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("the source does not give the bundle"),
        "{said}"
    );

    origin.give(Answer::Bundle(first.clone()));
    let asking = Asking::start(address, &arguments).await;
    let (_, set) = asking.listed().await;
    asking.stop();
    let kept = cache.join("policies.bundle");
    assert_eq!(fs::read(&kept).unwrap(), first);

    // Neither a fault nor a bundle that cannot be used keeps it from starting.
    for answer in [Answer::Status(500), Answer::Bundle(b"half".to_vec())] {
        let is_rejected = matches!(answer, Answer::Bundle(_));
        origin.give(answer);
        let mut asking = Asking::start(address, &arguments).await;
        asking.line("policies are those of the cache");
        let (names, after) = asking.listed().await;
        assert_eq!(
            (names, &after.digest),
            (vec!["shop-a".to_owned()], &set.digest)
        );
        if is_rejected {
            let rejected = after.rejected_load.unwrap();
            assert!(rejected.reason.contains("not signed"), "{rejected:?}");
        }
        let second = keys.sign(&packed(&["shop-a", "shop-b"]));
        origin.give(Answer::Bundle(second.clone()));
        asking.line("policies reloaded");
        assert_eq!(asking.listed().await.0, ["shop-a", "shop-b"]);
        until(|| fs::read(&kept).unwrap() == second).await;
        asking.stop();
        fs::write(&kept, &first).unwrap();
    }

    // What is old is known to be, also after a start.
    origin.give(Answer::Status(500));
    let hours = std::time::SystemTime::now() - Duration::from_secs(7200);
    let file = fs::File::options().append(true).open(&kept).unwrap();
    file.set_modified(hours).unwrap();
    let limit = [&arguments[..], &["--policies-max-age", "3600"]].concat();
    let mut asking = Asking::start(address, &limit).await;
    let said = asking.line("policies are those of the cache");
    assert!(said.contains("age_seconds=72"), "{said}");
    asking.line("policies are too old");
    assert!(!asking.serves());
    asking.stop();

    // A cache is believed no more than the source.
    fs::write(&kept, packed(&["shop-a"])).unwrap();
    let (code, said) = refused(address, &arguments);
    assert_eq!(code, Some(2));
    assert!(said.contains("cache: the bundle is not signed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn object_storage_is_asked_with_the_credentials_of_the_environment() {
    let (keys, folder) = (Keys::new(), folder("storage"));
    let key = write(&folder, "public.pem", &keys.public);
    let good = Answer::Bundle(keys.sign(&packed(&["shop-a"])));
    let (origin, address) = Origin::start(good).await;
    let url = [
        "--policies-url",
        "s3://terms/shops/policies.bundle",
        "--policies-key",
        &key,
    ];
    let mut command = command(address, &url);
    command.env_clear();
    for (name, value) in [
        ("AWS_ENDPOINT", format!("http://{address}")),
        ("AWS_ACCESS_KEY_ID", "reader".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("AWS_REGION", "eu-west-3".to_owned()),
    ] {
        command.env(name, value);
    }
    // Without clearing what was set.
    let mut child = command
        .env("REDRESS_DRAIN_DELAY", "0")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let _ = child.kill();
    child.wait().unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    let state = origin.0.lock().unwrap();
    let (path, _, authorization, status) = &state.asked[0];
    assert_eq!(
        (path.as_str(), *status),
        ("/terms/shops/policies.bundle", 200)
    );
    let authorization = authorization.as_ref().unwrap();
    assert!(
        authorization.contains("Credential=reader/"),
        "{authorization}"
    );
    assert!(authorization.contains("/eu-west-3/s3/"), "{authorization}");
}

#[test]
fn settings_that_do_not_fit_are_said_before_anything_is_asked_for() {
    let folder = folder("settings");
    let key = write(&folder, "public.pem", &Keys::new().public);
    let private = write(&folder, "private.pem", &Keys::new().private);
    let missing = folder.join("missing");
    let missing = missing.to_str().unwrap();
    let here = "https://127.0.0.1:1/policies.bundle";
    let cases: [(&[&str], &str); 12] = [
        (
            &["--policies-url", "policies.bundle"],
            "not the URL of a bundle",
        ),
        (
            &["--policies-url", "ftp://shop.example/a"],
            "not the URL of a bundle",
        ),
        (
            &["--policies-url", "file:///policies.bundle"],
            "not the URL of a bundle",
        ),
        (&["--policies-url", "https://shop.example"], "names no file"),
        (
            &["--policies-url", "https://shop.example/a?key=b"],
            "has a query or a fragment",
        ),
        (
            &["--policies-url", "https://me:secret@shop.example/a"],
            "holds a name or a password",
        ),
        (
            &["--policies-url", "http://shop.example/a"],
            "`policies_key`",
        ),
        (
            &["--policies-url", here, "--policies", "policies"],
            "`policies` and `policies_url` are both set",
        ),
        (
            &["--policies-key", &key],
            "`policies_key` is set without `policies_url`",
        ),
        (
            &["--policies-max-age", "60"],
            "`policies_max_age` is set without `policies_url`",
        ),
        (
            &["--policies-url", here, "--policies-key", &private],
            "there is no key in the file",
        ),
        (
            &["--policies-url", here, "--policies-cache", missing],
            "cannot write to",
        ),
    ];
    for (arguments, why) in cases {
        let output = run(&[&["config"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        assert!(said.contains(why), "{arguments:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_not_signed_does_not_leave_tls_by_a_redirect() {
    let (keys, folder) = (Keys::new(), folder("redirect"));
    let key = write(&folder, "public.pem", &keys.public);
    let bundle = keys.sign(&packed(&["shop-a"]));
    let (plain, there) = Origin::start(Answer::Bundle(bundle.clone())).await;
    let elsewhere = Answer::Redirect(format!("http://{there}/policies.bundle"));
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let authority = write(&folder, "ca.pem", &certified.cert.pem());
    let (origin, address) = Origin::start_tls(Answer::Bundle(bundle), &certified).await;
    let url = format!("https://localhost:{}/policies.bundle", address.port());
    // A port that is taken: whoever has policies says so, and ends.
    let taken = there.to_string();
    let starts = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_redress"))
            .args(["serve", "--listen", &taken, "--policies-url", &url])
            .args(more)
            .env_clear()
            .env("SSL_CERT_FILE", &authority)
            .output();
        String::from_utf8(output.unwrap().stderr).unwrap()
    };
    assert!(starts(&[]).contains("cannot listen"), "{}", starts(&[]));
    origin.give(elsewhere);
    let said = starts(&[]);
    assert!(said.contains("no policies to start with"), "{said}");
    assert_eq!(plain.answered(200), 0);
    let said = starts(&["--policies-key", &key]);
    assert!(said.contains("cannot listen"), "{said}");
    assert_eq!(plain.answered(200), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_of_two_keys_will_do_while_one_replaces_the_other() {
    let (old, new, folder) = (Keys::new(), Keys::new(), folder("rotation"));
    let both = format!("{}{}", old.public, new.public);
    let both = write(&folder, "public.pem", &both);
    let (origin, address) = Origin::start(Answer::Bundle(old.sign(&packed(&["shop-a"])))).await;
    let mut asking = Asking::start(address, &["--policies-key", &both]).await;
    for (keys, name) in [(&new, "shop-b"), (&old, "shop-c")] {
        origin.give(Answer::Bundle(keys.sign(&packed(&[name]))));
        asking.line("policies reloaded");
        assert_eq!(asking.listed().await.0, [name]);
    }
    // An older bundle is signed like any other: nothing tells it apart.
    origin.give(Answer::Bundle(old.sign(&packed(&["shop-a"]))));
    let said = asking.line("policies reloaded");
    assert!(said.contains(r#"removed="shop-c/always""#), "{said}");
    asking.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_is_broken_or_cannot_be_written_stops_nobody_whose_source_answers() {
    let (keys, folder) = (Keys::new(), folder("broken-cache"));
    let key = write(&folder, "public.pem", &keys.public);
    let good = keys.sign(&packed(&["shop-a"]));
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let arguments = [
        "--policies-key",
        &key,
        "--policies-cache",
        folder.to_str().unwrap(),
    ];
    let kept = folder.join("policies.bundle");
    let (origin, address) = Origin::start(Answer::Status(404)).await;
    for broken in [&b""[..], b"garbage", &good[..good.len() / 2], &flipped] {
        fs::write(&kept, broken).unwrap();
        let (code, said) = refused(address, &arguments);
        assert_eq!(code, Some(2));
        assert!(
            said.contains("404") && said.contains("cache: the bundle"),
            "{said}"
        );
    }
    origin.give(Answer::Bundle(good.clone()));
    let asking = Asking::start(address, &arguments).await;
    assert_eq!(asking.listed().await.0, ["shop-a"]);
    asking.stop();
    assert_eq!(fs::read(&kept).unwrap(), good);

    // Nobody can create a file where a directory is.
    fs::create_dir(folder.join("policies.bundle.new")).unwrap();
    let another = keys.sign(&packed(&["shop-b"]));
    let mut asking = Asking::start(address, &arguments).await;
    origin.give(Answer::Bundle(another));
    asking.line("policies cannot be kept in the cache");
    until(|| asking.count("redress_policy_fetches_total{result=\"changed\"}") == 1).await;
    assert_eq!(asking.listed().await.0, ["shop-b"]);
    assert_eq!(fs::read(&kept).unwrap(), good);
    // What the source confirms is not what the cache holds.
    let written = || fs::metadata(&kept).unwrap().modified().unwrap();
    let before = written();
    origin.next(304).await;
    origin.next(304).await;
    assert_eq!(written(), before);
    asking.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_leaves_one_line_however_often_the_source_is_asked() {
    let (keys, folder) = (Keys::new(), folder("outage"));
    let key = write(&folder, "public.pem", &keys.public);
    let good = Answer::Bundle(keys.sign(&packed(&["shop-a"])));
    let (origin, address) = Origin::start(good.clone()).await;
    let asking = Asking::start(address, &["--policies-key", &key]).await;
    let failed = "redress_policy_fetches_total{result=\"failed\"}";
    let mut outages = 0;
    for answer in [Answer::Status(404), Answer::Status(500)] {
        origin.give(answer);
        let before = asking.count(failed);
        until(|| asking.count(failed) >= before + 2).await;
        origin.give(good.clone());
        // The second is asked for after the first was taken.
        origin.next(304).await;
        origin.next(304).await;
        outages += 1;
    }
    let log = asking.stop();
    for line in [
        "policies kept, their source cannot be used",
        "policy source is used again",
    ] {
        assert_eq!(log.matches(line).count(), outages, "{line}: {log}");
    }
}
