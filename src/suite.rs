//! Policy cases as data, and their runner; the format is in `docs/case-format.md`.
//!
//! A case goes the way of every request: proto JSON, conversion, check, decision.
//! What comes out is compared with what the case states, and with nothing else.
//! [`run`] runs the cases of a folder, says what they cover, and proves it by
//! deciding them under policies that are changed on purpose.

mod compare;
mod coverage;
mod ends;
mod expect;
mod fixture;
mod mutant;
mod read;
pub mod register;
mod rival;
pub mod run;
mod show;
mod tree;

use std::sync::Arc;

use redress_client::pb;

use crate::domain::time::Instant;
use crate::policy::catalog::Catalog;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::Source;
use crate::wire::answer::{self, Budget};
use crate::wire::error::CallError;
use crate::wire::json::Schema;
pub use coverage::{Coverage, CoveredClause, CoveredReading, Rivalry};
pub(crate) use ends::next_day;
use expect::Expected;
use rival::{NoRival, Rival};
use tree::{Location, Node, Step, locate, path, steps_before};

/// Holds one case, ready to run.
#[derive(Debug)]
pub struct Case {
    /// The rule as a claim, unique in the policy.
    pub name: String,
    /// The file that it stands in.
    pub path: String,
    /// The revision that decides it.
    pub revision: String,
    /// Ids of the clauses that it proves.
    pub clauses: Vec<String>,
    /// Ids of the readings that it proves.
    pub readings: Vec<String>,
    /// On which side of the rule it lies.
    pub side: Option<Side>,
    /// Where its name stands.
    at: Location,
    /// Where `clauses` and then `readings` stand.
    cited_at: Vec<Location>,
    request: Node,
    expected: Expected,
}

/// States on which side of a rule a case lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Inside the rule.
    Inside,
    /// Outside of it.
    Outside,
    /// A fact is missing.
    Missing,
}

/// Holds what the case files of one folder hold.
#[derive(Debug, Default)]
pub struct Suite {
    /// The cases, by file and then in its order.
    pub cases: Vec<Case>,
    /// The other readings, with the revision that each is about.
    pub(crate) rivals: Vec<(String, Rival)>,
    /// Readings without another one, with the revision that each is about.
    pub(crate) no_rivals: Vec<(String, NoRival)>,
    /// Cases with a mistake: they are not run.
    broken: Vec<Case>,
    /// The files, for messages about them.
    files: Vec<CaseFile>,
    /// What is wrong with them, by file and then in its order.
    mistakes: Vec<Mistake>,
}

/// A file as messages show it.
#[derive(Clone, Debug)]
struct CaseFile {
    path: String,
    text: Arc<str>,
}

/// Describes one thing that is wrong with a case file.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// What is wrong, and where.
    pub diagnostic: Diagnostic,
    text: Arc<str>,
}

impl Mistake {
    /// Renders the mistake with the line that it is about.
    pub fn render(&self) -> String {
        self.diagnostic.render(&self.text, false)
    }

    /// Returns the mistake in one line, led by file, line and column.
    pub fn line(&self) -> String {
        let Diagnostic {
            path,
            message,
            help,
            ..
        } = &self.diagnostic;
        let (line, column) = self.diagnostic.place(&self.text);
        match help.as_str() {
            "" => format!("{path}:{line}:{column}: {message}"),
            help => format!("{path}:{line}:{column}: {message}; {help}"),
        }
    }
}

/// Reads the case files of one folder, each with its path.
///
/// # Errors
/// Every mistake of every file, a line each.
pub fn load(files: &[Source]) -> Result<Suite, Vec<String>> {
    let suite = read::read(files);
    if suite.mistakes.is_empty() {
        return Ok(suite);
    }
    Err(suite.mistakes.iter().map(Mistake::line).collect())
}

impl Suite {
    /// Reads the case files of one folder; what is wrong with one keeps none of the others
    /// from being run.
    fn read(files: &[Source]) -> Self {
        read::read(files)
    }

    /// Returns every case, those with a mistake too.
    fn all_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().chain(&self.broken)
    }

    /// Returns the line of a location, from 1.
    fn line(&self, at: &Location) -> usize {
        let text = self.files.get(at.file).and_then(|f| f.text.get(..at.start));
        let breaks = text.map_or(0, |before| before.matches('\n').count());
        breaks.saturating_add(1)
    }

    /// Returns file and line of a location.
    fn location(&self, at: &Location) -> String {
        let path = self
            .files
            .get(at.file)
            .map_or("", |file| file.path.as_str());
        format!("{path}:{}", self.line(at))
    }

    /// Describes what is wrong at a location.
    fn mistake(
        &self,
        at: &Location,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<Mistake> {
        let file = self.files.get(at.file)?;
        let diagnostic = Diagnostic {
            path: file.path.clone(),
            span: at.span(),
            code,
            message: message.into(),
            help: help.into(),
            related: Vec::new(),
        };
        Some(Mistake {
            diagnostic,
            text: file.text.clone(),
        })
    }
}

