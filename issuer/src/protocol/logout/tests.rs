use super::*;
use crate::protocol::fixture::tokens::{ALICE, issued, issued_in};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::presented_token::live_token;
use crate::protocol::{ApplicationType, RedirectUri};
use crate::store::{Login, SessionId};

const GOODBYE: &str = "https://app.example/goodbye?from=web";

/// The demo, where `web` and `spa` have registered where to go afterwards.
fn fixture() -> Fixture {
    let mut fixture = Fixture::demo();
    for (client, uri) in [("web", GOODBYE), ("spa", "http://127.0.0.1/bye")] {
        let client = fixture.server.clients.get_mut(&client.parse().unwrap());
        let client = client.unwrap();
        let uri = RedirectUri::parse(uri, client.application_type).unwrap();
        client.post_logout_redirect_uris = vec![uri];
    }
    fixture
}

fn session(subject: &str) -> StoredSession {
    StoredSession {
        expires_at: NOW + 100,
        ends_at: NOW + 100,
        id: SessionId::from_bytes([1; 16]),
        lineage: SessionId::from_bytes([1; 16]),
        subject: subject.to_owned(),
        login: Login {
            at: NOW - 5,
            methods: vec![],
        },
    }
}

/// What a request means: whose client, whether alice is asked, where it goes.
type Meaning = (Option<&'static str>, bool, Option<&'static str>);

fn check(fixture: &Fixture, query: &str, expected: Result<Meaning, LogoutError>) {
    let form = Form::parse(query.as_bytes()).unwrap();
    let request = read(fixture.at(NOW + 10_000), &form);
    let alice = session(ALICE);
    let meaning = request.as_ref().map(|request| {
        let client = request.client().map(|client| client.id.as_str());
        (
            client,
            request.needs_confirmation(Some(&alice)),
            request.redirect(),
        )
    });
    assert_eq!(meaning.map_err(|error| *error), expected, "{query:.80}");
}

#[test]
fn a_request_means_no_more_than_it_can_show() {
    let fixture = fixture();
    let hint = issued(fixture.context(), "web", "openid").id_token;
    let goodbye = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fgoodbye%3Ffrom%3Dweb";
    check(&fixture, "", Ok((None, true, None)));
    check(
        &fixture,
        "state=x&logout_hint=alice&ui_locales=fr",
        Ok((None, true, None)),
    );
    check(&fixture, "client_id=web", Ok((Some("web"), true, None)));
    // The hint has ended long ago.
    let hint = format!("id_token_hint={hint}");
    check(&fixture, &hint, Ok((Some("web"), false, None)));
    check(
        &fixture,
        &format!("{hint}&client_id=web"),
        Ok((Some("web"), false, None)),
    );
    check(
        &fixture,
        &format!("{hint}&{goodbye}"),
        Ok((Some("web"), false, Some(GOODBYE))),
    );
    check(
        &fixture,
        &format!("client_id=web&{goodbye}&state=a%26b%20%C3%A9%23"),
        Ok((
            Some("web"),
            true,
            Some("https://app.example/goodbye?from=web&state=a%26b+%C3%A9%23"),
        )),
    );
    check(
        &fixture,
        "client_id=spa&post_logout_redirect_uri=http://127.0.0.1:51234/bye&state=s",
        Ok((
            Some("spa"),
            true,
            Some("http://127.0.0.1:51234/bye?state=s"),
        )),
    );
}

