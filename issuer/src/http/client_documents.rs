//! Clients whose id is a URL, found before any rule is asked.

use std::sync::Arc;

use dockgate_token::ClientId;
use tracing::info;

use super::app::App;
use crate::client_documents::DocumentError;
use crate::protocol::Unavailable;
use crate::protocol::client_id_metadata::ClientIdUrl;
use crate::registration::client_of_document;
use crate::throttle::Source;

/// How soon a host may be well again, in seconds.
const UNTIL_WELL: u64 = 30;

/// The same state with those of the clients `ids` in it that are documents. One whose document is no good
/// is as unknown as any that there never was; the log says why.
///
/// # Errors
/// [`Unavailable::ClientDocument`] when a document is not to be had now: nothing is known of the client
/// then, and it would be wrong to say that there is none.
pub(super) async fn with_clients(
    app: Arc<App>,
    ids: &[ClientId],
    source: Source,
) -> Result<Arc<App>, Unavailable> {
    let Some(policy) = app.server.client_id_metadata.clone() else {
        return Ok(app);
    };
    let mut found = Vec::new();
    for id in ids {
        if app.server.clients.contains_key(id) {
            continue;
        }
        let Some(url) = ClientIdUrl::parse(id, &policy) else {
            continue;
        };
        let documents = &app.client_documents;
        match documents.document(&url, source, (app.clock)()).await {
            Ok(document) => match client_of_document(id, &document, &policy, &app.server) {
                Ok(client) => {
                    documents.note_origins(id, &client.origins);
                    found.push(client);
                }
                Err(error) => {
                    info!(client_id = %id, reason = error.codes().1, %error, "client document refused");
                }
            },
            Err(error) => {
                info!(client_id = %id, %error, "client document not fetched");
                match error {
                    DocumentError::TooMany(seconds) => {
                        return Err(Unavailable::ClientDocument(seconds));
                    }
                    error if error.is_temporary() => {
                        return Err(Unavailable::ClientDocument(UNTIL_WELL));
                    }
                    _ => {}
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
