//! Whom the certificates of hosts are believed from.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Why nobody's can be.
#[derive(Debug)]
pub enum TlsError {
    /// A file has no certificate in it, or one that is none.
    NoCertificates,
    /// The crypto library does not do TLS 1.2 and 1.3.
    Versions(rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificates => {
                f.write_str("it has no certificate of an authority in PEM form")
            }
            Self::Versions(error) => write!(f, "TLS cannot be used: {error}"),
        }
    }
}

/// Believes the authorities in this PEM text, or those of Mozilla's list that the program has in it: its
/// image has no files of the system's.
///
/// # Errors
/// [`TlsError`].
pub fn trust(pem: Option<&[u8]>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    match pem {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| TlsError::NoCertificates)?;
                roots
                    .add(certificate)
                    .map_err(|_| TlsError::NoCertificates)?;
            }
            if roots.is_empty() {
                return Err(TlsError::NoCertificates);
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Versions)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
