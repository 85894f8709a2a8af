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
pub(crate) struct Diagnostics<'s> {
    path: &'s str,
    found: RefCell<Vec<Diagnostic>>,
}

impl<'s> Diagnostics<'s> {
    pub(crate) fn new(path: &'s str) -> Self {
        Self {
            path,
            found: RefCell::new(Vec::new()),
        }
    }

    /// Reports a mistake.
    pub(crate) fn add(
        &self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add_related(code, span, message, help, Vec::new());
    }

    /// Reports a mistake in which other places take part.
    pub(crate) fn add_related(
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

    /// Returns how much is wrong so far.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.count() == 0
    }

    /// Returns what is wrong, in file order, each once.
    pub(crate) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        found.dedup();
        found
    }
}

/// Parses a file; `None`: it is too large or no TOML, which is reported with `mend`.
pub(crate) fn parse<'i>(
    text: &'i str,
    report: &Diagnostics<'_>,
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
pub(crate) struct Table<'t, 'i> {
    table: &'t DeTable<'i>,
    span: Range<usize>,
    asked: RefCell<Vec<&'t str>>,
    /// What the table lacks, until it is known whether a key of it is misspelt.
    lacks: RefCell<Vec<Lack<'t>>>,
    report: &'t Diagnostics<'t>,
}

/// Says that a table has none of some keys.
struct Lack<'t> {
    keys: Vec<&'t str>,
    code: &'static str,
    span: Range<usize>,
    message: String,
    help: String,
}

/// A value with its place.
#[derive(Clone)]
pub(crate) struct Item<'t, 'i> {
    value: &'t DeValue<'i>,
    pub span: Range<usize>,
    report: &'t Diagnostics<'t>,
}

impl<'t, 'i> Table<'t, 'i> {
    pub(crate) fn new(
        table: &'t DeTable<'i>,
        span: Range<usize>,
        report: &'t Diagnostics<'t>,
    ) -> Self {
        Self {
            table,
            span,
            asked: RefCell::new(Vec::new()),
            lacks: RefCell::new(Vec::new()),
            report,
        }
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(crate) fn report(&self) -> &'t Diagnostics<'t> {
        self.report
    }

    /// Returns a value, if the key is there.
    pub(crate) fn get(&self, key: &'t str) -> Option<Item<'t, 'i>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key).map(|value| Item {
            value: value.get_ref(),
            span: value.span(),
            report: self.report,
        })
    }

    /// Returns a value, or reports that the key is missing.
    pub(crate) fn need(&self, key: &'t str) -> Option<Item<'t, 'i>> {
        let item = self.get(key);
        if item.is_none() {
            let message = format!("`{key}` is missing");
            self.lack(&[key], "missing-key", message, how_to_add(key));
        }
        item
    }

    /// Reports that the table has none of some keys, unless one of its keys is most likely
    /// one of them misspelt: that is told already.
    pub(crate) fn lack(
        &self,
        keys: &[&'t str],
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.lacks.borrow_mut().push(Lack {
            keys: keys.to_vec(),
            code,
            span: self.head_span(),
            message: message.into(),
            help: help.into(),
        });
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

    /// Returns a value, if the key is there; otherwise the key is not counted as known.
    pub(crate) fn get_if_there(&self, key: &'t str) -> Option<Item<'t, 'i>> {
        self.has(key).then(|| self.get(key))?
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Counts keys as known.
    pub(crate) fn know(&self, keys: impl IntoIterator<Item = &'t str>) {
        self.asked.borrow_mut().extend(keys);
    }

    pub(crate) fn text(&self, key: &'t str) -> Option<String> {
        self.get(key)?.text()
    }

    /// Returns every key with its value, all of them counted as asked for.
    pub(crate) fn entries(&self) -> Vec<(&'t str, Range<usize>, Item<'t, 'i>)> {
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
    pub(crate) fn finish(self) {
        self.finish_ref();
    }

    /// Reports the keys that nobody asked for, and what the table lacks; says whether
    /// every key is known.
    pub(crate) fn finish_ref(&self) -> bool {
        let asked = self.asked.borrow();
        let mut misspelt = Vec::new();
        let mut known = true;
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                known = false;
                misspelt.extend(near(name, asked.iter().copied()));
                self.report.add(
                    "unknown-key",
                    key.span(),
                    format!("unknown key `{name}`"),
                    nearest(name, asked.iter().copied()),
                );
            }
        }
        for lack in self.lacks.take() {
            if !lack.keys.iter().any(|key| misspelt.contains(key)) {
                let Lack {
                    code,
                    span,
                    message,
                    help,
                    ..
                } = lack;
                self.report.add(code, span, message, help);
            }
        }
        known
    }
}

impl Drop for Table<'_, '_> {
    fn drop(&mut self) {
        for lack in self.lacks.take() {
            self.report
                .add(lack.code, lack.span, lack.message, lack.help);
        }
    }
}

/// Says how a key that has to be there is written.
fn how_to_add(key: &str) -> String {
    let value = match key {
        "routes" => return "add `[routes]` with a line such as `return = \"return\"`".to_owned(),
        "format" => "1",
        "policy" => "\"acme-shop\"",
        "revision" => "\"always\"",
        "title" => "\"Acme Shop\"",
        "kind" => "\"terms\"",
        "time_zone" => "\"Europe/Paris\"",
        "id" | "clause" => "\"ACM-07\"",
        "says" => "\"One sentence in our own words.\"",
        "source" => "\"Document, section\"",
        "on" => "\"return\"",
        "remedy" => "\"refund\"",
        "reason" => "\"worn\"",
        "party" => "\"customer\"",
        "of" => "\"place\"",
        _ => "...",
    };
    format!("add `{key} = {value}`")
}

/// Returns the known word that a word most likely stands for: one that differs by a slip,
/// begins as it does, or has it as a part; `None`: there is none near.
pub(crate) fn near<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    /// Letters that two words have to share at the beginning.
    const STEM: usize = 4;
    let rank = |known: &'k str| {
        let distance = strsim::damerau_levenshtein(word, known);
        let shorter = known.len().min(word.len());
        let begins = shorter >= STEM && (known.starts_with(word) || word.starts_with(known));
        let is_part = word.len() >= STEM && known.split('_').any(|part| part == word);
        if distance <= known.len().max(3).div_euclid(3).max(1) {
            Some((distance, known))
        } else if begins || is_part {
            Some((usize::MAX, known))
        } else {
            None
        }
    };
    known.filter_map(rank).min().map(|(_, near)| near)
}

