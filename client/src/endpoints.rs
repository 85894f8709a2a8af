//! Endpoints: what texts name, and at which addresses they are.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tonic::codegen::http::Uri;
use tonic::transport::{Channel, Endpoint};

use crate::config::Config;
use crate::connections::{Connections, Replaceable, Server};
use crate::error::ClientError;

/// Reads an endpoint.
pub(crate) fn endpoint_of(text: &str, config: &Config) -> Result<Endpoint, ClientError> {
    let endpoint = Endpoint::from_shared(text.to_owned())
        .map_err(|_| {
            ClientError::Endpoint(format!("`{text}` is not a URI such as `http://host:port`"))
        })?
        .connect_timeout(config.connect_timeout);
    if text.starts_with("unix:") {
        return Ok(endpoint);
    }
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => secure(endpoint, config),
        _ => Err(ClientError::Endpoint(format!(
            "`{text}` has no scheme; give `http`, `https` or `unix`"
        ))),
    }
}

#[cfg(feature = "tls")]
fn secure(endpoint: Endpoint, config: &Config) -> Result<Endpoint, ClientError> {
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};

    let mut tls = ClientTlsConfig::new();
    tls = match &config.tls.ca_pem {
        Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
        None => tls.with_webpki_roots(),
    };
    if let Some(domain) = &config.tls.domain {
        tls = tls.domain_name(domain);
    }
    if let Some(identity) = &config.tls.identity {
        let (certificate, key) = (&identity.certificate_pem, &identity.key_pem);
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    endpoint.tls_config(tls).map_err(|error| {
        ClientError::Endpoint(format!("the settings of TLS cannot be used: {error}"))
    })
}

#[cfg(not(feature = "tls"))]
fn secure(_: Endpoint, _: &Config) -> Result<Endpoint, ClientError> {
    Err(ClientError::Endpoint(
        "`https` needs the feature `tls` of this crate".to_owned(),
    ))
}

/// Servers by their endpoints, each with the address that its host has.
type Servers = BTreeMap<String, Arc<Server<Channel>>>;

/// Shares out calls among the servers at every address of some endpoints, and follows
/// names whose addresses change.
pub(crate) async fn balance(
    texts: Vec<String>,
    config: &Config,
    server: impl Fn(&Endpoint) -> Server<Channel> + Send + Sync + 'static,
) -> Result<Connections<Channel>, ClientError> {
    let names = texts
        .iter()
        .map(|text| Name::of(text, config))
        .collect::<Result<Vec<Name>, _>>()?;
    let mut servers = Servers::new();
    look_up(&names, config, &mut servers, &server).await?;
    let mut all = servers.values().map(Arc::clone);
    let Some(first) = all.next() else {
        let why = "there is no endpoint; give one or more".to_owned();
        return Err(ClientError::Endpoint(why));
    };
    let connections = Connections::new(first, all);
    if names.iter().any(|name| name.changes) {
        let replaceable = connections.replaceable();
        tokio::spawn(follow(names, config.clone(), servers, replaceable, server));
    }
    Ok(connections)
}

/// Looks names up again for as long as somebody calls their servers.
async fn follow(
    names: Vec<Name>,
    config: Config,
    mut servers: Servers,
    replaceable: Replaceable<Channel>,
    server: impl Fn(&Endpoint) -> Server<Channel>,
) {
    loop {
        tokio::time::sleep(config.lookup_interval).await;
        if !replaceable.is_used() {
            return;
        }
        // Those that are known are called on while names cannot be looked up.
        if look_up(&names, &config, &mut servers, &server)
            .await
            .unwrap_or(false)
        {
            let mut all = servers.values().map(Arc::clone);
            if let Some(first) = all.next() {
                replaceable.replace(first, all);
            }
        }
    }
}

/// Replaces servers by those that names have now, and keeps the connections to those that
/// they had before; returns whether there are others.
async fn look_up(
    names: &[Name],
    config: &Config,
    servers: &mut Servers,
    server: impl Fn(&Endpoint) -> Server<Channel>,
) -> Result<bool, ClientError> {
    let mut found = Servers::new();
    for name in names {
        for (text, endpoint) in name.endpoints(config).await? {
            let known = servers.get(&text).map(Arc::clone);
            found.insert(text, known.unwrap_or_else(|| Arc::new(server(&endpoint))));
        }
    }
    let changed = !found.keys().eq(servers.keys());
    *servers = found;
    Ok(changed)
}

/// An endpoint whose host may have several addresses.
struct Name {
    endpoint: Endpoint,
    /// The host and the port to look up. `None`: a Unix socket.
    host: Option<(String, u16)>,
    changes: bool,
}

