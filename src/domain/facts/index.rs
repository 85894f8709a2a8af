//! Joins what the parts of a request say of each other: lines, parcels, earlier
//! remedies and rows, each found once. What cannot be joined is reported.

use super::places::Places;
use super::remaining::Remaining;
use super::{EarlierRemedy, Line, Order, Request, RequestLine, RowIndex, Shipment, UnitGroup};
use crate::domain::few::Few;
use crate::domain::id::CallerId;
use crate::domain::limits::{MAX_GROUPS, MAX_SHIPMENT_ITEMS};
use crate::domain::money::{Amount, share};
use crate::domain::path::At;
use crate::domain::violation::{ViolationKind, Violations};

/// Holds what is derived of a line once.
#[derive(Clone, Debug, Default)]
pub(super) struct LineIndex {
    /// What was paid for the line: unit price by quantity less its discount, and less
    /// its share of the order discount once [`discount`] took that off. `None`: a part
    /// is unknown.
    pub net: Option<Amount>,
    /// Units that earlier remedies used up.
    pub consumed: i32,
    /// Units that parcels list.
    pub packed: i32,
    /// The units of the line in each parcel that has some, by parcel.
    pub parcels: Few<Packed>,
    /// What earlier remedies left of the net amount; `None`: there were none.
    pub remaining: Option<Remaining>,
}

/// Counts the units of a line in a parcel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    /// Index of the parcel in the order.
    pub parcel: usize,
    /// The units.
    pub quantity: i32,
}

/// Joins lines with their parcels and with what was done about them before.
pub(super) fn lines(
    order: &Order<'_>,
    places: &Places<'_, '_>,
    violations: &mut Violations,
) -> Few<LineIndex> {
    let alone = |line: &Line<'_>| LineIndex {
        net: line.net_before_order_discount(),
        ..LineIndex::default()
    };
    let mut lines = match &*order.lines {
        [only] => Few::one(alone(only)),
        more => Few::Many(more.iter().map(alone).collect()),
    };
    join(order, places, &mut lines, violations);
    lines
}

/// Joins what was found of each line alone with parcels and earlier remedies.
fn join(
    order: &Order<'_>,
    places: &Places<'_, '_>,
    lines: &mut [LineIndex],
    violations: &mut Violations,
) {
    for (parcel, shipment) in order.shipments.iter().enumerate() {
        pack(order, parcel, shipment, places, lines, violations);
    }
    for (place, earlier) in order.earlier.iter().enumerate() {
        use_up(place, earlier, places, lines, violations);
    }
    for (place, (line, index)) in order.lines.iter().zip(&*lines).enumerate() {
        if index.packed > line.quantity {
            violations.add(
                At::ORDER.field("shipments"),
                ViolationKind::SumMismatch,
                format!(
                    "hold {} units of line `{}`, which has {}",
                    index.packed, line.id, line.quantity
                ),
            );
        }
        let open = order.held(line.id, None);
        if open > 0 && index.consumed.saturating_add(open) > line.quantity {
            violations.add(
                At::ORDER.field("open_requests"),
                ViolationKind::SumMismatch,
                format!(
                    "are about {open} units of line `{}`, which has {} left",
                    line.id,
                    line.quantity.saturating_sub(index.consumed).max(0)
                ),
            );
        }
        if index.consumed > line.quantity {
            violations.add(
                At::ORDER.element("lines", place).field("quantity"),
                ViolationKind::SumMismatch,
                format!(
                    "is {}, but earlier remedies used up {}",
                    line.quantity, index.consumed
                ),
            );
        }
    }
}

