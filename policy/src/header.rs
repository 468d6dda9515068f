//! The JOSE header of a token (RFC 7515 §4), read with the allow-lists of RFC 8725 and RFC 9068.

use std::sync::Arc;

use dockgate_token::{Algorithm, KeyId};

use crate::denial::TokenFault;
use crate::strict_json::{Json, parse_object};

/// What the header says about how to verify the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoseHeader {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<KeyId>,
    /// `typ`; which are expected is up to the issuer.
    pub(crate) token_type: Option<String>,
}

impl JoseHeader {
    /// Reads `alg`, `kid`, `typ` and `crit`. Every other parameter (`jwk`, `jku`, `x5c`, …) is
    /// ignored: keys come from the configured issuer alone (RFC 8725 §3.10).
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        if bytes.len() > MAX_HEADER_BYTES {
            return Err(TokenFault::HeaderTooLong { bytes: bytes.len() });
        }
        let members = parse_object(bytes).map_err(|_| TokenFault::HeaderNotJson)?;
        let algorithm = members
            .get("alg")
            .and_then(Json::as_str)
            .and_then(|name| name.parse().ok())
            .ok_or(TokenFault::AlgorithmNotAllowed)?;
        // No extension is understood here, so none may be critical (RFC 7515 §4.1.11); `b64`
        // changes what is signed (RFC 7797) and counts even when it is not listed.
        if members.get("crit").is_some() || members.get("b64").is_some() {
            return Err(TokenFault::CriticalExtension);
        }
        let token_type = match members.get("typ") {
            None => None,
            Some(Json::String(name)) => Some(name.clone().into_owned()),
            Some(_) => return Err(TokenFault::NotAnAccessToken),
        };
        let key_id = match members.get("kid") {
            None => None,
            Some(Json::String(text)) => Some(text.parse().map_err(|_| TokenFault::BadKeyId)?),
            Some(_) => return Err(TokenFault::BadKeyId),
        };
        Ok(Self {
            algorithm,
            key_id,
            token_type,
        })
    }
}

/// The headers of the tokens that were verified last: tokens of one key have the same header, byte
/// for byte, and reading it costs a microsecond each time.
#[derive(Debug, Default)]
pub(crate) struct KnownHeaders {
    /// The youngest is last.
    headers: Vec<(Box<[u8]>, Arc<JoseHeader>)>,
}

impl KnownHeaders {
    /// As [`JoseHeader::parse`].
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Arc<JoseHeader>, TokenFault> {
        let mut known = self.headers.iter();
        match known.find(|(own, _)| **own == *bytes) {
            Some((_, header)) => Ok(Arc::clone(header)),
            None => JoseHeader::parse(bytes).map(Arc::new),
        }
    }

    /// Only what a trusted issuer has signed is remembered, so that nobody else can crowd it out.
    pub(crate) fn remember(&mut self, bytes: &[u8], header: &Arc<JoseHeader>) {
        if self.headers.iter().any(|(own, _)| **own == *bytes) {
            return;
        }
        if self.headers.len() >= MAX_KNOWN_HEADERS {
            self.headers.remove(0);
        }
        self.headers.push((bytes.into(), Arc::clone(header)));
    }
}

/// A few keys of a few issuers; each header has at most 1 KiB.
const MAX_KNOWN_HEADERS: usize = 8;

/// An access token's header has three short members; 1 KiB leaves room for a certificate hash.
const MAX_HEADER_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_header_is_read_once_and_the_oldest_makes_room() {
        let bytes = |number: usize| format!(r#"{{"alg":"RS256","kid":"{number}"}}"#).into_bytes();
        let mut known = KnownHeaders::default();
        for number in 0..=MAX_KNOWN_HEADERS {
            let header = known.read(&bytes(number)).unwrap();
            for _ in 0..2 {
                known.remember(&bytes(number), &header);
            }
            assert!(Arc::ptr_eq(&header, &known.read(&bytes(number)).unwrap()));
        }
        assert_eq!(known.headers.len(), MAX_KNOWN_HEADERS);
        assert_eq!(*known.headers[0].0, *bytes(1));
        assert!(known.read(b"{}").is_err());
    }

    fn check(json: &str, expected: Result<(Algorithm, Option<&str>), TokenFault>) {
        let expected = expected.map(|(algorithm, kid)| (algorithm, kid.map(str::to_owned)));
        let parsed = JoseHeader::parse(json.as_bytes()).map(|header| {
            let key_id = header.key_id.map(|own| own.to_string());
            (header.algorithm, key_id)
        });
        assert_eq!(parsed, expected, "{json}");
    }

    #[test]
    fn headers_of_access_tokens() {
        let rs256 = || Ok((Algorithm::RS256, Some("k")));
        check(r#"{"alg":"RS256","kid":"k","typ":"at+jwt"}"#, rs256());
        check(r#"{"alg":"RS256","kid":"k","typ":"AT+JWT"}"#, rs256());
        check(
            r#"{"alg":"RS256","kid":"k","typ":"application/at+jwt","jku":"https://x"}"#,
            rs256(),
        );
        check(
            r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
            Ok((Algorithm::EdDSA, None)),
        );
    }

    #[test]
    fn algorithms_that_are_not_on_the_list() {
        for alg in [
            r#""none""#,
            r#""None""#,
            r#""""#,
            "null",
            "1",
            r#"["RS256"]"#,
            r#""none ""#,
            r#""n\u006fne""#,
            r#""HS256""#,
            r#""rs256""#,
            r#""ES256K""#,
            r#""dir""#,
        ] {
            check(
                &format!(r#"{{"alg":{alg},"typ":"at+jwt"}}"#),
                Err(TokenFault::AlgorithmNotAllowed),
            );
        }
        check(r#"{"typ":"at+jwt"}"#, Err(TokenFault::AlgorithmNotAllowed));
    }

    #[test]
    fn a_type_is_a_string_or_absent() {
        for typ in ["null", "1", r#"["at+jwt"]"#] {
            check(
                &format!(r#"{{"alg":"RS256","typ":{typ}}}"#),
                Err(TokenFault::NotAnAccessToken),
            );
        }
        let typ = |json: &[u8]| JoseHeader::parse(json).unwrap().token_type;
        assert_eq!(typ(br#"{"alg":"RS256"}"#), None);
        assert_eq!(typ(br#"{"alg":"RS256","typ":"JWT"}"#), Some("JWT".into()));
    }

    #[test]
    fn critical_extensions_duplicates_and_odd_key_ids() {
        for crit in [
            r#""crit":["x"]"#,
            r#""crit":[]"#,
            r#""crit":"x""#,
            r#""b64":false"#,
        ] {
            check(
                &format!(r#"{{"alg":"RS256","typ":"at+jwt",{crit}}}"#),
                Err(TokenFault::CriticalExtension),
            );
        }
        check(
            r#"{"alg":"RS256","alg":"RS256","typ":"at+jwt"}"#,
            Err(TokenFault::HeaderNotJson),
        );
        for kid in ["1", "null", "[]", r#""""#] {
            check(
                &format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":{kid}}}"#),
                Err(TokenFault::BadKeyId),
            );
        }
        let padded = |bytes: usize| {
            let empty = r#"{"alg":"RS256","typ":"at+jwt","x":""}"#;
            let padding = "x".repeat(bytes - empty.len());
            format!(r#"{{"alg":"RS256","typ":"at+jwt","x":"{padding}"}}"#)
        };
        check(&padded(1024), Ok((Algorithm::RS256, None)));
        check(
            &padded(1025),
            Err(TokenFault::HeaderTooLong { bytes: 1025 }),
        );
    }
}
