//! Pushing (RFC 9126 §2): a request that succeeds, one mutation, the reason expected.

use std::collections::HashSet;

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::{
    AuthorizationError, ClientAuthenticationError, PageError, Provenance, Unavailable,
};

const GOOD: &str = "response_type=code&client_id=web&client_secret=web-secret&scope=api:read\
                    &redirect_uri=http://localhost:3000/callback&state=s";

fn ask(fixture: &Fixture, body: &str) -> Result<PushedRequest, Refusal> {
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    block_on(push(fixture.context(), &request))
}

#[test]
fn a_pushed_request_gets_a_name_that_nobody_guesses() {
    let fixture = Fixture::demo();
    let mut names = HashSet::new();
    for _ in 0..20 {
        let pushed = ask(&fixture, GOOD).unwrap();
        assert_eq!(pushed.client_id.as_str(), "web");
        let answer = serde_json::to_value(&pushed.answer).unwrap();
        assert_eq!(answer["expires_in"], 90);
        let name = answer["request_uri"].as_str().unwrap().to_owned();
        let secret = name
            .strip_prefix("urn:ietf:params:oauth:request_uri:")
            .unwrap();
        assert_eq!(secret.len(), 43, "256 bits");
        assert!(!format!("{pushed:?}").contains(secret), "does not print");
        names.insert(name);
    }
    assert_eq!(names.len(), 20);
}

#[test]
fn what_is_kept_are_the_parameters_and_no_credentials() {
    let fixture = Fixture::demo();
    let body =
        format!("{GOOD}&foo=bar&resource=http://localhost:8080&resource=http://localhost:8080/mcp");
    let answer = serde_json::to_value(ask(&fixture, &body).unwrap().answer).unwrap();
    let query = format!("request_uri={}", answer["request_uri"].as_str().unwrap());
    let form = Form::parse(query.as_bytes()).unwrap();
    let record = fixture.store.pushed_request(reference(&form).unwrap(), NOW);
    let record = block_on(record).unwrap().unwrap();
    assert_eq!(
        (record.client_id.as_str(), record.expires_at),
        ("web", NOW + 90)
    );
    for gone in ["secret", "foo"] {
        assert!(!record.parameters.contains(gone), "{}", record.parameters);
    }
    let kept = Form::parse(record.parameters.as_bytes()).unwrap();
    assert_eq!(kept.get("state"), Some("s"));
    assert_eq!(kept.get_all("resource").count(), 2);
}

#[test]
fn the_client_may_authenticate_in_the_header_and_leave_its_id_out() {
    let fixture = Fixture::demo();
    let body = GOOD.replace("client_id=web&client_secret=web-secret&", "");
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        authorization: vec![b"Basic d2ViOndlYi1zZWNyZXQ="],
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    assert!(block_on(push(fixture.context(), &request)).is_ok());
}

#[test]
fn what_is_wrong_is_told_at_once() {
    let fixture = Fixture::demo();
    let web = || "web".parse().unwrap();
    let changed = |from: &str, to: &str| {
        assert!(GOOD.contains(from));
        GOOD.replace(from, to)
    };
    for (body, reason) in [
        (
            changed("web-secret", "x"),
            OAuthError::from(ClientAuthenticationError::WrongSecret(web())),
        ),
        (
            changed("&client_secret=web-secret", ""),
            ClientAuthenticationError::SecretMissing(web()).into(),
        ),
        (
            format!("{GOOD}&request_uri=urn:ietf:params:oauth:request_uri:x"),
            RequestError::Malformed("request_uri").into(),
        ),
        (
            format!("{GOOD}&request_uri=https://elsewhere.example"),
            RequestError::Malformed("request_uri").into(),
        ),
        (
            format!("{GOOD}&request=x"),
            AuthorizationError::RequestObject.into(),
        ),
        (
            changed("callback", "CALLBACK"),
            PageError::UnregisteredRedirectUri.into(),
        ),
        (
            changed("=code", "=token"),
            AuthorizationError::ResponseTypeNotAllowed.into(),
        ),
        (
            changed("response_type=code&", ""),
            RequestError::Missing("response_type").into(),
        ),
        (
            format!("{GOOD}&code_challenge=x"),
            RequestError::Malformed("code_challenge_method").into(),
        ),
    ] {
        let refusal = ask(&fixture, &body).unwrap_err();
        assert_eq!(refusal.error, reason, "{body}");
        assert!(matches!(refusal.error.wire().status, 400 | 401));
    }
    let public = GOOD.replace("client_id=web&client_secret=web-secret", "client_id=spa");
    let public = public.replace("localhost:3000", "127.0.0.1:3000");
    let refusal = ask(&fixture, &public).unwrap_err();
    assert_eq!(
        refusal.error,
        RequestError::Missing("code_challenge").into()
    );
}

/// Whoever registers a client with a secret, or writes a document, has one that authenticates.
#[test]
fn a_client_that_describes_itself_has_the_part_of_its_address_with_a_secret_or_without() {
    for (provenance, most) in [
        (Provenance::Operator, 4_000),
        (Provenance::Registration, 100),
        (Provenance::Document, 100),
    ] {
        let mut fixture = Fixture::demo();
        let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
        web.unwrap().provenance = provenance;
        let client = fixture.server.client("web").unwrap();
        let address = Some("192.0.2.1".parse().unwrap());
        let take = || begin(fixture.context(), client, address, Pending::PushedRequest);
        let expected = match provenance {
            Provenance::Operator => Room::Whole,
            Provenance::Registration | Provenance::Document => Room::Open,
        };
        for _ in 0..most {
            assert_eq!(take(), Ok(expected));
        }
        assert_eq!(take(), Err(Unavailable::Throttled(1).into()));
    }
}
