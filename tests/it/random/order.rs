//! Draws orders: lines, parcels, money, and what was given back before.

use redress::domain::facts::{
    Delivery, EarlierRemedy, Line, LineFacts, Order, OrderFacts, OrderOption, ParcelFacts, Payment,
    PaymentMethod, Remedy, Shipment, Tags, Value,
};
use redress::domain::few::Few;
use redress::domain::id::CallerId;
use redress::domain::money::{Amount, Currency, part};
use redress::domain::path::Owner;
use redress::domain::time::{Day, EventTime, Zone};
use redress::domain::vocabulary::{Event, Fact};

use super::{Draw, Happened};
use crate::generate::id;
use crate::slots;

/// The names of zones in which parcels and customers are.
const ZONES: [&str; 3] = ["Europe/Rome", "Europe/London", "America/New_York"];

/// What happened to an order.
pub(super) struct History {
    /// When the first parcel was delivered.
    pub delivered: Happened,
}

/// Makes tags of words that are all there are.
fn tags(words: Vec<&'static str>) -> Tags<'static> {
    Tags {
        words: owned(words),
        complete: Some(true),
    }
}

/// Keeps words for the rest of the process, as facts borrow theirs.
fn owned(words: Vec<&'static str>) -> &'static [String] {
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    Box::leak(words.into_boxed_slice())
}

impl Draw<'_> {
    /// Draws an order of which every given fact is known.
    pub(super) fn order(&mut self) -> (Order<'static>, History) {
        let (placed, decided) = (self.placed, self.decided);
        let count = 1 + self.seed.below(4);
        let lines: Vec<Line<'static>> = (0..count).map(|n| self.line(n)).collect();
        let (shipments, delivered) = self.parcels(&lines);
        let accepted = self.happens(placed, decided);
        let options = self.options(&lines);
        let mut facts = OrderFacts::UNKNOWN;
        for fact in slots::facts_of(Owner::Order) {
            facts.set(*fact, self.fact(*fact));
        }
        for event in slots::events_of(Owner::Order) {
            let time = match event {
                Event::Place => self.tell(placed),
                Event::Accept => self.tell(accepted),
                Event::Birth => self.birth().into(),
                Event::Promise => {
                    let promised = self.after(placed.unwrap_or(self.asked), 20);
                    EventTime::On(self.zone.day_of(promised))
                }
                other => self.any_event(*other),
            };
            facts.set_event(*event, time);
        }
        let mut order = Order {
            id: id("order"),
            currency: Currency::euro(),
            facts,
            customer_zone: match self.seed.below(3) {
                0 => None,
                _ => self.zone_name(),
            },
            tags: tags(self.some(&self.words.order_tags, 4)),
            lines: Few::Many(lines),
            shipments,
            options,
            options_complete: Some(true),
            delivery: self.delivery(),
            discount: Some(Amount::ZERO),
            total_paid: None,
            adjustments: Vec::new(),
            open_requests: Vec::new(),
            payments: Vec::new(),
            earlier: Vec::new(),
        };
        self.pay(&mut order);
        self.give_back(&mut order);
        (order, History { delivered })
    }

    /// Draws a day of birth; most customers are of age.
    fn birth(&mut self) -> Option<Day> {
        let year = if self.seed.one_in(8) { 2012 } else { 1990 };
        match self.seed.below(4) {
            0 => None,
            _ => Day::new(year, 5, 5),
        }
    }

    /// Draws an event of which no more is known than what must come before it.
    fn any_event(&mut self, event: Event) -> EventTime {
        let start = self.placed;
        let happened = self.happens(start, self.decided);
        match event.is_to_come() {
            true => self.perhaps_tell(happened),
            false => self.tell(happened),
        }
    }

    fn zone_name(&mut self) -> Option<Zone> {
        Zone::from_name(self.mostly_first(&ZONES))
    }

    fn line(&mut self, number: usize) -> Line<'static> {
        let (placed, decided) = (self.placed, self.decided);
        let price = 700 + self.seed.below(9000) as i64;
        let mut facts = LineFacts::UNKNOWN;
        for fact in slots::facts_of(Owner::Line) {
            facts.set(*fact, self.fact(*fact));
        }
        for event in slots::events_of(Owner::Line) {
            // A design can be confirmed before the order is placed.
            let earliest = self.asked.plus_hours(-24 * 80);
            let first = match event.spec().after {
                [] => Some(placed.unwrap_or(earliest)),
                _ => placed,
            };
            let happened = self.happens(first, decided);
            facts.set_event(*event, self.tell(happened));
        }
        Line {
            group: None,
            id: id(&format!("line-{number}")),
            quantity: 1 + self.seed.below(4) as i32,
            unit_price: Some(Amount::from_minor(price)),
            total: None,
            discount: Some(Amount::from_minor(self.seed.below(300) as i64)),
            tags: tags(self.some(&self.words.tags, if self.smooth { 16 } else { 5 })),
            contents: match facts.get(Fact::Set) {
                Value::YesNo(true) => owned(self.some(&self.words.contents, 2)),
                _ => &[],
            },
            facts,
        }
    }

    /// Draws up to three parcels; some units can be in none. Returns when the first was
    /// delivered too.
    fn parcels(&mut self, lines: &[Line<'static>]) -> (Few<Shipment<'static>>, Happened) {
        // Units in no parcel leave much unknown, and take long to decide.
        let count = match self.seed.below(32) {
            0 => 0,
            number => 1 + number % 3,
        };
        let partial = self.seed.one_in(32);
        let sole = count == 1 && !partial;
        let mut packed: Vec<Vec<(CallerId<'static>, i32)>> = vec![Vec::new(); count];
        for line in lines {
            for _ in 0..line.quantity {
                let left_out = partial && self.seed.one_in(4);
                if count == 0 || left_out {
                    continue;
                }
                let items = &mut packed[self.seed.below(count)];
                match items.last_mut().filter(|(id, _)| *id == line.id) {
                    Some((_, units)) => *units += 1,
                    None => items.push((line.id, 1)),
                }
            }
        }
        let (mut parcels, mut first) = (Vec::new(), None);
        for (number, items) in packed.into_iter().enumerate() {
            if !items.is_empty() {
                let (parcel, delivered) = self.parcel(number, (!sole).then_some(items));
                first = [first, delivered].into_iter().flatten().min();
                parcels.push(parcel);
            }
        }
        (Few::Many(parcels), first)
    }

    fn parcel(
        &mut self,
        number: usize,
        items: Option<Vec<(CallerId<'static>, i32)>>,
    ) -> (Shipment<'static>, Happened) {
        let decided = self.decided;
        let shipped = self.happens(self.placed, decided);
        let delivered = self.happens(shipped, decided);
        let attempted = match delivered {
            Some(_) => self.happens(shipped, delivered.unwrap_or(decided)),
            None => self.happens(shipped, decided),
        };
        let answered = self.happens(attempted, decided);
        let returned = match delivered {
            Some(_) => None,
            None => self.happens(shipped, decided),
        };
        let collected = self.happens(delivered, decided);
        let mut facts = ParcelFacts::UNKNOWN;
        for fact in slots::facts_of(Owner::Parcel) {
            facts.set(*fact, self.fact(*fact));
        }
        for event in slots::events_of(Owner::Parcel) {
            let time = match event {
                Event::Ship => self.tell(shipped),
                Event::Deliver => self.tell(delivered),
                Event::Collect => self.tell(collected),
                Event::FirstAttempt => self.tell(attempted),
                Event::AttemptAnswer => self.tell(answered),
                Event::WarehouseReturn => self.perhaps_tell(returned),
                other => {
                    let happened = self.happens(delivered, decided);
                    match other.is_to_come() {
                        true => self.perhaps_tell(happened),
                        false => self.tell(happened),
                    }
                }
            };
            facts.set_event(*event, time);
        }
        let parcel = Shipment {
            id: id(&format!("parcel-{number}")),
            items: items.map(Few::Many),
            facts,
            zone: self.zone_name(),
            named: true,
        };
        (parcel, delivered)
    }

    fn options(&mut self, lines: &[Line<'static>]) -> Vec<OrderOption<'static>> {
        let codes = self.some(&self.words.options, 2);
        let option = |code| {
            let quantity = 1 + self.seed.below(3) as i32;
            let covered = lines.iter().filter(|_| self.seed.one_in(2));
            let covered: Vec<CallerId<'static>> = covered.map(|line| line.id).collect();
            OrderOption {
                code,
                quantity,
                paid: Some(Amount::from_minor(100 + self.seed.below(900) as i64)),
                used: Some(self.seed.below(quantity as usize + 1) as i32),
                lines: if self.seed.one_in(2) {
                    covered
                } else {
                    Vec::new()
                },
            }
        };
        codes.into_iter().map(option).collect()
    }

    fn delivery(&mut self) -> Delivery<'static> {
        Delivery {
            method: Some("standard"),
            paid: Some(Amount::from_minor(*self.seed.pick(&[0, 490, 790]))),
            standard_cost: Some(Amount::from_minor(*self.seed.pick(&[0, 490]))),
        }
    }

    /// Draws the discount of the order, and who paid what with which means.
    fn pay(&mut self, order: &mut Order<'static>) {
        let nets = order
            .lines
            .iter()
            .map(|line| line.net_before_order_discount().unwrap());
        let goods: Amount = nets.sum();
        let most = goods.minor().min(600) as usize;
        let discount = match self.seed.below(2) {
            0 => Amount::ZERO,
            _ => Amount::from_minor(self.seed.below(most) as i64),
        };
        order.discount = Some(discount);
        let options: Amount = order
            .options
            .iter()
            .map(|option| option.paid.unwrap())
            .sum();
        let total = goods
            .less(discount)
            .plus(order.delivery.paid.unwrap())
            .plus(options);
        order.total_paid = Some(total);
        let mut left = total;
        let count = 1 + self.seed.below(3);
        for number in 1..=count {
            let amount = match number == count {
                true => left,
                false => Amount::from_minor(self.seed.below(left.minor() as usize + 1) as i64),
            };
            left = left.less(amount);
            order.payments.push(Payment {
                state: None,
                captured_amount: None,
                id: id(&format!("payment-{number}")),
                amount,
                method: Some(*self.seed.pick(PaymentMethod::ALL)),
                payer: self.seed.one_in(4).then(|| id("friend")),
            });
        }
    }

    /// Draws what the customer got before.
    fn give_back(&mut self, order: &mut Order<'static>) {
        if order.facts.event(Event::Place) == EventTime::NotYet || !self.seed.one_in(4) {
            return;
        }
        for _ in 0..1 + self.seed.below(3) {
            let line = self.seed.pick(&order.lines);
            let (name, bought) = (line.id, line.quantity);
            let net = line.net_before_order_discount().unwrap();
            let quantity = 1 + self.seed.below(bought as usize) as i32;
            let most = part(net, bought, 0, quantity).minor() * 9 / 10;
            let mut earlier = EarlierRemedy {
                taken: Vec::new(),
                shipment: None,
                payments: Vec::new(),
                line: Some(name),
                quantity,
                remedy: *self.seed.pick(Remedy::ALL),
                amount: Amount::from_minor(self.seed.below(most as usize + 1) as i64),
                delivery_amount: Amount::ZERO,
                options_amount: Amount::ZERO,
                surcharge: Amount::ZERO,
                consumed: *self.seed.pick(&[None, None, Some(true), Some(false)]),
                reason: *self.seed.pick(&[None, Some("size")]),
            };
            let used_up = if earlier.is_consumed() { quantity } else { 0 };
            let given: Amount = order.earlier.iter().map(|e| e.amount).sum();
            let options: Amount = order.options.iter().map(|o| o.paid.unwrap()).sum();
            let beside = options.plus(order.delivery.paid.unwrap());
            let goods = order.total_paid.unwrap().less(beside);
            let too_much = given.plus(earlier.amount).times(2) > goods;
            if too_much || order.consumed(name) + used_up > bought {
                continue;
            }
            if order.earlier.is_empty() && self.seed.one_in(2) {
                earlier.delivery_amount = self.share_of(order.delivery.paid.unwrap());
                earlier.options_amount = self.share_of(options);
            }
            order.earlier.push(earlier);
        }
    }

    /// Returns all of an amount or a part of it.
    fn share_of(&mut self, amount: Amount) -> Amount {
        match self.seed.below(2) {
            0 => amount,
            _ => Amount::from_minor(self.seed.below(amount.minor() as usize + 1) as i64),
        }
    }
}
