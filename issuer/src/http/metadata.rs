//! The metadata document (RFC 8414 §3.2, OIDC Discovery §4.2).

use super::documents::Document;
use crate::protocol::AuthorizationServer;
use crate::protocol::metadata::Metadata;

pub(super) fn document(
    server: &AuthorizationServer,
    max_age_seconds: u64,
) -> Result<Document, serde_json::Error> {
    let body = serde_json::to_string(&Metadata::of(server))?;
    Ok(Document::new("application/json", body, max_age_seconds))
}
