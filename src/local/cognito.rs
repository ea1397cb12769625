//! How a local Cognito starts, what was sent by it, and how it stops.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use super::gate::Gate;
use super::inspection::{Inspected, LocalObserver, by_name};
use crate::excerpt::{excerpt, reason};
use crate::model::{HostName, World};
use crate::pool::http::Listener;
use crate::pool::{Issuer, Message, PoolError, Pools, PoolsSettings};

/// Pools that listen on a port of this machine. Dropping it closes everything at once; [`stop`](Self::stop) lets answers in
/// progress finish.
#[derive(Debug)]
pub struct LocalCognito {
    pools: Arc<Pools>,
    listener: Listener,
    endpoint: String,
}

/// How a local Cognito is set up.
pub struct LocalSettings {
    /// Where it listens. Port 0 lets the system choose.
    pub address: SocketAddr,
    /// What its pools share.
    pub pools: PoolsSettings,
    /// Names beside `localhost` under which pages in browsers may ask, and whatever reads `/_local/`; pages from there may do
    /// what administrators do. An IP address needs no name.
    pub allow_hosts: Vec<HostName>,
    /// Is told every exchange, on the thread that answers it.
    pub observer: Option<LocalObserver>,
}

impl Default for LocalSettings {
    /// A port of the loopback interface that the system chooses, and tokens whose issuer is the endpoint.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pools: PoolsSettings {
                issuer: Issuer::Endpoint,
                ..PoolsSettings::default()
            },
            allow_hosts: Vec::new(),
            observer: None,
        }
    }
}

impl fmt::Debug for LocalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSettings")
            .field("address", &self.address)
            .field("pools", &self.pools)
            .field("allow_hosts", &self.allow_hosts)
            .finish_non_exhaustive()
    }
}

/// Why a local Cognito does not start.
#[derive(Debug, thiserror::Error)]
pub enum LocalCognitoError {
    /// The service would not have let a pool be set up so.
    #[error("pool {}: {}", excerpt(.id), reason(&.source.to_string()))]
    Pool {
        /// The pool's id.
        id: String,
        /// What is wrong with it.
        source: PoolError,
    },
    /// It can't listen there.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
}

impl LocalCognito {
    /// Starts one pool on a port of the loopback interface that the system chooses, within a `tokio` runtime.
    ///
    /// # Errors
    /// When the world can't be enacted, or nothing can be listened on.
    pub async fn start(world: World) -> Result<Self, LocalCognitoError> {
        Self::start_with([world], LocalSettings::default()).await
    }

    /// Starts pools, within a `tokio` runtime.
    ///
    /// # Errors
    /// When one of the worlds can't be enacted, or the address can't be listened on.
    pub async fn start_with(
        worlds: impl IntoIterator<Item = World>,
        settings: LocalSettings,
    ) -> Result<Self, LocalCognitoError> {
        let mut pools = Pools::new(settings.pools);
        let observer = settings.observer.map(Arc::new);
        if let Some(observer) = observer.clone() {
            pools.observe(move |observed| observer(observed));
        }
        for world in worlds {
            let id = world.pool.id.clone();
            pools
                .add(world)
                .map_err(|source| LocalCognitoError::Pool { id, source })?;
        }
        let pools = Arc::new(pools);
        let gate = Gate::new(settings.allow_hosts);
        let handler = Arc::new(Inspected::new(Arc::clone(&pools), gate, observer));
        let address = settings.address;
        let listener = Listener::bind(address, handler)
            .await
            .map_err(|source| LocalCognitoError::Listen { address, source })?;
        let endpoint = format!("http://{}", reachable(listener.local_addr()));
        pools.set_endpoint(&endpoint);
        Ok(Self {
            pools,
            listener,
            endpoint,
        })
    }

    /// The URL for clients, without a slash at its end: `http://127.0.0.1:9229`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// The pools.
    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// The latest code or temporary password that was sent to an address, or to the user of a name.
    pub fn message_for(&self, name: &str) -> Option<String> {
        let mut messages = self.messages_for(name).into_iter();
        messages.next().map(|message| message.text)
    }

    /// Everything that was sent to an address, or to the user of a name, the latest first.
    pub fn messages_for(&self, name: &str) -> Vec<Message> {
        by_name(&self.pools, name)
    }

    /// Takes no more connections, lets answers in progress finish for a moment, and closes the rest.
    pub async fn stop(self) {
        self.listener.stop().await;
    }
}

/// An address that can be connected to: one that stands for all of a machine's can't everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
