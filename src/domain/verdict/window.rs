//! Windows and their ends.

use crate::domain::time::{Instant, Zone};
use crate::domain::vocabulary::Event;
use crate::domain::words::words;

words! {
    /// Names the act that a window tests.
    Act {
        /// The request reached the shop.
        Request = "request",
        /// The statement was sent.
        Statement = "statement",
        /// The prescribed form was sent.
        Form = "form",
        /// The goods were handed over.
        HandOver = "hand_over",
        /// The next order was placed.
        NextOrder = "next_order",
        /// The instant of deciding.
        Decision = "decision",
        /// The order was placed.
        Place = "place",
        /// The customer answered about the address.
        AddressAnswer = "address_answer",
        /// The customer answered the carrier.
        AttemptAnswer = "attempt_answer",
        /// The shop collected the goods.
        ShopCollect = "shop_collect",
    }
}

impl Act {
    /// Returns the event that it is; `None`: the instant of deciding.
    pub const fn event(self) -> Option<Event> {
        Some(match self {
            Self::Request => Event::Request,
            Self::Statement => Event::StatementSend,
            Self::Form => Event::FormSend,
            Self::HandOver => Event::HandOver,
            Self::NextOrder => Event::NextOrder,
            Self::Place => Event::Place,
            Self::AddressAnswer => Event::AddressAnswer,
            Self::AttemptAnswer => Event::AttemptAnswer,
            Self::ShopCollect => Event::ShopCollect,
            Self::Decision => return None,
        })
    }
}

words! {
    /// States where an act fell.
    WindowStatus {
        /// Before the window.
        NotOpenYet = "not_open_yet",
        /// Inside.
        Open = "open",
        /// Late, but a person decides.
        Review = "review",
        /// Late.
        Closed = "closed",
    }
}

/// States when something can be asked for: `opens` is inside, `closes` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it opens.
    pub opens: Bound,
    /// When it closes.
    pub closes: Bound,
    /// Until when a late act is reviewed rather than denied, exclusive.
    pub review_until: Option<Instant>,
    /// The act that has to fall inside.
    pub act: Act,
    /// Where the act fell; `None`: not known.
    pub status: Option<WindowStatus>,
    /// The zone of its days; `None`: the place of delivery is not known.
    pub zone: Option<Zone>,
}

/// States an end of a window, or of a due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An instant: for an end, the first one outside.
    At(Instant),
    /// The event itself, which has not happened.
    On(Event),
    /// A period after an event that has not happened.
    After(Event, Period),
    /// A range, since only the day of the event is known: earliest inclusive,
    /// latest exclusive.
    Between(Instant, Instant),
    /// No end on this side.
    Unbounded,
}

impl Bound {
    /// Returns the earliest and the latest instant that it can be; `None`: it waits
    /// for an event, or never comes.
    pub const fn range(self) -> Option<(Instant, Instant)> {
        match self {
            Self::At(at) => Some((at, at)),
            Self::Between(earliest, latest) => Some((earliest, latest)),
            Self::On(_) | Self::After(..) | Self::Unbounded => None,
        }
    }

    /// Returns what bounds are sorted by: known ones by their earliest instant, then
    /// those that wait for an event, then no bound at all.
    pub fn sort_key(self) -> impl Ord {
        let waits = match self {
            Self::At(_) | Self::Between(..) => (0, None),
            Self::On(event) => (1, Some((event, None))),
            Self::After(event, period) => (1, Some((event, Some(period)))),
            Self::Unbounded => (2, None),
        };
        (waits, self.range())
    }
}

/// States a period counted from an event; below zero it is counted back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Calendar days: the day of the event is day 0, and the period ends with
    /// the last instant of day N.
    Days(i32),
    /// The same in business days of a calendar.
    BusinessDays(i32),
    /// Elapsed hours; the instant that ends them is inside.
    Hours(i32),
    /// Calendar months, clamped to the end of the month, that day included.
    Months(i32),
}

impl Period {
    /// Whether it is counted back from the event.
    pub const fn is_back(self) -> bool {
        match self {
            Self::Days(n) | Self::BusinessDays(n) | Self::Hours(n) | Self::Months(n) => n < 0,
        }
    }

    /// Returns the same period on the other side of the event.
    pub const fn back(self) -> Self {
        match self {
            Self::Days(n) => Self::Days(n.saturating_neg()),
            Self::BusinessDays(n) => Self::BusinessDays(n.saturating_neg()),
            Self::Hours(n) => Self::Hours(n.saturating_neg()),
            Self::Months(n) => Self::Months(n.saturating_neg()),
        }
    }
}
