//! Facts about `decide`: a base that passes, one mutation, the expected reason.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test they are the verdict"
)]

use dockgate_policy::keys::{KeyRing, KeySet};
use dockgate_policy::signature::SoftwareVerifier;
use dockgate_policy::{Admission, Decision, HeaderEdits, Policy, Reply, Request, decide};
use dockgate_token::{encode_segment, signing_input};
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};

/// The one thing that a case does to the claims.
type Mutation = fn(&mut Value);

const NOW: u64 = 1_800_000_000;

fn policy(mutate: impl FnOnce(&mut Value)) -> Policy {
    let mut config = json!({
        "issuers": [{
            "issuer": "https://issuer.example",
            "audiences": ["api"],
            "jwks": {"cluster": "issuer", "uri": "https://issuer.example/jwks.json"},
        }],
        "protected_resources": [
            {"resource": "https://api.example", "scopes_supported": ["read"]},
            {"resource": "https://api.example/mcp"},
        ],
        "rules": [
            {"path": "/token", "require": "passthrough"},
            {"path": "/health", "methods": ["GET"], "require": "public"},
            {"prefix": "/data", "methods": ["GET"], "require": {"all_scopes": ["read"]}},
            {"prefix": "/data", "require": {"all_scopes": ["read", "write"]}},
            {"path": "/any", "require": {"any_scope": ["read", "admin"]}},
            {"prefix": "/files", "require": "token", "allow": ["encoded_slash"]},
        ],
    });
    mutate(&mut config);
    Policy::from_json(config.to_string().as_bytes()).unwrap()
}

fn key_pair(seed: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([seed; 32]))
}

fn jwk(seed: u8, kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode_segment(key_pair(seed).pk.as_ref())})
}

fn key_ring(policy: &Policy) -> KeyRing {
    let mut ring = KeyRing::new(policy);
    for position in 0..policy.issuers().len() {
        let seed = u8::try_from(position + 1).unwrap();
        let document = json!({"keys": [jwk(seed, "k")]}).to_string();
        ring.fetched(
            position,
            KeySet::parse(document.as_bytes()).unwrap().0,
            NOW - 60,
        );
    }
    ring
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "k", "typ": "at+jwt"})
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "sub": "alice", "aud": "api", "client_id": "web",
        "exp": NOW + 600, "iat": NOW - 10, "jti": "1", "scope": "read",
    })
}

fn sign(seed: u8, header: &Value, claims: &Value) -> String {
    let input = signing_input(header.to_string().as_bytes(), claims.to_string().as_bytes());
    let signature = key_pair(seed).sk.sign(input.as_bytes(), None);
    format!("{input}.{}", encode_segment(&signature[..]))
}

fn token(mutate: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims();
    mutate(&mut claims);
    sign(1, &header(), &claims)
}

fn good() -> String {
    token(|_| {})
}

fn ask(policy: &Policy, method: &str, target: &str, headers: &[(&str, &str)]) -> Decision {
    let headers: Vec<(&[u8], &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
        .collect();
    let request = Request {
        method: method.as_bytes(),
        target: target.as_bytes(),
        headers: &headers,
    };
    decide(policy, &key_ring(policy), &SoftwareVerifier, &request, NOW)
}

fn with_token(policy: &Policy, method: &str, target: &str, token: &str) -> Decision {
    ask(
        policy,
        method,
        target,
        &[("authorization", &format!("Bearer {token}"))],
    )
}

#[track_caller]
fn passes(decision: Decision) -> (Admission, HeaderEdits) {
    match decision {
        Decision::Forward(permit) => (permit.admission().clone(), permit.edits().clone()),
        Decision::Reply(reply) => panic!("refused: {:?}", reply.denial),
    }
}

#[track_caller]
fn refused(decision: Decision, reason: &str) -> Reply {
    match decision {
        Decision::Forward(permit) => panic!("passed: {permit:?}, expected {reason}"),
        Decision::Reply(reply) => {
            assert_eq!(reply.denial.as_ref().unwrap().reason(), reason);
            reply
        }
    }
}

fn header_of<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .answer
        .headers
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn a_good_token_passes_and_its_claims_take_its_place() {
    let (admission, edits) = passes(with_token(&policy(|_| {}), "GET", "/data/1?x=y", &good()));
    assert_eq!(
        admission,
        Admission::Token {
            subject: "alice".into(),
            client_id: "web".into()
        }
    );
    assert_eq!(edits.remove, [b"authorization".to_vec()]);
    let set: Vec<(&str, &str)> = edits
        .set
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        set,
        [
            ("x-auth-subject", "alice"),
            ("x-auth-client-id", "web"),
            ("x-auth-scope", "read"),
            ("x-auth-issuer", "https://issuer.example"),
        ]
    );
}

