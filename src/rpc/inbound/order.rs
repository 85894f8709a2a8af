//! Reads the order. Each message is taken apart field by field, so that a field
//! that is new in the contract breaks the build here.

use std::collections::BTreeSet;

use redress_client::pb;

use super::at::At;
use super::reader::{Read, Reader, quote};
use super::shared;
use crate::domain::facts::{
    Customer, Delivery, EarlierRemedy, Line, Order, OrderOption, Payment, Remedy, Shipment, Tags,
};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_EARLIER_REMEDIES, MAX_LINES, MAX_OPTIONS, MAX_PAYMENTS, MAX_SHIPMENT_ITEMS, MAX_SHIPMENTS,
    MAX_WORDS,
};
use crate::domain::money::Amount;
use crate::domain::violation::ViolationKind;

/// Reads an order of which nothing is known yet. What cannot be read stays unknown: the
/// order is still checked, and never used.
pub(super) fn order<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::Order,
    order: &mut Order<'t>,
) {
    let pb::Order {
        order_id,
        currency_code,
        place_time,
        accept_time,
        customer: buyer,
        sales_channel,
        delivery_region_code,
        charged,
        data_complete,
        gift,
        return_agreed,
        fraud_suspected,
        tags: words,
        tags_complete,
        attributes: pairs,
        lines,
        shipments,
        options,
        options_complete,
        delivery: chosen,
        discount,
        total_paid,
        payments,
        earlier_remedies,
        all_lines,
        all_shipments,
    } = message;
    if let Some(id) = r.id(at, "order_id", order_id) {
        order.id = id;
    }
    // Amounts after this are read in the order's currency.
    r.currency(at, "currency_code", currency_code);
    order.currency = r.amounts_in();
    order.place = r.event(at, "place_time", place_time.as_ref());
    order.accept = r.event(at, "accept_time", accept_time.as_ref());
    if let Some(buyer) = buyer {
        order.customer = customer(r, &at.field("customer"), buyer);
    }
    order.sales_channel = r.choice(at, "sales_channel", *sales_channel);
    order.delivery_region = r.region(at, "delivery_region_code", delivery_region_code);
    order.charged = r.choice(at, "charged", *charged);
    order.data_complete = r.choice(at, "data_complete", *data_complete);
    order.gift = r.choice(at, "gift", *gift);
    order.return_agreed = r.choice(at, "return_agreed", *return_agreed);
    order.fraud_suspected = r.choice(at, "fraud_suspected", *fraud_suspected);
    order.tags = tags(r, at, words, *tags_complete);
    if !pairs.is_empty() {
        order.attributes = attributes(r, at, pairs);
    }
    if lines.is_empty() {
        r.missing(at, "lines", "give at least one line");
    }
    r.list_into(at, "lines", lines, MAX_LINES, &mut order.lines);
    let parcels = &mut order.shipments;
    r.list_into(at, "shipments", shipments, MAX_SHIPMENTS, parcels);
    if !options.is_empty() {
        order.options = r.list(at, "options", options, MAX_OPTIONS, option);
    }
    order.options_complete = r.choice(at, "options_complete", *options_complete);
    if let Some(chosen) = chosen {
        order.delivery = delivery(r, &at.field("delivery"), chosen);
    }
    order.discount = r.amount(at, "discount", discount);
    order.total_paid = r.amount(at, "total_paid", total_paid);
    if !payments.is_empty() {
        order.payments = r.list(at, "payments", payments, MAX_PAYMENTS, payment);
    }
    if !earlier_remedies.is_empty() {
        order.earlier = r.list(
            at,
            "earlier_remedies",
            earlier_remedies,
            MAX_EARLIER_REMEDIES,
            earlier_remedy,
        );
    }
    if let Some(all) = all_lines {
        shared::lines(r, &at.field("all_lines"), all);
    }
    if let Some(all) = all_shipments {
        shared::shipments(r, &at.field("all_shipments"), all);
    }
}

