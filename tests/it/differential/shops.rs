//! Random orders and requests for the policies of real shops: every word that one of them
//! tests, every action, every event.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redress::domain::facts::{Action, Ask, Order, Remedy, Request, Value};
use redress::domain::money::Amount;
use redress::domain::path::Owner;
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::vocabulary::{ACTION_EVENTS, ACTION_FACTS, Class, Event, Fact, Kind};
use redress::load;
use redress::policy::check::check_grammar;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;
use redress::policy::plan::Plan;
use redress::policy::terms::{Effect, Part, SettledBy, Test};

use super::orders;
use super::returns::travel_apart;
use crate::generate::{Seed, instant, text_of};
use crate::slots;

/// A shop: its policy, and the words that it tells apart.
pub struct Shop {
    pub policy: CheckedPolicy,
    pub plan: Plan,
    words: BTreeMap<Fact, Vec<&'static str>>,
    /// Lists of tags that a line can carry.
    tags: Vec<&'static [String]>,
    order_tags: Vec<&'static [String]>,
    /// What a set can hold.
    contents: Vec<&'static [String]>,
    options: Vec<&'static str>,
    actions: Vec<Action>,
}

/// Reads the policies of the tree.
pub fn all() -> Vec<Shop> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let sources = load::policies(&folder).unwrap();
    let policies = sources.iter().filter(|s| !s.path.ends_with(".texts.toml"));
    policies
        .map(|source| {
            let policy = check_grammar(source).unwrap_or_else(|e| panic!("{e:?}"));
            Shop::of(policy)
        })
        .collect()
}

/// When an order is placed, when something is asked for, and when that is decided.
pub struct Instants {
    pub placed: Instant,
    pub now: Instant,
    pub decided: Instant,
}

/// Days after which a week of orders is placed: clocks change, Thanksgiving, the Sundays
/// before Christmas, Orthodox Easter, and a plain week.
const WEEKS: [&str; 5] = [
    "2026-03-26T15:00:00+01:00",
    "2026-11-23T15:00:00+01:00",
    "2026-12-10T15:00:00+01:00",
    "2027-04-26T15:00:00+02:00",
    "2026-06-10T22:00:00+02:00",
];

impl Instants {
    /// Some orders are asked about on their day, some weeks later, and some of that is
    /// decided weeks after.
    pub fn new(seed: &mut Seed) -> Self {
        let hours = |seed: &mut Seed, most: usize| i64::try_from(seed.below(most)).unwrap();
        let placed = instant(seed.pick::<&str>(&WEEKS)).plus_hours(hours(seed, 168));
        let most = *seed.pick(&[10, 40, 140, 140, 140, 400, 1100]);
        let now = placed.plus_hours(hours(seed, most));
        let decided = match seed.one_in(3) {
            true => now.plus_hours(hours(seed, 600)),
            false => now,
        };
        Self {
            placed,
            now,
            decided,
        }
    }
}

/// What is usual of a fact. Facts that are not here take all their values alike.
fn usual(fact: Fact) -> Option<Value<'static>> {
    Some(match fact {
        Fact::CustomerKind => Value::Word("consumer"),
        Fact::SalesChannel => Value::Word("online"),
        Fact::Receiver => Value::Word("customer"),
        Fact::Requester => Value::Word("buyer"),
        Fact::ParcelCount => Value::Number(1),
        Fact::Registered
        | Fact::Charged
        | Fact::DataComplete
        | Fact::AddressCorrect
        | Fact::ContentsComplete
        | Fact::PackagingComplete
        | Fact::LabelsPresent
        | Fact::AccessoriesPresent
        | Fact::SealIntact => Value::YesNo(true),
        Fact::ReturnAgreed
        | Fact::FraudSuspected
        | Fact::Personalized
        | Fact::FreightCollect
        | Fact::ReturnLost
        | Fact::Worn
        | Fact::Altered
        | Fact::Damaged
        | Fact::Stained
        | Fact::CustomerFault
        | Fact::UsedBeyondTesting => Value::YesNo(false),
        _ if fact.spec().class == Class::Asked => Value::YesNo(true),
        _ => return None,
    })
}

