//! Clients whose id is a URL, found before any rule is asked.

use std::fmt;
use std::sync::Arc;

use dockgate_token::ClientId;
use tracing::info;

use super::app::App;
use crate::client_documents::{About, Asker, DocumentError};
use crate::keys::VerificationKeys;
use crate::metrics;
use crate::protocol::client_id_metadata::{ClientIdMetadataPolicy, DocumentUrl, Named};
use crate::protocol::registration::{ClientDocument, RegistrationError};
use crate::protocol::{Client, Unavailable};
use crate::registration::client_of_document;
use crate::throttle::Source;

/// Why a document is no client.
enum NoClient {
    /// A document is not to be had.
    Document(DocumentError),
    /// What it says cannot be used.
    Metadata(RegistrationError),
}

/// The same state with those of the clients `named` in it that are documents. One whose document is no
/// good is as unknown as any that there never was; the log says why.
///
/// # Errors
/// [`Unavailable::ClientDocument`] when a document is not to be had now: nothing is known of the client
/// then, and it would be wrong to say that there is none.
pub(super) async fn with_clients(
    app: Arc<App>,
    named: &[Named],
    source: Source,
) -> Result<Arc<App>, Unavailable> {
    let Some(policy) = app.server.client_id_metadata.clone() else {
        return Ok(app);
    };
    let mut found = Vec::new();
    for Named { id, by_us } in named {
        if app.server.clients.contains_key(id) {
            continue;
        }
        let Some(url) = DocumentUrl::parse(id.as_str(), &policy) else {
            continue;
        };
        let asker = match by_us {
            true => Asker::Us,
            false => Asker::Anybody(source),
        };
        match client_at(&app, id, &url, asker, &policy).await {
            Ok(client) => {
                metrics::client_document("success");
                app.client_documents.note_origins(id, &client.origins);
                found.push(client);
            }
            Err(no_client) => {
                metrics::client_document(no_client.outcome());
                info!(client_id = %id, outcome = no_client.outcome(), reason = %no_client, "no client from a document");
                if let Some(seconds) = no_client.again_in() {
                    return Err(Unavailable::ClientDocument(seconds));
                }
            }
        }
    }
    if found.is_empty() {
        return Ok(app);
    }
    let mut app = App::clone(&app);
    for client in found {
        app.server.clients.add(client);
    }
    Ok(Arc::new(app))
}

async fn client_at(
    app: &App,
    id: &ClientId,
    url: &DocumentUrl,
    asker: Asker,
    policy: &ClientIdMetadataPolicy,
) -> Result<Client, NoClient> {
    let (documents, now) = (&app.client_documents, (app.clock)());
    let body = documents.document(url, About::Client, asker, now).await?;
    let read = client_of(app, id, &body, asker, policy).await;
    if let Err(NoClient::Metadata(_)) = &read {
        documents.refuse(url, About::Client, now).await;
    }
    read
}

async fn client_of(
    app: &App,
    id: &ClientId,
    body: &[u8],
    asker: Asker,
    policy: &ClientIdMetadataPolicy,
) -> Result<Client, NoClient> {
    let document = ClientDocument::read(id, body)?;
    let mut keys = None;
    if let Some(at) = document.keys_at() {
        // The same rules as for the document: its author chooses the address.
        let at = DocumentUrl::parse(at, policy).ok_or(RegistrationError::Uri("jwks_uri"))?;
        keys = Some(keys_at(app, &at, asker).await?);
    }
    let client = client_of_document(id, document, keys.as_deref(), policy, &app.server)?;
    Ok(client)
}

/// A key set. Whoever says that it is theirs can do nothing to it: it is no good only where it is none.
async fn keys_at(app: &App, at: &DocumentUrl, asker: Asker) -> Result<Arc<[u8]>, NoClient> {
    let (documents, now) = (&app.client_documents, (app.clock)());
    let keys = documents.document(at, About::Keys, asker, now).await?;
    if let Err(error) = VerificationKeys::parse(&keys) {
        documents.refuse(at, About::Keys, now).await;
        return Err(RegistrationError::Keys(error).into());
    }
    Ok(keys)
}

impl NoClient {
    fn again_in(&self) -> Option<u64> {
        match self {
            Self::Document(error) => error.again_in(),
            Self::Metadata(_) => None,
        }
    }

    fn outcome(&self) -> &'static str {
        match self {
            Self::Document(error) => error.name(),
            Self::Metadata(_) => "refused",
        }
    }
}

impl fmt::Display for NoClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => error.fmt(f),
            Self::Metadata(error) => error.fmt(f),
        }
    }
}

impl From<DocumentError> for NoClient {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

impl From<RegistrationError> for NoClient {
    fn from(error: RegistrationError) -> Self {
        Self::Metadata(error)
    }
}