fn customer(r: &mut Reader, at: &At<'_>, message: &pb::Customer) -> Customer {
    let pb::Customer {
        kind,
        registered,
        birth_date,
        time_zone,
        credentials_report_time,
    } = message;
    Customer {
        kind: r.choice(at, "kind", *kind),
        registered: r.choice(at, "registered", *registered),
        birth: r.day(at, "birth_date", birth_date),
        zone: r.zone(at, "time_zone", time_zone),
        credentials_report: credentials_report_time
            .as_ref()
            .map(|time| r.event(at, "credentials_report_time", Some(time))),
    }
}

/// Reads the fields `tags` and `tags_complete` of the message at `at`.
#[inline]
fn tags<'t>(r: &mut Reader, at: &At<'_>, words: &'t [String], complete: i32) -> Tags<'t> {
    Tags {
        words: r.words(at, "tags", words),
        complete: r.choice(at, "tags_complete", complete),
    }
}

/// Reads the field `attributes` of the message at `at`; a name stands once, since
/// two values of it would be a contradiction.
fn attributes<'t>(
    r: &mut Reader,
    at: &At<'_>,
    list: &'t [pb::Attribute],
) -> Vec<(&'t str, &'t str)> {
    let mut names = BTreeSet::new();
    r.list(at, "attributes", list, MAX_WORDS, |r, at, message| {
        let pb::Attribute { name, value } = message;
        let name = r.required_word(at, "name", name);
        let value = r.required_word(at, "value", value);
        if let Some(name) = name
            && !names.insert(name)
        {
            let why = format!("{} stands twice; give each name one value", quote(name));
            r.wrong(at, "name", ViolationKind::Duplicate, why);
        }
        match name.zip(value) {
            Some(both) => both,
            None => r.stand_in(("", "")),
        }
    })
}

impl<'t> Read<'t, pb::Line> for Line<'t> {
    #[inline]
    fn unknown() -> Self {
        Line::unknown()
    }

    #[inline]
    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::Line) {
        let pb::Line {
            line_id,
            quantity,
            unit_price,
            discount,
            category,
            personalized,
            tags: words,
            tags_complete,
            tag_reason,
            attributes: pairs,
            sealed,
            taped,
            contents,
            set,
            available,
            confirm_time,
            design_confirm_time,
            production_start_time,
        } = message;
        self.id = r.element_id(at, "line_id", line_id);
        r.quantity(at, "quantity", *quantity);
        self.quantity = *quantity;
        self.unit_price = r.amount(at, "unit_price", unit_price);
        self.discount = r.amount(at, "discount", discount);
        self.category = r.word(at, "category", category);
        self.personalized = r.choice(at, "personalized", *personalized);
        self.tags = tags(r, at, words, *tags_complete);
        self.tag_reason = r.choice(at, "tag_reason", *tag_reason);
        if !pairs.is_empty() {
            self.attributes = attributes(r, at, pairs);
        }
        self.sealed = r.choice(at, "sealed", *sealed);
        self.taped = r.choice(at, "taped", *taped);
        self.contents = r.words(at, "contents", contents);
        self.set = r.choice(at, "set", *set);
        self.available = r.choice(at, "available", *available);
        self.confirm = r.event(at, "confirm_time", confirm_time.as_ref());
        self.design_confirm = r.event(at, "design_confirm_time", design_confirm_time.as_ref());
        let start = production_start_time.as_ref();
        self.production_start = r.event(at, "production_start_time", start);
    }
}

