//! Invariants over random orders for every shipped policy: the missing list is
//! exact, options agree with decisions, later is never better, and learning a
//! fact turns no settled verdict around.

use std::collections::BTreeSet;
use std::path::Path;

use crate::within::decide;
use redress::domain::facts::{Action, Ask, Facts, Order, Payment, PaymentMethod, Request, Value};
use redress::domain::money::Amount;
use redress::domain::path::Owner;
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::verdict::{Outcome, Verdict};
use redress::domain::vocabulary::{ACTION_EVENTS, ACTION_FACTS, Class, Event, Fact, Kind};
use redress::engine::View;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;

use crate::generate::{self, Seed, id, instant};
use crate::options::agree;
use crate::slots::{self, Known, path, set, set_event};

/// The policies of the tree.
pub fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    Catalog::load(&load::policies(&folder).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

/// Categories of goods; the first are those of random orders. Policies name all but the last.
const CATEGORIES: [&str; 11] = [
    "ring",
    "earrings",
    "box",
    "clothing",
    "jewellery",
    "jewelry",
    "accessory",
    "accessories",
    "necklace",
    "bracelet",
    "spoon",
];
const TAGS: [&str; 3] = ["exclusive", "non_refundable", "non_returnable_by_nature"];
pub const PLACED: &str = "2026-03-24T15:00:00+01:00";

/// The words of a fact with which most requests come to an answer; of other facts all words.
fn words(fact: Fact) -> &'static [&'static str] {
    match (fact, fact.spec().kind) {
        (Fact::Category, _) => &CATEGORIES[..4],
        (Fact::SalesChannel, _) => &["online", "store"],
        (Fact::Receiver, _) => &["customer", "pickup_point"],
        (Fact::TagReason, _) => &["seasonal"],
        (Fact::Channel, _) => &["email", "prescribed_form"],
        (Fact::Requester, _) => &["buyer", "recipient"],
        (Fact::ReturnMethod, _) => &["post", "store"],
        (Fact::ReturnReason, _) => &["size"],
        (Fact::ExchangeReason, _) => &["size", "style"],
        (_, Kind::OneOf(words)) => words,
        _ => &["other"],
    }
}

/// Says yes or no, as it mostly is; of other facts what a customer supplies is there, and the
/// rest is as often as not.
fn yes(seed: &mut Seed, fact: Fact) -> bool {
    match fact {
        Fact::Registered | Fact::Charged | Fact::DataComplete | Fact::AddressCorrect => true,
        Fact::FraudSuspected | Fact::Set => false,
        Fact::Available => !seed.one_in(4),
        Fact::Personalized => seed.one_in(3),
        Fact::Gift => seed.one_in(4),
        Fact::FreightCollect => seed.one_in(5),
        Fact::ReturnAgreed => seed.one_in(6),
        _ => fact.spec().class == Class::Asked || seed.one_in(2),
    }
}

/// Findings that are told; the others are conditions.
const FOUND: [Fact; 4] = [
    Fact::FraudSuspected,
    Fact::Sealed,
    Fact::FreightCollect,
    Fact::ParcelCount,
];

/// Draws a value of a fact.
fn value(seed: &mut Seed, fact: Fact) -> Value<'static> {
    let spec = fact.spec();
    if spec.class == Class::Finding && !FOUND.contains(&fact) {
        return Value::Unknown;
    }
    match spec.kind {
        Kind::YesNo => Value::YesNo(yes(seed, fact)),
        Kind::OneOf(_) | Kind::Word => Value::Word(seed.pick::<&str>(words(fact))),
        Kind::Number => Value::Number(spec.at_least.unwrap_or(0)),
        Kind::Amount => Value::Amount(Amount::from_minor(2500 + seed.below(9000) as i64)),
    }
}

