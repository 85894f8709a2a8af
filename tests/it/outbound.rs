//! Verdicts out: what is said at which view, and how.

use redress::domain::facts::{Action, PaymentMethod, Remedy};
use redress::domain::few::Few;
use redress::domain::id::{CallerId, PolicyId};
use redress::domain::money::{Amount, Currency};
use redress::domain::path::{FieldPath, UnitsLocation};
use redress::domain::time::{Instant, Zone};
use redress::domain::verdict as v;
use redress::domain::vocabulary::{Event, Fact};
use redress::engine::View;
use redress::text::Localizer;
use redress::wire::outbound;
use redress_client::pb;

/// Names what a verdict borrows.
struct World {
    grant: v::Citation,
    order: CallerId<'static>,
    line: CallerId<'static>,
    policy: PolicyId,
    currency: Currency,
}

fn world() -> World {
    let id = |text: &'static str| CallerId::new(text).expect("an id");
    World {
        grant: v::Citation {
            id: "RET-01".into(),
            says: "Plain pieces come back within 30 days.".into(),
            source: "Returns, section 1".into(),
            as_condition: None,
            as_task: None,
        },
        order: id("1001"),
        line: id("ring"),
        policy: PolicyId::new("acme-shop").expect("an id"),
        currency: Currency::from_code("EUR").expect("a known code"),
    }
}

fn instant(text: &str) -> Instant {
    Instant::parse(text).expect("RFC 3339")
}

/// Returns an approval of one of two rings for 59.00 each, once they are back.
fn approval(world: &World) -> v::Verdict<'_> {
    let refund = Amount::from_minor(5900);
    let window = v::Window {
        opens: v::Bound::Unbounded,
        closes: v::Bound::At(instant("2026-04-04T00:00:00+02:00")),
        review_until: None,
        act: v::Act::Request,
        status: Some(v::WindowStatus::Open),
        zone: None,
    };
    let entitlement = v::Entitlement {
        remedy: Remedy::Refund,
        clause: &world.grant,
        basis: v::Basis::Goodwill,
        layer: v::LayerKind::Terms,
        window: Some(window),
        conditions: vec![v::Condition {
            code: "goods_received",
            status: v::ConditionStatus::Open,
            clause: &world.grant,
            path: FieldPath::of("request.journey.receive_time"),
            failed: None,
            presumed: false,
            holds_money: true,
        }],
        obligations: vec![v::Obligation {
            code: "send_goods_back",
            party: v::Party::Customer,
            clause: &world.grant,
            due: Some(v::Due::By(v::Bound::After(
                Event::Request,
                v::Period::Days(14),
            ))),
        }],
        return_payer: Some(v::ReturnPayer::Customer),
        return_risk: None,
        return_address: None,
        shaped_by: vec![],
        depends_on: vec![v::Dependence {
            part: v::TermPart::ReturnRisk,
            facts: vec![v::MissingFact {
                path: "order.gift".into(),
                question: v::Question::Fact(Fact::Gift, None),
                guide: None,
            }],
        }],
        possible: Some(Box::new(v::PossibleDates {
            window: Some(window),
            due: Some((
                instant("2026-04-01T00:00:00+02:00"),
                instant("2026-04-03T00:00:00+02:00"),
            )),
        })),
    };
    let row = v::Row {
        line_id: world.line,
        location: UnitsLocation::default(),
        quantity: 1,
        decision: 0,
        amount: Some(refund),
        next_step: v::NextStep::Pay,
    };
    let decision = v::Decision {
        outcome: v::Outcome::Approved,
        reasons: Few::one(v::Reason {
            code: "granted",
            clause: Some(&world.grant),
            facts: vec![("order.lines[0].personalized".into(), "no".into())],
        }),
        entitlement: Some(entitlement),
        candidates: vec![],
        missing: v::Missing::default(),
        window: None,
        regardless_of: vec!["order.gift".into()],
    };
    v::Verdict {
        order_id: world.order,
        claim_id: None,
        outcome: v::Outcome::Approved,
        action: Action::Return,
        route: Some(Action::Return),
        rows: Few::one(row),
        decisions: Few::one(Box::new(decision)),
        settlement: Some(settlement(world, refund)),
        missing: vec![],
        notices: vec![],
        alternatives: vec![],
        receipt: v::Receipt {
            policy: &world.policy,
            revision: "always",
            digest: &[0xFF; 32],
            engine: "0.1.0",
            tzdb: "2026b",
            zone: Zone::from_name("Europe/Paris"),
            request_time: instant("2026-03-20T12:00:00Z"),
            decide_time: instant("2026-03-20T12:00:00Z"),
        },
    }
}

