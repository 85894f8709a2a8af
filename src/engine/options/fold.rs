//! Options that differ in nothing but their reason class or their line, told once.

use std::collections::BTreeMap;

use crate::domain::verdict::{OptionRow, OrderOption};

/// Joins options that say the same: first those of one line that differ in their reason
/// class, then those of one list of classes that differ in their line, then what is so of
/// lines together and of each alone. Rows keep the order of their first option.
pub fn fold(options: Vec<OrderOption<'_>>) -> Vec<OptionRow<'_>> {
    let rows = options.into_iter().map(OptionRow::of).collect();
    let rows = merge(
        rows,
        |row| (row.option.action, row.option.line_id),
        |into, row| {
            let joins = into.lines == row.lines;
            if joins {
                into.reason_classes.extend_from_slice(&row.reason_classes);
            }
            joins
        },
    );
    let classes = |row: &OptionRow<'_>| (row.option.action, row.reason_classes.clone());
    let rows = merge(rows, classes, |into, row| {
        let joins = into.alone && row.alone;
        if joins {
            into.lines.extend_from_slice(&row.lines);
        }
        joins
    });
    merge(rows, classes, |into, row| {
        let joins = into.together != row.together && into.lines == row.lines;
        if joins {
            (into.together, into.alone) = (true, true);
        }
        joins
    })
}

/// Joins each row with the first that says the same and takes it; only rows of one key are
/// compared.
fn merge<'a, K: Ord>(
    rows: Vec<OptionRow<'a>>,
    key: impl Fn(&OptionRow<'a>) -> K,
    join: impl Fn(&mut OptionRow<'a>, &OptionRow<'a>) -> bool,
) -> Vec<OptionRow<'a>> {
    let mut merged: Vec<OptionRow<'a>> = Vec::new();
    let mut places: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let alike = places.entry(key(&row)).or_default();
        let joined = alike.iter().any(|index| {
            let into = merged.get_mut(*index);
            into.is_some_and(|into| says_the_same(&into.option, &row.option) && join(into, &row))
        });
        if !joined {
            alike.push(merged.len());
            merged.push(row);
        }
    }
    merged
}

/// Whether two options differ in nothing but reason class, line and request.
fn says_the_same(one: &OrderOption<'_>, other: &OrderOption<'_>) -> bool {
    one.action == other.action
        && one.remedy == other.remedy
        && one.status == other.status
        && one.amount == other.amount
        && one.order_items == other.order_items
        && one.owed == other.owed
        && one.window == other.window
        && one.clause == other.clause
        && one.reasons == other.reasons
        && one.missing == other.missing
}
