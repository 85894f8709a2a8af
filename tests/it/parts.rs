//! Amounts of the closed arithmetic: parts of an order add up to the whole, and whoever
//! supplies what is missing comes to an answer.

use redress::domain::facts::{
    Action, Ask, EarlierRemedy, Facts, Order, Remedy, Request, RequestFacts, Value,
};
use redress::domain::money::{Amount, Currency, Rounding};
use redress::domain::path::Owner;
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{Outcome, Question, Settlement, SettlementKind, Verdict};
use redress::domain::vocabulary::{Event, Fact};
use redress::engine::View;
use redress::policy::checked::{CheckedPolicy, Guard};
use redress::policy::compile::compile;
use redress::policy::terms::{
    Addition, Base, Count, DeliveryShare, Effect, Every, Formula, Part, Pending, Scope, Sum, Worth,
};

use crate::differential::{money, orders, policies};
use crate::generate::{self, Seed, instant, text_of};
use crate::properties::{NIGHTS, order, split};
use crate::within::decide;

/// Makes a policy of one grant and of what these parts add to it.
pub fn policy(seed: &mut Seed, parts: Vec<Part>, worth: Worth) -> CheckedPolicy {
    let (mut policy, _) = policies::policy(seed);
    policy.routes = vec![(Action::Return, Action::Return)];
    let mut grant = policy.clauses[0].clone();
    grant.routes = vec![Action::Return];
    grant.guard = Guard::default();
    grant.pending = Pending::Condition;
    let mut addition = grant.clone();
    addition.id = redress::domain::id::ClauseId::new("GEN-99").unwrap();
    addition.effect = Effect::Adds(Addition {
        remedies: Vec::new(),
        to: Vec::new(),
        parts,
    });
    if let Effect::Grants(grant) = &mut grant.effect {
        grant.remedy = Remedy::Refund;
        grant.window = None;
        grant.worth = worth;
        grant.delivery = DeliveryShare::Paid;
        grant.options = true;
        grant.consumes = None;
    }
    policy.clauses = vec![grant, addition];
    policy
}

/// Whether an amount adds up in parts: what counts once for a request or a parcel does not,
/// and what is told of units is told of others in each part.
fn adds_up(sum: &Sum) -> bool {
    let owner = |fact: &Fact| fact.spec().field.owner();
    let facts = sum.formula.facts();
    !matches!(
        sum.scope,
        Scope::Request | Scope::ReturnParcel | Scope::Parcel
    ) && !facts.iter().any(|fact| owner(fact) == Owner::Units)
        && !sum.formula.is_foreign(Currency::euro())
}

/// Makes an amount that adds up, with a code of its own.
fn sum(seed: &mut Seed, number: usize) -> Sum {
    loop {
        let sum = money::sum(seed);
        if adds_up(&sum) {
            let code = format!("fee_{number}");
            return Sum { code, ..sum };
        }
    }
}

