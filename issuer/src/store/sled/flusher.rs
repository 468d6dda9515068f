//! Durability for everybody by one thread: whoever has written waits for the next flush that
//! begins after its write. While one flush runs, the writers that come meanwhile gather for the
//! next: the disk is waited for once for all of them.
//!
//! A flush costs a busy core more than a rotation does. So where several waited a moment ago, the
//! next flush waits for as many, though never long ([`GATHERING`]). Who is alone waits for nobody.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::super::StoreError;
use super::health::Health;
use super::unsettled::Change;
use crate::metrics::{self, Moment};
use crate::traces;

/// A flush takes milliseconds; one that takes longer than this may never end.
const STALLED: Duration = Duration::from_secs(10);

/// How long a flush waits at most for company. Long beside a signature, of which each of the others
/// may need one before it writes again; short beside what a person notices.
const GATHERING: Duration = Duration::from_millis(5);

/// Puts all that has been written so far on disk.
pub(super) type Persist = Box<dyn FnMut() -> Result<(), String> + Send>;

/// The thread and its queue.
pub(super) struct Flusher {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    done: AtomicU64,
    health: Arc<Health>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiter>,
    /// How many have to wait before the thread is woken; with fewer it wakes by itself in time.
    wanted: usize,
    stopping: bool,
    /// When the flush began that is under way.
    flushing_since: Option<Instant>,
}

/// Who waits.
struct Waiter {
    listener: Listener,
    /// What is over once it is on disk, whether somebody still listens or not.
    _change: Option<Change>,
}

/// A task or a thread.
enum Listener {
    Task(oneshot::Sender<Result<(), StoreError>>),
    Thread(mpsc::Sender<Result<(), StoreError>>),
}

impl Flusher {
    pub(super) fn start(health: Arc<Health>, persist: Persist) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
            done: AtomicU64::new(0),
            health,
        });
        let thread = {
            let shared = shared.clone();
            Builder::new()
                .name("store-flusher".to_owned())
                .spawn(move || shared.run(persist))?
        };
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Resolves when all that was written before this call is on disk.
    ///
    /// # Errors
    /// [`StoreError`] when that is not known to be so.
    pub(super) async fn durable(&self) -> Result<(), StoreError> {
        self.wait(None).await
    }

    /// The same, and keeps `change` until then.
    ///
    /// # Errors
    /// As [`Self::durable`].
    pub(super) async fn settle(&self, change: Change) -> Result<(), StoreError> {
        self.wait(Some(change)).await
    }

    async fn wait(&self, change: Option<Change>) -> Result<(), StoreError> {
        let _span = traces::child("flush store");
        let (sender, receiver) = oneshot::channel();
        self.shared.enqueue(Waiter {
            listener: Listener::Task(sender),
            _change: change,
        })?;
        receiver.await.map_err(|_| gone())?
    }

    /// The same for a thread that may wait.
    ///
    /// # Errors
    /// As [`Self::durable`].
    pub(super) fn durable_blocking(&self) -> Result<(), StoreError> {
        let (sender, receiver) = mpsc::channel();
        self.shared.enqueue(Waiter {
            listener: Listener::Thread(sender),
            _change: None,
        })?;
        receiver.recv().map_err(|_| gone())?
    }

    /// How many flushes there have been.
    pub(super) fn flushes(&self) -> u64 {
        self.shared.done.load(Ordering::Relaxed)
    }

    /// Whether flushes come to an end.
    ///
    /// # Errors
    /// [`StoreError`] when the one under way has taken suspiciously long.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let since = self.shared.queue().flushing_since;
        if since.is_some_and(|since| now().duration_since(since) > STALLED) {
            let seconds = STALLED.as_secs();
            return Err(failed(&format!(
                "the disk has not answered for {seconds} s"
            )));
        }
        Ok(())
    }

    /// Ends the thread once nobody waits any more. Later waiters are refused.
    pub(super) fn stop(&self) {
        self.shared.queue().stopping = true;
        self.shared.changed.notify_all();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // It cannot panic: what could is caught.
            thread.join().ok();
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, waiter: Waiter) -> Result<(), StoreError> {
        self.health.check()?;
        let mut queue = self.queue();
        if queue.stopping {
            return Err(gone());
        }
        queue.waiting.push(waiter);
        let is_complete = queue.waiting.len() >= queue.wanted;
        drop(queue);
        if is_complete {
            self.changed.notify_all();
        }
        Ok(())
    }

    fn run(&self, mut persist: Persist) {
        let mut expected = 1;
        while let Some(waiting) = self.next_round(expected) {
            let began = Moment::now();
            let outcome = self.flush(&mut persist);
            metrics::flushed(began);
            expected = self.end_round(waiting.len());
            match &outcome {
                Ok(()) => drop(self.done.fetch_add(1, Ordering::Relaxed)),
                Err(detail) => self.health.fail(detail),
            }
            for waiter in waiting {
                waiter.listener.tell(match &outcome {
                    Ok(()) => Ok(()),
                    Err(detail) => Err(failed(detail)),
                });
            }
        }
    }

    /// All who wait once `expected` do, or when they have had [`GATHERING`] to come; `None` when
    /// there will be no more.
    fn next_round(&self, expected: usize) -> Option<Vec<Waiter>> {
        let queue = self.queue();
        let mut queue = self
            .changed
            .wait_while(queue, |queue| queue.waiting.is_empty() && !queue.stopping)
            .unwrap_or_else(PoisonError::into_inner);
        if queue.waiting.is_empty() {
            return None;
        }
        if queue.waiting.len() < expected {
            queue.wanted = expected;
            (queue, _) = self
                .changed
                .wait_timeout_while(queue, GATHERING, |queue| {
                    queue.waiting.len() < expected && !queue.stopping
                })
                .unwrap_or_else(PoisonError::into_inner);
            queue.wanted = 0;
        }
        queue.flushing_since = Some(now());
        Some(std::mem::take(&mut queue.waiting))
    }

    /// After a flush that `served` waited for: how many are to be expected for the next one. Who was
    /// served may well be back soon, and who came meanwhile is there already.
    fn end_round(&self, served: usize) -> usize {
        let mut queue = self.queue();
        queue.flushing_since = None;
        served.saturating_add(queue.waiting.len())
    }

    /// After a failure there is no second try: the kernel reports a lost write only once, and a
    /// later `fsync` would succeed without it.
    fn flush(&self, persist: &mut Persist) -> Result<(), String> {
        if let Some(reason) = self.health.failure() {
            return Err(reason.to_owned());
        }
        catch_unwind(AssertUnwindSafe(persist))
            .unwrap_or_else(|_| Err("the database gave up while flushing".to_owned()))
    }
}

impl Listener {
    /// Whoever no longer waits is not told.
    fn tell(self, outcome: Result<(), StoreError>) {
        match self {
            Self::Task(sender) => drop(sender.send(outcome)),
            Self::Thread(sender) => drop(sender.send(outcome)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the disk takes is wall time"
)]
fn now() -> Instant {
    Instant::now()
}

fn gone() -> StoreError {
    failed("the store is closed")
}

fn failed(detail: &str) -> StoreError {
    StoreError::Failed {
        detail: detail.to_owned(),
    }
}
