//! One running demo for all the tests that leave it as they found it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use dockgate_stack::{Stack, StackOptions};

/// Something that takes long to start, started for the first test that asks and stopped when the last
/// one that runs has let go, so that nothing outlives the tests.
pub struct Shared<T>(Mutex<Result<Weak<T>, String>>);

impl<T> Shared<T> {
    /// Nothing is started yet.
    #[expect(
        clippy::new_without_default,
        reason = "a default cannot be the value of a static"
    )]
    pub const fn new() -> Self {
        Self(Mutex::new(Ok(Weak::new())))
    }

    /// The one that runs, or a new one.
    ///
    /// # Panics
    /// When it does not start.
    pub fn get(&self, start: impl FnOnce() -> Result<T, String>) -> Arc<T> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let present = match &*running {
            Ok(present) => present.upgrade(),
            // It would fail again, a minute later.
            Err(failure) => panic!("it did not start for an earlier test: {failure}"),
        };
        present.unwrap_or_else(|| match start() {
            Ok(started) => {
                let started = Arc::new(started);
                *running = Ok(Arc::downgrade(&started));
                started
            }
            Err(failure) => {
                *running = Err(failure.clone());
                panic!("{failure}");
            }
        })
    }
}

/// The unchanged demo.
///
/// # Panics
/// When it does not start.
pub fn demo() -> Arc<Stack> {
    static DEMO: Shared<Stack> = Shared::new();
    DEMO.get(|| Stack::start(StackOptions::default()).map_err(|error| error.to_string()))
}
