//! One row's view of the facts: what a test reads, with assumptions on top.
//!
//! An assumption stands for one completion of an unknown fact; the search for
//! missing facts decides the same row under many of them. A read says not only
//! that a fact is unknown but which one, so that it can be asked for.

use super::askable::available;
use super::context::{Asked, DecisionContext, Scratch};
use crate::domain::facts::{
    Ask, Facts, Line, RequestFacts, RowIndex, Shipment, UnitGroup, Value, not_before,
};
use crate::domain::money::Amount;
use crate::domain::path::{Field, Owner};
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::vocabulary::{Class, Event, EventRule, Fact, PRESCRIBED_FORM};
use crate::policy::plan::Plan;
use crate::policy::terms::FactRef;

/// Names an unknown fact of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key<'p> {
    /// A fact of the vocabulary, with its word; of the row's own line and units. Parcels have
    /// their own, by index.
    Fact(Fact, Option<&'p str>, usize),
    /// An event; parcels and lines have their own, by index.
    Event(Event, usize),
    /// Which parcel the row's units came in.
    Shipment,
    /// The zone of a parcel's place of delivery.
    Zone(usize),
    /// The currency of the order, where the policy compares amounts in another one.
    Currency,
}

/// Holds the value assumed for an unknown fact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Assumed<'p> {
    /// Yes or no; of an asked-for fact, that it is supplied or never will be.
    YesNo(bool),
    /// A word.
    Word(&'p str),
    /// A number.
    Number(i64),
    /// An amount.
    Amount(Amount),
    /// When, or not yet.
    Event(EventTime),
    /// A parcel.
    Shipment(usize),
    /// A zone.
    Zone(Zone),
}

/// One row's view of the facts.
#[derive(Clone, Copy)]
pub(crate) struct World<'a, 'w> {
    /// The policy.
    pub plan: &'a Plan,
    /// The facts.
    pub facts: &'a Facts<'a>,
    /// What was worked out before.
    pub scratch: &'w Scratch<'w>,
    /// What is asked for: the request's own ask, or a hypothetical one.
    pub ask: &'a Ask<'a>,
    /// Whether the ask is hypothetical: then the customer supplies with it what the
    /// terms ask for.
    pub hypothetical: bool,
    /// The rows that are decided together.
    pub rows: &'w [RowIndex],
    /// Those of them whose units do not stay with the customer. The units of the row itself
    /// count in any case.
    pub back: &'w [RowIndex],
    /// The row.
    pub row: RowIndex,
    /// The row's line.
    pub line: Option<&'a Line<'a>>,
    /// The row's units as the request describes them.
    pub group: Option<&'a UnitGroup<'a>>,
    /// Uses of options that earlier rows of the request used up.
    pub used: &'w [(&'a str, i32)],
    /// What is assumed on top.
    pub assumed: &'w [(Key<'a>, Assumed<'a>)],
    /// Whether days are those of the customer's own zone.
    pub at_home: bool,
    /// Whether the answer explains itself.
    pub explains: bool,
    /// Whether obligations and the like are left out: nobody is told of them.
    pub brief: bool,
    /// Whether the answer is compared with those of other completions.
    pub completing: bool,
    /// What everything that waits is said to wait for, where it does not matter what that
    /// is: finding it takes longer than deciding.
    pub blocked_by: Option<Key<'a>>,
    /// Whether dates are read as they are shown: an event that is not known is told like
    /// one that has not happened, "14 days after delivery".
    pub shown: bool,
}

/// Stands for an index in a key that belongs to no parcel and no line.
pub(crate) const ORDER_LEVEL: usize = usize::MAX;
/// Stands for an index in the key of the customer's own zone.
pub(crate) const AT_HOME: usize = usize::MAX - 1;

impl<'a, 'w> World<'a, 'w> {
    /// Looks at a row on its own, as it is known.
    pub fn new(context: DecisionContext<'a, 'w>, asked: Asked<'a>, row: RowIndex) -> Self {
        let asked_line = context.facts.request().lines.get(row.request_line);
        World {
            plan: context.plan,
            facts: context.facts,
            scratch: context.scratch,
            ask: asked.ask,
            hypothetical: asked.hypothetical,
            rows: &[],
            back: &[],
            row,
            line: context.facts.order().lines.get(row.line),
            group: asked_line.and_then(|l| l.groups.get(row.group)),
            used: &[],
            assumed: &[],
            at_home: false,
            explains: context.explains && !asked.hypothetical,
            brief: context.brief || asked.hypothetical,
            completing: false,
            blocked_by: None,
            shown: false,
        }
    }
}