fn settlement(world: &World, refund: Amount) -> v::Settlement<'_> {
    let pending = v::SettlementItem {
        kind: v::SettlementKind::Delivery,
        code: "",
        line_id: None,
        shipment_id: None,
        amount: None,
        clause: None,
        arithmetic: v::Arithmetic::Pending,
    };
    v::Settlement {
        currency: world.currency,
        items: Few::Many(vec![
            v::SettlementItem {
                kind: v::SettlementKind::Goods,
                line_id: Some(world.line),
                amount: Some(refund),
                clause: Some(&world.grant),
                arithmetic: v::Arithmetic::Part {
                    net: Amount::from_minor(11_800),
                    quantity: 2,
                    earlier: 0,
                    taken: 1,
                },
                ..pending.clone()
            },
            pending,
        ]),
        refund_total: refund,
        credit_total: Amount::ZERO,
        credit_used_total: Amount::ZERO,
        owed_total: Amount::ZERO,
        owed_pending_total: Amount::ZERO,
        payable_now_total: Amount::from_minor(4100),
        rounding_difference: Some(Amount::from_minor(-1)),
        whole_order: false,
        payouts: Few::one(v::Payout {
            payee_code: None,
            payment_id: None,
            method: Some(PaymentMethod::Card),
            payee_id: None,
            amount: refund,
        }),
        due: None,
        release: v::Release {
            events: vec![Event::Receive],
            any: false,
            since: None,
            conditions: vec!["goods_received"],
        },
    }
}

/// Writes a verdict, and reads it as a caller does.
fn written(world: &World, verdict: &v::Verdict<'_>, view: View) -> pb::Verdict {
    let localizer = Localizer::english();
    let written = outbound::verdict(verdict, world.currency, view, localizer, &[]);
    written.decode().expect("a verdict")
}

fn first<T>(list: &[T]) -> &T {
    list.first().expect("an element")
}

#[test]
fn amounts_windows_and_release_are_written_for_programs() {
    let world = world();
    let verdict = written(&world, &approval(&world), View::Basic);
    assert_eq!(verdict.outcome(), pb::Outcome::Approved);
    let entitlement = first(&verdict.rows).entitlement.as_ref().expect("a remedy");
    assert_eq!(entitlement.amount, "59.00");
    let window = entitlement.window.as_ref().expect("a window");
    assert_eq!(window.last_local_moment, "2026-04-03T23:59:59+02:00");
    assert_eq!(window.time_zone, "Europe/Paris");
    let due = first(&entitlement.obligations).due.as_ref();
    let after = pb::AfterEvent {
        event: "request".into(),
        day_count: 14,
        ..Default::default()
    };
    assert_eq!(
        due.and_then(|d| d.kind.clone()),
        Some(pb::bound::Kind::After(after))
    );
    let settlement = verdict.settlement.expect("money");
    assert_eq!(settlement.refund_total, "59.00");
    assert_eq!(settlement.owed_total, "0.00");
    let states: Vec<(&str, pb::SettlementStatus)> = settlement
        .items
        .iter()
        .map(|i| (i.amount.as_str(), i.status()))
        .collect();
    assert_eq!(
        states,
        [
            ("59.00", pb::SettlementStatus::Granted),
            ("", pb::SettlementStatus::Pending)
        ]
    );
    let release = settlement.release.expect("a release");
    assert_eq!(release.status(), pb::ReleaseStatus::Waits);
}

