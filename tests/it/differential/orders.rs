//! Random orders with every kind of money on them, and requests about them.

use redress::domain::facts::{
    Action, Ask, CustomerKind, DefectFinding, EarlierRemedy, Line, Order, OrderOption, Payment,
    PaymentMethod, Remedy, Request, RequestLine, Shipment, UnitGroup,
};
use redress::domain::few::Few;
use redress::domain::id::CallerId;
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};

use super::policies::OPTION;
use crate::generate::{self, Seed, id, instant};

/// Shortly before clocks change.
const PLACED: &str = "2026-03-26T15:00:00+01:00";

pub fn placed() -> Instant {
    instant(PLACED)
}

fn cents(seed: &mut Seed, most: usize) -> Amount {
    Amount::from_minor(i64::try_from(seed.below(most + 1)).unwrap())
}

fn quantity(seed: &mut Seed, most: i32) -> i32 {
    1 + i32::try_from(seed.below(usize::try_from(most).unwrap())).unwrap()
}

/// Yes, no, or not told; mostly what lets a request through.
pub fn finding(seed: &mut Seed) -> Option<bool> {
    *seed.pick(&[None, Some(true), Some(false), Some(false)])
}

/// Makes an order of which every given fact is known.
pub fn order(seed: &mut Seed, placed: Instant, now: Instant) -> Order<'static> {
    let at = |hours: i64| match placed.plus_hours(hours) {
        time if time <= now => EventTime::At(time),
        _ => EventTime::NotYet,
    };
    let lines: Vec<_> = (0..1 + seed.below(4))
        .map(|n| {
            let units = quantity(seed, 4);
            let price = match seed.below(4) {
                0 => i64::try_from(seed.below(5)).unwrap(),
                1 => 1000,
                _ => i64::try_from(500 + seed.below(9000)).unwrap(),
            };
            // Ids are not in the order of the lines.
            let name = format!("{}{n}", seed.pick(&["a", "m", "z"]));
            let mut line = generate::line(seed, &name, units, price);
            if seed.one_in(2) {
                let gross = usize::try_from(price).unwrap() * usize::try_from(units).unwrap();
                line.discount = Some(cents(seed, gross / 3));
            }
            line.tags.complete = Some(true);
            line
        })
        .collect();
    let (ship, deliver) = (24 + seed.below(24), 60 + seed.below(30));
    let (ship, deliver) = (
        i64::try_from(ship).unwrap(),
        i64::try_from(deliver).unwrap(),
    );
    let (ship, deliver) = (at(ship), at(deliver));
    let mut order = generate::order(lines, EventTime::At(placed), ship, deliver);
    order.customer.kind = Some(*seed.pick(&[CustomerKind::Consumer, CustomerKind::Business]));
    order.customer.registered = Some(seed.one_in(2));
    order.gift = Some(seed.one_in(2));
    order.charged = Some(!seed.one_in(12));
    order.tags.complete = Some(true);
    order.delivery.paid = Some(*seed.pick(&[
        Amount::ZERO,
        Amount::from_minor(490),
        Amount::from_minor(790),
    ]));
    order.delivery.standard_cost = Some(Amount::from_minor(490));
    if seed.one_in(2) {
        let goods: i64 = order
            .lines
            .iter()
            .map(|l| l.net_before_order_discount().unwrap().minor())
            .sum();
        order.discount = Some(cents(seed, usize::try_from(goods / 3).unwrap()));
    }
    order.options = options(seed);
    order.shipments = parcels(seed, &order, at(95));
    pay(seed, &mut order);
    order.earlier = earlier(seed, &order);
    order
}

fn options(seed: &mut Seed) -> Vec<OrderOption<'static>> {
    let mut options = Vec::new();
    for code in [OPTION, "gift_wrap"] {
        if seed.one_in(2) {
            options.push(OrderOption {
                code,
                quantity: 9,
                paid: Some(Amount::from_minor(350)),
                used: Some(*seed.pick(&[0, 0, 7, 9])),
                lines: Vec::new(),
            });
        }
    }
    options
}

