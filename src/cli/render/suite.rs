//! How the result of cases reads: for people, and as JUnit XML.

use std::fmt::Write;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::suite::run::{CaseResult, Report, Run};
use crate::suite::{Coverage, Rivalry};

/// Writes the result for people: what fails first, then what is not covered. Cases that
/// could not be run would count as not there.
pub fn human(run: &Run) -> String {
    let mut text = String::new();
    let shows_coverage = run.mistakes.is_empty();
    for report in &run.reports {
        // Writing to a string cannot fail.
        let _ = cases(&mut text, report, shows_coverage);
    }
    text
}

fn cases(text: &mut String, report: &Report, shows_coverage: bool) -> std::fmt::Result {
    let failed: Vec<&CaseResult> = report.results.iter().filter(|r| !r.passed()).collect();
    let passed = report.results.len().saturating_sub(failed.len());
    write!(
        text,
        "{} {}: {passed} of {} cases pass",
        report.policy,
        report.revision,
        report.results.len()
    )?;
    if shows_coverage {
        covered(text, &report.coverage)?;
    }
    writeln!(text)?;
    for result in failed {
        let CaseResult {
            name, path, line, ..
        } = result;
        writeln!(text, "  FAIL {name}\n       {path}:{line}")?;
        for line in result.differences.iter().chain(&result.unproven) {
            writeln!(text, "       {line}")?;
        }
    }
    for mistake in &report.mistakes {
        writeln!(text, "  {mistake}")?;
    }
    if shows_coverage {
        uncovered(text, &report.coverage)?;
    }
    Ok(())
}

fn covered(text: &mut String, coverage: &Coverage) -> std::fmt::Result {
    let clauses = coverage.clauses.iter().filter(|c| c.covered()).count();
    let readings = coverage.readings.iter().filter(|r| r.covered()).count();
    write!(
        text,
        "; covered: {clauses} of {} clauses, {readings} of {} readings ({}%)",
        coverage.clauses.len(),
        coverage.readings.len(),
        coverage.percent()
    )
}

/// Writes what no case covers, and what it lacks.
fn uncovered(text: &mut String, coverage: &Coverage) -> std::fmt::Result {
    for clause in coverage.clauses.iter().filter(|c| !c.covered()) {
        let lacks = match (clause.cases.is_empty(), clause.inside, clause.outside) {
            (true, ..) => "no case",
            (_, true, _) => "no case outside, or with a fact missing",
            (_, _, true) => "no case inside",
            _ => "no case that says on which side it lies",
        };
        writeln!(text, "  not covered: {}: {lacks}", clause.label)?;
    }
    for reading in coverage.readings.iter().filter(|r| !r.covered()) {
        let lacks = match reading.rivalry {
            Rivalry::Unknown => "no rival, and no reason why there is none",
            _ => "no case",
        };
        writeln!(text, "  not covered: {}: {lacks}", reading.id)?;
    }
    Ok(())
}

/// Writes the result as JUnit XML: one suite a revision, one case a case.
///
/// # Errors
/// The text cannot be written as XML.
pub fn junit(run: &Run) -> Result<String, quick_junit::SerializeError> {
    let mut document = quick_junit::Report::new("redress");
    for report in &run.reports {
        let mut suite = TestSuite::new(format!("{} {}", report.policy, report.revision));
        for result in &report.results {
            let mut status = TestCaseStatus::success();
            if !result.passed() {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let lines: Vec<&str> = result
                    .differences
                    .iter()
                    .chain(&result.unproven)
                    .map(String::as_str)
                    .collect();
                status.set_message(lines.join("\n"));
            }
            let mut case = TestCase::new(result.name.clone(), status);
            case.set_classname(result.path.clone());
            suite.add_test_case(case);
        }
        for mistake in &report.mistakes {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(mistake.clone());
            suite.add_test_case(TestCase::new("case files", status));
        }
        document.add_test_suite(suite);
    }
    let mut suite = TestSuite::new("files");
    let policies = run.invalid.iter().flat_map(|(found, text)| {
        found
            .iter()
            .map(|d| (d.path.as_str(), d.render(text, false)))
    });
    let cases = run.mistakes.iter();
    let cases = cases.map(|m| (m.diagnostic.path.as_str(), m.render()));
    for (path, mistake) in policies.chain(cases) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(mistake);
        suite.add_test_case(TestCase::new(path, status));
    }
    if !suite.test_cases.is_empty() {
        document.add_test_suite(suite);
    }
    document.to_string()
}
