//! When money or a duty is due, and what a date waits for that is not known yet.

use super::{Bound, Period};
use crate::domain::few::Few;
use crate::domain::time::Instant;
use crate::domain::vocabulary::Event;

/// States when something is due at the latest.
///
/// Windows know one end each and are copied by the thousand; a date that waits can
/// have several, so that it is a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// One end says it all: an instant, a range, one event, or never.
    By(Bound),
    /// It waits for more than one end tells.
    Waits(Box<DueWait>),
}

/// States a due date that waits: it falls on the latest of `not_before` and of all
/// groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueWait {
    /// The instant or the range that it does not fall before; `None`: all that it
    /// counts from lies ahead.
    pub not_before: Option<Bound>,
    /// What it waits for, by events; at least one.
    pub groups: Few<DueGroup>,
}

/// States ends of which the first counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueGroup {
    /// The instant or the range that comes at the latest, whatever happens; `None`:
    /// nothing limits it.
    pub not_after: Option<Bound>,
    /// Events that have not happened, or periods after them, by events; each once.
    pub ends: Few<Bound>,
}

impl Due {
    /// Returns the first of the ends of a group.
    pub fn first_of(mut group: DueGroup) -> Self {
        if group.ends.is_empty() {
            return Self::By(group.not_after.unwrap_or(Bound::Unbounded));
        }
        group.ends.sort_by_key(order_of);
        DueWait {
            not_before: None,
            groups: Few::one(group),
        }
        .into_due()
    }

    /// Returns the later of two dates, which waits for all that both wait for.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        let (Some(mut wait), Some(more)) = (self.into_wait(), other.into_wait()) else {
            return Self::By(Bound::Unbounded);
        };
        wait.not_before = either(wait.not_before, more.not_before, later);
        for group in more.groups {
            wait.add(group);
        }
        wait.into_due()
    }

    /// Returns the latest that it can be: an instant, a range, or never; where
    /// nothing limits it, one of the events that it waits for.
    pub fn at_latest(&self) -> Bound {
        match self {
            Self::By(bound) => *bound,
            Self::Waits(wait) => wait.at_latest(),
        }
    }

    /// Returns what it waits for; `None`: one end says it all.
    pub fn wait(&self) -> Option<&DueWait> {
        match self {
            Self::By(_) => None,
            Self::Waits(wait) => Some(wait),
        }
    }

    /// Takes it apart; `None`: never.
    fn into_wait(self) -> Option<DueWait> {
        match self {
            Self::By(Bound::Unbounded) => None,
            Self::By(known @ (Bound::At(_) | Bound::Between(..))) => Some(DueWait {
                not_before: Some(known),
                groups: Few::new(),
            }),
            Self::By(waiting @ (Bound::On(_) | Bound::After(..))) => Some(DueWait {
                not_before: None,
                groups: Few::one(DueGroup {
                    not_after: None,
                    ends: Few::one(waiting),
                }),
            }),
            Self::Waits(wait) => Some(*wait),
        }
    }
}

impl DueWait {
    /// Adds a group; one that waits for the same ends becomes one with it.
    fn add(&mut self, group: DueGroup) {
        match self.groups.iter_mut().find(|g| g.ends == group.ends) {
            // The later of two groups is limited only where both are.
            Some(same) => {
                let limits = same.not_after.zip(group.not_after);
                same.not_after = limits.map(|(one, other)| later(one, other));
            }
            None => self.groups.push(group),
        }
    }

    /// Puts it into its shortest form.
    fn into_due(mut self) -> Due {
        if let Some((earliest, _)) = self.not_before.and_then(Bound::range) {
            // What comes before the floor at the latest does not count.
            let counts = |limit: Bound| limit.range().is_none_or(|(_, last)| last > earliest);
            self.groups.retain(|g| g.not_after.is_none_or(counts));
        }
        match (self.not_before, &*self.groups) {
            (Some(known), []) => return Due::By(known),
            (None, []) => return Due::By(Bound::Unbounded),
            (None, [group]) if group.not_after.is_none() => {
                if let [only] = *group.ends {
                    return Due::By(only);
                }
            }
            (None, [_]) | (_, [_, ..]) => {}
        }
        self.groups
            .sort_by(|a, b| a.ends.iter().map(order_of).cmp(b.ends.iter().map(order_of)));
        Due::Waits(Box::new(self))
    }

    fn at_latest(&self) -> Bound {
        let limits = self.groups.iter().map(|group| group.not_after);
        let free = self.groups.iter().rfind(|group| group.not_after.is_none());
        free.and_then(|group| group.ends.first().copied())
            .or_else(|| limits.fold(self.not_before, |a, b| either(a, b, later)))
            .unwrap_or(Bound::Unbounded)
    }
}

impl DueGroup {
    /// Adds an end; one that never comes is never the first.
    pub fn add(&mut self, end: Bound) {
        match end {
            Bound::Unbounded => {}
            Bound::At(_) | Bound::Between(..) => {
                self.not_after = either(self.not_after, Some(end), earlier);
            }
            Bound::On(_) | Bound::After(..) => {
                if !self.ends.contains(&end) {
                    self.ends.push(end);
                }
            }
        }
    }
}

