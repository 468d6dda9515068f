//! Ctrl-C and SIGTERM: stop in order, and at once when asked twice.

use dockgate_stack::StopFlag;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The exit code of a program that was ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// A flag that the first such signal raises. The second ends the program without waiting; its
/// children die with it.
pub(crate) fn listen() -> StopFlag {
    let stop = StopFlag::default();
    let raised = stop.clone();
    match Signals::new([SIGINT, SIGTERM, SIGHUP]) {
        Ok(mut signals) => {
            let waiting = std::thread::current();
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    if raised.is_raised() {
                        std::process::exit(INTERRUPTED);
                    }
                    raised.raise();
                    waiting.unpark();
                }
            });
        }
        Err(error) => eprintln!("Ctrl-C will not stop things in order: {error}"),
    }
    stop
}
