//! Events that terms count from, and the order in which they can happen.

use super::path::{Field, Owner};
use super::words::words;

words! {
    /// Names an event.
    Event {
        /// The order was placed.
        Place = "place",
        /// The order was accepted.
        Accept = "accept",
        /// The dispatch of the line was confirmed.
        Confirm = "confirm",
        /// The parcel of the row left the shop.
        Ship = "ship",
        /// The parcel of the row was delivered.
        Deliver = "deliver",
        /// The last parcel of the order was delivered.
        DeliverLast = "deliver_last",
        /// The customer took the goods from a pick-up point.
        Collect = "collect",
        /// Delivery was first tried.
        FirstAttempt = "first_attempt",
        /// The customer answered the carrier.
        AttemptAnswer = "attempt_answer",
        /// The parcel arrived back undelivered.
        WarehouseReturn = "warehouse_return",
        /// The design was confirmed.
        DesignConfirm = "design_confirm",
        /// Making began.
        ProductionStart = "production_start",
        /// The request reached the shop; it always has.
        Request = "request",
        /// The statement was sent; the request itself where nothing else is known.
        StatementSend = "statement_send",
        /// The prescribed form was sent.
        FormSend = "form_send",
        /// The goods were handed over for their way back.
        HandOver = "hand_over",
        /// Proof of sending reached the shop.
        Proof = "proof",
        /// The goods reached the shop.
        Receive = "receive",
        /// The shop asked for the goods.
        ShopRequest = "shop_request",
        /// The shop collected the goods.
        ShopCollect = "shop_collect",
        /// The confirming mail was sent.
        ConfirmMail = "confirm_mail",
        /// The shop asked about the address.
        AddressQuery = "address_query",
        /// The customer answered about the address.
        AddressAnswer = "address_answer",
        /// The shop cancelled the order.
        ShopCancel = "shop_cancel",
        /// The order that a credit is to pay was placed.
        NextOrder = "next_order",
        /// The goods that a credit stands for came back.
        CreditGoodsReceive = "credit_goods_receive",
        /// The customer was born.
        Birth = "birth",
        /// Lost credentials were reported.
        CredentialsReport = "credentials_report",
        /// The last day of the promised delivery period.
        Promise = "promise",
    }
}

impl Event {
    /// Returns the field that holds the event.
    pub const fn field(self) -> Field {
        let (owner, rest) = match self {
            Self::Place => (Owner::Message, "order.place_time"),
            Self::Accept => (Owner::Message, "order.accept_time"),
            Self::Confirm => (Owner::Line, "confirm_time"),
            Self::DesignConfirm => (Owner::Line, "design_confirm_time"),
            Self::ProductionStart => (Owner::Line, "production_start_time"),
            Self::Ship => (Owner::Parcel, "ship_time"),
            Self::Deliver | Self::DeliverLast => (Owner::Parcel, "deliver_time"),
            Self::Collect => (Owner::Parcel, "collect_time"),
            Self::FirstAttempt => (Owner::Parcel, "first_attempt_time"),
            Self::AttemptAnswer => (Owner::Parcel, "attempt_answer_time"),
            Self::WarehouseReturn => (Owner::Parcel, "warehouse_return_time"),
            Self::Request => (Owner::Message, "request.request_time"),
            Self::StatementSend => (Owner::Message, "request.statement_send_time"),
            Self::FormSend => (Owner::Message, "request.form_send_time"),
            Self::HandOver => (Owner::Message, "request.journey.hand_over_time"),
            Self::Proof => (Owner::Message, "request.journey.proof_time"),
            Self::Receive => (Owner::Message, "request.journey.receive_time"),
            Self::ShopRequest => (Owner::Message, "request.journey.shop_request_time"),
            Self::ShopCollect => (Owner::Message, "request.journey.shop_collect_time"),
            Self::ConfirmMail => (Owner::Message, "request.response.confirm_mail_time"),
            Self::AddressQuery => (Owner::Message, "request.shop_event.address_query_time"),
            Self::AddressAnswer => (Owner::Message, "request.shop_event.address_answer_time"),
            Self::ShopCancel => (Owner::Message, "request.shop_event.cancel_time"),
            Self::NextOrder => (Owner::Message, "request.credit_use.next_order_time"),
            Self::CreditGoodsReceive => (Owner::Message, "request.credit_use.goods_receive_time"),
            Self::Birth => (Owner::Message, "order.customer.birth_date"),
            Self::CredentialsReport => (Owner::Message, "order.customer.credentials_report_time"),
            Self::Promise => (Owner::Message, "order.delivery.promise_date"),
        };
        Field::of(owner, rest)
    }

