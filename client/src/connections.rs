//! Several connections to one or more servers, shared out among calls.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::time::Instant;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// How long a server that was unavailable gets no calls while another can be called, unless
/// it asks for longer.
const REST: Duration = Duration::from_secs(1);

/// Connections to one or more servers. Clones share them.
///
/// A call takes the server with the fewest calls in flight of those that were available,
/// and of equals the next in turn. Of a server's connections it takes the one with the
/// fewest calls in flight, and of equals the first, so that those behind it are only
/// opened by calls that come together.
pub(crate) struct Connections<C>(Arc<Shared<C>>);

struct Shared<C> {
    servers: RwLock<Servers<C>>,
    turn: AtomicUsize,
}

/// One server or more.
struct Servers<C> {
    first: Arc<Server<C>>,
    others: Vec<Arc<Server<C>>>,
}

/// Connections to one server.
pub(crate) struct Server<C> {
    first: Connection<C>,
    others: Vec<Connection<C>>,
    rests_until: RwLock<Option<Instant>>,
}

struct Connection<C> {
    channel: C,
    in_flight: AtomicUsize,
}

impl<C> Server<C> {
    /// Shares out the first connection and `others`.
    pub(crate) fn new(first: C, others: impl IntoIterator<Item = C>) -> Self {
        let connection = |channel| Connection {
            channel,
            in_flight: AtomicUsize::new(0),
        };
        Self {
            first: connection(first),
            others: others.into_iter().map(connection).collect(),
            rests_until: RwLock::new(None),
        }
    }

    /// Returns the connection with the fewest calls in flight.
    fn least(&self) -> &Connection<C> {
        let calls = |connection: &&Connection<C>| connection.in_flight.load(Ordering::Relaxed);
        let least = self.others.iter().min_by_key(calls);
        least
            .filter(|least| calls(least) < calls(&&self.first))
            .unwrap_or(&self.first)
    }

    fn calls(&self) -> usize {
        let others = self.others.iter();
        let all = std::iter::once(&self.first).chain(others);
        all.map(|connection| connection.in_flight.load(Ordering::Relaxed))
            .fold(0, usize::saturating_add)
    }

    fn rests(&self, now: Instant) -> bool {
        let until = self.rests_until.read();
        until
            .unwrap_or_else(PoisonError::into_inner)
            .is_some_and(|until| now < until)
    }

    fn rest(&self, time: Duration) {
        let mut until = self
            .rests_until
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *until = Instant::now().checked_add(time);
    }
}

impl<C> Servers<C> {
    /// Returns the server that is to get a call whose turn is at a number.
    fn least(&self, turn: usize) -> &Arc<Server<C>> {
        if self.others.is_empty() {
            return &self.first;
        }
        let servers = std::iter::once(&self.first).chain(&self.others);
        let count = self.others.len().saturating_add(1);
        let next = turn.checked_rem(count).unwrap_or_default();
        let in_turn = servers.cycle().skip(next).take(count);
        let now = Instant::now();
        in_turn
            .min_by_key(|server| (server.rests(now), server.calls()))
            .unwrap_or(&self.first)
    }
}

impl<C: Clone> Connections<C> {
    /// Shares out calls among servers.
    pub(crate) fn new(
        first: Arc<Server<C>>,
        others: impl IntoIterator<Item = Arc<Server<C>>>,
    ) -> Self {
        Self(Arc::new(Shared {
            servers: RwLock::new(Servers {
                first,
                others: others.into_iter().collect(),
            }),
            turn: AtomicUsize::new(0),
        }))
    }

    /// Returns what replaces the servers without keeping them.
    pub(crate) fn replaceable(&self) -> Replaceable<C> {
        Replaceable(Arc::downgrade(&self.0))
    }

    /// Returns the server that is to get the next call.
    fn server(&self) -> Arc<Server<C>> {
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed);
        let servers = self.0.servers.read();
        let servers = servers.unwrap_or_else(PoisonError::into_inner);
        Arc::clone(servers.least(turn))
    }

    /// Returns a connection for calls that are not counted.
    pub(crate) fn uncounted(&self) -> C {
        self.server().least().channel.clone()
    }

    /// Calls on a connection, and counts the call until it ends or is dropped.
    pub(crate) async fn call<F, T>(&self, call: impl FnOnce(C) -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<T, Status>>,
    {
        let server = self.server();
        let connection = server.least();
        connection.in_flight.fetch_add(1, Ordering::Relaxed);
        let _counted = Counted(&connection.in_flight);
        let called = call(connection.channel.clone()).await;
        if let Err(status) = &called
            && status.code() == Code::Unavailable
        {
            server.rest(asked_to_wait(status).max(REST));
        }
        called
    }
}

