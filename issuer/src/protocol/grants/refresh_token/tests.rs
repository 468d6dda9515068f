//! Refreshing: which token is good when, and what becomes of its family.

use dockgate_token::Scope;

use super::*;
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::token_endpoint::respond;
use crate::protocol::user_grant::Granting;
use crate::protocol::{ClientRequest, RefreshToken, Refusal};
use crate::store::{GrantId, Login};

const GRACE: u64 = 30;
const ALICE: &str = "user-4cmzq8xg2v";

/// A grant of alice to `spa` for `api:read api:write`, and its first refresh token.
fn granted(fixture: &Fixture, resources: &[&str]) -> RefreshToken {
    let context = fixture.context();
    let id = GrantId::from_bytes(context.random().unwrap());
    let granting = Granting {
        client: &fixture.server.clients[&"spa".parse().unwrap()],
        subject: ALICE,
        scope: "openid api:read api:write".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: resources.iter().map(|&text| text.to_owned()).collect(),
        login: Login {
            at: NOW - 5,
            methods: vec!["pwd".to_owned()],
        },
        session: None,
    };
    let (record, token) = granting.record(context, id).unwrap();
    block_on(context.store.add_grant(id, &record)).unwrap();
    token.unwrap()
}

fn ask(fixture: &Fixture, now: u64, token: &str, extra: &str) -> Result<Issuance, OAuthError> {
    ask_as(fixture, now, "spa", token, extra)
}

fn ask_as(
    fixture: &Fixture,
    now: u64,
    client: &str,
    token: &str,
    extra: &str,
) -> Result<Issuance, OAuthError> {
    let body = format!("grant_type=refresh_token&client_id={client}&refresh_token={token}&{extra}");
    let request = ClientRequest {
        content_type: Some(b"application/x-www-form-urlencoded"),
        address: None,
        body: body.as_bytes(),
        ..ClientRequest::default()
    };
    block_on(respond(fixture.at(now), &request)).map_err(|Refusal { error, .. }| error)
}

/// The successor of a token that is refreshed at `now`.
fn rotate(fixture: &Fixture, now: u64, token: &RefreshToken) -> RefreshToken {
    let issuance = ask(fixture, now, token.expose(), "").unwrap();
    issuance.refresh_token.unwrap()
}

fn refused(fixture: &Fixture, now: u64, token: &RefreshToken, reason: impl Into<OAuthError>) {
    assert_eq!(
        ask(fixture, now, token.expose(), ""),
        Err(reason.into()),
        "at {now}"
    );
}

#[test]
fn a_retry_within_the_window_gets_the_same_successor_and_a_token_of_its_own() {
    let fixture = Fixture::demo();
    let first = granted(&fixture, &[]);
    let once = ask(&fixture, NOW, first.expose(), "").unwrap();
    let again = ask(&fixture, NOW + GRACE, first.expose(), "scope=api:read").unwrap();
    assert_eq!(once.refresh_token, again.refresh_token);
    assert_ne!(once.claims.jti, again.claims.jti);
    assert_eq!(again.claims.scope.to_string(), "api:read");
}

#[test]
fn after_the_window_the_family_is_revoked() {
    let fixture = Fixture::demo();
    let first = granted(&fixture, &[]);
    let second = rotate(&fixture, NOW, &first);
    refused(
        &fixture,
        NOW + GRACE + 1,
        &first,
        InvalidGrant::RefreshTokenReplayed,
    );
    refused(
        &fixture,
        NOW + GRACE + 1,
        &second,
        InvalidGrant::UnknownRefreshToken,
    );
}

#[test]
fn once_the_successor_is_used_a_latecomer_gets_nothing_and_breaks_nothing() {
    let fixture = Fixture::demo();
    let first = granted(&fixture, &[]);
    let second = rotate(&fixture, NOW, &first);
    let third = rotate(&fixture, NOW + 1, &second);
    refused(
        &fixture,
        NOW + GRACE,
        &first,
        InvalidGrant::RefreshTokenReplayedInWindow,
    );
    rotate(&fixture, NOW + GRACE, &third);
}

