//! The task that has the signing keys go on through their lives, and the one place where they are
//! changed while the issuer runs.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dockgate_token::Algorithm;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::warn;

use crate::clock::{Clock, Uptime};
use crate::http::{Current, NotReplaced};
use crate::keys::lifecycle::Schedule;
use crate::keys::{Keeper, KeyError, Keyring, Moment};
use crate::metrics;
use crate::store::{SigningKeyStore, SledStore};

/// Looking costs nothing, and a schedule is in seconds.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to leave keys alone that could not be changed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// The keys of an issuer with the one kind of store that there is.
pub type SigningKeys = Turning<Arc<SledStore>>;

/// The keys of the running issuer. One change is made at a time, and requests are answered with the
/// keys of one change before the next is made.
pub struct Turning<S> {
    kept: Mutex<Kept<S>>,
    show: Show,
    clock: Clock,
    uptime: Uptime,
}

struct Kept<S> {
    keeper: Keeper<S>,
    /// The generation that requests are answered with.
    shown: u64,
}

/// Has requests that arrive from now on answered with a keyring.
type Show = Box<dyn Fn(Keyring) -> Result<(), NotReplaced> + Send + Sync>;

impl<S: SigningKeyStore> Turning<S> {
    /// Of keys that requests are answered with already.
    pub fn new(keeper: Keeper<S>, current: Current, clock: Clock, uptime: Uptime) -> Self {
        let show = move |keys| {
            current.update(|app| {
                app.keys = Arc::new(keys);
                Ok(())
            })
        };
        Self::showing(keeper, Box::new(show), clock, uptime)
    }

    fn showing(keeper: Keeper<S>, show: Show, clock: Clock, uptime: Uptime) -> Self {
        let shown = keeper.generation();
        let turning = Self {
            kept: Mutex::new(Kept { keeper, shown }),
            show,
            clock,
            uptime,
        };
        metrics::signing_keys(&turning.kept().keeper.list(turning.now()));
        turning
    }

    /// Makes a change, which is on disk when `change` returns, and has requests that arrive from then
    /// on answered with it. It blocks, and waits for [`Current::update`]: call it from outside of that.
    ///
    /// # Errors
    /// Those of `change`, and [`KeyError::NotShown`]: then the next call sees to it, whatever it changes.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Keeper<S>, Moment) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let mut kept = self.kept();
        let changed = change(&mut kept.keeper, self.now());
        let generation = kept.keeper.generation();
        if generation != kept.shown {
            let shown = (self.show)(kept.keeper.keyring());
            shown.map_err(|error| KeyError::NotShown(error.to_string()))?;
            kept.shown = generation;
            metrics::signing_keys(&kept.keeper.list(self.now()));
        }
        changed
    }

    /// The settings that count, and the algorithms that there are keys of.
    pub fn schedule(&self) -> (Schedule, BTreeSet<Algorithm>) {
        let kept = self.kept();
        let keys = kept.keeper.list(self.now());
        let algorithms = keys.into_iter().map(|key| key.algorithm).collect();
        (kept.keeper.schedule().clone(), algorithms)
    }

    fn kept(&self) -> MutexGuard<'_, Kept<S>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment {
            wall: (self.clock)(),
            uptime: (self.uptime)(),
        }
    }
}

/// Does what is due, for ever.
pub async fn turn(turning: Arc<Turning<impl SigningKeyStore + Send + 'static>>) {
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

#[cfg(test)]
mod tests;
