//! Quotas of work: an account for each caller.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use crate::rpc::service::Account;

/// How a caller is known, the best way that there is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AccountKey {
    /// By its credentials: its name.
    Name(String),
    /// By its certificate: the SHA-256 of it.
    Certificate([u8; 32]),
    /// By its address.
    Address(IpAddr),
}

/// Knows the account of every caller that has had work done of late.
#[derive(Debug)]
pub(super) struct Quotas {
    steps_per_second: NonZeroU64,
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    by_key: BTreeMap<AccountKey, Arc<Account>>,
    /// Entries at which those that say nothing are removed.
    full: usize,
}

impl Quotas {
    /// Lets each caller have so many steps of work done each second.
    pub(super) fn new(steps_per_second: NonZeroU64) -> Arc<Self> {
        Arc::new(Self {
            steps_per_second,
            accounts: Mutex::default(),
        })
    }

    /// Returns the account of a caller.
    pub(super) fn account(&self, key: AccountKey) -> Arc<Account> {
        /// Entries that are worth no look for those that can be removed.
        const FEW: usize = 64;
        let mut known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.by_key.get(&key) {
            return Arc::clone(account);
        }
        if known.by_key.len() >= known.full {
            // A full account is as good as a new one, unless a call holds it.
            known
                .by_key
                .retain(|_, account| Arc::strong_count(account) > 1 || !account.is_full());
            known.full = known.by_key.len().saturating_mul(2).max(FEW);
        }
        let account = Arc::new(Account::new(self.steps_per_second.get()));
        known.by_key.insert(key, Arc::clone(&account));
        account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_keeps_its_account_and_one_that_rests_is_forgotten() {
        let quotas = Quotas::new(NonZeroU64::MIN);
        let name = |number: usize| AccountKey::Name(number.to_string());
        let first = quotas.account(name(0));
        assert!(Arc::ptr_eq(&first, &quotas.account(name(0))));
        for number in 1..1000 {
            assert!(!Arc::ptr_eq(&first, &quotas.account(name(number))));
        }
        let held = quotas.accounts.lock().expect("no panic").by_key.len();
        assert!(held <= 130, "{held}");
        assert!(Arc::ptr_eq(&first, &quotas.account(name(0))));
    }
}
