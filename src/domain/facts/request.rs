//! The request: what is asked, about which units, and what is known of them.

use crate::domain::facts::{
    Action, Cause, ChangeKind, Channel, ClaimKind, DefectFinding, DeliveryProblemKind, Remedy,
    Requester, ReturnMethod, ShopEventKind, TextAuthor,
};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::money::Amount;
use crate::domain::time::{EventTime, Instant};

/// Describes a request. `None` means unknown throughout.
#[derive(Clone, Debug)]
pub struct Request<'t> {
    /// The caller's id of the case, echoed.
    pub claim_id: Option<CallerId<'t>>,
    /// When it reached the shop.
    pub request_time: Instant,
    /// When the statement was sent.
    pub statement_send: EventTime,
    /// When the prescribed form was sent.
    pub form_send: EventTime,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Who asks.
    pub requester: Option<Requester>,
    /// Whether the order number was quoted.
    pub order_number_quoted: Option<bool>,
    /// Whether the statement is clear.
    pub statement_clear: Option<bool>,
    /// The units it is about, each line once.
    pub lines: Few<RequestLine<'t>>,
    /// The remedy wished for.
    pub wants: Option<Remedy>,
    /// What was supplied.
    pub evidence: Evidence,
    /// The goods' way back.
    pub journey: Journey,
    /// What the shop did about it.
    pub response: Response,
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
    #[inline]
    pub(crate) fn unknown(request_time: Instant) -> Self {
        Self {
            claim_id: None,
            request_time,
            statement_send: EventTime::Unknown,
            form_send: EventTime::Unknown,
            channel: None,
            requester: None,
            order_number_quoted: None,
            statement_clear: None,
            lines: Few::new(),
            wants: None,
            evidence: Evidence::default(),
            journey: Journey::default(),
            response: Response::default(),
            unavailable: &[],
            ask: Ask::Withdrawal,
        }
    }
}

/// Lists of which one answer can serve all elements, by how paths of an element begin, and
/// how those of all do.
pub const SHARED: [(&str, &str); 3] = [
    ("order.lines[", "order.all_lines"),
    ("order.shipments[", "order.all_shipments"),
    ("request.lines[", "request.all_units"),
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
    #[inline]
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
    /// Their state.
    pub condition: Condition,
    /// What an examination found.
    pub finding: Finding,
}

impl UnitGroup<'_> {
    /// Returns one unit of which nothing else is known.
    #[inline]
    pub(crate) fn unknown() -> Self {
        Self {
            quantity: 1,
            shipment: None,
            condition: Condition::default(),
            finding: Finding::default(),
        }
    }
}

/// Describes the state of units on inspection.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// Worn or used.
    pub worn: Option<bool>,
    /// Altered.
    pub altered: Option<bool>,
    /// Damaged.
    pub damaged: Option<bool>,
    /// Stained or dirty.
    pub stained: Option<bool>,
    /// All that was delivered is there, and nothing else.
    pub contents_complete: Option<bool>,
    /// Original packaging complete.
    pub packaging_complete: Option<bool>,
    /// Labels present.
    pub labels_present: Option<bool>,
    /// Accessories present.
    pub accessories_present: Option<bool>,
    /// Security seal intact.
    pub seal_intact: Option<bool>,
    /// Protective tape in place.
    pub tape_present: Option<bool>,
    /// What is wrong was caused by the customer.
    pub customer_fault: Option<bool>,
}

/// Describes what an examination found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// About the claimed defect.
    pub defect: Option<DefectFinding>,
    /// Damaged, defective or wrong at delivery.
    pub defect_at_delivery: Option<bool>,
    /// Handled more than needed to check features and function.
    pub used_beyond_testing: Option<bool>,
    /// Cost of deterioration, all units of the group.
    pub deterioration: Option<Amount>,
    /// Loss of value by handling, all units of the group.
    pub value_loss: Option<Amount>,
    /// The shop followed the customer's instructions.
    pub instructions_followed: Option<bool>,
}

/// Says what was supplied.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Photos.
    pub photos: Option<bool>,
    /// A description.
    pub description: Option<bool>,
    /// Name and address.
    pub personal_data: Option<bool>,
    /// The enclosed form or note.
    pub return_form: Option<bool>,
}

/// Describes the goods' way back.
#[derive(Clone, Debug)]
pub struct Journey {
    /// How they travel.
    pub method: Option<ReturnMethod>,
    /// When they were handed over.
    pub hand_over: EventTime,
    /// When proof of sending came.
    pub proof: EventTime,
    /// When they reached the shop.
    pub receive: EventTime,
    /// What the way cost the customer.
    pub paid: Option<Amount>,
    /// Whether the carriage is to be paid on arrival.
    pub freight_collect: Option<bool>,
    /// In how many parcels.
    pub parcel_count: Option<i32>,
    /// Whether sent to the address of the terms.
    pub address_correct: Option<bool>,
    /// Whether lost.
    pub lost: Option<bool>,
    /// When the shop asked for them.
    pub shop_request: EventTime,
    /// When the shop collected them.
    pub shop_collect: EventTime,
    /// What the collection cost.
    pub collection_cost: Option<Amount>,
    /// What an undelivered parcel's way back cost.
    pub undelivered_cost: Option<Amount>,
}

