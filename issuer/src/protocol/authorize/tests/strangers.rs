//! No link leads to a client that nobody vouches for before its user has done something (RFC 9700
//! §4.11.2).

use super::*;

/// `web`, as one that says itself what it is.
fn stranger(provenance: Provenance) -> Fixture {
    let mut fixture = fixture();
    let web = fixture.server.clients.get_mut(&"web".parse().unwrap());
    web.unwrap().provenance = provenance;
    fixture
}

const STRANGERS: [Provenance; 2] = [Provenance::Registration, Provenance::Document];

/// Requests that are refused before anybody has done anything, and what the client is told.
fn refused_at_once() -> Vec<(Vec<(&'static str, &'static str)>, &'static str)> {
    vec![
        (vec![("scope", "nonsense")], "invalid_scope"),
        (
            vec![("response_type", "nothing")],
            "unsupported_response_type",
        ),
        (vec![("prompt", "nonsense")], "invalid_request"),
        (vec![("request", "a.b.c")], "request_not_supported"),
        (vec![("prompt", "none")], "login_required"),
    ]
}

/// What the user is offered.
#[track_caller]
fn offered(error: AuthorizeError) -> (Refused, String) {
    match error {
        AuthorizeError::Offer { refused, host } => (*refused, host),
        other => panic!("nothing is offered: {other:?}"),
    }
}

#[test]
fn an_error_before_the_user_has_done_anything_is_offered_and_names_the_host() {
    for fixture in STRANGERS.map(stranger) {
        for (changes, error) in refused_at_once() {
            let refused = begin(&fixture, &query(&changes), None).unwrap_err();
            let (refused, host) = offered(refused);
            assert_eq!(host, "localhost:3000");
            assert_eq!(refused.response.error(), Some(error), "{changes:?}");
            assert_eq!(parameter(&refused.response, "state"), Some("a state"));
            assert_eq!(refused.response.redirect_uri, WEB_CALLBACK);
        }
    }
}

#[test]
fn a_client_that_the_operator_wrote_down_is_told_at_once() {
    let fixture = fixture();
    for (changes, error) in refused_at_once() {
        let refused = begin(&fixture, &query(&changes), None).unwrap_err();
        assert_eq!(redirected(refused).response.error(), Some(error));
    }
}

#[test]
fn a_session_of_before_is_nothing_that_the_user_did_for_this_request() {
    let alice = session(ALICE, 1, NOW - 10);
    for fixture in STRANGERS.map(stranger) {
        let silent = begin(&fixture, &query(&[("prompt", "none")]), Some(&alice));
        let (refused, _) = offered(silent.unwrap_err());
        assert_eq!(refused.response.error(), Some("consent_required"));
    }
}

#[test]
fn who_has_logged_in_for_it_or_said_no_goes_back_at_once() {
    for fixture in STRANGERS.map(stranger) {
        let bob = session(BOB, 2, NOW);
        let request = read_query(&fixture, &query(&[("scope", "api:admin")])).unwrap();
        let refused = step(&fixture, &request, Some(&bob), &flow(None)).unwrap_err();
        assert_eq!(
            redirected(refused).response.error(),
            Some("access_denied"),
            "bob has logged in, and may not do it"
        );
        let alice = session(ALICE, 1, NOW - 10);
        let request = read_query(&fixture, &query(&[])).unwrap();
        let flow = flow(Some(&alice));
        let decided = decide(fixture.context(), &request, &alice, &flow, Decision::Deny);
        let refused = block_on(decided).unwrap_err();
        assert_eq!(redirected(refused).response.error(), Some("access_denied"));
    }
}
