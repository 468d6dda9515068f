//! The task that has the store sweep out what has expired.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{debug, warn};

use crate::clock::Clock;
use crate::store::{StoreError, Sweep, Swept};

/// How many records are looked at in a row: some 10 ms of one core.
const BUDGET: usize = 4_000;
/// With [`BUDGET`] this visits a million grants, of two records each, in under 10 minutes.
const PAUSE: Duration = Duration::from_secs(1);
/// While as many as this part of what was seen had expired, there is no pause.
const MANY: usize = 4;
/// How long to leave a store alone that failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Sweeps for ever.
pub async fn sweep(store: Arc<impl Sweep + 'static>, clock: Clock) {
    loop {
        let store = store.clone();
        let swept = spawn_blocking(move || store.sweep(clock(), BUDGET)).await;
        if let Some(pause) = swept.map_or(Some(PAUSE_AFTER_FAILURE), pause_after) {
            sleep(pause).await;
        }
    }
}

/// Reports what a sweep did, and says how long to wait before the next one.
fn pause_after(swept: Result<Swept, StoreError>) -> Option<Duration> {
    match swept {
        Ok(Swept { seen, removed }) => {
            if removed > 0 {
                debug!(seen, removed, "expired records were removed");
            }
            let go_on = seen >= BUDGET && removed >= seen / MANY;
            (!go_on).then_some(PAUSE)
        }
        Err(error) => {
            warn!(%error, "expired records could not be removed");
            Some(PAUSE_AFTER_FAILURE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_pause_while_much_has_expired() {
        let pause = |seen, removed| pause_after(Ok(Swept { seen, removed }));
        assert_eq!(pause(BUDGET, BUDGET / MANY), None);
        assert_eq!(pause(BUDGET, BUDGET / MANY - 1), Some(PAUSE));
        assert_eq!(pause(BUDGET - 1, BUDGET - 1), Some(PAUSE));
        assert_eq!(pause(0, 0), Some(PAUSE));
    }

    #[test]
    fn a_store_that_failed_is_left_alone_for_longer() {
        let failed = StoreError::Failed {
            detail: String::new(),
        };
        assert_eq!(pause_after(Err(failed)), Some(PAUSE_AFTER_FAILURE));
    }
}
