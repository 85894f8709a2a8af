//! What the customer keeps, from "Tests" in `docs/policy-language.md`: units that did not go
//! before, are not asked for in this row, and do not come back in another one.

use redress::policy::terms::Scope;

use super::Oracle;
use super::worth::Worths;

impl Oracle<'_> {
    /// The units of a line that stay.
    fn kept(&self, line: usize) -> i32 {
        let own = (self.row, self.group().quantity);
        let others = self.back.iter().filter(|(place, _)| *place != self.row);
        let back = others.chain([&own]).filter(|(place, _)| place.line == line);
        let back: i32 = back.map(|(_, units)| units).sum();
        (Worths::of(self.facts, line).left_units() - back).max(0)
    }

    /// The lines of the row's group; without one, its own.
    pub fn of_group(&self) -> Vec<usize> {
        let lines = &self.facts.order().lines;
        let own = self.line().group;
        let same = |at: &usize| match own {
            Some(_) => lines[*at].group == own,
            None => *at == self.row.line,
        };
        (0..lines.len()).filter(same).collect()
    }

    /// The units that were bought in the group, and those that stay.
    pub fn group_units(&self) -> (i32, i32) {
        let lines = self.of_group();
        let bought = lines
            .iter()
            .map(|at| self.facts.order().lines[*at].quantity);
        (bought.sum(), lines.iter().map(|at| self.kept(*at)).sum())
    }

    /// What the goods cost that stay: the last units of each line.
    pub fn kept_value(&self) -> i64 {
        let lines = 0..self.facts.order().lines.len();
        let cost = lines.map(|at| {
            let (line, kept) = (Worths::of(self.facts, at), self.kept(at));
            line.cost_of_last(kept)
        });
        cost.sum()
    }

    /// The discounts on what stays of the line, the group or the order.
    pub fn kept_discount(&self, scope: Scope) -> i64 {
        let lines = match scope {
            Scope::Row | Scope::Unit | Scope::Line => vec![self.row.line],
            Scope::Group => self.of_group(),
            Scope::Parcel | Scope::ReturnParcel | Scope::Request | Scope::Order => {
                (0..self.facts.order().lines.len()).collect()
            }
        };
        let discount = lines.into_iter().map(|at| {
            let (line, kept) = (Worths::of(self.facts, at), self.kept(at));
            let first = line.left_units() - kept;
            line.price(first, kept) - line.cost_of_last(kept)
        });
        discount.sum()
    }
}
