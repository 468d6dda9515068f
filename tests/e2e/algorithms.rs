//! Every supported algorithm, verified by the filter inside the real Envoy.

use dockgate_tests::forge::{self, Forge};
use dockgate_tests::http::get;
use dockgate_token::Algorithm;
use serde_json::json;

/// The one thing that a case does to the claims.
type Mutation<'a> = &'a dyn Fn(&mut serde_json::Value);

#[test]
fn each_algorithm_is_verified_and_each_forgery_refused() {
    let forge = Forge::new();
    let stack = forge.stack();
    let ask = |token: &str| {
        get("/api/protected/data")
            .bearer(token)
            .send(stack.ports().http)
    };
    for algorithm in Algorithm::ALL {
        let token = forge.token(algorithm, |_| {});
        let response = ask(&token);
        assert_eq!(
            (response.status, response.json()["user"].clone()),
            (200, json!("forged")),
            "{algorithm}"
        );

        // The same signature under other claims, then under every other algorithm's name.
        let (_, signature) = token.rsplit_once('.').unwrap();
        let other = forge.token(algorithm, |claims| claims["sub"] = json!("mallory"));
        let swapped = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
        assert_eq!(ask(&swapped).status, 401, "{algorithm}");
        let mut header = forge::header(algorithm);
        for wrong in Algorithm::ALL
            .into_iter()
            .filter(|wrong| *wrong != algorithm)
        {
            header["alg"] = json!(wrong.as_str());
            let confused = forge.sign(algorithm, &header, &forge::claims());
            assert_eq!(
                ask(&confused).status,
                401,
                "{algorithm} signed, {wrong} claimed"
            );
        }
    }
}

#[test]
fn claims_are_enforced_whoever_signed() {
    let forge = Forge::new();
    let stack = forge.stack();
    let now = forge::now();
    let ask = |token: &str| {
        get("/api/protected/data")
            .bearer(token)
            .send(stack.ports().http)
    };
    let cases: [(&str, Mutation); 9] = [
        ("expired", &|c| c["exp"] = json!(now - 60)),
        ("without exp", &|c| {
            drop(c.as_object_mut().unwrap().remove("exp"))
        }),
        ("exp as text", &|c| c["exp"] = json!((now + 60).to_string())),
        ("not yet valid", &|c| c["nbf"] = json!(now + 120)),
        ("issued in the future", &|c| c["iat"] = json!(now + 120)),
        ("another audience", &|c| c["aud"] = json!("other")),
        ("the issuer of other keys", &|c| {
            c["iss"] = json!(stack.base_url())
        }),
        ("an unknown issuer", &|c| {
            c["iss"] = json!("https://unknown.example")
        }),
        ("a subject that breaks headers", &|c| {
            c["sub"] = json!("a\r\nx-admin: 1")
        }),
    ];
    for (what, mutate) in cases {
        let response = ask(&forge.token(Algorithm::ES256, mutate));
        assert_eq!(response.status, 401, "{what}");
        assert!(
            response
                .header("www-authenticate")
                .unwrap()
                .contains("error=\"invalid_token\""),
            "{what}"
        );
    }
    for typ in [json!("JWT"), json!("id+jwt"), json!(null)] {
        let mut header = forge::header(Algorithm::EdDSA);
        header["typ"] = typ.clone();
        assert_eq!(
            ask(&forge.sign(Algorithm::EdDSA, &header, &forge::claims())).status,
            401,
            "{typ}"
        );
    }
    assert_eq!(ask(&forge.token(Algorithm::ES256, |_| {})).status, 200);
}

/// In Wasm an RSA signature costs many times what it costs the host; were the host's answers no
/// longer understood, everything would still work and be that much slower.
#[test]
fn rsa_and_ecdsa_are_verified_by_the_host() {
    let stack = dockgate_tests::demo();
    let expected = "dockgate: verified by the host: RS256 RS384 RS512 ES256 ES384";
    assert!(stack.logs().contains(expected), "{}", stack.logs());
}
