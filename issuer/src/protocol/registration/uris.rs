//! The URIs of a client.

use url::Url;

use super::{MAX_REDIRECT_URIS, MAX_URI_BYTES, RegistrationError, WebOrNative, members::Members};
use crate::protocol::redirect_uri::is_loopback;
use crate::protocol::{ApplicationType, RedirectUri, RedirectUriError};

/// The redirect URIs under `name`, each as it was written.
pub(super) fn redirect_uris(
    members: &mut Members,
    name: &'static str,
) -> Result<Vec<String>, RegistrationError> {
    let uris = members.texts(name, MAX_REDIRECT_URIS, MAX_URI_BYTES)?;
    Ok(uris.unwrap_or_default())
}

/// What kind of application has these. Who does not say so is native if anything is to be sent to the
/// machine of its user: such clients rely on the port of a loopback URI being theirs to choose
/// (RFC 8252 §7.3), and few of them know `application_type`.
pub(super) fn application_type(
    members: &mut Members,
    uris: &[String],
) -> Result<WebOrNative, RegistrationError> {
    match members.text("application_type", MAX_URI_BYTES)?.as_deref() {
        Some("web") => Ok(WebOrNative::Web),
        Some("native") => Ok(WebOrNative::Native),
        Some(_) => Err(RegistrationError::ApplicationType),
        None if uris.iter().any(|uri| !uri.starts_with("https:")) => Ok(WebOrNative::Native),
        None => Ok(WebOrNative::Web),
    }
}

/// Checks redirect URIs by the rules for those in the configuration, and by what is switched off here.
pub(super) fn check(
    uris: &[String],
    application: WebOrNative,
    private_use_schemes: bool,
) -> Result<(), RegistrationError> {
    let application = match application {
        WebOrNative::Web => ApplicationType::Web,
        WebOrNative::Native => ApplicationType::Native,
    };
    for (at, uri) in uris.iter().enumerate() {
        let parsed = RedirectUri::parse(uri, application).map_err(|error| match error {
            // The scheme may be fine, and this no native client.
            RedirectUriError::Scheme if !private_use_schemes => RegistrationError::PrivateUseScheme,
            other => RegistrationError::RedirectUri(other),
        })?;
        let own_scheme = !matches!(parsed.url().scheme(), "https" | "http");
        if own_scheme && !private_use_schemes {
            return Err(RegistrationError::PrivateUseScheme);
        }
        if uris.iter().take(at).any(|earlier| earlier == uri) {
            return Err(RegistrationError::RepeatedRedirectUri);
        }
    }
    Ok(())
}

/// A URI about the client (RFC 7591 §2), which is `https` or on the machine itself. Nothing fetches or
/// links it.
pub(super) fn about(
    members: &mut Members,
    name: &'static str,
) -> Result<Option<String>, RegistrationError> {
    let uri = members.text(name, MAX_URI_BYTES)?;
    if uri.as_deref().is_some_and(|uri| !is_https(uri)) {
        return Err(RegistrationError::Uri(name));
    }
    Ok(uri)
}

pub(super) fn is_https(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(&url),
        _ => false,
    })
}
