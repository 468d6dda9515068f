//! Which scope a request gets (RFC 6749 §3.3).

use dockgate_token::Scope;

use crate::protocol::{Client, Form, GrantError, OAuthError, OPENID_SCOPES, ResourceServer};

/// What the client asks for; `None` when it leaves the choice to the server.
pub(in crate::protocol) fn requested(form: &Form) -> Result<Option<Scope>, OAuthError> {
    let scope: Option<Scope> = form
        .get("scope")
        .map(str::parse)
        .transpose()
        .map_err(|_| GrantError::MalformedScope)?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}

/// Grants all that is asked for or nothing: a client that silently gets less fails later, where it
/// is harder to see. Who asks for nothing gets the resource server's default, not the most it
/// could have (RFC 9700 §2.3).
pub(in crate::protocol) fn granted(
    requested: Option<Scope>,
    client: &Client,
    resource_server: &ResourceServer,
) -> Result<Scope, OAuthError> {
    let Some(requested) = requested else {
        let default = resource_server.default_scope.intersection(&client.scope);
        return if default.is_empty() {
            Err(GrantError::NoDefaultScope.into())
        } else {
            Ok(default)
        };
    };
    let excess = requested.iter().find(|token| !client.scope.contains(token));
    match excess {
        Some(token) => Err(GrantError::ScopeNotAllowed(token.to_owned()).into()),
        None if !resource_server.defines(&requested) => Err(GrantError::ScopeNotOfResource.into()),
        None => Ok(requested),
    }
}

/// Which of the scopes asked for are of a resource server: all but those of OpenID Connect, which
/// are of the user.
pub(in crate::protocol) fn of_resource(scope: &Scope) -> Scope {
    let own = scope.iter().filter(|token| !OPENID_SCOPES.contains(token));
    // Tokens of a scope are scope tokens.
    Scope::from_tokens(own).unwrap_or_default()
}

/// [`granted`] for a grant of a user, which may have scopes of OpenID Connect among the others. Who
/// asks for those alone gets those alone.
pub(in crate::protocol) fn granted_by_user(
    requested: Option<Scope>,
    client: &Client,
    resource_server: &ResourceServer,
) -> Result<Scope, OAuthError> {
    let Some(requested) = requested else {
        return granted(None, client, resource_server);
    };
    let excess = requested.iter().find(|token| !client.scope.contains(token));
    match excess {
        Some(token) => Err(GrantError::ScopeNotAllowed(token.to_owned()).into()),
        None if !resource_server.defines(&of_resource(&requested)) => {
            Err(GrantError::ScopeNotOfResource.into())
        }
        None => Ok(requested),
    }
}
