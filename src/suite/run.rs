//! Runs the cases of one policy folder and proves what they say they prove.

use redress_client::pb;

use super::coverage::{self, Coverage, Noticed};
use super::mutant;
use super::tree::Location;
use super::{Case, Mistake, Suite};
use crate::policy::catalog::Catalog;
use crate::policy::check::check;
use crate::policy::checked::CheckedPolicy;
use crate::policy::compile::compile;
use crate::policy::diagnostic::Diagnostic;
use crate::policy::document::nearest;
use crate::policy::plan::Plan;
use crate::policy::source::Source;
use crate::wire::json::Schema;

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
    /// The line of its name, from 1.
    pub line: usize,
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

/// Tells what came of the cases of a folder.
#[derive(Debug, Default)]
pub struct Run {
    /// What came of each revision that is valid, in the order of the files.
    pub reports: Vec<Report>,
    /// What is wrong with the case files, by file and then in its order; what it concerns
    /// was not run.
    pub mistakes: Vec<Mistake>,
    /// The mistakes of each policy that is not valid, with the text that they are about.
    pub invalid: Vec<(Vec<Diagnostic>, String)>,
}

/// Says why the cases of a folder were not run, or not all of them.
#[derive(Debug)]
pub enum RunError {
    /// A policy is not valid; its mistakes with the text that they are about.
    Policy(Vec<Diagnostic>, String),
    /// The case files have mistakes, a line each.
    Cases(Vec<String>),
}

/// Runs the cases of a folder, all or none.
///
/// # Errors
/// A policy or a case file is not valid.
pub fn run(
    policies: &[Source],
    cases: &[Source],
    schema: &Schema,
    selection: &Selection,
) -> Result<Vec<Report>, RunError> {
    let run = run_all(policies, cases, schema, selection);
    if let Some((found, text)) = run.invalid.into_iter().next() {
        return Err(RunError::Policy(found, text));
    }
    if run.mistakes.is_empty() {
        return Ok(run.reports);
    }
    let lines = run.mistakes.iter().map(Mistake::line);
    Err(RunError::Cases(lines.collect()))
}

/// Runs the cases of a folder: all that can be run, whatever is wrong with the others.
pub fn run_all(
    policies: &[Source],
    cases: &[Source],
    schema: &Schema,
    selection: &Selection,
) -> Run {
    let mut suite = Suite::read(cases);
    let mut run = Run {
        mistakes: std::mem::take(&mut suite.mistakes),
        ..Run::default()
    };
    let mut revisions = Vec::new();
    for source in policies {
        let file = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let compiled = check(source).and_then(|policy| match compile(&policy) {
            Ok(plan) => Ok((policy, plan)),
            Err(error) => Err(vec![whole_file(source, error.to_string())]),
        });
        match compiled {
            Ok((policy, plan)) => {
                revisions.push(plan.revision.clone());
                let of = Revision {
                    suite: &suite,
                    source,
                    policy: &policy,
                    schema,
                    selection,
                };
                let (report, mistakes) = of.run(plan);
                run.reports.push(report);
                run.mistakes.extend(mistakes);
            }
            Err(found) => {
                // Its cases are not of no revision.
                revisions.push(file.strip_suffix(".toml").unwrap_or(file).to_owned());
                run.invalid.push((found, source.text.clone()));
            }
        }
    }
    for case in suite.all_cases() {
        if !revisions.contains(&case.revision) {
            let at = case.field("revision");
            let message = format!("no revision `{}` beside the file", case.revision);
            let help = nearest(&case.revision, revisions.iter().map(String::as_str));
            run.mistakes
                .extend(suite.mistake(at, "unknown-revision", message, help));
        }
    }
    super::put_in_order(&mut run.mistakes);
    run
}

fn whole_file(source: &Source, message: String) -> Diagnostic {
    Diagnostic {
        path: source.path.clone(),
        span: 0..0,
        code: "too-many",
        message,
        help: String::new(),
        related: Vec::new(),
    }
}

/// A revision with what its cases need.
struct Revision<'s> {
    suite: &'s Suite,
    source: &'s Source,
    policy: &'s CheckedPolicy,
    schema: &'s Schema,
    selection: &'s Selection,
}

