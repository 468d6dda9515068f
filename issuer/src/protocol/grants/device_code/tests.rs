//! From the user code to the tokens: approval, polling, and who gets what when.

use std::thread;

use super::*;
use crate::protocol::device_authorization::respond as begin;
use crate::protocol::device_flow::{
    DeviceOutcome, DeviceState, approve, deny, find, normalise_user_code,
};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::signer::token;
use crate::protocol::{ClientRequest, User};
use crate::store::StoredSession;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A device that has begun.
struct Begun {
    fixture: Fixture,
    device_code: String,
    user_code: String,
}

impl Begun {
    fn with(fixture: Fixture, body: &str) -> Self {
        let request = ClientRequest {
            content_type: Some(b"application/x-www-form-urlencoded"),
            body: body.as_bytes(),
            ..ClientRequest::default()
        };
        let answer = block_on(begin(fixture.context(), &request)).unwrap().1;
        let answer = serde_json::to_value(answer).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self {
            device_code: text("device_code"),
            user_code: normalise_user_code(&text("user_code")).unwrap(),
            fixture,
        }
    }

    fn new() -> Self {
        Self::with(Fixture::demo(), "client_id=tv&scope=api:read+api:write")
    }

    fn poll_as(&self, client: &str, now: u64) -> Result<Issuance, OAuthError> {
        let form = [
            ("grant_type", GRANT),
            ("client_id", client),
            ("device_code", &self.device_code),
        ];
        token(self.fixture.at(now), None, &form)
    }

    fn poll(&self, now: u64) -> Result<Issuance, OAuthError> {
        self.poll_as("tv", now)
    }

    fn user(&self, name: &str) -> &User {
        self.fixture.server.users.by_name(name).unwrap()
    }

    fn approve(&self, name: &str, scope: &str, now: u64) -> DeviceOutcome {
        let context = self.fixture.at(now);
        let pending = block_on(find(context, &self.user_code)).unwrap().unwrap();
        let session = session(self.user(name));
        block_on(approve(context, &pending, &session, scope.parse().unwrap())).unwrap()
    }

    fn deny(&self, now: u64) -> DeviceOutcome {
        let context = self.fixture.at(now);
        let pending = block_on(find(context, &self.user_code)).unwrap().unwrap();
        let session = session(self.user("alice"));
        block_on(deny(context, &pending, &session)).unwrap()
    }
}

fn session(user: &User) -> StoredSession {
    StoredSession {
        expires_at: NOW + 3600,
        ends_at: NOW + 3600,
        id: SessionId::from_bytes([8; 16]),
        lineage: SessionId::from_bytes([7; 16]),
        subject: user.subject.clone(),
        login: Login {
            at: NOW - 100,
            methods: vec!["pwd".to_owned()],
        },
    }
}

fn reason(answer: Result<Issuance, OAuthError>) -> Option<OAuthError> {
    answer.err()
}

const PENDING: OAuthError = OAuthError::Device(DeviceError::Pending);
const SLOW_DOWN: OAuthError = OAuthError::Device(DeviceError::SlowDown);

#[test]
fn a_user_says_yes_and_the_device_gets_tokens_once() {
    let begun = Begun::new();
    assert_eq!(reason(begun.poll(NOW)), Some(PENDING));
    let approved = begun.approve("alice", "api:read api:write", NOW + 3);
    assert_eq!(approved, DeviceOutcome::Approved);
    // Faster than the interval, but there is nothing left to wait for.
    let issuance = begun.poll(NOW + 4).unwrap();
    let claims = &issuance.claims;
    assert_eq!(claims.sub, begun.user("alice").subject);
    assert_eq!(claims.client_id.as_str(), "tv");
    assert_eq!(claims.scope.to_string(), "api:read api:write");
    assert_eq!(claims.auth_time, Some(NOW - 100));
    assert_eq!(claims.amr, ["pwd"]);
    assert!(issuance.refresh_token.is_some() && issuance.id_token.is_none());
    let subject = &begun.user("alice").subject;
    let grants = block_on(begun.fixture.store.grants_of(subject, NOW)).unwrap();
    let [(_, grant)] = grants.as_slice() else {
        panic!("{grants:?}")
    };
    assert_eq!(grant.session, Some(SessionId::from_bytes([7; 16])));
    assert_eq!(
        reason(begun.poll(NOW + 5)),
        Some(InvalidGrant::DeviceCodeRedeemed.into())
    );
}

