//! The end of everything that a user or a client has.

use super::super::super::{
    CodeStore as _, ConsentStore as _, Consents, DeviceDecision, DeviceStore as _, EndStore as _,
    Ended, GrantStore as _, Login, PushedRequestStore as _, Redemption, Room, SessionId,
    SessionNote, SessionStore as _, StoredCode, StoredConsent, StoredDevice, StoredGrant,
    StoredPushedRequest, StoredSession, Whose,
};
use super::records::{END, NOW, code, device, digest, grant, id};
use super::{Opened, opened};

fn session(subject: &str) -> StoredSession {
    StoredSession {
        expires_at: END,
        ends_at: END,
        id: SessionId::from_bytes([7; 16]),
        lineage: SessionId::from_bytes([7; 16]),
        subject: subject.to_owned(),
        login: Login {
            at: 900,
            methods: Vec::new(),
        },
    }
}

fn of(subject: &str, client: &str) -> StoredGrant {
    StoredGrant {
        client_id: client.parse().unwrap(),
        ..grant(subject)
    }
}

fn approved(user_code: &str, subject: &str) -> StoredDevice {
    StoredDevice {
        decision: DeviceDecision::Approved {
            subject: subject.to_owned(),
            scope: "api:read".parse().unwrap(),
            login: session(subject).login,
            session: SessionId::from_bytes([7; 16]),
        },
        ..device(user_code)
    }
}

/// Alice and Bob have everything with `web`, `tv` or `spa`.
async fn full() -> Opened {
    let store = opened();
    for (number, subject) in [(1, "alice"), (2, "bob"), (3, "alice")] {
        let cookie = digest(number);
        store
            .put_session(
                cookie,
                &session(subject),
                &SessionNote {
                    last_used: 1,
                    browser: Default::default(),
                    system: Default::default(),
                },
            )
            .await
            .unwrap();
        let record = StoredCode {
            subject: subject.to_owned(),
            ..code(id(90))
        };
        store.add_code(digest(number), &record).await.unwrap();
    }
    for (number, subject, client) in [
        (1, "alice", "web"),
        (2, "bob", "web"),
        (3, "alice", "spa"),
        (4, "bob", "spa"),
    ] {
        store
            .add_grant(id(number), &of(subject, client))
            .await
            .unwrap();
        let consent = StoredConsent {
            expires_at: END,
            scope: "api:read".parse().unwrap(),
            redirect_uris: Vec::new(),
        };
        let client = client.parse().unwrap();
        store.put_consent(subject, &client, &consent).await.unwrap();
    }
    for (number, record) in [
        (1, approved("BCDFGHJK", "alice")),
        (2, approved("LMNPQRST", "bob")),
        (3, device("VWXZBCDF")),
    ] {
        store
            .add_device(digest(number), &record, Room::Whole, NOW)
            .await
            .unwrap();
    }
    let pushed = StoredPushedRequest {
        expires_at: END,
        client_id: "web".parse().unwrap(),
        parameters: String::new(),
    };
    store
        .add_pushed_request(digest(1), &pushed, Room::Whole)
        .await
        .unwrap();
    store
}

#[tokio::test]
async fn all_of_a_user_ends_and_nothing_of_others() {
    let store = full().await;
    let alice = Whose::User("alice");
    assert_eq!(store.count_grants(alice, NOW).unwrap(), 2);
    assert_eq!(store.count_grants(alice, END).unwrap(), 0);
    let ended = store.end(alice, Consents::Forgotten).unwrap();
    assert_eq!(
        ended,
        Ended {
            sessions: 2,
            pushed_requests: 0,
            codes: 2,
            devices: 1,
            grants: 2,
            consents: 2,
        }
    );
    for (number, left) in [(1, false), (2, true), (3, false)] {
        let cookie = digest(number);
        assert_eq!(store.session(cookie, NOW).await.unwrap().is_some(), left);
        let code = store.code(digest(number), NOW).await.unwrap();
        assert_eq!(code.is_some(), left);
    }
    assert_eq!(store.grants_of("alice", NOW).await.unwrap(), []);
    assert_eq!(store.grants_of("bob", NOW).await.unwrap().len(), 2);
    assert_eq!(store.device(digest(1), NOW).await.unwrap(), None);
    assert!(store.device(digest(2), NOW).await.unwrap().is_some());
    assert!(store.device(digest(3), NOW).await.unwrap().is_some());
    assert!(store.end(alice, Consents::Forgotten).unwrap().is_nothing());
    // What was counted is counted no more.
    assert_eq!(store.counts.codes.present(), 1);
    assert_eq!(store.counts.devices.present(), 2);
}

#[tokio::test]
async fn all_of_a_client_ends_and_nothing_of_others() {
    let store = full().await;
    let web = "web".parse().unwrap();
    assert_eq!(store.count_grants(Whose::Client(&web), NOW).unwrap(), 2);
    let ended = store.end(Whose::Client(&web), Consents::Forgotten).unwrap();
    assert_eq!(
        ended,
        Ended {
            sessions: 0,
            pushed_requests: 1,
            codes: 3,
            devices: 0,
            grants: 2,
            consents: 2,
        }
    );
    let spa = "spa".parse().unwrap();
    assert!(store.consent("bob", &spa, NOW).await.unwrap().is_some());
    assert_eq!(store.consent("bob", &web, NOW).await.unwrap(), None);
    let left = store.grants_of("alice", NOW).await.unwrap();
    assert_eq!(left, [(id(3), of("alice", "spa"))]);
    assert!(store.session(digest(1), NOW).await.unwrap().is_some());
    let tv = "tv".parse().unwrap();
    let ended = store.end(Whose::Client(&tv), Consents::Kept).unwrap();
    assert_eq!(ended.devices, 3);
}

#[tokio::test]
async fn consents_are_kept_where_nobody_says_that_they_go() {
    let store = full().await;
    let ended = store.end(Whose::User("alice"), Consents::Kept).unwrap();
    assert_eq!(ended.consents, 0);
    let web = "web".parse().unwrap();
    assert!(store.consent("alice", &web, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn more_than_one_batch_ends_too() {
    let store = opened();
    for number in 0..=255 {
        let subject = if number % 2 == 0 { "alice" } else { "bob" };
        let grant = of(subject, if number % 4 < 2 { "web" } else { "spa" });
        store.add_grant(id(number), &grant).await.unwrap();
    }
    let web = "web".parse().unwrap();
    let ended = store.end(Whose::Client(&web), Consents::Kept).unwrap();
    assert_eq!(ended.grants, 128);
    let ended = store.end(Whose::User("bob"), Consents::Kept).unwrap();
    assert_eq!(ended.grants, 64);
    assert_eq!(store.tables.grants.count().unwrap(), 64);
    assert_eq!(store.tables.grants_by_subject.count().unwrap(), 64);
}

#[tokio::test]
async fn a_code_that_was_ended_is_not_redeemed_and_what_it_became_ends_too() {
    let store = full().await;
    let redeemed = store.redeem_code(digest(1), &of("alice", "web")).await;
    assert_eq!(redeemed.unwrap(), Redemption::First);
    let ended = store.end(Whose::User("alice"), Consents::Kept).unwrap();
    assert_eq!((ended.codes, ended.grants), (2, 3));
    let again = store.redeem_code(digest(3), &of("alice", "web")).await;
    assert_eq!(again.unwrap(), Redemption::Again);
    assert_eq!(store.grants_of("alice", NOW).await.unwrap(), []);
}
