//! Checks what clauses say of each other, once all of them are read.

use std::ops::Range;

use super::SourceSpans;
use crate::domain::facts::{Action, Remedy};
use crate::domain::path::Owner;
use crate::domain::vocabulary::Fact;
use crate::policy::analysis::{self, concerns};
use crate::policy::checked::{CheckedPolicy, Clause, Guard};
use crate::policy::document::Diagnostics;
use crate::policy::terms::{Cheaper, DeliveryShare, Effect, Part, Recommendation, Test};

/// Reports overrides in a circle and references that lead nowhere. `routes` are pairs of an
/// action and the route that it leads to; `spans` says where each clause stands.
pub(super) fn check(
    clauses: &[Clause],
    routes: &[(Action, Action)],
    spans: &[Range<usize>],
    report: &Diagnostics<'_>,
) {
    cycles(clauses, spans, report);
    for (index, clause) in clauses.iter().enumerate() {
        let span = spans.get(index).cloned().unwrap_or(0..0);
        references(clause, clauses, &span, report);
        of_actions(clause, routes, &span, report);
        payments(clause, clauses, &span, report);
    }
}

/// Reports what is asked of windows that cannot be. A policy that is changed on purpose may
/// ask it: a window that was taken away is never past.
fn check_windows(policy: &CheckedPolicy, spans: &SourceSpans, report: &Diagnostics<'_>) {
    for (index, clause) in policy.clauses.iter().enumerate() {
        let span = spans.clauses.get(index).cloned().unwrap_or(0..0);
        windows(clause, &policy.clauses, &span, report);
    }
}

/// Reports tests on facts of an action that does not lead to a route of the clause: nobody
/// can tell them there.
fn of_actions(
    clause: &Clause,
    routes: &[(Action, Action)],
    span: &Range<usize>,
    report: &Diagnostics<'_>,
) {
    let lists = clause
        .guard
        .unless
        .iter()
        .chain(&clause.guard.any)
        .flatten();
    let tests = clause.guard.all.iter().chain(lists);
    let mut told: Vec<(Fact, Action)> = Vec::new();
    for named in tests.filter_map(Test::fact) {
        let Owner::Action(action) = named.fact.spec().field.owner() else {
            continue;
        };
        for route in &clause.routes {
            let leads = routes.contains(&(action, *route));
            if leads || told.contains(&(named.fact, *route)) {
                continue;
            }
            told.push((named.fact, *route));
            let (fact, id) = (named.fact, &clause.id);
            report.add(
                "other-action",
                span.clone(),
                format!(
                    "`{id}` stands on the route `{route}` and tests `{fact}`, which is a fact of \
                     the action `{action}`"
                ),
                format!("give `{route}` a clause of its own, without `{fact}`"),
            );
        }
    }
}

/// Reports what is wrong with a policy as a whole: first what is asked of windows, then what
/// the analysis of all situations finds.
pub(super) fn report_problems(
    policy: &CheckedPolicy,
    spans: &SourceSpans,
    report: &Diagnostics<'_>,
) {
    check_windows(policy, spans, report);
    if !report.is_clean() {
        return;
    }
    for problem in analysis::analyse(policy) {
        let span = |index: &usize| spans.clauses.get(*index).cloned();
        let mut of_route = spans.routes.iter();
        let of_route = of_route.find(|(route, _)| *route == problem.route);
        // Of a route as a whole no clause is the cause.
        let first = problem.clauses.first().and_then(span);
        let first = first.or_else(|| of_route.map(|(_, span)| span.clone()));
        let first = first.unwrap_or(0..0);
        let label = |index: &usize| {
            let id = policy.clauses.get(*index).map_or("", |c| c.id.as_str());
            Some((span(index)?, format!("`{id}`")))
        };
        let related = problem.clauses.iter().skip(1).filter_map(label).collect();
        let (message, help) = problem.describe(policy);
        report.add_related(problem.code(), first, message, help, related);
    }
}

/// Reports clauses that override each other in a circle.
fn cycles(clauses: &[Clause], spans: &[Range<usize>], report: &Diagnostics<'_>) {
    let mut left: Vec<usize> = (0..clauses.len()).collect();
    let overrides_left = |index: &usize, left: &[usize]| {
        clauses
            .get(*index)
            .is_some_and(|c| c.overrides.iter().any(|o| left.contains(o)))
    };
    // What overrides nothing that is left is no part of a circle.
    loop {
        let before = left.len();
        let keep: Vec<usize> = left
            .iter()
            .filter(|p| overrides_left(p, &left))
            .copied()
            .collect();
        left = keep;
        if left.len() == before {
            break;
        }
    }
    let Some(first) = left.first() else { return };
    let mut circle = vec![*first];
    while let Some(next) = circle
        .last()
        .and_then(|p| clauses.get(*p))
        .and_then(|c| c.overrides.iter().find(|o| left.contains(o)))
    {
        if let Some(start) = circle.iter().position(|p| p == next) {
            circle.drain(..start);
            break;
        }
        circle.push(*next);
    }
    let ids: Vec<&str> = circle
        .iter()
        .filter_map(|p| clauses.get(*p))
        .map(|c| c.id.as_str())
        .collect();
    let index = circle.iter().min().copied().unwrap_or(0);
    let message = format!(
        "clauses override each other in a circle: `{}`",
        ids.join("`, `")
    );
    let span = spans.get(index).cloned().unwrap_or(0..0);
    report.add(
        "override-circle",
        span,
        message,
        "remove one of the overrides",
    );
}

