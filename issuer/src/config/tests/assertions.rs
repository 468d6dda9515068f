//! Keys of clients and of trusted issuers.

use dockgate_token::Algorithm;

use super::*;
use crate::protocol::signer::OWN;
use crate::protocol::{AssertedSubject, ClientKind};

const SECRET: &str = "secret = \"service-secret\"";
const TV: &str = "name = \"Demo television\"";
const BY_KEY: &str = "token_endpoint_auth_method = \"private_key_jwt\"";

fn jwks() -> String {
    format!("jwks = '''{}'''", OWN.jwks())
}

fn kind(from: &str, to: &str, client: &str) -> ClientKind {
    let config = parse_text(&changed(from, to), &[]);
    let server = config.unwrap_or_else(|error| panic!("{error}")).server;
    server.client(client).unwrap().kind.clone()
}

#[test]
fn a_client_authenticates_as_its_method_says() {
    let with = |method: &str| format!("token_endpoint_auth_method = \"{method}\"\n{SECRET}");
    let keys = format!("{BY_KEY}\n{}", jwks());
    assert!(matches!(
        kind(SECRET, &keys, "service"),
        ClientKind::PrivateKeyJwt(_)
    ));
    assert!(matches!(
        kind(SECRET, &with("client_secret_basic"), "service"),
        ClientKind::SecretBasic(_)
    ));
    assert!(matches!(
        kind(SECRET, &with("client_secret_post"), "service"),
        ClientKind::SecretPost(_)
    ));
    assert!(matches!(
        kind(SECRET, SECRET, "service"),
        ClientKind::Confidential(_)
    ));
    let none = format!("token_endpoint_auth_method = \"none\"\n{TV}");
    assert!(matches!(kind(TV, &none, "tv"), ClientKind::Public));
}

#[test]
fn a_client_has_what_its_method_needs_and_nothing_else() {
    let jwks = jwks();
    let method =
        |name: &str, rest: &str| format!("token_endpoint_auth_method = \"{name}\"\n{rest}");
    for (from, to, expected) in [
        (
            SECRET,
            BY_KEY.to_owned(),
            "authenticates with a key but has none",
        ),
        (SECRET, jwks.clone(), "has keys but no method"),
        (
            SECRET,
            method("private_key_jwt", &format!("{SECRET}\n{jwks}")),
            "with a key but has a secret",
        ),
        (
            SECRET,
            method("client_secret_basic", &format!("{SECRET}\n{jwks}")),
            "with a secret but has keys",
        ),
        (
            SECRET,
            method("client_secret_post", ""),
            "with a secret but has none",
        ),
        (TV, method("none", SECRET), "does not authenticate but has"),
        (TV, method("none", &jwks), "does not authenticate but has"),
    ] {
        refused(from, &to, &[expected]);
    }
    let unknown = format!("{SECRET}\ntoken_endpoint_auth_method = \"client_secret_jwt\"");
    let error = parse_text(&changed(SECRET, &unknown), &[]).unwrap_err();
    let [line] = error.lines() else {
        panic!("{error}")
    };
    for part in ["cannot be \"client_secret_jwt\"", "or \"private_key_jwt\"."] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn a_key_set_that_must_not_be_used_is_refused_at_its_line() {
    let key = |member: &str, value: &str| {
        let mut key = OWN.jwk(Algorithm::RS256);
        key[member] = value.into();
        format!("{{\"keys\":[{key}]}}")
    };
    let short = dockgate_token::encode_segment(&[0xA5; 128]);
    for (set, expected) in [
        (String::new(), "it is no JSON Web Key Set"),
        ("{\"keys\":[]}".to_owned(), "no key that checks signatures"),
        (
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}".to_owned(),
            "key 1 is a shared secret",
        ),
        (key("d", "AA"), "key 1 has private members"),
        (key("use", "enc"), "no key that checks signatures"),
        (key("n", &short), "RSA key 1 does not have 2048"),
        (key("n", "!"), "key 1 is no valid key"),
    ] {
        let to = format!("jwks = '''{set}'''\n{BY_KEY}");
        refused(SECRET, &to, &["client \"service\": the key set", expected]);
    }
    let both = format!("{}\njwks_file = \"x\"\n{BY_KEY}", jwks());
    refused(SECRET, &both, &["both jwks and jwks_file"]);
    let file = format!("jwks_file = \"nowhere.json\"\n{BY_KEY}");
    refused(SECRET, &file, &["etc/nowhere.json cannot be read"]);
}

