//! What the user is asked, and what is remembered of it (W35, W36).

use super::*;

fn alice() -> StoredSession {
    session(ALICE, 1, NOW - 10)
}

/// The scopes on the consent page; those agreed to before have a star. `None` for no page.
#[track_caller]
fn asked(fixture: &Fixture, query: &str) -> Option<Vec<String>> {
    match begin(fixture, query, Some(&alice())).unwrap() {
        Outcome::Consent(scopes) => {
            let star = |scope: &OfferedScope| if scope.granted_before { "*" } else { "" };
            let scopes = scopes.iter();
            Some(
                scopes
                    .map(|scope| format!("{}{}", scope.name, star(scope)))
                    .collect(),
            )
        }
        Outcome::Respond(response) => {
            assert!(parameter(&response, "code").is_some());
            None
        }
        Outcome::Login(reason) => panic!("{reason:?}"),
    }
}

#[test]
fn the_page_says_who_asks_for_what_and_where_it_goes() {
    let fixture = fixture();
    let alice = alice();
    for (query, host) in [
        (query(&[("scope", "openid api:read")]), "localhost:3000"),
        (spa(&[("scope", "openid api:read")]), "127.0.0.1:4321"),
        (
            spa(&[
                ("client_id", "app"),
                ("redirect_uri", "com.example.app:/cb"),
                ("scope", "openid api:read"),
            ]),
            "com.example.app:",
        ),
    ] {
        let request = read_query(&fixture, &query).unwrap();
        let flow = flow(Some(&alice));
        let step = block_on(next(fixture.context(), &request, Some(&alice), &flow)).unwrap();
        let Step::Consent(prompt) = step else {
            panic!("{step:?}")
        };
        assert_eq!(prompt.account.username, "alice");
        assert_eq!(prompt.client.id, request.client.id);
        assert_eq!(prompt.redirect_host, host);
        let [openid, read] = prompt.scopes.as_slice() else {
            panic!("{:?}", prompt.scopes)
        };
        assert!(openid.required && openid.description.is_none());
        assert_eq!(
            read.description.map(|scope| scope.description.as_str()),
            Some("Read your data")
        );
        assert!(!read.required && !read.granted_before);
    }
}

#[test]
fn what_was_agreed_to_is_not_asked_for_again_and_what_was_not_is() {
    let fixture = fixture();
    let read = query(&[]);
    let more = query(&[("scope", "api:read api:write")]);
    assert_eq!(asked(&fixture, &read), Some(vec!["api:read".into()]));
    allow(&fixture, &read, &alice(), "api:read").unwrap();
    assert_eq!(asked(&fixture, &read), None);
    let page = Some(vec!["api:read*".to_owned(), "api:write".to_owned()]);
    assert_eq!(asked(&fixture, &more), page);
    assert_eq!(asked(&fixture, &more), page, "to be asked changes nothing");
    allow(&fixture, &more, &alice(), "api:read api:write").unwrap();
    assert_eq!(asked(&fixture, &more), None);
    // Scopes agreed to one after the other add up.
    let admin = query(&[("scope", "api:admin")]);
    allow(&fixture, &admin, &alice(), "api:admin").unwrap();
    let all = query(&[("scope", "api:read api:write api:admin")]);
    assert_eq!(asked(&fixture, &all), None);
    // What is unticked is taken back.
    let again = query(&[("scope", "api:read api:write"), ("prompt", "consent")]);
    assert_eq!(
        asked(&fixture, &again),
        Some(vec!["api:read*".into(), "api:write*".into()])
    );
    allow(&fixture, &again, &alice(), "api:read").unwrap();
    assert_eq!(
        asked(&fixture, &all).unwrap(),
        ["api:read*", "api:write", "api:admin*"]
    );
}

#[test]
fn a_consent_is_one_users_for_one_client_at_one_redirect_uri_for_a_time() {
    let mut fixture = fixture();
    let site = |uri: &str| query(&[("client_id", "site"), ("redirect_uri", uri)]);
    allow(&fixture, &site("https://c/cb"), &alice(), "api:read").unwrap();
    assert_eq!(asked(&fixture, &site("https://c/cb")), None);
    assert_eq!(
        asked(&fixture, &site("https://c/cb2?t=1")).unwrap(),
        ["api:read"]
    );
    assert_eq!(asked(&fixture, &query(&[])).unwrap(), ["api:read"]);
    let bob = session(BOB, 2, NOW - 10);
    let outcome = begin(&fixture, &site("https://c/cb"), Some(&bob)).unwrap();
    assert!(matches!(outcome, Outcome::Consent(_)));
    let later = NOW + fixture.server.lifetimes.consent;
    let mut alice = alice();
    alice.expires_at = later + 1;
    let request = read_query(&fixture, &site("https://c/cb")).unwrap();
    let flow = flow(Some(&alice));
    let step = block_on(next(fixture.at(later), &request, Some(&alice), &flow)).unwrap();
    assert!(matches!(step, Step::Consent(_)));
    drop(step);
    fixture.server.lifetimes.consent = 0;
    allow(&fixture, &query(&[]), &alice, "api:read").unwrap();
    assert!(asked(&fixture, &query(&[])).is_some(), "never remembered");
}

