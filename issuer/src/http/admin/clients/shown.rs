//! Clients as they are shown.

use super::{ClientInfo, SecretInfo, Source, Standing};
use crate::additions;
use crate::http::App;
use crate::http::admin::Refusal;
use crate::protocol::{ApplicationType, Client, ClientKind};
use crate::store::{AdditionStore as _, StoredClient};

/// Every client, by id.
pub(super) fn all(app: &App) -> Result<Vec<ClientInfo>, Refusal> {
    let configured = app.server.clients.configured();
    let mut clients: Vec<_> = configured.map(of_configuration).collect();
    for stored in app.store.added_clients()? {
        clients.push(added(&stored, app));
    }
    clients.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    Ok(clients)
}

pub(super) fn one(app: &App, id: &str) -> Result<ClientInfo, Refusal> {
    let mut configured = app.server.clients.configured();
    if let Some(client) = configured.find(|client| client.id.as_str() == id) {
        return Ok(of_configuration(client));
    }
    let stored = app.store.added_client(id)?;
    let stored = stored.ok_or_else(|| not_there(id))?;
    Ok(added(&stored, app))
}

pub(super) fn not_there(id: &str) -> Refusal {
    Refusal::NotFound(format!(
        "there is no client {id:?}: `client list` shows those there are"
    ))
}

/// One that was added, whether it counts or not.
pub(super) fn added(stored: &StoredClient, app: &App) -> ClientInfo {
    let checked = match additions::client(stored, &app.server) {
        Ok(checked) => checked,
        Err(taken) => Err(vec![taken.to_string()]),
    };
    let counts = app.server.client(&stored.client_id).is_some();
    let standing = Standing::of(stored.disabled, counts);
    let (source, added_at) = (stored.added_by.into(), Some(stored.added_at));
    match checked {
        Ok(client) => ClientInfo {
            standing,
            added_at,
            ..info(&client, source)
        },
        Err(mistakes) => ClientInfo {
            client_id: stored.client_id.clone(),
            name: None,
            source,
            standing,
            mistakes,
            application_type: None,
            authentication_methods: Vec::new(),
            secrets: Vec::new(),
            grants: Vec::new(),
            scopes: Vec::new(),
            redirect_uris: Vec::new(),
            added_at,
        },
    }
}

fn of_configuration(client: &Client) -> ClientInfo {
    info(client, Source::Configuration)
}

fn info(client: &Client, source: Source) -> ClientInfo {
    let secrets = match &client.kind {
        ClientKind::Confidential(secrets)
        | ClientKind::SecretBasic(secrets)
        | ClientKind::SecretPost(secrets) => secrets.ends().collect(),
        ClientKind::Public | ClientKind::PrivateKeyJwt(_) => Vec::new(),
    };
    let methods = client.authentication_methods().iter();
    let application_type = match client.application_type {
        ApplicationType::Web => "web",
        ApplicationType::Native => "native",
    };
    ClientInfo {
        client_id: client.id.to_string(),
        name: client.name.clone(),
        source,
        standing: Standing::Active,
        mistakes: Vec::new(),
        application_type: Some(application_type.to_owned()),
        authentication_methods: methods.map(|&method| method.to_owned()).collect(),
        secrets: secrets
            .into_iter()
            .map(|expires_at| SecretInfo { expires_at })
            .collect(),
        grants: client
            .grants
            .iter()
            .map(|g| g.as_str().to_owned())
            .collect(),
        scopes: client.scope.iter().map(str::to_owned).collect(),
        redirect_uris: client
            .redirect_uris
            .iter()
            .map(|uri| uri.as_str().to_owned())
            .collect(),
        added_at: None,
    }
}
