//! Who is asking (RFC 6749 §2.3, §3.2.1).

mod private_key_jwt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::ClientKind;
use super::form::decode;
use super::{Client, ClientAuthenticationError, ClientSecretHash, Context, Form, OAuthError};
use crate::store::OnceStore;

/// What the client presented.
enum Presented<'a> {
    /// An id and perhaps a secret, in the header or in the form (RFC 6749 §2.3.1).
    Secret(Credentials),
    /// A JWT that the client signed (RFC 7523 §2.2).
    Assertion(&'a str),
}

/// An id and perhaps a secret.
struct Credentials {
    client_id: String,
    secret: Option<String>,
    in_header: bool,
}

/// Finds the client and checks that it is who it says. `authorization` is every `Authorization`
/// header.
///
/// # Errors
/// [`OAuthError`]: unknown clients and wrong secrets are one and the same to the outside.
pub(super) async fn authenticate<'a, S: OnceStore>(
    context: Context<'a, S>,
    authorization: &[&[u8]],
    form: &Form<'_>,
) -> Result<&'a Client, OAuthError> {
    match presented(authorization, form)? {
        Presented::Assertion(assertion) => {
            private_key_jwt::authenticate(context, assertion, form).await
        }
        Presented::Secret(credentials) => Ok(check_secret(context, credentials)?),
    }
}

fn check_secret<S>(
    context: Context<'_, S>,
    presented: Credentials,
) -> Result<&Client, ClientAuthenticationError> {
    let Some(client) = context.server.client(&presented.client_id) else {
        // An unknown client costs as much as a wrong secret.
        let nobody = ClientSecretHash::from_digest([0; 32]);
        nobody.matches(presented.secret.unwrap_or_default().as_bytes());
        return Err(ClientAuthenticationError::UnknownClient);
    };
    let id = || client.id.clone();
    let secrets = match (&client.kind, &presented.secret) {
        (ClientKind::Public, None) => return Ok(client),
        (ClientKind::Public, Some(_)) => {
            return Err(ClientAuthenticationError::SecretFromPublicClient(id()));
        }
        // The id alone proves nothing (RFC 6749 §2.3).
        (_, None) => return Err(ClientAuthenticationError::SecretMissing(id())),
        (ClientKind::Confidential(secrets), Some(_)) => secrets,
        (ClientKind::SecretBasic(secrets), Some(_)) if presented.in_header => secrets,
        (ClientKind::SecretPost(secrets), Some(_)) if !presented.in_header => secrets,
        (_, Some(_)) => return Err(ClientAuthenticationError::WrongMethod(id())),
    };
    let secret = presented.secret.unwrap_or_default();
    if secrets.matches(secret.as_bytes(), context.now) {
        Ok(client)
    } else {
        Err(ClientAuthenticationError::WrongSecret(id()))
    }
}

/// One method per request (RFC 6749 §2.3).
fn presented<'a>(
    authorization: &[&[u8]],
    form: &'a Form,
) -> Result<Presented<'a>, ClientAuthenticationError> {
    let form_id = form.get("client_id");
    let form_secret = form.get("client_secret");
    let assertion = private_key_jwt::presented(form)?;
    let header = match (authorization, form_secret, assertion) {
        ([], None, Some(assertion)) => return Ok(Presented::Assertion(assertion)),
        ([], secret, None) => {
            return Ok(Presented::Secret(Credentials {
                client_id: form_id.ok_or(ClientAuthenticationError::None)?.to_owned(),
                secret: secret.map(str::to_owned),
                in_header: false,
            }));
        }
        ([header], None, None) => header,
        _ => return Err(ClientAuthenticationError::SeveralMethods),
    };
    let credentials = basic(header)?;
    // The id may be repeated in the form, but not changed.
    if form_id.is_some_and(|id| id != credentials.client_id) {
        return Err(ClientAuthenticationError::TwoClientIds);
    }
    Ok(Presented::Secret(credentials))
}

/// Reads HTTP Basic credentials, whose halves are form-encoded first (RFC 6749 §2.3.1).
fn basic(header: &[u8]) -> Result<Credentials, ClientAuthenticationError> {
    let mut parts = header.splitn(2, |byte| *byte == b' ');
    let scheme = parts.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"Basic") {
        return Err(ClientAuthenticationError::UnknownScheme);
    }
    let malformed = ClientAuthenticationError::MalformedBasicCredentials;
    let encoded = parts.next().unwrap_or_default().trim_ascii();
    let credentials = STANDARD.decode(encoded).map_err(|_| malformed.clone())?;
    let mut halves = credentials.splitn(2, |byte| *byte == b':');
    let (Some(id), Some(secret)) = (halves.next(), halves.next()) else {
        return Err(malformed);
    };
    let id = decode(id).map_err(|_| malformed.clone())?;
    let secret = decode(secret).map_err(|_| malformed)?;
    // An empty secret is one that was left out (RFC 6749 §2.3.1).
    let secret = (!secret.is_empty()).then(|| secret.into_owned());
    Ok(Credentials {
        client_id: id.into_owned(),
        secret,
        in_header: true,
    })
}