/// Reports references between clauses that share no route, and overrides of what cannot
/// be set aside.
fn references(clause: &Clause, clauses: &[Clause], span: &Range<usize>, report: &Diagnostics<'_>) {
    for other in clause.overrides.iter().filter_map(|o| clauses.get(*o)) {
        if matches!(other.effect, Effect::Extends(..)) {
            report.add(
                "overrides-extension",
                span.clone(),
                format!(
                    "`{}` overrides `{}`, which extends a window",
                    clause.id, other.id
                ),
                format!("say in `unless` of `{}` when it does not extend", other.id),
            );
        }
    }
    let mut named: Vec<usize> = clause.overrides.clone();
    named.extend(past(&clause.guard));
    match &clause.effect {
        Effect::Extends(grant, _) => named.push(*grant),
        Effect::Adds(addition) => named.extend(&addition.to),
        Effect::Refers(referral) => match referral.recommends {
            Recommendation::Grant(grant) => named.push(grant),
            Recommendation::None | Recommendation::Refuse => {}
        },
        Effect::Grants(_) | Effect::Refuses(_) => {}
    }
    for other in named.iter().filter_map(|o| clauses.get(*o)) {
        if !other.routes.iter().any(|r| clause.routes.contains(r)) {
            report.add(
                "no-common-route",
                span.clone(),
                format!(
                    "`{}` names `{}`, but they share no route",
                    clause.id, other.id
                ),
                "put both on one route, or remove the reference",
            );
        }
    }
}

/// Reports additions that pay back something with a remedy that pays nothing.
fn payments(clause: &Clause, clauses: &[Clause], span: &Range<usize>, report: &Diagnostics<'_>) {
    let Some(addition) = clause.effect.addition() else {
        return;
    };
    let pays = |part: &Part| match part {
        Part::Delivery(share) => *share != DeliveryShare::None,
        Part::Options(granted) => *granted,
        Part::Difference { cheaper, .. } => *cheaper != Cheaper::Kept,
        Part::Condition(_)
        | Part::Obligation(_)
        | Part::ReturnPayer(_)
        | Part::ReturnRisk(_)
        | Part::ReturnAddress(_)
        | Part::Payee(_)
        | Part::BackTo(_)
        | Part::Due(_)
        | Part::Release(..)
        | Part::Deduct(_)
        | Part::Charge(_)
        | Part::Reimburse(_)
        | Part::Notice(_) => false,
    };
    if !addition.parts.iter().any(pays) {
        return;
    }
    for (index, other) in clauses.iter().enumerate() {
        let pays_nothing = matches!(
            &other.effect,
            Effect::Grants(grant) if grant.remedy == Remedy::Cancellation
        );
        let together = other.routes.iter().any(|r| clause.routes.contains(r));
        if pays_nothing && together && concerns(addition, index, Some(Remedy::Cancellation)) {
            let message = format!(
                "`{}` pays something back with `{}`, whose remedy `cancellation` pays nothing",
                clause.id, other.id
            );
            let help = "name other clauses in `to` or other `remedies`, or grant `refund`";
            report.add("pays-nothing", span.clone(), message, help);
        }
    }
}

/// Reports references to the window of a clause that has none, and extensions that ask
/// where the act falls: extensions move what that is asked of.
fn windows(clause: &Clause, clauses: &[Clause], span: &Range<usize>, report: &Diagnostics<'_>) {
    let mut named: Vec<usize> = past(&clause.guard).collect();
    if let Effect::Extends(grant, _) = &clause.effect {
        if let Some(other) = named.first().and_then(|o| clauses.get(*o)) {
            let message = format!(
                "`{}` extends a window, and asks whether that of `{}` is past",
                clause.id, other.id
            );
            let help = "say by facts and events when it extends";
            report.add("past-in-extension", span.clone(), message, help);
        }
        named.push(*grant);
    }
    named.sort_unstable();
    named.dedup();
    for other in named.iter().filter_map(|o| clauses.get(*o)) {
        if matches!(&other.effect, Effect::Grants(grant) if grant.window.is_none()) {
            let message = format!(
                "`{}` names the window of `{}`, which has none",
                clause.id, other.id
            );
            let help = format!("give `{}` a window with `within`", other.id);
            report.add("no-window", span.clone(), message, help);
        }
    }
}

/// Returns the grants of which a guard asks whether their window is past.
fn past(guard: &Guard) -> impl Iterator<Item = usize> {
    let lists = guard.unless.iter().chain(&guard.any).flatten();
    guard.all.iter().chain(lists).filter_map(|test| match test {
        Test::Past(grant) => Some(*grant),
        Test::YesNo(..)
        | Test::OneOf(..)
        | Test::NoneOf(..)
        | Test::Range(..)
        | Test::Amount(..)
        | Test::Happened(..)
        | Test::NotSupplied(..)
        | Test::Window(..)
        | Test::Week(..)
        | Test::DayIn(..) => None,
    })
}
