//! The task that writes down what was counted of failures, so that no restart gives a guesser a new
//! allowance.
//!
//! An attempt never waits for it. A crash, or a kill, loses what was counted in the last [`PAUSE`] and
//! the flush after it: at most the passwords that were hashed in that time, some tens, which is less
//! than what the address of the guesser may fail at anyway.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::warn;

use crate::clock::UnixSeconds;
use crate::store::{CounterStore, StoreError};
use crate::throttle::Throttles;

/// Between two writes. Where nothing was counted there is none, and no flush.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes in what was counted before the start.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn resume(
    throttles: &Throttles,
    store: &impl CounterStore,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    throttles.restore(&store.counters(now)?);
    Ok(())
}

/// Writes down what was counted since the last time.
///
/// # Errors
/// [`StoreError`] when it cannot be written; then it counts in memory alone.
pub fn write_down(throttles: &Throttles, store: &impl CounterStore) -> Result<(), StoreError> {
    store.write_counters(&throttles.take_changes())
}

/// Writes down for ever.
pub async fn keep_writing_down(throttles: Arc<Throttles>, store: Arc<impl CounterStore + 'static>) {
    loop {
        sleep(PAUSE).await;
        let (throttles, store) = (throttles.clone(), store.clone());
        let written = spawn_blocking(move || write_down(&throttles, &*store)).await;
        if let Ok(Err(error)) = written {
            warn!(%error, "what was counted of failures could not be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SledStore;
    use crate::temp_dir::TempDir;
    use crate::throttle::{RetryAfter, Source};

    const NOW: UnixSeconds = 1_000_000;

    fn open(dir: &TempDir) -> (Throttles, SledStore) {
        let store = SledStore::opened_again(dir.path());
        let throttles = Throttles::default();
        resume(&throttles, &store, NOW).unwrap();
        (throttles, store)
    }

    #[test]
    fn every_counter_counts_on_after_a_restart() {
        let dir = TempDir::new();
        let source = Source::browser(Some("192.0.2.1".parse().unwrap()));
        let client = "web".parse().unwrap();
        {
            let (throttles, store) = open(&dir);
            for _ in 0..13 {
                throttles.logins.failed("alice", source, NOW);
            }
            for _ in 0..20 {
                throttles
                    .clients
                    .failed(Some(&client), source, NOW)
                    .unwrap();
            }
            for _ in 0..10 {
                throttles.user_codes.take("alice", source, NOW).unwrap();
            }
            let registrant = crate::throttle::Registrant::Anyone(source);
            for _ in 0..20 {
                throttles.registrations.take(registrant, NOW).unwrap();
            }
            write_down(&throttles, &store).unwrap();
            let flushes = crate::store::Reachable::flushes(&store);
            write_down(&throttles, &store).unwrap();
            let after = crate::store::Reachable::flushes(&store);
            assert_eq!(after, flushes, "nothing has changed, so nothing is flushed");
        }
        let (throttles, _store) = open(&dir);
        assert_eq!(
            throttles.logins.check("alice", source, NOW),
            Err(RetryAfter(900))
        );
        assert_eq!(
            throttles.clients.failed(Some(&client), source, NOW),
            Err(RetryAfter(30))
        );
        assert_eq!(
            throttles.user_codes.take("alice", source, NOW).map(drop),
            Err(RetryAfter(60))
        );
        let registrant = crate::throttle::Registrant::Anyone(source);
        assert_eq!(
            throttles.registrations.take(registrant, NOW),
            Err(RetryAfter(300))
        );
    }

    #[test]
    fn what_was_forgiven_stays_forgiven_and_what_is_over_is_swept() {
        use crate::store::Sweep as _;
        let dir = TempDir::new();
        let source = Source::browser(None);
        let (throttles, store) = open(&dir);
        for _ in 0..9 {
            throttles.logins.failed("alice", source, NOW);
        }
        write_down(&throttles, &store).unwrap();
        throttles.logins.succeeded("alice", source);
        write_down(&throttles, &store).unwrap();
        drop((throttles, store));
        let (throttles, store) = open(&dir);
        assert_eq!(throttles.logins.check("alice", source, NOW), Ok(()));
        let left = store.counters(NOW).unwrap().len();
        assert_eq!(left, 3, "address, account and all together");
        let swept = store.sweep(NOW + 1_000_000, 1000).unwrap();
        assert_eq!(swept.removed, left);
    }
}