#[test]
fn sentences_facts_and_arithmetic_stand_at_full_view_only() {
    let world = world();
    for (view, full) in [(View::Basic, false), (View::Full, true)] {
        let verdict = written(&world, &approval(&world), view);
        let row = first(&verdict.rows);
        let reason = first(&row.reasons);
        let entitlement = row.entitlement.as_ref().expect("a remedy");
        let item = first(&verdict.settlement.as_ref().expect("money").items).clone();
        for text in [
            &verdict.summary,
            &reason.text,
            &first(&entitlement.conditions).text,
            &first(&entitlement.obligations).text,
            &item.arithmetic,
        ] {
            assert_eq!(!text.is_empty(), full, "{text}");
        }
        assert_eq!(!reason.facts.is_empty(), full);
        if full {
            assert_eq!(
                verdict.summary,
                "Approved: 59.00 EUR to refund; on hold until the open conditions are met."
            );
            // 118.00 / 2 = 59.00
            assert_eq!(item.arithmetic, "118.00 × 1/2 = 59.00");
        }
    }
}

#[test]
fn due_dates_that_wait_are_written_in_whole() {
    let world = world();
    let mut approval = approval(&world);
    let floor = instant("2026-04-04T22:00:00Z");
    let limit = instant("2026-04-20T22:00:00Z");
    let after = |event| v::Bound::After(event, v::Period::Days(14));
    let first_of = |ends: &[v::Bound]| {
        let mut group = v::DueGroup::default();
        ends.iter().for_each(|end| group.add(*end));
        v::Due::first_of(group)
    };
    let goods = first_of(&[after(Event::Receive), after(Event::Proof)]);
    let mail = first_of(&[
        after(Event::ConfirmMail),
        v::Bound::On(Event::Receive),
        v::Bound::Between(floor, limit),
    ]);
    let due = v::Due::By(v::Bound::At(floor)).later(goods).later(mail);
    approval.settlement.as_mut().expect("money").due = Some(due.clone());
    let decision = approval.decisions.first_mut().expect("a decision");
    let entitlement = decision.entitlement.as_mut().expect("a remedy");
    entitlement.obligations[0].due = Some(due);
    let verdict = written(&world, &approval, View::Basic);

    let time = |at: Instant| {
        Some(prost_types::Timestamp {
            seconds: at.unix_seconds(),
            nanos: 0,
        })
    };
    let end = |kind| pb::Bound { kind: Some(kind) };
    let after = |event: &str| {
        end(pb::bound::Kind::After(pb::AfterEvent {
            event: event.into(),
            day_count: 14,
            ..Default::default()
        }))
    };
    let wait = pb::DueWait {
        not_before_time: time(floor),
        groups: vec![
            pb::DueGroup {
                not_after_time: None,
                ends: vec![after("proof"), after("receive")],
            },
            pb::DueGroup {
                not_after_time: time(limit),
                ends: vec![
                    end(pb::bound::Kind::Event("receive".into())),
                    after("confirm_mail"),
                ],
            },
        ],
    };
    let settlement = verdict.settlement.expect("money");
    // Who reads no more is told one of the events that nothing limits.
    assert_eq!(settlement.due, Some(after("proof")));
    assert_eq!(settlement.due_wait.as_ref(), Some(&wait));
    let entitlement = first(&verdict.rows).entitlement.as_ref().expect("a remedy");
    let obligation = first(&entitlement.obligations);
    assert_eq!(obligation.due, settlement.due);
    assert_eq!(obligation.due_wait, settlement.due_wait);
}

#[test]
fn without_a_zone_windows_are_in_utc() {
    let world = world();
    let mut approval = approval(&world);
    approval.receipt.zone = None;
    let verdict = written(&world, &approval, View::Basic);
    let entitlement = first(&verdict.rows).entitlement.as_ref().expect("a remedy");
    let window = entitlement.window.as_ref().expect("a window");
    assert_eq!(window.last_local_moment, "2026-04-03T21:59:59+00:00");
    assert_eq!(window.time_zone, "UTC");
}
