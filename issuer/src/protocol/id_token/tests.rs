//! ID tokens: what they say, and that they open nothing.

use dockgate_token::CompactJws;
use serde_json::{Value, json};

use super::*;
use crate::protocol::ClientRequest;
use crate::protocol::fixture::tokens::{ALICE, issued, signed};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::presented_token::live_token;
use crate::protocol::token_endpoint::respond;

fn parts(token: &str) -> (Value, Value) {
    let parts = CompactJws::parse(token.as_bytes()).unwrap();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
    (json(&parts.header), json(&parts.payload))
}

#[test]
fn half_hashes_are_those_of_the_specification() {
    // OIDC Core, appendices A.3, A.4 and A.6.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    assert_eq!(half_hash(Algorithm::RS256, code), "LDktKdoQak3Pk0cnXxCltA");
}

#[test]
fn a_half_hash_is_half_as_long_as_the_hash_of_the_algorithm() {
    use Algorithm::*;
    for (algorithm, bytes) in [
        (RS256, 16),
        (PS256, 16),
        (ES256, 16),
        (RS384, 24),
        (ES384, 24),
        (RS512, 32),
        (EdDSA, 32),
    ] {
        let length = encode_segment(&vec![0; bytes]).len();
        assert_eq!(half_hash(algorithm, "x").len(), length, "{algorithm}");
    }
}

#[test]
fn an_id_token_says_who_logged_in_where_when_and_how() {
    let fixture = Fixture::demo();
    let tokens = issued(fixture.context(), "web", "openid api:read");
    let (header, claims) = parts(&tokens.id_token);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("RS256"), &json!("JWT"))
    );
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:8080",
            "sub": ALICE,
            "aud": "web",
            "exp": NOW + 600,
            "iat": NOW,
            "auth_time": NOW - 5,
            "nonce": "n-0S6_WzA2Mj",
            "amr": ["pwd"],
            "at_hash": half_hash(Algorithm::RS256, &tokens.access_token),
        })
    );
}

#[test]
fn it_is_signed_with_the_algorithm_of_the_client() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let mut fixture = Fixture::demo();
        let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
        web.unwrap().id_token_algorithm = algorithm;
        let tokens = issued(fixture.context(), "web", "openid");
        let (header, claims) = parts(&tokens.id_token);
        assert_eq!(header["alg"], algorithm.as_str());
        assert_eq!(
            claims["at_hash"],
            half_hash(algorithm, &tokens.access_token)
        );
    }
}

#[test]
fn without_openid_there_is_none() {
    let fixture = Fixture::demo();
    let tokens = issued(fixture.context(), "web", "api:read profile");
    assert_eq!(tokens.id_token, "");
}

#[test]
fn after_a_refresh_it_is_about_the_same_login_and_has_no_nonce() {
    let fixture = Fixture::demo();
    let first = issued(fixture.context(), "spa", "openid api:read");
    let body = format!(
        "grant_type=refresh_token&client_id=spa&refresh_token={}",
        first.refresh_token
    );
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let later = fixture.at(NOW + 100);
    let refreshed = block_on(respond(later, &request)).unwrap();
    let (access_token, id_token, _) = signed(later, &refreshed);
    let (_, before) = parts(&first.id_token);
    let (_, after) = parts(&id_token);
    // OIDC Core §12.2.
    for same in ["iss", "sub", "aud", "auth_time", "amr"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(after["iat"], NOW + 100);
    assert_eq!(after["nonce"], Value::Null);
    assert_eq!(after["at_hash"], half_hash(Algorithm::RS256, &access_token));
    // RFC 9068 §2.2.1 asks the same of the access token.
    let (_, access) = parts(&access_token);
    assert_eq!(
        (&access["auth_time"], &access["amr"]),
        (&before["auth_time"], &before["amr"])
    );
}

#[test]
fn neither_kind_of_token_passes_for_the_other() {
    let fixture = Fixture::demo();
    let context = fixture.context();
    let tokens = issued(context, "web", "openid");
    assert!(id_token_of(context, &tokens.id_token).is_some());
    assert!(id_token_of(context, &tokens.access_token).is_none());
    assert!(
        block_on(live_token(context, &tokens.access_token))
            .unwrap()
            .is_some()
    );
    assert!(
        block_on(live_token(context, &tokens.id_token))
            .unwrap()
            .is_none()
    );
    // What the filter looks at: `typ` is not at+jwt, and no resource server has a client's id for
    // its audience (RFC 8725 §3.11, §3.12).
    let (header, claims) = parts(&tokens.id_token);
    assert_ne!(header["typ"], "at+jwt");
    let audience = claims["aud"].as_str().unwrap();
    assert!(fixture.server.resource_server(audience).is_none());
}
