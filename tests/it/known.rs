//! Facts of a random order of a shop that can be hidden, supplied and answered.

use redress::domain::facts::{
    Ask, Channel, CustomerKind, Order, Receiver, Request, Requester, ReturnMethod, SalesChannel,
    TagReason,
};
use redress::domain::money::Amount;
use redress::domain::time::{Day, EventTime, Zone};
use redress::domain::verdict::Values;

use crate::generate::{Seed, instant};
use crate::shops::{self, PLACED};

/// An order with a request about it.
pub type Known = (Order<'static>, Request<'static>);

/// A fact that can be hidden and supplied.
pub struct Fact {
    pub path: &'static str,
    pub hide: fn(&mut Known),
    pub supply: fn(&Known, &mut Known),
    /// Sets it to one of some values; whether it has such values.
    pub answer: fn(&mut Known, &Values, bool) -> bool,
}

/// Facts of an order (`o`) and of a request (`r`), by path and field.
macro_rules! facts {
    ($($path:literal $known:ident $($field:ident).+ $([$place:literal] . $($rest:ident).+)?,)*) => {
        &[$(Fact {
            path: $path,
            hide: |known| hidden(&mut facts!(@ $known known).$($field).+ $([$place].$($rest).+)?),
            supply: |from, to| {
                facts!(@ $known to).$($field).+ $([$place].$($rest).+)? =
                    facts!(@ $known from).$($field).+ $([$place].$($rest).+)?.clone();
            },
            answer: |known, values, late| {
                let value = Unknown::one_of(values, late);
                let is_known = value.is_some();
                if let Some(value) = value {
                    facts!(@ $known known).$($field).+ $([$place].$($rest).+)? = value;
                }
                is_known
            },
        },)*]
    };
    (@ o $of:ident) => { $of.0 };
    (@ r $of:ident) => { $of.1 };
}

/// A value that can be unknown.
trait Unknown: Sized {
    fn unknown() -> Self;

    /// Returns one of some values, of times the earliest or the latest; `None`: it has no
    /// such values.
    fn one_of(values: &Values, late: bool) -> Option<Self>;
}

impl<T: Answered> Unknown for Option<T> {
    fn unknown() -> Self {
        None
    }

    fn one_of(values: &Values, _: bool) -> Option<Self> {
        T::one_of(values).map(Some)
    }
}

impl Unknown for EventTime {
    fn unknown() -> Self {
        Self::Unknown
    }

    fn one_of(values: &Values, late: bool) -> Option<Self> {
        match values {
            Values::NotYet => Some(Self::NotYet),
            Values::Times(start, end) => match (start, end, late) {
                (Some(start), _, false) => Some(Self::At(*start)),
                (_, Some(end), _) => Some(Self::At(end.previous())),
                (Some(start), None, true) => Some(Self::At(start.plus_hours(24 * 3))),
                (None, None, _) => Some(Self::At(instant(PLACED))),
            },
            Values::YesNo(_) | Values::Words { .. } | Values::Numbers(..) => None,
        }
    }
}

/// A value that can be one of those that an answer stands for.
trait Answered: Sized {
    fn one_of(values: &Values) -> Option<Self>;
}

impl Answered for bool {
    fn one_of(values: &Values) -> Option<Self> {
        match values {
            Values::YesNo(yes) => Some(*yes),
            _ => None,
        }
    }
}

impl Answered for &'static str {
    fn one_of(values: &Values) -> Option<Self> {
        match values {
            Values::Words { words, others } => match words.first() {
                Some(word) => Some(word.clone().leak()),
                None => others.then_some("something_else"),
            },
            _ => None,
        }
    }
}

macro_rules! words {
    ($($name:ty),+) => {
        $(impl Answered for $name {
            fn one_of(values: &Values) -> Option<Self> {
                match values {
                    Values::Words { words, .. } => Self::from_word(words.first()?),
                    _ => None,
                }
            }
        })+
    };
}

words!(
    CustomerKind,
    SalesChannel,
    TagReason,
    Receiver,
    Channel,
    Requester,
    ReturnMethod
);

/// What has no list of values.
macro_rules! unlisted {
    ($($name:ty),+) => {
        $(impl Answered for $name {
            fn one_of(_: &Values) -> Option<Self> {
                None
            }
        })+
    };
}

unlisted!(Amount, Zone, Day);

fn hidden<T: Unknown>(field: &mut T) {
    *field = T::unknown();
}

pub const FACTS: &[Fact] = facts![
    "order.customer.kind" o customer.kind,
    "order.gift" o gift,
    "order.return_agreed" o return_agreed,
    "order.sales_channel" o sales_channel,
    "order.data_complete" o data_complete,
    "order.place_time" o place,
    "order.discount" o discount,
    "order.options_complete" o options_complete,
    "order.delivery.paid" o delivery.paid,
    "order.delivery.standard_cost" o delivery.standard_cost,
    "order.delivery.promise_date" o delivery.promise,
    "order.lines[0].unit_price" o lines[0].unit_price,
    "order.lines[0].discount" o lines[0].discount,
    "order.lines[0].category" o lines[0].category,
    "order.lines[0].personalized" o lines[0].personalized,
    "order.lines[0].tag_reason" o lines[0].tag_reason,
    "order.lines[0].available" o lines[0].available,
    "order.lines[0].set" o lines[0].set,
    "order.lines[0].confirm_time" o lines[0].confirm,
    "order.lines[0].design_confirm_time" o lines[0].design_confirm,
    "order.lines[0].production_start_time" o lines[0].production_start,
    "order.shipments[0].ship_time" o shipments[0].ship,
    "order.shipments[0].deliver_time" o shipments[0].deliver,
    "order.shipments[0].collect_time" o shipments[0].collect,
    "order.shipments[0].first_attempt_time" o shipments[0].first_attempt,
    "order.shipments[0].attempt_answer_time" o shipments[0].attempt_answer,
    "order.shipments[0].receiver" o shipments[0].receiver,
    "order.shipments[0].time_zone" o shipments[0].zone,
    "request.requester" r requester,
    "request.channel" r channel,
    "request.order_number_quoted" r order_number_quoted,
    "request.statement_clear" r statement_clear,
    "request.statement_send_time" r statement_send,
    "request.form_send_time" r form_send,
    "request.journey.method" r journey.method,
    "request.evidence.description" r evidence.description,
];

/// Whether a fact says what is asked for by a path.
pub fn says(fact: &str, asked: &str) -> bool {
    match fact {
        // What is listed of a set is all of it, and so it is with options.
        "order.lines[0].set" => asked.starts_with("order.lines[0].contents[") || asked == fact,
        "order.options_complete" => asked.starts_with("order.options[") || asked == fact,
        fact => asked == fact,
    }
}

#[test]
fn facts_can_be_hidden_and_supplied() {
    let mut seed = Seed::new(1);
    let now = instant(PLACED).plus_hours(200);
    let whole = (
        shops::order(&mut seed, now),
        shops::request(&mut seed, now, Ask::Withdrawal),
    );
    let shown = |known: &Known| format!("{known:?}");
    for fact in FACTS {
        let mut known = whole.clone();
        (fact.hide)(&mut known);
        assert_ne!(shown(&known), shown(&whole), "{} is unknown", fact.path);
        (fact.supply)(&whole, &mut known);
        assert_eq!(shown(&known), shown(&whole), "{}", fact.path);
    }
}
