//! Fetching and keeping, from a real server on loopback, with and without TLS. What a name means is an
//! argument.

mod documented;
mod fetching;
mod keeping;
mod sites;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::protocol::client_id_metadata::{ClientIdMetadataPolicy, DocumentUrl};
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

    fn url(&self, scheme: &str) -> DocumentUrl {
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
            always_scope: Default::default(),
            private_use_schemes: false,
            id_token_algorithms: [].into(),
        },
    }
}

fn url(id: &str) -> DocumentUrl {
    DocumentUrl::parse(id, &policy()).unwrap()
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

fn someone() -> Asker {
    Asker::Anybody(Source::browser(None))
}

async fn fetched(answer: &str) -> Result<Vec<u8>, DocumentError> {
    let server = Server::with(answer, false).await;
    let documents = documents(here(), None);
    let document = documents
        .document(&server.url("http"), About::Client, someone(), NOW)
        .await;
    document.map(|document| document.to_vec())
}
