//! One site, or one who asks, against everybody else.

use std::net::Ipv4Addr;

use super::*;

fn from(n: u32) -> Asker {
    Asker::Anybody(Source::browser(Some(Ipv4Addr::from(n).into())))
}

/// Asks for documents that never come, until no more of them is being looked up.
fn wait(documents: &Arc<ClientDocuments>, id: &str, asker: Asker) -> tokio::task::JoinHandle<()> {
    let (documents, url) = (documents.clone(), url(id));
    tokio::spawn(async move {
        let _never = documents.document(&url, About::Client, asker, NOW).await;
    })
}

/// A resolver that does not answer for some names, and how often it was asked.
fn slow() -> (Resolve, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::default());
    let count = asked.clone();
    let resolve: Resolve = Arc::new(move |host| {
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if host.contains("slow") {
                std::future::pending::<()>().await;
            }
            Ok(Vec::new())
        })
    });
    (resolve, asked)
}

async fn until(asked: &AtomicUsize, many: usize) {
    while asked.load(Ordering::SeqCst) < many {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_site_that_answers_nothing_keeps_nobody_else_waiting() {
    let (resolve, asked) = slow();
    let documents = Arc::new(documents(resolve, None));
    let tasks: Vec<_> = (0..MAX_AT_ONCE as u32)
        .map(|n| wait(&documents, &format!("https://n{n}.slow.example/c"), from(n)))
        .collect();
    until(&asked, MAX_AT_ONCE_OF_A_SITE).await;
    for n in 0..MAX_AT_ONCE_OF_A_SITE as u32 {
        let other = url(&format!("https://other{n}.example/c"));
        let answer = documents.document(&other, About::Client, from(1000), NOW);
        assert_eq!(answer.await, Err(DocumentError::Unresolved));
    }
    let of_slow = asked.load(Ordering::SeqCst) - MAX_AT_ONCE_OF_A_SITE;
    assert_eq!(of_slow, MAX_AT_ONCE_OF_A_SITE);
    for task in tasks {
        task.abort();
    }
}

#[tokio::test]
async fn who_asks_for_much_at_once_keeps_nobody_else_waiting() {
    let (resolve, asked) = slow();
    let documents = Arc::new(documents(resolve, None));
    let tasks: Vec<_> = (0..16)
        .map(|n| wait(&documents, &format!("https://slow{n}.example/c"), from(1)))
        .collect();
    until(&asked, MAX_AT_ONCE_FOR_A_SOURCE).await;
    let other = url("https://other.example/c");
    let answer = documents
        .document(&other, About::Client, from(2), NOW)
        .await;
    assert_eq!(answer, Err(DocumentError::Unresolved));
    assert_eq!(asked.load(Ordering::SeqCst), MAX_AT_ONCE_FOR_A_SOURCE + 1);
    for task in tasks {
        task.abort();
    }
}

#[tokio::test]
async fn a_site_has_its_places_and_pushes_nobody_else_out() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "{}"), false).await;
    let (mapped, _) = slow();
    let documents = documents(mapped, None);
    let loopback = server.address.port();
    let good = url(&format!("http://127.0.0.1:{loopback}/client.json"));
    let ask = async |id: &DocumentUrl, n| documents.document(id, About::Client, from(n), NOW).await;
    ask(&good, 1).await.unwrap();
    for n in 0..3 * MAX_DOCUMENTS_OF_A_SITE as u32 {
        let id = url(&format!("https://h{n}.one.example/c"));
        assert_eq!(ask(&id, n / 10 + 2).await, Err(DocumentError::Unresolved));
    }
    assert_eq!(documents.len(), MAX_DOCUMENTS_OF_A_SITE + 1);
    ask(&good, 1).await.unwrap();
    assert_eq!(server.asked(), 1, "it has kept its place");
}

#[tokio::test]
async fn of_however_many_sites_no_more_are_kept_than_there_is_room_for() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "{}"), false).await;
    let (unresolved, _) = slow();
    let documents = documents(unresolved, None);
    let port = server.address.port();
    let good = url(&format!("http://127.0.0.1:{port}/client.json"));
    let ask = async |id: &DocumentUrl| documents.document(id, About::Client, Asker::Us, NOW).await;
    ask(&good).await.unwrap();
    for n in 0..2 * MAX_DOCUMENTS {
        let id = url(&format!("https://site{n}.example/c"));
        assert_eq!(ask(&id).await, Err(DocumentError::Unresolved));
    }
    assert_eq!(documents.len(), MAX_DOCUMENTS);
    ask(&good).await.unwrap();
    assert_eq!(server.asked(), 1, "what is good is kept");
}