pub fn request(order: &Order<'static>, now: Instant, units: &[(usize, i32)]) -> Request<'static> {
    let lines = units.iter();
    let lines = lines.map(|(line, units)| generate::units(order.lines[*line].id.as_str(), *units));
    let mut request = generate::request(now, lines.collect(), Ask::of(Action::Return));
    let mut seed = Seed::new(7);
    money::tell_of_request(&mut seed, &mut request);
    request.facts.set(Fact::ParcelCount, Value::Number(2));
    for fact in [
        Fact::ReturnPaid,
        Fact::CollectionCost,
        Fact::UndeliveredCost,
    ] {
        let amount = Value::Amount(Amount::from_minor(450));
        request.facts.set(fact, amount);
    }
    for event in [Event::HandOver, Event::Receive] {
        request.facts.set_event(event, EventTime::At(now));
    }
    request
}

/// What comes back less what is owed.
pub fn net(settlement: &Settlement<'_>) -> i64 {
    let back = settlement.refund_total.plus(settlement.credit_total);
    back.minor() - settlement.owed_total.minor()
}

/// What a settlement pays back besides what was paid.
fn besides(settlement: &Settlement<'_>) -> i64 {
    let items = settlement.items.iter();
    let besides = items.filter(|item| item.kind == SettlementKind::Reimbursement);
    besides
        .filter_map(|item| item.amount)
        .map(Amount::minor)
        .sum()
}

/// Whether nothing is left of a row behind what is taken off its line.
fn leaves_nothing(verdict: &Verdict<'_>) -> bool {
    let items = &verdict.settlement.as_ref().unwrap().items;
    let lines = verdict.each().map(|(row, _)| row.line_id);
    lines.into_iter().any(|line| {
        let of = |kind: SettlementKind| -> i64 {
            let of_line = items
                .iter()
                .filter(|i| i.kind == kind && i.line_id == Some(line));
            of_line
                .filter_map(|item| item.amount)
                .map(Amount::minor)
                .sum()
        };
        of(SettlementKind::Goods) == of(SettlementKind::Deduction) + of(SettlementKind::Cap)
    })
}

/// Records an approved verdict as earlier remedies, with what was taken by the codes of items.
pub fn record(order: &mut Order<'static>, verdict: &Verdict<'_>) {
    let settlement = verdict.settlement.as_ref().unwrap();
    let mut entries: Vec<EarlierRemedy<'static>> = Vec::new();
    for (row, _) in verdict.each() {
        let of_line = |kind: SettlementKind| -> Amount {
            let items = settlement.items.iter();
            let of_line = items.filter(|i| i.kind == kind && i.line_id == Some(row.line_id));
            of_line.filter_map(|item| item.amount).sum()
        };
        let goods = of_line(SettlementKind::Goods).less(of_line(SettlementKind::Cap));
        entries.push(EarlierRemedy {
            payments: Vec::new(),
            taken: Vec::new(),
            shipment: None,
            line: Some(generate::id(row.line_id.as_str())),
            quantity: row.quantity,
            remedy: Remedy::Refund,
            amount: goods.less(of_line(SettlementKind::Deduction)),
            delivery_amount: Amount::ZERO,
            options_amount: Amount::ZERO,
            surcharge: Amount::ZERO,
            consumed: None,
            reason: None,
        });
    }
    for item in &settlement.items {
        let amount = item.amount.unwrap();
        let line = item.line_id.map(|line| line.as_str());
        let of_line = |entry: &&mut EarlierRemedy<'_>| {
            line.is_none() || entry.line.map(|line| line.as_str()) == line
        };
        // What is of a group has the name of its first line, and is of any of its lines.
        let group = |line: Option<&str>| {
            let mut lines = order.lines.iter();
            lines.find(|of| Some(of.id.as_str()) == line)?.group
        };
        let at = entries.iter_mut().position(|mut entry| of_line(&mut entry));
        let at = at.or_else(|| {
            let of_group = |entry: &EarlierRemedy<'_>| {
                let own = entry.line.map(|line| line.as_str());
                group(own).is_some() && group(own) == group(line)
            };
            entries.iter().position(of_group)
        });
        let entry = &mut entries[at.unwrap()];
        match item.kind {
            SettlementKind::Delivery => entry.delivery_amount = amount,
            SettlementKind::Options => entry.options_amount = amount,
            _ if !item.code.is_empty() && item.kind != SettlementKind::Cap => {
                let amount = match item.kind {
                    SettlementKind::GivenBack => -amount.minor(),
                    _ => amount.minor(),
                };
                let mut taken = entry.taken.iter_mut();
                match taken.find(|(code, _)| *code == item.code) {
                    Some((_, sum)) => *sum = Amount::from_minor(sum.minor() + amount),
                    None => {
                        let taken = (text_of(item.code), Amount::from_minor(amount));
                        entry.taken.push(taken);
                    }
                }
            }
            _ => {}
        }
    }
    order.earlier.extend(entries);
}

