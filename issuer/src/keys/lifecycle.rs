//! What happens to signing keys, and when: the rules alone.
//!
//! A key is *published* before it signs, so that whoever keeps a copy of the JWKS has it by then;
//! *active* while it signs; *retired* while anything that it signed is alive; then it is gone
//! (OIDC Core §10.1.1).
//!
//! # Two clocks
//!
//! The clock on the wall can be wrong, and can be set. Whether enough time has passed is therefore
//! measured by a clock that nobody can set, and that counts only while an issuer runs
//! ([`KeyLife::elapsed`]): it never says more than has really passed. It alone decides whether a key
//! has been published for long enough. A key leaves only when *both* clocks say so: the one that
//! cannot be set, and the one on the wall, by which tokens expire. A rotation is due when *either*
//! says so: one that comes early is published for as long as any other and does no harm.

use std::collections::BTreeSet;

use dockgate_token::Algorithm;

use crate::clock::UnixSeconds;
use crate::store::{KeyLife, KeyState};

/// How far the store may be behind the two clocks, in seconds: what a crash may take from
/// [`KeyLife::elapsed`] and from [`KeyLife::signed_until`].
pub const CHECKPOINT: u64 = 30;

/// The most keys that an algorithm has at once: one that is published, one that signs, and the rest
/// retired. With four algorithms a JWKS stays far below what verifiers read.
pub const MAX_KEYS: usize = 8;

/// What the configuration says of the lives of keys. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Those that must be able to sign.
    pub algorithms: BTreeSet<Algorithm>,
    /// How long a key signs; `None` for as long as nobody asks for another.
    pub rotation: Option<u64>,
    /// How long caches may keep the JWKS.
    pub cached_for: u64,
    /// How much longer than that a key is published before it signs.
    pub publish_margin: u64,
    /// How far the clocks of verifiers may be behind.
    pub clock_skew: u64,
    /// The longest lifetime of anything that is signed.
    pub longest_token: u64,
}

impl Schedule {
    /// What holds the promises of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            algorithms: self.algorithms.union(&other.algorithms).copied().collect(),
            rotation: other.rotation,
            cached_for: self.cached_for.max(other.cached_for),
            publish_margin: self.publish_margin.max(other.publish_margin),
            clock_skew: self.clock_skew.max(other.clock_skew),
            longest_token: self.longest_token.max(other.longest_token),
        }
    }
}

/// A key, as far as the rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the store knows it by; later keys have greater numbers.
    pub number: u64,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// How far it has come, up to now.
    pub life: KeyLife,
}

/// What is to be done now. Different steps concern different keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a key that signs at once: there is none that could, and nobody can have a JWKS that
    /// lacks it.
    Begin(Algorithm),
    /// Make a key and publish it.
    Publish(Algorithm),
    /// Have this key sign, and retire the one that does.
    Activate(u64),
    /// Remove this key from the JWKS and from the store.
    Remove(u64),
    /// A rotation is due and has to wait: there are as many keys as there may be.
    Hold(Algorithm),
}

/// What is to be done at `now`. For each algorithm at most one key is made or begins to sign.
pub fn steps(now: UnixSeconds, keys: &[Entry], schedule: &Schedule) -> Vec<Step> {
    let in_store = keys.iter().map(|key| key.algorithm);
    let algorithms: BTreeSet<_> = schedule
        .algorithms
        .iter()
        .copied()
        .chain(in_store)
        .collect();
    let mut steps = Vec::new();
    for algorithm in algorithms {
        let own = keys.iter().filter(|key| key.algorithm == algorithm);
        let own: Vec<_> = own.copied().collect();
        steps.extend(forward(now, algorithm, &own, schedule));
    }
    let over = keys
        .iter()
        .filter(|key| is_over(now, &key.life, schedule.clock_skew));
    steps.extend(over.map(|key| Step::Remove(key.number)));
    steps
}

/// The step towards the next key of one algorithm.
fn forward(
    now: UnixSeconds,
    algorithm: Algorithm,
    own: &[Entry],
    schedule: &Schedule,
) -> Option<Step> {
    let of = |state| own.iter().find(move |key| key.life.state == state);
    let waiting = of(KeyState::Published);
    let Some(active) = of(KeyState::Active) else {
        // Whatever has become of it: an issuer that cannot sign is worse than a key that is early.
        return Some(waiting.map_or(Step::Begin(algorithm), |key| Step::Activate(key.number)));
    };
    let ahead = publish_ahead(own.iter().map(|key| &key.life), schedule);
    if let Some(waiting) = waiting {
        let long_enough = waiting.life.elapsed >= ahead;
        return long_enough.then_some(Step::Activate(waiting.number));
    }
    let is_due = |rotation: u64| age(now, &active.life).saturating_add(ahead) >= rotation;
    match schedule.rotation {
        Some(rotation) if is_due(rotation) && own.len() >= MAX_KEYS => Some(Step::Hold(algorithm)),
        Some(rotation) if is_due(rotation) => Some(Step::Publish(algorithm)),
        _ => None,
    }
}

