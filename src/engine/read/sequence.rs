//! What the order of events says of one that is unknown: an event that has happened
//! bounds those that must come before it.

use super::world::{Key, ORDER_LEVEL, World};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::vocabulary::Event;

impl<'a> World<'a, '_> {
    /// Returns the instant by which an unknown event has happened at the latest, since
    /// an event that cannot come before it has; `None`: nothing says that it has happened.
    pub(crate) fn happened_by(&self, event: Event, index: usize) -> Option<Instant> {
        // Most orders are told of no such event.
        let happened = self.scratch.happened(self.facts);
        let own = match self.facts.has_untimed() {
            true => event.bit(),
            false => 0,
        };
        if self.assumed.is_empty() && happened & (self.plan.set_after(event) | own) == 0 {
            return None;
        }
        let zone = self.zone().unwrap_or_else(|_| Zone::latest());
        let later = self.plan.events_after(event);
        let times = later.flat_map(|later| self.bounding(later, index));
        let decide_time = self.facts.decide_time();
        // Few orders say that something happened at a time that nobody knows.
        let own = self
            .facts
            .has_untimed()
            .then(|| self.stated_at(event, index));
        let own = own.filter(|time| matches!(time, EventTime::Happened));
        let latest = times.chain(own).filter_map(|time| match time {
            EventTime::At(at) => Some(at),
            EventTime::Happened => Some(decide_time),
            EventTime::On(day) => Some(day.plus_days(1).start(zone).previous()),
            EventTime::NotYet | EventTime::Unknown => None,
        });
        latest.min()
    }

    /// Returns the times of an event that bound one of a parcel, or of the order where
    /// no parcel is meant.
    ///
    /// Of an order in several parcels nobody says which of them a return came out of, so
    /// that it bounds none.
    pub(crate) fn bounding(&self, later: Event, index: usize) -> impl Iterator<Item = EventTime> {
        let places = self.bounding_indexes(later, index);
        places.map(move |index| self.stated_at(later, index))
    }

    /// Returns what bounds an event like [`Self::bounding`], by its keys.
    pub(crate) fn bounding_keys(
        &self,
        later: Event,
        index: usize,
    ) -> impl Iterator<Item = Key<'a>> {
        let places = self.bounding_indexes(later, index);
        places.map(move |index| self.event_at(later, index).1)
    }

    fn bounding_indexes(
        &self,
        later: Event,
        index: usize,
    ) -> impl Iterator<Item = usize> + use<'a> {
        let parcels = self.facts.order().shipments.len();
        let of_parcel = later.field().is_of_parcel();
        let of_return = matches!(later, Event::HandOver | Event::Proof | Event::Receive);
        let places = match index {
            ORDER_LEVEL if of_parcel => 0..parcels,
            ORDER_LEVEL => 0..1,
            _ if of_return && parcels > 1 => 0..0,
            _ => 0..1,
        };
        places.map(move |parcel| match index {
            ORDER_LEVEL if of_parcel => parcel,
            index => index,
        })
    }

    /// Whether an event has happened at the instant of deciding; `None`: not known.
    pub(crate) fn occurred(&self, event: Event) -> Option<bool> {
        let decide_time = self.facts.decide_time();
        match self.event(event).0 {
            EventTime::At(at) => Some(!event.is_planned() || at <= decide_time),
            // The zone of a planned day is not known.
            EventTime::On(day) if event.is_planned() => {
                let by = |zone: Zone| day.start(zone) <= decide_time;
                let (first, last) = (by(Zone::earliest()), by(Zone::latest()));
                (first == last).then_some(first)
            }
            EventTime::On(_) | EventTime::Happened => Some(true),
            EventTime::NotYet => Some(false),
            EventTime::Unknown if self.happened_by(event, self.index_of(event)).is_some() => {
                Some(true)
            }
            EventTime::Unknown => event.is_to_come().then_some(false),
        }
    }

    /// Returns the place of an event of the row: its parcel, where the event is a parcel's.
    pub(crate) fn index_of(&self, event: Event) -> usize {
        match event.field().is_of_parcel() {
            true => self.shipment_index().unwrap_or(ORDER_LEVEL),
            false => ORDER_LEVEL,
        }
    }
}
