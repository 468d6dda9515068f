//! The demo's configuration with one change, and what is said about it.

use super::*;

mod assertions;
mod client_id_metadata;
mod keys;
mod lines;
mod openid;
mod pages;
pub(super) mod reference;
mod registration;
mod secrets;
mod shape;
mod tracing;
mod trusted_proxies;

const DEMO: &str = include_str!("../../../envoy/issuer.toml");
const ISSUER: &str = "issuer = \"http://localhost:8080\"";

fn parse_text(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    parse(Path::new("etc/issuer.toml"), text, variables)
}

fn changed(from: &str, to: &str) -> String {
    assert!(
        DEMO.contains(from),
        "{from:?} is not in the demo's configuration"
    );
    DEMO.replacen(from, to, 1)
}

/// The change is refused with one message, which names the line where `to` begins and has all of
/// `expected` in it.
#[track_caller]
fn refused(from: &str, to: &str, expected: &[&str]) {
    let text = changed(from, to);
    let error = parse_text(&text, &[]).unwrap_err();
    let line = 1 + text.split_once(to).unwrap().0.matches('\n').count();
    let [message] = error.lines() else {
        panic!("{to:?}: {error}")
    };
    let place = format!("etc/issuer.toml:{line}: ");
    assert!(
        message.starts_with(&place),
        "{to:?}: expected {place}, got {message}"
    );
    for part in expected {
        assert!(
            message.contains(part),
            "{to:?}: expected {part:?} in {message}"
        );
    }
}

#[test]
fn the_demo_is_what_its_contract_says() {
    let config = parse_text(DEMO, &[]).unwrap();
    let server = &config.server;
    let mut ids: Vec<_> = server
        .clients
        .values()
        .map(|client| client.id.as_str())
        .collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [
            "gateway",
            "legacy",
            "legacy-spa",
            "service",
            "spa",
            "tv",
            "web"
        ]
    );
    let public = server
        .clients
        .values()
        .filter(|client| !client.is_confidential())
        .count();
    assert_eq!(public, 3);
    assert_eq!(server.users.iter().count(), 2);
    assert_eq!(config.store.path, Path::new("etc/data"));
    assert_eq!(config.listen.http.to_string(), "127.0.0.1:9000");
    assert_eq!(config.warnings.len(), 2);
    let named = [
        ("client \"legacy\"", "RFC 9700 §2.4"),
        ("client \"legacy-spa\"", "RFC 9700 §2.1.2"),
    ];
    for (warning, (client, section)) in config.warnings.iter().zip(named) {
        assert!(
            warning.contains(client) && warning.contains(section),
            "{warning}"
        );
    }
}

#[test]
fn the_demos_passwords_are_those_of_its_contract() {
    use argon2::password_hash::PasswordVerifier as _;
    let config = parse_text(DEMO, &[]).unwrap();
    for (username, password) in [("alice", "wonderland"), ("bob", "builder")] {
        let hash = config
            .server
            .users
            .by_name(username)
            .unwrap()
            .password_hash
            .as_str();
        let verified = argon2::Argon2::default().verify_password(password.as_bytes(), hash);
        assert!(verified.is_ok(), "{username}");
    }
}

#[test]
fn only_an_issuer_and_a_resource_server_are_needed() {
    let minimal = "issuer = \"https://as.example\"\n[[resource_servers]]\naudience = \"api\"\n";
    let config = parse_text(minimal, &[]).unwrap();
    assert_eq!(config.listen.ops.to_string(), "127.0.0.1:9002");
    assert_eq!(config.server.lifetimes.access_token, 600);
}

#[test]
fn listen_addresses_are_loopback_unless_that_is_said() {
    refused(
        "\"127.0.0.1:9000\"",
        "\"0.0.0.0:9000\"",
        &["other machines", "allow_non_loopback = true"],
    );
    refused(
        "\"127.0.0.1:9002\"",
        "\"localhost:9002\"",
        &["no address", "\"127.0.0.1:9002\""],
    );
    let open = changed(
        "\"127.0.0.1:9000\"",
        "\"0.0.0.0:9000\"\nallow_non_loopback = true",
    );
    assert!(parse_text(&open, &[]).is_ok());
}

