//! Generates small policies and small orders: few facts, many combinations.
//!
//! A seed makes a case, so that a failure is told by one number.

use std::collections::BTreeSet;
use std::sync::Mutex;

use chrono::{NaiveTime, Weekday};
use redress::domain::facts::{
    Action, Ask, Delivery, Line, LineFacts, Order, OrderFacts, Remedy, Request, RequestFacts,
    RequestLine, Shipment, Tags, UnitGroup, UnitsFacts, Value,
};
use redress::domain::few::Few;
use redress::domain::id::{CallerId, ClauseId, PolicyId};
use redress::domain::money::{Amount, Currency};
use redress::domain::time::{EventTime, Instant, Zone};
use redress::domain::verdict::{Act, Basis, LayerKind, Period};
use redress::domain::vocabulary::{Event, Fact};
use redress::policy::checked::{CheckedPolicy, Clause, Guard};
use redress::policy::source::Source;
use redress::policy::terms::{
    Addition, Calendar, Clock, DaySpec, DeliveryShare, Effect, End, FactRef, Grant, Part, Pending,
    Recommendation, Referral, Refusal, Test, WeekPart, Where, WindowSpec, WindowZone, Worth,
};

use crate::sums;

/// A small random source (xorshift), so that a seed is all that a case needs.
pub struct Seed(u64);

