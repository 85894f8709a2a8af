//! The answers: from message to reply, around the engine.
//!
//! Pure but for its arguments: whoever calls it brings the policies and the
//! instant that counts as now. Server and command line both answer through here.

use redress_client::pb;

use crate::domain::facts::OrderOption;
use crate::domain::path::At;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{OptionRow, OptionStatus, Outcome};
use crate::domain::violation::{Violation, ViolationKind};
use crate::domain::vocabulary::Event;
pub use crate::engine::Budget;
use crate::engine::{self, NoOptions, Options, TermsChange};
use crate::policy::catalog::{Catalog, NotFound};
use crate::policy::plan::Plan;
use crate::text::Localizer;
use crate::wire::error::CallError;
use crate::wire::inbound::reader::quote;
use crate::wire::inbound::{self, DecideInput, PolicyChoice, shared};
use crate::wire::outbound;
use crate::wire::reply::{EncodedVerdict, OptionsReply};

/// Holds a verdict as it leaves, and what a log says of it.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// The verdict.
    pub verdict: EncodedVerdict,
    /// The caller's id of the order.
    pub order_id: &'a str,
    /// The caller's id of the case; empty: none.
    pub claim_id: &'a str,
    /// The policy.
    pub policy: &'a str,
    /// Its revision.
    pub revision: &'a str,
    /// The outcome.
    pub outcome: Outcome,
    /// The names of the facts that it asks for, each as often as it is asked for.
    pub missing: Vec<&'static str>,
}

/// Decides one request; where it names no instant, it is made `now`.
///
/// # Errors
/// The request has violations, there is no such policy, or it takes too much work.
pub fn decide<'a>(
    catalog: &'a Catalog,
    message: &'a pb::DecideRequest,
    now: Instant,
    budget: &Budget<'_>,
) -> Result<Decided<'a>, CallError> {
    let spread = shared::spread(message);
    let answered = answer(catalog, spread.as_ref().unwrap_or(message), now, budget);
    let (verdict, outcome, missing, plan) = match (answered, &spread) {
        (Err(CallError::Invalid(found)), Some(_)) => {
            let own = violations(answer(catalog, message, now, budget).err());
            return Err(CallError::Invalid(shared::rename(found, &own)));
        }
        (answered, _) => answered?,
    };
    let request = message.request.as_ref();
    Ok(Decided {
        verdict,
        order_id: message.order.as_ref().map_or("", |order| &order.order_id),
        claim_id: request.map_or("", |request| &request.claim_id),
        policy: plan.policy.as_str(),
        revision: &plan.revision,
        outcome,
        missing,
    })
}

/// A verdict, its outcome, the names of what it asks for, and the terms that decided.
type AnsweredBy<'c> = (EncodedVerdict, Outcome, Vec<&'static str>, &'c Plan);

/// Answers a request in which each line, parcel and group of units says what holds for all.
fn answer<'c>(
    catalog: &'c Catalog,
    message: &pb::DecideRequest,
    now: Instant,
    budget: &Budget<'_>,
) -> Result<AnsweredBy<'c>, CallError> {
    let mut input = DecideInput::new(now);
    input.read(message).map_err(CallError::Invalid)?;
    let order = input.facts.order();
    let plan = find(catalog, &input.choice, order.facts.event(Event::Place));
    let mut violations = undeclared(&plan, &order.options);
    let request_time = input.facts.request().request_time;
    let later = plan.as_ref().ok();
    let later = later.and_then(|plan| later_of(catalog, &input.choice, plan, request_time));
    if let Ok(plan) = plan {
        let plans = [Some(plan), later];
        let plans: Vec<&Plan> = plans.into_iter().flatten().collect();
        violations.extend(inbound::declared(message, &plans, &mut input.facts));
    }
    let facts = match input.facts.check() {
        Ok(facts) => Some(facts),
        Err(found) => {
            violations.extend(found);
            None
        }
    };
    let (Some(facts), true) = (facts, violations.is_empty()) else {
        return Err(CallError::Invalid(violations));
    };
    let plan = plan?;
    let verdict = match (&plan.across, later) {
        (Some(across), Some(later)) => {
            let change = TermsChange {
                old: plan,
                new: later,
                clause: across,
            };
            engine::decide_across(change, facts, input.view, budget)
        }
        _ => engine::decide(plan, facts, input.view, budget),
    };
    let verdict = verdict.map_err(CallError::Stopped)?;
    let order = facts.order();
    let encoded = outbound::verdict(
        &verdict,
        order.currency,
        input.view,
        Localizer::new(plan, input.languages),
        &plan.word_lists,
    );
    let missing = verdict.missing.iter();
    let missing = missing.map(|fact| fact.question.name()).collect();
    Ok((encoded, verdict.outcome, missing, plan))
}

