//! The documents that are known, and fetching those that are not: one fetch for all who wait for the
//! same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dockgate_token::ClientId;
use rustls::ClientConfig;
use tokio::sync::Mutex as AsyncMutex;

use super::fetch::{Fetched, fetch};
use super::freshness::{MOST_SECONDS, MOST_SECONDS_OF_KEYS, PAUSE_SECONDS, STALE_SECONDS};
use super::turns::Turns;
use super::{DocumentError, MAX_DOCUMENTS, MAX_DOCUMENTS_OF_A_SITE, Resolve};
use crate::clock::UnixSeconds;
use crate::protocol::AllowedOrigin;
use crate::protocol::client_id_metadata::DocumentUrl;
use crate::throttle::{DocumentThrottle, RetryAfter, Source};

/// Every document that is known. It outlives a change of the configuration: what a document says is
/// read anew for each request, by the rules of that moment.
pub struct ClientDocuments {
    resolve: Resolve,
    trust: Arc<ClientConfig>,
    throttle: DocumentThrottle,
    turns: Turns,
    entries: Mutex<Entries>,
}

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// What a client is.
    Client,
    /// The keys of a client.
    Keys,
}

/// For whom a document is fetched.
#[derive(Clone, Copy, Debug)]
pub enum Asker {
    /// For whoever has thought of its URL.
    Anybody(Source),
    /// For this issuer, which knows the client from before.
    Us,
}

#[derive(Default)]
struct Entries {
    /// A document that is one client's keys and another one's description is kept as both: what is
    /// wrong with it as the one must not take it away from the other.
    by_url: HashMap<(About, String), Entry>,
    /// Counts uses.
    clock: u64,
}

struct Entry {
    site: String,
    used: u64,
    slot: Arc<AsyncMutex<Slot>>,
    /// Where pages of the client are, for preflights, which name no client.
    origins: Vec<AllowedOrigin>,
}

/// What is known of one document. Who holds the lock may fetch; others wait for what comes of it.
#[derive(Default)]
struct Slot {
    document: Option<Document>,
    /// Whether a fetch was counted that has not been made yet.
    paid: bool,
    /// Whether it was not to be had when it was last asked for.
    failed: bool,
    /// Until when its host is left alone. What it said is not kept (draft §5.2).
    paused_until: UnixSeconds,
}

struct Document {
    body: Arc<[u8]>,
    fresh_until: UnixSeconds,
    usable_until: UnixSeconds,
}

impl ClientDocuments {
    /// Knows none yet.
    pub fn new(resolve: Resolve, trust: Arc<ClientConfig>) -> Self {
        Self {
            resolve,
            trust,
            throttle: DocumentThrottle::default(),
            turns: Turns::new(),
            entries: Mutex::default(),
        }
    }

    /// The document at `url`.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn document(
        &self,
        url: &DocumentUrl,
        about: About,
        asker: Asker,
        now: UnixSeconds,
    ) -> Result<Arc<[u8]>, DocumentError> {
        let slot = self.slot(url, about, asker, now)?;
        let mut slot = slot.lock().await;
        if let Some(known) = slot.known(now) {
            return known;
        }
        let paid = std::mem::take(&mut slot.paid);
        // What was good is asked for again no more often than it says: those that anybody invents
        // must not keep it from that. A host that was good once and then says nothing is as any other.
        if (slot.failed || slot.document.is_none())
            && !paid
            && let Err(too_many) = self.pay(asker, now)
        {
            return slot.stale(now).ok_or(too_many);
        }
        let stale = slot.stale(now);
        let turn = match self.turns.take(url.site(), asker, stale.is_some()).await {
            Ok(turn) => turn,
            Err(busy) => {
                // Those behind this one would wait as long, one after the other.
                slot.paused_until = now.saturating_add(busy.again_in().unwrap_or_default());
                return stale.ok_or(busy);
            }
        };
        match fetch(url, &self.resolve, &self.trust, turn).await {
            Ok(fetched) => Ok(slot.keep(fetched, about, now)),
            Err(error) => {
                slot.failed = true;
                slot.paused_until = now.saturating_add(PAUSE_SECONDS);
                if error.again_in().is_none() {
                    slot.document = None;
                }
                slot.stale(now).ok_or(error)
            }
        }
    }

    /// The place of a document. What was never asked for gets one only with a fetch that may be made: who
    /// invents URLs beyond that pushes nothing out.
    fn slot(
        &self,
        url: &DocumentUrl,
        about: About,
        asker: Asker,
        now: UnixSeconds,
    ) -> Result<Arc<AsyncMutex<Slot>>, DocumentError> {
        let mut entries = self.entries();
        if let Some(slot) = entries.slot(about, url) {
            return Ok(slot);
        }
        self.pay(asker, now)?;
        Ok(entries.add(about, url))
    }

    /// Takes one fetch of what the asker may have.
    fn pay(&self, asker: Asker, now: UnixSeconds) -> Result<(), DocumentError> {
        let Asker::Anybody(source) = asker else {
            return Ok(());
        };
        let taken = self.throttle.take(source, now);
        taken.map_err(|RetryAfter(seconds)| DocumentError::TooMany(seconds))
    }

    /// Forgets a document that turned out to be no good (draft §5.2), and leaves its host alone for a
    /// while.
    pub async fn refuse(&self, url: &DocumentUrl, about: About, now: UnixSeconds) {
        let key = (about, url.as_str().to_owned());
        let slot = self.entries().by_url.get_mut(&key).map(|entry| {
            entry.origins.clear();
            entry.slot.clone()
        });
        if let Some(slot) = slot {
            *slot.lock().await = Slot {
                document: None,
                paid: false,
                failed: true,
                paused_until: now.saturating_add(PAUSE_SECONDS),
            };
        }
    }

    /// Keeps the origins of a client with its document.
    pub fn note_origins(&self, id: &ClientId, origins: &[AllowedOrigin]) {
        let key = (About::Client, id.as_str().to_owned());
        if let Some(entry) = self.entries().by_url.get_mut(&key) {
            entry.origins = origins.to_vec();
        }
    }

    /// Whether pages of `origin` are those of a client that is known.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let entries = self.entries();
        let mut origins = entries.by_url.values().flat_map(|entry| &entry.origins);
        origins.any(|allowed| allowed.matches(origin))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries().by_url.len()
    }
}

