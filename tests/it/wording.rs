//! How texts for people are worded, in the engine's own files and in the five shops': what
//! reads wrong in each language, and what people have no use for.

use std::fs;
use std::path::{Path, PathBuf};

use redress::domain::time::Instant;
use redress::engine::Budget;
use redress::server::reload;
use redress::text;
use redress::wire::answer;
use redress::wire::json::Schema;
use redress_client::pb;

/// Words that read wrong, or that a customer cannot know the meaning of.
const WORDS: [(&str, &[&str]); 5] = [
    (
        "en",
        &[
            "a person decides",
            "a person must",
            "for a person",
            "way back",
            "be had",
            "dearer",
            "worth",
            "for want of",
            "foresee",
            "comes back",
            "come back",
            "the page ",
            "the text ",
            "speak of",
            "the means",
            "plain piece",
            "cut-off",
        ],
    ),
    (
        "fr",
        &[
            "la page ne",
            "le texte ne",
            "articles erronés",
            "ni erronés",
            "être rendu",
            "sceau",
        ],
    ),
    (
        "it",
        &[
            "la pagina non",
            "il testo non",
            "contrassegn",
            "una persona decide",
        ],
    ),
    (
        "es",
        &[
            "la página no",
            "el texto no",
            "decide una persona",
            "una persona decide",
        ],
    ),
    (
        "el",
        &[
            "η σελίδα των όρων",
            "το κείμενο των όρων",
            "πιστωτικό",
            "κομμάτι",
            "παράπον",
        ],
    ),
];

/// What can follow "this" where it stands for nothing that a sentence names.
const AFTER_THIS: [&str; 12] = [
    "is", "was", "has", "means", "must", "can", "may", "will", "does", "applies", "follows", "and",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all strings of a table whose keys are wanted, with the keys that lead to them.
fn strings(under: &str, value: &toml::Value, found: &mut Vec<(String, String)>) {
    match value {
        toml::Value::String(text) => found.push((under.to_owned(), text.clone())),
        toml::Value::Table(table) => {
            for (key, value) in table {
                strings(&format!("{under}.{key}"), value, found);
            }
        }
        _ => {}
    }
}

/// Returns every text for people in a language, with where it stands: sentences, labels and
/// questions of the engine, and what the shops' clauses say.
fn texts(language: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| -> toml::Table {
        toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let mut found = Vec::new();
    let own = read(root().join(format!("texts/{language}.toml")));
    strings("texts", &toml::Value::Table(own), &mut found);
    for shop in fs::read_dir(root().join("policies")).unwrap() {
        let shop = shop.unwrap().path();
        let name = shop.file_name().unwrap().to_str().unwrap().to_owned();
        if language != "en" {
            let mut table = read(shop.join(format!("always.{language}.texts.toml")));
            table.retain(|key, _| !["format", "language"].contains(&key));
            strings(&name, &toml::Value::Table(table), &mut found);
            continue;
        }
        let policy = read(shop.join("always.toml"));
        for clause in policy["clause"].as_array().unwrap() {
            let id = clause["id"].as_str().unwrap();
            for key in ["says", "as_condition", "as_task"] {
                if let Some(text) = clause.get(key) {
                    strings(&format!("{name}.{id}.{key}"), text, &mut found);
                }
            }
        }
    }
    found
}

#[test]
fn sentences_name_no_clause() {
    for language in text::languages() {
        for (key, text) in texts(language) {
            let named = text
                .split(|c: char| !c.is_alphanumeric() && c != '-')
                .find(|word| {
                    word.split_once('-').is_some_and(|(stem, number)| {
                        stem.len() == 3
                            && stem.bytes().all(|b| b.is_ascii_uppercase())
                            && number.starts_with(|c: char| c.is_ascii_digit())
                    })
                });
            assert_eq!(named, None, "{language} {key}: {text}");
        }
    }
}

#[test]
fn sentences_use_no_word_of_the_list() {
    for (language, words) in WORDS {
        for (key, text) in texts(language) {
            let lower = text.to_lowercase();
            let found: Vec<&&str> = words.iter().filter(|w| lower.contains(**w)).collect();
            assert!(found.is_empty(), "{language} {key}: {found:?} in {text}");
        }
    }
}

#[test]
fn this_goes_with_a_noun() {
    for (key, text) in texts("en") {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (place, word) in words.iter().enumerate() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            if !bare.eq_ignore_ascii_case("this") {
                continue;
            }
            let next = words.get(place + 1);
            let stands_alone = *word != bare || next.is_none_or(|n| AFTER_THIS.contains(n));
            assert!(!stands_alone, "{key}: {text}");
        }
    }
}

/// French sets a no-break space before punctuation of two parts, and inside its quotation
/// marks.
#[test]
fn french_has_its_no_break_spaces() {
    let no_break = ['\u{a0}', '\u{202f}'];
    for (key, text) in texts("fr") {
        let letters: Vec<char> = text.chars().collect();
        for (place, letter) in letters.iter().enumerate() {
            let before = place.checked_sub(1).map(|before| letters[before]);
            // A time of the day has a colon between its numbers.
            let in_a_time = *letter == ':' && before.is_some_and(|b| b.is_numeric() || b == '}');
            if [':', ';', '?', '!', '»'].contains(letter) && !in_a_time {
                assert!(
                    before.is_some_and(|b| no_break.contains(&b)),
                    "{key}: {text}"
                );
            }
            if *letter == '«' {
                let after = letters.get(place + 1);
                assert!(after.is_some_and(|a| no_break.contains(a)), "{key}: {text}");
            }
        }
    }
}

#[test]
fn conditions_and_tasks_are_said_in_every_language() {
    let catalog = reload::catalog(None).unwrap();
    for plan in catalog.plans() {
        for clause in &plan.clauses {
            let of = &clause.cited;
            for texts in &plan.texts {
                let is_said = (
                    texts.as_condition(&of.id).is_some(),
                    texts.as_task(&of.id).is_some(),
                );
                let wanted = (of.as_condition.is_some(), of.as_task.is_some());
                assert_eq!(is_said, wanted, "{} {}", texts.language, of.id);
            }
        }
    }
}

#[test]
fn summaries_are_short_and_name_the_outcome() {
    let schema = Schema::new().unwrap();
    let catalog = reload::catalog(None).unwrap();
    let now = Instant::parse("2026-01-01T00:00:00Z").unwrap();
    let mut bare = 0;
    let mut seen = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("options_") || !name.ends_with(".json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for language in text::languages() {
            let mut request: pb::DecideRequest =
                schema.read(&text, "redress.v1.DecideRequest").unwrap();
            request.view = pb::View::Full.into();
            request.language_codes = vec![language.to_owned()];
            let decided = answer::decide(&catalog, &request, now, &Budget::default()).unwrap();
            let verdict = decided.verdict.decode().unwrap();
            let summary = verdict.summary;
            assert!(!summary.is_empty(), "{name} {language}");
            let length = summary.chars().count();
            assert!(length <= text::MAX_SUMMARY, "{name} {language}: {summary}");
            seen += 1;
            bare += usize::from(!summary.trim_end_matches('.').contains([' ', '\u{a0}']));
        }
    }
    // A reason is left out of a summary only where no part of it fits.
    assert!(seen > 100 && bare == 0, "{bare} of {seen}");
}