#[test]
fn settings_decide_what_the_upstream_sees() {
    let policy = policy(|c| {
        c["forward_token"] = json!(true);
        c["identity_headers"] =
            json!({"subject": "x-user", "scope": null, "claims": "x-auth-claims"});
    });
    let (_, edits) = passes(with_token(&policy, "GET", "/data", &good()));
    assert_eq!(edits.remove, Vec::<Vec<u8>>::new());
    let names: Vec<&str> = edits.set.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "x-user",
            "x-auth-client-id",
            "x-auth-issuer",
            "x-auth-claims"
        ]
    );
    assert_eq!(
        edits.set[3].1,
        encode_segment(claims().to_string().as_bytes())
    );
}

#[test]
fn lookalikes_of_identity_headers_are_removed_on_every_way_through() {
    let policy = policy(|_| {});
    let bearer = format!("Bearer {}", good());
    for (target, authorization) in [
        ("/health", None),
        ("/token", None),
        ("/data", Some(bearer.as_str())),
    ] {
        let mut headers = vec![
            ("x-auth-subject", "admin"),
            ("X_Auth.Subject", "admin"),
            ("x-auth-subject", "again"),
            ("x-other", "1"),
        ];
        headers.extend(authorization.map(|value| ("authorization", value)));
        let (_, edits) = passes(ask(&policy, "GET", target, &headers));
        for name in ["x-auth-subject", "X_Auth.Subject"] {
            assert!(
                edits.remove.contains(&name.as_bytes().to_vec()),
                "{target} {name}"
            );
        }
        assert!(!edits.remove.contains(&b"x-other".to_vec()));
    }
}

#[test]
fn a_public_rule_lets_no_bearer_credential_through_and_passthrough_keeps_all() {
    let policy = policy(|_| {});
    let removes = |target: &str, value: &str| {
        let (_, edits) = passes(ask(&policy, "GET", target, &[("authorization", value)]));
        edits.remove.contains(&b"authorization".to_vec())
    };
    assert!(removes("/health", "Bearer x"));
    assert!(!removes("/health", "Basic x"));
    assert!(!removes("/token", "Bearer x"));
    assert!(!removes("/token", "Basic x"));
}

#[test]
fn the_first_rule_that_matches_path_and_method_decides() {
    let policy = policy(|_| {});
    passes(with_token(&policy, "GET", "/data/x", &good()));
    refused(
        with_token(&policy, "POST", "/data/x", &good()),
        "insufficient_scope",
    );
    passes(with_token(
        &policy,
        "POST",
        "/data/x",
        &token(|c| c["scope"] = json!("write read")),
    ));
    passes(with_token(
        &policy,
        "GET",
        "/any",
        &token(|c| c["scope"] = json!("admin")),
    ));
    refused(
        with_token(
            &policy,
            "GET",
            "/any",
            &token(|c| c["scope"] = json!("write")),
        ),
        "insufficient_scope",
    );
    refused(ask(&policy, "POST", "/health", &[]), "no_credentials");
    refused(ask(&policy, "OPTIONS", "/data/x", &[]), "no_credentials");
    // Below a prefix means after a slash.
    passes(with_token(&policy, "POST", "/database", &good()));
}

#[test]
fn what_no_rule_names_needs_a_token_or_is_denied() {
    refused(
        ask(&policy(|_| {}), "GET", "/elsewhere", &[]),
        "no_credentials",
    );
    passes(with_token(&policy(|_| {}), "GET", "/elsewhere", &good()));
    let complete = policy(|c| c["unmatched"] = json!("deny"));
    refused(
        with_token(&complete, "GET", "/elsewhere", &good()),
        "unmatched",
    );
    passes(with_token(&complete, "GET", "/data", &good()));
}

