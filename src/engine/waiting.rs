//! Facts that rows wait for, looked for once for all rows of which the same is known.

use super::complete::facts_missing;
use super::draft::Draft;
use super::guard::Results;
use super::money::Prospect;
use super::path::Renaming;
use super::world::World;
use crate::domain::facts::{Action, Remedy, RowIndex};
use crate::domain::verdict::Missing;
use crate::policy::plan::RemedyBits;

/// Questions that rows wait for facts of, with those facts; those of further ones are
/// looked for row by row.
const MAX_REMEMBERED: usize = 64;

/// Names a question that rows can wait for facts of: whatever is the same in two rows of
/// which the same is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The route.
    pub route: Action,
    /// The ask, by where it stands.
    pub ask: usize,
    /// Whether the request is hypothetical.
    pub hypothetical: bool,
    /// The requested remedy.
    pub wants: Option<Remedy>,
    /// How many rows are decided together.
    pub rows: usize,
    /// Whether these are the whole order.
    pub whole_order: bool,
    /// What the tests of the route came to, where uses of an option that other rows used
    /// up change that.
    pub results: Option<Results>,
}

/// Keeps what rows wait for.
#[derive(Default)]
pub(super) struct Waiting(Vec<Remembered>);

/// Holds what one row waits for.
struct Remembered {
    question: Question,
    row: RowIndex,
    missing: Missing,
    prospects: Vec<Prospect>,
    remedies: RemedyBits,
}

impl Waiting {
    /// Whether no row waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the draft of a row that waits for what another one of which the same is
    /// known waits for; `None`: there is no such row.
    pub(super) fn like<'a>(&self, question: &Question, world: &World<'a, '_>) -> Option<Draft<'a>> {
        let row = &world.row;
        let mut known = self.0.iter();
        let same =
            |of: &&Remembered| of.question == *question && world.facts.are_like(row, &of.row);
        let Remembered {
            question: _,
            row: other,
            missing,
            prospects,
            remedies,
        } = known.find(same)?;
        let renaming = Renaming::new(other.place(), row.place());
        let facts = missing.facts.iter();
        let own = Missing {
            facts: facts.map(|fact| renaming.fact(fact)).collect(),
            ..*missing
        };
        Some(Draft {
            prospects: prospects.clone(),
            remedies: *remedies,
            own: true,
            // They are in order still: of the order's lines only the row's own is named.
            ..Draft::of(facts_missing(own))
        })
    }

    /// Remembers what a row waits for.
    pub(super) fn remember(&mut self, question: Question, row: RowIndex, draft: &Draft<'_>) {
        if self.0.len() < MAX_REMEMBERED {
            self.0.push(Remembered {
                question,
                row,
                missing: draft.decision.missing.clone(),
                prospects: draft.prospects.clone(),
                remedies: draft.remedies,
            });
        }
    }
}
