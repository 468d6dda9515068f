//! One running demo for all the tests that leave it as they found it.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use dockgate_stack::{Stack, StackOptions};

/// The unchanged demo. It is started for the first test that asks and stopped when the last one
/// that runs has let go, so that nothing outlives the tests.
///
/// # Panics
/// When it does not start.
pub fn demo() -> Arc<Stack> {
    static RUNNING: Mutex<Result<Weak<Stack>, String>> = Mutex::new(Ok(Weak::new()));
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let stack = match &*running {
        Ok(stack) => stack.upgrade(),
        // It would fail again, a minute later.
        Err(failure) => panic!("the demo did not start for an earlier test: {failure}"),
    };
    stack.unwrap_or_else(|| match Stack::start(StackOptions::default()) {
        Ok(stack) => {
            let stack = Arc::new(stack);
            *running = Ok(Arc::downgrade(&stack));
            stack
        }
        Err(error) => {
            *running = Err(error.to_string());
            panic!("{error}");
        }
    })
}