    /// Returns the bit of the event in a set of events.
    pub const fn bit(self) -> u64 {
        1 << self as u32
    }

    /// Returns the events that must come before this one, a bit each.
    pub fn before(self) -> u64 {
        BEFORE.get(self as usize).copied().unwrap_or(0)
    }

    /// Returns the events that must come before this one.
    pub fn predecessors(self) -> impl Iterator<Item = Self> {
        of_set(self.before())
    }

    /// Returns the events that cannot come before this one.
    pub fn successors(self) -> impl Iterator<Item = Self> {
        of_set(AFTER.get(self as usize).copied().unwrap_or(0))
    }

    /// Whether the event lies ahead by its nature: it is given as a day, and whether it
    /// has happened is a comparison with the instant of deciding.
    pub const fn is_planned(self) -> bool {
        matches!(self, Self::Promise)
    }

    /// Whether the event lies ahead while it is unknown: what waits for it then
    /// reads "after the event" and nothing is asked.
    pub const fn is_to_come(self) -> bool {
        matches!(
            self,
            Self::HandOver
                | Self::Proof
                | Self::Receive
                | Self::ShopRequest
                | Self::ShopCollect
                | Self::ConfirmMail
                | Self::WarehouseReturn
                | Self::ShopCancel
        )
    }
}

/// For each event, by its place in [`Event::ALL`], those that must come before it,
/// directly or by way of others, a bit each.
#[expect(
    clippy::indexing_slicing,
    reason = "worked out when it is compiled: a place that is not there stops the build"
)]
const BEFORE: [u64; Event::ALL.len()] = {
    let mut before = [0; Event::ALL.len()];
    let mut changed = true;
    while changed {
        changed = false;
        let mut at = 0;
        while at < ORDER.len() {
            let (first, second) = ORDER[at];
            let all = before[second as usize] | before[first as usize] | first.bit();
            changed = changed || all != before[second as usize];
            before[second as usize] = all;
            at += 1;
        }
    }
    before
};

/// For each event, by its place in [`Event::ALL`], those that cannot come before it, a bit
/// each.
#[expect(
    clippy::indexing_slicing,
    reason = "worked out when it is compiled: a place that is not there stops the build"
)]
const AFTER: [u64; Event::ALL.len()] = {
    let mut after = [0; Event::ALL.len()];
    let mut later = 0;
    while later < Event::ALL.len() {
        let mut first = 0;
        while first < Event::ALL.len() {
            if BEFORE[later] & (1 << first) != 0 {
                after[first] |= 1 << later;
            }
            first += 1;
        }
        later += 1;
    }
    after
};

/// Returns the events of a set.
fn of_set(mut left: u64) -> impl Iterator<Item = Event> {
    std::iter::from_fn(move || {
        let place = left.trailing_zeros();
        left &= left.saturating_sub(1);
        Event::ALL.get(place as usize).copied()
    })
}

/// Pairs of events of which the second cannot happen before the first, and not at all
/// unless the first happens.
///
/// A design can be confirmed in a consultation before the order is placed.
const ORDER: &[(Event, Event)] = &[
    (Event::Birth, Event::Place),
    (Event::Place, Event::Accept),
    (Event::Place, Event::Confirm),
    (Event::Place, Event::ProductionStart),
    (Event::Place, Event::Ship),
    (Event::Ship, Event::FirstAttempt),
    (Event::FirstAttempt, Event::AttemptAnswer),
    (Event::Ship, Event::WarehouseReturn),
    (Event::Ship, Event::Deliver),
    (Event::Deliver, Event::Collect),
    (Event::Deliver, Event::HandOver),
    (Event::HandOver, Event::Proof),
    (Event::HandOver, Event::Receive),
    (Event::Place, Event::StatementSend),
    (Event::Place, Event::FormSend),
    (Event::Place, Event::AddressQuery),
    (Event::AddressQuery, Event::AddressAnswer),
    (Event::Place, Event::ShopCancel),
    (Event::CreditGoodsReceive, Event::NextOrder),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_is_closed_and_has_no_circle() {
        for event in Event::ALL {
            assert_eq!(event.before() & event.bit(), 0, "{event}");
            for first in event.predecessors() {
                assert_eq!(first.before() & !event.before(), 0, "{first}, {event}");
            }
        }
        // birth, place, ship, deliver, hand over, receive
        assert_eq!(Event::Receive.predecessors().count(), 5);
        assert!(
            !Event::DesignConfirm
                .predecessors()
                .any(|e| e == Event::Place)
        );
    }
}
