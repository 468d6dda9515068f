//! Users that are added, changed and taken away while the issuer runs.

use serde_json::{Value, json};

use super::contract::{Call, running};
use super::*;
use crate::additions;
use crate::passwords::hash;
use crate::store::{
    AdditionStore as _, AuditFilter, AuditStore as _, ConsentStore as _, GrantId, GrantStore as _,
    Login, SecretDigest, SessionId, SessionStore as _, StoredConsent, StoredGrant, StoredSession,
};

/// The clock of the tests.
const NOW: u64 = 1_000_000;

fn carol() -> Value {
    json!({
        "username": "carol",
        "password_hash": hash("correct horse", [1; 16]).unwrap(),
        "scopes": ["api:read", "openid"],
        "email": "carol@example.com",
    })
}

async fn add(admin: &Admin, user: Value) -> String {
    let added = Call::post("/users", user).done(admin).await;
    added["subject"].as_str().unwrap().to_owned()
}

fn login() -> Login {
    Login {
        at: NOW,
        methods: Vec::new(),
    }
}

/// Gives a user a session, a grant and a consent.
pub(super) async fn use_as(admin: &Admin, subject: &str, client: &str) -> GrantId {
    let store = &admin.current.app().store;
    let session = StoredSession {
        expires_at: NOW + 100,
        ends_at: NOW + 100,
        id: SessionId::from_bytes([1; 16]),
        lineage: SessionId::from_bytes([1; 16]),
        subject: subject.to_owned(),
        login: login(),
    };
    let cookie = SecretDigest::of(subject.as_bytes());
    store
        .put_session(cookie, &session, &Default::default())
        .await
        .unwrap();
    let grant = StoredGrant {
        expires_at: NOW + 100,
        client_id: client.parse().unwrap(),
        subject: subject.to_owned(),
        scope: "api:read".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: Vec::new(),
        login: login(),
        session: None,
        granted_at: NOW,
        refresh: None,
    };
    let mut bytes = [0; 16];
    crate::entropy::system_entropy(&mut bytes).unwrap();
    let id = GrantId::from_bytes(bytes);
    store.add_grant(id, &grant).await.unwrap();
    let consent = StoredConsent {
        expires_at: NOW + 100,
        scope: "api:read".parse().unwrap(),
        redirect_uris: Vec::new(),
    };
    let client = client.parse().unwrap();
    store.put_consent(subject, &client, &consent).await.unwrap();
    id
}

/// Session, grants, consent with `web`.
async fn has(admin: &Admin, subject: &str) -> (bool, usize, bool) {
    let store = &admin.current.app().store;
    let cookie = SecretDigest::of(subject.as_bytes());
    let web = "web".parse().unwrap();
    (
        store.session(cookie, NOW).await.unwrap().is_some(),
        store.grants_of(subject, NOW).await.unwrap().len(),
        store.consent(subject, &web, NOW).await.unwrap().is_some(),
    )
}

/// What is on record since the keys were made.
pub(super) fn recorded(admin: &Admin) -> Vec<String> {
    let filter = AuditFilter {
        limit: 100,
        ..AuditFilter::default()
    };
    let page = admin.current.app().store.audit(&filter).unwrap();
    page.entries
        .into_iter()
        .rev()
        .map(|entry| entry.stored.event)
        .filter(|event| !event.starts_with("key_"))
        .collect()
}

#[tokio::test]
async fn a_user_who_was_added_counts_at_once_and_after_a_restart() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let subject = add(&admin, carol()).await;
    let app = admin.current.app();
    let user = app.server.users.by_name("carol").unwrap();
    assert_eq!((&user.subject, user.logins_since), (&subject, NOW));
    assert_eq!(user.scope.to_string(), "api:read openid");
    assert_eq!(user.profile.email.as_deref(), Some("carol@example.com"));
    // What a start reads.
    let mut server = crate::http::tests::demo_app("http://localhost:8080").server;
    assert_eq!(additions::load(&*app.store, &mut server).unwrap(), [""; 0]);
    assert_eq!(server.users.by_name("carol").unwrap().subject, subject);
    assert_eq!(recorded(&admin), ["user_added"]);
}

#[tokio::test]
async fn users_are_listed_without_anything_secret() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    add(&admin, carol()).await;
    let all = Call::get("/users").done(&admin).await;
    let names: Vec<_> = all["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| {
            (
                user["username"].as_str().unwrap(),
                user["source"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("alice", "configuration"),
            ("bob", "configuration"),
            ("carol", "operator")
        ]
    );
    assert!(!all.to_string().contains("argon2"), "{all}");
}

#[tokio::test]
async fn a_user_of_the_file_is_changed_there() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let reason = Call::delete("/users/{username}")
        .named("alice")
        .refused(&admin, 409)
        .await;
    assert_eq!(
        reason,
        "user \"alice\" is in the configuration: change it in issuer.toml, and then reload or restart the issuer"
    );
    assert_eq!(recorded(&admin), [""; 0]);
}

