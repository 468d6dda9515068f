//! Assertions that prove nothing (RFC 7521 §5, RFC 7523 §3).

/// Why an assertion is not believed; the same for clients that authenticate with one and for those
/// that bring one of a trusted issuer. What a client is told does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionError {
    /// It is no JWS in compact form.
    NoCompactJws,
    /// Its header is no JSON object, or a member has the wrong type or comes twice.
    MalformedHeader,
    /// `alg` is not among the algorithms that we verify.
    AlgorithmNotAllowed,
    /// It has `crit`, which asks for extensions that we do not have.
    CriticalHeader,
    /// `typ` is that of another kind of token.
    WrongType,
    /// Its claims are no JSON object, or a member has the wrong type or comes twice.
    MalformedClaims,
    /// `iss` or `sub` is missing.
    PartyMissing,
    /// `iss` is not `sub`, as it is where a client speaks for itself.
    IssuerIsNotSubject,
    /// `client_id` in the form is not the client that signed.
    WrongClientId,
    /// `aud` is not our issuer identifier, alone and as a string.
    WrongAudience,
    /// It has no `exp`.
    ExpiryMissing,
    /// It has ended.
    Expired,
    /// It ends later than is allowed.
    ExpiresTooLate,
    /// `nbf` is to come.
    NotYetValid,
    /// `iat` is to come.
    IssuedInFuture,
    /// It has no `jti`, or one that is empty.
    JtiMissing,
    /// Its `jti` is longer than is remembered.
    JtiTooLong,
    /// None of the keys has this `kid` and `alg`.
    UnknownKey,
    /// The signature is of none of the keys.
    WrongSignature,
    /// It has been used before.
    Replayed,
}

impl AssertionError {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NoCompactJws => "assertion_no_compact_jws",
            Self::MalformedHeader => "assertion_header_malformed",
            Self::AlgorithmNotAllowed => "assertion_algorithm_not_allowed",
            Self::CriticalHeader => "assertion_critical_header",
            Self::WrongType => "assertion_wrong_type",
            Self::MalformedClaims => "assertion_claims_malformed",
            Self::PartyMissing => "assertion_party_missing",
            Self::IssuerIsNotSubject => "assertion_issuer_is_not_subject",
            Self::WrongClientId => "assertion_wrong_client_id",
            Self::WrongAudience => "assertion_wrong_audience",
            Self::ExpiryMissing => "assertion_expiry_missing",
            Self::Expired => "assertion_expired",
            Self::ExpiresTooLate => "assertion_expires_too_late",
            Self::NotYetValid => "assertion_not_yet_valid",
            Self::IssuedInFuture => "assertion_issued_in_future",
            Self::JtiMissing => "assertion_jti_missing",
            Self::JtiTooLong => "assertion_jti_too_long",
            Self::UnknownKey => "assertion_unknown_key",
            Self::WrongSignature => "assertion_wrong_signature",
            Self::Replayed => "assertion_replayed",
        }
    }
}
