//! Authorization server metadata (RFC 8414 §2) and OpenID provider metadata (OIDC Discovery §3):
//! one document for both. It names what works, and nothing else.

use std::collections::BTreeSet;

use dockgate_token::{Algorithm, Issuer};
use serde::Serialize;

use super::{AuthorizationServer, Grant, OPENID_SCOPES, claims, endpoints};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<String>,
    scopes_supported: Vec<String>,
    response_types_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: BTreeSet<&'static str>,
    claims_supported: Vec<&'static str>,
}

/// The ways in which a client proves who it is.
const AUTHENTICATION_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

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
        let methods = token_authentication_methods(server);
        Self {
            issuer: server.issuer.clone(),
            token_endpoint: url(endpoints::TOKEN),
            jwks_uri: url(endpoints::JWKS),
            userinfo_endpoint: url(endpoints::USERINFO),
            introspection_endpoint: url(endpoints::INTROSPECTION),
            revocation_endpoint: url(endpoints::REVOCATION),
            end_session_endpoint: url(endpoints::END_SESSION),
            device_authorization_endpoint: server
                .serves(Grant::DeviceCode)
                .then(|| url(endpoints::DEVICE_AUTHORIZATION)),
            scopes_supported: scopes(server),
            // Required (RFC 8414 §2); there is no authorization endpoint yet, so no type works.
            response_types_supported: vec![],
            // Left out, it would mean authorization_code and implicit.
            grant_types_supported: grants.map(Grant::as_str).collect(),
            revocation_endpoint_auth_methods_supported: methods.clone(),
            token_endpoint_auth_methods_supported: methods,
            introspection_endpoint_auth_methods_supported: AUTHENTICATION_METHODS.to_vec(),
            // Required by OIDC Discovery §3, RS256 included.
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: id_token_algorithms(server),
            claims_supported: ID_TOKEN_CLAIMS.into_iter().chain(claims::names()).collect(),
        }
    }
}

/// `none` is for clients that have no secret (RFC 7591 §2).
fn token_authentication_methods(server: &AuthorizationServer) -> Vec<&'static str> {
    let mut methods = AUTHENTICATION_METHODS.to_vec();
    if server
        .clients
        .values()
        .any(|client| !client.is_confidential())
    {
        methods.push("none");
    }
    methods
}

fn id_token_algorithms(server: &AuthorizationServer) -> BTreeSet<&'static str> {
    let clients = server.clients.values();
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
