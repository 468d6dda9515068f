//! Every reason for which a request is refused, and the one place where reasons become words.

use std::borrow::Cow;

use dockgate_token::{MalformedJws, Scope};

use crate::path::PathFault;

/// Why a request does not pass. Rich for logs and metrics; what a client hears is in `answer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The path has more than one reading.
    Path(PathFault),
    /// `Connection` names an identity header or `Authorization`: a proxy on the way would take it
    /// away as hop-by-hop (RFC 9110 §7.6.1).
    HopByHopIdentity,
    /// A well-known document about OAuth that neither the filter nor a rule serves.
    NoSuchDocument,
    /// No rule names this request and the configuration says `unmatched: deny`.
    Unmatched,
    /// The request has no bearer token. `scope` is what the operation needs.
    NoCredentials {
        /// The scopes that would be enough; empty when any token is.
        scope: Scope,
    },
    /// The request has several `Authorization` headers.
    SeveralCredentials,
    /// The bearer credential is no token at all.
    MalformedCredentials,
    /// The issuer's keys are not there yet, so nothing can be said about the token.
    NoKeys,
    /// The token proves nothing.
    Token(TokenFault),
    /// The token is good and does not allow this.
    InsufficientScope {
        /// The scopes that would be enough.
        required: Scope,
    },
    /// The token is good and has its scopes, but a claim is not what the rule wants.
    ClaimNotMet {
        /// Its name.
        claim: String,
    },
}

/// What is wrong with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Longer than `max_token_bytes`.
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Not a compact JWS.
    Structure(MalformedJws),
    /// The decoded header is longer than 1 KiB.
    HeaderTooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The header is not one JSON object with each member once.
    HeaderNotJson,
    /// `alg` is absent or not on the allow-list.
    AlgorithmNotAllowed,
    /// `crit` or `b64` is there.
    CriticalExtension,
    /// `typ` is not that of an access token.
    NotAnAccessToken,
    /// `kid` is no string of 1 to 255 bytes.
    BadKeyId,
    /// The payload is not one JSON object with each member once.
    ClaimsNotJson,
    /// A claim is absent, of another JSON type, or empty.
    BadClaim {
        /// Its name.
        claim: Cow<'static, str>,
    },
    /// It has a claim that no access token of its issuer has.
    ForbiddenClaim {
        /// Its name.
        claim: String,
    },
    /// It lacks a claim that every access token of its issuer has, or has another value there.
    RequiredClaim {
        /// Its name.
        claim: String,
    },
    /// `iss` is none of the configured issuers.
    UnknownIssuer,
    /// The issuer has no such key now. A fresh JWKS may have it.
    UnknownKey {
        /// Which of the configured issuers, by position.
        issuer: usize,
    },
    /// The key is for another algorithm.
    AlgorithmMismatch,
    /// The signature is not by this key.
    BadSignature,
    /// `aud` names none of the configured audiences.
    WrongAudience,
    /// `aud` names a resource of this origin that the path is not part of.
    OutsideResource,
    /// `exp` is now or past.
    Expired,
    /// `nbf` lies ahead.
    NotYetValid,
    /// `iat` lies ahead.
    IssuedInFuture,
    /// A claim that goes into a header has a byte that no header should have, or is too long.
    ClaimNotHeaderSafe {
        /// Its name.
        claim: &'static str,
    },
}

impl Denial {
    /// A short stable name, for metrics and `response_code_details`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Path(_) => "ambiguous_path",
            Self::HopByHopIdentity => "hop_by_hop_identity",
            Self::NoSuchDocument => "no_such_document",
            Self::Unmatched => "unmatched",
            Self::NoCredentials { .. } => "no_credentials",
            Self::SeveralCredentials => "several_credentials",
            Self::MalformedCredentials => "malformed_credentials",
            Self::NoKeys => "no_keys",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::ClaimNotMet { .. } => "claim_not_met",
            Self::Token(fault) => fault.reason(),
        }
    }

    /// Every reason there is, so that a host can define its counters before the first request.
    pub const REASONS: [&'static str; 32] = [
        "ambiguous_path",
        "hop_by_hop_identity",
        "no_such_document",
        "unmatched",
        "no_credentials",
        "several_credentials",
        "malformed_credentials",
        "no_keys",
        "insufficient_scope",
        "claim_not_met",
        "token_too_long",
        "token_structure",
        "header_too_long",
        "header_not_json",
        "algorithm_not_allowed",
        "critical_extension",
        "not_an_access_token",
        "bad_key_id",
        "claims_not_json",
        "bad_claim",
        "forbidden_claim",
        "required_claim",
        "unknown_issuer",
        "unknown_key",
        "algorithm_mismatch",
        "bad_signature",
        "wrong_audience",
        "outside_resource",
        "expired",
        "not_yet_valid",
        "issued_in_future",
        "claim_not_header_safe",
    ];
}

impl TokenFault {
    fn reason(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "token_too_long",
            Self::Structure(_) => "token_structure",
            Self::HeaderTooLong { .. } => "header_too_long",
            Self::HeaderNotJson => "header_not_json",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::CriticalExtension => "critical_extension",
            Self::NotAnAccessToken => "not_an_access_token",
            Self::BadKeyId => "bad_key_id",
            Self::ClaimsNotJson => "claims_not_json",
            Self::BadClaim { .. } => "bad_claim",
            Self::ForbiddenClaim { .. } => "forbidden_claim",
            Self::RequiredClaim { .. } => "required_claim",
            Self::UnknownIssuer => "unknown_issuer",
            Self::UnknownKey { .. } => "unknown_key",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::BadSignature => "bad_signature",
            Self::WrongAudience => "wrong_audience",
            Self::OutsideResource => "outside_resource",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::ClaimNotHeaderSafe { .. } => "claim_not_header_safe",
        }
    }
}

impl From<TokenFault> for Denial {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}
