//! Fetching, from a real server on loopback, with and without TLS. What a name means is an argument.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::protocol::client_id_metadata::{ClientIdMetadataPolicy, ClientIdUrl};
use crate::protocol::registration::Offer;
use crate::throttle::Source;

const NOW: u64 = 1_000_000;

/// A server that answers each connection with the same bytes, and counts them.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    /// The authority of its certificate.
    pem: String,
}

impl Server {
    async fn with(answer: &str, tls: bool) -> Self {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let pem = key.cert.pem();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::default());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![key.cert.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der())
                    .unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (counted, answer) = (asked.clone(), answer.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                tokio::spawn(async move {
                    if !tls {
                        serve(stream, &answer).await;
                    } else if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, &answer).await;
                    }
                });
            }
        });
        Self {
            address,
            asked,
            pem,
        }
    }

    fn url(&self, scheme: &str) -> ClientIdUrl {
        let port = self.address.port();
        url(&format!("{scheme}://localhost:{port}/client.json"))
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Reads the head of a request and answers; an answer without an end is kept waiting for.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.extend(byte),
            _ => return,
        }
    }
    stream.write_all(answer.as_bytes()).await.ok();
    stream.flush().await.ok();
    if answer.contains("x-then: wait") {
        std::future::pending::<()>().await;
    }
    stream.shutdown().await.ok();
}

fn policy() -> ClientIdMetadataPolicy {
    ClientIdMetadataPolicy {
        allow_loopback: true,
        allowed_hosts: None,
        offer: Offer {
            grants: [].into(),
            scope: Default::default(),
            default_scope: Default::default(),
            private_use_schemes: false,
            id_token_algorithms: [].into(),
        },
    }
}

fn url(id: &str) -> ClientIdUrl {
    ClientIdUrl::parse(&id.parse().unwrap(), &policy()).unwrap()
}