/// Returns the violations of a request that is refused for them.
fn violations(error: Option<CallError>) -> Vec<Violation> {
    match error {
        Some(CallError::Invalid(violations)) => violations,
        Some(_) | None => Vec::new(),
    }
}

/// Lists what is possible with an order; where the request names no instant, it
/// asks about `now`.
///
/// # Errors
/// The request has violations, there is no such policy, or it takes too much work.
pub fn list_options(
    catalog: &Catalog,
    message: &pb::ListOptionsRequest,
    now: Instant,
    budget: &Budget<'_>,
) -> Result<OptionsReply, CallError> {
    let order = message.order.as_ref().and_then(shared::spread_order);
    let Some(order) = order else {
        return options(catalog, message, now, budget);
    };
    let spread = pb::ListOptionsRequest {
        order: Some(order),
        ..message.clone()
    };
    match options(catalog, &spread, now, budget) {
        Err(CallError::Invalid(found)) => {
            let own = violations(options(catalog, message, now, budget).err());
            Err(CallError::Invalid(shared::rename(found, &own)))
        }
        listed => listed,
    }
}

/// Lists what is possible with an order in which each line and parcel says what holds for
/// all.
fn options(
    catalog: &Catalog,
    message: &pb::ListOptionsRequest,
    now: Instant,
    budget: &Budget<'_>,
) -> Result<OptionsReply, CallError> {
    let mut input = inbound::list_options_request(message, now).map_err(CallError::Invalid)?;
    let placed = input.query.order.facts.event(Event::Place);
    let currency = input.query.order.currency;
    let request_time = input.query.request_time;
    let plan = find(catalog, &input.choice, placed);
    let mut violations = undeclared(&plan, &input.query.order.options);
    let later = plan.as_ref().ok();
    let later = later.and_then(|plan| later_of(catalog, &input.choice, plan, request_time));
    if let Ok(plan) = plan {
        let plans = [Some(plan), later];
        let plans: Vec<&Plan> = plans.into_iter().flatten().collect();
        let (order, told) = (&mut input.query.order, message.order.as_ref());
        violations.extend(inbound::declared_of_order(told, &plans, order));
    }
    let options = match Options::new(input.query) {
        Ok(options) => Some(options),
        Err(found) => {
            violations.extend(found.into_iter().map(without_request));
            None
        }
    };
    let (Some(options), true) = (options, violations.is_empty()) else {
        return Err(CallError::Invalid(violations));
    };
    let plan = plan?;
    let asks = options.asks(plan, budget).map_err(CallError::Stopped)?;
    let (mut list, receipt) = match (&plan.across, later) {
        (Some(across), Some(later)) => {
            let change = TermsChange {
                old: plan,
                new: later,
                clause: across,
            };
            asks.list_across(change, input.view, budget)
                .map_err(|why| match why {
                    NoOptions::Invalid(violations) => CallError::Invalid(violations),
                    NoOptions::Stopped(why) => CallError::Stopped(why),
                })?
        }
        _ => asks
            .list(plan, input.view, budget)
            .map_err(CallError::Stopped)?,
    };
    let wanted =
        |status: &OptionStatus| input.statuses.is_empty() || input.statuses.contains(status);
    list.retain(|option| wanted(&option.status));
    // Options with requests all differ.
    let rows = match input.with_requests {
        true => list.into_iter().map(OptionRow::of).collect(),
        false => engine::fold(list),
    };
    Ok(outbound::options(
        &rows,
        &receipt,
        currency,
        input.view,
        input.with_requests,
        Localizer::new(plan, input.languages),
        &plan.word_lists,
    ))
}