#[test]
fn ambiguous_paths_are_refused_even_where_everything_is_public() {
    let policy = policy(|c| c["rules"] = json!([{"prefix": "/", "require": "public"}, ]));
    passes(ask(&policy, "GET", "/x", &[]));
    for target in [
        "//x", "/a/../x", "/a/..;/x", "/x%2fy", "/x;y", "/x\\y", "/%61", "*", "",
    ] {
        assert_eq!(
            refused(ask(&policy, "GET", target, &[]), "ambiguous_path")
                .answer
                .status,
            400,
            "{target}"
        );
    }
}

#[test]
fn a_rule_may_allow_one_spelling() {
    let policy = policy(|_| {});
    passes(with_token(&policy, "GET", "/files/a%2Fb", &good()));
    refused(
        with_token(&policy, "GET", "/files/a;b", &good()),
        "ambiguous_path",
    );
    refused(
        with_token(&policy, "GET", "/data/a%2Fb", &good()),
        "ambiguous_path",
    );
}

#[test]
fn claims_that_refuse_a_token() {
    let policy = policy(|_| {});
    let cases: &[(&str, Mutation)] = &[
        ("expired", |c| c["exp"] = json!(NOW - 30)),
        ("not_yet_valid", |c| c["nbf"] = json!(NOW + 31)),
        ("issued_in_future", |c| c["iat"] = json!(NOW + 31)),
        ("wrong_audience", |c| c["aud"] = json!("other")),
        ("wrong_audience", |c| {
            c["aud"] = json!(["API", "api/", "ap"])
        }),
        ("wrong_audience", |c| c["aud"] = json!([])),
        ("unknown_issuer", |c| {
            c["iss"] = json!("https://issuer.example/")
        }),
        ("unknown_issuer", |c| {
            c["iss"] = json!("https://ISSUER.example")
        }),
        ("bad_claim", |c| {
            c["iss"] = json!(["https://issuer.example"])
        }),
        ("bad_claim", |c| {
            drop(c.as_object_mut().unwrap().remove("exp"))
        }),
        ("bad_claim", |c| c["exp"] = json!((NOW + 600).to_string())),
        ("bad_claim", |c| c["aud"] = json!(1)),
        ("bad_claim", |c| c["scope"] = json!(["read"])),
        ("claim_not_header_safe", |c| {
            c["sub"] = json!("a\r\nx-admin: 1")
        }),
        ("claim_not_header_safe", |c| c["sub"] = json!("\u{e9}")),
        ("claim_not_header_safe", |c| {
            c["sub"] = json!("x".repeat(1025))
        }),
        ("outside_resource", |c| {
            c["aud"] = json!(["api", "https://api.example/mcp"])
        }),
        ("insufficient_scope", |c| c["scope"] = json!("READ readx")),
        ("insufficient_scope", |c| {
            drop(c.as_object_mut().unwrap().remove("scope"))
        }),
    ];
    for (reason, mutate) in cases {
        refused(with_token(&policy, "GET", "/data", &token(mutate)), reason);
    }
}

#[test]
fn claims_at_the_edge_that_do_not() {
    let policy = policy(|_| {});
    let cases: &[Mutation] = &[
        |c| c["exp"] = json!(NOW - 29),
        |c| c["nbf"] = json!(NOW + 30),
        |c| c["iat"] = json!(NOW + 30),
        |c| c["aud"] = json!(["other", "api"]),
        |c| c["aud"] = json!(["api", "https://api.example"]),
        |c| c["aud"] = json!(["api", "https://elsewhere.example/mcp"]),
        |c| c["aud"] = json!(["api", "https://api.example/data"]),
        |c| c["scope"] = json!("write  read"),
        |c| c["unknown"] = json!({"a": [1, 2]}),
    ];
    for mutate in cases {
        passes(with_token(&policy, "GET", "/data", &token(mutate)));
    }
}

