//! Private keys from elsewhere: PEM (PKCS#8, PKCS#1, SEC 1) and JWK.
//!
//! Only keys that verifiers take are taken: RSA of 2048 to 4096 bits with the exponent 65537 and a
//! modulus that is not known to be weak, P-256 and Ed25519. The crypto library sees to it that the parts of a key belong together.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::{Algorithm, KeyId, is_weak_modulus};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::store::PrivateKey;

/// RSA keys that every verifier takes, in bits; the lower bound is that of RFC 7518 §3.3.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// 65537: with it alone no verifier has a reason to refuse a key.
const RSA_EXPONENT: &[u8] = &[1, 0, 1];
/// `rsaEncryption` (RFC 8017 Appendix A.1), as DER has it.
const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// The longest file: a 4096-bit RSA key takes a tenth of it.
pub const MAX_BYTES: usize = 64 * 1024;

/// A private key that can sign with `algorithm`.
#[derive(Debug)]
pub struct Imported {
    /// The one that it is used with from now on.
    pub algorithm: Algorithm,
    /// Its name; without one it is named by its thumbprint.
    pub kid: Option<KeyId>,
    /// The key itself.
    pub private_key: PrivateKey,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// It is longer than any key.
    TooLong,
    /// It is neither PEM with a private key nor a JWK.
    Unknown,
    /// It is PEM with more than one private key.
    Several,
    /// Its private key is encrypted with a password.
    Encrypted,
    /// It is a key set; a JWK stands alone.
    Set,
    /// It is a public key.
    Public,
    /// The JWK is a shared secret (`oct`).
    Symmetric,
    /// The JWK is not for signatures.
    OtherUse,
    /// Its parts are no key, or do not belong together.
    Broken,
    /// It is no valid RSA key, or one of fewer than 2048 bits.
    BrokenRsa,
    /// An RSA key of so many bits.
    RsaBits(usize),
    /// An RSA key whose exponent is not 65537.
    RsaExponent,
    /// An RSA key that others can work out.
    RsaWeak,
    /// A key of another kind or curve.
    OtherKind,
    /// The key cannot be used with the algorithm that was asked for, or that the JWK names.
    OtherAlgorithm(Algorithm),
    /// The JWK names an algorithm that is not known.
    UnknownAlgorithm,
    /// The JWK's `kid` is no name of a key.
    BadKid,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "it is longer than {MAX_BYTES} bytes, which no key is"),
            Self::Unknown => f.write_str(
                "it is neither PEM with a private key (PKCS#8, PKCS#1 or SEC 1) nor a private JSON Web Key: give a file that is, such as `openssl genpkey` writes",
            ),
            Self::Several => f.write_str("it has more than one private key; give each a file of its own"),
            Self::Encrypted => f.write_str(
                "its private key is encrypted with a password; decrypt it with `openssl pkey -in FILE -out CLEAR`, and remove that file afterwards",
            ),
            Self::Set => f.write_str("it is a key set; give the one key, without the list around it"),
            Self::Public => f.write_str("it is a public key: give the private one that belongs to it"),
            Self::Symmetric => f.write_str("it is a shared secret, with which everyone who verifies could also sign"),
            Self::OtherUse => f.write_str("its `use` or `key_ops` says that it does not sign"),
            Self::Broken => f.write_str("it is no valid key, or its parts do not belong together"),
            Self::BrokenRsa => write!(
                f,
                "it is no valid RSA key of {} to {} bits",
                RSA_BITS.start(),
                RSA_BITS.end()
            ),
            Self::RsaBits(bits) => write!(
                f,
                "it is an RSA key of {bits} bits; those of {} to {} are taken",
                RSA_BITS.start(),
                RSA_BITS.end()
            ),
            Self::RsaExponent => f.write_str("it is an RSA key with an exponent other than 65537"),
            Self::RsaWeak => f.write_str(
                "it is a weak RSA key: its modulus has a small factor or the mark of a flawed generator (ROCA, CVE-2017-15361), so that others can work out the private key. Use another key, and replace this one wherever else it is used",
            ),
            Self::OtherKind => f.write_str("it is a key of another kind; RSA, P-256 and Ed25519 are taken"),
            Self::OtherAlgorithm(algorithm) => write!(
                f,
                "it cannot be used with {algorithm}: RSA keys sign with RS256 or PS256, P-256 with ES256, Ed25519 with EdDSA"
            ),
            Self::UnknownAlgorithm => f.write_str("its `alg` is none that the issuer signs with: RS256, PS256, ES256 or EdDSA"),
            Self::BadKid => f.write_str("its `kid` is empty or longer than 255 bytes"),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads a private key. `algorithm` and `kid` go before what a JWK says; without either an RSA key
