//! From an unverified token to claims that may be believed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use dockgate_token::{ClientId, CompactJws};

use crate::UnixSeconds;
use crate::cache::{Hit, TokenCache};
use crate::claims::{UnverifiedPayload, VerifiedClaims};
use crate::config::{IssuerPolicy, Policy};
use crate::credentials::BearerCredential;
use crate::denial::{Denial, TokenFault};
use crate::forward::header_safe;
use crate::header::KnownHeaders;
use crate::keys::{KeyIdentity, KeyRing, KeySet};
use crate::signature::VerifySignature;

/// Proof that a signature was checked and is good; only [`verify`] makes one.
pub(crate) struct GoodSignature(());

/// A token that was verified, and its claims, ready to be passed on. Only [`verify`] makes one.
///
/// That it was verified says nothing about later: whoever keeps one looks at key and times again.
pub struct VerifiedToken {
    token: Box<[u8]>,
    /// Where in `token` the payload is; its base64url is what `x-auth-claims` has.
    payload: Range<usize>,
    issuer: usize,
    key: Arc<KeyIdentity>,
    /// Whether the token named its key.
    names_key: bool,
    pub(crate) claims: VerifiedClaims,
    /// The scopes as one string, header-safe like every other claim that goes into a header.
    pub(crate) scope: Box<str>,
}

impl VerifiedToken {
    /// The token's subject; absent where the issuer's tokens may lack it.
    pub fn subject(&self) -> Option<&str> {
        self.claims.subject.as_deref()
    }

    /// The token's client; absent where the issuer's tokens may lack it.
    pub fn client_id(&self) -> Option<&str> {
        self.claims.client_id.as_ref().map(ClientId::as_str)
    }

    /// The token itself, which is a secret.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.token
    }

    /// The payload in base64url.
    pub(crate) fn payload(&self) -> &[u8] {
        self.token.get(self.payload.clone()).unwrap_or_default()
    }

    /// Which of the configured issuers has issued it, by position.
    pub(crate) fn issuer(&self) -> usize {
        self.issuer
    }

    /// What it takes of the memory, in bytes: rather too much than too little.
    pub(crate) fn memory_bytes(&self) -> usize {
        FIXED_BYTES + self.token.len() + self.scope.len() + self.claims.heap_bytes()
    }

    /// Whether the key that signed it is still the one that a token like it must be signed with.
    fn key_is_in(&self, keys: &KeySet) -> bool {
        let key_id = self.key.key_id().filter(|_| self.names_key);
        keys.find(key_id, self.key.algorithm()).is_some_and(|key| {
            // The same object while the set stays, the same key in a set that was fetched again.
            Arc::ptr_eq(key.identity(), &self.key) || key.identity() == &self.key
        })
    }
}

#[cfg(test)]
impl VerifiedToken {
    /// Any bytes in the place of a token that was verified.
    pub(crate) fn stand_in(token: &[u8], key: Arc<KeyIdentity>) -> Self {
        let claims = VerifiedClaims {
            subject: Some("s".into()),
            client_id: Some("c".parse().unwrap()),
            audience: dockgate_token::Audience::One("a".into()),
            scope: dockgate_token::Scope::empty(),
            expires_at: 2,
            not_before: None,
            issued_at: Some(1),
            met_requirements: Vec::new(),
        };
        Self {
            token: token.into(),
            payload: 0..0,
            issuer: 0,
            key,
            names_key: false,
            claims,
            scope: "".into(),
        }
    }
}

/// Tokens do not print.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedToken({} bytes)", self.token.len())
    }
}

/// The structure with its parts' own headers, what the allocator adds to each, and its place in the
/// cache; measured for a Wasm module, where a pointer has four bytes.
pub(crate) const FIXED_BYTES: usize = 224;

/// Verifies a token: structure, header, issuer, key, signature, claims; the cheap checks first.
///
/// The cache is asked before all of them. It knows whole tokens only, byte for byte, and nothing but
/// those that have passed every one of these checks, so that what they would say is known; key and
/// claims, which depend on the time, are looked at again.
pub(crate) fn verify(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    cache: &mut TokenCache,
    credential: BearerCredential<'_>,
    now: UnixSeconds,
) -> Result<Arc<VerifiedToken>, Denial> {
    if let Some(hit) = cache.find(credential.bytes()) {
        if let Some(issuer) = still_vouched_for(policy, keys, &hit, now) {
            return match check_claims(issuer, &hit.verified.claims, now) {
                Ok(()) => {
                    cache.used(&hit);
                    Ok(hit.verified)
                }
                Err(fault) => {
                    if fault == TokenFault::Expired {
                        cache.drop_entry(&hit);
                    }
                    Err(fault.into())
                }
            };
        }
        // The long way says what is wrong.
        cache.drop_entry(&hit);
    }
    cache.missed();
    let verified = Arc::new(verify_afresh(
        policy,
        keys,
        verifier,
        &mut cache.headers,
        credential,
        now,
    )?);
    cache.insert(&verified);
    Ok(verified)
}

