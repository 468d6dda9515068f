//! Revoking what was granted.

use serde_json::json;

use super::contract::{Call, running};
use super::users::{recorded, use_as};
use super::*;

#[tokio::test]
async fn one_family_ends_by_the_name_that_is_shown() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let subject = admin
        .current
        .app()
        .server
        .users
        .by_name("alice")
        .unwrap()
        .subject
        .clone();
    let id = use_as(&admin, &subject, "web").await;
    use_as(&admin, &subject, "spa").await;
    let list = Call::get("/users/{username}/families").named("alice");
    let families = list.done(&admin).await;
    assert_eq!(families["total"], 2);
    let shown = families["families"].as_array().unwrap();
    let of_web = shown.iter().find(|one| one["client_id"] == "web").unwrap();
    assert_eq!(of_web["id"], id.to_text());
    let revoke = Call::post("/tokens/revoke", json!({ "family": id.to_text() }));
    assert_eq!(revoke.done(&admin).await["grants"], 1);
    revoke.refused(&admin, 404).await;
    assert_eq!(list.done(&admin).await["total"], 1);
    assert_eq!(recorded(&admin), ["grant_revoked"]);
}

#[tokio::test]
async fn all_of_a_user_and_all_of_a_client_end() {
    let dir = TempDir::new();
    let admin = running(dir.path());
    let app = admin.current.app();
    let of = |name| app.server.users.by_name(name).unwrap().subject.clone();
    let (alice, bob) = (of("alice"), of("bob"));
    for (subject, client) in [
        (&alice, "web"),
        (&alice, "spa"),
        (&bob, "web"),
        (&bob, "spa"),
    ] {
        use_as(&admin, subject, client).await;
    }
    let revoked = Call::post("/tokens/revoke", json!({ "user": "alice" }))
        .done(&admin)
        .await;
    assert_eq!(
        (&revoked["grants"], &revoked["sessions"]),
        (&json!(2), &json!(1))
    );
    let revoked = Call::post("/tokens/revoke", json!({ "client_id": "web" }))
        .done(&admin)
        .await;
    assert_eq!(
        (&revoked["grants"], &revoked["sessions"]),
        (&json!(1), &json!(0))
    );
    // Also of a client that is gone.
    use_as(&admin, &bob, "gone").await;
    let revoked = Call::post("/tokens/revoke", json!({ "client_id": "gone" }))
        .done(&admin)
        .await;
    assert_eq!(revoked["grants"], 1);
    let revoked = Call::post("/tokens/revoke", json!({ "subject": bob }))
        .done(&admin)
        .await;
    assert_eq!(
        (&revoked["grants"], &revoked["consents"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        recorded(&admin),
        [
            "user_revoked",
            "client_revoked",
            "client_revoked",
            "user_revoked"
        ]
    );
}
