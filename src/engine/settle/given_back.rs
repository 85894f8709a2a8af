//! What an earlier request took because of what the customer kept, and what is not due any
//! more since less is kept: it is given back, so that parts come to what the whole does.

use super::Settling;
use super::approved::Approved;
use super::deductions::{SharedSum, join};
use super::memory::Memory;
use crate::domain::facts::RowIndex;
use crate::domain::money::Amount;
use crate::domain::verdict::{Arithmetic, SettlementKind};
use crate::engine::entitle::draft::concerns;
use crate::engine::money::CitedSum;
use crate::engine::read::guard::Holds;
use crate::engine::read::world::World;
use crate::policy::plan::{PlanClause, RouteClause, RoutePlan, indexes};
use crate::policy::terms::{Part, Sum, Test};

impl<'a> Settling<'a> {
    /// Gives back what earlier requests took by codes, as far as it was due by what the
    /// customer kept before this request and is not by what is kept now.
    pub(super) fn given_back<'d, 'w>(
        &mut self,
        route: &'a RoutePlan,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: &impl Fn(RowIndex) -> World<'a, 'w>,
        memory: &mut Option<Memory<'a>>,
    ) where
        'a: 'd + 'w,
    {
        let earlier = &self.facts.order().earlier;
        if !route.looks_at_kept_units || earlier.iter().all(|remedy| remedy.taken.is_empty()) {
            return;
        }
        let mut due: Vec<SharedSum<'a>> = Vec::new();
        for row in approved {
            let world = world(row.row.index);
            let results = before(&world).results(route);
            for at in indexes(route.additions) {
                let Some((clause, of)) = clause(&world, route, at) else {
                    continue;
                };
                if results.guard(&of.guard) != Holds::Yes || !is_for(&row, route, clause, &world) {
                    continue;
                }
                for sum in sums(clause) {
                    let looks = looks_at_kept_units(route, of, sum);
                    if looks && sum.scope.is_remembered() && !sum.code.is_empty() {
                        let of = CitedSum {
                            sum,
                            clause: clause.cite(),
                        };
                        join(&mut due, of, row, &world, row.terms.pays());
                    }
                }
            }
        }
        due.sort_by_key(|one| one.sum.scope);
        let memory = memory.get_or_insert_with(|| Memory::of(self.facts));
        for one in due {
            let left = memory.left(self.facts, &one);
            let then = one.greatest(&|row| before(&world(row)));
            let now = self.now_due(&one);
            let less = match (then, now) {
                // It turns on rows that are not decided, or on facts.
                (_, None) => Amount::ZERO,
                (Some((then, _)), Some(now)) => left.at_most(then.less(now)),
                (None, Some(_)) => left,
            };
            let less = less.at_most(self.room());
            if less.is_zero() {
                continue;
            }
            let as_credit = self.refund.is_zero() && !self.credit.is_zero();
            self.give(less, as_credit);
            let arithmetic = Arithmetic::PaidLess {
                paid: now.unwrap_or_default().plus(left),
                refunded: now.unwrap_or_default(),
            };
            self.item(SettlementKind::GivenBack, &one, Some(less), arithmetic);
        }
    }

    /// Returns what a sum comes to now; nothing where its clause does not apply any more, and
    /// `None` where that is not known.
    fn now_due(&self, one: &SharedSum<'a>) -> Option<Amount> {
        let same = |(sum, extent): (&Sum, _)| std::ptr::eq(sum, one.sum) && extent == one.extent;
        let mut open = self.open.iter();
        if open.any(|(sum, extent)| same((sum, *extent))) {
            return None;
        }
        let mut now = self.now.iter();
        let now = now.find(|(sum, extent, _)| same((sum, *extent)));
        Some(now.map_or(Amount::ZERO, |(.., amount)| *amount))
    }

    /// Returns what can still be given back: no more than was paid, for the order or for what
    /// was charged besides, less what was paid out.
    fn room(&self) -> Amount {
        let facts = self.facts;
        let taken = facts
            .order()
            .earlier
            .iter()
            .flat_map(|remedy| &remedy.taken);
        let taken: Amount = taken.map(|(_, amount)| *amount).sum();
        let besides = taken.less(facts.deducted_before());
        let out = self.earlier(|e| e.total());
        match super::can_pay(facts) {
            None => taken,
            Some(paid) => {
                let payable = paid.less(out).plus(besides);
                payable.less(self.refund.plus(self.credit))
            }
        }
    }
}

/// Looks at what the customer kept before the request.
fn before<'a, 'w>(world: &World<'a, 'w>) -> World<'a, 'w> {
    World {
        rows: &[],
        back: &[],
        ..*world
    }
}

fn clause<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    at: usize,
) -> Option<(&'a PlanClause, &'a RouteClause)> {
    let of = route.clauses.get(at)?;
    Some((world.plan.clause(of.clause)?, of))
}

/// Returns what a clause takes off or charges.
fn sums(clause: &PlanClause) -> impl Iterator<Item = &Sum> {
    let parts = clause.effect.parts().iter();
    let taken = parts.filter(|part| !matches!(part, Part::Reimburse(_)));
    taken.filter_map(Part::sum)
}

/// Whether what a clause adds concerns what a row was granted.
fn is_for<'a>(
    row: &Approved<'_, 'a>,
    route: &'a RoutePlan,
    clause: &PlanClause,
    world: &World<'a, '_>,
) -> bool {
    let Some(addition) = clause.effect.addition() else {
        return false;
    };
    let granting = route.clauses.iter().find_map(|of| {
        let clause = world.plan.clause(of.clause)?;
        (clause.cited.id == row.terms.clause.id).then_some(of.clause)
    });
    granting.is_some_and(|granting| concerns(addition, granting, row.terms.remedy))
}

/// Whether a sum turns on what the customer keeps: by itself, or by when its clause applies.
fn looks_at_kept_units(route: &RoutePlan, of: &RouteClause, sum: &Sum) -> bool {
    let mut tests = indexes(of.guard.tests()).filter_map(|index| route.tests.get(index));
    let is_of_kept = |test: &Test| test.fact().is_some_and(|of| of.fact.is_of_kept_units());
    sum.formula.looks_at_kept_units() || tests.any(is_of_kept)
}
