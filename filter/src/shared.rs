//! What the contexts of one worker share.

use std::cell::RefCell;

use dockgate_policy::keys::KeyRing;
use dockgate_policy::{Policy, TokenCache};

use crate::host::{HostVerifier, Metrics};

/// What the root context and every request of this worker share.
pub(crate) struct Shared {
    pub(crate) policy: Policy,
    pub(crate) keys: RefCell<KeyRing>,
    pub(crate) verifier: HostVerifier,
    pub(crate) metrics: Metrics,
    pub(crate) cache: RefCell<TokenCache>,
}

impl Shared {
    /// Tells the host what was counted since the last call.
    pub(crate) fn hand_over_counts(&self) {
        self.metrics.cached(self.cache.borrow_mut().take_tally());
        self.metrics.hand_over();
    }
}
