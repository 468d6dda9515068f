//! Fetching one document: from an address that was looked at, in one request, within bounds of time and
//! size.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;

use super::address::is_public;
use super::freshness::{Freshness, freshness};
use super::turns::Turn;
use super::{DocumentError, FETCH_SECONDS, MAX_DOCUMENT_BYTES, Resolve};
use crate::protocol::client_id_metadata::DocumentUrl;

/// How many of a host's addresses are tried.
pub(super) const MAX_ADDRESSES: usize = 3;
/// How long each of them may take to answer: one that does not must not keep the next from it.
const CONNECT_WITHIN: Duration = Duration::from_millis(1_500);
/// All headers of an answer, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// A document as it came.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) body: Vec<u8>,
    /// For how long it is good.
    pub(super) freshness: Freshness,
}

/// Fetches the document at `url`. The turn ends when nothing is being done for it any more, the lookup
/// of the name included, which nobody can stop: otherwise slow names would take up all threads.
///
/// # Errors
/// [`DocumentError`].
pub(super) async fn fetch(
    url: &DocumentUrl,
    resolve: &Resolve,
    trust: &Arc<ClientConfig>,
    turn: Turn,
) -> Result<Fetched, DocumentError> {
    let within = Duration::from_secs(FETCH_SECONDS);
    let turn = Arc::new(turn);
    let fetching = async {
        let stream = connect(url, resolve, &turn).await?;
        if !url.is_https() {
            return ask(url, stream).await;
        }
        let name = server_name(url).ok_or(DocumentError::Tls)?;
        let connector = TlsConnector::from(trust.clone());
        let stream = connector.connect(name, stream).await;
        ask(url, stream.map_err(|_| DocumentError::Tls)?).await
    };
    timeout(within, fetching)
        .await
        .unwrap_or(Err(DocumentError::TooSlow))
}

/// Connects to an address of the host. Every one that the name has now is looked at, and the connection
/// is to one of those: to ask again would be to trust another answer. If one is not public there is
/// none.
async fn connect(
    url: &DocumentUrl,
    resolve: &Resolve,
    turn: &Arc<Turn>,
) -> Result<TcpStream, DocumentError> {
    let addresses = addresses(url, resolve, turn).await?;
    for address in addresses.iter().take(MAX_ADDRESSES) {
        let connecting = TcpStream::connect(SocketAddr::new(*address, url.port()));
        if let Ok(Ok(stream)) = timeout(CONNECT_WITHIN, connecting).await {
            return Ok(stream);
        }
    }
    Err(DocumentError::Unreachable)
}

async fn addresses(
    url: &DocumentUrl,
    resolve: &Resolve,
    turn: &Arc<Turn>,
) -> Result<Vec<IpAddr>, DocumentError> {
    let addresses = match url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(name)) => {
            let (resolving, turn) = (resolve(name.to_owned()), turn.clone());
            let resolved = tokio::spawn(async move {
                let resolved = resolving.await;
                drop(turn);
                resolved
            });
            let resolved = resolved.await.map_err(|_| DocumentError::Unresolved)?;
            resolved.map_err(|_| DocumentError::Unresolved)?
        }
        None => Vec::new(),
    };
    if addresses.is_empty() {
        return Err(DocumentError::Unresolved);
    }
    // The id of a loopback host is taken only where that is allowed, and then it is a loopback address
    // and no other: a name that means both could be anybody's.
    let may_be = |address: &IpAddr| match url.is_loopback() {
        true => address.is_loopback(),
        false => is_public(*address),
    };
    match addresses.iter().find(|address| !may_be(address)) {
        Some(address) => Err(DocumentError::Address(*address)),
        None => Ok(addresses),
    }
}

fn server_name(url: &DocumentUrl) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::IpAddress(IpAddr::V4(address).into())),
        Host::Ipv6(address) => Some(ServerName::IpAddress(IpAddr::V6(address).into())),
    }
}

async fn ask<S>(url: &DocumentUrl, stream: S) -> Result<Fetched, DocumentError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_| DocumentError::Broken;
    let request = Request::get(url.path_and_query())
        .header(HOST, url.authority())
        .header(ACCEPT, "application/json")
        // Without it any would do (RFC 9110 §12.5.3).
        .header(ACCEPT_ENCODING, "identity")
        .header(USER_AGENT, "Dockgate")
        .body(Empty::<Bytes>::new())
        .map_err(|_| DocumentError::Broken)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEADER_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        read(response).await
    };
    tokio::pin!(connection);
    tokio::pin!(answer);
    // The connection is worked on only here, and gone when this returns.
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = &mut connection => answer.await,
    }
}

async fn read(response: Response<Incoming>) -> Result<Fetched, DocumentError> {
    let (head, mut body) = response.into_parts();
    match head.status.as_u16() {
        200 => {}
        300..=399 => return Err(DocumentError::Redirect),
        other => return Err(DocumentError::Status(other)),
    }
    if !is_json(&head.headers) {
        return Err(DocumentError::ContentType);
    }
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| DocumentError::Broken)?;
        if let Some(data) = frame.data_ref() {
            if kept.len() + data.len() > MAX_DOCUMENT_BYTES {
                return Err(DocumentError::TooLarge);
            }
            kept.extend_from_slice(data);
        }
    }
    Ok(Fetched {
        body: kept,
        freshness: freshness(&head.headers),
    })
}

/// `application/json`, or another JSON of `application` (draft §4), as it is: what is compressed could
/// unpack to more.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = media_type.strip_prefix("application/");
    let json = subtype.is_some_and(|own| own == "json" || own.ends_with("+json"));
    json && !headers.contains_key(CONTENT_ENCODING)
}
