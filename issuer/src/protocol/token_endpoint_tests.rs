//! The rules of the token endpoint: a request that succeeds, one mutation, the reason expected.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockgate_token::{Audience, Scope};

use super::*;
use crate::protocol::resource_server::{ResourceServer, ScopeDescription};
use crate::protocol::*;

const NOW: u64 = 1_000_000;
const FORM: &str = "application/x-www-form-urlencoded";

fn client(id: &str, secret: Option<&str>, grants: &[Grant], scope: &str) -> Client {
    let hash = secret.map(|secret| ClientSecretHash::of(secret.as_bytes()));
    Client {
        id: id.parse().unwrap(),
        name: None,
        kind: hash.map_or(ClientKind::Public, ClientKind::Confidential),
        application_type: ApplicationType::Web,
        grants: BTreeSet::from_iter(grants.iter().copied()),
        scope: scope.parse().unwrap(),
        redirect_uris: vec![],
        origins: vec![],
        exchange_audiences: vec![],
        introspect_audiences: vec![],
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
        access_token_seconds: 600,
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
        clients: HashMap::from_iter(clients.map(|client| (client.id.clone(), client))),
        users: HashMap::new(),
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
    let request = TokenRequest {
        query,
        authorization: authorization.iter().map(String::as_bytes).collect(),
        content_type: content_type.map(str::as_bytes),
        body,
    };
    respond(
        &server(),
        &request,
        MintingContext {
            now: NOW,
            jti: Jti::from_random([7; 16]),
        },
    )
}

/// A request of `service`, with `extra` parameters on top of the grant type.
fn service(extra: &str) -> Result<Issuance, TokenError> {
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
fn authenticated(authorization: &[&str], form: &str) -> Result<Issuance, TokenError> {
    let authorization: Vec<_> = authorization
        .iter()
        .map(|&header| header.to_owned())
        .collect();
    let body = format!("grant_type=client_credentials&{form}");
    ask(&authorization, None, Some(FORM), body.as_bytes()).map_err(|refusal| refusal.error)
}

#[test]
fn a_service_gets_a_token_for_itself() {
    let issuance = service("scope=api:write+api:read").unwrap();
    let claims = issuance.claims;
    assert_eq!(
        (claims.iss.as_str(), claims.sub.as_str()),
        ("https://as.example", "service")
    );
    assert_eq!(
        (claims.iat, claims.exp, issuance.expires_in),
        (NOW, NOW + 600, 600)
    );
    assert_eq!(claims.client_id.as_str(), "service");
    assert_eq!(claims.jti, "BwcHBwcHBwcHBwcHBwcHBw");
    assert_eq!(claims.aud, Audience::One("api".to_owned()));
    assert_eq!(claims.scope.to_string(), "api:write api:read");
    assert_eq!(issuance.algorithm, Algorithm::RS256);
}

#[test]
fn no_scope_asked_gives_the_default_and_empty_counts_as_none() {
    for extra in ["", "scope=", "scope=+"] {
        assert_eq!(
            service(extra).unwrap().claims.scope.to_string(),
            "api:read",
            "{extra:?}"
        );
    }
}

#[test]
fn a_client_that_may_have_none_of_the_default_has_to_ask() {
    let header = basic("a+b%3Ac:p%25%2B+%3A");
    assert_eq!(
        authenticated(&[&header], ""),
        Err(TokenError::NoDefaultScope)
    );
    assert!(authenticated(&[&header], "scope=api:write").is_ok());
}

#[test]
fn scopes_are_given_whole_or_not_at_all() {
    for (scope, reason) in [
        (
            "api:admin",
            TokenError::ScopeNotAllowed("api:admin".to_owned()),
        ),
        (
            "api:read+api:admin",
            TokenError::ScopeNotAllowed("api:admin".to_owned()),
        ),
        ("api:read+unknown", TokenError::ScopeNotOfResource),
        ("api:read+other:x", TokenError::ScopeNotOfResource),
        ("openid", TokenError::ScopeNotOfResource),
        ("API:READ", TokenError::ScopeNotOfResource),
        ("api:read%00", TokenError::MalformedScope),
        ("api%22read", TokenError::MalformedScope),
        ("%C3%A9", TokenError::MalformedScope),
    ] {
        let refused = service(&format!("scope={scope}")).unwrap_err();
        assert_eq!(refused.wire().error, "invalid_scope", "{scope}");
        assert_eq!(refused, reason, "{scope}");
    }
}

#[test]
fn the_scope_chooses_the_resource_server_where_no_resource_is_named() {
    let issuance = service("scope=other:x").unwrap();
    assert_eq!(issuance.claims.aud, Audience::One("other".to_owned()));
    assert_eq!(issuance.algorithm, Algorithm::ES256);
}

#[test]
fn a_named_resource_is_in_the_audience_beside_its_resource_server() {
    for (resource, audience) in [
        ("https://api.example", vec!["api", "https://api.example"]),
        (
            "https://api.example/mcp",
            vec!["api", "https://api.example/mcp"],
        ),
        (
            "https://api.example/mcp/tools",
            vec!["api", "https://api.example/mcp/tools"],
        ),
        (
            "https://api.example/mcp&resource=https://api.example/mcp",
            vec!["api", "https://api.example/mcp"],
        ),
        (
            "https://api.example/a&resource=https://api.example/b",
            vec!["api", "https://api.example/a", "https://api.example/b"],
        ),
        (
            "https://other.example/v1/x",
            vec!["other", "https://other.example/v1/x"],
        ),
    ] {
        let claims = service(&format!("resource={resource}")).unwrap().claims;
        assert_eq!(claims.aud.iter().collect::<Vec<_>>(), audience);
    }
}

#[test]
fn a_resource_that_is_none_of_ours_is_refused() {
    for resource in [
        "https://evil.example",
        "https://other.example",
        "https://other.example/v11",
        "https://api.example.evil.example/",
        "http://api.example",
        "https://api.example/&resource=https://other.example/v1",
        "https://api.example/%23x",
        "https://api.example/mcp/../x",
        "https://API.example/",
        "/mcp",
        "api",
    ] {
        let refused = service(&format!("resource={resource}")).unwrap_err();
        assert_eq!(refused.wire().error, "invalid_target", "{resource}");
    }
}

#[test]
fn a_scope_of_another_resource_server_does_not_go_with_a_resource() {
    let refused = service("resource=https://api.example&scope=other:x");
    assert_eq!(refused, Err(TokenError::ScopeNotOfResource));
}

#[test]
fn both_ways_to_send_a_secret_work_and_basic_is_form_encoded() {
    let plain = basic("service:s3cret");
    let lower = plain.replace("Basic", "basic");
    for (header, form) in [
        (vec![plain.as_str()], ""),
        (vec![lower.as_str()], "client_id=service"),
        (vec![], "client_id=service&client_secret=s3cret"),
        (
            vec![basic("a+b%3Ac:p%25%2B+%3A").as_str()],
            "scope=api:write",
        ),
        (
            vec![],
            "client_id=a+b%3Ac&client_secret=p%25%2B+%3A&scope=api:write",
        ),
    ] {
        assert!(authenticated(&header, form).is_ok(), "{header:?} {form}");
    }
}

#[test]
fn clients_that_do_not_authenticate_are_refused() {
    use TokenError::*;
    let id = |id: &str| id.parse::<ClientId>().unwrap();
    let service = basic("service:s3cret");
    for (header, form, reason) in [
        (vec![], "", NoClientAuthentication),
        (vec![], "client_id=", NoClientAuthentication),
        (vec![], "client_id=service", SecretMissing(id("service"))),
        (
            vec![],
            "client_id=service&client_secret=",
            SecretMissing(id("service")),
        ),
        (
            vec![],
            "client_id=service&client_secret=S3cret",
            WrongSecret(id("service")),
        ),
        (
            vec![],
            "client_id=nobody&client_secret=s3cret",
            UnknownClient,
        ),
        (vec![], "client_id=%C3%A9", UnknownClient),
        (
            vec![],
            "client_id=spa&client_secret=x",
            SecretFromPublicClient(id("spa")),
        ),
        (
            vec![basic("service:").as_str()],
            "",
            SecretMissing(id("service")),
        ),
        (
            vec![basic("service:wrong").as_str()],
            "",
            WrongSecret(id("service")),
        ),
        (
            vec![basic("service").as_str()],
            "",
            MalformedBasicCredentials,
        ),
        (vec![basic("%ff:x").as_str()], "", MalformedBasicCredentials),
        (vec!["Basic"], "", MalformedBasicCredentials),
        (vec!["Basic !!"], "", MalformedBasicCredentials),
        (vec!["Bearer abc"], "", UnknownAuthenticationScheme),
        (
            vec![""],
            "client_id=service&client_secret=s3cret",
            SeveralAuthenticationMethods,
        ),
        (
            vec![service.as_str()],
            "client_id=service&client_secret=s3cret",
            SeveralAuthenticationMethods,
        ),
        (
            vec![service.as_str(), service.as_str()],
            "",
            SeveralAuthenticationMethods,
        ),
        (vec![service.as_str()], "client_id=web", TwoClientIds),
    ] {
        assert_eq!(
            authenticated(&header, form),
            Err(reason),
            "{header:?} {form}"
        );
    }
}

#[test]
fn the_answer_does_not_tell_an_unknown_client_from_a_wrong_secret() {
    let answers = ["nobody:x", "service:x", "service:", "spa:x"].map(|credentials| {
        authenticated(&[&basic(credentials)], "")
            .unwrap_err()
            .wire()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(
        (answers[0].status, answers[0].error),
        (401, "invalid_client")
    );
}

#[test]
fn a_grant_is_refused_as_unknown_unserved_or_not_this_clients() {
    let with_grant = |grant: &str, header: &str| {
        let body = format!("grant_type={grant}&client_id=");
        let refused = ask(&[basic(header)], None, Some(FORM), body.as_bytes()).unwrap_err();
        (refused.error.wire().error, refused.error)
    };
    use TokenError::*;
    for (grant, header, code, reason) in [
        ("", "service:s3cret", "invalid_request", GrantTypeMissing),
        (
            "magic",
            "service:s3cret",
            "unsupported_grant_type",
            UnknownGrantType,
        ),
        (
            "CLIENT_CREDENTIALS",
            "service:s3cret",
            "unsupported_grant_type",
            UnknownGrantType,
        ),
        (
            "implicit",
            "service:s3cret",
            "unsupported_grant_type",
            GrantNotServed(Grant::Implicit),
        ),
        (
            "client_credentials",
            "web:web",
            "unauthorized_client",
            GrantNotAllowed(Grant::ClientCredentials),
        ),
        (
            "client_credentials",
            "spa:",
            "unauthorized_client",
            GrantNotAllowed(Grant::ClientCredentials),
        ),
        (
            "client_credentials",
            "odd:",
            "unauthorized_client",
            PublicClient,
        ),
    ] {
        assert_eq!(
            with_grant(grant, header),
            (code, reason),
            "{grant} {header}"
        );
    }
}

#[test]
fn a_grant_that_no_client_has_is_not_served() {
    let mut server = server();
    for client in server.clients.values_mut() {
        client.grants.clear();
    }
    assert!(!server.serves(Grant::ClientCredentials));
}

#[test]
fn what_is_no_form_is_refused() {
    let body = b"grant_type=client_credentials";
    let auth = [basic("service:s3cret")];
    for content_type in [
        Some("application/x-www-form-urlencoded;charset=UTF-8"),
        Some("Application/X-WWW-Form-Urlencoded"),
    ] {
        assert!(ask(&auth, None, content_type, body).is_ok());
    }
    for content_type in [
        None,
        Some(""),
        Some("application/json"),
        Some("multipart/form-data"),
    ] {
        let refused = ask(&auth, None, content_type, body).unwrap_err();
        assert_eq!(refused.error, TokenError::WrongContentType);
    }
    for (body, reason) in [
        (
            &b"grant_type=client_credentials&scope=a&scope=b"[..],
            FormError::Repeated,
        ),
        (
            b"grant_type=client_credentials&scope=%ff",
            FormError::NotUtf8,
        ),
    ] {
        let refused = ask(&auth, None, Some(FORM), body).unwrap_err();
        assert_eq!(refused.error, TokenError::MalformedForm(reason));
    }
}

#[test]
fn parameters_in_the_url_are_refused_and_unknown_ones_ignored() {
    let body = b"grant_type=client_credentials&foo=bar";
    let auth = [basic("service:s3cret")];
    assert!(ask(&auth, Some("foo=bar"), Some(FORM), body).is_ok());
    for query in [
        "client_secret=s3cret",
        "client_id=service",
        "x=1&grant_type=client_credentials",
    ] {
        let refused = ask(&auth, Some(query), Some(FORM), body).unwrap_err();
        assert!(
            matches!(refused.error, TokenError::ParameterInQuery(_)),
            "{query}"
        );
    }
}

#[test]
fn a_refusal_names_only_an_authenticated_client() {
    let refused =
        |header: &str| ask(&[basic(header)], None, Some(FORM), b"grant_type=x").unwrap_err();
    assert_eq!(refused("service:wrong").client, None);
    assert_eq!(
        refused("service:s3cret").client,
        Some("service".parse().unwrap())
    );
}
