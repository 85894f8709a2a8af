//! Writes policies for listing.

use redress_client::pb;

use crate::domain::facts::Action;
use crate::domain::time::Zone;
use crate::policy::plan::Plan;
use crate::policy::register::RegisterEntry;
use crate::rpc::enums::Wire;

/// Writes one revision of a policy, with or without its clauses.
pub fn policy(plan: &Plan, with_clauses: bool) -> pb::Policy {
    // Not taken apart: beside what is listed, a plan holds what decides.
    let clauses = if with_clauses {
        plan.register().into_iter().map(clause).collect()
    } else {
        Vec::new()
    };
    pb::Policy {
        name: format!("policies/{}/revisions/{}", plan.policy, plan.revision),
        policy: plan.policy.to_string(),
        revision: plan.revision.clone(),
        title: plan.title.clone(),
        digest: plan.digest.clone(),
        time_zone: plan.zone.map(Zone::name).unwrap_or_default(),
        layer: plan.layer.write(),
        routes: plan.mapped().map(route).collect(),
        clauses,
        option_codes: plan.option_codes.clone(),
    }
}

fn route((action, route): (Action, Action)) -> pb::Route {
    pb::Route {
        action: action.write(),
        route: route.write(),
    }
}

fn clause(entry: RegisterEntry<'_>) -> pb::Clause {
    let RegisterEntry {
        id,
        source,
        says,
        kind,
        routes,
        overrides,
        inert,
    } = entry;
    pb::Clause {
        clause_id: id.to_owned(),
        source: source.to_owned(),
        text: says.to_owned(),
        kind: kind.write(),
        routes: routes.iter().map(|r| r.write()).collect(),
        overrides: overrides.into_iter().map(str::to_owned).collect(),
        inert_reason: inert.unwrap_or_default().to_owned(),
    }
}
