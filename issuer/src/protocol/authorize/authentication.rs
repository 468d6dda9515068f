//! What a client demands of the login (OIDC Core §3.1.2.1).

use crate::protocol::id_token::id_token_of;
use crate::protocol::{Client, Context, Form, RequestError};

/// `max_age`, in seconds; 0 always means a fresh login.
pub(super) fn max_age(form: &Form<'_>) -> Result<Option<u64>, RequestError> {
    let malformed = RequestError::Malformed("max_age");
    let Some(text) = form.get("max_age") else {
        return Ok(None);
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    text.parse().map(Some).map_err(|_| malformed)
}

/// The `sub` of `id_token_hint`: an ID token that this server issued to this client. It may have
/// expired: it only says whom the client has in mind.
pub(super) fn hinted_subject<S>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Option<String>, RequestError> {
    let Some(hint) = form.get("id_token_hint") else {
        return Ok(None);
    };
    let claims = id_token_of(context, hint).filter(|claims| claims.aud == client.id);
    let claims = claims.ok_or(RequestError::Malformed("id_token_hint"))?;
    Ok(Some(claims.sub))
}
