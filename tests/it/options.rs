//! Options, alternatives and decisions say the same.

use crate::within::decide;
use redress::domain::facts::{Action, Facts, Order, Value};
use redress::domain::few::Few;
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{
    Bound, Decision, OptionStatus, OrderOption, Outcome, Reason, ReasonCode, Verdict,
};
use redress::engine::{Budget, Options, OptionsQuery, View};
use redress::policy::plan::Plan;

use crate::generate::{Seed, instant};
use crate::properties::{NIGHTS, catalog, order, plan};

/// Says what a decision says in the words of an option: over rows that differ, what the
/// best of them are.
fn status(verdict: &Verdict<'_>) -> OptionStatus {
    let of = |decision: &Decision<'_>| {
        let early = |r: &Reason<'_>| r.code == ReasonCode::TooEarly.word();
        match decision.outcome {
            Outcome::Approved => OptionStatus::Open,
            Outcome::Denied if decision.reasons.iter().any(early) => OptionStatus::NotOpenYet,
            Outcome::Denied => OptionStatus::Closed,
            Outcome::NeedsInformation => OptionStatus::NeedsInformation,
            Outcome::NeedsReview | Outcome::Mixed => OptionStatus::NeedsReview,
        }
    };
    let all: Vec<OptionStatus> = verdict.each().map(|(_, decision)| of(decision)).collect();
    let order = [
        OptionStatus::Open,
        OptionStatus::NeedsInformation,
        OptionStatus::NeedsReview,
        OptionStatus::NotOpenYet,
        OptionStatus::Closed,
    ];
    let best = order.into_iter().find(|status| all.contains(status));
    best.expect("a verdict has rows")
}

/// Whether a customer can choose an action without saying that something happened.
fn is_choice(action: Action) -> bool {
    use Action::{Cancellation, Change, Exchange, Return, Withdrawal};
    matches!(
        action,
        Return | Withdrawal | Exchange | Cancellation | Change
    )
}

/// Compares the alternatives to what an option asks for with the options of other
/// routes: those that are not closed are listed, and no others.
fn alternatives_are_options(
    plan: &Plan,
    verdict: &Verdict<'_>,
    (asked, options): (&OrderOption<'_>, &[OrderOption<'_>]),
) {
    if asked.line_id.is_some() || verdict.outcome == Outcome::Mixed {
        return;
    }
    let route = |action| plan.route(action).map(|route| route.route);
    // Alternatives are asked for without a reason; options are where that decides.
    let with_reasons = |action| {
        let mut all = options.iter().filter(|o| o.action == action);
        all.any(|o| !o.reason_class.is_empty())
    };
    let others = options.iter().filter(|other| {
        other.line_id.is_none()
            && is_choice(other.action)
            && route(other.action) != route(asked.action)
            && !with_reasons(other.action)
    });
    for other in others {
        let mut listed = verdict.alternatives.iter();
        let listed = listed
            .any(|a| (a.action, a.remedy, a.status) == (other.action, other.remedy, other.status));
        let open = other.status != OptionStatus::Closed;
        assert_eq!(listed, open, "{other:#?}\n{:#?}", verdict.alternatives);
    }
}

/// Lists options at an instant and decides the request of each; returns the
/// boundary instants of their windows.
pub fn agree(plan: &Plan, order: &Order, at: Instant, number: u64) -> Vec<Instant> {
    let query = OptionsQuery {
        order: order.clone(),
        request_time: at,
        lines: Few::new(),
        requester: Value::Unknown,
        actions: Vec::new(),
        line_by_line: true,
    };
    let asks = Options::new(query)
        .unwrap()
        .asks(plan, &Budget::default())
        .unwrap();
    let (options, _) = asks.list(plan, View::Full, &Budget::default()).unwrap();
    let mut boundaries = Vec::new();
    for option in &options {
        let facts = Facts::new(order.clone(), option.request.clone(), None).unwrap();
        let verdict = decide(plan, &facts, View::Basic);
        let told = format!("seed {number} at {at}: {option:#?}\n{:#?}", verdict.rows);
        assert_eq!(status(&verdict), option.status, "{told}");
        assert_eq!(verdict.missing, option.missing, "{told}");
        if option.status == OptionStatus::Open {
            let remedy = verdict.decisions[0].entitlement.as_ref().map(|e| e.remedy);
            assert_eq!(remedy, option.remedy, "{told}");
            if let Some(amount) = option.amount {
                let settled = verdict.settlement.as_ref().unwrap();
                assert_eq!(
                    settled.refund_total.plus(settled.credit_total),
                    amount,
                    "{told}"
                );
            }
            let settled = verdict.settlement.as_ref();
            let items = settled.into_iter().flat_map(|settled| &settled.items);
            let of_order: Vec<_> = items.filter(|item| item.line_id.is_none()).collect();
            let listed: Vec<_> = option.order_items.iter().collect();
            assert_eq!(listed, of_order, "{told}");
            let owed = settled.map(|settled| settled.owed_total);
            let owed = owed.filter(|owed| *owed != Amount::ZERO);
            assert_eq!(owed, option.owed, "{told}");
        }
        alternatives_are_options(plan, &verdict, (option, &options));
        for bound in option.window.iter().flat_map(|w| [w.opens, w.closes]) {
            if let Bound::At(boundary) = bound {
                boundaries.extend([boundary.previous(), boundary, boundary.next()]);
            }
        }
    }
    assert!(!options.is_empty());
    boundaries.sort();
    boundaries.dedup();
    boundaries
}

#[test]
fn options_agree_with_decisions_on_both_sides_of_each_boundary() {
    let catalog = catalog();
    let plan = plan(&catalog);
    for number in 0..12 {
        let mut seed = Seed::new(0x0000_0B71 + number);
        let placed = instant(NIGHTS[seed.below(NIGHTS.len())]);
        let (ship, deliver) = match seed.below(3) {
            0 => (EventTime::NotYet, EventTime::NotYet),
            1 => (EventTime::At(placed.plus_hours(40)), EventTime::NotYet),
            _ => (
                EventTime::At(placed.plus_hours(40)),
                EventTime::At(placed.plus_hours(60)),
            ),
        };
        let order = order(&mut seed, ship, deliver, placed);
        let latest = placed.plus_hours(60);
        let boundaries = agree(plan, &order, latest, number);
        for boundary in boundaries.into_iter().filter(|b| *b >= latest) {
            agree(plan, &order, boundary, number);
        }
    }
}
