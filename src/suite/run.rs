//! Runs the cases of one policy folder and proves what they say they prove.

use redress_client::pb;

use super::coverage::{self, Coverage, Noticed};
use super::mutant;
use super::{Case, Suite};
use crate::policy::catalog::Catalog;
use crate::policy::check::check;
use crate::policy::checked::CheckedPolicy;
use crate::policy::compile::compile;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::Source;
use crate::rpc::json::Schema;

/// Says which cases are run, and how far.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only cases whose name, clauses or readings contain this, in any letter case.
    pub filter: Option<String>,
    /// Whether every case is decided under changed policies too.
    pub mutate: bool,
}

impl Selection {
    fn takes(&self, case: &Case) -> bool {
        let Some(filter) = &self.filter else {
            return true;
        };
        let filter = filter.to_lowercase();
        let cited = case.clauses.iter().chain(&case.readings);
        cited
            .chain([&case.name])
            .any(|text| text.to_lowercase().contains(&filter))
    }
}

/// Tells what came of the cases of one revision.
#[derive(Debug)]
pub struct Report {
    /// The policy.
    pub policy: String,
    /// The revision.
    pub revision: String,
    /// The cases that were run, in order.
    pub results: Vec<CaseResult>,
    /// What all cases of the revision cover, whatever was selected.
    pub coverage: Coverage,
    /// What is wrong with the case files as a whole, in words.
    pub mistakes: Vec<String>,
}

impl Report {
    /// Returns whether every case passed and nothing is wrong with the files.
    pub fn passed(&self) -> bool {
        self.mistakes.is_empty() && self.results.iter().all(CaseResult::passed)
    }
}

/// Tells what came of one case.
#[derive(Debug)]
pub struct CaseResult {
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub path: String,
    /// What differs from what it states.
    pub differences: Vec<String>,
    /// What it cites without noticing any change of it.
    pub unproven: Vec<String>,
}

impl CaseResult {
    /// Returns whether the case holds and proves what it cites.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.unproven.is_empty()
    }
}

/// Says why the cases of a folder could not be run.
#[derive(Debug)]
pub enum RunError {
    /// A policy is not valid; its mistakes with the text that they are about.
    Policy(Vec<Diagnostic>, String),
    /// The case files have mistakes.
    Cases(Vec<String>),
}

/// Runs the cases of a folder.
///
/// # Errors
/// A policy or a case file is not valid.
pub fn run(
    policies: &[Source],
    cases: &[Source],
    schema: &Schema,
    selection: &Selection,
) -> Result<Vec<Report>, RunError> {
    let suite = super::load(cases).map_err(RunError::Cases)?;
    let mut reports = Vec::new();
    for source in policies {
        let policy = check(source).map_err(|found| RunError::Policy(found, source.text.clone()))?;
        reports.push(run_revision(&suite, source, &policy, schema, selection)?);
    }
    let known = |case: &&Case| !reports.iter().any(|r| r.revision == case.revision);
    let stray: Vec<String> = suite
        .cases
        .iter()
        .filter(known)
        .map(|case| format!("{}: `{}` is of no revision here", case.path, case.name))
        .collect();
    if stray.is_empty() {
        Ok(reports)
    } else {
        Err(RunError::Cases(stray))
    }
}

