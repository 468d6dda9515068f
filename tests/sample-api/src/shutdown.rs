//! Ends within a bounded time after SIGTERM or Ctrl-C, even with an event stream open.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// What open requests get to finish.
const GRACE: Duration = Duration::from_secs(3);

/// Tells that the process was asked to end.
#[derive(Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Listens for the signals from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (asked, receiver) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // Nobody listens any more when the server has failed already.
            let _ = asked.send(true);
        });
        Ok(Self(receiver))
    }

    /// Waits until the process is asked to end.
    pub(crate) async fn asked(mut self) {
        // The sender sends before it goes.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Waits until open requests have had their time.
    pub(crate) async fn overdue(self) {
        self.asked().await;
        tokio::time::sleep(GRACE).await;
    }
}
