//! The request: what is asked, about which units, and what is known of them.

use crate::domain::facts::{
    Action, ActionFacts, PaymentMethod, Remedy, RequestFacts, UnitsFacts, Value,
};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::Amount;
use crate::domain::path::{Field, Owner};
use crate::domain::time::{EventTime, Instant};
use crate::domain::vocabulary::{Event, Fact};

/// Describes a request. `None` means unknown throughout.
#[derive(Clone, Debug)]
pub struct Request<'t> {
    /// The caller's id of the case, echoed.
    pub claim_id: Option<CallerId<'t>>,
    /// When it reached the shop.
    pub request_time: Instant,
    /// What is told of it, the return shipment and what the shop did.
    pub facts: RequestFacts<'t>,
    /// The parcels in which goods come back that do not all travel in one.
    pub return_parcels: Vec<ReturnParcel<'t>>,
    /// The units it is about, each line once.
    pub lines: Few<RequestLine<'t>>,
    /// The remedy wished for.
    pub wants: Option<Remedy>,
    /// Where the customer wants money to go; `None`: nowhere that was named.
    pub payout: Option<PayoutWish<'t>>,
    /// Paths of facts that nobody can tell; of all lines, parcels or units with `all_lines`
    /// and its like in place of the element.
    pub unavailable: &'t [String],
    /// What is asked for.
    pub ask: Ask<'t>,
}

impl Request<'_> {
    /// Whether nobody can tell the fact at a path, itself or with all of its kind.
    pub fn is_unavailable(&self, path: &str) -> bool {
        if self.unavailable.is_empty() {
            return false;
        }
        let of_all = of_all(path);
        let mut unavailable = self.unavailable.iter();
        unavailable.any(|known| known == path || Some(known) == of_all.as_ref())
    }

    /// Returns a request of which nothing is known but when it reached the shop.
    pub(crate) fn unknown(request_time: Instant) -> Self {
        Self {
            claim_id: None,
            request_time,
            facts: RequestFacts::UNKNOWN,
            return_parcels: Vec::new(),
            lines: Few::new(),
            wants: None,
            payout: None,
            unavailable: &[],
            ask: Ask::of(Action::Withdrawal),
        }
    }
}

/// Describes one of several parcels in which goods come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnParcel<'t> {
    /// The caller's own id.
    pub id: CallerId<'t>,
    /// What is told of its return shipment, and nothing else of a request.
    pub facts: RequestFacts<'t>,
}

/// Names where a customer wants money to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutWish<'t> {
    /// Back to a payment first.
    Payment(CallerId<'t>),
    /// To another means.
    Means(PaymentMethod),
}

/// Lists of which one answer can serve all elements, by how paths of an element begin, and
/// how those of all do.
pub const SHARED: [(&str, &str); 4] = [
    ("order.lines[", "order.all_lines"),
    ("order.shipments[", "order.all_shipments"),
    ("request.lines[", "request.all_units"),
    // What holds for all return parcels is said of the request.
    ("request.return_parcels[", "request"),
];

/// Returns the path that says the same of all lines, parcels or units; `None`: the path is
/// of none of them.
pub fn of_all(path: &str) -> Option<String> {
    SHARED.iter().find_map(|(one, all)| {
        let (_, rest) = path.strip_prefix(one)?.split_once("].")?;
        let rest = match rest.strip_prefix("groups[") {
            Some(rest) => rest.split_once("].")?.1,
            None => rest,
        };
        Some(format!("{all}.{rest}"))
    })
}

/// Names units of one line.
#[derive(Clone, Debug)]
pub struct RequestLine<'t> {
    /// A line of the order.
    pub line: CallerId<'t>,
    /// Groups of units that share their facts, at least one.
    pub groups: Few<UnitGroup<'t>>,
}

impl RequestLine<'_> {
    /// Returns a line of which no units are named.
    pub(crate) const fn unknown() -> Self {
        Self {
            line: CallerId::UNREAD,
            groups: Few::new(),
        }
    }
}

/// Describes units that share parcel, condition and finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitGroup<'t> {
    /// Units, at least 1.
    pub quantity: i32,
    /// The parcel they came in.
    pub shipment: Option<CallerId<'t>>,
    /// Their condition, and what an examination found.
    pub facts: UnitsFacts<'t>,
    /// The parcel in which they come back; `None`: none that the request lists.
    pub return_parcel: Option<CallerId<'t>>,
    /// What is wanted in exchange for them; `None`: what the action says.
    pub wanted: Option<Box<WantedGoods<'t>>>,
}

/// Describes what is wanted in exchange for units; what is `None` is as the action says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedGoods<'t> {
    /// The caller's own id of the goods.
    pub item: Option<CallerId<'t>>,
    /// Price of one unit.
    pub unit_price: Option<Amount>,
    /// Whether they can be supplied.
    pub available: Option<bool>,
    /// Whether they are the same product, in another size or colour.
    pub same_product: Option<bool>,
}

impl WantedGoods<'_> {
    /// Returns what is said of a fact of the action for these goods alone; `None`: nothing.
    pub fn said(&self, fact: Fact) -> Option<Value<'static>> {
        match fact {
            Fact::WantedUnitPrice => self.unit_price.map(Value::Amount),
            Fact::WantedAvailable => self.available.map(Value::YesNo),
            Fact::WantedSameProduct => self.same_product.map(Value::YesNo),
            _ => None,
        }
    }
}

impl UnitGroup<'_> {
    /// Returns one unit of which nothing else is known.
    pub(crate) fn unknown() -> Self {
        Self {
            quantity: 1,
            shipment: None,
            facts: UnitsFacts::UNKNOWN,
            return_parcel: None,
            wanted: None,
        }
    }
}

/// Holds what is asked for, with the facts of that action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask<'t> {
    /// The action.
    pub action: Action,
    /// What is told of it.
    pub facts: ActionFacts<'t>,
}

impl<'t> Ask<'t> {
    /// Returns an ask of an action of which nothing else is known.
    pub const fn of(action: Action) -> Self {
        Self {
            action,
            facts: ActionFacts::UNKNOWN,
        }
    }

    /// Whether a field is of the action that is asked for.
    fn has(&self, field: Field) -> bool {
        matches!(field.owner(), Owner::Action(action) if action == self.action)
    }

    /// Returns what is told of a fact; of another action it is unknown.
    pub fn get(&self, fact: Fact) -> Value<'t> {
        match self.has(fact.spec().field) {
            true => self.facts.get(fact),
            false => Value::Unknown,
        }
    }

    /// Says what is known of a fact, if it is of this action.
    pub fn set(&mut self, fact: Fact, value: Value<'t>) {
        if self.has(fact.spec().field) {
            self.facts.set(fact, value);
        }
    }

    /// Returns what is told of an event; of another action it is unknown.
    pub fn event(&self, event: Event) -> EventTime {
        match self.has(event.field()) {
            true => self.facts.event(event),
            false => EventTime::Unknown,
        }
    }

    /// Says what is known of an event, if it is of this action.
    pub fn set_event(&mut self, event: Event, time: EventTime) {
        if self.has(event.field()) {
            self.facts.set_event(event, time);
        }
    }
}