fn answer(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn json(more: &str, body: &str) -> String {
    answer(
        &format!("200 OK\r\ncontent-type: application/json{more}"),
        body,
    )
}

/// A name has these addresses; the second time it is asked for, those.
fn resolver(first: &[&str], then: &[&str]) -> Resolve {
    let parse = |list: &[&str]| -> Vec<IpAddr> {
        list.iter()
            .map(|address| address.parse().unwrap())
            .collect()
    };
    let (first, then) = (parse(first), parse(then));
    let asked = AtomicUsize::default();
    Arc::new(move |_| {
        let again = asked.fetch_add(1, Ordering::SeqCst) > 0;
        let addresses = if again { then.clone() } else { first.clone() };
        Box::pin(async move { Ok(addresses) })
    })
}

fn here() -> Resolve {
    resolver(&["127.0.0.1"], &["127.0.0.1"])
}

fn documents(resolve: Resolve, pem: Option<&str>) -> ClientDocuments {
    ClientDocuments::new(resolve, trust(pem.map(str::as_bytes)).unwrap())
}

fn someone() -> Source {
    Source::browser(None)
}

async fn fetched(answer: &str) -> Result<Vec<u8>, DocumentError> {
    let server = Server::with(answer, false).await;
    let documents = documents(here(), None);
    let document = documents
        .document(&server.url("http"), someone(), NOW)
        .await;
    document.map(|document| document.to_vec())
}

#[tokio::test]
async fn a_document_comes_over_tls_of_its_host_and_no_other() {
    let server = Server::with(&json("", "{}"), true).await;
    let url = server.url("https");
    let good = documents(here(), Some(&server.pem));
    assert_eq!(&*good.document(&url, someone(), NOW).await.unwrap(), b"{}");
    let other = Server::with("", true).await;
    for trusted in [None, Some(other.pem.as_str())] {
        let documents = documents(here(), trusted);
        let refused = documents.document(&url, someone(), NOW).await;
        assert_eq!(refused, Err(DocumentError::Tls));
    }
    let by_address = format!("https://127.0.0.1:{}/client.json", server.address.port());
    let documents = documents(here(), Some(&server.pem));
    let refused = documents
        .document(&self::url(&by_address), someone(), NOW)
        .await;
    assert_eq!(refused, Err(DocumentError::Tls));
}

#[tokio::test]
async fn hostile_answers_are_refused_each_for_its_reason() {
    let large = json("", &"x".repeat(MAX_DOCUMENT_BYTES + 1));
    let endless = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}",
        "x".repeat(MAX_DOCUMENT_BYTES + 1)
    );
    let many_headers = answer(&format!("200 OK\r\nx: {}", "y".repeat(100_000)), "{}");
    for (answer, expected) in [
        (json("", "{}"), Ok(b"{}".to_vec())),
        (
            answer(
                "200 OK\r\ncontent-type: application/x+JSON; charset=utf-8",
                "{}",
            ),
            Ok(b"{}".to_vec()),
        ),
        (
            answer("301 Moved\r\nlocation: http://127.0.0.1/", ""),
            Err(DocumentError::Redirect),
        ),
        (
            answer("302 Found\r\nlocation: http://169.254.169.254/", ""),
            Err(DocumentError::Redirect),
        ),
        (answer("404 Not Found", ""), Err(DocumentError::Status(404))),
        (answer("503 Busy", ""), Err(DocumentError::Status(503))),
        (
            answer("204 No Content\r\ncontent-type: application/json", ""),
            Err(DocumentError::Status(204)),
        ),
        (
            answer("200 OK\r\ncontent-type: text/html", "{}"),
            Err(DocumentError::ContentType),
        ),
        (answer("200 OK", "{}"), Err(DocumentError::ContentType)),
        (
            json("\r\ncontent-encoding: gzip", "{}"),
            Err(DocumentError::ContentType),
        ),
        (large, Err(DocumentError::TooLarge)),
        (endless, Err(DocumentError::TooLarge)),
        (many_headers, Err(DocumentError::Broken)),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
                .to_owned(),
            Err(DocumentError::Broken),
        ),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), Err(DocumentError::Broken)),
        (String::new(), Err(DocumentError::Broken)),
    ] {
        assert_eq!(fetched(&answer).await, expected, "{answer:.80}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_no_longer_than_documented() {
    let slow = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\nx-then: wait\r\n\r\n{";
    let waited = tokio::time::timeout(Duration::from_secs(4 * FETCH_SECONDS), fetched(slow)).await;
    assert_eq!(waited.unwrap(), Err(DocumentError::TooSlow));
}

#[tokio::test]
async fn no_name_leads_to_an_address_that_is_not_public() {
    let server = Server::with(&json("", "{}"), false).await;
    let port = server.address.port();
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::"],
        // One that is public does not make up for another.
        &["192.0.2.0", "127.0.0.1"],
        &["1.1.1.1", "127.0.0.1"],
    ] {
        let documents = documents(resolver(addresses, addresses), None);
        let url = url(&format!("https://app.example:{port}/client.json"));
        let refused = documents.document(&url, someone(), NOW).await;
        assert!(
            matches!(refused, Err(DocumentError::Address(_))),
            "{addresses:?}: {refused:?}"
        );
    }
    for id in [
        "https://10.0.0.1/c",
        "https://[fd00::1]/c",
        "https://169.254.169.254/c",
    ] {
        let refused = documents(here(), None)
            .document(&url(id), someone(), NOW)
            .await;
        assert!(matches!(refused, Err(DocumentError::Address(_))), "{id}");
    }
    assert_eq!(server.asked(), 0, "nobody was connected to");
    let nowhere = documents(resolver(&[], &[]), None);
    let refused = nowhere
        .document(&url("https://app.example/c"), someone(), NOW)
        .await;
    assert_eq!(refused, Err(DocumentError::Unresolved));
}

/// The connection is to the address that was looked at: a name that means another one when it is asked
/// for again is not asked for again.
#[tokio::test]
async fn a_name_that_changes_its_meaning_leads_nowhere_else() {
    let server = Server::with(&json("", "{}"), false).await;
    // What is public is not reachable here; what the name means then would be.
    let rebinding = documents(resolver(&["240.0.0.1"], &["127.0.0.1"]), None);
    let url = url(&format!("https://app.example:{}/c", server.address.port()));
    let refused = rebinding.document(&url, someone(), NOW).await;
    assert_eq!(
        refused,
        Err(DocumentError::Address("240.0.0.1".parse().unwrap()))
    );
    // And the loopback name is only ever loopback.
    let elsewhere = documents(resolver(&["1.1.1.1"], &["127.0.0.1"]), None);
    let refused = elsewhere
        .document(&server.url("http"), someone(), NOW)
        .await;
    assert_eq!(
        refused,
        Err(DocumentError::Address("1.1.1.1".parse().unwrap()))
    );
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn many_who_want_the_same_wait_for_one_fetch() {
    let server = Server::with(&json("\r\ncache-control: max-age=600", "{}"), false).await;
    let documents = Arc::new(documents(here(), None));
    let url = server.url("http");
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (documents, url) = (documents.clone(), url.clone());
            tokio::spawn(async move { documents.document(&url, someone(), NOW).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }
    assert_eq!(server.asked(), 1);
    documents
        .document(&url, someone(), NOW + 599)
        .await
        .unwrap();
    assert_eq!(server.asked(), 1, "it is fresh");
    documents
        .document(&url, someone(), NOW + 600)
        .await
        .unwrap();
    assert_eq!(server.asked(), 2, "it is not any more");
}

#[tokio::test]
async fn a_failure_is_not_tried_again_at_once() {
    let server = Server::with(&answer("503 Busy", ""), false).await;
    let documents = documents(here(), None);
    for (later, asked) in [(0, 1), (29, 1), (30, 2)] {
        let refused = documents
            .document(&server.url("http"), someone(), NOW + later)
            .await;
        assert_eq!(refused, Err(DocumentError::Status(503)));
        assert_eq!(server.asked(), asked, "{later}");
    }
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
    documents.document(&url, someone(), NOW).await.unwrap();
    once.await.unwrap();
    documents
        .document(&url, someone(), NOW + 3659)
        .await
        .unwrap();
    let gone = documents.document(&url, someone(), NOW + 3660).await;
    assert_eq!(gone, Err(DocumentError::Unreachable));
}

#[tokio::test]
async fn ids_that_anybody_invents_take_no_more_than_their_room() {
    let server = Server::with(&json("\r\ncache-control: max-age=86400", "{}"), false).await;
    let documents = documents(resolver(&["127.0.0.1"], &["127.0.0.1"]), None);
    let good = server.url("http");
    documents.document(&good, someone(), NOW).await.unwrap();
    let mut refused = 0;
    for number in 0..2 * MAX_DOCUMENTS {
        let invented = url(&format!("https://app.example/{number}"));
        let answer = documents.document(&invented, someone(), NOW).await;
        refused += usize::from(matches!(answer, Err(DocumentError::TooMany(_))));
    }
    assert_eq!(documents.len(), MAX_DOCUMENTS);
    assert_eq!(refused, 2 * MAX_DOCUMENTS - 19, "one address has its part");
    documents.document(&good, someone(), NOW).await.unwrap();
    assert_eq!(server.asked(), 1, "what is good is kept");
}