/// Makes an order with every given fact known.
pub fn order(seed: &mut Seed, now: Instant) -> Order<'static> {
    let placed = instant(PLACED);
    let at = |hours: i64| {
        let time = placed.plus_hours(hours);
        if time <= now {
            EventTime::At(time)
        } else {
            EventTime::NotYet
        }
    };
    let price = 4000 + seed.below(9000) as i64;
    let mut line = generate::line(seed, "a", 2, price);
    for fact in slots::facts_of(Owner::Line) {
        line.facts.set(*fact, value(seed, *fact));
    }
    line.tags.complete = Some(true);
    if seed.one_in(4) {
        line.tags.words = Box::leak(Box::new([(*seed.pick(&TAGS)).to_owned()]));
    }
    for event in slots::events_of(Owner::Line) {
        let time = match event {
            Event::Confirm => at(20),
            Event::DesignConfirm => at(10),
            _ => at(12),
        };
        line.facts.set_event(*event, time);
    }
    let net = line.net_before_order_discount().unwrap();
    let mut order = generate::order(vec![line], EventTime::At(placed), at(24), at(70));
    for fact in slots::facts_of(Owner::Order) {
        order.facts.set(*fact, value(seed, *fact));
    }
    for event in slots::events_of(Owner::Order) {
        let time = match event {
            Event::Place => EventTime::At(placed),
            Event::Accept => at(20),
            Event::Birth => Day::new(1990, 5, 5).into(),
            Event::Promise => Day::new(2026, 3, 27).into(),
            _ => EventTime::NotYet,
        };
        order.facts.set_event(*event, time);
    }
    order.tags.complete = Some(true);
    let delivery = Amount::from_minor(*seed.pick(&[0, 490, 790]));
    order.delivery.paid = Some(delivery);
    order.delivery.standard_cost = Some(Amount::from_minor(490));
    let parcel = &mut order.shipments[0];
    parcel.named = true;
    parcel.zone = Zone::from_name("Europe/Rome");
    for fact in slots::facts_of(Owner::Parcel) {
        parcel.facts.set(*fact, value(seed, *fact));
    }
    let delivered = parcel.facts.event(Event::Deliver);
    for event in slots::events_of(Owner::Parcel) {
        let time = match (event, delivered) {
            (Event::Ship | Event::Deliver, _) => parcel.facts.event(*event),
            (Event::Collect, EventTime::At(_)) => at(94),
            (Event::FirstAttempt, EventTime::At(_)) => delivered,
            _ => EventTime::NotYet,
        };
        parcel.facts.set_event(*event, time);
    }
    let total = net.plus(delivery);
    order.total_paid = Some(total);
    order.payments = vec![Payment {
        state: None,
        captured_amount: None,
        id: id("card"),
        amount: total,
        method: Some(PaymentMethod::Card),
        payer: seed.one_in(3).then(|| id("friend")),
    }];
    order
}

/// Makes a request of an action with every fact known that can be asked for.
pub fn request(seed: &mut Seed, now: Instant, ask: Ask<'static>) -> Request<'static> {
    let units = 1 + seed.below(2) as i32;
    let mut request = generate::request(now, vec![generate::units("a", units)], ask);
    for fact in slots::facts_of(Owner::Request) {
        request.facts.set(*fact, value(seed, *fact));
    }
    for event in slots::events_of(Owner::Request)
        .iter()
        .filter(|event| !event.is_to_come())
    {
        request.facts.set_event(*event, EventTime::At(now));
    }
    request
}

pub fn ask(seed: &mut Seed, action: Action) -> Ask<'static> {
    let mut ask = Ask::of(action);
    for fact in ACTION_FACTS {
        ask.set(*fact, value(seed, *fact));
    }
    for event in ACTION_EVENTS {
        let time = match event {
            Event::CreditGoodsReceive | Event::AddressQuery => EventTime::At(instant(PLACED)),
            _ => EventTime::NotYet,
        };
        ask.set_event(*event, time);
    }
    ask
}

/// Facts that can be hidden, all of them given: a finding that nobody has told is a
/// condition, not a question.
const HIDEABLE: [Fact; 14] = [
    Fact::CustomerKind,
    Fact::Gift,
    Fact::ReturnAgreed,
    Fact::Charged,
    Fact::SalesChannel,
    Fact::Personalized,
    Fact::Category,
    Fact::TagReason,
    Fact::Available,
    Fact::Receiver,
    Fact::Requester,
    Fact::Channel,
    Fact::ReturnMethod,
    Fact::ClaimKind,
];

/// The values of a fact worth telling apart.
fn values(fact: Fact) -> Vec<Value<'static>> {
    match fact.spec().kind {
        Kind::YesNo => vec![Value::YesNo(true), Value::YesNo(false)],
        Kind::OneOf(words) => words.iter().copied().map(Value::Word).collect(),
        _ => CATEGORIES.map(Value::Word).to_vec(),
    }
}

/// What counts as the answer: outcome, remedy, money, conditions. That nothing
/// was charged only rules money out, and is not asked for: what was paid counts as
/// charged. Whether the terms pay for the units at all counts for it too.
fn answer(verdict: &Verdict<'_>, with_money: bool) -> String {
    let (row, decision) = verdict.each().next().unwrap();
    let mut told = vec![format!("{}", decision.outcome)];
    if let Some(entitlement) = &decision.entitlement {
        let amount = row.amount.filter(|_| with_money);
        let pays = row.amount.is_some();
        told.push(format!("{} {pays} {amount:?}", entitlement.remedy));
        for condition in &entitlement.conditions {
            told.push(format!(
                "{} {:?} {} {:?}",
                condition.code,
                condition.status,
                condition.path.of_units(row.location),
                condition.failed
            ));
        }
    }
    if let Some(settlement) = verdict.settlement.as_ref().filter(|_| with_money) {
        told.push(format!(
            "{:?} {:?} {:?} {:?} {:?}",
            settlement.refund_total,
            settlement.credit_total,
            settlement.owed_total,
            settlement.owed_pending_total,
            settlement.release
        ));
        for item in &settlement.items {
            told.push(format!("{:?} {} {:?}", item.kind, item.code, item.amount));
        }
        for payout in &settlement.payouts {
            told.push(format!("{:?} {:?}", payout.payee_id, payout.amount));
        }
    }
    told.join("\n")
}

