//! Which scope a request gets (RFC 6749 §3.3).

use dockgate_token::Scope;

use crate::protocol::{Client, Form, ResourceServer, TokenError};

/// What the client asks for; `None` when it leaves the choice to the server.
pub(super) fn requested(form: &Form) -> Result<Option<Scope>, TokenError> {
    let scope: Option<Scope> = form
        .get("scope")
        .map(str::parse)
        .transpose()
        .map_err(|_| TokenError::MalformedScope)?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}

/// Grants all that is asked for or nothing: a client that silently gets less fails later, where it
/// is harder to see. Who asks for nothing gets the resource server's default, not the most it
/// could have (RFC 9700 §2.3).
pub(super) fn granted(
    requested: Option<Scope>,
    client: &Client,
    resource_server: &ResourceServer,
) -> Result<Scope, TokenError> {
    let Some(requested) = requested else {
        let default = resource_server.default_scope.intersection(&client.scope);
        return if default.is_empty() {
            Err(TokenError::NoDefaultScope)
        } else {
            Ok(default)
        };
    };
    let excess = requested.iter().find(|token| !client.scope.contains(token));
    match excess {
        Some(token) => Err(TokenError::ScopeNotAllowed(token.to_owned())),
        None if !resource_server.defines(&requested) => Err(TokenError::ScopeNotOfResource),
        None => Ok(requested),
    }
}
