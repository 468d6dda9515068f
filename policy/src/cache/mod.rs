//! Tokens that have been verified, so that each is verified once: one cache for each worker.
//!
//! Only what [`verify`](crate::verify) has vouched for can be in it, and only under the very bytes
//! that it vouched for. A bad token is never remembered: nobody can fill the cache with junk, or be
//! locked out by it.

mod lru;
#[cfg(test)]
mod tests;

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use crate::config::{CacheLimits, Policy};
use crate::header::KnownHeaders;
use crate::verify::{FIXED_BYTES, VerifiedToken};
use lru::{Lru, SlotId};

/// Verified tokens, bounded in number and in bytes; the one that was not used for the longest time
/// goes first.
pub struct TokenCache {
    limits: CacheLimits,
    entries: Lru<Arc<VerifiedToken>>,
    bytes: usize,
    hasher: RandomState,
    tally: CacheTally,
    pub(crate) headers: KnownHeaders,
}

/// What has happened in a cache since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheTally {
    /// Tokens whose signature did not have to be checked again.
    pub hits: u64,
    /// Tokens that were not there, good and bad ones.
    pub misses: u64,
    /// Tokens that went because there was no room for them.
    pub evictions: u64,
}

/// A token that was found, and where.
pub(crate) struct Hit {
    slot: SlotId,
    pub(crate) verified: Arc<VerifiedToken>,
}

impl TokenCache {
    /// An empty cache with the configured bounds.
    ///
    /// `hasher` has the random key of the hash, so that nobody can choose tokens for one bucket.
    pub fn new(policy: &Policy, hasher: RandomState) -> Self {
        let limits = policy.cache;
        Self {
            limits,
            // No more than the bytes have room for.
            entries: Lru::with_capacity(limits.max_entries.min(limits.max_bytes / FIXED_BYTES)),
            bytes: 0,
            hasher,
            tally: CacheTally::default(),
            headers: KnownHeaders::default(),
        }
    }

    /// How many tokens are in it.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// What has happened since the last call.
    pub fn take_tally(&mut self) -> CacheTally {
        std::mem::take(&mut self.tally)
    }

    /// The verified token with exactly these bytes. Times and key are for the caller to check.
    pub(crate) fn find(&self, token: &[u8]) -> Option<Hit> {
        if self.entries.len() == 0 {
            return None;
        }
        let hash = self.hash(token);
        let slot = self.entries.find(hash, |own| same(own.bytes(), token))?;
        let verified = Arc::clone(self.entries.get(slot)?);
        Some(Hit { slot, verified })
    }

    /// The token was as good as ever: it becomes the last to go.
    pub(crate) fn used(&mut self, hit: &Hit) {
        self.entries.touch(hit.slot);
        self.tally.hits += 1;
    }

    /// The token has to be verified from its beginning.
    pub(crate) fn missed(&mut self) {
        if self.limits.max_entries > 0 {
            self.tally.misses += 1;
        }
    }

    /// The token has expired, or is not to be believed without another look.
    pub(crate) fn drop_entry(&mut self, hit: &Hit) {
        self.remove(hit.slot);
    }

    /// Remembers a token. What was not used for the longest time makes room.
    pub(crate) fn insert(&mut self, verified: &Arc<VerifiedToken>) {
        let bytes = verified.memory_bytes();
        if self.limits.max_entries == 0 || bytes > self.limits.max_bytes {
            return;
        }
        if let Some(present) = self.find(verified.bytes()) {
            self.remove(present.slot);
        }
        while self.entries.len() >= self.limits.max_entries
            || self.bytes + bytes > self.limits.max_bytes
        {
            let Some(oldest) = self.entries.oldest() else {
                return;
            };
            self.remove(oldest);
            self.tally.evictions += 1;
        }
        let hash = self.hash(verified.bytes());
        self.bytes += bytes;
        self.entries.insert(hash, Arc::clone(verified));
    }

    fn remove(&mut self, slot: SlotId) {
        if let Some(verified) = self.entries.remove(slot) {
            self.bytes -= verified.memory_bytes();
        }
    }

    /// Of the last 64 bytes, which lie in the signature. Two tokens that agree there cannot both be
    /// verified unless a trusted issuer set out to do so; comparing whole tokens decides anyway.
    fn hash(&self, token: &[u8]) -> u64 {
        let tail = token.last_chunk::<64>().map_or(token, |tail| tail);
        let mut hasher = self.hasher.build_hasher();
        hasher.write(tail);
        hasher.finish()
    }
}

/// Whether two tokens are the same, eight bytes at a time: the C library's `memcmp` for Wasm goes
/// byte by byte, which takes longer than all the rest of a hit.
fn same(own: &[u8], other: &[u8]) -> bool {
    let (own_words, own_rest) = own.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    let equal =
        |(own, other): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*own) == u64::from_ne_bytes(*other);
    own.len() == other.len()
        && own_words.iter().zip(other_words).all(equal)
        && own_rest == other_rest
}

/// Tokens do not print.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entries, bytes) = (self.entries.len(), self.bytes);
        write!(f, "TokenCache({entries} entries, {bytes} bytes)")
    }
}
