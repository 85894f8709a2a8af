//! Facts and an event that a policy declares, in the place of standard ones: a yes/no fact, a
//! word, a number and an amount of an order, an event of a line, and one that lies ahead.

use std::sync::LazyLock;

use redress::domain::facts::Value;
use redress::domain::money::{Amount, Currency};
use redress::domain::path::Owner;
use redress::domain::time::EventTime;
use redress::domain::verdict::{NextDay, Party, Period};
use redress::domain::vocabulary::{
    Class, DeclaredKind, Event, EventDeclaration, Fact, FactDeclaration,
};
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::{AmountRange, Effect, End, FactRef, StatedPeriod, Test, WindowSpec};

use super::hidden::{Hidden, Known};
use crate::generate::{Seed, fact};

fn declared(name: &str, owner: Owner, kind: DeclaredKind) -> Fact {
    Fact::declare(FactDeclaration {
        name: name.to_owned(),
        owner,
        class: Class::Given,
        kind,
        source: Party::Shop,
        question: "What is it?".to_owned(),
        personal: false,
        former_names: Vec::new(),
    })
}

static PACKED: LazyLock<Fact> =
    LazyLock::new(|| declared("packed", Owner::Line, DeclaredKind::YesNo));
static COLOR: LazyLock<Fact> = LazyLock::new(|| {
    let words = ["red", "green", "blue"].map(str::to_owned).to_vec();
    declared("colour", Owner::Order, DeclaredKind::OneOf(words))
});
static GUESTS: LazyLock<Fact> =
    LazyLock::new(|| declared("guests", Owner::Order, DeclaredKind::Number(None, Some(9))));
static DEPOSIT: LazyLock<Fact> =
    LazyLock::new(|| declared("deposit", Owner::Request, DeclaredKind::Amount));
/// What lies behind the placing of the order.
static WRAPPED: LazyLock<Event> = LazyLock::new(|| {
    Event::declare(EventDeclaration {
        name: "wrap".to_owned(),
        bit: Event::FIRST_DECLARED,
        owner: Owner::Line,
        after: vec![Event::Place],
        source: Party::Shop,
        question: "When was it wrapped?".to_owned(),
        phrase: "wrapping".to_owned(),
        personal: false,
        former_names: Vec::new(),
        planned: false,
        to_come: false,
    })
});

/// What lies ahead.
static ARRIVAL: LazyLock<Event> = LazyLock::new(|| {
    Event::declare(EventDeclaration {
        name: "arrive".to_owned(),
        bit: Event::FIRST_DECLARED + 1,
        owner: Owner::Order,
        after: Vec::new(),
        source: Party::Shop,
        question: "When do they arrive?".to_owned(),
        phrase: "the arrival".to_owned(),
        personal: false,
        former_names: Vec::new(),
        planned: true,
        to_come: false,
    })
});

/// Lets a policy look at what it declares in the place of some standard facts, and lets an
/// order and a request tell of it. Returns what can be hidden.
pub fn declare(policy: &mut CheckedPolicy, known: &mut Known, seed: &mut Seed) -> Vec<Hidden> {
    policy.facts = vec![*COLOR, *DEPOSIT, *GUESTS, *PACKED];
    policy.events = vec![*WRAPPED, *ARRIVAL];
    for clause in &mut policy.clauses {
        let guard = &mut clause.guard;
        let lists = guard.unless.iter_mut().chain(&mut guard.any);
        for test in guard.all.iter_mut().chain(lists.flatten()) {
            replace(test);
        }
        match &mut clause.effect {
            Effect::Grants(grant) => grant.window.iter_mut().for_each(of_window),
            Effect::Extends(_, end) => of_end(end),
            _ => {}
        }
    }
    let (order, request) = (&mut known.order, &mut known.request);
    let colour = *seed.pick(&["red", "green", "blue"]);
    order.facts.set(*COLOR, Value::Word(colour));
    let guests = *seed.pick(&[0, 2, 3, 5, 6]);
    order.facts.set(*GUESTS, Value::Number(guests));
    let packed = Value::YesNo(seed.one_in(2));
    order.lines[0].facts.set(*PACKED, packed);
    let deposit = Amount::from_minor(*seed.pick(&[0, 4999, 5000]));
    request.facts.set(*DEPOSIT, Value::Amount(deposit));
    // An order is wrapped once it is placed, up to the request.
    let wrapped = match order.facts.event(Event::Place) {
        EventTime::At(placed) if seed.one_in(2) => EventTime::At(placed.plus_hours(1)),
        _ => EventTime::NotYet,
    };
    order.lines[0].facts.set_event(*WRAPPED, wrapped);
    let arrives = request.request_time.plus_hours(seed.below(300) as i64);
    order.facts.set_event(*ARRIVAL, EventTime::At(arrives));
    vec![
        Hidden::fact("order.facts[colour]", *COLOR),
        Hidden::fact("order.facts[guests]", *GUESTS),
        Hidden::fact("order.lines[0].facts[packed]", *PACKED),
        Hidden::fact("request.facts[deposit]", *DEPOSIT),
        Hidden::time("order.lines[0].facts[wrap]", *WRAPPED),
        Hidden::time("order.facts[arrive]", *ARRIVAL),
    ]
}