#[test]
fn amounts_add_up_in_any_split_of_an_order() {
    let (mut compared, mut exact, mut deducted) = (0, 0, 0);
    'orders: for number in 0..20_000 {
        let mut seed = Seed::new(0x0009_A275 + number);
        let placed = instant(NIGHTS[seed.below(NIGHTS.len())]);
        let now = placed.plus_hours(150);
        let (ship, deliver) = (placed.plus_hours(24), placed.plus_hours(60));
        let mut order = order(
            &mut seed,
            EventTime::At(ship),
            EventTime::At(deliver),
            placed,
        );
        money::tell(&mut seed, &mut order, placed, now);
        let mut parts = Vec::new();
        for number in 0..1 + seed.below(3) {
            let sum = sum(&mut seed, number);
            parts.push(match seed.below(5) {
                0 => Part::Charge(sum),
                1 => Part::Reimburse(sum),
                _ => Part::Deduct(sum),
            });
        }
        let worth = match seed.one_in(4) {
            true => {
                let points = u32::try_from(seed.below(10_000)).unwrap();
                let share = crate::sums::percent(points);
                Worth::Said(Box::new(share))
            }
            false => Worth::Paid,
        };
        let policy = policy(&mut seed, parts, worth);
        let plan = compile(&policy).unwrap();
        let all: Vec<(usize, i32)> = order.lines.iter().map(|l| l.quantity).enumerate().collect();
        let asked = request(&order, now, &all);
        let Ok(facts) = Facts::new(order.clone(), asked, None) else {
            continue;
        };
        let whole = decide(&plan, &facts, View::Basic);
        // What is not known adds up to nothing yet.
        let Some(settled) = whole.settlement.as_ref() else {
            continue;
        };
        let known = settled.items.iter().all(|item| item.amount.is_some());
        if whole.outcome != Outcome::Approved || !known {
            continue;
        }
        let (mut sum, mut refunded, mut paid_besides, mut cut) = (0, 0, 0, false);
        let mut current = order.clone();
        for step in split(&mut seed, &order) {
            let asked = request(&current, now, &step);
            let facts = Facts::new(current.clone(), asked, None)
                .unwrap_or_else(|v| panic!("seed {number}: {v:#?}"));
            let verdict = decide(&plan, &facts, View::Basic);
            // What is not told can matter to a part, and not to the whole.
            assert_ne!(verdict.outcome, Outcome::Denied, "seed {number}");
            if verdict.outcome != Outcome::Approved {
                continue 'orders;
            }
            let part = verdict.settlement.as_ref().unwrap();
            if part.items.iter().any(|item| item.amount.is_none()) {
                continue 'orders;
            }
            assert!(part.refund_total >= Amount::ZERO, "seed {number}");
            sum += net(part);
            refunded += part.refund_total.minor();
            paid_besides += besides(part);
            cut |= part.refund_total.minor() == besides(part) || leaves_nothing(&verdict);
            record(&mut current, &verdict);
        }
        let at_most = order.total_paid.unwrap().minor() + paid_besides;
        assert!(
            refunded <= at_most,
            "seed {number}: {refunded} of {at_most}"
        );
        let wanted = net(settled);
        // What a part cannot give is not taken off others that came before.
        assert!(
            sum == wanted || cut && sum > wanted,
            "{sum} and {wanted}, seed {number}\n{:#?}\n{settled:#?}\n{:#?}",
            policy.clauses,
            current.earlier
        );
        compared += 1;
        exact += usize::from(sum == wanted);
        let mut items = settled.items.iter();
        let some = |item: &Option<Amount>| item.is_some_and(|amount| !amount.is_zero());
        deducted += usize::from(
            items.any(|item| item.kind == SettlementKind::Deduction && some(&item.amount)),
        );
    }
    let told = format!("{compared} compared, {exact} exact, {deducted} with deductions");
    assert!(
        compared > 5000 && exact * 20 > compared * 19 && deducted > 2000,
        "{told}"
    );
}

/// Returns the number behind a word in a path.
fn index(path: &str, word: &str) -> usize {
    let rest = path
        .split_once(&format!("{word}["))
        .map_or("0", |(_, rest)| rest);
    rest.split(']').next().unwrap().parse().unwrap_or(0)
}

/// Returns where a request tells what a path names: of itself, or of a return parcel.
fn told_at<'r>(request: &'r mut Request<'static>, path: &str) -> &'r mut RequestFacts<'static> {
    let parcel = index(path, "return_parcels");
    match path.contains("return_parcels") {
        true => &mut request.return_parcels[parcel].facts,
        false => &mut request.facts,
    }
}

/// Tells what a missing fact asks for.
fn answer(
    seed: &mut Seed,
    (order, request): (&mut Order<'static>, &mut Request<'static>),
    (path, question): (&str, Question),
    now: Instant,
) {
    let (line, parcel) = (index(path, "lines"), index(path, "shipments"));
    match question {
        Question::Fact(fact, _) => {
            let value = match fact.spec().kind {
                redress::domain::vocabulary::Kind::Amount => Value::Amount(Amount::from_minor(700)),
                redress::domain::vocabulary::Kind::Number => Value::Number(3),
                _ => panic!("{path} is asked for"),
            };
            match fact.spec().field.owner() {
                Owner::Order => order.facts.set(fact, value),
                Owner::Line => order.lines[line].facts.set(fact, value),
                Owner::Parcel => order.shipments[parcel].facts.set(fact, value),
                Owner::Units => {
                    let group = index(path, "groups");
                    request.lines[line].groups[group].facts.set(fact, value);
                }
                Owner::Request | Owner::Action(_) => told_at(request, path).set(fact, value),
            }
        }
        Question::Event(event) => {
            let time = match seed.one_in(4) {
                true => EventTime::NotYet,
                false => EventTime::At(now),
            };
            let time = match event.is_planned() {
                true => EventTime::At(now),
                false => time,
            };
            match event.field().owner() {
                Owner::Order => order.facts.set_event(event, time),
                Owner::Line => order.lines[line].facts.set_event(event, time),
                Owner::Parcel => order.shipments[parcel].facts.set_event(event, time),
                Owner::Units | Owner::Request | Owner::Action(_) => {
                    told_at(request, path).set_event(event, time);
                }
            }
        }
        other => panic!("{path} is asked for: {other:?}"),
    }
}

