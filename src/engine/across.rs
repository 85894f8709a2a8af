//! Decides an order across a change of terms: by the text it was placed under and
//! by the one in force when it is asked about. Where they differ a person decides.

use super::decide::decide_with;
use crate::domain::facts::Facts;
use crate::domain::few::Few;
use crate::domain::verdict::{
    Answer, Candidate, Cite, Condition, Decision, Entitlement, MissingFact, NextStep, Obligation,
    Outcome, ReasonCode, Row, Settlement, Verdict,
};
use crate::engine::View;
use crate::engine::budget::{Budget, Stopped, Work};
use crate::engine::entitle::draft::{bare, own_reason};
use crate::engine::missing::facts_missing;
use crate::policy::plan::Plan;

/// Holds two revisions of a shop's terms, of which an order can be decided by both.
#[derive(Clone, Copy, Debug)]
pub struct TermsChange<'a> {
    /// The terms that the order was placed under.
    pub old: &'a Plan,
    /// The terms in force at the time of the request.
    pub new: &'a Plan,
    /// The clause of the old terms that says that terms may change.
    pub clause: Cite<'a>,
}

/// Decides one request across a change of terms. The answer is that of the old terms where
/// both agree; otherwise it is reviewed, with the answer of the old ones recommended.
///
/// # Errors
/// It takes more work than the budget has, or was interrupted.
pub fn decide_across<'a>(
    change: TermsChange<'a>,
    facts: &'a Facts<'a>,
    view: View,
    budget: &Budget<'_>,
) -> Result<Verdict<'a>, Stopped> {
    across_with(change, facts, view, &Work::new(*budget))
}

/// Decides as [`decide_across`] does, with work that is left.
pub(crate) fn across_with<'a>(
    change: TermsChange<'a>,
    facts: &'a Facts<'a>,
    view: View,
    work: &Work<'_>,
) -> Result<Verdict<'a>, Stopped> {
    // What the compact view leaves out can differ too.
    let compared = match view {
        View::Compact => View::Basic,
        view @ (View::Basic | View::Full) => view,
    };
    let mut verdict = decide_with(change.old, facts, compared, work)?;
    let mut later = decide_with(change.new, facts, compared, work)?;
    // What a value leads to under one of the texts says nothing of both.
    forget_guides(&mut verdict);
    forget_guides(&mut later);
    if same(&verdict, &later) {
        return Ok(verdict);
    }
    let asks = |v: &Verdict<'_>| v.outcome == Outcome::NeedsInformation;
    if asks(&verdict) || asks(&later) {
        return Ok(needs_information(verdict, later));
    }
    let mut decisions = Few::with_capacity(verdict.rows.len());
    for (row, decision) in verdict.each() {
        let mut candidates = answers(row, decision, true);
        if let Some((row, decision)) = of_units(&later, row) {
            candidates.extend(answers(row, decision, false));
        }
        let reason = own_reason(ReasonCode::TermsChanged, Some(change.clause));
        let mut review = bare(Outcome::NeedsReview, Few::one(reason));
        review.candidates = candidates;
        review.missing = decision.missing.clone();
        decisions.push(review);
    }
    verdict.decisions = decisions;
    for (index, row) in verdict.rows.iter_mut().enumerate() {
        row.decision = index;
        row.amount = None;
        row.next_step = NextStep::Review;
    }
    verdict.outcome = Outcome::NeedsReview;
    verdict.settlement = None;
    Ok(verdict)
}

/// Returns the row of the same units, with what is decided of it.
fn of_units<'v, 'a>(
    verdict: &'v Verdict<'a>,
    row: &Row<'_>,
) -> Option<(&'v Row<'a>, &'v Decision<'a>)> {
    verdict
        .each()
        .find(|(other, _)| other.location == row.location)
}

