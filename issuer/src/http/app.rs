//! What the handlers share.

use std::sync::Arc;
use std::time::Duration;

use super::pages::PageSecrets;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::keys::Keyring;
use crate::passwords::Passwords;
use crate::protocol::{AuthorizationServer, Context};
use crate::store::SledStore;
use crate::throttle::UserCodeThrottle;

/// The running issuer, as the handlers see it.
pub struct App {
    /// Who the server is and whom it deals with.
    pub server: AuthorizationServer,
    /// The signing keys, on disk already.
    pub keys: Keyring,
    /// What survives a restart.
    pub store: Arc<SledStore>,
    /// Where passwords are checked.
    pub passwords: Passwords,
    /// How many wrong user codes there were.
    pub user_codes: UserCodeThrottle,
    /// The keys of the pages.
    pub page_secrets: PageSecrets,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where random bytes come from.
    pub entropy: Entropy,
    /// How long a request's body may take.
    pub body_read_timeout: Duration,
    /// How long caches may keep JWKS and metadata, in seconds.
    pub documents_max_age_seconds: u64,
}

impl App {
    /// What the protocol is given to answer a request that arrives now.
    pub fn context(&self) -> Context<'_, SledStore> {
        Context {
            server: &self.server,
            keys: &self.keys,
            store: &self.store,
            passwords: &self.passwords,
            now: (self.clock)(),
            entropy: self.entropy,
        }
    }
}
