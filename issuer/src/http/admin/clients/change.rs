//! Changes of the clients that were added. Each is on disk, and on record, before a request is
//! answered by it; what it ends is ended before it is answered.

use dockgate_token::ClientId;

use super::shown::{added, not_there};
use super::{
    AddedClient, ChangedClient, ClientInfo, LONGEST_OVERLAP, NewClient, RotatedSecret, secrets,
};
use crate::additions;
use crate::audit::AuditEvent;
use crate::config::additions::warnings;
use crate::http::App;
use crate::http::admin::{Admin, Refusal, table};
use crate::protocol::Client;
use crate::store::{
    AddedBy, AdditionStore as _, Consents, EndStore as _, Ended, StoredClient, Whose,
};

/// Adds a client. Whatever the store still has under its id is removed first: nobody inherits grants
/// or consents by a name.
pub(super) fn add(admin: &Admin, new: NewClient) -> Result<AddedClient, Refusal> {
    let mut table = table::from_json(new.client)?;
    let client_id = table::text(&table, "client_id")?;
    admin.current.update(|app| {
        if app.store.added_client(&client_id)?.is_some() {
            return Err(Refusal::Conflict(format!(
                "there is a client {client_id:?} already: give it a new secret, or remove it first"
            )));
        }
        let client_secret = match new.generate_secret {
            false => None,
            true => {
                let secret = secrets::draw(app.entropy)?;
                secrets::give(&mut table, &secret)?;
                Some(secret)
            }
        };
        let stored = StoredClient {
            client_id: client_id.clone(),
            table: table::write(&table)?,
            added_at: (app.clock)(),
            disabled: false,
            added_by: AddedBy::Operator,
        };
        let client = checked(admin, app, &stored)?;
        let id = client.id.clone();
        let warnings = warnings(&client).collect();
        app.store.end(Whose::Client(&id), Consents::Forgotten)?;
        admin.record(app, &AuditEvent::ClientAdded { client_id: id })?;
        app.store.put_added_client(&stored)?;
        app.server.clients.add(client);
        Ok(AddedClient {
            client: added(&stored, app),
            client_secret,
            warnings,
        })
    })
}

pub(super) fn rotate_secret(
    admin: &Admin,
    id: &str,
    overlap: u64,
) -> Result<RotatedSecret, Refusal> {
    if overlap > LONGEST_OVERLAP {
        return Err(Refusal::Invalid(format!(
            "the old secrets may stay for {LONGEST_OVERLAP} seconds at most"
        )));
    }
    admin.current.update(|app| {
        let (mut stored, client_id) = find(admin, app, id)?;
        let mut table = table::read(&stored.table)?;
        let client_secret = secrets::draw(app.entropy)?;
        secrets::replace(&mut table, &client_secret, (app.clock)(), overlap)?;
        stored.table = table::write(&table)?;
        let client = checked(admin, app, &stored)?;
        admin.record(app, &AuditEvent::ClientSecretRotated { client_id })?;
        app.store.put_added_client(&stored)?;
        if !stored.disabled {
            app.server.clients.add(client);
        }
        Ok(RotatedSecret {
            client: added(&stored, app),
            client_secret,
        })
    })
}

/// All that the client has here ends at once, as nobody of that id is found; then it is removed, so
/// that nothing is back when the client is.
pub(super) fn disable(admin: &Admin, id: &str) -> Result<ChangedClient, Refusal> {
    let (client, client_id) = admin.current.update(|app| {
        let (mut stored, client_id) = find(admin, app, id)?;
        stored.disabled = true;
        let event = AuditEvent::ClientDisabled {
            client_id: client_id.clone(),
        };
        admin.record(app, &event)?;
        app.store.put_added_client(&stored)?;
        app.server.clients.remove_added(&client_id);
        Ok::<_, Refusal>((added(&stored, app), client_id))
    })?;
    let ended = end(admin, &client_id, Consents::Kept)?;
    Ok(ChangedClient { client, ended })
}

pub(super) fn enable(admin: &Admin, id: &str) -> Result<ClientInfo, Refusal> {
    admin.current.update(|app| {
        let (mut stored, client_id) = find(admin, app, id)?;
        stored.disabled = false;
        let client = checked(admin, app, &stored)?;
        // A crash may have come between the two halves of `disable`.
        app.store.end(Whose::Client(&client_id), Consents::Kept)?;
        admin.record(app, &AuditEvent::ClientEnabled { client_id })?;
        app.store.put_added_client(&stored)?;
        app.server.clients.add(client);
        Ok(added(&stored, app))
    })
}

pub(super) fn remove(admin: &Admin, id: &str) -> Result<ChangedClient, Refusal> {
    let (client, client_id) = admin.current.update(|app| {
        let (stored, client_id) = find(admin, app, id)?;
        let client = added(&stored, app);
        let event = AuditEvent::ClientRemoved {
            client_id: client_id.clone(),
        };
        admin.record(app, &event)?;
        app.store.remove_added_client(id)?;
        app.server.clients.remove_added(&client_id);
        Ok::<_, Refusal>((client, client_id))
    })?;
    let ended = end(admin, &client_id, Consents::Forgotten)?;
    Ok(ChangedClient { client, ended })
}

/// One that was added.
fn find(admin: &Admin, app: &App, id: &str) -> Result<(StoredClient, ClientId), Refusal> {
    let client_id: ClientId = id.parse().map_err(|_| not_there(id))?;
    if app.server.clients.is_configured(&client_id) {
        return Err(admin.read_only(&format!("client {id:?}")));
    }
    let stored = app.store.added_client(id)?;
    Ok((stored.ok_or_else(|| not_there(id))?, client_id))
}

fn checked(admin: &Admin, app: &App, stored: &StoredClient) -> Result<Client, Refusal> {
    let checked = additions::client(stored, &app.server).map_err(|taken| admin.taken(&taken))?;
    let client = checked.map_err(|mistakes| Refusal::Invalid(mistakes.join(" ")))?;
    let algorithm = client.id_token_algorithm;
    if !app.keys.can_sign(algorithm) {
        return Err(Refusal::Conflict(format!(
            "there is no key for {algorithm} yet, which the client's ID tokens are to be signed with: make one with `key rotate --algorithm {algorithm}`, and once verifiers have fetched it (jwks_max_age_seconds) add the client; or choose another algorithm"
        )));
    }
    Ok(client)
}

fn end(admin: &Admin, client_id: &ClientId, consents: Consents) -> Result<Ended, Refusal> {
    admin.end(Whose::Client(client_id), consents)
}
