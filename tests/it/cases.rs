//! Runs the cases beside policies, under the policies as they are and changed.

use std::fs;
use std::path::Path;

use redress::load;
use redress::suite::run::{self, Report, RunError, Selection};
use redress::wire::json::Schema;

/// Runs every case below a folder of policies.
fn run_all(root: &str, mutate: bool) -> Vec<Report> {
    let schema = Schema::new().unwrap();
    let selection = Selection {
        filter: None,
        mutate,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut reports = Vec::new();
    for folder in load::folders(&root).unwrap() {
        match run::run(&folder.policies, &folder.cases, &schema, &selection) {
            Ok(more) => reports.extend(more),
            Err(RunError::Policy(found, text)) => {
                let lines: Vec<String> = found.iter().map(|d| d.render(&text, false)).collect();
                panic!("{}", lines.join("\n"));
            }
            Err(RunError::Cases(lines)) => panic!("{}", lines.join("\n")),
        }
    }
    reports
}

/// Returns what is wrong with reports, in words.
fn failures(reports: &[Report]) -> String {
    let mut lines = Vec::new();
    for report in reports {
        lines.extend(report.mistakes.iter().cloned());
        for result in report.results.iter().filter(|r| !r.passed()) {
            lines.push(result.name.clone());
            let what = result.differences.iter().chain(&result.unproven);
            lines.extend(what.map(|line| format!("    {line}")));
        }
    }
    lines.join("\n")
}

/// Every case holds, and every clause and reading is covered.
#[test]
fn shipped_policies_decide_their_cases() {
    let reports = run_all("policies", false);
    assert_eq!(failures(&reports), "");
    for report in &reports {
        assert!(!report.results.is_empty());
        let uncovered: Vec<&str> = report
            .coverage
            .clauses
            .iter()
            .filter(|c| !c.covered())
            .map(|c| c.id.as_str())
            .chain(
                report
                    .coverage
                    .readings
                    .iter()
                    .filter(|r| !r.covered())
                    .map(|r| r.id.as_str()),
            )
            .collect();
        assert!(uncovered.is_empty(), "{}: {uncovered:?}", report.policy);
    }
}

#[test]
fn every_case_fails_when_what_it_cites_changes() {
    let reports = run_all("policies", true);
    assert_eq!(failures(&reports), "");
    assert_eq!(reports.len(), 5);
}

/// Businesses of twelve trades, after their published terms: the clauses were listed before
/// the policies were written, and each says whether the language says it.
#[test]
fn businesses_of_twelve_trades_are_decided() {
    let reports = run_all("tests/shops", true);
    assert_eq!(failures(&reports), "");
    assert_eq!(reports.len(), 12);
    let (mut native, mut all) = (0, 0);
    for report in &reports {
        assert_eq!(report.coverage.percent(), 100, "{}", report.policy);
        assert!(report.results.len() >= 8, "{}", report.policy);
        let path = format!("tests/shops/{}/clauses.md", report.policy);
        let list = fs::read_to_string(path).unwrap();
        let rows: Vec<Vec<&str>> = list
            .lines()
            .filter(|line| line.starts_with("| "))
            .map(|line| line.split('|').map(str::trim).collect())
            .filter(|cells: &Vec<&str>| cells.contains(&"decision"))
            .collect();
        let said = rows.iter().filter(|cells| {
            let mut marks = cells.iter().rev();
            marks.any(|cell| cell.starts_with("native"))
        });
        let said = said.count();
        assert!(said * 100 >= rows.len() * 85, "{}: {said}", report.policy);
        (native, all) = (native + said, all + rows.len());
    }
    assert!(native * 100 >= all * 95, "{native} of {all}");
}

/// A shop that nobody wrote code for needs nothing but its file.
#[test]
fn another_shop_needs_only_a_file() {
    let reports = run_all("tests/decide", true);
    assert_eq!(failures(&reports), "");
    for report in &reports {
        assert_eq!(report.coverage.percent(), 100, "{}", report.policy);
    }
    assert!(reports.iter().any(|report| report.policy == "teapots"));
}
