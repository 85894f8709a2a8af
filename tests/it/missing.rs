//! The engine against the slow interpreter: the same answers on completed
//! facts, and a missing list equal to a search through all completions.

mod of_order;

use std::collections::BTreeSet;

use crate::within::decide;
use redress::domain::event::Event;
use redress::domain::facts::{Action, Ask, CustomerKind, Facts, Order, Remedy, Request};
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{Arithmetic, Bound, Outcome, SettlementKind, Verdict};
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;

use crate::due;
use crate::generate::{self, Seed, instant};
use crate::oracle::{Answer, Oracle};

const PLACED: &str = "2026-03-27T21:30:00+01:00";

/// An order and a request that the generator's policies speak of.
fn case(seed: &mut Seed) -> (Order<'static>, Request<'static>) {
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
    order.gift = Some(seed.one_in(2));
    order.customer.registered = Some(seed.one_in(2));
    order.customer.kind = Some(*seed.pick(&[CustomerKind::Consumer, CustomerKind::Business]));
    let mut request = generate::request(
        request_time,
        vec![generate::units("a", 1)],
        Ask::Return { reason: None },
    );
    let condition = &mut request.lines[0].groups[0].condition;
    condition.worn = *seed.pick(&[None, Some(true), Some(false)]);
    condition.stained = *seed.pick(&[None, Some(true), Some(false)]);
    request.wants = *seed.pick(&[None, Some(Remedy::Refund), Some(Remedy::StoreCredit)]);
    if seed.one_in(2) {
        request.journey.receive = EventTime::At(request_time);
    }
    (order, request)
}

/// Facts that a case can hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hidden {
    YesNo(Fact),
    Kind,
    Category,
    Photos,
    Event(Event),
}

const HIDEABLE: [Hidden; 10] = [
    Hidden::YesNo(Fact::Personalized),
    Hidden::YesNo(Fact::Gift),
    Hidden::YesNo(Fact::Registered),
    Hidden::YesNo(Fact::Available),
    Hidden::Kind,
    Hidden::Category,
    Hidden::Photos,
    Hidden::Event(Event::Place),
    Hidden::Event(Event::Ship),
    Hidden::Event(Event::Deliver),
];

impl Hidden {
    const fn is_event(self) -> bool {
        matches!(self, Self::Event(_))
    }

    /// Whether a value contradicts nothing that is known.
    fn is_possible(self, value: &Value, order: &Order, request: &Request) -> bool {
        let (mut order, mut request) = (order.clone(), request.clone());
        self.set(&mut order, &mut request, Some(value));
        Facts::new(order, request, None).is_ok()
    }