/// Puts lines into one parcel or two; a line can be in both.
fn parcels(seed: &mut Seed, order: &Order<'static>, later: EventTime) -> Few<Shipment<'static>> {
    let base = order.shipments[0].clone();
    if seed.one_in(2) {
        return Few::one(base);
    }
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for line in &order.lines {
        let here = i32::try_from(seed.below(usize::try_from(line.quantity).unwrap() + 1)).unwrap();
        if here > 0 {
            first.push((line.id, here));
        }
        if here < line.quantity {
            second.push((line.id, line.quantity - here));
        }
    }
    let deliver = match (seed.one_in(2), base.ship) {
        (_, EventTime::NotYet) => EventTime::NotYet,
        (true, _) => later,
        (false, _) => base.deliver,
    };
    let parcel = |name: &str, items: Vec<_>, deliver| Shipment {
        id: id(name),
        items: Some(Few::Many(items)),
        deliver,
        ..base.clone()
    };
    let base_deliver = base.deliver;
    let parcels = [
        parcel("p1", first, base_deliver),
        parcel("p2", second, deliver),
    ];
    let filled = parcels.into_iter();
    filled
        .filter(|p| p.items.as_ref().is_some_and(|items| !items.is_empty()))
        .collect()
}

fn pay(seed: &mut Seed, order: &mut Order<'static>) {
    let goods: Amount = order
        .lines
        .iter()
        .map(|l| l.net_before_order_discount().unwrap())
        .sum();
    let options: Amount = order.options.iter().map(|o| o.paid.unwrap()).sum();
    let delivery = order.delivery.paid.unwrap();
    let total = goods
        .less(order.discount.unwrap())
        .plus(delivery)
        .plus(options);
    order.total_paid = Some(total);
    let mut left = total;
    let count = 1 + seed.below(3);
    for n in 0..count {
        let amount = match n + 1 == count {
            true => left,
            false => cents(seed, usize::try_from(left.minor()).unwrap()),
        };
        left = left.less(amount);
        order.payments.push(Payment {
            id: id(&format!("{}{n}", seed.pick(&["p", "c", "x"]))),
            amount,
            method: Some(*seed.pick(&[
                PaymentMethod::Card,
                PaymentMethod::StoreCredit,
                PaymentMethod::GiftCard,
            ])),
            payer: seed.one_in(4).then(|| id("friend")),
        });
    }
}

/// What the customer got before: of a line once, and order-level money.
fn earlier(seed: &mut Seed, order: &Order<'static>) -> Vec<EarlierRemedy<'static>> {
    let mut earlier = Vec::new();
    for line in &order.lines {
        if !seed.one_in(4) {
            continue;
        }
        let units = quantity(seed, line.quantity);
        let net = line.net_before_order_discount().unwrap().minor();
        let worth = net * i64::from(units) / i64::from(line.quantity);
        let remedy = *seed.pick(&[
            Remedy::Refund,
            Remedy::Refund,
            Remedy::StoreCredit,
            Remedy::PriceReduction,
            Remedy::Exchange,
        ]);
        let amount = match seed.below(3) {
            0 => Amount::from_minor(worth),
            1 => Amount::ZERO,
            _ => cents(seed, usize::try_from(worth).unwrap()),
        };
        earlier.push(EarlierRemedy {
            line: Some(line.id),
            quantity: units,
            remedy,
            amount,
            delivery_amount: Amount::ZERO,
            options_amount: Amount::ZERO,
            consumed: None,
            reason: None,
        });
    }
    if let Some(first) = earlier.first_mut()
        && seed.one_in(3)
    {
        first.delivery_amount = cents(seed, 490).at_most(order.delivery.paid.unwrap());
        if !order.options.is_empty() {
            first.options_amount = cents(seed, 350);
        }
    }
    earlier
}

/// The instant of a request, from the day of placing to two weeks later.
pub fn now(seed: &mut Seed) -> Instant {
    placed().plus_hours(i64::try_from(seed.below(300)).unwrap())
}

/// Asks for units that are left, in groups that differ.
fn lines(seed: &mut Seed, order: &Order<'static>) -> Vec<RequestLine<'static>> {
    let left = |line: &Line<'static>| line.quantity - order.consumed(line.id);
    let all: Vec<_> = order.lines.iter().filter(|line| left(line) > 0).collect();
    let some: Vec<_> = match seed.one_in(3) {
        true => all.clone(),
        false => {
            let mut some = all.clone();
            some.retain(|_| !seed.one_in(3));
            some
        }
    };
    let everything = some.len() == all.len();
    let lines = if some.is_empty() { all } else { some };
    let asked = lines.into_iter().map(|line| {
        let units = match everything {
            true => left(line),
            false => quantity(seed, left(line)),
        };
        RequestLine {
            line: line.id,
            groups: Few::Many(groups(seed, order, line.id, units)),
        }
    });
    asked.collect()
}

/// Takes units out of the parcels that hold them.
fn groups(
    seed: &mut Seed,
    order: &Order<'static>,
    line: CallerId<'static>,
    mut units: i32,
) -> Vec<UnitGroup<'static>> {
    let holds = |parcel: &Shipment<'static>| match &parcel.items {
        None => units,
        Some(items) => {
            let mut of_line = items.iter().filter(|(id, _)| *id == line);
            of_line.next().map_or(0, |(_, count)| *count)
        }
    };
    let parcels: Vec<_> = order.shipments.iter().map(|p| (p.id, holds(p))).collect();
    let several = parcels.iter().filter(|(_, holds)| *holds > 0).count() > 1;
    let mut groups = Vec::new();
    for (parcel, mut held) in parcels {
        while held > 0 && units > 0 {
            let most = held.min(units);
            let some = match seed.one_in(2) {
                true => most,
                false => quantity(seed, most),
            };
            held -= some;
            units -= some;
            groups.push(group(seed, several.then_some(parcel), some));
        }
    }
    groups
}

fn group(seed: &mut Seed, parcel: Option<CallerId<'static>>, units: i32) -> UnitGroup<'static> {
    let mut group = generate::units("line", units).groups[0].clone();
    group.shipment = parcel;
    group.condition.worn = finding(seed);
    group.condition.stained = finding(seed);
    group.condition.damaged = finding(seed);
    group.finding.defect = *seed.pick(&[
        None,
        Some(DefectFinding::Confirmed),
        Some(DefectFinding::Confirmed),
        Some(DefectFinding::None),
    ]);
    if !seed.one_in(4) {
        group.finding.deterioration = Some(cents(seed, 3000));
    }
    if !seed.one_in(4) {
        group.finding.value_loss = Some(cents(seed, 3000));
    }
    group
}

fn ask(seed: &mut Seed, action: Action, now: Instant) -> Ask<'static> {
    match action {
        Action::Return => Ask::Return { reason: None },
        Action::Cancellation => Ask::Cancellation { reason: None },
        Action::Exchange => Ask::Exchange {
            reason: None,
            wanted_unit_price: Some(cents(seed, 6000)),
            wanted_available: Some(seed.one_in(2)),
        },
        Action::CreditUse => Ask::CreditUse {
            credit: Some(cents(seed, 9000)),
            next_order: EventTime::At(now),
            goods_receive: EventTime::At(now),
            payout: Some(false),
        },
        other => unreachable!("no policy is made for {other}"),
    }
}

/// Makes a request about an order; `None`: nothing is left to ask for.
pub fn request(
    seed: &mut Seed,
    order: &Order<'static>,
    action: Action,
    now: Instant,
) -> Option<Request<'static>> {
    let lines = lines(seed, order);
    if lines.is_empty() {
        return None;
    }
    let mut request = generate::request(now, lines, ask(seed, action, now));
    request.evidence.photos = Some(!seed.one_in(6));
    request.response.confirmed = finding(seed);
    let mut event = |from: EventTime| match from {
        EventTime::At(_) => {
            *seed.pick(&[EventTime::At(now), EventTime::NotYet, EventTime::Unknown])
        }
        _ => EventTime::NotYet,
    };
    let delivered = order.shipments.iter().map(|p| p.deliver);
    let delivered = delivered.clone().find(|d| matches!(d, EventTime::At(_)));
    let journey = &mut request.journey;
    journey.hand_over = event(delivered.unwrap_or(EventTime::NotYet));
    journey.receive = event(journey.hand_over);
    journey.proof = event(journey.hand_over);
    journey.shop_collect = event(EventTime::At(now));
    request.response.confirm_mail = event(EventTime::At(now));
    let mut told = |most| (!seed.one_in(4)).then(|| cents(seed, most));
    journey.paid = told(900);
    journey.collection_cost = told(2000);
    journey.undelivered_cost = told(2000);
    request.wants = match seed.below(4) {
        0 => Some(Remedy::Refund),
        1 => Some(Remedy::StoreCredit),
        _ => None,
    };
    Some(request)
}
