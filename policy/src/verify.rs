//! From an unverified token to claims that may be believed.

use dockgate_token::CompactJws;

use crate::UnixSeconds;
use crate::claims::{UnverifiedPayload, VerifiedClaims};
use crate::config::{IssuerPolicy, Policy};
use crate::credentials::UnverifiedToken;
use crate::denial::{Denial, TokenFault};
use crate::header::JoseHeader;
use crate::keys::KeyRing;
use crate::signature::VerifySignature;

/// Proof that a signature was checked and is good; only [`verify`] makes one.
pub(crate) struct GoodSignature(());

/// Verifies a token: structure, header, issuer, key, signature, claims; the cheap checks first.
pub(crate) fn verify<'p>(
    policy: &'p Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    token: UnverifiedToken<'_>,
    now: UnixSeconds,
) -> Result<(&'p IssuerPolicy, VerifiedClaims), Denial> {
    let bytes = token.bytes().len();
    if bytes > policy.max_token_bytes {
        return Err(TokenFault::TooLong { bytes }.into());
    }
    let jws = CompactJws::parse(token.bytes()).map_err(TokenFault::Structure)?;
    let header = JoseHeader::parse(&jws.header)?;
    let payload = UnverifiedPayload::parse(&jws.payload)?;
    let (position, issuer) = policy
        .issuer(payload.unverified_issuer()?)
        .ok_or(TokenFault::UnknownIssuer)?;
    let profile = &issuer.token_profile;
    profile.check_type(header.token_type.as_deref())?;
    let unverified = payload.claims(profile, &policy.claim_requirements)?;
    let key_set = keys.usable(position, now).ok_or(Denial::NoKeys)?;
    let key = key_set
        .find(header.key_id.as_ref(), header.algorithm)
        .ok_or(TokenFault::UnknownKey { issuer: position })?;
    // A key is for one algorithm (RFC 8725 §3.1), whatever the token says.
    if key.algorithm() != header.algorithm || !issuer.algorithms.contains(&key.algorithm()) {
        return Err(TokenFault::AlgorithmMismatch.into());
    }
    if !verifier.verify(key, jws.signing_input, &jws.signature) {
        return Err(TokenFault::BadSignature.into());
    }
    let claims = unverified.believe(&GoodSignature(()));
    check_claims(issuer, &claims, now)?;
    Ok((issuer, claims))
}

fn check_claims(
    issuer: &IssuerPolicy,
    claims: &VerifiedClaims,
    now: UnixSeconds,
) -> Result<(), TokenFault> {
    let skew = issuer.clock_skew_seconds;
    if !issuer
        .audiences
        .iter()
        .any(|own| claims.audience.contains(own))
    {
        return Err(TokenFault::WrongAudience);
    }
    // RFC 7519 §4.1.4: "on or after which" the token is not accepted.
    if now >= claims.expires_at.saturating_add(skew) {
        return Err(TokenFault::Expired);
    }
    if claims
        .not_before
        .is_some_and(|not_before| not_before > now.saturating_add(skew))
    {
        return Err(TokenFault::NotYetValid);
    }
    if claims
        .issued_at
        .is_some_and(|issued_at| issued_at > now.saturating_add(skew))
    {
        return Err(TokenFault::IssuedInFuture);
    }
    Ok(())
}
