//! What is measured.

use super::server::Program;
use crate::bench::algorithm::{Algorithm, Format};

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// `client_credentials` at the token endpoint: parse, authenticate, sign; nothing is stored.
    ClientCredentials(Algorithm),
    /// A code with its PKCE verifier becomes an access token and a refresh token.
    Code(Algorithm),
    /// A refresh token is rotated.
    Refresh(Algorithm),
    /// An authenticated client asks about a user's access token.
    Introspection,
}

/// Every case, in the order in which they run.
pub(super) const CASES: [Case; 7] = [
    Case::ClientCredentials(Algorithm::RS256),
    Case::ClientCredentials(Algorithm::ES256),
    Case::ClientCredentials(Algorithm::EdDSA),
    Case::Code(Algorithm::EdDSA),
    Case::Refresh(Algorithm::EdDSA),
    Case::Refresh(Algorithm::RS256),
    Case::Introspection,
];

impl Case {
    /// As `--case` takes it.
    pub(super) fn name(self) -> &'static str {
        use Algorithm::{ES256, EdDSA, RS256};
        match self {
            Self::ClientCredentials(RS256) => "client_credentials_rs256",
            Self::ClientCredentials(ES256) => "client_credentials_es256",
            Self::ClientCredentials(EdDSA) => "client_credentials_eddsa",
            Self::Code(RS256) => "code_rs256",
            Self::Code(ES256) => "code_es256",
            Self::Code(EdDSA) => "code_eddsa",
            Self::Refresh(RS256) => "refresh_rs256",
            Self::Refresh(ES256) => "refresh_es256",
            Self::Refresh(EdDSA) => "refresh_eddsa",
            Self::Introspection => "introspection",
        }
    }

    /// The access tokens that a server is to issue.
    pub(super) fn format(self, program: &Program) -> Format {
        match (self, program) {
            (
                Self::ClientCredentials(algorithm)
                | Self::Code(algorithm)
                | Self::Refresh(algorithm),
                _,
            ) => Format::Jwt(algorithm),
            (Self::Introspection, Program::Ours) => Format::Jwt(Algorithm::RS256),
            // It refuses to introspect a JWT.
            (Self::Introspection, Program::Peer { .. }) => Format::Opaque,
        }
    }

    /// Whether the peer is measured too: RS256 refreshes are compared with the machine's own
    /// limits.
    pub(super) fn has_peer(self) -> bool {
        self != Self::Refresh(Algorithm::RS256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: std::collections::BTreeSet<_> =
            CASES.into_iter().map(|case| case.name()).collect();
        assert_eq!(names.len(), CASES.len());
        assert!(names.contains("refresh_eddsa"));
    }
}
