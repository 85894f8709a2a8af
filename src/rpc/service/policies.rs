//! `PolicyService`: which policies decide, and what they say.

use std::sync::Arc;

use redress_client::pb;
use redress_client::pb::policy_service_server::PolicyService;
use tonic::{Request, Response, Status};

use super::{CatalogHandle, InUse, Principal};
use crate::domain::time::Instant;
use crate::policy::catalog::Catalog;
use crate::policy::plan::Plan;
use crate::rpc::page;
use crate::rpc::status::CallError;
use crate::wire::{answer, inbound, outbound};

/// Serves policies for reading.
#[derive(Clone, Debug)]
pub struct Policies {
    catalog: CatalogHandle,
}

impl Policies {
    /// Serves these policies.
    pub fn new(catalog: CatalogHandle) -> Self {
        Self { catalog }
    }
}

#[tonic::async_trait]
impl PolicyService for Policies {
    async fn list_policies(
        &self,
        request: Request<pb::ListPoliciesRequest>,
    ) -> Result<Response<pb::ListPoliciesResponse>, Status> {
        let in_use = self.catalog.in_use();
        let principal = principal(&request);
        let listed = list(&in_use.catalog, principal.as_deref(), request.into_inner())?;
        let mut set = policy_set(&in_use);
        if principal.is_some_and(|principal| !principal.is_unrestricted()) {
            // The reason can name policies of others.
            set.rejected_load = None;
        }
        Ok(Response::new(pb::ListPoliciesResponse {
            policy_set: Some(set),
            ..listed
        }))
    }

    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        let catalog = self.catalog.current();
        if let Some(principal) = principal(&request)
            && let Ok(choice) = inbound::policy_name(&request.get_ref().name)
        {
            principal.check(choice.policy)?;
        }
        let reply = answer::get_policy(&catalog, request.into_inner())?;
        Ok(Response::new(reply))
    }
}

/// Returns who makes a call, where callers are known.
fn principal<M>(request: &Request<M>) -> Option<Arc<Principal>> {
    request.extensions().get::<Arc<Principal>>().cloned()
}

/// Tells of the policies in use as a whole.
fn policy_set(in_use: &InUse) -> pb::PolicySet {
    let rejected = in_use.rejected.as_ref();
    pb::PolicySet {
        digest: in_use.digest.to_string(),
        load_time: Some(timestamp(in_use.loaded)),
        rejected_load: rejected.map(|rejected| pb::RejectedLoad {
            reject_time: Some(timestamp(rejected.at)),
            reason: rejected.reason.to_string(),
        }),
    }
}

fn timestamp(instant: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: instant.unix_seconds(),
        nanos: i32::try_from(instant.nanos()).unwrap_or_default(),
    }
}

/// Lists a page of the loaded revisions that the caller may ask about, by policy and date. A policy that is
/// not loaded has no revisions, which is an answer.
fn list(
    catalog: &Catalog,
    principal: Option<&Principal>,
    message: pb::ListPoliciesRequest,
) -> Result<pb::ListPoliciesResponse, CallError> {
    let pb::ListPoliciesRequest {
        page_size,
        page_token,
        policy: filter,
    } = message;
    let mut violations = Vec::new();
    let size = page::size(page_size).map_err(|v| violations.push(v));
    let after = page::after(&page_token, &filter).map_err(|v| violations.push(v));
    let policy = inbound::policy_filter(&filter).map_err(|v| violations.extend(v));
    let (Ok(size), Ok(after), Ok(policy)) = (size, after, policy) else {
        return Err(CallError::Invalid(violations));
    };
    let mut plans: Vec<(page::Key, &Plan)> = catalog
        .plans()
        .filter(|plan| policy.is_none_or(|p| p == plan.policy.as_str()))
        .filter(|plan| principal.is_none_or(|p| p.may_ask(plan.policy.as_str())))
        .map(|plan| (key(plan), plan))
        .collect();
    plans.sort_by(|a, b| a.0.cmp(&b.0));
    let (page, last) = page::cut(plans, after.as_ref(), size);
    Ok(pb::ListPoliciesResponse {
        policies: page
            .into_iter()
            .map(|p| outbound::policy(p, false))
            .collect(),
        policy_set: None,
        next_page_token: last.map(|l| page::token(&filter, &l)).unwrap_or_default(),
    })
}

/// Sorts by policy, then date; what is in force since always comes first.
fn key(plan: &Plan) -> page::Key {
    let date = match plan.revision.as_str() {
        "always" => "",
        date => date,
    };
    (plan.policy.to_string(), date.to_owned())
}
