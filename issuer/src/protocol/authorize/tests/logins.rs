//! When the user has to log in (W37).

use super::*;

const OLD: u64 = NOW - 100;

/// The reason for a login page; `None` where none is needed.
#[track_caller]
fn login(
    fixture: &Fixture,
    changes: &[(&str, &str)],
    session: Option<&StoredSession>,
) -> Option<LoginReason> {
    match begin(fixture, &query(changes), session).unwrap() {
        Outcome::Login(reason) => Some(reason),
        _ => None,
    }
}

#[test]
fn a_login_is_asked_for_where_the_session_is_not_enough() {
    let fixture = fixture();
    let mut ended = session(ALICE, 1, OLD);
    ended.expires_at = NOW;
    let alice = session(ALICE, 1, OLD);
    let gone = session("user-gone", 1, OLD);
    use LoginReason::*;
    for (changes, session, expected) in [
        (&[][..], None, Some(NoSession)),
        (&[], Some(&ended), Some(NoSession)),
        (&[], Some(&gone), Some(NoSession)),
        (&[], Some(&alice), None),
        (&[("prompt", "login")], Some(&alice), Some(AskedFor)),
        (
            &[("prompt", "select_account")],
            Some(&alice),
            Some(SelectAccount),
        ),
        (&[("prompt", "consent")], Some(&alice), None),
        (&[("max_age", "0")], Some(&alice), Some(TooOld)),
        (&[("max_age", "99")], Some(&alice), Some(TooOld)),
        (&[("max_age", "100")], Some(&alice), None),
        (&[("max_age", "18446744073709551615")], Some(&alice), None),
    ] {
        assert_eq!(login(&fixture, changes, session), expected, "{changes:?}");
    }
    // Somebody logged in within this very second, before the request came.
    let now = session(ALICE, 1, NOW);
    assert_eq!(
        login(&fixture, &[("prompt", "login")], Some(&now)),
        Some(AskedFor)
    );
    assert_eq!(
        login(&fixture, &[("max_age", "0")], Some(&now)),
        Some(TooOld)
    );
}

#[test]
fn a_login_within_the_flow_is_what_was_asked_for() {
    let fixture = fixture();
    let before = session(ALICE, 1, OLD);
    for changes in [
        [("prompt", "login")],
        [("prompt", "select_account")],
        [("max_age", "0")],
    ] {
        let request = read_query(&fixture, &query(&changes)).unwrap();
        let flow = flow(Some(&before));
        // In the same second, and by another account: which one was left open.
        for after in [session(ALICE, 2, NOW), session(BOB, 3, NOW + 1)] {
            let outcome = step(&fixture, &request, Some(&after), &flow).unwrap();
            assert!(matches!(outcome, Outcome::Consent(_)), "{changes:?}");
        }
        // A session of another kind of age proves nothing.
        let other = session(ALICE, 4, OLD);
        let outcome = step(&fixture, &request, Some(&other), &flow).unwrap();
        assert!(matches!(outcome, Outcome::Login(_)), "{changes:?}");
    }
}

#[test]
fn without_asking_there_is_an_error_where_a_login_would_be() {
    let fixture = fixture();
    let alice = session(ALICE, 1, OLD);
    for (changes, session) in [
        (&[("prompt", "none")][..], None),
        (&[("prompt", "none"), ("max_age", "10")], Some(&alice)),
        (&[("prompt", "none"), ("max_age", "0")], Some(&alice)),
    ] {
        let error = begin(&fixture, &query(changes), session).unwrap_err();
        let refused = redirected(error);
        assert_eq!(refused.reason, AuthorizationError::LoginRequired.into());
        assert_eq!(refused.response.error(), Some("login_required"));
        assert_eq!(parameter(&refused.response, "state"), Some("a state"));
    }
}

#[test]
fn the_user_of_a_hint_has_to_be_the_one_who_is_logged_in() {
    let fixture = fixture();
    let context = fixture.context();
    let login = session(ALICE, 1, 1).login;
    let web = fixture.server.client("web").unwrap();
    let claims = id_token::id_token_claims(context, web, ALICE, &login, None);
    let algorithm = dockgate_token::Algorithm::RS256;
    let hint = context
        .keys
        .sign(crate::keys::TokenKind::IdToken, algorithm, &claims);
    let hint = hint.unwrap();
    let query = query(&[("id_token_hint", &hint)]);
    let (alice, bob) = (session(ALICE, 1, OLD), session(BOB, 2, OLD));
    let outcome = begin(&fixture, &query, Some(&alice)).unwrap();
    assert!(matches!(outcome, Outcome::Consent(_)));
    let outcome = begin(&fixture, &query, Some(&bob)).unwrap();
    assert_eq!(outcome, Outcome::Login(LoginReason::OtherUser));
    let silent = format!("{query}&prompt=none");
    let refused = redirected(begin(&fixture, &silent, Some(&bob)).unwrap_err());
    assert_eq!(refused.response.error(), Some("login_required"));
    // Who logs in as another all the same is not asked for ever.
    let request = read_query(&fixture, &query).unwrap();
    let flow = flow(Some(&bob));
    let bob_again = session(BOB, 3, NOW);
    let error = step(&fixture, &request, Some(&bob_again), &flow).unwrap_err();
    assert_eq!(
        redirected(error).reason,
        AuthorizationError::OtherUser.into()
    );
    let alice = session(ALICE, 4, NOW);
    assert!(step(&fixture, &request, Some(&alice), &flow).is_ok());
}

#[test]
fn a_decision_does_not_get_around_the_login() {
    let fixture = fixture();
    let alice = session(ALICE, 1, OLD);
    for changes in [[("prompt", "login")], [("max_age", "10")]] {
        let error = allow(&fixture, &query(&changes), &alice, "api:read").unwrap_err();
        let refused = redirected(error);
        assert_eq!(refused.reason, AuthorizationError::LoginRequired.into());
    }
    assert!(allow(&fixture, &query(&[]), &alice, "api:read").is_ok());
}
