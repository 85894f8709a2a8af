//! `redress test`: whether policies decide their cases, and what the cases cover.

use std::path::PathBuf;

use super::output::{self, Exit, Failure};
use super::render::suite as render;
use crate::load;
use crate::rpc::json::Schema;
use crate::suite::run::{self, Report, RunError, Selection};

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
    let mut reports = Vec::new();
    for folder in folders {
        reports.extend(
            run::run(&folder.policies, &folder.cases, &schema, &selection).map_err(failure)?,
        );
    }
    if let Some(filter) = &args.filter {
        reports.retain(|report| !report.results.is_empty());
        if reports.is_empty() {
            // A misspelt filter must not pass for cases that hold.
            return Err(Failure::new(
                Exit::Usage,
                format!("no case contains `{filter}`"),
            ));
        }
    }
    match args.output {
        Format::Human => output::print(&render::human(&reports))?,
        Format::Junit => {
            let report = render::junit(&reports)
                .map_err(|error| Failure::new(Exit::Usage, format!("cannot write XML: {error}")))?;
            output::print_data(&report)?;
        }
    }
    judge(&reports, args.threshold)
}

fn failure(error: RunError) -> Failure {
    match error {
        RunError::Policy(found, text) => Failure::invalid(&found, &text),
        RunError::Cases(lines) => {
            Failure::new(Exit::Usage, "the case files have mistakes").details(lines)
        }
    }
}

fn judge(reports: &[Report], threshold: Option<u8>) -> Result<(), Failure> {
    let failed = reports
        .iter()
        .flat_map(|report| &report.results)
        .filter(|result| !result.passed())
        .count();
    let mistakes: usize = reports.iter().map(|report| report.mistakes.len()).sum();
    if failed > 0 || mistakes > 0 {
        let message = match (failed, mistakes) {
            (1, 0) => "1 case fails".to_owned(),
            (failed, 0) => format!("{failed} cases fail"),
            (0, 1) => "the case files have a mistake".to_owned(),
            (0, mistakes) => format!("the case files have {mistakes} mistakes"),
            _ => format!("{failed} cases fail, and the case files have {mistakes} mistakes"),
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
