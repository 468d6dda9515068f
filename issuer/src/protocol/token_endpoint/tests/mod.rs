//! The rules of the token endpoint: a request that succeeds, one mutation, the reason expected.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_token::{Algorithm, Audience, Scope};

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::resource_server::{ResourceServer, ScopeDescription};
use crate::protocol::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn client(id: &str, secret: Option<&str>, grants: &[Grant], scope: &str) -> Client {
    let hash = secret.map(|secret| ClientSecretHash::of(secret.as_bytes()));
    Client {
        id: id.parse().unwrap(),
        name: None,
        kind: hash.map_or(ClientKind::Public, |hash| {
            ClientKind::Confidential(hash.into())
        }),
        application_type: ApplicationType::Web,
        grants: BTreeSet::from_iter(grants.iter().copied()),
        scope: scope.parse().unwrap(),
        redirect_uris: vec![],
        require_pushed_authorization_requests: false,
        post_logout_redirect_uris: vec![],
        origins: vec![],
        id_token_algorithm: Algorithm::RS256,
        exchange_audiences: vec![],
        introspect_audiences: vec![],
        provenance: Provenance::Operator,
    }
}

fn resource_server(
    audience: &str,
    resources: &[&str],
    scope: &str,
    default: &str,
    algorithm: Algorithm,
) -> ResourceServer {
    let describe = |name: &str| ScopeDescription {
        name: name.to_owned(),
        description: String::new(),
        descriptions: Default::default(),
    };
    ResourceServer {
        audience: audience.to_owned(),
        resources: resources
            .iter()
            .map(|uri| ResourceUri::parse(uri).unwrap())
            .collect(),
        scopes: scope
            .parse::<Scope>()
            .unwrap()
            .iter()
            .map(describe)
            .collect(),
        default_scope: default.parse().unwrap(),
        signing_algorithm: algorithm,
    }
}

fn server() -> AuthorizationServer {
    use Grant::*;
    let clients = [
        client(
            "service",
            Some("s3cret"),
            &[ClientCredentials],
            "api:read api:write other:x openid",
        ),
        client("a b:c", Some("p%+ :"), &[ClientCredentials], "api:write"),
        client("web", Some("web"), &[AuthorizationCode], "api:read"),
        client("spa", None, &[AuthorizationCode], "api:read"),
        client("odd", None, &[ClientCredentials], "api:read"),
    ];
    AuthorizationServer {
        issuer: "https://as.example".parse().unwrap(),
        lifetimes: Lifetimes::default(),
        resource_servers: vec![
            resource_server(
                "api",
                &["https://api.example", "https://api.example/mcp"],
                "api:read api:write api:admin",
                "api:read",
                Algorithm::RS256,
            ),
            resource_server(
                "other",
                &["https://other.example/v1"],
                "other:x",
                "other:x",
                Algorithm::ES256,
            ),
        ],
        clients: HashMap::from_iter(clients.map(|client| (client.id.clone(), client))).into(),
        users: Users::default(),
        trusted_issuers: Default::default(),
        registration: None,
        client_id_metadata: None,
    }
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

fn ask(
    authorization: &[String],
    query: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Issuance, Refusal> {
    let request = ClientRequest {
        query,
        authorization: authorization.iter().map(String::as_bytes).collect(),
        address: None,
        content_type: content_type.map(str::as_bytes),
        body,
    };
    let fixture = Fixture::of(server());
    block_on(respond(fixture.context(), &request))
}

/// A request of `service`, with `extra` parameters on top of the grant type.
fn service(extra: &str) -> Result<Issuance, OAuthError> {
    let body = format!("grant_type=client_credentials&{extra}");
    ask(
        &[basic("service:s3cret")],
        None,
        Some(FORM),
        body.as_bytes(),
    )
    .map_err(|refusal| refusal.error)
}

/// A request that authenticates as given, in the header and in the form.
fn authenticated(authorization: &[&str], form: &str) -> Result<Issuance, OAuthError> {
    let authorization: Vec<_> = authorization
        .iter()
        .map(|&header| header.to_owned())
        .collect();
    let body = format!("grant_type=client_credentials&{form}");
    ask(&authorization, None, Some(FORM), body.as_bytes()).map_err(|refusal| refusal.error)
}

mod clients;
mod grants;
mod requests;
