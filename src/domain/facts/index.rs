//! Joins what the parts of a request say of each other: lines, parcels, earlier
//! remedies and rows, each found once. What cannot be joined is reported.

use super::check::{Field, Report};
use super::places::Places;
use super::{EarlierRemedy, Line, Order, Request, RequestLine, RowIndex, Shipment, UnitGroup};
use crate::domain::few::Few;
use crate::domain::limits::{MAX_GROUPS, MAX_SHIPMENT_ITEMS};
use crate::domain::money::{Amount, share};
use crate::domain::violation::ViolationKind;

/// Holds what is derived of a line once.
#[derive(Clone, Debug, Default)]
pub(super) struct LineIndex {
    /// What was paid for the line: unit price by quantity less its discount, and less
    /// its share of the order discount once [`discount`] took that off. `None`: a part
    /// is unknown.
    pub net: Option<Amount>,
    /// Units that earlier remedies used up.
    pub consumed: i32,
    /// Units of which the parcel is known.
    pub packed: i32,
    /// Parcels with units of the line, ascending.
    pub shipments: Few<usize>,
}

/// Joins lines with their parcels and with what was done about them before.
pub(super) fn lines(
    order: &Order<'_>,
    places: &Places<'_, '_>,
    report: &mut Report,
) -> Few<LineIndex> {
    let alone = |line: &Line<'_>| LineIndex {
        net: line.net_before_order_discount(),
        ..LineIndex::default()
    };
    let mut lines = match &*order.lines {
        [only] => Few::one(alone(only)),
        more => Few::Many(more.iter().map(alone).collect()),
    };
    join(order, places, &mut lines, report);
    lines
}

/// Joins what was found of each line alone with parcels and earlier remedies.
fn join(order: &Order<'_>, places: &Places<'_, '_>, lines: &mut [LineIndex], report: &mut Report) {
    for (parcel, shipment) in order.shipments.iter().enumerate() {
        pack(order, (parcel, shipment), places, lines, report);
    }
    for (place, earlier) in order.earlier.iter().enumerate() {
        use_up((place, earlier), places, lines, report);
    }
    for (place, (line, index)) in order.lines.iter().zip(&*lines).enumerate() {
        if index.packed > line.quantity {
            report.add(ViolationKind::SumMismatch, move || {
                (
                    "order.shipments",
                    format!(
                        "hold {} units of line `{}`, which has {}",
                        index.packed, line.id, line.quantity
                    ),
                )
            });
        }
        if index.consumed > line.quantity {
            report.add(ViolationKind::SumMismatch, move || {
                (
                    format!("order.lines[{place}].quantity"),
                    format!(
                        "is {}, but earlier remedies used up {}",
                        line.quantity, index.consumed
                    ),
                )
            });
        }
    }
}

