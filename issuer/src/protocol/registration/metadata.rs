//! Reading client metadata: every check, in order, and every default.

use std::collections::BTreeMap;

use dockgate_token::{Algorithm, Scope};
use serde_json::Value;

use super::kept::{AuthenticationMethod, ClientMetadata, PublicSubject};
use super::members::Members;
use super::{
    MAX_BODY_BYTES, MAX_LISTED, MAX_NAME_BYTES, MAX_URI_BYTES, Offer, RegistrationError, json, uris,
};
use crate::keys::VerificationKeys;
use crate::protocol::{Grant, RequestError};

/// What can be said in several languages, and whether it is a URI (RFC 7591 §2.2).
const IN_LANGUAGES: [(&str, bool); 5] = [
    ("client_name", false),
    ("client_uri", true),
    ("logo_uri", true),
    ("tos_uri", true),
    ("policy_uri", true),
];

/// What a client sends to be protected by, and this server does not do: to pass over it would leave
/// the client believing in it (RFC 9449 §5.2, RFC 8705 §3.4, RFC 9101 §10.5).
const UNSUPPORTED_PROTECTION: [&str; 3] = [
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
    "require_signed_request_object",
];

/// What the server gives (RFC 7591 §3.2.1).
const OF_SERVER: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// What a client says of itself when it changes what is registered (RFC 7592 §2.2).
#[derive(Debug, Default)]
pub struct Claimed {
    /// `client_id`, which is required then.
    pub client_id: Option<String>,
    /// `client_secret`, which may be repeated.
    pub client_secret: Option<String>,
}

impl ClientMetadata {
    /// Reads what a client wants to be registered. What is unknown is passed over (RFC 7591 §2).
    ///
    /// # Errors
    /// [`RegistrationError`] for the first check that fails.
    pub fn read(
        content_type: Option<&[u8]>,
        body: &[u8],
        offer: &Offer,
    ) -> Result<Self, RegistrationError> {
        Self::of(members(content_type, body)?, offer)
    }

    /// The same for a client that is there already.
    ///
    /// # Errors
    /// [`RegistrationError`], also where the request has what only the server gives (RFC 7592 §2.2).
    pub fn read_update(
        content_type: Option<&[u8]>,
        body: &[u8],
        offer: &Offer,
    ) -> Result<(Self, Claimed), RegistrationError> {
        let mut members = members(content_type, body)?;
        for name in OF_SERVER {
            if members.take(name).is_some() {
                return Err(RegistrationError::OfServer(name));
            }
        }
        let claimed = Claimed {
            client_id: members.text("client_id", MAX_URI_BYTES)?,
            client_secret: members.text("client_secret", MAX_URI_BYTES)?,
        };
        Ok((Self::of(members, offer)?, claimed))
    }

    pub(super) fn of(mut members: Members, offer: &Offer) -> Result<Self, RegistrationError> {
        let members = &mut members;
        check_statement(members)?;
        check_protection(members)?;
        let redirect_uris = uris::redirect_uris(members, "redirect_uris")?;
        let post_logout_redirect_uris = uris::redirect_uris(members, "post_logout_redirect_uris")?;
        let application_type = uris::application_type(members, &redirect_uris)?;
        for list in [&redirect_uris, &post_logout_redirect_uris] {
            uris::check(list, application_type, offer.private_use_schemes)?;
        }
        let token_endpoint_auth_method = authentication_method(members)?;
        let jwks = keys(members, token_endpoint_auth_method)?;
        let grants = grants(members, offer)?;
        let response_types = response_types(members, &grants)?;
        if grants.contains(&Grant::AuthorizationCode) && redirect_uris.is_empty() {
            return Err(RegistrationError::NoRedirectUri);
        }
        // RFC 6749 §4.4.
        if grants.contains(&Grant::ClientCredentials)
            && token_endpoint_auth_method == AuthenticationMethod::None
        {
            return Err(RegistrationError::GrantOfConfidential);
        }
        Ok(Self {
            redirect_uris,
            post_logout_redirect_uris,
            token_endpoint_auth_method,
            grant_types: grants
                .iter()
                .map(|grant| grant.as_str().to_owned())
                .collect(),
            response_types,
            application_type,
            scope: scope(members, offer)?.to_string(),
            in_languages: in_languages(members)?,
            client_name: members.text("client_name", MAX_NAME_BYTES)?,
            contacts: members
                .texts("contacts", MAX_LISTED, MAX_NAME_BYTES)?
                .unwrap_or_default(),
            client_uri: uris::about(members, "client_uri")?,
            logo_uri: uris::about(members, "logo_uri")?,
            tos_uri: uris::about(members, "tos_uri")?,
            policy_uri: uris::about(members, "policy_uri")?,
            jwks,
            software_id: members.text("software_id", MAX_NAME_BYTES)?,
            software_version: members.text("software_version", MAX_NAME_BYTES)?,
            id_token_signed_response_alg: id_token_algorithm(members, offer)?,
            subject_type: PublicSubject::Public,
            require_pushed_authorization_requests: members
                .flag("require_pushed_authorization_requests")?,
        })
    }
}

fn members(content_type: Option<&[u8]>, body: &[u8]) -> Result<Members, RegistrationError> {
    let mut parts = content_type.unwrap_or_default().split(|byte| *byte == b';');
    let media_type = parts.next().unwrap_or_default().trim_ascii();
    // RFC 7591 §3.1.
    if !media_type.eq_ignore_ascii_case(b"application/json") {
        return Err(RegistrationError::ContentType);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(RequestError::BodyTooLarge.into());
    }
    Ok(Members::new(json::read_object(body)?))
}

