//! Clients that are not who they say.

use dockgate_token::ClientId;

use super::{AssertionError, WireError};

/// Why a client is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAuthenticationError {
    /// No client id anywhere.
    None,
    /// Header and form both carry credentials, or there are two headers.
    SeveralMethods,
    /// The form names another client than the header.
    TwoClientIds,
    /// The `Authorization` header is not `Basic`.
    UnknownScheme,
    /// The `Basic` credentials do not decode.
    MalformedBasicCredentials,
    /// No client has this id.
    UnknownClient,
    /// A confidential client sent no secret.
    SecretMissing(ClientId),
    /// The secret is not the client's.
    WrongSecret(ClientId),
    /// A client that has no secret sent one.
    SecretFromPublicClient(ClientId),
    /// The client authenticates by another method than this (RFC 7591 §2).
    WrongMethod(ClientId),
    /// `client_assertion_type` and `client_assertion` come together, the former with the one value
    /// for JWTs (RFC 7523 §2.2).
    WrongAssertionType,
    /// The assertion cannot be read, so that it names no client.
    UnreadableAssertion(AssertionError),
    /// The assertion proves nothing.
    Assertion(ClientId, AssertionError),
    /// A client that has no secret asks for what only authenticated ones are told.
    PublicClient(ClientId),
}

impl ClientAuthenticationError {
    pub(super) fn wire(&self) -> WireError {
        let (status, error, description) = match self {
            Self::SeveralMethods => (
                400,
                "invalid_request",
                "Use one method of client authentication.",
            ),
            Self::TwoClientIds => (
                400,
                "invalid_request",
                "Header and body name different clients.",
            ),
            Self::None => (401, "invalid_client", "The request names no client."),
            Self::UnknownScheme | Self::MalformedBasicCredentials => (
                401,
                "invalid_client",
                "The Authorization header has no valid Basic credentials.",
            ),
            Self::WrongAssertionType => (
                401,
                "invalid_client",
                "Send client_assertion and the client_assertion_type for JWTs together.",
            ),
            Self::UnreadableAssertion(_) => (
                401,
                "invalid_client",
                "The client assertion cannot be read.",
            ),
            // One answer, so that nobody learns which clients exist.
            Self::UnknownClient
            | Self::SecretMissing(_)
            | Self::WrongSecret(_)
            | Self::SecretFromPublicClient(_)
            | Self::WrongMethod(_)
            | Self::Assertion(..)
            | Self::PublicClient(_) => (401, "invalid_client", "Client authentication failed."),
        };
        WireError::new(status, error, description)
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::None => "no_client_authentication",
            Self::SeveralMethods => "several_authentication_methods",
            Self::TwoClientIds => "two_client_ids",
            Self::UnknownScheme => "unknown_authentication_scheme",
            Self::MalformedBasicCredentials => "malformed_basic_credentials",
            Self::UnknownClient => "unknown_client",
            Self::SecretMissing(_) => "secret_missing",
            Self::WrongSecret(_) => "wrong_secret",
            Self::SecretFromPublicClient(_) => "secret_from_public_client",
            Self::WrongMethod(_) => "wrong_authentication_method",
            Self::WrongAssertionType => "wrong_assertion_type",
            Self::UnreadableAssertion(error) | Self::Assertion(_, error) => error.reason(),
            Self::PublicClient(_) => "authentication_of_public_client",
        }
    }

    /// The client that somebody failed to authenticate as: for logs, never for decisions.
    pub fn claimed_client(&self) -> Option<&ClientId> {
        match self {
            Self::SecretMissing(id)
            | Self::WrongSecret(id)
            | Self::SecretFromPublicClient(id)
            | Self::WrongMethod(id)
            | Self::Assertion(id, _)
            | Self::PublicClient(id) => Some(id),
            _ => None,
        }
    }
}
