//! The order: what was bought, paid and delivered.

use crate::domain::facts::{
    CustomerKind, PaymentMethod, Receiver, Remedy, SalesChannel, TagReason, not_before,
};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::{Amount, Currency};
use crate::domain::time::{Day, EventTime, Zone};

/// Describes an order. `None` means unknown throughout.
#[derive(Clone, Debug)]
pub struct Order<'t> {
    /// The caller's id.
    pub id: CallerId<'t>,
    /// The one currency of all amounts.
    pub currency: Currency,
    /// When it was placed.
    pub place: EventTime,
    /// When the shop accepted it.
    pub accept: EventTime,
    /// Who bought.
    pub customer: Customer,
    /// Where it was placed.
    pub sales_channel: Option<SalesChannel>,
    /// CLDR code of the country of delivery.
    pub delivery_region: Option<&'t str>,
    /// Whether the means of payment was charged.
    pub charged: Option<bool>,
    /// Whether all data were given.
    pub data_complete: Option<bool>,
    /// Whether the goods were a gift.
    pub gift: Option<bool>,
    /// Whether the parties agreed on a return that the terms exclude.
    pub return_agreed: Option<bool>,
    /// Whether fraud is suspected on reasonable grounds.
    pub fraud_suspected: Option<bool>,
    /// Tags of the order.
    pub tags: Tags<'t>,
    /// Attributes of the order, by name.
    pub attributes: Vec<(&'t str, &'t str)>,
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
    /// What the customer already got.
    pub earlier: Vec<EarlierRemedy<'t>>,
}

/// Describes who bought.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    /// What the customer bought as.
    pub kind: Option<CustomerKind>,
    /// Whether registered with the shop.
    pub registered: Option<bool>,
    /// Day of birth.
    pub birth: Option<Day>,
    /// Zone of the customer's home.
    pub zone: Option<Zone>,
    /// When credentials were reported lost.
    pub credentials_report: Option<EventTime>,
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
    /// Discount on the whole line.
    pub discount: Option<Amount>,
    /// The kind of goods.
    pub category: Option<&'t str>,
    /// Whether made to the customer's own specification.
    pub personalized: Option<bool>,
    /// Tags of the line.
    pub tags: Tags<'t>,
    /// Why it carries its tags.
    pub tag_reason: Option<TagReason>,
    /// Attributes of the line, by name.
    pub attributes: Vec<(&'t str, &'t str)>,
    /// Whether sold with a security seal.
    pub sealed: Option<bool>,
    /// Whether sold with a protective tape.
    pub taped: Option<bool>,
    /// Kinds of goods inside a set.
    pub contents: &'t [String],
    /// Whether it is a set of several kinds of goods.
    pub set: Option<bool>,
    /// Whether it can be supplied.
    pub available: Option<bool>,
    /// When its dispatch was confirmed.
    pub confirm: EventTime,
    /// When its design was confirmed.
    pub design_confirm: EventTime,
    /// When making began.
    pub production_start: EventTime,
}

impl Line<'_> {
    /// Returns one unit of which nothing else is known.
    #[inline]
    pub(crate) fn unknown() -> Self {
        Self {
            id: CallerId::UNREAD,
            quantity: 1,
            unit_price: None,
            discount: None,
            category: None,
            personalized: None,
            tags: Tags::default(),
            tag_reason: None,
            attributes: Vec::new(),
            sealed: None,
            taped: None,
            contents: &[],
            set: None,
            available: None,
            confirm: EventTime::Unknown,
            design_confirm: EventTime::Unknown,
            production_start: EventTime::Unknown,
        }
    }

    /// Whether the same is known of two lines, whatever their ids.
    pub fn is_like(&self, other: &Self) -> bool {
        // Every field is named, so that none can be forgotten.
        let Self {
            id: _,
            quantity,
            unit_price,
            discount,
            category,
            personalized,
            tags,
            tag_reason,
            attributes,
            sealed,
            taped,
            contents,
            set,
            available,
            confirm,
            design_confirm,
            production_start,
        } = self;
        (*quantity, unit_price, discount) == (other.quantity, &other.unit_price, &other.discount)
            && (category, personalized) == (&other.category, &other.personalized)
            && (tags, tag_reason) == (&other.tags, &other.tag_reason)
            && (attributes, contents) == (&other.attributes, &other.contents)
            && (sealed, taped, set) == (&other.sealed, &other.taped, &other.set)
            && (available, confirm) == (&other.available, &other.confirm)
            && (design_confirm, production_start)
                == (&other.design_confirm, &other.production_start)
    }

    /// Returns unit price by quantity less the line's discount.
    pub fn net_before_order_discount(&self) -> Option<Amount> {
        Some(self.unit_price?.times(self.quantity).less(self.discount?))
    }
}