#[test]
fn a_key_set_in_a_file_is_found_beside_the_configuration() {
    let directory = crate::temp_dir::TempDir::new();
    std::fs::write(directory.path().join("keys.json"), OWN.jwks().to_string()).unwrap();
    let text = changed(SECRET, &format!("jwks_file = \"keys.json\"\n{BY_KEY}"));
    let config = parse(&directory.path().join("issuer.toml"), &text, []).unwrap();
    let service = config.server.client("service").unwrap();
    assert!(matches!(service.kind, ClientKind::PrivateKeyJwt(_)));
}

/// The demo in which `service` may bring assertions of an issuer whose table is this, with one
/// change.
fn with_issuer(from: &str, to: &str) -> String {
    let table = format!(
        r#"
[[trusted_issuers]]
issuer = "https://workloads.example"
{}
clients = ["service"]
scopes = ["api:read"]
subjects = {{ "workload-1" = "alice" }}
client_subjects = ["itself"]
"#,
        jwks()
    );
    assert!(table.contains(from), "{from}");
    let grants = "grants = [\"client_credentials\"]";
    let both = "grants = [\"client_credentials\", \"urn:ietf:params:oauth:grant-type:jwt-bearer\"]";
    changed(grants, both) + &table.replacen(from, to, 1)
}

#[test]
fn a_trusted_issuer_is_what_its_table_says() {
    let config = parse_text(&with_issuer("", ""), &[]).unwrap();
    let [trusted] = config.server.trusted_issuers.as_slice() else {
        panic!("one")
    };
    assert_eq!(trusted.issuer, "https://workloads.example");
    assert_eq!(trusted.max_lifetime, 300);
    assert_eq!(trusted.scope.to_string(), "api:read");
    let alice = AssertedSubject::User("user-4cmzq8xg2v".to_owned());
    assert_eq!(trusted.subjects.get("workload-1"), Some(&alice));
    assert_eq!(
        trusted.subjects.get("itself"),
        Some(&AssertedSubject::Client)
    );
    assert_eq!(trusted.subjects.get("alice"), None);
    let longer = "max_lifetime_seconds = 3600\nscopes";
    let config = parse_text(&with_issuer("scopes", longer), &[]).unwrap();
    assert_eq!(config.server.trusted_issuers[0].max_lifetime, 3600);
}

#[test]
fn a_mistake_in_a_trusted_issuer_is_refused_at_its_line() {
    let jwks = jwks();
    let issuer = "issuer = \"https://workloads.example\"";
    for (from, to, expected) in [
        (issuer, "issuer = \"\"", "cannot be used"),
        (issuer, "issuer = \"a b\"", "cannot be used"),
        (issuer, "issuer = \"a\\nb\"", "cannot be used"),
        (
            issuer,
            "issuer = \"http://localhost:8080\"",
            "this issuer itself",
        ),
        (
            "[\"service\"]",
            "[\"nobody\"]",
            "client \"nobody\" is unknown",
        ),
        (
            "[\"service\"]",
            "[\"web\"]",
            "client \"web\" may not use assertions",
        ),
        (
            "[\"api:read\"]",
            "[\"api:reed\"]",
            "is of no resource server",
        ),
        ("[\"api:read\"]", "[\"openid\"]", "is of no resource server"),
        (
            "\"alice\"",
            "\"mallory\"",
            "stands for the unknown user \"mallory\"",
        ),
        ("[\"itself\"]", "[\"workload-1\"]", "occurs twice"),
        (
            "scopes =",
            "max_lifetime_seconds = 86400\nscopes =",
            "max_lifetime_seconds is 86400",
        ),
        (
            "scopes =",
            "jwks_uri = \"https://x\"\nscopes =",
            "unknown key `jwks_uri`",
        ),
    ] {
        let text = with_issuer(from, to);
        let error = parse_text(&text, &[]).unwrap_err();
        let [message] = error.lines() else {
            panic!("{to:?}: {error}")
        };
        let (_, after) = text.rsplit_once("[[trusted_issuers]]").unwrap();
        let before = text.len() - after.len() + after.find(to).unwrap();
        let before = text.as_bytes().iter().take(before);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        let place = format!("etc/issuer.toml:{line}: ");
        assert!(message.starts_with(&place), "{place} {message}");
        assert!(message.contains(expected), "{message}");
    }
    for (from, to, expected) in [
        (jwks.as_str(), "", "has no keys"),
        ("[\"service\"]", "[]", "has no clients"),
    ] {
        let error = parse_text(&with_issuer(from, to), &[]).unwrap_err();
        assert!(error.lines()[0].contains(expected), "{error}");
        assert_eq!(error.lines().len(), 1, "{error}");
    }
    let one = with_issuer("", "");
    let table = one.rsplit_once("[[trusted_issuers]]").unwrap().1;
    let twice = format!("{one}[[trusted_issuers]]{table}");
    let error = parse_text(&twice, &[]).unwrap_err();
    assert!(error.lines()[0].contains("occurs twice"), "{error}");
}
