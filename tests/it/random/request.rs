//! Draws requests: units, what is known of them, and what is asked for.

use redress::domain::facts::{
    Action, Ask, Cause, ChangeKind, Channel, ClaimKind, Condition, DefectFinding,
    DeliveryProblemKind, Evidence, Finding, Journey, Order, Remedy, Request, RequestLine,
    Requester, Response, ReturnMethod, ShopEventKind, TextAuthor, UnitGroup,
};
use redress::domain::few::Few;
use redress::domain::id::CallerId;
use redress::domain::money::Amount;
use redress::domain::time::EventTime;

use super::Draw;
use super::order::History;
use crate::generate::id;

impl Draw<'_> {
    /// Draws a request of which every given fact is known but parcels that nobody can name.
    pub(super) fn request(
        &mut self,
        order: &Order<'static>,
        history: &History,
        action: Action,
    ) -> Request<'static> {
        let asked = self.asked;
        let sent = self.happens(self.placed, asked);
        let form = self.happens(self.placed, asked);
        Request {
            claim_id: self.seed.one_in(2).then(|| id("claim")),
            request_time: asked,
            statement_send: match self.seed.below(3) {
                // Who asks by himself sends when he asks.
                0 if self.placed.is_some() => EventTime::At(asked),
                _ => self.tell(sent.or(self.placed.map(|_| asked))),
            },
            form_send: self.tell(form),
            channel: Some(*self.seed.pick(Channel::ALL)),
            requester: Some(self.mostly_first(Requester::ALL)),
            order_number_quoted: self.found(true),
            statement_clear: self.found(true),
            lines: self.units(order),
            wants: match self.seed.below(4) {
                0 => Some(*self.seed.pick(Remedy::ALL)),
                _ => None,
            },
            evidence: Evidence {
                photos: self.found(true),
                description: self.found(true),
                personal_data: self.found(true),
                return_form: self.found(true),
            },
            journey: self.journey(history),
            response: self.response(),
            unavailable: &[],
            ask: self.ask(action),
        }
    }

    /// Draws lines of the order, units of each, in groups.
    fn units(&mut self, order: &Order<'static>) -> Few<RequestLine<'static>> {
        let mut lines = Vec::new();
        let certain = self.seed.below(order.lines.len());
        let all = self.seed.one_in(4);
        for (place, line) in order.lines.iter().enumerate() {
            if place != certain && !all && self.seed.one_in(3) {
                continue;
            }
            // Of a line of which nothing is left any units can be asked about.
            let left = match line.quantity - order.consumed(line.id) {
                0 => line.quantity,
                left => left,
            };
            let mut rest = match all || self.seed.one_in(3) {
                true => left,
                false => 1 + self.seed.below(left as usize) as i32,
            };
            let mut groups: Vec<UnitGroup<'static>> = Vec::new();
            while rest > 0 {
                let quantity = match groups.len() {
                    0 | 1 => 1 + self.seed.below(rest as usize) as i32,
                    _ => rest,
                };
                rest -= quantity;
                groups.push(self.group(order, (line.id, quantity), &groups));
            }
            lines.push(RequestLine {
                line: line.id,
                groups: Few::Many(groups),
            });
        }
        Few::Many(lines)
    }

    /// Draws a group of units in a parcel that still has so many, where there is one.
    fn group(
        &mut self,
        order: &Order<'static>,
        (line, quantity): (CallerId<'static>, i32),
        before: &[UnitGroup<'static>],
    ) -> UnitGroup<'static> {
        let mut free = Vec::new();
        for parcel in &order.shipments {
            let items = parcel.items.iter().flat_map(|items| items.iter());
            let held = items.filter(|(id, _)| *id == line).map(|(_, units)| *units);
            let named = before.iter().filter(|g| g.shipment == Some(parcel.id));
            let taken: i32 = named.map(|group| group.quantity).sum();
            if held.sum::<i32>() - taken >= quantity {
                free.push(parcel.id);
            }
        }
        UnitGroup {
            quantity,
            shipment: (!free.is_empty()).then(|| *self.seed.pick(&free)),
            condition: self.condition(),
            finding: self.finding(),
        }
    }

    fn condition(&mut self) -> Condition {
        Condition {
            worn: self.found(false),
            altered: self.found(false),
            damaged: self.found(false),
            stained: self.found(false),
            contents_complete: self.found(true),
            packaging_complete: self.found(true),
            labels_present: self.found(true),
            accessories_present: self.found(true),
            seal_intact: self.found(true),
            tape_present: self.found(true),
            customer_fault: self.found(false),
        }
    }

    fn finding(&mut self) -> Finding {
        let at_delivery = !self.seed.one_in(3);
        let defect = match self.smooth {
            true => DefectFinding::Confirmed,
            false => *self.seed.pick(DefectFinding::ALL),
        };
        Finding {
            defect: self.seed.one_in(3).then_some(defect),
            defect_at_delivery: self.found(at_delivery),
            used_beyond_testing: self.found(false),
            deterioration: self.cost(),
            value_loss: self.cost(),
            instructions_followed: self.found(true),
        }
    }

    /// Draws an amount that an examination finds.
    fn cost(&mut self) -> Option<Amount> {
        match self.seed.below(if self.smooth { 20 } else { 4 }) {
            0 => Some(Amount::from_minor(self.seed.below(3000) as i64)),
            1 => Some(Amount::ZERO),
            _ => None,
        }
    }

    fn journey(&mut self, history: &History) -> Journey {
        let decided = self.decided;
        let handed = self.happens(history.delivered, decided);
        let proven = self.happens(handed, decided);
        let received = self.happens(handed, decided);
        let (asked_for, collected) = match self.placed {
            Some(_) => {
                let asked_for = self.seldom(Some(self.asked), decided);
                (asked_for, self.seldom(Some(self.asked), decided))
            }
            None => (None, None),
        };
        Journey {
            method: Some(self.mostly_first(ReturnMethod::ALL)),
            hand_over: self.perhaps_tell(handed),
            proof: self.perhaps_tell(proven),
            receive: self.perhaps_tell(received),
            paid: self.cost(),
            freight_collect: self.found(false),
            parcel_count: match self.seed.below(3) {
                0 => None,
                _ => Some(self.mostly_first(&[1, 2, 3])),
            },
            address_correct: self.given(true),
            lost: self.found(false),
            shop_request: self.perhaps_tell(asked_for),
            shop_collect: self.perhaps_tell(collected),
            collection_cost: self.cost(),
            undelivered_cost: self.cost(),
        }
    }

    fn response(&mut self) -> Response {
        let mailed = self.happens(Some(self.asked), self.decided);
        Response {
            confirmed: self.found(true),
            confirm_mail: self.perhaps_tell(mailed),
            return_accepted: self.found(true),
        }
    }

    /// Draws an ask of an action of which everything is known.
    fn ask(&mut self, action: Action) -> Ask<'static> {
        let words = self.words;
        match action {
            Action::Return => Ask::Return {
                reason: Some(*self.seed.pick(&words.return_reasons)),
            },
            Action::Withdrawal => Ask::Withdrawal,
            Action::Exchange => Ask::Exchange {
                reason: Some(*self.seed.pick(&words.exchange_reasons)),
                wanted_unit_price: Some(Amount::from_minor(self.seed.below(9000) as i64)),
                wanted_available: Some(self.seed.one_in(2)),
            },
            Action::Cancellation => Ask::Cancellation {
                reason: Some(*self.seed.pick(&words.cancellation_reasons)),
            },
            Action::Change => Ask::Change {
                kind: Some(*self.seed.pick(ChangeKind::ALL)),
            },
            Action::Claim => Ask::Claim {
                kind: Some(*self.seed.pick(ClaimKind::ALL)),
                defect_type: Some(*self.seed.pick(&words.defect_types)),
                text_language: Some(*self.seed.pick(&words.languages)),
                translation_free: Some(self.seed.one_in(2)),
                text_author: Some(*self.seed.pick(TextAuthor::ALL)),
                courier_informed: self.given(true),
            },
            Action::DeliveryProblem => Ask::DeliveryProblem {
                kind: Some(*self.seed.pick(DeliveryProblemKind::ALL)),
                cause: Some(*self.seed.pick(Cause::ALL)),
                visibly_damaged: Some(self.seed.one_in(2)),
                address_corrected: Some(self.seed.one_in(2)),
            },
            Action::CreditUse => self.credit_use(),
            Action::ShopEvent => self.shop_event(),
        }
    }

    fn credit_use(&mut self) -> Ask<'static> {
        let start = self.asked.plus_hours(-24 * 200);
        let received = self.happens(Some(start), self.decided);
        let ordered = self.happens(received, self.decided);
        Ask::CreditUse {
            credit: Some(Amount::from_minor(self.seed.below(20_000) as i64)),
            next_order: self.tell(ordered),
            goods_receive: self.tell(received),
            payout: Some(self.seed.one_in(3)),
        }
    }

    fn shop_event(&mut self) -> Ask<'static> {
        let (placed, decided) = (self.placed, self.decided);
        let queried = self.happens(placed, decided);
        let answered = self.happens(queried, decided);
        let cancelled = self.happens(placed, decided);
        Ask::ShopEvent {
            kind: *self.seed.pick(ShopEventKind::ALL),
            address_query: self.tell(queried),
            address_answer: self.tell(answered),
            cancel: self.perhaps_tell(cancelled),
        }
    }
}