/// Puts mistakes in order, by file and then in its order, each once.
fn put_in_order(mistakes: &mut Vec<Mistake>) {
    let location = |mistake: &Mistake| {
        let Diagnostic {
            path,
            span,
            message,
            ..
        } = &mistake.diagnostic;
        (path.clone(), span.start, span.end, message.clone())
    };
    mistakes.sort_by_key(location);
    mistakes.dedup_by_key(|mistake| location(mistake));
}

/// Says why a case cannot be asked, and where.
#[derive(Debug)]
struct NotAsked {
    at: Location,
    what: String,
}

impl Case {
    /// Returns whether it names no clause and no reading that it proves.
    fn cites_nothing(&self) -> bool {
        self.clauses.is_empty() && self.readings.is_empty()
    }

    /// Returns where a field of its request was written.
    fn field(&self, key: &str) -> &Location {
        &locate(&self.request, &[Step::Key(key.to_owned())]).at
    }

    /// Returns a field of its request that holds a text.
    fn field_text(&self, key: &str) -> &str {
        let field = locate(&self.request, &[Step::Key(key.to_owned())]);
        field.as_str().unwrap_or_default()
    }

    /// Decides the case and compares; returns what differs, in words.
    pub fn run(&self, catalog: &Catalog, schema: &Schema) -> Vec<String> {
        match self.message(schema) {
            Ok(message) => self.differences(catalog, message),
            Err(what) => vec![what],
        }
    }

    /// Decides the case from its message and compares.
    fn differences(&self, catalog: &Catalog, message: pb::DecideRequest) -> Vec<String> {
        match (&self.expected, decide(catalog, &message)) {
            (Expected::Decided(want), Ok(verdict)) => compare::differences(want, &verdict),
            (Expected::Refused(want), Err(CallError::Invalid(got))) => compare::refused(want, &got),
            (Expected::Refused(_), Ok(verdict)) => {
                let outcome = compare::outcome(verdict.outcome);
                vec![format!(
                    "expected the request to be refused, got `{outcome}`"
                )]
            }
            (_, Err(error)) => in_words(&error),
        }
    }

    /// Decides the case.
    ///
    /// # Errors
    /// The request is refused, in words.
    pub fn decide(&self, catalog: &Catalog, schema: &Schema) -> Result<pb::Verdict, String> {
        decide(catalog, &self.message(schema)?).map_err(|error| in_words(&error).join("\n"))
    }

    /// Returns the request of the case, at full view.
    ///
    /// # Errors
    /// The case cannot be asked, in words.
    pub fn message(&self, schema: &Schema) -> Result<pb::DecideRequest, String> {
        self.asked(schema).map_err(|error| error.what)
    }

    fn asked(&self, schema: &Schema) -> Result<pb::DecideRequest, NotAsked> {
        let text = self.request.json().to_string();
        let read = schema.read(&text, "redress.v1.DecideRequest");
        let mut request: pb::DecideRequest = read.map_err(|error| {
            // The text is one line, so that the column is the byte.
            let steps = steps_before(&text, error.column.saturating_sub(1));
            let what = match path(&steps).as_str() {
                "" => plain(&error.what),
                path => format!("`{path}`: {}", plain(&error.what)),
            };
            let at = locate(&self.request, &steps).at.clone();
            NotAsked { at, what }
        })?;
        let asked_at = request.request.as_ref().and_then(|r| r.request_time);
        // A request that is refused may lack what it likes.
        if asked_at.is_none() && !self.expected.is_refused() {
            return Err(NotAsked {
                at: self.at.clone(),
                what: "the case does not set `request.request_time`".to_owned(),
            });
        }
        request.view = pb::View::Full.into();
        Ok(request)
    }
}

/// Says why a request is refused, a violation a line.
fn in_words(error: &CallError) -> Vec<String> {
    match error {
        CallError::Invalid(violations) => {
            let lines = violations.iter();
            let lines = lines.map(|v| format!("  {}: {}", v.field, v.description));
            std::iter::once("the request is refused".to_owned())
                .chain(lines)
                .collect()
        }
        error => vec![format!("the request is refused: {}", error.message())],
    }
}

/// Says what a reader of JSON says, as the rest of a message does.
fn plain(what: &str) -> String {
    let forms = [
        ("unrecognized field name '", "unknown field"),
        ("unrecognized enum value '", "unknown value"),
    ];
    for (form, plain) in forms {
        if let Some(name) = what
            .strip_prefix(form)
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return format!("{plain} `{name}`");
        }
    }
    what.to_owned()
}

fn decide(catalog: &Catalog, message: &pb::DecideRequest) -> Result<pb::Verdict, CallError> {
    let now = Instant::from_unix(0, 0).ok_or(CallError::Internal)?;
    let decided = answer::decide(catalog, message, now, &Budget::default())?;
    decided.verdict.decode().map_err(|_| CallError::Internal)
}
