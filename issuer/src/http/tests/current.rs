//! A change at run time.

use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::oneshot;

use super::*;

/// A body of one piece that comes when it is sent.
struct Awaited(Option<oneshot::Receiver<Bytes>>);

impl HttpBody for Awaited {
    type Data = Bytes;
    type Error = oneshot::error::RecvError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(receiver) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let received = std::task::ready!(pin!(receiver).poll(context));
        self.0 = None;
        Poll::Ready(Some(received.map(Frame::data)))
    }
}

fn change(current: &Current, change: impl FnOnce(&mut App)) -> Result<(), NotReplaced> {
    current.update(|app| {
        change(app);
        Ok(())
    })
}

#[tokio::test]
async fn a_change_is_seen_by_every_request_after_it_and_by_none_before() {
    let current = Current::new(demo_app("http://localhost:8080")).unwrap();
    let service = TowerToHyperService::new(router::router(&current));
    let scopes = async || {
        let request = Request::get("/.well-known/oauth-authorization-server");
        let response = service.call(request.body(Body::empty()).unwrap());
        let body = response.await.unwrap().into_body().collect().await;
        let document: Value = serde_json::from_slice(&body.unwrap().to_bytes()).unwrap();
        document["scopes_supported"].to_string()
    };
    let before = current.app();
    assert!(scopes().await.contains("api:read"));
    change(&current, |app| {
        app.server.resource_servers[0].scopes.clear()
    })
    .unwrap();
    assert!(!scopes().await.contains("api:read"));
    assert!(!before.server.resource_servers[0].scopes.is_empty());
    assert!(current.app().server.resource_servers[0].scopes.is_empty());
}

#[tokio::test]
async fn a_request_in_progress_is_answered_from_what_was_when_it_came() {
    let current = Current::new(demo_app("http://localhost:8080")).unwrap();
    let service = TowerToHyperService::new(router::router(&current));
    let (body, awaited) = oneshot::channel();
    let request = Request::post("/token")
        .header("authorization", "Basic c2VydmljZTpzZXJ2aWNlLXNlY3JldA==")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::new(Awaited(Some(awaited))))
        .unwrap();
    let mut answer = pin!(service.call(request));
    tokio::select! {
        biased;
        _ = &mut answer => panic!("answered without its body"),
        () = std::future::ready(()) => {}
    }
    change(&current, |app| app.server.clients.clear()).unwrap();
    body.send(Bytes::from_static(b"grant_type=client_credentials"))
        .unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
}

#[test]
fn another_issuer_is_no_change_at_run_time() {
    let current = Current::new(demo_app("http://localhost:8080")).unwrap();
    let other = change(&current, |app| *app = demo_app("http://localhost:8081"));
    assert!(matches!(other, Err(NotReplaced::OtherIssuer)));
    assert_eq!(
        current.app().server.issuer.as_str(),
        "http://localhost:8080"
    );
}

#[test]
fn of_changes_at_the_same_time_none_is_lost() {
    let current = Current::new(demo_app("http://localhost:8080")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    change(&current, |app| app.documents_max_age_seconds += 1).unwrap();
                }
            });
        }
    });
    assert_eq!(current.app().documents_max_age_seconds, 300 + 100);
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let current = Current::new(demo_app("http://localhost:8080")).unwrap();
    let refused = current.update(|app| {
        app.server.clients.clear();
        Err::<(), _>(NotReplaced::OtherIssuer)
    });
    assert!(refused.is_err());
    assert!(!current.app().server.clients.is_empty());
}
