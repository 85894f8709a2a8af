//! Rows that are decided, with what each was decided by.

use super::draft::Draft;
use crate::domain::facts::RowIndex;
use crate::domain::few::Few;
use crate::domain::verdict::{Outcome, Settlement};
use crate::engine::money::RowMoney;

/// Holds decided rows and their money.
pub(crate) struct Decided<'a> {
    /// The rows; a unit group is split where a limited right covers a part of it.
    pub rows: Few<DecidedRow<'a>>,
    /// What was decided, each for one row or for several that are alike.
    pub drafts: Few<Draft<'a>>,
    /// The rows whose units counted as not kept by the customer; empty where nothing looks at
    /// that.
    pub back: Vec<RowIndex>,
    /// Their money.
    pub settlement: Option<Settlement<'a>>,
}

/// Holds a decided row.
pub(crate) struct DecidedRow<'a> {
    /// Where it stands.
    pub index: RowIndex,
    /// What was decided, by its index in [`Decided::drafts`].
    pub draft: usize,
    /// Its money.
    pub money: RowMoney<'a>,
}

impl<'a> Decided<'a> {
    /// Returns the rows, each with what was decided.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&DecidedRow<'a>, &Draft<'a>)> + Clone {
        each(&self.rows, &self.drafts)
    }

    /// Returns nothing decided yet.
    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            rows: Few::new(),
            drafts: Few::new(),
            back: Vec::new(),
            settlement: None,
        }
    }

    /// Puts rows in the order of the request, and drafts in the order in which rows need
    /// them.
    pub(crate) fn put_in_request_order(&mut self) {
        self.rows
            .sort_by_key(|row| (row.index.request_line, row.index.group, row.index.offset));
        self.put_drafts_in_order();
    }

    /// Puts drafts in the order in which rows need them, without those that none needs.
    pub(crate) fn put_drafts_in_order(&mut self) {
        let drafts = std::mem::take(&mut self.drafts);
        let mut drafts: Vec<_> = drafts.into_iter().map(Some).collect();
        let mut moved_to = vec![0; drafts.len()];
        for row in &mut self.rows {
            let places = (drafts.get_mut(row.draft), moved_to.get_mut(row.draft));
            if let (Some(draft), Some(to)) = places {
                if let Some(draft) = draft.take() {
                    *to = self.drafts.len();
                    self.drafts.push(draft);
                }
                row.draft = *to;
            }
        }
    }

    /// Returns the outcome of all rows if they agree, otherwise mixed.
    pub(crate) fn outcome(&self) -> Outcome {
        let mut outcomes = self.drafts.iter().map(|d| d.decision.outcome);
        let first = outcomes.next().unwrap_or(Outcome::NeedsReview);
        if outcomes.all(|o| o == first) {
            first
        } else {
            Outcome::Mixed
        }
    }
}

/// Returns rows, each with what was decided.
pub(crate) fn each<'d, 'a>(
    rows: &'d [DecidedRow<'a>],
    drafts: &'d [Draft<'a>],
) -> impl Iterator<Item = (&'d DecidedRow<'a>, &'d Draft<'a>)> + Clone {
    rows.iter()
        .filter_map(|row| drafts.get(row.draft).map(|draft| (row, draft)))
}