/// Returns how long a server that sheds load asks to wait; zero: it does not say.
pub(crate) fn asked_to_wait(status: &Status) -> Duration {
    let info = status.get_details_retry_info();
    info.and_then(|info| info.retry_delay).unwrap_or_default()
}

/// Replaces the servers for as long as somebody calls them.
pub(crate) struct Replaceable<C>(Weak<Shared<C>>);

impl<C> Replaceable<C> {
    /// Returns whether somebody can still call the servers.
    pub(crate) fn is_used(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Replaces the servers; calls in flight go on where they are.
    pub(crate) fn replace(
        &self,
        first: Arc<Server<C>>,
        others: impl IntoIterator<Item = Arc<Server<C>>>,
    ) {
        if let Some(shared) = self.0.upgrade() {
            let others = others.into_iter().collect();
            let mut servers = shared
                .servers
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            *servers = Servers { first, others };
        }
    }
}

/// Counts a call for as long as it lives.
struct Counted<'c>(&'c AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Connections<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers = self.0.servers.read();
        let servers = servers.unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Connections")
            .field("servers", &servers.others.len().saturating_add(1))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn one<C: Clone>(first: C, others: impl IntoIterator<Item = C>) -> Connections<C> {
        Connections::new(Arc::new(Server::new(first, others)), [])
    }

    fn three() -> Connections<char> {
        let server = |name| Arc::new(Server::new(name, []));
        Connections::new(server('a'), [server('b'), server('c')])
    }

    fn open<C: Clone + 'static>(
        connections: &Connections<C>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Status>>>> {
        let connections = connections.clone();
        let mut call = Box::pin(async move { connections.call(|_| pending()).await });
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(cx).is_pending());
        call
    }

    #[test]
    fn calls_that_come_together_take_the_connection_with_the_fewest() {
        let connections = one(0, 1..3);
        let mut calls = Vec::new();
        for wanted in [0, 1, 2, 0, 1] {
            assert_eq!(connections.uncounted(), wanted);
            calls.push(open(&connections));
        }
        // The second connection loses both of its calls, whose callers have left.
        drop((calls.remove(4), calls.remove(1)));
        assert_eq!(connections.uncounted(), 1);
        drop(calls);
        assert_eq!(connections.uncounted(), 0);
    }

    #[test]
    fn calls_one_after_another_stay_on_the_first_connection() {
        let connections = one("first", ["second"]);
        let cx = &mut Context::from_waker(Waker::noop());
        for _ in 0..3 {
            let call = pin!(connections.call(|on| ready(Ok(on))));
            assert!(matches!(call.poll(cx), Poll::Ready(Ok("first"))));
        }
    }

    #[tokio::test]
    async fn calls_one_after_another_take_turns_among_servers() {
        let connections = three();
        let mut called = String::new();
        for _ in 0..6 {
            called.push(connections.call(|on| ready(Ok(on))).await.expect("a call"));
        }
        assert_eq!(called, "abcabc");
    }

    #[tokio::test]
    async fn calls_that_come_together_take_the_server_with_the_fewest() {
        let connections = three();
        let mut calls: Vec<_> = (0..6).map(|_| open(&connections)).collect();
        // Both calls of the second server, wherever the turn is.
        drop((calls.remove(4), calls.remove(1)));
        for _ in 0..3 {
            assert_eq!(connections.uncounted(), 'b');
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_was_unavailable_rests_while_there_is_another() {
        let connections = three();
        let fail = |code| move |_| ready(Err::<char, _>(Status::new(code, "no")));
        // A refusal says nothing of the server.
        assert!(connections.call(fail(Code::InvalidArgument)).await.is_err());
        assert!(connections.call(fail(Code::Unavailable)).await.is_err());
        let mut called = String::new();
        for _ in 0..4 {
            called.push(connections.uncounted());
        }
        assert!(!called.contains('b') && called.contains('a'), "{called}");
        tokio::time::advance(REST).await;
        let called: String = (0..3).map(|_| connections.uncounted()).collect();
        assert!(called.contains('b'), "{called}");
        // Where all were unavailable, all are tried.
        for _ in 0..3 {
            assert!(connections.call(fail(Code::Unavailable)).await.is_err());
        }
        let called: String = (0..3).map(|_| connections.uncounted()).collect();
        assert_eq!(called.len(), 3);
    }

    #[tokio::test]
    async fn servers_are_replaced_and_calls_in_flight_go_on() {
        let connections = three();
        let replaceable = connections.replaceable();
        let call = open(&connections);
        replaceable.replace(Arc::new(Server::new('d', [])), []);
        assert_eq!(connections.uncounted(), 'd');
        drop(call);
        assert!(replaceable.is_used());
        drop(connections);
        assert!(!replaceable.is_used());
    }
}
