//! Who is asking (RFC 6749 §2.3, §3.2.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::client::ClientKind;
use super::form::decode;
use super::{Client, ClientAuthenticationError, ClientSecretHash, Context, Form, OAuthError};

/// What the client presented, by either of the methods of RFC 6749 §2.3.1.
#[derive(Debug, PartialEq, Eq)]
struct Presented {
    client_id: String,
    secret: Option<String>,
}

/// Finds the client and checks its secret. `authorization` is every `Authorization` header.
///
/// # Errors
/// [`OAuthError`]: unknown clients and wrong secrets are one and the same to the outside.
pub(super) async fn authenticate<'a, S>(
    context: Context<'a, S>,
    authorization: &[&[u8]],
    form: &Form<'_>,
) -> Result<&'a Client, OAuthError> {
    let presented = presented(authorization, form)?;
    let Some(client) = context.server.client(&presented.client_id) else {
        // An unknown client costs as much as a wrong secret.
        let nobody = ClientSecretHash::from_digest([0; 32]);
        nobody.matches(presented.secret.unwrap_or_default().as_bytes());
        return Err(ClientAuthenticationError::UnknownClient.into());
    };
    let id = || client.id.clone();
    match (&client.kind, presented.secret) {
        (ClientKind::Public, None) => Ok(client),
        (ClientKind::Public, Some(_)) => {
            Err(ClientAuthenticationError::SecretFromPublicClient(id()).into())
        }
        // The id alone proves nothing (RFC 6749 §2.3).
        (ClientKind::Confidential(_), None) => {
            Err(ClientAuthenticationError::SecretMissing(id()).into())
        }
        (ClientKind::Confidential(hash), Some(secret)) if hash.matches(secret.as_bytes()) => {
            Ok(client)
        }
        (ClientKind::Confidential(_), Some(_)) => {
            Err(ClientAuthenticationError::WrongSecret(id()).into())
        }
    }
}

fn presented(authorization: &[&[u8]], form: &Form) -> Result<Presented, ClientAuthenticationError> {
    let form_id = form.get("client_id");
    let form_secret = form.get("client_secret");
    let header = match authorization {
        [] => {
            let client_id = form_id.ok_or(ClientAuthenticationError::None)?.to_owned();
            return Ok(Presented {
                client_id,
                secret: form_secret.map(str::to_owned),
            });
        }
        [header] => header,
        _ => return Err(ClientAuthenticationError::SeveralMethods),
    };
    // One method per request (RFC 6749 §2.3).
    if form_secret.is_some() {
        return Err(ClientAuthenticationError::SeveralMethods);
    }
    let presented = basic(header)?;
    // The id may be repeated in the form, but not changed.
    if form_id.is_some_and(|id| id != presented.client_id) {
        return Err(ClientAuthenticationError::TwoClientIds);
    }
    Ok(presented)
}

/// Reads HTTP Basic credentials, whose halves are form-encoded first (RFC 6749 §2.3.1).
fn basic(header: &[u8]) -> Result<Presented, ClientAuthenticationError> {
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
    Ok(Presented {
        client_id: id.into_owned(),
        secret,
    })
}
