//! What a user sees and ends, on the real store.

use super::*;
use crate::protocol::Language;
use crate::protocol::fixture::tokens::{ALICE, issued};
use crate::protocol::fixture::{Fixture, NOW, block_on};
use crate::protocol::sessions::{LiveSession, begin, check_access_not_ended, find};
use crate::store::{BrowserFamily, GrantId, SessionNote, StoredConsent, Sweep as _, SystemFamily};

const FIREFOX: SessionNote = SessionNote {
    last_used: 0,
    browser: BrowserFamily::Firefox,
    system: SystemFamily::Linux,
};

fn log_in(fixture: &Fixture, now: u64, username: &str) -> (String, LiveSession) {
    let user = fixture.server.users.by_name(username).unwrap();
    let begun = begin(fixture.at(now), user, &["pwd"], None, FIREFOX);
    let (secret, live) = block_on(begun).unwrap();
    (secret.expose().to_owned(), live)
}

fn seen(fixture: &Fixture, now: u64, own: &LiveSession, limit: usize) -> Seen {
    let overview = block_on(overview(fixture.at(now), own, limit)).unwrap();
    let application = |one: &Application<'_>| {
        let id = one.id.as_str().to_owned();
        (id, one.scope.to_string(), one.since, one.last_used)
    };
    Seen {
        began: overview
            .sessions
            .iter()
            .map(|one| one.session.login.at)
            .collect(),
        notes: overview.sessions.iter().map(|one| one.note).collect(),
        more: (overview.more_sessions, overview.more_applications),
        applications: overview.applications.iter().map(application).collect(),
    }
}

type Shown = (String, String, Option<u64>, Option<u64>);

struct Seen {
    began: Vec<u64>,
    notes: Vec<SessionNote>,
    more: (bool, bool),
    applications: Vec<Shown>,
}

#[test]
fn sessions_are_the_users_own_first_the_one_that_asks_and_no_more_than_asked_for() {
    let fixture = Fixture::demo();
    let (secret, first) = log_in(&fixture, NOW, "alice");
    log_in(&fixture, NOW + 10, "bob");
    for later in 1..5 {
        log_in(&fixture, NOW + later * 100, "alice");
    }
    let all = seen(&fixture, NOW + 500, &first, 20);
    assert_eq!(all.began, [0, 400, 300, 200, 100].map(|later| NOW + later));
    assert_eq!(all.more, (false, false));
    let some = seen(&fixture, NOW + 500, &first, 2);
    assert_eq!(some.began, [NOW, NOW + 400]);
    assert!(some.more.0);
    assert_eq!(
        some.notes.first(),
        Some(&all.notes[0]),
        "it is told of in full"
    );
    // Just as many as fit are not more.
    let fit = seen(&fixture, NOW + 500, &first, 5);
    assert_eq!((fit.began.len(), fit.more.0), (5, false));
    // Used again, it says so.
    block_on(find(fixture.at(NOW + 3600), &secret))
        .unwrap()
        .unwrap();
    let used = seen(&fixture, NOW + 3600, &first, 20);
    let note = used.notes.first().unwrap();
    assert_eq!(
        (note.last_used, note.browser),
        (NOW + 3600, BrowserFamily::Firefox)
    );
    // A login before the one that ended them all is none.
    let mut fixture = fixture;
    let mut users: Vec<_> = fixture.server.users.iter().cloned().collect();
    for user in &mut users {
        user.logins_since = NOW + 250;
    }
    fixture.server.users = users.into_iter().collect();
    assert_eq!(
        seen(&fixture, NOW + 500, &first, 20).began,
        [NOW + 400, NOW + 300]
    );
}

#[test]
fn a_session_that_is_over_is_not_listed_and_its_row_goes_with_it() {
    let fixture = Fixture::demo();
    let (_, first) = log_in(&fixture, NOW, "alice");
    let idle = fixture.server.lifetimes.session_idle;
    let later = NOW + idle;
    let (_, second) = log_in(&fixture, later, "alice");
    assert_ne!(first.session.id, second.session.id);
    assert_eq!(seen(&fixture, later, &second, 20).began, [later]);
    let rows = |fixture: &Fixture| {
        let rows = fixture.store.all_rows().into_iter();
        rows.filter(|(key, _)| key.starts_with(b"sessions_by_subject/"))
            .count()
    };
    assert_eq!(rows(&fixture), 2);
    fixture.store.sweep(later, 10_000).unwrap();
    assert_eq!(rows(&fixture), 1);
}

