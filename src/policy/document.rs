//! The document: TOML with spans, read key by key.
//!
//! A reader never stops at a mistake: it reports it and goes on, so that one run
//! shows them all. It remembers which keys it was asked for; what it was not
//! asked for is unknown, and the nearest key that it was asked for is the mend.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::limits::{MAX_FILE_BYTES, MAX_TEXT_CHARS};

/// Collects diagnostics of one file.
pub(super) struct Report<'s> {
    path: &'s str,
    found: RefCell<Vec<Diagnostic>>,
}

impl<'s> Report<'s> {
    pub(super) fn new(path: &'s str) -> Self {
        Self {
            path,
            found: RefCell::new(Vec::new()),
        }
    }

    /// Reports a mistake.
    pub(super) fn add(
        &self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add_related(code, span, message, help, Vec::new());
    }

    /// Reports a mistake in which other places take part.
    pub(super) fn add_related(
        &self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
        related: Vec<(Range<usize>, String)>,
    ) {
        self.found.borrow_mut().push(Diagnostic {
            path: self.path.to_owned(),
            span,
            code,
            message: message.into(),
            help: help.into(),
            related,
        });
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Returns what is wrong, in file order, each once.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        found.dedup();
        found
    }
}

/// Parses a file; `None`: it is too large or no TOML, which is reported with `mend`.
pub(super) fn parse<'i>(
    text: &'i str,
    report: &Report<'_>,
    mend: &str,
) -> Option<Spanned<DeTable<'i>>> {
    if text.len() > MAX_FILE_BYTES {
        let size = text.len();
        let message = format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are allowed");
        report.add("too-large", 0..0, message, mend);
        return None;
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        report.add("syntax", span, error.message().to_owned(), "");
    }
    errors.is_empty().then_some(document)
}

/// A table while it is read.
pub(super) struct Table<'t, 'i> {
    table: &'t DeTable<'i>,
    span: Range<usize>,
    asked: RefCell<Vec<&'t str>>,
    report: &'t Report<'t>,
}

/// A value with its place.
#[derive(Clone)]
pub(super) struct Item<'t, 'i> {
    value: &'t DeValue<'i>,
    pub span: Range<usize>,
    report: &'t Report<'t>,
}

impl<'t, 'i> Table<'t, 'i> {
    pub(super) fn new(table: &'t DeTable<'i>, span: Range<usize>, report: &'t Report<'t>) -> Self {
        Self {
            table,
            span,
            asked: RefCell::new(Vec::new()),
            report,
        }
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(super) fn report(&self) -> &'t Report<'t> {
        self.report
    }

    /// Returns a value, if the key is there.
    pub(super) fn get(&self, key: &'t str) -> Option<Item<'t, 'i>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key).map(|value| Item {
            value: value.get_ref(),
            span: value.span(),
            report: self.report,
        })
    }

    /// Returns a value, or reports that the key is missing.
    pub(super) fn need(&self, key: &'t str) -> Option<Item<'t, 'i>> {
        let item = self.get(key);
        if item.is_none() {
            self.report.add(
                "missing-key",
                self.head_span(),
                format!("`{key}` is missing"),
                format!("add `{key} = ...`"),
            );
        }
        item
    }

    /// Returns the first line of the table, for messages about what it lacks.
    fn head_span(&self) -> Range<usize> {
        let first = self
            .table
            .iter()
            .map(|(key, _)| key.span())
            .min_by_key(|s| s.start);
        first
            .filter(|s| s.start >= self.span.start)
            .unwrap_or_else(|| self.span())
    }

    pub(super) fn text(&self, key: &'t str) -> Option<String> {
        self.get(key)?.text()
    }

    /// Returns every key with its value, all of them counted as asked for.
    pub(super) fn entries(&self) -> Vec<(&'t str, Range<usize>, Item<'t, 'i>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                self.asked.borrow_mut().push(key.get_ref().as_ref());
                let item = Item {
                    value: value.get_ref(),
                    span: value.span(),
                    report: self.report,
                };
                (key.get_ref().as_ref(), key.span(), item)
            })
            .collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        self.finish_ref();
    }

    /// Reports the keys that nobody asked for; says whether there are none.
    pub(super) fn finish_ref(&self) -> bool {
        let asked = self.asked.borrow();
        let mut known = true;
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                known = false;
                self.report.add(
                    "unknown-key",
                    key.span(),
                    format!("unknown key `{name}`"),
                    nearest(name, asked.iter().copied()),
                );
            }
        }
        known
    }
}

