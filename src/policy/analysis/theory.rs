//! What cannot be: events out of order, and acts that fall where no time is.

use super::formula::{Formula, Literal, bit};
use super::model::{Model, Subject};
use super::span::{Span, Zoned};
use crate::domain::time::Day;
use crate::domain::verdict::Act;
use crate::domain::vocabulary::Event;
use crate::domain::vocabulary::Fact;
use crate::policy::terms::{FactRef, WindowZone};

/// Events that come before the last delivery, which is no earlier than any other.
const BEFORE_LAST_DELIVERY: [Event; 3] = [Event::Place, Event::Ship, Event::Deliver];

/// A moment that an act reaches: an event, or an end that counts from it.
#[derive(Clone, Debug)]
struct Moment {
    variable: usize,
    act: Act,
    event: Event,
    /// `None`: the event itself.
    end: Option<(Span, WindowZone)>,
}

/// States whether one act can come after another.
enum Order {
    Never,
    /// Not if this event has happened.
    NotAfter(Event),
    Can,
}

impl Model<'_> {
    /// Adds what cannot be, so that no alarm is raised for it.
    pub(super) fn add_theory(&mut self) {
        let moments = self.moments();
        for moment in &moments {
            let reached = yes(moment.variable);
            // What is counted back is passed before the event.
            if let Some((span, _)) = &moment.end
                && span.ends_before_event()
            {
                continue;
            }
            if let Formula::Is(happened) = self.happened(moment.event) {
                self.imply(reached, happened);
            }
        }
        for one in &moments {
            for other in &moments {
                if one.variable != other.variable && self.is_no_later(other, one) {
                    self.follow(one.variable, one.act, other.variable, other.act);
                }
            }
        }
        self.order_events(&moments);
        self.order_dates();
        self.relate_facts();
        self.relate_group_numbers();
    }

    fn moments(&self) -> Vec<Moment> {
        let moment = |(variable, subject): (usize, &Subject)| {
            let (act, event, end) = match subject {
                Subject::Reached(act, event) => (*act, *event, None),
                Subject::Passed(act, event, span, zone) => {
                    (*act, *event, Some((span.clone(), *zone)))
                }
                Subject::Fact(_)
                | Subject::NotSupplied(..)
                | Subject::Happened(_)
                | Subject::Dated(..)
                | Subject::Week(_)
                | Subject::InCalendar(..) => return None,
            };
            Some(Moment {
                variable,
                act,
                event,
                end,
            })
        };
        let subjects = self.variables.iter().map(|v| &v.subject);
        subjects.enumerate().filter_map(moment).collect()
    }

    /// An act that comes after a date comes after an earlier one, and so does a later act.
    fn order_dates(&mut self) {
        let subjects = self.variables.iter().map(|v| &v.subject).enumerate();
        let dated = subjects.filter_map(|(variable, subject)| match subject {
            Subject::Dated(act, day, zone) => Some((variable, *act, *day, *zone)),
            Subject::Fact(_)
            | Subject::NotSupplied(..)
            | Subject::Happened(_)
            | Subject::Reached(..)
            | Subject::Passed(..)
            | Subject::Week(_)
            | Subject::InCalendar(..) => None,
        });
        let dated: Vec<(usize, Act, Day, WindowZone)> = dated.collect();
        for (one, act, day, zone) in &dated {
            for (other, other_act, other_day, other_zone) in &dated {
                // Days of two zones end at most 26 hours apart.
                let apart = if zone == other_zone { 0 } else { 2 };
                if one != other && day.days_since(*other_day) >= apart {
                    self.follow(*one, *act, *other, *other_act);
                }
            }
        }
    }

    /// Whether one moment never comes after another.
    fn is_no_later(&self, one: &Moment, other: &Moment) -> bool {
        // What counts from an earlier event ends earlier, all else being equal.
        if one.event != other.event && !comes_before(one.event, other.event) {
            return false;
        }
        match (&one.end, &other.end) {
            (None, None) => true,
            (None, Some((span, _))) => span.ends_after_event(),
            (Some((span, _)), None) => span.ends_before_event(),
            (Some((a, zone)), Some((b, other_zone))) => {
                let (one, other) = (Zoned::new(a, *zone), Zoned::new(b, *other_zone));
                self.spans.later_on(one, other).is_none()
            }
        }
    }

    /// An act that has passed one moment has passed one that is no later, and so has an
    /// act that comes after it. `one` and `other` are the variables that say so of the two
    /// acts.
    fn follow(&mut self, one: usize, act: Act, other: usize, other_act: Act) {
        let (when, then) = (yes(one), yes(other));
        match order_of(act, other_act) {
            Order::Never => self.imply(when, then),
            Order::NotAfter(event) => {
                if let Formula::Is(happened) = self.happened(event) {
                    self.theory.push(vec![not(happened), not(when), then]);
                }
            }
            Order::Can => {}
        }
    }

    fn order_events(&mut self, moments: &[Moment]) {
        let events: Vec<(Event, usize)> = self
            .variables
            .iter()
            .enumerate()
            .filter_map(|(variable, v)| match v.subject {
                Subject::Happened(event) => Some((event, variable)),
                Subject::Fact(_)
                | Subject::NotSupplied(..)
                | Subject::Reached(..)
                | Subject::Passed(..)
                | Subject::Dated(..)
                | Subject::Week(_)
                | Subject::InCalendar(..) => None,
            })
            .collect();
        for (first, earlier) in &events {
            for (second, later) in &events {
                if comes_before(*first, *second) {
                    self.imply(yes(*later), yes(*earlier));
                }
            }
        }
        for moment in moments.iter().filter(|m| m.end.is_none()) {
            if is_no_earlier(moment.act, moment.event)
                && let Formula::Is(happened) = self.happened(moment.event)
            {
                self.imply(happened, yes(moment.variable));
            }
        }
    }

    fn relate_facts(&mut self) {
        let shipped = Subject::Fact(FactRef {
            fact: Fact::OrderShipped,
            word: None,
        });
        // The words are those of the vocabulary, none of them twice.
        if let Some(order) = self.find(&shipped) {
            let of = |model: &Self, word: &str| {
                let values = model.variables.get(order).map(|v| v.values.as_slice());
                let index = values?.iter().position(|value| value == word)?;
                Some(Literal {
                    variable: order,
                    values: bit(index),
                })
            };
            let ship = self.yes_no(Subject::Happened(Event::Ship), true);
            if let Some(none) = of(self, "no") {
                self.imply(none, not(ship));
            }
            if let Some(all) = of(self, "yes") {
                self.imply(all, ship);
            }
        }
        // What was never supplied is not there.
        let unsupplied: Vec<(usize, FactRef)> = self
            .variables
            .iter()
            .enumerate()
            .filter_map(|(variable, v)| match &v.subject {
                Subject::NotSupplied(fact, _) => Some((variable, fact.clone())),
                Subject::Fact(_)
                | Subject::Happened(_)
                | Subject::Reached(..)
                | Subject::Passed(..)
                | Subject::Dated(..)
                | Subject::Week(_)
                | Subject::InCalendar(..) => None,
            })
            .collect();
        for (variable, fact) in unsupplied {
            if let Some(supplied) = self.find(&Subject::Fact(fact)) {
                self.imply(yes(variable), not(yes(supplied)));
            }
        }
    }

    /// What was bought in a group is what stays with the customer and what does not, of which
    /// the units of the row are one at least.
    fn relate_group_numbers(&mut self) {
        let bought = self.numbers_of(Fact::GroupQuantity, 1);
        let gone = self.numbers_of(Fact::GroupGone, 1);
        let kept = self.numbers_of(Fact::GroupKept, 0);
        let whole = Subject::Fact(FactRef {
            fact: Fact::WholeGroup,
            word: None,
        });
        // None stays: yes; some do: no.
        let whole = match self.find(&whole) {
            None => vec![(None, (0, i64::MAX))],
            Some(_) => vec![
                (Some(self.yes_no(whole.clone(), true)), (0, 0)),
                (Some(self.yes_no(whole, false)), (1, i64::MAX)),
            ],
        };
        // Each combination of the others leaves some values of the number that was bought.
        for (gone, (least_gone, most_gone)) in &gone {
            for (kept, (least_kept, most_kept)) in &kept {
                for (whole, (least, most)) in &whole {
                    let (least_kept, most_kept) = (*least_kept.max(least), *most_kept.min(most));
                    let low = least_gone.saturating_add(least_kept);
                    let high = most_gone.saturating_add(most_kept);
                    let fits = |(from, to): &(i64, i64)| low.max(*from) <= high.min(*to);
                    let is_any = least_kept <= most_kept && least_gone <= most_gone;
                    let fitting = bought.iter().filter(|(_, range)| is_any && fits(range));
                    let fitting: Vec<_> = fitting.map(|(literal, _)| *literal).collect();
                    // A number that no test asks for can be any.
                    if fitting.contains(&None) {
                        continue;
                    }
                    let others = [gone, kept, whole].into_iter().flatten();
                    let mut list: Vec<Literal> = others.map(|literal| not(*literal)).collect();
                    let literals: Vec<Literal> = fitting.into_iter().flatten().collect();
                    if let Some(first) = literals.first() {
                        list.push(Literal {
                            values: literals.iter().fold(0, |all, one| all | one.values),
                            ..*first
                        });
                    }
                    self.theory.push(list);
                }
            }
        }
    }

    /// Returns the values of a number of which at least this is there, each with the least and
    /// the greatest that it stands for; one without a literal where no test asks for it.
    fn numbers_of(&self, fact: Fact, least: i64) -> Vec<(Option<Literal>, (i64, i64))> {
        let Some(variable) = self.find(&Subject::Fact(FactRef { fact, word: None })) else {
            return vec![(None, (least, i64::MAX))];
        };
        let ranges = self.number_ranges(variable).into_iter().enumerate();
        let value = |(n, (from, to)): (usize, (i64, i64))| {
            let literal = Literal {
                variable,
                values: bit(n),
            };
            (Some(literal), (from.max(least), to))
        };
        ranges.map(value).collect()
    }

    /// Says that where one literal holds, so does another.
    fn imply(&mut self, when: Literal, then: Literal) {
        self.theory.push(vec![not(when), then]);
    }
}

