//! The client credentials grant (RFC 6749 §4.4): a client acts in its own name.

use super::{scope, target};
use dockgate_token::Scope;

use crate::protocol::access_token::{AccessToken, Target};
use crate::protocol::{Client, Context, Form, GrantError, Issuance, OAuthError};

/// Issues a token whose subject is the client (RFC 9068 §2.2). There is never a refresh token
/// (RFC 6749 §4.4.3).
///
/// # Errors
/// [`OAuthError`] for a public client, a scope or a resource that it may not have.
pub(in crate::protocol) fn issue<S>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form,
) -> Result<Issuance, OAuthError> {
    // For confidential clients only (RFC 6749 §4.4.2).
    if !client.is_confidential() {
        return Err(GrantError::PublicClient.into());
    }
    let requested = scope::requested(form)?;
    let target = target::target(context.server, form, requested.as_ref())?;
    let granted = scope::granted(requested, client, target.resource_server)?;
    in_own_name(context, client, &target, granted)
}

/// A token of the client's own, for a scope that it may have.
pub(in crate::protocol) fn in_own_name<S>(
    context: Context<'_, S>,
    client: &Client,
    target: &Target<'_>,
    scope: Scope,
) -> Result<Issuance, OAuthError> {
    let claims = AccessToken {
        client_id: &client.id,
        subject: client.id.as_str(),
        scope,
        audience: &target.resource_server.audience,
        resources: &target.resource_texts(),
        grant: None,
        act: None,
        not_after: None,
    }
    .claims(context)?;
    Ok(Issuance {
        expires_in: claims.exp.saturating_sub(context.now),
        claims,
        algorithm: target.resource_server.signing_algorithm,
        refresh_token: None,
        id_token: None,
        issued_token_type: None,
    })
}
