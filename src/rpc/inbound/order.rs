//! Reads the order. Each message is taken apart field by field, so that a field
//! that is new in the contract breaks the build here.

use std::collections::BTreeSet;

use redress_client::pb;

use super::reader::{At, Reader, quote};
use crate::domain::facts::{
    Customer, Delivery, EarlierRemedy, Line, Order, OrderOption, Payment, Shipment, Tags,
};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_EARLIER_REMEDIES, MAX_LINES, MAX_OPTIONS, MAX_PAYMENTS, MAX_SHIPMENT_ITEMS, MAX_SHIPMENTS,
    MAX_WORDS,
};
use crate::domain::money::Amount;
use crate::domain::violation::ViolationKind;

/// Reads an order that must be there.
pub(super) fn order<'t>(
    r: &mut Reader,
    at: At<'_>,
    message: Option<&'t pb::Order>,
) -> Option<Order<'t>> {
    let Some(message) = message else {
        r.missing(at, "describe the order");
        return None;
    };
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
    } = message;
    let id = r.id(at.field("order_id"), order_id);
    // Amounts after this are read in the order's currency.
    let currency = r.currency(at.field("currency_code"), currency_code);
    let place = r.event(at.field("place_time"), place_time.as_ref());
    let accept = r.event(at.field("accept_time"), accept_time.as_ref());
    let customer = customer(r, at.field("customer"), buyer.as_ref());
    let sales_channel = r.choice(at.field("sales_channel"), *sales_channel);
    let delivery_region = r.region(at.field("delivery_region_code"), delivery_region_code);
    let charged = r.choice(at.field("charged"), *charged);
    let data_complete = r.choice(at.field("data_complete"), *data_complete);
    let gift = r.choice(at.field("gift"), *gift);
    let return_agreed = r.choice(at.field("return_agreed"), *return_agreed);
    let fraud_suspected = r.choice(at.field("fraud_suspected"), *fraud_suspected);
    let tags = tags(r, at, words, *tags_complete);
    let attributes = attributes(r, at, pairs);
    if lines.is_empty() {
        r.missing(at.field("lines"), "give at least one line");
    }
    let lines = r.list(at, "lines", lines, MAX_LINES, line);
    let shipments = r.list(at, "shipments", shipments, MAX_SHIPMENTS, shipment);
    let options = r.list(at, "options", options, MAX_OPTIONS, option);
    let options_complete = r.choice(at.field("options_complete"), *options_complete);
    let delivery = delivery(r, at.field("delivery"), chosen.as_ref());
    let discount = r.amount(at.field("discount"), discount);
    let total_paid = r.amount(at.field("total_paid"), total_paid);
    let payments = r.list(at, "payments", payments, MAX_PAYMENTS, payment);
    let earlier = r.list(
        at,
        "earlier_remedies",
        earlier_remedies,
        MAX_EARLIER_REMEDIES,
        earlier_remedy,
    );
    // What could not be read stands in for itself: the order is still checked, and
    // never used.
    Some(Order {
        id: id.or_else(|| CallerId::new("unread").ok())?,
        currency: currency.or_else(|| r.amounts_in())?,
        place,
        accept,
        customer,
        sales_channel,
        delivery_region,
        charged,
        data_complete,
        gift,
        return_agreed,
        fraud_suspected,
        tags,
        attributes,
        lines,
        shipments,
        options,
        options_complete,
        delivery,
        discount,
        total_paid,
        payments,
        earlier,
    })
}

fn customer(r: &mut Reader, at: At<'_>, message: Option<&pb::Customer>) -> Customer {
    let Some(message) = message else {
        return Customer::default();
    };
    let pb::Customer {
        kind,
        registered,
        birth_date,
        time_zone,
        credentials_report_time,
    } = message;
    Customer {
        kind: r.choice(at.field("kind"), *kind),
        registered: r.choice(at.field("registered"), *registered),
        birth: r.day(at.field("birth_date"), birth_date),
        zone: r.zone(at.field("time_zone"), time_zone),
        credentials_report: credentials_report_time
            .as_ref()
            .map(|time| r.event(at.field("credentials_report_time"), Some(time))),
    }
}

/// Reads the fields `tags` and `tags_complete` of the message at `at`.
fn tags<'t>(r: &mut Reader, at: At<'_>, words: &'t [String], complete: i32) -> Tags<'t> {
    Tags {
        words: r.words(at, "tags", words),
        complete: r.choice(at.field("tags_complete"), complete),
    }
}