#[test]
fn numbers_are_bounded() {
    refused(
        "access_token_seconds = 600",
        "access_token_seconds = 29",
        &[],
    );
    refused(
        "jwks_max_age_seconds = 300",
        "jwks_max_age_seconds = 0",
        &["from 1 to 86400"],
    );
    refused(
        "issuer = \"http://localhost:8080\"",
        "passwords.max_concurrent = 65\nissuer = \"http://localhost:8080\"",
        &["passwords.max_concurrent is 65", "from 1 to 64"],
    );
}

#[test]
fn clients_are_checked() {
    refused(
        "client_id = \"tv\"",
        "client_id = \"api-gateway\"",
        &["also the audience"],
    );
    refused(
        "client_id = \"web\"",
        "client_id = \"\"",
        &["cannot be used", "1 to 255"],
    );
    refused(
        "scopes = [\"api:read\", \"api:write\"]",
        "scopes = [\"api:raed\", \"api:write\"]",
        &[],
    );
    refused(
        "[\"client_credentials\"]",
        "[\"client-credentials\"]",
        &["unknown", "client_credentials"],
    );
    refused(
        "secret = \"service-secret\"",
        "name = \"\" # no secret",
        &[],
    );
    refused(
        "secret = \"service-secret\"",
        "secret = \"\"",
        &["empty", "openssl rand"],
    );
    refused(
        "secret = \"service-secret\"",
        "secret_sha256 = \"xyz\"",
        &["64 hexadecimal", "sha256sum"],
    );
    refused(
        "secret = \"service-secret\"",
        "secret_file = \"none\"",
        &["etc/none cannot be read"],
    );
    refused(
        "secret = \"service-secret\"",
        "secret = \"a\"\nsecret_file = \"b\"",
        &["more than one"],
    );
    refused(
        "\"http://localhost:3000/callback\"",
        "\"http://app.example/callback\"",
        &["use https"],
    );
    refused(
        "\"http://localhost:3000/callback\"",
        "\"https://app.example/callback#x\"",
        &["fragment"],
    );
    refused(
        "\"http://localhost:3000/callback\"",
        "\"javascript:alert(1)\"",
        &["scheme"],
    );
    refused(
        "exchange_audiences = [\"api-gateway\"]",
        "exchange_audiences = [\"api\"]",
        &["audience \"api\" is unknown"],
    );
    let redirects = "redirect_uris = [\"http://localhost:3000/callback\"]";
    refused(
        redirects,
        &format!("cors_origins = [\"*\"]\n{redirects}"),
        &["as browsers do"],
    );
}

#[test]
fn resource_servers_are_checked() {
    refused(
        "\"http://localhost:8080/mcp\"",
        "\"http://localhost:8080/mcp#x\"",
        &["no fragment"],
    );
    refused(
        "\"http://localhost:8080/mcp\"",
        "\"http://localhost:8080/\"",
        &["twice"],
    );
    // What no issuer is either.
    refused(
        "\"http://localhost:8080/mcp\"",
        "\"http://localhost:80\"",
        &["no default port"],
    );
    refused(
        "\"http://localhost:8080/mcp\"",
        "\"http://localhost:8080/m%252e\"",
        &["percent-encoded"],
    );
    refused(
        "default_scope = [\"api:read\"]",
        "default_scope = [\"x\"]",
        &["none of the resource server's"],
    );
    refused(
        "signing_algorithm = \"RS256\"",
        "signing_algorithm = \"ES384\"",
        &["does not sign with ES384"],
    );
    let admin = "{ name = \"api:admin\"";
    for (name, expected) in [
        ("api write", "is not a scope"),
        ("openid", "defined by OpenID Connect"),
        ("api:read", "twice"),
    ] {
        refused(
            admin,
            &format!("{{ name = \"{name}\" }},\n    {admin}"),
            &[expected],
        );
    }
}

#[test]
fn users_are_checked() {
    refused(
        "username = \"bob\"",
        "username = \"bob \"",
        &["cannot be used", "no space at the ends"],
    );
    refused(
        "username = \"bob\"",
        "username = \"alice\"  #",
        &["\"alice\" occurs twice"],
    );
    refused(
        "subject = \"user-9k2w7hn5tr\"",
        "subject = \"service\"",
        &["the id of a client"],
    );
    refused(
        "subject = \"user-9k2w7hn5tr\"",
        "subject = \"user-4cmzq8xg2v\" #",
        &["another user"],
    );
    refused(
        "subject = \"user-9k2w7hn5tr\"",
        "logins_since = 1795522715000\nsubject = \"user-9k2w7hn5tr\"",
        &["logins_since is 1795522715000", "from 0 to 99999999999"],
    );
    refused("m=19456,t=2,p=1$i0m", "m=4096,t=2,p=1$i0m", &["too weak"]);
    refused(
        "m=19456,t=2,p=1$i0m",
        "m=19456,t=999,p=1$i0m",
        &["more work"],
    );
}

