//! Which tokens prove something.

use dockgate_policy::Request;
use dockgate_policy::keys::KeyRing;
use dockgate_token::encode_segment;
use serde_json::{Value, json};

use crate::support::*;

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
        ("outside_resource", |c| {
            c["aud"] = json!(["api", "https://api.example", "https://api.example/mcp"])
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

/// As the issuer writes it (OIDC Core §2), signed with the key that signs access tokens.
#[test]
fn an_id_token_of_the_same_issuer_and_key_opens_nothing() {
    let policy = policy(|_| {});
    let mut id_token = json!({
        "iss": "https://issuer.example",
        "sub": "alice",
        "aud": "web",
        "exp": NOW + 600,
        "iat": NOW,
        "auth_time": NOW - 5,
        "nonce": "n-0S6_WzA2Mj",
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
    });
    let check = |typ: &str, claims: &Value, reason| {
        let mut header = header();
        header["typ"] = json!(typ);
        let token = sign(1, &header, claims);
        refused(with_token(&policy, "GET", "/data", &token), reason);
    };
    // By its type (RFC 8725 §3.11); were that not so, by what it lacks (RFC 9068 §2.2); and were
    // that not so either, by its audience (RFC 8725 §3.9).
    check("JWT", &id_token, "not_an_access_token");
    check("at+jwt", &id_token, "bad_claim");
    id_token["client_id"] = json!("web");
    id_token["jti"] = json!("one");
    check("at+jwt", &id_token, "wrong_audience");
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
        judge(&policy, &ring, &mut cache(&policy), &request, NOW)
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
    passes(judge(
        &policy,
        &ring,
        &mut cache(&policy),
        &request,
        NOW + 240,
    ));
    refused(
        judge(&policy, &ring, &mut cache(&policy), &request, NOW + 241),
        "no_keys",
    );
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
        judge(&policy, &ring, &mut cache(&policy), &request, NOW)
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

#[test]
fn a_token_may_be_exactly_as_long_as_the_setting_says() {
    let length = good().len();
    let with_limit = |limit: usize| policy(|c| c["max_token_bytes"] = json!(limit));
    passes(with_token(&with_limit(length), "GET", "/data", &good()));
    refused(
        with_token(&with_limit(length - 1), "GET", "/data", &good()),
        "token_too_long",
    );
}

/// An attacker can sign nothing, and must not learn what a good token would have to say.
#[test]
fn a_forged_token_is_told_of_its_signature_and_nothing_of_its_claims() {
    let policy = policy(|c| {
        c["issuers"][0]["token_profile"] = json!({
            "required_claims": {"tid": "a"}, "scope_claims": ["scp"], "audience_claims": ["azp"],
        });
        c["rules"][2]["require"]["claims"] = json!({"tier": "gold"});
    });
    let forged = |mutate: Mutation| {
        let mut claims = claims();
        mutate(&mut claims);
        sign(9, &header(), &claims)
    };
    let mutations: [Mutation; 9] = [
        |_| {},
        |c| c["tid"] = json!("a"),
        |c| c["cnf"] = json!({}),
        |c| c["scp"] = json!(1),
        |c| c["azp"] = json!([1]),
        |c| c["aud"] = json!("other"),
        |c| c["sub"] = json!(1),
        |c| c["tier"] = json!("gold"),
        |c| c["exp"] = json!("soon"),
    ];
    let told = mutations.map(|mutate| {
        refused(
            with_token(&policy, "GET", "/data", &forged(mutate)),
            "bad_signature",
        )
        .answer
    });
    assert!(told.iter().all(|answer| *answer == told[0]));
    // Whoever knows the time knows this, whatever else is in the token.
    for mutate in mutations {
        let mut claims = claims();
        mutate(&mut claims);
        claims["exp"] = json!(NOW - 60);
        let late = sign(9, &header(), &claims);
        refused(with_token(&policy, "GET", "/data", &late), "expired");
    }
}
