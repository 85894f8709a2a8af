//! The order: what was bought, paid and delivered.

use crate::domain::facts::{
    AdjustmentKind, LineFacts, OrderFacts, ParcelFacts, PaymentMethod, PaymentState, Remedy,
};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{EventTime, Zone};
use crate::domain::vocabulary::{Fact, LINE_EVENTS, ORDER_EVENTS, PARCEL_EVENTS};

/// Describes an order. `None` means unknown throughout.
#[derive(Clone, Debug)]
pub struct Order<'t> {
    /// The caller's id.
    pub id: CallerId<'t>,
    /// The one currency of all amounts.
    pub currency: Currency,
    /// What is told of it, its customer and its delivery.
    pub facts: OrderFacts<'t>,
    /// Zone of the customer's home.
    pub customer_zone: Option<Zone>,
    /// Tags of the order.
    pub tags: Tags<'t>,
    /// What was bought, at least one line.
    pub lines: Few<Line<'t>>,
    /// Parcels; [`super::Facts::new`] adds the sole unknown one where none is named.
    pub shipments: Few<Shipment<'t>>,
    /// What was bought beside goods.
    pub options: Vec<OrderOption<'t>>,
    /// Whether `options` lists them all.
    pub options_complete: Option<bool>,
    /// The delivery that was chosen.
    pub delivery: Delivery<'t>,
    /// Discount on the whole order.
    pub discount: Option<Amount>,
    /// Sum of all payments.
    pub total_paid: Option<Amount>,
    /// The payments.
    pub payments: Vec<Payment<'t>>,
    /// What it costs beside goods, delivery and options.
    pub adjustments: Vec<Adjustment>,
    /// What the customer already got.
    pub earlier: Vec<EarlierRemedy<'t>>,
    /// Units that requests are about which are not settled yet.
    pub open_requests: Vec<OpenRequest<'t>>,
}

/// Names units that an open request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenRequest<'t> {
    /// The caller's id of the request.
    pub claim: CallerId<'t>,
    /// The line.
    pub line: CallerId<'t>,
    /// Units of the line.
    pub quantity: i32,
}

/// Holds tags, and whether they are all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags<'t> {
    /// The tags.
    pub words: &'t [String],
    /// Whether they are all: then a tag that is not listed is not carried.
    pub complete: Option<bool>,
}

impl Tags<'_> {
    /// Whether a tag is carried; `None`: unknown.
    pub fn has(&self, tag: &str) -> Option<bool> {
        if self.words.iter().any(|w| w == tag) {
            Some(true)
        } else if self.complete == Some(true) {
            Some(false)
        } else {
            None
        }
    }
}

/// Describes a number of equal units.
#[derive(Clone, Debug)]
pub struct Line<'t> {
    /// The caller's id, unique in the order.
    pub id: CallerId<'t>,
    /// Units bought, at least 1.
    pub quantity: i32,
    /// Price of one unit before discounts.
    pub unit_price: Option<Amount>,
    /// What all units cost before discounts; `None`: `quantity` times `unit_price`.
    pub total: Option<Amount>,
    /// Discount on the whole line.
    pub discount: Option<Amount>,
    /// What is told of it.
    pub facts: LineFacts<'t>,
    /// Tags of the line.
    pub tags: Tags<'t>,
    /// Kinds of goods inside a set.
    pub contents: &'t [String],
    /// The group that it was bought in; `None`: it is one of its own.
    pub group: Option<CallerId<'t>>,
}

impl Line<'_> {
    /// Returns one unit of which nothing else is known.
    pub(crate) fn unknown() -> Self {
        Self {
            id: CallerId::UNREAD,
            quantity: 1,
            unit_price: None,
            total: None,
            discount: None,
            facts: LineFacts::UNKNOWN,
            tags: Tags::default(),
            contents: &[],
            group: None,
        }
    }

    /// Whether the same is known of two lines, whatever their ids.
    pub fn is_like(&self, other: &Self) -> bool {
        // Every field is named, so that none can be forgotten.
        let Self {
            id: _,
            quantity,
            unit_price,
            total,
            discount,
            facts,
            tags,
            contents,
            group,
        } = self;
        (*quantity, unit_price, discount) == (other.quantity, &other.unit_price, &other.discount)
            && (*total, *group) == (other.total, other.group)
            && (tags, contents) == (&other.tags, &other.contents)
            && *facts == other.facts
    }

    /// Returns what all units cost before discounts.
    pub fn gross(&self) -> Option<Amount> {
        let by_unit = || Some(self.unit_price?.times(self.quantity));
        self.total.or_else(by_unit)
    }

    /// Returns what all units cost less the line's discount.
    pub fn net_before_order_discount(&self) -> Option<Amount> {
        Some(self.gross()?.less(self.discount?))
    }
}