impl<'t> Read<'t, pb::Shipment> for Shipment<'t> {
    #[inline]
    fn unknown() -> Self {
        Shipment::unknown(CallerId::UNREAD)
    }

    #[inline]
    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::Shipment) {
        let pb::Shipment {
            shipment_id,
            items,
            ship_time,
            deliver_time,
            receiver,
            collect_time,
            first_attempt_time,
            attempt_answer_time,
            warehouse_return_time,
            time_zone,
        } = message;
        self.id = r.element_id(at, "shipment_id", shipment_id);
        if !items.is_empty() {
            let all = r.few(at, "items", items, MAX_SHIPMENT_ITEMS, |r, at, message| {
                let pb::ShipmentItem { line_id, quantity } = message;
                r.quantity(at, "quantity", *quantity);
                (r.element_id(at, "line_id", line_id), *quantity)
            });
            self.items = Some(all);
        }
        self.ship = r.event(at, "ship_time", ship_time.as_ref());
        self.deliver = r.event(at, "deliver_time", deliver_time.as_ref());
        self.receiver = r.choice(at, "receiver", *receiver);
        self.collect = r.event(at, "collect_time", collect_time.as_ref());
        self.first_attempt = r.event(at, "first_attempt_time", first_attempt_time.as_ref());
        self.attempt_answer = r.event(at, "attempt_answer_time", attempt_answer_time.as_ref());
        let returned = warehouse_return_time.as_ref();
        self.warehouse_return = r.event(at, "warehouse_return_time", returned);
        self.zone = r.zone(at, "time_zone", time_zone);
    }
}

fn option<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::Option) -> OrderOption<'t> {
    let pb::Option {
        code,
        quantity,
        paid,
        used_count,
        line_ids,
    } = message;
    let code = r.required_word(at, "code", code);
    r.quantity(at, "quantity", *quantity);
    let paid = r.amount(at, "paid", paid);
    let lines = r.list(at, "line_ids", line_ids, MAX_LINES, |r, at, id| {
        r.element_id(at, At::ITSELF, id)
    });
    OrderOption {
        code: code.unwrap_or_else(|| r.stand_in("")),
        quantity: *quantity,
        paid,
        used: *used_count,
        lines,
    }
}

fn delivery<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::Delivery) -> Delivery<'t> {
    let pb::Delivery {
        method,
        paid,
        standard_cost,
        promise_date,
    } = message;
    Delivery {
        method: r.word(at, "method", method),
        paid: r.amount(at, "paid", paid),
        standard_cost: r.amount(at, "standard_cost", standard_cost),
        promise: r.day(at, "promise_date", promise_date),
    }
}

fn payment<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::Payment) -> Payment<'t> {
    let pb::Payment {
        payment_id,
        amount,
        method,
        payer_id,
    } = message;
    let id = r.element_id(at, "payment_id", payment_id);
    let amount = r.required_amount(at, "amount", amount);
    let method = r.choice(at, "method", *method);
    let payer = r.optional_id(at, "payer_id", payer_id);
    Payment {
        id,
        amount: amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
        method,
        payer,
    }
}

fn earlier_remedy<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::EarlierRemedy,
) -> EarlierRemedy<'t> {
    let pb::EarlierRemedy {
        line_id,
        quantity,
        remedy,
        amount,
        delivery_amount,
        options_amount,
        consumed,
        reason,
    } = message;
    let line = r.optional_id(at, "line_id", line_id);
    let remedy = r.required_choice(at, "remedy", *remedy, "say what the customer got");
    let amount = r.required_amount(at, "amount", amount);
    // The contract says that these two are nothing where they are left out.
    let delivery_amount = r.amount(at, "delivery_amount", delivery_amount);
    let options_amount = r.amount(at, "options_amount", options_amount);
    let consumed = r.choice(at, "consumed", *consumed);
    let reason = r.word(at, "reason", reason);
    EarlierRemedy {
        line,
        quantity: *quantity,
        remedy: remedy.unwrap_or_else(|| r.stand_in(Remedy::Refund)),
        amount: amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
        delivery_amount: delivery_amount.unwrap_or(Amount::ZERO),
        options_amount: options_amount.unwrap_or(Amount::ZERO),
        consumed,
        reason,
    }
}
