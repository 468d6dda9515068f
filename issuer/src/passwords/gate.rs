//! How many hashes are made at once, and who has to wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::hashing::Memory;
use crate::metrics::{self, Moment};
use crate::throttle::RetryAfter;

/// How many may wait for their turn; more would wait longer than people do.
const MAX_WAITING: usize = 32;
/// How long one may wait.
const PATIENCE: Duration = Duration::from_secs(3);
/// What those are told who are turned away.
const RETRY: RetryAfter = RetryAfter(2);

pub(super) struct Gate {
    /// One for each that is being made or waits.
    places: Arc<Semaphore>,
    /// One for each that is being made.
    turns: Arc<Semaphore>,
    patience: Duration,
    /// The memory that nobody is hashing in: never more pieces than there are turns.
    memory: Arc<Mutex<Vec<Memory>>>,
}

/// The right to make one hash.
pub(super) struct Pass {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
    memory: Arc<Mutex<Vec<Memory>>>,
}

impl Gate {
    pub(super) fn new(at_once: usize) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(at_once.saturating_add(MAX_WAITING))),
            turns: Arc::new(Semaphore::new(at_once)),
            patience: PATIENCE,
            memory: Arc::default(),
        }
    }

    /// Waits for a turn, first come first served.
    pub(super) async fn pass(&self) -> Result<Pass, RetryAfter> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| RETRY)?;
        let waiting = metrics::password_waiting();
        let turn = tokio::time::timeout(self.patience, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| RETRY)?.map_err(|_| RETRY)?;
        drop(waiting);
        Ok(Pass {
            _place: place,
            _turn: turn,
            memory: self.memory.clone(),
        })
    }
}

impl Pass {
    /// Does the work away from the threads that answer requests. The pass is held until it is done,
    /// also when nobody waits for the result any more.
    pub(super) async fn run(self, work: impl FnOnce(&mut Memory) -> bool + Send + 'static) -> bool {
        let done = spawn_blocking(move || {
            let mut memory = self.free_memory().pop().unwrap_or_default();
            let began = Moment::now();
            let result = work(&mut memory);
            metrics::password_hashed(began);
            self.free_memory().push(memory);
            drop(self);
            result
        });
        done.await.unwrap_or(false)
    }

    fn free_memory(&self) -> MutexGuard<'_, Vec<Memory>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn more_than_can_wait_are_turned_away_at_once() {
        let gate = Arc::new(Gate::new(1));
        let (open, blocked) = mpsc::channel::<()>();
        let first = gate.pass().await.unwrap();
        let working = tokio::spawn(first.run(move |_| blocked.recv().is_err()));
        let waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| {
                let gate = gate.clone();
                tokio::spawn(async move { gate.pass().await.map(drop) })
            })
            .collect();
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.pass().await.map(drop), Err(RETRY));
        drop(open);
        assert!(working.await.unwrap());
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let gate = Gate {
            patience: Duration::from_millis(1),
            ..Gate::new(1)
        };
        let _held = gate.pass().await.unwrap();
        assert_eq!(gate.pass().await.map(drop), Err(RETRY));
    }

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_still_takes_its_turn() {
        let gate = Gate::new(1);
        let (open, blocked) = mpsc::channel::<()>();
        let pass = gate.pass().await.unwrap();
        let abandoned = tokio::spawn(pass.run(move |_| blocked.recv().is_err()));
        // Started, so that dropping the future leaves the work running.
        tokio::task::yield_now().await;
        abandoned.abort();
        assert!(abandoned.await.is_err());
        assert_eq!(gate.turns.available_permits(), 0);
        drop(open);
        assert!(gate.pass().await.is_ok());
    }
}