/// How long a key is published before it signs: as long as any cache may keep a JWKS that it was
/// given while one of these keys was in it, and the margin.
pub fn publish_ahead<'a>(lives: impl Iterator<Item = &'a KeyLife>, schedule: &Schedule) -> u64 {
    let cached_for = lives.map(|life| life.cached_for).max();
    cached_for
        .unwrap_or_default()
        .max(schedule.cached_for)
        .saturating_add(schedule.publish_margin)
}

/// When a retired key may go, by the clock on the wall.
pub fn leaves_after(life: &KeyLife, clock_skew: u64) -> UnixSeconds {
    life.signed_until
        .saturating_add(life.longest_token)
        .saturating_add(clock_skew)
        .saturating_add(CHECKPOINT)
}

/// Whether nothing that a key signed can be alive, wherever the clocks were when it did.
fn is_over(now: UnixSeconds, life: &KeyLife, clock_skew: u64) -> bool {
    let longest = life.longest_token.saturating_add(clock_skew);
    life.state == KeyState::Retired
        && life.elapsed > longest
        && now > leaves_after(life, clock_skew)
}

/// A life that begins in `state`.
pub fn begin(state: KeyState, now: UnixSeconds, schedule: &Schedule) -> KeyLife {
    let life = KeyLife {
        state,
        since: now,
        elapsed: 0,
        longest_token: 0,
        signed_until: 0,
        cached_for: schedule.cached_for,
    };
    advance(life, now, 0, schedule)
}

/// The next state of a life.
pub fn enter(life: KeyLife, state: KeyState, now: UnixSeconds, schedule: &Schedule) -> KeyLife {
    // What it may have signed up to this moment counts before it changes.
    let until_now = advance(life, now, 0, schedule);
    let entered = KeyLife {
        state,
        since: now,
        elapsed: 0,
        ..until_now
    };
    advance(entered, now, 0, schedule)
}

/// A life `seconds` later, by the clock that cannot be set; it is then `now` on the wall.
pub fn advance(life: KeyLife, now: UnixSeconds, seconds: u64, schedule: &Schedule) -> KeyLife {
    let life = KeyLife {
        elapsed: life.elapsed.saturating_add(seconds),
        cached_for: life.cached_for.max(schedule.cached_for),
        ..life
    };
    if life.state != KeyState::Active {
        return life;
    }
    KeyLife {
        longest_token: life.longest_token.max(schedule.longest_token),
        signed_until: life.signed_until.max(now),
        ..life
    }
}

/// How many seconds there are until the next step of `key`, at the earliest: until it signs, until the
/// next one is published, or until it leaves. `own` are all keys of its algorithm. `None` where no step
/// is foreseen.
pub fn next_in(now: UnixSeconds, key: &Entry, own: &[Entry], schedule: &Schedule) -> Option<u64> {
    let life = &key.life;
    let ahead = publish_ahead(own.iter().map(|key| &key.life), schedule);
    match life.state {
        KeyState::Published => Some(ahead.saturating_sub(life.elapsed)),
        KeyState::Active => {
            let is_followed = own.iter().any(|key| key.life.state == KeyState::Published);
            let rotation = schedule.rotation.filter(|_| !is_followed)?;
            let age = age(now, life);
            Some(rotation.saturating_sub(age.saturating_add(ahead)))
        }
        KeyState::Retired => {
            let longest = life.longest_token.saturating_add(schedule.clock_skew);
            let by_uptime = longest.saturating_add(1).saturating_sub(life.elapsed);
            let by_wall = leaves_after(life, schedule.clock_skew).saturating_sub(now);
            Some(by_uptime.max(by_wall))
        }
    }
}

/// How long a key has signed, by the clock that says more.
fn age(now: UnixSeconds, life: &KeyLife) -> u64 {
    life.elapsed.max(now.saturating_sub(life.since))
}

/// Whether the store has to learn how a life has gone on: what it promises has grown, or a crash
/// would take more than [`CHECKPOINT`].
pub fn is_worth_writing(stored: &KeyLife, live: &KeyLife) -> bool {
    let behind = |stored: u64, live: u64| live.saturating_sub(stored) >= CHECKPOINT;
    live.state != stored.state
        || live.longest_token != stored.longest_token
        || live.cached_for != stored.cached_for
        || behind(stored.elapsed, live.elapsed)
        || behind(stored.signed_until, live.signed_until)
}

#[cfg(test)]
mod tests;
