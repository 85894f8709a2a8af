//! Policy cases as data, and their runner; the format is in `docs/case-format.md`.
//!
//! A case goes the way of every request: proto JSON, conversion, check, decision.
//! What comes out is compared with what the case states, and with nothing else.
//! [`run`] runs the cases of a folder, says what they cover, and proves it by
//! deciding them under policies that are changed on purpose.

mod compare;
mod coverage;
mod ends;
mod fixture;
mod mutant;
pub mod register;
mod rival;
pub mod run;

use std::collections::BTreeMap;

use redress_client::pb;
use serde::Deserialize;

use crate::domain::time::Instant;
use crate::policy::catalog::Catalog;
use crate::policy::source::Source;
use crate::rpc::answer;
use crate::rpc::json::Schema;
use compare::Expected;
pub use coverage::{Coverage, CoveredClause, CoveredReading, Rivalry};
use fixture::Fixture;
use rival::{NoRival, Rival};

/// The version of the case format.
const FORMAT: u32 = 1;

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
    /// The request as JSON.
    request: serde_json::Value,
    expected: Expected,
}

/// States on which side of a rule a case lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Inside the rule.
    Inside,
    /// Outside of it.
    Outside,
    /// A fact is missing.
    Missing,
}

/// Mirrors a case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    policy: String,
    revision: String,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    fixtures: BTreeMap<String, toml::Table>,
    #[serde(default, rename = "case")]
    cases: Vec<RawCase>,
    #[serde(default, rename = "rival")]
    rivals: Vec<Rival>,
    #[serde(default, rename = "no_rival")]
    no_rivals: Vec<NoRival>,
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
}

/// Mirrors a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    #[serde(default)]
    clauses: Vec<String>,
    #[serde(default)]
    readings: Vec<String>,
    side: Option<Side>,
    why: String,
    #[serde(default, rename = "use")]
    uses: Vec<String>,
    #[serde(default)]
    set: toml::Table,
    expect: Expected,
}

/// Reads the case files of one folder, each with its path.
///
/// # Errors
/// Every file that is no case file and every case that cannot be built, in words.
pub fn load(files: &[Source]) -> Result<Suite, Vec<String>> {
    let mut errors = Vec::new();
    let mut parsed: BTreeMap<&str, (&str, File)> = BTreeMap::new();
    for source in files {
        let name = source.path.rsplit('/').next().unwrap_or(&source.path);
        match toml::from_str::<File>(&source.text) {
            Ok(file) if file.format != FORMAT => {
                errors.push(format!(
                    "{}: format {} is not {FORMAT}",
                    source.path, file.format
                ));
            }
            Ok(file) => {
                parsed.insert(name, (&source.path, file));
            }
            Err(error) => errors.push(format!("{}: {error}", source.path)),
        }
    }
    let mut suite = Suite::default();
    for (path, file) in parsed.values() {
        let mut fixtures: BTreeMap<&str, &Fixture> = BTreeMap::new();
        for included in &file.include {
            match parsed.get(included.as_str()) {
                Some((_, other)) => {
                    fixtures.extend(other.fixtures.iter().map(|(n, f)| (n.as_str(), f)));
                }
                None => errors.push(format!("{path}: no file `{included}` to include")),
            }
        }
        fixtures.extend(file.fixtures.iter().map(|(n, f)| (n.as_str(), f)));
        let revision = || file.revision.clone();
        let rivals = file.rivals.iter().cloned();
        suite.rivals.extend(rivals.map(|rival| (revision(), rival)));
        let no_rivals = file.no_rivals.iter().cloned();
        suite
            .no_rivals
            .extend(no_rivals.map(|none| (revision(), none)));
        for raw in &file.cases {
            if suite.cases.iter().any(|c| c.name == raw.name) {
                errors.push(format!("{path}: two cases are named `{}`", raw.name));
            }
            if raw.why.trim().is_empty() {
                errors.push(format!("{path}: `{}` does not say why", raw.name));
            }
            match build(path, file, &fixtures, raw) {
                Ok(case) => suite.cases.push(case),
                Err(what) => errors.push(format!("{path}: `{}`: {what}", raw.name)),
            }
        }
    }
    if errors.is_empty() {
        Ok(suite)
    } else {
        Err(errors)
    }
}

fn build(
    path: &str,
    file: &File,
    fixtures: &BTreeMap<&str, &Fixture>,
    raw: &RawCase,
) -> Result<Case, String> {
    let mut request = toml::Table::new();
    request.insert("policy".into(), file.policy.clone().into());
    request.insert("revision".into(), file.revision.clone().into());
    fixture::apply(&mut request, fixtures, &raw.uses, 0)?;
    fixture::set(&mut request, &raw.set)?;
    let request = serde_json::to_value(&request).map_err(|error| error.to_string())?;
    Ok(Case {
        name: raw.name.clone(),
        path: path.to_owned(),
        revision: file.revision.clone(),
        clauses: raw.clauses.clone(),
        readings: raw.readings.clone(),
        side: raw.side,
        request,
        expected: raw.expect.clone(),
    })
}

impl Case {
    /// Returns whether it names no clause and no reading that it proves.
    fn cites_nothing(&self) -> bool {
        self.clauses.is_empty() && self.readings.is_empty()
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
        match decide(catalog, &message) {
            Ok(verdict) => compare::differences(&self.expected, &verdict),
            Err(what) => vec![what],
        }
    }

    /// Decides the case.
    ///
    /// # Errors
    /// The request is refused, in words.
    pub fn decide(&self, catalog: &Catalog, schema: &Schema) -> Result<pb::Verdict, String> {
        decide(catalog, &self.message(schema)?)
    }

    /// Returns the request of the case, at full view.
    ///
    /// # Errors
    /// The case cannot be asked, in words.
    pub fn message(&self, schema: &Schema) -> Result<pb::DecideRequest, String> {
        let text = self.request.to_string();
        let mut request: pb::DecideRequest = schema
            .read(&text, "redress.v1.DecideRequest")
            .map_err(|error| format!("the request is no proto JSON: {error}"))?;
        if request
            .request
            .as_ref()
            .is_none_or(|r| r.request_time.is_none())
        {
            return Err("a case has to pin `request.request_time`".to_owned());
        }
        request.view = pb::View::Full.into();
        Ok(request)
    }
}

fn decide(catalog: &Catalog, message: &pb::DecideRequest) -> Result<pb::Verdict, String> {
    let now = Instant::from_unix(0, 0).ok_or("no clock")?;
    answer::decide(catalog, message, now)
        .and_then(|decided| decided.verdict.decode())
        .map_err(|error| format!("refused: {error:?}"))
}