#[test]
fn a_user_says_no_and_that_stands() {
    let begun = Begun::new();
    assert_eq!(begun.deny(NOW), DeviceOutcome::Denied);
    let late = begun.approve("alice", "api:read", NOW);
    assert_eq!(late, DeviceOutcome::AlreadyDecided);
    for now in [NOW, NOW + 1, NOW + 700] {
        assert_eq!(reason(begun.poll(now)), Some(DeviceError::Denied.into()));
    }
}

#[test]
fn a_device_that_polls_too_fast_has_to_wait_longer_each_time() {
    let begun = Begun::new();
    // (when it polls, what it is told): the interval is 5, then 10, then 15 seconds.
    for (after, expected) in [
        (0, PENDING),
        (5, PENDING),
        // Within the rounding of seconds.
        (9, PENDING),
        (12, SLOW_DOWN),
        (20, SLOW_DOWN),
        (35, PENDING),
        (50, PENDING),
        (50, SLOW_DOWN),
    ] {
        assert_eq!(reason(begun.poll(NOW + after)), Some(expected), "{after}");
    }
    for error in [PENDING, SLOW_DOWN] {
        assert_eq!(error.wire().status, 400);
    }
    assert_eq!(PENDING.wire().error, "authorization_pending");
    assert_eq!(SLOW_DOWN.wire().error, "slow_down");
}

#[test]
fn the_interval_grows_no_longer_than_the_code_lives() {
    let begun = Begun::new();
    for _ in 0..130 {
        let _ = begun.poll(NOW + 1);
    }
    let code = SecretDigest::of(begun.device_code.as_bytes());
    let device = block_on(begun.fixture.store.device(code, NOW)).unwrap();
    assert_eq!(device.unwrap().interval, 600);
}

#[test]
fn codes_end_with_their_lifetime() {
    let begun = Begun::new();
    assert_eq!(reason(begun.poll(NOW + 599)), Some(PENDING));
    let expired = Some(DeviceError::Expired.into());
    assert_eq!(reason(begun.poll(NOW + 600)), expired);
    let late = begun.approve("alice", "api:read", NOW + 600);
    assert_eq!(late, DeviceOutcome::Expired);
    assert_eq!(begun.deny(NOW + 600), DeviceOutcome::Expired);
    let gone = Some(InvalidGrant::UnknownDeviceCode.into());
    assert_eq!(reason(begun.poll(NOW + 900)), gone, "no longer remembered");
    // Approved, but not fetched in time.
    let begun = Begun::new();
    begun.approve("alice", "api:read", NOW);
    assert_eq!(reason(begun.poll(NOW + 600)), expired);
}

#[test]
fn a_code_is_for_the_client_that_it_was_given_to() {
    let mut fixture = Fixture::demo();
    let mut other = fixture.server.client("tv").unwrap().clone();
    other.id = "other-tv".parse().unwrap();
    fixture.server.clients.insert(other.id.clone(), other);
    let begun = Begun::with(fixture, "client_id=tv&scope=api:read");
    begun.approve("alice", "api:read", NOW);
    let foreign = reason(begun.poll_as("other-tv", NOW));
    assert_eq!(foreign, Some(InvalidGrant::DeviceCodeOfOther.into()));
    assert_eq!(foreign.unwrap().wire().error, "invalid_grant");
    assert!(begun.poll(NOW).is_ok(), "nothing was used up");
}

#[test]
fn a_code_that_nobody_was_given_is_refused() {
    let begun = Begun::new();
    for (code, expected) in [
        ("", OAuthError::from(RequestError::Missing("device_code"))),
        ("x", InvalidGrant::UnknownDeviceCode.into()),
        (&begun.user_code, InvalidGrant::UnknownDeviceCode.into()),
    ] {
        let form = [
            ("grant_type", GRANT),
            ("client_id", "tv"),
            ("device_code", code),
        ];
        let refused = token(begun.fixture.context(), None, &form);
        assert_eq!(reason(refused), Some(expected), "{code}");
    }
}

#[test]
fn of_polls_at_once_exactly_one_gets_the_tokens() {
    let begun = Begun::new();
    begun.approve("alice", "api:read", NOW);
    let won = thread::scope(|scope| {
        let all: Vec<_> = (0..30)
            .map(|_| scope.spawn(|| begun.poll(NOW + 10)))
            .collect();
        let answers = all.into_iter().map(|thread| thread.join().unwrap());
        answers
            .filter(|answer| match answer {
                Ok(_) => true,
                Err(error) => {
                    assert_eq!(*error, InvalidGrant::DeviceCodeRedeemed.into());
                    false
                }
            })
            .count()
    });
    assert_eq!(won, 1);
    let subject = &begun.user("alice").subject;
    let grants = block_on(begun.fixture.store.grants_of(subject, NOW)).unwrap();
    assert_eq!(grants.len(), 1);
}

