//! Names the units of an order: all that were bought, and all that are left.

use crate::domain::facts::{Line, Order, RequestLine, UnitGroup, UnitsFacts};
use crate::domain::few::Few;
use crate::domain::id::CallerId;

/// Names units of which nothing is known but their parcel.
fn units<'t>(quantity: i32, shipment: Option<CallerId<'t>>) -> UnitGroup<'t> {
    UnitGroup {
        wanted: None,
        quantity,
        shipment,
        return_parcel: None,
        facts: UnitsFacts::UNKNOWN,
    }
}

/// Names every unit that was bought.
pub(crate) fn all_bought<'t>(order: &Order<'t>) -> Few<RequestLine<'t>> {
    let all = |line: &Line<'t>| RequestLine {
        line: line.id,
        groups: Few::one(units(line.quantity, None)),
    };
    order.lines.iter().map(all).collect()
}

/// Names all units that are left, in one group for each line, by parcel where a
/// line came in several.
pub(crate) fn all_left<'t>(order: &Order<'t>) -> Few<RequestLine<'t>> {
    let mut lines = Few::new();
    for line in &order.lines {
        let gone = order
            .consumed(line.id)
            .saturating_add(order.held(line.id, None));
        let left = line.quantity.saturating_sub(gone);
        if left <= 0 {
            continue;
        }
        let mut groups = Few::new();
        let mut rest = left;
        for shipment in &order.shipments {
            for (id, quantity) in shipment.items.iter().flatten() {
                // Units used up before came out of one of the parcels, nobody
                // says which: then the parcels cannot be told apart here.
                if *id == line.id && rest > 0 && left == line.quantity {
                    let here = (*quantity).min(rest);
                    groups.push(units(here, Some(shipment.id)));
                    rest = rest.saturating_sub(here);
                }
            }
        }
        if rest > 0 {
            groups.push(units(rest, None));
        }
        lines.push(RequestLine {
            line: line.id,
            groups,
        });
    }
    lines
}
