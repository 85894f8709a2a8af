//! Facts of an order and a request that can be unknown, each by its path with values that
//! it can have.

use redress::domain::facts::{PaymentMethod, Tags, Value};
use redress::domain::money::Amount;
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::vocabulary::{Class, Event, Fact, Kind};

use super::told::{Whose, is_day};
use crate::random::{Situation, Words};

/// Gives a fact one of its values, by index.
type Set = Box<dyn Fn(&mut Situation, usize)>;

/// A fact that can be unknown.
pub struct Unknown {
    pub path: String,
    /// Whether it is asked for wherever it matters. Of the others some are only asked for
    /// once an event has happened: they are completed where they are asked for.
    pub given: bool,
    /// Whether the sum of what was paid counts it.
    pub is_amount: bool,
    pub values: usize,
    hide: Box<dyn Fn(&mut Situation)>,
    set: Set,
    is_unknown: Box<dyn Fn(&Situation) -> bool>,
}

impl Unknown {
    /// Makes it unknown.
    pub fn hide(&self, situation: &mut Situation) {
        (self.hide)(situation);
    }

    /// Gives it one of its values, by index.
    pub fn set(&self, situation: &mut Situation, value: usize) {
        (self.set)(situation, value);
    }

    pub fn is_unknown(&self, situation: &Situation) -> bool {
        (self.is_unknown)(situation)
    }
}

/// Lists the facts of a situation.
pub struct Listing<'l> {
    words: &'l Words,
    times: Vec<EventTime>,
    found: Vec<Unknown>,
}

/// Returns the facts of a situation that can be unknown; `periods` are those of its terms,
/// in days.
pub fn unknowns(situation: &Situation, words: &Words, periods: &[i64], zone: Zone) -> Vec<Unknown> {
    let mut listing = Listing {
        words,
        times: times(situation, periods, zone),
        found: Vec::new(),
    };
    for whose in Whose::all(situation) {
        listing.told(whose, situation);
        match whose {
            Whose::Order => listing.order(situation),
            Whose::Line(index) => listing.line(index),
            Whose::Parcel(index) => listing.parcel(index),
            Whose::Request => listing.request(situation),
            Whose::Ask(_) => {}
        }
    }
    listing.found
}

/// Returns times at which an event can have happened: just inside and outside of periods up
/// to the request, and when other events happened.
pub fn times(situation: &Situation, periods: &[i64], zone: Zone) -> Vec<EventTime> {
    let mut instants: Vec<Instant> = Vec::new();
    for act in acts(situation) {
        instants.extend([act.previous(), act, act.next()]);
        for days in periods {
            let elapsed = act.plus_hours(-24 * days);
            let start = zone.day_of(elapsed).start(zone);
            instants.extend([elapsed.previous(), elapsed, start.previous(), start]);
        }
    }
    instants.sort_unstable();
    instants.dedup();
    instants.retain(|at| *at <= situation.decide_time);
    let times = instants.into_iter().map(EventTime::At);
    times.chain([EventTime::NotYet]).collect()
}

/// Returns days on which an event that is told by its day can have been.
fn days(event: Event, situation: &Situation) -> Vec<EventTime> {
    let days: Vec<Day> = match event {
        Event::Birth => {
            let years = [1950, 1990].into_iter().chain(2000..2016);
            years.filter_map(|year| Day::new(year, 5, 5)).collect()
        }
        _ => {
            let zone = Zone::from_name(ZONES[0]).unwrap();
            let asked = zone.day_of(situation.request.request_time);
            (-40..=40).map(|days| asked.plus_days(days)).collect()
        }
    };
    days.into_iter().map(EventTime::On).collect()
}

