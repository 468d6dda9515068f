//! SIGHUP.

use std::sync::Arc;

use tokio::signal::unix::Signal;
use tokio::task::spawn_blocking;
use tracing::error;

use super::Reloader;

/// Reloads at every signal. Those that come while one is on its way are answered by one reload
/// after it, which reads the file as it is then.
pub async fn reload_at(mut signal: Signal, reloader: Arc<Reloader>) {
    while signal.recv().await.is_some() {
        let reloader = reloader.clone();
        let reload = spawn_blocking(move || reloader.reload().is_ok());
        if let Err(panicked) = reload.await {
            error!("the configuration was not reloaded: {panicked}");
        }
    }
}
