//! Reads what a policy's clauses say in another language.
//!
//! A file `POLICY/REVISION.LANGUAGE.texts.toml` beside the revision. Where it
//! lacks a clause, the clause speaks as in the policy.

use std::collections::BTreeSet;

use super::diagnostic::Diagnostic;
use super::document::{Report, Table, nearest, parse};
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
}

impl Translation {
    /// Returns what a clause says; `None`: the language lacks it.
    pub fn says(&self, id: &str) -> Option<&str> {
        let place = self
            .clauses
            .binary_search_by(|(of, _)| (**of).cmp(id))
            .ok()?;
        self.clauses.get(place).map(|(_, says)| says.as_str())
    }
}

/// Returns the path of the revision that a file of sentences belongs to.
pub(super) fn revision_path(path: &str) -> Option<String> {
    let stem = path.strip_suffix(SUFFIX)?;
    let (revision, _) = stem.rsplit_once('.')?;
    Some(format!("{revision}.toml"))
}

/// Reads a file of sentences; `ids` are those of the revision's clauses.
///
/// # Errors
/// Every mistake, in file order.
pub(super) fn read(
    source: &Source,
    ids: &BTreeSet<&str>,
    pool: &Pool,
) -> Result<Translation, Vec<Diagnostic>> {
    let report = Report::new(&source.path);
    let read = translation(source, ids, pool, &report);
    match read {
        Some(translation) if report.is_clean() => Ok(translation),
        _ => Err(report.into_sorted()),
    }
}

fn translation(
    source: &Source,
    ids: &BTreeSet<&str>,
    pool: &Pool,
    report: &Report<'_>,
) -> Option<Translation> {
    let document = parse(&source.text, report, "shorten the sentences")?;
    let root = Table::new(document.get_ref(), document.span(), report);
    if let Some(item) = root.need("format") {
        item.format(FORMAT);
    }
    let language = language(&root, &source.path);
    let mut clauses = Vec::new();
    if let Some(table) = root.need("clauses").and_then(|item| item.table()) {
        for (id, span, item) in table.entries() {
            if !ids.contains(id) {
                let message = format!("the revision has no clause `{id}`");
                let help = nearest(id, ids.iter().copied());
                report.add("unknown-clause", span, message, help);
            }
            if let Some(text) = item.sentence(id) {
                clauses.push((pool.text(id), pool.text(&text)));
            }
        }
    }
    root.finish();
    clauses.sort();
    Some(Translation {
        language: pool.text(&language?),
        clauses: clauses.into(),
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