/// Describes one parcel.
#[derive(Clone, Debug)]
pub struct Shipment<'t> {
    /// The caller's id, unique in the order.
    pub id: CallerId<'t>,
    /// Units of lines inside; `None`: all units of the order.
    pub items: Option<Few<(CallerId<'t>, i32)>>,
    /// What is told of it.
    pub facts: ParcelFacts<'t>,
    /// Zone of the place of delivery.
    pub zone: Option<Zone>,
    /// Whether the caller told it. Units that no parcel lists belong to one that is added
    /// behind those that were told, and of which nothing is known.
    pub named: bool,
}

impl<'t> Shipment<'t> {
    /// Returns a parcel of which nothing is known.
    pub fn unknown(id: CallerId<'t>) -> Self {
        Self {
            id,
            items: None,
            facts: ParcelFacts::UNKNOWN,
            zone: None,
            named: true,
        }
    }

    /// Whether the same is known of two parcels, whatever their ids and what they hold.
    pub fn is_like(&self, other: &Self) -> bool {
        // Every field is named, so that none can be forgotten.
        let Self {
            id: _,
            items: _,
            facts,
            zone,
            named: _,
        } = self;
        (facts, zone) == (&other.facts, &other.zone)
    }

    /// Infers what has not happened from what comes first and has not.
    pub(super) fn infer_events(&mut self, order: &OrderFacts<'_>) {
        self.facts.infer(PARCEL_EVENTS, order);
    }

    /// Returns the parcel of units that no parcel lists.
    pub(super) fn untold(order: CallerId<'t>) -> Self {
        Self {
            named: false,
            ..Self::unknown(order)
        }
    }
}

/// Describes something bought beside goods.
#[derive(Clone, Debug)]
pub struct OrderOption<'t> {
    /// A code that the policy declares.
    pub code: &'t str,
    /// How many were bought, at least 1.
    pub quantity: i32,
    /// What was paid for all of them.
    pub paid: Option<Amount>,
    /// How many were used up.
    pub used: Option<i32>,
    /// The lines it belongs to; empty: the whole order.
    pub lines: Vec<CallerId<'t>>,
}

/// Describes the delivery that was chosen.
#[derive(Clone, Debug, Default)]
pub struct Delivery<'t> {
    /// The caller's name of the method.
    pub method: Option<&'t str>,
    /// What was paid for it.
    pub paid: Option<Amount>,
    /// What the cheapest ordinary delivery would have cost.
    pub standard_cost: Option<Amount>,
}

/// Describes one payment.
#[derive(Clone, Debug)]
pub struct Payment<'t> {
    /// The caller's id, unique in the order.
    pub id: CallerId<'t>,
    /// What it pays for, whether it was taken or not.
    pub amount: Amount,
    /// Where it stands; `None`: as captured.
    pub state: Option<PaymentState>,
    /// What was taken of it; `None`: all of a captured payment, nothing of others.
    pub captured_amount: Option<Amount>,
    /// The means.
    pub method: Option<PaymentMethod>,
    /// Who paid; `None`: the buyer.
    pub payer: Option<CallerId<'t>>,
}

impl Payment<'_> {
    /// Returns what was taken of it.
    pub fn captured(&self) -> Amount {
        self.captured_amount.unwrap_or(match self.state {
            None | Some(PaymentState::Captured) => self.amount,
            Some(PaymentState::Pending | PaymentState::Authorized | PaymentState::Voided) => {
                Amount::ZERO
            }
        })
    }

    /// Returns what of the price of the order it is for: of a voided one what was taken.
    pub fn counted(&self) -> Amount {
        match self.state {
            Some(PaymentState::Voided) => self.captured(),
            _ => self.amount,
        }
    }
}

/// Adds to what an order costs, or takes off it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// What it is.
    pub kind: AdjustmentKind,
    /// The amount; negative where it is taken off.
    pub amount: Amount,
}