impl Span {
    /// Whether it always ends after the event that it counts from.
    fn ends_after_event(&self) -> bool {
        match self {
            Self::Hours(n) | Self::Days(n) | Self::Months(n) => *n >= 0,
            Self::BusinessDays(n, _) => *n >= 0,
            Self::ShortHours(n) | Self::ShortMonths(n) | Self::ShortBusinessDays(n, _) => *n > 0,
            Self::Next(next) => !(next.same_day && next.short),
            Self::Stated(stated) => stated.first.ends_after_event(),
            Self::Clock(..) | Self::Date(_) => false,
            Self::MovedToWorkingDay(inner, _) => inner.ends_after_event(),
        }
    }

    /// Whether it always ends before the event that it counts from, or with it.
    pub(super) fn ends_before_event(&self) -> bool {
        match self {
            Self::Hours(n) | Self::Days(n) | Self::Months(n) => *n < 0,
            Self::BusinessDays(n, _) => *n < 0,
            Self::ShortHours(n) | Self::ShortMonths(n) | Self::ShortBusinessDays(n, _) => *n <= 0,
            Self::Stated(stated) => stated.last.ends_before_event(),
            Self::Clock(..) | Self::Next(_) | Self::Date(_) | Self::MovedToWorkingDay(..) => false,
        }
    }
}

