//! Random policies that say everything about money that terms can say.

use chrono::Weekday;
use redress::domain::facts::{Action, Remedy};
use redress::domain::id::{ClauseId, PolicyId};
use redress::domain::money::{Amount, Currency};
use redress::domain::path::Owner;
use redress::domain::time::{Day, Zone};
use redress::domain::verdict::{
    Act, Basis, LayerKind, NextDay, Outcome, Party, Period, ReturnPayer,
};
use redress::domain::vocabulary::{Event, Fact, Kind};
use redress::policy::checked::{CheckedPolicy, Clause, Guard};
use redress::policy::terms::{
    Addition, AmountRange, Calendar, Cheaper, ConditionSpec, DeliveryShare, Effect, End, FactRef,
    Grant, ObligationSpec, Part, Payee, Pending, Recommendation, Referral, Refusal, SettledBy,
    StatedPeriod, Test, WindowSpec, Worth,
};

use super::money;
use crate::generate::{self, Seed, fact};
use crate::sums;

/// The option that limited rights use up.
pub const OPTION: &str = "protection";

const SHARES: [DeliveryShare; 4] = [
    DeliveryShare::None,
    DeliveryShare::Paid,
    DeliveryShare::Standard,
    DeliveryShare::PaidAlways,
];

fn remedies(action: Action) -> &'static [Remedy] {
    match action {
        Action::Exchange => &[Remedy::Exchange, Remedy::StoreCredit, Remedy::Refund],
        Action::CreditUse => &[Remedy::CreditUse],
        _ => &[
            Remedy::Refund,
            Remedy::StoreCredit,
            Remedy::PartialRefund,
            Remedy::Replacement,
            Remedy::Repair,
            Remedy::PriceReduction,
            Remedy::Change,
            Remedy::Cancellation,
        ],
    }
}

/// Makes an end at which a window opens.
fn opening(seed: &mut Seed) -> End {
    let of = |seed: &mut Seed| {
        let event = *seed.pick(&[Event::Place, Event::Deliver]);
        let (month, same_day) = (*seed.pick(&[None, Some(4)]), seed.one_in(2));
        let period = *seed.pick(&[
            Period::ShortDays(0),
            Period::ShortDays(2),
            Period::ShortHours(30),
            Period::ShortMonths(1),
            Period::Next(NextDay {
                month,
                day: 10,
                same_day,
                short: true,
            }),
        ]);
        End::After(event, period, None)
    };
    match seed.below(5) {
        4 => End::Date(Day::parse("2026-03-10").unwrap(), true),
        0 => End::Latest(vec![of(seed), of(seed)]),
        1 => End::Earliest(vec![of(seed), of(seed)]),
        _ => of(seed),
    }
}

/// Makes a window, of which some leave their last day or instant out, and some open at a
/// distance from an event.
fn window(seed: &mut Seed) -> WindowSpec {
    let mut window = generate::window(seed);
    if seed.one_in(3)
        && let End::After(event, period, calendar) = &window.closes
    {
        window.closes = End::After(*event, period.shortened(), *calendar);
    }
    if seed.one_in(5) {
        window.opens = Some(opening(seed));
    }
    if seed.one_in(6) {
        window.act = *seed.pick(&[Act::Event(Event::Receive), Act::HandOver, Act::Decision]);
    }
    if seed.one_in(6) {
        let next = Period::Next(NextDay {
            month: *seed.pick(&[None, Some(3)]),
            day: *seed.pick(&[10, 31]),
            same_day: seed.one_in(2),
            short: seed.one_in(3),
        });
        window.closes = match seed.below(4) {
            3 => End::Stated(
                *seed.pick(&[Event::Place, Event::Deliver]),
                Box::new(StatedPeriod {
                    fact: fact(Fact::Quantity),
                    at_least: 1,
                    at_most: 3,
                    one: *seed.pick(&[Period::Days(1), Period::ShortHours(1)]),
                    calendar: None,
                }),
            ),
            0 => End::Date(Day::parse("2026-03-31").unwrap(), false),
            _ => End::After(*seed.pick(&[Event::Place, Event::Deliver]), next, None),
        };
    }
    window
}

fn grant(seed: &mut Seed, action: Action, place: usize) -> Effect {
    let remedy = *seed.pick(remedies(action));
    let worth = match remedy {
        Remedy::Refund | Remedy::PartialRefund | Remedy::StoreCredit if !seed.one_in(12) => {
            match seed.one_in(5) {
                true => Worth::Said(Box::new(money::worth(seed))),
                false => Worth::Paid,
            }
        }
        Remedy::CreditUse => Worth::Credit,
        _ => Worth::Nothing,
    };
    Effect::Grants(Grant {
        remedy,
        window: (!seed.one_in(3)).then(|| window(seed)),
        worth,
        rank: Some(u32::try_from(seed.below(3)).unwrap()),
        consumes: (place > 0 && seed.one_in(3)).then(|| OPTION.to_owned()),
        delivery: *seed.pick(&SHARES),
        options: seed.one_in(2),
        basis: Basis::Goodwill,
    })
}

