//! Sessions on the real store.

use dockgate_token::Scope;

use super::*;
use crate::protocol::fixture::tokens::issued;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::presented_token::live_token;
use crate::protocol::token_endpoint::respond;
use crate::protocol::{ClientRequest, InvalidGrant};
use crate::store::{GrantId, StoredGrant, Sweep as _};

const DAY: u64 = 24 * 60 * 60;

fn begin_as(
    fixture: &Fixture,
    now: u64,
    username: &str,
    before: Option<&LiveSession>,
) -> (SessionSecret, LiveSession) {
    let user = fixture.server.users.by_name(username).unwrap();
    block_on(begin(
        fixture.at(now),
        user,
        &["pwd"],
        before,
        SessionNote::default(),
    ))
    .unwrap()
}

fn find_at(fixture: &Fixture, now: u64, secret: &SessionSecret) -> Option<LiveSession> {
    block_on(find(fixture.at(now), secret.expose())).unwrap()
}

fn grant_in(fixture: &Fixture, session: &LiveSession) -> GrantId {
    let id = GrantId::from_bytes(*session.session.id.as_bytes());
    block_on(fixture.store.add_grant(id, &grant_of(session))).unwrap();
    id
}

fn grant_of(session: &LiveSession) -> StoredGrant {
    StoredGrant {
        expires_at: NOW + DAY,
        client_id: "web".parse().unwrap(),
        subject: session.session.subject.clone(),
        scope: Scope::empty(),
        audience: "api-gateway".to_owned(),
        resources: vec![],
        login: session.session.login.clone(),
        session: Some(session.session.lineage),
        granted_at: NOW,
        refresh: None,
    }
}

#[test]
fn a_session_ends_by_idleness_and_by_age_whichever_is_first() {
    let fixture = Fixture::demo();
    let (secret, begun) = begin_as(&fixture, NOW, "alice", None);
    assert_eq!(begun.session.login.methods, ["pwd"]);
    let half_day = DAY / 2;
    assert!(find_at(&fixture, NOW + half_day - 1, &secret).is_some());
    // Used just now, it goes on.
    assert!(find_at(&fixture, NOW + DAY - 2, &secret).is_some());
    assert!(find_at(&fixture, NOW + DAY - 2 + half_day, &secret).is_none());

    let (secret, _) = begin_as(&fixture, NOW, "alice", None);
    for quarter in 0..28 {
        assert!(find_at(&fixture, NOW + quarter * DAY / 4, &secret).is_some());
    }
    assert!(find_at(&fixture, NOW + 7 * DAY - 1, &secret).is_some());
    assert!(find_at(&fixture, NOW + 7 * DAY, &secret).is_none());
}

#[test]
fn being_used_is_written_once_a_minute_at_most() {
    let fixture = Fixture::demo();
    let (secret, begun) = begin_as(&fixture, NOW, "alice", None);
    let at = |now| find_at(&fixture, now, &secret).unwrap().session.expires_at;
    assert_eq!(at(NOW + 59), begun.session.expires_at);
    assert_eq!(at(NOW + 60), begun.session.expires_at + 60);
}

#[test]
fn a_new_login_of_the_same_user_is_another_session_with_the_same_grants() {
    let fixture = Fixture::demo();
    let (old_secret, old) = begin_as(&fixture, NOW, "alice", None);
    let grant = grant_in(&fixture, &old);
    let (new_secret, new) = begin_as(&fixture, NOW + 1, "alice", Some(&old));
    assert_ne!(old_secret, new_secret);
    assert_ne!(old.session.id, new.session.id);
    assert_eq!(new.session.login.at, NOW + 1);
    assert!(find_at(&fixture, NOW + 1, &old_secret).is_none());
    let stored = |id| block_on(fixture.store.grant(id, NOW)).unwrap();
    assert!(stored(grant).is_some());
    // Also what was handed out in the earlier login and is redeemed only now.
    assert_eq!(redeemed_after(&fixture, &old), Ok(()));
    block_on(logout::end(fixture.context(), &new.session, new.cookie)).unwrap();
    assert_eq!(stored(grant), None);
    assert_eq!(stored(later()), None);
    assert_eq!(
        redeemed_after(&fixture, &old),
        Err(InvalidGrant::SessionEnded.into())
    );
    assert_eq!(stored(later()), None);
}

fn later() -> GrantId {
    GrantId::from_bytes([0xee; 16])
}

/// Adds a grant as a code does that was handed out in `session` and is redeemed now.
fn redeemed_after(fixture: &Fixture, session: &LiveSession) -> Result<(), OAuthError> {
    let grant = grant_of(session);
    block_on(fixture.store.add_grant(later(), &grant)).unwrap();
    block_on(check_not_ended(fixture.context(), later(), &grant))
}

