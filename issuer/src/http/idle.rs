//! How long a connection may be without a request.
//!
//! hyper's own timeouts leave three ways to hold a connection for ever: send fewer bytes than tell
//! HTTP/1 from HTTP/2, answer the pings of an HTTP/2 connection but ask for nothing, or ask and
//! never take the answer. In each of them no request is being handled, and that is what is bounded.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// The requests of one connection that are being handled.
#[derive(Default)]
pub(super) struct Requests {
    count: watch::Sender<usize>,
}

/// One of them, until it is dropped.
pub(super) struct Request(watch::Sender<usize>);

impl Requests {
    /// Counts a request whose head is complete.
    pub(super) fn begin(&self) -> Request {
        self.count.send_modify(|count| *count += 1);
        Request(self.count.clone())
    }

    /// Resolves once there has been no request for as long as `limit`.
    pub(super) async fn none_for(&self, limit: Duration) {
        let mut count = self.count.subscribe();
        loop {
            // Neither can fail: the sender is `self`.
            count.wait_for(|count| *count == 0).await.ok();
            if timeout(limit, count.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
