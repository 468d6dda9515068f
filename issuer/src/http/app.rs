//! What the handlers share.
//!
//! [`App`] is all that one request is answered from. It does not change: what is to change at run
//! time, the configuration or the keys, makes another, and [`Current`] is where the next request
//! finds it. So no request sees half of a change.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::FromRef;

use super::documents::Documents;
use super::pages::PageSecrets;
use crate::audit::Caller;
use crate::client_documents::ClientDocuments;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::keys::Keyring;
use crate::pages::Brand;
use crate::passwords::Passwords;
use crate::protocol::{AuthorizationServer, Context};
use crate::proxies::Proxies;
use crate::registration::Registrations;
use crate::store::SledStore;
use crate::throttle::Throttles;
use crate::traces::Tracer;

/// The running issuer, as the handlers see it.
#[derive(Clone)]
pub struct App {
    /// Who the server is and whom it deals with.
    pub server: AuthorizationServer,
    /// The signing keys, on disk already.
    pub keys: Arc<Keyring>,
    /// What survives a restart.
    pub store: Arc<SledStore>,
    /// Where passwords are checked.
    pub passwords: Arc<Passwords>,
    /// How often somebody failed, and what was begun.
    pub throttles: Arc<Throttles>,
    /// Who is believed for whom it speaks.
    pub proxies: Proxies,
    /// Which clients registered themselves and have not been used yet.
    pub registrations: Arc<Registrations>,
    /// What is known of clients whose id is a URL.
    pub client_documents: Arc<ClientDocuments>,
    /// The keys of the pages.
    pub page_secrets: Arc<PageSecrets>,
    /// What the pages show of whose they are.
    pub brand: Arc<Brand>,
    /// What traces requests, where a collector is configured.
    pub tracer: Option<Tracer>,
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
            throttles: &self.throttles,
            now: (self.clock)(),
            entropy: self.entropy,
            caller: Caller::default(),
        }
    }
}

/// The [`App`] that requests are answered from now, with the documents that follow from it.
#[derive(Clone)]
pub struct Current(Arc<Shared>);

struct Shared {
    now: RwLock<(Arc<App>, Documents)>,
    /// Held while somebody makes the next one, so that no change is lost to another.
    changing: Mutex<()>,
}

impl Current {
    /// Begins with `app`.
    ///
    /// # Errors
    /// When a document cannot be written as JSON.
    pub fn new(app: App) -> Result<Self, serde_json::Error> {
        let documents = Documents::of(&app)?;
        Ok(Self(Arc::new(Shared {
            now: RwLock::new((Arc::new(app), documents)),
            changing: Mutex::new(()),
        })))
    }

    /// The one that a request which arrives now is answered from, to its end.
    pub fn app(&self) -> Arc<App> {
        let now = self.0.now.read().unwrap_or_else(PoisonError::into_inner);
        now.0.clone()
    }

    /// Has requests that arrive from now on answered from what `change` makes of the present. One
    /// change comes after another, so each sees what the one before it did. It may wait for the
    /// store: call it where blocking is no harm. What has to survive a restart is on disk before
    /// `change` returns.
    ///
    /// # Errors
    /// Those of `change`, and [`NotReplaced`]; then requests are answered as before.
    pub fn update<T, E: From<NotReplaced>>(
        &self,
        change: impl FnOnce(&mut App) -> Result<T, E>,
    ) -> Result<T, E> {
        let changing = self.0.changing.lock();
        let _changing = changing.unwrap_or_else(PoisonError::into_inner);
        let before = self.app();
        let mut app = App::clone(&before);
        let changed = change(&mut app)?;
        // The routes and every token say who the issuer is.
        if before.server.issuer != app.server.issuer {
            return Err(NotReplaced::OtherIssuer.into());
        }
        let documents = Documents::of(&app).map_err(NotReplaced::Document)?;
        let mut now = self.0.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = (Arc::new(app), documents);
        Ok(changed)
    }

    fn documents(&self) -> Documents {
        let now = self.0.now.read().unwrap_or_else(PoisonError::into_inner);
        now.1.clone()
    }
}

/// Why requests are answered as before.
#[derive(Debug)]
pub enum NotReplaced {
    /// A document cannot be written as JSON.
    Document(serde_json::Error),
    /// It would be another issuer.
    OtherIssuer,
}

impl fmt::Display for NotReplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => write!(f, "a document cannot be written: {error}"),
            Self::OtherIssuer => {
                f.write_str("the issuer identifier cannot change while the issuer runs: restart it")
            }
        }
    }
}

impl FromRef<Current> for Arc<App> {
    fn from_ref(current: &Current) -> Self {
        current.app()
    }
}

impl FromRef<Current> for Documents {
    fn from_ref(current: &Current) -> Self {
        current.documents()
    }
}
