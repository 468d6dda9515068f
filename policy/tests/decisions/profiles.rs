//! Issuers whose tokens are not as RFC 9068 says: each setting opens what it names and no more.

use dockgate_policy::Policy;
use serde_json::{Value, json};

use crate::support::*;

fn with_profile(profile: Value) -> Policy {
    policy(|c| c["issuers"][0]["token_profile"] = profile)
}

fn typed(typ: &Value, mutate: impl FnOnce(&mut Value)) -> String {
    let mut header = header();
    match typ {
        Value::Null => drop(header.as_object_mut().unwrap().remove("typ")),
        typ => header["typ"] = typ.clone(),
    }
    let mut claims = claims();
    mutate(&mut claims);
    sign(1, &header, &claims)
}

fn without(name: &'static str) -> impl Fn(&mut Value) {
    move |claims| drop(claims.as_object_mut().unwrap().remove(name))
}

/// Refused as things are by default, and good with the setting.
#[track_caller]
fn opens(profile: &Value, token: &str, reason_without: &str) {
    refused(
        with_token(&policy(|_| {}), "GET", "/data", token),
        reason_without,
    );
    passes(with_token(
        &with_profile(profile.clone()),
        "GET",
        "/data",
        token,
    ));
}

#[test]
fn each_setting_opens_what_it_names() {
    let at_jwt = json!("at+jwt");
    opens(
        &json!({"types": ["JWT"]}),
        &typed(&json!("JWT"), |_| {}),
        "not_an_access_token",
    );
    opens(
        &json!({"types": [null]}),
        &typed(&json!(null), |_| {}),
        "not_an_access_token",
    );
    let scp = |value: Value| {
        typed(&at_jwt, move |c| {
            without("scope")(c);
            c["scp"] = value;
        })
    };
    opens(
        &json!({"scope_claims": ["scp"]}),
        &scp(json!("read other")),
        "insufficient_scope",
    );
    opens(
        &json!({"scope_claims": ["scope", "scp"], "scope_as_array": true}),
        &scp(json!(["read", "other"])),
        "insufficient_scope",
    );
    opens(
        &json!({"scope_claims": ["/realm_access/roles"], "scope_as_array": true}),
        &typed(&at_jwt, |c| {
            c["scope"] = json!("");
            c["realm_access"] = json!({"roles": ["read"]});
        }),
        "insufficient_scope",
    );
    opens(
        &json!({"scope_as_array": true}),
        &typed(&at_jwt, |c| c["scope"] = json!(["read"])),
        "bad_claim",
    );
    opens(
        &json!({"audience_claims": ["azp"]}),
        &typed(&at_jwt, |c| {
            c["aud"] = json!("account");
            c["azp"] = json!("api");
        }),
        "wrong_audience",
    );
    opens(
        &json!({"audience_claims": ["client_id"]}),
        &typed(&at_jwt, |c| {
            without("aud")(c);
            c["client_id"] = json!("api");
        }),
        "bad_claim",
    );
    opens(
        &json!({"client_id_claims": ["azp", "client_id"]}),
        &typed(&at_jwt, |c| {
            without("client_id")(c);
            c["azp"] = json!("web");
        }),
        "bad_claim",
    );
    for name in ["jti", "iat", "client_id", "sub"] {
        opens(
            &json!({"optional_claims": [name]}),
            &typed(&at_jwt, without(name)),
            "bad_claim",
        );
    }
}

#[test]
fn no_setting_opens_more_than_it_names() {
    let jwt = json!("JWT");
    let loose = json!({
        "types": ["JWT"], "scope_claims": ["scp", "scope"], "scope_as_array": true,
        "audience_claims": ["azp"], "client_id_claims": ["azp", "client_id"],
        "optional_claims": ["jti", "iat", "client_id", "sub"],
    });
    let policy = with_profile(loose);
    passes(with_token(&policy, "GET", "/data", &typed(&jwt, |_| {})));
    let cases: &[(&str, Mutation)] = &[
        ("bad_claim", |c| c["jti"] = json!(1)),
        ("bad_claim", |c| c["iat"] = json!("5")),
        ("bad_claim", |c| c["sub"] = json!("")),
        ("bad_claim", |c| c["sub"] = json!(null)),
        ("bad_claim", |c| c["azp"] = json!(["web"])),
        ("bad_claim", |c| c["azp"] = json!({})),
        ("bad_claim", |c| c["scp"] = json!(["read", 1])),
        ("bad_claim", |c| c["scp"] = json!(["read write"])),
        ("bad_claim", |c| c["scp"] = json!([""])),
        ("bad_claim", |c| c["scp"] = json!({"read": true})),
        ("bad_claim", |c| c["scope"] = json!(null)),
        ("bad_claim", |c| without("exp")(c)),
        ("bad_claim", |c| without("aud")(c)),
        ("bad_claim", |c| without("iss")(c)),
        ("expired", |c| c["exp"] = json!(NOW - 60)),
        ("issued_in_future", |c| c["iat"] = json!(NOW + 60)),
        ("wrong_audience", |c| {
            c["aud"] = json!("other");
            c["azp"] = json!("web");
        }),
        ("unknown_issuer", |c| c["iss"] = json!("https://other")),
    ];
    for (reason, mutate) in cases {
        refused(
            with_token(&policy, "GET", "/data", &typed(&jwt, mutate)),
            reason,
        );
    }
    for typ in ["at+jwt", "id+jwt", "logout+jwt", ""] {
        refused(
            with_token(&policy, "GET", "/data", &typed(&json!(typ), |_| {})),
            "not_an_access_token",
        );
    }
    refused(
        with_token(&policy, "GET", "/data", &typed(&json!(null), |_| {})),
        "not_an_access_token",
    );
}