/// Returns the instants at which something is known to have happened.
fn acts(situation: &Situation) -> Vec<Instant> {
    let Situation {
        order,
        request,
        decide_time,
    } = situation;
    let mut stated = vec![order.facts.event(Event::Place)];
    for parcel in &order.shipments {
        let events = [Event::Ship, Event::Deliver, Event::AttemptAnswer];
        stated.extend(events.map(|event| parcel.facts.event(event)));
    }
    let events = [
        Event::StatementSend,
        Event::FormSend,
        Event::HandOver,
        Event::Receive,
    ];
    stated.extend(events.map(|event| request.facts.event(event)));
    let known = stated.into_iter().filter_map(|time| match time {
        EventTime::At(at) => Some(at),
        _ => None,
    });
    let mut acts: Vec<Instant> = known.chain([*decide_time, request.request_time]).collect();
    acts.sort_unstable();
    acts.dedup();
    acts
}

/// Whether a fact is asked for wherever it matters, or in some cases alone; `None`: it is
/// always told, or never asked for.
fn is_given(fact: Fact) -> Option<bool> {
    let spec = fact.spec();
    match (fact, spec.class) {
        // What happened on the shop's side is always said, and so is what is in a set.
        (Fact::ShopEventKind | Fact::Set, _) => None,
        // Who does not say that it is to be paid out does not ask for that.
        (Fact::Payout, _) => Some(false),
        (_, Class::Given | Class::Selector) => Some(true),
        (_, Class::Finding | Class::Asked) => spec.known_after.map(|_| false),
    }
}

/// Returns values that a fact can have.
fn values(fact: Fact, words: &Words) -> Vec<Value<'static>> {
    let spec = fact.spec();
    let least = spec.at_least.unwrap_or(0);
    match spec.kind {
        Kind::YesNo => vec![Value::YesNo(true), Value::YesNo(false)],
        Kind::OneOf(words) => words.iter().copied().map(Value::Word).collect(),
        Kind::Word => words
            .compared(fact)
            .iter()
            .copied()
            .map(Value::Word)
            .collect(),
        Kind::Number => (least..least + 4).map(Value::Number).collect(),
        Kind::Amount => {
            let amounts = AMOUNTS.iter().copied().map(Amount::from_minor);
            amounts.map(Value::Amount).collect()
        }
    }
}