/// Proposes the known word that is nearest to a word, or lists them all.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let best = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(word, k), *k))
        .filter(|(distance, k)| *distance <= k.len().max(3).div_euclid(3).max(1))
        .min();
    match best {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None => format!("known here: `{}`", known.join("`, `")),
    }
}

impl<'t, 'i> Item<'t, 'i> {
    /// Reports that the value has the wrong type.
    pub(super) fn wrong(&self, wanted: &str) {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.bad(
            "wrong-type",
            format!("expected {wanted}, found {found}"),
            "",
        );
    }

    /// Reports a mistake at the value.
    pub(super) fn bad(
        &self,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report.add(code, self.span.clone(), message, help);
    }

    pub(super) fn as_str(&self) -> Option<&'t str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    pub(super) fn is_integer(&self) -> bool {
        self.value.is_integer()
    }

    pub(super) fn text(&self) -> Option<String> {
        let text = self.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong("a text");
        }
        text
    }

    /// Reads a text for people: not empty, and not longer than the limit.
    pub(super) fn sentence(&self, key: &str) -> Option<String> {
        let text = self.text()?;
        let count = text.chars().count();
        if text.trim().is_empty() {
            self.bad("empty-text", format!("`{key}` is empty"), "");
            return None;
        }
        if count > MAX_TEXT_CHARS {
            let message =
                format!("`{key}` has {count} characters; at most {MAX_TEXT_CHARS} are allowed");
            self.bad("too-long", message, "");
            return None;
        }
        Some(text)
    }

    pub(super) fn yes_no(&self) -> Option<bool> {
        let answer = self.value.as_bool();
        if answer.is_none() {
            self.wrong("true or false");
        }
        answer
    }

    /// Reads a whole number in a range, both ends inside.
    pub(super) fn integer(&self, low: i64, high: i64) -> Option<i64> {
        let DeValue::Integer(digits) = self.value else {
            self.wrong("a whole number");
            return None;
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.bad(
                "out-of-range",
                format!("`{}` is outside {low} to {high}", digits.as_str()),
                "",
            );
        }
        number
    }

    pub(super) fn as_table(&self) -> Option<Table<'t, 'i>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(table, self.span.clone(), self.report)),
            _ => None,
        }
    }

    pub(super) fn table(&self) -> Option<Table<'t, 'i>> {
        let table = self.as_table();
        if table.is_none() {
            self.wrong("a table");
        }
        table
    }

    pub(super) fn as_list(&self) -> Option<Vec<Self>> {
        match self.value {
            DeValue::Array(list) => {
                let item = |value: &'t Spanned<DeValue<'i>>| Item {
                    value: value.get_ref(),
                    span: value.span(),
                    report: self.report,
                };
                Some(list.iter().map(item).collect())
            }
            _ => None,
        }
    }

    /// Reads a list; a single value counts as a list of one.
    pub(super) fn one_or_more(&self) -> Vec<Self> {
        self.as_list().unwrap_or_else(|| vec![self.clone()])
    }

    /// Reads one of a closed list of words.
    pub(super) fn word<T>(
        &self,
        words: &[&str],
        from_word: impl Fn(&str) -> Option<T>,
        what: &str,
    ) -> Option<T> {
        let text = self.text()?;
        let found = from_word(&text);
        if found.is_none() {
            self.bad(
                "unknown-word",
                format!("`{text}` is no {what}"),
                nearest(&text, words.iter().copied()),
            );
        }
        found
    }
}
