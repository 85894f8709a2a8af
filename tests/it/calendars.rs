//! Days computed from calendar rules, against lists that another program made.

use std::fs;
use std::path::Path;

use chrono::Weekday;
use redress::domain::time::Day;
use redress::policy::check::check;
use redress::policy::source::Source;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn worked_sundays_equal_the_list_of_an_independent_program() {
    let path = "policies/milona-paris/always.toml";
    let source = Source {
        path: path.to_owned(),
        text: read(path),
    };
    let policy = check(&source).unwrap_or_else(|found| panic!("{found:?}"));
    let calendar = policy
        .calendars
        .iter()
        .find(|c| c.name == "worked_sundays")
        .unwrap();
    let mut day = Day::parse("2022-01-01").unwrap();
    let mut computed = Vec::new();
    while day.year() <= 2035 {
        if calendar.contains(day) {
            assert_eq!(day.weekday(), Weekday::Sun);
            computed.push(day.to_string());
        }
        day = day.plus_days(1);
    }
    let listed = read("tests/worked_sundays.txt");
    let listed: Vec<&str> = listed
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect();
    assert_eq!(computed, listed);
}