/// Returns what ends that wait are ordered by.
fn order_of(end: &Bound) -> (Option<Event>, Option<Period>) {
    match *end {
        Bound::On(event) => (Some(event), None),
        Bound::After(event, period) => (Some(event), Some(period)),
        Bound::At(_) | Bound::Between(..) | Bound::Unbounded => (None, None),
    }
}

/// Joins two bounds, where there are two.
fn either(
    one: Option<Bound>,
    other: Option<Bound>,
    join: fn(Bound, Bound) -> Bound,
) -> Option<Bound> {
    match (one, other) {
        (Some(one), Some(other)) => Some(join(one, other)),
        (one, other) => one.or(other),
    }
}

/// Returns the later of two known bounds, as far as it is known.
fn later(one: Bound, other: Bound) -> Bound {
    join(one, other, Instant::max)
}

/// Returns the earlier of two known bounds, as far as it is known.
fn earlier(one: Bound, other: Bound) -> Bound {
    join(one, other, Instant::min)
}

fn join(one: Bound, other: Bound, pick: fn(Instant, Instant) -> Instant) -> Bound {
    match (one.range(), other.range()) {
        (Some(a), Some(b)) => match (pick(a.0, b.0), pick(a.1, b.1)) {
            (earliest, latest) if earliest == latest => Bound::At(earliest),
            (earliest, latest) => Bound::Between(earliest, latest),
        },
        // INVARIANT: only known bounds are joined.
        _ => {
            debug_assert!(false, "joined bounds wait: {one:?}, {other:?}");
            one
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> Bound {
        let text = format!("2026-04-{day:02}T00:00:00Z");
        Bound::At(Instant::parse(&text).expect("RFC 3339"))
    }

    /// From the start of one day up to another.
    fn days(first: u32, last: u32) -> Bound {
        let start = |at: u32| day(at).range().expect("a known bound").0;
        Bound::Between(start(first), start(last))
    }

    fn after(event: Event) -> Bound {
        Bound::After(event, Period::Days(14))
    }

    fn first_of(ends: &[Bound]) -> Due {
        let mut group = DueGroup::default();
        ends.iter().for_each(|end| group.add(*end));
        Due::first_of(group)
    }

    fn wait(due: &Due) -> &DueWait {
        due.wait().expect("a date that waits")
    }

    #[test]
    fn the_later_date_waits_for_all_that_both_wait_for() {
        let goods = first_of(&[after(Event::Receive), after(Event::Proof)]);
        let mail = Due::By(after(Event::ConfirmMail));
        let due = Due::By(day(4)).later(goods.clone()).later(mail.clone());
        assert_eq!(wait(&due).not_before, Some(day(4)));
        let ends: Vec<_> = wait(&due).groups.iter().map(|g| g.ends.to_vec()).collect();
        let wanted = [
            vec![after(Event::Proof), after(Event::Receive)],
            vec![after(Event::ConfirmMail)],
        ];
        assert_eq!(ends, wanted);
        assert_eq!(mail.later(Due::By(day(4))).later(goods), due);
        assert_eq!(due.clone().later(due.clone()), due);
        assert_eq!(
            due.later(Due::By(Bound::Unbounded)),
            Due::By(Bound::Unbounded)
        );
    }

    #[test]
    fn one_end_says_it_all_where_nothing_else_counts() {
        let receive = after(Event::Receive);
        assert_eq!(first_of(&[receive, Bound::Unbounded]), Due::By(receive));
        assert_eq!(first_of(&[receive, receive]), Due::By(receive));
        assert_eq!(first_of(&[day(4), day(3)]), Due::By(day(3)));
        assert_eq!(first_of(&[Bound::Unbounded]), Due::By(Bound::Unbounded));
        assert_eq!(Due::By(day(3)).later(Due::By(day(4))), Due::By(day(4)));
    }

    #[test]
    fn a_limit_up_to_the_floor_ends_the_waiting() {
        let limited = first_of(&[after(Event::Receive), day(10)]);
        assert_eq!(limited.at_latest(), day(10));
        assert_eq!(limited.clone().later(Due::By(day(10))), Due::By(day(10)));
        let held = limited.later(Due::By(day(9)));
        assert_eq!(wait(&held).not_before, Some(day(9)));
        assert_eq!(held.at_latest(), day(10));
    }

    #[test]
    fn of_two_limits_for_the_same_events_the_later_counts() {
        let limited = |limit| first_of(&[after(Event::Receive), limit]);
        assert_eq!(limited(day(10)).later(limited(day(12))), limited(day(12)));
        let free = Due::By(after(Event::Receive));
        assert_eq!(limited(day(10)).later(free.clone()), free);
    }

    #[test]
    fn ranges_are_joined_end_by_end() {
        let (one, other) = (days(1, 9), days(3, 5));
        let later = Due::By(one).later(Due::By(other));
        assert_eq!(later, Due::By(days(3, 9)));
        assert_eq!(first_of(&[one, other]), Due::By(days(1, 5)));
        assert_eq!(Due::By(one).later(Due::By(day(9))), Due::By(day(9)));
    }
}
