//! Looks for a situation in which goals are met, by halving what is possible.
//!
//! A partial situation gives each variable a set of values. A goal that holds for
//! all of them is met; one that holds for none ends the branch; otherwise the
//! first literal that is not decided splits the situation in two. Every branch
//! is taken or cut for a reason, so that finding nothing means that there is
//! nothing.

use super::model::{Formula, Literal, Model, OnRoute, Values};
use crate::policy::checked::CheckedPolicy;

/// The most splits of one search.
const MAX_STEPS: u32 = 200_000;

/// Says that a search ended at its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct LimitReached;

/// What a situation has to bring about; clauses are named by place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// The clause is active.
    Active(usize),
    /// It is not.
    Inactive(usize),
    /// The granting clause is active and its window is open.
    Open(usize),
}

/// What a partial situation says: yes, no, or that this literal is open.
#[derive(Clone, Copy)]
enum Says {
    Yes,
    No,
    Open(Literal),
}

impl Says {
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Open(literal) => match other() {
                Self::No => Self::No,
                Self::Yes | Self::Open(_) => Self::Open(literal),
            },
        }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            Self::Open(literal) => Self::Open(literal),
        }
    }
}

pub(super) struct Search<'m, 'p> {
    policy: &'p CheckedPolicy,
    model: &'m Model<'p>,
    /// What is possible at all; `None`: nothing is.
    start: Option<Vec<Values>>,
    steps: u32,
}

impl<'m, 'p> Search<'m, 'p> {
    pub(super) fn new(policy: &'p CheckedPolicy, model: &'m Model<'p>) -> Self {
        let mut search = Self {
            policy,
            model,
            start: None,
            steps: 0,
        };
        let mut start: Vec<Values> = model.variables.iter().map(|v| v.domain).collect();
        search.start = search.settle(&mut start).then_some(start);
        search
    }

    /// Returns a situation that meets the goals, in words; `None`: there is none.
    pub(super) fn find(&mut self, goals: &[Goal]) -> Result<Option<Vec<String>>, LimitReached> {
        let found = self.situation(goals)?;
        Ok(found.map(|situation| self.words(&situation)))
    }

    /// Returns a situation that meets the goals; `None`: there is none.
    pub(super) fn situation(
        &mut self,
        goals: &[Goal],
    ) -> Result<Option<Vec<Values>>, LimitReached> {
        self.steps = 0;
        let Some(mut situation) = self.start.clone() else {
            return Ok(None);
        };
        if !self.narrow(&mut situation, goals) || !self.settle(&mut situation) {
            return Ok(None);
        }
        self.branch(situation, goals)
    }

    /// Whether a situation that was found for other goals meets this one too.
    pub(super) fn meets(&self, situation: &[Values], goal: Goal) -> bool {
        matches!(self.goal(situation, goal), Says::Yes)
    }

    /// Takes away what the goals rule out on their own: most clauses that cannot meet
    /// differ in one test, and no split is needed to see it.
    fn narrow(&self, situation: &mut [Values], goals: &[Goal]) -> bool {
        let mut keep = |literal: &Literal| match situation.get_mut(literal.variable) {
            Some(slot) => {
                *slot &= literal.values;
                *slot != 0
            }
            None => false,
        };
        goals.iter().all(|goal| match goal {
            Goal::Inactive(_) => true,
            Goal::Active(place) | Goal::Open(place) => {
                let Some(clause) = self.clause(*place) else {
                    return false;
                };
                let open = clause.open.filter(|_| matches!(goal, Goal::Open(_)));
                clause.guard.all.iter().chain(&open).all(&mut keep)
            }
        })
    }

