//! Reads the order. Each message is taken apart field by field, so that a field
//! that is new in the contract breaks the build here.

use redress_client::pb;

use super::reader::{ReadMessage, Reader};
use super::shared;
use super::standard::{
    self, customer_fields, delivery_fields, line_fields, order_fields, shipment_fields,
};
use crate::domain::facts::{
    Adjustment, AdjustmentKind, Delivery, EarlierRemedy, Line, OpenRequest, Order, OrderOption,
    Payment, Remedy, Shipment, Tags,
};
use crate::domain::id::CallerId;
use crate::domain::limits::{
    MAX_ADJUSTMENTS, MAX_EARLIER_REMEDIES, MAX_LINES, MAX_OPEN_REQUESTS, MAX_OPTIONS, MAX_PAYMENTS,
    MAX_SHIPMENT_ITEMS, MAX_SHIPMENTS, MAX_TAKEN_AMOUNTS,
};
use crate::domain::money::Amount;
use crate::domain::path::At;
use crate::domain::violation::ViolationKind;

/// Reads an order of which nothing is known yet. What cannot be read stays unknown: the
/// order is still checked, and never used.
pub(super) fn order<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::Order,
    order: &mut Order<'t>,
) {
    let order_fields!(
        order_id,
        currency_code,
        customer: buyer,
        tags: words,
        tags_complete,
        facts: _,
        lines,
        shipments,
        options,
        options_complete,
        delivery: chosen,
        discount,
        total_paid,
        payments,
        adjustments,
        earlier_remedies,
        open_requests,
        all_lines,
        all_shipments
    ) = message;
    if let Some(id) = r.id(at, "order_id", order_id) {
        order.id = id;
    }
    // Amounts after this are read in the order's currency.
    r.currency(at, "currency_code", currency_code);
    order.currency = r.amounts_in();
    standard::order(r, at, message, &mut order.facts);
    if let Some(buyer) = buyer {
        let at = &at.field("customer");
        let customer_fields!(time_zone) = buyer;
        standard::customer(r, at, buyer, &mut order.facts);
        order.customer_zone = r.zone(at, "time_zone", time_zone);
    }
    order.tags = tags(r, at, words, *tags_complete);
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
        let at = &at.field("delivery");
        order.delivery = delivery(r, at, chosen);
        standard::delivery(r, at, chosen, &mut order.facts);
    }
    order.discount = r.amount(at, "discount", discount);
    order.total_paid = r.amount(at, "total_paid", total_paid);
    if !payments.is_empty() {
        order.payments = r.list(at, "payments", payments, MAX_PAYMENTS, payment);
    }
    if !adjustments.is_empty() {
        order.adjustments = r.list(at, "adjustments", adjustments, MAX_ADJUSTMENTS, adjustment);
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
    if !open_requests.is_empty() {
        let limit = MAX_OPEN_REQUESTS;
        order.open_requests = r.list(at, "open_requests", open_requests, limit, open_request);
    }
    if let Some(all) = all_lines {
        shared::lines(r, &at.field("all_lines"), all);
    }
    if let Some(all) = all_shipments {
        shared::shipments(r, &at.field("all_shipments"), all);
    }
}

/// Reads the fields `tags` and `tags_complete` of the message at `at`.
fn tags<'t>(r: &mut Reader, at: &At<'_>, words: &'t [String], complete: i32) -> Tags<'t> {
    Tags {
        words: r.words(at, "tags", words),
        complete: r.choice(at, "tags_complete", complete),
    }
}

impl<'t> ReadMessage<'t, pb::Line> for Line<'t> {
    fn unknown() -> Self {
        Line::unknown()
    }

    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::Line) {
        let line_fields!(
            line_id,
            quantity,
            unit_price,
            total,
            discount,
            tags: words,
            tags_complete,
            contents,
            group_id,
            facts: _
        ) = message;
        self.id = r.element_id(at, "line_id", line_id);
        r.quantity(at, "quantity", *quantity);
        self.quantity = *quantity;
        self.unit_price = r.amount(at, "unit_price", unit_price);
        self.total = r.amount(at, "total", total);
        self.discount = r.amount(at, "discount", discount);
        standard::line(r, at, message, &mut self.facts);
        self.tags = tags(r, at, words, *tags_complete);
        self.contents = r.words(at, "contents", contents);
        self.group = r.optional_id(at, "group_id", group_id);
    }
}

