//! A whole JWKS (RFC 7517 §5): one bad key never takes the good ones away.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use dockgate_token::{Algorithm, KeyId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::jwk::{KeyFault, VerificationKey};
use crate::strict_json::parse_owned_object;

/// The usable keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<VerificationKey>,
}

/// The document, its keys not yet looked at: what is wrong with one is no matter of the others.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// A key that was passed over, for the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkippedKey {
    /// Its position in the set, from 0.
    pub position: usize,
    /// What is wrong with it.
    pub fault: KeyFault,
}

/// Tells lists of passed-over keys apart, so that one that was logged is not logged again; 0 for an
/// empty one. It is the same in every VM and no protection against whoever makes the keys.
pub fn fingerprint(skipped: &[SkippedKey]) -> u64 {
    if skipped.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    skipped.hash(&mut hasher);
    hasher.finish()
}

/// Why a document is no JWKS. Whatever keys were there before stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwksError {
    /// More than 256 KiB.
    TooLong,
    /// Not one JSON object with a list `keys`.
    NotAKeySet,
    /// More than 100 keys.
    TooManyKeys,
    /// No key in it may verify access tokens.
    NoUsableKey,
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the document is longer than 256 KiB",
            Self::NotAKeySet => "the document is not a JSON object with a list named keys",
            Self::TooManyKeys => "the document has more than 100 keys",
            Self::NoUsableKey => "no key in the document can verify access tokens",
        })
    }
}

impl KeySet {
    /// Reads a JWKS document.
    ///
    /// # Errors
    /// [`JwksError`] when there is no usable key in it.
    pub fn parse(document: &[u8]) -> Result<(Self, Vec<SkippedKey>), JwksError> {
        if document.len() > MAX_DOCUMENT_BYTES {
            return Err(JwksError::TooLong);
        }
        let Document { keys: jwks } =
            serde_json::from_slice(document).map_err(|_| JwksError::NotAKeySet)?;
        if jwks.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let mut found = Vec::new();
        let mut skipped = Vec::new();
        for (position, jwk) in jwks.iter().enumerate() {
            let jwk = parse_owned_object(jwk.get().as_bytes()).map_err(|_| KeyFault::BadMember);
            match jwk.and_then(|jwk| VerificationKey::from_jwk(&jwk)) {
                // The same key again takes nothing away from the first.
                Ok(key) if is_listed(&key, &found) => {}
                Ok(key) => found.push((position, key)),
                Err(fault) => skipped.push(SkippedKey { position, fault }),
            }
        }
        let ambiguous: Vec<usize> = found
            .iter()
            .filter(|(at, key)| has_namesake(*at, key, &found))
            .map(|(at, _)| *at)
            .collect();
        skipped.extend(ambiguous.iter().map(|at| SkippedKey {
            position: *at,
            fault: KeyFault::DuplicateKeyId,
        }));
        found.retain(|(at, _)| !ambiguous.contains(at));
        if found.is_empty() {
            return Err(JwksError::NoUsableKey);
        }
        Ok((
            Self {
                keys: found.into_iter().map(|(_, key)| key).collect(),
            },
            skipped,
        ))
    }

    /// The one key that a token with this header may have been signed with.
    ///
    /// Without `kid` in the token, exactly one key of its algorithm must be there: a verifier that
    /// tries key after key loses the binding between token and key.
    pub(crate) fn find(
        &self,
        key_id: Option<&KeyId>,
        algorithm: Algorithm,
    ) -> Option<&VerificationKey> {
        match key_id {
            // Of keys with one name and several algorithms the one of the token's; else any, so
            // that the caller sees a mismatch and not an unknown key.
            Some(key_id) => {
                let mut named = self.keys.iter().filter(|key| key.key_id() == Some(key_id));
                let first = named.next()?;
                Some(
                    std::iter::once(first)
                        .chain(named)
                        .find(|key| key.algorithm() == algorithm)
                        .unwrap_or(first),
                )
            }
            None => {
                let mut fitting = self.keys.iter().filter(|key| key.algorithm() == algorithm);
                let first = fitting.next()?;
                fitting.next().is_none().then_some(first)
            }
        }
    }

    /// Whether `other` has the same keys under the same names, in the same order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.keys.len() == other.keys.len()
            && std::iter::zip(&self.keys, &other.keys).all(|(own, other)| {
                own.key_id() == other.key_id()
                    && own.algorithm() == other.algorithm()
                    && own.spki_der() == other.spki_der()
            })
    }

    /// The keys, in the order of the document.
    pub fn keys(&self) -> &[VerificationKey] {
        &self.keys
    }
}

