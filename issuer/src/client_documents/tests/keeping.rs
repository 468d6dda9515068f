//! Keeping documents.

use super::*;

#[tokio::test]
async fn many_who_want_the_same_wait_for_one_fetch() {
    let server = Server::with(&json("\r\ncache-control: max-age=600", "{}"), false).await;
    let documents = Arc::new(documents(here(), None));
    let url = server.url("http");
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (documents, url) = (documents.clone(), url.clone());
            tokio::spawn(async move {
                documents
                    .document(&url, About::Client, someone(), NOW)
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!(server.asked(), 1);
    documents
        .document(&url, About::Client, someone(), NOW + 599)
        .await
        .unwrap();
    assert_eq!(server.asked(), 1, "it is fresh");
    documents
        .document(&url, About::Client, someone(), NOW + 600)
        .await
        .unwrap();
    assert_eq!(server.asked(), 2, "it is not any more");
}

/// The answer is not kept, only the host is left alone for a moment (draft §5.2).
#[tokio::test]
async fn a_failure_is_not_tried_again_at_once() {
    for (answer, failure) in [
        (answer("503 Busy", ""), DocumentError::Status(503)),
        (answer("404 Not Found", ""), DocumentError::Status(404)),
    ] {
        let server = Server::with(&answer, false).await;
        let documents = documents(here(), None);
        for (later, expected, asked) in [
            (0, failure.clone(), 1),
            (1, DocumentError::Paused(29), 1),
            (29, DocumentError::Paused(1), 1),
            (30, failure, 2),
        ] {
            let url = server.url("http");
            let refused = documents
                .document(&url, About::Client, someone(), NOW + later)
                .await;
            assert_eq!(refused, Err(expected), "{later}");
            assert_eq!(server.asked(), asked, "{later}");
        }
    }
}

#[tokio::test]
async fn what_was_no_good_is_not_kept_however_long_it_says() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "[]"), false).await;
    let documents = documents(here(), None);
    let url = server.url("http");
    let ask = async |later| {
        documents
            .document(&url, About::Client, someone(), NOW + later)
            .await
    };
    ask(0).await.unwrap();
    documents.refuse(&url, About::Client, NOW).await;
    assert_eq!(ask(0).await, Err(DocumentError::Paused(30)));
    assert_eq!(server.asked(), 1);
    ask(30).await.unwrap();
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn keys_are_asked_for_again_after_ten_minutes_at_the_latest() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "{}"), false).await;
    let documents = documents(here(), None);
    let url = server.url("http");
    for (later, asked) in [(0, 1), (599, 1), (600, 2)] {
        let keys = documents.document(&url, About::Keys, someone(), NOW + later);
        keys.await.unwrap();
        assert_eq!(server.asked(), asked, "{later}");
    }
}

/// Who invents URLs uses up what is admitted, and keeps nobody from a client that is known.
#[tokio::test]
async fn what_was_good_and_what_we_know_ourselves_is_asked_for_however_much_others_ask() {
    let server = Server::with(&json("\r\ncache-control: max-age=60", "{}"), false).await;
    let documents = documents(here(), None);
    let (good, ours) = (server.url("http"), server.url("http"));
    let ours = url(&ours.as_str().replace("client.json", "ours.json"));
    let ask = async |url: &DocumentUrl, asker, later| {
        documents
            .document(url, About::Client, asker, NOW + later)
            .await
    };
    ask(&good, someone(), 0).await.unwrap();
    let mut number = 0;
    let too_many = loop {
        number += 1;
        let invented = url(&format!("{}?{number}", server.url("http")));
        if let Err(error) = ask(&invented, someone(), 60).await {
            break error;
        }
    };
    assert!(
        matches!(too_many, DocumentError::TooMany(_)),
        "{too_many:?}"
    );
    let asked = server.asked();
    ask(&good, someone(), 60).await.unwrap();
    ask(&ours, Asker::Us, 60).await.unwrap();
    assert_eq!(server.asked(), asked + 2);
}

#[tokio::test]
async fn what_was_good_is_used_for_an_hour_while_its_host_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let once = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, &json("\r\ncache-control: max-age=60", "{}")).await;
    });
    let documents = documents(here(), None);
    let url = url(&format!("http://localhost:{port}/c"));
    documents
        .document(&url, About::Client, someone(), NOW)
        .await
        .unwrap();
    once.await.unwrap();
    documents
        .document(&url, About::Client, someone(), NOW + 3659)
        .await
        .unwrap();
    // Its host is left alone for 30 seconds.
    for (later, expected) in [
        (3660, DocumentError::Paused(29)),
        (3689, DocumentError::Unreachable),
    ] {
        let gone = documents.document(&url, About::Client, someone(), NOW + later);
        assert_eq!(gone.await, Err(expected), "{later}");
    }
}

#[tokio::test]
async fn ids_that_anybody_invents_take_no_more_than_their_room() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "{}"), false).await;
    let documents = documents(resolver(&["127.0.0.1"], &["127.0.0.1"]), None);
    let good = server.url("http");
    documents
        .document(&good, About::Client, someone(), NOW)
        .await
        .unwrap();
    let mut refused = 0;
    for number in 0..2 * MAX_DOCUMENTS {
        let invented = url(&format!("https://app.example/{number}"));
        let answer = documents
            .document(&invented, About::Client, someone(), NOW)
            .await;
        refused += usize::from(matches!(answer, Err(DocumentError::TooMany(_))));
    }
    assert_eq!(documents.len(), 20, "what is refused has no place");
    assert_eq!(refused, 2 * MAX_DOCUMENTS - 19, "one address has its part");
    documents
        .document(&good, About::Client, someone(), NOW)
        .await
        .unwrap();
    assert_eq!(server.asked(), 1, "what is good is kept");
}

#[tokio::test]
async fn what_must_not_be_used_when_it_is_stale_is_not() {
    for (cache_control, expected) in [
        ("max-age=60", true),
        ("max-age=60, must-revalidate", false),
        ("no-store", false),
        ("no-cache", false),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = json(&format!("\r\ncache-control: {cache_control}"), "{}");
        let once = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, &answer).await;
        });
        let documents = documents(here(), None);
        let url = url(&format!("http://localhost:{port}/c"));
        let first = documents.document(&url, About::Client, someone(), NOW);
        first.await.unwrap();
        once.await.unwrap();
        let later = documents.document(&url, About::Client, someone(), NOW + 60);
        assert_eq!(later.await.is_ok(), expected, "{cache_control}");
    }
}

/// A redirect URI that was taken out, or a client that was, is gone when its host says so.
#[tokio::test]
async fn a_host_that_says_there_is_no_document_any_more_is_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for answer in [
            json("\r\ncache-control: max-age=60", "{}"),
            answer("410 Gone", ""),
        ] {
            let (stream, _) = listener.accept().await.unwrap();
            serve(stream, &answer).await;
        }
    });
    let documents = documents(here(), None);
    let url = url(&format!("http://localhost:{port}/c"));
    for (later, expected) in [
        (0, None),
        (60, Some(DocumentError::Status(410))),
        (61, Some(DocumentError::Paused(29))),
    ] {
        let document = documents.document(&url, About::Client, someone(), NOW + later);
        assert_eq!(document.await.err(), expected, "{later}");
    }
}
