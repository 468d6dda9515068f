//! Clients that sign for themselves (RFC 7523 §2.2, §3, as corrected by RFC 10070).

use dockgate_token::ClientId;

use crate::keys::VerificationKeys;
use crate::protocol::assertion::{Expectation, Purpose, Unverified};
use crate::protocol::client::ClientKind;
use crate::protocol::{
    AssertionError, Client, ClientAuthenticationError, Context, Form, OAuthError,
};
use crate::store::OnceStore;

/// The one `client_assertion_type` there is for JWTs.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long after now an assertion may end, in seconds. Clients make one for each request; most give it
/// a minute, Authlib an hour. What lives longer is a password, and has to be remembered for as long.
const MAX_LIFETIME: u64 = 3600;

/// The assertion in the form, if the client authenticates that way.
pub(super) fn presented<'a>(form: &'a Form) -> Result<Option<&'a str>, ClientAuthenticationError> {
    match (
        form.get("client_assertion_type"),
        form.get("client_assertion"),
    ) {
        (None, None) => Ok(None),
        (Some(TYPE), Some(assertion)) => Ok(Some(assertion)),
        _ => Err(ClientAuthenticationError::WrongAssertionType),
    }
}

/// Finds the client that signed, and uses the assertion up.
///
/// # Errors
/// [`ClientAuthenticationError`] for the first check that fails, and [`OAuthError`] when the store
/// does.
pub(super) async fn authenticate<'a, S: OnceStore>(
    context: Context<'a, S>,
    assertion: &str,
    form: &Form<'_>,
) -> Result<&'a Client, OAuthError> {
    let assertion =
        Unverified::parse(assertion).map_err(ClientAuthenticationError::UnreadableAssertion)?;
    let (client, keys) = signer(context, assertion.unverified_subject())?;
    let refused = |error| refusal(&client.id, error);
    // Item 3 of RFC 7523 §3: both are the client.
    if assertion.unverified_issuer() != client.id.as_str() {
        return Err(refused(AssertionError::IssuerIsNotSubject));
    }
    // RFC 7521 §4.2: the parameter may be left out, but it may not name another.
    if form
        .get("client_id")
        .is_some_and(|id| id != client.id.as_str())
    {
        return Err(refused(AssertionError::WrongClientId));
    }
    let expected = Expectation {
        keys,
        typ: "client-authentication+jwt",
        max_lifetime: MAX_LIFETIME,
    };
    let assertion = assertion.verify(context, &expected).map_err(refused)?;
    let purpose = Purpose::ClientAuthentication;
    assertion.use_up(context, purpose, refused).await?;
    Ok(client)
}

/// The client whose keys must have signed.
fn signer<'a, S>(
    context: Context<'a, S>,
    unverified_id: &str,
) -> Result<(&'a Client, &'a VerificationKeys), ClientAuthenticationError> {
    let Some(client) = context.server.client(unverified_id) else {
        return Err(ClientAuthenticationError::UnknownClient);
    };
    match &client.kind {
        ClientKind::PrivateKeyJwt(keys) => Ok((client, keys)),
        _ => Err(ClientAuthenticationError::WrongMethod(client.id.clone())),
    }
}

fn refusal(client: &ClientId, error: AssertionError) -> OAuthError {
    ClientAuthenticationError::Assertion(client.clone(), error).into()
}
