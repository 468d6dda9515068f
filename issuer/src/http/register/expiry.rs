//! Clients that registered and never had a token go after a while: programs register anew at each
//! start, and forget.

use std::time::Duration;

use dockgate_token::ClientId;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::audit::{AuditEvent, Caller};
use crate::http::app::{App, Current};
use crate::protocol::registration::RegistrationError;
use crate::store::{AdditionStore as _, RegistrationStore as _};

/// How often they are looked for. It is counted in days how long they stay.
const PAUSE: Duration = Duration::from_secs(60);
/// How many go at once: nothing else changes meanwhile.
const AT_ONCE: usize = 100;

/// Removes them for ever.
pub async fn remove_unused(current: Current) {
    loop {
        sleep(PAUSE).await;
        let now = current.clone();
        match spawn_blocking(move || remove_once(&now)).await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(removed)) => info!(removed, "clients that were never used were removed"),
            Ok(Err(error)) => warn!(%error, "clients that were never used could not be removed"),
        }
    }
}

/// Removes a few of them; how many.
pub(super) fn remove_once(current: &Current) -> Result<usize, RegistrationError> {
    let app = current.app();
    // Where nobody registers any more, what there is stays as it is.
    let Some(policy) = &app.server.registration else {
        return Ok(0);
    };
    let before = (app.clock)().saturating_sub(policy.unused_seconds);
    let mut old = app.registrations.unused_since(before);
    old.truncate(AT_ONCE);
    if old.is_empty() {
        return Ok(0);
    }
    current.update(|app| {
        let mut removed = 0;
        for id in old {
            // It may have had its first token just now.
            let used = app
                .store
                .registration(id.as_str())?
                .is_none_or(|own| own.used);
            if used {
                app.registrations.removed(&id);
            } else {
                take_away(app, id.as_str(), Caller::default())?;
                removed += 1;
            }
        }
        Ok(removed)
    })
}

/// Takes a client away: from the store first.
pub(super) fn take_away(
    app: &mut App,
    client_id: &str,
    caller: Caller<'_>,
) -> Result<(), RegistrationError> {
    let id = client_id.parse::<ClientId>().ok();
    if let Some(client_id) = id.clone() {
        let ended = AuditEvent::ClientDisabled { client_id };
        app.context().asked_by(caller).record(&ended)?;
    }
    app.store.remove_added_client(client_id)?;
    if let Some(id) = id {
        app.server.clients.remove_added(&id);
        app.registrations.removed(&id);
    }
    Ok(())
}
