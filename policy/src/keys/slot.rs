//! What the VMs of one process know together about the keys of one issuer.
//!
//! A slot is one entry in the host's shared data: a small *state*, and the *document* that it speaks
//! of. It changes by compare-and-swap alone, so that no state ever stands beside another's document:
//! a VM that was held up and comes late changes nothing. Anybody who shares the `vm_id` can write to
//! it, so it is not believed: one that cannot be read is replaced, times from the future count as now,
//! and the document goes through all the checks of a fetched one.

use serde::{Deserialize, Serialize};

use super::timing::{MAX_PAUSE_SECONDS, failure_pause, refresh_pause};
use crate::UnixSeconds;
use crate::config::{JwksLocation, RemoteJwks};

/// The name of a slot, by what is fetched for whom: the keys of one issuer must never be taken for
/// another's.
pub fn slot_name(issuer: &str, source: &RemoteJwks) -> String {
    let what = match &source.location {
        JwksLocation::Uri(location) => vec![&location.authority, &location.path],
        // Whom the metadata may name is part of what is fetched.
        JwksLocation::Discovered(discovery) => discovery.allow_authorities.iter().collect(),
    };
    let how = match &source.location {
        JwksLocation::Uri(_) => "uri",
        JwksLocation::Discovered(_) => "discover",
    };
    // As JSON, so that no two names run together.
    serde_json::json!([
        "dockgate",
        FORMAT,
        "keys",
        issuer,
        source.cluster,
        how,
        what
    ])
    .to_string()
}

/// Counts up when the meaning of an entry changes: after an update of the module the old VMs and
/// the new run side by side for a while.
const FORMAT: u32 = 2;

/// What a slot holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// When keys were fetched, when they will be again, and by whom.
    pub state: SlotState,
    /// The last good document; empty while there is none.
    pub document: Vec<u8>,
}

impl Slot {
    /// Reads what [`Self::write`] wrote; `None` for anything else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        // JSON on one line has no line feed in it.
        let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
        let state: SlotState = serde_json::from_slice(parts.next()?).ok()?;
        let document = parts.next()?.to_vec();
        let fits = state.document.is_none() == document.is_empty();
        fits.then_some(Self { state, document })
    }

    /// The entry.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.state).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.document);
        bytes
    }

    /// The slot in another state, with the document of before.
    #[must_use]
    pub fn with_state(self, state: SlotState) -> Self {
        Self { state, ..self }
    }
}

/// When keys were fetched, when they will be again, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotState {
    /// Which document it is, by the one who fetched it; a slot that was begun anew has another one.
    document: Option<u64>,
    /// The last good fetch.
    fetched_at: Option<UnixSeconds>,
    next_at: UnixSeconds,
    /// Since the last good fetch.
    failures: u32,
    /// When an unknown key last brought a fetch forward.
    wished_at: Option<UnixSeconds>,
    lease: Option<Lease>,
    /// Tells what was last logged about passed-over keys from anything else.
    logged: u64,
}

/// The right to fetch. It ends by time, so that the end of its holder is not the end of fetching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lease {
    /// A number that nobody else has, drawn for this fetch.
    holder: u64,
    until: UnixSeconds,
}

impl SlotState {
    /// Which document it speaks of: the number of the holder that fetched it.
    pub fn document(&self) -> Option<u64> {
        self.document
    }

    /// When that document was fetched.
    pub fn fetched_at(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        self.fetched_at.map(|at| at.min(now))
    }

    /// Whether every moment counts: nobody has fetched anything yet, and nobody has failed to.
    pub fn is_urgent(&self) -> bool {
        self.document.is_none() && self.failures == 0
    }

