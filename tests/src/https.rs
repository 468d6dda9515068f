//! HTTP/1.1 over TLS to one host that is on this machine, whatever the DNS says of it.

use std::io::Write as _;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::http::{Request, Response, connect};

/// A client of `https://HOST`, which listens on a port of this machine.
#[derive(Clone)]
pub struct Https {
    host: &'static str,
    port: u16,
    config: Arc<ClientConfig>,
}

impl Https {
    /// A client that trusts one certificate authority and no other.
    ///
    /// # Panics
    /// When the certificate is none.
    pub fn new(host: &'static str, port: u16, authority: &CertificateDer<'_>) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add(authority.clone().into_owned())
            .expect("a certificate");
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            host,
            port,
            config: Arc::new(config),
        }
    }

    /// What the host is called in URLs.
    pub fn origin(&self) -> String {
        format!("https://{}", self.host)
    }

    /// Sends a request on a connection of its own.
    ///
    /// # Panics
    /// When no well-formed response comes, or the certificate is not good for the host.
    pub fn send(&self, request: Request) -> Response {
        request.send_over(self.connect(self.config.clone()), self.host)
    }

    /// The certificate that the host shows, DER.
    ///
    /// # Panics
    /// When it is not good for the host.
    pub fn certificate(&self) -> Vec<u8> {
        let connection = self.connect(self.config.clone());
        let chain = connection.conn.peer_certificates().expect("a certificate");
        chain[0].to_vec()
    }

    /// Which of these protocols the host would rather speak (RFC 7301).
    ///
    /// # Panics
    /// When there is no connection.
    pub fn preferred_protocol(&self, offered: &[&str]) -> Option<String> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = offered
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let connection = self.connect(Arc::new(config));
        let chosen = connection.conn.alpn_protocol()?;
        Some(String::from_utf8_lossy(chosen).into_owned())
    }

    fn connect(&self, config: Arc<ClientConfig>) -> StreamOwned<ClientConnection, impl Stream> {
        let name = ServerName::try_from(self.host).expect("a host name");
        let connection = ClientConnection::new(config, name).expect("a configuration");
        let mut stream = StreamOwned::new(connection, connect(self.port));
        // The handshake, which is otherwise done with the first bytes that are read or written.
        stream.flush().expect("a handshake");
        while stream.conn.is_handshaking() {
            stream
                .conn
                .complete_io(&mut stream.sock)
                .expect("a handshake");
        }
        stream
    }
}

/// What TLS runs over.
trait Stream: std::io::Read + std::io::Write {}
impl<T: std::io::Read + std::io::Write> Stream for T {}
