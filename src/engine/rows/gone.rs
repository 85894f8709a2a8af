//! What became of units that cannot be asked for again.

use crate::domain::facts::{Facts, RowIndex};
use crate::domain::path::At;

/// Returns the open requests that are about the units of a line.
pub(crate) fn open_with(facts: &Facts<'_>, row: RowIndex) -> Vec<(String, String)> {
    let order = facts.order();
    let line = order.lines.get(row.line).map(|line| line.id);
    let open = order.open_requests.iter().enumerate();
    let others = open.filter(|(_, open)| {
        Some(open.line) == line && Some(open.claim) != facts.request().claim_id
    });
    let told = others.map(|(index, open)| {
        let at = At::ORDER.element("open_requests", index);
        (at.field("claim_id").to_string(), open.claim.to_string())
    });
    told.collect()
}

/// Returns what the customer got for the units of a line that was settled before.
pub(crate) fn settled_with(facts: &Facts<'_>, row: RowIndex) -> Vec<(String, String)> {
    let order = facts.order();
    let line = order.lines.get(row.line).map(|line| line.id);
    let earlier = order.earlier.iter().enumerate();
    let of_line = earlier.filter(|(_, e)| e.line.is_some() && e.line == line && e.is_consumed());
    let told = of_line.flat_map(|(index, earlier)| {
        let at = At::ORDER.element("earlier_remedies", index);
        let path = |field: &'static str| at.field(field).to_string();
        [
            (path("remedy"), earlier.remedy.to_string()),
            (path("quantity"), earlier.quantity.to_string()),
            (
                path("amount"),
                earlier.amount.text(order.currency).to_string(),
            ),
        ]
    });
    told.collect()
}
