//! A request that is wrong: what is reported, where, and under which reason.

use std::collections::BTreeSet;

use redress::domain::violation::ViolationKind;
use redress::engine::{Budget, Stopped};
use redress::policy::catalog::Catalog;
use redress::rpc::status::{CallError, Load};
use redress::wire::answer;
use redress_client::pb::{self, ErrorReason as Reason};
use redress_client::{ERROR_DOMAIN, Refusal};
use tonic::{Code, Status};

use crate::samples;

/// One thing that is done to a good request, and what is reported then.
struct Case {
    name: &'static str,
    spoil: fn(&mut pb::DecideRequest),
    wanted: &'static [(&'static str, Reason)],
}

fn order(request: &mut pb::DecideRequest) -> &mut pb::Order {
    request.order.as_mut().expect("an order")
}

fn asked(request: &mut pb::DecideRequest) -> &mut pb::CustomerRequest {
    request.request.as_mut().expect("a request")
}

fn line(request: &mut pb::DecideRequest) -> &mut pb::Line {
    order(request).lines.first_mut().expect("a line")
}

const CASES: &[Case] = &[
    Case {
        name: "an empty request lacks everything that is required",
        spoil: |r| *r = pb::DecideRequest::default(),
        wanted: &[
            ("order", Reason::Required),
            ("policy", Reason::Required),
            ("request", Reason::Required),
        ],
    },
    Case {
        name: "a policy id has a form",
        spoil: |r| r.policy = "Acme_Shop".into(),
        wanted: &[("policy", Reason::InvalidText)],
    },
    Case {
        name: "a revision is a day or always",
        spoil: |r| r.revision = "latest".into(),
        wanted: &[("revision", Reason::InvalidText)],
    },
    Case {
        name: "an unknown number is never a default",
        spoil: |r| {
            r.view = 9;
            order(r).gift = 3;
            line(r).tag_reason = -1;
            asked(r).wants = 99;
        },
        wanted: &[
            ("order.gift", Reason::UnknownEnum),
            ("order.lines[0].tag_reason", Reason::UnknownEnum),
            ("request.wants", Reason::UnknownEnum),
            ("view", Reason::UnknownEnum),
        ],
    },
    Case {
        name: "one unknown currency is one violation",
        spoil: |r| order(r).currency_code = "EURO".into(),
        wanted: &[("order.currency_code", Reason::UnknownCurrency)],
    },
    Case {
        name: "amounts are checked for form beside an unknown currency",
        spoil: |r| {
            order(r).currency_code = "ZZZ".into();
            order(r).total_paid = "1e3".into();
            line(r).unit_price = "-5.00".into();
        },
        wanted: &[
            ("order.currency_code", Reason::UnknownCurrency),
            ("order.lines[0].unit_price", Reason::InvalidAmount),
            ("order.total_paid", Reason::InvalidAmount),
        ],
    },
    Case {
        name: "amounts are no finer than the currency",
        spoil: |r| order(r).discount = "0.001".into(),
        wanted: &[("order.discount", Reason::InvalidAmount)],
    },
    Case {
        name: "a payment has an amount",
        spoil: |r| order(r).payments.iter_mut().for_each(|p| p.amount.clear()),
        wanted: &[("order.payments[0].amount", Reason::Required)],
    },
    Case {
        name: "ids and words have a length",
        spoil: |r| {
            order(r).order_id = "x".repeat(129);
            line(r).category = "y".repeat(129);
            asked(r).claim_id = "a\nb".into();
        },
        wanted: &[
            ("order.lines[0].category", Reason::InvalidText),
            ("order.order_id", Reason::InvalidText),
            ("request.claim_id", Reason::InvalidText),
        ],
    },
    Case {
        name: "codes of countries and languages have a form",
        spoil: |r| {
            order(r).delivery_region_code = "fr".into();
            r.language_codes = vec!["fr".into(), "x_y".into()];
        },
        wanted: &[
            ("language_codes[1]", Reason::InvalidText),
            ("order.delivery_region_code", Reason::InvalidText),
        ],
    },
    Case {
        name: "an event says its state",
        spoil: |r| order(r).accept_time = Some(pb::EventTime { state: None }),
        wanted: &[("order.accept_time", Reason::Required)],
    },
    Case {
        name: "days and instants are inside the calendar",
        spoil: |r| {
            order(r).accept_time = samples::on("2026-02-29");
            let end = prost_types::Timestamp {
                seconds: 253_402_300_800,
                nanos: 0,
            };
            asked(r).request_time = Some(end);
            r.decide_time = Some(prost_types::Timestamp {
                seconds: 0,
                nanos: -1,
            });
        },
        wanted: &[
            ("decide_time", Reason::InvalidTime),
            ("order.accept_time.date", Reason::InvalidTime),
            ("request.request_time", Reason::InvalidTime),
        ],
    },
    Case {
        name: "instants and days lie in the years that are accepted",
        spoil: |r| {
            let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
            // One nanosecond before the year 1900, and the first of the year 3000.
            asked(r).request_time = at(-2_208_988_801, 999_999_999);
            r.decide_time = at(32_503_680_000, 0);
            order(r).accept_time = samples::on("1899-12-31");
            order(r).place_time = samples::at("0001-01-01T00:00:00Z");
            order(r).customer = Some(pb::Customer {
                birth_date: "3000-01-01".into(),
                ..Default::default()
            });
        },
        wanted: &[
            ("decide_time", Reason::InvalidTime),
            ("order.accept_time.date", Reason::InvalidTime),
            ("order.customer.birth_date", Reason::InvalidTime),
            ("order.place_time.time", Reason::InvalidTime),
            ("request.request_time", Reason::InvalidTime),
        ],
    },
    Case {
        name: "time zones are known",
        spoil: |r| {
            order(r).customer = Some(pb::Customer {
                time_zone: "Europe/Lutetia".into(),
                ..Default::default()
            });
        },
        wanted: &[("order.customer.time_zone", Reason::UnknownTimeZone)],
    },
    Case {
        name: "units are counted from one",
        spoil: |r| {
            line(r).quantity = 0;
            asked(r).lines = vec![pb::RequestLine::units("ring", -1)];
        },
        wanted: &[
            ("order.lines[0].quantity", Reason::OutOfRange),
            ("request.lines[0].groups[0].quantity", Reason::OutOfRange),
        ],
    },
    Case {
        name: "lists have a limit and are not read beyond it",
        spoil: |r| {
            r.language_codes = vec!["??".into(); 11];
            line(r).tags = vec![String::new(); 51];
        },
        wanted: &[
            ("language_codes", Reason::TooMany),
            ("order.lines[0].tags", Reason::TooMany),
        ],
    },
    Case {
        name: "a request says what it asks for and about which units",
        spoil: |r| {
            asked(r).action = None;
            asked(r).lines = vec![pb::RequestLine {
                line_id: "ring".into(),
                groups: vec![],
            }];
        },
        wanted: &[
            ("request.action", Reason::Required),
            ("request.lines[0].groups", Reason::Required),
        ],
    },
    Case {
        name: "a shop event says what happened",
        spoil: |r| {
            let nothing = pb::ShopEventAction::default();
            asked(r).action = Some(pb::customer_request::Action::ShopEvent(nothing));
        },
        wanted: &[("request.shop_event.kind", Reason::Required)],
    },
    Case {
        name: "an earlier remedy says what and how much",
        spoil: |r| order(r).earlier_remedies = vec![pb::EarlierRemedy::default()],
        wanted: &[
            ("order.earlier_remedies[0].amount", Reason::Required),
            ("order.earlier_remedies[0].remedy", Reason::Required),
        ],
    },
    Case {
        name: "ids stand once",
        spoil: |r| {
            let again = asked(r).lines.first().cloned();
            asked(r).lines.extend(again);
        },
        wanted: &[("request.lines[1].line_id", Reason::Duplicate)],
    },
    Case {
        name: "references name something",
        spoil: |r| asked(r).lines = vec![pb::RequestLine::units("bracelet", 1)],
        wanted: &[("request.lines[0].line_id", Reason::UnknownReference)],
    },
    Case {
        name: "nothing is delivered before it was placed",
        spoil: |r| {
            for shipment in &mut order(r).shipments {
                shipment.ship_time = None;
                shipment.deliver_time = samples::at("2026-02-01T00:00:00Z");
            }
        },
        wanted: &[("order.shipments[0].deliver_time", Reason::EventOrder)],
    },
    Case {
        name: "what reached the shop was sent",
        spoil: |r| asked(r).statement_send_time = Some(pb::EventTime::not_yet()),
        wanted: &[("request.statement_send_time", Reason::EventOrder)],
    },
    Case {
        name: "totals add up",
        spoil: |r| {
            // 2 x 59.00 + 41.00 + 5.00 = 164.00, of two lines: a cent each is rounding.
            order(r).total_paid = "163.97".into();
            order(r).payments.clear();
        },
        wanted: &[("order.total_paid", Reason::SumMismatch)],
    },
    Case {
        name: "a total is the price of its units, but for a cent a unit",
        spoil: |r| line(r).total = "118.03".into(),
        wanted: &[
            ("order.lines[0].total", Reason::SumMismatch),
            ("order.total_paid", Reason::SumMismatch),
        ],
    },
    Case {
        name: "a discount on delivery is no more than its price",
        spoil: |r| {
            let delivery = order(r).delivery.as_mut().unwrap();
            delivery.discount = "1000.00".into();
        },
        wanted: &[("order.delivery.discount", Reason::SumMismatch)],
    },
    Case {
        name: "units that another request is about are not asked for beside free ones",
        spoil: |r| {
            order(r).open_requests = vec![pb::OpenRequest {
                claim_id: "C-another".into(),
                line_id: "ring".into(),
                quantity: 1,
            }];
            asked(r).lines = vec![pb::RequestLine::units("ring", 2)];
        },
        wanted: &[("request.lines[0].groups", Reason::TooManyUnits)],
    },
    Case {
        name: "open requests are about no more units than are left",
        spoil: |r| {
            let open = |claim: &str, quantity: i32| pb::OpenRequest {
                claim_id: claim.into(),
                line_id: "ring".into(),
                quantity,
            };
            order(r).open_requests = vec![open("C-1", 2), open("C-2", 1)];
            asked(r).claim_id = "C-1".into();
        },
        wanted: &[("order.open_requests", Reason::SumMismatch)],
    },
    Case {
        name: "what was charged is what payments say",
        spoil: |r| {
            order(r).charged = pb::Answer::No.into();
            order(r).payments[0].state = pb::PaymentState::Captured.into();
        },
        wanted: &[("order.charged", Reason::SumMismatch)],
    },
    Case {
        name: "of a pending payment nothing was captured",
        spoil: |r| {
            order(r).payments[0].state = pb::PaymentState::Pending.into();
            order(r).payments[0].captured_amount = "1.00".into();
        },
        wanted: &[("order.payments[0].state", Reason::SumMismatch)],
    },
    Case {
        name: "adjustments take off no more than there is",
        spoil: |r| {
            order(r).total_paid.clear();
            order(r).payments.clear();
            order(r).adjustments = vec![pb::Adjustment {
                kind: pb::AdjustmentKind::Fee.into(),
                amount: "-1000.00".into(),
            }];
        },
        wanted: &[("order.adjustments", Reason::SumMismatch)],
    },
    Case {
        name: "open requests are about lines of the order",
        spoil: |r| {
            order(r).open_requests = vec![pb::OpenRequest {
                claim_id: String::new(),
                line_id: "another".into(),
                quantity: 0,
            }];
        },
        wanted: &[
            ("order.open_requests[0].claim_id", Reason::Required),
            ("order.open_requests[0].quantity", Reason::OutOfRange),
        ],
    },
    Case {
        name: "no more is captured than a payment has",
        spoil: |r| order(r).payments[0].captured_amount = "1000.00".into(),
        wanted: &[("order.payments[0].captured_amount", Reason::SumMismatch)],
    },
    Case {
        name: "payments that were not voided add up",
        spoil: |r| {
            let pending = pb::Payment {
                payment_id: "rest".into(),
                amount: "0.03".into(),
                state: pb::PaymentState::Pending.into(),
                ..Default::default()
            };
            order(r).payments.push(pending);
        },
        wanted: &[("order.payments", Reason::SumMismatch)],
    },
    Case {
        name: "shares of an earlier remedy are of payments, once each, and add up",
        spoil: |r| {
            let share = |payment_id: &str, amount: &str| pb::PaymentShare {
                payment_id: payment_id.into(),
                amount: amount.into(),
            };
            let payment = order(r).payments[0].payment_id.clone();
            let earlier = pb::EarlierRemedy {
                remedy: pb::Remedy::Refund.into(),
                amount: "10.00".into(),
                payments: vec![
                    share(&payment, "4.00"),
                    share(&payment, "4.00"),
                    share("another", "1.00"),
                ],
                ..Default::default()
            };
            order(r).earlier_remedies = vec![earlier];
        },
        wanted: &[
            ("order.earlier_remedies[0].payments", Reason::SumMismatch),
            (
                "order.earlier_remedies[0].payments[1].payment_id",
                Reason::Duplicate,
            ),
            (
                "order.earlier_remedies[0].payments[2].payment_id",
                Reason::UnknownReference,
            ),
        ],
    },
    Case {
        name: "an adjustment says what it is and how much",
        spoil: |r| {
            let adjustment = |kind: pb::AdjustmentKind, amount: &str| pb::Adjustment {
                kind: kind.into(),
                amount: amount.into(),
            };
            order(r).adjustments = vec![
                adjustment(pb::AdjustmentKind::Unspecified, "1.00"),
                adjustment(pb::AdjustmentKind::Tip, ""),
                adjustment(pb::AdjustmentKind::Tip, "--1.00"),
                adjustment(pb::AdjustmentKind::Rounding, "0.001"),
            ];
        },
        wanted: &[
            ("order.adjustments[0].kind", Reason::Required),
            ("order.adjustments[1].amount", Reason::Required),
            ("order.adjustments[2].amount", Reason::InvalidAmount),
            ("order.adjustments[3].amount", Reason::InvalidAmount),
        ],
    },
    Case {
        name: "no more units than are left",
        spoil: |r| asked(r).lines = vec![pb::RequestLine::units("ring", 3)],
        wanted: &[("request.lines[0].groups", Reason::TooManyUnits)],
    },
];

