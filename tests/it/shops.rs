//! Invariants over random orders for every shipped policy: the missing list is
//! exact, options agree with decisions, later is never better, and learning a
//! fact turns no settled verdict around.

use std::collections::BTreeSet;
use std::path::Path;

use crate::within::decide;
use redress::domain::facts::{
    Action, Ask, Cause, ChangeKind, Channel, ClaimKind, CustomerKind, DeliveryProblemKind, Facts,
    Order, Payment, PaymentMethod, Receiver, Request, Requester, ReturnMethod, SalesChannel,
    ShopEventKind, TagReason,
};
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::verdict::{Outcome, Verdict};
use redress::engine::View;
use redress::load;
use redress::policy::catalog::Catalog;
use redress::policy::plan::Plan;

use crate::generate::{self, Seed, id, instant};
use crate::options::agree;

/// The policies of the tree.
pub fn catalog() -> Catalog {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    Catalog::load(&load::policies(&folder).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

const CATEGORIES: [&str; 4] = ["ring", "earrings", "box", "clothing"];
const TAGS: [&str; 3] = ["exclusive", "non_refundable", "non_returnable_by_nature"];
pub const PLACED: &str = "2026-03-24T15:00:00+01:00";

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
    line.category = Some(*seed.pick(&CATEGORIES));
    line.personalized = Some(seed.one_in(3));
    line.tags.complete = Some(true);
    if seed.one_in(4) {
        line.tags.words = Box::leak(Box::new([(*seed.pick(&TAGS)).to_owned()]));
    }
    line.tag_reason = Some(TagReason::Seasonal);
    line.taped = Some(seed.one_in(2));
    line.sealed = Some(seed.one_in(2));
    line.set = Some(false);
    line.available = Some(!seed.one_in(4));
    line.confirm = at(20);
    line.design_confirm = at(10);
    line.production_start = at(12);
    let net = line.net_before_order_discount().unwrap();
    let mut order = generate::order(vec![line], EventTime::At(placed), at(24), at(70));
    order.accept = at(20);
    order.customer.kind = CustomerKind::from_word(seed.pick::<&str>(CustomerKind::WORDS));
    order.customer.birth = redress::domain::time::Day::new(1990, 5, 5);
    order.customer.credentials_report = Some(EventTime::NotYet);
    order.sales_channel = Some(*seed.pick(&[SalesChannel::Online, SalesChannel::Store]));
    order.charged = Some(true);
    order.data_complete = Some(true);
    order.gift = Some(seed.one_in(4));
    order.return_agreed = Some(seed.one_in(6));
    order.fraud_suspected = Some(false);
    order.tags.complete = Some(true);
    let delivery = Amount::from_minor(*seed.pick(&[0, 490, 790]));
    order.delivery.paid = Some(delivery);
    order.delivery.standard_cost = Some(Amount::from_minor(490));
    order.delivery.promise = Some(redress::domain::time::Day::new(2026, 3, 27).unwrap());
    let parcel = &mut order.shipments[0];
    parcel.named = true;
    parcel.receiver = Some(*seed.pick(&[Receiver::Customer, Receiver::PickupPoint]));
    parcel.collect = match parcel.deliver {
        EventTime::At(_) => at(94),
        other => other,
    };
    parcel.first_attempt = match parcel.deliver {
        EventTime::At(delivered) => EventTime::At(delivered),
        _ => EventTime::NotYet,
    };
    parcel.attempt_answer = EventTime::NotYet;
    parcel.warehouse_return = EventTime::NotYet;
    parcel.zone = redress::domain::time::Zone::from_name("Europe/Rome");
    let total = net.plus(delivery);
    order.total_paid = Some(total);
    order.payments = vec![Payment {
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
    let act = EventTime::At(now);
    request.statement_send = act;
    request.form_send = act;
    request.channel = Some(*seed.pick(&[Channel::Email, Channel::PrescribedForm]));
    request.requester = Some(*seed.pick(&[Requester::Buyer, Requester::Recipient]));
    request.order_number_quoted = Some(true);
    request.statement_clear = Some(true);
    request.evidence.description = Some(true);
    request.evidence.personal_data = Some(true);
    request.evidence.return_form = Some(true);
    request.journey.method = Some(*seed.pick(&[ReturnMethod::Post, ReturnMethod::Store]));
    request.journey.freight_collect = Some(seed.one_in(5));
    request.journey.parcel_count = Some(1);
    request.journey.address_correct = Some(true);
    request
}

pub fn ask(seed: &mut Seed, action: Action) -> Ask<'static> {
    match action {
        Action::Return => Ask::Return {
            reason: Some("size"),
        },
        Action::Withdrawal => Ask::Withdrawal,
        Action::Cancellation => Ask::Cancellation {
            reason: Some("other"),
        },
        Action::Exchange => Ask::Exchange {
            reason: Some(*seed.pick(&["size", "style"])),
            wanted_unit_price: Some(Amount::from_minor(3000 + seed.below(9000) as i64)),
            wanted_available: Some(seed.one_in(2)),
        },
        Action::Change => Ask::Change {
            kind: ChangeKind::from_word(seed.pick::<&str>(ChangeKind::WORDS)),
        },
        Action::Claim => Ask::Claim {
            kind: ClaimKind::from_word(seed.pick::<&str>(ClaimKind::WORDS)),
            defect_type: Some("other"),
            text_language: Some("fr"),
            translation_free: Some(false),
            text_author: None,
            courier_informed: Some(seed.one_in(2)),
        },
        Action::DeliveryProblem => Ask::DeliveryProblem {
            kind: DeliveryProblemKind::from_word(seed.pick::<&str>(DeliveryProblemKind::WORDS)),
            cause: Cause::from_word(seed.pick::<&str>(Cause::WORDS)),
            visibly_damaged: Some(seed.one_in(2)),
            address_corrected: Some(seed.one_in(2)),
        },
        Action::CreditUse => Ask::CreditUse {
            credit: Some(Amount::from_minor(2500)),
            next_order: EventTime::NotYet,
            goods_receive: EventTime::At(instant(PLACED)),
            payout: Some(seed.one_in(2)),
        },
        Action::ShopEvent => Ask::ShopEvent {
            kind: ShopEventKind::from_word(seed.pick::<&str>(ShopEventKind::WORDS)).unwrap(),
            address_query: EventTime::At(instant(PLACED)),
            address_answer: EventTime::NotYet,
            cancel: EventTime::NotYet,
        },
    }
}

/// A fact that can be hidden, with the values worth telling apart.
struct Hidden {
    path: &'static str,
    values: &'static [&'static str],
    set: fn(&mut Order, &mut Request, Option<&str>),
}

fn yes(value: Option<&str>) -> Option<bool> {
    value.map(|v| v == "yes")
}

const YES_NO: &[&str] = &["yes", "no"];

/// Given facts: a finding that nobody has told is a condition, not a question.
const HIDEABLE: [Hidden; 14] = [
    Hidden {
        path: "order.customer.kind",
        values: CustomerKind::WORDS,
        set: |o, _, v| o.customer.kind = v.and_then(CustomerKind::from_word),
    },
    Hidden {
        path: "order.gift",
        values: YES_NO,
        set: |o, _, v| o.gift = yes(v),
    },
    Hidden {
        path: "order.return_agreed",
        values: YES_NO,
        set: |o, _, v| o.return_agreed = yes(v),
    },
    Hidden {
        path: "order.charged",
        values: YES_NO,
        set: |o, _, v| o.charged = yes(v),
    },
    Hidden {
        path: "order.sales_channel",
        values: SalesChannel::WORDS,
        set: |o, _, v| o.sales_channel = v.and_then(SalesChannel::from_word),
    },
    Hidden {
        path: "order.lines[0].personalized",
        values: YES_NO,
        set: |o, _, v| o.lines[0].personalized = yes(v),
    },
    Hidden {
        path: "order.lines[0].category",
        // The categories that policies name, and one that none does.
        values: &[
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
        ],
        set: |o, _, v| o.lines[0].category = v.map(generate::text_of),
    },
    Hidden {
        path: "order.lines[0].tag_reason",
        values: TagReason::WORDS,
        set: |o, _, v| o.lines[0].tag_reason = v.and_then(TagReason::from_word),
    },
    Hidden {
        path: "order.lines[0].available",
        values: YES_NO,
        set: |o, _, v| o.lines[0].available = yes(v),
    },
    Hidden {
        path: "order.shipments[0].receiver",
        values: Receiver::WORDS,
        set: |o, _, v| o.shipments[0].receiver = v.and_then(Receiver::from_word),
    },
    Hidden {
        path: "request.requester",
        values: Requester::WORDS,
        set: |_, r, v| r.requester = v.and_then(Requester::from_word),
    },
    Hidden {
        path: "request.channel",
        values: Channel::WORDS,
        set: |_, r, v| r.channel = v.and_then(Channel::from_word),
    },
    Hidden {
        path: "request.journey.method",
        values: ReturnMethod::WORDS,
        set: |_, r, v| r.journey.method = v.and_then(ReturnMethod::from_word),
    },
    Hidden {
        path: "request.claim.kind",
        values: ClaimKind::WORDS,
        set: |_, r, v| {
            if let Ask::Claim { kind, .. } = &mut r.ask {
                *kind = v.and_then(ClaimKind::from_word);
            }
        },
    },
];

/// What counts as the answer: outcome, remedy, money, conditions. That nothing
/// was charged only rules money out, and is not asked for: what was paid counts as
/// charged.
fn answer(verdict: &Verdict<'_>, with_money: bool) -> String {
    let (row, decision) = verdict.each().next().unwrap();
    let mut told = vec![format!("{}", decision.outcome)];
    if let Some(entitlement) = &decision.entitlement {
        let amount = row.amount.filter(|_| with_money);
        told.push(format!("{} {amount:?}", entitlement.remedy));
        for condition in &entitlement.conditions {
            told.push(format!(
                "{} {:?} {} {:?}",
                condition.code,
                condition.status,
                condition.path.of_units(row.place),
                condition.failed
            ));
        }
    }
    if let Some(settlement) = verdict.settlement.as_ref().filter(|_| with_money) {
        told.push(format!(
            "{:?} {:?} {:?} {:?}",
            settlement.refund_total,
            settlement.credit_total,
            settlement.owed_total,
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
    let known = order(&mut seed, now);
    let action = *seed.pick(Action::ALL);
    let ask = ask(&mut seed, action);
    let asked = request(&mut seed, now, ask);
    let mut hidden: Vec<&Hidden> = Vec::new();
    while hidden.len() < 1 + seed.below(3) {
        let one = seed.pick(&HIDEABLE);
        let foreign = one.path.starts_with("request.claim") && action != Action::Claim;
        if !foreign && !hidden.iter().any(|h| h.path == one.path) {
            hidden.push(one);
        }
    }
    let (mut bare_order, mut bare_request) = (known.clone(), asked.clone());
    for fact in &hidden {
        (fact.set)(&mut bare_order, &mut bare_request, None);
    }
    let facts = Facts::new(bare_order, bare_request, None).unwrap_or_else(|v| panic!("{v:#?}"));
    let verdict = decide(plan, &facts, View::Basic);
    let got: BTreeSet<&str> = verdict.missing.iter().map(|m| m.path.as_str()).collect();

    let total: usize = hidden.iter().map(|h| h.values.len()).product();
    let mut answers: Vec<(Vec<usize>, [String; 2])> = Vec::new();
    for number in 0..total {
        let mut rest = number;
        let mut picked = Vec::new();
        let (mut order, mut request) = (known.clone(), asked.clone());
        for fact in &hidden {
            let place = rest % fact.values.len();
            rest /= fact.values.len();
            picked.push(place);
            (fact.set)(&mut order, &mut request, Some(fact.values[place]));
        }
        if let Ok(facts) = Facts::new(order, request, None) {
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
    let mut want: BTreeSet<&str> = BTreeSet::new();
    for (place, (values, one)) in answers.iter().enumerate() {
        for (others, other) in &answers[place + 1..] {
            let differing: Vec<usize> = (0..hidden.len())
                .filter(|i| values[*i] != others[*i])
                .collect();
            let differs = |only: usize| {
                let with_money = hidden[only].path != "order.charged";
                one[usize::from(with_money)] != other[usize::from(with_money)]
            };
            if let [only] = differing.as_slice()
                && differs(*only)
            {
                want.insert(hidden[*only].path);
            }
        }
    }
    let told: Vec<&str> = hidden.iter().map(|h| h.path).collect();
    assert_eq!(
        got, want,
        "{} seed {number}, {action}, hidden {told:?}, outcome {}\n{facts:#?}",
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
            asked > 10 && settled > 20,
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
                    later.statement_send = EventTime::At(later.request_time);
                    later.form_send = EventTime::At(later.request_time);
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
            let known = order(&mut seed, now);
            let action = *seed.pick(Action::ALL);
            let ask = ask(&mut seed, action);
            let asked = request(&mut seed, now, ask);
            let (mut hidden_order, mut hidden_request) = (known.clone(), asked.clone());
            for _ in 0..1 + seed.below(4) {
                let one = seed.pick(&HIDEABLE);
                (one.set)(&mut hidden_order, &mut hidden_request, None);
            }
            if seed.one_in(3) {
                hidden_order.shipments[0].deliver = EventTime::Unknown;
                hidden_order.shipments[0].collect = EventTime::Unknown;
            }
            let before = Facts::new(hidden_order, hidden_request, None).unwrap();
            let after = Facts::new(known, asked, None).unwrap();
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
                order.shipments[0].deliver = time;
                order.shipments[0].first_attempt = EventTime::Unknown;
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