/// Hides up to three facts of a random order and compares the missing list with a
/// search through all their completions.
fn check_missing(plan: &Plan, number: u64) -> (bool, Outcome) {
    let mut seed = Seed::new(number);
    let now = instant(PLACED).plus_hours(1 + seed.below(24 * 30) as i64);
    let order = order(&mut seed, now);
    // What the terms do not speak of asks for nothing.
    let actions: Vec<Action> = plan.mapped().map(|(action, _)| action).collect();
    let action = *seed.pick(&actions);
    let ask = ask(&mut seed, action);
    let known: Known = (order, request(&mut seed, now, ask));
    let mut hidden: Vec<Fact> = Vec::new();
    while hidden.len() < 1 + seed.below(3) {
        let one = *seed.pick(&HIDEABLE);
        let owner = one.spec().field.owner();
        let foreign = matches!(owner, Owner::Action(of) if of != action);
        if !foreign && !hidden.contains(&one) {
            hidden.push(one);
        }
    }
    let mut bare = known.clone();
    for fact in &hidden {
        set(&mut bare, *fact, Value::Unknown);
    }
    let facts = Facts::new(bare.0, bare.1, None).unwrap_or_else(|v| panic!("{v:#?}"));
    let verdict = decide(plan, &facts, View::Basic);
    let got: BTreeSet<String> = verdict.missing.iter().map(|m| m.path.clone()).collect();

    let values: Vec<Vec<Value<'_>>> = hidden.iter().map(|fact| values(*fact)).collect();
    let total: usize = values.iter().map(Vec::len).product();
    let mut answers: Vec<(Vec<usize>, [String; 2])> = Vec::new();
    for number in 0..total {
        let mut rest = number;
        let mut picked = Vec::new();
        let mut told = known.clone();
        for (fact, values) in hidden.iter().zip(&values) {
            let place = rest % values.len();
            rest /= values.len();
            picked.push(place);
            set(&mut told, *fact, values[place]);
        }
        if let Ok(facts) = Facts::new(told.0, told.1, None) {
            let verdict = decide(plan, &facts, View::Basic);
            assert!(
                verdict.missing.is_empty(),
                "{} seed {number}: all is known, but {:?} is asked for",
                plan.policy,
                verdict.missing
            );
            let told = [false, true].map(|with_money| answer(&verdict, with_money));
            answers.push((picked, told));
        }
    }
    let mut want: BTreeSet<String> = BTreeSet::new();
    for (place, (values, one)) in answers.iter().enumerate() {
        for (others, other) in &answers[place + 1..] {
            let differing: Vec<usize> = (0..hidden.len())
                .filter(|i| values[*i] != others[*i])
                .collect();
            let differs = |only: usize| {
                let with_money = hidden[only] != Fact::Charged;
                one[usize::from(with_money)] != other[usize::from(with_money)]
            };
            if let [only] = differing.as_slice()
                && differs(*only)
            {
                want.insert(path(hidden[*only].spec().field));
            }
        }
    }
    assert_eq!(
        got, want,
        "{} seed {number}, {action}, hidden {hidden:?}, outcome {}\n{facts:#?}",
        plan.policy, verdict.outcome
    );
    (!want.is_empty(), verdict.outcome)
}

#[test]
fn missing_list_is_exact_for_every_shop() {
    let catalog = catalog();
    for plan in catalog.plans() {
        let (mut asked, mut settled) = (0, 0);
        for number in 0..400 {
            let (asks, outcome) = check_missing(plan, 0x51_0B00 + number);
            asked += u32::from(asks);
            settled += u32::from(matches!(outcome, Outcome::Approved | Outcome::Denied));
        }
        // The comparison is worth something only if both happen.
        assert!(
            asked > 5 && settled > 20,
            "{}: {asked} {settled}",
            plan.policy
        );
    }
}

#[test]
fn options_agree_with_decisions_for_every_shop() {
    let catalog = catalog();
    for plan in catalog.plans() {
        for number in 0..6 {
            let mut seed = Seed::new(0x0B_71 + number);
            let now = instant(PLACED).plus_hours(1 + seed.below(24 * 12) as i64);
            let order = order(&mut seed, now);
            let boundaries = agree(plan, &order, now, number);
            for boundary in boundaries.into_iter().filter(|b| *b >= now) {
                agree(plan, &order, boundary, number);
            }
        }
    }
}

