//! Authorization server metadata (RFC 8414 §2) and OpenID provider metadata (OIDC Discovery §3):
//! one document for both. It names what works, and nothing else.

use std::collections::BTreeSet;

use dockgate_token::{Algorithm, Issuer};
use serde::Serialize;

use super::authorize::AuthorizationMetadata;
use super::{AuthorizationServer, Client, Grant, OPENID_SCOPES, claims, endpoints};

/// The document. Members that the standards require are there even where the list is empty.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    issuer: Issuer,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    end_session_endpoint: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    client_id_metadata_document_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<String>,
    scopes_supported: Vec<String>,
    #[serde(flatten)]
    authorization: AuthorizationMetadata,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<&'static str>>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_endpoint_auth_signing_alg_values_supported: Option<Vec<&'static str>>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection_endpoint_auth_signing_alg_values_supported: Option<Vec<&'static str>>,
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: BTreeSet<&'static str>,
    claims_supported: Vec<&'static str>,
}

/// The ways in which a client proves who it is, and `none` for those that cannot, in the order in
/// which they are listed.
const AUTHENTICATION_METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];

/// Those of them by which a client that registers may prove who it is.
const REGISTRABLE_CONFIDENTIAL: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];

/// Those of clients that are documents, which have no secret.
const OF_DOCUMENTS: [&str; 2] = ["private_key_jwt", "none"];

/// The claims of ID tokens that are not about the user's person.
const ID_TOKEN_CLAIMS: [&str; 8] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "amr",
    "nonce",
];

impl Metadata {
    /// Describes `server`.
    pub fn of(server: &AuthorizationServer) -> Self {
        let url = |endpoint| endpoints::url(&server.issuer, endpoint);
        let grants = Grant::ALL.into_iter().filter(|grant| server.serves(*grant));
        // Clients that register themselves use what is offered to them, whoever they are.
        let (registrable, registrable_confidential): (&[_], &[_]) =
            match (&server.registration, &server.client_id_metadata) {
                (Some(_), _) => (&AUTHENTICATION_METHODS, &REGISTRABLE_CONFIDENTIAL),
                (None, Some(_)) => (&OF_DOCUMENTS, &["private_key_jwt"]),
                (None, None) => (&[], &[]),
            };
        let methods = authentication_methods(server.clients.by_operator(), registrable);
        let confidential = server
            .clients
            .by_operator()
            .filter(|client| client.is_confidential());
        let confidential_methods = authentication_methods(confidential, registrable_confidential);
        Self {
            issuer: server.issuer.clone(),
            token_endpoint: url(endpoints::TOKEN),
            jwks_uri: url(endpoints::JWKS),
            userinfo_endpoint: url(endpoints::USERINFO),
            introspection_endpoint: url(endpoints::INTROSPECTION),
            revocation_endpoint: url(endpoints::REVOCATION),
            end_session_endpoint: url(endpoints::END_SESSION),
            client_id_metadata_document_supported: server.client_id_metadata.is_some(),
            registration_endpoint: server
                .registration
                .as_ref()
                .map(|_| url(endpoints::REGISTRATION)),
            device_authorization_endpoint: server
                .serves(Grant::DeviceCode)
                .then(|| url(endpoints::DEVICE_AUTHORIZATION)),
            scopes_supported: scopes(server),
            authorization: AuthorizationMetadata::of(server),
            // Left out, it would mean authorization_code and implicit.
            grant_types_supported: grants.map(Grant::as_str).collect(),
            token_endpoint_auth_signing_alg_values_supported: signing_algorithms(&methods),
            revocation_endpoint_auth_signing_alg_values_supported: signing_algorithms(&methods),
            introspection_endpoint_auth_signing_alg_values_supported: signing_algorithms(
                &confidential_methods,
            ),
            revocation_endpoint_auth_methods_supported: methods.clone(),
            token_endpoint_auth_methods_supported: methods,
            introspection_endpoint_auth_methods_supported: confidential_methods,
            // Required by OIDC Discovery §3, RS256 included.
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: id_token_algorithms(server),
            claims_supported: ID_TOKEN_CLAIMS.into_iter().chain(claims::names()).collect(),
        }
    }
}

/// The methods that one of `clients` uses (RFC 7591 §2), and `more`.
fn authentication_methods<'a>(
    clients: impl Iterator<Item = &'a Client>,
    more: &[&'static str],
) -> Vec<&'static str> {
    let used = clients.flat_map(Client::authentication_methods).copied();
    let used: BTreeSet<_> = used.chain(more.iter().copied()).collect();
    let methods = AUTHENTICATION_METHODS.into_iter();
    methods.filter(|method| used.contains(*method)).collect()
}

/// Required where assertions authenticate clients (RFC 8414 §2).
fn signing_algorithms(methods: &[&str]) -> Option<Vec<&'static str>> {
    let names = || Algorithm::ALL.into_iter().map(Algorithm::as_str).collect();
    methods.contains(&"private_key_jwt").then(names)
}

fn id_token_algorithms(server: &AuthorizationServer) -> BTreeSet<&'static str> {
    // Who registers chooses among those that are there.
    let clients = server.clients.by_operator();
    clients
        .map(|client| client.id_token_algorithm)
        .chain([Algorithm::RS256])
        .map(Algorithm::as_str)
        .collect()
}

/// Those of OpenID Connect first: `openid` is required (OIDC Discovery §3).
fn scopes(server: &AuthorizationServer) -> Vec<String> {
    let own = server
        .resource_servers
        .iter()
        .flat_map(|resource_server| &resource_server.scopes);
    let own = own.map(|scope| scope.name.as_str());
    let mut seen = BTreeSet::new();
    OPENID_SCOPES
        .into_iter()
        .chain(own)
        .filter(|scope| seen.insert(*scope))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
