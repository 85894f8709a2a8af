//! Cedar: whether a line is approved, and by which policy.
//!
//! One authorization call a line. Amounts, windows and the reason of a denial stay
//! outside: Cedar returns no values.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, Policy, PolicyId, PolicySet, Request,
    RestrictedExpression,
};

use super::{Answer, Before, Part, Peer, word};
use crate::hand::Order;

/// The policies, each under the id of its clause.
const POLICIES: [(&str, &str); 2] = [
    (
        "BAS-07",
        r#"permit(principal, action == Action::"return", resource == Shop::"baseline")
           when { !context.personalized && !context.worn && context.days <= 30 };"#,
    ),
    (
        "BAS-03",
        r#"permit(principal, action == Action::"return", resource == Shop::"baseline")
           when { context.personalized && context.days <= 14 };"#,
    ),
];

/// Cedar with its policies.
pub(super) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
}

impl Cedar {
    pub(super) fn new() -> Self {
        let mut policies = PolicySet::new();
        for (id, text) in POLICIES {
            let policy = Policy::parse(Some(PolicyId::new(id)), text);
            let added = policies.add(policy.expect("a valid policy"));
            added.expect("an id of its own");
        }
        let entity = |text: &str| text.parse().expect("an entity");
        Self {
            authorizer: Authorizer::new(),
            policies,
            entities: Entities::empty(),
            principal: entity(r#"Customer::"c""#),
            action: entity(r#"Action::"return""#),
            resource: entity(r#"Shop::"baseline""#),
        }
    }
}

impl Peer for Cedar {
    fn name(&self) -> &'static str {
        "cedar, 2 policies"
    }

    fn decide(&mut self, order: &Order, before: &[Before]) -> Answer {
        let lines = order.lines.iter().zip(before);
        let rows = lines.map(|(line, before)| {
            let boolean = RestrictedExpression::new_bool;
            let context = Context::from_pairs([
                (
                    "days".to_owned(),
                    RestrictedExpression::new_long(before.days),
                ),
                ("personalized".to_owned(), boolean(line.personalized)),
                ("worn".to_owned(), boolean(line.worn)),
            ]);
            let request = Request::new(
                self.principal.clone(),
                self.action.clone(),
                self.resource.clone(),
                context.expect("a context"),
                None,
            );
            let request = request.expect("a request without a schema");
            let policies = &self.policies;
            let response = self
                .authorizer
                .is_authorized(&request, policies, &self.entities);
            let approved = response.decision() == Decision::Allow;
            let by = response.diagnostics().reason().next();
            let clause = by.and_then(|id| word(id.as_ref()));
            Part {
                approved: Some(approved),
                credit: clause.map(|clause| clause == "BAS-03"),
                clause,
                ..Part::default()
            }
        });
        Answer {
            rows: rows.collect(),
            total: None,
        }
    }
}
