//! Which resource server a token is for (RFC 8707 §2).

use dockgate_token::Scope;

use crate::protocol::access_token::Target;
use crate::protocol::{AuthorizationServer, Form, GrantError, OAuthError, ResourceUri};
use crate::store::StoredGrant;

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

/// The resources of one access token of a grant: all that were granted, or those asked for that lie
/// within (RFC 8707 §2.2). Where none was named, the whole resource server was granted.
pub(in crate::protocol) fn narrowed(
    server: &AuthorizationServer,
    grant: &StoredGrant,
    form: &Form<'_>,
) -> Result<Vec<String>, OAuthError> {
    let mut resources: Vec<String> = Vec::new();
    for text in form.get_all("resource") {
        let requested = ResourceUri::parse(text).map_err(GrantError::MalformedResource)?;
        if !is_granted(server, grant, &requested) {
            return Err(GrantError::ResourceNotGranted.into());
        }
        if !resources.iter().any(|seen| seen == requested.as_str()) {
            resources.push(requested.as_str().to_owned());
        }
    }
    if resources.is_empty() {
        return Ok(grant.resources.clone());
    }
    Ok(resources)
}

fn is_granted(server: &AuthorizationServer, grant: &StoredGrant, requested: &ResourceUri) -> bool {
    if grant.resources.is_empty() {
        let whole = server.resource_server(&grant.audience);
        return whole.is_some_and(|whole| whole.covers(requested));
    }
    let mut granted = grant.resources.iter();
    granted
        .any(|granted| ResourceUri::parse(granted).is_ok_and(|granted| granted.covers(requested)))
}