impl Name {
    fn of(text: &str, config: &Config) -> Result<Self, ClientError> {
        let endpoint = endpoint_of(text, config)?;
        let uri = endpoint.uri();
        let port = match uri.scheme_str() {
            Some("https") => 443,
            _ => 80,
        };
        let port = uri.port_u16().unwrap_or(port);
        let host = match text.starts_with("unix:") {
            true => None,
            false => uri.host(),
        };
        let host = host.map(|host| (host.trim_matches(['[', ']']).to_owned(), port));
        let is_address = |(host, _): &(String, u16)| host.parse::<std::net::IpAddr>().is_ok();
        Ok(Self {
            changes: host.as_ref().is_some_and(|host| !is_address(host)),
            endpoint,
            host,
        })
    }

    /// Returns the endpoints at every address, each with the text that tells it apart.
    async fn endpoints(&self, config: &Config) -> Result<Vec<(String, Endpoint)>, ClientError> {
        let Some((host, port)) = self.host.as_ref().filter(|_| self.changes) else {
            let text = self.endpoint.uri().to_string();
            return Ok(vec![(text, self.endpoint.clone())]);
        };
        let unknown =
            |why: String| ClientError::Endpoint(format!("`{host}` has no address: {why}"));
        let addresses = tokio::net::lookup_host((host.as_str(), *port)).await;
        let addresses = addresses.map_err(|error| unknown(error.to_string()))?;
        let at = |address| self.at(host, address, config);
        let endpoints: Vec<_> = addresses.map(at).collect::<Result<_, _>>()?;
        match endpoints.is_empty() {
            true => Err(unknown("nothing is found".to_owned())),
            false => Ok(endpoints),
        }
    }

    /// Returns the endpoint at one address: it is called, and its certificate is checked,
    /// by the name.
    fn at(
        &self,
        host: &str,
        address: SocketAddr,
        config: &Config,
    ) -> Result<(String, Endpoint), ClientError> {
        let named: &Uri = self.endpoint.uri();
        let text = format!("{}://{address}", named.scheme_str().unwrap_or("http"));
        let mut config = config.clone();
        config.tls.domain.get_or_insert_with(|| host.to_owned());
        let endpoint = endpoint_of(&text, &config)?.origin(named.clone());
        Ok((text, endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn endpoints_need_a_scheme() {
        for bad in ["localhost:50051", "ftp://localhost", "not a uri"] {
            let made = endpoint_of(bad, &Config::default());
            assert!(matches!(made, Err(ClientError::Endpoint(_))), "{bad}");
        }
    }

    #[cfg(feature = "tls")]
    #[tokio::test]
    async fn https_trusts_public_or_given_authorities() {
        let made = endpoint_of("https://redress.example", &Config::default());
        assert!(made.is_ok(), "{made:?}");
    }

    #[tokio::test]
    async fn a_name_stands_for_each_of_its_addresses() {
        let config = Config::default();
        let name = Name::of("http://localhost:50051", &config).expect("an endpoint");
        let endpoints = name.endpoints(&config).await.expect("addresses");
        let texts: Vec<&str> = endpoints.iter().map(|(text, _)| text.as_str()).collect();
        assert!(texts.contains(&"http://127.0.0.1:50051"), "{texts:?}");
        for address in [
            "http://127.0.0.1",
            "http://[::1]:7",
            "unix:/run/redress.sock",
        ] {
            let name = Name::of(address, &config).expect("an endpoint");
            assert!(!name.changes, "{address}");
            assert_eq!(name.endpoints(&config).await.expect("one").len(), 1);
        }
    }

    #[tokio::test]
    async fn servers_of_names_that_do_not_change_are_kept() {
        let config = Config::default();
        let names = ["http://127.0.0.1:1", "http://127.0.0.2:1"]
            .map(|text| Name::of(text, &config).expect("an endpoint"));
        let made = std::cell::Cell::new(0);
        let server = |endpoint: &Endpoint| {
            made.set(made.get() + 1);
            Server::new(endpoint.connect_lazy(), [])
        };
        let mut servers = Servers::new();
        for (names, wanted, all) in [
            (&names[..1], true, 1),
            (&names, true, 2),
            (&names, false, 2),
        ] {
            let changed = look_up(names, &config, &mut servers, server).await;
            assert_eq!(changed.expect("addresses"), wanted);
            assert_eq!((servers.len(), made.get()), (all, all));
        }
        let changed = look_up(&names[1..], &config, &mut servers, server).await;
        assert!(changed.expect("addresses"));
        assert_eq!((servers.len(), made.get()), (1, 2));
    }

    #[tokio::test]
    async fn names_without_an_address_and_no_names_are_said() {
        for texts in [vec![], vec!["http://name.invalid:1"]] {
            let made = crate::Client::balanced(texts, Config::default()).await;
            assert!(matches!(made, Err(ClientError::Endpoint(_))), "{made:?}");
        }
    }
}
