//! Reads completed facts for one row: each fact by its name, each event by its time.
//!
//! A finding that nobody has told is `None`. A given fact that nobody has told is noted:
//! what comes of the row is then not this interpreter's business.

use redress::domain::facts::{EarlierRemedy, Line, RequestFacts, Shipment, UnitGroup, Value};
use redress::domain::money::Amount;
use redress::domain::path::{Field, Owner};
use redress::domain::time::{EventTime, Instant};
use redress::domain::vocabulary::{Class, Event, Fact};
use redress::policy::terms::FactRef;

use super::Oracle;
use super::worth::Worths;

impl<'a> Oracle<'a> {
    pub fn line(&self) -> &'a Line<'a> {
        &self.facts.order().lines[self.row.line]
    }

    pub fn group(&self) -> &'a UnitGroup<'a> {
        &self.facts.request().lines[self.row.request_line].groups[self.row.group]
    }

    /// The parcel of the row: the one that is named, or the only one that can be.
    pub fn parcel(&self) -> Option<&'a Shipment<'a>> {
        let order = self.facts.order();
        let of_line = |parcel: &Shipment<'_>| {
            let items = parcel.items.as_ref();
            items.is_none_or(|items| items.iter().any(|(line, _)| *line == self.line().id))
        };
        match self.group().shipment {
            Some(named) => order.shipments.iter().find(|parcel| parcel.id == named),
            None => {
                let mut parcels = order.shipments.iter().filter(|parcel| of_line(parcel));
                parcels.next().filter(|_| parcels.next().is_none())
            }
        }
    }

    pub fn zone_of_parcel(&self) -> Option<redress::domain::time::Zone> {
        self.parcel()?.zone
    }

    /// Passes a value on, and notes a given fact without one.
    fn told<T>(&self, fact: Fact, value: Option<T>) -> Option<T> {
        if value.is_none() && fact.spec().class != Class::Finding {
            self.untold.set(Some(fact.spec().name));
        }
        value
    }

    /// Whether an option is bought for the line: one that names no line is for all.
    fn options(&self, code: &str) -> impl Iterator<Item = (i32, Option<i32>)> {
        let line = self.line().id;
        let options = self.facts.order().options.iter();
        options
            .filter(move |o| o.code == code && (o.lines.is_empty() || o.lines.contains(&line)))
            .map(|o| (o.quantity, o.used))
    }

    /// The uses of an option that are left for the line; `None`: not told.
    pub fn uses_left(&self, code: &str) -> Option<i64> {
        if self.uses.is_some() {
            return self.uses;
        }
        let left = |(quantity, used): (i32, Option<i32>)| Some(i64::from(quantity - used?));
        self.options(code).map(left).sum()
    }

    pub fn yes_no(&self, named: &FactRef) -> Option<bool> {
        let (order, line) = (self.facts.order(), self.line());
        let word = named.word.as_deref().unwrap_or_default();
        let some = |fact| self.stored(fact).amount().map(|a| !a.is_zero());
        let spoken_of = |fact| self.stored(fact).is_known().then_some(true);
        let stored = self.stored(named.fact).yes_no();
        let value = match named.fact {
            Fact::OrderTag => order.tags.has(word),
            Fact::Option => Some(self.options(word).next().is_some()),
            Fact::PaidWith => {
                let mut means = order.payments.iter().map(|p| p.method);
                Some(means.any(|m| m.is_some_and(|m| m.word() == word)))
            }
            Fact::Tag => line.tags.has(word),
            // Whose seal is looked at was sold with one, where nobody says otherwise.
            Fact::Sealed => stored.or(spoken_of(Fact::SealIntact)),
            Fact::Contains => Some(line.contents.iter().any(|c| c == word)),
            Fact::Deteriorated => some(Fact::Deterioration),
            Fact::ValueLost => some(Fact::ValueLoss),
            Fact::FormSent => match self.facts.request().facts.event(Event::FormSend) {
                EventTime::At(_) => Some(true),
                EventTime::NotYet => Some(false),
                _ => None,
            },
            Fact::WholeOrder => Some(self.asks_for_all()),
            Fact::WholeGroup => Some(self.group_units().1 == 0),
            _ => stored,
        };
        self.told(named.fact, value)
    }

    /// What is told of the request; of the return shipment, that of the parcel which the units name.
    fn way_of(&self, field: Field) -> &'a RequestFacts<'a> {
        let request = self.facts.request();
        let named = match field.to_string().starts_with("request.journey.") {
            true => self.group().return_parcel,
            false => None,
        };
        let mut parcels = request.return_parcels.iter();
        let parcel = named.and_then(|id| parcels.find(|parcel| parcel.id == id));
        parcel.map_or(&request.facts, |parcel| &parcel.facts)
    }

    /// What is told of a fact of the row's own line, parcel and units.
    fn stored(&self, fact: Fact) -> Value<'a> {
        let (order, request) = (self.facts.order(), self.facts.request());
        match fact.spec().field.owner() {
            Owner::Order => order.facts.get(fact),
            Owner::Line => self.line().facts.get(fact),
            Owner::Parcel => self.parcel().map_or(Value::Unknown, |p| p.facts.get(fact)),
            Owner::Units => self.group().facts.get(fact),
            Owner::Request => self.way_of(fact.spec().field).get(fact),
            Owner::Action(_) => request.ask.get(fact),
        }
    }

    /// What is told of an event of the row's own line, parcel and units.
    pub fn stored_event(&self, event: Event) -> EventTime {
        let (order, request) = (self.facts.order(), self.facts.request());
        match event.field().owner() {
            Owner::Order => order.facts.event(event),
            Owner::Line => self.line().facts.event(event),
            Owner::Parcel => self
                .parcel()
                .map_or(EventTime::Unknown, |p| p.facts.event(event)),
            Owner::Units => self.group().facts.event(event),
            Owner::Request => self.way_of(event.field()).event(event),
            Owner::Action(_) => request.ask.event(event),
        }
    }

    /// Whether the request is about all units that are left of the order.
    fn asks_for_all(&self) -> bool {
        let bought: i32 = self.facts.order().lines.iter().map(|l| l.quantity).sum();
        let gone = self.facts.order().earlier.iter();
        let gone: i32 = gone
            .filter(|e| e.line.is_some() && EarlierRemedy::is_consumed(e))
            .map(|e| e.quantity)
            .sum();
        let lines = self.facts.request().lines.iter();
        let asked: i32 = lines.flat_map(|l| &l.groups).map(|g| g.quantity).sum();
        asked + gone == bought
    }

    pub fn word(&self, named: &FactRef) -> Option<String> {
        let order = self.facts.order();
        let value: Option<String> = match named.fact {
            Fact::OrderShipped => {
                let sent =
                    |p: &&Shipment<'_>| matches!(p.facts.event(Event::Ship), EventTime::At(_));
                let count = order.shipments.iter().filter(sent).count();
                let all = order.shipments.len();
                Some(match count {
                    0 => "no".to_owned(),
                    some if some < all => "partly".to_owned(),
                    _ => "yes".to_owned(),
                })
            }
            Fact::WantedWorth => self.wanted_worth(),
            other => self.stored(other).word().map(str::to_owned),
        };
        self.told(named.fact, value)
    }

    /// What one unit of the wanted goods costs, against what was paid for one of these.
    fn wanted_worth(&self) -> Option<String> {
        let wanted_unit_price = self.stored(Fact::WantedUnitPrice).amount();
        let quantity = self.group().quantity;
        let wanted = wanted_unit_price?.minor() * i64::from(quantity);
        let worth = Worths::of(self.facts, self.row.line).units(0, quantity);
        let word = match wanted.cmp(&worth) {
            std::cmp::Ordering::Less => "lower",
            std::cmp::Ordering::Equal => "equal",
            std::cmp::Ordering::Greater => "higher",
        };
        Some(word.to_owned())
    }

    pub fn number(&self, named: &FactRef) -> Option<i64> {
        let order = self.facts.order();
        let (birth, place) = (
            order.facts.event(Event::Birth),
            order.facts.event(Event::Place),
        );
        let value = match named.fact {
            Fact::Age => match (birth, place) {
                (EventTime::On(birth), EventTime::At(placed)) => Some(i64::from(
                    self.zone().day_of(placed).full_years_since(birth),
                )),
                _ => None,
            },
            Fact::OptionLeft => self.uses_left(named.word.as_deref().unwrap_or_default()),
            Fact::Quantity => Some(i64::from(self.line().quantity)),
            Fact::GroupQuantity => Some(i64::from(self.group_units().0)),
            Fact::GroupKept => Some(i64::from(self.group_units().1)),
            Fact::GroupGone => {
                let (bought, kept) = self.group_units();
                Some(i64::from(bought - kept))
            }
            Fact::ShipmentCount => i64::try_from(order.shipments.len()).ok(),
            other => self.stored(other).number(),
        };
        self.told(named.fact, value)
    }

    pub fn amount(&self, named: &FactRef) -> Option<Amount> {
        match named.fact {
            Fact::OrderValue => self.order_value(),
            Fact::KeptValue => Some(Amount::from_minor(self.kept_value())),
            other => self.stored(other).amount(),
        }
    }

    /// What the goods of the order cost after all discounts.
    fn order_value(&self) -> Option<Amount> {
        let order = self.facts.order();
        let mut minor = -order.discount?.minor();
        for line in &order.lines {
            let price = line.unit_price?.minor() * i64::from(line.quantity);
            minor += price - line.discount?.minor();
        }
        Some(Amount::from_minor(minor))
    }

    /// When an event happened; `None`: not yet, or it is one to come and nobody knows.
    pub fn when(&self, event: Event) -> Option<Instant> {
        let (order, request) = (self.facts.order(), self.facts.request());
        let time = match (event, self.stored_event(event)) {
            (Event::DeliverLast, _) => {
                let parcels = order.shipments.iter();
                let times: Vec<EventTime> =
                    parcels.map(|p| p.facts.event(Event::Deliver)).collect();
                let at = |time: &EventTime| match time {
                    EventTime::At(at) => Some(*at),
                    _ => None,
                };
                let all: Option<Vec<Instant>> = times.iter().map(at).collect();
                match all {
                    Some(all) => EventTime::At(all.into_iter().max().unwrap()),
                    None if times.contains(&EventTime::NotYet) => EventTime::NotYet,
                    None => EventTime::Unknown,
                }
            }
            (Event::Request, _) | (Event::StatementSend, EventTime::Unknown) => {
                EventTime::At(request.request_time)
            }
            // A planned day, and a day of birth, begin with their local start.
            (Event::Birth | Event::Promise, EventTime::On(day)) => {
                EventTime::At(day.start(self.zone()))
            }
            (_, told) => told,
        };
        match time {
            EventTime::At(at) => Some(at),
            EventTime::NotYet => None,
            EventTime::Unknown if event.is_to_come() => None,
            EventTime::Unknown | EventTime::On(_) | EventTime::Happened => {
                self.untold.set(Some(event.word()));
                None
            }
        }
    }

    /// Whether an event has happened at the instant of deciding.
    pub fn happened(&self, event: Event) -> bool {
        let decided = self.facts.decide_time();
        self.when(event).is_some_and(|at| at <= decided)
    }
}
