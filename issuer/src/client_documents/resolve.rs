//! Names into addresses. It is an argument, so that tests can say what a name means, and mean something
//! else the next time.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// Gives the addresses of a host.
pub type Resolve = Arc<dyn Fn(String) -> Resolving + Send + Sync>;

type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// The system's resolver.
pub fn system_resolver() -> Resolve {
    Arc::new(|host| {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host, 0)).await?;
            Ok(addresses.map(|address: SocketAddr| address.ip()).collect())
        })
    })
}
