//! What access tokens are made of.

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    RS256,
    ES256,
    EdDSA,
}

impl Algorithm {
    /// Its name in JOSE (RFC 7518 §3.1, RFC 8037 §3.1).
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// The form of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jwt(Algorithm),
    Opaque,
}

impl Format {
    /// The `alg` in its header, if it has one.
    pub(super) fn header(self) -> Option<String> {
        match self {
            Self::Jwt(algorithm) => Some(algorithm.as_str().to_owned()),
            Self::Opaque => None,
        }
    }
}
