//! How a client connects and waits.

use std::fmt;
use std::time::Duration;

use crate::headers::Intercept;

/// Sets how a client connects, how long it waits and how often it tries.
///
/// ```
/// use std::time::Duration;
/// use redress_client::Config;
///
/// let mut config = Config::default();
/// config.deadline = Duration::from_millis(500);
/// config.token = Some("...".to_owned());
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// How long to wait for a connection. 5 seconds unless set.
    pub connect_timeout: Duration,
    /// How many connections calls that come together may open; 0 counts as 1. 4 unless
    /// set, which keep a server of four cores busy; a batch or a stream needs one.
    pub connections: usize,
    /// How long one call may take, all attempts and waits included; the server
    /// is told what is left. 10 seconds unless set.
    pub deadline: Duration,
    /// How often a call is tried at most, the first time included; 0 counts as
    /// 1. Only `UNAVAILABLE` is retried. As often as the deadline allows unless set.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one, and
    /// each wait is a random part of it. 50 milliseconds unless set.
    pub backoff: Duration,
    /// What it doubles up to. 1 second unless set.
    pub max_backoff: Duration,
    /// How long after a look-up of the names of servers the next one follows, where calls
    /// are shared out ([`Client::balanced`](crate::Client::balanced)). 5 seconds unless set.
    pub lookup_interval: Duration,
    /// Bytes of the largest reply that is accepted. 32 MiB unless set, which
    /// holds a full batch at full view.
    pub max_reply_bytes: usize,
    /// The token to carry, for a server that wants one; whoever reads what is sent can call
    /// in the same name, so that it belongs behind TLS. `None`: none.
    pub token: Option<String>,
    /// Headers that each call carries, by name, such as `x-request-id`.
    pub headers: Vec<(String, String)>,
    /// What changes or refuses each call before it is sent. `None`: nothing.
    pub intercept: Option<Intercept>,
    /// Whom to trust where the scheme of the endpoint is `https`.
    pub tls: Tls,
}

// The token must not reach a log by way of a derived implementation.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("connect_timeout", &self.connect_timeout)
            .field("connections", &self.connections)
            .field("deadline", &self.deadline)
            .field("attempts", &self.attempts)
            .field("token", &self.token.is_some())
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            connections: 4,
            deadline: Duration::from_secs(10),
            attempts: u32::MAX,
            backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(1),
            lookup_interval: Duration::from_secs(5),
            max_reply_bytes: 32 << 20,
            token: None,
            headers: Vec::new(),
            intercept: None,
            tls: Tls::default(),
        }
    }
}

impl Config {
    /// Returns the longest wait after a number of failed attempts.
    pub(crate) fn wait_after(&self, failed: u32) -> Duration {
        let doublings = failed.saturating_sub(1).min(16);
        self.backoff
            .saturating_mul(1 << doublings)
            .min(self.max_backoff)
    }
}

/// Sets whom a client trusts.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tls {
    /// Certificates of the authorities to trust, PEM. `None`: the public ones.
    pub ca_pem: Option<Vec<u8>>,
    /// The name that the server's certificate must carry. `None`: the host of
    /// the endpoint.
    pub domain: Option<String>,
    /// The certificate that the client shows. `None`: none, which a server that wants
    /// one refuses.
    pub identity: Option<Identity>,
}

/// A certificate that a client shows, and its key.
#[derive(Clone)]
pub struct Identity {
    /// The certificate chain, PEM.
    pub certificate_pem: Vec<u8>,
    /// The key of the certificate, PEM.
    pub key_pem: Vec<u8>,
}

// The key must not reach a log by way of a derived implementation.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let config = Config::default();
        let waits: Vec<u128> = (1..=7).map(|n| config.wait_after(n).as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1000, 1000]);
        assert_eq!(config.wait_after(u32::MAX), config.max_backoff);
    }
}
