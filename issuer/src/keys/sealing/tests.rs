//! What opens, and what does not.

use super::*;
use crate::entropy::system_entropy;

const KEY: &[u8] = b"a private key, as DER";

fn secret(text: &str) -> KeyEncryptionSecret {
    KeyEncryptionSecret::new(text.to_owned())
}

fn kid(text: &str) -> KeyId {
    text.parse().unwrap()
}

fn seal(with: &KeyEncryptionSecret) -> SealedKey {
    let key = PrivateKey::from_pkcs8(KEY.to_vec());
    with.seal(&kid("a"), Algorithm::ES256, &key, system_entropy)
        .unwrap()
}

#[test]
fn a_sealed_key_opens_with_its_secret_under_its_name_and_algorithm_alone() {
    let own = secret("one");
    let sealed = seal(&own);
    let opened = own.open(&kid("a"), Algorithm::ES256, &sealed).unwrap();
    assert_eq!(opened.expose_pkcs8(), KEY);
    assert!(
        secret("two")
            .open(&kid("a"), Algorithm::ES256, &sealed)
            .is_none()
    );
    assert!(own.open(&kid("b"), Algorithm::ES256, &sealed).is_none());
    assert!(own.open(&kid("a"), Algorithm::EdDSA, &sealed).is_none());
}

#[test]
fn what_was_changed_does_not_open() {
    let own = secret("one");
    let sealed = seal(&own);
    for at in 0..sealed.ciphertext.len() {
        let mut changed = sealed.clone();
        changed.ciphertext[at] ^= 1;
        assert!(own.open(&kid("a"), Algorithm::ES256, &changed).is_none());
    }
    let mut changed = sealed.clone();
    changed.salt[0] ^= 1;
    assert!(own.open(&kid("a"), Algorithm::ES256, &changed).is_none());
    for length in 0..sealed.ciphertext.len() {
        let mut cut = sealed.clone();
        cut.ciphertext.truncate(length);
        assert!(own.open(&kid("a"), Algorithm::ES256, &cut).is_none());
    }
}

#[test]
fn a_sealed_key_shows_nothing_of_the_key_and_is_another_each_time() {
    let own = secret("one");
    let (one, other) = (seal(&own), seal(&own));
    assert_ne!(one.salt, other.salt);
    assert_ne!(one.ciphertext, other.ciphertext);
    let shows = |sealed: &SealedKey| {
        sealed
            .ciphertext
            .windows(4)
            .any(|part| KEY.starts_with(part))
    };
    assert!(!shows(&one) && !shows(&other));
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let key = PrivateKey::from_pkcs8(KEY.to_vec());
    let sealed = secret("one").seal(&kid("a"), Algorithm::ES256, &key, |_| {
        Err(crate::entropy::EntropyFailure)
    });
    assert!(matches!(sealed, Err(KeyError::NotSealed(Algorithm::ES256))));
}

#[test]
fn a_secret_does_not_print() {
    let printed = format!("{:?}", secret("not to be seen"));
    assert!(!printed.contains("seen"));
}