/// Reads the field `attributes` of the message at `at`; a name stands once, since
/// two values of it would be a contradiction.
fn attributes<'t>(
    r: &mut Reader,
    at: At<'_>,
    list: &'t [pb::Attribute],
) -> Vec<(&'t str, &'t str)> {
    if list.is_empty() {
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    r.list(at, "attributes", list, MAX_WORDS, |r, at, message| {
        let pb::Attribute { name, value } = message;
        let name = r.required_word(at.field("name"), name);
        let value = r.required_word(at.field("value"), value);
        if let Some(name) = name
            && !names.insert(name)
        {
            let why = format!("{} stands twice; give each name one value", quote(name));
            r.wrong(at.field("name"), ViolationKind::Duplicate, why);
        }
        name.zip(value)
    })
}

fn line<'t>(r: &mut Reader, at: At<'_>, message: &'t pb::Line) -> Option<Line<'t>> {
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
    let id = r.id(at.field("line_id"), line_id);
    r.quantity(at.field("quantity"), *quantity);
    let unit_price = r.amount(at.field("unit_price"), unit_price);
    let discount = r.amount(at.field("discount"), discount);
    let category = r.word(at.field("category"), category);
    let personalized = r.choice(at.field("personalized"), *personalized);
    let tags = tags(r, at, words, *tags_complete);
    let tag_reason = r.choice(at.field("tag_reason"), *tag_reason);
    let attributes = attributes(r, at, pairs);
    let sealed = r.choice(at.field("sealed"), *sealed);
    let taped = r.choice(at.field("taped"), *taped);
    let contents = r.words(at, "contents", contents);
    let set = r.choice(at.field("set"), *set);
    let available = r.choice(at.field("available"), *available);
    let confirm = r.event(at.field("confirm_time"), confirm_time.as_ref());
    let design_confirm = r.event(
        at.field("design_confirm_time"),
        design_confirm_time.as_ref(),
    );
    let production_start = r.event(
        at.field("production_start_time"),
        production_start_time.as_ref(),
    );
    Some(Line {
        id: id?,
        quantity: *quantity,
        unit_price,
        discount,
        category,
        personalized,
        tags,
        tag_reason,
        attributes,
        sealed,
        taped,
        contents,
        set,
        available,
        confirm,
        design_confirm,
        production_start,
    })
}

fn shipment<'t>(r: &mut Reader, at: At<'_>, message: &'t pb::Shipment) -> Option<Shipment<'t>> {
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
    let id = r.id(at.field("shipment_id"), shipment_id);
    let all = items.is_empty();
    let items = r.few(at, "items", items, MAX_SHIPMENT_ITEMS, |r, at, message| {
        let pb::ShipmentItem { line_id, quantity } = message;
        r.quantity(at.field("quantity"), *quantity);
        Some((r.id(at.field("line_id"), line_id)?, *quantity))
    });
    let ship = r.event(at.field("ship_time"), ship_time.as_ref());
    let deliver = r.event(at.field("deliver_time"), deliver_time.as_ref());
    let receiver = r.choice(at.field("receiver"), *receiver);
    let collect = r.event(at.field("collect_time"), collect_time.as_ref());
    let first_attempt = r.event(at.field("first_attempt_time"), first_attempt_time.as_ref());
    let attempt_answer = r.event(
        at.field("attempt_answer_time"),
        attempt_answer_time.as_ref(),
    );
    let warehouse_return = r.event(
        at.field("warehouse_return_time"),
        warehouse_return_time.as_ref(),
    );
    let zone = r.zone(at.field("time_zone"), time_zone);
    Some(Shipment {
        id: id?,
        items: (!all).then_some(items),
        ship,
        deliver,
        receiver,
        collect,
        first_attempt,
        attempt_answer,
        warehouse_return,
        zone,
        named: true,
    })
}

fn option<'t>(r: &mut Reader, at: At<'_>, message: &'t pb::Option) -> Option<OrderOption<'t>> {
    let pb::Option {
        code,
        quantity,
        paid,
        used_count,
        line_ids,
    } = message;
    let code = r.required_word(at.field("code"), code);
    r.quantity(at.field("quantity"), *quantity);
    let paid = r.amount(at.field("paid"), paid);
    let lines = r.list(at, "line_ids", line_ids, MAX_LINES, |r, at, id| {
        r.id(at, id)
    });
    Some(OrderOption {
        code: code?,
        quantity: *quantity,
        paid,
        used: *used_count,
        lines,
    })
}

fn delivery<'t>(r: &mut Reader, at: At<'_>, message: Option<&'t pb::Delivery>) -> Delivery<'t> {
    let Some(message) = message else {
        return Delivery::default();
    };
    let pb::Delivery {
        method,
        paid,
        standard_cost,
        promise_date,
    } = message;
    Delivery {
        method: r.word(at.field("method"), method),
        paid: r.amount(at.field("paid"), paid),
        standard_cost: r.amount(at.field("standard_cost"), standard_cost),
        promise: r.day(at.field("promise_date"), promise_date),
    }
}

fn payment<'t>(r: &mut Reader, at: At<'_>, message: &'t pb::Payment) -> Option<Payment<'t>> {
    let pb::Payment {
        payment_id,
        amount,
        method,
        payer_id,
    } = message;
    let id = r.id(at.field("payment_id"), payment_id);
    let amount = r.required_amount(at.field("amount"), amount);
    let method = r.choice(at.field("method"), *method);
    let payer = r.optional_id(at.field("payer_id"), payer_id);
    Some(Payment {
        id: id?,
        amount: amount?,
        method,
        payer,
    })
}

fn earlier_remedy<'t>(
    r: &mut Reader,
    at: At<'_>,
    message: &'t pb::EarlierRemedy,
) -> Option<EarlierRemedy<'t>> {
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
    let line = r.optional_id(at.field("line_id"), line_id);
    let remedy = r.required_choice(at.field("remedy"), *remedy, "say what the customer got");
    let amount = r.required_amount(at.field("amount"), amount);
    // The contract says that these two are nothing where they are left out.
    let delivery_amount = r.amount(at.field("delivery_amount"), delivery_amount);
    let options_amount = r.amount(at.field("options_amount"), options_amount);
    let consumed = r.choice(at.field("consumed"), *consumed);
    let reason = r.word(at.field("reason"), reason);
    Some(EarlierRemedy {
        line,
        quantity: *quantity,
        remedy: remedy?,
        amount: amount?,
        delivery_amount: delivery_amount.unwrap_or(Amount::ZERO),
        options_amount: options_amount.unwrap_or(Amount::ZERO),
        consumed,
        reason,
    })
}