#[test]
fn an_old_token_revokes_however_old_it_is() {
    let fixture = Fixture::demo();
    let first = granted(&fixture, &[]);
    let mut newest = rotate(&fixture, NOW, &first);
    for later in 1..=40 {
        newest = rotate(&fixture, NOW + later * 60, &newest);
    }
    refused(
        &fixture,
        NOW + 41 * 60,
        &first,
        InvalidGrant::RefreshTokenReplayed,
    );
    refused(
        &fixture,
        NOW + 41 * 60,
        &newest,
        InvalidGrant::UnknownRefreshToken,
    );
}

#[test]
fn without_a_window_a_second_use_in_the_same_second_revokes() {
    let mut fixture = Fixture::demo();
    fixture.server.lifetimes.refresh_grace = 0;
    let first = granted(&fixture, &[]);
    let second = rotate(&fixture, NOW, &first);
    let third = rotate(&fixture, NOW, &second);
    refused(&fixture, NOW, &second, InvalidGrant::RefreshTokenReplayed);
    refused(&fixture, NOW, &third, InvalidGrant::UnknownRefreshToken);
}

#[test]
fn a_family_takes_one_bounded_record_however_fast_it_turns() {
    let fixture = Fixture::demo();
    let mut newest = granted(&fixture, &[]);
    let id = Presented::parse(newest.expose()).unwrap().grant();
    let mut sizes = Vec::new();
    for _ in 0..100 {
        newest = rotate(&fixture, NOW, &newest);
        let rows = fixture.store.all_rows();
        let bytes = rows.iter().map(|(key, value)| key.len() + value.len());
        sizes.push((rows.len(), bytes.sum::<usize>()));
    }
    let record = block_on(fixture.store.grant(id, NOW)).unwrap().unwrap();
    assert_eq!(record.refresh.unwrap().retired.len(), MAX_RETIRED);
    let full = sizes.split_off(MAX_RETIRED);
    assert!(full.iter().all(|size| *size == full[0]), "{full:?}");
}

#[test]
fn idleness_and_age_both_end_a_family() {
    let fixture = Fixture::demo();
    let lifetimes = fixture.server.lifetimes;
    let unused = granted(&fixture, &[]);
    refused(
        &fixture,
        NOW + lifetimes.refresh_idle,
        &unused,
        InvalidGrant::UnknownRefreshToken,
    );
    let mut used = granted(&fixture, &[]);
    let mut now = NOW;
    while now + lifetimes.refresh_idle - 1 < NOW + lifetimes.refresh_absolute {
        now += lifetimes.refresh_idle - 1;
        used = rotate(&fixture, now, &used);
    }
    refused(
        &fixture,
        NOW + lifetimes.refresh_absolute,
        &used,
        InvalidGrant::UnknownRefreshToken,
    );
}

#[test]
fn scope_and_resource_never_grow_and_narrowing_does_not_stick() {
    let fixture = Fixture::demo();
    let mcp = "http://localhost:8080/mcp";
    let token = granted(&fixture, &[mcp]);
    for (extra, code) in [
        ("scope=api:read+api:admin", "invalid_scope"),
        ("scope=%22", "invalid_scope"),
        ("resource=http://localhost:8080", "invalid_target"),
        ("resource=https://elsewhere.example", "invalid_target"),
        ("resource=x", "invalid_target"),
    ] {
        let error = ask(&fixture, NOW, token.expose(), extra).unwrap_err();
        assert_eq!(error.wire().error, code, "{extra}");
    }
    let narrow = format!("scope=api:read&resource={mcp}/tools");
    let narrow = ask(&fixture, NOW, token.expose(), &narrow).unwrap();
    assert_eq!(narrow.claims.scope.to_string(), "api:read");
    assert!(narrow.claims.aud.contains(&format!("{mcp}/tools")));
    assert!(!narrow.claims.aud.contains(mcp));
    let next = narrow.refresh_token.unwrap();
    let full = ask(&fixture, NOW, next.expose(), "").unwrap();
    let all: Scope = "openid api:read api:write".parse().unwrap();
    assert_eq!(full.claims.scope, all);
    assert!(full.claims.aud.contains(mcp));
}

