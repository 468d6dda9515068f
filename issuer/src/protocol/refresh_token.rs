//! What a refresh token is made of.
//!
//! A token is 64 bytes in base64url: the id of its grant (16), a secret (32) and a tag (16). The
//! grant keeps the digest of the current secret, and a key by which the tags of *all* its tokens
//! can be checked. So a token of the family is told from a guess however old it is, and a family
//! takes one record however often it is refreshed.
//!
//! On rotation the successor is also kept, sealed under a key that follows from the old secret
//! alone: who has the old token can be given the same successor again, and a copied store reveals
//! neither.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Context, OAuthError, Unavailable};
use crate::store::{GrantId, RefreshFamily, SecretDigest};

const ID: usize = 16;
const SECRET: usize = 32;
const TAG: usize = 16;

/// A refresh token, as clients have it. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

impl RefreshToken {
    /// The token: for the client's eyes alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(..)")
    }
}

/// A refresh token that somebody presents, taken apart. Whether it is one of ours is not known yet.
pub(super) struct Presented {
    grant: GrantId,
    secret: [u8; SECRET],
    tag: [u8; TAG],
}

impl Presented {
    /// Takes a token apart; `None` for what no token of ours looks like.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (grant, rest) = bytes.split_first_chunk::<ID>()?;
        let (secret, tag) = rest.split_first_chunk::<SECRET>()?;
        Some(Self {
            grant: GrantId::from_bytes(*grant),
            secret: *secret,
            tag: tag.try_into().ok()?,
        })
    }

    /// The grant it claims to come of.
    pub(super) fn grant(&self) -> GrantId {
        self.grant
    }

    /// What the store knows it by.
    pub(super) fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.secret)
    }

    /// Whether it was made for this family, current or not.
    pub(super) fn is_of(&self, family: &RefreshFamily) -> bool {
        let own = tag(&family.tag_key, &self.secret);
        verify_slices_are_equal(&own, &self.tag).is_ok()
    }

    /// Seals a successor so that this token alone opens it: a random nonce, then the sealed bytes.
    pub(super) fn seal<S>(
        &self,
        context: Context<'_, S>,
        successor: &RefreshToken,
    ) -> Result<Vec<u8>, OAuthError> {
        let nonce = context.random::<NONCE_LEN>()?;
        let mut sealed = successor.0.clone().into_bytes();
        self.key()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.grant.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Unavailable::Signing)?;
        Ok([nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Opens what [`Presented::seal`] sealed; `None` for anything else.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<RefreshToken> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut buffer = sealed.to_vec();
        let opened = self.key().ok()?.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(self.grant.as_bytes()),
            &mut buffer,
        );
        let text = String::from_utf8(opened.ok()?.to_vec()).ok()?;
        Some(RefreshToken(text))
    }

    /// The key that follows from the secret (RFC 5869). The store has the secret's digest, from
    /// which it does not.
    fn key(&self) -> Result<LessSafeKey, OAuthError> {
        let failed = |_| Unavailable::Signing;
        let info: [&[u8]; 1] = [b"dockgate refresh token successor"];
        let material = Salt::new(HKDF_SHA256, b"").extract(&self.secret);
        let derived = material.expand(&info, &AES_256_GCM).map_err(failed)?;
        Ok(LessSafeKey::new(UnboundKey::from(derived)))
    }
}

/// Makes a token for the grant.
pub(super) fn generate<S>(
    context: Context<'_, S>,
    grant: GrantId,
    tag_key: &[u8; 16],
) -> Result<(RefreshToken, SecretDigest), OAuthError> {
    let secret = context.random::<SECRET>()?;
    let tag = tag(tag_key, &secret);
    let bytes = [grant.as_bytes().as_slice(), &secret, &tag].concat();
    let token = RefreshToken(URL_SAFE_NO_PAD.encode(bytes));
    Ok((token, SecretDigest::of(&secret)))
}

fn tag(key: &[u8; 16], secret: &[u8; SECRET]) -> [u8; TAG] {
    let full = sign(&Key::new(HMAC_SHA256, key), secret);
    let mut tag = [0; TAG];
    for (to, from) in tag.iter_mut().zip(full.as_ref()) {
        *to = *from;
    }
    tag
}