impl Seed {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

pub const YES_NO: [Fact; 4] = [
    Fact::Personalized,
    Fact::Gift,
    Fact::Registered,
    Fact::Available,
];
pub const FINDINGS: [Fact; 2] = [Fact::Worn, Fact::Stained];
pub const CATEGORIES: [&str; 3] = ["ring", "box", "card"];

pub fn fact(fact: Fact) -> FactRef {
    FactRef { fact, word: None }
}

pub fn test(seed: &mut Seed, grants: &[usize]) -> Test {
    match seed.below(12) {
        0..=3 => Test::YesNo(fact(*seed.pick(&YES_NO)), seed.one_in(2)),
        4 | 5 => Test::YesNo(fact(*seed.pick(&FINDINGS)), true),
        6 => Test::OneOf(fact(Fact::CustomerKind), vec!["consumer".into()]),
        7 => {
            let words = vec![(*seed.pick(&CATEGORIES)).into()];
            if seed.one_in(2) {
                Test::OneOf(fact(Fact::Category), words)
            } else {
                Test::NoneOf(fact(Fact::Category), words)
            }
        }
        8 => Test::Happened(*seed.pick(&[Event::Ship, Event::Deliver]), seed.one_in(2)),
        9 => {
            let spec = window(seed);
            Test::Window(
                spec,
                *seed.pick(&[Where::Inside, Where::Outside, Where::Past]),
            )
        }
        10 if !grants.is_empty() => Test::Past(*seed.pick(grants)),
        10 => Test::DayIn(
            DaySpec {
                of: Event::Place,
                next: Some(Weekday::Sun),
            },
            0,
            seed.one_in(2),
        ),
        _ => Test::Week(
            Event::Place,
            WeekPart {
                from: (Weekday::Sat, Clock::Minute(NaiveTime::MIN)),
                to: (
                    Weekday::Sun,
                    Clock::Minute(NaiveTime::from_hms_opt(22, 59, 0).unwrap()),
                ),
            },
        ),
    }
}

pub fn end(seed: &mut Seed) -> End {
    let eleven = NaiveTime::from_hms_opt(23, 0, 0).unwrap();
    match seed.below(8) {
        0 | 1 => End::After(Event::Deliver, Period::Days(*seed.pick(&[3, 7])), None),
        2 => End::After(Event::Deliver, Period::Hours(48), None),
        3 => End::After(Event::Deliver, Period::BusinessDays(3), Some(0)),
        4 => End::Before(Event::Ship),
        5 => End::Clock(
            DaySpec {
                of: Event::Place,
                next: None,
            },
            Clock::Instant(eleven),
        ),
        6 => End::Clock(
            DaySpec {
                of: Event::Place,
                next: Some(Weekday::Sun),
            },
            Clock::Minute(NaiveTime::from_hms_opt(22, 59, 0).unwrap()),
        ),
        _ => {
            let ends = vec![
                End::After(Event::Place, Period::Days(5), None),
                End::After(Event::Deliver, Period::Days(2), None),
            ];
            if seed.one_in(2) {
                End::Latest(ends)
            } else {
                End::Earliest(ends)
            }
        }
    }
}

/// Makes a due date: what is known holds it back or limits it, what is not waits.
pub fn due(seed: &mut Seed) -> End {
    let after = |event, period| End::After(event, period, None);
    let receive = |days| after(Event::Receive, Period::Days(days));
    match seed.below(5) {
        0 => receive(14),
        1 => End::Latest(vec![
            after(Event::Request, Period::Days(15)),
            End::Earliest(vec![receive(0), after(Event::Deliver, Period::Days(0))]),
        ]),
        2 => End::Earliest(vec![receive(14), after(Event::Deliver, Period::Days(30))]),
        3 => End::Latest(vec![receive(3), after(Event::Deliver, Period::Hours(48))]),
        _ => End::Latest(vec![
            End::Earliest(vec![receive(1), after(Event::Place, Period::Days(3))]),
            End::Before(Event::Deliver),
        ]),
    }
}

pub fn window(seed: &mut Seed) -> WindowSpec {
    let closes = end(seed);
    let opens = match seed.below(3) {
        0 => None,
        1 => Some(Event::Place),
        _ => match closes {
            End::After(Event::Deliver, ..) => Some(Event::Deliver),
            _ => Some(Event::Place),
        },
    };
    WindowSpec {
        opens: opens.map(End::Before),
        closes,
        act: Act::Request,
        roll: None,
        zone: WindowZone::Policy,
    }
}

pub fn guard(seed: &mut Seed, grants: &[usize]) -> Guard {
    let list = |seed: &mut Seed, most: usize| -> Vec<Test> {
        (0..seed.below(most + 1))
            .map(|_| test(seed, grants))
            .collect()
    };
    let all = list(seed, 2);
    let unless = if seed.one_in(3) {
        vec![list(seed, 2)]
    } else {
        Vec::new()
    };
    let mut any = Vec::new();
    if seed.one_in(4) {
        any = vec![list(seed, 1), list(seed, 2)];
    }
    // `x or not x` has to be among them: it must never be asked for.
    if seed.one_in(6) {
        let x = fact(*seed.pick(&YES_NO));
        any = vec![
            vec![Test::YesNo(x.clone(), true)],
            vec![Test::YesNo(x, false)],
        ];
    }
    Guard {
        all,
        unless: unless
            .into_iter()
            .filter(|u: &Vec<Test>| !u.is_empty())
            .collect(),
        any,
    }
}

const REMEDIES: [Remedy; 3] = [Remedy::Refund, Remedy::StoreCredit, Remedy::Exchange];

/// Makes a policy. It may well have conflicts and gaps: a decision is defined
/// for those too, and the checker is tested apart.
pub fn policy(seed: &mut Seed) -> CheckedPolicy {
    let count = 2 + seed.below(6);
    let mut clauses: Vec<Clause> = Vec::new();
    let mut grants: Vec<usize> = Vec::new();
    // Two additions that differ in it are a conflict.
    let mut due_date: Option<End> = None;
    for place in 0..count {
        let effect = match seed.below(10) {
            _ if place == 0 => grant(seed, place),
            0..=3 => grant(seed, place),
            4 | 5 => Effect::Refuses(Refusal {
                reason: format!("refused_{place}"),
                remedies: some_remedies(seed),
            }),
            6 | 7 => Effect::Refers(Referral {
                reason: format!("referred_{place}"),
                remedies: some_remedies(seed),
                recommends: Recommendation::None,
            }),
            8 if !grants.is_empty() => Effect::Extends(*seed.pick(&grants), end(seed)),
            _ => Effect::Adds(Addition {
                remedies: some_remedies(seed),
                to: Vec::new(),
                parts: vec![match seed.below(3) {
                    0 => Part::Deduct(sums::percent(1000 + place as u32)),
                    1 => Part::Due(due_date.get_or_insert_with(|| due(seed)).clone()),
                    _ => Part::Notice(format!("notice_{place}")),
                }],
            }),
        };
        let is_grant = matches!(effect, Effect::Grants(_));
        let extends = matches!(effect, Effect::Extends(..));
        // Extensions and grants do not look at windows of grants.
        let visible: &[usize] = if is_grant || extends { &[] } else { &grants };
        let mut guard = guard(seed, visible);
        if matches!(effect, Effect::Refers(_) | Effect::Refuses(_)) && seed.one_in(6) {
            guard.all.push(Test::NotSupplied(fact(Fact::Photos), None));
        }
        let overrides = if place > 0 && seed.one_in(2) && !extends {
            vec![seed.below(place)]
        } else {
            Vec::new()
        };
        clauses.push(Clause {
            as_condition: None,
            as_task: None,
            band: None,
            id: ClauseId::new(&format!("GEN-{place:02}")).unwrap(),
            says: format!("Generated clause {place}."),
            source: "generator".into(),
            routes: vec![Action::Return],
            guard,
            pending: if seed.one_in(3) {
                Pending::Review
            } else {
                Pending::Condition
            },
            overrides,
            effect,
        });
        if is_grant {
            grants.push(place);
        }
    }
    CheckedPolicy {
        across: None,
        id: PolicyId::new("generated").unwrap(),
        title: "Generated".into(),
        effective: None,
        layer: LayerKind::Terms,
        zone: Some(Zone::from_name("Europe/Paris").unwrap()),
        digest: "0".repeat(64),
        routes: vec![(Action::Return, Action::Return)],
        uncovered: Vec::new(),
        option_codes: Vec::new(),
        word_lists: Vec::new(),
        facts: Vec::new(),
        events: Vec::new(),
        calendars: vec![Calendar::new(
            "rests".into(),
            vec![Weekday::Sat, Weekday::Sun],
            vec![],
            vec![redress::domain::time::Day::parse("2026-03-29").unwrap()],
            vec![],
        )],
        clauses,
        inert: Vec::new(),
        readings: Vec::new(),
    }
}

fn some_remedies(seed: &mut Seed) -> Vec<Remedy> {
    if seed.one_in(3) {
        vec![*seed.pick(&REMEDIES)]
    } else {
        Vec::new()
    }
}

fn grant(seed: &mut Seed, place: usize) -> Effect {
    Effect::Grants(Grant {
        remedy: *seed.pick(&REMEDIES),
        window: if seed.one_in(4) {
            None
        } else {
            Some(window(seed))
        },
        worth: Worth::Paid,
        rank: Some(place as u32 % 3),
        consumes: None,
        delivery: DeliveryShare::None,
        options: false,
        basis: Basis::Goodwill,
    })
}

/// Keeps a text for the rest of the process, once, as facts borrow theirs.
pub fn text_of(text: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap();
    if let Some(known) = kept.get(text) {
        return known;
    }
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    kept.insert(text);
    text
}

pub fn id(text: &str) -> CallerId<'static> {
    CallerId::new(text_of(text)).unwrap()
}