/// An event some hours after another, if it has come by now; often it has not.
fn later(seed: &mut Seed, from: Instant, most: usize, now: Instant) -> EventTime {
    let at = from.plus_hours(i64::try_from(seed.below(most)).unwrap());
    match at <= now && !seed.one_in(3) {
        true => EventTime::At(at),
        false => EventTime::NotYet,
    }
}

/// Every test of a policy.
fn tests(policy: &CheckedPolicy) -> Vec<&Test> {
    let mut all = Vec::new();
    for clause in &policy.clauses {
        let guard = &clause.guard;
        all.extend(&guard.all);
        all.extend(guard.unless.iter().flatten());
        all.extend(guard.any.iter().flatten());
        if let Effect::Adds(addition) = &clause.effect {
            all.extend(addition.parts.iter().filter_map(|part| match part {
                Part::Condition(spec) => match &spec.settled_by {
                    SettledBy::Finding(test) => Some(test),
                    SettledBy::Event(_) => None,
                },
                _ => None,
            }));
        }
    }
    all
}

/// No tag, each tag alone, and all of them.
fn lists(words: &BTreeSet<String>) -> Vec<&'static [String]> {
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    lists.extend(words.iter().map(|word| vec![word.clone()]));
    lists.push(words.iter().cloned().collect());
    let keep = |list: Vec<String>| -> &'static [String] { Box::leak(list.into_boxed_slice()) };
    lists.into_iter().map(keep).collect()
}

