//! One runtime a thread, and connections shared out among them.
//!
//! A request never changes threads, which is what makes it cheap. One thread
//! accepts and hands each connection to the runtime with the least in work.

use std::io;
use std::num::NonZeroUsize;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::{Builder, RuntimeMetrics};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::ServeError;
use super::accept::{Accepted, Incoming};
use super::shell::{DecisionCalls, Shell};
use super::stop::Stopped;

/// Connections handed to a thread that it has not taken yet; then accepting waits.
const WAITING_CONNECTIONS: usize = 64;

/// Long decisions of a thread that are worked on at once; others wait for them.
const LONG_DECISIONS: usize = 1;

/// One thread that serves.
struct Seat {
    connections: mpsc::Sender<Accepted<std::net::TcpStream>>,
    metrics: RuntimeMetrics,
    ended: oneshot::Receiver<Result<(), ServeError>>,
}

impl Seat {
    /// Counts what the thread has in work: open connections, requests, and the
    /// connections that wait for it.
    fn load(&self) -> usize {
        let waiting = self.connections.max_capacity() - self.connections.capacity();
        waiting + self.metrics.num_alive_tasks()
    }
}

/// Serves on so many threads until the order to stop, and waits for their end.
pub(super) async fn serve<D: DecisionCalls>(
    mut incoming: Incoming,
    threads: NonZeroUsize,
    shell: Shell<D>,
    stopped: Stopped,
) -> Result<(), ServeError> {
    let seats = (0..threads.get())
        .map(|number| seat(number, shell.clone()))
        .collect::<io::Result<Vec<Seat>>>()
        .map_err(ServeError::Thread)?;
    tokio::select! {
        // Looked at first: threads that were told to stop take no connections.
        biased;
        () = stopped.wait() => drop(incoming),
        gone = hand_out(&mut incoming, &seats) => return Err(gone),
    }
    for Seat {
        connections, ended, ..
    } in seats
    {
        drop(connections);
        ended.await.unwrap_or_else(|_| Err(gone()))?;
    }
    Ok(())
}

/// Starts a thread that serves the connections that it is handed.
fn seat<D: DecisionCalls>(number: usize, shell: Shell<D>) -> io::Result<Seat> {
    let (connections, handed) = mpsc::channel(WAITING_CONNECTIONS);
    let (end, ended) = oneshot::channel();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(LONG_DECISIONS)
        .build()?;
    let metrics = runtime.metrics();
    thread::Builder::new()
        .name(format!("serve-{number}"))
        .spawn(move || {
            let incoming = ReceiverStream::new(handed).map(Accepted::on_this_runtime);
            let result = runtime.block_on(shell.serve(incoming));
            // Closes what is still open, before the end is told.
            drop(runtime);
            // Nobody waits for it if the server was dropped.
            let _ = end.send(result);
        })?;
    Ok(Seat {
        connections,
        metrics,
        ended,
    })
}

/// Hands out connections for as long as every thread takes them.
async fn hand_out(incoming: &mut Incoming, seats: &[Seat]) -> ServeError {
    // Equals take turns, the first included.
    for first in (0..seats.len()).cycle() {
        let Some(accepted) = incoming.next().await else {
            break;
        };
        // A connection that cannot leave this runtime is lost.
        let Ok(accepted) = accepted.off_this_runtime() else {
            continue;
        };
        let (before, from) = seats.split_at(first);
        let Some(seat) = from.iter().chain(before).min_by_key(|seat| seat.load()) else {
            break;
        };
        if seat.connections.send(accepted).await.is_err() {
            break;
        }
    }
    gone()
}

fn gone() -> ServeError {
    ServeError::Thread(io::Error::other("a thread that serves is gone"))
}

impl Accepted {
    /// Takes a connection off the runtime that accepted it.
    fn off_this_runtime(self) -> io::Result<Accepted<std::net::TcpStream>> {
        Ok(Accepted {
            stream: self.stream.into_std()?,
            connection: self.connection,
        })
    }
}

impl Accepted<std::net::TcpStream> {
    /// Puts a connection on the runtime that serves it.
    fn on_this_runtime(self) -> io::Result<Accepted> {
        Ok(Accepted {
            stream: TcpStream::from_std(self.stream)?,
            connection: self.connection,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tonic::service::Routes;

    use super::*;
    use crate::rpc::service::{CatalogHandle, Decisions, SystemClock};
    use crate::server::config::{Config, Limits};
    use crate::server::peers::Peers;

    #[tokio::test]
    async fn connections_go_where_the_least_is_in_work() {
        let calls = Decisions::new(CatalogHandle::default(), SystemClock);
        let (stop, stopped) = Stopped::order();
        let (_, shell) = Shell::new(calls, Routes::default(), Config::default(), stopped)
            .await
            .expect("a shell");
        let seats: Vec<Seat> = (0..3)
            .map(|number| seat(number, shell.clone()).expect("a thread"))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut incoming = Incoming::new(listener, Peers::new(Limits::default()));
        // A connection that a thread has just taken is counted nowhere until it has a
        // task of its own: then it is settled, and the next one finds it.
        let settled = || {
            let tasks = seats.iter().map(|seat| seat.metrics.num_alive_tasks());
            tasks.collect::<Vec<_>>()
        };
        let reach = async |wanted: [usize; 3]| {
            let reached = async {
                while settled() != wanted {
                    tokio::task::yield_now().await;
                }
            };
            let in_time = tokio::time::timeout(Duration::from_secs(30), reached).await;
            assert!(in_time.is_ok(), "{:?} and not {wanted:?}", settled());
        };
        let connecting = async {
            let mut open = Vec::new();
            for wanted in [[1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1], [2, 2, 1]] {
                open.push(TcpStream::connect(address).await.expect("a connection"));
                reach(wanted).await;
            }
            // The first thread loses both of its connections, and gets the next.
            drop((open.remove(3), open.remove(0)));
            reach([0, 2, 1]).await;
            open.push(TcpStream::connect(address).await.expect("a connection"));
            reach([1, 2, 1]).await;
        };
        tokio::select! {
            gone = hand_out(&mut incoming, &seats) => panic!("{gone}"),
            () = connecting => {}
        }
        drop(stop);
    }
}
