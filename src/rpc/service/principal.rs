//! Who makes a call, as the server knows it.

use std::collections::BTreeSet;

use crate::rpc::status::CallError;
use crate::wire::inbound;

/// A caller that is known by its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: String,
    policies: Option<BTreeSet<String>>,
}

impl Principal {
    /// Names a caller, and the policies that it may ask about; `None`: all.
    pub fn new(name: impl Into<String>, policies: Option<BTreeSet<String>>) -> Self {
        let name = name.into();
        Self { name, policies }
    }

    /// Returns its name, for logs and quotas.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may ask about all policies.
    pub fn is_unrestricted(&self) -> bool {
        self.policies.is_none()
    }

    /// Whether it may ask about a policy.
    pub fn may_ask(&self, policy: &str) -> bool {
        let policies = self.policies.as_ref();
        policies.is_none_or(|policies| policies.contains(policy))
    }

    /// Refuses a policy that the caller may not ask about, as if it was not loaded. What is no
    /// id of a policy is left to whoever reads the request.
    pub(super) fn check(&self, policy: &str) -> Result<(), CallError> {
        match inbound::policy_filter(policy) {
            Ok(Some(policy)) if !self.may_ask(policy) => Err(CallError::PolicyNotFound {
                policy: policy.to_owned(),
            }),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_policy_is_as_good_as_not_loaded() {
        let policies = Some(BTreeSet::from(["shop-a".to_owned()]));
        let caller = Principal::new("checkout", policies);
        assert_eq!(caller.check("shop-a"), Ok(()));
        let policy = "shop-b".to_owned();
        assert_eq!(
            caller.check("shop-b"),
            Err(CallError::PolicyNotFound { policy })
        );
        // These are refused with what is wrong with them.
        assert_eq!(caller.check(""), Ok(()));
        assert_eq!(caller.check(&"x".repeat(1000)), Ok(()));
        let none = Principal::new("checkout", Some(BTreeSet::new()));
        assert!(!none.may_ask("shop-a") && !none.is_unrestricted());
        assert!(Principal::new("checkout", None).may_ask("shop-b"));
    }
}
