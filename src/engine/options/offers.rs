//! What each answer that a person can choose would do to the money of the order: delivery,
//! options and what is taken once, with all other rows as they are.

use crate::domain::facts::{Remedy, RowIndex};
use crate::domain::few::Few;
use crate::domain::text::Text;
use crate::domain::verdict::{Answer, Outcome, Settlement, SettlementItem};
use crate::engine::entitle::decided::{Decided, DecidedRow};
use crate::engine::entitle::draft::{Draft, Drafting, bare};
use crate::engine::judge::Judged;
use crate::engine::money::{RowMoney, Shaped};
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::world::World;
use crate::policy::plan::RoutePlan;

/// Tells of each candidate that grants something what of the order's money would come with
/// it, and what the customer would owe. Nothing is told where a fact is missing for that.
pub(crate) fn tell<'a>(
    context: DecisionContext<'a, '_>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
    decided: &mut Decided<'a>,
) {
    let offers = Offers {
        context,
        asked,
        route,
        wants,
    };
    let mut told = Vec::new();
    for (index, row) in decided.rows.iter().enumerate() {
        let Some(draft) = decided.drafts.get(row.draft) else {
            continue;
        };
        if draft.decision.outcome != Outcome::NeedsReview {
            continue;
        }
        for (at, candidate) in draft.decision.candidates.iter().enumerate() {
            let Answer::Entitlement { entitlement, .. } = &candidate.answer else {
                continue;
            };
            let (clause, remedy) = (&entitlement.clause.id, entitlement.remedy);
            if let Some(settlement) = offers.settle(decided, index, clause, remedy) {
                told.push((row.draft, at, settlement));
            }
        }
    }
    for (draft, at, settlement) in told {
        let draft = decided.drafts.get_mut(draft);
        let candidate = draft.and_then(|draft| draft.decision.candidates.get_mut(at));
        if let Some(candidate) = candidate {
            candidate.order_items = of_order(&settlement).cloned().collect();
            let owed = settlement.owed_total;
            candidate.owed = Some(owed).filter(|owed| !owed.is_zero());
        }
    }
}

/// Returns the items of a settlement that belong to the order and not to a line.
pub(crate) fn of_order<'s, 'a>(
    settlement: &'s Settlement<'a>,
) -> impl Iterator<Item = &'s SettlementItem<'a>> {
    let items = settlement.items.iter();
    items.filter(|item| item.line_id.is_none())
}

/// What is decided, and for what.
struct Offers<'a, 'w> {
    context: DecisionContext<'a, 'w>,
    asked: Asked<'a>,
    route: &'a RoutePlan,
    wants: Option<Remedy>,
}

impl<'a> Offers<'a, '_> {
    /// Settles the request as if the row at an index got what the clause of an id grants;
    /// `None`: that is not known, or another remedy.
    fn settle(
        &self,
        decided: &Decided<'a>,
        index: usize,
        clause: &Text,
        remedy: Remedy,
    ) -> Option<Settlement<'a>> {
        let rows: Vec<RowIndex> = decided.rows.iter().map(|row| row.index).collect();
        let row = self.as_asked(decided.rows.get(index)?.index);
        let world = World {
            rows: &rows,
            ..World::new(self.context, self.asked, row)
        };
        let shaped = self.shape(&world, clause)?;
        if shaped.entitlement.remedy != remedy || !shaped.missing.is_empty() {
            return None;
        }
        let Shaped {
            entitlement,
            terms,
            money,
            ..
        } = shaped;
        let mut decision = bare(Outcome::Approved, Few::new());
        decision.entitlement = Some(entitlement);
        let granted = Draft {
            terms: Some(terms),
            ..Draft::of(decision)
        };
        self.with(decided, index, granted, money)
    }

    /// Returns the units as they were asked for, before those of other rows came first.
    fn as_asked(&self, row: RowIndex) -> RowIndex {
        RowIndex {
            earlier: self.context.facts.consumed(row.line),
            ..row
        }
    }

    /// Returns what a clause grants the row of a world.
    fn shape(&self, world: &World<'a, '_>, clause: &Text) -> Option<Shaped<'a>> {
        let mut judged = Judged::empty(world.results(self.route));
        world.judge(self.route, self.wants, &mut judged);
        let drafting = Drafting {
            world,
            route: self.route,
            judged: &judged,
        };
        let mut grants = self.route.grants.iter().copied();
        let at = grants.find(|at| {
            let found = drafting.clause(*at);
            found.is_some_and(|found| found.cited.id == *clause)
        })?;
        drafting.shape(at).ok().flatten()
    }

    /// Settles all rows with another answer for the one at an index.
    fn with(
        &self,
        decided: &Decided<'a>,
        index: usize,
        granted: Draft<'a>,
        money: RowMoney<'a>,
    ) -> Option<Settlement<'a>> {
        let mut drafts = decided.drafts.clone();
        let own = drafts.len();
        drafts.push(granted);
        let rows = decided.rows.iter().enumerate().map(|(at, row)| DecidedRow {
            index: self.as_asked(row.index),
            draft: if at == index { own } else { row.draft },
            money: if at == index {
                money.clone()
            } else {
                row.money.clone()
            },
        });
        let mut others = Decided::new();
        others.rows = rows.collect();
        others.drafts = drafts;
        others.back.clone_from(&decided.back);
        others.settled(self.context, self.asked)
    }
}
