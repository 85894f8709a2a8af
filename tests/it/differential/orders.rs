//! Random orders with every kind of money on them, and requests about them.

use redress::domain::facts::{
    Action, Ask, EarlierRemedy, Line, Order, OrderOption, Payment, PaymentMethod, Remedy, Request,
    RequestLine, Shipment, UnitGroup, Value,
};
use redress::domain::few::Few;
use redress::domain::id::CallerId;
use redress::domain::money::Amount;
use redress::domain::time::{EventTime, Instant};
use redress::domain::vocabulary::{Event, Fact, Kind, REQUEST_EVENTS, REQUEST_FACTS, UNITS_FACTS};

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
fn finding(seed: &mut Seed) -> Value<'static> {
    (*seed.pick(&[None, Some(true), Some(false), Some(false)])).into()
}

/// Amounts of a list of facts, most of which are told.
fn amounts(seed: &mut Seed, facts: &[Fact], most: usize) -> Vec<(Fact, Value<'static>)> {
    let amounts = facts.iter().filter(|f| f.spec().kind == Kind::Amount);
    let told = amounts.filter_map(|fact| {
        let told = !seed.one_in(4);
        told.then(|| (*fact, Value::Amount(cents(seed, most))))
    });
    told.collect()
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
    let facts = &mut order.facts;
    let kind = Value::Word(seed.pick::<&str>(&["consumer", "business"]));
    facts.set(Fact::CustomerKind, kind);
    facts.set(Fact::Registered, Value::YesNo(seed.one_in(2)));
    facts.set(Fact::Gift, Value::YesNo(seed.one_in(2)));
    facts.set(Fact::Charged, Value::YesNo(!seed.one_in(12)));
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
    pay_on_top(&mut order);
    order
}

/// Lets the customer pay for dearer pieces in half of the exchanges that gave nothing back.
fn pay_on_top(order: &mut Order<'static>) {
    for earlier in &mut order.earlier {
        let line = order
            .lines
            .iter()
            .find(|line| Some(line.id) == earlier.line);
        let price = line.and_then(|line| line.unit_price).unwrap().minor();
        let is_exchange = earlier.remedy == Remedy::Exchange && earlier.amount == Amount::ZERO;
        if is_exchange && price % 2 == 0 {
            earlier.surcharge = Amount::from_minor(1 + price % 700);
            order.total_paid = order.total_paid.map(|paid| paid.plus(earlier.surcharge));
            let last = order.payments.last_mut().unwrap();
            last.amount = last.amount.plus(earlier.surcharge);
        }
    }
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
    let base_deliver = base.facts.event(Event::Deliver);
    let deliver = match (seed.one_in(2), base.facts.event(Event::Ship)) {
        (_, EventTime::NotYet) => EventTime::NotYet,
        (true, _) => later,
        (false, _) => base_deliver,
    };
    let parcel = |name: &str, items: Vec<_>, deliver| {
        let mut parcel = Shipment {
            id: id(name),
            items: Some(Few::Many(items)),
            ..base.clone()
        };
        parcel.facts.set_event(Event::Deliver, deliver);
        parcel
    };
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
            state: None,
            captured_amount: None,
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
            payments: Vec::new(),
            taken: Vec::new(),
            shipment: None,
            line: Some(line.id),
            quantity: units,
            remedy,
            amount,
            delivery_amount: Amount::ZERO,
            options_amount: Amount::ZERO,
            surcharge: Amount::ZERO,
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
    for fact in [Fact::Worn, Fact::Stained, Fact::Damaged] {
        group.facts.set(fact, finding(seed));
    }
    let confirmed = Some("confirmed");
    let defect = *seed.pick(&[None, confirmed, confirmed, Some("none")]);
    group.facts.set(Fact::Defect, defect.into());
    for (fact, amount) in amounts(seed, UNITS_FACTS, 3000) {
        group.facts.set(fact, amount);
    }
    group
}

/// Tells what an exchange and the use of credit need; other actions need nothing.
fn ask(seed: &mut Seed, action: Action, now: Instant) -> Ask<'static> {
    let mut ask = Ask::of(action);
    ask.set(Fact::WantedUnitPrice, Value::Amount(cents(seed, 6000)));
    ask.set(Fact::WantedAvailable, Value::YesNo(seed.one_in(2)));
    ask.set(Fact::CreditAmount, Value::Amount(cents(seed, 9000)));
    ask.set(Fact::Payout, Value::YesNo(false));
    for event in [Event::NextOrder, Event::CreditGoodsReceive] {
        ask.set_event(event, EventTime::At(now));
    }
    ask
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
    let facts = &mut request.facts;
    facts.set(Fact::Photos, Value::YesNo(!seed.one_in(6)));
    facts.set(Fact::Confirmed, finding(seed));
    let mut happens = |from: EventTime| match from {
        EventTime::At(_) => {
            *seed.pick(&[EventTime::At(now), EventTime::NotYet, EventTime::Unknown])
        }
        _ => EventTime::NotYet,
    };
    let mut deliveries = order
        .shipments
        .iter()
        .map(|p| p.facts.event(Event::Deliver));
    let delivered = deliveries.find(|d| matches!(d, EventTime::At(_)));
    for to_come in REQUEST_EVENTS.iter().filter(|event| event.is_to_come()) {
        let is_after = |first: Event| to_come.before() & first.bit() != 0;
        let from = match is_after(Event::Deliver) {
            true if is_after(Event::HandOver) => facts.event(Event::HandOver),
            true => delivered.unwrap_or(EventTime::NotYet),
            false => EventTime::At(now),
        };
        facts.set_event(*to_come, happens(from));
    }
    for (fact, amount) in amounts(seed, REQUEST_FACTS, 2000) {
        facts.set(fact, amount);
    }
    request.wants = match seed.below(4) {
        0 => Some(Remedy::Refund),
        1 => Some(Remedy::StoreCredit),
        _ => None,
    };
    Some(request)
}
