//! Which resource server a token is for (RFC 8707 §2).

use dockgate_token::Scope;

use crate::protocol::access_token::Target;
use crate::protocol::{AuthorizationServer, Form, GrantError, OAuthError, ResourceUri};
use crate::store::StoredGrant;

/// All resources of a token together, in bytes. It carries them in a header, where there is little
/// room, and whoever asks for a device code has them stored without saying who they are.
const MAX_RESOURCE_BYTES: usize = 4 * 1024;

/// The values of `resource`, each once (RFC 8707 §2).
///
/// # Errors
/// [`GrantError`] for what is no canonical URI, and for more than fits into a token.
pub(in crate::protocol) fn requested(form: &Form<'_>) -> Result<Vec<ResourceUri>, GrantError> {
    let mut resources = Vec::new();
    let mut bytes = 0_usize;
    for text in form.get_all("resource") {
        let uri = ResourceUri::parse(text).map_err(GrantError::MalformedResource)?;
        if !resources.contains(&uri) {
            bytes = bytes.saturating_add(uri.as_str().len());
            resources.push(uri);
        }
        if bytes > MAX_RESOURCE_BYTES {
            return Err(GrantError::ResourcesTooLarge);
        }
    }
    Ok(resources)
}

/// Reads `resource`, or concludes from the scope where there is none. Scopes of OpenID Connect are
/// of no resource server, so the caller leaves them out.
pub(in crate::protocol) fn target<'a>(
    server: &'a AuthorizationServer,
    form: &Form,
    scope: Option<&Scope>,
) -> Result<Target<'a>, OAuthError> {
    let resources = requested(form)?;
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
    let resources = requested(form)?;
    if resources.is_empty() {
        return Ok(grant.resources.clone());
    }
    if !resources.iter().all(|uri| is_granted(server, grant, uri)) {
        return Err(GrantError::ResourceNotGranted.into());
    }
    let texts = resources.iter().map(|uri| uri.as_str().to_owned());
    Ok(texts.collect())
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
