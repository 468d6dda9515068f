//! The token endpoint (RFC 6749 §3.2). [`respond`] lists the checks in order: a request is refused
//! for the first that fails.

use super::client_authentication::authenticate;
use super::grants::{
    authorization_code, client_credentials, device_code, jwt_bearer, password, refresh_token,
    token_exchange,
};
use super::{
    AuthorizationServer, Client, ClientRequest, Context, Form, Grant, GrantError, Issuance,
    OAuthError, Refusal, RequestError,
};
use crate::store::ProtocolStore;

/// Answers a token request.
///
/// # Errors
/// [`Refusal`] with the first reason found.
pub async fn respond<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &ClientRequest<'_>,
) -> Result<Issuance, Refusal> {
    let (_, issuance) = respond_by_grant(context, request).await?;
    Ok(issuance)
}

/// The same, with the grant that it was.
///
/// # Errors
/// As for [`respond`].
pub async fn respond_by_grant<S: ProtocolStore>(
    context: Context<'_, S>,
    request: &ClientRequest<'_>,
) -> Result<(Grant, Issuance), Refusal> {
    let form = request.form()?;
    let client = authenticate(context, &request.authorization, &form).await?;
    let grant =
        served_grant(context.server, &form).map_err(|error| Refusal::of(client, None, error))?;
    let refuse = |error| Refusal::of(client, Some(grant), error);
    check_client_may_use(client, grant).map_err(refuse)?;
    check_one_credential(grant, &form).map_err(refuse)?;
    let issued = match grant {
        Grant::ClientCredentials => client_credentials::issue(context, client, &form),
        Grant::AuthorizationCode => authorization_code::redeem(context, client, &form).await,
        Grant::RefreshToken => refresh_token::redeem(context, client, &form).await,
        Grant::DeviceCode => device_code::redeem(context, client, &form).await,
        Grant::TokenExchange => token_exchange::exchange(context, client, &form).await,
        Grant::JwtBearer => jwt_bearer::redeem(context, client, &form).await,
        Grant::Password => password::issue_for_password(context, client, request, &form).await,
        other => Err(GrantError::NotServed(other).into()),
    };
    Ok((grant, issued.map_err(refuse)?))
}

fn served_grant(server: &AuthorizationServer, form: &Form) -> Result<Grant, OAuthError> {
    let name = form
        .get("grant_type")
        .ok_or(RequestError::Missing("grant_type"))?;
    let grant: Grant = name.parse().map_err(|_| GrantError::UnknownGrantType)?;
    // The implicit grant ends at the authorization endpoint (RFC 6749 §4.2).
    if grant == Grant::Implicit || !server.serves(grant) {
        return Err(GrantError::NotServed(grant).into());
    }
    Ok(grant)
}

fn check_client_may_use(client: &Client, grant: Grant) -> Result<(), OAuthError> {
    if client.grants.contains(&grant) {
        Ok(())
    } else {
        Err(GrantError::NotAllowed(grant).into())
    }
}

/// What each grant gives a token for.
const CREDENTIALS: [(&str, Grant); 6] = [
    ("code", Grant::AuthorizationCode),
    ("refresh_token", Grant::RefreshToken),
    ("device_code", Grant::DeviceCode),
    ("subject_token", Grant::TokenExchange),
    ("assertion", Grant::JwtBearer),
    ("password", Grant::Password),
];

/// A request with the credential of another grant is two requests, of which one would be passed
/// over in silence.
fn check_one_credential(grant: Grant, form: &Form) -> Result<(), OAuthError> {
    let mut others = CREDENTIALS.iter().filter(|(_, own)| *own != grant);
    match others.find(|(name, _)| form.has(name)) {
        Some((name, _)) => Err(RequestError::OfOtherGrant(name).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
