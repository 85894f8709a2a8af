//! Draws requests: units, what is known of them, and what is asked for.

use redress::domain::facts::{
    Action, Ask, Order, Remedy, Request, RequestFacts, RequestLine, UnitGroup, UnitsFacts,
};
use redress::domain::few::Few;
use redress::domain::id::CallerId;
use redress::domain::path::Owner;
use redress::domain::time::EventTime;
use redress::domain::vocabulary::{ACTION_EVENTS, ACTION_FACTS, Event};

use super::order::History;
use super::{Draw, Happened};
use crate::generate::id;
use crate::slots;

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
        let handed = self.happens(history.delivered, self.decided);
        let mut facts = RequestFacts::UNKNOWN;
        for fact in slots::facts_of(Owner::Request) {
            facts.set(*fact, self.fact(*fact));
        }
        for event in slots::events_of(Owner::Request) {
            let time = match event {
                Event::StatementSend => match self.seed.below(3) {
                    // Who asks by himself sends when he asks.
                    0 if self.placed.is_some() => EventTime::At(asked),
                    _ => self.tell(sent.or(self.placed.map(|_| asked))),
                },
                Event::FormSend => self.tell(form),
                Event::HandOver => self.perhaps_tell(handed),
                Event::Proof | Event::Receive => self.follows(handed),
                // What the shop does for a return it seldom does.
                Event::ShopRequest | Event::ShopCollect => {
                    let first = self.placed.map(|_| asked);
                    let happened = self.seldom(first, self.decided);
                    self.perhaps_tell(happened)
                }
                _ => self.follows(Some(asked)),
            };
            facts.set_event(*event, time);
        }
        Request {
            payout: None,
            return_parcels: Vec::new(),
            claim_id: self.seed.one_in(2).then(|| id("claim")),
            request_time: asked,
            facts,
            lines: self.units(order),
            wants: match self.seed.below(4) {
                0 => Some(*self.seed.pick(Remedy::ALL)),
                _ => None,
            },
            unavailable: &[],
            ask: self.ask(action),
        }
    }

    /// Draws an event after another of which it is no question whether it is known.
    fn follows(&mut self, first: Happened) -> EventTime {
        let happened = self.happens(first, self.decided);
        self.perhaps_tell(happened)
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
            wanted: None,
            return_parcel: None,
            quantity,
            shipment: (!free.is_empty()).then(|| *self.seed.pick(&free)),
            facts: {
                let mut facts = UnitsFacts::UNKNOWN;
                for fact in slots::facts_of(Owner::Units) {
                    facts.set(*fact, self.fact(*fact));
                }
                facts
            },
        }
    }

    /// Draws an ask of an action of which everything is known.
    fn ask(&mut self, action: Action) -> Ask<'static> {
        let mut ask = Ask::of(action);
        for fact in ACTION_FACTS {
            if fact.spec().field.owner() == Owner::Action(action) {
                ask.set(*fact, self.fact(*fact));
            }
        }
        // The goods that a credit stands for can have come back long ago.
        let start = match action {
            Action::CreditUse => Some(self.asked.plus_hours(-24 * 200)),
            _ => self.placed,
        };
        let mut happened: Vec<(Event, Happened)> = Vec::new();
        for event in ACTION_EVENTS {
            if event.field().owner() != Owner::Action(action) {
                continue;
            }
            let before = happened.iter();
            let mut before = before.filter(|(first, _)| event.before() & first.bit() != 0);
            let first = before.next_back().map_or(start, |(_, first)| *first);
            let at = self.happens(first, self.decided);
            happened.push((*event, at));
            let time = match event.is_to_come() {
                true => self.perhaps_tell(at),
                false => self.tell(at),
            };
            ask.set_event(*event, time);
        }
        ask
    }
}