#[test]
fn one_session_or_all_others_are_ended_and_nobody_elses() {
    let fixture = Fixture::demo();
    let (own_secret, own) = log_in(&fixture, NOW, "alice");
    let (_, bob) = log_in(&fixture, NOW, "bob");
    let others: Vec<_> = (0..3).map(|_| log_in(&fixture, NOW + 1, "alice")).collect();
    let end = |id| block_on(end_session(fixture.context(), &own.session, id)).unwrap();
    assert!(!end(bob.session.id), "another user's is not there");
    assert!(!end(own.session.id), "one's own is left by logging out");
    assert!(end(others[0].1.session.id));
    assert_eq!(seen(&fixture, NOW, &own, 20).began, [NOW, NOW + 1, NOW + 1]);
    assert!(block_on(end_other_sessions(fixture.context(), &own.session)).unwrap());
    assert_eq!(seen(&fixture, NOW, &own, 20).began, [NOW]);
    assert!(!block_on(end_other_sessions(fixture.context(), &own.session)).unwrap());
    assert!(
        block_on(find(fixture.context(), &own_secret))
            .unwrap()
            .is_some()
    );
    assert_eq!(seen(&fixture, NOW, &bob, 20).began, [NOW]);
}

#[test]
fn more_sessions_than_are_ended_in_one_go_are_all_ended() {
    let fixture = Fixture::demo();
    let (_, own) = log_in(&fixture, NOW + 1, "alice");
    let user = fixture.server.users.by_name("alice").unwrap();
    block_on(async {
        for _ in 0..AT_ONCE + 5 {
            begin(fixture.context(), user, &["pwd"], None, FIREFOX)
                .await
                .unwrap();
        }
        end_other_sessions(fixture.context(), &own.session)
            .await
            .unwrap();
    });
    assert_eq!(seen(&fixture, NOW + 1, &own, 1000).began, [NOW + 1]);
}

fn consent(fixture: &Fixture, client: &str, scope: &str) {
    let consent = StoredConsent {
        expires_at: NOW + 1000,
        scope: scope.parse().unwrap(),
        redirect_uris: vec![],
    };
    let client = client.parse().unwrap();
    block_on(fixture.store.put_consent(ALICE, &client, &consent)).unwrap();
}

#[test]
fn an_application_is_seen_once_by_what_was_granted_and_what_was_agreed_to() {
    let fixture = Fixture::demo();
    let (_, own) = log_in(&fixture, NOW, "alice");
    assert_eq!(seen(&fixture, NOW, &own, 20).applications, []);
    issued(fixture.context(), "web", "api:read");
    issued(fixture.at(NOW + 50), "web", "openid api:read");
    consent(&fixture, "web", "api:write");
    consent(&fixture, "spa", "api:read");
    // What no client has any more is no access.
    consent(&fixture, "gone", "api:read");
    let shown = seen(&fixture, NOW + 60, &own, 20).applications;
    assert_eq!(shown.len(), 2, "{shown:?}");
    let spa = ("spa".to_owned(), "api:read".to_owned(), None, None);
    assert_eq!(shown[0], spa);
    let (id, scope, since, last) = &shown[1];
    assert_eq!(
        (id.as_str(), *since, *last),
        ("web", Some(NOW), Some(NOW + 50))
    );
    let mut scopes: Vec<_> = scope.split(' ').collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["api:read", "api:write", "openid"]);
    assert!(seen(&fixture, NOW + 60, &own, 1).more.1);
    let described = described(fixture.context(), "api:write").unwrap();
    assert_eq!(
        described.in_language(Language::French),
        "Modifier vos données"
    );
}

#[test]
fn the_end_of_an_access_takes_its_grants_and_its_consent_and_no_others() {
    let fixture = Fixture::demo();
    let (_, own) = log_in(&fixture, NOW, "alice");
    let web = issued(fixture.context(), "web", "openid api:read");
    let spa = issued(fixture.context(), "spa", "api:read");
    consent(&fixture, "web", "api:write");
    let client = "web".parse().unwrap();
    block_on(end_access(fixture.context(), ALICE, &client)).unwrap();
    let grant = |id| block_on(fixture.store.grant(id, NOW)).unwrap();
    assert_eq!(grant(web.grant), None);
    let spa = grant(spa.grant).unwrap();
    let shown = seen(&fixture, NOW, &own, 20).applications;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].0, "spa");
    // What was agreed to before is no good, what is agreed to after it is; of others nothing changes.
    let of_web = StoredGrant {
        client_id: client,
        ..spa.clone()
    };
    for (grant, agreed_at, good) in [
        (&of_web, NOW - 1, false),
        (&of_web, NOW, false),
        (&of_web, NOW + 1, true),
        (&spa, NOW - 1, true),
    ] {
        let id = GrantId::from_bytes([9; 16]);
        block_on(fixture.store.add_grant(id, grant)).unwrap();
        let checked = check_access_not_ended(fixture.context(), (id, grant), agreed_at);
        assert_eq!(block_on(checked).is_ok(), good, "{agreed_at}");
        let alive = block_on(fixture.store.grant(id, NOW)).unwrap().is_some();
        assert_eq!(alive, good, "{agreed_at}");
    }
}
