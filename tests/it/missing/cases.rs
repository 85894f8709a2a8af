//! Policies, orders and requests of which facts are hidden.

use redress::domain::facts::{Action, Ask, EarlierRemedy, Line, OrderOption, Remedy, Value};
use redress::domain::money::{Amount, Currency, Rounding};
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::Act;
use redress::domain::vocabulary::{Event, Fact};
use redress::policy::checked::CheckedPolicy;
use redress::policy::terms::{
    Base, DeliveryShare, Effect, Formula, Part, Sum, Test, WindowSpec, Worth,
};

use super::declared::declare;
use super::hidden;
use super::hidden::{
    AMOUNTS, AMOUNTS_OF_ANOTHER_LINE, EVENTS, Hidden, Known, RETURN_PAID, STATEMENT, TESTED,
};
use crate::generate::{self, Seed, id, instant};
use crate::sums;

/// Events that can come after an order was placed, beside those of [`EVENTS`].
const OTHERS: [Event; 7] = [
    Event::Accept,
    Event::FormSend,
    Event::Confirm,
    Event::ProductionStart,
    Event::Collect,
    Event::FirstAttempt,
    Event::AttemptAnswer,
];

const PLACED: &str = "2026-03-27T21:30:00+01:00";

/// A policy with an order and a request, and the facts that are hidden.
pub struct Case {
    pub policy: CheckedPolicy,
    pub known: Known,
    pub hidden: Vec<Hidden>,
    /// Events that happened at a time that nobody knows.
    pub untimed: Vec<Hidden>,
}

impl Case {
    /// Returns what is known of it.
    pub fn bare(&self) -> Known {
        let mut bare = self.known.clone();
        for fact in &self.hidden {
            fact.set(&mut bare, None);
        }
        for event in &self.untimed {
            event.set(&mut bare, Some(hidden::Value::Time(EventTime::Happened)));
        }
        bare
    }
}

/// Makes an order and a request that the generator's policies speak of.
pub fn known(seed: &mut Seed) -> Known {
    let placed = instant(PLACED).plus_hours(seed.below(60) as i64);
    let request_time = placed.plus_hours(1 + seed.below(260) as i64);
    let shipped = placed.plus_hours(seed.below(30) as i64);
    let delivered = shipped.plus_hours(seed.below(48) as i64);
    let state = |at: Instant| {
        if at <= request_time {
            EventTime::At(at)
        } else {
            EventTime::NotYet
        }
    };
    let ship = state(shipped);
    let deliver = if ship == EventTime::NotYet {
        EventTime::NotYet
    } else {
        state(delivered)
    };
    let line = generate::line(seed, "a", 2, 5900);
    let mut order = generate::order(vec![line], EventTime::At(placed), ship, deliver);
    order.delivery.paid = Some(Amount::ZERO);
    order.delivery.standard_cost = Some(Amount::ZERO);
    order.facts.set(Fact::Gift, Value::YesNo(seed.one_in(2)));
    order
        .facts
        .set(Fact::Registered, Value::YesNo(seed.one_in(2)));
    let kind = *seed.pick(&["consumer", "business"]);
    order.facts.set(Fact::CustomerKind, Value::Word(kind));
    let mut request = generate::request(
        request_time,
        vec![generate::units("a", 1)],
        Ask::of(Action::Return),
    );
    let units = &mut request.lines[0].groups[0].facts;
    for fact in [Fact::Worn, Fact::Stained] {
        let found = *seed.pick(&[None, Some(true), Some(false)]);
        units.set(fact, found.into());
    }
    request.wants = *seed.pick(&[None, Some(Remedy::Refund), Some(Remedy::StoreCredit)]);
    if seed.one_in(2) {
        request
            .facts
            .set_event(Event::Receive, EventTime::At(request_time));
    }
    Known { order, request }
}