/// Describes one parcel.
#[derive(Clone, Debug)]
pub struct Shipment<'t> {
    /// The caller's id, unique in the order.
    pub id: CallerId<'t>,
    /// Units of lines inside; `None`: all units of the order.
    pub items: Option<Few<(CallerId<'t>, i32)>>,
    /// When it left the shop.
    pub ship: EventTime,
    /// When it was delivered.
    pub deliver: EventTime,
    /// Who took it over.
    pub receiver: Option<Receiver>,
    /// When the customer took it from a pick-up point.
    pub collect: EventTime,
    /// When delivery was first tried.
    pub first_attempt: EventTime,
    /// When the customer answered the carrier.
    pub attempt_answer: EventTime,
    /// When it arrived back undelivered.
    pub warehouse_return: EventTime,
    /// Zone of the place of delivery.
    pub zone: Option<Zone>,
    /// Whether the caller told it. Units that no parcel lists belong to one that is added
    /// behind those that were told, and of which nothing is known.
    pub named: bool,
}

impl<'t> Shipment<'t> {
    /// Infers what has not happened from what comes first and has not.
    pub(super) fn infer_events(&mut self, place: EventTime) {
        infer(place, &mut self.ship);
        infer(self.ship, &mut self.deliver);
        infer(self.deliver, &mut self.collect);
        infer(self.ship, &mut self.first_attempt);
        infer(self.first_attempt, &mut self.attempt_answer);
        infer(self.ship, &mut self.warehouse_return);
    }

    /// Returns a parcel of which nothing is known.
    #[inline]
    pub fn unknown(id: CallerId<'t>) -> Self {
        Self {
            id,
            items: None,
            ship: EventTime::Unknown,
            deliver: EventTime::Unknown,
            receiver: None,
            collect: EventTime::Unknown,
            first_attempt: EventTime::Unknown,
            attempt_answer: EventTime::Unknown,
            warehouse_return: EventTime::Unknown,
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
            ship,
            deliver,
            receiver,
            collect,
            first_attempt,
            attempt_answer,
            warehouse_return,
            zone,
            named: _,
        } = self;
        (ship, deliver, receiver) == (&other.ship, &other.deliver, &other.receiver)
            && (collect, first_attempt) == (&other.collect, &other.first_attempt)
            && (attempt_answer, zone) == (&other.attempt_answer, &other.zone)
            && *warehouse_return == other.warehouse_return
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
    /// Last day of the promised period.
    pub promise: Option<Day>,
}

/// Describes one payment.
#[derive(Clone, Debug)]
pub struct Payment<'t> {
    /// The caller's id, unique in the order.
    pub id: CallerId<'t>,
    /// What was paid with it.
    pub amount: Amount,
    /// The means.
    pub method: Option<PaymentMethod>,
    /// Who paid; `None`: the buyer.
    pub payer: Option<CallerId<'t>>,
}

/// Describes something that the customer already got.
#[derive(Clone, Debug)]
pub struct EarlierRemedy<'t> {
    /// The line; `None`: order-level money alone.
    pub line: Option<CallerId<'t>>,
    /// Units of the line.
    pub quantity: i32,
    /// What the customer got.
    pub remedy: Remedy,
    /// What was paid out for the units.
    pub amount: Amount,
    /// What was paid out for delivery.
    pub delivery_amount: Amount,
    /// What was paid out for options.
    pub options_amount: Amount,
    /// Whether the units cannot be asked for again; `None`: what the remedy implies.
    pub consumed: Option<bool>,
    /// The reason of the earlier request.
    pub reason: Option<&'t str>,
}

impl EarlierRemedy<'_> {
    /// Whether its units cannot be asked for again.
    pub fn is_consumed(&self) -> bool {
        self.consumed.unwrap_or(match self.remedy {
            Remedy::Exchange
            | Remedy::Replacement
            | Remedy::Repair
            | Remedy::Change
            | Remedy::PriceReduction
            | Remedy::CreditUse => false,
            Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit => true,
        })
    }
}

/// Writes to an event what one that must come first says of it.
fn infer(first: EventTime, second: &mut EventTime) {
    if first == EventTime::NotYet {
        *second = not_before(first, *second);
    }
}

impl<'t> Order<'t> {
    /// Returns an order of which nothing is known.
    #[inline]
    pub(crate) fn unknown() -> Self {
        Self {
            id: CallerId::UNREAD,
            currency: Currency::euro(),
            place: EventTime::Unknown,
            accept: EventTime::Unknown,
            customer: Customer::default(),
            sales_channel: None,
            delivery_region: None,
            charged: None,
            data_complete: None,
            gift: None,
            return_agreed: None,
            fraud_suspected: None,
            tags: Tags::default(),
            attributes: Vec::new(),
            lines: Few::new(),
            shipments: Few::new(),
            options: Vec::new(),
            options_complete: None,
            delivery: Delivery::default(),
            discount: None,
            total_paid: None,
            payments: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// Adds the sole unknown parcel where none is named, and infers what one
    /// event says of the next.
    pub(super) fn complete_shipments(&mut self) {
        if self.shipments.is_empty() {
            self.shipments.push(Shipment::untold(self.id));
        }
        for shipment in &mut self.shipments {
            shipment.infer_events(self.place);
        }
        // Only what has not happened says anything of what comes after.
        if self.place == EventTime::NotYet {
            for line in &mut self.lines {
                infer(self.place, &mut line.confirm);
                infer(self.place, &mut line.production_start);
            }
            infer(self.place, &mut self.accept);
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
