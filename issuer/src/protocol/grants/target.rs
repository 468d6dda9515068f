//! Which resource server a token is for (RFC 8707 §2).

use dockgate_token::Scope;

use crate::protocol::access_token::Target;
use crate::protocol::{AuthorizationServer, Form, ResourceUri, TokenError};

/// Reads `resource`, or concludes from the scope where there is none.
pub(super) fn target<'a>(
    server: &'a AuthorizationServer,
    form: &Form,
    scope: Option<&Scope>,
) -> Result<Target<'a>, TokenError> {
    let mut resources = Vec::new();
    for text in form.get_all("resource") {
        let uri = ResourceUri::parse(text).map_err(TokenError::MalformedResource)?;
        if !resources.contains(&uri) {
            resources.push(uri);
        }
    }
    let resource_server = if resources.is_empty() {
        let nothing = Scope::empty();
        server
            .resource_server_for_scope(scope.unwrap_or(&nothing))
            .ok_or(TokenError::ScopeNotOfResource)?
    } else {
        server
            .resource_server_of(&resources)
            .ok_or(TokenError::UnknownResource)?
    };
    Ok(Target {
        resource_server,
        resources,
    })
}