#[test]
fn a_request_that_cannot_be_trusted_is_refused() {
    use LogoutError::*;
    let fixture = fixture();
    let tokens = issued(fixture.context(), "web", "openid");
    let hint = format!("id_token_hint={}", tokens.id_token);
    let mut other = Fixture::demo();
    other.server.issuer = "http://localhost:8081".parse().unwrap();
    let foreign = issued(other.context(), "web", "openid").id_token;
    for (query, error) in [
        ("client_id=nobody".to_owned(), UnknownClient),
        ("id_token_hint=x".to_owned(), InvalidHint),
        (
            format!("id_token_hint={}", tokens.access_token),
            InvalidHint,
        ),
        (format!("id_token_hint={foreign}"), InvalidHint),
        (format!("{hint}x"), InvalidHint),
        (format!("{hint}&client_id=spa"), HintOfOtherClient),
        (
            "post_logout_redirect_uri=https://app.example/goodbye?from=web".to_owned(),
            RedirectWithoutClient,
        ),
    ] {
        check(&fixture, &query, Err(error));
    }
    let goodbye = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fgoodbye%3Ffrom%3Dweb";
    let long = format!("{hint}&{goodbye}&state={}", "x".repeat(8 * 1024 + 1));
    check(&fixture, &long, Err(StateTooLong));
    for uri in [
        "https://evil.example/",
        "https://app.example/goodbye",
        "https://app.example/goodbye?from=web%26x",
        "https://app.example:443/goodbye?from=web",
        "https://app.example/goodbye?from=web%23",
        // Registered for redirects, which is another list.
        "http://localhost:3000/callback",
    ] {
        let query = format!("{hint}&post_logout_redirect_uri={uri}");
        check(&fixture, &query, Err(UnregisteredRedirect));
    }
}

#[test]
fn a_hint_spares_its_own_user_the_question_and_nobody_else() {
    let fixture = fixture();
    let tokens = issued(fixture.context(), "web", "openid");
    let query = format!("id_token_hint={}", tokens.id_token);
    let form = Form::parse(query.as_bytes()).unwrap();
    let request = read(fixture.context(), &form).unwrap();
    assert!(!request.needs_confirmation(Some(&session(ALICE))));
    assert!(request.needs_confirmation(Some(&session("user-9k2w7hn5tr"))));
    assert!(!request.needs_confirmation(None));
}

#[test]
fn a_hint_for_a_client_that_is_gone_is_refused() {
    let mut fixture = fixture();
    let tokens = issued(fixture.context(), "web", "openid");
    fixture.server.clients.remove(&"web".parse().unwrap());
    let query = format!("id_token_hint={}", tokens.id_token);
    check(&fixture, &query, Err(LogoutError::UnknownClient));
}

#[test]
fn a_logout_takes_what_was_granted_in_its_session_but_for_offline_access() {
    let fixture = fixture();
    let context = fixture.context();
    let cookie = SecretDigest::of(b"cookie");
    let alice = session(ALICE);
    block_on(
        fixture
            .store
            .put_session(cookie, &alice, &Default::default()),
    )
    .unwrap();
    let ours = Some(alice.id);
    let others = Some(SessionId::from_bytes([2; 16]));
    let online = issued_in(context, ours, "web", "openid api:read");
    let offline = issued_in(context, ours, "web", "api:read offline_access");
    let elsewhere = issued_in(context, others, "spa", "api:read");
    let without = issued_in(context, None, "spa", "api:read");
    block_on(end(context, &alice, cookie)).unwrap();
    assert_eq!(block_on(fixture.store.session(cookie, NOW)).unwrap(), None);
    for (tokens, lives) in [
        (online, false),
        (offline, true),
        (elsewhere, true),
        (without, true),
    ] {
        let live = block_on(live_token(context, &tokens.access_token)).unwrap();
        assert_eq!(live.is_some(), lives);
        let grant = block_on(fixture.store.grant(tokens.grant, NOW)).unwrap();
        assert_eq!(grant.is_some(), lives);
    }
}

#[test]
fn a_private_scheme_can_be_gone_to() {
    let mut fixture = fixture();
    let spa = fixture.server.clients.get_mut(&"spa".parse().unwrap());
    let uri = RedirectUri::parse("com.example.app:/bye", ApplicationType::Native).unwrap();
    spa.unwrap().post_logout_redirect_uris.push(uri);
    check(
        &fixture,
        "client_id=spa&post_logout_redirect_uri=com.example.app:/bye&state=s",
        Ok((Some("spa"), true, Some("com.example.app:/bye?state=s"))),
    );
}
