//! Looks for a situation in which goals are met, by halving what is possible.
//!
//! A partial situation gives each variable a set of values. A goal that holds for
//! all of them is met; one that holds for none ends the branch; otherwise the
//! first literal that is not decided splits the situation in two. Every branch
//! is taken or cut for a reason, so that finding nothing means that there is
//! nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::formula::{Literal, Truth, Values};
use super::model::{Model, OnRoute, Subject, Variable};
use super::span::{Placed, Span, any_day};
use super::theory::{comes_before, never_after};
use crate::domain::time::Day;
use crate::domain::verdict::Act;
use crate::domain::vocabulary::Event;
use crate::policy::terms::{FactRef, WindowZone};

/// The most splits of one search.
const MAX_STEPS: u32 = 200_000;

/// Says that a search ended at its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct LimitReached;

/// What a situation has to bring about; clauses are named by index.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// The clause is active.
    Active(usize),
    /// It is not.
    Inactive(usize),
    /// The granting clause is active and its window is open.
    Open(usize),
}

/// Holds a day for each set of values of the variables that look at one event; `None`:
/// no day of the event has them.
type JointDays = BTreeMap<(Event, Vec<Values>), Option<Day>>;

pub(super) struct Search<'m, 'p> {
    model: &'m Model<'p>,
    /// What is possible at all; `None`: nothing is.
    start: Option<Vec<Values>>,
    steps: u32,
    /// For each event of which more than one variable tells when it is: these variables.
    events: Vec<(Event, Vec<usize>)>,
    joint: RefCell<JointDays>,
}

impl<'m, 'p> Search<'m, 'p> {
    pub(super) fn new(model: &'m Model<'p>) -> Self {
        let mut search = Self {
            model,
            start: None,
            steps: 0,
            events: by_event(model),
            joint: RefCell::default(),
        };
        let mut start: Vec<Values> = model.variables.iter().map(|v| v.domain).collect();
        search.start = search.settle(&mut start).then_some(start);
        search
    }

    /// Returns a situation that meets the goals, and leaves open what they do not need;
    /// `None`: there is none.
    pub(super) fn situation(
        &mut self,
        goals: &[Goal],
    ) -> Result<Option<Vec<Values>>, LimitReached> {
        self.steps = 0;
        let Some(start) = self.start.clone() else {
            return Ok(None);
        };
        let mut situation = start.clone();
        if !self.narrow(&mut situation, goals) || !self.settle(&mut situation) {
            return Ok(None);
        }
        let found = self.branch(situation, goals)?;
        Ok(found.map(|found| self.least(found, &start, goals)))
    }

    /// Whether a situation that was found for other goals meets this one too.
    pub(super) fn meets(&self, situation: &[Values], goal: Goal) -> bool {
        matches!(self.goal(situation, goal), Truth::Yes)
    }

    /// Takes away what the goals rule out on their own: most clauses that cannot meet
    /// differ in one test, and no split is needed to see it.
    fn narrow(&self, situation: &mut [Values], goals: &[Goal]) -> bool {
        let mut possible = true;
        let mut keep = |literal: Literal| match situation.get_mut(literal.variable) {
            Some(slot) => {
                *slot &= literal.values;
                possible &= *slot != 0;
            }
            None => possible = false,
        };
        for goal in goals {
            match goal {
                Goal::Inactive(_) => {}
                Goal::Active(index) | Goal::Open(index) => {
                    let Some(clause) = self.clause(*index) else {
                        return false;
                    };
                    clause.guard.demands(&mut keep);
                    if matches!(goal, Goal::Open(_)) {
                        clause.open.demands(&mut keep);
                    }
                }
            }
        }
        possible
    }

    fn goals(&self, situation: &[Values], goals: &[Goal]) -> Truth {
        goals.iter().fold(Truth::Yes, |all, goal| {
            all.and(|| self.goal(situation, *goal))
        })
    }

