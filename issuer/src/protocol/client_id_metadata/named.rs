//! Which clients a request is about, before anything of it has been checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::ClientId;
use serde_json::Value;

use crate::protocol::presented_token::signed_claims;
use crate::protocol::{ClientRequest, Context, Form, bearer};

/// The parameters that may hold an access token of another client.
const TOKENS: [&str; 2] = ["token", "subject_token"];

/// A client that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: ClientId,
    /// Whether this issuer says so itself, in a token that has not expired: then it was a client here, and is nothing that
    /// somebody has thought of.
    pub by_us: bool,
}

/// The clients that a request names: by an access token of this issuer, by its `client_id`, or by an
/// assertion of the client's. No more than the rules will look for, each once.
pub fn named<S>(context: Context<'_, S>, request: &ClientRequest<'_>) -> Vec<Named> {
    let form = Form::parse(request.body).unwrap_or_default();
    let named = form.get("client_id").and_then(|id| id.parse().ok());
    let asserted = form.get("client_assertion").and_then(subject);
    let token = bearer::header_token(&request.authorization).ok().flatten();
    let tokens = TOKENS.into_iter().filter_map(|name| form.get(name));
    let tokens = tokens.chain(token).chain(form.get("access_token"));
    let alive = tokens.filter_map(|token| signed_claims(context, token));
    let alive = alive.filter(|claims| claims.exp > context.now);
    let of_tokens = alive.map(|claims| claims.client_id);
    let by_us = of_tokens.map(|id| Named { id, by_us: true });
    let by_others = named.into_iter().chain(asserted);
    let by_others = by_others.map(|id| Named { id, by_us: false });
    let mut found: Vec<Named> = Vec::new();
    for named in by_us.chain(by_others) {
        if !found.iter().any(|earlier| earlier.id == named.id) {
            found.push(named);
        }
    }
    found
}

/// Who an assertion says that it is of (RFC 7523 §3), which proves nothing yet.
fn subject(unverified_jwt: &str) -> Option<ClientId> {
    let payload = unverified_jwt.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("sub")?.as_str()?.parse().ok()
}
