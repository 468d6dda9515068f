//! Checks of single parameters that belong to nothing larger.

use super::kept;
use super::request::Arrival;
use crate::protocol::{
    AuthorizationError, AuthorizationServer, Client, Form, OAuthError, PageError, RequestError,
};

/// The most bytes of `state` and of `nonce`: what comes back has to fit into a header, with room
/// for percent-encoding.
pub(super) const MAX_ECHOED_BYTES: usize = 8 * 1024;

/// The most parameters that are kept; below the bound of [`Form`], which reads them again.
const MAX_KEPT_PARAMETERS: usize = 48;

/// The client (RFC 6749 §4.1.1). There is nobody to tell of an error here.
pub(super) fn client<'a>(
    server: &'a AuthorizationServer,
    form: &Form<'_>,
) -> Result<&'a Client, PageError> {
    let id = form.get("client_id").ok_or(PageError::NoClient)?;
    server.client(id).ok_or(PageError::UnknownClient)
}

/// What is repeated to the client or its user.
pub(super) fn echoed_parameters(form: &Form<'_>) -> Result<(), RequestError> {
    let too_long = |name: &&str| form.get(name).unwrap_or_default().len() > MAX_ECHOED_BYTES;
    match ["state", "nonce"].into_iter().find(too_long) {
        Some(name) => Err(RequestError::Malformed(name)),
        None => Ok(()),
    }
}

/// Nothing that may come once comes twice (RFC 6749 §3.1).
pub(super) fn repeated_parameters(form: &Form<'_>) -> Result<(), AuthorizationError> {
    match form.repeats() {
        true => Err(AuthorizationError::Repeated),
        false => Ok(()),
    }
}

/// What a page or the store has to keep of the request. A `resource` is the only parameter that may
/// come more than once; far fewer than this are of use.
pub(super) fn kept(parameters: String) -> Result<String, AuthorizationError> {
    let pairs = parameters.split('&').count();
    if parameters.len() > kept::MAX_BYTES || pairs > MAX_KEPT_PARAMETERS {
        return Err(AuthorizationError::TooLarge);
    }
    Ok(parameters)
}

/// Parameters that would change what the others mean, so that they cannot be ignored
/// (OIDC Core §3.1.2.6). Nothing is ever fetched for them.
pub(super) fn unsupported_parameters(form: &Form<'_>) -> Result<(), AuthorizationError> {
    use AuthorizationError::{ForeignRequestUri, RequestObject, SelfRegistration};
    let unsupported = [
        ("request", RequestObject),
        ("request_uri", ForeignRequestUri),
        ("registration", SelfRegistration),
    ];
    match unsupported.into_iter().find(|(name, _)| form.has(name)) {
        Some((_, reason)) => Err(reason),
        None => Ok(()),
    }
}

/// Some clients have to push their requests (RFC 9126 §6).
pub(super) fn pushed_where_required(client: &Client, arrival: Arrival) -> Result<(), OAuthError> {
    if client.require_pushed_authorization_requests && arrival == Arrival::Browser {
        return Err(AuthorizationError::NotPushed.into());
    }
    Ok(())
}
