//! What gets back to the client (AS-007, AS-024, AS-026, AS-027, AS-037).

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::store::{CodeStore as _, SecretDigest, StoredCode};

/// What the store knows of a code.
pub(super) fn record(fixture: &Fixture, code: &str) -> StoredCode {
    let digest = SecretDigest::of(code.as_bytes());
    let record = block_on(fixture.store.code(digest, NOW)).unwrap();
    record.unwrap()
}

fn response(uri: &str, mode: ResponseMode) -> AuthorizationResponse {
    AuthorizationResponse {
        redirect_uri: uri.to_owned(),
        mode,
        parameters: vec![
            ("code", "x".to_owned()),
            ("state", "a b+c&=#\u{e9}\0\r\n".to_owned()),
        ],
    }
}

#[test]
fn parameters_are_added_to_what_the_redirect_uri_has() {
    let pairs = "code=x&state=a%20b%2Bc%26%3D%23%C3%A9%00%0D%0A";
    for (uri, mode, location) in [
        ("https://c/cb", ResponseMode::Query, "https://c/cb?"),
        ("https://c/cb?", ResponseMode::Query, "https://c/cb?"),
        ("https://c/cb?t=1", ResponseMode::Query, "https://c/cb?t=1&"),
        ("https://c/cb", ResponseMode::Fragment, "https://c/cb#"),
        (
            "https://c/cb?t=1",
            ResponseMode::Fragment,
            "https://c/cb?t=1#",
        ),
        ("a.b:/cb", ResponseMode::Query, "a.b:/cb?"),
    ] {
        let expected = format!("{location}{pairs}");
        assert_eq!(response(uri, mode).location(), expected);
    }
    let posted = response("https://c/cb?t=1", ResponseMode::FormPost);
    assert_eq!(posted.location(), "https://c/cb?t=1", "nothing in the URL");
}

#[test]
fn a_state_comes_back_as_it_was_sent() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    let long = "x".repeat(2048);
    for state in ["x", &long, "a&b=c", "\0", "\u{1f600} \"<>", "%41+%20", " "] {
        for changes in [
            [("state", state)].as_slice(),
            &[("state", state), ("scope", "\"")],
        ] {
            let answer = match allow(&fixture, &query(changes), &alice, "api:read") {
                Ok(response) => response,
                Err(error) => redirected(error).response,
            };
            let location = answer.location();
            let url = url::Url::parse(&location).unwrap();
            let mut pairs = url.query_pairs();
            let (_, echoed) = pairs.find(|(name, _)| name == "state").unwrap();
            assert_eq!(echoed, state);
            assert_eq!(parameter(&answer, "iss"), Some("http://localhost:8080"));
            assert!(
                location.bytes().all(|byte| byte.is_ascii_graphic()),
                "{location}"
            );
        }
    }
    let without = allow(&fixture, &query(&[("state", "")]), &alice, "api:read").unwrap();
    assert_eq!(parameter(&without, "state"), None);
}

#[test]
fn a_code_is_random_and_the_record_says_what_it_stands_for() {
    let fixture = fixture();
    let alice = session(ALICE, 7, NOW - 10);
    let query = spa(&[
        ("scope", "openid api:read"),
        ("nonce", "n"),
        ("resource", "http://localhost:8080/mcp"),
    ]);
    let response = allow(&fixture, &query, &alice, "api:read").unwrap();
    assert_eq!(response.redirect_uri, "http://127.0.0.1:4321/callback");
    let code = parameter(&response, "code").unwrap();
    assert_eq!(code.len(), 43, "256 bits");
    assert!(!format!("{response:?}").contains(code), "does not print");
    let record = record(&fixture, code);
    let lifetimes = fixture.server.lifetimes;
    assert_eq!(record.valid_until, NOW + lifetimes.code);
    assert_eq!(
        record.expires_at,
        NOW + lifetimes.code + lifetimes.access_token
    );
    assert_eq!(record.client_id.as_str(), "spa");
    assert_eq!(record.redirect_uri, "http://127.0.0.1:4321/callback");
    assert!(record.redirect_uri_was_sent && !record.redeemed);
    assert_eq!(record.code_challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(
        (record.subject.as_str(), record.nonce.as_deref()),
        (ALICE, Some("n"))
    );
    assert_eq!(record.audience, "api-gateway");
    assert_eq!(record.resources, ["http://localhost:8080/mcp"]);
    assert_eq!(
        (record.login, record.session),
        (alice.login.clone(), alice.id)
    );
    let more = (0..50).map(|_| {
        let response = allow(&fixture, &query, &alice, "api:read").unwrap();
        parameter(&response, "code").unwrap().to_owned()
    });
    assert_eq!(more.collect::<HashSet<_>>().len(), 50);
}

#[test]
fn no_code_comes_twice_and_no_bit_of_it_is_likelier_than_another() {
    const CODES: usize = 100_000;
    let fixture = fixture();
    let mut seen = HashSet::new();
    let mut ones = [0_usize; 256];
    for _ in 0..CODES {
        let code = issue::secret(fixture.context()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&code).unwrap();
        assert_eq!(bytes.len(), 32);
        for (bit, ones) in ones.iter_mut().enumerate() {
            *ones += usize::from(bytes[bit / 8] >> (bit % 8) & 1);
        }
        assert!(seen.insert(code));
    }
    // A fair bit is as far from half as seven standard deviations (of 158) once in 10^11 tests.
    let far = |ones: &&usize| ones.abs_diff(CODES / 2) > 7 * 158;
    assert_eq!(ones.iter().find(far), None);
}

#[test]
fn without_randomness_there_is_no_code_and_the_client_is_told() {
    let fixture = fixture();
    let alice = session(ALICE, 1, NOW - 10);
    let request = read_query(&fixture, &query(&[])).unwrap();
    let mut context = fixture.context();
    context.entropy = |_| Err(crate::entropy::EntropyFailure);
    let decision = Decision::Allow("api:read".parse().unwrap());
    let flow = flow(Some(&alice));
    let error = block_on(decide(context, &request, &alice, &flow, decision)).unwrap_err();
    assert_eq!(
        redirected(error).response.error(),
        Some("temporarily_unavailable")
    );
}

#[test]
fn what_a_page_kept_is_no_good_once_its_client_is_gone() {
    let mut fixture = fixture();
    let kept = read_query(&fixture, &query(&[])).unwrap().kept().to_owned();
    assert!(resume(fixture.context(), &kept).is_ok());
    let web = "web".parse().unwrap();
    fixture
        .server
        .clients
        .get_mut(&web)
        .unwrap()
        .redirect_uris
        .clear();
    let error = resume(fixture.context(), &kept).unwrap_err();
    assert_eq!(page(error), PageError::UnregisteredRedirectUri);
    fixture.server.clients.remove(&web);
    let error = resume(fixture.context(), &kept).unwrap_err();
    assert_eq!(page(error), PageError::UnknownClient);
}
