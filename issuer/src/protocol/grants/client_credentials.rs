//! The client credentials grant (RFC 6749 §4.4): a client acts in its own name.

use super::{scope, target};
use crate::protocol::access_token::access_token_claims;
use crate::protocol::{AuthorizationServer, Client, Form, Issuance, MintingContext, TokenError};

/// Issues a token whose subject is the client (RFC 9068 §2.2). There is never a refresh token
/// (RFC 6749 §4.4.3).
///
/// # Errors
/// [`TokenError`] for a public client, a scope or a resource that it may not have.
pub(in crate::protocol) fn issue(
    server: &AuthorizationServer,
    client: &Client,
    form: &Form,
    context: MintingContext,
) -> Result<Issuance, TokenError> {
    // For confidential clients only (RFC 6749 §4.4.2).
    if !client.is_confidential() {
        return Err(TokenError::PublicClient);
    }
    let requested = scope::requested(form)?;
    let target = target::target(server, form, requested.as_ref())?;
    let granted = scope::granted(requested, client, target.resource_server)?;
    let subject = client.id.as_str();
    Ok(Issuance {
        claims: access_token_claims(server, client, subject, granted, &target, context),
        algorithm: target.resource_server.signing_algorithm,
        expires_in: server.access_token_seconds,
    })
}