    /// The state in which `holder` fetches, if a fetch is due or a token has named an unknown key at
    /// `wish`, and nobody is at it.
    pub fn lease_to(
        &self,
        holder: u64,
        source: &RemoteJwks,
        wish: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> Option<Self> {
        if self.is_leased(now) {
            return None;
        }
        let state = self.without_lost_lease(source, now);
        let due = state.is_due(source, now);
        let granted = !due && wish.is_some_and(|wish| state.grants(wish, now));
        (due || granted).then(|| Self {
            // Else a clock that was put back would make the keys younger each time.
            fetched_at: state.fetched_at(now),
            lease: Some(Lease {
                holder,
                until: now.saturating_add(source.longest_fetch_seconds()),
            }),
            wished_at: if granted { Some(now) } else { state.wished_at },
            ..state
        })
    }

    /// The state after a good fetch of `holder`, whose document is to be written with it; `None` if
    /// the lease is not its own any more.
    ///
    /// `lifetime` is the issuer's, in seconds; `logged` stands for the passed-over keys.
    pub fn fetched(
        &self,
        holder: u64,
        source: &RemoteJwks,
        (lifetime, logged): (Option<u64>, u64),
        now: UnixSeconds,
        random: u64,
    ) -> Option<Self> {
        self.is_held_by(holder).then(|| Self {
            document: Some(holder),
            fetched_at: Some(now),
            next_at: now.saturating_add(refresh_pause(source, lifetime, random)),
            failures: 0,
            wished_at: self.wished_at,
            lease: None,
            logged,
        })
    }

    /// The state after a fetch of `holder` that brought nothing; `None` as for [`Self::fetched`].
    pub fn failed(
        &self,
        holder: u64,
        source: &RemoteJwks,
        now: UnixSeconds,
        random: u64,
    ) -> Option<Self> {
        self.is_held_by(holder)
            .then(|| self.after_failure(source, now, now, random))
    }

    /// Whether the holder of the lease has let its time run out: its VM has ended, as one does whose
    /// fetch it did not survive.
    pub fn has_lost_lease(&self, now: UnixSeconds) -> bool {
        self.lease.is_some() && !self.is_leased(now)
    }

    /// Whether the passed-over keys are others than those logged last.
    pub fn is_news(&self, logged: u64) -> bool {
        self.logged != logged
    }

    /// Whether `holder` has the lease, be it run out or not.
    pub fn is_held_by(&self, holder: u64) -> bool {
        self.lease.as_ref().is_some_and(|own| own.holder == holder)
    }

    fn after_failure(
        &self,
        source: &RemoteJwks,
        ended_at: UnixSeconds,
        now: UnixSeconds,
        random: u64,
    ) -> Self {
        let failures = self.failures.saturating_add(1);
        Self {
            fetched_at: self.fetched_at(now),
            next_at: ended_at.saturating_add(failure_pause(source, failures, random)),
            failures,
            lease: None,
            ..self.clone()
        }
    }

    /// A lease that ran out is a failure like any other, from the moment at which it did: a document
    /// that brings down every VM that reads it must not be asked for without a pause.
    fn without_lost_lease(&self, source: &RemoteJwks, now: UnixSeconds) -> Self {
        match &self.lease {
            Some(lost) if !self.is_leased(now) => {
                // Of another clock, it ended nobody knows when.
                let ended_at = if lost.until <= now { lost.until } else { 0 };
                // Whoever looks comes to the same end: the holder's number is the chance.
                self.after_failure(source, ended_at, now, lost.holder)
            }
            _ => self.clone(),
        }
    }

    fn is_leased(&self, now: UnixSeconds) -> bool {
        // One that ends later than any can is from before the clock was put back.
        let latest = now.saturating_add(LONGEST_LEASE_SECONDS);
        let lease = self.lease.as_ref();
        lease.is_some_and(|lease| now < lease.until && lease.until <= latest)
    }

    /// Whoever fetched last may have had another period, so that both count: the time that it left
    /// behind, and this one's own.
    fn is_due(&self, source: &RemoteJwks, now: UnixSeconds) -> bool {
        // Later than any fetch is put off: the clock was put back.
        let longest = match self.failures {
            0 => LONGEST_PERIOD_SECONDS,
            _ => MAX_PAUSE_SECONDS,
        };
        let too_late = self.next_at > now.saturating_add(longest);
        let too_old = self.failures == 0
            && self.fetched_at.is_some_and(|at| {
                let clock_was_put_back = at > now.saturating_add(CLOCK_STEP_SECONDS);
                now >= source.refresh_at(at) || clock_was_put_back
            });
        now >= self.next_at || too_late || too_old
    }

    /// At most once every [`COOL_DOWN_SECONDS`], so that a flood of unknown keys does not become a
    /// flood at the issuer; not while fetches fail; not if there was a fetch since.
    fn grants(&self, wish: UnixSeconds, now: UnixSeconds) -> bool {
        let cooled =
            |last: UnixSeconds| last > now || now >= last.saturating_add(COOL_DOWN_SECONDS);
        self.failures == 0
            && self.wished_at.is_none_or(cooled)
            && self.fetched_at.is_none_or(|at| at <= wish)
    }
}

/// As long as the configuration lets a fetch be: three calls of a minute each, and some to spare.
const LONGEST_LEASE_SECONDS: u64 = 185;
/// As long as the configuration lets a period be.
const LONGEST_PERIOD_SECONDS: u64 = 86_400;
/// Two threads read the time a moment apart; more than this is another clock.
const CLOCK_STEP_SECONDS: u64 = 60;
/// As jose, the most used client library, waits between two fetches.
const COOL_DOWN_SECONDS: u64 = 30;

#[cfg(test)]
mod tests;
