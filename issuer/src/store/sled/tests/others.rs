//! Sessions, consents, pushed requests and the secret of the pages.

use super::super::super::{
    ConsentStore as _, Login, PageSecretStore as _, PushedRequestStore as _, Room, SessionId,
    SessionStore as _, StoredConsent, StoredPushedRequest, StoredSession,
};
use super::super::SledStore;
use super::records::{END, NOW, digest};
use super::{CACHE, opened, reopen};
use crate::temp_dir::TempDir;

#[tokio::test]
async fn a_session_is_replaced_expires_and_is_ended() {
    let store = opened();
    let session = StoredSession {
        expires_at: END,
        ends_at: END + 500,
        id: SessionId::from_bytes([1; 16]),
        lineage: SessionId::from_bytes([2; 16]),
        subject: "alice".to_owned(),
        login: Login {
            at: 900,
            methods: Vec::new(),
        },
    };
    let prolonged = StoredSession {
        expires_at: END + 100,
        ..session.clone()
    };
    store
        .put_session(digest(1), &session, &Default::default())
        .await
        .unwrap();
    let read = store.session(digest(1), END - 1).await.unwrap();
    assert_eq!(read, Some(session));
    assert_eq!(store.session(digest(1), END).await.unwrap(), None);
    store
        .put_session(digest(1), &prolonged, &Default::default())
        .await
        .unwrap();
    assert_eq!(
        store.session(digest(1), END).await.unwrap(),
        Some(prolonged)
    );
    store.remove_session(digest(1)).await.unwrap();
    assert_eq!(store.session(digest(1), END).await.unwrap(), None);
}

#[tokio::test]
async fn a_consent_is_of_one_user_for_one_client() {
    let store = opened();
    let consent = StoredConsent {
        expires_at: END,
        scope: "api:read".parse().unwrap(),
        redirect_uris: vec!["http://localhost/callback".to_owned()],
    };
    let [web, spa] = ["web", "spa"].map(|name| name.parse().unwrap());
    store.put_consent("alice", &web, &consent).await.unwrap();
    let read = store.consent("alice", &web, NOW).await.unwrap();
    assert_eq!(read, Some(consent));
    assert_eq!(store.consent("alice", &spa, NOW).await.unwrap(), None);
    assert_eq!(store.consent("bob", &web, NOW).await.unwrap(), None);
    assert_eq!(store.consent("alice", &web, END).await.unwrap(), None);
    store.remove_consent("alice", &web).await.unwrap();
    assert_eq!(store.consent("alice", &web, NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_pushed_request_is_used_up_once() {
    let store = opened();
    let request = StoredPushedRequest {
        expires_at: END,
        client_id: "web".parse().unwrap(),
        // As large as a body may be: sled puts such pages beside its log.
        parameters: "x".repeat(64 * 1024),
    };
    for number in 0..20 {
        store
            .add_pushed_request(digest(number), &request, Room::Whole)
            .await
            .unwrap();
    }
    let read = store.pushed_request(digest(1), NOW).await.unwrap();
    assert_eq!(read, Some(request));
    assert_eq!(store.pushed_request(digest(1), END).await.unwrap(), None);
    assert!(store.consume_pushed_request(digest(1)).await.unwrap());
    assert!(!store.consume_pushed_request(digest(1)).await.unwrap());
    assert_eq!(store.pushed_request(digest(1), NOW).await.unwrap(), None);
}

#[test]
fn the_page_secret_is_made_once() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    assert_eq!(store.page_secret([1; 32]).unwrap(), [1; 32]);
    assert_eq!(store.page_secret([2; 32]).unwrap(), [1; 32]);
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(store.page_secret([3; 32]).unwrap(), [1; 32]);
}