#[test]
fn asking_for_what_amounts_need_ends() {
    let mut asked = 0;
    for number in 0..3000 {
        let mut seed = Seed::new(0x000A_5CED + number);
        let now = orders::placed().plus_hours(250);
        let mut order = orders::order(&mut seed, orders::placed(), now);
        let Some(mut request) = orders::request(&mut seed, &order, Action::Return, now) else {
            continue;
        };
        money::tell(&mut seed, &mut order, orders::placed(), now);
        money::tell_of_request(&mut seed, &mut request);
        let parts = (0..3)
            .map(|_| Part::Deduct(money::sum(&mut seed)))
            .collect();
        let policy = policy(&mut seed, parts, Worth::Paid);
        let plan = compile(&policy).unwrap();
        for round in 0.. {
            let Ok(facts) = Facts::new(order.clone(), request.clone(), None) else {
                break;
            };
            let verdict = decide(&plan, &facts, View::Basic);
            let missing: Vec<(String, Question)> = verdict
                .missing
                .iter()
                .map(|fact| (fact.path.clone(), fact.question.clone()))
                .collect();
            if missing.is_empty() {
                assert_ne!(verdict.outcome, Outcome::NeedsInformation, "seed {number}");
                break;
            }
            // What is told in answer can let other events have a time: each is asked once.
            assert!(round < 4, "seed {number}: {missing:?} is still asked for");
            asked += 1;
            for (path, question) in missing {
                let known = (&mut order, &mut request);
                answer(&mut seed, known, (&path, question), now);
            }
        }
    }
    assert!(asked > 300, "{asked}");
}

/// What a small return comes to: its outcome, what is missing, what comes back, and whether
/// money waits for an amount.
type Small = (Outcome, Vec<String>, i64, bool);

/// Decides the return of one of two units of 10.00 under some amounts.
fn small(
    parts: Vec<Part>,
    worth: Worth,
    change: impl FnOnce(&mut Order<'static>, &mut Request<'static>),
) -> Small {
    let mut seed = Seed::new(1);
    let policy = policy(&mut seed, parts, worth);
    let plan = compile(&policy).unwrap();
    let placed = orders::placed();
    let now = placed.plus_hours(100);
    let line = generate::line(&mut seed, "a", 2, 1000);
    let at = EventTime::At(placed.plus_hours(10));
    let mut order = generate::order(vec![line], EventTime::At(placed), at, at);
    order.delivery.paid = Some(Amount::ZERO);
    let units = vec![generate::units("a", 1)];
    let mut request = generate::request(now, units, Ask::of(Action::Return));
    change(&mut order, &mut request);
    let facts = Facts::new(order, request, None).unwrap();
    let verdict = decide(&plan, &facts, View::Basic);
    let missing = verdict.missing.iter().map(|fact| fact.path.clone());
    let mut given = verdict
        .each()
        .filter_map(|(_, decision)| decision.entitlement.as_ref());
    let waits = given.any(|given| given.conditions.iter().any(|c| c.code == "amount_found"));
    let net = verdict.settlement.as_ref().map_or(0, net);
    (verdict.outcome, missing.collect(), net, waits)
}

fn fee(formula: Formula, scope: Scope) -> Sum {
    let code = "fee".to_owned();
    Sum {
        code,
        formula,
        scope,
    }
}

fn fixed(minor: i64) -> Formula {
    Formula::Fixed(Amount::from_minor(minor), Currency::euro())
}

/// Says that the other unit came back before, for an amount.
fn refunded(order: &mut Order<'static>, amount: i64, taken: Vec<(&'static str, Amount)>) {
    order.earlier.push(EarlierRemedy {
        payments: Vec::new(),
        taken,
        shipment: None,
        line: Some(generate::id("a")),
        quantity: 1,
        remedy: Remedy::Refund,
        amount: Amount::from_minor(amount),
        delivery_amount: Amount::ZERO,
        options_amount: Amount::ZERO,
        surcharge: Amount::ZERO,
        consumed: None,
        reason: None,
    });
}

fn approved(net: i64) -> Small {
    (Outcome::Approved, Vec::new(), net, false)
}

