//! Reads what a policy's clauses say in another language.
//!
//! A file `POLICY/REVISION.LANGUAGE.texts.toml` beside the revision. Where it
//! lacks a clause, the clause speaks as in the policy.

use std::collections::BTreeSet;

use super::diagnostic::Diagnostic;
use super::document::{Diagnostics, Table, nearest, parse};
use super::pool::Pool;
use super::source::Source;
use crate::domain::text::Text;

/// Ends the name of such a file.
pub(super) const SUFFIX: &str = ".texts.toml";
/// The version of the format.
const FORMAT: i64 = 1;

/// Holds what clauses say in one language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Translation {
    /// Primary subtag of the language, lower case.
    pub language: Text,
    /// Ids of clauses with their sentences, by id.
    pub clauses: Box<[(Text, Text)]>,
    /// Ids of clauses with what has to be checked, by id.
    pub conditions: Box<[(Text, Text)]>,
    /// Ids of clauses with what has to be done, by id.
    pub tasks: Box<[(Text, Text)]>,
    /// Names of declared facts and events with what is asked, by name.
    pub questions: Box<[(Text, Text)]>,
    /// Names of declared events with what a sentence calls them, by name.
    pub phrases: Box<[(Text, Text)]>,
}

fn text_of<'t>(texts: &'t [(Text, Text)], key: &str) -> Option<&'t str> {
    let index = texts.binary_search_by(|(of, _)| (**of).cmp(key)).ok()?;
    texts.get(index).map(|(_, text)| text.as_str())
}

impl Translation {
    /// Returns what a clause says; `None`: the language lacks it.
    pub fn says(&self, id: &str) -> Option<&str> {
        text_of(&self.clauses, id)
    }

    /// Returns what has to be checked by a clause; `None`: the language lacks it.
    pub fn as_condition(&self, id: &str) -> Option<&str> {
        text_of(&self.conditions, id)
    }

    /// Returns what has to be done by a clause; `None`: the language lacks it.
    pub fn as_task(&self, id: &str) -> Option<&str> {
        text_of(&self.tasks, id)
    }

    /// Returns what is asked of a declared fact or event; `None`: the language lacks it.
    pub fn question(&self, name: &str) -> Option<&str> {
        text_of(&self.questions, name)
    }

    /// Returns what a sentence calls a declared event; `None`: the language lacks it.
    pub fn phrase(&self, name: &str) -> Option<&str> {
        text_of(&self.phrases, name)
    }
}

/// Returns the path of the revision that a file of sentences belongs to.
pub(super) fn revision_path(path: &str) -> Option<String> {
    let stem = path.strip_suffix(SUFFIX)?;
    let (revision, _) = stem.rsplit_once('.')?;
    Some(format!("{revision}.toml"))
}

/// What the texts of a revision can be of.
pub(super) struct Spoken<'r> {
    /// The ids of its clauses.
    pub clauses: BTreeSet<&'r str>,
    /// The ids of those that say what has to be checked.
    pub conditions: BTreeSet<&'r str>,
    /// The ids of those that say what has to be done.
    pub tasks: BTreeSet<&'r str>,
    /// The names of the facts and events that it declares.
    pub questions: BTreeSet<&'r str>,
    /// The names of the events among them.
    pub phrases: BTreeSet<&'r str>,
}

/// Reads a file of sentences about a revision.
///
/// # Errors
/// Every mistake, in file order.
pub(super) fn read(
    source: &Source,
    spoken: &Spoken<'_>,
    pool: &Pool,
) -> Result<Translation, Vec<Diagnostic>> {
    let report = Diagnostics::new(&source.path);
    let read = translation(source, spoken, pool, &report);
    match read {
        Some(translation) if report.is_clean() => Ok(translation),
        _ => Err(report.into_sorted()),
    }
}

fn translation(
    source: &Source,
    spoken: &Spoken<'_>,
    pool: &Pool,
    report: &Diagnostics<'_>,
) -> Option<Translation> {
    let document = parse(&source.text, report, "shorten the sentences")?;
    let root = Table::new(document.get_ref(), document.span(), report);
    if let Some(item) = root.need("format") {
        item.format(FORMAT);
    }
    let language = language(&root, &source.path);
    let texts = |key: &'static str, known: &BTreeSet<&str>, what: (&'static str, &str)| {
        let (code, what) = what;
        let mut texts = Vec::new();
        let table = match key {
            "clauses" => root.need(key),
            _ => root.get(key),
        };
        let entries = table
            .and_then(|item| item.table())
            .map(|table| table.entries());
        for (name, span, item) in entries.unwrap_or_default() {
            if !known.contains(name) {
                let message = format!("the revision has no {what} `{name}`");
                report.add(code, span, message, nearest(name, known.iter().copied()));
            }
            if let Some(text) = item.sentence(name) {
                texts.push((pool.text(name), pool.text(&text)));
            }
        }
        texts.sort();
        texts.into()
    };
    let clauses = texts("clauses", &spoken.clauses, ("unknown-clause", "clause"));
    let conditions = texts(
        "as_condition",
        &spoken.conditions,
        ("unknown-clause", "sentence `as_condition` for"),
    );
    let tasks = texts(
        "as_task",
        &spoken.tasks,
        ("unknown-clause", "sentence `as_task` for"),
    );
    let asked = ("unknown-name", "declared fact or event");
    let questions = texts("questions", &spoken.questions, asked);
    let phrases = texts(
        "phrases",
        &spoken.phrases,
        ("unknown-name", "declared event"),
    );
    root.finish();
    Some(Translation {
        language: pool.text(&language?),
        clauses,
        conditions,
        tasks,
        questions,
        phrases,
    })
}

fn language(root: &Table<'_, '_>, path: &str) -> Option<String> {
    let item = root.need("language")?;
    let text = item.text()?;
    let fits = (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
    if !fits {
        let message = format!("`{text}` is not a valid language");
        let help = "write the primary subtag of BCP 47 in lower case, such as `fr`";
        item.bad("bad-language", message, help);
        return None;
    }
    if !path.ends_with(&format!(".{text}{SUFFIX}")) {
        let message = format!("sentences in `{text}` stand in another file");
        item.bad(
            "wrong-place",
            message,
            format!("end the name of the file with `.{text}{SUFFIX}`"),
        );
    }
    Some(text)
}
