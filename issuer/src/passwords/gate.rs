//! How many hashes are made at once, and who has to wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::hashing::Memory;
use crate::metrics::{self, Moment};
use crate::throttle::RetryAfter;

/// How many may wait for their turn; more would wait longer than people do.
const MAX_WAITING: usize = 32;
/// How many known browsers may wait besides. They have failed too rarely to be slowed down, and whoever
/// fills the queue of the others keeps none of them out.
const MAX_KNOWN_WAITING: usize = 8;
/// How long one may wait.
const PATIENCE: Duration = Duration::from_secs(3);
/// What those are told who are turned away.
const RETRY: RetryAfter = RetryAfter(2);

/// Who wants a password hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A browser in which somebody has logged in to the very account before.
    Known,
    /// Anybody else.
    Other,
}

pub(super) struct Gate {
    /// One for each that is being made or waits.
    places: Arc<Semaphore>,
    /// Those that known browsers alone may have.
    known_places: Arc<Semaphore>,
    /// For the one of the others whose turn is next. The rest stand behind it, and no known browser
    /// stands behind them.
    front: Semaphore,
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
            known_places: Arc::new(Semaphore::new(MAX_KNOWN_WAITING)),
            front: Semaphore::new(1),
            turns: Arc::new(Semaphore::new(at_once)),
            patience: PATIENCE,
            memory: Arc::default(),
        }
    }

    /// Waits for a turn, first come first served; a known browser with those that are hashed and one
    /// other before it.
    pub(super) async fn pass(&self, who: Who) -> Result<Pass, RetryAfter> {
        let (place, who) = self.place(who)?;
        let waiting = metrics::password_waiting();
        let turn = tokio::time::timeout(self.patience, self.turn(who)).await;
        let turn = turn.map_err(|_| RETRY)?.map_err(|_| RETRY)?;
        drop(waiting);
        Ok(Pass {
            _place: place,
            _turn: turn,
            memory: self.memory.clone(),
        })
    }

    /// A known browser that finds the places of its kind taken is one of the others.
    fn place(&self, who: Who) -> Result<(OwnedSemaphorePermit, Who), RetryAfter> {
        if who == Who::Known
            && let Ok(place) = self.known_places.clone().try_acquire_owned()
        {
            return Ok((place, who));
        }
        let place = self.places.clone().try_acquire_owned();
        Ok((place.map_err(|_| RETRY)?, Who::Other))
    }

    async fn turn(&self, who: Who) -> Result<OwnedSemaphorePermit, AcquireError> {
        let _front = match who {
            Who::Known => None,
            Who::Other => Some(self.front.acquire().await?),
        };
        self.turns.clone().acquire_owned().await
    }
}

#[cfg(test)]
impl Gate {
    /// As a flood of others does.
    pub(super) fn take_all_places(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(self.places.available_permits()).unwrap();
        self.places.clone().try_acquire_many_owned(all).unwrap()
    }
}

impl Pass {
    /// Does the work away from the threads that answer requests. The pass is held until it is done,
    /// also when nobody waits for the result any more. `None` where the work did not come to its end.
    pub(super) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Option<T> {
        let done = spawn_blocking(move || {
            let mut memory = self.free_memory().pop().unwrap_or_default();
            let began = Moment::now();
            let result = work(&mut memory);
            metrics::password_hashed(began);
            self.free_memory().push(memory);
            drop(self);
            result
        });
        done.await.ok()
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
        let first = gate.pass(Who::Other).await.unwrap();
        let working = tokio::spawn(first.run(move |_| blocked.recv().is_err()));
        let waiting: Vec<_> = (0..MAX_WAITING)
            .map(|_| {
                let gate = gate.clone();
                tokio::spawn(async move { gate.pass(Who::Other).await.map(drop) })
            })
            .collect();
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.pass(Who::Other).await.map(drop), Err(RETRY));
        drop(open);
        assert_eq!(working.await.unwrap(), Some(true));
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
        let _held = gate.pass(Who::Other).await.unwrap();
        assert_eq!(gate.pass(Who::Other).await.map(drop), Err(RETRY));
    }

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_still_takes_its_turn() {
        let gate = Gate::new(1);
        let (open, blocked) = mpsc::channel::<()>();
        let pass = gate.pass(Who::Other).await.unwrap();
        let abandoned = tokio::spawn(pass.run(move |_| blocked.recv().is_err()));
        // Started, so that dropping the future leaves the work running.
        tokio::task::yield_now().await;
        abandoned.abort();
        assert!(abandoned.await.is_err());
        assert_eq!(gate.turns.available_permits(), 0);
        drop(open);
        assert!(gate.pass(Who::Other).await.is_ok());
    }

    /// A gate with one turn, which is taken, and all places of the others with it. Gives what frees it,
    /// and who came through afterwards, in order.
    async fn full() -> (Arc<Gate>, Pass, Arc<Mutex<Vec<Who>>>) {
        let gate = Arc::new(Gate::new(1));
        let held = gate.pass(Who::Other).await.unwrap();
        let order = Arc::default();
        for _ in 0..MAX_WAITING {
            come(&gate, Who::Other, &order);
        }
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        (gate, held, order)
    }

    fn come(gate: &Arc<Gate>, who: Who, order: &Arc<Mutex<Vec<Who>>>) {
        let (gate, order) = (gate.clone(), order.clone());
        tokio::spawn(async move {
            let pass = gate.pass(who).await.unwrap();
            order.lock().unwrap().push(who);
            drop(pass);
        });
    }

    #[tokio::test]
    async fn who_fills_the_queue_keeps_no_known_browser_waiting() {
        let (gate, held, order) = full().await;
        assert_eq!(gate.pass(Who::Other).await.map(drop), Err(RETRY));
        come(&gate, Who::Known, &order);
        while gate.known_places.available_permits() == MAX_KNOWN_WAITING {
            tokio::task::yield_now().await;
        }
        drop(held);
        while order.lock().unwrap().len() < MAX_WAITING + 1 {
            tokio::task::yield_now().await;
        }
        let order = order.lock().unwrap();
        assert_eq!(order.iter().position(|who| *who == Who::Known), Some(1));
    }

    #[tokio::test]
    async fn known_browsers_are_bounded_too_and_let_others_take_their_turn() {
        let (gate, held, order) = full().await;
        for _ in 0..MAX_KNOWN_WAITING {
            come(&gate, Who::Known, &order);
        }
        while gate.known_places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.pass(Who::Known).await.map(drop), Err(RETRY));
        drop(held);
        while order.lock().unwrap().len() < MAX_WAITING + MAX_KNOWN_WAITING {
            tokio::task::yield_now().await;
        }
        // The one that stood in front came first, whoever came after it.
        assert_eq!(order.lock().unwrap().first(), Some(&Who::Other));
        assert!(gate.pass(Who::Known).await.is_ok());
    }
}
