//! Tokens that are not exchanged (RFC 8693 §2.2.2).

use super::WireError;

/// Why a token exchange is refused, beyond what any grant may be refused for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeError {
    /// The subject token is none of ours, has ended or is revoked, or its subject is gone.
    InvalidSubjectToken,
    /// The actor token is none of ours, has ended or is revoked.
    InvalidActorToken,
    /// The actor token was issued to another client: who acts here is the client that asks.
    ActorTokenOfOther,
    /// The actor token is one for which somebody acts already.
    DelegatedActorToken,
    /// The token has been handed on too often.
    ChainTooLong,
    /// The client may not exchange tokens for this audience.
    AudienceNotAllowed,
    /// `audience` and `resource` are not all of one resource server.
    MixedTargets,
}

impl ExchangeError {
    pub(super) fn wire(self) -> WireError {
        let (error, description) = match self {
            Self::InvalidSubjectToken => (
                "invalid_request",
                "The subject token is invalid, expired or revoked.",
            ),
            Self::InvalidActorToken | Self::ActorTokenOfOther | Self::DelegatedActorToken => (
                "invalid_request",
                "The actor token is not a live access token of this client in its own right.",
            ),
            Self::ChainTooLong => (
                "invalid_request",
                "The subject token has been exchanged too often.",
            ),
            Self::AudienceNotAllowed => (
                "invalid_target",
                "This client may not exchange tokens for the audience.",
            ),
            Self::MixedTargets => (
                "invalid_target",
                "Audience and resource must be of one resource server.",
            ),
        };
        WireError::new(400, error, description)
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::InvalidSubjectToken => "invalid_subject_token",
            Self::InvalidActorToken => "invalid_actor_token",
            Self::ActorTokenOfOther => "actor_token_of_other_client",
            Self::DelegatedActorToken => "delegated_actor_token",
            Self::ChainTooLong => "actor_chain_too_long",
            Self::AudienceNotAllowed => "exchange_audience_not_allowed",
            Self::MixedTargets => "exchange_targets_mixed",
        }
    }
}