/// Gets one policy revision with its clauses, by its resource name.
///
/// # Errors
/// The name has another form, or there is no such policy.
pub fn get_policy(
    catalog: &Catalog,
    message: pb::GetPolicyRequest,
) -> Result<pb::GetPolicyResponse, CallError> {
    let pb::GetPolicyRequest { name } = message;
    let choice = inbound::policy_name(&name).map_err(CallError::Invalid)?;
    let plan = find(catalog, &choice, EventTime::Unknown)?;
    Ok(pb::GetPolicyResponse {
        policy: Some(outbound::policy(plan, true)),
    })
}

fn find<'c>(
    catalog: &'c Catalog,
    choice: &PolicyChoice<'_>,
    placed: EventTime,
) -> Result<&'c Plan, CallError> {
    let PolicyChoice { policy, revision } = *choice;
    if catalog.plans().next().is_none() {
        return Err(CallError::CatalogUnusable);
    }
    catalog
        .find(policy, revision, placed)
        .map_err(|why| match why {
            NotFound::Policy => CallError::PolicyNotFound {
                policy: policy.to_owned(),
            },
            NotFound::Revision => CallError::RevisionNotFound {
                policy: policy.to_owned(),
                revision: revision.map(str::to_owned),
            },
        })
}

/// Returns the later terms by which an order is decided too. A caller who pins a
/// revision is answered by that one alone.
fn later_of<'c>(
    catalog: &'c Catalog,
    choice: &PolicyChoice<'_>,
    plan: &Plan,
    request_time: Instant,
) -> Option<&'c Plan> {
    match choice.revision {
        Some(_) => None,
        None => catalog.later(plan, request_time),
    }
}

/// Returns the options whose code the policy does not declare.
fn undeclared(plan: &Result<&Plan, CallError>, options: &[OrderOption<'_>]) -> Vec<Violation> {
    let Ok(plan) = plan else {
        return Vec::new();
    };
    let declared = |code: &str| plan.option_codes.iter().any(|c| c == code);
    let known = || match plan.option_codes.as_slice() {
        [] => "none".to_owned(),
        codes => format!("`{}`", codes.join("`, `")),
    };
    options
        .iter()
        .enumerate()
        .filter(|(_, option)| !declared(option.code))
        .map(|(index, option)| {
            let why = format!(
                "{} is not an option of policy `{}`; it declares {}",
                quote(option.code),
                plan.policy,
                known()
            );
            let option = At::ORDER.element("options", index);
            Violation::new(option.field("code"), ViolationKind::UnknownReference, why)
        })
        .collect()
}

/// Names a field as the request for options has it, which holds the fields of a
/// customer's request itself.
fn without_request(of: Violation) -> Violation {
    let field = match of.field.strip_prefix("request.") {
        Some(own) => own.to_owned(),
        None if of.field == "decide_time" => "request_time".to_owned(),
        None => of.field,
    };
    let description = of.description.replace("`request.", "`");
    Violation::new(field, of.kind, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_options_have_no_request() {
        let at = |field: &str, why: &str| Violation::new(field, ViolationKind::EventOrder, why);
        assert_eq!(
            without_request(at("request.lines[0].line_id", "see `request.lines`")),
            at("lines[0].line_id", "see `lines`")
        );
        assert_eq!(
            without_request(at("decide_time", "")),
            at("request_time", "")
        );
        assert_eq!(
            without_request(at("order.lines", "")),
            at("order.lines", "")
        );
    }
}
