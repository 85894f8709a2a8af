//! Random orders, as the hand-written function and as redress take them.

use chrono::{DateTime, Duration, TimeZone, Utc};
use redress_client::pb;
use rust_decimal::Decimal;

use crate::hand;

/// One order in both forms.
pub struct Sample {
    /// For the hand-written function.
    pub typed: hand::Order,
    /// For redress.
    pub message: pb::DecideRequest,
}

/// A small generator, the same on every machine.
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos: 0,
    }
}

fn event(at: DateTime<Utc>) -> Option<pb::EventTime> {
    Some(pb::EventTime {
        state: Some(pb::event_time::State::Time(timestamp(at))),
    })
}

fn answer(yes: bool) -> i32 {
    if yes { pb::Answer::Yes } else { pb::Answer::No }.into()
}

/// Lines of the orders that are measured.
pub const LINES: [usize; 3] = [1, 5, 50];

/// Orders that answers are compared on.
const COMPARED: usize = 200;

/// Makes the orders that every contender's answers are compared on.
pub fn compared() -> Vec<Sample> {
    let lines = LINES.iter().copied().cycle();
    lines.zip(0..COMPARED).map(|(l, n)| sample(l, n)).collect()
}

/// Makes so many orders to measure on.
pub fn samples(lines: usize, count: usize) -> Vec<Sample> {
    (0..count).map(|n| sample(lines, n)).collect()
}

/// Places two requests in five at the end of a window or a second beside it: there
/// alone do two implementations that look alike differ.
fn request_time(typed: &hand::Order, number: usize, seed: &mut Seed) -> DateTime<Utc> {
    if number % 5 > 1 {
        return typed.request_time;
    }
    // A window of the last parcel ends after every delivery.
    let last = typed.lines.iter().map(|line| line.delivered).max();
    let ends: Vec<DateTime<Utc>> = typed
        .lines
        .iter()
        .zip(hand::decide(typed).rows)
        .filter(|(line, _)| Some(line.delivered) == last)
        .map(|(_, row)| row.closes)
        .collect();
    let end = ends[seed.below(ends.len() as u64) as usize];
    end + Duration::seconds(seed.below(3) as i64 - 1)
}

/// Makes the nth order with so many lines, in one or two parcels.
pub fn sample(lines: usize, number: usize) -> Sample {
    let mut seed = Seed(0x9E37_79B9_7F4A_7C15 ^ (number as u64 * 7919 + lines as u64));
    for _ in 0..8 {
        seed.below(2);
    }
    let asked = Utc
        .with_ymd_and_hms(2026, 4, 20, 10, 0, 0)
        .single()
        .expect("a time");
    let parcels: Vec<DateTime<Utc>> = (0..1 + seed.below(2))
        .map(|_| asked - Duration::hours(1 + seed.below(24 * 40) as i64))
        .collect();
    let mut typed = Vec::new();
    let mut order_lines = Vec::new();
    let mut request_lines = Vec::new();
    let mut items: Vec<Vec<pb::ShipmentItem>> = parcels.iter().map(|_| Vec::new()).collect();
    for n in 0..lines {
        let parcel = seed.below(parcels.len() as u64) as usize;
        let quantity = 1 + seed.below(3) as u32;
        let cents = 1000 + seed.below(9000) as i64;
        let personalized = seed.below(3) == 0;
        let worn = seed.below(5) == 0;
        let id = format!("line-{n}");
        typed.push(hand::Line {
            personalized,
            unit_price: Decimal::new(cents, 2),
            quantity,
            delivered: parcels[parcel],
            worn,
        });
        items[parcel].push(pb::ShipmentItem {
            line_id: id.clone(),
            quantity: quantity as i32,
        });
        order_lines.push(pb::Line {
            line_id: id.clone(),
            quantity: quantity as i32,
            unit_price: Decimal::new(cents, 2).to_string(),
            discount: "0.00".to_owned(),
            personalized: answer(personalized),
            ..Default::default()
        });
        request_lines.push(pb::RequestLine {
            line_id: id,
            groups: vec![pb::UnitGroup {
                quantity: quantity as i32,
                condition: Some(pb::Condition {
                    worn: answer(worn),
                    ..Default::default()
                }),
                ..Default::default()
            }],
        });
    }
    let shipments = parcels
        .iter()
        .zip(items)
        .enumerate()
        .filter(|(_, (_, items))| !items.is_empty())
        .map(|(n, (delivered, items))| pb::Shipment {
            shipment_id: format!("parcel-{n}"),
            items,
            ship_time: event(*delivered - Duration::hours(48)),
            deliver_time: event(*delivered),
            ..Default::default()
        })
        .collect();
    let mut typed = hand::Order {
        request_time: asked,
        lines: typed,
    };
    typed.request_time = request_time(&typed, number, &mut seed);
    let message = pb::DecideRequest {
        policy: "baseline".to_owned(),
        order: Some(pb::Order {
            order_id: format!("order-{number}"),
            currency_code: "EUR".to_owned(),
            place_time: event(asked - Duration::hours(24 * 60)),
            options_complete: answer(true),
            discount: "0.00".to_owned(),
            lines: order_lines,
            shipments,
            ..Default::default()
        }),
        request: Some(pb::CustomerRequest {
            request_time: Some(timestamp(typed.request_time)),
            lines: request_lines,
            action: Some(pb::customer_request::Action::GoodsReturn(
                pb::ReturnAction::default(),
            )),
            ..Default::default()
        }),
        ..Default::default()
    };
    Sample { typed, message }
}