#[test]
fn a_refused_request_uses_nothing_up() {
    let fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    ask(&fixture, NOW, token.expose(), "scope=nothing").unwrap_err();
    ask(&fixture, NOW, token.expose(), "resource=x").unwrap_err();
    let id = Presented::parse(token.expose()).unwrap().grant();
    let record = block_on(fixture.store.grant(id, NOW)).unwrap().unwrap();
    assert!(record.refresh.unwrap().predecessor.is_none());
}

#[test]
fn a_token_is_its_clients_alone_and_others_do_not_hurt_it() {
    let fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    let mut with_secret = format!("{}&client_secret=web-secret", token.expose());
    let error = ask_as(&fixture, NOW, "web", &with_secret, "").unwrap_err();
    assert_eq!(error, InvalidGrant::RefreshTokenOfOther.into());
    with_secret.clear();
    rotate(&fixture, NOW, &token);
}

#[test]
fn no_altered_token_passes_or_revokes() {
    let fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    let text = token.expose();
    for at in 0..text.len() {
        let mut altered = text.to_owned().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let error = ask(&fixture, NOW, &altered, "").unwrap_err();
        assert_eq!(error, InvalidGrant::UnknownRefreshToken.into(), "{at}");
    }
    for other in [
        "x",
        "",
        "A",
        text.split_at(1).1,
        &format!("{text}A"),
        &format!("{text}="),
    ] {
        let error = ask(&fixture, NOW, other, "").unwrap_err();
        assert!(matches!(
            error.wire().error,
            "invalid_grant" | "invalid_request"
        ));
    }
    rotate(&fixture, NOW, &token);
}

#[test]
fn a_user_who_is_gone_or_may_less_gets_no_more_than_is_left() {
    let mut fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    let spa = "spa".parse().unwrap();
    fixture.server.clients.get_mut(&spa).unwrap().scope = "api:read".parse().unwrap();
    let issuance = ask(&fixture, NOW, token.expose(), "").unwrap();
    assert_eq!(issuance.claims.scope.to_string(), "api:read");
    fixture.server.users = [].into_iter().collect();
    let next = issuance.refresh_token.unwrap();
    refused(&fixture, NOW, &next, InvalidGrant::UserGone);
}

#[test]
fn the_login_is_the_same_in_every_token_and_the_id_token_has_no_nonce() {
    let fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    let issuance = ask(&fixture, NOW + 5, token.expose(), "").unwrap();
    assert_eq!(issuance.claims.auth_time, Some(NOW - 5));
    assert_eq!(issuance.claims.amr, ["pwd"]);
    let (id_token, _) = issuance.id_token.unwrap();
    assert_eq!((id_token.auth_time, id_token.nonce), (NOW - 5, None));
    let narrow = issuance.refresh_token.unwrap();
    let narrow = ask(&fixture, NOW + 6, narrow.expose(), "scope=api:read").unwrap();
    assert!(narrow.id_token.is_none(), "openid was not asked for");
}

#[test]
fn a_hundred_at_once_get_one_successor() {
    let fixture = Fixture::demo();
    let token = granted(&fixture, &[]);
    let successors: Vec<String> = std::thread::scope(|scope| {
        let ask = || rotate(&fixture, NOW, &token).expose().to_owned();
        let all: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        all.into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        successors
            .iter()
            .all(|successor| *successor == successors[0])
    );
}

#[test]
fn the_store_has_no_token_in_it() {
    let fixture = Fixture::demo();
    let first = granted(&fixture, &[]);
    let second = rotate(&fixture, NOW, &first);
    let id = Presented::parse(first.expose()).unwrap().grant();
    let record = block_on(fixture.store.grant(id, NOW)).unwrap().unwrap();
    let stored = serde_json::to_string(&record).unwrap();
    for token in [&first, &second] {
        assert!(!stored.contains(token.expose()));
    }
    let presented = Presented::parse(second.expose()).unwrap();
    let sealed = record
        .refresh
        .unwrap()
        .predecessor
        .unwrap()
        .sealed_successor;
    assert_eq!(presented.open(&sealed), None, "only the old token opens it");
}