fn is_listed(key: &VerificationKey, found: &[(usize, VerificationKey)]) -> bool {
    found
        .iter()
        .any(|(_, earlier)| earlier.identity() == key.identity())
}

/// Whether another key has the same `kid` and algorithm, so that taking either would be luck.
fn has_namesake(position: usize, key: &VerificationKey, all: &[(usize, VerificationKey)]) -> bool {
    key.key_id().is_some()
        && all.iter().any(|(at, other)| {
            *at != position
                && other.key_id() == key.key_id()
                && other.algorithm() == key.algorithm()
        })
}

/// Hundred keys of 4096 bits with certificates are less.
pub(super) const MAX_DOCUMENT_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    // The Ed25519 key of RFC 8037 Appendix A.2, the P-256 and RSA keys of RFC 7517 Appendix A.1.
    fn ed25519(kid: &str) -> Value {
        json!({"kty":"OKP","crv":"Ed25519","kid":kid,"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    fn p256(kid: &str) -> Value {
        json!({"kty":"EC","crv":"P-256","kid":kid,"x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
    }

    fn rsa(kid: &str) -> Value {
        json!({"kty":"RSA","kid":kid,"e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"})
    }

    fn with(mut jwk: Value, member: &str, value: Value) -> Value {
        jwk[member] = value;
        jwk
    }

    fn parse(keys: &[Value]) -> Result<(KeySet, Vec<SkippedKey>), JwksError> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn each_supported_type_is_read_with_its_natural_algorithm() {
        let (set, skipped) = parse(&[
            rsa("r"),
            p256("e"),
            ed25519("o"),
            with(rsa("p"), "alg", json!("PS256")),
        ])
        .unwrap();
        assert_eq!(skipped, []);
        let algorithms: Vec<Algorithm> =
            set.keys().iter().map(VerificationKey::algorithm).collect();
        assert_eq!(
            algorithms,
            [
                Algorithm::RS256,
                Algorithm::ES256,
                Algorithm::EdDSA,
                Algorithm::PS256
            ]
        );
    }

    #[test]
    fn one_bad_key_never_takes_the_good_one_away() {
        for (bad, fault) in [
            (json!(1), KeyFault::BadMember),
            (json!({}), KeyFault::UnknownType),
            (json!({"kty":"oct","k":"AAAA"}), KeyFault::Private),
            (with(ed25519("b"), "d", json!("AAAA")), KeyFault::Private),
            (with(ed25519("b"), "kid", json!(1)), KeyFault::BadKeyId),
            (with(ed25519("b"), "use", json!("enc")), KeyFault::OtherUse),
            (with(ed25519("b"), "use", json!(1)), KeyFault::OtherUse),
            (
                with(ed25519("b"), "key_ops", json!(["sign"])),
                KeyFault::OtherUse,
            ),
            (with(ed25519("b"), "key_ops", json!([])), KeyFault::OtherUse),
            (
                with(ed25519("b"), "alg", json!("ES256")),
                KeyFault::OtherAlgorithm,
            ),
            (
                with(ed25519("b"), "alg", json!("none")),
                KeyFault::OtherAlgorithm,
            ),
            (
                with(ed25519("b"), "crv", json!("Ed448")),
                KeyFault::UnknownType,
            ),
            (with(ed25519("b"), "x", json!("AAAA")), KeyFault::Weak),
            (with(ed25519("b"), "x", json!(URL_ZERO)), KeyFault::Weak),
            (
                with(
                    p256("b"),
                    "y",
                    json!("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
                ),
                KeyFault::Weak,
            ),
            (with(p256("b"), "x", json!("AA")), KeyFault::Weak),
            (with(rsa("b"), "e", json!("Aw")), KeyFault::Weak),
            (with(rsa("b"), "n", json!("AQAB")), KeyFault::Weak),
            (
                with(rsa("b"), "n", json!("not base64!")),
                KeyFault::BadMember,
            ),
        ] {
            let (set, skipped) = parse(&[bad.clone(), ed25519("good")]).unwrap();
            assert_eq!(skipped, [SkippedKey { position: 0, fault }], "{bad}");
            assert_eq!(set.keys().len(), 1);
        }
    }

    const URL_ZERO: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn sets_and_members_may_be_as_large_as_the_limits_say() {
        let keys: Vec<Value> = (0..100).map(|kid| ed25519(&kid.to_string())).collect();
        assert_eq!(parse(&keys).unwrap().0.keys().len(), 100);
        let document = json!({ "keys": [ed25519("a")] }).to_string();
        let padded = |bytes: usize| document.clone() + &" ".repeat(bytes - document.len());
        assert!(KeySet::parse(padded(256 * 1024).as_bytes()).is_ok());
        assert_eq!(
            KeySet::parse(padded(256 * 1024 + 1).as_bytes()).unwrap_err(),
            JwksError::TooLong
        );
        for (member, value) in [("e", ""), ("e", "AAAAAAAAAQABAQAB"), ("n", "")] {
            let (_, skipped) =
                parse(&[with(rsa("b"), member, json!(value)), ed25519("good")]).unwrap();
            assert_eq!(skipped[0].fault, KeyFault::BadMember, "{member} {value}");
        }
    }

    #[test]
    fn a_key_may_say_that_it_verifies() {
        let key = with(
            with(ed25519("a"), "use", json!("sig")),
            "key_ops",
            json!(["verify"]),
        );
        assert_eq!(parse(&[key]).unwrap().1, []);
    }

    #[test]
    fn of_keys_with_one_name_the_one_for_the_algorithm_is_taken() {
        let (set, _) = parse(&[ed25519("same"), p256("same"), rsa("same")]).unwrap();
        let name = "same".parse().unwrap();
        for algorithm in [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256] {
            assert_eq!(
                set.find(Some(&name), algorithm).unwrap().algorithm(),
                algorithm
            );
        }
    }

    #[test]
    fn a_key_shows_its_name_and_is_handed_to_a_host_as_spki() {
        let (set, _) = parse(&[ed25519("a"), p256("b"), rsa("c")]).unwrap();
        assert_eq!(format!("{:?}", set.keys()[0]), "VerificationKey(a, EdDSA)");
        // The lengths of an SPKI for Ed25519, for P-256 uncompressed, and for RSA of 2048 bits.
        let lengths: Vec<usize> = set.keys().iter().map(|key| key.spki_der().len()).collect();
        assert_eq!(lengths, [44, 91, 294]);
    }

    #[test]
    fn a_member_named_twice_spoils_its_own_key_alone() {
        let good = ed25519("good");
        let document = format!(r#"{{"keys":[{{"kty":"OKP","kty":"RSA"}},{good}]}}"#);
        let (set, skipped) = KeySet::parse(document.as_bytes()).unwrap();
        assert_eq!((set.keys().len(), skipped.len()), (1, 1));
    }

    #[test]
    fn two_keys_of_one_name_and_algorithm_are_both_refused() {
        // The key of RFC 8032 §7.1, test 2, under the other's name.
        let other = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";
        let second = with(ed25519("same"), "x", json!(other));
        let (set, skipped) = parse(&[ed25519("same"), second, p256("same")]).unwrap();
        assert_eq!(skipped.len(), 2);
        assert_eq!(set.keys().len(), 1);
    }

    #[test]
    fn a_key_that_is_listed_twice_is_one_key() {
        let mut nameless = ed25519("");
        nameless.as_object_mut().unwrap().remove("kid");
        for keys in [
            [ed25519("same"), ed25519("same")],
            [nameless.clone(), nameless],
        ] {
            let (set, skipped) = parse(&keys).unwrap();
            assert_eq!(skipped, []);
            assert_eq!(set.keys().len(), 1);
            assert!(set.find(None, Algorithm::EdDSA).is_some());
        }
    }

    #[test]
    fn documents_that_are_no_key_set() {
        for document in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            "<html>",
            r#"{"keys":[],"keys":[]}"#,
        ] {
            assert_eq!(
                KeySet::parse(document.as_bytes()).unwrap_err(),
                JwksError::NotAKeySet,
                "{document}"
            );
        }
        assert_eq!(parse(&[]).unwrap_err(), JwksError::NoUsableKey);
        assert_eq!(
            parse(&vec![json!({}); 101]).unwrap_err(),
            JwksError::TooManyKeys
        );
        assert_eq!(
            KeySet::parse(&vec![b' '; 300 * 1024]).unwrap_err(),
            JwksError::TooLong
        );
    }

    #[test]
    fn keys_are_found_by_name_or_by_being_the_only_one() {
        let (set, _) = parse(&[ed25519("a"), p256("b"), p256("c")]).unwrap();
        let find = |kid: Option<&str>, algorithm| {
            let kid = kid.map(|kid| kid.parse().unwrap());
            set.find(kid.as_ref(), algorithm)
                .map(|key| key.key_id().unwrap().to_string())
        };
        assert_eq!(find(Some("b"), Algorithm::ES256).as_deref(), Some("b"));
        assert_eq!(find(Some("b"), Algorithm::RS256).as_deref(), Some("b"));
        assert_eq!(find(Some("x"), Algorithm::ES256), None);
        assert_eq!(find(None, Algorithm::EdDSA).as_deref(), Some("a"));
        assert_eq!(find(None, Algorithm::ES256), None);
    }
}
