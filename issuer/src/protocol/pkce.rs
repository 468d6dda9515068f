//! Proof Key for Code Exchange (RFC 7636), by S256 alone: `plain` puts the verifier where the code
//! is read from (RFC 9700 §2.1.1).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use dockgate_token::encode_segment;

use super::{Client, Form, InvalidGrant, OAuthError, RequestError};

/// The only method.
pub(super) const S256: &str = "S256";

/// The length of a SHA-256 in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// The challenge of an authorization request (RFC 7636 §4.3). Public clients have to send one
/// (RFC 9700 §2.1.1). Confidential ones may leave it out: their codes are bound to their secret,
/// and clients of OpenID Connect rely on `nonce` in its place.
///
/// # Errors
/// [`RequestError`] for a challenge that S256 does not give, for another method, and for a missing
/// one.
pub(super) fn challenge(client: &Client, form: &Form<'_>) -> Result<Option<String>, OAuthError> {
    let method = form.get("code_challenge_method");
    let Some(challenge) = form.get("code_challenge") else {
        // A method alone is the trace of a challenge that somebody took away.
        if method.is_some() || !client.is_confidential() {
            return Err(RequestError::Missing("code_challenge").into());
        }
        return Ok(None);
    };
    // Left out, the method would be `plain` (RFC 7636 §4.3).
    if method != Some(S256) {
        return Err(RequestError::Malformed("code_challenge_method").into());
    }
    if challenge.len() != CHALLENGE_LENGTH || !challenge.bytes().all(is_base64url) {
        return Err(RequestError::Malformed("code_challenge").into());
    }
    Ok(Some(challenge.to_owned()))
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The verifier of a token request, if there is one: 43 to 128 unreserved characters
/// (RFC 7636 §4.1).
pub(super) fn verifier<'a>(form: &'a Form<'_>) -> Result<Option<&'a str>, RequestError> {
    let Some(verifier) = form.get("code_verifier") else {
        return Ok(None);
    };
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved) {
        Ok(Some(verifier))
    } else {
        Err(RequestError::Malformed("code_verifier"))
    }
}

/// Checks the verifier against the challenge that the code was made with (RFC 7636 §4.6).
///
/// # Errors
/// [`InvalidGrant`], also for one without the other: a verifier without a challenge is the trace of
/// a downgrade (RFC 9700 §4.8.2).
pub(super) fn check(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), InvalidGrant> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(InvalidGrant::NoVerifier),
        (None, Some(_)) => Err(InvalidGrant::VerifierWithoutChallenge),
        (Some(challenge), Some(verifier)) => {
            let own = encode_segment(digest(&SHA256, verifier.as_bytes()).as_ref());
            verify_slices_are_equal(own.as_bytes(), challenge.as_bytes())
                .map_err(|_| InvalidGrant::WrongVerifier)
        }
    }
}
