//! The accept loop. `axum::serve` has none of the timeouts and limits that it sets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{debug, warn};

use super::client_address::Peer;
use super::idle::Requests;
use crate::metrics;

/// What one listener lets through.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections; further ones wait in the kernel's queue.
    pub connections: usize,
    /// How long a connection may be without a request that is being handled: the time for the head
    /// of a request, for taking an answer, and for being idle.
    pub idle: Duration,
}

/// HTTP/2 streams at once on one connection: one connection must not do the work of all.
const MAX_STREAMS: u32 = 100;
/// All headers of a request, in bytes. Envoy's own limit is 60 KiB; nothing of OAuth needs more.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How often a silent HTTP/2 connection is asked whether it is alive, and how long it may take.
const PING: Duration = Duration::from_secs(20);
/// How long to wait after a failed accept: with no file descriptor left it fails at once, again
/// and again, until a connection ends.
const BACK_OFF: Duration = Duration::from_millis(100);

/// The connections that a listener has open.
pub struct Connections {
    open: GracefulShutdown,
    slots: Arc<Semaphore>,
    limit: usize,
}

impl Connections {
    /// Lets requests in progress finish, and ends idle connections now. Returns how many
    /// connections were still open after `patience`.
    pub async fn drain(self, patience: Duration) -> usize {
        match tokio::time::timeout(patience, self.open.shutdown()).await {
            Ok(()) => 0,
            Err(_) => self.limit.saturating_sub(self.slots.available_permits()),
        }
    }
}

/// Serves `router` on `listener` until `stop` resolves, and gives the connections still open.
pub async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Connections {
    let builder = Arc::new(connection_builder());
    let slots = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let next = tokio::select! {
            () = &mut stop => break,
            next = next_connection(&listener, &slots) => next,
        };
        match next {
            Ok((stream, peer, slot)) => {
                let (builder, router) = (builder.clone(), router.clone());
                let watcher = open.watcher();
                tokio::spawn(async move {
                    let stream = (stream, peer);
                    let open = metrics::connection();
                    serve_connection(&builder, stream, router, watcher, limits.idle).await;
                    drop(open);
                    drop(slot);
                });
            }
            Err(error) => {
                metrics::connection_failed();
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
    Connections {
        open,
        slots,
        limit: limits.connections,
    }
}

async fn next_connection(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let slot = slots
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Answers are small and written at once: nothing is gained by waiting for more.
    stream.set_nodelay(true)?;
    Ok((stream, Peer(peer.ip()), slot))
}

async fn serve_connection(
    builder: &Builder<TokioExecutor>,
    (stream, peer): (TcpStream, Peer),
    router: Router,
    watcher: Watcher,
    idle: Duration,
) {
    let requests = Requests::default();
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        let handled = requests.begin();
        request.extensions_mut().insert(peer);
        let answer = router.call(request);
        async move {
            let answer = answer.await;
            drop(handled);
            answer
        }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            debug!(%error, "a connection ended early");
        },
        () = requests.none_for(idle) => debug!("a connection without a request is closed"),
    }
}

fn connection_builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // The limit on connections without a request covers heads, on HTTP/2 too.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        // Without a timer hyper ignores its timeouts.
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
