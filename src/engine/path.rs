//! Names unknown facts for people and programs: field path, source, question.

use super::world::{AT_HOME, Key, World};
use crate::domain::event::Event;
use crate::domain::verdict::{MissingFact, Party};

impl World<'_, '_> {
    /// Describes a fact that is needed.
    pub(super) fn missing(&self, key: Key<'_>) -> MissingFact {
        let (source, question) = match key {
            Key::Fact(fact, _) => (fact.spec().source, fact.spec().question),
            Key::Event(event, _) => (event_source(event), event_question(event)),
            Key::Shipment => (Party::Customer, "In which parcel did these units come?"),
            Key::Zone(AT_HOME) => (
                Party::Customer,
                "In which time zone does the customer live?",
            ),
            Key::Zone(_) => (Party::Shop, "In which time zone is the place of delivery?"),
        };
        MissingFact {
            path: self.path(key),
            source,
            question,
        }
    }

    /// Returns the field path of a fact in the request.
    pub(super) fn path(&self, key: Key<'_>) -> String {
        match key {
            Key::Fact(fact, word) => {
                let path = self.filled(fact.spec().path);
                match word {
                    Some(word) => format!("{path}[{word}]"),
                    None => path,
                }
            }
            Key::Event(event, place) => self.event_path(event, place),
            Key::Shipment => format!(
                "request.lines[{}].groups[{}].shipment_id",
                self.row.request_line, self.row.group
            ),
            Key::Zone(AT_HOME) => "order.customer.time_zone".to_owned(),
            Key::Zone(place) => {
                let place = if place == super::world::ORDER_LEVEL {
                    0
                } else {
                    place
                };
                format!("order.shipments[{place}].time_zone")
            }
        }
    }

    /// Fills the places of the row into a path.
    fn filled(&self, template: &str) -> String {
        let mut path = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let place = match name {
                "line" => self.row.line,
                "request_line" => self.row.request_line,
                "group" => self.row.group,
                _ => self.shipment_place().unwrap_or(0),
            };
            path.push_str(&place.to_string());
            rest = tail;
        }
        path.push_str(rest);
        path
    }

    fn event_path(&self, event: Event, place: usize) -> String {
        let parcel = if place == super::world::ORDER_LEVEL {
            0
        } else {
            place
        };
        let of_parcel = |field: &str| format!("order.shipments[{parcel}].{field}");
        let of_line = |field: &str| format!("order.lines[{}].{field}", self.row.line);
        match event {
            Event::Place => "order.place_time".to_owned(),
            Event::Accept => "order.accept_time".to_owned(),
            Event::Confirm => of_line("confirm_time"),
            Event::DesignConfirm => of_line("design_confirm_time"),
            Event::ProductionStart => of_line("production_start_time"),
            Event::Ship => of_parcel("ship_time"),
            Event::Deliver | Event::DeliverLast => of_parcel("deliver_time"),
            Event::Collect => of_parcel("collect_time"),
            Event::FirstAttempt => of_parcel("first_attempt_time"),
            Event::AttemptAnswer => of_parcel("attempt_answer_time"),
            Event::WarehouseReturn => of_parcel("warehouse_return_time"),
            Event::Request => "request.request_time".to_owned(),
            Event::StatementSend => "request.statement_send_time".to_owned(),
            Event::FormSend => "request.form_send_time".to_owned(),
            Event::HandOver => "request.journey.hand_over_time".to_owned(),
            Event::Proof => "request.journey.proof_time".to_owned(),
            Event::Receive => "request.journey.receive_time".to_owned(),
            Event::ShopRequest => "request.journey.shop_request_time".to_owned(),
            Event::ShopCollect => "request.journey.shop_collect_time".to_owned(),
            Event::ConfirmMail => "request.response.confirm_mail_time".to_owned(),
            Event::AddressQuery => "request.shop_event.address_query_time".to_owned(),
            Event::AddressAnswer => "request.shop_event.address_answer_time".to_owned(),
            Event::ShopCancel => "request.shop_event.cancel_time".to_owned(),
            Event::NextOrder => "request.credit_use.next_order_time".to_owned(),
            Event::CreditGoodsReceive => "request.credit_use.goods_receive_time".to_owned(),
            Event::Birth => "order.customer.birth_date".to_owned(),
            Event::CredentialsReport => "order.customer.credentials_report_time".to_owned(),
            Event::Promise => "order.delivery.promise_date".to_owned(),
        }
    }
}

fn event_source(event: Event) -> Party {
    match event {
        Event::StatementSend
        | Event::FormSend
        | Event::HandOver
        | Event::Birth
        | Event::CredentialsReport
        | Event::AddressAnswer => Party::Customer,
        Event::Deliver
        | Event::DeliverLast
        | Event::Collect
        | Event::FirstAttempt
        | Event::AttemptAnswer => Party::Carrier,
        Event::Place
        | Event::Accept
        | Event::Confirm
        | Event::Ship
        | Event::WarehouseReturn
        | Event::DesignConfirm
        | Event::ProductionStart
        | Event::Request
        | Event::Proof
        | Event::Receive
        | Event::ShopRequest
        | Event::ShopCollect
        | Event::ConfirmMail
        | Event::AddressQuery
        | Event::ShopCancel
        | Event::NextOrder
        | Event::CreditGoodsReceive
        | Event::Promise => Party::Shop,
    }
}

fn event_question(event: Event) -> &'static str {
    match event {
        Event::Place => "When was the order placed?",
        Event::Accept => "When did the shop accept the order?",
        Event::Confirm => "When was the dispatch of the line confirmed?",
        Event::Ship => "When did the parcel leave the shop, or has it not?",
        Event::Deliver | Event::DeliverLast => "When was the parcel delivered, or has it not been?",
        Event::Collect => "When did the customer collect the parcel, or not yet?",
        Event::FirstAttempt => "When was delivery first tried, or not yet?",
        Event::AttemptAnswer => "When did the customer answer the carrier, or not yet?",
        Event::WarehouseReturn => "When did the parcel arrive back in the warehouse, or not yet?",
        Event::DesignConfirm => "When did the customer confirm the design, or not yet?",
        Event::ProductionStart => "When did making begin, or not yet?",
        Event::Request => "When did the request reach the shop?",
        Event::StatementSend => "When was the statement sent?",
        Event::FormSend => "When was the form sent, or not yet?",
        Event::HandOver => "When were the goods handed over, or not yet?",
        Event::Proof => "When did proof of sending reach the shop, or not yet?",
        Event::Receive => "When did the goods reach the shop, or not yet?",
        Event::ShopRequest => "When did the shop ask for the goods, or not yet?",
        Event::ShopCollect => "When did the shop collect the goods, or not yet?",
        Event::ConfirmMail => "When was the confirming mail sent, or not yet?",
        Event::AddressQuery => "When did the shop ask about the address?",
        Event::AddressAnswer => "When did the customer answer about the address, or not yet?",
        Event::ShopCancel => "When did the shop cancel the order, or not yet?",
        Event::NextOrder => "When was the next order placed, or not yet?",
        Event::CreditGoodsReceive => "When did the goods that the credit stands for come back?",
        Event::Birth => "When was the customer born?",
        Event::CredentialsReport => "When were the credentials reported lost, or not?",
        Event::Promise => "Which day was promised for delivery?",
    }
}
