//! Invariants over random orders: money adds up in any split, and the order of clauses
//! does not matter.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::within::decide;
use redress::domain::facts::{
    Action, Ask, EarlierRemedy, Facts, Order, OrderOption, Payment, PaymentMethod, Remedy, Request,
    Shipment, Value,
};
use redress::domain::few::Few;
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{Outcome, Settlement, SettlementKind, Verdict};
use redress::domain::vocabulary::{Event, Fact};
use redress::engine::View;
use redress::policy::catalog::Catalog;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;
use redress::policy::plan::Plan;
use redress::policy::source::Source;
use redress::policy::terms::{Effect, Test};

use crate::generate::{self, Seed, id, instant};

pub fn shipped_policy() -> Source {
    let path = "policies/milona-paris/always.toml";
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    Source {
        path: path.to_owned(),
        text,
    }
}

pub fn catalog() -> Catalog {
    Catalog::load(&[shipped_policy()]).unwrap_or_else(|e| panic!("{e}"))
}

pub fn plan(catalog: &Catalog) -> &Plan {
    catalog.plans().next().unwrap()
}

/// Placing times around both clock changes of 2026 in Paris.
pub const NIGHTS: [&str; 4] = [
    "2026-03-28T22:30:00+01:00",
    "2026-10-24T23:30:00+02:00",
    "2026-03-02T10:00:00+01:00",
    "2026-10-25T02:30:00+01:00",
];

/// Makes an order of several lines with every kind of money on it.
pub fn order(
    seed: &mut Seed,
    ship: EventTime,
    deliver: EventTime,
    placed: Instant,
) -> Order<'static> {
    let lines = (0..1 + seed.below(3))
        .map(|n| {
            let quantity = 1 + seed.below(4) as i32;
            let price = 700 + seed.below(9000) as i64;
            let mut line = generate::line(seed, &format!("l{n}"), quantity, price);
            line.discount = Some(Amount::from_minor(seed.below(300) as i64));
            // A total need not be the price of a unit so many times.
            if seed.one_in(3) {
                let more = seed.below(quantity as usize) as i64;
                let total = price * i64::from(quantity) + more;
                line.total = Some(Amount::from_minor(total));
                line.unit_price = None;
            }
            line.facts.set(Fact::Category, Value::Word("ring"));
            let personalized = seed.one_in(2);
            line.facts
                .set(Fact::Personalized, Value::YesNo(personalized));
            line
        })
        .collect();
    let mut order = generate::order(lines, EventTime::At(placed), ship, deliver);
    order.facts.set(Fact::CustomerKind, Value::Word("consumer"));
    order.discount = Some(Amount::from_minor(seed.below(500) as i64));
    order.delivery.paid = Some(Amount::from_minor(490));
    order.delivery.standard_cost = Some(Amount::from_minor(290));
    order.options = vec![OrderOption {
        code: "gift_wrap",
        quantity: 1,
        paid: Some(Amount::from_minor(350)),
        used: Some(0),
        lines: Vec::new(),
    }];
    if seed.one_in(2) {
        split_parcels(&mut order);
    }
    pay(seed, &mut order);
    order
}

/// Puts the first line into a parcel of its own.
fn split_parcels(order: &mut Order<'static>) {
    let base = order.shipments[0].clone();
    let parcel = |name: &str, items| Shipment {
        id: id(name),
        items: Some(Few::Many(items)),
        ..base.clone()
    };
    let item = |line: &redress::domain::facts::Line<'static>| (line.id, line.quantity);
    let mut lines = order.lines.iter();
    let first = lines.next().map(item).into_iter().collect();
    let rest: Vec<_> = lines.map(item).collect();
    let mut parcels = Few::one(parcel("p1", first));
    if !rest.is_empty() {
        parcels.push(parcel("p2", rest));
    }
    order.shipments = parcels;
}

fn pay(seed: &mut Seed, order: &mut Order) {
    let goods: Amount = order
        .lines
        .iter()
        .map(|l| l.net_before_order_discount().unwrap())
        .sum();
    let total = goods
        .less(order.discount.unwrap())
        .plus(order.delivery.paid.unwrap())
        .plus(Amount::from_minor(350));
    order.total_paid = Some(total);
    let first = Amount::from_minor(seed.below(total.minor() as usize) as i64);
    let methods = [PaymentMethod::Card, PaymentMethod::StoreCredit];
    order.payments = [first, total.less(first)]
        .into_iter()
        .enumerate()
        .map(|(n, amount)| Payment {
            state: None,
            captured_amount: None,
            id: id(&format!("pay{n}")),
            amount,
            method: Some(methods[n]),
            payer: None,
        })
        .collect();
}

