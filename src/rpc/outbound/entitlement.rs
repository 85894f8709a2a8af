//! Writes remedies with their conditions and obligations.

use redress_client::pb;
use redress_client::pb::candidate::Answer;

use super::window::{bound, window};
use super::{Writer, reason};
use crate::domain::money::Amount;
use crate::domain::path::UnitsPlace;
use crate::domain::verdict as v;
use crate::rpc::enums::{self, Wire};

/// Writes a remedy that a clause grants to units at a place of the request.
pub(super) fn entitlement<'p>(
    w: &Writer<'p>,
    entitlement: &v::Entitlement<'p>,
    place: UnitsPlace,
    amount: Option<Amount>,
) -> pb::Entitlement {
    let v::Entitlement {
        remedy,
        clause,
        basis,
        layer,
        window: when,
        conditions,
        obligations,
        return_payer,
        return_risk,
        return_address,
        shaped_by,
    } = entitlement;
    pb::Entitlement {
        remedy: remedy.write(),
        clause_id: clause.id.to_owned(),
        basis: basis.write(),
        layer: layer.write(),
        window: when.as_ref().map(|x| window(w, x)),
        amount: w.amount(amount),
        conditions: w.list(conditions, |w, c| condition(w, c, place)),
        obligations: w.list(obligations, obligation),
        return_payer: enums::write(*return_payer),
        return_risk: enums::write(*return_risk),
        return_address: return_address.unwrap_or_default().to_owned(),
        clause_ids: clause_ids(shaped_by),
    }
}

/// Returns the ids of clauses, ascending and each once.
fn clause_ids(clauses: &[v::Cite<'_>]) -> Vec<String> {
    let mut ids: Vec<String> = clauses.iter().map(|c| c.id.to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Writes an answer that a person can choose.
pub(super) fn candidate<'p>(
    w: &Writer<'p>,
    candidate: &v::Candidate<'p>,
    place: UnitsPlace,
) -> pb::Candidate {
    let v::Candidate {
        answer,
        recommended,
    } = candidate;
    let answer = match answer {
        v::Answer::Entitlement {
            entitlement: granted,
            amount,
        } => Answer::Entitlement(entitlement(w, granted, place, *amount)),
        v::Answer::Refusal(refusal) => Answer::Refusal(reason(w, refusal)),
    };
    pb::Candidate {
        answer: Some(answer),
        recommended: *recommended,
    }
}

fn condition<'p>(
    w: &Writer<'p>,
    condition: &v::Condition<'p>,
    place: UnitsPlace,
) -> pb::ConditionState {
    let v::Condition {
        code,
        status,
        clause,
        path,
        failed,
        presumed,
    } = condition;
    pb::ConditionState {
        code: (*code).to_owned(),
        status: status.write(),
        clause_id: clause.id.to_owned(),
        path: path.of_units(place).to_string(),
        failed_outcome: enums::write(*failed),
        presumed: *presumed,
        text: w.text(|s| s.condition(code, *clause)),
    }
}

fn obligation<'p>(w: &Writer<'p>, obligation: &v::Obligation<'p>) -> pb::Obligation {
    let v::Obligation {
        code,
        party,
        clause,
        due,
    } = obligation;
    pb::Obligation {
        code: (*code).to_owned(),
        party: party.write(),
        clause_id: clause.id.to_owned(),
        due: due.map(bound),
        text: w.text(|s| s.obligation(code, *clause)),
    }
}