/// Makes a case of which some facts that tests compare are hidden, and at most one event.
pub fn of_tested_facts(seed: &mut Seed) -> Case {
    let policy = generate::policy(seed);
    let known = known(seed);
    let all = [&TESTED[..], &EVENTS[..]].concat();
    let mut hidden: Vec<Hidden> = Vec::new();
    while hidden.len() < 1 + seed.below(3) {
        let one = *seed.pick(&all);
        let second_event =
            one.event().is_some() && hidden.iter().any(|other| other.event().is_some());
        if !hidden.contains(&one) && !second_event {
            hidden.push(one);
        }
    }
    Case {
        policy,
        known,
        hidden,
        untimed: Vec::new(),
    }
}

/// Makes a case of which two events are unknown, and up to two facts besides.
pub fn of_two_events(seed: &mut Seed) -> Case {
    let policy = generate::policy(seed);
    let known = known(seed);
    let mut hidden = EVENTS.to_vec();
    hidden.remove(seed.below(EVENTS.len()));
    let events = hidden.len();
    add(&mut hidden, &TESTED, events + seed.below(3), seed);
    Case {
        policy,
        known,
        hidden,
        untimed: Vec::new(),
    }
}

/// Makes a case of which two or three events are unknown: those that windows count from,
/// or when the statement was sent, which windows test in place of the request.
pub fn of_events(seed: &mut Seed) -> Case {
    let mut policy = generate::policy(seed);
    let known = known(seed);
    let statement = seed.one_in(2);
    if statement {
        test_statement(&mut policy, seed);
    }
    let mut hidden = EVENTS.to_vec();
    // Three events and a statement are more than a search gets through.
    if statement || seed.one_in(3) {
        hidden.remove(seed.below(EVENTS.len()));
    }
    if statement {
        if seed.one_in(2) {
            hidden.remove(seed.below(2));
        }
        hidden.push(STATEMENT);
    }
    let events = hidden.len();
    add(&mut hidden, &TESTED, events + seed.below(2), seed);
    Case {
        policy,
        known,
        hidden,
        untimed: Vec::new(),
    }
}

/// Makes a case of which events happened at a time that nobody knows, others that bound them
/// are unknown, and up to two facts besides.
pub fn of_untimed(seed: &mut Seed) -> Case {
    let policy = generate::policy(seed);
    let mut known = known(seed);
    // Most orders have been delivered, and windows of the generator are days long.
    if seed.one_in(2) {
        let asked = known.request.request_time;
        let shipped = asked.plus_hours(-(seed.below(400) as i64));
        let placed = shipped.plus_hours(-(seed.below(60) as i64));
        let delivered = shipped.plus_hours(seed.below(48) as i64).min(asked);
        let events = [
            (Event::Place, placed),
            (Event::Ship, shipped),
            (Event::Deliver, delivered),
        ];
        for (event, at) in events {
            known = known.with_event(event, EventTime::At(at));
        }
    }
    // Whatever else can happen would bound the event, too.
    for event in OTHERS {
        known = known.with_event(event, EventTime::NotYet);
    }
    let asked = EventTime::At(known.request.request_time);
    known = known.with_event(Event::StatementSend, asked);
    if known.request.facts.event(Event::Receive) != EventTime::Unknown {
        known = known.with_event(Event::HandOver, asked);
    }
    let happened: Vec<Hidden> = EVENTS
        .into_iter()
        .filter(|event| known.has_happened(*event))
        .collect();
    let mut untimed = Vec::new();
    add(&mut untimed, &happened, 1, seed);
    let mut hidden: Vec<Hidden> = EVENTS
        .into_iter()
        .filter(|event| !untimed.contains(event))
        .collect();
    match seed.below(4) {
        0 => {}
        1 if known.has_happened(hidden[0]) && seed.one_in(2) => untimed.push(hidden.remove(0)),
        _ => drop(hidden.remove(seed.below(2))),
    }
    let events = hidden.len();
    add(&mut hidden, &TESTED, events + seed.below(3), seed);
    Case {
        policy,
        known,
        hidden,
        untimed,
    }
}

