//! Pushed requests at the authorization endpoint (RFC 9126 §4).

use super::*;
use crate::protocol::pushed::{PushedRequest, push};

/// Pushes a request, and says what the browser then brings.
fn pushed(fixture: &Fixture, body: &str) -> String {
    let body = format!("{body}&client_secret=web-secret");
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    let PushedRequest { client_id, answer } = block_on(push(fixture.context(), &request)).unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let name = answer["request_uri"].as_str().unwrap();
    format!("client_id={client_id}&request_uri={name}")
}

fn read_at<'a>(
    fixture: &'a Fixture,
    query: &str,
    now: u64,
) -> Result<AuthorizationRequest<'a>, AuthorizeError> {
    let form = Form::parse(query.as_bytes()).unwrap();
    block_on(read(fixture.at(now), &form))
}

#[test]
fn a_pushed_request_is_what_was_pushed_whatever_stands_beside_it() {
    let fixture = fixture();
    let query = pushed(&fixture, &query(&[("nonce", "n")]));
    let beside = "&scope=api:admin&state=evil&redirect_uri=https://evil&prompt=none\
                  &response_type=token&nonce=m&pushed=x";
    let request = read_query(&fixture, &format!("{query}{beside}")).unwrap();
    let again = resume(fixture.context(), request.kept()).unwrap();
    for request in [&request, &again] {
        assert_eq!(request.scope.to_string(), "api:read");
        assert_eq!(request.redirect.uri, WEB_CALLBACK);
        assert_eq!(request.redirect.state.as_deref(), Some("a state"));
        assert_eq!(request.nonce.as_deref(), Some("n"));
        assert!(!request.prompt.none && request.pushed.is_some());
    }
    assert!(
        !request.kept().contains("secret"),
        "credentials are not kept"
    );
}

#[test]
fn a_request_beside_a_pushed_one_is_refused_and_uses_nothing_up() {
    let fixture = fixture();
    let query = pushed(&fixture, &query(&[]));
    let refused = read_query(&fixture, &format!("{query}&request=x")).unwrap_err();
    let expected: OAuthError = AuthorizationError::RequestObject.into();
    assert_eq!(refused.reason(), expected);
    assert!(matches!(refused, AuthorizeError::Redirect(_)));
    assert!(read_query(&fixture, &query).is_ok());
}

#[test]
fn a_request_that_is_not_this_clients_or_no_longer_there_is_a_page() {
    let fixture = fixture();
    let query = pushed(&fixture, &query(&[]));
    let name = query.strip_prefix("client_id=web&").unwrap();
    for (query, now) in [
        (format!("client_id=site&{name}"), NOW),
        (format!("client_id=spa&{name}"), NOW),
        (format!("{query}x"), NOW),
        (
            "client_id=web&request_uri=urn:ietf:params:oauth:request_uri:".to_owned(),
            NOW,
        ),
        (query.clone(), NOW + 90),
        (query.clone(), NOW + 9000),
    ] {
        let error = page(read_at(&fixture, &query, now).unwrap_err());
        assert_eq!(error, PageError::UnknownRequestUri, "{query}");
        assert_eq!(error.wire().error, "invalid_request_uri");
    }
    assert!(read_at(&fixture, &query, NOW + 89).is_ok());
    let without = read_query(&fixture, name).unwrap_err();
    assert_eq!(page(without), PageError::NoClient);
}

#[test]
fn it_is_used_up_by_an_answer_and_not_before() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    let query = pushed(&fixture, &query(&[]));
    // Looking at pages uses nothing up.
    for _ in 0..3 {
        let outcome = begin(&fixture, &query, None).unwrap();
        assert_eq!(outcome, Outcome::Login(LoginReason::NoSession));
        let outcome = begin(&fixture, &query, Some(&alice)).unwrap();
        assert!(matches!(outcome, Outcome::Consent(_)));
    }
    let tab = read_query(&fixture, &query).unwrap();
    allow(&fixture, &query, &alice, "api:read").unwrap();
    let error = read_query(&fixture, &query).unwrap_err();
    assert_eq!(page(error), PageError::UnknownRequestUri);
    // Nor is there an answer to what another tab had open.
    let decision = Decision::Allow("api:read".parse().unwrap());
    let flow = flow(Some(&alice));
    let late = block_on(decide(fixture.context(), &tab, &alice, &flow, decision));
    assert_eq!(page(late.unwrap_err()), PageError::RequestUriUsed);
    let late = block_on(decide(
        fixture.context(),
        &tab,
        &alice,
        &flow,
        Decision::Deny,
    ));
    assert_eq!(page(late.unwrap_err()), PageError::RequestUriUsed);
}

#[test]
fn a_page_may_take_longer_than_the_request_lives_and_is_answered_once_all_the_same() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    let query = pushed(&fixture, &query(&[]));
    let kept = read_query(&fixture, &query).unwrap().kept().to_owned();
    let late = fixture.at(NOW + 1000);
    let flow = flow(Some(&alice));
    let answer = || {
        let request = resume(late, &kept).unwrap();
        let decision = Decision::Allow("api:read".parse().unwrap());
        block_on(decide(late, &request, &alice, &flow, decision))
    };
    assert!(parameter(&answer().unwrap(), "code").is_some());
    assert_eq!(page(answer().unwrap_err()), PageError::RequestUriUsed);
}

#[test]
fn an_error_is_an_answer_too() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    for (changes, session) in [
        (&[("prompt", "none")][..], None),
        (&[("prompt", "none")], Some(&alice)),
    ] {
        let query = pushed(&fixture, &query(changes));
        redirected(begin(&fixture, &query, session).unwrap_err());
        let error = read_query(&fixture, &query).unwrap_err();
        assert_eq!(page(error), PageError::UnknownRequestUri);
    }
    let query = pushed(&fixture, &query(&[]));
    let request = read_query(&fixture, &query).unwrap();
    let flow = flow(Some(&alice));
    let denied = block_on(decide(
        fixture.context(),
        &request,
        &alice,
        &flow,
        Decision::Deny,
    ));
    assert_eq!(
        redirected(denied.unwrap_err()).response.error(),
        Some("access_denied")
    );
    assert!(read_query(&fixture, &query).is_err());
}

#[test]
fn a_client_that_has_to_push_may_push() {
    let mut fixture = fixture();
    let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap().require_pushed_authorization_requests = true;
    let query = pushed(&fixture, &query(&[]));
    let request = read_query(&fixture, &query).unwrap();
    assert!(resume(fixture.context(), request.kept()).is_ok());
}