pub fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// Makes a line of which everything that the generator uses is known.
pub fn line(seed: &mut Seed, name: &str, quantity: i32, price: i64) -> Line<'static> {
    let mut facts = LineFacts::UNKNOWN;
    let category = *seed.pick(&CATEGORIES);
    facts.set(Fact::Category, Value::Word(category));
    facts.set(Fact::Personalized, Value::YesNo(seed.one_in(2)));
    facts.set(Fact::Available, Value::YesNo(seed.one_in(2)));
    Line {
        group: None,
        id: id(name),
        quantity,
        unit_price: Some(Amount::from_minor(price)),
        total: None,
        discount: Some(Amount::ZERO),
        facts,
        tags: Tags::default(),
        contents: &[],
    }
}

pub fn order(
    lines: Vec<Line<'static>>,
    place: EventTime,
    ship: EventTime,
    deliver: EventTime,
) -> Order<'static> {
    let mut shipment = Shipment::unknown(id("parcel"));
    shipment.facts.set_event(Event::Ship, ship);
    shipment.facts.set_event(Event::Deliver, deliver);
    let mut facts = OrderFacts::UNKNOWN;
    facts.set_event(Event::Place, place);
    facts.set(Fact::CustomerKind, Value::Word("consumer"));
    facts.set(Fact::Registered, Value::YesNo(true));
    facts.set(Fact::Gift, Value::YesNo(false));
    Order {
        id: id("order"),
        currency: Currency::from_code("EUR").unwrap(),
        facts,
        customer_zone: None,
        tags: Tags::default(),
        lines: Few::Many(lines),
        shipments: Few::one(shipment),
        options: Vec::new(),
        options_complete: Some(true),
        delivery: Delivery::default(),
        discount: Some(Amount::ZERO),
        total_paid: None,
        payments: Vec::new(),
        adjustments: Vec::new(),
        open_requests: Vec::new(),
        earlier: Vec::new(),
    }
}

pub fn request(
    request_time: Instant,
    lines: Vec<RequestLine<'static>>,
    ask: Ask<'static>,
) -> Request<'static> {
    let mut facts = RequestFacts::UNKNOWN;
    facts.set(Fact::Photos, Value::YesNo(true));
    Request {
        payout: None,
        return_parcels: Vec::new(),
        claim_id: None,
        request_time,
        facts,
        lines: Few::Many(lines),
        wants: None,
        unavailable: &[],
        ask,
    }
}

pub fn units(line: &str, quantity: i32) -> RequestLine<'static> {
    let group = UnitGroup {
        wanted: None,
        return_parcel: None,
        quantity,
        shipment: None,
        facts: UnitsFacts::UNKNOWN,
    };
    RequestLine {
        line: id(line),
        groups: Few::one(group),
    }
}

/// Writes terms of one shop, whose returns are all that the clauses speak of.
pub fn terms(clauses: &str) -> Source {
    let head = r#"format    = 1
policy    = "acme-shop"
revision  = "always"
title     = "Acme"
kind      = "terms"
time_zone = "Europe/Paris"

[routes]
return = "return"
"#;
    Source {
        path: "acme-shop/always.toml".to_owned(),
        text: format!("{head}{clauses}"),
    }
}
