//! The facts of which amounts are made up: prices, discounts and stated amounts, as far as
//! they are missing.

use crate::domain::facts::{Facts, Line, Order};
use crate::domain::path::{Field, FieldPath, Owner, UnitsLocation};
use crate::domain::spell::Spell;
use crate::domain::verdict::{AskedField, Missing, MissingFact, Question};
use crate::domain::vocabulary::Fact;

/// Path of the discount on the order.
pub(crate) const DISCOUNT: &str = "order.discount";

/// Returns the facts of which what was paid for a line is made up, as far as they are
/// missing.
pub(crate) fn missing_prices(facts: &Facts<'_>, of: usize) -> Missing {
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
        && lines.any(|(index, line)| {
            index != of && (line.gross().is_none() || line.discount.is_none())
        });
    missing
}

/// Returns the facts of which the value of the order is made up, as far as they are missing;
/// `of` is the line of the units.
pub(crate) fn missing_value(facts: &Facts<'_>, of: usize) -> Missing {
    let mut missing = missing_prices(facts, of);
    missing.order_value = true;
    missing.other_prices = prices_of_all(facts).any(|(line, _)| line != of);
    missing
}

/// Returns the missing prices of all lines, each with the index of its line.
pub(crate) fn prices_of_all(facts: &Facts<'_>) -> impl Iterator<Item = (usize, MissingFact)> {
    let lines = facts.order().lines.iter().enumerate();
    lines.flat_map(|(index, line)| missing_of_line(line, index).map(move |fact| (index, fact)))
}

/// Whether a discount on the order is shared by what every line cost, or may be.
fn shares_discount(order: &Order<'_>) -> bool {
    order.discount.is_none_or(|discount| !discount.is_zero())
}

/// Returns what is missing of what a line cost.
pub(crate) fn missing_of_line(line: &Line<'_>, index: usize) -> impl Iterator<Item = MissingFact> {
    let price = line.gross().is_none().then(|| unit_price(index));
    let discount = line.discount.is_none();
    let discount = discount.then(|| field_of_line("discount", index, AskedField::LineDiscount));
    price.into_iter().chain(discount)
}

pub(crate) fn unit_price(index: usize) -> MissingFact {
    field_of_line("unit_price", index, AskedField::UnitPrice)
}

fn field_of_line(name: &'static str, line: usize, asked: AskedField) -> MissingFact {
    let location = UnitsLocation {
        line,
        ..UnitsLocation::default()
    };
    let path = FieldPath::to(Field::of(Owner::Line, name));
    field(path.of_units(location).spelled(), asked)
}

/// Asks for a field that is no fact.
pub(crate) fn field(path: impl Into<String>, asked: AskedField) -> MissingFact {
    MissingFact {
        path: path.into(),
        question: Question::Field(asked),
        guide: None,
    }
}

/// Asks for an amount that is a fact of the order or the request.
pub(crate) fn stated_fact(fact: Fact) -> MissingFact {
    let path = FieldPath::to(fact.spec().field);
    MissingFact {
        path: path.of_units(UnitsLocation::default()).spelled(),
        question: Question::Fact(fact, None),
        guide: None,
    }
}
