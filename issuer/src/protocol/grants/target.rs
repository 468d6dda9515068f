//! Which resource server a token is for (RFC 8707 §2).

use dockgate_token::Scope;

use crate::protocol::access_token::Target;
use crate::protocol::{AuthorizationServer, Form, GrantError, OAuthError, ResourceUri};

/// Reads `resource`, or concludes from the scope where there is none. Scopes of OpenID Connect are
/// of no resource server, so the caller leaves them out.
pub(in crate::protocol) fn target<'a>(
    server: &'a AuthorizationServer,
    form: &Form,
    scope: Option<&Scope>,
) -> Result<Target<'a>, OAuthError> {
    let mut resources = Vec::new();
    for text in form.get_all("resource") {
        let uri = ResourceUri::parse(text).map_err(GrantError::MalformedResource)?;
        if !resources.contains(&uri) {
            resources.push(uri);
        }
    }
    let resource_server = if resources.is_empty() {
        let nothing = Scope::empty();
        server
            .resource_server_for_scope(scope.unwrap_or(&nothing))
            .ok_or(GrantError::ScopeNotOfResource)?
    } else {
        server
            .resource_server_of(&resources)
            .ok_or(GrantError::UnknownResource)?
    };
    Ok(Target {
        resource_server,
        resources,
    })
}