#[tokio::test]
async fn what_the_file_would_not_have_is_refused_with_its_words() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let alice = admin
        .current
        .app()
        .server
        .users
        .by_name("alice")
        .unwrap()
        .subject
        .clone();
    let with = |key: &str, value: Value| {
        let mut user = carol();
        user[key] = value;
        user
    };
    for (user, status, reason) in [
        (with("scopes", json!(["no:scope"])), 400, "no:scope"),
        (with("password_hash", json!("secret")), 400, "no PHC string"),
        (with("username", json!("a\u{7}")), 400, "cannot be used"),
        (with("pasword", json!("x")), 400, "unknown key `pasword`"),
        (
            with("subject", json!(alice)),
            409,
            "is that of user \"alice\"",
        ),
        (with("subject", json!("web")), 400, "is the id of a client"),
        (with("scopes", json!("api:read")), 400, "scopes"),
    ] {
        let refused = Call::post("/users", user).refused(&admin, status).await;
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(admin.current.app().store.added_users().unwrap(), []);
}

#[tokio::test]
async fn all_of_a_user_ends_when_disabled_and_none_of_it_is_back() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let subject = add(&admin, carol()).await;
    use_as(&admin, &subject, "web").await;
    let disabled = Call::post("/users/{username}/disable", Value::Null).named("carol");
    let changed = disabled.done(&admin).await;
    assert_eq!(changed["user"]["standing"], "disabled");
    assert_eq!(
        (&changed["ended"]["sessions"], &changed["ended"]["grants"]),
        (&json!(1), &json!(1))
    );
    assert!(
        admin
            .current
            .app()
            .server
            .users
            .by_subject(&subject)
            .is_none()
    );
    Call::post("/users/{username}/enable", Value::Null)
        .named("carol")
        .done(&admin)
        .await;
    assert!(
        admin
            .current
            .app()
            .server
            .users
            .by_subject(&subject)
            .is_some()
    );
    assert_eq!(has(&admin, &subject).await, (false, 0, true));
    assert_eq!(
        recorded(&admin),
        ["user_added", "user_disabled", "user_enabled"]
    );
}

#[tokio::test]
async fn nobody_inherits_by_a_name_or_by_a_subject() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let first = add(&admin, carol()).await;
    use_as(&admin, &first, "web").await;
    Call::delete("/users/{username}")
        .named("carol")
        .done(&admin)
        .await;
    assert_eq!(has(&admin, &first).await, (false, 0, false));
    let second = add(&admin, carol()).await;
    assert_ne!(first, second);
    Call::delete("/users/{username}")
        .named("carol")
        .done(&admin)
        .await;
    // Left over, as by a request that was under way.
    use_as(&admin, &first, "web").await;
    let mut same = carol();
    same["subject"] = json!(first);
    add(&admin, same).await;
    assert_eq!(has(&admin, &first).await, (false, 0, false));
}

#[tokio::test]
async fn a_new_password_ends_what_came_of_the_old_one_unless_it_is_to_go_on() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let subject = add(&admin, carol()).await;
    for (keep, left) in [(true, (true, 1, true)), (false, (false, 0, true))] {
        let before = has(&admin, &subject).await;
        if before.1 == 0 {
            use_as(&admin, &subject, "web").await;
        }
        let new = hash("another horse", [2; 16]).unwrap();
        let body = json!({ "password_hash": new, "keep_sessions": keep });
        Call::post("/users/{username}/password", body)
            .named("carol")
            .done(&admin)
            .await;
        let app = admin.current.app();
        assert_eq!(
            app.server.users.by_name("carol").unwrap().password_hash,
            new
        );
        assert_eq!(has(&admin, &subject).await, left, "{keep}");
    }
    assert_eq!(
        recorded(&admin),
        ["user_added", "user_changed", "user_changed"]
    );
}

#[tokio::test]
async fn a_disabled_user_keeps_name_and_subject() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let subject = add(&admin, carol()).await;
    Call::post("/users/{username}/disable", Value::Null)
        .named("carol")
        .done(&admin)
        .await;
    let mut dave = carol();
    dave["username"] = json!("dave");
    dave["subject"] = json!(subject);
    let refused = Call::post("/users", dave).refused(&admin, 409).await;
    assert!(refused.contains("is that of user \"carol\""), "{refused}");
    Call::post("/users", carol()).refused(&admin, 409).await;
    let body = json!({ "password_hash": hash("another horse", [2; 16]).unwrap() });
    Call::post("/users/{username}/password", body)
        .named("carol")
        .done(&admin)
        .await;
    assert!(admin.current.app().server.users.by_name("carol").is_none());
}