#[test]
fn an_amount_that_changes_nothing_is_not_asked_for() {
    let [_, deposit, ..] = money::amounts();
    let stated = || Formula::Stated(deposit);
    let deduct = |formula| vec![Part::Deduct(fee(formula, Scope::Unit))];
    // At most nothing, or at least more than the unit can pay.
    for (formula, net) in [
        (Formula::Least(vec![stated(), fixed(0)]), 1000),
        (Formula::Greatest(vec![stated(), fixed(2000)]), 0),
    ] {
        let told = small(deduct(formula), Worth::Paid, |_, _| {});
        assert_eq!(told, approved(net));
    }
    let asked = small(deduct(stated()), Worth::Paid, |_, _| {});
    assert_eq!(asked.0, Outcome::NeedsInformation);
    assert_eq!(asked.1, ["order.facts[deposit]"]);
    // Nothing was charged, so that nothing can be taken off.
    let free = small(deduct(stated()), Worth::Paid, |order, _| {
        order.facts.set(Fact::Charged, Value::YesNo(false));
    });
    assert_eq!(free, approved(0));
}

#[test]
fn money_waits_for_what_lies_ahead() {
    let days = Count::Periods {
        from: Event::HandOver,
        to: Event::Receive,
        every: Every::Days(1),
        begun: false,
    };
    let each = || Formula::Times(Box::new(fixed(100)), days);
    let parts = || vec![Part::Deduct(fee(each(), Scope::Order))];
    for time in [EventTime::NotYet, EventTime::Unknown] {
        let told = small(parts(), Worth::Paid, |_, request| {
            request.facts.set_event(Event::HandOver, time);
            request.facts.set_event(Event::Receive, time);
        });
        assert_eq!(
            told,
            (Outcome::Approved, Vec::new(), 1000, true),
            "{time:?}"
        );
    }
    let told = small(parts(), Worth::Paid, |_, request| {
        let now = request.request_time;
        let sent = EventTime::At(now.plus_hours(-48));
        request.facts.set_event(Event::HandOver, sent);
        request.facts.set_event(Event::Receive, EventTime::At(now));
    });
    assert_eq!(told, approved(800));
}

#[test]
fn what_was_taken_before_counts_for_one_amount_only() {
    let other = Formula::Greatest(vec![fixed(300), fixed(200)]);
    let parts = || {
        let sums = [fixed(300), other.clone()].map(|formula| fee(formula, Scope::Order));
        sums.map(Part::Deduct).to_vec()
    };
    let taken = || vec![("fee", Amount::from_minor(300))];
    let told = small(parts(), Worth::Paid, |order, _| {
        refunded(order, 700, taken())
    });
    assert_eq!(told, approved(700));
    // Nobody says what was taken, but 3.00 were kept.
    let told = small(parts(), Worth::Paid, |order, _| {
        refunded(order, 700, Vec::new())
    });
    assert_eq!(told, approved(700));
    let charge = || vec![Part::Charge(fee(fixed(300), Scope::Order))];
    let told = small(charge(), Worth::Paid, |order, _| {
        refunded(order, 700, Vec::new())
    });
    assert_eq!(told, approved(1000));
}

#[test]
fn shares_are_of_what_units_can_still_pay() {
    let tenth = || Formula::Percent(1000, Base::Paid, Rounding::HalfUp);
    let half = || Worth::Said(Box::new(crate::sums::percent(5000)));
    for scope in [Scope::Row, Scope::Line, Scope::Order] {
        let parts = vec![Part::Deduct(fee(tenth(), scope))];
        assert_eq!(small(parts, half(), |_, _| {}), approved(400), "{scope:?}");
        // Goods that pay nothing can be charged for, unless nothing was charged.
        let charge = || vec![Part::Charge(fee(tenth(), scope))];
        let told = small(charge(), Worth::Nothing, |_, _| {});
        assert_eq!(told, approved(-100), "{scope:?}");
        let told = small(charge(), Worth::Nothing, |order, _| {
            order.facts.set(Fact::Charged, Value::YesNo(false));
        });
        assert_eq!(told, approved(0), "{scope:?}");
    }
}

#[test]
fn what_counts_once_in_a_line_comes_off_its_units() {
    let [.., engraving, _] = money::amounts();
    let parts = vec![Part::Deduct(fee(Formula::Stated(engraving), Scope::Line))];
    let told = small(parts, Worth::Paid, |order, request| {
        let mut other = generate::line(&mut Seed::new(2), "b", 1, 5000);
        order.lines[0]
            .facts
            .set(engraving, Value::Amount(Amount::from_minor(2000)));
        other.facts.set(engraving, Value::Amount(Amount::ZERO));
        order.lines.push(other);
        request.lines.push(generate::units("b", 1));
    });
    assert_eq!(told, approved(5000));
}
