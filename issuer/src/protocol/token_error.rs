//! Why the token endpoint refuses, and what it says about it.

use dockgate_token::ClientId;

use super::ResourceUriError;
use super::{FormError, Grant};

/// One variant per reason, with what an operator needs to know. What a client is told is less:
/// [`TokenError::wire`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The body is larger than is read.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The connection broke off within the body.
    BodyBroken,
    /// The body is compressed: a small one could unpack to a large one.
    BodyEncoded,
    /// The body is no form.
    WrongContentType,
    /// The form cannot be read without guessing.
    MalformedForm(FormError),
    /// A parameter came in the URL.
    ParameterInQuery(&'static str),
    /// No client id anywhere.
    NoClientAuthentication,
    /// Header and form both carry credentials, or there are two headers.
    SeveralAuthenticationMethods,
    /// The form names another client than the header.
    TwoClientIds,
    /// The `Authorization` header is not `Basic`.
    UnknownAuthenticationScheme,
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
    /// There is no `grant_type`.
    GrantTypeMissing,
    /// `grant_type` is nothing we know.
    UnknownGrantType,
    /// The grant is known, but no client has it or it is not implemented.
    GrantNotServed(Grant),
    /// Other clients may use the grant, this one may not.
    GrantNotAllowed(Grant),
    /// The grant needs a client that authenticates.
    PublicClient,
    /// `scope` has bytes that no scope has.
    MalformedScope,
    /// The client may not ask for this scope.
    ScopeNotAllowed(String),
    /// The scopes do not all belong to the resource server asked for, or to any single one.
    ScopeNotOfResource,
    /// No scope was asked for and the client may have none of the default.
    NoDefaultScope,
    /// `resource` is no canonical URI.
    MalformedResource(ResourceUriError),
    /// `resource` is none of ours, or two resource servers are mixed.
    UnknownResource,
    /// The random source or the signing failed.
    Internal,
}

/// An error as the client sees it (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The HTTP status. 401 takes a `WWW-Authenticate` header with it.
    pub status: u16,
    /// The error code.
    pub error: &'static str,
    /// A sentence for the client's developer; %x20-21 / %x23-5B / %x5D-7E only.
    pub description: &'static str,
}

impl TokenError {
    /// What the client is told. Nothing that it sent is repeated.
    pub fn wire(&self) -> WireError {
        let (status, error, description) = match self {
            Self::BodyTooLarge => (413, "invalid_request", "The request body is too large."),
            Self::BodyTooSlow => (408, "invalid_request", "The request body took too long."),
            Self::BodyBroken => (400, "invalid_request", "The request body is incomplete."),
            Self::BodyEncoded => (
                415,
                "invalid_request",
                "Send the body without Content-Encoding.",
            ),
            Self::WrongContentType => (
                400,
                "invalid_request",
                "Send the parameters as application/x-www-form-urlencoded.",
            ),
            Self::MalformedForm(FormError::NotUtf8) => {
                (400, "invalid_request", "The parameters are not UTF-8.")
            }
            Self::MalformedForm(FormError::TooMany) => {
                (400, "invalid_request", "There are too many parameters.")
            }
            Self::MalformedForm(FormError::Repeated) => {
                (400, "invalid_request", "A parameter is repeated.")
            }
            Self::ParameterInQuery(_) => (
                400,
                "invalid_request",
                "Send the parameters in the body, not in the URL.",
            ),
            Self::SeveralAuthenticationMethods => (
                400,
                "invalid_request",
                "Use one method of client authentication.",
            ),
            Self::TwoClientIds => (
                400,
                "invalid_request",
                "Header and body name different clients.",
            ),
            Self::NoClientAuthentication => (401, "invalid_client", "The request names no client."),
            Self::UnknownAuthenticationScheme | Self::MalformedBasicCredentials => (
                401,
                "invalid_client",
                "The Authorization header has no valid Basic credentials.",
            ),
            // One answer, so that nobody learns which clients exist.
            Self::UnknownClient
            | Self::SecretMissing(_)
            | Self::WrongSecret(_)
            | Self::SecretFromPublicClient(_) => {
                (401, "invalid_client", "Client authentication failed.")
            }
            Self::GrantTypeMissing => (
                400,
                "invalid_request",
                "The parameter grant_type is missing.",
            ),
            Self::UnknownGrantType | Self::GrantNotServed(_) => (
                400,
                "unsupported_grant_type",
                "This server does not support the grant type.",
            ),
            Self::GrantNotAllowed(_) | Self::PublicClient => (
                400,
                "unauthorized_client",
                "This client may not use the grant type.",
            ),
            Self::MalformedScope => (400, "invalid_scope", "The scope is malformed."),
            Self::ScopeNotAllowed(_) => (
                400,
                "invalid_scope",
                "This client may not ask for all of the scope.",
            ),
            Self::ScopeNotOfResource => (
                400,
                "invalid_scope",
                "The scope is not all of one resource server.",
            ),
            Self::NoDefaultScope => (
                400,
                "invalid_scope",
                "Ask for a scope: this client has no default.",
            ),
            Self::MalformedResource(_) => (
                400,
                "invalid_target",
                "The resource must be an absolute URI in canonical form, without query or fragment.",
            ),
            Self::UnknownResource => (
                400,
                "invalid_target",
                "The resource is unknown to this server.",
            ),
            Self::Internal => (500, "server_error", "The server could not issue the token."),
        };
        WireError {
            status,
            error,
            description,
        }
    }