fn refused(request: pb::DecideRequest) -> CallError {
    answer::decide(
        &Catalog::default(),
        &request,
        samples::now(),
        &Budget::default(),
    )
    .expect_err("no policies")
}

#[test]
fn bad_requests_are_reported_by_field_and_all_at_once() {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for case in CASES {
        let mut request = samples::decide();
        (case.spoil)(&mut request);
        let refusal = Refusal::from(Status::from(refused(request)));
        assert_eq!(refusal.code(), Code::InvalidArgument, "{}", case.name);
        assert_eq!(
            refusal.reason(),
            Some(Reason::InvalidRequest),
            "{}",
            case.name
        );
        let found: Vec<(&str, Reason)> = refusal
            .violations()
            .iter()
            .map(|v| (v.field.as_str(), v.reason.expect("a known reason")))
            .collect();
        assert_eq!(found, case.wanted, "{}", case.name);
        let count = case.wanted.len().to_string();
        assert_eq!(refusal.metadata("count"), Some(count.as_str()));
        for (field, reason) in case.wanted {
            assert!(refusal.message().contains(field) || case.wanted.len() > 3);
            seen.insert(reason.as_str_name());
        }
    }
    // What a policy declares is looked at in `declared`.
    let of_declared = [ViolationKind::WrongType, ViolationKind::UnknownWord];
    let kinds = ViolationKind::ALL.len() - of_declared.len();
    assert_eq!(seen.len(), kinds, "not every kind has a case: {seen:?}");
}

