//! Who is at the other end: callers by address, and what each of them holds.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Semaphore;

use super::config::{Limits, REPLY_BYTES};
use super::connection::Connection;
use super::fair_share::{Pool, Share};
use super::metrics::{ConnectionEnd, Metrics};

/// Holds what one caller, known by its address, has of what all share.
#[derive(Debug)]
pub struct Peer {
    pub(super) address: IpAddr,
    pub(super) connections: Arc<Share>,
    /// Requests in work.
    pub(super) requests: Arc<Share>,
    /// Bytes of replies that it has not taken yet.
    pub(super) unsent: Arc<Share>,
}

/// Knows every caller that has a connection.
#[derive(Debug)]
pub struct Peers {
    connection_unsent_bytes: usize,
    connections: Arc<Pool>,
    requests: Arc<Pool>,
    unsent: Arc<Pool>,
    batches: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    by_address: Mutex<ByAddress>,
}

/// How much all callers hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    pub connections: usize,
    /// Requests in work.
    pub requests: usize,
    /// Bytes of replies that were not taken yet.
    pub unsent_bytes: usize,
}

#[derive(Debug, Default)]
struct ByAddress {
    peers: BTreeMap<IpAddr, Weak<Peer>>,
    /// Entries at which those of callers that have gone are removed.
    full: usize,
}

impl Peers {
    /// As [`Peers::counted`], and nobody looks at what is counted.
    #[cfg(test)]
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Self::counted(limits, Arc::default())
    }

    /// Knows nobody yet; all together may hold what the limits say, and what they do is
    /// counted.
    pub(super) fn counted(limits: Limits, metrics: Arc<Metrics>) -> Arc<Self> {
        // The largest replies of as many batches as are decided at once are as much as
        // may wait to be taken.
        let batches = (limits.unsent_bytes / REPLY_BYTES).clamp(1, Semaphore::MAX_PERMITS);
        let peers = Arc::new(Self {
            connection_unsent_bytes: limits.connection_unsent_bytes,
            connections: Pool::new(limits.connections),
            requests: Pool::new(limits.concurrent_requests),
            unsent: Pool::new(limits.unsent_bytes),
            batches: Arc::new(Semaphore::new(batches)),
            metrics: Arc::clone(&metrics),
            by_address: Mutex::default(),
        });
        metrics.watch_peers(&peers);
        peers
    }

    /// Returns how much they all hold.
    pub(super) fn usage(&self) -> Usage {
        Usage {
            connections: self.connections.taken(),
            requests: self.requests.taken(),
            unsent_bytes: self.unsent.taken(),
        }
    }

    /// Takes a connection from an address in. `None`: there are too many, or the caller
    /// has its share of them.
    pub fn connect(&self, address: IpAddr) -> Option<Arc<Connection>> {
        let peer = self.peer(caller(address));
        let Some(lease) = peer.connections.try_take() else {
            let why = format_args!("too many connections, from {address}");
            self.metrics.connection_ended(ConnectionEnd::TooMany, &why);
            return None;
        };
        self.metrics.connected();
        let batches = Arc::clone(&self.batches);
        let unsent_limit = self.connection_unsent_bytes;
        let metrics = Arc::clone(&self.metrics);
        Some(Connection::new(peer, lease, batches, unsent_limit, metrics))
    }

    fn peer(&self, address: IpAddr) -> Arc<Peer> {
        /// Entries that are worth no look for those that can be removed.
        const FEW: usize = 64;
        let mut known = self
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(peer) = known.peers.get(&address).and_then(Weak::upgrade) {
            return peer;
        }
        if known.peers.len() >= known.full {
            known.peers.retain(|_, peer| peer.strong_count() > 0);
            known.full = known.peers.len().saturating_mul(2).max(FEW);
        }
        let peer = Arc::new(Peer {
            address,
            connections: Share::of(&self.connections),
            requests: Share::of(&self.requests),
            unsent: Share::of(&self.unsent),
        });
        known.peers.insert(address, Arc::downgrade(&peer));
        peer
    }
}

/// Returns the address that a caller is known by: of IPv6 the network of 64 bits, since
/// one machine has all of its addresses.
fn caller(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(connections: usize) -> Arc<Peers> {
        Peers::new(Limits {
            connections,
            ..Limits::default()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_leaves_connections_for_others() {
        let peers = peers(4);
        let connect = |from: &str| peers.connect(address(from));
        let mut open = vec![connect("10.0.0.1"), connect("10.0.0.1")];
        assert!(open.iter().all(Option::is_some));
        // The same machine by other names.
        assert!(connect("::ffff:10.0.0.1").is_none());
        open.push(connect("10.0.0.2"));
        assert!(open.iter().all(Option::is_some));
        assert!(connect("10.0.0.2").is_none());
        open.remove(0);
        assert!(connect("10.0.0.3").is_some());
    }

    #[test]
    fn a_network_of_64_bits_is_one_caller() {
        assert_eq!(caller(address("2001:db8::1:2")), address("2001:db8::"));
        assert_eq!(
            caller(address("2001:db8:0:1::1")),
            address("2001:db8:0:1::")
        );
        assert_eq!(caller(address("::ffff:10.0.0.1")), address("10.0.0.1"));
    }

    #[test]
    fn callers_that_have_gone_are_forgotten() {
        let peers = peers(10);
        for number in 0..1000_u32 {
            let from = IpAddr::V4(number.into());
            assert!(peers.connect(from).is_some());
        }
        assert!(peers.by_address.lock().expect("no panic").peers.len() <= 64);
    }
}