#[test]
fn an_application_that_any_program_could_be_is_asked_about_each_time() {
    let fixture = fixture();
    let own_scheme = [
        ("client_id", "app"),
        ("redirect_uri", "com.example.app:/cb"),
    ];
    let claimed = [
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
    ];
    for (query, remembered) in [
        (spa(&[]), false),
        (spa(&own_scheme), false),
        (spa(&claimed), true),
    ] {
        allow(&fixture, &query, &alice(), "api:read").unwrap();
        assert_eq!(asked(&fixture, &query).is_none(), remembered, "{query}");
        let silent = begin(&fixture, &format!("{query}&prompt=none"), Some(&alice()));
        match silent {
            Ok(outcome) => assert!(remembered && matches!(outcome, Outcome::Respond(_))),
            Err(error) => {
                assert!(!remembered);
                assert_eq!(redirected(error).response.error(), Some("consent_required"));
            }
        }
    }
}

#[test]
fn the_user_can_say_no_or_grant_less() {
    let fixture = fixture();
    let alice = alice();
    let wide = query(&[("scope", "openid api:read api:write")]);
    let request = read_query(&fixture, &wide).unwrap();
    let flow = flow(Some(&alice));
    let denied = block_on(decide(
        fixture.context(),
        &request,
        &alice,
        &flow,
        Decision::Deny,
    ));
    let denied = redirected(denied.unwrap_err());
    assert_eq!(denied.response.error(), Some("access_denied"));
    assert_eq!(parameter(&denied.response, "state"), Some("a state"));
    assert!(asked(&fixture, &wide).is_some());
    // Nothing ticked is a no, unless there is something that needs no tick.
    let nothing = allow(&fixture, &query(&[]), &alice, "").unwrap_err();
    assert_eq!(
        redirected(nothing).reason,
        AuthorizationError::Denied.into()
    );
    for (ticked, granted) in [
        ("", "openid"),
        ("api:write", "openid api:write"),
        ("api:admin profile nonsense", "openid"),
        ("api:read api:write api:admin", "openid api:read api:write"),
    ] {
        let response = allow(&fixture, &wide, &alice, ticked).unwrap();
        let code = answers::record(&fixture, parameter(&response, "code").unwrap());
        assert_eq!(code.scope, granted.parse().unwrap(), "{ticked}");
    }
}

#[test]
fn a_user_is_offered_no_scope_that_the_user_may_not_grant() {
    let fixture = fixture();
    let bob = session(BOB, 2, NOW - 10);
    let wide = query(&[("scope", "api:read api:write")]);
    let Outcome::Consent(scopes) = begin(&fixture, &wide, Some(&bob)).unwrap() else {
        panic!("no page")
    };
    assert_eq!(
        scopes.iter().map(|scope| &scope.name).collect::<Vec<_>>(),
        ["api:read"]
    );
    let response = allow(&fixture, &wide, &bob, "api:read api:write").unwrap();
    let code = answers::record(&fixture, parameter(&response, "code").unwrap());
    assert_eq!(code.scope.to_string(), "api:read");
    let beyond = query(&[("scope", "api:admin")]);
    for beyond in [beyond.clone(), format!("{beyond}&prompt=none")] {
        let error = begin(&fixture, &beyond, Some(&bob)).unwrap_err();
        assert_eq!(redirected(error).response.error(), Some("access_denied"));
    }
}

#[test]
fn without_asking_there_is_an_error_where_a_consent_would_be() {
    let fixture = fixture();
    let silent = query(&[("prompt", "none")]);
    let error = begin(&fixture, &silent, Some(&alice())).unwrap_err();
    assert_eq!(redirected(error).response.error(), Some("consent_required"));
    allow(&fixture, &query(&[]), &alice(), "api:read").unwrap();
    assert_eq!(asked(&fixture, &silent), None);
}
