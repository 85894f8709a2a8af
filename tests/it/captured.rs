//! No more comes back than was captured: of each payment and of the order, in any split, with
//! what went back before told by payment, told for no payment, or given for no units.

use std::collections::BTreeMap;

use redress::domain::facts::{
    Action, Ask, EarlierRemedy, Facts, Order, PaymentState, Remedy, Value,
};
use redress::domain::money::Amount;
use redress::domain::time::EventTime;
use redress::domain::verdict::Outcome;
use redress::domain::vocabulary::Fact;
use redress::engine::View;

use crate::generate::{self, Seed, instant};
use crate::properties::{NIGHTS, catalog, order, plan, split};
use crate::within::decide;

/// Captures a part of payments, or leaves them as they are.
fn capture(seed: &mut Seed, order: &mut Order<'static>) {
    for payment in &mut order.payments {
        payment.state = *seed.pick(&[
            None,
            Some(PaymentState::Captured),
            Some(PaymentState::Authorized),
            Some(PaymentState::Pending),
        ]);
        let taken = matches!(
            payment.state,
            Some(PaymentState::Captured | PaymentState::Authorized)
        );
        if seed.one_in(2) && taken {
            let part = seed.below(payment.amount.minor() as usize + 1) as i64;
            payment.captured_amount = Some(Amount::from_minor(part));
        }
    }
}

/// Tells of units that came back, and of money that went to payments, or to none.
fn earlier(
    (line, quantity): (Option<&str>, i32),
    amount: Amount,
    payments: Vec<(redress::domain::id::CallerId<'static>, Amount)>,
) -> EarlierRemedy<'static> {
    EarlierRemedy {
        taken: Vec::new(),
        shipment: None,
        line: line.map(generate::id),
        quantity,
        remedy: Remedy::Refund,
        amount,
        delivery_amount: Amount::ZERO,
        options_amount: Amount::ZERO,
        surcharge: Amount::ZERO,
        consumed: None,
        reason: None,
        payments,
    }
}

#[test]
fn no_payment_gives_back_more_than_was_captured_of_it() {
    let catalog = catalog();
    let plan = plan(&catalog);
    let (mut capped, mut told_apart) = (0, 0);
    for number in 0..400 {
        let mut seed = Seed::new(0x0CA9_7000 + number);
        let placed = instant(NIGHTS[2]);
        let mut order = order(&mut seed, EventTime::NotYet, EventTime::NotYet, placed);
        capture(&mut seed, &mut order);
        let captured: BTreeMap<String, i64> = order
            .payments
            .iter()
            .map(|p| (p.id.as_str().to_owned(), p.captured().minor()))
            .collect();
        let all: i64 = captured.values().sum();
        let mut back: BTreeMap<String, i64> = BTreeMap::new();
        let mut refunded = 0;
        // Some was given back for no units.
        if seed.one_in(3) && all > 0 {
            let given = Amount::from_minor(seed.below(all as usize / 2 + 1) as i64);
            refunded += given.minor();
            order.earlier.push(earlier((None, 0), given, Vec::new()));
        }
        let mut knows_all = order.earlier.is_empty();
        for step in split(&mut seed, &order) {
            let lines = step
                .iter()
                .map(|(line, quantity)| generate::units(order.lines[*line].id.as_str(), *quantity))
                .collect();
            let at = placed.plus_hours(30);
            let mut request = generate::request(at, lines, Ask::of(Action::Cancellation));
            let facts = &mut request.facts;
            facts.set(Fact::OrderNumberQuoted, Value::YesNo(true));
            facts.set(Fact::Confirmed, Value::YesNo(true));
            let facts = Facts::new(order.clone(), request, None)
                .unwrap_or_else(|v| panic!("seed {number}: {v:#?}"));
            let verdict = decide(plan, &facts, View::Basic);
            assert_eq!(verdict.outcome, Outcome::Approved, "seed {number}");
            let settlement = verdict.settlement.as_ref().unwrap();
            refunded += settlement.refund_total.minor();
            assert!(refunded <= all, "seed {number}: {refunded} of {all}");
            capped += usize::from(refunded == all);
            let mut shares = Vec::new();
            for payout in &settlement.payouts {
                let id = payout.payment_id.expect("a payment");
                let of_it = back.entry(id.as_str().to_owned()).or_default();
                *of_it += payout.amount.minor();
                if knows_all {
                    assert!(
                        *of_it <= captured[id.as_str()],
                        "seed {number}: {}",
                        id.as_str()
                    );
                }
                shares.push((generate::id(id.as_str()), payout.amount));
            }
            let paid: Amount = shares.iter().map(|(_, amount)| *amount).sum();
            assert_eq!(paid, settlement.refund_total, "seed {number}");
            // The units are told without money, and the money without units.
            for (line, quantity) in &step {
                let line = Some(order.lines[*line].id.as_str());
                let units = earlier((line, *quantity), Amount::ZERO, Vec::new());
                order.earlier.push(units);
            }
            let told = seed.one_in(2);
            told_apart += usize::from(told && shares.len() > 1);
            let shares = if told { shares } else { Vec::new() };
            // Where it went is then the engine's own answer or nobody's.
            knows_all &= told;
            order
                .earlier
                .push(earlier((None, 0), settlement.refund_total, shares));
        }
    }
    assert!(capped > 50 && told_apart > 50, "{capped} {told_apart}");
}
