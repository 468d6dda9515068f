//! The documents that are known, and fetching those that are not: one fetch for all who wait for the
//! same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dockgate_token::ClientId;
use rustls::ClientConfig;
use tokio::sync::Mutex as AsyncMutex;

use super::fetch::fetch;
use super::freshness::{FAILURE_SECONDS, STALE_SECONDS};
use super::{DocumentError, MAX_DOCUMENTS, Resolve};
use crate::clock::UnixSeconds;
use crate::protocol::AllowedOrigin;
use crate::protocol::client_id_metadata::ClientIdUrl;
use crate::throttle::{DocumentThrottle, RetryAfter, Source};

/// Every document that is known. It outlives a change of the configuration: what a document says is
/// read anew for each request, by the rules of that moment.
pub struct ClientDocuments {
    resolve: Resolve,
    trust: Arc<ClientConfig>,
    throttle: DocumentThrottle,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_id: HashMap<String, Entry>,
    /// Counts uses.
    clock: u64,
}

struct Entry {
    used: u64,
    slot: Arc<AsyncMutex<Slot>>,
    /// Where pages of the client are, for preflights, which name no client.
    origins: Vec<AllowedOrigin>,
}

/// What is known of one document. Who holds the lock may fetch; others wait for what comes of it.
#[derive(Default)]
struct Slot {
    document: Option<Document>,
    failure: Option<(DocumentError, UnixSeconds)>,
}

struct Document {
    body: Arc<[u8]>,
    fresh_until: UnixSeconds,
}

impl ClientDocuments {
    /// Knows none yet.
    pub fn new(resolve: Resolve, trust: Arc<ClientConfig>) -> Self {
        Self {
            resolve,
            trust,
            throttle: DocumentThrottle::default(),
            entries: Mutex::default(),
        }
    }

    /// The document at `url`, for a request from `source`.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub async fn document(
        &self,
        url: &ClientIdUrl,
        source: Source,
        now: UnixSeconds,
    ) -> Result<Arc<[u8]>, DocumentError> {
        let slot = self.entries().slot(url.id().as_str());
        let mut slot = slot.lock().await;
        if let Some(known) = slot.known(now) {
            return known;
        }
        let fetched = match self.throttle.take(source, now) {
            Ok(()) => fetch(url, &self.resolve, &self.trust).await,
            // Others may ask at once: it is not the host that has failed.
            Err(RetryAfter(seconds)) => {
                let too_many = DocumentError::TooMany(seconds);
                return slot.stale(now).ok_or(too_many);
            }
        };
        match fetched {
            Ok(fetched) => {
                let body: Arc<[u8]> = fetched.body.into();
                *slot = Slot {
                    document: Some(Document {
                        body: body.clone(),
                        fresh_until: now.saturating_add(fetched.fresh_seconds),
                    }),
                    failure: None,
                };
                Ok(body)
            }
            Err(error) => {
                slot.failure = Some((error.clone(), now.saturating_add(FAILURE_SECONDS)));
                if !error.is_temporary() {
                    slot.document = None;
                }
                slot.stale(now).ok_or(error)
            }
        }
    }

    /// Keeps the origins of a client with its document.
    pub fn note_origins(&self, id: &ClientId, origins: &[AllowedOrigin]) {
        if let Some(entry) = self.entries().by_id.get_mut(id.as_str()) {
            entry.origins = origins.to_vec();
        }
    }

    /// Whether pages of `origin` are those of a client that is known.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let entries = self.entries();
        let mut origins = entries.by_id.values().flat_map(|entry| &entry.origins);
        origins.any(|allowed| allowed.matches(origin))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries().by_id.len()
    }
}

impl Slot {
    /// What is known without asking; `None`: it has to be fetched.
    fn known(&self, now: UnixSeconds) -> Option<Result<Arc<[u8]>, DocumentError>> {
        let document = self.document.as_ref();
        if let Some(fresh) = document.filter(|document| now < document.fresh_until) {
            return Some(Ok(fresh.body.clone()));
        }
        let (failure, until) = self.failure.as_ref()?;
        (now < *until).then(|| self.stale(now).ok_or_else(|| failure.clone()))
    }

    /// What was good until not long ago.
    fn stale(&self, now: UnixSeconds) -> Option<Arc<[u8]>> {
        let document = self.document.as_ref()?;
        let usable = now < document.fresh_until.saturating_add(STALE_SECONDS);
        usable.then(|| document.body.clone())
    }
}

impl Entries {
    fn slot(&mut self, id: &str) -> Arc<AsyncMutex<Slot>> {
        self.clock += 1;
        if let Some(entry) = self.by_id.get_mut(id) {
            entry.used = self.clock;
            return entry.slot.clone();
        }
        if self.by_id.len() >= MAX_DOCUMENTS {
            self.make_room();
        }
        let slot = Arc::default();
        let entry = Entry {
            used: self.clock,
            slot: Arc::clone(&slot),
            origins: Vec::new(),
        };
        self.by_id.insert(id.to_owned(), entry);
        slot
    }

    /// Those without a document go first: ids that anybody can invent.
    fn make_room(&mut self) {
        let worth = |entry: &Entry| {
            let slot = entry.slot.try_lock();
            // One that is being fetched is worth as much as one that is there.
            slot.map_or(true, |slot| slot.document.is_some())
        };
        let least = self
            .by_id
            .iter()
            .min_by_key(|(_, entry)| (worth(entry), entry.used));
        if let Some(id) = least.map(|(id, _)| id.clone()) {
            self.by_id.remove(&id);
        }
    }
}
