//! What terms take because of what the customer keeps comes back with the rest: a group that
//! comes back in parts pays what it pays at once.

use redress::domain::facts::Facts;
use redress::domain::money::{Amount, Currency, Rounding};
use redress::domain::time::EventTime;
use redress::domain::verdict::{Outcome, SettlementKind};
use redress::domain::vocabulary::Fact;
use redress::engine::View;
use redress::policy::compile::compile;
use redress::policy::terms::{AmountRange, Base, Effect, Formula, Part, Scope, Sum, Test, Worth};

use crate::generate::{Seed, fact, id, instant};
use crate::parts::{net, policy, record, request};
use crate::properties::{NIGHTS, order, split};
use crate::within::decide;

/// Takes the discounts back on what stays, or an amount while goods below a value stay.
fn parts(seed: &mut Seed) -> (Part, Option<Test>) {
    let discount = Formula::Percent(10_000, Base::KeptDiscount, Rounding::HalfUp);
    let fixed = Formula::Fixed(Amount::from_minor(490), Currency::euro());
    let (formula, scope, test) = match seed.below(3) {
        0 => (discount, Scope::Group, None),
        1 => (discount, Scope::Order, None),
        _ => {
            let high = Amount::from_minor(*seed.pick(&[1000, 5000, 12_000]));
            let range = AmountRange {
                low: Amount::from_minor(1),
                high: Some(high),
                currency: Currency::euro(),
            };
            let test = Test::Amount(fact(Fact::KeptValue), range);
            (fixed, Scope::Order, Some(test))
        }
    };
    let code = "kept".to_owned();
    let sum = Sum {
        code,
        formula,
        scope,
    };
    match seed.one_in(4) {
        true => (Part::Charge(sum), test),
        false => (Part::Deduct(sum), test),
    }
}

#[test]
fn what_was_taken_for_what_stays_comes_back_with_the_rest() {
    let (mut compared, mut taken, mut given_back) = (0, 0, 0);
    'orders: for number in 0..4000 {
        let mut seed = Seed::new(0x06B4_C000 + number);
        let placed = instant(NIGHTS[seed.below(NIGHTS.len())]);
        let now = placed.plus_hours(150);
        let (ship, deliver) = (placed.plus_hours(24), placed.plus_hours(60));
        let times = (EventTime::At(ship), EventTime::At(deliver));
        let mut order = order(&mut seed, times.0, times.1, placed);
        order.earlier.clear();
        for line in order.lines.iter_mut() {
            line.group = seed.pick(&[None, Some("one"), Some("one")]).map(id);
        }
        let (part, test) = parts(&mut seed);
        let mut policy = policy(&mut seed, vec![part], Worth::Paid);
        policy.clauses[1].guard.all.extend(test);
        let takes = matches!(policy.clauses[1].effect, Effect::Adds(_));
        assert!(takes, "the second clause adds");
        let plan = compile(&policy).unwrap();
        let all: Vec<(usize, i32)> = order.lines.iter().map(|l| l.quantity).enumerate().collect();
        let Ok(facts) = Facts::new(order.clone(), request(&order, now, &all), None) else {
            continue;
        };
        let whole = decide(&plan, &facts, View::Basic);
        if whole.outcome != Outcome::Approved {
            continue;
        }
        let wanted = net(whole.settlement.as_ref().unwrap());
        let (mut sum, mut current) = (0, order.clone());
        for step in split(&mut seed, &order) {
            let facts = Facts::new(current.clone(), request(&current, now, &step), None)
                .unwrap_or_else(|v| panic!("seed {number}: {v:#?}"));
            let verdict = decide(&plan, &facts, View::Basic);
            if verdict.outcome != Outcome::Approved {
                continue 'orders;
            }
            let part = verdict.settlement.as_ref().unwrap();
            sum += net(part);
            for item in &part.items {
                let is_some = item.amount.is_some_and(|amount| !amount.is_zero());
                let kept = item.code == "kept" && is_some;
                taken += usize::from(kept && item.kind != SettlementKind::GivenBack);
                given_back += usize::from(kept && item.kind == SettlementKind::GivenBack);
            }
            record(&mut current, &verdict);
        }
        assert_eq!(sum, wanted, "seed {number}: {:#?}", current.earlier);
        compared += 1;
    }
    let told = format!("{compared} compared, {taken} taken, {given_back} given back");
    assert!(compared > 1000 && taken > 300 && given_back > 200, "{told}");
}