    /// The client that somebody failed to authenticate as: for logs, never for decisions.
    pub fn claimed_client(&self) -> Option<&ClientId> {
        match self {
            Self::SecretMissing(id) | Self::WrongSecret(id) | Self::SecretFromPublicClient(id) => {
                Some(id)
            }
            _ => None,
        }
    }

    /// The name of the reason in logs and metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BodyBroken => "body_broken",
            Self::BodyEncoded => "body_encoded",
            Self::WrongContentType => "wrong_content_type",
            Self::MalformedForm(FormError::NotUtf8) => "form_not_utf8",
            Self::MalformedForm(FormError::TooMany) => "too_many_parameters",
            Self::MalformedForm(FormError::Repeated) => "repeated_parameter",
            Self::ParameterInQuery(_) => "parameter_in_query",
            Self::NoClientAuthentication => "no_client_authentication",
            Self::SeveralAuthenticationMethods => "several_authentication_methods",
            Self::TwoClientIds => "two_client_ids",
            Self::UnknownAuthenticationScheme => "unknown_authentication_scheme",
            Self::MalformedBasicCredentials => "malformed_basic_credentials",
            Self::UnknownClient => "unknown_client",
            Self::SecretMissing(_) => "secret_missing",
            Self::WrongSecret(_) => "wrong_secret",
            Self::SecretFromPublicClient(_) => "secret_from_public_client",
            Self::GrantTypeMissing => "grant_type_missing",
            Self::UnknownGrantType => "unknown_grant_type",
            Self::GrantNotServed(_) => "grant_not_served",
            Self::GrantNotAllowed(_) => "grant_not_allowed",
            Self::PublicClient => "public_client",
            Self::MalformedScope => "malformed_scope",
            Self::ScopeNotAllowed(_) => "scope_not_allowed",
            Self::ScopeNotOfResource => "scope_not_of_resource",
            Self::NoDefaultScope => "no_default_scope",
            Self::MalformedResource(_) => "malformed_resource",
            Self::UnknownResource => "unknown_resource",
            Self::Internal => "internal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_characters_of_rfc_6749_section_5_2() {
        let id: ClientId = "c".parse().unwrap();
        for error in [
            TokenError::BodyTooLarge,
            TokenError::BodyTooSlow,
            TokenError::BodyBroken,
            TokenError::BodyEncoded,
            TokenError::WrongContentType,
            TokenError::MalformedForm(FormError::NotUtf8),
            TokenError::MalformedForm(FormError::TooMany),
            TokenError::MalformedForm(FormError::Repeated),
            TokenError::ParameterInQuery("code"),
            TokenError::NoClientAuthentication,
            TokenError::SeveralAuthenticationMethods,
            TokenError::TwoClientIds,
            TokenError::UnknownAuthenticationScheme,
            TokenError::WrongSecret(id),
            TokenError::GrantTypeMissing,
            TokenError::UnknownGrantType,
            TokenError::GrantNotAllowed(Grant::Implicit),
            TokenError::MalformedScope,
            TokenError::ScopeNotAllowed("\"\\".to_owned()),
            TokenError::ScopeNotOfResource,
            TokenError::NoDefaultScope,
            TokenError::MalformedResource(ResourceUriError::NotPlain),
            TokenError::UnknownResource,
            TokenError::Internal,
        ] {
            let wire = error.wire();
            let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            assert!(wire.description.bytes().all(allowed), "{error:?}");
            assert_eq!(
                wire.status == 401,
                wire.error == "invalid_client",
                "{error:?}"
            );
        }
    }
}
