//! Formulas over variables, each with a few values.

/// A set of values of one variable, one bit each.
pub(super) type Values = u128;

/// The most values of one variable.
pub(super) const MAX_VALUES: usize = 128;

/// Says that a variable has one of some values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub variable: usize,
    pub values: Values,
}

/// A formula over variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    /// The literal holds.
    Is(Literal),
    /// All of them hold; of none: it always does.
    All(Vec<Formula>),
    /// One of them holds; of none: it never does.
    Any(Vec<Formula>),
    /// It does not hold.
    Not(Box<Formula>),
}

impl Formula {
    /// What always holds.
    pub(super) const ALWAYS: Self = Self::All(Vec::new());
    /// What never does.
    pub(super) const NEVER: Self = Self::Any(Vec::new());

    pub(super) fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other @ (Self::Is(_) | Self::All(_) | Self::Any(_)) => Self::Not(Box::new(other)),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::All(vec![self, other])
    }

    /// Says what a partial situation makes of it.
    pub(super) fn truth(&self, situation: &[Values]) -> Truth {
        match self {
            Self::Is(literal) => literal.truth(situation),
            Self::Not(inner) => inner.truth(situation).not(),
            Self::All(list) => list
                .iter()
                .fold(Truth::Yes, |all, f| all.and(|| f.truth(situation))),
            Self::Any(list) => list
                .iter()
                .fold(Truth::Yes, |none, f| none.and(|| f.truth(situation).not()))
                .not(),
        }
    }

    /// Calls a function with each literal that has to hold for the formula to hold.
    pub(super) fn demands(&self, keep: &mut impl FnMut(Literal)) {
        match self {
            Self::Is(literal) => keep(*literal),
            Self::All(list) => list.iter().for_each(|f| f.demands(keep)),
            Self::Any(_) | Self::Not(_) => {}
        }
    }
}

impl Literal {
    pub(super) fn truth(self, situation: &[Values]) -> Truth {
        let left = situation.get(self.variable).copied().unwrap_or(0);
        if left & self.values == 0 {
            Truth::No
        } else if left & !self.values == 0 {
            Truth::Yes
        } else {
            Truth::Open(self)
        }
    }
}

/// What a partial situation says: yes, no, or that this literal is open.
#[derive(Clone, Copy, Debug)]
pub(super) enum Truth {
    Yes,
    No,
    Open(Literal),
}

impl Truth {
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Open(literal) => match other() {
                Self::No => Self::No,
                Self::Yes | Self::Open(_) => Self::Open(literal),
            },
        }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            Self::Open(literal) => Self::Open(literal),
        }
    }
}

/// Returns the set of one value.
pub(super) fn bit(index: usize) -> Values {
    u32::try_from(index)
        .ok()
        .and_then(|n| Values::from(1_u8).checked_shl(n))
        .unwrap_or(0)
}