    fn path(self) -> &'static str {
        match self {
            Self::YesNo(Fact::Personalized) => "order.lines[0].personalized",
            Self::YesNo(Fact::Gift) => "order.gift",
            Self::YesNo(Fact::Registered) => "order.customer.registered",
            Self::YesNo(Fact::Available) => "order.lines[0].available",
            Self::YesNo(other) => unreachable!("{other:?} is not hidden"),
            Self::Kind => "order.customer.kind",
            Self::Category => "order.lines[0].category",
            Self::Photos => "request.evidence.photos",
            Self::Event(Event::Place) => "order.place_time",
            Self::Event(Event::Ship) => "order.shipments[0].ship_time",
            Self::Event(_) => "order.shipments[0].deliver_time",
        }
    }

    /// Sets the fact; `None` hides it.
    fn set(self, order: &mut Order, request: &mut Request, value: Option<&Value>) {
        let yes = || value.map(|v| matches!(v, Value::Yes(true)));
        match self {
            Self::YesNo(Fact::Personalized) => order.lines[0].personalized = yes(),
            Self::YesNo(Fact::Gift) => order.gift = yes(),
            Self::YesNo(Fact::Registered) => order.customer.registered = yes(),
            Self::YesNo(Fact::Available) => order.lines[0].available = yes(),
            Self::YesNo(other) => unreachable!("{other:?} is not hidden"),
            Self::Photos => request.evidence.photos = yes(),
            Self::Kind => {
                order.customer.kind = value.map(|v| match v {
                    Value::Word(word) => CustomerKind::from_word(word).unwrap(),
                    other => unreachable!("{other:?}"),
                });
            }
            Self::Category => {
                order.lines[0].category = value.map(|v| match v {
                    Value::Word(word) => *word,
                    other => unreachable!("{other:?}"),
                });
            }
            Self::Event(event) => {
                let time = match value {
                    None => EventTime::Unknown,
                    Some(Value::Event(time)) => *time,
                    other => unreachable!("{other:?}"),
                };
                match event {
                    Event::Place => order.place = time,
                    Event::Ship => order.shipments[0].ship = time,
                    _ => order.shipments[0].deliver = time,
                }
            }
        }
    }

    /// Every value worth telling apart, on a grid fine enough for the windows
    /// that the generator makes.
    fn values(self, order: &Order, request: &Request) -> Vec<Value> {
        match self {
            Self::YesNo(_) | Self::Photos => vec![Value::Yes(true), Value::Yes(false)],
            Self::Kind => CustomerKind::WORDS.iter().map(|w| Value::Word(w)).collect(),
            Self::Category => vec![
                Value::Word("ring"),
                Value::Word("box"),
                Value::Word("card"),
                Value::Word("spoon"),
            ],
            Self::Event(_) => {
                let act = request.request_time;
                let mut times: Vec<Instant> = (0..50).map(|n| act.plus_hours(-6 * n)).collect();
                for hours in [0, -48] {
                    let at = act.plus_hours(hours);
                    times.extend([at.previous(), at, at.next()]);
                }
                // Placing can be fixed by the other events; its own day limits too.
                times.extend(
                    (0..40).map(|n| instant("2026-03-27T00:00:00+01:00").plus_hours(12 * n)),
                );
                times.extend(
                    (1..30).map(|n| instant("2026-03-27T12:00:00+01:00").plus_hours(-24 * n)),
                );
                // The other events bound this one: their instants are edges too.
                let parcel = &order.shipments[0];
                for time in [order.place, parcel.ship, parcel.deliver] {
                    if let EventTime::At(at) = time {
                        times.push(at);
                    }
                }
                times.retain(|t| *t <= act);
                let mut values: Vec<Value> = times
                    .into_iter()
                    .map(|t| Value::Event(EventTime::At(t)))
                    .collect();
                values.push(Value::Event(EventTime::NotYet));
                values
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Value {
    Yes(bool),
    Word(&'static str),
    Event(EventTime),
}

fn oracle_answer(policy: &CheckedPolicy, facts: &Facts) -> Answer {
    let row = facts.rows()[0].place();
    Oracle::new(policy, facts, row, Action::Return).answer(facts.request().wants)
}

/// Puts a verdict in the words of the oracle.
fn engine_answer(verdict: &Verdict<'_>) -> Answer {
    let bound = |b: &Bound| match b {
        Bound::At(at) => at.to_string(),
        Bound::Unbounded => "always".into(),
        Bound::On(_) | Bound::After(..) => "waits".into(),
        Bound::Between(a, b) => format!("{a}..{b}"),
    };
    let (row, decision) = verdict.each().next().unwrap();
    let entitlement = decision.entitlement.as_ref();
    let window = entitlement.and_then(|e| e.window.as_ref());
    let short = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let settlement = verdict.settlement.as_ref();
    let never_ends = |b: &Bound| match b {
        // The oracle writes an end that never comes like one that waits.
        Bound::Unbounded => "waits".to_owned(),
        other => bound(other),
    };
    Answer {
        outcome: decision.outcome,
        remedy: entitlement.map(|e| e.remedy),
        opens: window.map(|w| bound(&w.opens)),
        closes: window.map(|w| never_ends(&w.closes)),
        conditions: entitlement
            .map(|e| {
                e.conditions
                    .iter()
                    .map(|c| {
                        format!(
                            "{} {}",
                            c.code,
                            short(&c.path.of_units(row.place).to_string())
                        )
                    })
                    .collect()
            })
            .unwrap_or_default(),
        deducted: settlement
            .map(|s| {
                s.items
                    .iter()
                    .filter(|i| i.kind == SettlementKind::Deduction)
                    .filter_map(|i| match i.arithmetic {
                        Arithmetic::Percent { basis_points, .. } => Some(basis_points),
                        _ => None,
                    })
                    .collect()
            })
            .unwrap_or_default(),
        due: settlement.and_then(|s| s.due.as_ref()).map(due::told),
    }
}

#[test]
fn plan_agrees_with_the_slow_interpreter_on_completed_facts() {
    let mut approved = 0;
    for number in 0..6000 {
        let mut seed = Seed::new(number);
        let policy = generate::policy(&mut seed);
        let plan = compile(&policy).unwrap();
        for _ in 0..4 {
            let (order, request) = case(&mut seed);
            let Ok(facts) = Facts::new(order, request, None) else {
                continue;
            };
            let verdict = decide(&plan, &facts, View::Full);
            let got = engine_answer(&verdict);
            let want = oracle_answer(&policy, &facts);
            approved += u32::from(want.outcome == Outcome::Approved);
            assert_eq!(
                got, want,
                "seed {number}, missing {:?}\n{policy:#?}\n{facts:?}",
                verdict.missing
            );
        }
    }
    // The comparison is worth something only if remedies are granted in it.
    assert!(approved > 2000, "{approved}");
}

#[test]
fn missing_list_equals_a_search_through_all_completions() {
    let (mut asked, mut silent) = (0, 0);
    for number in 0..2500 {
        let mut seed = Seed::new(0x5EED_0000 + number);
        let mut hide = |seed: &mut Seed| {
            let mut hidden: Vec<Hidden> = Vec::new();
            while hidden.len() < 1 + seed.below(3) {
                let one = *seed.pick(&HIDEABLE);
                let second_event = hidden.iter().any(|h| h.is_event()) && one.is_event();
                if !hidden.contains(&one) && !second_event {
                    hidden.push(one);
                }
            }
            hidden
        };
        match compare(number, &mut seed, &mut hide) {
            Some(true) => asked += 1,
            Some(false) => silent += 1,
            None => {}
        }
    }
    assert!(asked > 300 && silent > 300, "{asked} asked, {silent} not");
}

/// Two events of which nobody knows when they happened, and up to two facts besides.
#[test]
fn missing_list_equals_a_search_where_two_events_are_unknown() {
    let (mut asked, mut silent) = (0, 0);
    for number in 0..orders(1000) {
        let mut seed = Seed::new(0xE4E2_0000 + number);
        let mut hide = |seed: &mut Seed| {
            let mut hidden: Vec<Hidden> = HIDEABLE.into_iter().filter(|h| h.is_event()).collect();
            hidden.remove(seed.below(hidden.len()));
            let events = hidden.len();
            while hidden.len() < events + seed.below(3) {
                let one = *seed.pick(&HIDEABLE);
                if !hidden.contains(&one) && !one.is_event() {
                    hidden.push(one);
                }
            }
            hidden
        };
        match compare(number, &mut seed, &mut hide) {
            Some(true) => asked += 1,
            Some(false) => silent += 1,
            None => {}
        }
    }
    assert!(asked > 20 && silent > 20, "{asked} asked, {silent} not");
}

/// Returns how many orders are looked at: `REDRESS_ORDERS`, or as many as the suite does.
fn orders(otherwise: u64) -> u64 {
    std::env::var("REDRESS_ORDERS").map_or(otherwise, |text| text.parse().unwrap())
}

/// Compares the missing list of a random request with a search; `None`: the request
/// contradicts itself. Returns whether anything is asked.
fn compare(
    number: u64,
    seed: &mut Seed,
    hide: &mut dyn FnMut(&mut Seed) -> Vec<Hidden>,
) -> Option<bool> {
    let policy = generate::policy(seed);
    let plan = compile(&policy).unwrap();
    let (order, request) = case(seed);
    let hidden = hide(seed);
    let (mut bare_order, mut bare_request) = (order.clone(), request.clone());
    for fact in &hidden {
        fact.set(&mut bare_order, &mut bare_request, None);
    }
    let facts = Facts::new(bare_order, bare_request, None).ok()?;
    let verdict = decide(&plan, &facts, View::Basic);
    let got: BTreeSet<String> = verdict.missing.iter().map(|m| m.path.clone()).collect();

    let completions = complete(&order, &request, &hidden, &policy);
    let mut want: BTreeSet<String> = BTreeSet::new();
    for (place, (values, answer)) in completions.iter().enumerate() {
        for (others, other) in &completions[place + 1..] {
            let differing: Vec<usize> = (0..hidden.len())
                .filter(|i| values[*i] != others[*i])
                .collect();
            if let [only] = differing.as_slice()
                && answer != other
            {
                want.insert(hidden[*only].path().to_owned());
            }
        }
    }
    assert_eq!(
        got, want,
        "seed {number}, hidden {hidden:?}, outcome {}\n{policy:#?}\n{facts:?}",
        verdict.outcome
    );
    if want.is_empty() {
        let (_, one) = completions.first().expect("at least the true completion");
        assert_eq!(
            verdict.decisions[0].outcome, one.outcome,
            "seed {number}\n{policy:#?}"
        );
    } else {
        assert_eq!(
            verdict.decisions[0].outcome,
            Outcome::NeedsInformation,
            "seed {number}"
        );
    }
    Some(!want.is_empty())
}

/// Decides every completion that passes the check of facts.
fn complete(
    order: &Order,
    request: &Request,
    hidden: &[Hidden],
    policy: &CheckedPolicy,
) -> Vec<(Vec<usize>, Answer)> {
    let events = hidden.iter().filter(|h| h.is_event()).count();
    let (mut bare, mut asked) = (order.clone(), request.clone());
    for fact in hidden {
        fact.set(&mut bare, &mut asked, None);
    }
    let choices = hidden.iter().map(|h| match events > 1 && h.is_event() {
        true => apart(*h, (order, &bare), request, policy),
        false => h.values(order, request),
    });
    let choices: Vec<Vec<Value>> = choices.collect();
    let total: usize = choices.iter().map(Vec::len).product();
    let mut answers = Vec::new();
    for number in 0..total {
        let mut rest = number;
        let mut picked = Vec::new();
        let (mut order, mut request) = (order.clone(), request.clone());
        for (fact, values) in hidden.iter().zip(&choices) {
            let place = rest % values.len();
            rest /= values.len();
            picked.push(place);
            fact.set(&mut order, &mut request, Some(&values[place]));
        }
        if let Ok(facts) = Facts::new(order, request, None) {
            let answer = oracle_answer(policy, &facts);
            answers.push((picked, answer.without_dates()));
        }
    }
    answers
}

/// Returns values of an event that something in the policy tells apart: of those that are
/// alike the earliest and the latest.
fn apart(
    hidden: Hidden,
    (order, bare): (&Order, &Order),
    request: &Request,
    policy: &CheckedPolicy,
) -> Vec<Value> {
    let mut values = hidden.values(order, request);
    values.retain(|value| hidden.is_possible(value, bare, request));
    values.sort_by_key(|value| match value {
        Value::Event(EventTime::At(at)) => Some(*at),
        _ => None,
    });
    let marks = |value: &Value| {
        let (mut order, mut request) = (order.clone(), request.clone());
        // What comes before is long ago and what comes after is now, so that they
        // contradict nothing.
        let late = EventTime::At(request.request_time);
        let early = EventTime::At(request.request_time.plus_hours(-10_000));
        order.place = early;
        order.shipments[0].ship = match hidden {
            Hidden::Event(Event::Place) => late,
            _ => early,
        };
        order.shipments[0].deliver = late;
        hidden.set(&mut order, &mut request, Some(value));
        let facts = Facts::new(order, request, None).ok()?;
        let row = facts.rows()[0].place();
        Some(Oracle::new(policy, &facts, row, Action::Return).marks())
    };
    let marks: Vec<_> = values.iter().map(marks).collect();
    let ends = |place: usize| {
        let same =
            |other: Option<usize>| other.and_then(|other| marks.get(other)) == Some(&marks[place]);
        !(same(place.checked_sub(1)) && same(place.checked_add(1)))
    };
    let places = (0..values.len()).filter(|place| ends(*place));
    places.map(|place| values[place].clone()).collect()
}
