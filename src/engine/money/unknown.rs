//! Amounts that nobody has told: what is asked for, and what holds the money back.

use super::Shaped;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::path::{Field, FieldPath, Owner};
use crate::domain::verdict::{Cite, Condition, ConditionStatus, MissingFact, Party};
use crate::engine::world::World;
use crate::policy::terms::StatedAmount;

/// Code of the condition that an amount to be taken off is told.
const AMOUNT_FOUND: &str = "amount_found";

/// Whether an amount is stated of units, rather than of the request.
pub(super) const fn is_of_units(stated: StatedAmount) -> bool {
    matches!(
        stated,
        StatedAmount::Deterioration | StatedAmount::ValueLoss
    )
}

/// Returns the field that states an amount.
const fn field(stated: StatedAmount) -> Field {
    match stated {
        StatedAmount::Deterioration => Field::of(Owner::Units, "finding.deterioration_amount"),
        StatedAmount::ValueLoss => Field::of(Owner::Units, "finding.value_loss_amount"),
        StatedAmount::ReturnPaid => Field::of(Owner::Message, "request.journey.paid"),
        StatedAmount::CollectionCost => {
            Field::of(Owner::Message, "request.journey.collection_cost")
        }
        StatedAmount::UndeliveredCost => {
            Field::of(Owner::Message, "request.journey.undelivered_cost")
        }
    }
}

/// Lets money wait for an amount that is taken off and that nobody has told: it is asked
/// for once it can be known, and an open condition until then.
pub(super) fn holds_money<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    stated: StatedAmount,
    clause: Cite<'a>,
) {
    if world.stated(stated).is_some() || ask_for_stated(world, &mut shaped.missing, stated) {
        return;
    }
    let path = FieldPath::to(field(stated));
    let conditions = &mut shaped.entitlement.conditions;
    if conditions
        .iter()
        .any(|c| c.code == AMOUNT_FOUND && c.path == path)
    {
        return;
    }
    conditions.push(Condition {
        code: AMOUNT_FOUND,
        status: ConditionStatus::Open,
        clause,
        path,
        failed: None,
        presumed: false,
        holds_money: true,
    });
}

/// Asks for a stated amount that is unknown, once the event that causes it has happened;
/// before that nobody can know it. Returns whether it is asked for.
pub(super) fn ask_for_stated(
    world: &World<'_, '_>,
    missing: &mut Vec<MissingFact>,
    stated: StatedAmount,
) -> bool {
    let (cause, question) = match stated {
        StatedAmount::ReturnPaid => (Event::HandOver, "What did the way back cost the customer?"),
        StatedAmount::CollectionCost => (Event::ShopCollect, "What did the collection cost?"),
        StatedAmount::UndeliveredCost => (
            Event::WarehouseReturn,
            "What did the undelivered parcel's way back cost?",
        ),
        // A finding: an examination tells it.
        StatedAmount::Deterioration | StatedAmount::ValueLoss => return false,
    };
    let asked = world.stated(stated).is_none() && world.occurred(cause) == Some(true);
    if asked {
        missing.push(MissingFact {
            path: FieldPath::to(field(stated))
                .of_units(world.row.place())
                .to_string(),
            source: Party::Customer,
            question,
            guide: None,
        });
    }
    asked
}

/// Asks for what was paid for the row's units.
pub(super) fn ask_for_prices(world: &World<'_, '_>, shaped: &mut Shaped<'_>) {
    shaped
        .missing
        .extend(missing_prices(world.facts, world.row.line));
}

/// Returns the facts of which what was paid for a line is made up, as far as they are
/// missing.
pub(in crate::engine) fn missing_prices(facts: &Facts<'_>, of: usize) -> Vec<MissingFact> {
    let order = facts.order();
    let mut missing = Vec::new();
    let mut need = |path: String, question: &'static str| {
        missing.push(MissingFact {
            path,
            source: Party::Shop,
            question,
            guide: None,
        });
    };
    if order.discount.is_none() {
        need(
            "order.discount".to_owned(),
            "What discount was given on the whole order?",
        );
    }
    // A discount on the order is shared by what every line cost, and there may be one.
    let shared = order.discount.is_none_or(|d| !d.is_zero());
    for (place, line) in order.lines.iter().enumerate() {
        if place != of && !shared {
            continue;
        }
        if line.unit_price.is_none() {
            need(
                format!("order.lines[{place}].unit_price"),
                "What did one unit cost?",
            );
        }
        if line.discount.is_none() {
            need(
                format!("order.lines[{place}].discount"),
                "What discount was given on the line?",
            );
        }
    }
    missing
}

/// Asks for the price of the goods that are wanted in exchange.
pub(super) fn ask_for_wanted_price(shaped: &mut Shaped<'_>) {
    shaped.missing.push(MissingFact {
        path: "request.exchange.wanted_unit_price".to_owned(),
        source: Party::Customer,
        question: "What does one unit of the wanted goods cost?",
        guide: None,
    });
}
