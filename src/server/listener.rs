//! Where a server listens: an address of the network, or a Unix socket.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::task::{Context, Poll, ready};

use rustix::fs::Mode;
use rustix::process::umask;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

/// Begins the name of a Unix socket.
const UNIX: &str = "unix:";
/// Who calls through a Unix socket, which has no addresses: all are one caller.
const LOCAL: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// An address of the network.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix(UNIX) else {
            let address = text.parse().map(Self::Tcp);
            return address.map_err(|_| {
                "not an address such as `127.0.0.1:50051`, or `unix:/run/redress.sock`".to_owned()
            });
        };
        // As in URIs, in which no host may stand between.
        let path = Path::new(path.strip_prefix("//").unwrap_or(path));
        if !path.is_absolute() {
            return Err("the path of a Unix socket is not absolute".to_owned());
        }
        Ok(Self::Unix(path.to_owned()))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl ListenAddress {
    /// Begins to listen. A Unix socket gets the `mode`; one that is there is removed if
    /// nobody listens on it, and anything else stays.
    ///
    /// # Errors
    /// The address is taken, or the system does not let the process listen there.
    pub async fn bind(&self, mode: u32) -> io::Result<Listener> {
        match self {
            Self::Tcp(address) => TcpListener::bind(address).await.map(Listener::Tcp),
            Self::Unix(path) => UnixSocket::bind(path, mode).map(Listener::Unix),
        }
    }
}

/// What takes connections in.
#[derive(Debug)]
pub enum Listener {
    /// From the network.
    Tcp(TcpListener),
    /// From this machine.
    Unix(UnixSocket),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

/// A connection that was taken in.
pub(super) type Socket = Either<TcpStream, UnixStream>;

impl Listener {
    /// Returns where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<ListenAddress> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(ListenAddress::Tcp),
            Self::Unix(socket) => Ok(ListenAddress::Unix(socket.path.clone())),
        }
    }

    /// Takes in the next connection, and says whose it is.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Socket, IpAddr)>> {
        Poll::Ready(match self {
            Self::Tcp(listener) => {
                let (stream, address) = ready!(listener.poll_accept(cx))?;
                Ok((Either::Left(stream), address.ip()))
            }
            Self::Unix(socket) => {
                let (stream, _) = ready!(socket.listener.poll_accept(cx))?;
                Ok((Either::Right(stream), LOCAL))
            }
        })
    }
}

/// A Unix socket, whose file goes with it.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and number of the file.
    file: (u64, u64),
}

impl UnixSocket {
    fn bind(path: &Path, mode: u32) -> io::Result<Self> {
        remove_stale(path)?;
        // So that nobody connects before the file has its mode. Other files that the process
        // makes meanwhile have less, not more.
        let before = umask(Mode::from_raw_mode(!mode & 0o777));
        let listener = UnixListener::bind(path);
        umask(before);
        let listener = listener?;
        let file = file_of(&fs::symlink_metadata(path)?);
        Ok(Self {
            listener,
            path: path.to_owned(),
            file,
        })
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        // Another server may have its socket there by now.
        let is_ours = |now: Metadata| file_of(&now) == self.file;
        if fs::symlink_metadata(&self.path).is_ok_and(is_ours) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn file_of(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// Removes a socket on which nobody listens.
fn remove_stale(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::other("there is a file that is no socket"));
    }
    match StdUnixStream::connect(path) {
        Ok(_) => Err(io::Error::other("another process listens there")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_network_or_a_path() {
        let read = |text: &str| text.parse::<ListenAddress>();
        let tcp = ListenAddress::Tcp("127.0.0.1:1".parse().expect("an address"));
        assert_eq!(read("127.0.0.1:1"), Ok(tcp));
        let unix = ListenAddress::Unix("/run/a".into());
        assert_eq!(read("unix:/run/a"), Ok(unix.clone()));
        assert_eq!(read("unix:///run/a"), Ok(unix.clone()));
        assert_eq!(unix.to_string(), "unix:/run/a");
        for wrong in ["unix:a", "unix:", "unix://a", "/run/a", "localhost:1", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
