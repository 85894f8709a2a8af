//! What is taken off a request or an order as a whole, charged, or paid back beside it.

use super::Settling;
use crate::domain::facts::RowIndex;
use crate::domain::few::Few;
use crate::domain::path::Owner;
use crate::domain::verdict::{Arithmetic, Cite, SettlementItem, SettlementKind};
use crate::domain::vocabulary::Fact;
use crate::engine::approved::Approved;
use crate::engine::money::stated_of_row;
use crate::engine::world::World;

impl<'a> Settling<'a> {
    /// Takes amounts off that the facts of the request state, each once.
    pub(super) fn per_request<'d>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: &impl Fn(RowIndex) -> World<'a, 'd>,
    ) where
        'a: 'd,
    {
        let mut taken: Few<Fact> = Few::new();
        for Approved { row, terms, .. } in approved {
            for (stated, cite) in &terms.per_request {
                if taken.contains(stated) {
                    continue;
                }
                taken.push(*stated);
                let cap = self.refund.plus(self.credit);
                let amount = world(row.index).stated(*stated);
                let cut = amount.map(|amount| self.take(amount));
                self.items.push(SettlementItem {
                    kind: SettlementKind::Deduction,
                    code: stated.word(),
                    line_id: None,
                    amount: cut,
                    clause: Some(*cite),
                    arithmetic: amount.map_or(
                        Arithmetic::Unknown {
                            amount: stated.word(),
                        },
                        |stated| Arithmetic::Stated { stated, cap },
                    ),
                });
            }
        }
    }

    /// Takes fixed amounts off the order, each once, last of all deductions. Earlier
    /// remedies do not say which amounts were taken, so that one counts as taken where
    /// less was paid for earlier units than they were worth.
    pub(super) fn per_order(&mut self, heads: &[Approved<'_, 'a>]) {
        let mut seen: Few<Cite<'_>> = Few::new();
        let mut taken_before = self.facts.deducted_before();
        for Approved { terms, .. } in heads {
            for (amount, cite) in &terms.per_order {
                if seen.contains(cite) {
                    continue;
                }
                seen.push(cite);
                let before = amount.at_most(taken_before);
                taken_before = taken_before.less(before);
                let open = amount.less(before);
                let cap = self.refund.plus(self.credit);
                let cut = self.take(open);
                let arithmetic = match before.is_zero() {
                    true => Arithmetic::Stated {
                        stated: *amount,
                        cap,
                    },
                    false => Arithmetic::TakenBefore {
                        amount: *amount,
                        before,
                        cap,
                    },
                };
                self.items.push(SettlementItem {
                    kind: SettlementKind::Deduction,
                    code: "",
                    line_id: None,
                    amount: Some(cut),
                    clause: Some(*cite),
                    arithmetic,
                });
            }
        }
    }

    /// Adds charges and reimbursements, each stated amount once.
    pub(super) fn extras<'d>(
        &mut self,
        approved: impl Iterator<Item = Approved<'d, 'a>>,
        world: impl Fn(RowIndex) -> World<'a, 'd>,
    ) where
        'a: 'd,
    {
        let mut seen: Few<(SettlementKind, Fact, usize)> = Few::new();
        for (place, Approved { row, terms, .. }) in approved.enumerate() {
            let charges = terms.charges.iter().map(|c| (SettlementKind::Charge, c));
            let refunds = terms
                .reimbursements
                .iter()
                .map(|r| (SettlementKind::Reimbursement, r));
            for (kind, (stated, cite)) in charges.chain(refunds) {
                let amount = stated_of_row(&world(row.index), *stated);
                let (of_row, line_id) = match stated.spec().field.owner() {
                    Owner::Units => {
                        let line = self.facts.order().lines.get(row.index.line);
                        (place, line.map(|l| l.id))
                    }
                    _ => (0, None),
                };
                if seen.contains(&(kind, *stated, of_row)) {
                    continue;
                }
                seen.push((kind, *stated, of_row));
                let given = amount.unwrap_or_default();
                if kind == SettlementKind::Charge {
                    self.charged = self.charged.plus(given);
                } else {
                    self.reimbursed = self.reimbursed.plus(given);
                }
                self.items.push(SettlementItem {
                    kind,
                    code: stated.word(),
                    line_id,
                    amount,
                    clause: Some(*cite),
                    arithmetic: amount.map_or(
                        Arithmetic::Unknown {
                            amount: stated.word(),
                        },
                        |a| Arithmetic::Stated { stated: a, cap: a },
                    ),
                });
            }
        }
    }
}