impl Default for Journey {
    #[inline]
    fn default() -> Self {
        Self {
            method: None,
            hand_over: EventTime::Unknown,
            proof: EventTime::Unknown,
            receive: EventTime::Unknown,
            paid: None,
            freight_collect: None,
            parcel_count: None,
            address_correct: None,
            lost: None,
            shop_request: EventTime::Unknown,
            shop_collect: EventTime::Unknown,
            collection_cost: None,
            undelivered_cost: None,
        }
    }
}

/// Describes what the shop did about a request.
#[derive(Clone, Debug)]
pub struct Response {
    /// Customer service confirmed it.
    pub confirmed: Option<bool>,
    /// When the confirming mail was sent.
    pub confirm_mail: EventTime,
    /// The parcel was inspected and accepted.
    pub return_accepted: Option<bool>,
}

impl Default for Response {
    #[inline]
    fn default() -> Self {
        Self {
            confirmed: None,
            confirm_mail: EventTime::Unknown,
            return_accepted: None,
        }
    }
}

/// Holds what is asked for, with the facts of that action.
#[derive(Clone, Debug)]
pub enum Ask<'t> {
    /// A return.
    Return {
        /// The reason, in the policy's words.
        reason: Option<&'t str>,
    },
    /// A withdrawal.
    Withdrawal,
    /// An exchange.
    Exchange {
        /// The reason, in the policy's words.
        reason: Option<&'t str>,
        /// Price of one unit of the wanted goods.
        wanted_unit_price: Option<Amount>,
        /// Whether they can be supplied.
        wanted_available: Option<bool>,
    },
    /// A cancellation.
    Cancellation {
        /// The reason, in the policy's words.
        reason: Option<&'t str>,
    },
    /// A change of the order.
    Change {
        /// What is to be changed.
        kind: Option<ChangeKind>,
    },
    /// A claim.
    Claim {
        /// What is wrong.
        kind: Option<ClaimKind>,
        /// The kind of defect, in the policy's words.
        defect_type: Option<&'t str>,
        /// Language of a disputed text.
        text_language: Option<&'t str>,
        /// Whether a disputed translation was free.
        translation_free: Option<bool>,
        /// Who typed a disputed text.
        text_author: Option<TextAuthor>,
        /// Whether the courier was told at delivery.
        courier_informed: Option<bool>,
    },
    /// A delivery problem.
    DeliveryProblem {
        /// What went wrong.
        kind: Option<DeliveryProblemKind>,
        /// Whose doing it is.
        cause: Option<Cause>,
        /// Whether a refused parcel was visibly damaged.
        visibly_damaged: Option<bool>,
        /// Whether the address was corrected in time and confirmed.
        address_corrected: Option<bool>,
    },
    /// The use of a credit.
    CreditUse {
        /// The credit that is left.
        credit: Option<Amount>,
        /// When the order to be paid was placed.
        next_order: EventTime,
        /// When the goods that the credit stands for came back.
        goods_receive: EventTime,
        /// Whether it is to be paid out in money.
        payout: Option<bool>,
    },
    /// An event on the shop's side.
    ShopEvent {
        /// What happened.
        kind: ShopEventKind,
        /// When the shop asked about the address.
        address_query: EventTime,
        /// When the customer answered.
        address_answer: EventTime,
        /// When the shop cancelled the order.
        cancel: EventTime,
    },
}

impl Ask<'_> {
    /// Returns the credit that is to be used; `None`: not known, or another action.
    pub const fn credit(&self) -> Option<Amount> {
        match self {
            Self::CreditUse { credit, .. } => *credit,
            _ => None,
        }
    }

    /// Returns the action.
    pub const fn action(&self) -> Action {
        match self {
            Self::Return { .. } => Action::Return,
            Self::Withdrawal => Action::Withdrawal,
            Self::Exchange { .. } => Action::Exchange,
            Self::Cancellation { .. } => Action::Cancellation,
            Self::Change { .. } => Action::Change,
            Self::Claim { .. } => Action::Claim,
            Self::DeliveryProblem { .. } => Action::DeliveryProblem,
            Self::CreditUse { .. } => Action::CreditUse,
            Self::ShopEvent { .. } => Action::ShopEvent,
        }
    }

    /// Returns an ask of this action of which nothing else is known; `None` for
    /// a shop event, which always says what happened.
    pub const fn unknown(action: Action) -> Option<Self> {
        Some(match action {
            Action::Return => Self::Return { reason: None },
            Action::Withdrawal => Self::Withdrawal,
            Action::Exchange => Self::Exchange {
                reason: None,
                wanted_unit_price: None,
                wanted_available: None,
            },
            Action::Cancellation => Self::Cancellation { reason: None },
            Action::Change => Self::Change { kind: None },
            Action::Claim => Self::Claim {
                kind: None,
                defect_type: None,
                text_language: None,
                translation_free: None,
                text_author: None,
                courier_informed: None,
            },
            Action::DeliveryProblem => Self::DeliveryProblem {
                kind: None,
                cause: None,
                visibly_damaged: None,
                address_corrected: None,
            },
            Action::CreditUse => Self::CreditUse {
                credit: None,
                next_order: EventTime::Unknown,
                goods_receive: EventTime::Unknown,
                payout: None,
            },
            Action::ShopEvent => return None,
        })
    }
}