pub fn amount(seed: &mut Seed, most: usize) -> Amount {
    Amount::from_minor(i64::try_from(1 + seed.below(most)).unwrap())
}

/// Amounts that terms can deduct or charge: all but those of what is asked for.
pub fn stated_amounts() -> Vec<Fact> {
    let is_stated = |fact: &&Fact| {
        let spec = fact.spec();
        spec.kind == Kind::Amount
            && spec.rule.is_none()
            && !matches!(spec.field.owner(), Owner::Action(_))
    };
    Fact::ALL.iter().filter(is_stated).copied().collect()
}

fn stated(seed: &mut Seed) -> Fact {
    *seed.pick(&stated_amounts())
}

pub fn currency(seed: &mut Seed) -> Currency {
    let code = if seed.one_in(12) { "USD" } else { "EUR" };
    Currency::from_code(code).unwrap()
}

fn condition(seed: &mut Seed, place: usize) -> Part {
    let settled_by = match seed.below(4) {
        0 => SettledBy::Event(*seed.pick(&[Event::Receive, Event::ConfirmMail])),
        1 => SettledBy::Finding(Test::YesNo(fact(Fact::Confirmed), true)),
        2 => SettledBy::Finding(Test::OneOf(fact(Fact::Defect), vec!["confirmed".into()])),
        _ => SettledBy::Finding(Test::YesNo(fact(Fact::Damaged), false)),
    };
    Part::Condition(ConditionSpec {
        code: format!("condition_{place}"),
        settled_by,
        failed: *seed.pick(&[Outcome::Denied, Outcome::NeedsReview]),
    })
}

/// Makes a part; the number says which.
fn part(seed: &mut Seed, kind: usize, place: usize) -> Part {
    match kind {
        0 => condition(seed, place),
        1 => Part::Obligation(ObligationSpec {
            code: format!("obligation_{place}"),
            party: *seed.pick(&[Party::Customer, Party::Shop]),
            due: seed.one_in(2).then(|| generate::due(seed)),
        }),
        2 => Part::ReturnPayer(*seed.pick(ReturnPayer::ALL)),
        3 => Part::ReturnRisk(*seed.pick(Party::ALL)),
        4 => Part::ReturnAddress("1 rue de la Paix".to_owned()),
        5 => Part::Payee(seed.pick(&[Payee::Payer, Payee::Buyer]).clone()),
        6 => Part::Due(generate::due(seed)),
        7 => {
            let events = match seed.below(3) {
                0 => vec![Event::Receive],
                1 => vec![Event::Receive, Event::Proof],
                _ => vec![Event::ConfirmMail, Event::Receive],
            };
            Part::Release(events, seed.one_in(2))
        }
        8 => Part::Deduct(sums::per_unit(amount(seed, 1500), currency(seed))),
        9 => Part::Deduct(sums::per_order(amount(seed, 1500), currency(seed))),
        10 => Part::Deduct(sums::percent(
            u32::try_from(1 + seed.below(10_000)).unwrap(),
        )),
        11 => Part::Deduct(sums::stated(stated(seed))),
        12 if seed.one_in(3) => Part::Charge(sums::stated(stated(seed))),
        12 => Part::Charge(money::sum(seed)),
        13 if seed.one_in(3) => Part::Reimburse(sums::stated(Fact::ReturnPaid)),
        13 => Part::Reimburse(money::sum(seed)),
        14 => Part::Delivery(*seed.pick(&SHARES)),
        15 => Part::Options(seed.one_in(2)),
        16 => Part::Difference {
            dearer_owed: !seed.one_in(4),
            cheaper: *seed.pick(&[Cheaper::Kept, Cheaper::Credit, Cheaper::Refund]),
        },
        17 => Part::Notice(format!("notice_{place}")),
        _ => Part::Deduct(money::sum(seed)),
    }
}

/// Makes a test of what the goods of the order cost, or of how many of a line were bought.
fn of_order(seed: &mut Seed) -> Test {
    if seed.one_in(3) {
        let least = 1 + i64::try_from(seed.below(3)).unwrap();
        return Test::Range(fact(Fact::Quantity), least, least + 1);
    }
    let (one, other) = (amount(seed, 20_000), amount(seed, 20_000));
    let range = AmountRange {
        low: one.min(other),
        high: seed.one_in(2).then(|| one.max(other)),
        currency: Currency::euro(),
    };
    Test::Amount(fact(Fact::OrderValue), range)
}

/// Kinds of parts of which there is one in a policy, so that no two disagree; those of
/// money are made more often.
const PARTS: [usize; 34] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 16,
    17, 17, 18, 18, 18, 18, 18,
];

/// Kinds of parts that do not disagree, whatever they say.
const SEVERAL: [usize; 4] = [0, 1, 17, 18];

fn some_remedies(seed: &mut Seed, action: Action) -> Vec<Remedy> {
    match seed.one_in(4) {
        true => vec![*seed.pick(remedies(action))],
        false => Vec::new(),
    }
}

