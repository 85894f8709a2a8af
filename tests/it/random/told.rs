//! Writes what a verdict says, so that verdicts of lists in another order compare.

use redress::domain::facts::Request;
use redress::domain::verdict::{
    Alternative, Answer, Candidate, Condition, Decision, Dependence, Entitlement, Missing, Notice,
    Obligation, Payout, Reason, Release, Row, Settlement, SettlementItem, Verdict,
};

/// Tells where the entries of shuffled lists stood before. A list that is empty, or too
/// short, was not shuffled.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub lines: Vec<usize>,
    pub shipments: Vec<usize>,
    pub options: Vec<usize>,
    pub earlier: Vec<usize>,
    pub request_lines: Vec<usize>,
    /// By line as it stands in the request that was shuffled. Groups that are equal have
    /// the place of the first of them.
    pub groups: Vec<Vec<usize>>,
}

fn original(places: &[usize], place: usize) -> usize {
    places.get(place).copied().unwrap_or(place)
}

impl Origin {
    /// Tells where entries stand in lists that are not shuffled.
    pub fn of(request: &Request<'_>) -> Self {
        let lines = request.lines.iter();
        let groups = lines.map(|line| {
            let first = |group| line.groups.iter().position(|other| other == group);
            line.groups.iter().filter_map(first).collect()
        });
        Self {
            groups: groups.collect(),
            ..Self::default()
        }
    }

    /// Writes a field path as it would be before the lists were shuffled.
    pub fn path(&self, path: &str) -> String {
        let Some((list, place, rest)) = entry(path) else {
            return path.to_owned();
        };
        let places = match list {
            "order.lines" => &self.lines,
            "order.shipments" => &self.shipments,
            "order.options" => &self.options,
            "order.earlier_remedies" => &self.earlier,
            "request.lines" => &self.request_lines,
            _ => return path.to_owned(),
        };
        let groups = self.groups.get(place).filter(|_| list == "request.lines");
        let rest = match (groups, entry(rest)) {
            (Some(groups), Some((".groups", group, rest))) => {
                format!(".groups[{}]{rest}", original(groups, group))
            }
            _ => rest.to_owned(),
        };
        format!("{list}[{}]{rest}", original(places, place))
    }

    fn reason(&self, reason: &Reason<'_>) -> String {
        let Reason {
            code,
            clause,
            facts,
        } = reason;
        let facts = facts.iter().map(|(path, value)| (self.path(path), value));
        let mut facts: Vec<_> = facts.collect();
        facts.sort();
        format!("{code} by {:?} {facts:?}", clause.map(|c| &c.id))
    }

    fn condition(&self, row: &Row<'_>, condition: &Condition<'_>) -> String {
        let Condition {
            code,
            status,
            clause,
            path,
            failed,
            presumed,
            holds_money,
        } = condition;
        let path = self.path(&path.of_units(row.location).to_string());
        format!(
            "condition {code} {status} by {} at {path}, else {failed:?}, {presumed} {holds_money}",
            clause.id
        )
    }

    fn entitlement(&self, row: &Row<'_>, entitlement: &Entitlement<'_>) -> Vec<String> {
        let Entitlement {
            remedy,
            clause,
            basis,
            layer,
            window,
            conditions,
            obligations,
            return_payer,
            return_risk,
            return_address,
            shaped_by,
            depends_on,
            possible,
        } = entitlement;
        let mut told = vec![format!(
            "{remedy} by {} for {basis} of {layer}, {return_payer:?} {return_risk:?} \
             {return_address:?}",
            clause.id
        )];
        told.push(format!("{window:?} in {possible:?}"));
        told.extend(conditions.iter().map(|c| self.condition(row, c)));
        for Obligation {
            code,
            party,
            clause,
            due,
        } in obligations
        {
            told.push(format!(
                "{party} has to {code} by {} until {due:?}",
                clause.id
            ));
        }
        let shaped_by: Vec<_> = shaped_by.iter().map(|c| &c.id).collect();
        told.push(format!("shaped by {shaped_by:?}"));
        for Dependence { part, facts } in depends_on {
            let facts = facts.iter().map(|fact| self.path(&fact.path));
            told.push(format!("{part} depends on {:?}", sorted(facts)));
        }
        told
    }