#[test]
fn a_decision_is_not_lost_among_polls_and_the_first_one_stands() {
    let begun = Begun::new();
    thread::scope(|scope| {
        let polls = scope.spawn(|| {
            for after in 0..50 {
                let _ = begun.poll(NOW + after);
            }
        });
        let yes = scope.spawn(|| begun.approve("alice", "api:read", NOW));
        let no = scope.spawn(|| begun.deny(NOW));
        let outcomes = (yes.join().unwrap(), no.join().unwrap());
        polls.join().unwrap();
        let expected = [
            (DeviceOutcome::Approved, DeviceOutcome::AlreadyDecided),
            (DeviceOutcome::AlreadyDecided, DeviceOutcome::Denied),
        ];
        assert!(expected.contains(&outcomes), "{outcomes:?}");
    });
}

#[test]
fn a_user_grants_no_more_than_was_asked_for_and_they_have() {
    for (user, chosen, granted) in [
        ("alice", "api:read", Some("api:read")),
        ("alice", "api:read api:admin openid", Some("api:read")),
        ("bob", "api:read api:write", Some("api:read")),
        ("bob", "api:write", None),
        ("alice", "", None),
        ("alice", "api:admin", None),
    ] {
        let begun = Begun::new();
        let outcome = begun.approve(user, chosen, NOW);
        let Some(granted) = granted else {
            assert_eq!(outcome, DeviceOutcome::NothingToGrant, "{user} {chosen}");
            assert_eq!(reason(begun.poll(NOW)), Some(PENDING), "nothing decided");
            continue;
        };
        assert_eq!(outcome, DeviceOutcome::Approved);
        let scope = begun.poll(NOW).unwrap().claims.scope;
        assert_eq!(scope.to_string(), granted, "{user} {chosen}");
    }
}

#[test]
fn a_user_who_is_gone_by_then_gives_the_device_nothing_and_uses_nothing_up() {
    let mut begun = Begun::new();
    begun.approve("alice", "api:read", NOW);
    let users = std::mem::take(&mut begun.fixture.server.users);
    let gone = Some(InvalidGrant::UserGone.into());
    assert_eq!(reason(begun.poll(NOW)), gone);
    begun.fixture.server.users = users;
    assert!(begun.poll(NOW).is_ok());
}

#[test]
fn the_page_is_told_what_a_user_code_stands_for() {
    let begun = Begun::with(
        Fixture::demo(),
        "client_id=tv&scope=api:write+api:read&resource=http://localhost:8080/mcp",
    );
    let at = |now| block_on(find(begun.fixture.at(now), &begun.user_code)).unwrap();
    let pending = at(NOW).unwrap();
    assert_eq!(pending.client.id.as_str(), "tv");
    assert_eq!(pending.state, DeviceState::Open);
    assert_eq!(pending.resources(), ["http://localhost:8080/mcp"]);
    let offered = |user: &str| -> Vec<_> {
        let offered = pending.offered_to(begun.user(user)).into_iter();
        let text = offered
            .map(|scope| format!("{}: {}", scope.name, scope.description.unwrap().description));
        text.collect()
    };
    let (write, read) = ("api:write: Change your data", "api:read: Read your data");
    assert_eq!(offered("alice"), [write, read]);
    assert_eq!(offered("bob"), [read]);
    assert_eq!(at(NOW + 600).unwrap().state, DeviceState::Expired);
    assert!(at(NOW + 900).is_none());
    begun.deny(NOW);
    assert_eq!(at(NOW).unwrap().state, DeviceState::Decided);
    let other = block_on(find(begun.fixture.context(), "BBBBBBBB")).unwrap();
    assert!(other.is_none());
}

#[test]
fn a_user_code_is_read_however_it_is_typed() {
    for typed in [
        "WDJB-MJHT",
        "wdjb-mjht",
        "WDJBMJHT",
        " wd jb\tmj.ht ",
        "WDJB\u{2013}MJHT",
    ] {
        let code = normalise_user_code(typed);
        assert_eq!(code.as_deref(), Some("WDJBMJHT"), "{typed:?}");
    }
    for typed in [
        "",
        "WDJB-MJH",
        "WDJB-MJHTT",
        "WDJB-MJHA",
        "WDJB-MJH0",
        "WDJB-MJH\u{442}",
        "\u{ff37}DJB-MJHT",
        &"-".repeat(100),
    ] {
        assert_eq!(normalise_user_code(typed), None, "{typed:?}");
    }
}
