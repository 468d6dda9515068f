//! Requests that cannot be read.

use super::WireError;
use crate::protocol::FormError;

/// What is wrong with the form of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
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
    /// A parameter is the credential of another grant than the one asked for.
    OfOtherGrant(&'static str),
    /// A parameter that the request needs is not there.
    Missing(&'static str),
    /// A parameter has a value that it cannot have.
    Malformed(&'static str),
}

impl RequestError {
    pub(super) fn wire(&self) -> WireError {
        let (status, description) = match self {
            Self::BodyTooLarge => (413, "The request body is too large."),
            Self::BodyTooSlow => (408, "The request body took too long."),
            Self::BodyBroken => (400, "The request body is incomplete."),
            Self::BodyEncoded => (415, "Send the body without Content-Encoding."),
            Self::WrongContentType => (
                400,
                "Send the parameters as application/x-www-form-urlencoded.",
            ),
            Self::MalformedForm(FormError::NotUtf8) => (400, "The parameters are not UTF-8."),
            Self::MalformedForm(FormError::TooMany) => (400, "There are too many parameters."),
            Self::MalformedForm(FormError::Repeated) => (400, "A parameter is repeated."),
            Self::ParameterInQuery(_) => (400, "Send the parameters in the body, not in the URL."),
            Self::OfOtherGrant(_) => (400, "Send the credential of one grant type alone."),
            Self::Missing(name) => (400, missing(name)),
            Self::Malformed(name) => (400, malformed(name)),
        };
        WireError::new(status, "invalid_request", description)
    }

    pub(super) fn reason(&self) -> &'static str {
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
            Self::OfOtherGrant(_) => "parameter_of_other_grant",
            Self::Missing(_) => "parameter_missing",
            Self::Malformed(_) => "parameter_malformed",
        }
    }
}

/// A sentence per parameter, so that what a client sent never gets into one.
fn missing(name: &str) -> &'static str {
    match name {
        "grant_type" => "The parameter grant_type is missing.",
        "response_type" => "The parameter response_type is missing.",
        "code_challenge" => "The parameter code_challenge is missing.",
        "code" => "The parameter code is missing.",
        "code_verifier" => "The parameter code_verifier is missing.",
        "redirect_uri" => "The parameter redirect_uri is missing.",
        "refresh_token" => "The parameter refresh_token is missing.",
        "device_code" => "The parameter device_code is missing.",
        "username" => "The parameter username is missing.",
        "password" => "The parameter password is missing.",
        "assertion" => "The parameter assertion is missing.",
        "subject_token" => "The parameter subject_token is missing.",
        "subject_token_type" => "The parameter subject_token_type is missing.",
        "actor_token_type" => "The parameter actor_token_type is missing.",
        "token" => "The parameter token is missing.",
        "client_assertion" => "The parameter client_assertion is missing.",
        "client_assertion_type" => "The parameter client_assertion_type is missing.",
        _ => "A parameter is missing.",
    }
}

fn malformed(name: &str) -> &'static str {
    match name {
        "code_verifier" => "The parameter code_verifier must be 43 to 128 unreserved characters.",
        "code_challenge" => {
            "The parameter code_challenge must be the base64url SHA-256 of the verifier."
        }
        "code_challenge_method" => "The parameter code_challenge_method must be S256.",
        "client_assertion_type" => "The parameter client_assertion_type must be the one for JWTs.",
        "subject_token_type" => {
            "The parameter subject_token_type must be the one for access tokens."
        }
        "actor_token_type" => "The parameter actor_token_type must be the one for access tokens.",
        "requested_token_type" => {
            "The parameter requested_token_type must be the one for access tokens."
        }
        "actor_token" => {
            "The parameter actor_token comes with actor_token_type, and neither alone."
        }
        "request_uri" => "The parameter request_uri is not for this endpoint.",
        "response_mode" => "The parameter response_mode does not go with the response type.",
        "prompt" => "The parameter prompt has an unknown value, or none with others.",
        "max_age" => "The parameter max_age must be a number of seconds.",
        "id_token_hint" => "The parameter id_token_hint must be an ID token of this client.",
        "state" => "The parameter state is too long.",
        "nonce" => "The parameter nonce is too long.",
        "request" => "Request objects are not supported.",
        _ => "A parameter has a value that it cannot have.",
    }
}
