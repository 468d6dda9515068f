//! The task that has the signing keys go on through their lives, and the one place where they are
//! changed while the issuer runs.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dockgate_token::Algorithm;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{error, warn};

use crate::clock::{Clock, Uptime};
use crate::http::{Current, NotReplaced};
use crate::keys::lifecycle::Schedule;
use crate::keys::{Keeper, KeyError, Keyring, Moment};
use crate::metrics;
use crate::store::{AuditStore, SigningKeyStore, SledStore};

/// Looking costs nothing, and a schedule is in seconds.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to leave keys alone that could not be changed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// The keys of an issuer with the one kind of store that there is.
pub type SigningKeys = Turning<Arc<SledStore>>;

/// The keys of the running issuer. One change is made at a time, and requests are answered with the
/// keys of one change before the next is made.
pub struct Turning<S> {
    keeper: Mutex<Keeper<S>>,
    current: Current,
    clock: Clock,
    uptime: Uptime,
}

impl<S: SigningKeyStore + AuditStore> Turning<S> {
    /// Of keys that requests are answered with already.
    pub fn new(keeper: Keeper<S>, current: Current, clock: Clock, uptime: Uptime) -> Self {
        let turning = Self {
            keeper: Mutex::new(keeper),
            current,
            clock,
            uptime,
        };
        metrics::signing_keys(&turning.keeper().list(turning.now()));
        turning
    }

    /// Makes a change, which is on disk when `change` returns, and has requests that arrive from then
    /// on answered with it. It blocks, and waits for [`Current::update`]: call it from outside of that.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Keeper<S>, Moment) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let mut keeper = self.keeper();
        let before = keeper.generation();
        let changed = change(&mut keeper, self.now());
        if keeper.generation() != before {
            if let Err(error) = self.show(keeper.keyring()) {
                error!(%error, "the changed signing keys are used from the next start on");
            }
            metrics::signing_keys(&keeper.list(self.now()));
        }
        changed
    }

    /// The settings that count, and the algorithms that there are keys of.
    pub fn schedule(&self) -> (Schedule, BTreeSet<Algorithm>) {
        let keeper = self.keeper();
        let keys = keeper.list(self.now());
        let algorithms = keys.into_iter().map(|key| key.algorithm).collect();
        (keeper.schedule().clone(), algorithms)
    }

    fn show(&self, keys: Keyring) -> Result<(), NotReplaced> {
        self.current.update(|app| {
            app.keys = Arc::new(keys);
            Ok(())
        })
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper<S>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment {
            wall: (self.clock)(),
            uptime: (self.uptime)(),
        }
    }
}

/// Does what is due, for ever.
pub async fn turn(turning: Arc<Turning<impl SigningKeyStore + AuditStore + 'static>>) {
    loop {
        let turning = turning.clone();
        let ticked = spawn_blocking(move || turning.change(Keeper::tick)).await;
        let pause = match ticked {
            Ok(Ok(())) => PAUSE,
            Ok(Err(error)) => {
                warn!(%error, "the signing keys could not be changed; those that there are sign on");
                PAUSE_AFTER_FAILURE
            }
            Err(_) => PAUSE_AFTER_FAILURE,
        };
        sleep(pause).await;
    }
}