impl Slot {
    /// What is known without asking; `None`: it has to be fetched.
    fn known(&self, now: UnixSeconds) -> Option<Result<Arc<[u8]>, DocumentError>> {
        let document = self.document.as_ref();
        if let Some(fresh) = document.filter(|document| now < document.fresh_until) {
            return Some(Ok(fresh.body.clone()));
        }
        let pause = self
            .paused_until
            .checked_sub(now)
            .filter(|left| *left > 0)?
            // A clock that was set back must not make anybody wait longer than ever meant.
            .min(PAUSE_SECONDS);
        Some(self.stale(now).ok_or(DocumentError::Paused(pause)))
    }

    /// What was good until not long ago.
    fn stale(&self, now: UnixSeconds) -> Option<Arc<[u8]>> {
        let document = self.document.as_ref();
        let usable = document.filter(|document| now < document.usable_until);
        usable.map(|document| document.body.clone())
    }

    fn keep(&mut self, fetched: Fetched, about: About, now: UnixSeconds) -> Arc<[u8]> {
        let most = match about {
            About::Client => MOST_SECONDS,
            About::Keys => MOST_SECONDS_OF_KEYS,
        };
        let body: Arc<[u8]> = fetched.body.into();
        let fresh_until = now.saturating_add(fetched.freshness.seconds.min(most));
        let longer = match fetched.freshness.may_be_stale {
            true => STALE_SECONDS,
            false => 0,
        };
        *self = Self {
            document: Some(Document {
                body: body.clone(),
                fresh_until,
                usable_until: fresh_until.saturating_add(longer),
            }),
            paid: false,
            failed: false,
            paused_until: 0,
        };
        body
    }
}

impl Entries {
    /// The place of a document, if it has one.
    fn slot(&mut self, about: About, url: &DocumentUrl) -> Option<Arc<AsyncMutex<Slot>>> {
        self.clock += 1;
        let key = (about, url.as_str().to_owned());
        let entry = self.by_url.get_mut(&key)?;
        entry.used = self.clock;
        Some(entry.slot.clone())
    }

    /// Makes a place for one, of which a fetch was counted.
    fn add(&mut self, about: About, url: &DocumentUrl) -> Arc<AsyncMutex<Slot>> {
        let site = url.site();
        let of_site = self.by_url.values().filter(|entry| entry.site == site);
        if of_site.count() >= MAX_DOCUMENTS_OF_A_SITE {
            self.make_room(|entry| entry.site == site);
        } else if self.by_url.len() >= MAX_DOCUMENTS {
            self.make_room(|_| true);
        }
        let slot = Arc::new(AsyncMutex::new(Slot {
            paid: true,
            ..Slot::default()
        }));
        let entry = Entry {
            site: site.to_owned(),
            used: self.clock,
            slot: Arc::clone(&slot),
            origins: Vec::new(),
        };
        self.by_url.insert((about, url.as_str().to_owned()), entry);
        slot
    }

    /// One of these goes, of those without a document first: URLs that anybody can invent.
    fn make_room(&mut self, may_go: impl Fn(&Entry) -> bool) {
        let worth = |entry: &Entry| {
            let slot = entry.slot.try_lock();
            // One that is being fetched is worth as much as one that is there.
            slot.map_or(true, |slot| slot.document.is_some())
        };
        let least = self
            .by_url
            .iter()
            .filter(|(_, entry)| may_go(entry))
            .min_by_key(|(_, entry)| (worth(entry), entry.used));
        if let Some(key) = least.map(|(key, _)| key.clone()) {
            self.by_url.remove(&key);
        }
    }
}
