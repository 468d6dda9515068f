//! What a client may not have, and what it presents that is no good.

use super::{AssertionError, WireError};
use crate::protocol::{Grant, ResourceUriError};

/// Why a client does not get what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantError {
    /// `grant_type` is nothing we know.
    UnknownGrantType,
    /// The grant is known, but no client has it.
    NotServed(Grant),
    /// Other clients may use the grant, this one may not.
    NotAllowed(Grant),
    /// What is asked for needs a client that authenticates.
    PublicClient,
    /// `scope` has bytes that no scope has.
    MalformedScope,
    /// The client, the user or the token presented does not have this scope.
    ScopeNotAllowed(String),
    /// Nothing of the token's scope may be had by this client there.
    NoCommonScope,
    /// The scopes do not all belong to the resource server asked for, or to any single one.
    ScopeNotOfResource,
    /// No scope was asked for and the client may have none of the default.
    NoDefaultScope,
    /// `resource` is no canonical URI.
    MalformedResource(ResourceUriError),
    /// All that `resource` names is more than a token has room for.
    ResourcesTooLarge,
    /// `resource` is none of ours, or two resource servers are mixed.
    UnknownResource,
    /// `resource` or `audience` goes beyond what was granted.
    ResourceNotGranted,
}

impl GrantError {
    pub(super) fn wire(&self) -> WireError {
        let (error, description) = match self {
            Self::UnknownGrantType | Self::NotServed(_) => (
                "unsupported_grant_type",
                "This server does not support the grant type.",
            ),
            Self::NotAllowed(_) => (
                "unauthorized_client",
                "This client may not use the grant type.",
            ),
            Self::PublicClient => (
                "unauthorized_client",
                "A client without authentication may not do this.",
            ),
            Self::MalformedScope => ("invalid_scope", "The scope is malformed."),
            Self::ScopeNotAllowed(_) => ("invalid_scope", "Not all of the scope may be had here."),
            Self::ScopeNotOfResource => (
                "invalid_scope",
                "The scope is not all of one resource server.",
            ),
            Self::NoCommonScope => (
                "invalid_scope",
                "Nothing of the scope of the token may be had here.",
            ),
            Self::NoDefaultScope => (
                "invalid_scope",
                "Ask for a scope: this client has no default.",
            ),
            Self::MalformedResource(_) => (
                "invalid_target",
                "The resource must be an absolute URI in canonical form, without query or fragment.",
            ),
            Self::ResourcesTooLarge => ("invalid_target", "There are too many resources."),
            Self::UnknownResource => ("invalid_target", "The resource is unknown to this server."),
            Self::ResourceNotGranted => ("invalid_target", "The resource was not granted."),
        };
        WireError::new(400, error, description)
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::UnknownGrantType => "unknown_grant_type",
            Self::NotServed(_) => "grant_not_served",
            Self::NotAllowed(_) => "grant_not_allowed",
            Self::PublicClient => "public_client",
            Self::MalformedScope => "malformed_scope",
            Self::ScopeNotAllowed(_) => "scope_not_allowed",
            Self::ScopeNotOfResource => "scope_not_of_resource",
            Self::NoCommonScope => "no_common_scope",
            Self::NoDefaultScope => "no_default_scope",
            Self::MalformedResource(_) => "malformed_resource",
            Self::ResourcesTooLarge => "resources_too_large",
            Self::UnknownResource => "unknown_resource",
            Self::ResourceNotGranted => "resource_not_granted",
        }
    }
}

