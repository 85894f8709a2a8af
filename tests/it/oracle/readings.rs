//! Where the engine is known to differ, and in what.

/// A difference that stays until the engine or the design is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// A deduction by an amount that nobody has told is not shown as pending, as charges
    /// and reimbursements are.
    NoPendingDeduction,
    /// A deduction by an amount of the request stops at what the units pay for which it is
    /// set, although delivery and options come back with them; one for the order goes on.
    StatedOfUnits,
    /// Units that get a remedy without money count as units that come before others of
    /// their line, so that those pay another cent than they would alone.
    UnpaidUnitsBefore,
    /// A condition that failed and is for a person to look at outweighs one that failed and
    /// denies, where its clause comes first in the order of the plan.
    FailedForReview,
}

impl Reading {
    pub const ALL: [Self; 4] = [
        Self::NoPendingDeduction,
        Self::StatedOfUnits,
        Self::UnpaidUnitsBefore,
        Self::FailedForReview,
    ];
}

/// The differences under which a request is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readings(u8);

impl Readings {
    /// Every set of them, the smaller first.
    pub fn sets() -> Vec<Self> {
        let mut sets: Vec<Self> = (0..1 << Reading::ALL.len()).map(Self).collect();
        sets.sort_by_key(|set| set.0.count_ones());
        sets
    }

    pub fn has(self, reading: Reading) -> bool {
        self.0 & 1 << reading as u8 != 0
    }

    pub fn names(self) -> impl Iterator<Item = Reading> {
        let all = Reading::ALL.into_iter();
        all.filter(move |reading| self.has(*reading))
    }
}
