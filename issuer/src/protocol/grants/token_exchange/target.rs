//! What an exchanged token is for (RFC 8693 §2.1: `audience` and `resource`).

use dockgate_token::Audience;

use crate::protocol::access_token::Target;
use crate::protocol::grants::target;
use crate::protocol::{
    AuthorizationServer, Client, ExchangeError, Form, GrantError, OAuthError, ResourceServer,
    ResourceUri,
};

/// The target that the request names; where it names none, that of the subject token. The client's
/// policy has to list it: nothing may be exchanged that is not.
pub(super) fn target<'a>(
    server: &'a AuthorizationServer,
    client: &Client,
    subject: &Audience,
    form: &Form<'_>,
) -> Result<Target<'a>, OAuthError> {
    let requested = target::requested(form)?;
    let resource_server = resource_server(server, subject, form, &requested)?;
    let audience = &resource_server.audience;
    if !client.exchange_audiences.contains(audience) {
        return Err(ExchangeError::AudienceNotAllowed.into());
    }
    let resources = if subject.contains(audience) {
        within(subject, audience, requested)?
    } else {
        requested
    };
    Ok(Target {
        resource_server,
        resources,
    })
}

/// The one resource server that every `audience` and every `resource` is of: a token for two could
/// be used at one with the other's scopes.
fn resource_server<'a>(
    server: &'a AuthorizationServer,
    subject: &Audience,
    form: &Form<'_>,
    requested: &[ResourceUri],
) -> Result<&'a ResourceServer, OAuthError> {
    let mut named: Option<&ResourceServer> = None;
    for audience in form.get_all("audience") {
        let found = server.resource_server(audience);
        let found = found.ok_or(ExchangeError::AudienceNotAllowed)?;
        if named.is_some_and(|named| named.audience != found.audience) {
            return Err(ExchangeError::MixedTargets.into());
        }
        named = Some(found);
    }
    if !requested.is_empty() {
        let of_resources = server.resource_server_of(requested);
        let of_resources = of_resources.ok_or(GrantError::UnknownResource)?;
        if named.is_some_and(|named| named.audience != of_resources.audience) {
            return Err(ExchangeError::MixedTargets.into());
        }
        return Ok(of_resources);
    }
    let own = || {
        let mut audiences = subject.iter();
        audiences.find_map(|audience| server.resource_server(audience))
    };
    let found = named.or_else(own);
    found.ok_or_else(|| ExchangeError::InvalidSubjectToken.into())
}

/// At the resource server of the subject token, the resources that the token names are a bound
/// (RFC 8707 §2.2).
fn within(
    subject: &Audience,
    audience: &str,
    requested: Vec<ResourceUri>,
) -> Result<Vec<ResourceUri>, OAuthError> {
    let held = subject.iter().filter(|own| *own != audience);
    let held: Vec<_> = held
        .filter_map(|own| ResourceUri::parse(own).ok())
        .collect();
    if held.is_empty() {
        return Ok(requested);
    }
    if requested.is_empty() {
        return Ok(held);
    }
    let covered = |uri: &ResourceUri| held.iter().any(|held| held.covers(uri));
    if requested.iter().all(covered) {
        Ok(requested)
    } else {
        Err(GrantError::ResourceNotGranted.into())
    }
}