/// Why a code, a token, a password or an assertion gets nothing (`invalid_grant`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidGrant {
    /// The code is none of ours, or long gone.
    UnknownCode,
    /// The code is another client's.
    CodeOfOther,
    /// The code has expired.
    ExpiredCode,
    /// The code had been redeemed: everything that came of it is revoked.
    CodeReplayed,
    /// The redirect URI is not the one of the authorization request.
    OtherRedirectUri,
    /// There was a challenge, and now there is no verifier.
    NoVerifier,
    /// There was no challenge, and now there is a verifier.
    VerifierWithoutChallenge,
    /// The verifier is not that of the challenge.
    WrongVerifier,
    /// The refresh token is none of ours, or its family is gone.
    UnknownRefreshToken,
    /// The refresh token is another client's.
    RefreshTokenOfOther,
    /// A rotated refresh token came again within the window, after its successor had been used.
    RefreshTokenReplayedInWindow,
    /// A rotated refresh token came again after the window: its family is revoked.
    RefreshTokenReplayed,
    /// The access token to be revoked is another client's.
    AccessTokenOfOther,
    /// The device code is none of ours, or long gone.
    UnknownDeviceCode,
    /// The device code is another client's.
    DeviceCodeOfOther,
    /// The device code has given its tokens.
    DeviceCodeRedeemed,
    /// The assertion proves nothing.
    Assertion(AssertionError),
    /// The assertion is of an issuer that is not trusted, or not where this client brings it.
    UntrustedIssuer,
    /// The assertion is about somebody who stands for nobody here.
    UnmappedSubject,
    /// The user is gone, or may have nothing of it any more.
    UserGone,
    /// The session in which the user agreed was ended before the code was redeemed.
    SessionEnded,
    /// The user has ended the client's access since.
    AccessEnded,
    /// Nobody has this name and password.
    WrongPassword,
}

impl InvalidGrant {
    pub(super) fn wire(&self) -> WireError {
        let description = match self {
            Self::UnknownRefreshToken
            | Self::RefreshTokenOfOther
            | Self::RefreshTokenReplayedInWindow
            | Self::RefreshTokenReplayed => {
                "The refresh token is invalid, expired, used or revoked."
            }
            Self::AccessTokenOfOther => "The access token was issued to another client.",
            Self::UnknownDeviceCode | Self::DeviceCodeOfOther | Self::DeviceCodeRedeemed => {
                "The device code is invalid or used."
            }
            Self::Assertion(_) => "The assertion is invalid, expired or used.",
            Self::UntrustedIssuer | Self::UnmappedSubject => {
                "The assertion is not of an issuer and a subject that are trusted here."
            }
            Self::UnknownCode | Self::CodeOfOther | Self::ExpiredCode | Self::CodeReplayed => {
                "The code is invalid, expired or used."
            }
            Self::OtherRedirectUri => {
                "The redirect_uri must be the one of the authorization request."
            }
            Self::NoVerifier => "The parameter code_verifier is missing.",
            Self::VerifierWithoutChallenge => {
                "There is a code_verifier, but the authorization request had no code_challenge."
            }
            Self::WrongVerifier => "The code_verifier does not match the code_challenge.",
            Self::UserGone | Self::SessionEnded | Self::AccessEnded => {
                "The grant is no longer valid."
            }
            // One answer, so that nobody learns which users exist.
            Self::WrongPassword => "The username or the password is wrong.",
        };
        WireError::new(400, "invalid_grant", description)
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::UnknownCode => "unknown_code",
            Self::CodeOfOther => "code_of_other_client",
            Self::ExpiredCode => "expired_code",
            Self::CodeReplayed => "code_replayed",
            Self::OtherRedirectUri => "other_redirect_uri",
            Self::NoVerifier => "no_code_verifier",
            Self::VerifierWithoutChallenge => "code_verifier_without_challenge",
            Self::WrongVerifier => "wrong_code_verifier",
            Self::UnknownRefreshToken => "unknown_refresh_token",
            Self::RefreshTokenOfOther => "refresh_token_of_other_client",
            Self::RefreshTokenReplayedInWindow => "refresh_token_replayed_in_window",
            Self::RefreshTokenReplayed => "refresh_token_replayed",
            Self::AccessTokenOfOther => "access_token_of_other_client",
            Self::UnknownDeviceCode => "unknown_device_code",
            Self::DeviceCodeOfOther => "device_code_of_other_client",
            Self::DeviceCodeRedeemed => "device_code_redeemed",
            Self::Assertion(error) => error.reason(),
            Self::UntrustedIssuer => "untrusted_issuer",
            Self::UnmappedSubject => "unmapped_subject",
            Self::UserGone => "user_gone",
            Self::SessionEnded => "session_ended",
            Self::AccessEnded => "access_ended",
            Self::WrongPassword => "wrong_password",
        }
    }

    /// Whether somebody may have stolen something: such an event is logged as a warning.
    pub fn is_security_event(&self) -> bool {
        matches!(self, Self::RefreshTokenReplayed | Self::CodeReplayed)
    }
}
