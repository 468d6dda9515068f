//! Keys of the pages: they seal what a page keeps and sign its forms.
//!
//! All follow from one secret of the store, so that pages survive a restart, and none of them makes
//! a token: who has the secret could forge a form, but not log in.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entropy::Entropy;
use crate::protocol::Unavailable;

/// What tells sealed texts of one key apart: each has a key of its own that follows from this.
const SALT: usize = 16;

/// Bytes of a known browser's signature: 128 bits, nothing that anybody guesses.
pub(super) const TAG_BYTES: usize = 16;

/// The keys of the pages.
pub struct PageSecrets {
    sealing: Prk,
    forms: Key,
    browsers: Key,
}

impl PageSecrets {
    /// Derives the keys from the store's secret.
    ///
    /// # Errors
    /// [`Unavailable::Signing`] when the crypto library fails.
    pub fn new(secret: &[u8; 32]) -> Result<Self, Unavailable> {
        let secret = Salt::new(HKDF_SHA256, b"dockgate pages").extract(secret);
        Ok(Self {
            forms: signing_key(&secret, b"forms")?,
            browsers: signing_key(&secret, b"known browsers")?,
            sealing: secret,
        })
    }

    /// Encrypts and authenticates a text, in base64url.
    pub(super) fn seal(&self, entropy: Entropy, plain: Vec<u8>) -> Result<String, Unavailable> {
        let mut start = [0; SALT + NONCE_LEN];
        entropy(&mut start).map_err(|_| Unavailable::Entropy)?;
        let (salt, nonce) = split(&start).ok_or(Unavailable::Signing)?;
        let key = self.sealing_key(salt).ok_or(Unavailable::Signing)?;
        let mut sealed = plain;
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed)
            .map_err(|_| Unavailable::Signing)?;
        Ok(URL_SAFE_NO_PAD.encode([start.as_slice(), sealed.as_slice()].concat()))
    }

    /// Opens what [`Self::seal`] made; `None` for anything else.
    pub(super) fn open(&self, sealed: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (start, sealed) = bytes.split_at_mut_checked(SALT + NONCE_LEN)?;
        let (salt, nonce) = split(start)?;
        let key = self.sealing_key(salt)?;
        let plain = key.open_in_place(nonce, Aad::empty(), sealed).ok()?;
        Some(plain.to_vec())
    }

    fn sealing_key(&self, salt: &[u8]) -> Option<LessSafeKey> {
        let label = [b"sealing".as_slice(), salt];
        let key = self.sealing.expand(&label, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(key)))
    }

    /// What a known browser's cookie is signed with.
    pub(super) fn browser_tag(&self, parts: &[&[u8]]) -> [u8; TAG_BYTES] {
        let tag = signed(&self.browsers, parts);
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Whether that was made over these parts.
    pub(super) fn is_browser_tag(&self, tag: &[u8], parts: &[&[u8]]) -> bool {
        verify_slices_are_equal(&self.browser_tag(parts), tag).is_ok()
    }

    /// The token of a form, over parts that are told apart by their lengths.
    pub(super) fn form_token(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(signed(&self.forms, parts))
    }

    /// Whether a form's token was made over these parts.
    pub(super) fn is_form_token(&self, token: &str, parts: &[&[u8]]) -> bool {
        let own = self.form_token(parts);
        verify_slices_are_equal(own.as_bytes(), token.as_bytes()).is_ok()
    }
}

fn signing_key(secret: &Prk, label: &[u8]) -> Result<Key, Unavailable> {
    let mut key = [0; 32];
    let label = [label];
    let derived = secret.expand(&label, HKDF_SHA256);
    derived
        .and_then(|derived| derived.fill(&mut key))
        .map_err(|_| Unavailable::Signing)?;
    Ok(Key::new(HMAC_SHA256, &key))
}

/// Over parts that are told apart by their lengths.
fn signed(key: &Key, parts: &[&[u8]]) -> Tag {
    let mut context = Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.sign()
}

fn split(start: &[u8]) -> Option<(&[u8], Nonce)> {
    let (salt, nonce) = start.split_at_checked(SALT)?;
    Some((salt, Nonce::try_assume_unique_for_key(nonce).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::system_entropy;

    fn secrets(byte: u8) -> PageSecrets {
        PageSecrets::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_same_secret_alone() {
        let sealed = secrets(1).seal(system_entropy, b"plain".to_vec()).unwrap();
        assert_eq!(secrets(1).open(&sealed).as_deref(), Some(&b"plain"[..]));
        assert_eq!(secrets(2).open(&sealed), None);
        let again = secrets(1).seal(system_entropy, b"plain".to_vec()).unwrap();
        assert_ne!(sealed, again);
    }

    #[test]
    fn no_byte_of_it_can_be_changed() {
        let sealed = secrets(1).seal(system_entropy, b"plain".to_vec()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(
                secrets(1).open(&URL_SAFE_NO_PAD.encode(changed)),
                None,
                "{at}"
            );
            let cut = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(secrets(1).open(&cut), None, "{at}");
        }
        assert_eq!(secrets(1).open("not base64url!"), None);
    }

    #[test]
    fn a_form_token_is_of_its_parts() {
        let token = secrets(1).form_token(&[b"ab", b"c"]);
        assert!(secrets(1).is_form_token(&token, &[b"ab", b"c"]));
        for parts in [
            &[&b"a"[..], b"bc"][..],
            &[b"ab"],
            &[b"ab", b"c", b""],
            &[b"abc"],
        ] {
            assert!(!secrets(1).is_form_token(&token, parts));
        }
        assert!(!secrets(2).is_form_token(&token, &[b"ab", b"c"]));
        assert!(!secrets(1).is_form_token("", &[b"ab", b"c"]));
    }
}
