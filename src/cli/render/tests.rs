//! Whole texts for verdicts built by hand.

use prost_types::Timestamp;
use redress_client::pb::{self, bound::Kind};

use super::time::Clock;
use super::*;
use crate::text::Localizer;

/// 2026-03-10T08:30:00Z.
const ASKED: Timestamp = Timestamp {
    seconds: 1_773_131_400,
    nanos: 0,
};
/// 2026-04-01T00:00:00+02:00: the clocks of Paris have changed by then.
const CLOSES: Timestamp = Timestamp {
    seconds: 1_774_994_400,
    nanos: 0,
};

fn plain(verdict: &pb::Verdict, clauses: &Clauses) -> String {
    shown(verdict, clauses, Detail::Full)
}

fn shown(verdict: &pb::Verdict, clauses: &Clauses, detail: Detail) -> String {
    anstream::adapter::strip_str(&super::verdict(verdict, "EUR", clauses, detail)).to_string()
}

fn at(kind: Kind) -> Option<pb::Bound> {
    Some(pb::Bound { kind: Some(kind) })
}

fn window() -> pb::Window {
    pb::Window {
        opens: at(Kind::Unbounded(pb::Unbounded {})),
        closes: at(Kind::Time(CLOSES)),
        act: pb::Act::Request.into(),
        status: pb::WindowStatus::Open.into(),
        last_local_moment: "2026-03-31T23:59:59+02:00".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        ..Default::default()
    }
}