/// signs with RS256.
///
/// # Errors
/// [`ImportError`] with the first reason. It quotes nothing of the key.
pub fn read(
    file: &[u8],
    algorithm: Option<Algorithm>,
    kid: Option<KeyId>,
) -> Result<Imported, ImportError> {
    if file.len() > MAX_BYTES {
        return Err(ImportError::TooLong);
    }
    let is_json = file.trim_ascii_start().starts_with(b"{");
    let (key, named) = if is_json {
        let (key, named, own_kid) = jwk(file)?;
        (key, (named, kid.or(own_kid)))
    } else {
        (pem(file)?, (None, kid))
    };
    let (own_algorithm, kid) = named;
    if let (Some(asked), Some(own)) = (algorithm, own_algorithm)
        && asked != own
    {
        return Err(ImportError::OtherAlgorithm(asked));
    }
    let algorithm = key.algorithm(algorithm.or(own_algorithm))?;
    Ok(Imported {
        algorithm,
        kid,
        private_key: key.to_pkcs8()?,
    })
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Pair {
    fn rsa(pair: RsaKeyPair) -> Result<Self, ImportError> {
        let public = pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero();
        let unused = modulus.first().map_or(0, |first| first.leading_zeros());
        let bits = 8 * modulus.len() - unused as usize;
        if !RSA_BITS.contains(&bits) {
            return Err(ImportError::RsaBits(bits));
        }
        if public.exponent().big_endian_without_leading_zero() != RSA_EXPONENT {
            return Err(ImportError::RsaExponent);
        }
        if is_weak_modulus(modulus) {
            return Err(ImportError::RsaWeak);
        }
        Ok(Self::Rsa(pair))
    }

    /// What the key signs with; each key with one algorithm alone (RFC 8725 §3.1).
    fn algorithm(&self, asked: Option<Algorithm>) -> Result<Algorithm, ImportError> {
        let fitting: &[Algorithm] = match self {
            Self::Rsa(_) => &[Algorithm::RS256, Algorithm::PS256],
            Self::P256(_) => &[Algorithm::ES256],
            Self::Ed25519(_) => &[Algorithm::EdDSA],
        };
        match asked {
            None => fitting.first().copied().ok_or(ImportError::OtherKind),
            Some(asked) if fitting.contains(&asked) => Ok(asked),
            Some(asked) => Err(ImportError::OtherAlgorithm(asked)),
        }
    }

    fn to_pkcs8(&self) -> Result<PrivateKey, ImportError> {
        let broken = |_| ImportError::Broken;
        let der = match self {
            Self::Rsa(pair) => pair.as_der().map_err(broken)?.as_ref().to_vec(),
            Self::P256(pair) => pair.to_pkcs8v1().map_err(broken)?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.to_pkcs8().map_err(broken)?.as_ref().to_vec(),
        };
        Ok(PrivateKey::from_pkcs8(der))
    }
}

fn pem(file: &[u8]) -> Result<Pair, ImportError> {
    let has = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    if has(b"ENCRYPTED") {
        return Err(ImportError::Encrypted);
    }
    let keys: Result<Vec<_>, _> = PrivateKeyDer::pem_slice_iter(file).collect();
    let mut keys = keys.map_err(|_| ImportError::Unknown)?.into_iter();
    let is_public = has(b"PUBLIC KEY-----") || has(b"CERTIFICATE-----");
    let key = keys.next().ok_or(match is_public {
        true => ImportError::Public,
        false => ImportError::Unknown,
    })?;
    if keys.next().is_some() {
        return Err(ImportError::Several);
    }
    match &key {
        PrivateKeyDer::Pkcs1(der) => {
            let der = der.secret_pkcs1_der();
            Pair::rsa(RsaKeyPair::from_der(der).map_err(|_| ImportError::BrokenRsa)?)
        }
        PrivateKeyDer::Sec1(der) => {
            let der = der.secret_sec1_der();
            let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
            pair.map(Pair::P256).map_err(|_| ImportError::OtherKind)
        }
        PrivateKeyDer::Pkcs8(der) => pkcs8(der.secret_pkcs8_der()),
        _ => Err(ImportError::Unknown),
    }
}

/// Each parser takes its own kind alone. Of RSA keys the reason matters: many an old one is too short.
fn pkcs8(der: &[u8]) -> Result<Pair, ImportError> {
    if der.windows(RSA_OID.len()).any(|bytes| bytes == RSA_OID) {
        return Pair::rsa(RsaKeyPair::from_pkcs8(der).map_err(|_| ImportError::BrokenRsa)?);
    }
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der) {
        return Ok(Pair::P256(pair));
    }
    // OpenSSL writes Ed25519 keys without their public half (RFC 8410 §7).
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
        .map(Pair::Ed25519)
        .map_err(|_| ImportError::OtherKind)
}

