//! Shows dates that count from an event that happened at a time that nobody knows: as the
//! range that what is known leaves.

use super::instants::{allowed, not_before};
use super::window::EndValue;
use super::world::{Assumed, Key, World};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::verdict::Bound;
use crate::domain::vocabulary::Event;
use crate::policy::terms::End;

/// States when an event happened of which nobody knows when, both ends inside.
pub(crate) struct UntimedSpan<'a> {
    /// The first instant that it can be.
    pub first: Instant,
    /// The last.
    pub last: Instant,
    /// What of it nobody knows, each with its own first and last instant.
    of: Vec<(Key<'a>, Instant, Instant)>,
}

impl<'a> World<'a, '_> {
    /// Returns when an event happened of which nobody knows when; `None`: that is known, or
    /// nothing is known to have come before it.
    pub(crate) fn span(&self, event: Event) -> Option<UntimedSpan<'a>> {
        if !self.facts.has_untimed() {
            return None;
        }
        match event {
            // A statement of which only the receipt is known counts from the receipt.
            Event::StatementSend => None,
            Event::DeliverLast => {
                let parcels = 0..self.facts.order().shipments.len();
                let spans = parcels.map(|index| self.span_at(Event::Deliver, index));
                let spans: Option<Vec<UntimedSpan<'a>>> = spans.collect();
                let joined = spans?.into_iter().reduce(|mut one, other| {
                    one.of.extend(other.of);
                    UntimedSpan {
                        first: one.first.max(other.first),
                        last: one.last.max(other.last),
                        of: one.of,
                    }
                });
                joined.filter(|span| !span.of.is_empty())
            }
            event => {
                let index = self.index_of(event);
                let span = self.span_at(event, index);
                span.filter(|span| !span.of.is_empty())
            }
        }
    }

    /// Returns when an event of a parcel, or of the order, happened; `None`: not yet, or
    /// nothing bounds it from below.
    fn span_at(&self, event: Event, index: usize) -> Option<UntimedSpan<'a>> {
        let (time, key) = self.event_at(event, index);
        let zone = self.zone().unwrap_or_else(|_| Zone::earliest());
        let (first, last) = match time {
            EventTime::At(at) => (at, at),
            EventTime::On(day) => (day.start(zone), day.plus_days(1).start(zone).previous()),
            EventTime::Happened => {
                let first = not_before(self, event, index, zone)??;
                let range = allowed(self, event, index)?;
                return Some(UntimedSpan {
                    first: first.min(range.last),
                    last: range.last,
                    of: vec![(key, first.min(range.last), range.last)],
                });
            }
            EventTime::NotYet | EventTime::Unknown => return None,
        };
        Some(UntimedSpan {
            first,
            last,
            of: Vec::new(),
        })
    }

    /// Computes an end that counts from an event of which nobody knows when it happened;
    /// `None`: it counts from another one, or from nothing that is known.
    pub(crate) fn end_between(&self, end: &End) -> Option<EndValue<'a>> {
        let event = match end {
            End::After(event, ..) | End::Before(event) | End::Stated(event, _) => *event,
            End::Clock(day, _) => day.of,
            End::Never | End::Date(..) | End::Latest(_) | End::Earliest(_) => return None,
        };
        let span = self.span(event)?;
        let of = |time: fn(&(Key<'a>, Instant, Instant)) -> Instant| {
            let assumed = span.of.iter();
            let assumed = assumed.map(|of| (of.0, Assumed::Event(EventTime::At(time(of)))));
            let assumed: Vec<_> = self.assumed.iter().cloned().chain(assumed).collect();
            let world = World {
                assumed: &assumed,
                ..*self
            };
            world.end(end).bound.and_then(Bound::range)
        };
        let (earliest, _) = of(|(_, first, _)| *first)?;
        let (_, latest) = of(|(.., last)| *last)?;
        Some(EndValue {
            bound: Some(joined(earliest, latest)),
            key: span.of.first().map(|(key, ..)| *key),
        })
    }
}

/// Returns the bound that lies between two instants.
pub(crate) fn joined(earliest: Instant, latest: Instant) -> Bound {
    match earliest == latest {
        true => Bound::At(earliest),
        false => Bound::Between(earliest, latest),
    }
}
