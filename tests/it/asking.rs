//! Asking and answering ends: whoever supplies what is missing comes to an answer, and
//! nothing is asked for that was not asked for at first.

use std::collections::BTreeSet;

use redress::domain::facts::{Action, Ask, Facts, Order, Request};
use redress::domain::time::EventTime;
use redress::domain::verdict::Outcome;
use redress::engine::View;
use redress::policy::plan::Plan;

use crate::generate::{Seed, instant};
use crate::shops::{self, PLACED};
use crate::within::decide;

/// An order with a request about it.
type Known = (Order<'static>, Request<'static>);

/// A fact that can be hidden and supplied.
struct Fact {
    path: &'static str,
    hide: fn(&mut Known),
    supply: fn(&Known, &mut Known),
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
        },)*]
    };
    (@ o $of:ident) => { $of.0 };
    (@ r $of:ident) => { $of.1 };
}

/// A value that can be unknown.
trait Unknown {
    fn unknown() -> Self;
}

impl<T> Unknown for Option<T> {
    fn unknown() -> Self {
        None
    }
}

impl Unknown for EventTime {
    fn unknown() -> Self {
        Self::Unknown
    }
}

fn hidden<T: Unknown>(field: &mut T) {
    *field = T::unknown();
}

const FACTS: &[Fact] = facts![
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

/// What a request comes to: the paths that are asked for, and the outcome.
fn asked(plan: &Plan, known: &Known) -> (BTreeSet<String>, Outcome) {
    let facts = Facts::new(known.0.clone(), known.1.clone(), None);
    let facts = facts.unwrap_or_else(|v| panic!("{v:#?}"));
    let verdict = decide(plan, &facts, View::Basic);
    let missing = verdict.missing.iter().map(|fact| fact.path.clone());
    (missing.collect(), verdict.outcome)
}

/// Whether a fact says what is asked for by a path.
fn says(fact: &str, asked: &str) -> bool {
    match fact {
        // What is listed of a set is all of it, and so it is with options.
        "order.lines[0].set" => asked.starts_with("order.lines[0].contents[") || asked == fact,
        "order.options_complete" => asked.starts_with("order.options[") || asked == fact,
        fact => asked == fact,
    }
}

/// Hides facts of a random order, and supplies what is asked for. Returns how many
/// questions there were; `None`: the request misses something that is not hidden.
fn ask_and_answer(plan: &Plan, number: u64) -> Option<usize> {
    let mut seed = Seed::new(number);
    let now = instant(PLACED).plus_hours(1 + seed.below(24 * 30) as i64);
    let order = shops::order(&mut seed, now);
    let action = *seed.pick(Action::ALL);
    let ask = shops::ask(&mut seed, action);
    let request = shops::request(&mut seed, now, ask);
    let whole = (order, request);
    if !asked(plan, &whole).0.is_empty() {
        return None;
    }
    let mut known = whole.clone();
    let one_in = 1 + seed.below(4);
    for fact in FACTS {
        if seed.one_in(one_in) {
            (fact.hide)(&mut known);
        }
    }
    let (first, outcome) = asked(plan, &known);
    assert_eq!(
        first.is_empty(),
        outcome != Outcome::NeedsInformation,
        "{} seed {number}",
        plan.policy
    );
    for path in &first {
        for fact in FACTS.iter().filter(|fact| says(fact.path, path)) {
            (fact.supply)(&whole, &mut known);
        }
    }
    let (later, outcome) = asked(plan, &known);
    let unknown: Vec<_> = first
        .iter()
        .filter(|path| !FACTS.iter().any(|fact| says(fact.path, path)))
        .collect();
    assert_eq!(
        unknown,
        Vec::<&String>::new(),
        "{} seed {number}",
        plan.policy
    );
    assert_eq!(
        (later, outcome == Outcome::NeedsInformation),
        (BTreeSet::new(), false),
        "{} seed {number}, {action}, asked for at first: {first:?}",
        plan.policy
    );
    Some(first.len())
}

#[test]
fn what_is_missing_is_asked_for_at_once() {
    let catalog = shops::catalog();
    let orders = std::env::var("REDRESS_ORDERS").map_or(500, |text| text.parse().unwrap());
    let mut questions: Vec<usize> = Vec::new();
    for plan in catalog.plans() {
        let asked = (0..orders).filter_map(|number| ask_and_answer(plan, 0xA5_0000 + number));
        let asked: Vec<usize> = asked.collect();
        let (none, some) = asked
            .iter()
            .partition::<Vec<usize>, _>(|asked| **asked == 0);
        // The comparison is worth something only if both happen.
        assert!(
            none.len() > 20 && some.len() > 20,
            "{}: {} {}",
            plan.policy,
            none.len(),
            some.len()
        );
        questions.extend(asked);
    }
    questions.sort_unstable();
    let median = questions.get(questions.len() / 2);
    println!(
        "{} requests, one round each; questions: median {median:?}, at most {:?}",
        questions.len(),
        questions.last()
    );
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
