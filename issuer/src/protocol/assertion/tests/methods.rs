//! One method for each client and each request (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::protocol::ClientAuthenticationError::{
    Assertion, SecretMissing, SeveralMethods, UnknownClient, WrongAssertionType, WrongMethod,
};

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

#[test]
fn an_assertion_comes_with_its_type_and_with_no_other_method() {
    let fixture = fixture();
    let assertion = robot("one");
    let header = basic("robot:s");
    let grant = ("grant_type", "client_credentials");
    let typ = ("client_assertion_type", TYPE);
    let client_assertion = ("client_assertion", assertion.as_str());
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let robot_id = "robot".parse().unwrap();
    for (authorization, form, expected) in [
        (None, vec![client_assertion], WrongAssertionType),
        (None, vec![typ], WrongAssertionType),
        (
            None,
            vec![("client_assertion_type", saml), client_assertion],
            WrongAssertionType,
        ),
        (
            None,
            vec![typ, client_assertion, ("client_secret", "s")],
            SeveralMethods,
        ),
        (
            Some(header.as_str()),
            vec![typ, client_assertion],
            SeveralMethods,
        ),
        (
            None,
            vec![typ, client_assertion, ("client_id", "web")],
            Assertion(robot_id, AssertionError::WrongClientId),
        ),
    ] {
        let form: Vec<_> = std::iter::once(grant).chain(form).collect();
        let refused = token(fixture.context(), authorization, &form).unwrap_err();
        assert_eq!(refused, expected.into(), "{form:?}");
    }
    let form = [grant, typ, client_assertion, ("client_id", "robot")];
    assert!(token(fixture.context(), None, &form).is_ok());
}

#[test]
fn a_client_uses_the_method_that_it_is_registered_with_and_no_other() {
    let fixture = fixture();
    let by_key = |id: &str| {
        let (header, claims) = base(id, id, "one");
        let assertion = OWN.sign(Algorithm::ES256, &header, &claims);
        ask(&fixture, &assertion).err()
    };
    let by_form = |id: &str, secret: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        token(fixture.context(), None, &form).err()
    };
    let by_header = |id: &str, secret: &str| {
        let header = basic(&format!("{id}:{secret}"));
        let form = [("grant_type", "client_credentials")];
        token(fixture.context(), Some(&header), &form).err()
    };
    let wrong_method = |id: &str| Some(WrongMethod(id.parse().unwrap()).into());
    let missing = |id: &str| Some(SecretMissing(id.parse().unwrap()).into());
    assert_eq!(by_header("basic", "s"), None);
    assert_eq!(by_form("basic", "s"), wrong_method("basic"));
    assert_eq!(by_form("post", "s"), None);
    assert_eq!(by_header("post", "s"), wrong_method("post"));
    assert_eq!(by_form("robot", "s"), wrong_method("robot"));
    assert_eq!(by_form("robot", ""), missing("robot"), "the id alone");
    assert_eq!(by_header("robot", ""), missing("robot"), "the id alone");
    for id in ["basic", "post", "service", "tv"] {
        assert_eq!(by_key(id), wrong_method(id));
    }
    assert_eq!(by_key("nobody"), Some(UnknownClient.into()));
    // Where the method is left open, either way is fine.
    assert_eq!(by_form("service", "service-secret"), None);
    assert_eq!(by_header("service", "service-secret"), None);
    for refused in [by_key("basic"), by_form("basic", "s"), by_key("nobody")] {
        let wire = refused.unwrap().wire();
        let answer = (wire.status, wire.error, wire.description);
        let expected = (401, "invalid_client", "Client authentication failed.");
        assert_eq!(answer, expected);
    }
}

#[test]
fn the_metadata_names_the_methods_that_clients_use() {
    let list = |fixture: &Fixture| {
        let metadata = crate::protocol::metadata::Metadata::of(&fixture.server);
        serde_json::to_value(metadata).unwrap()
    };
    let algorithms = json!(Algorithm::ALL);
    let with_key = list(&fixture());
    for (endpoint, methods) in [
        (
            "token",
            json!([
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
                "none"
            ]),
        ),
        (
            "introspection",
            json!([
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt"
            ]),
        ),
    ] {
        let name = |what: &str| format!("{endpoint}_endpoint_auth_{what}_supported");
        assert_eq!(with_key[name("methods")], methods);
        assert_eq!(with_key[name("signing_alg_values")], algorithms);
    }
    let demo = list(&Fixture::demo());
    let methods = json!(["client_secret_basic", "client_secret_post", "none"]);
    assert_eq!(demo["token_endpoint_auth_methods_supported"], methods);
    let algorithms = "token_endpoint_auth_signing_alg_values_supported";
    assert_eq!(demo.get(algorithms), None);
}