fn yes(variable: usize) -> Literal {
    Literal {
        variable,
        values: bit(1),
    }
}

fn not(literal: Literal) -> Literal {
    Literal {
        values: !literal.values,
        ..literal
    }
}

/// Whether an event comes before another, which cannot happen without it.
pub(super) fn comes_before(first: Event, second: Event) -> bool {
    match second {
        Event::DeliverLast => BEFORE_LAST_DELIVERY.contains(&first),
        _ => second.before() & first.bit() != 0,
    }
}

/// Whether an act never comes before an event that has happened.
fn is_no_earlier(act: Act, event: Event) -> bool {
    match act.event() {
        // Nothing that happened lies after the instant of deciding.
        None => !event.is_planned(),
        // An act that has not taken place comes no earlier than the instant of deciding.
        Some(own) if own == event || comes_before(event, own) => true,
        Some(Event::Request) => matches!(event, Event::Place | Event::StatementSend),
        Some(_) => false,
    }
}

/// Whether one act never comes after another.
pub(super) fn never_after(one: Act, other: Act) -> bool {
    matches!(order_of(one, other), Order::Never)
}

/// Says whether one act can come after another.
fn order_of(one: Act, other: Act) -> Order {
    if one == other || other == Act::Decision {
        return Order::Never;
    }
    match (one.event(), other.event()) {
        (Some(a), Some(b)) if comes_before(a, b) => Order::Never,
        // A request comes after the order that it is about, and no statement is sent after
        // it was received; while they have not happened, both lie ahead.
        (Some(a @ (Event::Place | Event::StatementSend)), Some(Event::Request)) => {
            Order::NotAfter(a)
        }
        _ => Order::Can,
    }
}