#[test]
fn a_missing_issuer_and_a_duplicate_client_are_named() {
    let error = parse_text(&changed(ISSUER, ""), &[]).unwrap_err();
    assert!(
        error.lines()[0].starts_with("etc/issuer.toml: issuer is missing"),
        "{error}"
    );
    refused(
        "client_id = \"legacy-spa\"",
        "client_id = \"spa\"\n# again",
        &["occurs twice"],
    );
}

#[test]
fn an_issuer_that_is_no_safe_url_is_refused() {
    for issuer in [
        "http://api.example.com",
        "http://localhost.example.com:8080",
        "https://api.example.com/",
        "https://api.example.com?x",
        "https://api.example.com/#x",
        "https://api.example.com:443",
        "http://localhost:80",
        "https://api.example.com/a/../b",
        "https://api.example.com//a",
        "https://api.example.com/%61",
        "https://API.example.com",
        "https://api.example.com/[a]",
        "localhost:8080",
        "",
    ] {
        refused(
            ISSUER,
            &format!("issuer = \"{issuer}\""),
            &["cannot be used", "https://"],
        );
    }
    for issuer in [
        "https://as.example",
        "http://127.0.0.1:1",
        "http://[::1]:8080/auth",
    ] {
        let error = parse_text(&changed(ISSUER, &format!("issuer = \"{issuer}\"")), &[]).err();
        let about_issuer = error.is_some_and(|error| error.lines()[0].contains("issuer \""));
        assert!(!about_issuer, "{issuer}");
    }
}

#[test]
fn every_mistake_is_reported_in_the_order_of_the_file() {
    let text = changed("\"127.0.0.1:9000\"", "\"nowhere\"")
        .replacen("client_id = \"spa\"", "client_id = \"web\"", 1)
        .replacen("username = \"bob\"", "username = \"\"", 1);
    let error = parse_text(&text, &[]).unwrap_err();
    let about: Vec<_> = ["listen.http", "\"web\" occurs twice", "username"].into();
    assert_eq!(error.lines().len(), 3, "{error}");
    for (line, about) in error.lines().iter().zip(about) {
        assert!(line.contains(about), "{line}");
    }
}

#[test]
fn the_environment_overrides_the_file() {
    let variables = [
        ("DOCKGATE_ISSUER", "http://localhost:9999"),
        ("DOCKGATE_LISTEN_HTTP", "127.0.0.1:0"),
        ("DOCKGATE_STORE_PATH", "elsewhere"),
        ("DOCKGATE_LOG_FORMAT", "json"),
        ("DOCKGATE_TOKENS_ACCESS_TOKEN_SECONDS", "60"),
        ("DOCKGATE_SERVICE_PORT", "tcp://10.0.0.1:80"),
        ("PATH", "/bin"),
    ];
    let config = parse_text(DEMO, &variables).unwrap();
    assert_eq!(config.server.issuer.as_str(), "http://localhost:9999");
    assert_eq!(config.listen.http.port(), 0);
    assert_eq!(config.store.path, Path::new("elsewhere"));
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.server.lifetimes.access_token, 60);
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("DOCKGATE_SERVICE_PORT"))
    );
}

#[test]
fn a_mistake_in_the_environment_names_its_variable() {
    for (name, value) in [
        ("DOCKGATE_ISSUER", "http://api.example.com"),
        ("DOCKGATE_LISTEN_OPS", "0.0.0.0:1"),
        ("DOCKGATE_LISTEN_DRAIN_SECONDS", "soon"),
        ("DOCKGATE_LOG_LEVEL", "loud"),
    ] {
        let error = parse_text(DEMO, &[(name, value)]).unwrap_err();
        assert!(
            error.lines()[0].starts_with(&format!("{name}: ")),
            "{error}"
        );
        assert_eq!(error.lines().len(), 1, "{error}");
    }
}