fn run_revision(
    suite: &Suite,
    source: &Source,
    policy: &CheckedPolicy,
    schema: &Schema,
    selection: &Selection,
) -> Result<Report, RunError> {
    let plan = compile(policy).map_err(|error| RunError::Cases(vec![error.to_string()]))?;
    let revision = plan.revision.clone();
    let catalog = Catalog::of(plan);
    let mut mistakes = Vec::new();
    let mut results = Vec::new();
    let mut prepared = Vec::new();
    for case in suite.cases.iter().filter(|c| c.revision == revision) {
        mistakes.extend(coverage::wrong_citations(case, policy));
        let message = case.message(schema).map_err(|what| {
            RunError::Cases(vec![format!("{}: `{}`: {what}", case.path, case.name)])
        })?;
        let differences = if selection.takes(case) {
            case.differences(&catalog, message.clone())
        } else {
            Vec::new()
        };
        prepared.push((case, message, differences));
    }
    let mut noticed: Vec<Noticed> = prepared.iter().map(|_| Noticed::default()).collect();
    if selection.mutate {
        notice_clauses(policy, &prepared, &mut noticed);
        notice_silence(policy, &prepared, &mut noticed);
        notice_readings(
            suite,
            source,
            &revision,
            &prepared,
            &mut noticed,
            &mut mistakes,
        );
    }
    let proof = selection.mutate.then_some(noticed.as_slice());
    let cases: Vec<&Case> = prepared.iter().map(|(case, ..)| *case).collect();
    let coverage = coverage::measure(policy, suite, &revision, &cases, proof);
    for (place, (case, _, differences)) in prepared.into_iter().enumerate() {
        if !selection.takes(case) {
            continue;
        }
        let unproven = match proof.and_then(|noticed| noticed.get(place)) {
            Some(noticed) if differences.is_empty() => coverage::unproven(case, noticed, &coverage),
            _ => Vec::new(),
        };
        results.push(CaseResult {
            name: case.name.clone(),
            path: case.path.clone(),
            differences,
            unproven,
        });
    }
    Ok(Report {
        policy: policy.id.as_str().to_owned(),
        revision,
        results,
        coverage,
        mistakes,
    })
}

/// A case, its message, and what differs under the policy as it is.
type Prepared<'c> = (&'c Case, pb::DecideRequest, Vec<String>);

fn notice_clauses(policy: &CheckedPolicy, prepared: &[Prepared<'_>], noticed: &mut [Noticed]) {
    for (place, clause) in policy.clauses.iter().enumerate() {
        let id = clause.id.as_str();
        let cites = |case: &Case| case.clauses.iter().any(|cited| cited == id);
        if !prepared
            .iter()
            .any(|(case, ..)| cites(case) || case.cites_nothing())
        {
            continue;
        }
        for (change, mutant) in mutant::of(policy, place) {
            let Ok(plan) = compile(&mutant) else {
                continue;
            };
            let catalog = Catalog::of(plan);
            for ((case, message, _), noticed) in prepared.iter().zip(noticed.iter_mut()) {
                let open = case.cites_nothing() && !noticed.any;
                if !(cites(case) || open) || case.differences(&catalog, message.clone()).is_empty()
                {
                    continue;
                }
                noticed.any = true;
                if cites(case) {
                    let changes = noticed.clauses.entry(id.to_owned()).or_default();
                    changes.push(change);
                }
            }
        }
    }
}

/// A case of which no clause speaks can rest on the terms' silence about its action.
fn notice_silence(policy: &CheckedPolicy, prepared: &[Prepared<'_>], noticed: &mut [Noticed]) {
    for mutant in mutant::spoken_of(policy) {
        let Ok(plan) = compile(&mutant) else {
            continue;
        };
        let catalog = Catalog::of(plan);
        for ((case, message, _), noticed) in prepared.iter().zip(noticed.iter_mut()) {
            if case.cites_nothing() && !noticed.any {
                noticed.any = !case.differences(&catalog, message.clone()).is_empty();
            }
        }
    }
}

fn notice_readings(
    suite: &Suite,
    source: &Source,
    revision: &str,
    prepared: &[Prepared<'_>],
    noticed: &mut [Noticed],
    mistakes: &mut Vec<String>,
) {
    for (_, rival) in suite.rivals.iter().filter(|(of, _)| of == revision) {
        let changed = rival
            .apply(source)
            .and_then(|policy| compile(&policy).map_err(|error| error.to_string()));
        let catalog = match changed {
            Ok(plan) => Catalog::of(plan),
            Err(what) => {
                mistakes.push(format!("a rival of `{}`: {what}", rival.reading));
                continue;
            }
        };
        let mut told_apart = false;
        for ((case, message, _), noticed) in prepared.iter().zip(noticed.iter_mut()) {
            let cites = case.readings.contains(&rival.reading);
            if cites && !case.differences(&catalog, message.clone()).is_empty() {
                told_apart = true;
                if !noticed.readings.contains(&rival.reading) {
                    noticed.readings.push(rival.reading.clone());
                }
            }
        }
        if !told_apart {
            mistakes.push(format!(
                "no case that cites `{}` fails under its rival: {}",
                rival.reading, rival.says
            ));
        }
    }
}