fn receipt() -> pb::Receipt {
    pb::Receipt {
        policy: "acme-shop".to_owned(),
        revision: "2026-01-01".to_owned(),
        policy_digest: vec![0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
        engine_version: "0.1.0".to_owned(),
        tzdb_version: "2025b".to_owned(),
        request_time: Some(ASKED),
        decide_time: Some(ASKED),
    }
}

fn clauses() -> Clauses {
    Clauses::new(&pb::Policy {
        time_zone: "Europe/Paris".to_owned(),
        clauses: vec![pb::Clause {
            clause_id: "ACM-07".to_owned(),
            source: "Returns, plain pieces".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    })
}

fn entitlement() -> pb::Entitlement {
    pb::Entitlement {
        remedy: pb::Remedy::Refund.into(),
        clause_id: "ACM-07".to_owned(),
        basis: pb::Basis::Goodwill.into(),
        layer: pb::Layer::Terms.into(),
        window: Some(window()),
        amount: "118.00".to_owned(),
        conditions: vec![
            pb::ConditionState {
                code: "goods_received".to_owned(),
                status: pb::ConditionStatus::Open.into(),
                clause_id: "ACM-09".to_owned(),
                path: "request.journey.receive_time".to_owned(),
                ..Default::default()
            },
            pb::ConditionState {
                code: "unworn".to_owned(),
                status: pb::ConditionStatus::Met.into(),
                clause_id: "ACM-10".to_owned(),
                failed_outcome: pb::Outcome::Denied.into(),
                text: "The pieces are unworn on inspection.".to_owned(),
                ..Default::default()
            },
        ],
        obligations: vec![pb::Obligation {
            code: "send_goods_back".to_owned(),
            party: pb::Party::Customer.into(),
            clause_id: "ACM-11".to_owned(),
            due: at(Kind::After(pb::AfterEvent {
                event: "confirm_mail".into(),
                day_count: 14,
                ..Default::default()
            })),
            ..Default::default()
        }],
        return_payer: pb::ReturnPayer::Customer.into(),
        return_risk: pb::Party::Customer.into(),
        clause_ids: vec!["ACM-09".to_owned(), "ACM-10".to_owned()],
        ..Default::default()
    }
}

fn settlement() -> pb::Settlement {
    let item = |kind: pb::SettlementKind, amount: &str, arithmetic: &str, clause_id: &str| {
        pb::SettlementItem {
            kind: kind.into(),
            amount: amount.to_owned(),
            arithmetic: arithmetic.to_owned(),
            clause_id: clause_id.to_owned(),
            status: pb::SettlementStatus::Granted.into(),
            ..Default::default()
        }
    };
    pb::Settlement {
        currency_code: "EUR".to_owned(),
        items: vec![
            pb::SettlementItem {
                line_id: "ring".to_owned(),
                ..item(pb::SettlementKind::Goods, "118.00", "2 x 59.00", "ACM-07")
            },
            pb::SettlementItem {
                status: pb::SettlementStatus::Pending.into(),
                ..item(pb::SettlementKind::Delivery, "4.90", "", "ACM-12")
            },
            pb::SettlementItem {
                code: "return_label".to_owned(),
                ..item(pb::SettlementKind::Deduction, "8.00", "2 x 4.00", "ACM-13")
            },
        ],
        refund_total: "110.00".to_owned(),
        credit_total: "0.00".to_owned(),
        credit_used_total: "0.00".to_owned(),
        owed_total: "0.00".to_owned(),
        owed_pending_total: String::new(),
        rounding_difference: String::new(),
        whole_order: false,
        payouts: vec![pb::Payout {
            payment_id: "p1".to_owned(),
            method: pb::PaymentMethod::Card.into(),
            amount: "110.00".to_owned(),
            ..Default::default()
        }],
        due: at(Kind::Time(CLOSES)),
        release: Some(pb::Release {
            status: pb::ReleaseStatus::Waits.into(),
            events: vec!["receive".into(), "proof".into()],
            any: true,
            ..Default::default()
        }),
        due_wait: None,
    }
}

#[test]
fn an_approval_says_what_why_how_much_and_what_is_left_to_do() {
    let verdict = pb::Verdict {
        order_id: "A-1".to_owned(),
        outcome: pb::Outcome::Approved.into(),
        action: pb::Action::Return.into(),
        route: pb::Action::Withdrawal.into(),
        rows: vec![pb::Row {
            line_id: "ring".to_owned(),
            quantity: 2,
            outcome: pb::Outcome::Approved.into(),
            reasons: vec![pb::Reason {
                code: "granted".to_owned(),
                clause_id: "ACM-07".to_owned(),
                text: "A plain piece comes back within 30 days.".to_owned(),
                facts: vec![pb::FactValue {
                    path: "order.lines[0].personalized".to_owned(),
                    value: "no".to_owned(),
                }],
                parameters: vec![],
            }],
            entitlement: Some(entitlement()),
            ..Default::default()
        }],
        settlement: Some(settlement()),
        notices: vec![pb::Notice {
            code: "statutory_withdrawal_may_apply".to_owned(),
            line_ids: vec!["ring".to_owned()],
            ..Default::default()
        }],
        receipt: Some(receipt()),
        summary: "The customer gets 110.00 EUR back.".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        plain(&verdict, &clauses()),
        "\
The customer gets 110.00 EUR back.
order A-1, return (handled as withdrawal), requested: Tue 10 Mar 2026, 09:30 (Europe/Paris)

Item ring, 2 units: approved, refund, 118.00 EUR
  A plain piece comes back within 30 days. [ACM-07: Returns, plain pieces]
    order.lines[0].personalized = no
  Basis: the shop's own terms [ACM-07: Returns, plain pieces]
  can be requested until Tue 31 Mar 2026, 23:59 (Europe/Paris)
  Conditions
    [ ] goods received [ACM-09]
        depends on request.journey.receive_time
    [x] The pieces are unworn on inspection (otherwise denied) [ACM-10]
  To do
    - customer: send goods back, within 14 days after the confirmation e-mail [ACM-11]
  Return shipment: paid by the customer
  Transit risk: customer
  Also based on: ACM-09, ACM-10

Amounts in EUR
  + goods, item ring        118.00  2 x 59.00 [ACM-07]
  + delivery                (4.90)  pending: other units are not decided yet [ACM-12]
  − deduction return label    8.00  2 x 4.00 [ACM-13]
  = refund                  110.00
  110.00 → card, payment p1
  due by Tue 31 Mar 2026, 23:59 (Europe/Paris)
  do not pay yet; waiting for: receipt of the goods or receipt of the proof of shipment

Please note
  ! statutory withdrawal may apply (item ring)

Decided by acme-shop (2026-01-01), digest 0123456789ab, engine 0.1.0, tzdb 2025b, request 2026-03-10T08:30:00Z
"
    );
}

/// The end of a number of days after an event.
fn after(event: &str, day_count: i32) -> pb::Bound {
    pb::Bound {
        kind: Some(Kind::After(pb::AfterEvent {
            event: event.into(),
            day_count,
            ..Default::default()
        })),
    }
}

#[test]
fn a_due_date_that_waits_says_all_that_it_waits_for() {
    let clock = Clock::first(["Europe/Paris"], Localizer::english());
    let proof_or_goods = |days| pb::DueGroup {
        not_after_time: None,
        ends: vec![after("proof", days), after("receive", days)],
    };
    let due = |wait| clock.due(at(Kind::Time(CLOSES)).as_ref(), Some(&wait));
    let held = pb::DueWait {
        not_before_time: Some(CLOSES),
        groups: vec![proof_or_goods(0)],
    };
    assert_eq!(
        due(held).as_deref(),
        Some(
            "on the day of receipt of the proof of shipment or on the day of receipt of the goods, \
             whichever is first; but not before Tue 31 Mar 2026, 23:59 (Europe/Paris)"
        )
    );
    let several = pb::DueWait {
        not_before_time: None,
        groups: vec![
            proof_or_goods(14),
            pb::DueGroup {
                not_after_time: Some(CLOSES),
                ends: vec![after("confirm_mail", 1)],
            },
        ],
    };
    assert_eq!(
        due(several).as_deref(),
        Some(
            "within 14 days after receipt of the proof of shipment or within 14 days after receipt of \
             the goods, whichever is first; within 1 day after the confirmation e-mail or by \
             Tue 31 Mar 2026, 23:59 (Europe/Paris), whichever is first; the last of \
             these counts"
        )
    );
}

#[test]
fn a_denial_says_which_window_closed_and_what_else_is_possible() {
    let mut closed = window();
    closed.status = pb::WindowStatus::Closed.into();
    let verdict = pb::Verdict {
        order_id: "A-1".to_owned(),
        outcome: pb::Outcome::Denied.into(),
        action: pb::Action::Return.into(),
        route: pb::Action::Return.into(),
        rows: vec![pb::Row {
            line_id: "ring".to_owned(),
            quantity: 1,
            outcome: pb::Outcome::Denied.into(),
            reasons: vec![pb::Reason {
                code: "window_closed".to_owned(),
                clause_id: "ACM-07".to_owned(),
                ..Default::default()
            }],
            window: Some(closed),
            ..Default::default()
        }],
        alternatives: vec![pb::Alternative {
            action: pb::Action::Exchange.into(),
            remedy: pb::Remedy::StoreCredit.into(),
            status: pb::OptionStatus::NeedsInformation.into(),
            clause_id: "ACM-20".to_owned(),
            line_ids: vec!["ring".to_owned()],
            amount: "59.00".to_owned(),
            missing: vec![pb::MissingFact {
                path: "order.lines[0].personalized".to_owned(),
                source: pb::Party::Shop.into(),
                question: "Was the piece made to order?".to_owned(),
                ..Default::default()
            }],
            ..Default::default()
        }],
        summary: "It is too late.".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        plain(&verdict, &Clauses::default()),
        "\
It is too late.
order A-1, return

Item ring, 1 unit: denied
  window closed [ACM-07]
  was possible until Tue 31 Mar 2026, 23:59 (Europe/Paris)

Other options
  - exchange for store credit, more information needed, 59.00 EUR, item ring [ACM-20]
    To request: `exchange`, `wants = REMEDY_STORE_CREDIT`
    ? Was the piece made to order? (ask the shop)
      set order.lines[0].personalized
"
    );
}

#[test]
fn a_review_shows_the_answers_to_choose_from() {
    let verdict = pb::Verdict {
        order_id: "A-1".to_owned(),
        outcome: pb::Outcome::NeedsReview.into(),
        action: pb::Action::Claim.into(),
        rows: vec![pb::Row {
            line_id: "ring".to_owned(),
            quantity: 1,
            outcome: pb::Outcome::NeedsReview.into(),
            candidates: vec![
                pb::Candidate {
                    answer: Some(pb::candidate::Answer::Entitlement(pb::Entitlement {
                        remedy: pb::Remedy::Repair.into(),
                        clause_id: "ACM-30".to_owned(),
                        basis: pb::Basis::Conformity.into(),
                        ..Default::default()
                    })),
                    recommended: true,
                    ..Default::default()
                },
                pb::Candidate {
                    answer: Some(pb::candidate::Answer::Refusal(pb::Reason {
                        code: "caused_by_customer".to_owned(),
                        clause_id: "ACM-31".to_owned(),
                        ..Default::default()
                    })),
                    recommended: false,
                    ..Default::default()
                },
            ],
            ..Default::default()
        }],
        ..Default::default()
    };
    assert_eq!(
        plain(&verdict, &Clauses::default()),
        "\
needs review
order A-1, claim (not covered by the terms)

Item ring, 1 unit: needs review
  Options for the agent
    * repair (recommended by the terms)
      Basis: legal guarantee of conformity [ACM-30]
    * refusal
      caused by customer [ACM-31]
"
    );
}

#[test]
fn options_stand_by_status_with_amount_and_period() {
    let option = |status: pb::OptionStatus, remedy: pb::Remedy, amount: &str| pb::OrderOption {
        action: pb::Action::Return.into(),
        remedy: remedy.into(),
        line_ids: vec!["ring".to_owned()],
        alone: true,
        status: status.into(),
        window: Some(window()),
        amount: amount.to_owned(),
        clause_id: "ACM-07".to_owned(),
        ..Default::default()
    };
    let reply = pb::ListOptionsResponse {
        language_code: String::new(),
        options: vec![
            option(pb::OptionStatus::Closed, pb::Remedy::StoreCredit, ""),
            option(pb::OptionStatus::Open, pb::Remedy::Refund, "59.00"),
        ],
        receipt: Some(receipt()),
    };
    assert_eq!(
        anstream::adapter::strip_str(&options(&reply, "EUR", Detail::Full)).to_string(),
        "\
Possible
  return: refund, 59.00 EUR, item ring, until Tue 31 Mar 2026, 23:59 (Europe/Paris) [ACM-07]

Not possible
  return: store credit, item ring, was possible until Tue 31 Mar 2026, 23:59 (Europe/Paris) [ACM-07]

Decided by acme-shop (2026-01-01)
"
    );
}
