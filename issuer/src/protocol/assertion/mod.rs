//! Assertions: JWTs by which somebody vouches for a client or a user (RFC 7523 §3, as corrected by
//! RFC 10070).
//!
//! [`Unverified::verify`] lists the checks in order. What comes cheap is checked before the
//! signature; the `jti` is used up after it, so that nobody can use up another's.

mod claims;
mod header;
#[cfg(test)]
mod tests;

use dockgate_token::CompactJws;

use self::claims::Claims;
use self::header::Header;
use super::{AssertionError, Context, OAuthError};
use crate::clock::UnixSeconds;
use crate::keys::VerificationKeys;
use crate::store::{OnceStore, SecretDigest};

/// How far the clock of whoever signs may be ahead of ours or behind it, in seconds: FAPI 2.0
/// Security Profile §5.3.2.1 asks for 10 and forbids more than 60.
const TOLERANCE: u64 = 10;

/// The longest `jti` that is accepted, in bytes.
const MAX_JTI_BYTES: usize = 255;

/// What an assertion has to be.
pub(super) struct Expectation<'a> {
    /// Who may have signed it.
    pub(super) keys: &'a VerificationKeys,
    /// The `typ` it may have besides `JWT` and none (RFC 10070).
    pub(super) typ: &'static str,
    /// How long after now it may end, in seconds.
    pub(super) max_lifetime: u64,
}

/// An assertion taken apart, of which nothing may be believed yet.
pub(super) struct Unverified<'a> {
    jws: CompactJws<'a>,
    header: Header,
    claims: Claims,
}

/// An assertion under a good signature, for us and in its time. Whether it comes for the first time
/// is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assertion {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) issued_at: Option<UnixSeconds>,
    expires_at: UnixSeconds,
    jti: String,
}

impl<'a> Unverified<'a> {
    /// Takes an assertion apart.
    ///
    /// # Errors
    /// [`AssertionError`] for what is no JWS, or has a header or claims that cannot be read without
    /// guessing.
    pub(super) fn parse(text: &'a str) -> Result<Self, AssertionError> {
        let jws = CompactJws::parse(text.as_bytes()).map_err(|_| AssertionError::NoCompactJws)?;
        Ok(Self {
            header: Header::parse(&jws.header)?,
            claims: Claims::parse(&jws.payload)?,
            jws,
        })
    }

    /// Who is said to have issued it: to be used for choosing the keys that must have signed it.
    pub(super) fn unverified_issuer(&self) -> &str {
        &self.claims.iss
    }

    /// Whom it is said to be about.
    pub(super) fn unverified_subject(&self) -> &str {
        &self.claims.sub
    }

    /// Believes it, if every check passes.
    ///
    /// # Errors
    /// [`AssertionError`] for the first check that fails.
    pub(super) fn verify<S>(
        self,
        context: Context<'_, S>,
        expected: &Expectation<'_>,
    ) -> Result<Assertion, AssertionError> {
        let now = context.now;
        self.header.check_critical()?;
        self.header.check_type(expected.typ)?;
        let algorithm = self.header.algorithm()?;
        self.claims.check_audience(&context.server.issuer)?;
        let expires_at = self.claims.check_expiry(now, expected.max_lifetime)?;
        self.claims.check_not_before(now)?;
        self.claims.check_issued_at(now)?;
        let jti = self.claims.jti()?;
        self.header
            .check_signature(algorithm, expected.keys, &self.jws)?;
        Ok(Assertion {
            expires_at,
            jti,
            issuer: self.claims.iss,
            subject: self.claims.sub,
            issued_at: self.claims.iat,
        })
    }
}

/// For which of its two purposes an assertion is used up: the same `jti` may come once for each.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// RFC 7523 §2.2.
    ClientAuthentication,
    /// RFC 7523 §2.1.
    Grant,
}

impl Assertion {
    /// Uses the assertion up (RFC 7523 §3 item 7). It is remembered for as long as it would pass.
    ///
    /// # Errors
    /// `refusal` of [`AssertionError::Replayed`] when it has been used before, and [`OAuthError`]
    /// when the store fails.
    pub(super) async fn use_up<S: OnceStore>(
        &self,
        context: Context<'_, S>,
        purpose: Purpose,
        refusal: impl FnOnce(AssertionError) -> OAuthError,
    ) -> Result<(), OAuthError> {
        let purpose = match purpose {
            Purpose::ClientAuthentication => "client-assertion",
            Purpose::Grant => "assertion",
        };
        // Neither a client id nor the name of a trusted issuer has a line feed.
        let name = format!("{purpose}\n{}\n{}", self.issuer, self.jti);
        let name = SecretDigest::of(name.as_bytes());
        let until = self.expires_at.saturating_add(TOLERANCE);
        if context.store.use_once(name, until, context.now).await? {
            Ok(())
        } else {
            Err(refusal(AssertionError::Replayed))
        }
    }
}
