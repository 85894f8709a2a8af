//! The rows of a request that are approved.

use crate::domain::verdict::Outcome;
use crate::engine::entitle::decided::{DecidedRow, each};
use crate::engine::entitle::draft::Draft;
use crate::engine::money::MoneyTerms;

/// A row that is approved, with the terms of its money.
#[derive(Clone, Copy)]
pub(crate) struct Approved<'d, 'a> {
    /// The row.
    pub row: &'d DecidedRow<'a>,
    /// What was decided of it.
    pub draft: &'d Draft<'a>,
    /// The terms.
    pub terms: &'d MoneyTerms<'a>,
}

/// Returns the rows that are approved, in order.
pub(crate) fn approved<'d, 'a>(
    rows: &'d [DecidedRow<'a>],
    drafts: &'d [Draft<'a>],
) -> impl Iterator<Item = Approved<'d, 'a>> + Clone {
    each(rows, drafts).filter_map(|(row, draft)| {
        let approved = draft.decision.outcome == Outcome::Approved;
        let terms = draft.terms.as_deref().filter(|_| approved)?;
        Some(Approved { row, draft, terms })
    })
}

/// Returns the first of the rows that share a draft, and with it their terms.
pub(crate) fn heads<'d, 'a>(
    approved: impl Iterator<Item = Approved<'d, 'a>>,
) -> impl Iterator<Item = Approved<'d, 'a>>
where
    'a: 'd,
{
    // Drafts are numbered in the order in which rows need them.
    let mut next = 0;
    approved.filter(move |a| {
        let first = a.row.draft >= next;
        if first {
            next = a.row.draft.saturating_add(1);
        }
        first
    })
}