#[test]
fn a_good_request_gets_as_far_as_the_policies() {
    assert_eq!(refused(samples::decide()), CallError::CatalogUnusable);
}

#[test]
fn items_carry_the_same_as_a_status() {
    let item = refused(pb::DecideRequest::default()).into_item();
    assert_eq!(item.reason(), Reason::InvalidRequest);
    let fields: Vec<&str> = item.violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["order", "policy", "request"]);
}

#[test]
fn every_error_has_a_code_a_reason_and_its_words() {
    let policy = || "acme-shop".to_owned();
    let cases = [
        (
            CallError::PolicyNotFound { policy: policy() },
            Code::NotFound,
            Reason::PolicyNotFound,
            vec![("policy", "acme-shop")],
        ),
        (
            CallError::RevisionNotFound {
                policy: policy(),
                revision: Some("2026-01-01".into()),
            },
            Code::NotFound,
            Reason::RevisionNotFound,
            vec![("policy", "acme-shop"), ("revision", "2026-01-01")],
        ),
        (
            CallError::RevisionNotFound {
                policy: policy(),
                revision: None,
            },
            Code::NotFound,
            Reason::RevisionNotFound,
            vec![("policy", "acme-shop"), ("revision", "")],
        ),
        (
            CallError::CatalogUnusable,
            Code::FailedPrecondition,
            Reason::CatalogUnusable,
            vec![],
        ),
        (
            CallError::Overloaded {
                load: Load::Requests,
                limit: 64,
            },
            Code::Unavailable,
            Reason::Overloaded,
            vec![("load", "concurrent requests"), ("limit", "64")],
        ),
        (
            CallError::Overloaded {
                load: Load::UnsentBytes,
                limit: 1024,
            },
            Code::Unavailable,
            Reason::Overloaded,
            vec![
                ("load", "bytes of replies that were not read"),
                ("limit", "1024"),
            ],
        ),
        (
            CallError::Malformed {
                cause: "no such wire type".into(),
            },
            Code::InvalidArgument,
            Reason::MalformedMessage,
            vec![("cause", "no such wire type")],
        ),
        (
            CallError::HeadersTooLarge { limit: 1024 },
            Code::ResourceExhausted,
            Reason::HeadersTooLarge,
            vec![("limit", "1024")],
        ),
        (
            CallError::Stopped(Stopped::OutOfSteps(500)),
            Code::ResourceExhausted,
            Reason::WorkTooLarge,
            vec![("limit", "500")],
        ),
        (
            CallError::Stopped(Stopped::Interrupted),
            Code::Cancelled,
            Reason::Interrupted,
            vec![],
        ),
        (
            CallError::Draining,
            Code::Unavailable,
            Reason::Draining,
            vec![],
        ),
        (
            CallError::Unrecorded,
            Code::Unavailable,
            Reason::Unrecorded,
            vec![],
        ),
        (
            CallError::MessageTooLarge { limit: 1024 },
            Code::ResourceExhausted,
            Reason::MessageTooLarge,
            vec![("limit", "1024")],
        ),
        (
            CallError::Internal,
            Code::Internal,
            Reason::Internal,
            vec![],
        ),
    ];
    for (error, code, reason, words) in cases {
        let refusal = Refusal::from(Status::from(error));
        assert_eq!(refusal.code(), code);
        assert_eq!(refusal.reason(), Some(reason), "{ERROR_DOMAIN}");
        for (key, value) in words {
            assert_eq!(refusal.metadata(key), Some(value), "{key}");
            assert!(refusal.message().contains(value), "{}", refusal.message());
        }
    }
}
