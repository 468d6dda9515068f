//! Assertions signed by others: clients that authenticate with a key, and trusted issuers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use dockgate_stack::{Stack, StackOptions};
use dockgate_tests::authorization_server::claims;
use dockgate_tests::forge::{Keys, now, sign};
use dockgate_tests::http::{Response, get, post};
use dockgate_token::Algorithm;
use serde_json::{Value, json};

const TRUSTED: &str = "https://workloads.example";
/// Counts files and assertions, so that no two have the same name.
static NUMBER: AtomicU32 = AtomicU32::new(0);
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A stack with a client `robot` that has keys, and an issuer that `robot` may bring assertions of.
fn stack(keys: &Keys) -> Stack {
    let jwks = keys.jwks().to_string();
    let config = format!(
        r#"
[[clients]]
client_id = "robot"
token_endpoint_auth_method = "private_key_jwt"
jwks = '''{jwks}'''
grants = ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
scopes = ["api:read"]

[[trusted_issuers]]
issuer = "{TRUSTED}"
jwks = '''{jwks}'''
clients = ["robot"]
scopes = ["api:read"]
subjects = {{ "workload-1" = "alice" }}
"#
    );
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("dockgate-assertions-{}-{number}.toml", std::process::id());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, config).unwrap();
    let options = StackOptions {
        issuer_config: vec![PathBuf::from(&file)],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    std::fs::remove_file(file).unwrap();
    stack
}

fn assertion(keys: &Keys, stack: &Stack, mutate: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": "robot", "sub": "robot", "aud": stack.base_url(),
        "jti": NUMBER.fetch_add(1, Ordering::Relaxed).to_string(),
        "iat": now(), "exp": now() + 60,
    });
    mutate(&mut claims);
    let header = json!({ "alg": "ES256", "kid": "ES256", "typ": "JWT" });
    sign(keys, Algorithm::ES256, &header, &claims)
}

fn as_robot(stack: &Stack, assertion: &str, form: &[(&str, &str)]) -> Response {
    let mut all = vec![
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    all.extend(form);
    post("/token").form(&all).send(stack.ports().http)
}

#[test]
fn a_client_with_a_key_signs_for_itself_and_each_assertion_counts_once() {
    let keys = Keys::generate();
    let stack = stack(&keys);
    let client_credentials = [("grant_type", "client_credentials")];
    let ask = |assertion: &str| as_robot(&stack, assertion, &client_credentials);
    let good = assertion(&keys, &stack, |_| {});
    let answer = ask(&good);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let api = get("/api/protected/data")
        .bearer(&token)
        .send(stack.ports().http);
    assert_eq!(api.status, 200);
    assert_eq!(ask(&good).json()["error"], "invalid_client", "once");

    let base = stack.base_url();
    type Mutation = Box<dyn Fn(&mut Value)>;
    let mutations: Vec<(&str, Mutation)> = vec![
        ("the token endpoint as audience", {
            let url = format!("{base}/token");
            Box::new(move |c| c["aud"] = json!(url))
        }),
        ("a list of one", {
            let url = base.clone();
            Box::new(move |c| c["aud"] = json!([url]))
        }),
        ("a list of two", {
            let url = base.clone();
            Box::new(move |c| c["aud"] = json!([url, "x"]))
        }),
        (
            "no expiry",
            Box::new(|c| drop(c.as_object_mut().unwrap().remove("exp"))),
        ),
        ("expired", Box::new(|c| c["exp"] = json!(now() - 60))),
        (
            "a year ahead",
            Box::new(|c| c["exp"] = json!(now() + 365 * 86400)),
        ),
        ("not yet", Box::new(|c| c["nbf"] = json!(now() + 120))),
        (
            "no jti",
            Box::new(|c| drop(c.as_object_mut().unwrap().remove("jti"))),
        ),
        ("another issuer", Box::new(|c| c["iss"] = json!("web"))),
        ("another subject", Box::new(|c| c["sub"] = json!("web"))),
    ];
    for (what, mutation) in mutations {
        let refused = ask(&assertion(&keys, &stack, mutation));
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (401, &json!("invalid_client")),
            "{what}"
        );
    }
    let parallel = assertion(&keys, &stack, |_| {});
    let won: usize = thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| ask(&parallel).status))
            .collect();
        all.into_iter()
            .map(|thread| usize::from(thread.join().unwrap() == 200))
            .sum()
    });
    assert_eq!(won, 1);
}

#[test]
fn an_assertion_of_a_trusted_issuer_becomes_a_token_of_the_user_it_is_mapped_to() {
    let keys = Keys::generate();
    let stack = stack(&keys);
    let bearer = |mutate: &dyn Fn(&mut Value)| {
        let client = assertion(&keys, &stack, |_| {});
        let grant = assertion(&keys, &stack, |claims| {
            claims["iss"] = json!(TRUSTED);
            claims["sub"] = json!("workload-1");
            mutate(claims);
        });
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", grant.as_str()),
            ("scope", "api:read"),
        ];
        as_robot(&stack, &client, &form)
    };
    let answer = bearer(&|_| {});
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["sub"], "user-4cmzq8xg2v");
    assert_eq!(claims(&token)["client_id"], "robot");
    assert_eq!(answer.json().get("refresh_token"), None);
    for (name, value) in [
        ("sub", json!("workload-2")),
        ("iss", json!("https://unknown.example")),
        ("aud", json!("https://unknown.example")),
        ("exp", json!(now() - 60)),
        ("jti", Value::Null),
    ] {
        let refused = bearer(&|claims| claims[name] = value.clone());
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (400, &json!("invalid_grant")),
            "{name}"
        );
    }
}