    fn branch(
        &mut self,
        situation: Vec<Values>,
        goals: &[Goal],
    ) -> Result<Option<Vec<Values>>, LimitReached> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MAX_STEPS {
            return Err(LimitReached);
        }
        let mut says = Says::Yes;
        for goal in goals {
            says = says.and(|| self.goal(&situation, *goal));
            if let Says::No = says {
                return Ok(None);
            }
        }
        let split = match says {
            Says::No => return Ok(None),
            Says::Open(literal) => literal,
            // The goals are met; what the theory ties together is still to be chosen.
            Says::Yes => match self.undecided(&situation) {
                None => return Ok(Some(situation)),
                Some(literal) => literal,
            },
        };
        for values in [split.values, !split.values] {
            let mut half = situation.clone();
            if let Some(domain) = half.get_mut(split.variable) {
                *domain &= values;
            }
            if self.settle(&mut half)
                && let Some(found) = self.branch(half, goals)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Draws the conclusions of the theory; says whether anything is left.
    fn settle(&self, situation: &mut [Values]) -> bool {
        loop {
            let mut changed = false;
            for implication in &self.model.implications {
                let (when, then) = (implication.when, implication.then);
                let (Some(a), Some(b)) = (
                    situation.get(when.variable).copied(),
                    situation.get(then.variable).copied(),
                ) else {
                    continue;
                };
                // Where it holds for sure, its consequence does; where the
                // consequence cannot hold, neither can it.
                let forced = a & !when.values == 0 && b & !then.values != 0;
                let barred = b & then.values == 0 && a & when.values != 0;
                if forced && let Some(slot) = situation.get_mut(then.variable) {
                    *slot &= then.values;
                    changed = true;
                }
                if barred && let Some(slot) = situation.get_mut(when.variable) {
                    *slot &= !when.values;
                    changed = true;
                }
            }
            if situation.contains(&0) {
                return false;
            }
            if !changed {
                return true;
            }
        }
    }

    /// Returns a variable of the theory that has more than one value left.
    fn undecided(&self, situation: &[Values]) -> Option<Literal> {
        let sides = self
            .model
            .implications
            .iter()
            .flat_map(|i| [i.when, i.then]);
        for literal in sides {
            let left = situation.get(literal.variable).copied().unwrap_or(0);
            if left.count_ones() > 1 {
                let lowest = left & left.wrapping_neg();
                return Some(Literal {
                    variable: literal.variable,
                    values: lowest,
                });
            }
        }
        None
    }

    fn goal(&self, situation: &[Values], goal: Goal) -> Says {
        match goal {
            Goal::Active(place) => self.active(situation, place),
            Goal::Inactive(place) => self.active(situation, place).not(),
            Goal::Open(place) => self
                .active(situation, place)
                .and(|| self.open(situation, place)),
        }
    }

    fn open(&self, situation: &[Values], place: usize) -> Says {
        self.clause(place)
            .and_then(|clause| clause.open)
            .map_or(Says::Yes, |literal| literal_says(situation, literal))
    }

    fn clause(&self, place: usize) -> Option<&'m OnRoute> {
        self.model.clauses.get(place)?.as_ref()
    }

    /// Whether a clause applies and no active clause overrides it.
    fn active(&self, situation: &[Values], place: usize) -> Says {
        let Some(clause) = self.clause(place) else {
            return Says::No;
        };
        let mut says = formula_says(situation, &clause.guard);
        for over in &clause.overriders {
            if let Says::No = says {
                break;
            }
            says = says.and(|| {
                // A grant that is not open overrides nothing.
                self.active(situation, *over)
                    .and(|| self.open(situation, *over))
                    .not()
            });
        }
        says
    }

    /// Says in words what of a situation is not free.
    fn words(&self, situation: &[Values]) -> Vec<String> {
        debug_assert_eq!(
            situation.len(),
            self.model.variables.len(),
            "{}",
            self.policy.id
        );
        let mut words: Vec<String> = situation
            .iter()
            .zip(&self.model.variables)
            .filter(|(left, variable)| **left != variable.domain)
            .filter_map(|(left, variable)| {
                let place = usize::try_from(left.trailing_zeros()).ok()?;
                Some(format!(
                    "{} = {}",
                    variable.label,
                    variable.values.get(place)?
                ))
            })
            .collect();
        words.sort();
        words
    }
}

fn literal_says(situation: &[Values], literal: Literal) -> Says {
    let left = situation.get(literal.variable).copied().unwrap_or(0);
    if left & literal.values == 0 {
        Says::No
    } else if left & !literal.values == 0 {
        Says::Yes
    } else {
        Says::Open(literal)
    }
}

fn all_say(situation: &[Values], literals: &[Literal]) -> Says {
    literals.iter().fold(Says::Yes, |says, l| {
        says.and(|| literal_says(situation, *l))
    })
}

fn formula_says(situation: &[Values], formula: &Formula) -> Says {
    let mut says = all_say(situation, &formula.all);
    for list in &formula.unless {
        says = says.and(|| all_say(situation, list).not());
    }
    if formula.any.is_empty() {
        return says;
    }
    says.and(|| {
        let none = formula.any.iter().fold(Says::Yes, |none, list| {
            none.and(|| all_say(situation, list).not())
        });
        none.not()
    })
}