/// Makes a policy of one action. It may well have conflicts and gaps: a decision is
/// defined for those too, and the checker is tested apart.
pub fn policy(seed: &mut Seed) -> (CheckedPolicy, Action) {
    let action = *seed.pick(&[
        Action::Return,
        Action::Return,
        Action::Cancellation,
        Action::Exchange,
        Action::CreditUse,
    ]);
    let grants = 1 + seed.below(3);
    // Until when photos can be supplied, whatever follows without them.
    let until = seed.one_in(2).then(|| generate::end(seed));
    let mut clauses: Vec<Clause> = Vec::new();
    let mut kinds: Vec<usize> = Vec::new();
    let count = grants + 2 + seed.below(9);
    for place in 0..count {
        let windowed = |c: &Clause| matches!(&c.effect, Effect::Grants(g) if g.window.is_some());
        let windows: Vec<usize> = (0..clauses.len())
            .filter(|at| windowed(&clauses[*at]))
            .collect();
        let effect = match seed.below(12) {
            _ if place < grants => grant(seed, action, place),
            0 => Effect::Refuses(Refusal {
                reason: format!("refused_{place}"),
                remedies: some_remedies(seed, action),
            }),
            1 => Effect::Refers(Referral {
                reason: format!("referred_{place}"),
                remedies: some_remedies(seed, action),
                recommends: Recommendation::None,
            }),
            2 if !windows.is_empty() => Effect::Extends(*seed.pick(&windows), generate::end(seed)),
            _ => {
                let parts = (0..1 + seed.below(2)).filter_map(|_| {
                    let kind = *seed.pick(&PARTS);
                    let kind = match kind {
                        16 if action != Action::Exchange => 10,
                        other => other,
                    };
                    let again = kinds.contains(&kind) && !SEVERAL.contains(&kind);
                    kinds.push(kind);
                    (!again).then(|| part(seed, kind, place))
                });
                let parts: Vec<Part> = parts.collect();
                // Only for what is exchanged other goods are wanted.
                let exchanged = parts.iter().any(|p| matches!(p, Part::Difference { .. }));
                Effect::Adds(Addition {
                    remedies: match exchanged {
                        true => vec![Remedy::Exchange],
                        false => some_remedies(seed, action),
                    },
                    to: match seed.one_in(4) {
                        true => vec![seed.below(grants)],
                        false => Vec::new(),
                    },
                    parts,
                })
            }
        };
        let extends = matches!(effect, Effect::Extends(..));
        let adds = matches!(effect, Effect::Adds(..));
        let visible: Vec<usize> = match &effect {
            Effect::Grants(_) | Effect::Extends(..) => Vec::new(),
            _ => (0..grants).collect(),
        };
        let plain = if adds { 3 } else { 2 };
        let mut guard = match place == 0 || (place < grants || adds) && !seed.one_in(plain) {
            true => Guard::default(),
            false => generate::guard(seed, &visible),
        };
        if let Effect::Grants(Grant {
            consumes: Some(code),
            ..
        }) = &effect
        {
            let left = FactRef {
                fact: Fact::OptionLeft,
                word: Some(code.clone()),
            };
            guard.all.push(Test::Range(left, 1, i64::MAX));
        }
        if place > 0 && seed.one_in(8) {
            guard.all.push(of_order(seed));
        }
        if matches!(effect, Effect::Refuses(_) | Effect::Refers(_)) && seed.one_in(6) {
            guard
                .all
                .push(Test::NotSupplied(fact(Fact::Photos), until.clone()));
        }
        let overrides = match place > 0 && !extends && !adds && seed.one_in(3) {
            true => vec![seed.below(place)],
            false => Vec::new(),
        };
        clauses.push(Clause {
            as_condition: None,
            as_task: None,
            band: None,
            id: ClauseId::new(&format!("GEN-{place:02}")).unwrap(),
            says: format!("Generated clause {place}."),
            source: "generator".into(),
            routes: vec![action],
            guard,
            pending: *seed.pick(&[
                Pending::Condition,
                Pending::Condition,
                Pending::Presumed,
                Pending::Review,
            ]),
            overrides,
            effect,
        });
    }
    let mut policy = CheckedPolicy {
        across: None,
        id: PolicyId::new("generated").unwrap(),
        title: "Generated".into(),
        effective: None,
        layer: LayerKind::Terms,
        zone: Some(Zone::from_name("Europe/Paris").unwrap()),
        digest: "0".repeat(64),
        routes: vec![(action, action)],
        uncovered: Vec::new(),
        option_codes: vec![OPTION.to_owned(), "gift_wrap".to_owned()],
        word_lists: Vec::new(),
        facts: Vec::new(),
        events: Vec::new(),
        calendars: vec![Calendar::new(
            "rests".into(),
            vec![Weekday::Sat, Weekday::Sun],
            vec![],
            vec![Day::parse("2026-03-29").unwrap()],
            vec![],
        )],
        clauses,
        inert: Vec::new(),
        readings: Vec::new(),
    };
    money::declare(&mut policy);
    (policy, action)
}
