//! Facts that rows wait for, looked for once for all rows of which the same is known.

use super::guard::TestResults;
use super::path::Renaming;
use super::world::World;
use crate::domain::facts::{Action, Remedy, RowIndex};
use crate::domain::verdict::Missing;
use crate::policy::plan::RemedyBits;
use crate::policy::terms::DeliveryShare;

/// Questions that rows wait for facts of, with those facts; those of further ones are
/// looked for row by row.
const MAX_REMEMBERED: usize = 64;

/// Names a question that rows can wait for facts of: whatever is the same in two rows of
/// which the same is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitKey {
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
    pub results: Option<TestResults>,
}

/// Keeps what rows wait for.
#[derive(Default)]
pub(crate) struct Waiting(Vec<Remembered>);

/// Holds what one row waits for.
struct Remembered {
    question: WaitKey,
    row: RowIndex,
    of: Awaited,
}

/// Holds what a row waits for, and what it can lead to.
#[derive(Clone)]
pub(crate) struct Awaited {
    /// The facts.
    pub missing: Missing,
    /// What the order pays for it, of each answer that it can get.
    pub prospects: Vec<Prospect>,
    /// The remedies that it can get.
    pub remedies: RemedyBits,
}

/// What an answer to a row lets the order pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prospect {
    /// Whether its units are paid for.
    pub pays: bool,
    /// Whether credit is used, or paid out.
    pub credit: bool,
    /// Whether credit pays for its units.
    pub uses_credit: bool,
    /// What of delivery comes with it; none where its units are not paid for.
    pub delivery: DeliveryShare,
    /// Whether options come with it; no where its units are not paid for.
    pub options: bool,
}

impl Prospect {
    /// Nothing: a denial, or a review.
    pub(crate) const NONE: Self = Self {
        pays: false,
        credit: false,
        uses_credit: false,
        delivery: DeliveryShare::None,
        options: false,
    };
}
impl Waiting {
    /// Whether no row waits.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what a row waits for if another one, of which the same is known, waits; `None`:
    /// there is no such row.
    pub(crate) fn like(&self, question: &WaitKey, world: &World<'_, '_>) -> Option<Awaited> {
        let row = &world.row;
        let mut known = self.0.iter();
        let same =
            |of: &&Remembered| of.question == *question && world.facts.are_like(row, &of.row);
        let Remembered { row: other, of, .. } = known.find(same)?;
        let renaming = Renaming::new(other.location(), row.location());
        let facts = of.missing.facts.iter();
        Some(Awaited {
            missing: Missing {
                // They are in order still: of the order's lines only the row's own is named.
                facts: facts.map(|fact| renaming.fact(fact)).collect(),
                ..of.missing
            },
            ..of.clone()
        })
    }

    /// Remembers what a row waits for.
    pub(crate) fn remember(&mut self, question: WaitKey, row: RowIndex, of: Awaited) {
        if self.0.len() < MAX_REMEMBERED {
            self.0.push(Remembered { question, row, of });
        }
    }
}
