//! Texts in every language: none lacks a sentence, and a wish for a language changes
//! nothing but sentences.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use redress::domain::time::Instant;
use redress::domain::verdict::AskedField;
use redress::domain::vocabulary::{Event, Fact};
use redress::engine::Budget;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::text;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

/// The languages that the shipped policies speak.
const SHIPPED: [&str; 5] = ["el", "en", "es", "fr", "it"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn catalog() -> Catalog {
    let sources = load::policies(&root().join("policies")).unwrap();
    Catalog::load(&sources).unwrap_or_else(|e| panic!("{e}"))
}

/// Reads a file of the engine's own texts as `group.code` and text.
fn own(language: &str) -> Vec<(String, String)> {
    let path = root().join(format!("texts/{language}.toml"));
    let groups: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut texts = Vec::new();
    flatten("", &groups, &mut texts);
    texts
}

fn flatten(under: &str, table: &toml::Table, texts: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let name = format!("{under}{key}");
        match value {
            toml::Value::Table(table) => flatten(&format!("{name}."), table, texts),
            text => texts.push((name, text.as_str().unwrap().to_owned())),
        }
    }
}

/// Returns the places of a sentence that are filled in.
fn places(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts.map(|part| part.split('}').next().unwrap()).collect()
}

/// Returns the keys of all questions about facts and events and of what events are called,
/// which are English in the contract, with what stands there.
fn questions() -> impl Iterator<Item = (String, &'static str)> {
    let facts = Fact::ALL.iter().map(|fact| fact.spec());
    let facts = facts.map(|spec| (format!("question.{}", spec.name), spec.question));
    let events = Event::ALL.iter().map(|event| event.spec());
    let asked = facts.chain(events.map(|spec| (format!("when.{}", spec.name), spec.question)));
    let events = Event::ALL.iter().map(|event| event.spec());
    asked.chain(events.map(|spec| (format!("event.{}", spec.name), spec.phrase)))
}

#[test]
fn every_language_has_every_sentence_of_the_engine() {
    assert_eq!(text::languages().collect::<Vec<_>>(), SHIPPED);
    let asked = AskedField::WORDS
        .iter()
        .map(|name| format!("question.{name}"));
    let fields: Vec<String> = asked.collect();
    let mut english = own("en");
    assert!(
        fields
            .iter()
            .all(|field| english.iter().any(|(key, _)| key == field))
    );
    english.extend(questions().map(|(key, text)| (key, text.to_owned())));
    for language in SHIPPED.iter().filter(|l| **l != "en") {
        let texts = own(language);
        let expected: BTreeSet<String> = english.iter().map(|(key, _)| key.clone()).collect();
        let got: BTreeSet<String> = texts.iter().map(|(key, _)| key.clone()).collect();
        let lacks: Vec<_> = expected.difference(&got).collect();
        let stray: Vec<_> = got.difference(&expected).collect();
        assert!(
            lacks.is_empty() && stray.is_empty(),
            "{language}: {lacks:?} {stray:?}"
        );
        for (key, text) in &texts {
            // Thousands can be separated by a space.
            assert!(
                !text.trim().is_empty() || key == "number.group",
                "{language} {key}"
            );
            if let Some((_, of)) = english.iter().find(|(k, _)| k == key) {
                assert_eq!(places(text), places(of), "{language} {key}");
            }
        }
    }
}

#[test]
fn every_shipped_clause_speaks_every_language() {
    for plan in catalog().plans() {
        let ids: BTreeSet<&str> = plan.clause_ids().collect();
        for language in SHIPPED.iter().filter(|l| **l != "en") {
            let texts = plan.texts.iter().find(|t| t.language == *language);
            let texts = texts.unwrap_or_else(|| panic!("{} has no {language}", plan.policy));
            let spoken: BTreeSet<&str> = texts.clauses.iter().map(|(id, _)| id.as_str()).collect();
            let lacks: Vec<_> = ids.difference(&spoken).collect();
            assert!(lacks.is_empty(), "{} {language}: {lacks:?}", plan.policy);
        }
    }
}