/// Makes a case of which facts that the policy declares are hidden, among others, and at most
/// one event besides the declared one.
pub fn of_declared(seed: &mut Seed) -> Case {
    let mut policy = generate::policy(seed);
    let mut known = known(seed);
    let declared = declare(&mut policy, &mut known, seed);
    let mut hidden = Vec::new();
    add(&mut hidden, &declared, 1 + seed.below(3), seed);
    if seed.one_in(3) {
        hidden.push(*seed.pick(&EVENTS));
    }
    let count = hidden.len();
    add(&mut hidden, &TESTED, count + seed.below(2), seed);
    Case {
        policy,
        known,
        hidden,
        untimed: Vec::new(),
    }
}

/// Makes a case with money, of which some of all facts are hidden, and at most one event.
pub fn with_money(seed: &mut Seed, count: impl FnOnce(&mut Seed) -> usize) -> Case {
    let mut policy = generate::policy(seed);
    pay(&mut policy, seed);
    let mut known = known(seed);
    price(&mut known, seed);
    let count = count(seed);
    let mut hidden = Vec::new();
    if seed.one_in(2) {
        hidden.push(*seed.pick(&EVENTS));
    }
    let mut all = [&TESTED[..], &AMOUNTS[..]].concat();
    if known.order.lines.len() > 1 {
        all.extend(AMOUNTS_OF_ANOTHER_LINE);
    }
    // What a shipment cost cannot be known before there is one.
    if known.request.facts.event(Event::HandOver) == EventTime::Unknown {
        all.retain(|hidden| hidden.path != RETURN_PAID);
    }
    add(&mut hidden, &all, count, seed);
    Case {
        policy,
        known,
        hidden,
        untimed: Vec::new(),
    }
}

/// Hides further facts until so many are.
fn add(hidden: &mut Vec<Hidden>, all: &[Hidden], count: usize, seed: &mut Seed) {
    while hidden.len() < count {
        let one = *seed.pick(all);
        if !hidden.contains(&one) {
            hidden.push(one);
        }
    }
}

/// Lets windows test when the statement was sent. They were always open: where they open
/// with an event, receipt in time says that sending was, whenever that was.
fn test_statement(policy: &mut CheckedPolicy, seed: &mut Seed) {
    let mut change = |window: &mut WindowSpec| {
        if !seed.one_in(3) {
            window.act = Act::Statement;
            window.opens = None;
        }
    };
    for clause in &mut policy.clauses {
        let guard = &mut clause.guard;
        let lists = guard.unless.iter_mut().chain(&mut guard.any);
        for test in guard.all.iter_mut().chain(lists.flatten()) {
            if let Test::Window(window, _) = test {
                change(window);
            }
        }
        if let Effect::Grants(grant) = &mut clause.effect {
            grant.window.iter_mut().for_each(&mut change);
        }
    }
}

/// Makes an amount of what the return shipment cost or of what was paid for delivery, some of
/// which comes to the same whatever that was.
fn stated(seed: &mut Seed) -> Part {
    let paid = || Formula::Stated(Fact::ReturnPaid);
    let fixed = |minor| Formula::Fixed(Amount::from_minor(minor), Currency::euro());
    let share = |points, of| Formula::Percent(points, of, Rounding::HalfUp);
    let formula = match seed.below(7) {
        0 => Formula::Least(vec![paid(), fixed(500)]),
        1 => Formula::Least(vec![paid(), fixed(0)]),
        2 => share(5000, Base::Stated(Fact::ReturnPaid)),
        3 => share(0, Base::Stated(Fact::ReturnPaid)),
        4 => Formula::Greatest(vec![share(5000, Base::Delivery), fixed(100)]),
        _ => paid(),
    };
    let sum = Sum {
        formula,
        ..sums::stated(Fact::ReturnPaid)
    };
    match seed.below(3) {
        0 => Part::Deduct(sum),
        1 => Part::Charge(sum),
        _ => Part::Reimburse(sum),
    }
}