impl<'t> ReadMessage<'t, pb::Shipment> for Shipment<'t> {
    fn unknown() -> Self {
        Shipment::unknown(CallerId::UNREAD)
    }

    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::Shipment) {
        let shipment_fields!(shipment_id, items, time_zone, facts: _) = message;
        self.id = r.element_id(at, "shipment_id", shipment_id);
        if !items.is_empty() {
            let all = r.few(at, "items", items, MAX_SHIPMENT_ITEMS, |r, at, message| {
                let pb::ShipmentItem { line_id, quantity } = message;
                r.quantity(at, "quantity", *quantity);
                (r.element_id(at, "line_id", line_id), *quantity)
            });
            self.items = Some(all);
        }
        standard::shipment(r, at, message, &mut self.facts);
        self.zone = r.zone(at, "time_zone", time_zone);
    }
}

fn option<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::PurchasedOption) -> OrderOption<'t> {
    let pb::PurchasedOption {
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
    let delivery_fields!(method, paid, standard_cost, discount) = message;
    let paid = r.amount(at, "paid", paid);
    // The contract says that there is none where it is left out.
    let discount = r.amount(at, "discount", discount).unwrap_or_default();
    let left = paid.filter(|paid| discount <= *paid);
    if paid != left {
        let why = "is more than `paid`; leave it out if `paid` is already reduced by it";
        r.wrong(at, "discount", ViolationKind::SumMismatch, why.to_owned());
    }
    Delivery {
        method: r.word(at, "method", method),
        paid: left.map(|paid| paid.less(discount)),
        standard_cost: r.amount(at, "standard_cost", standard_cost),
    }
}

fn payment<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::Payment) -> Payment<'t> {
    let pb::Payment {
        payment_id,
        amount,
        method,
        payer_id,
        state,
        captured_amount,
    } = message;
    let id = r.element_id(at, "payment_id", payment_id);
    let amount = r.required_amount(at, "amount", amount);
    let method = r.choice(at, "method", *method);
    let payer = r.optional_id(at, "payer_id", payer_id);
    let state = r.choice(at, "state", *state);
    let captured_amount = r.amount(at, "captured_amount", captured_amount);
    Payment {
        id,
        amount: amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
        state,
        captured_amount,
        method,
        payer,
    }
}

fn adjustment(r: &mut Reader, at: &At<'_>, message: &pb::Adjustment) -> Adjustment {
    let pb::Adjustment { kind, amount } = message;
    let kind = r.required_choice(at, "kind", *kind, "say what it is");
    let amount = r.signed_amount(at, "amount", amount);
    Adjustment {
        kind: kind.unwrap_or_else(|| r.stand_in(AdjustmentKind::Fee)),
        amount: amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
    }
}

fn open_request<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::OpenRequest) -> OpenRequest<'t> {
    let pb::OpenRequest {
        claim_id,
        line_id,
        quantity,
    } = message;
    r.quantity(at, "quantity", *quantity);
    OpenRequest {
        claim: r.element_id(at, "claim_id", claim_id),
        line: r.element_id(at, "line_id", line_id),
        quantity: *quantity,
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
        payments,
        taken,
        shipment_id,
        surcharge_amount,
    } = message;
    let line = r.optional_id(at, "line_id", line_id);
    let remedy = r.required_choice(at, "remedy", *remedy, "say what the customer got");
    let amount = r.required_amount(at, "amount", amount);
    // The contract says that these two are nothing where they are left out.
    let delivery_amount = r.amount(at, "delivery_amount", delivery_amount);
    let options_amount = r.amount(at, "options_amount", options_amount);
    let surcharge = r.amount(at, "surcharge_amount", surcharge_amount);
    let consumed = r.choice(at, "consumed", *consumed);
    let reason = r.word(at, "reason", reason);
    let payments = r.list(at, "payments", payments, MAX_PAYMENTS, |r, at, message| {
        let pb::PaymentShare { payment_id, amount } = message;
        let id = r.element_id(at, "payment_id", payment_id);
        let amount = r.required_amount(at, "amount", amount);
        (id, amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)))
    });
    let taken = r.list(at, "taken", taken, MAX_TAKEN_AMOUNTS, |r, at, message| {
        let pb::TakenAmount { code, amount } = message;
        let code = r.required_word(at, "code", code);
        let amount = r.signed_amount(at, "amount", amount);
        (
            code.unwrap_or_else(|| r.stand_in("")),
            amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
        )
    });
    let shipment = r.optional_id(at, "shipment_id", shipment_id);
    EarlierRemedy {
        line,
        quantity: *quantity,
        remedy: remedy.unwrap_or_else(|| r.stand_in(Remedy::Refund)),
        amount: amount.unwrap_or_else(|| r.stand_in(Amount::ZERO)),
        delivery_amount: delivery_amount.unwrap_or(Amount::ZERO),
        options_amount: options_amount.unwrap_or(Amount::ZERO),
        surcharge: surcharge.unwrap_or(Amount::ZERO),
        consumed,
        reason,
        payments,
        taken,
        shipment,
    }
}