/// Puts the units of one parcel to their lines.
fn pack(
    order: &Order<'_>,
    (parcel, shipment): (usize, &Shipment<'_>),
    places: &Places<'_, '_>,
    lines: &mut [LineIndex],
    report: &mut Report,
) {
    let path = move || Field::Of("order.shipments", parcel, "items");
    let Some(items) = &shipment.items else {
        if order.shipments.len() > 1 {
            report.add(ViolationKind::Required, move || {
                (
                    path().to_string(),
                    "is empty; only the sole parcel of an order may leave it out",
                )
            });
        }
        for (line, index) in order.lines.iter().zip(lines) {
            index.packed = line.quantity;
            index.shipments.push(parcel);
        }
        return;
    };
    report.count(path, items.len(), MAX_SHIPMENT_ITEMS);
    let mut expected = 0;
    for (at, (id, quantity)) in items.iter().enumerate() {
        report.quantity(move || format!("{}[{at}].quantity", path()), *quantity);
        let place = places.find(*id, expected);
        let index = place.and_then(|place| lines.get_mut(place));
        let (Some(place), Some(index)) = (place, index) else {
            report.add(ViolationKind::UnknownReference, move || {
                (
                    format!("{}[{at}].line_id", path()),
                    format!("`{id}` is not a line of the order"),
                )
            });
            continue;
        };
        expected = place.saturating_add(1);
        index.packed = index.packed.saturating_add(*quantity);
        if index.shipments.last() == Some(&parcel) {
            report.twice(format_args!("{}[{at}].line_id", path()), *id);
        } else {
            index.shipments.push(parcel);
        }
    }
}

/// Puts the units of one earlier remedy to their line.
fn use_up(
    (place, earlier): (usize, &EarlierRemedy<'_>),
    places: &Places<'_, '_>,
    lines: &mut [LineIndex],
    report: &mut Report,
) {
    let path = move |name: &'static str| Field::Of("order.earlier_remedies", place, name);
    let Some(id) = earlier.line else {
        let what = if earlier.quantity != 0 {
            "is empty although units are named; name their line"
        } else if !earlier.amount.is_zero() {
            "is empty although an amount for units is named; name their line"
        } else {
            return;
        };
        report.add(ViolationKind::Required, move || {
            (path("line_id").to_string(), what)
        });
        return;
    };
    report.quantity(move || path("quantity"), earlier.quantity);
    let line = places
        .find(id, place)
        .and_then(|place| lines.get_mut(place));
    match line {
        Some(index) if earlier.is_consumed() => {
            index.consumed = index.consumed.saturating_add(earlier.quantity);
        }
        Some(_) => {}
        None => report.add(ViolationKind::UnknownReference, move || {
            (
                path("line_id").to_string(),
                format!("`{id}` is not a line of the order"),
            )
        }),
    }
}

/// Takes each line's share of the discount of an order that is right off.
#[inline]
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
    report: &mut Report,
) -> Few<RowIndex> {
    let asked_lines: &[RequestLine<'_>] = &request.lines;
    let mut rows = Few::with_capacity(asked_lines.len());
    let mut expected = 0;
    for (request_line, asked) in asked_lines.iter().enumerate() {
        let found = places.find(asked.line, expected);
        // Lines that are named in order stand once.
        let in_order = found.is_some_and(|place| place >= expected);
        let again = || {
            let mut before = asked_lines.iter().take(request_line);
            before.any(|l| l.line == asked.line)
        };
        if !in_order && again() {
            let field = Field::Of("request.lines", request_line, "line_id");
            report.twice(field, asked.line);
        }
        expected = found.map_or(expected, |place| expected.max(place.saturating_add(1)));
        let joined = found.and_then(|place| Some((place, places.line(place)?, lines.get(place)?)));
        if joined.is_none() {
            report.add(ViolationKind::UnknownReference, move || {
                (
                    Field::Of("request.lines", request_line, "line_id").to_string(),
                    format!("`{}` is not a line of the order", asked.line),
                )
            });
        }
        units(order, (request_line, asked), joined, &mut rows, report);
    }
    rows
}

/// A line that was found: its place, itself, and what is derived of it.
type Joined<'o, 't> = (usize, &'o Line<'t>, &'o LineIndex);

/// Joins the groups of one line of a request.
fn units(
    order: &Order<'_>,
    (request_line, asked): (usize, &RequestLine<'_>),
    joined: Option<Joined<'_, '_>>,
    rows: &mut Few<RowIndex>,
    report: &mut Report,
) {
    let path = move || Field::Of("request.lines", request_line, "groups");
    let groups: &[UnitGroup<'_>] = &asked.groups;
    report.count(path, groups.len(), MAX_GROUPS);
    if groups.is_empty() {
        report.add(ViolationKind::Required, move || {
            (
                path().to_string(),
                "is empty; name at least one group of units",
            )
        });
    }
    let only = joined.and_then(|(_, _, index)| match &*index.shipments {
        [one] => Some(*one),
        _ => None,
    });
    let consumed = joined.map_or(0, |(_, _, index)| index.consumed);
    let mut earlier = consumed;
    for (group, units) in groups.iter().enumerate() {
        report.quantity(
            move || format!("{}[{group}].quantity", path()),
            units.quantity,
        );
        let named = units.shipment.and_then(|id| {
            let parcel = order.shipments.iter().position(|s| s.id == id);
            let holds = |parcel: &usize| {
                joined.is_some_and(|(_, _, index)| index.shipments.contains(parcel))
            };
            let held = parcel.filter(holds);
            if held.is_none() {
                report.add(ViolationKind::UnknownReference, move || {
                    (
                        format!("{}[{group}].shipment_id", path()),
                        format!("`{id}` is not a parcel with units of line `{}`", asked.line),
                    )
                });
            }
            held
        });
        if let Some((line, _, _)) = joined {
            rows.push(RowIndex {
                line,
                request_line,
                group,
                quantity: units.quantity,
                earlier,
                shipment: named.or(only),
            });
        }
        earlier = earlier.saturating_add(units.quantity.max(0));
    }
    if let Some((_, line, _)) = joined
        && earlier > line.quantity
    {
        report.add(ViolationKind::TooManyUnits, move || {
            (
                path().to_string(),
                format!(
                    "ask for {} units of line `{}`; {} are left",
                    earlier.saturating_sub(consumed),
                    line.id,
                    line.quantity.saturating_sub(consumed)
                ),
            )
        });
    }
}