/// The actions whose windows close for good: what opens later by its own words,
/// such as the partial refund after a missed limit, is no such action.
#[test]
fn later_is_never_better_for_every_shop() {
    let catalog = catalog();
    for plan in catalog.plans() {
        for number in 0..12 {
            let mut seed = Seed::new(0x1A_7E00 + number);
            let delivered = instant(PLACED).plus_hours(100);
            let known = order(&mut seed, delivered);
            for action in [Action::Return, Action::Withdrawal, Action::Claim] {
                let ask = ask(&mut seed, action);
                let base = request(&mut seed, delivered, ask);
                let mut closed = false;
                for days in 0..45 {
                    let mut later = base.clone();
                    later.request_time = delivered.plus_hours(24 * days);
                    for event in [Event::StatementSend, Event::FormSend] {
                        let sent = EventTime::At(later.request_time);
                        later.facts.set_event(event, sent);
                    }
                    let facts = Facts::new(known.clone(), later, None).unwrap();
                    let outcome = decide(plan, &facts, View::Basic).outcome;
                    assert!(
                        !(closed && outcome == Outcome::Approved),
                        "{} seed {number} {action} day {days}",
                        plan.policy
                    );
                    closed |= outcome == Outcome::Denied;
                }
            }
        }
    }
}

#[test]
fn learning_turns_nothing_around_for_every_shop() {
    let catalog = catalog();
    for plan in catalog.plans() {
        let mut settled = 0;
        for number in 0..300 {
            let mut seed = Seed::new(0x1EA6_0000 + number);
            let now = instant(PLACED).plus_hours(1 + seed.below(24 * 40) as i64);
            let order = order(&mut seed, now);
            let action = *seed.pick(Action::ALL);
            let ask = ask(&mut seed, action);
            let known: Known = (order, request(&mut seed, now, ask));
            let mut bare = known.clone();
            for _ in 0..1 + seed.below(4) {
                set(&mut bare, *seed.pick(&HIDEABLE), Value::Unknown);
            }
            if seed.one_in(3) {
                for event in [Event::Deliver, Event::Collect] {
                    set_event(&mut bare, event, EventTime::Unknown);
                }
            }
            let before = Facts::new(bare.0, bare.1, None).unwrap();
            let after = Facts::new(known.0, known.1, None).unwrap();
            let before = decide(plan, &before, View::Basic).outcome;
            let after = decide(plan, &after, View::Basic).outcome;
            if matches!(before, Outcome::Approved | Outcome::Denied) {
                settled += 1;
                assert_eq!(before, after, "{} seed {number} {action}", plan.policy);
            }
        }
        assert!(settled > 20, "{}: {settled}", plan.policy);
    }
}

/// Events are hidden one at a time: their values are a grid that is fine enough for
/// every window of the shipped policies.
#[test]
fn days_are_asked_for_exactly_where_they_matter() {
    let catalog = catalog();
    for plan in catalog.plans() {
        for number in 0..10 {
            let mut seed = Seed::new(0xDA_5000 + number);
            let now = instant(PLACED).plus_hours(120 + seed.below(24 * 30) as i64);
            let known = order(&mut seed, now);
            let action = *seed.pick(&[Action::Return, Action::Withdrawal, Action::Claim]);
            let ask = ask(&mut seed, action);
            let asked = request(&mut seed, now, ask);
            let hide = |time: EventTime| {
                let mut order = known.clone();
                let facts = &mut order.shipments[0].facts;
                facts.set_event(Event::Deliver, time);
                facts.set_event(Event::FirstAttempt, EventTime::Unknown);
                order
            };
            let Ok(facts) = Facts::new(hide(EventTime::Unknown), asked.clone(), None) else {
                continue;
            };
            let verdict = decide(plan, &facts, View::Basic);
            let path = "order.shipments[0].deliver_time";
            let got = verdict.missing.iter().any(|m| m.path == path);
            let mut answers = BTreeSet::new();
            let mut times: Vec<Instant> = (0..70).map(|n| now.plus_hours(-12 * n)).collect();
            for hours in [-24, -48] {
                let edge = now.plus_hours(hours);
                times.extend([edge.previous(), edge, edge.next()]);
            }
            let times = times.into_iter().map(EventTime::At);
            for time in times.chain([EventTime::NotYet]) {
                if let Ok(facts) = Facts::new(hide(time), asked.clone(), None) {
                    answers.insert(answer(&decide(plan, &facts, View::Basic), true));
                }
            }
            assert_eq!(
                got,
                answers.len() > 1,
                "{} seed {number} {action}: {answers:#?}",
                plan.policy
            );
        }
    }
}
