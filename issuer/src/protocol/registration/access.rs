//! Who may register a client, and who may change one.

use super::RegistrationPolicy;
use crate::clock::UnixSeconds;
use crate::protocol::{BearerError, bearer};
use crate::store::SecretDigest;

/// By what right a client is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// Anybody may.
    Open,
    /// By an initial access token, of this name.
    Token(&'a str),
}

/// Whether a request with these `Authorization` headers may register a client (RFC 7591 §3). A token
/// that is wrong is an error also where none is needed: whoever sends it believes in it.
///
/// # Errors
/// [`BearerError`].
pub fn initial<'a>(
    policy: &'a RegistrationPolicy,
    authorization: &[&[u8]],
    now: UnixSeconds,
) -> Result<Access<'a>, BearerError> {
    let Some(token) = bearer::header_token(authorization)? else {
        return policy
            .open
            .then_some(Access::Open)
            .ok_or(BearerError::NoToken);
    };
    let mut tokens = policy.initial_access_tokens.iter();
    let known = tokens.find(|own| own.secrets.matches(token.as_bytes(), now));
    let known = known.ok_or(BearerError::InvalidToken)?;
    Ok(Access::Token(&known.name))
}

/// The registration access token of a request (RFC 7592 §2), and its digest.
///
/// # Errors
/// [`BearerError`].
pub fn registration(authorization: &[&[u8]]) -> Result<(SecretDigest, String), BearerError> {
    let token = bearer::header_token(authorization)?.ok_or(BearerError::NoToken)?;
    Ok((SecretDigest::of(token.as_bytes()), token.to_owned()))
}
