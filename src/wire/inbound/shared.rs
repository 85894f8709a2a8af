//! What holds for all lines, parcels or units of a request is said of each that does not
//! say otherwise.

use prost::Message;
use redress_client::pb;

use super::reader::Reader;
use crate::domain::facts::of_all;
use crate::domain::limits::{
    MAX_LINES, MAX_RETURN_PARCELS, MAX_ROWS, MAX_SHARED_BYTES, MAX_SHIPMENTS,
};
use crate::domain::path::At;
use crate::domain::violation::{Violation, ViolationKind};

/// Returns a request in which each line, parcel and group of units says what holds for all;
/// `None`: nothing does.
pub fn spread(message: &pb::DecideRequest) -> Option<pb::DecideRequest> {
    let order = message.order.as_ref().and_then(spread_order);
    let request = message.request.as_ref();
    let all_units = request.and_then(|r| r.all_units.as_ref());
    let journey = request
        .filter(|r| !r.return_parcels.is_empty())
        .and_then(|r| r.journey.as_ref());
    if order.is_none() && all_units.is_none() && journey.is_none() {
        return None;
    }
    let mut spread = message.clone();
    if order.is_some() {
        spread.order = order;
    }
    if let (Some(request), Some(all)) = (&mut spread.request, all_units) {
        let groups = || request.lines.iter().map(|line| line.groups.len());
        if is_small(all, groups().sum(), MAX_ROWS) {
            let lines = request.lines.iter_mut();
            lines.for_each(|line| say(all, &mut line.groups));
        }
    }
    if let (Some(request), Some(all)) = (&mut spread.request, journey)
        && is_small(all, request.return_parcels.len(), MAX_RETURN_PARCELS)
    {
        for parcel in &mut request.return_parcels {
            say(
                all,
                std::slice::from_mut(parcel.journey.get_or_insert_default()),
            );
        }
    }
    Some(spread)
}

/// Returns an order in which each line and parcel says what holds for all; `None`: nothing
/// does.
pub fn spread_order(order: &pb::Order) -> Option<pb::Order> {
    if order.all_lines.is_none() && order.all_shipments.is_none() {
        return None;
    }
    let mut spread = order.clone();
    if let Some(all) = &order.all_lines
        && is_small(all, order.lines.len(), MAX_LINES)
    {
        say(all, &mut spread.lines);
    }
    if let Some(all) = &order.all_shipments
        && is_small(all, order.shipments.len(), MAX_SHIPMENTS)
    {
        say(all, &mut spread.shipments);
    }
    Some(spread)
}

/// Names what is wrong in what holds for all by its own path, once; `own` is what is wrong
/// without it.
pub fn rename(found: Vec<Violation>, own: &[Violation]) -> Vec<Violation> {
    let mut renamed: Vec<Violation> = Vec::with_capacity(found.len());
    for mut violation in found {
        if !own.contains(&violation)
            && let Some(all) = of_all(&violation.field)
        {
            violation.field = all;
        }
        if !renamed.contains(&violation) {
            renamed.push(violation);
        }
    }
    renamed
}

/// Checks what holds for all lines: it is not of one of them. Its facts are read with each
/// line.
pub(super) fn lines(r: &mut Reader, at: &At<'_>, all: &pb::Line) {
    size(r, at, all);
    not_of_one(r, at, "line_id", all.line_id.is_empty());
    not_of_one(r, at, "quantity", all.quantity == 0);
    not_of_one(r, at, "tags", all.tags.is_empty());
    not_of_one(r, at, "contents", all.contents.is_empty());
    not_of_one(r, at, "group_id", all.group_id.is_empty());
}

/// Checks what holds for all parcels.
pub(super) fn shipments(r: &mut Reader, at: &At<'_>, all: &pb::Shipment) {
    size(r, at, all);
    not_of_one(r, at, "shipment_id", all.shipment_id.is_empty());
    not_of_one(r, at, "items", all.items.is_empty());
}

/// Checks what holds for all units of a request.
pub(super) fn units(r: &mut Reader, at: &At<'_>, all: &pb::UnitGroup) {
    size(r, at, all);
    not_of_one(r, at, "quantity", all.quantity == 0);
    not_of_one(r, at, "shipment_id", all.shipment_id.is_empty());
    not_of_one(r, at, "return_parcel_id", all.return_parcel_id.is_empty());
}

fn size(r: &mut Reader, at: &At<'_>, all: &impl Message) {
    let bytes = all.encoded_len();
    if bytes > MAX_SHARED_BYTES {
        let why = format!("has {bytes} bytes; at most {MAX_SHARED_BYTES} may be shared by all");
        r.wrong(at, At::ITSELF, ViolationKind::TooMany, why);
    }
}

fn not_of_one(r: &mut Reader, at: &At<'_>, name: &'static str, is_empty: bool) {
    if !is_empty {
        let why = "cannot be shared by all; state it for each";
        r.wrong(at, name, ViolationKind::OutOfRange, why);
    }
}

/// Whether saying it of each element takes no more room than a request has; what is larger
/// is a violation, and said of none.
fn is_small(all: &impl Message, elements: usize, most: usize) -> bool {
    elements <= most && all.encoded_len() <= MAX_SHARED_BYTES
}

/// Says what holds for all of each element, unless it says otherwise: of two messages the
/// encoding of one after the other is both, and the later one prevails.
fn say<M: Message + Default>(all: &M, elements: &mut [M]) {
    let all = all.encode_to_vec();
    for element in elements {
        let mut both = all.clone();
        both.extend(element.encode_to_vec());
        if let Ok(said) = M::decode(both.as_slice()) {
            *element = said;
        }
    }
}