/// RFC 7591 §3.2.2: one that cannot be read is another error than one that is not believed.
fn check_statement(members: &mut Members) -> Result<(), RegistrationError> {
    match members.take("software_statement") {
        None => Ok(()),
        Some(Value::String(statement)) if statement.split('.').count() == 3 => {
            Err(RegistrationError::UnapprovedStatement)
        }
        Some(_) => Err(RegistrationError::MalformedStatement),
    }
}

fn check_protection(members: &mut Members) -> Result<(), RegistrationError> {
    for name in UNSUPPORTED_PROTECTION {
        if members.flag(name)? {
            return Err(RegistrationError::Unprotected(name));
        }
    }
    match members.text("subject_type", MAX_NAME_BYTES)?.as_deref() {
        None | Some("public") => Ok(()),
        Some(_) => Err(RegistrationError::SubjectType),
    }
}

/// The default is that of RFC 7591 §2.
fn authentication_method(members: &mut Members) -> Result<AuthenticationMethod, RegistrationError> {
    match members.text("token_endpoint_auth_method", MAX_NAME_BYTES)? {
        None => Ok(AuthenticationMethod::ClientSecretBasic),
        Some(name) => {
            AuthenticationMethod::of(&name).ok_or(RegistrationError::AuthenticationMethod)
        }
    }
}

/// Keys that the method makes no use of are passed over: there is nothing that they would do.
fn keys(
    members: &mut Members,
    method: AuthenticationMethod,
) -> Result<Option<Value>, RegistrationError> {
    let elsewhere = members.text("jwks_uri", MAX_URI_BYTES)?;
    let keys = members.take("jwks");
    match (keys, elsewhere) {
        (Some(_), Some(_)) => Err(RegistrationError::KeysTwice),
        _ if method != AuthenticationMethod::PrivateKeyJwt => Ok(None),
        (None, Some(_)) => Err(RegistrationError::KeysElsewhere),
        (None, None) => Err(RegistrationError::NoKeys),
        (Some(keys), None) => {
            let text = keys.to_string();
            VerificationKeys::parse(text.as_bytes()).map_err(RegistrationError::Keys)?;
            Ok(Some(keys))
        }
    }
}

/// In the order of the request.
fn grants(members: &mut Members, offer: &Offer) -> Result<Vec<Grant>, RegistrationError> {
    let names = members.texts("grant_types", MAX_LISTED, MAX_NAME_BYTES)?;
    let names = names.filter(|names| !names.is_empty());
    let names = names.unwrap_or_else(|| vec![Grant::AuthorizationCode.as_str().to_owned()]);
    let mut grants = Vec::new();
    for name in names {
        let grant = name.parse().ok();
        let offered = grant.filter(|grant| offer.grants.contains(grant));
        let grant = offered.ok_or(RegistrationError::Grant)?;
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    let gives = |grant| grants.contains(&grant);
    if gives(Grant::RefreshToken) && !(gives(Grant::AuthorizationCode) || gives(Grant::DeviceCode))
    {
        return Err(RegistrationError::RefreshOfNothing);
    }
    Ok(grants)
}

/// RFC 7591 §2.1: they go with the grants, also where they are left out.
fn response_types(
    members: &mut Members,
    grants: &[Grant],
) -> Result<Vec<String>, RegistrationError> {
    let has_code = grants.contains(&Grant::AuthorizationCode);
    let Some(types) = members.texts("response_types", MAX_LISTED, MAX_NAME_BYTES)? else {
        return Ok(has_code.then(|| "code".to_owned()).into_iter().collect());
    };
    if types.iter().any(|own| own != "code") {
        return Err(RegistrationError::ResponseType);
    }
    if types.is_empty() == has_code {
        return Err(RegistrationError::Inconsistent);
    }
    Ok(types.into_iter().take(1).collect())
}

/// What of the scope is offered, and what clients get besides. A client that wants more is told so by the
/// answer (RFC 7591 §3.2.1), and finds out which scopes it can have without trying each.
fn scope(members: &mut Members, offer: &Offer) -> Result<Scope, RegistrationError> {
    let Some(text) = members.text("scope", MAX_BODY_BYTES)? else {
        return Ok(offer.default_scope.clone());
    };
    let wanted: Scope = text.parse().map_err(|_| RegistrationError::Scope)?;
    let offered = wanted.intersection(&offer.scope);
    if offered.is_empty() {
        return Err(RegistrationError::Scope);
    }
    Ok(offered.union(&offer.always_scope))
}

fn id_token_algorithm(
    members: &mut Members,
    offer: &Offer,
) -> Result<Algorithm, RegistrationError> {
    match members.text("id_token_signed_response_alg", MAX_NAME_BYTES)? {
        // OIDC Registration §2.
        None => Ok(Algorithm::RS256),
        Some(name) => {
            let algorithm = name.parse().ok();
            let offered = algorithm.filter(|own| offer.id_token_algorithms.contains(own));
            offered.ok_or(RegistrationError::Algorithm)
        }
    }
}

fn in_languages(members: &mut Members) -> Result<BTreeMap<String, String>, RegistrationError> {
    let mut all = BTreeMap::new();
    for (name, is_uri) in IN_LANGUAGES {
        let longest = if is_uri {
            MAX_URI_BYTES
        } else {
            MAX_NAME_BYTES
        };
        for (own, text) in members.in_languages(name, longest)? {
            if is_uri && !uris::is_https(&text) {
                return Err(RegistrationError::Uri(name));
            }
            all.insert(own, text);
        }
    }
    Ok(all)
}
