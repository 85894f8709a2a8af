//! The shops' own policies: typical requests and the largest ones.

use std::hint::black_box;

use redress_client::pb::{self, DecideRequest, ListOptionsRequest};

use crate::allocations::Allocations;
use crate::measure::{Contender, Effort, interleave};
use crate::redress_side::{Engine, Requests};
use crate::report::{Figure, Report};

/// A request that each shop gets every day, in proto JSON, taken from its cases.
const TYPICAL: [(&str, &str); 5] = [
    ("greek-eshop", include_str!("../requests/greek-eshop.json")),
    ("jona", include_str!("../requests/jona.json")),
    (
        "melina-paris",
        include_str!("../requests/melina-paris.json"),
    ),
    (
        "milona-paris",
        include_str!("../requests/milona-paris.json"),
    ),
    (
        "passione-kustom",
        include_str!("../requests/passione-kustom.json"),
    ),
];

/// Lines of the largest order that the contract allows.
const MOST_LINES: usize = 200;

/// Copies of a typical request in one pass.
const COPIES: usize = 16;

/// A shop and a request that it gets every day.
pub struct Typical {
    /// The shop.
    pub shop: String,
    /// The request.
    pub message: DecideRequest,
}

/// Reads the typical request of every shop.
pub fn typical() -> Vec<Typical> {
    let requests = Requests::new();
    let read = |(shop, text): &(&str, &str)| Typical {
        shop: (*shop).to_owned(),
        message: requests.decide(text),
    };
    TYPICAL.iter().map(read).collect()
}

/// Asks what is possible with the order of a request, at the same instant.
pub fn options_of(message: &DecideRequest) -> ListOptionsRequest {
    let request = message.request.as_ref();
    ListOptionsRequest {
        policy: message.policy.clone(),
        revision: message.revision.clone(),
        order: message.order.clone(),
        request_time: request.and_then(|r| r.request_time),
        requester: request.map_or(0, |r| r.requester),
        ..Default::default()
    }
}

/// Repeats the first line of an order and of the request until the order is full.
fn largest(of: &DecideRequest) -> DecideRequest {
    let mut message = of.clone();
    let order = message.order.get_or_insert_default();
    let first = order.lines.first().cloned().unwrap_or_default();
    let id = |n: usize| format!("line-{n}");
    order.lines = (0..MOST_LINES)
        .map(|n| pb::Line {
            line_id: id(n),
            ..first.clone()
        })
        .collect();
    // Every parcel holds what is left, and what was paid is what the lines come to.
    order.shipments.truncate(1);
    for shipment in &mut order.shipments {
        shipment.items.clear();
    }
    order.payments.clear();
    order.total_paid.clear();
    order.earlier_remedies.clear();
    let request = message.request.get_or_insert_default();
    let asked = request.lines.first().cloned().unwrap_or_default();
    request.lines = (0..MOST_LINES)
        .map(|n| pb::RequestLine {
            line_id: id(n),
            ..asked.clone()
        })
        .collect();
    message
}

/// Hands the contenders of every case over, with the name of the case.
pub fn each_case(mut take: impl FnMut(&str, &mut [Contender<'_>])) {
    let engine = Engine::shops();
    let typical = typical();
    let small: Vec<Vec<DecideRequest>> = typical
        .iter()
        .map(|t| vec![t.message.clone(); COPIES])
        .collect();
    let large: Vec<Vec<DecideRequest>> =
        typical.iter().map(|t| vec![largest(&t.message)]).collect();
    for (case, asked) in [("typical request", &small), ("200 lines", &large)] {
        let mut decide: Vec<Contender<'_>> = typical
            .iter()
            .zip(asked)
            .map(|(shop, messages)| {
                let what = format!("redress, {}", shop.shop);
                Contender::each(&what, messages, |m| {
                    black_box(engine.answer(m));
                })
            })
            .collect();
        take(case, &mut decide);
        let options: Vec<Vec<ListOptionsRequest>> = asked
            .iter()
            .map(|messages| messages.iter().map(options_of).collect())
            .collect();
        let mut list: Vec<Contender<'_>> = typical
            .iter()
            .zip(&options)
            .map(|(shop, messages)| {
                let what = format!("redress, {}", shop.shop);
                Contender::each(&what, messages, |m| {
                    black_box(engine.list_options(m));
                })
            })
            .collect();
        take(&format!("{case}, options"), &mut list);
    }
}

/// Measures every shop; no bar is judged.
pub fn run(report: &mut Report, effort: Effort) {
    let counted = Allocations::count("shops");
    each_case(|case, contenders| {
        let times = interleave(contenders, effort);
        for (contender, times) in contenders.iter().zip(&times) {
            report.push(Figure::of("shops", &contender.name, case, times, "ns"));
        }
        for contender in contenders {
            let count = [counted.of(case, &contender.name)];
            let figure = Figure::of("shops", &contender.name, case, &count, "allocations");
            report.push(figure);
        }
    });
}
