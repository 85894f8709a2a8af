//! How the result of cases reads: for people, and as JUnit XML.

use std::fmt::Write;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::suite::run::{CaseResult, Report};
use crate::suite::{Coverage, Rivalry};

/// Writes the result for people: what fails first, then what is not covered.
pub fn human(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        // Writing to a string cannot fail.
        let _ = one(&mut text, report);
    }
    text
}

fn one(text: &mut String, report: &Report) -> std::fmt::Result {
    let failed: Vec<&CaseResult> = report.results.iter().filter(|r| !r.passed()).collect();
    let passed = report.results.len().saturating_sub(failed.len());
    writeln!(
        text,
        "{} {}: {passed} of {} cases pass",
        report.policy,
        report.revision,
        report.results.len()
    )?;
    for result in failed {
        writeln!(text, "  FAIL {}\n       {}", result.name, result.path)?;
        for line in result.differences.iter().chain(&result.unproven) {
            writeln!(text, "       {line}")?;
        }
    }
    for mistake in &report.mistakes {
        writeln!(text, "  {mistake}")?;
    }
    covered(text, &report.coverage)
}

fn covered(text: &mut String, coverage: &Coverage) -> std::fmt::Result {
    let clauses = coverage.clauses.iter().filter(|c| c.covered()).count();
    let readings = coverage.readings.iter().filter(|r| r.covered()).count();
    writeln!(
        text,
        "  covered: {clauses} of {} clauses, {readings} of {} readings, {} %",
        coverage.clauses.len(),
        coverage.readings.len(),
        coverage.percent()
    )?;
    for clause in coverage.clauses.iter().filter(|c| !c.covered()) {
        let lacks = match (clause.cases.is_empty(), clause.inside, clause.outside) {
            (true, ..) => "no case",
            (_, true, _) => "no case outside, or with a fact missing",
            (_, _, true) => "no case inside",
            _ => "no case that says on which side it lies",
        };
        writeln!(text, "    {}: {lacks}", clause.id)?;
    }
    for reading in coverage.readings.iter().filter(|r| !r.covered()) {
        let lacks = match reading.rivalry {
            Rivalry::Unknown => "no rival, and no reason why there is none",
            _ => "no case",
        };
        writeln!(text, "    {}: {lacks}", reading.id)?;
    }
    Ok(())
}

/// Writes the result as JUnit XML: one suite a revision, one case a case.
///
/// # Errors
/// The text cannot be written as XML.
pub fn junit(reports: &[Report]) -> Result<String, quick_junit::SerializeError> {
    let mut document = quick_junit::Report::new("redress");
    for report in reports {
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
    document.to_string()
}