impl Shop {
    fn of(policy: CheckedPolicy) -> Self {
        let mut words: BTreeMap<Fact, BTreeSet<String>> = BTreeMap::new();
        let mut tags = BTreeSet::new();
        let mut order_tags = BTreeSet::new();
        let mut contents = BTreeSet::new();
        for test in tests(&policy) {
            if let Some((named, some)) = test.words() {
                let of_fact = words.entry(named.fact).or_default();
                of_fact.extend(some.iter().cloned());
            }
            let Some(named) = test.fact() else {
                continue;
            };
            let word = named.word.clone();
            match named.fact {
                Fact::Tag => tags.extend(word),
                Fact::OrderTag => order_tags.extend(word),
                Fact::Contains => contents.extend(word),
                _ => {}
            }
        }
        let plan = compile(&policy).unwrap();
        let mut actions: Vec<Action> = policy.routes.iter().map(|(from, _)| *from).collect();
        actions.push(
            *Action::ALL
                .iter()
                .find(|a| !actions.contains(a))
                .unwrap_or(&actions[0]),
        );
        let kept = |words: &BTreeSet<String>| -> Vec<&'static str> {
            words.iter().map(|w| text_of(w)).chain(["other"]).collect()
        };
        Self {
            words: words
                .iter()
                .map(|(fact, words)| (*fact, kept(words)))
                .collect(),
            tags: lists(&tags),
            order_tags: lists(&order_tags),
            contents: lists(&contents),
            options: policy
                .option_codes
                .iter()
                .map(|code| text_of(code))
                .collect(),
            actions,
            plan,
            policy,
        }
    }

    /// A word that the policy tests, or another one.
    fn word(&self, seed: &mut Seed, fact: Fact) -> &'static str {
        match self.words.get(&fact) {
            Some(words) => words[seed.below(words.len())],
            None => "other",
        }
    }

    /// Where an action leads; `None`: the terms do not cover it.
    pub fn route(&self, action: Action) -> Option<Action> {
        let mut routes = self.policy.routes.iter();
        routes.find(|(from, _)| *from == action).map(|(_, to)| *to)
    }

    /// Makes an order of which every given fact is known.
    pub fn order(&self, seed: &mut Seed, instants: &Instants) -> Order<'static> {
        let (placed, now) = (instants.placed, instants.now);
        let mut order = orders::order(seed, placed, now);
        if seed.one_in(5) {
            // It is late, or did not even leave.
            let left = seed.one_in(2);
            for parcel in &mut order.shipments {
                parcel.facts.set_event(Event::Deliver, EventTime::NotYet);
                if !left {
                    parcel.facts.set_event(Event::Ship, EventTime::NotYet);
                }
            }
        }
        let at = |seed: &mut Seed, most: usize| {
            let hours = i64::try_from(seed.below(most)).unwrap();
            match placed.plus_hours(hours) {
                time if time <= now => EventTime::At(time),
                _ => EventTime::NotYet,
            }
        };
        // Most orders are plain.
        let plain = !seed.one_in(3);
        for option in &mut order.options {
            option.code = match self.options.is_empty() {
                true => "none",
                false => *seed.pick(&self.options),
            };
            option.lines = Vec::new();
        }
        if order.options.len() == 2 && order.options[0].code == order.options[1].code {
            order.options[1].lines = vec![order.lines[0].id];
        }
        for fact in slots::facts_of(Owner::Order) {
            order.facts.set(*fact, self.value(seed, *fact, plain));
        }
        let born = if plain {
            1990
        } else {
            *seed.pick(&[1990, 2012])
        };
        let days = i64::try_from(seed.below(9)).unwrap();
        let promised = Zone::utc().day_of(placed).plus_days(days);
        for event in slots::events_of(Owner::Order) {
            let time = match event {
                Event::Place => EventTime::At(placed),
                Event::Accept => at(seed, 20),
                Event::Birth => Day::new(born, 5, 5).into(),
                Event::Promise => EventTime::On(promised),
                _ if seed.one_in(4) => at(seed, 100),
                _ => EventTime::NotYet,
            };
            order.facts.set_event(*event, time);
        }
        order.customer_zone = Zone::from_name(seed.pick::<&str>(&["Europe/Rome", "Asia/Tokyo"]));
        order.tags.words = if plain {
            &[]
        } else {
            *seed.pick(&self.order_tags)
        };
        for line in &mut order.lines {
            for fact in slots::facts_of(Owner::Line) {
                line.facts.set(*fact, self.value(seed, *fact, plain));
            }
            for event in slots::events_of(Owner::Line) {
                let time = match seed.one_in(4) {
                    true => EventTime::NotYet,
                    false => at(seed, 60),
                };
                line.facts.set_event(*event, time);
            }
            if !plain {
                line.tags.words = *seed.pick(&self.tags);
                line.contents = *seed.pick(&self.contents);
            }
            let is_set = !line.contents.is_empty();
            line.facts.set(Fact::Set, Value::YesNo(is_set));
        }
        if order.shipments.len() > 1 && seed.one_in(4) {
            // The last parcel comes weeks after the first.
            let last = &mut order.shipments[1].facts;
            if let EventTime::At(delivered) = last.event(Event::Deliver) {
                last.set_event(Event::Deliver, later(seed, delivered, 800, now));
            }
        }
        for parcel in &mut order.shipments {
            parcel.named = true;
            parcel.zone = Zone::from_name(seed.pick::<&str>(&["Europe/Rome", "America/New_York"]));
            let facts = &mut parcel.facts;
            for fact in slots::facts_of(Owner::Parcel) {
                facts.set(*fact, self.value(seed, *fact, plain));
            }
            let (shipped, delivered) = (facts.event(Event::Ship), facts.event(Event::Deliver));
            for event in slots::events_of(Owner::Parcel) {
                if !matches!(event, Event::Ship | Event::Deliver) {
                    facts.set_event(*event, EventTime::NotYet);
                }
            }
            match (shipped, delivered) {
                (_, EventTime::At(at)) => {
                    facts.set_event(Event::FirstAttempt, delivered);
                    if seed.one_in(2) && at.plus_hours(20) <= now {
                        facts.set_event(Event::Collect, EventTime::At(at.plus_hours(20)));
                    }
                }
                (EventTime::At(at), _) if seed.one_in(2) => {
                    if let EventTime::At(tried) = later(seed, at, 48, now) {
                        facts.set_event(Event::FirstAttempt, EventTime::At(tried));
                        for event in [Event::AttemptAnswer, Event::WarehouseReturn] {
                            facts.set_event(event, later(seed, tried, 800, now));
                        }
                    }
                }
                _ => {}
            }
        }
        order
    }

    /// Draws a value of a fact: what is usual of all that is plain, and mostly of the rest.
    fn value(&self, seed: &mut Seed, fact: Fact, plain: bool) -> Value<'static> {
        let spec = fact.spec();
        let is_finding = spec.class == Class::Finding;
        match (usual(fact), spec.kind) {
            (Some(usual), _) if plain || seed.one_in(2) => usual,
            _ if is_finding && seed.one_in(4) => Value::Unknown,
            (_, Kind::YesNo) => Value::YesNo(seed.one_in(2)),
            (_, Kind::OneOf(words)) => Value::Word(seed.pick::<&str>(words)),
            (_, Kind::Word) => Value::Word(self.word(seed, fact)),
            (_, Kind::Number) => {
                let more = i64::try_from(seed.below(3)).unwrap();
                Value::Number(spec.at_least.unwrap_or(0) + more)
            }
            // Often an examination finds that nothing was lost.
            (_, Kind::Amount) if is_finding && seed.one_in(2) => Value::Amount(Amount::ZERO),
            (_, Kind::Amount) => {
                let most = if is_finding { 3000 } else { 6000 };
                let cents = i64::try_from(seed.below(most)).unwrap();
                Value::Amount(Amount::from_minor(cents))
            }
        }
    }

    /// Makes a request; `None`: nothing is left to ask for.
    pub fn request(
        &self,
        seed: &mut Seed,
        order: &Order<'static>,
        instants: &Instants,
    ) -> Option<Request<'static>> {
        let (now, decided) = (instants.now, instants.decided);
        let action = *seed.pick(&self.actions);
        // What happens to the goods lies between the request and the decision.
        let mut request = orders::request(seed, order, Action::Return, decided)?;
        request.request_time = now;
        request.ask = self.ask(seed, action, instants);
        let plain = !seed.one_in(4);
        for fact in slots::facts_of(Owner::Request) {
            request.facts.set(*fact, self.value(seed, *fact, plain));
        }
        let facts = &mut request.facts;
        facts.set_event(Event::StatementSend, EventTime::At(now));
        // A form is in the post for some days.
        let days = i64::try_from(seed.below(4)).unwrap();
        let sent = now.plus_hours(-24 * days).max(instants.placed);
        let form = *seed.pick(&[EventTime::At(sent), EventTime::NotYet]);
        facts.set_event(Event::FormSend, form);
        request.wants = seed.one_in(2).then(|| *seed.pick(Remedy::ALL));
        for group in request.lines.iter_mut().flat_map(|line| &mut line.groups) {
            // Most goods are as they were.
            let plain = !seed.one_in(3);
            for fact in slots::facts_of(Owner::Units) {
                group.facts.set(*fact, self.value(seed, *fact, plain));
            }
        }
        travel_apart(seed, &mut request);
        Some(request)
    }

    fn ask(&self, seed: &mut Seed, action: Action, instants: &Instants) -> Ask<'static> {
        let (now, mut ask) = (instants.now, Ask::of(action));
        for fact in ACTION_FACTS {
            ask.set(*fact, self.value(seed, *fact, false));
        }
        let mut before = |most: usize| -i64::try_from(seed.below(most)).unwrap();
        let received = now.plus_hours(24 * before(500));
        let queried = now.plus_hours(before(300)).max(instants.placed);
        for event in ACTION_EVENTS {
            let time = match event {
                Event::NextOrder => EventTime::At(now),
                Event::CreditGoodsReceive => EventTime::At(received),
                Event::AddressQuery => EventTime::At(queried),
                _ => later(seed, queried, 300, now),
            };
            ask.set_event(*event, time);
        }
        ask
    }
}