#[test]
fn what_is_for_when_the_user_is_away_outlasts_the_session() {
    let fixture = Fixture::demo();
    let (_, session) = begin_as(&fixture, NOW, "alice", None);
    block_on(logout::end(
        fixture.context(),
        &session.session,
        session.cookie,
    ))
    .unwrap();
    let grant = StoredGrant {
        scope: "api:read offline_access".parse().unwrap(),
        ..grant_of(&session)
    };
    block_on(fixture.store.add_grant(later(), &grant)).unwrap();
    assert_eq!(
        block_on(check_not_ended(fixture.context(), later(), &grant)),
        Ok(())
    );
    assert!(
        block_on(fixture.store.grant(later(), NOW))
            .unwrap()
            .is_some()
    );
}

#[test]
fn that_a_session_was_ended_is_forgotten_with_the_last_code_of_it() {
    let fixture = Fixture::demo();
    let (_, session) = begin_as(&fixture, NOW, "alice", None);
    block_on(logout::end(
        fixture.context(),
        &session.session,
        session.cookie,
    ))
    .unwrap();
    let lifetimes = &fixture.server.lifetimes;
    let last = NOW + lifetimes.code.max(lifetimes.device_code);
    let swept = |now| fixture.store.sweep(now, 1000).unwrap().removed;
    assert_eq!(swept(last), 0);
    // The store keeps such a name a little longer, for clocks that run ahead.
    assert_eq!(swept(last + 3600), 1);
    assert_eq!(redeemed_after(&fixture, &session), Ok(()));
}

#[test]
fn a_login_of_another_user_ends_the_session_with_what_was_granted_in_it() {
    let fixture = Fixture::demo();
    let (old_secret, old) = begin_as(&fixture, NOW, "alice", None);
    let grant = grant_in(&fixture, &old);
    let (_, new) = begin_as(&fixture, NOW, "bob", Some(&old));
    assert_ne!(old.session.id, new.session.id);
    assert!(find_at(&fixture, NOW, &old_secret).is_none());
    assert!(block_on(fixture.store.grant(grant, NOW)).unwrap().is_none());
}

#[test]
fn a_session_that_was_ended_is_not_brought_back_by_being_used() {
    let fixture = Fixture::demo();
    let (secret, old) = begin_as(&fixture, NOW, "alice", None);
    block_on(fixture.store.remove_session(old.cookie)).unwrap();
    let extended = StoredSession {
        expires_at: old.session.expires_at + 60,
        ..old.session.clone()
    };
    let swapped = block_on(
        fixture
            .store
            .extend_session(old.cookie, &old.session, &extended, NOW),
    );
    assert_eq!(swapped.unwrap(), Swap::Changed);
    assert!(find_at(&fixture, NOW, &secret).is_none());
}

#[test]
fn a_session_of_a_user_who_is_gone_is_none() {
    let mut fixture = Fixture::demo();
    let (secret, _) = begin_as(&fixture, NOW, "alice", None);
    fixture.server.users = crate::protocol::Users::default();
    assert!(find_at(&fixture, NOW, &secret).is_none());
}

#[test]
fn a_login_that_counts_no_more_leaves_no_session_and_nothing_that_was_granted_in_it() {
    let mut fixture = Fixture::demo();
    let (secret, begun) = begin_as(&fixture, NOW, "alice", None);
    let tokens = issued(fixture.context(), "web", "openid api:read");
    let since = |fixture: &mut Fixture, since| {
        let mut alice = fixture.server.users.by_name("alice").unwrap().clone();
        alice.logins_since = since;
        fixture.server.users = [alice].into_iter().collect();
    };
    let refresh = |fixture: &Fixture| {
        let body = format!(
            "client_id=web&client_secret=web-secret&grant_type=refresh_token&refresh_token={}",
            tokens.refresh_token
        );
        let request = ClientRequest {
            content_type: Some(b"application/x-www-form-urlencoded"),
            body: body.as_bytes(),
            ..ClientRequest::default()
        };
        block_on(respond(fixture.context(), &request)).map_err(|refusal| refusal.error)
    };
    let is_live = |fixture: &Fixture| {
        let token = live_token(fixture.context(), &tokens.access_token);
        block_on(token).unwrap().is_some()
    };
    // Alice logged in at NOW, and for the tokens five seconds before.
    since(&mut fixture, NOW - 5);
    assert!(find_at(&fixture, NOW, &secret).is_some() && is_live(&fixture));
    since(&mut fixture, NOW - 4);
    assert!(find_at(&fixture, NOW, &secret).is_some() && !is_live(&fixture));
    let refused = refresh(&fixture).err();
    assert_eq!(refused, Some(InvalidGrant::UserGone.into()));
    since(&mut fixture, NOW + 1);
    assert!(find_at(&fixture, NOW + 1, &secret).is_none());
    let (again, _) = begin_as(&fixture, NOW + 1, "alice", Some(&begun));
    assert!(find_at(&fixture, NOW + 1, &again).is_some());
}