fn request(
    order: &Order<'static>,
    at: Instant,
    ask: Ask<'static>,
    units: &[(usize, i32)],
) -> Request<'static> {
    let lines = units
        .iter()
        .map(|(line, quantity)| generate::units(order.lines[*line].id.as_str(), *quantity))
        .collect();
    let mut request = generate::request(at, lines, ask);
    request
        .facts
        .set(Fact::OrderNumberQuoted, Value::YesNo(true));
    request.facts.set(Fact::Confirmed, Value::YesNo(true));
    if request.ask.action == Action::Claim {
        request.wants = Some(Remedy::Refund);
        for line in request.lines.iter_mut() {
            let confirmed = Value::Word("confirmed");
            line.groups[0].facts.set(Fact::Defect, confirmed);
        }
    }
    request
}

/// Adds up a settlement by kind.
fn totals(settlement: &Settlement<'_>, into: &mut BTreeMap<SettlementKind, i64>) {
    for item in &settlement.items {
        *into.entry(item.kind).or_default() += item.amount.expect("nothing is pending").minor();
    }
}

/// Feeds an approved verdict back as earlier remedies.
fn feed_back(order: &mut Order<'static>, verdict: &Verdict<'_>) {
    let settlement = verdict.settlement.as_ref().unwrap();
    let of = |kind: SettlementKind, line: Option<&str>| -> Amount {
        settlement
            .items
            .iter()
            .filter(|i| i.kind == kind && i.line_id.map(|l| l.as_str()) == line)
            .filter_map(|i| i.amount)
            .sum()
    };
    let mut earlier = Vec::new();
    for (row, decision) in verdict.each() {
        let line = row.line_id.as_str();
        earlier.push(EarlierRemedy {
            payments: Vec::new(),
            taken: Vec::new(),
            shipment: None,
            line: Some(id(line)),
            quantity: row.quantity,
            remedy: decision.entitlement.as_ref().unwrap().remedy,
            amount: of(SettlementKind::Goods, Some(line))
                .less(of(SettlementKind::Deduction, Some(line))),
            delivery_amount: Amount::ZERO,
            options_amount: Amount::ZERO,
            surcharge: Amount::ZERO,
            consumed: None,
            reason: None,
        });
    }
    if let Some(first) = earlier.first_mut() {
        first.delivery_amount = of(SettlementKind::Delivery, None);
        first.options_amount = of(SettlementKind::Options, None);
    }
    order.earlier.extend(earlier);
}

/// Splits all units of an order into requests, at random.
pub fn split(seed: &mut Seed, order: &Order) -> Vec<Vec<(usize, i32)>> {
    let mut left: Vec<i32> = order.lines.iter().map(|l| l.quantity).collect();
    let mut steps = Vec::new();
    while left.iter().any(|n| *n > 0) {
        let mut step = Vec::new();
        for (line, rest) in left.iter_mut().enumerate() {
            let take = seed.below(*rest as usize + 1) as i32;
            if take > 0 {
                step.push((line, take));
                *rest -= take;
            }
        }
        if !step.is_empty() {
            steps.push(step);
        }
    }
    steps
}

