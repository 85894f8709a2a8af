//! A real server on a free port, for tests that call one.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use redress::policy::catalog::Catalog;
use redress::rpc::service::CatalogHandle;
use redress::server::config::Config;
use redress::server::{self, ServeError, reload};
use redress_client::Client;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// Longer than anything here takes, shorter than anybody waits for a hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// No test of something else waits for whoever balances load.
fn at_once(config: Config) -> Config {
    Config {
        drain_delay: Duration::ZERO,
        ..config
    }
}

/// A server and what stops it.
pub struct Running {
    pub address: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub ended: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    /// Starts without policies; goes on for a while after the order to stop.
    pub async fn draining(config: Config) -> Self {
        Self::serving(CatalogHandle::default(), config).await
    }

    /// Starts without policies.
    pub async fn start(config: Config) -> Self {
        Self::with(Catalog::default(), config).await
    }

    /// Starts with the policies that are built in; they are loaded once.
    pub async fn built_in(config: Config) -> Self {
        static POLICIES: LazyLock<CatalogHandle> =
            LazyLock::new(|| CatalogHandle::new(reload::catalog(None).unwrap()));
        Self::serving(POLICIES.clone(), at_once(config)).await
    }

    /// Starts with policies.
    pub async fn with(catalog: Catalog, config: Config) -> Self {
        Self::serving(CatalogHandle::new(catalog), at_once(config)).await
    }

    async fn serving(catalog: CatalogHandle, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(server::serve(listener, catalog, config, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            ended,
        }
    }

    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that does not wait for long where it is refused.
    pub async fn client(&self) -> Client {
        let mut config = redress_client::Config::default();
        config.attempts = 3;
        Client::connect(self.uri(), config).await.unwrap()
    }

    pub async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.uri())
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    /// Stops the server and waits for its end.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .expect("the server ends")
            .unwrap()
            .unwrap();
    }
}
