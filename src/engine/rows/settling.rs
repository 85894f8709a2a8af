//! Settles decided rows: their units are numbered, and what money needs is asked for.

use crate::domain::facts::{Facts, RowIndex, UnitGroup};
use crate::domain::id::CallerId;
use crate::domain::verdict::{Missing, MissingFact, Outcome, Settlement};
use crate::engine::entitle::decided::{Decided, DecidedRow};
use crate::engine::entitle::draft::Draft;
use crate::engine::missing::{needs, review};
use crate::engine::money::{RowMoney, row_money};
use crate::engine::read::askable::{available, together};
use crate::engine::read::context::{Asked, DecisionContext};
use crate::engine::read::world::World;
use crate::engine::settle::{Unsettled, price_of, prospective, settle};

impl<'a> Decided<'a> {
    /// Settles the money of what was decided.
    pub(super) fn settle(&mut self, context: DecisionContext<'a, '_>, asked: Asked<'a>) {
        self.number_units(context, asked);
        let settled = settle(
            context,
            asked,
            &self.rows,
            &self.drafts,
            &mut self.settlement,
        );
        if let Err(unsettled) = settled {
            self.wait_for(context.facts, unsettled);
        }
        self.ask_for_order_level(context, asked);
    }

    /// Settles rows that are decided, and returns their money; `None`: a fact is missing.
    pub(crate) fn settled(
        mut self,
        context: DecisionContext<'a, '_>,
        asked: Asked<'a>,
    ) -> Option<Settlement<'a>> {
        self.number_units(context, asked);
        let (rows, drafts) = (&*self.rows, &*self.drafts);
        settle(context, asked, rows, drafts, &mut self.settlement).ok()?;
        self.settlement
    }

    /// Values the approved rows of a line that pay as units that follow each other, so that
    /// their parts add up. They follow in an order of their own: how the request lists them
    /// changes nothing.
    fn number_units(&mut self, context: DecisionContext<'a, '_>, asked: Asked<'a>) {
        if self.rows.len() < 2 {
            return;
        }
        let (drafts, back) = (&self.drafts, &self.back);
        let same_line = |a: &DecidedRow<'a>, b: &DecidedRow<'a>| a.index.line == b.index.line;
        for rows in self
            .rows
            .chunk_by_mut(same_line)
            .filter(|rows| rows.len() > 1)
        {
            let mut rows: Vec<_> = rows.iter_mut().collect();
            let facts = context.facts;
            rows.sort_by(|a, b| canonical(facts, &a.index).cmp(&canonical(facts, &b.index)));
            let mut before = 0_i32;
            for row in rows {
                let draft = drafts.get(row.draft);
                let approved = draft.filter(|d| d.decision.outcome == Outcome::Approved);
                let terms = approved.and_then(|draft| draft.terms.as_ref());
                // What gets a remedy without money does not move the cents of the others.
                let Some(terms) = terms.filter(|terms| terms.values_units()) else {
                    continue;
                };
                if before > 0 {
                    row.index.earlier = row.index.earlier.saturating_add(before);
                    let world = World {
                        rows: back,
                        back,
                        ..World::new(context, asked, row.index)
                    };
                    if let Some(money) = row_money(&world, terms) {
                        row.money = money;
                    }
                }
                before = before.saturating_add(row.index.quantity);
            }
        }
    }

    /// Asks with the facts of rows for those of the order that their answers can need, so
    /// that nothing is asked for later.
    fn ask_for_order_level(&mut self, context: DecisionContext<'a, '_>, asked: Asked<'a>) {
        let waits = |draft: &Draft<'a>| !draft.prospects.is_empty();
        if !self.drafts.iter().any(waits) {
            return;
        }
        // Nobody waits for what nobody can tell: what is approved is reviewed then.
        let of_order = Missing::of(prospective(context.facts, asked, self.each()));
        let (Missing { facts: missing, .. }, _) = available(context.facts, of_order);
        // What waits is a draft of its own for each row.
        for row in &self.rows {
            let draft = self.drafts.get_mut(row.draft);
            let Some(draft) = draft.filter(|draft| waits(draft)) else {
                continue;
            };
            let (mut more, _) = available(context.facts, price_of(context.facts, row, draft));
            if draft.prospects.iter().any(|p| p.pays || p.credit) && !missing.is_empty() {
                let known = draft.decision.missing.facts.iter_mut();
                let guides = known.filter_map(|fact| fact.guide.as_mut());
                guides.for_each(|guide| guide.ask_for_order_level());
                more.facts.extend_from_slice(&missing);
            }
            if !more.is_empty() {
                draft.decision.missing.append(more);
                MissingFact::each_once(&mut draft.decision.missing.facts);
            }
        }
    }

    /// Lets what was approved wait for facts of the order that can be asked for; where
    /// there is none, for a person who decides without those that nobody can tell.
    fn wait_for(&mut self, facts: &Facts<'a>, unsettled: Unsettled) {
        let (of_order, mut unavailable) = available(facts, Missing::of(unsettled.of_order));
        let (prices, unknown) = available(facts, unsettled.prices);
        unavailable.extend(unknown);
        let all = together(facts, std::iter::once(&prices), false);
        let nothing = of_order.is_empty() && prices.is_empty();
        let is_approved = |draft: &Draft<'a>| draft.decision.outcome == Outcome::Approved;
        for row in &mut self.rows {
            let Some(draft) = self.drafts.get(row.draft).filter(|d| is_approved(d)) else {
                continue;
            };
            row.money = RowMoney::default();
            if !prices.is_empty() {
                // What its own units cost is a row's own.
                let (mut own, _) = available(facts, price_of(facts, row, draft));
                let mut all = all.iter();
                own.other_prices |= all.any(|price| !own.facts.contains(price));
                own.append(of_order.clone());
                let waiting = needs(own, draft.remedies);
                row.draft = self.drafts.len();
                self.drafts.push(waiting);
            }
        }
        for draft in self.drafts.iter_mut().filter(|draft| is_approved(draft)) {
            let remedies = draft.remedies;
            *draft = match nothing {
                true => Draft {
                    remedies,
                    ..review(facts, &[draft.clone().into()], unavailable.clone())
                },
                false => needs(of_order.clone(), remedies),
            };
        }
        if !prices.is_empty() {
            self.put_drafts_in_order();
        }
    }
}

/// Returns what units are sorted by where they stand in line: the id of their line, then
/// all that the request says of them.
pub(super) fn canonical<'d, 't>(
    facts: &'d Facts<'t>,
    row: &RowIndex,
) -> (Option<CallerId<'t>>, Option<&'d UnitGroup<'t>>, i32) {
    let line = facts.order().lines.get(row.line).map(|line| line.id);
    let asked = facts.request().lines.get(row.request_line);
    let group = asked.and_then(|asked| asked.groups.get(row.group));
    (line, group, row.offset)
}