/// What a fact can come to that is an amount: nothing, a cost, a price, a credit.
const AMOUNTS: [i64; 12] = [
    0, 100, 490, 500, 700, 790, 2500, 3000, 5000, 5900, 9000, 90_000,
];
const COSTS: &[i64] = &[0, 100, 490, 790, 3000];
const ZONES: [&str; 5] = [
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

impl Listing<'_> {
    fn option<T: Clone + 'static>(
        &mut self,
        path: impl Into<String>,
        values: Vec<Option<T>>,
        of: impl Fn(&mut Situation) -> &mut Option<T> + Copy + 'static,
    ) -> &mut Unknown {
        self.found.push(Unknown {
            path: path.into(),
            given: true,
            is_amount: false,
            values: values.len(),
            hide: Box::new(move |situation| *of(situation) = None),
            set: Box::new(move |situation, value| *of(situation) = values[value].clone()),
            is_unknown: Box::new(move |situation| of(&mut situation.clone()).is_none()),
        });
        self.found.last_mut().unwrap()
    }

    fn amount(
        &mut self,
        path: impl Into<String>,
        minor: &[i64],
        of: impl Fn(&mut Situation) -> &mut Option<Amount> + Copy + 'static,
    ) {
        let amounts = minor.iter().copied().map(Amount::from_minor);
        self.option(path, amounts.map(Some).collect(), of).is_amount = true;
    }

    /// Lists the facts and events that somebody has.
    fn told(&mut self, whose: Whose, situation: &Situation) {
        for event in whose.events() {
            let times = match is_day(event) {
                true => days(event, situation),
                false => self.times.clone(),
            };
            self.found.push(Unknown {
                path: whose.path(event.field()),
                // When a customer was born is found, and is not given.
                given: !event.is_to_come() && event != Event::Birth,
                is_amount: false,
                values: times.len(),
                hide: Box::new(move |s| whose.set_event(s, event, EventTime::Unknown)),
                set: Box::new(move |s, value| whose.set_event(s, event, times[value])),
                is_unknown: Box::new(move |s| whose.event(s, event) == EventTime::Unknown),
            });
        }
        for fact in whose.facts() {
            let Some(given) = is_given(fact) else {
                continue;
            };
            let values = values(fact, self.words);
            self.found.push(Unknown {
                path: whose.path(fact.spec().field),
                given,
                is_amount: false,
                values: values.len(),
                hide: Box::new(move |s| whose.set(s, fact, Value::Unknown)),
                set: Box::new(move |s, value| whose.set(s, fact, values[value])),
                is_unknown: Box::new(move |s| !whose.get(s, fact).is_known()),
            });
        }
    }

    fn order(&mut self, situation: &Situation) {
        let zones = ZONES.map(Zone::from_name).to_vec();
        self.option("order.customer.time_zone", zones, |s| {
            &mut s.order.customer_zone
        });
        self.amount("order.delivery.paid", COSTS, |s| &mut s.order.delivery.paid);
        self.amount("order.delivery.standard_cost", COSTS, |s| {
            &mut s.order.delivery.standard_cost
        });
        self.amount("order.discount", &[0, 100, 300, 900], |s| {
            &mut s.order.discount
        });
        for (index, option) in situation.order.options.iter().enumerate() {
            let path = |field: &str| format!("order.options[{index}].{field}");
            self.amount(path("paid"), &[0, 100, 300], move |s| {
                &mut s.order.options[index].paid
            });
            let used = (0..=option.quantity).map(Some).collect();
            self.option(path("used_count"), used, move |s| {
                &mut s.order.options[index].used
            });
        }
        for index in 0..situation.order.payments.len() {
            let path = format!("order.payments[{index}].method");
            let methods = PaymentMethod::ALL.iter().copied().map(Some).collect();
            self.option(path, methods, move |s| &mut s.order.payments[index].method);
        }
        self.tags("order.tags", self.words.order_tags.clone(), |s| {
            &mut s.order.tags
        });
    }

    /// Lists tags, each a fact; all that are not carried are known once one is.
    fn tags(
        &mut self,
        path: &str,
        tags: Vec<&'static str>,
        of: impl Fn(&mut Situation) -> &mut Tags<'static> + Copy + 'static,
    ) {
        for tag in tags {
            self.found.push(Unknown {
                path: format!("{path}[{tag}]"),
                given: true,
                is_amount: false,
                values: 2,
                hide: Box::new(move |s| *of(s) = Tags::default()),
                set: Box::new(move |s, value| {
                    let tags = of(s);
                    let others = tags.words.iter().filter(|word| *word != tag);
                    let mut words: Vec<String> = others.cloned().collect();
                    if value == 0 {
                        words.push(tag.to_owned());
                    }
                    words.sort_unstable();
                    tags.words = Box::leak(words.into_boxed_slice());
                    tags.complete = Some(true);
                }),
                is_unknown: Box::new(move |s| of(&mut s.clone()).complete.is_none()),
            });
        }
    }

    fn line(&mut self, index: usize) {
        let path = |field: &str| format!("order.lines[{index}].{field}");
        self.amount(path("unit_price"), &[700, 2500, 5900, 9000], move |s| {
            &mut s.order.lines[index].unit_price
        });
        self.amount(path("discount"), &[0, 100, 299], move |s| {
            &mut s.order.lines[index].discount
        });
        self.tags(&path("tags"), self.words.tags.clone(), move |s| {
            &mut s.order.lines[index].tags
        });
    }

    fn parcel(&mut self, index: usize) {
        let path = format!("order.shipments[{index}].time_zone");
        let zones = ZONES.map(Zone::from_name).to_vec();
        self.option(path, zones, move |s| &mut s.order.shipments[index].zone);
    }

    /// Lists in which parcels units came.
    fn request(&mut self, situation: &Situation) {
        let parcels: Vec<_> = situation
            .order
            .shipments
            .iter()
            .map(|p| Some(p.id))
            .collect();
        for (line, asked) in situation.request.lines.iter().enumerate() {
            for group in 0..asked.groups.len() {
                let path = format!("request.lines[{line}].groups[{group}].shipment_id");
                self.option(path, parcels.clone(), move |s| {
                    &mut s.request.lines[line].groups[group].shipment
                });
            }
        }
    }
}
