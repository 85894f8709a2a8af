//! Decides one request under one policy.

use super::budget::{Budget, Stopped, Work};
use super::entitle::decided::{Decided, DecidedRow};
use super::entitle::draft::{Draft, bare, own_reason};
use super::money::RowMoney;
use super::options::alternatives::alternatives;
use super::options::offers;
use super::read::askable::together;
use super::read::context::{Asked, DecisionContext, Scratch};
use super::rows::decide_rows;
use super::settle::step::next_steps;
use super::{View, explain};
use crate::domain::facts::{Action, Facts, RowIndex};
use crate::domain::few::Few;
use crate::domain::verdict::{NextStep, Notice, Outcome, ReasonCode, Receipt, Row, Verdict};
use crate::policy::plan::{Plan, PlanClause};

/// Decides one request under one policy.
///
/// # Errors
/// It takes more work than the budget has, or was interrupted.
pub fn decide<'a>(
    plan: &'a Plan,
    facts: &'a Facts<'a>,
    view: View,
    budget: &Budget<'_>,
) -> Result<Verdict<'a>, Stopped> {
    decide_with(plan, facts, view, &Work::new(*budget))
}

/// Decides as [`decide`] does, with work that is left.
pub(super) fn decide_with<'a>(
    plan: &'a Plan,
    facts: &'a Facts<'a>,
    view: View,
    work: &Work<'_>,
) -> Result<Verdict<'a>, Stopped> {
    let request = facts.request();
    let action = request.ask.action;
    let scratch = Scratch::new(work);
    let context = DecisionContext {
        plan,
        facts,
        scratch: &scratch,
        explains: view == View::Full,
        brief: view == View::Compact,
    };
    let route = plan.route(action);
    let asked = Asked {
        ask: &request.ask,
        hypothetical: false,
    };
    let mut decided = Decided::new();
    match route {
        Some(route) => {
            let (rows, wants) = (facts.rows(), request.wants);
            decide_rows(context, asked, route, rows, wants, &mut decided);
        }
        None => decided = uncovered(plan, facts, action),
    }
    if let (View::Full, Some(route)) = (view, route) {
        offers::tell(context, asked, route, request.wants, &mut decided);
    }
    let steps = next_steps(context, asked, &mut decided);
    let outcome = decided.outcome();
    let drafts = decided.drafts.iter();
    let missing = together(
        facts,
        drafts.map(|draft| &draft.decision.missing),
        context.explains,
    );
    let notices = notices(facts, &decided);
    let is_denied = |draft: &Draft<'a>| draft.decision.outcome == Outcome::Denied;
    let alternatives = match view {
        View::Compact if !decided.drafts.iter().any(is_denied) => Vec::new(),
        View::Compact | View::Basic | View::Full => {
            alternatives(context, route.map(|r| r.route), &decided)
        }
    };
    let mut decisions = decided.drafts.map(|draft| draft.decision);
    let mut steps = steps.into_iter();
    let mut told = decided.rows.each(|of| {
        let line = facts.order().lines.get(of.index.line);
        debug_assert!(line.is_some(), "a row of no line: {:?}", of.index);
        Row {
            // INVARIANT: rows are of lines of the order.
            line_id: line.map_or(facts.order().id, |line| line.id),
            location: of.index.location(),
            quantity: of.index.quantity,
            decision: of.draft,
            amount: of.money.worth,
            next_step: steps.next().unwrap_or(NextStep::Review),
        }
    });
    if let (View::Full, Some(route)) = (view, route) {
        decisions = explain::explain(context, route, &decided.rows, &decided.back, &decisions);
        for (index, row) in told.iter_mut().enumerate() {
            row.decision = index;
        }
    }
    // A verdict of work that ran out of the budget or was interrupted is discarded.
    work.result()?;
    Ok(Verdict {
        order_id: facts.order().id,
        claim_id: request.claim_id,
        outcome,
        action,
        route: route.map(|r| r.route),
        rows: told,
        decisions,
        settlement: decided.settlement,
        missing,
        notices,
        alternatives,
        receipt: receipt(plan, facts),
    })
}

pub(super) fn receipt<'a>(plan: &'a Plan, facts: &'a Facts<'a>) -> Receipt<'a> {
    Receipt {
        policy: &plan.policy,
        revision: &plan.revision,
        digest: &plan.digest_bytes,
        engine: env!("CARGO_PKG_VERSION"),
        tzdb: chrono_tz::IANA_TZDB_VERSION,
        zone: plan.zone,
        request_time: facts.request().request_time,
        decide_time: facts.decide_time(),
    }
}

/// Answers an action that the terms do not cover.
fn uncovered<'a>(plan: &'a Plan, facts: &'a Facts<'a>, action: Action) -> Decided<'a> {
    let clause = plan
        .uncovered
        .iter()
        .find(|(a, _)| *a == action)
        .and_then(|(_, clause)| plan.clause(*clause))
        .map(PlanClause::cite);
    let reason = own_reason(ReasonCode::Uncovered, clause);
    let draft = Draft::of(bare(Outcome::NeedsReview, Few::one(reason)));
    let row = |index: &RowIndex| DecidedRow {
        index: *index,
        draft: 0,
        money: RowMoney::default(),
    };
    Decided {
        rows: facts.rows().iter().map(row).collect(),
        drafts: Few::one(draft),
        back: Vec::new(),
        settlement: None,
    }
}

/// Joins the warnings of rows, each once with the lines it is about.
fn notices<'a>(facts: &'a Facts<'a>, decided: &Decided<'a>) -> Vec<Notice<'a>> {
    let mut joined: Vec<Notice<'a>> = Vec::new();
    if decided.drafts.iter().all(|draft| draft.notices.is_empty()) {
        return joined;
    }
    for (row, draft) in decided.each() {
        let Some(line) = facts.order().lines.get(row.index.line) else {
            continue;
        };
        for notice in &draft.notices {
            let same = |n: &&mut Notice<'a>| n.code == notice.code && n.clause == notice.clause;
            match joined.iter_mut().find(same) {
                Some(known) => {
                    if !known.lines.contains(&line.id) {
                        known.lines.push(line.id);
                    }
                }
                None => joined.push(Notice {
                    lines: vec![line.id],
                    ..notice.clone()
                }),
            }
        }
    }
    joined
}