/// Puts the units of one parcel to their lines.
fn pack(
    order: &Order<'_>,
    parcel: usize,
    shipment: &Shipment<'_>,
    places: &Places<'_, '_>,
    lines: &mut [LineIndex],
    violations: &mut Violations,
) {
    let at = At::ORDER.element("shipments", parcel);
    let Some(items) = &shipment.items else {
        if order.shipments.len() > 1 {
            violations.add(
                at.field("items"),
                ViolationKind::Required,
                "is empty; only the sole parcel of an order may leave it out",
            );
        }
        for (line, index) in order.lines.iter().zip(lines) {
            index.packed = line.quantity;
            let quantity = line.quantity;
            index.parcels.push(Packed { parcel, quantity });
        }
        return;
    };
    violations.check_length(at.field("items"), items.len(), MAX_SHIPMENT_ITEMS);
    let mut expected = 0;
    for (item, (id, quantity)) in items.iter().enumerate() {
        let at = at.element("items", item);
        violations.check_quantity(at.field("quantity"), *quantity);
        let place = places.find(*id, expected);
        let index = place.and_then(|place| lines.get_mut(place));
        let (Some(place), Some(index)) = (place, index) else {
            violations.add(
                at.field("line_id"),
                ViolationKind::UnknownReference,
                format!("`{id}` is not a line of the order"),
            );
            continue;
        };
        expected = place.saturating_add(1);
        index.packed = index.packed.saturating_add(*quantity);
        if index
            .parcels
            .last()
            .is_some_and(|last| last.parcel == parcel)
        {
            violations.add_duplicate_id(at.field("line_id"), *id);
        } else {
            let quantity = *quantity;
            index.parcels.push(Packed { parcel, quantity });
        }
    }
}

/// Returns the parcel of the units that no parcel lists, behind those that were told;
/// `None`: all are listed. Units that earlier remedies used up need no parcel.
pub(super) fn untold_parcel<'t>(
    order: &Order<'t>,
    lines: &mut [LineIndex],
) -> Option<Shipment<'t>> {
    let parcel = order.shipments.len();
    let mut items = Few::new();
    for (line, index) in order.lines.iter().zip(lines) {
        let listed = index.packed.saturating_add(index.consumed);
        let quantity = line.quantity.saturating_sub(listed);
        if quantity > 0 {
            items.push((line.id, quantity));
            index.parcels.push(Packed { parcel, quantity });
        }
    }
    if items.is_empty() {
        return None;
    }
    let mut untold = Shipment::untold(order.id);
    untold.items = Some(items);
    untold.infer_events(&order.facts);
    Some(untold)
}

/// Returns the parcel of an id that the caller told.
fn told_parcel(order: &Order<'_>, id: CallerId<'_>) -> Option<usize> {
    order.shipments.iter().position(|s| s.named && s.id == id)
}

/// Returns the parcel that each group of units names; `None`: none that was told.
fn named_parcels(order: &Order<'_>, groups: &[UnitGroup<'_>]) -> Few<Option<usize>> {
    let parcel = |group: &UnitGroup<'_>| group.shipment.and_then(|id| told_parcel(order, id));
    groups.iter().map(parcel).collect()
}

