//! What a customer keeps: units that no earlier remedy used up and that a request does not
//! name, or names in vain.

use super::world::World;
use crate::domain::facts::Line;
use crate::domain::money::{Amount, part};
use crate::policy::terms::Scope;

/// Returns the lines of the group of the row, each with its index.
fn group<'a, 'w>(world: &'w World<'a, '_>) -> impl Iterator<Item = (usize, &'a Line<'a>)> + 'w {
    let own = world.row.line;
    let group = world.line.and_then(|line| line.group);
    let lines = world.facts.order().lines.iter().enumerate();
    lines.filter(move |(index, line)| *index == own || (group.is_some() && line.group == group))
}

/// Returns the units of a line that the customer keeps. Those of the row itself are not
/// kept: what it asks for is what is decided.
fn of_line(world: &World<'_, '_>, index: usize, line: &Line<'_>) -> i32 {
    let own = world.row.location();
    let asked = world.rows.iter().filter(|row| row.location() == own);
    let others = world.back.iter().filter(|row| row.location() != own);
    let of_line = asked.chain(others).filter(|row| row.line == index);
    let back = of_line.fold(0_i32, |sum, row| sum.saturating_add(row.quantity));
    let gone = back.saturating_add(world.facts.consumed(index));
    line.quantity.saturating_sub(gone).max(0)
}

/// Returns the units that were bought in the group of the row.
pub(crate) fn bought_in_group(world: &World<'_, '_>) -> i64 {
    group(world).map(|(_, line)| i64::from(line.quantity)).sum()
}

/// Returns the units of the group of the row that the customer keeps.
pub(crate) fn of_group(world: &World<'_, '_>) -> i64 {
    let kept = group(world).map(|(index, line)| i64::from(of_line(world, index, line)));
    kept.sum()
}

/// Returns what the goods cost that the customer keeps, after all discounts; `None`: a price
/// is not known.
pub(crate) fn value(world: &World<'_, '_>) -> Option<Amount> {
    let lines = world.facts.order().lines.iter().enumerate();
    let costs = lines.map(|(index, line)| {
        let kept = of_line(world, index, line);
        match kept {
            0 => Some(Amount::ZERO),
            _ => {
                let net = world.facts.line_net(index)?;
                let gone = line.quantity.saturating_sub(kept);
                Some(part(net, line.quantity, gone, kept))
            }
        }
    });
    costs.sum()
}

/// Names the lines whose kept units count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Among {
    /// The line of the row.
    Line,
    /// The lines of its group.
    Group,
    /// All lines.
    Order,
}

impl Among {
    /// Returns the lines whose kept units count in what an amount counts once in.
    pub(crate) const fn of(scope: Scope) -> Self {
        match scope {
            Scope::Row | Scope::Unit | Scope::Line => Self::Line,
            Scope::Group => Self::Group,
            Scope::Parcel | Scope::ReturnParcel | Scope::Request | Scope::Order => Self::Order,
        }
    }
}

/// Returns the indexes of the lines of which units are kept.
pub(crate) fn kept_lines(world: &World<'_, '_>, among: Among) -> Vec<usize> {
    let keeps = |(index, line): &(usize, &Line<'_>)| of_line(world, *index, line) > 0;
    let index = |(index, _): (usize, &Line<'_>)| index;
    match among {
        Among::Line => world
            .line
            .map(|line| (world.row.line, line))
            .filter(keeps)
            .map(index)
            .into_iter()
            .collect(),
        Among::Group => group(world).filter(keeps).map(index).collect(),
        Among::Order => {
            let lines = world.facts.order().lines.iter().enumerate();
            lines.filter(keeps).map(index).collect()
        }
    }
}

/// Returns the discounts on the units that the customer keeps; `None`: a price is not known.
pub(crate) fn discount(world: &World<'_, '_>, among: Among) -> Option<Amount> {
    let of = |index: usize| -> Option<Amount> {
        let line = world.facts.order().lines.get(index)?;
        let kept = of_line(world, index, line);
        let gone = line.quantity.saturating_sub(kept);
        let price = part(line.gross()?, line.quantity, gone, kept);
        let net = part(world.facts.line_net(index)?, line.quantity, gone, kept);
        Some(price.less(net))
    };
    kept_lines(world, among).into_iter().map(of).sum()
}