impl<'s> Revision<'s> {
    /// Returns the cases that can be asked, and what is wrong with the others.
    fn prepare(&self, catalog: &Catalog, revision: &str) -> (Vec<Prepared<'s>>, Vec<Mistake>) {
        let (mut prepared, mut mistakes) = (Vec::new(), Vec::new());
        let wrong =
            |at: &Location, message: String| self.suite.mistake(at, "bad-request", message, "");
        let broken = self.suite.broken.iter().map(|case| (case, true));
        let whole = self.suite.cases.iter().map(|case| (case, false));
        for (case, is_broken) in whole.chain(broken) {
            if case.revision != revision {
                continue;
            }
            mistakes.extend(coverage::wrong_citations(self.suite, case, self.policy));
            let policy = case.field_text("policy");
            if policy != self.policy.id.as_str() {
                let message = format!("the policy beside the file is `{}`", self.policy.id);
                mistakes.extend(wrong(case.field("policy"), message));
                continue;
            }
            match case.asked(self.schema) {
                Err(error) => mistakes.extend(wrong(&error.at, error.what)),
                Ok(_) if is_broken => {}
                Ok(message) => {
                    let differences = if self.selection.takes(case) {
                        case.differences(catalog, message.clone())
                    } else {
                        Vec::new()
                    };
                    prepared.push((case, message, differences));
                }
            }
        }
        (prepared, mistakes)
    }

    fn run(&self, plan: Plan) -> (Report, Vec<Mistake>) {
        let revision = plan.revision.clone();
        let catalog = Catalog::of(plan);
        let (prepared, mut wrong) = self.prepare(&catalog, &revision);
        let mut mistakes = Vec::new();
        let mut noticed: Vec<Noticed> = prepared.iter().map(|_| Noticed::default()).collect();
        if self.selection.mutate {
            notice_clauses(self.policy, &prepared, &mut noticed);
            notice_silence(self.policy, &prepared, &mut noticed);
            let found = self.notice_readings(&revision, &prepared, &mut noticed);
            for (at, what) in found {
                match what {
                    Unproven::Rival(message) => {
                        let found = self.suite.mistake(&at, "bad-rival", message, "");
                        wrong.extend(found);
                    }
                    Unproven::Reading(message) => mistakes.push(message),
                }
            }
        }
        let proof = self.selection.mutate.then_some(noticed.as_slice());
        let cases: Vec<&Case> = prepared.iter().map(|(case, ..)| *case).collect();
        let coverage = coverage::measure(self.policy, self.suite, &revision, &cases, proof);
        let mut results = Vec::new();
        for (index, (case, _, differences)) in prepared.into_iter().enumerate() {
            if !self.selection.takes(case) {
                continue;
            }
            let unproven = match proof.and_then(|noticed| noticed.get(index)) {
                Some(noticed) if differences.is_empty() => {
                    coverage::unproven(case, noticed, &coverage)
                }
                _ => Vec::new(),
            };
            results.push(CaseResult {
                name: case.name.clone(),
                path: case.path.clone(),
                line: self.suite.line(&case.at),
                differences,
                unproven,
            });
        }
        let report = Report {
            policy: self.policy.id.as_str().to_owned(),
            revision,
            results,
            coverage,
            mistakes,
        };
        (report, wrong)
    }

    /// Decides the cases that cite a reading under its rivals; returns what is wrong with
    /// rivals, and where.
    fn notice_readings(
        &self,
        revision: &str,
        prepared: &[Prepared<'_>],
        noticed: &mut [Noticed],
    ) -> Vec<(Location, Unproven)> {
        let mut found = Vec::new();
        let rivals = self.suite.rivals.iter().filter(|(of, _)| of == revision);
        for (_, rival) in rivals {
            let changed = rival
                .apply(self.source)
                .and_then(|policy| compile(&policy).map_err(|error| error.to_string()));
            let catalog = match changed {
                Ok(plan) => Catalog::of(plan),
                Err(what) => {
                    let what = format!("a rival of `{}`: {what}", rival.reading);
                    found.push((rival.at.clone(), Unproven::Rival(what)));
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
                let location = self.suite.location(&rival.at);
                let what = format!(
                    "{location}: no case that cites `{}` fails under its rival: {}",
                    rival.reading, rival.says
                );
                found.push((rival.at.clone(), Unproven::Reading(what)));
            }
        }
        found
    }
}

/// Says why a reading is not proven.
enum Unproven {
    /// Its rival cannot be applied.
    Rival(String),
    /// No case tells it from its rival.
    Reading(String),
}

/// A case, its message, and what differs under the policy as it is.
type Prepared<'c> = (&'c Case, pb::DecideRequest, Vec<String>);

fn notice_clauses(policy: &CheckedPolicy, prepared: &[Prepared<'_>], noticed: &mut [Noticed]) {
    for (index, clause) in policy.clauses.iter().enumerate() {
        let id = clause.id.as_str();
        let cites = |case: &Case| case.clauses.iter().any(|cited| cited == id);
        if !prepared
            .iter()
            .any(|(case, ..)| cites(case) || case.cites_nothing())
        {
            continue;
        }
        for (change, mutant) in mutant::of(policy, index) {
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
                    let changes = noticed.clauses.entry(index).or_default();
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
