//! Many policies at once: what comes out depends neither on how many threads load
//! them nor on what else is loaded.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use redress::domain::id::PolicyId;
use redress::domain::time::{Day, EventTime};
use redress::load::{self, MAX_POLICY_FILES};
use redress::policy::catalog::{Catalog, LoadError, NotFound};
use redress::policy::source::Source;

/// Copies of each shipped policy.
const COPIES: usize = 3;

/// Returns the shipped policies with their sentences, each under several ids,
/// policy by policy.
fn copies() -> Vec<Vec<Source>> {
    let shipped = load::embedded();
    let ids: BTreeSet<&str> = shipped.iter().map(|s| folder(&s.path)).collect();
    let mut sets = Vec::new();
    for id in ids {
        for copy in 0..COPIES {
            let own = format!("{id}-{copy}");
            let files = shipped.iter().filter(|s| folder(&s.path) == id);
            let renamed = files.map(|s| Source {
                path: s.path.replacen(id, &own, 1),
                text: s.text.replace(&format!("\"{id}\""), &format!("\"{own}\"")),
            });
            sets.push(renamed.collect());
        }
    }
    sets
}

fn folder(path: &str) -> &str {
    path.split('/').next().unwrap()
}

/// Writes all that a catalog holds.
fn whole(catalog: &Catalog) -> Vec<String> {
    catalog.plans().map(|plan| format!("{plan:?}")).collect()
}

fn load_sets(sets: &[Vec<Source>]) -> Result<Catalog, LoadError> {
    Catalog::load_each(sets, |set| Ok(set.clone()))
}

fn smallest(id: &str, revision: &str) -> Source {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/good/smallest.toml");
    let text = std::fs::read_to_string(path).unwrap();
    Source {
        path: format!("{id}/{revision}.toml"),
        text: text
            .replace("\"acme-shop\"", &format!("\"{id}\""))
            .replace("\"always\"", &format!("\"{revision}\"")),
    }
}

#[test]
fn policies_come_out_together_as_they_do_alone() {
    let sets = copies();
    let mut alone = Vec::new();
    for set in &sets {
        let catalog = Catalog::load(set).unwrap_or_else(|e| panic!("{e}"));
        alone.extend(whole(&catalog));
    }
    let together = load_sets(&sets).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(whole(&together), alone);
    let flat: Vec<Source> = sets.into_iter().rev().flatten().collect();
    let backwards = Catalog::load(&flat).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(whole(&backwards), alone);
}

#[test]
fn mistakes_come_out_together_as_they_do_alone() {
    let mut sets = copies();
    for (n, source) in sets.iter_mut().flatten().enumerate() {
        // Some files of each kind stay as they are.
        if n % 3 == 0 {
            source.text.push_str("\nspelt = 1\nformat = 2\n");
        }
    }
    let stray = |name: &str| Source {
        path: format!("{}{name}.fr.texts.toml", folder(&sets[0][0].path)),
        text: String::new(),
    };
    let strays = vec![stray("/2026-01-01"), stray("/1999-01-01")];
    sets.push(strays);
    let mut alone: Vec<(String, String)> = Vec::new();
    for set in &sets {
        if let Err(error) = Catalog::load(set) {
            let shown = error.render(false);
            let paths = error.diagnostics().map(|d| d.path.clone());
            alone.extend(paths.zip(shown.split("\n\n").map(str::to_owned)));
        }
    }
    // Of one path all messages stand together already.
    alone.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert!(alone.len() > sets.len(), "{}", alone.len());
    let alone: Vec<String> = alone.into_iter().map(|(_, shown)| shown).collect();
    let together = load_sets(&sets).unwrap_err();
    assert_eq!(together.render(false), alone.join("\n\n"));
    let flat: Vec<Source> = sets.into_iter().rev().flatten().collect();
    let backwards = Catalog::load(&flat).unwrap_err();
    assert_eq!(backwards.render(false), alone.join("\n\n"));
}

