//! What terms say of money: a closed arithmetic, and in what each amount counts once.

use crate::domain::facts::PaymentMethod;
use crate::domain::money::{Amount, Currency, Rounding};
use crate::domain::vocabulary::{Event, Fact};

use super::Events;

/// States what units are worth under an entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Worth {
    /// What was paid for them.
    Paid,
    /// No money moves.
    Nothing,
    /// The credit that the request states.
    Credit,
    /// What is said of them, at most what they can still pay. It counts by row or unit.
    Said(Box<Sum>),
}

/// States an amount that is granted, taken off, charged or paid back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    /// Code of its item, by which earlier remedies remember it; empty: none.
    pub code: String,
    /// How much.
    pub formula: Formula,
    /// In what it counts once.
    pub scope: Scope,
}

/// Names in what an amount counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In the units of a row, in proportion: units before them had their part.
    Row,
    /// In each unit.
    Unit,
    /// In a line, whichever of its units come first.
    Line,
    /// In the group of a line, likewise.
    Group,
    /// In a parcel.
    Parcel,
    /// In a parcel in which goods come back; units that name none have one in common.
    ReturnParcel,
    /// In a request.
    Request,
    /// In the order, whichever of its units come first.
    Order,
}

impl Scope {
    /// The names of those that a policy can write.
    pub const WORDS: &[&str] = &[
        "unit",
        "line",
        "group",
        "parcel",
        "return_parcel",
        "request",
        "order",
    ];

    /// Returns the scope with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "unit" => Some(Self::Unit),
            "line" => Some(Self::Line),
            "group" => Some(Self::Group),
            "parcel" => Some(Self::Parcel),
            "return_parcel" => Some(Self::ReturnParcel),
            "request" => Some(Self::Request),
            "order" => Some(Self::Order),
            _ => None,
        }
    }

    /// Whether it is worked out row by row.
    pub const fn is_of_row(self) -> bool {
        matches!(self, Self::Row | Self::Unit)
    }

    /// Whether an earlier request can have taken it.
    pub const fn is_remembered(self) -> bool {
        matches!(self, Self::Line | Self::Group | Self::Parcel | Self::Order)
    }
}

/// States how much: the closed arithmetic of money.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Formula {
    /// A fixed amount in a currency.
    Fixed(Amount, Currency),
    /// An amount that the facts state.
    Stated(Fact),
    /// Hundredths of a per cent of a base.
    Percent(u32, Base, Rounding),
    /// A part of a base: as many of the whole as are counted, or all others.
    Part {
        /// What is parted.
        of: Base,
        /// How many are used.
        used: Count,
        /// How many there are.
        whole: Count,
        /// Whether the part is what is not used.
        unused: bool,
    },
    /// So many times as are counted.
    Times(Box<Formula>, Count),
    /// The greatest of several.
    Greatest(Vec<Formula>),
    /// The least of several.
    Least(Vec<Formula>),
    /// All of several.
    All(Vec<Formula>),
}

/// Names what a part is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// What the units can still pay.
    Paid,
    /// What the units cost before discounts.
    Price,
    /// What was paid for delivery.
    Delivery,
    /// What the cheapest ordinary delivery would have cost.
    StandardDelivery,
    /// The discounts on units that the customer keeps, in the line, the group or the order.
    KeptDiscount,
    /// An amount that the facts state.
    Stated(Fact),
}

/// States how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// A number that the facts state.
    Stated(Fact),
    /// Periods from one event to another; none where the second comes first.
    Periods {
        /// The event from which they count.
        from: Event,
        /// The event up to which they count.
        to: Event,
        /// How long one is.
        every: Every,
        /// Whether a period that has begun counts as one.
        begun: bool,
    },
    /// What a number that the facts state is above an allowance; nothing where it is not.
    Beyond(Fact, Allowance),
}

/// States how much is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Allowance {
    /// A number.
    Number(u32),
    /// Hundredths of a per cent of another number that the facts state, rounded down.
    Share(u32, Fact),
    /// So many for each period from one event to another.
    Each(u32, (Event, Event), Every, bool),
}

/// States how long a period is that is counted; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Every {
    /// Elapsed hours.
    Hours(u32),
    /// Local days: the day of the first event is day 0.
    Days(u32),
    /// Months of the calendar, clamped to their end.
    Months(u32),
}

impl Formula {
    /// Calls `visit` with this formula and all that it is made of.
    fn walk<'f>(&'f self, visit: &mut impl FnMut(&'f Self)) {
        visit(self);
        match self {
            Self::Fixed(..) | Self::Stated(_) | Self::Percent(..) | Self::Part { .. } => {}
            Self::Times(of, _) => of.walk(visit),
            Self::Greatest(of) | Self::Least(of) | Self::All(of) => {
                for each in of {
                    each.walk(visit);
                }
            }
        }
    }

    /// Returns the bases that it takes a part of.
    pub fn bases(&self) -> Vec<Base> {
        let mut bases = Vec::new();
        self.walk(&mut |formula| match formula {
            Self::Percent(_, of, _) | Self::Part { of, .. } => bases.push(*of),
            Self::Fixed(..)
            | Self::Stated(_)
            | Self::Times(..)
            | Self::Greatest(_)
            | Self::Least(_)
            | Self::All(_) => {}
        });
        bases
    }