#[test]
fn money_adds_up_in_any_split_of_a_request() {
    let catalog = catalog();
    let plan = plan(&catalog);
    let (mut orders, mut with_deduction) = (0, 0);
    for number in 0..600 {
        let mut seed = Seed::new(0x0005_9117 + number);
        let placed = instant(NIGHTS[seed.below(NIGHTS.len())]);
        let claims = seed.one_in(2);
        let (at, ship, deliver) = if claims {
            let delivered = EventTime::At(placed.plus_hours(72));
            (
                placed.plus_hours(100),
                EventTime::At(placed.plus_hours(48)),
                delivered,
            )
        } else {
            (placed.plus_hours(30), EventTime::NotYet, EventTime::NotYet)
        };
        let ask = || {
            if claims {
                let mut claim = Ask::of(Action::Claim);
                claim.set(Fact::ClaimKind, Value::Word("damaged"));
                claim
            } else {
                Ask::of(Action::Cancellation)
            }
        };
        let order = order(&mut seed, ship, deliver, placed);
        let all: Vec<(usize, i32)> = order
            .lines
            .iter()
            .enumerate()
            .map(|(n, l)| (n, l.quantity))
            .collect();
        let facts = Facts::new(order.clone(), request(&order, at, ask(), &all), None).unwrap();
        let whole = decide(plan, &facts, View::Basic);
        assert_eq!(
            whole.outcome,
            Outcome::Approved,
            "seed {number}: {:#?}",
            whole.rows
        );
        let settled = whole.settlement.as_ref().unwrap();
        let mut want = BTreeMap::new();
        totals(settled, &mut want);
        with_deduction += usize::from(want.contains_key(&SettlementKind::Deduction));
        let paid = order.total_paid.unwrap();
        assert!(settled.refund_total <= paid, "seed {number}");

        let mut current = order.clone();
        let (mut got, mut refunded) = (BTreeMap::new(), Amount::ZERO);
        let mut by_payment: BTreeMap<String, i64> = BTreeMap::new();
        let mut failed = false;
        for step in split(&mut seed, &order) {
            let asked = request(&current, at, ask(), &step);
            let facts = Facts::new(current.clone(), asked, None)
                .unwrap_or_else(|v| panic!("seed {number}: {v:#?}"));
            let verdict = decide(plan, &facts, View::Basic);
            failed |= verdict.outcome != Outcome::Approved;
            assert!(!failed, "seed {number}: {:#?}", verdict.rows);
            let part = verdict.settlement.as_ref().unwrap();
            totals(part, &mut got);
            refunded = refunded.plus(part.refund_total);
            let out: Amount = part.payouts.iter().map(|p| p.amount).sum();
            assert_eq!(out, part.refund_total, "seed {number}");
            for payout in &part.payouts {
                let name = payout.payment_id.unwrap().as_str().to_owned();
                *by_payment.entry(name).or_default() += payout.amount.minor();
            }
            feed_back(&mut current, &verdict);
        }
        got.retain(|_, v| *v != 0);
        want.retain(|_, v| *v != 0);
        assert_eq!(got, want, "seed {number}");
        assert_eq!(refunded, settled.refund_total, "seed {number}");
        for payout in &settled.payouts {
            let name = payout.payment_id.unwrap().as_str();
            assert_eq!(
                by_payment.get(name),
                Some(&payout.amount.minor()),
                "seed {number}"
            );
        }
        for payment in &order.payments {
            let out = by_payment.get(payment.id.as_str()).copied().unwrap_or(0);
            assert!(out <= payment.amount.minor(), "seed {number}");
        }
        orders += 1;
    }
    assert!(orders == 600 && with_deduction > 150, "{with_deduction}");
}

#[test]
fn asking_later_never_opens_what_was_closed() {
    let catalog = catalog();
    let plan = plan(&catalog);
    for number in 0..60 {
        let mut seed = Seed::new(0x1A7E + number);
        let placed = instant(NIGHTS[2]);
        let (ship, deliver) = (placed.plus_hours(40), placed.plus_hours(60));
        let order = order(
            &mut seed,
            EventTime::At(ship),
            EventTime::At(deliver),
            placed,
        );
        let mut closed = false;
        for days in 0..40 {
            let at = deliver.plus_hours(24 * days);
            let asked = request(&order, at, Ask::of(Action::Return), &[(0, 1)]);
            let facts = Facts::new(order.clone(), asked, None).unwrap();
            let verdict = decide(plan, &facts, View::Basic);
            assert!(
                !(closed && verdict.outcome == Outcome::Approved),
                "seed {number} day {days}"
            );
            closed |= verdict.outcome == Outcome::Denied;
        }
        assert!(closed, "30 days end");
    }
}

