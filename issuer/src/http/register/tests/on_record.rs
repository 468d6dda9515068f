//! What the audit log has of registrations.

use super::*;
use crate::store::{AuditFilter, AuditStore as _};

#[tokio::test]
async fn what_becomes_of_a_client_is_on_record() {
    let server = Server::with(OPEN);
    server
        .register(&json!({ "redirect_uris": ["/nowhere"] }))
        .await;
    let (_, client) = server.register(&web()).await;
    let (id, token) = (
        text(&client, "client_id"),
        text(&client, "registration_access_token"),
    );
    let change = json!({ "client_id": id, "redirect_uris": ["https://other.example/cb"] });
    server.managed(Method::PUT, id, token, &change).await;
    server
        .managed(Method::DELETE, id, token, &Value::Null)
        .await;
    let filter = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    let page = server.current.app().store.audit(&filter).unwrap();
    let mut events: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.stored.event.as_str())
        .collect();
    events.reverse();
    assert_eq!(
        events,
        [
            "registration_refused",
            "client_registered",
            "client_changed",
            "client_disabled"
        ]
    );
}