/// The token's issuer, if its keys may still be used and the token's is among them.
fn still_vouched_for<'p>(
    policy: &'p Policy,
    keys: &KeyRing,
    hit: &Hit,
    now: UnixSeconds,
) -> Option<&'p IssuerPolicy> {
    let position = hit.verified.issuer;
    let key_set = keys.usable(position, now)?;
    let issuer = policy.issuers().get(position)?;
    hit.verified.key_is_in(key_set).then_some(issuer)
}

fn verify_afresh(
    policy: &Policy,
    keys: &KeyRing,
    verifier: &impl VerifySignature,
    headers: &mut KnownHeaders,
    credential: BearerCredential<'_>,
    now: UnixSeconds,
) -> Result<VerifiedToken, Denial> {
    let (token, jws) = take_apart(policy, credential)?;
    let header = headers.read(&jws.header)?;
    let payload = UnverifiedPayload::parse(&jws.payload)?;
    let (position, issuer) = policy
        .issuer(payload.unverified_issuer()?)
        .ok_or(TokenFault::UnknownIssuer)?;
    let profile = &issuer.token_profile;
    profile.check_type(header.token_type.as_deref())?;
    // No signature could save a token whose time is over, the commonest bad one: it is refused
    // before that costs anything. It tells a forger nothing but the time. All else that claims must
    // be comes after the signature: the answer, or how soon it comes, would tell which claims this
    // configuration looks at, and for what in them.
    if payload.is_over(issuer.clock_skew_seconds, now) {
        return Err(TokenFault::Expired.into());
    }
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
    headers.remember(&jws.header, &header);
    let unverified = payload.claims(profile, &policy.claim_requirements)?;
    let claims = unverified.believe(&GoodSignature(()));
    check_claims(issuer, &claims, now)?;
    // Before anything else is made of them: a token that could not be passed on is a bad token,
    // whatever it allows.
    let scope = claims.scope.to_string();
    header_safe(policy, issuer, &claims, &scope)?;
    Ok(VerifiedToken {
        token: token.into(),
        payload: payload_range(jws.signing_input),
        issuer: position,
        key: Arc::clone(key.identity()),
        names_key: header.key_id.is_some(),
        claims,
        scope: scope.into(),
    })
}

/// A credential without the characters of a token is malformed, whatever else is wrong with it; one
/// that is a compact JWS has them, so that nothing is looked at twice.
fn take_apart<'t>(
    policy: &Policy,
    credential: BearerCredential<'t>,
) -> Result<(&'t [u8], CompactJws<'t>), Denial> {
    let bytes = credential.bytes().len();
    let parsed = if bytes > policy.max_token_bytes {
        Err(TokenFault::TooLong { bytes })
    } else {
        CompactJws::parse(credential.bytes()).map_err(TokenFault::Structure)
    };
    match parsed {
        Ok(jws) => Ok((credential.bytes(), jws)),
        Err(_) if !credential.is_token() => Err(Denial::MalformedCredentials),
        Err(fault) => Err(fault.into()),
    }
}

/// What follows the dot between header and payload.
fn payload_range(signing_input: &[u8]) -> Range<usize> {
    let dot = signing_input.iter().position(|byte| *byte == b'.');
    dot.map_or(0, |dot| dot + 1)..signing_input.len()
}

fn check_claims(
    issuer: &IssuerPolicy,
    claims: &VerifiedClaims,
    now: UnixSeconds,
) -> Result<(), TokenFault> {
    let mut own = issuer.audiences.iter();
    if !own.any(|own| claims.audience.contains(own)) {
        return Err(TokenFault::WrongAudience);
    }
    check_times(issuer, claims, now)
}

fn check_times(
    issuer: &IssuerPolicy,
    claims: &VerifiedClaims,
    now: UnixSeconds,
) -> Result<(), TokenFault> {
    let skew = issuer.clock_skew_seconds;
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