#[test]
fn where_a_type_does_not_tell_the_marks_of_other_tokens_do() {
    let jwt = json!("JWT");
    let with = |claim: &str| typed(&jwt, |c| c[claim] = json!({}));
    let guarded = with_profile(json!({"types": ["at+jwt", "JWT"]}));
    for claim in ["nonce", "at_hash", "c_hash", "s_hash", "events"] {
        refused(
            with_token(&guarded, "GET", "/data", &with(claim)),
            "forbidden_claim",
        );
    }
    let narrowed = with_profile(json!({"types": ["JWT"], "forbidden_claims": ["at_hash"]}));
    passes(with_token(&narrowed, "GET", "/data", &with("nonce")));
    refused(
        with_token(&narrowed, "GET", "/data", &with("at_hash")),
        "forbidden_claim",
    );
    // With `at+jwt` alone the type tells, and a claim may be named as it likes.
    passes(with_token(
        &policy(|_| {}),
        "GET",
        "/data",
        &token(|c| c["nonce"] = json!("x")),
    ));
}

#[test]
fn claims_that_every_access_token_of_an_issuer_has() {
    let policy = with_profile(json!({"required_claims": {"typ": "Bearer", "tid": ["a", "b"]}}));
    let with = |typ: Value, tid: Value| {
        token(|c| {
            c["typ"] = typ;
            c["tid"] = tid;
        })
    };
    passes(with_token(
        &policy,
        "GET",
        "/data",
        &with(json!("Bearer"), json!("b")),
    ));
    for token in [
        with(json!("ID"), json!("a")),
        with(json!("Bearer"), json!("c")),
        with(json!(null), json!("a")),
        good(),
    ] {
        let reply = refused(
            with_token(&policy, "GET", "/data", &token),
            "required_claim",
        );
        assert_eq!(reply.answer.status, 401);
    }
}

#[test]
fn what_a_token_lacks_is_no_header() {
    let policy = with_profile(json!({"optional_claims": ["sub", "client_id"]}));
    let token = token(|c| {
        without("sub")(c);
        without("client_id")(c);
    });
    let bearer = format!("Bearer {token}");
    let spoofed = [
        ("authorization", bearer.as_str()),
        ("x-auth-subject", "admin"),
    ];
    let edits = passes(ask(&policy, "GET", "/data", &spoofed));
    assert!(edits.remove.contains(&b"x-auth-subject".to_vec()));
    let names: Vec<&str> = edits.set.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-auth-scope", "x-auth-issuer"]);
}

#[test]
fn one_issuers_profile_says_nothing_about_another() {
    let policy = policy(|c| {
        let mut second = c["issuers"][0].clone();
        second["issuer"] = json!("https://second.example");
        second["token_profile"] = json!({"types": ["JWT"]});
        c["issuers"].as_array_mut().unwrap().push(second);
    });
    let mut header = header();
    header["typ"] = json!("JWT");
    let mut claims = claims();
    refused(
        with_token(&policy, "GET", "/data", &sign(1, &header, &claims)),
        "not_an_access_token",
    );
    claims["iss"] = json!("https://second.example");
    passes(with_token(
        &policy,
        "GET",
        "/data",
        &sign(2, &header, &claims),
    ));
}

#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    let bound = token(|c| c["cnf"] = json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}));
    refused(
        with_token(&policy(|_| {}), "GET", "/data", &bound),
        "forbidden_claim",
    );
    let loose = with_profile(json!({"forbidden_claims": []}));
    passes(with_token(&loose, "GET", "/data", &bound));
}
