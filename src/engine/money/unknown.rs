//! Amounts that nobody has told: what is asked for, and what holds the money back.

use super::Shaped;
use crate::domain::facts::{Facts, Line, Order};
use crate::domain::path::{Field, FieldPath, Owner, UnitsPlace};
use crate::domain::spell::Spell;
use crate::domain::verdict::{
    AskedField, Cite, Condition, ConditionStatus, Missing, MissingFact, Question,
};
use crate::domain::vocabulary::Fact;
use crate::engine::world::World;

/// Code of the condition that an amount to be taken off is told.
const AMOUNT_FOUND: &str = "amount_found";

/// Path of the discount on the order.
pub(in crate::engine) const DISCOUNT: &str = "order.discount";

/// Whether an amount is stated of units, rather than of the request.
pub(super) fn is_of_units(stated: Fact) -> bool {
    stated.spec().field.owner() == Owner::Units
}

/// Lets money wait for an amount that is taken off and that nobody has told: it is asked
/// for once it can be known, and an open condition until then.
pub(super) fn holds_money<'a>(
    world: &World<'a, '_>,
    shaped: &mut Shaped<'a>,
    stated: Fact,
    clause: Cite<'a>,
) {
    if world.stated(stated).is_some() || ask_for_stated(world, &mut shaped.missing.facts, stated) {
        return;
    }
    let path = FieldPath::to(stated.spec().field);
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
    stated: Fact,
) -> bool {
    let spec = stated.spec();
    let Some(cause) = spec.known_after else {
        // A finding: an examination tells it.
        return false;
    };
    let asked = world.stated(stated).is_none() && world.occurred(cause) == Some(true);
    if asked {
        missing.push(MissingFact {
            path: FieldPath::to(spec.field)
                .of_units(world.row.place())
                .to_string(),
            question: Question::Fact(stated, None),
            guide: None,
        });
    }
    asked
}

/// Asks for what was paid for the row's units.
pub(super) fn ask_for_prices(world: &World<'_, '_>, shaped: &mut Shaped<'_>) {
    let missing = missing_prices(world.facts, world.row.line);
    shaped.missing.append(missing);
}

/// Returns the facts of which what was paid for a line is made up, as far as they are
/// missing.
pub(in crate::engine) fn missing_prices(facts: &Facts<'_>, of: usize) -> Missing {
    let order = facts.order();
    let mut missing = Missing::default();
    if order.discount.is_none() {
        missing
            .facts
            .push(field(DISCOUNT.to_owned(), AskedField::OrderDiscount));
    }
    if let Some(line) = order.lines.get(of) {
        missing.facts.extend(missing_of_line(line, of));
    }
    let mut lines = order.lines.iter().enumerate();
    missing.other_prices = shares_discount(order)
        && lines.any(|(place, line)| {
            place != of && (line.gross().is_none() || line.discount.is_none())
        });
    missing
}

/// Returns the facts of which the value of the order is made up, as far as they are missing;
/// `of` is the line of the units.
pub(in crate::engine) fn missing_value(facts: &Facts<'_>, of: usize) -> Missing {
    let mut missing = missing_prices(facts, of);
    missing.order_value = true;
    missing.other_prices = prices_of_all(facts).any(|(line, _)| line != of);
    missing
}

/// Returns the missing prices of all lines, each with the place of its line.
pub(in crate::engine) fn prices_of_all(
    facts: &Facts<'_>,
) -> impl Iterator<Item = (usize, MissingFact)> {
    let lines = facts.order().lines.iter().enumerate();
    lines.flat_map(|(place, line)| missing_of_line(line, place).map(move |fact| (place, fact)))
}

/// Whether a discount on the order is shared by what every line cost, or may be.
fn shares_discount(order: &Order<'_>) -> bool {
    order.discount.is_none_or(|discount| !discount.is_zero())
}

/// Returns what is missing of what a line cost.
fn missing_of_line(line: &Line<'_>, place: usize) -> impl Iterator<Item = MissingFact> {
    let of_line = |name: &'static str| {
        let place = UnitsPlace {
            line: place,
            ..UnitsPlace::default()
        };
        let path = FieldPath::to(Field::of(Owner::Line, name));
        path.of_units(place).spelled()
    };
    let price = line.gross().is_none();
    let price = price.then(|| field(of_line("unit_price"), AskedField::UnitPrice));
    let discount = line.discount.is_none();
    let discount = discount.then(|| field(of_line("discount"), AskedField::LineDiscount));
    price.into_iter().chain(discount)
}

/// Asks for a field that is no fact.
pub(in crate::engine) fn field(path: impl Into<String>, asked: AskedField) -> MissingFact {
    MissingFact {
        path: path.into(),
        question: Question::Field(asked),
        guide: None,
    }
}

/// Asks for the price of the goods that are wanted in exchange.
pub(super) fn ask_for_wanted_price(shaped: &mut Shaped<'_>) {
    shaped
        .missing
        .facts
        .push(stated_fact(Fact::WantedUnitPrice));
}

/// Asks for an amount that is a fact of the order or the request.
pub(in crate::engine) fn stated_fact(fact: Fact) -> MissingFact {
    let path = FieldPath::to(fact.spec().field);
    MissingFact {
        path: path.of_units(UnitsPlace::default()).spelled(),
        question: Question::Fact(fact, None),
        guide: None,
    }
}