/// Turns the clauses of a policy around, references with them.
fn reversed(policy: &CheckedPolicy) -> CheckedPolicy {
    let mut turned = policy.clone();
    turned.clauses.reverse();
    let last = turned.clauses.len() - 1;
    let test = |test: &mut Test| {
        if let Test::Past(grant) = test {
            *grant = last - *grant;
        }
    };
    for clause in &mut turned.clauses {
        clause.overrides.iter_mut().for_each(|o| *o = last - *o);
        clause.guard.all.iter_mut().for_each(test);
        clause.guard.unless.iter_mut().flatten().for_each(test);
        clause.guard.any.iter_mut().flatten().for_each(test);
        match &mut clause.effect {
            Effect::Extends(grant, _) => *grant = last - *grant,
            Effect::Adds(addition) => addition.to.iter_mut().for_each(|g| *g = last - *g),
            Effect::Grants(_) | Effect::Refuses(_) | Effect::Refers(_) => {}
        }
    }
    turned
}

#[test]
fn order_of_clauses_changes_nothing() {
    let mut compared = 0;
    for number in 0..800 {
        let mut seed = Seed::new(0xC1A0_5E00 + number);
        let mut policy = generate::policy(&mut seed);
        // Equal ranks say that file order may count; ranks of their own do not.
        for (place, clause) in policy.clauses.iter_mut().enumerate() {
            if let Effect::Grants(grant) = &mut clause.effect {
                grant.rank = Some(place as u32);
            }
        }
        let plan = compile(&policy).unwrap();
        let turned = compile(&reversed(&policy)).unwrap();
        let line = generate::line(&mut seed, "a", 1, 5900);
        let placed = instant(NIGHTS[0]);
        let deliver = EventTime::At(placed.plus_hours(40));
        let order = generate::order(vec![line], EventTime::At(placed), deliver, deliver);
        let at = placed.plus_hours(50 + seed.below(150) as i64);
        let asked = generate::request(at, vec![generate::units("a", 1)], Ask::of(Action::Return));
        let facts = Facts::new(order, asked, None).unwrap();
        let (one, other) = (
            decide(&plan, &facts, View::Basic),
            decide(&turned, &facts, View::Basic),
        );
        let told = |v: &Verdict<'_>| {
            let (row, decision) = v.each().next().unwrap();
            let entitlement = decision.entitlement.as_ref();
            (
                decision.outcome,
                entitlement.map(|e| (e.remedy, e.clause.id.to_owned(), row.amount, e.window)),
                entitlement.map(|e| {
                    let mut codes: Vec<_> = e
                        .conditions
                        .iter()
                        .map(|c| (c.code.to_owned(), c.path.of_units(row.location).to_string()))
                        .collect();
                    codes.sort();
                    codes
                }),
                v.missing.clone(),
            )
        };
        assert_eq!(
            told(&one),
            told(&other),
            "seed {number}\n{:#?}",
            policy.clauses
        );
        assert_eq!(one, decide(&plan, &facts, View::Basic), "seed {number}");
        compared += 1;
    }
    assert_eq!(compared, 800);
}

#[test]
fn learning_a_fact_turns_no_settled_verdict_around() {
    let catalog = catalog();
    let plan = plan(&catalog);
    for number in 0..300 {
        let mut seed = Seed::new(0x1EA6_0000 + number);
        let placed = instant(NIGHTS[2]);
        let deliver = EventTime::At(placed.plus_hours(60));
        let known = order(
            &mut seed,
            EventTime::At(placed.plus_hours(40)),
            deliver,
            placed,
        );
        let at = placed.plus_hours(60 + seed.below(900) as i64);
        let mut hidden = known.clone();
        hidden.facts.set(Fact::CustomerKind, Value::Unknown);
        if seed.one_in(2) {
            let line = &mut hidden.lines[0].facts;
            line.set(Fact::Personalized, Value::Unknown);
        }
        if seed.one_in(2) {
            let parcel = &mut hidden.shipments[0].facts;
            parcel.set_event(Event::Deliver, EventTime::Unknown);
        }
        let asked = request(&known, at, Ask::of(Action::Return), &[(0, 1)]);
        let before = Facts::new(hidden, asked.clone(), None).unwrap();
        let after = Facts::new(known, asked, None).unwrap();
        let (before, after) = (
            decide(plan, &before, View::Basic),
            decide(plan, &after, View::Basic),
        );
        if matches!(before.outcome, Outcome::Approved | Outcome::Denied) {
            assert_eq!(before.outcome, after.outcome, "seed {number}");
        }
    }
}