#[test]
fn headers_and_signatures_that_refuse_a_token() {
    let policy = policy(|_| {});
    let signed_with = |seed: u8, mutate: Mutation| {
        let mut header = header();
        mutate(&mut header);
        sign(seed, &header, &claims())
    };
    let good = good();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other_payload = token(|c| c["sub"] = json!("mallory"));
    let swapped = format!("{}.{signature}", other_payload.rsplit_once('.').unwrap().0);
    for (reason, token) in [
        ("bad_signature", signed_with(2, |_| {})),
        ("bad_signature", swapped),
        (
            "bad_signature",
            format!("{input}.{}", encode_segment(&[0; 64])),
        ),
        (
            "bad_signature",
            format!("{input}.{}", encode_segment(&[0; 63])),
        ),
        (
            "algorithm_not_allowed",
            signed_with(1, |h| h["alg"] = json!("none")),
        ),
        (
            "algorithm_not_allowed",
            signed_with(1, |h| h["alg"] = json!("HS256")),
        ),
        (
            "algorithm_mismatch",
            signed_with(1, |h| h["alg"] = json!("ES256")),
        ),
        (
            "not_an_access_token",
            signed_with(1, |h| h["typ"] = json!("JWT")),
        ),
        (
            "not_an_access_token",
            signed_with(1, |h| drop(h.as_object_mut().unwrap().remove("typ"))),
        ),
        (
            "critical_extension",
            signed_with(1, |h| h["crit"] = json!(["x"])),
        ),
        ("unknown_key", signed_with(1, |h| h["kid"] = json!("other"))),
        ("bad_key_id", signed_with(1, |h| h["kid"] = json!(1))),
        ("token_structure", format!("{input}.")),
        ("token_structure", format!("{good}.e30")),
        ("token_structure", good.replacen('.', "..", 1)),
        ("token_structure", "abc".to_owned()),
        ("token_structure", format!("{good}=")),
        ("header_not_json", format!("YQ.YQ.{signature}")),
        (
            "claims_not_json",
            format!("{}.YQ.{signature}", input.split('.').next().unwrap()),
        ),
        ("token_too_long", "a".repeat(8 * 1024 + 1)),
    ] {
        let reply = refused(with_token(&policy, "GET", "/data", &token), reason);
        assert_eq!(reply.answer.status, 401, "{reason}");
        assert!(
            header_of(&reply, "www-authenticate")
                .unwrap()
                .starts_with("Bearer error=\"invalid_token\"")
        );
    }
}

#[test]
fn a_token_without_a_key_id_is_matched_only_where_that_leaves_no_choice() {
    let policy = policy(|_| {});
    let mut header = header();
    header.as_object_mut().unwrap().remove("kid");
    passes(with_token(
        &policy,
        "GET",
        "/data",
        &sign(1, &header, &claims()),
    ));
}

#[test]
fn one_issuers_key_proves_nothing_about_another_issuer() {
    let policy = policy(|c| {
        let mut second = c["issuers"][0].clone();
        second["issuer"] = json!("https://second.example");
        c["issuers"].as_array_mut().unwrap().push(second);
    });
    let from_second = |c: &mut Value| c["iss"] = json!("https://second.example");
    let mut second = claims();
    from_second(&mut second);
    passes(with_token(
        &policy,
        "GET",
        "/data",
        &sign(2, &header(), &second),
    ));
    refused(
        with_token(&policy, "GET", "/data", &sign(1, &header(), &second)),
        "bad_signature",
    );
    refused(
        with_token(&policy, "GET", "/data", &sign(2, &header(), &claims())),
        "bad_signature",
    );
}

#[test]
fn without_keys_a_token_gets_503_and_no_token_gets_401() {
    let policy = policy(|_| {});
    let ring = KeyRing::new(&policy);
    let bearer = format!("Bearer {}", good());
    let ask = |headers: &[(&[u8], &[u8])]| {
        let request = Request {
            method: b"GET",
            target: b"/data",
            headers,
        };
        decide(&policy, &ring, &SoftwareVerifier, &request, NOW)
    };
    let reply = refused(ask(&[(b"authorization", bearer.as_bytes())]), "no_keys");
    assert_eq!(
        (reply.answer.status, header_of(&reply, "retry-after")),
        (503, Some("1"))
    );
    assert_eq!(refused(ask(&[]), "no_credentials").answer.status, 401);
}

#[test]
fn keys_serve_while_they_are_stale_and_not_for_ever() {
    let policy = policy(|c| c["issuers"][0]["jwks"]["max_stale_seconds"] = json!(300));
    let ring = key_ring(&policy);
    let long_lived = token(|c| c["exp"] = json!(NOW + 10_000));
    let bearer = format!("Bearer {long_lived}");
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    passes(decide(
        &policy,
        &ring,
        &SoftwareVerifier,
        &request,
        NOW + 240,
    ));
    refused(
        decide(&policy, &ring, &SoftwareVerifier, &request, NOW + 241),
        "no_keys",
    );
}