/// Lets a policy pay delivery and options, and take off and give more than a share.
fn pay(policy: &mut CheckedPolicy, seed: &mut Seed) {
    const SHARES: [DeliveryShare; 5] = [
        DeliveryShare::None,
        DeliveryShare::Paid,
        DeliveryShare::Standard,
        DeliveryShare::Standard,
        DeliveryShare::PaidAlways,
    ];
    policy.option_codes = vec!["engraving".into()];
    let stated = stated(seed);
    // Additions that differ in these are a conflict.
    let delivery = Part::Delivery(*seed.pick(&SHARES));
    let options = Part::Options(seed.one_in(2));
    // What is taken off the order is taken once.
    let euro = Currency::euro();
    let mut per_order = Some(Part::Deduct(sums::per_order(Amount::from_minor(250), euro)));
    for clause in &mut policy.clauses {
        match &mut clause.effect {
            Effect::Grants(grant) => {
                grant.delivery = *seed.pick(&SHARES);
                grant.options = seed.one_in(2);
                if grant.remedy == Remedy::Exchange && seed.one_in(2) {
                    grant.worth = Worth::Nothing;
                }
            }
            Effect::Adds(addition) if seed.one_in(2) => {
                // An amount that is taken off the order says nothing of a row that pays
                // nothing, but is asked about there: another row of the order may pay.
                addition.remedies = vec![Remedy::Refund, Remedy::StoreCredit];
                addition.parts = vec![match seed.below(6) {
                    0 => Part::Deduct(sums::per_unit(Amount::from_minor(400), euro)),
                    1 => per_order.take().unwrap_or_else(|| stated.clone()),
                    2 => delivery.clone(),
                    3 => options.clone(),
                    _ => stated.clone(),
                }];
            }
            _ => {}
        }
    }
}

/// Adds what the order and its delivery cost, and perhaps another line, what was given back
/// before, and a return shipment.
fn price(known: &mut Known, seed: &mut Seed) {
    let amount = |seed: &mut Seed, list: &[i64]| Some(Amount::from_minor(*seed.pick(list)));
    let Known { order, request } = known;
    order.delivery.paid = amount(seed, &[0, 490, 790]);
    order.delivery.standard_cost = amount(seed, &[0, 490, 790]);
    order.discount = amount(seed, &[0, 0, 250]);
    order.lines[0].discount = amount(seed, &[0, 100]);
    order.options = vec![OrderOption {
        code: "engraving",
        quantity: 1,
        paid: amount(seed, &[0, 300]),
        used: Some(0),
        lines: Vec::new(),
    }];
    let spent = amount(seed, &[350, 700]);
    request.facts.set(Fact::ReturnPaid, spent.into());
    if seed.one_in(2) {
        request.lines[0].groups[0].quantity = 2;
    }
    if seed.one_in(3) {
        let line: Line<'static> = generate::line(seed, "b", 1, 3000);
        order.lines.push(line);
    }
    if seed.one_in(4) && request.lines[0].groups[0].quantity == 1 {
        order.earlier.push(refunded_before(seed));
    }
    if matches!(
        order.shipments[0].facts.event(Event::Deliver),
        EventTime::At(_)
    ) && seed.one_in(2)
    {
        let handed_over = EventTime::At(request.request_time);
        request.facts.set_event(Event::HandOver, handed_over);
    }
}

/// Makes the refund of the other unit of the line.
fn refunded_before(seed: &mut Seed) -> EarlierRemedy<'static> {
    EarlierRemedy {
        payments: Vec::new(),
        taken: Vec::new(),
        shipment: None,
        line: Some(id("a")),
        quantity: 1,
        remedy: Remedy::Refund,
        amount: Amount::from_minor(*seed.pick(&[0, 1000])),
        delivery_amount: Amount::from_minor(*seed.pick(&[0, 0, 100, 490])),
        options_amount: Amount::ZERO,
        surcharge: Amount::ZERO,
        consumed: None,
        reason: None,
    }
}
