//! The accept loop. `axum::serve` has none of the timeouts and limits that it sets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tracing::{debug, warn};

use super::client_address::Peer;
use super::idle::Requests;
use super::rarely::Rarely;
use super::responses;
use super::shares::{Share, Shares};
use crate::metrics::Listener;
use crate::proxies::Proxies;

/// What one listener lets through.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Which listener it is, for counting.
    pub listener: Listener,
    /// Open connections; further ones wait in the kernel's queue. As many requests are answered at
    /// once, however many of them one HTTP/2 connection brings.
    pub connections: usize,
    /// Who may have all of the connections; whoever else is there may have a part.
    pub proxies: Proxies,
    /// How long a connection may be without a request that is being handled: the time for the head
    /// of a request, for taking an answer, and for being idle.
    pub idle: Duration,
}

/// HTTP/2 streams at once on one connection: one connection must not do the work of all.
pub(super) const MAX_STREAMS: u32 = 100;
/// All headers of a request, in bytes. Envoy's own limit is 60 KiB; nothing of OAuth needs more.
pub(super) const MAX_HEADER_BYTES: usize = 64 * 1024;
/// Headers of a request on HTTP/1.
pub(super) const MAX_HEADERS: usize = 100;
/// What may be under way to us on one HTTP/2 connection, in bytes: a body, beside the one that is
/// being read.
pub(super) const MAX_WINDOW: u32 = 64 * 1024;
/// HTTP/2 streams that a client has reset before we have looked at them. Whoever opens and resets
/// faster than that means harm (CVE-2023-44487) and is disconnected.
pub(super) const MAX_RESETS: usize = 20;
/// HTTP/2 streams that we reset because of what the client does; one that makes us do so more often
/// is disconnected (CVE-2025-8671).
pub(super) const MAX_OWN_RESETS: usize = 100;
/// How often a silent HTTP/2 connection is asked whether it is alive, and how long it may take.
pub(super) const PING: Duration = Duration::from_secs(20);
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
    let requests = Arc::new(Semaphore::new(limits.connections));
    let shares = Shares::of(limits.connections, limits.proxies);
    let open = GracefulShutdown::new();
    let mut failures = Rarely::default();
    tokio::pin!(stop);
    loop {
        let next = tokio::select! {
            () = &mut stop => break,
            next = next_connection(&listener, &slots, &shares) => next,
        };
        match next {
            Ok(None) => {
                limits.listener.connection_refused();
                debug!("a connection of who has many already is closed");
            }
            Ok(Some(Accepted {
                stream,
                peer,
                slot,
                share,
            })) => {
                let (builder, router) = (builder.clone(), router.clone());
                let requests = requests.clone();
                let watcher = open.watcher();
                let counted = limits.listener.connection();
                tokio::spawn(async move {
                    let stream = (stream, peer);
                    let service = (router, requests);
                    serve_connection(&builder, stream, service, watcher, limits.idle).await;
                    drop((slot, share, counted));
                });
            }
            Err(error) => {
                limits.listener.connection_failed();
                if let Some(unsaid) = failures.again(Instant::now()) {
                    warn!(%error, unsaid, "a connection could not be accepted");
                }
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

/// A connection, with its place among all of them.
struct Accepted {
    stream: TcpStream,
    peer: Peer,
    slot: OwnedSemaphorePermit,
    share: Share,
}

/// The next connection; `None` for one that is closed at once.
async fn next_connection(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    shares: &Shares,
) -> io::Result<Option<Accepted>> {
    let slot = slots
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Answers are small and written at once: nothing is gained by waiting for more.
    stream.set_nodelay(true)?;
    let peer = Peer(peer.ip());
    Ok(shares.take(peer.0).map(|share| Accepted {
        stream,
        peer,
        slot,
        share,
    }))
}

async fn serve_connection(
    builder: &Builder<TokioExecutor>,
    (stream, peer): (TcpStream, Peer),
    (router, at_once): (Router, Arc<Semaphore>),
    watcher: Watcher,
    idle: Duration,
) {
    let requests = Requests::default();
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        let handled = requests.begin();
        request.extensions_mut().insert(peer);
        let answer = at_once
            .clone()
            .try_acquire_owned()
            .map(|place| (place, router.call(request)));
        async move {
            let answer = match answer {
                Ok((place, answer)) => {
                    let answer = answer.await;
                    drop(place);
                    answer
                }
                Err(_) => Ok(busy()),
            };
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

/// What those are told who send more requests at once than there may be connections.
fn busy() -> Response {
    let mut response = responses::error(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "The server is busy; try again later.",
    );
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn connection_builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        // The limit on connections without a request covers heads, on HTTP/2 too.
        .header_read_timeout(None)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADERS)
        // One request after the other: the next is read once the answer before it is taken.
        .pipeline_flush(false);
    builder
        .http2()
        // Without a timer hyper ignores its timeouts.
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_OWN_RESETS)
        .initial_stream_window_size(MAX_WINDOW)
        .initial_connection_window_size(MAX_WINDOW)
        .max_send_buf_size(MAX_HEADER_BYTES)
        .max_header_list_size(u32::try_from(MAX_HEADER_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
