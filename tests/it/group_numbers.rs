//! Clauses whose tests of the numbers of one group exclude each other, against an enumeration
//! of small groups.

use std::collections::BTreeSet;
use std::fmt::Write;

use redress::policy::catalog::Catalog;

use crate::generate::terms;

/// Ranges of numbers; the last is no test.
const RANGES: [(i64, i64); 6] = [(0, 0), (1, 1), (2, 3), (3, 9), (0, 2), (0, i64::MAX)];

/// The most units of a group, more than the ranges tell apart.
const MOST: i64 = 24;

fn test(name: &str, (least, most): (i64, i64)) -> String {
    match most {
        i64::MAX => String::new(),
        _ => format!("{name} = {{ at_least = {least}, at_most = {most} }}, "),
    }
}

/// Whether a group can be so: what was bought stays or does not, and the row names a unit.
fn can_be(bought: (i64, i64), gone: (i64, i64), kept: (i64, i64), whole: Option<bool>) -> bool {
    let within = |number: i64, (least, most): (i64, i64)| least <= number && number <= most;
    (1..=MOST).any(|all| {
        (1..=all).any(|back| {
            let stays = all - back;
            let fits = whole.is_none_or(|whole| whole == (stays == 0));
            fits && within(all, bought) && within(back, gone) && within(stays, kept)
        })
    })
}

#[test]
fn clauses_of_groups_that_cannot_be_are_found() {
    let (mut never, mut compared) = (0, 0);
    for bought in RANGES {
        for whole in [None, Some(true), Some(false)] {
            let mut clauses = r#"
[[clause]]
id     = "ACM-01"
says   = "Goods come back."
source = "Returns"
on     = "return"
grants = { remedy = "refund" }
"#
            .to_owned();
            let mut wanted = BTreeSet::new();
            for (at, gone) in RANGES.into_iter().enumerate() {
                for (of, kept) in RANGES.into_iter().enumerate() {
                    let mut tests = test("group_quantity", bought);
                    tests += &test("group_gone", gone);
                    tests += &test("group_kept", kept);
                    if let Some(whole) = whole {
                        write!(tests, "whole_group = {whole}, ").unwrap();
                    }
                    if tests.is_empty() {
                        continue;
                    }
                    let id = format!("ACM-{}", 10 * (at + 1) + of);
                    write!(
                        clauses,
                        "\n[[clause]]\nid = \"{id}\"\nsays = \"A clause.\"\nsource = \"Returns\"\n\
                         on = \"return\"\nwhen = {{ {} }}\nadds = {{ notice = \"group\" }}\n",
                        tests.trim_end_matches(", ")
                    )
                    .unwrap();
                    compared += 1;
                    if !can_be(bought, gone, kept, whole) {
                        wanted.insert(format!("`{id}` can never be active"));
                    }
                }
            }
            never += wanted.len();
            let found: BTreeSet<String> = match Catalog::load(&[terms(&clauses)]) {
                Ok(_) => BTreeSet::new(),
                Err(error) => error.diagnostics().map(|d| d.message.clone()).collect(),
            };
            assert_eq!(found, wanted, "bought {bought:?}, whole {whole:?}");
        }
    }
    assert!(
        never > 200 && compared - never > 200,
        "{never} of {compared}"
    );
}