/// Proposes the known word that is nearest to a word, or lists them all.
pub(crate) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    match near(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None if known.len() == 1 => format!("expected `{}`", known.join("")),
        None => format!("expected one of `{}`", known.join("`, `")),
    }
}

impl<'t, 'i> Item<'t, 'i> {
    /// Says of which type the value is.
    pub(crate) fn found(&self) -> &'static str {
        match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date without quotes",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }

    /// Reports that the value has the wrong type, and how to write it.
    pub(crate) fn wrong(&self, wanted: &str, help: impl Into<String>) {
        let message = format!("expected {wanted}, found {}", self.found());
        self.bad("wrong-type", message, help);
    }

    /// Reports a mistake at the value.
    pub(crate) fn bad(
        &self,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report.add(code, self.span.clone(), message, help);
    }

    pub(crate) fn as_str(&self) -> Option<&'t str> {
        match self.value {
            DeValue::String(text) => Some(text.as_ref()),
            _ => None,
        }
    }

    pub(crate) fn is_yes_no(&self) -> bool {
        self.value.is_bool()
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.value.is_integer()
    }

    pub(crate) fn text(&self) -> Option<String> {
        let text = self.as_str().map(str::to_owned);
        if text.is_none() {
            let help = match self.value {
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
                    "put it in quotes"
                }
                _ => "",
            };
            self.wrong("a string", help);
        }
        text
    }

    /// Reads a text for people: not empty, and not longer than the limit.
    pub(crate) fn sentence(&self, key: &str) -> Option<String> {
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

    pub(crate) fn yes_no(&self) -> Option<bool> {
        let answer = self.value.as_bool();
        if answer.is_none() {
            let help = match self.as_str() {
                Some("true" | "yes") => "write `true`, without quotes",
                Some("false" | "no") => "write `false`, without quotes",
                _ => "",
            };
            self.wrong("true or false", help);
        }
        answer
    }

    /// Checks the version of a format.
    pub(crate) fn format(&self, version: i64) {
        let digits = match self.value {
            DeValue::Integer(digits) => digits.as_str(),
            _ => {
                self.wrong("an integer", format!("write `format = {version}`"));
                return;
            }
        };
        if digits.parse() != Ok(version) {
            let message = format!("unsupported format `{digits}`");
            self.bad("bad-format", message, format!("write `format = {version}`"));
        }
    }

    /// Reads a whole number in a range, both ends inside.
    pub(crate) fn integer(&self, low: i64, high: i64) -> Option<i64> {
        let DeValue::Integer(digits) = self.value else {
            let help = match self.value {
                DeValue::String(_) => "remove the quotes",
                _ => "",
            };
            self.wrong("an integer", help);
            return None;
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|n| (low..=high).contains(n));
        if number.is_none() {
            self.bad(
                "out-of-range",
                format!("`{}` is out of range", digits.as_str()),
                format!("expected {low} to {high}"),
            );
        }
        number
    }

    pub(crate) fn as_table(&self) -> Option<Table<'t, 'i>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(table, self.span.clone(), self.report)),
            _ => None,
        }
    }

    pub(crate) fn table(&self) -> Option<Table<'t, 'i>> {
        self.table_like("")
    }

    /// Reads a table; `example` says how one is written, where another value is.
    pub(crate) fn table_like(&self, example: &str) -> Option<Table<'t, 'i>> {
        let table = self.as_table();
        if table.is_none() {
            let help = match example {
                "" => String::new(),
                example => format!("write it like `{example}`"),
            };
            self.wrong("a table", help);
        }
        table
    }

    pub(crate) fn as_list(&self) -> Option<Vec<Self>> {
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
    pub(crate) fn one_or_more(&self) -> Vec<Self> {
        self.as_list().unwrap_or_else(|| vec![self.clone()])
    }

    /// Reads one of a closed list of words.
    pub(crate) fn word<T>(
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
                format!("unknown {what} `{text}`"),
                nearest(&text, words.iter().copied()),
            );
        }
        found
    }
}
