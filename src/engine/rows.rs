//! Decides the rows of a request together: limited rights, then money.

use super::case::Case;
use super::complete::{decide_row, needs};
use super::draft::Draft;
use super::settle::settle;
use super::world::{Value, World};
use crate::domain::facts::{Ask, Remedy, RowIndex};
use crate::domain::verdict::{Outcome, Settlement};
use crate::domain::vocabulary::Fact;
use crate::policy::plan::RoutePlan;

/// Holds decided rows and their money.
pub(super) struct Decided<'a> {
    /// The rows; a unit group is split where a limited right covers a part of it.
    pub rows: Vec<(RowIndex, Draft<'a>)>,
    /// Their money.
    pub settlement: Option<Settlement<'a>>,
}

impl Decided<'_> {
    /// Returns the outcome of all rows if they agree, otherwise mixed.
    pub(super) fn outcome(&self) -> Outcome {
        let mut outcomes = self.rows.iter().map(|(_, d)| d.outcome);
        let first = outcomes.next().unwrap_or(Outcome::NeedsReview);
        if outcomes.all(|o| o == first) {
            first
        } else {
            Outcome::Mixed
        }
    }
}

/// Holds an ask: the request's own, or one that is tried out.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What is asked for.
    pub ask: &'a Ask<'a>,
    /// Whether it is tried out.
    pub tried: bool,
}

/// Decides rows on a route.
pub(super) fn decide_rows<'a>(
    case: Case<'a, '_>,
    ask: Asked<'a>,
    route: &'a RoutePlan,
    rows: &[RowIndex],
    wants: Option<Remedy>,
) -> Decided<'a> {
    let mut used: Vec<(&'a str, i32)> = Vec::new();
    let mut decided: Vec<(RowIndex, Draft<'a>)> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut rest = Some(*row);
        while let Some(row) = rest.take() {
            let world = World {
                plan: case.plan,
                facts: case.facts,
                scratch: case.scratch,
                ask: ask.ask,
                tried: ask.tried,
                rows,
                row,
                used: &used,
                assumed: &[],
                at_home: false,
            };
            let draft = decide_row(&world, route, wants);
            let Some(code) = draft.consumes else {
                decided.push((row, draft));
                continue;
            };
            let left = match super::read::read(&world, Fact::OptionLeft, Some(code)) {
                Value::Number(left) => i32::try_from(left).unwrap_or(i32::MAX),
                _ => row.quantity,
            };
            if left > 0 && left < row.quantity {
                let covered = RowIndex {
                    quantity: left,
                    ..row
                };
                rest = Some(RowIndex {
                    quantity: row.quantity.saturating_sub(left),
                    earlier: row.earlier.saturating_add(left),
                    ..row
                });
                let world = World {
                    plan: case.plan,
                    facts: case.facts,
                    scratch: case.scratch,
                    ask: ask.ask,
                    tried: ask.tried,
                    rows,
                    row: covered,
                    used: &used,
                    assumed: &[],
                    at_home: false,
                };
                let draft = decide_row(&world, route, wants);
                decided.push((covered, draft));
                used.push((code, left));
            } else {
                decided.push((row, draft));
                used.push((code, row.quantity));
            }
        }
    }
    match settle(case, ask.ask, &decided) {
        Ok(settlement) => Decided {
            rows: decided,
            settlement,
        },
        Err(missing) => {
            for (_, draft) in &mut decided {
                if draft.outcome == Outcome::Approved {
                    *draft = needs(missing.clone(), draft);
                }
            }
            Decided {
                rows: decided,
                settlement: None,
            }
        }
    }
}
