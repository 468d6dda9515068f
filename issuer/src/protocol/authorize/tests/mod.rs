//! The rules of the authorization endpoint: a request that succeeds, one mutation, the reason
//! expected.

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::*;
use crate::store::{Login, SessionId, StoredSession};

mod answers;
mod consents;
mod implicit;
mod logins;
mod pushed_requests;
mod redirects;
mod requests;
mod strangers;

const ALICE: &str = "user-4cmzq8xg2v";
const BOB: &str = "user-9k2w7hn5tr";
const WEB_CALLBACK: &str = "http://localhost:3000/callback";
/// The challenge of RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The demo, and a client like `web` or `spa` for each special case.
fn fixture() -> Fixture {
    let mut fixture = Fixture::demo();
    let uris = |texts: &[&str], application| {
        let parse = |text: &&str| RedirectUri::parse(text, application).unwrap();
        texts.iter().map(parse).collect::<Vec<_>>()
    };
    let mut add = |like: &str, id: &str, texts: &[&str]| {
        let mut client = fixture.server.client(like).unwrap().clone();
        client.id = id.parse().unwrap();
        client.redirect_uris = uris(texts, client.application_type);
        fixture.server.clients.insert(client.id.clone(), client);
    };
    add("web", "site", &["https://c/cb", "https://c/cb2?t=1"]);
    add(
        "web",
        "loopback",
        &["http://127.0.0.1/callback", "http://[::1]/callback"],
    );
    add(
        "spa",
        "app",
        &["com.example.app:/cb", "https://app.example/cb"],
    );
    add("spa", "single", &["http://127.0.0.1/callback"]);
    add(
        "spa",
        "addresses",
        &["http://127.0.0.1/callback", "http://[::1]:1/callback?x=1"],
    );
    add("web", "pushing", &[WEB_CALLBACK]);
    let pushing = fixture.server.clients.get_mut(&"pushing".parse().unwrap());
    pushing.unwrap().require_pushed_authorization_requests = true;
    fixture
}

/// A request of `web` for a code, with some parameters changed, or left out where they are empty.
fn query(changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", WEB_CALLBACK),
        ("scope", "api:read"),
        ("state", "a state"),
    ];
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

/// A request of `spa` for a code.
fn spa(changes: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("client_id", "spa"),
        ("redirect_uri", "http://127.0.0.1:4321/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    all.extend(changes);
    query(&all)
}

fn read_query<'a>(
    fixture: &'a Fixture,
    query: &str,
) -> Result<AuthorizationRequest<'a>, AuthorizeError> {
    let form = Form::parse_authorization(query.as_bytes()).unwrap();
    block_on(read(fixture.context(), &form))
}

/// The page error of a request that redirects nowhere.
#[track_caller]
fn page(error: AuthorizeError) -> PageError {
    match error {
        AuthorizeError::Page(error) => error,
        other => panic!("no page: {other:?}"),
    }
}

/// The error that goes to the client.
#[track_caller]
fn redirected(error: AuthorizeError) -> Refused {
    match error {
        AuthorizeError::Redirect(refused) => *refused,
        other => panic!("no redirect: {other:?}"),
    }
}

fn parameter<'r>(response: &'r AuthorizationResponse, name: &str) -> Option<&'r str> {
    let mut parameters = response.parameters.iter();
    let found = parameters.find(|(own, _)| *own == name);
    found.map(|(_, value)| value.as_str())
}

fn session(subject: &str, number: u8, at: u64) -> StoredSession {
    StoredSession {
        expires_at: NOW + 10_000,
        ends_at: NOW + 10_000,
        id: SessionId::from_bytes([number; 16]),
        lineage: SessionId::from_bytes([number; 16]),
        subject: subject.to_owned(),
        login: Login {
            at,
            methods: vec!["pwd".to_owned()],
        },
    }
}

/// A flow that begins now, in a browser with that session.
fn flow(session: Option<&StoredSession>) -> Flow {
    Flow {
        started_at: NOW,
        session: session.map(|session| session.id),
    }
}

/// What comes next for a browser that begins with this request and this session.
fn begin<'a>(
    fixture: &'a Fixture,
    query: &str,
    session: Option<&StoredSession>,
) -> Result<Outcome<'a>, AuthorizeError> {
    let request = read_query(fixture, query)?;
    step(fixture, &request, session, &flow(session))
}

fn step<'a>(
    fixture: &'a Fixture,
    request: &AuthorizationRequest<'_>,
    session: Option<&StoredSession>,
    flow: &Flow,
) -> Result<Outcome<'a>, AuthorizeError> {
    // A request read again is the same request.
    let request = resume(fixture.context(), request.kept())?;
    let step = block_on(next(fixture.context(), &request, session, flow))?;
    Ok(match step {
        Step::Login(prompt) => Outcome::Login(prompt.reason),
        Step::Consent(prompt) => Outcome::Consent(prompt.scopes),
        Step::Respond(response) => Outcome::Respond(response),
    })
}

/// A step, without what it borrows.
#[derive(Debug, PartialEq)]
enum Outcome<'a> {
    Login(LoginReason),
    Consent(Vec<OfferedScope<'a>>),
    Respond(AuthorizationResponse),
}

/// Agrees to some scopes.
fn allow(
    fixture: &Fixture,
    query: &str,
    session: &StoredSession,
    scope: &str,
) -> Result<AuthorizationResponse, AuthorizeError> {
    let request = read_query(fixture, query)?;
    let decision = Decision::Allow(scope.parse().unwrap());
    let flow = flow(Some(session));
    block_on(decide(
        fixture.context(),
        &request,
        session,
        &flow,
        decision,
    ))
}