    /// Returns a situation that meets the goals and is possible, with as much undecided
    /// as the goals leave open.
    fn branch(
        &mut self,
        situation: Vec<Values>,
        goals: &[Goal],
    ) -> Result<Option<Vec<Values>>, LimitReached> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > MAX_STEPS {
            return Err(LimitReached);
        }
        let (split, met) = match self.goals(&situation, goals) {
            Truth::No => return Ok(None),
            Truth::Open(literal) => (literal, None),
            // The goals are met; what the theory ties together is still to be chosen.
            Truth::Yes if !self.has_days(&situation) => return Ok(None),
            Truth::Yes => match self.undecided(&situation) {
                None => return Ok(Some(situation)),
                Some(literal) => (literal, Some(situation.clone())),
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
                return Ok(Some(met.unwrap_or(found)));
            }
        }
        Ok(None)
    }

    /// Leaves open again what neither the goals need nor follows from what they need: an
    /// example is read by people.
    fn least(&self, mut found: Vec<Values>, start: &[Values], goals: &[Goal]) -> Vec<Values> {
        for (variable, all) in start.iter().enumerate() {
            let Some(slot) = found.get_mut(variable) else {
                continue;
            };
            let narrow = std::mem::replace(slot, *all);
            if !matches!(self.goals(&found, goals), Truth::Yes)
                && let Some(slot) = found.get_mut(variable)
            {
                *slot = narrow;
            }
        }
        self.settle(&mut found);
        found
    }

    /// Draws the conclusions of the theory; says whether anything is left.
    fn settle(&self, situation: &mut [Values]) -> bool {
        loop {
            let mut changed = false;
            for list in &self.model.theory {
                // Where all literals but one cannot hold, that one does.
                let mut can = list
                    .iter()
                    .filter(|l| !matches!(l.truth(situation), Truth::No));
                match (can.next(), can.next()) {
                    (None, _) => return false,
                    (Some(only), None) => {
                        if let Truth::Open(_) = only.truth(situation)
                            && let Some(slot) = situation.get_mut(only.variable)
                        {
                            *slot &= only.values;
                            changed = true;
                        }
                    }
                    (Some(_), Some(_)) => {}
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
        self.model.theory.iter().flatten().find_map(|literal| {
            let left = situation.get(literal.variable).copied().unwrap_or(0);
            let lowest = left & left.wrapping_neg();
            (left.count_ones() > 1).then_some(Literal {
                variable: literal.variable,
                values: lowest,
            })
        })
    }

    /// Whether every event has a day on which all that is decided of it can be.
    fn has_days(&self, situation: &[Values]) -> bool {
        self.events
            .iter()
            .all(|(event, variables)| self.joint_day(situation, *event, variables).is_some())
    }

    /// Returns a day of an event on which all that is decided of it can be.
    pub(super) fn day_of(&self, situation: &[Values], event: Event) -> Option<Day> {
        let (_, variables) = self.events.iter().find(|(of, _)| *of == event)?;
        self.joint_day(situation, event, variables)
    }

    fn joint_day(&self, situation: &[Values], event: Event, variables: &[usize]) -> Option<Day> {
        let values: Vec<Values> = variables
            .iter()
            .map(|v| situation.get(*v).copied().unwrap_or(0))
            .collect();
        let key = (event, values);
        if let Some(known) = self.joint.borrow().get(&key) {
            return *known;
        }
        let day = find_day(self.model, situation, event, variables);
        self.joint.borrow_mut().insert(key, day);
        day
    }

    fn goal(&self, situation: &[Values], goal: Goal) -> Truth {
        match goal {
            Goal::Active(index) => self.active(situation, index),
            Goal::Inactive(index) => self.active(situation, index).not(),
            Goal::Open(index) => self
                .active(situation, index)
                .and(|| self.open(situation, index)),
        }
    }

    fn open(&self, situation: &[Values], index: usize) -> Truth {
        self.clause(index)
            .map_or(Truth::No, |clause| clause.open.truth(situation))
    }

    fn clause(&self, index: usize) -> Option<&'m OnRoute> {
        self.model.clauses.get(index)?.as_ref()
    }

    /// Whether a clause applies and no active clause overrides it.
    fn active(&self, situation: &[Values], index: usize) -> Truth {
        let Some(clause) = self.clause(index) else {
            return Truth::No;
        };
        let mut says = clause.guard.truth(situation);
        for over in &clause.overriders {
            if let Truth::No = says {
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
}

/// Collects the variables that tell when an event is, for each event with more than one
/// beside whether it has happened.
fn by_event(model: &Model<'_>) -> Vec<(Event, Vec<usize>)> {
    let all = || model.variables.iter().enumerate();
    let mut events: Vec<Event> = all().filter_map(|(_, of)| event_of(&of.subject)).collect();
    events.sort();
    events.dedup();
    let telling = |event: Event| {
        let tells = |(variable, of): (usize, &Variable)| {
            match &of.subject {
                Subject::Dated(.., WindowZone::Policy) => return Some(variable),
                Subject::Fact(fact) if makes_a_period(model, fact) => return Some(variable),
                Subject::Fact(_)
                | Subject::NotSupplied(..)
                | Subject::Happened(_)
                | Subject::Reached(..)
                | Subject::Passed(..)
                | Subject::Dated(..)
                | Subject::Week(_)
                | Subject::InCalendar(..) => {}
            }
            let other = event_of(&of.subject)?;
            let acts = matches!(of.subject, Subject::Reached(..) | Subject::Passed(..));
            let related = acts && (comes_before(event, other) || comes_before(other, event));
            (other == event || related).then_some(variable)
        };
        (event, all().filter_map(tells).collect::<Vec<usize>>())
    };
    let with_more = |(_, variables): &(Event, Vec<usize>)| variables.len() > 2;
    events.into_iter().map(telling).filter(with_more).collect()
}

/// Returns the event of which a variable tells when it is; `None`: it tells of none.
fn event_of(subject: &Subject) -> Option<Event> {
    match subject {
        Subject::Reached(_, event)
        | Subject::Passed(_, event, _, WindowZone::Policy)
        | Subject::Happened(event)
        | Subject::Week(event) => Some(*event),
        Subject::InCalendar(day, _) => Some(day.of),
        // Days of the customer's own zone are not those of the policy's.
        Subject::Passed(.., WindowZone::Customer)
        | Subject::Dated(..)
        | Subject::Fact(_)
        | Subject::NotSupplied(..) => None,
    }
}

/// Returns a day of an event on which all that is decided of these variables can be; any
/// day will do for one that may not have happened.
///
/// An act that has passed an end from a later event has passed the same from this one, and
/// one that has not passed an end from an earlier event has not from this one; so it is
/// with a later and an earlier act.
fn find_day(
    model: &Model<'_>,
    situation: &[Values],
    event: Event,
    variables: &[usize],
) -> Option<Day> {
    let mut happened = true;
    let mut weeks = Vec::new();
    let mut calendars = Vec::new();
    let mut ends: Vec<ActPosition> = Vec::new();
    for variable in variables {
        let (Some(of), Some(left)) = (model.variables.get(*variable), situation.get(*variable))
        else {
            continue;
        };
        let decided = match left & of.domain {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        };
        match (&of.subject, decided) {
            (Subject::Week(event), _) => weeks.push((*event, *left)),
            (Subject::InCalendar(day, calendar), Some(inside)) => {
                calendars.push((*day, *calendar, inside));
            }
            (Subject::Happened(_), decided) => happened = decided == Some(true),
            (Subject::Passed(act, of, span, _), Some(passed)) => ends.push(ActPosition {
                act: *act,
                event: Some(*of),
                span: Some(told(model, situation, span, passed)),
                passed,
            }),
            (Subject::Dated(act, day, _), Some(passed)) => ends.push(ActPosition {
                act: *act,
                event: None,
                span: Some(Span::Date(*day)),
                passed,
            }),
            (Subject::Reached(act, of), Some(passed)) => ends.push(ActPosition {
                act: *act,
                event: Some(*of),
                span: None,
                passed,
            }),
            _ => {}
        }
    }
    if !happened {
        return any_day();
    }
    let fits = |day: Day| {
        let in_week = |(event, left): &(Event, Values)| model.week_has(*event, *left, day);
        weeks.iter().all(in_week)
            && calendars.iter().all(|(spec, calendar, inside)| {
                let day = spec.next.map_or(day, |weekday| day.on_or_after(weekday));
                let calendar = model.policy.calendars.get(*calendar);
                calendar.is_some_and(|c| c.contains(day)) == *inside
            })
    };
    let mut acts: Vec<Act> = ends.iter().map(|end| end.act).collect();
    acts.sort();
    acts.dedup();
    let placed: Vec<Placed<'_>> = acts
        .iter()
        .map(|act| {
            let mut placed = Placed::default();
            for end in &ends {
                end.place(*act, event, &mut placed);
            }
            placed
        })
        .collect();
    model.spans.joint_day(fits, &placed)
}

/// Returns an end that an act has passed or not; of one of which a fact says how far it is,
/// that which leaves the most room to the act.
fn told(model: &Model<'_>, situation: &[Values], span: &Span, passed: bool) -> Span {
    let Span::Stated(stated) = span else {
        return span.clone();
    };
    let (low, high) = model.numbers_left(&stated.period.fact, situation);
    let [first, last] = stated.between(low, high);
    if passed { first } else { last }
}

/// Whether a fact says how far an end is that some act passes.
fn makes_a_period(model: &Model<'_>, fact: &FactRef) -> bool {
    let mut subjects = model.variables.iter().map(|v| &v.subject);
    subjects.any(|subject| match subject {
        Subject::Passed(_, _, Span::Stated(stated), _) => stated.period.fact == *fact,
        Subject::Fact(_)
        | Subject::NotSupplied(..)
        | Subject::Happened(_)
        | Subject::Reached(..)
        | Subject::Passed(..)
        | Subject::Dated(..)
        | Subject::Week(_)
        | Subject::InCalendar(..) => false,
    })
}

/// States whether an act has passed an end that counts from an event, the event itself, or a
/// date.
struct ActPosition {
    act: Act,
    /// `None`: the end is a date.
    event: Option<Event>,
    span: Option<Span>,
    passed: bool,
}

impl ActPosition {
    /// Adds what it tells of an act and an event.
    fn place<'m>(&'m self, act: Act, event: Event, placed: &mut Placed<'m>) {
        let from = |own: Event| own == event || comes_before(event, own);
        let up_to = |own: Event| own == event || comes_before(own, event);
        match (&self.span, self.passed) {
            (Some(span), true) if self.event.is_none_or(from) && never_after(self.act, act) => {
                placed.past.push(span);
            }
            (Some(span), false) if self.event.is_none_or(up_to) && never_after(act, self.act) => {
                placed.ahead.push(span);
            }
            (None, true) if self.event.is_none_or(from) && never_after(self.act, act) => {
                placed.after_event = true;
            }
            (None, false) if self.event.is_none_or(up_to) && never_after(act, self.act) => {
                placed.before_event = true;
            }
            _ => {}
        }
    }
}
