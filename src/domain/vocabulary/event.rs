//! The order in which events can happen, and sets of events.

use super::Event;
use crate::domain::path::Field;

/// The most events that a policy can declare: a set of events has 64 bits.
pub const MAX_DECLARED_EVENTS: u32 = 16;

impl Event {
    /// The index in a set of events of the first that a policy declares.
    pub const FIRST_DECLARED: u32 = u64::BITS - MAX_DECLARED_EVENTS;

    /// Returns the field that holds the event.
    pub const fn field(self) -> Field {
        self.spec().field
    }

    /// Returns the word that names the event in its field: that of one that a policy
    /// declares, since these stand in a list.
    pub const fn entry(self) -> Option<&'static str> {
        match self {
            Self::Declared(declared) => Some(declared.spec().name),
            _ => None,
        }
    }

    /// Returns the bit of the event in a set of events.
    pub const fn bit(self) -> u64 {
        1 << self.spec().bit
    }

    /// Returns the events that must come before this one, a bit each.
    pub const fn before(self) -> u64 {
        self.spec().before
    }

    /// Whether the event lies ahead by its nature: it is given as a day or an instant, and
    /// whether it has happened is a comparison with the instant of deciding.
    pub const fn is_planned(self) -> bool {
        self.spec().planned
    }

    /// Whether the event lies ahead while it is unknown: what waits for it then
    /// reads "after the event" and nothing is asked.
    pub const fn is_to_come(self) -> bool {
        self.spec().to_come
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_is_closed_and_has_no_circle() {
        for event in Event::ALL {
            assert_eq!(event.before() & event.bit(), 0, "{event}");
            assert!(event.spec().bit < Event::FIRST_DECLARED);
            for first in Event::ALL {
                if event.before() & first.bit() != 0 {
                    assert_eq!(first.before() & !event.before(), 0, "{first}, {event}");
                }
            }
        }
        // birth, place, ship, deliver, hand over, receive
        assert_eq!(Event::Receive.before().count_ones(), 5);
        assert_eq!(Event::DesignConfirm.before() & Event::Place.bit(), 0);
    }
}