#[test]
fn a_revision_that_stands_twice_is_refused_in_the_later_set() {
    let mut other = smallest("acme-shop", "always");
    other.path = "elsewhere/acme-shop/always.toml".to_owned();
    let sets = [vec![smallest("acme-shop", "always")], vec![other]];
    let error = load_sets(&sets).unwrap_err();
    let shown = error.render(false);
    assert_eq!(error.count(), 1, "{shown}");
    assert!(
        shown.contains("duplicate revision `always` of `acme-shop`"),
        "{shown}"
    );
    assert!(shown.contains("elsewhere/acme-shop/always.toml"), "{shown}");
}

#[test]
fn the_first_set_that_cannot_be_read_is_told() {
    #[derive(Debug)]
    struct Unread(usize);
    impl From<LoadError> for Unread {
        fn from(error: LoadError) -> Self {
            unreachable!("{error}")
        }
    }
    let sets: Vec<usize> = (0..100).collect();
    let read = |n: &usize| match n {
        17 | 18 | 99 => Err(Unread(*n)),
        // What is wrong with a policy matters once all can be read.
        3 => Ok(vec![smallest("another", "never")]),
        _ => Ok(vec![smallest(&format!("shop-{n}"), "always")]),
    };
    assert_eq!(Catalog::load_each(&sets, read).unwrap_err().0, 17);
}

#[test]
fn each_of_many_policies_is_found() {
    let id = |n: usize| format!("shop-{n}");
    let revisions = ["2026-01-01", "2026-07-01"];
    let sets: Vec<Vec<Source>> = (0..300)
        .map(|n| revisions.map(|r| smallest(&id(n), r)).into())
        .collect();
    let catalog = load_sets(&sets).unwrap_or_else(|e| panic!("{e}"));
    let day = |text: &str| EventTime::On(Day::parse(text).unwrap());
    for n in 0..300 {
        let policy = PolicyId::new(&id(n)).unwrap();
        let found = |place| {
            let plan = catalog.find(policy.as_str(), None, place)?;
            assert_eq!(plan.policy, policy);
            Ok(plan.revision.clone())
        };
        assert_eq!(found(day("2025-12-31")), Err(NotFound::Revision));
        assert_eq!(found(day("2026-06-30")), Ok("2026-01-01".to_owned()));
        assert_eq!(found(day("2026-07-01")), Ok("2026-07-01".to_owned()));
    }
    for stranger in ["shop", "shop-300"] {
        let policy = PolicyId::new(stranger).unwrap();
        let found = catalog.find(policy.as_str(), None, EventTime::Unknown);
        assert_eq!(found.err(), Some(NotFound::Policy), "{stranger}");
    }
    let ids: Vec<&str> = catalog.plans().map(|p| p.policy.as_str()).collect();
    assert!(ids.is_sorted());
}

#[test]
fn what_policies_have_in_common_is_held_once() {
    let catalog = load_sets(&copies()).unwrap_or_else(|e| panic!("{e}"));
    let plans: Vec<_> = catalog.plans().collect();
    for copies in plans.chunks(COPIES) {
        let [first, rest @ ..] = copies else {
            unreachable!("there are copies")
        };
        for plan in rest {
            let clauses = first.clauses.iter().zip(&plan.clauses);
            assert!(clauses.into_iter().all(|(a, b)| Arc::ptr_eq(a, b)));
            let routes = first.route_plans.iter().zip(&plan.route_plans);
            assert!(routes.into_iter().all(|((_, a), (_, b))| Arc::ptr_eq(a, b)));
            let texts = first.texts.iter().zip(&plan.texts);
            assert!(texts.into_iter().all(|(a, b)| Arc::ptr_eq(a, b)));
        }
    }
}

#[test]
fn ten_thousand_shops_in_five_languages_fit() {
    const { assert!(MAX_POLICY_FILES >= 10_000 * 5) }
}
