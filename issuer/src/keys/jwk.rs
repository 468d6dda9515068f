//! Public keys as JSON Web Keys (RFC 7517).

use aws_lc_rs::digest::{SHA256, digest};
use dockgate_token::{Algorithm, KeyId, encode_segment};
use serde::Serialize;
use serde_json::{Value, json};

/// A public key in the JWKS, with the members that verifiers choose by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicJwk {
    /// The RFC 7638 thumbprint, by which the same key has the same name on every issuer; or, of a key
    /// that was imported, the name that verifiers know it by.
    pub kid: KeyId,
    /// The only algorithm the key is used with (RFC 7517 §4.4, RFC 8725 §3.1).
    pub alg: Algorithm,
    /// Always `sig` (RFC 7517 §4.2).
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The key itself.
    #[serde(flatten)]
    pub key: KeyMembers,
}

/// The members that hold the key: those that the thumbprint covers, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
pub enum KeyMembers {
    /// RFC 7518 §6.3.1.
    #[serde(rename = "RSA")]
    Rsa {
        /// Modulus, base64url of the big-endian bytes without leading zeros.
        n: String,
        /// Exponent, likewise.
        e: String,
    },
    /// RFC 7518 §6.2.1.
    #[serde(rename = "EC")]
    Ec {
        /// `P-256`.
        crv: &'static str,
        /// Coordinate, base64url of 32 bytes.
        x: String,
        /// Coordinate, base64url of 32 bytes.
        y: String,
    },
    /// RFC 8037 §2.
    #[serde(rename = "OKP")]
    Okp {
        /// `Ed25519`.
        crv: &'static str,
        /// The public key, base64url of 32 bytes.
        x: String,
    },
}

impl KeyMembers {
    /// The JSON that RFC 7638 §3.2 and RFC 8037 Appendix A.3 hash: required members alone, in
    /// lexicographic order, without white space. None of the values needs escaping.
    fn thumbprint_input(&self) -> String {
        match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
        }
    }
}

/// The SHA-256 thumbprint of a public key, base64url (RFC 7638 §3).
pub fn thumbprint(key: &KeyMembers) -> String {
    encode_segment(digest(&SHA256, key.thumbprint_input().as_bytes()).as_ref())
}

/// The JWKS document (RFC 7517 §5).
pub(super) fn key_set<'a>(keys: impl Iterator<Item = &'a PublicJwk>) -> Value {
    json!({ "keys": keys.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa_thumbprint_is_that_of_rfc_7638_section_3_1() {
        let key = KeyMembers::Rsa {
            n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw".to_owned(),
            e: "AQAB".to_owned(),
        };
        assert_eq!(
            thumbprint(&key),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn ed25519_thumbprint_is_that_of_rfc_8037_appendix_a_3() {
        let key = KeyMembers::Okp {
            crv: "Ed25519",
            x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned(),
        };
        assert_eq!(
            thumbprint(&key),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