/// Whatever is missing under one of the texts can decide whether they differ.
fn needs_information<'a>(mut verdict: Verdict<'a>, mut later: Verdict<'a>) -> Verdict<'a> {
    verdict.missing.append(&mut later.missing);
    MissingFact::each_once(&mut verdict.missing);
    let mut decisions: Few<Box<Decision<'a>>> = Few::with_capacity(verdict.rows.len());
    for (row, decision) in verdict.each() {
        let mut missing = decision.missing.clone();
        let more = later
            .each()
            .filter(|(other, _)| other.location == row.location);
        for (_, other) in more {
            missing.append(other.missing.clone());
        }
        MissingFact::each_once(&mut missing.facts);
        decisions.push(match missing.is_empty() {
            true => Box::new(decision.clone()),
            false => facts_missing(missing),
        });
    }
    for (index, (row, decision)) in verdict.rows.iter_mut().zip(&decisions).enumerate() {
        row.decision = index;
        row.amount = row.amount.filter(|_| decision.missing.is_empty());
        row.next_step = NextStep::without_approval(decision.outcome).unwrap_or(row.next_step);
    }
    verdict.decisions = decisions;
    let first = verdict.decisions.first().map(|decision| decision.outcome);
    let mut outcomes = verdict.decisions.iter().map(|d| Some(d.outcome));
    let agree = outcomes.all(|outcome| outcome == first);
    verdict.outcome = first.filter(|_| agree).unwrap_or(Outcome::Mixed);
    verdict.settlement = None;
    verdict
}

/// Takes the guides off the missing facts of a verdict.
fn forget_guides(verdict: &mut Verdict<'_>) {
    let rows = verdict
        .decisions
        .iter_mut()
        .flat_map(|decision| &mut decision.missing.facts);
    for fact in rows.chain(&mut verdict.missing) {
        fact.guide = None;
    }
}

/// Returns what a row answers, as something to choose from.
fn answers<'a>(row: &Row<'a>, decision: &Decision<'a>, recommended: bool) -> Vec<Candidate<'a>> {
    let candidate = |answer| Candidate::of(answer, recommended);
    match (decision.outcome, &decision.entitlement) {
        (Outcome::Approved, Some(entitlement)) => {
            vec![candidate(Answer::Entitlement {
                entitlement: Box::new(entitlement.clone()),
                amount: row.amount,
            })]
        }
        (Outcome::Denied, _) => {
            let reason = decision.reasons.first().cloned();
            reason
                .map(Answer::Refusal)
                .map(candidate)
                .into_iter()
                .collect()
        }
        _ => decision.candidates.clone(),
    }
}

/// Whether two texts give the same answer: outcome, remedy, conditions, obligations,
/// return shipment and money of every row, whichever clauses they rest on. How long one
/// could have waited is no part of the answer.
fn same(one: &Verdict<'_>, other: &Verdict<'_>) -> bool {
    let rows = |v: &Verdict<'_>| v.rows.len();
    one.outcome == other.outcome
        && rows(one) == rows(other)
        && paths(one).eq(paths(other))
        && same_money(one.settlement.as_ref(), other.settlement.as_ref())
        && one.each().zip(other.each()).all(|((a, one), (b, other))| {
            one.outcome == other.outcome
                && a.amount == b.amount
                && same_entitlement(one.entitlement.as_ref(), other.entitlement.as_ref())
        })
}

/// Returns the paths of the facts that an answer misses, in order of path.
fn paths<'v>(verdict: &'v Verdict<'_>) -> impl Iterator<Item = &'v str> {
    let paths = verdict.missing.iter().map(|fact| fact.path.as_str());
    let mut paths: Vec<&str> = paths.collect();
    paths.sort_unstable();
    paths.into_iter()
}

fn same_entitlement(one: Option<&Entitlement<'_>>, other: Option<&Entitlement<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return one.is_none() && other.is_none();
    };
    let state = |c: &Condition<'_>| (c.code.to_owned(), c.status, c.failed);
    let states = |e: &Entitlement<'_>| -> Vec<_> { e.conditions.iter().map(state).collect() };
    let tasks = |e: &Entitlement<'_>| -> Vec<_> {
        let task = |o: &Obligation<'_>| (o.code.to_owned(), o.party, o.due.clone());
        e.obligations.iter().map(task).collect()
    };
    one.remedy == other.remedy
        && states(one) == states(other)
        && one.return_payer == other.return_payer
        && one.return_risk == other.return_risk
        && one.return_address == other.return_address
        && tasks(one) == tasks(other)
}

fn same_money(one: Option<&Settlement<'_>>, other: Option<&Settlement<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return one.is_none() && other.is_none();
    };
    let totals = |s: &Settlement<'_>| {
        (
            s.refund_total,
            s.credit_total,
            s.credit_used_total,
            s.owed_total,
            s.owed_pending_total,
        )
    };
    totals(one) == totals(other)
        && one.due == other.due
        && one.payouts == other.payouts
        && one.release.events == other.release.events
        && one.release.any == other.release.any
}