/// Returns the units of groups that name a parcel.
fn units_in(parcel: usize, groups: &[UnitGroup<'_>], named: &[Option<usize>]) -> i32 {
    let of_parcel = groups
        .iter()
        .zip(named)
        .filter(|(_, named)| **named == Some(parcel));
    let units = of_parcel.map(|(group, _)| group.quantity.max(0));
    units.fold(0, i32::saturating_add)
}

/// Returns the parcels of a line with units that no group names, ascending.
fn open_in(line: &LineIndex, groups: &[UnitGroup<'_>], named: &[Option<usize>]) -> Vec<usize> {
    let open = |packed: &&Packed| packed.quantity > units_in(packed.parcel, groups, named);
    let open = line.parcels.iter().filter(open);
    open.map(|packed| packed.parcel).collect()
}

/// Returns the parcels that units which name none can have come in, ascending.
pub(super) fn open_parcels(
    order: &Order<'_>,
    line: &LineIndex,
    groups: &[UnitGroup<'_>],
) -> Vec<usize> {
    open_in(line, groups, &named_parcels(order, groups))
}

/// Puts the units of one earlier remedy to their line.
fn use_up(
    index: usize,
    earlier: &EarlierRemedy<'_>,
    places: &Places<'_, '_>,
    lines: &mut [LineIndex],
    violations: &mut Violations,
) {
    let at = At::ORDER.element("earlier_remedies", index);
    let Some(id) = earlier.line else {
        if earlier.quantity != 0 {
            let what = "is empty although units are named; name their line";
            violations.add(at.field("line_id"), ViolationKind::Required, what);
        }
        return;
    };
    violations.check_quantity(at.field("quantity"), earlier.quantity);
    let line = places.find(id, index).and_then(|line| lines.get_mut(line));
    match line {
        Some(line) if earlier.is_consumed() => {
            line.consumed = line.consumed.saturating_add(earlier.quantity);
        }
        Some(_) => {}
        None => violations.add(
            at.field("line_id"),
            ViolationKind::UnknownReference,
            format!("`{id}` is not a line of the order"),
        ),
    }
}

/// Takes each line's share of the discount of an order that is right off.
pub(super) fn discount(order: &Order<'_>, lines: &mut [LineIndex]) {
    if order.discount != Some(Amount::ZERO) {
        share_out(order, lines);
    }
}

/// Takes each line's share of a discount off. Shares need every line's net amount, and
/// break ties by line id, so that the order of lines is irrelevant.
fn share_out(order: &Order<'_>, lines: &mut [LineIndex]) {
    let known = order.discount.and_then(|discount| {
        let nets = lines.iter().map(|index| index.net);
        Some((discount, nets.collect::<Option<Vec<Amount>>>()?))
    });
    let Some((discount, nets)) = known else {
        // Each has a share in what nobody knows.
        for index in lines {
            index.net = None;
        }
        return;
    };
    let mut by_id: Vec<usize> = (0..order.lines.len()).collect();
    by_id.sort_by_key(|place| order.lines.get(*place).map(|l| l.id));
    let weights: Vec<Amount> = by_id.iter().filter_map(|i| nets.get(*i)).copied().collect();
    for (place, cut) in by_id.iter().zip(share(discount, &weights)) {
        if let (Some(net), Some(index)) = (nets.get(*place), lines.get_mut(*place)) {
            index.net = Some(net.less(cut));
        }
    }
}

/// Joins the units of a request with lines and parcels: one row for each group.
pub(super) fn rows(
    order: &Order<'_>,
    places: &Places<'_, '_>,
    lines: &[LineIndex],
    request: &Request<'_>,
    violations: &mut Violations,
) -> Few<RowIndex> {
    let asked_lines: &[RequestLine<'_>] = &request.lines;
    let mut rows = Few::with_capacity(asked_lines.len());
    let mut expected = 0;
    for (request_line, asked) in asked_lines.iter().enumerate() {
        let found = places.find(asked.line, expected);
        // Lines that are named in order stand once.
        let in_order = found.is_some_and(|index| index >= expected);
        let again = || {
            let mut before = asked_lines.iter().take(request_line);
            before.any(|l| l.line == asked.line)
        };
        if !in_order && again() {
            let at = At::REQUEST.element("lines", request_line);
            violations.add_duplicate_id(at.field("line_id"), asked.line);
        }
        expected = found.map_or(expected, |index| expected.max(index.saturating_add(1)));
        let joined = found.and_then(|number| {
            let (line, index) = (places.line(number)?, lines.get(number)?);
            Some(JoinedLine {
                number,
                line,
                index,
            })
        });
        if joined.is_none() {
            violations.add(
                At::REQUEST.element("lines", request_line).field("line_id"),
                ViolationKind::UnknownReference,
                format!("`{}` is not a line of the order", asked.line),
            );
        }
        units(
            order,
            request,
            request_line,
            asked,
            joined,
            &mut rows,
            violations,
        );
    }
    rows
}

/// Returns the index of the return parcel that units name, and reports one that the request
/// does not list. `line` and `group` are the units' indexes in the request.
#[cold]
fn return_parcel(
    request: &Request<'_>,
    line: usize,
    group: usize,
    id: CallerId<'_>,
    violations: &mut Violations,
) -> Option<u8> {
    let mut parcels = request.return_parcels.iter();
    let index = parcels.position(|parcel| parcel.id == id);
    if index.is_none() {
        violations.add(
            At::REQUEST
                .element("lines", line)
                .element("groups", group)
                .field("return_parcel_id"),
            ViolationKind::UnknownReference,
            format!("`{id}` is not one of `request.return_parcels`"),
        );
    }
    index.and_then(|index| u8::try_from(index).ok())
}

/// A line of the order that was found.
#[derive(Clone, Copy)]
struct JoinedLine<'o, 't> {
    /// Its index in the order.
    number: usize,
    line: &'o Line<'t>,
    /// What is derived of it.
    index: &'o LineIndex,
}

/// Joins the groups of one line of a request, which has the index `request_line` there.
fn units(
    order: &Order<'_>,
    request: &Request<'_>,
    request_line: usize,
    asked: &RequestLine<'_>,
    joined: Option<JoinedLine<'_, '_>>,
    rows: &mut Few<RowIndex>,
    violations: &mut Violations,
) {
    let at = At::REQUEST.element("lines", request_line);
    let groups: &[UnitGroup<'_>] = &asked.groups;
    violations.check_length(at.field("groups"), groups.len(), MAX_GROUPS);
    if groups.is_empty() {
        violations.add(
            at.field("groups"),
            ViolationKind::Required,
            "is empty; name at least one group of units",
        );
    }
    let named = named_parcels(order, groups);
    let only = joined.and_then(|of| match &*of.index.parcels {
        [one] => Some(one.parcel),
        [] => None,
        _ => match open_in(of.index, groups, &named).as_slice() {
            [one] => Some(*one),
            _ => None,
        },
    });
    let consumed = joined.map_or(0, |of| of.index.consumed);
    let settled = joined.is_some_and(|of| of.index.consumed >= of.line.quantity);
    // Units of the request itself are free to it.
    let held = match order.open_requests.is_empty() {
        true => 0,
        false => order.held(asked.line, request.claim_id),
    };
    let is_held =
        |line: &Line<'_>| held > 0 && !settled && consumed.saturating_add(held) >= line.quantity;
    let open = joined.is_some_and(|of| is_held(of.line));
    let mut earlier = consumed;
    for (group, units) in groups.iter().enumerate() {
        let of_group = at.element("groups", group);
        violations.check_quantity(of_group.field("quantity"), units.quantity);
        let parcel = named.get(group).copied().flatten();
        let packed = joined.and_then(|of| {
            let mut parcels = of.index.parcels.iter();
            parcels.find(|packed| Some(packed.parcel) == parcel)
        });
        match (units.shipment, packed) {
            (None, _) => {}
            (Some(id), None) => violations.add(
                of_group.field("shipment_id"),
                ViolationKind::UnknownReference,
                format!(
                    "`{id}` is not a shipment with units of line `{}`",
                    asked.line
                ),
            ),
            (Some(id), Some(packed)) => {
                let count = group.saturating_add(1);
                let upto = named.get(..count).unwrap_or(&named);
                let total = units_in(packed.parcel, groups, upto);
                if total > packed.quantity {
                    violations.add(
                        of_group.field("quantity"),
                        ViolationKind::TooManyUnits,
                        format!(
                            "makes {total} units of line `{}` in shipment `{id}`, which \
                                 holds {}",
                            asked.line, packed.quantity
                        ),
                    );
                }
            }
        }
        let return_parcel = match units.return_parcel {
            None => None,
            Some(id) => return_parcel(request, request_line, group, id, violations),
        };
        if let Some(of) = joined {
            rows.push(RowIndex {
                line: of.number,
                request_line,
                group,
                quantity: units.quantity,
                earlier: consumed,
                offset: 0,
                shipment: packed.map(|packed| packed.parcel).or(only),
                return_parcel,
                settled,
                open,
            });
        }
        earlier = earlier.saturating_add(units.quantity.max(0));
    }
    // Units that were bought but are not left are denied, unless some are left: then the
    // caller has to say which.
    let asked_units = earlier.saturating_sub(consumed);
    if let Some(JoinedLine { line, .. }) = joined
        && (earlier.saturating_add(held) > line.quantity
            && !((settled || open) && asked_units <= line.quantity))
    {
        violations.add(
            at.field("groups"),
            ViolationKind::TooManyUnits,
            format!(
                "ask for {asked_units} units of line `{}`; units left: {}",
                line.id,
                line.quantity
                    .saturating_sub(consumed)
                    .saturating_sub(held)
                    .max(0)
            ),
        );
    }
}
