//! Public keys, validated by jwt-simple (Ed25519 by ed25519-dalek too) when they are made: RSA of 2048 to 4096 bits with
//! e = 65537, points on their curve, no Ed25519 key of low order.

use dockgate_token::{Algorithm, is_weak_modulus};
use jwt_simple::prelude::{
    ECDSAP256PublicKeyLike as _, ECDSAP384PublicKeyLike as _, ES256PublicKey, ES384PublicKey,
    Ed25519PublicKey, RS256PublicKey, RSAPublicKeyLike as _,
};

/// A public key in the form of the library that verifies with it.
pub(crate) enum PublicKey {
    Rsa(Box<RsaKey>),
    P256(ES256PublicKey),
    P384(ES384PublicKey),
    Ed25519(Box<Ed25519Key>),
}

/// An Ed25519 key, decompressed once for all its signatures.
pub(crate) struct Ed25519Key {
    key: ed25519_dalek::VerifyingKey,
    spki_der: Vec<u8>,
}

/// An RSA key, which must be taken apart and put together again to be written as DER.
pub(crate) struct RsaKey {
    pub(super) key: superboring::pkey::PKey<superboring::pkey::Public>,
    spki_der: Vec<u8>,
}

impl PublicKey {
    /// From the big-endian modulus and exponent (RFC 7518 §6.3.1).
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        if is_weak_modulus(n) {
            return None;
        }
        let key = RS256PublicKey::from_components(n, e).ok()?;
        let spki_der = key.to_der().ok()?;
        let key = superboring::pkey::PKey::from_rsa(key.public_key().as_ref().clone()).ok()?;
        Some(Self::Rsa(Box::new(RsaKey { key, spki_der })))
    }

    /// From the coordinates, each of full length (RFC 7518 §6.2.1.2).
    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        ES256PublicKey::from_bytes(&uncompressed_point(x, y, 32)?)
            .ok()
            .map(Self::P256)
    }

    /// From the coordinates, each of full length.
    pub(crate) fn p384(x: &[u8], y: &[u8]) -> Option<Self> {
        ES384PublicKey::from_bytes(&uncompressed_point(x, y, 48)?)
            .ok()
            .map(Self::P384)
    }

    /// From the 32 bytes of RFC 8032 §5.1.5.
    pub(crate) fn ed25519(x: &[u8]) -> Option<Self> {
        let spki_der = Ed25519PublicKey::from_bytes(x).ok()?.to_der();
        let key = ed25519_dalek::VerifyingKey::from_bytes(x.first_chunk::<32>()?).ok()?;
        (!key.is_weak()).then(|| Self::Ed25519(Box::new(Ed25519Key { key, spki_der })))
    }

    /// As a DER SubjectPublicKeyInfo.
    pub(crate) fn to_spki_der(&self) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(rsa) => Some(rsa.spki_der.clone()),
            Self::P256(key) => key.to_der().ok(),
            Self::P384(key) => key.to_der().ok(),
            Self::Ed25519(key) => Some(key.spki_der.clone()),
        }
    }

    /// Strictly: `S` below the order of the group, neither point of low order (RFC 8032 §5.1.7, and
    /// beyond it RFC 8725 §3.4).
    pub(crate) fn verify_ed25519(&self, message: &[u8], signature: &[u8]) -> bool {
        let Self::Ed25519(own) = self else {
            return false;
        };
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| own.key.verify_strict(message, &signature).is_ok())
    }

    pub(crate) fn verify_p256(&self, message: &[u8], signature: &[u8]) -> bool {
        use p256::ecdsa::signature::Verifier as _;
        let Self::P256(key) = self else { return false };
        p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
            key.public_key()
                .as_ref()
                .verify(message, &signature)
                .is_ok()
        })
    }

    pub(crate) fn verify_p384(&self, message: &[u8], signature: &[u8]) -> bool {
        use p384::ecdsa::signature::Verifier as _;
        let Self::P384(key) = self else { return false };
        p384::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
            key.public_key()
                .as_ref()
                .verify(message, &signature)
                .is_ok()
        })
    }
}

/// Turns the `r || s` of RFC 7518 §3.4 into the DER form of RFC 3279 §2.2.3, which hosts expect.
/// `None` unless it has exactly the right length and both numbers lie between 1 and n - 1.
pub fn ecdsa_der(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::ES256 => p256::ecdsa::Signature::from_slice(signature)
            .ok()
            .map(|signature| signature.to_der().as_bytes().to_vec()),
        Algorithm::ES384 => p384::ecdsa::Signature::from_slice(signature)
            .ok()
            .map(|signature| signature.to_der().as_bytes().to_vec()),
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::EdDSA => None,
    }
}

/// SEC 1 §2.3.3: 4, then x, then y.
fn uncompressed_point(x: &[u8], y: &[u8], bytes: usize) -> Option<Vec<u8>> {
    (x.len() == bytes && y.len() == bytes).then(|| [&[4], x, y].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecdsa_signature_becomes_der() {
        let mut signature = [0; 64];
        (signature[31], signature[63]) = (1, 0x80);
        // SEQUENCE of INTEGER 1 and INTEGER 128, the latter with a zero in front of its sign bit.
        let expected = [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80];
        assert_eq!(
            ecdsa_der(Algorithm::ES256, &signature).as_deref(),
            Some(&expected[..])
        );
        assert!(ecdsa_der(Algorithm::ES384, &[1; 96]).is_some());
    }

    #[test]
    fn what_is_no_ecdsa_signature_does_not() {
        for (algorithm, signature) in [
            (Algorithm::ES256, &[0; 64][..]),
            (Algorithm::ES256, &[1; 63]),
            (Algorithm::ES256, &[1; 65]),
            (Algorithm::ES256, &[0xFF; 64]),
            (Algorithm::ES384, &[1; 64]),
            (Algorithm::RS256, &[1; 64]),
        ] {
            assert_eq!(
                ecdsa_der(algorithm, signature),
                None,
                "{algorithm} {}",
                signature.len()
            );
        }
    }

    /// The eight points of low order, and their other spellings: whoever signs with them signs
    /// everything.
    #[test]
    fn ed25519_keys_of_low_order_and_non_canonical_ones_are_refused() {
        let bytes = |hex: &str| -> Vec<u8> {
            let digits = hex.as_bytes().chunks(2);
            digits
                .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        };
        let zeros = "00".repeat(30);
        let ones = "ff".repeat(30);
        for point in [
            format!("01{zeros}00"),
            format!("01{zeros}80"),
            format!("00{zeros}00"),
            format!("00{zeros}80"),
            format!("ec{ones}7f"),
            format!("ec{ones}ff"),
            format!("ed{ones}7f"),
            format!("ed{ones}ff"),
            format!("ee{ones}7f"),
            format!("ee{ones}ff"),
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".to_owned(),
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa".to_owned(),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".to_owned(),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85".to_owned(),
        ] {
            assert!(PublicKey::ed25519(&bytes(&point)).is_none(), "{point}");
        }
        let good = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert!(PublicKey::ed25519(&bytes(good)).is_some());
        assert!(PublicKey::ed25519(&bytes(&format!("{good}00"))).is_none());
    }

    #[test]
    fn coordinates_have_their_full_length() {
        assert!(uncompressed_point(&[1; 32], &[1; 32], 32).is_some());
        assert!(uncompressed_point(&[1; 31], &[1; 32], 32).is_none());
        assert!(uncompressed_point(&[1; 32], &[1; 33], 32).is_none());
    }
}