/// Describes something that the customer already got.
#[derive(Clone, Debug)]
pub struct EarlierRemedy<'t> {
    /// The line; `None`: money of the order, for no units.
    pub line: Option<CallerId<'t>>,
    /// Units of the line.
    pub quantity: i32,
    /// What the customer got.
    pub remedy: Remedy,
    /// What was paid out for the units, or for the order where no line is named.
    pub amount: Amount,
    /// What was paid out for delivery.
    pub delivery_amount: Amount,
    /// What was paid out for options.
    pub options_amount: Amount,
    /// What the customer paid on top of units that were exchanged.
    pub surcharge: Amount,
    /// Whether the units cannot be asked for again; `None`: what the remedy implies.
    pub consumed: Option<bool>,
    /// The reason of the earlier request.
    pub reason: Option<&'t str>,
    /// To which payments the amounts went; empty: to all in proportion to what was captured.
    pub payments: Vec<(CallerId<'t>, Amount)>,
    /// What was taken off, charged, or paid beside what was paid, by the codes of the items, and
    /// below zero what was given back of that;
    /// empty for every earlier remedy: not told.
    pub taken: Vec<(&'t str, Amount)>,
    /// The parcel of the units; `None`: not told.
    pub shipment: Option<CallerId<'t>>,
}

impl EarlierRemedy<'_> {
    /// Returns all that was paid out.
    pub fn total(&self) -> Amount {
        self.amount
            .plus(self.delivery_amount)
            .plus(self.options_amount)
    }

    /// Whether its units cannot be asked for again.
    pub fn is_consumed(&self) -> bool {
        self.consumed.unwrap_or(match self.remedy {
            Remedy::Exchange
            | Remedy::Replacement
            | Remedy::Repair
            | Remedy::Change
            | Remedy::PriceReduction
            | Remedy::CreditUse => false,
            Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit | Remedy::Cancellation => {
                true
            }
        })
    }
}

impl<'t> Order<'t> {
    /// Returns an order of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self {
            id: CallerId::UNREAD,
            currency: Currency::euro(),
            facts: OrderFacts::UNKNOWN,
            customer_zone: None,
            tags: Tags::default(),
            lines: Few::new(),
            shipments: Few::new(),
            options: Vec::new(),
            options_complete: None,
            delivery: Delivery::default(),
            discount: None,
            total_paid: None,
            payments: Vec::new(),
            adjustments: Vec::new(),
            earlier: Vec::new(),
            open_requests: Vec::new(),
        }
    }

    /// Returns the units of a line that open requests are about, but for one request.
    pub fn held(&self, line: CallerId<'_>, but: Option<CallerId<'_>>) -> i32 {
        let of_line = self.open_requests.iter().filter(|open| open.line == line);
        let others = of_line.filter(|open| Some(open.claim) != but);
        others.fold(0, |sum, open| sum.saturating_add(open.quantity))
    }

    /// Whether anything was charged: as it is told, otherwise as the states of payments say;
    /// `None`: nobody says.
    pub fn charged(&self) -> Option<bool> {
        let told = self.facts.get(Fact::Charged).yes_no();
        told.or_else(|| self.charged_by_payments())
    }

    /// Whether anything was charged by what the states of payments say; `None`: they say
    /// nothing.
    pub(super) fn charged_by_payments(&self) -> Option<bool> {
        let mut payments = self.payments.iter();
        let says =
            |payment: &Payment<'_>| payment.state.is_some() || payment.captured_amount.is_some();
        let said = payments.clone().any(says);
        said.then(|| payments.any(|payment| !payment.captured().is_zero()))
    }

    /// Returns the least and the greatest that the goods can cost after all discounts; no
    /// greatest where a price is unknown. A discount is at most what it is on.
    pub(super) fn value(&self) -> (Amount, Option<Amount>) {
        let (mut least, mut most) = (Amount::ZERO, Some(Amount::ZERO));
        for line in &self.lines {
            let gross = line.gross();
            let net = line.net_before_order_discount();
            least = least.plus(net.unwrap_or_default());
            most = most.zip(net.or(gross)).map(|(sum, net)| sum.plus(net));
        }
        match self.discount {
            Some(discount) => (
                least.less(discount.min(least)),
                most.map(|most| most.less(discount.min(most))),
            ),
            None => (Amount::ZERO, most),
        }
    }

    /// Adds the sole unknown parcel where none is named, and infers what one
    /// event says of the next.
    pub(super) fn complete_shipments(&mut self) {
        let Self {
            id,
            facts,
            lines,
            shipments,
            ..
        } = self;
        if shipments.is_empty() {
            shipments.push(Shipment::untold(*id));
        }
        for shipment in shipments {
            shipment.infer_events(facts);
        }
        for line in lines {
            line.facts.infer(LINE_EVENTS, facts);
        }
        if facts.events().contains(&EventTime::NotYet) {
            let stated = facts.clone();
            facts.infer(ORDER_EVENTS, &stated);
        }
    }

    /// Returns the units of a line that earlier remedies used up.
    pub fn consumed(&self, line: CallerId<'_>) -> i32 {
        self.earlier
            .iter()
            .filter(|e| e.line == Some(line) && e.is_consumed())
            .fold(0, |sum, e| sum.saturating_add(e.quantity))
    }
}