#[test]
fn challenges_say_what_a_client_needs_to_know() {
    let policy = policy(|_| {});
    let challenge = |decision: Decision, reason: &str| {
        let reply = refused(decision, reason);
        (
            reply.answer.status,
            header_of(&reply, "www-authenticate").unwrap().to_owned(),
        )
    };
    let root = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\"";
    let mcp = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!(
        challenge(ask(&policy, "GET", "/data", &[]), "no_credentials"),
        (401, format!("Bearer scope=\"read\", {root}"))
    );
    assert_eq!(
        challenge(ask(&policy, "GET", "/mcp/x", &[]), "no_credentials"),
        (401, format!("Bearer {mcp}"))
    );
    assert_eq!(
        challenge(
            with_token(&policy, "POST", "/data", &good()),
            "insufficient_scope"
        ),
        (
            403,
            format!(
                "Bearer error=\"insufficient_scope\", error_description=\"the access token does not allow this operation\", scope=\"read write\", {root}"
            )
        )
    );
    let (status, text) = challenge(
        ask(&policy, "GET", "/data", &[("authorization", "Bearer a b")]),
        "malformed_credentials",
    );
    assert_eq!(status, 400);
    assert!(
        text.starts_with("Bearer error=\"invalid_request\""),
        "{text}"
    );
    let twice = ask(
        &policy,
        "GET",
        "/data",
        &[("authorization", "Bearer a"), ("Authorization", "Bearer a")],
    );
    assert_eq!(challenge(twice, "several_credentials").0, 400);
}

#[test]
fn protected_resource_metadata_is_served_for_each_resource() {
    let policy = policy(|_| {});
    let document = |target: &str| match ask(&policy, "GET", target, &[]) {
        Decision::Reply(Reply {
            denial: None,
            answer,
        }) => serde_json::from_str::<Value>(&answer.body).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        document("/.well-known/oauth-protected-resource"),
        json!({
            "resource": "https://api.example",
            "authorization_servers": ["https://issuer.example"],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["read"],
        })
    );
    assert_eq!(
        document("/.well-known/oauth-protected-resource/mcp")["resource"],
        "https://api.example/mcp"
    );
    for target in [
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        assert_eq!(
            refused(ask(&policy, "GET", target, &[]), "no_such_document")
                .answer
                .status,
            404,
            "{target}"
        );
    }
    refused(
        ask(&policy, "GET", "/.well-known/other", &[]),
        "no_credentials",
    );
}

#[test]
fn a_token_for_a_resource_opens_that_resource_only() {
    let policy = policy(|_| {});
    let for_mcp = token(|c| c["aud"] = json!(["api", "https://api.example/mcp"]));
    passes(with_token(&policy, "GET", "/mcp", &for_mcp));
    passes(with_token(&policy, "GET", "/mcp/x", &for_mcp));
    refused(
        with_token(&policy, "GET", "/mcpx", &for_mcp),
        "outside_resource",
    );
    let unbound = self::policy(|c| c["bind_resource_path"] = json!(false));
    passes(with_token(&unbound, "GET", "/data", &for_mcp));
}

#[test]
fn grpc_callers_get_a_grpc_status_and_a_plain_message() {
    let policy = policy(|_| {});
    let grpc = |content_type: &str| {
        refused(
            ask(&policy, "POST", "/data", &[("content-type", content_type)]),
            "no_credentials",
        )
    };
    for content_type in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;x=y",
    ] {
        let answer = grpc(content_type).answer;
        assert_eq!(
            (answer.grpc_status, answer.body.as_str()),
            (Some(16), "an access token is required")
        );
    }
    assert_eq!(grpc("application/grpc-web").answer.grpc_status, None);
    assert_eq!(grpc("application/json").answer.grpc_status, None);
}

#[test]
fn header_bytes_that_are_not_utf8_are_refused_or_passed_as_bytes() {
    let policy = policy(|_| {});
    let ring = key_ring(&policy);
    let ask = |headers: &[(&[u8], &[u8])]| {
        let request = Request {
            method: b"GET",
            target: b"/data",
            headers,
        };
        decide(&policy, &ring, &SoftwareVerifier, &request, NOW)
    };
    refused(
        ask(&[(b"authorization", b"Bearer \xc0\xa7")]),
        "malformed_credentials",
    );
    refused(ask(&[(b"authorization", b"\xff")]), "no_credentials");
    let bearer = format!("Bearer {}", good());
    passes(ask(&[
        (b"authorization", bearer.as_bytes()),
        (b"x-other", b"\xc0\xa7"),
        (b"\xff", b""),
    ]));
}