/// Reads the example of a plain return, at full view.
fn plain_return() -> pb::DecideRequest {
    let path = root().join("examples/return_plain_piece.json");
    let text = fs::read_to_string(path).unwrap();
    let schema = Schema::new().unwrap();
    let mut request: pb::DecideRequest = schema.read(&text, "redress.v1.DecideRequest").unwrap();
    request.view = pb::View::Full.into();
    request
}

fn decide(catalog: &Catalog, languages: &[&str]) -> pb::Verdict {
    let mut request = plain_return();
    request.language_codes = languages.iter().map(|l| (*l).to_owned()).collect();
    let decided = answer::decide(
        catalog,
        &request,
        Instant::from_unix(0, 0).unwrap(),
        &Budget::default(),
    );
    decided.unwrap().verdict.decode().unwrap()
}

#[test]
fn the_first_language_that_there_is_speaks() {
    let catalog = catalog();
    // The words that each language has for an approval.
    for (wished, language, summary) in [
        (&["fr"][..], "fr", "Accepté"),
        (&["de", "fr-CA", "it"], "fr", "Accepté"),
        (&["IT"], "it", "Richiesta accolta"),
        (&["es-419"], "es", "Aprobado"),
        (&["el"], "el", "Εγκρίνεται"),
        (&["de"], "en", "Approved"),
        (&[], "en", "Approved"),
    ] {
        let verdict = decide(&catalog, wished);
        assert_eq!(verdict.language_code, language, "{wished:?}");
        assert!(
            verdict.summary.starts_with(summary),
            "{wished:?}: {}",
            verdict.summary
        );
    }
}

/// Takes out of a verdict what may differ between languages.
fn bare(mut verdict: pb::Verdict) -> pb::Verdict {
    verdict.summary.clear();
    verdict.language_code.clear();
    for notice in &mut verdict.notices {
        notice.text.clear();
    }
    for row in &mut verdict.rows {
        for reason in &mut row.reasons {
            reason.text.clear();
        }
        if let Some(entitlement) = &mut row.entitlement {
            for condition in &mut entitlement.conditions {
                condition.text.clear();
            }
            for obligation in &mut entitlement.obligations {
                obligation.text.clear();
            }
        }
    }
    if let Some(settlement) = &mut verdict.settlement {
        for item in &mut settlement.items {
            item.arithmetic.clear();
        }
    }
    verdict
}

#[test]
fn a_language_changes_nothing_but_sentences() {
    let catalog = catalog();
    let english = decide(&catalog, &[]);
    for language in SHIPPED.iter().filter(|l| **l != "en") {
        let other = decide(&catalog, &[language]);
        assert_eq!(bare(other.clone()), bare(english.clone()), "{language}");
        for (one, two) in other.rows[0].reasons.iter().zip(&english.rows[0].reasons) {
            assert_ne!(one.text, two.text, "{language}");
        }
    }
}

#[test]
fn a_reason_carries_what_its_sentence_is_filled_in_with() {
    let catalog = catalog();
    let mut request = plain_return();
    request.decide_time = None;
    // Delivered on 9 March, so that day 30 is 8 April.
    let late = Instant::parse("2026-04-20T10:00:00+02:00").unwrap();
    request.request.as_mut().unwrap().request_time = Some(prost_types::Timestamp {
        seconds: late.unix_seconds(),
        nanos: 0,
    });
    let verdict = answer::decide(&catalog, &request, late, &Budget::default())
        .unwrap()
        .verdict;
    let verdict = verdict.decode().unwrap();
    let reason = &verdict.rows[0].reasons[0];
    assert_eq!(reason.code, "window_closed");
    assert_eq!(reason.parameters[0].name, "closes");
    assert_eq!(reason.parameters[0].value, "2026-04-08 23:59");
    assert!(
        reason
            .text
            .starts_with("The period ended: Wed 8 Apr 2026, 23:59."),
        "{}",
        reason.text
    );
}
