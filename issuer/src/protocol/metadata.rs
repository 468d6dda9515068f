//! Authorization server metadata (RFC 8414 §2) and OpenID provider metadata (OIDC Discovery §3):
//! one document for both. It names what works, and nothing else.

use std::collections::BTreeSet;

use dockgate_token::Issuer;
use serde::Serialize;

use super::authorize::AuthorizationMetadata;
use super::{AuthorizationServer, Grant, endpoints};

/// The document. Members that the standards require are there even where the list is empty.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    issuer: Issuer,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<String>,
    #[serde(flatten)]
    authorization: AuthorizationMetadata,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: Vec<&'static str>,
}

impl Metadata {
    /// Describes `server`.
    pub fn of(server: &AuthorizationServer) -> Self {
        let grants = Grant::ALL.into_iter().filter(|grant| server.serves(*grant));
        Self {
            issuer: server.issuer.clone(),
            token_endpoint: endpoints::url(&server.issuer, endpoints::TOKEN),
            jwks_uri: endpoints::url(&server.issuer, endpoints::JWKS),
            scopes_supported: scopes(server),
            authorization: AuthorizationMetadata::of(server),
            // Left out, it would mean authorization_code and implicit.
            grant_types_supported: grants.map(Grant::as_str).collect(),
            token_endpoint_auth_methods_supported: vec![
                "client_secret_basic",
                "client_secret_post",
            ],
            // Required by OIDC Discovery §3, RS256 included.
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: vec!["RS256"],
        }
    }
}

fn scopes(server: &AuthorizationServer) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let all = server
        .resource_servers
        .iter()
        .flat_map(|resource_server| &resource_server.scopes);
    all.filter(|scope| seen.insert(&scope.name))
        .map(|scope| scope.name.clone())
        .collect()
}
