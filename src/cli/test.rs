//! `redress test`: whether policies decide their cases, and what the cases cover.

use std::path::PathBuf;

use super::output::{self, Exit, Failure, counted};
use super::render::suite as render;
use crate::load;
use crate::suite::Mistake;
use crate::suite::run::{self, Report, Run, Selection};
use crate::wire::json::Schema;

/// Run the cases beside policies, and say which clauses and readings they cover
///
/// DIR holds one folder a policy, `POLICY/REVISION.toml` with its cases
/// `POLICY/REVISION.TOPIC.cases.toml`, or is one such folder itself.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of policies and their cases [default: those built in]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Run only cases whose name, clauses or readings contain TEXT
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Decide each case under changed clauses and other readings too: a case must
    /// notice a change of what it cites
    #[arg(long)]
    mutate: bool,
    /// Fail if fewer clauses and readings are covered, in per cent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    threshold: Option<u8>,
    /// How the result is printed
    #[arg(long, value_enum, default_value = "human")]
    output: Format,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// JUnit XML, for build servers
    Junit,
}

/// Runs the command.
///
/// # Errors
/// A policy is not valid, a file cannot be read, a case fails, or less is
/// covered than is demanded.
pub fn run(args: &Args) -> Result<(), Failure> {
    let schema = Schema::new()
        .map_err(|error| Failure::new(Exit::Usage, format!("no schema of requests: {error}")))?;
    let selection = Selection {
        filter: args.filter.clone(),
        mutate: args.mutate,
    };
    let folders = match &args.directory {
        Some(directory) => load::folders(directory)?,
        None => load::embedded_folders(),
    };
    let mut all = Run::default();
    for folder in folders {
        let run = run::run_all(&folder.policies, &folder.cases, &schema, &selection);
        all.reports.extend(run.reports);
        all.mistakes.extend(run.mistakes);
        all.invalid.extend(run.invalid);
    }
    let is_whole = all.mistakes.is_empty() && all.invalid.is_empty();
    if let Some(filter) = &args.filter {
        all.reports.retain(|report| !report.results.is_empty());
        if all.reports.is_empty() && is_whole {
            // A misspelt filter must not pass for cases that hold.
            return Err(Failure::new(
                Exit::Usage,
                format!("no case contains `{filter}`"),
            ));
        }
    }
    match args.output {
        Format::Human => output::print(&render::human(&all))?,
        Format::Junit => {
            let report = render::junit(&all)
                .map_err(|error| Failure::new(Exit::Usage, format!("cannot write XML: {error}")))?;
            output::print_data(&report)?;
        }
    }
    if is_whole {
        judge(&all.reports, args.threshold)
    } else {
        Err(not_whole(&all))
    }
}

/// Says what kept policies or cases from being run.
fn not_whole(all: &Run) -> Failure {
    let policies = all.invalid.iter();
    let policies = policies.flat_map(|(found, text)| found.iter().map(|d| d.render(text, false)));
    let cases = all.mistakes.iter().map(Mistake::render);
    let rendered: Vec<String> = policies.chain(cases).collect();
    let failed = all.reports.iter().flat_map(|report| &report.results);
    let failed = failed.filter(|result| !result.passed()).count();
    let mut parts = Vec::new();
    if failed > 0 {
        parts.push(failing(failed));
    }
    if !all.invalid.is_empty() {
        parts.push("the policies are not valid".to_owned());
    }
    if !all.mistakes.is_empty() {
        let count = counted(all.mistakes.len(), "mistake");
        parts.push(format!("the case files have {count}"));
    }
    let exit = match all.invalid.is_empty() {
        true => Exit::Usage,
        false => Exit::InvalidPolicy,
    };
    let failure = Failure::new(exit, parts.join(", and "));
    failure.diagnostics(&rendered)
}

fn judge(reports: &[Report], threshold: Option<u8>) -> Result<(), Failure> {
    let failed = reports
        .iter()
        .flat_map(|report| &report.results)
        .filter(|result| !result.passed())
        .count();
    let mistakes: usize = reports.iter().map(|report| report.mistakes.len()).sum();
    if failed > 0 || mistakes > 0 {
        let count = counted(mistakes, "mistake");
        let message = match (failed, mistakes) {
            (failed, 0) => failing(failed),
            (0, _) => format!("the case files have {count}"),
            _ => format!("{}, and the case files have {count}", failing(failed)),
        };
        return Err(Failure::new(Exit::Refused, message));
    }
    let Some(threshold) = threshold else {
        return Ok(());
    };
    let short: Vec<String> = reports
        .iter()
        .filter(|report| report.coverage.percent() < usize::from(threshold))
        .map(|report| {
            let percent = report.coverage.percent();
            format!("{} {}: {percent} %", report.policy, report.revision)
        })
        .collect();
    if short.is_empty() {
        return Ok(());
    }
    let message = format!("less than {threshold} % of clauses and readings is covered");
    Err(Failure::new(Exit::Refused, message).details(short))
}

/// Says how many cases fail.
fn failing(cases: usize) -> String {
    match cases {
        1 => "1 case fails".to_owned(),
        cases => format!("{cases} cases fail"),
    }
}