    /// Writes all that a row is told but for its money.
    pub fn decision(&self, (row, decision): (&Row<'_>, &Decision<'_>)) -> Vec<String> {
        let Decision {
            outcome,
            reasons,
            entitlement,
            candidates,
            missing,
            window,
            regardless_of,
        } = decision;
        let mut told = vec![outcome.to_string()];
        let Missing {
            facts,
            other_prices,
            order_value: _,
        } = missing;
        let facts = facts.iter().map(|fact| self.path(&fact.path));
        let others = if *other_prices {
            " and other prices"
        } else {
            ""
        };
        told.push(format!("misses {:?}{others}", sorted(facts)));
        let regardless_of = regardless_of.iter().map(|path| self.path(path));
        told.push(format!("regardless of {:?}", sorted(regardless_of)));
        told.extend(reasons.iter().map(|reason| self.reason(reason)));
        if let Some(entitlement) = entitlement {
            told.extend(self.entitlement(row, entitlement));
        }
        for Candidate {
            answer,
            recommended,
            order_items,
            owed,
        } in candidates
        {
            let items = sorted(order_items.iter().map(|item| format!("{item:?}")));
            told.push(format!(
                "candidate, recommended: {recommended}, {items:?}, owed {owed:?}"
            ));
            told.extend(match answer {
                Answer::Entitlement {
                    entitlement,
                    amount,
                } => {
                    let mut told = self.entitlement(row, entitlement);
                    told.push(format!("{amount:?}"));
                    told
                }
                Answer::Refusal(reason) => vec![self.reason(reason)],
            });
        }
        told.push(format!("{window:?}"));
        told
    }

    /// Writes what the rows of a verdict are told, sorted.
    pub fn rows(&self, verdict: &Verdict<'_>) -> Vec<String> {
        let row = |(row, decision): (&Row<'_>, &Decision<'_>)| {
            let place = format!(
                "request.lines[{}].groups[{}]",
                row.location.request_line, row.location.group
            );
            format!(
                "{} of {} at {}: {:?}\n  {}",
                row.quantity,
                row.line_id,
                self.path(&place),
                row.amount,
                self.decision((row, decision)).join("\n  ")
            )
        };
        sorted(verdict.each().map(row))
    }

    /// Writes what a verdict says of the whole request, sorted.
    pub fn whole(verdict: &Verdict<'_>) -> Vec<String> {
        let mut told = vec![format!("{} {:?}", verdict.outcome, verdict.route)];
        for Notice {
            code,
            clause,
            lines,
        } in &verdict.notices
        {
            let lines = sorted(lines.iter().map(|line| line.to_string()));
            told.push(format!(
                "notice {code} by {:?} of {lines:?}",
                clause.map(|c| &c.id)
            ));
        }
        told.extend(verdict.settlement.iter().flat_map(settlement));
        told.extend(verdict.alternatives.iter().map(alternative));
        told.sort();
        told
    }
}

/// Returns the texts that are not among others, with a sign.
pub fn only(sign: &str, texts: &[String], others: &[String]) -> Vec<String> {
    let only = texts.iter().filter(|text| !others.contains(text));
    only.map(|text| format!("{sign} {text}")).collect()
}

/// Returns the list, the place and the rest of a path into a list.
fn entry(path: &str) -> Option<(&str, usize, &str)> {
    let (list, rest) = path.split_once('[')?;
    let (place, rest) = rest.split_once(']')?;
    Some((list, place.parse().ok()?, rest))
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

/// Writes a settlement.
fn settlement(settlement: &Settlement<'_>) -> Vec<String> {
    let Settlement {
        currency,
        items,
        refund_total,
        credit_total,
        credit_used_total,
        owed_total,
        owed_pending_total,
        payable_now_total,
        whole_order,
        rounding_difference,
        payouts,
        due,
        release,
    } = settlement;
    let mut told = vec![
        format!(
            "{currency:?}: refund {refund_total:?}, credit {credit_total:?}, credit used \
             {credit_used_total:?}, owed {owed_total:?} or {owed_pending_total:?}, now {payable_now_total:?}, whole order: {whole_order}"
        ),
        format!("due {due:?}, rounding {rounding_difference:?}"),
    ];
    for SettlementItem {
        kind,
        code,
        line_id,
        shipment_id,
        amount,
        clause,
        arithmetic,
    } in items
    {
        let clause = clause.map(|c| &c.id);
        told.push(format!(
            "{kind} {code} {line_id:?} {shipment_id:?} {amount:?} {clause:?} {arithmetic:?}"
        ));
    }
    for Payout {
        payment_id,
        method,
        payee_id,
        payee_code,
        amount,
    } in payouts
    {
        told.push(format!(
            "pays {amount:?} to {payment_id:?} {method:?} {payee_id:?} {payee_code:?}"
        ));
    }
    let Release {
        events,
        any,
        since,
        conditions,
    } = release;
    let events = sorted(events.iter().map(|event| event.to_string()));
    let conditions = sorted(conditions.iter().map(|code| (*code).to_owned()));
    told.push(format!(
        "released by {events:?}, any: {any}, since {since:?}, {conditions:?}"
    ));
    told
}

fn alternative(alternative: &Alternative<'_>) -> String {
    let Alternative {
        action,
        remedy,
        status,
        clause,
        lines,
        amount,
        window,
        missing: _,
        reason_class,
        order_items,
        owed,
    } = alternative;
    let items = sorted(order_items.iter().map(|item| format!("{item:?}")));
    let lines = sorted(lines.iter().map(|line| line.to_string()));
    let clause = clause.map(|c| &c.id);
    format!(
        "{action} {remedy:?} {reason_class:?} {status} by {clause:?} of {lines:?}: {amount:?} \
         {owed:?} {items:?} {window:?}"
    )
}
