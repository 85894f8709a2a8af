//! Reads the request of the customer, or what happened on the shop's side.

use redress_client::pb;
use redress_client::pb::customer_request::Action;

use super::paths::paths;
use super::reader::{ReadMessage, Reader};
use super::shared;
use super::standard::{self, customer_request_fields, unit_group_fields};
use crate::domain::facts::{
    PayoutWish, Request, RequestFacts, RequestLine, ReturnParcel, UnitGroup, WantedGoods,
};
use crate::domain::limits::{MAX_GROUPS, MAX_LINES, MAX_RETURN_PARCELS};
use crate::domain::path::At;
use crate::domain::time::Instant;
use crate::domain::violation::ViolationKind;

/// Reads a request of which nothing is known but when it is made, unless it says that
/// itself. What cannot be read stays unknown: the request is still checked, and never
/// used.
pub(super) fn request<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::CustomerRequest,
    request: &mut Request<'t>,
) {
    let customer_request_fields!(
        claim_id,
        request_time,
        lines: asked,
        wants,
        payout_wish,
        unavailable_paths,
        all_units,
        return_parcels,
        facts: _,
        action
    ) = message;
    request.claim_id = r.optional_id(at, "claim_id", claim_id);
    let now = request.request_time;
    request.request_time = instant_or(r, at, "request_time", request_time.as_ref(), now);
    standard::customer_request(r, at, message, &mut request.facts);
    let most = MAX_RETURN_PARCELS;
    request.return_parcels = r.list(at, "return_parcels", return_parcels, most, return_parcel);
    if asked.is_empty() {
        r.missing(at, "lines", "name the units that the request is about");
    }
    r.list_into(at, "lines", asked, MAX_LINES, &mut request.lines);
    request.wants = r.choice(at, "wants", *wants);
    if let Some(wish) = payout_wish {
        request.payout = payout(r, &at.field("payout_wish"), wish);
    }
    if !unavailable_paths.is_empty() {
        request.unavailable = paths(r, at, "unavailable_paths", unavailable_paths);
    }
    if let Some(all) = all_units {
        shared::units(r, &at.field("all_units"), all);
    }
    match action {
        Some(action) => {
            standard::action(r, at, action, &mut request.ask);
            match action {
                Action::ShopEvent(pb::ShopEventAction { kind: 0, .. }) => {
                    r.missing(&at.field("shop_event"), "kind", "say what happened");
                }
                Action::Other(pb::OtherAction { name }) if name.is_empty() => {
                    let mend = "give a word that the policy lists of `other_action`";
                    r.missing(&at.field("other"), "name", mend);
                }
                Action::GoodsReturn(_)
                | Action::Withdrawal(_)
                | Action::Exchange(_)
                | Action::Cancellation(_)
                | Action::Change(_)
                | Action::Claim(_)
                | Action::DeliveryProblem(_)
                | Action::CreditUse(_)
                | Action::ShopEvent(_)
                | Action::Other(_) => {}
            }
        }
        None => r.missing(
            at,
            "action",
            "set one of `goods_return` to `other`: what is asked for",
        ),
    }
}

fn return_parcel<'t>(
    r: &mut Reader,
    at: &At<'_>,
    message: &'t pb::ReturnParcel,
) -> ReturnParcel<'t> {
    let pb::ReturnParcel {
        return_parcel_id,
        journey,
    } = message;
    let mut facts = RequestFacts::UNKNOWN;
    if let Some(journey) = journey {
        standard::return_journey(r, &at.field("journey"), journey, &mut facts);
    }
    let id = r.element_id(at, "return_parcel_id", return_parcel_id);
    ReturnParcel { id, facts }
}

fn wanted_goods<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::WantedGoods) -> WantedGoods<'t> {
    let pb::WantedGoods {
        item_id,
        unit_price,
        available,
        same_product,
    } = message;
    WantedGoods {
        item: r.optional_id(at, "item_id", item_id),
        unit_price: r.amount(at, "unit_price", unit_price),
        available: r.choice(at, "available", *available),
        same_product: r.choice(at, "same_product", *same_product),
    }
}

fn payout<'t>(r: &mut Reader, at: &At<'_>, message: &'t pb::PayoutWish) -> Option<PayoutWish<'t>> {
    let pb::PayoutWish { payment_id, method } = message;
    let means = r.choice(at, "method", *method);
    match (payment_id.as_str(), means) {
        ("", None) => {
            r.missing(at, "payment_id", "name a payment, or a `method`");
            None
        }
        ("", Some(means)) => Some(PayoutWish::Means(means)),
        (id, None) => r.id(at, "payment_id", id).map(PayoutWish::Payment),
        (_, Some(_)) => {
            let why = "cannot be combined with `payment_id`; set one of them";
            r.wrong(at, "method", ViolationKind::OutOfRange, why);
            None
        }
    }
}

/// Reads an instant that may be left out for another.
pub(super) fn instant_or(
    r: &mut Reader,
    at: &At<'_>,
    name: &'static str,
    time: Option<&prost_types::Timestamp>,
    otherwise: Instant,
) -> Instant {
    time.and_then(|t| r.instant(at, name, t))
        .unwrap_or(otherwise)
}

impl<'t> ReadMessage<'t, pb::RequestLine> for RequestLine<'t> {
    fn unknown() -> Self {
        RequestLine::unknown()
    }

    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::RequestLine) {
        let pb::RequestLine { line_id, groups } = message;
        self.line = r.element_id(at, "line_id", line_id);
        if groups.is_empty() {
            r.missing(at, "groups", "name at least one group of units");
        }
        r.list_into(at, "groups", groups, MAX_GROUPS, &mut self.groups);
    }
}

impl<'t> ReadMessage<'t, pb::UnitGroup> for UnitGroup<'t> {
    fn unknown() -> Self {
        UnitGroup::unknown()
    }

    fn read(&mut self, r: &mut Reader, at: &At<'_>, message: &'t pb::UnitGroup) {
        let unit_group_fields!(quantity, shipment_id, return_parcel_id, wanted, facts: _) = message;
        r.quantity(at, "quantity", *quantity);
        self.quantity = *quantity;
        self.shipment = r.optional_id(at, "shipment_id", shipment_id);
        if !return_parcel_id.is_empty() {
            self.return_parcel = r.id(at, "return_parcel_id", return_parcel_id);
        }
        standard::unit_group(r, at, message, &mut self.facts);
        if let Some(wanted) = wanted {
            self.wanted = Some(Box::new(wanted_goods(r, &at.field("wanted"), wanted)));
        }
    }
}