/// The members of a private JWK that matter (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). One that comes
/// twice is refused by the parser.
#[derive(Deserialize)]
struct WrittenKey {
    keys: Option<serde::de::IgnoredAny>,
    kty: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<Zeroizing<String>>,
    p: Option<Zeroizing<String>>,
    q: Option<Zeroizing<String>>,
    dp: Option<Zeroizing<String>>,
    dq: Option<Zeroizing<String>>,
    qi: Option<Zeroizing<String>>,
    oth: Option<serde::de::IgnoredAny>,
}

fn jwk(file: &[u8]) -> Result<(Pair, Option<Algorithm>, Option<KeyId>), ImportError> {
    let key: WrittenKey = serde_json::from_slice(file).map_err(|_| ImportError::Unknown)?;
    if key.keys.is_some() {
        return Err(ImportError::Set);
    }
    let signs = |operations: &Vec<String>| operations.iter().any(|name| name == "sign");
    let is_for_signing = key.usage.as_deref().is_none_or(|usage| usage == "sig")
        && key.key_ops.as_ref().is_none_or(signs);
    if !is_for_signing {
        return Err(ImportError::OtherUse);
    }
    let algorithm = key.alg.as_ref().map(|alg| alg.parse()).transpose();
    let algorithm = algorithm.map_err(|_| ImportError::UnknownAlgorithm)?;
    let kid = key.kid.as_ref().map(|kid| kid.parse()).transpose();
    let kid = kid.map_err(|_| ImportError::BadKid)?;
    let pair = match (key.kty.as_deref(), key.crv.as_deref()) {
        (None, _) => return Err(ImportError::Unknown),
        (Some("oct"), _) => return Err(ImportError::Symmetric),
        (Some("RSA"), _) => key.rsa()?,
        (Some("EC"), Some("P-256")) => key.p256()?,
        (Some("OKP"), Some("Ed25519")) => key.ed25519()?,
        _ => return Err(ImportError::OtherKind),
    };
    Ok((pair, algorithm, kid))
}

impl WrittenKey {
    /// A key of more than two primes (RFC 7518 §6.3.2.7) nobody makes, and no library here reads.
    fn rsa(&self) -> Result<Pair, ImportError> {
        if self.oth.is_some() {
            return Err(ImportError::OtherKind);
        }
        let components = KeyPairComponents {
            d: private(self.d.as_ref())?,
            public_key: PublicKeyComponents {
                n: public(self.n.as_ref())?,
                e: public(self.e.as_ref())?,
            },
            p: private(self.p.as_ref())?,
            q: private(self.q.as_ref())?,
            dP: private(self.dp.as_ref())?,
            dQ: private(self.dq.as_ref())?,
            qInv: private(self.qi.as_ref())?,
        };
        let public = &components.public_key;
        let exposed = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: public.n.as_slice(),
                e: public.e.as_slice(),
            },
            d: components.d.as_slice(),
            p: components.p.as_slice(),
            q: components.q.as_slice(),
            dP: components.dP.as_slice(),
            dQ: components.dQ.as_slice(),
            qInv: components.qInv.as_slice(),
        };
        Pair::rsa(RsaKeyPair::from_components(&exposed).map_err(|_| ImportError::BrokenRsa)?)
    }

    /// All three are 32 bytes long, with zeros in front (RFC 7518 §6.2).
    fn p256(&self) -> Result<Pair, ImportError> {
        let d = private(self.d.as_ref())?;
        let (x, y) = (public(self.x.as_ref())?, public(self.y.as_ref())?);
        if d.len() != 32 || x.len() != 32 || y.len() != 32 {
            return Err(ImportError::Broken);
        }
        let point = [&[0x04], x.as_slice(), y.as_slice()].concat();
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        EcdsaKeyPair::from_private_key_and_public_key(signing, &d, &point)
            .map(Pair::P256)
            .map_err(|_| ImportError::Broken)
    }

    fn ed25519(&self) -> Result<Pair, ImportError> {
        let d = private(self.d.as_ref())?;
        let x = public(self.x.as_ref())?;
        Ed25519KeyPair::from_seed_and_public_key(&d, &x)
            .map(Pair::Ed25519)
            .map_err(|_| ImportError::Broken)
    }
}

fn private(member: Option<&Zeroizing<String>>) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let text = member.ok_or(ImportError::Public)?;
    let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes());
    bytes.map(Zeroizing::new).map_err(|_| ImportError::Broken)
}

fn public(member: Option<&String>) -> Result<Vec<u8>, ImportError> {
    let text = member.ok_or(ImportError::Broken)?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| ImportError::Broken)
}

#[cfg(test)]
mod tests;
