//! Which clients a request is about, before anything of it has been checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{AccessTokenClaims, ClientId};
use serde_json::Value;

use super::is_document;
use crate::protocol::presented_token::{grant_id, signed_claims};
use crate::protocol::{ClientRequest, Context, Form, bearer};
use crate::store::{GrantStore, StoreError};

/// The parameters that may hold an access token of another client.
const TOKENS: [&str; 3] = ["token", "subject_token", "actor_token"];

/// A client that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: ClientId,
    /// Whether this issuer says so itself, in a token that has not expired: then it was a client here, and is nothing that
    /// somebody has thought of.
    pub by_us: bool,
}

/// How far a request looks into the access tokens that it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Whose each token is.
    Owners,
    /// Also whose grant it comes of: one that was exchanged is good only while that client is there.
    Grants,
}

/// The clients that a request names: by an access token of this issuer, by its `client_id`, or by an
/// assertion of the client's. No more than the rules will look for, each once.
///
/// # Errors
/// When the store cannot be read.
pub async fn named<S: GrantStore>(
    context: Context<'_, S>,
    request: &ClientRequest<'_>,
    depth: Depth,
) -> Result<Vec<Named>, StoreError> {
    let form = Form::parse(request.body).unwrap_or_default();
    let mut found: Vec<Named> = Vec::new();
    for claims in live_claims(context, request, &form) {
        let of_grant = match depth {
            Depth::Owners => None,
            Depth::Grants => client_of_grant(context, &claims).await?,
        };
        add(&mut found, claims.client_id, true);
        if let Some(id) = of_grant {
            add(&mut found, id, true);
        }
    }
    let named = form.get("client_id").and_then(|id| id.parse().ok());
    let asserted = form.get("client_assertion").and_then(subject);
    for id in named.into_iter().chain(asserted) {
        add(&mut found, id, false);
    }
    Ok(found)
}

fn add(found: &mut Vec<Named>, id: ClientId, by_us: bool) {
    if !found.iter().any(|earlier| earlier.id == id) {
        found.push(Named { id, by_us });
    }
}

/// Of each access token that the request brings, if it is one of ours and not over.
fn live_claims<S>(
    context: Context<'_, S>,
    request: &ClientRequest<'_>,
    form: &Form<'_>,
) -> Vec<AccessTokenClaims> {
    let token = bearer::header_token(&request.authorization).ok().flatten();
    let tokens = TOKENS.into_iter().filter_map(|name| form.get(name));
    let tokens = tokens.chain(token).chain(form.get("access_token"));
    let signed = tokens.filter_map(|token| signed_claims(context, token));
    signed.filter(|claims| claims.exp > context.now).collect()
}

/// The client that was granted what a token comes of, where that is not the token's own (RFC 8693).
async fn client_of_grant<S: GrantStore>(
    context: Context<'_, S>,
    claims: &AccessTokenClaims,
) -> Result<Option<ClientId>, StoreError> {
    // No document may exchange tokens: of such a client's own there is nothing to look up.
    let Some(id) = grant_id(claims).filter(|_| !is_document(&claims.client_id)) else {
        return Ok(None);
    };
    let grant = context.store.grant(id, context.now).await?;
    Ok(grant.map(|grant| grant.client_id))
}

/// Who an assertion says that it is of (RFC 7523 §3), which proves nothing yet.
fn subject(unverified_jwt: &str) -> Option<ClientId> {
    let payload = unverified_jwt.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sub")?.as_str()?.parse().ok()
}