    /// Returns what it counts.
    pub fn counts(&self) -> Vec<Count> {
        let mut counts = Vec::new();
        self.walk(&mut |formula| match formula {
            Self::Times(_, count) => counts.push(*count),
            Self::Part { used, whole, .. } => counts.extend([*used, *whole]),
            Self::Fixed(..)
            | Self::Stated(_)
            | Self::Percent(..)
            | Self::Greatest(_)
            | Self::Least(_)
            | Self::All(_) => {}
        });
        counts
    }

    /// Returns the facts that it reads.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        self.walk(&mut |formula| {
            if let Self::Stated(fact) = formula {
                facts.push(*fact);
            }
        });
        facts.extend(self.bases().into_iter().filter_map(|base| match base {
            Base::Stated(fact) => Some(fact),
            Base::Paid
            | Base::Price
            | Base::Delivery
            | Base::StandardDelivery
            | Base::KeptDiscount => None,
        }));
        facts.extend(self.counts().into_iter().filter_map(|count| match count {
            Count::Stated(fact) | Count::Beyond(fact, _) => Some(fact),
            Count::Periods { .. } => None,
        }));
        facts.extend(self.counts().into_iter().filter_map(|count| match count {
            Count::Beyond(_, Allowance::Share(_, of)) => Some(of),
            Count::Stated(_) | Count::Periods { .. } | Count::Beyond(..) => None,
        }));
        facts
    }

    /// Whether it looks at the units that the customer keeps.
    pub fn looks_at_kept_units(&self) -> bool {
        let discount = |base: &Base| *base == Base::KeptDiscount;
        self.bases().iter().any(discount) || self.facts().into_iter().any(Fact::is_of_kept_units)
    }

    /// Returns the events that it counts from and to.
    pub fn events(&self) -> Events {
        let counts = self.counts();
        counts.iter().fold(0, |set, count| match count {
            Count::Stated(_) => set,
            Count::Periods { from, to, .. }
            | Count::Beyond(_, Allowance::Each(_, (from, to), ..)) => set | from.bit() | to.bit(),
            Count::Beyond(..) => set,
        })
    }

    /// Whether it names a fixed amount in another currency than this one.
    pub fn is_foreign(&self, ours: Currency) -> bool {
        match self {
            // Nearly all are made of one step.
            Self::Fixed(_, theirs) => *theirs != ours,
            Self::Stated(_) | Self::Percent(..) | Self::Part { .. } => false,
            Self::Times(of, _) => of.is_foreign(ours),
            Self::Greatest(of) | Self::Least(of) | Self::All(of) => {
                of.iter().any(|of| of.is_foreign(ours))
            }
        }
    }

    /// Whether it comes to nothing, whatever the facts are.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Fixed(amount, _) => amount.is_zero(),
            Self::Percent(points, ..) => *points == 0,
            Self::Stated(_) | Self::Part { .. } => false,
            Self::Times(of, _) => of.is_nothing(),
            Self::Greatest(of) | Self::All(of) => of.iter().all(Self::is_nothing),
            Self::Least(of) => of.iter().any(Self::is_nothing),
        }
    }

    /// Whether it comes to the same whatever the units cost.
    pub fn is_flat(&self) -> bool {
        let of_units = |base: &Base| matches!(base, Base::Paid | Base::Price);
        !self.bases().iter().any(of_units)
    }

    /// Whether it is in proportion to what the units cost, so that parts of it add up.
    pub fn is_proportional(&self) -> bool {
        match self {
            Self::Fixed(..) | Self::Stated(_) => false,
            Self::Percent(_, of, _) | Self::Part { of, .. } => {
                matches!(of, Base::Paid | Base::Price)
            }
            Self::Times(of, _) => of.is_proportional(),
            Self::Greatest(of) | Self::Least(of) | Self::All(of) => {
                of.iter().all(Self::is_proportional)
            }
        }
    }
}

/// States what of the delivery paid comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryShare {
    /// Nothing.
    None,
    /// All that was paid, when the order is whole.
    Paid,
    /// The lower of what was paid and the standard cost, when the order is whole.
    Standard,
    /// All that was paid, for a part of the order too.
    PaidAlways,
}

/// Names what becomes of the difference where wanted goods cost less than those that come
/// back, the least for the customer first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cheaper {
    /// The shop keeps it; the default.
    #[default]
    Kept,
    /// It becomes credit.
    Credit,
    /// It is paid back.
    Refund,
}

/// Names who gets money.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payee {
    /// Who paid, payment by payment; the default.
    Payer,
    /// Who bought, whoever asks and whoever paid.
    Buyer,
    /// Somebody else, by a code of the policy.
    ThirdParty(String),
}

/// States to which payments money goes back; by default to all in proportion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BackTo {
    /// Means of which payments get their money back before others, in this order.
    pub first: Vec<PaymentMethod>,
    /// Whether the customer chooses.
    pub chosen: bool,
    /// Another means to which all of it goes, unless the customer chooses; `None`: back to the
    /// payments.
    pub means: Option<PaymentMethod>,
}