/// Puts a declared fact in the place of a standard one.
fn replace(test: &mut Test) {
    let own = |of: &Fact| fact(*of);
    *test = match &*test {
        Test::YesNo(FactRef { fact: of, .. }, yes) => match of {
            Fact::Personalized => Test::YesNo(own(&PACKED), *yes),
            Fact::Registered if *yes => Test::Range(own(&GUESTS), 3, 5),
            Fact::Registered => Test::Range(own(&GUESTS), 0, 2),
            Fact::Available => {
                let half = Amount::from_minor(5000);
                let below = half.less(Amount::from_minor(1));
                let (low, high) = match yes {
                    true => (half, None),
                    false => (Amount::ZERO, Some(below)),
                };
                let currency = Currency::euro();
                let range = AmountRange {
                    low,
                    high,
                    currency,
                };
                Test::Amount(own(&DEPOSIT), range)
            }
            _ => return,
        },
        Test::OneOf(FactRef { fact: of, .. }, _) if *of == Fact::CustomerKind => {
            Test::OneOf(own(&COLOR), vec!["red".to_owned(), "blue".to_owned()])
        }
        Test::Happened(Event::Ship, yes) => Test::Happened(*WRAPPED, *yes),
        Test::Window(window, wanted) => {
            let mut window = window.clone();
            of_window(&mut window);
            Test::Window(window, *wanted)
        }
        _ => return,
    };
}

fn of_window(window: &mut WindowSpec) {
    // Some open at a distance from their event.
    window.opens = match (&window.opens, &window.closes) {
        (Some(End::Before(Event::Deliver)), End::After(_, Period::Days(3), _)) => {
            Some(End::After(Event::Deliver, Period::ShortDays(1), None))
        }
        (Some(End::Before(Event::Deliver)), End::After(_, Period::BusinessDays(_), _)) => {
            Some(End::After(Event::Deliver, Period::ShortHours(30), None))
        }
        (Some(End::Before(Event::Place)), End::Clock(..)) => Some(End::Latest(vec![
            End::After(Event::Place, Period::ShortDays(0), None),
            End::After(*WRAPPED, Period::ShortHours(2), None),
        ])),
        (opens, _) => opens.clone(),
    };
    of_end(&mut window.closes);
}

/// Puts the declared event in the place of the shipment.
fn of_end(end: &mut End) {
    match end {
        End::Before(event) if *event == Event::Ship => *event = *WRAPPED,
        // Seven days, or 48 hours, before the arrival.
        End::After(Event::Deliver, period @ (Period::Days(7) | Period::Hours(48)), None) => {
            *end = End::After(*ARRIVAL, period.back(), None);
        }
        // As many days as there are guests.
        End::After(Event::Deliver, Period::Days(3), None) => {
            *end = End::Stated(
                Event::Deliver,
                Box::new(StatedPeriod {
                    fact: fact(*GUESTS),
                    at_least: 1,
                    at_most: 5,
                    one: Period::Days(1),
                    calendar: None,
                }),
            );
        }
        // Up to the next 20th.
        End::After(Event::Deliver, period @ Period::Days(2), None) => {
            *period = Period::Next(NextDay {
                month: None,
                day: 20,
                same_day: false,
                short: false,
            });
        }
        End::Latest(ends) | End::Earliest(ends) => ends.iter_mut().for_each(of_end),
        _ => {}
    }
}