impl<'a> World<'a, '_> {
    /// Whether the conditions of an entitlement are read: told, or compared with those
    /// of other completions. Of a hypothetical ask, the answer and its money are.
    pub(crate) fn shows_conditions(&self) -> bool {
        !self.hypothetical || self.completing
    }

    fn assumption(&self, key: Key<'a>) -> Option<&Assumed<'a>> {
        self.assumed.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// Whether a completion assumes something of what a key names.
    pub(crate) fn is_assumed(&self, key: Key<'a>) -> bool {
        self.assumption(key).is_some()
    }

    /// Whether nobody can tell what a key names, or anything that it is worked out from.
    pub(crate) fn is_out_of_reach(&self, key: Key<'_>) -> bool {
        self.facts.has_unavailable() && {
            let missing = self.missing(key);
            !missing.is_empty() && available(self.facts, missing).0.is_empty()
        }
    }

    /// Returns the facts that a field of the request is read from: of the return shipment,
    /// those of the parcel in which the row's units come back.
    #[inline]
    pub(crate) fn request_facts(&self, field: Field) -> &'a RequestFacts<'a> {
        let request = self.facts.request();
        let parcel = self.row.return_parcel.filter(|_| field.is_of_return());
        let parcel = parcel.and_then(|index| request.return_parcels.get(usize::from(index)));
        parcel.map_or(&request.facts, |parcel| &parcel.facts)
    }

    /// Returns the index of the row's parcel; `None`: not known.
    pub fn shipment_index(&self) -> Option<usize> {
        match self.row.shipment {
            Some(index) => Some(index),
            None => match self.assumption(Key::Shipment) {
                Some(Assumed::Shipment(index)) => Some(*index),
                _ => None,
            },
        }
    }

    fn shipment(&self) -> Option<&'a Shipment<'a>> {
        self.facts.order().shipments.get(self.shipment_index()?)
    }

    /// Returns the key to ask for when the row's parcel keeps a fact unknown.
    fn parcel_key(&self, key: Key<'a>) -> Key<'a> {
        match self.shipment_index() {
            None => Key::Shipment,
            Some(_) => key,
        }
    }

    /// Returns the zone of days; an error names what is unknown.
    pub fn zone(&self) -> Result<Zone, Key<'a>> {
        if self.at_home {
            let assumed = match self.assumption(Key::Zone(AT_HOME)) {
                Some(Assumed::Zone(zone)) => Some(*zone),
                _ => None,
            };
            let zone = self.facts.order().customer_zone.or(assumed);
            return zone.ok_or(Key::Zone(AT_HOME));
        }
        if let Some(zone) = self.plan.zone {
            return Ok(zone);
        }
        let index = self.shipment_index().unwrap_or(ORDER_LEVEL);
        if let Some(zone) = self.shipment().and_then(|s| s.zone) {
            return Ok(zone);
        }
        match self.assumption(Key::Zone(index)) {
            Some(Assumed::Zone(zone)) => Ok(*zone),
            _ => Err(self.parcel_key(Key::Zone(index))),
        }
    }

    /// A hypothetical ask is sent now, unless it is known otherwise.
    fn sent(&self, known: EventTime) -> EventTime {
        match known {
            EventTime::Unknown
                if self.hypothetical
                    && self.facts.order().facts.event(Event::Place) != EventTime::NotYet =>
            {
                EventTime::At(self.facts.request().request_time)
            }
            known @ (EventTime::Unknown
            | EventTime::NotYet
            | EventTime::At(_)
            | EventTime::On(_)
            | EventTime::Happened) => known,
        }
    }

    /// The form of a request that came by it was sent when it was received, unless it is
    /// known otherwise.
    fn form_sent(&self) -> EventTime {
        let request = self.facts.request();
        match self.sent(request.facts.event(Event::FormSend)) {
            EventTime::Unknown if self.came_by_form() => EventTime::At(request.request_time),
            known @ (EventTime::Unknown
            | EventTime::NotYet
            | EventTime::At(_)
            | EventTime::On(_)
            | EventTime::Happened) => known,
        }
    }

    fn came_by_form(&self) -> bool {
        match self.facts.request().facts.get(Fact::Channel) {
            Value::Word(channel) => channel == PRESCRIBED_FORM,
            _ => {
                let channel = self.assumption(Key::Fact(Fact::Channel, None, ORDER_LEVEL));
                channel == Some(&Assumed::Word(PRESCRIBED_FORM))
            }
        }
    }

    /// Returns what is known of an event, and the key that makes it known.
    pub fn event(&self, event: Event) -> (EventTime, Key<'a>) {
        let spec = event.spec();
        let (order, request) = (self.facts.order(), self.facts.request());
        match spec.rule {
            Some(EventRule::Request) => {
                let time = EventTime::At(request.request_time);
                return (time, Key::Event(event, ORDER_LEVEL));
            }
            Some(EventRule::DeliverLast) => return self.last_delivery(),
            Some(EventRule::StatementSend) => {
                let sent = self.sent(request.facts.event(event));
                return self.with_assumption(Key::Event(event, ORDER_LEVEL), sent);
            }
            Some(EventRule::FormSend) => {
                let sent = self.form_sent();
                return self.with_assumption(Key::Event(event, ORDER_LEVEL), sent);
            }
            None => {}
        }
        let told = match spec.field.owner() {
            Owner::Order => order.facts.own_event(event, spec),
            Owner::Request => self.request_facts(spec.field).own_event(event, spec),
            Owner::Action(_) => self.ask.event(event),
            Owner::Units => {
                self.scratch.read_own();
                self.group
                    .map_or(EventTime::Unknown, |group| group.facts.event(event))
            }
            Owner::Line => return self.line_event(event),
            Owner::Parcel => return self.parcel_event(event),
        };
        self.as_assumed(event, ORDER_LEVEL, told)
    }

    /// Puts an assumption in the place of what is not known of an event. A planned day takes
    /// place at its start.
    #[inline]
    fn as_assumed(&self, event: Event, index: usize, told: EventTime) -> (EventTime, Key<'a>) {
        let key = Key::Event(event, index);
        match told {
            EventTime::At(_) | EventTime::NotYet => (told, key),
            EventTime::On(day) if event.is_planned() => match self.zone() {
                Ok(zone) => (EventTime::At(day.start(zone)), key),
                Err(zone) => (told, zone),
            },
            EventTime::Unknown | EventTime::On(_) | EventTime::Happened => {
                self.with_assumption(key, told)
            }
        }
    }

    fn line_event(&self, event: Event) -> (EventTime, Key<'a>) {
        self.scratch.read_own();
        let time = self
            .line
            .map_or(EventTime::Unknown, |line| line.facts.event(event));
        let (time, key) = self.as_assumed(event, self.row.line, time);
        match time {
            EventTime::Unknown => {
                let firsts = event.spec().after.iter();
                let inferred =
                    firsts.fold(time, |time, first| not_before(self.event(*first).0, time));
                (inferred, key)
            }
            known @ (EventTime::NotYet
            | EventTime::At(_)
            | EventTime::On(_)
            | EventTime::Happened) => (known, key),
        }
    }

    /// Reads dates as they are shown, whatever times and places a completion assumes.
    pub(crate) fn shown<T>(&self, read: impl FnOnce(&World<'a, '_>) -> T) -> T {
        let of_time = |key: &Key<'a>| matches!(key, Key::Event(..) | Key::Zone(_));
        let assumed = self.assumed.iter().filter(|(key, _)| !of_time(key));
        let assumed: Vec<_> = assumed.cloned().collect();
        read(&World {
            assumed: &assumed,
            shown: true,
            ..*self
        })
    }

    /// Returns an event of a given parcel, or the row's own where it belongs to none.
    pub(crate) fn event_at(&self, event: Event, index: usize) -> (EventTime, Key<'a>) {
        match event.field().is_of_parcel() {
            true if index != ORDER_LEVEL && event.spec().rule.is_none() => {
                self.event_of(event, index)
            }
            _ => self.event(event),
        }
    }

    /// Returns when an event is stated or assumed to have happened, of a given parcel like
    /// [`Self::event_at`]; what follows from the order of events is not looked for.
    pub(crate) fn stated_at(&self, event: Event, index: usize) -> EventTime {
        let spec = event.spec();
        match spec.field.owner() {
            Owner::Parcel if index != ORDER_LEVEL && spec.rule.is_none() => {
                let parcel = self.facts.order().shipments.get(index);
                let time = parcel.map_or(EventTime::Unknown, |parcel| parcel.facts.event(event));
                self.as_assumed(event, index, time).0
            }
            Owner::Order
            | Owner::Line
            | Owner::Parcel
            | Owner::Units
            | Owner::Request
            | Owner::Action(_) => self.event(event).0,
        }
    }

    /// Puts an assumption in the place of what is unknown, or known by its day only.
    fn with_assumption(&self, key: Key<'a>, time: EventTime) -> (EventTime, Key<'a>) {
        match time {
            EventTime::At(_) | EventTime::NotYet => (time, key),
            EventTime::Unknown | EventTime::On(_) | EventTime::Happened => {
                match self.assumption(key) {
                    Some(Assumed::Event(assumed)) => (*assumed, key),
                    _ => (time, key),
                }
            }
        }
    }

    #[inline]
    fn parcel_event(&self, event: Event) -> (EventTime, Key<'a>) {
        // Most events that are asked about have happened, to the second.
        if let Some(index) = self.row.shipment
            && let Some(parcel) = self.facts.order().shipments.get(index)
            && let time @ EventTime::At(_) = parcel.facts.event(event)
        {
            return (time, Key::Event(event, index));
        }
        self.inferred_event(event)
    }

    fn inferred_event(&self, event: Event) -> (EventTime, Key<'a>) {
        let Some(index) = self.shipment_index() else {
            let key = self.parcel_key(Key::Event(event, ORDER_LEVEL));
            let (placed, _) = self.event(Event::Place);
            return (not_before(placed, EventTime::Unknown), key);
        };
        self.event_of(event, index)
    }

    /// Returns an event of one parcel, what comes before it taken into account.
    fn event_of(&self, event: Event, index: usize) -> (EventTime, Key<'a>) {
        let parcel = self.facts.order().shipments.get(index);
        let time = parcel.map_or(EventTime::Unknown, |parcel| parcel.facts.event(event));
        let (time, key) = self.as_assumed(event, index, time);
        if time != EventTime::Unknown {
            return (time, key);
        }
        let firsts = event.spec().after.iter();
        let inferred = firsts.fold(time, |time, first| {
            let before = match first.field().owner() {
                Owner::Parcel => self.event_of(*first, index).0,
                Owner::Order => self.event(*first).0,
                Owner::Line | Owner::Units | Owner::Request | Owner::Action(_) => {
                    EventTime::Unknown
                }
            };
            not_before(before, time)
        });
        (inferred, key)
    }

    /// Returns when the last parcel of the order was delivered.
    fn last_delivery(&self) -> (EventTime, Key<'a>) {
        let mut last = (EventTime::NotYet, Key::Event(Event::Deliver, 0));
        let (mut latest, mut unknown): (Option<Instant>, _) = (None, None);
        for index in 0..self.facts.order().shipments.len() {
            let (time, key) = self.event_of(Event::Deliver, index);
            let reached = match time {
                EventTime::NotYet => return (EventTime::NotYet, key),
                EventTime::Unknown | EventTime::Happened => {
                    unknown = unknown.or(Some(key));
                    continue;
                }
                EventTime::At(at) => at,
                // A day's last instant in the zone counts against other parcels.
                EventTime::On(day) => {
                    let zone = self.zone().unwrap_or_else(|_| Zone::latest());
                    day.plus_days(1).start(zone).previous()
                }
            };
            if latest.is_none_or(|l| reached > l) {
                latest = Some(reached);
                last = (time, key);
            }
        }
        unknown.map_or(last, |key| (EventTime::Unknown, key))
    }

    /// Returns how many parcels of the order have left the shop: none, some, all.
    pub(crate) fn shipped(&self) -> Result<&'static str, Key<'a>> {
        let (mut some, mut all, mut unknown) = (false, true, None);
        for index in 0..self.facts.order().shipments.len() {
            match self.event_of(Event::Ship, index) {
                (EventTime::NotYet, _) => all = false,
                (EventTime::At(_) | EventTime::On(_) | EventTime::Happened, _) => some = true,
                (EventTime::Unknown, _) if self.happened_by(Event::Ship, index).is_some() => {
                    some = true;
                }
                (EventTime::Unknown, key) => unknown = unknown.or(Some(key)),
            }
        }
        match (some, all, unknown) {
            // One parcel left and one waits: partly, whatever the others did.
            (true, false, _) => Ok("partly"),
            (_, _, Some(key)) => Err(key),
            (true, true, None) => Ok("yes"),
            (false, _, None) => Ok("no"),
        }
    }

    /// Returns an amount that the facts state.
    pub fn stated(&self, amount: Fact) -> Option<Amount> {
        if matches!(
            amount.spec().field.owner(),
            Owner::Units | Owner::Line | Owner::Parcel
        ) {
            self.scratch.read_own();
        }
        super::lookup::told(self, amount).amount()
    }

    /// Returns the least and the greatest amount that an unknown fact can be; no greatest
    /// where nothing limits it.
    pub fn bounds(&self, amount: Fact) -> (Amount, Option<Amount>) {
        match amount {
            Fact::OrderValue => self.facts.order_value(),
            // No more is kept than was bought.
            Fact::KeptValue => (Amount::ZERO, self.facts.order_value().1),
            _ => (Amount::ZERO, None),
        }
    }

    /// Returns the price of one unit of the goods wanted in an exchange.
    pub fn wanted_unit_price(&self) -> Option<Amount> {
        super::lookup::told(self, Fact::WantedUnitPrice).amount()
    }

    /// Returns the value of a fact, assumptions included. The read is recorded, see
    /// [`Scratch::read_own`].
    // Each test of each row asks: a call costs as much as the answer.
    #[inline(always)]
    pub fn fact(&self, named: &'a FactRef) -> Value<'a> {
        self.scratch.read_own();
        if self.hypothetical && named.fact.spec().class == Class::Asked {
            return Value::YesNo(true);
        }
        match super::lookup::read(self, named.fact, named.word.as_deref()) {
            Value::Unknown if !self.assumed.is_empty() => self.unsaid(named),
            known => known,
        }
    }

    /// Returns a number that no word names, or the key that makes it known.
    pub fn number(&self, fact: Fact) -> Result<i64, Key<'a>> {
        if fact.spec().field.owner() != Owner::Request {
            self.scratch.read_own();
        }
        let key = self.key_of(fact);
        match (super::lookup::read(self, fact, None), self.assumption(key)) {
            (Value::Number(number), _) => Ok(number),
            (_, Some(Assumed::Number(number))) => Ok(*number),
            _ => Err(key),
        }
    }

    /// Returns what is assumed of a fact that nobody speaks of.
    fn unsaid(&self, named: &'a FactRef) -> Value<'a> {
        match self.assumption(self.key(named)) {
            Some(Assumed::YesNo(yes)) => Value::YesNo(*yes),
            Some(Assumed::Word(word)) => Value::Word(word),
            Some(Assumed::Number(number)) => Value::Number(*number),
            Some(Assumed::Amount(amount)) => Value::Amount(*amount),
            _ => Value::Unknown,
        }
    }

    /// Returns the key that makes a fact known that no word names.
    pub fn key_of(&self, fact: Fact) -> Key<'a> {
        match (fact.spec().field.is_of_parcel(), self.shipment_index()) {
            (true, Some(index)) => Key::Fact(fact, None, index),
            (true, None) => Key::Shipment,
            (false, _) => Key::Fact(fact, None, ORDER_LEVEL),
        }
    }

    /// Returns the key that makes a fact known.
    pub fn key(&self, named: &'a FactRef) -> Key<'a> {
        let key = |index| Key::Fact(named.fact, named.word.as_deref(), index);
        match named.fact {
            fact if fact.spec().field.is_of_parcel() => match self.shipment_index() {
                Some(index) => key(index),
                None => Key::Shipment,
            },
            Fact::OrderShipped => self.shipped().err().unwrap_or(key(ORDER_LEVEL)),
            _ => key(ORDER_LEVEL),
        }
    }

    /// Returns whether an asked-for fact was supplied, or assumed to be or never to be.
    pub fn supplied(&self, named: &'a FactRef) -> (Option<bool>, Option<bool>, Key<'a>) {
        let key = Key::Fact(named.fact, named.word.as_deref(), ORDER_LEVEL);
        let known = match super::lookup::read(self, named.fact, named.word.as_deref()) {
            Value::YesNo(true) => Some(true),
            _ if self.hypothetical => Some(true),
            Value::YesNo(false) => Some(false),
            _ => None,
        };
        let assumed = match self.assumption(key) {
            Some(Assumed::YesNo(yes)) => Some(*yes),
            _ => None,
        };
        (known, assumed, key)
    }
}
