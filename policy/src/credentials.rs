//! Reading the bearer token from the request's headers: exactly one, as bytes.

use std::fmt;

/// What a client sent as its one bearer credential; it may be no token at all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct BearerCredential<'a>(&'a [u8]);

impl<'a> BearerCredential<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether it has the characters of a token (RFC 6750 §2.1). That says nothing else about it.
    pub(crate) fn is_token(self) -> bool {
        is_b64token(self.0)
    }
}

/// A credential is a secret, whatever is wrong with it.
impl fmt::Debug for BearerCredential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerCredential({} bytes)", self.0.len())
    }
}

/// Why no credential could be read from the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialsFault {
    /// There is no `Authorization` header, or one of another scheme.
    Missing,
    /// There is more than one `Authorization` header: which one counts is anybody's guess
    /// (CVE-2026-26308).
    Several,
    /// The scheme is `Bearer` and no spaces follow.
    Malformed,
}

/// Reads the one bearer credential among `headers`. Whether it is a token (RFC 6750 §2.1) is asked
/// of it later, and of a token that is known already never.
///
/// Only the `Authorization` header counts: a token in the query, a form or a cookie is ignored
/// (RFC 6750 §2.2 and §2.3 are not supported; OAuth 2.1 §5.1.1).
pub(crate) fn read_bearer<'a>(
    headers: &[(&'a [u8], &'a [u8])],
) -> Result<BearerCredential<'a>, CredentialsFault> {
    let mut values = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"authorization"))
        .map(|(_, value)| *value);
    let value = values.next().ok_or(CredentialsFault::Missing)?;
    if values.next().is_some() {
        return Err(CredentialsFault::Several);
    }
    let Some(rest) = strip_bearer(value) else {
        return Err(if hides_bearer(value) {
            CredentialsFault::Several
        } else {
            CredentialsFault::Missing
        });
    };
    let token = rest.trim_ascii_start();
    let separated_by_spaces = rest.len() > token.len()
        && rest
            .iter()
            .take(rest.len() - token.len())
            .all(|byte| *byte == b' ');
    if separated_by_spaces {
        Ok(BearerCredential(token))
    } else {
        Err(CredentialsFault::Malformed)
    }
}

/// Whether a bearer credential follows another one in the same value: some hosts, Envoy among them,
/// join repeated `Authorization` headers with a comma.
fn hides_bearer(value: &[u8]) -> bool {
    let parts = value.split(|byte| *byte == b',').skip(1);
    parts.map(<[u8]>::trim_ascii).any(|part| {
        strip_bearer(part).is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
    })
}

/// Whether a header value has a credential of the scheme `Bearer` in it, well-formed or not.
pub(crate) fn has_bearer(value: &[u8]) -> bool {
    strip_bearer(value).is_some() || hides_bearer(value)
}

/// What follows the scheme name `Bearer`, compared without case (RFC 9110 §11.1).
fn strip_bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(b"bearer".len())?;
    // `Bearerish` and `Bearer-X` are schemes of their own (RFC 9110 §5.6.2, token).
    let ends_there = rest
        .first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"!#$%&\'*+-.^_`|~".contains(byte));
    (scheme.eq_ignore_ascii_case(b"bearer") && ends_there).then_some(rest)
}

/// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 §2.1).
fn is_b64token(token: &[u8]) -> bool {
    let body = token.strip_suffix(b"=").map_or(token, |mut rest| {
        while let Some(shorter) = rest.strip_suffix(b"=") {
            rest = shorter;
        }
        rest
    });
    !body.is_empty() && body.iter().all(|byte| is_token_byte(*byte))
}

fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Vec<u8>, CredentialsFault> {
        let headers: Vec<(&[u8], &[u8])> = values
            .iter()
            .map(|value| (&b"authorization"[..], value.as_bytes()))
            .collect();
        let credential = read_bearer(&headers)?;
        let is_token = credential.is_token();
        let token = is_token.then_some(credential.bytes());
        token.map(<[u8]>::to_vec).ok_or(CredentialsFault::Malformed)
    }

    #[test]
    fn the_scheme_has_no_case_and_spaces_may_repeat() {
        for value in ["Bearer a.b-_c", "bearer a.b-_c", "BEARER   a.b-_c"] {
            assert_eq!(read(&[value]), Ok(b"a.b-_c".to_vec()), "{value:?}");
        }
    }

    #[test]
    fn other_schemes_are_no_credentials_of_ours() {
        for values in [
            &[][..],
            &["Basic YTpi"],
            &["Bearerish x"],
            &["Bearer-X x"],
            &["a.b.c"],
            &["DPoP x"],
            &[""],
        ] {
            assert_eq!(read(values), Err(CredentialsFault::Missing), "{values:?}");
        }
    }

    #[test]
    fn malformed_credentials_are_told_apart_from_missing_ones() {
        for value in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a, Bearer b",
            "Bearer a,b",
            "Bearer\ta",
            "Bearer a ",
            "Bearer \"a\"",
            "Bearer =",
            "Bearer a=b",
            "Bearer: a",
            "Bearer/a",
            "Bearer a\u{e9}",
        ] {
            assert_eq!(
                read(&[value]),
                Err(CredentialsFault::Malformed),
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_token_does_not_print() {
        let headers: [(&[u8], &[u8]); 1] = [(b"authorization", b"Bearer secret")];
        let credential = read_bearer(&headers).unwrap();
        assert_eq!(format!("{credential:?}"), "BearerCredential(6 bytes)");
    }

    #[test]
    fn two_headers_are_refused_even_when_they_agree() {
        for values in [
            ["Bearer a", "Bearer a"],
            ["Basic x", "Bearer a"],
            ["Bearer a", ""],
        ] {
            assert_eq!(read(&values), Err(CredentialsFault::Several), "{values:?}");
        }
    }

    #[test]
    fn two_headers_are_refused_when_the_host_has_joined_them() {
        for value in [
            "Basic eDp5,Bearer a",
            "Basic eDp5, bearer a",
            "Basic x,Bearer",
        ] {
            assert_eq!(read(&[value]), Err(CredentialsFault::Several), "{value:?}");
        }
        let digest = "Digest username=\"a\", bearer=\"b\", bearerish";
        assert_eq!(read(&[digest]), Err(CredentialsFault::Missing));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_just_bytes() {
        let headers: [(&[u8], &[u8]); 1] = [(b"Authorization", b"Bearer \xc0\xa7")];
        assert!(!read_bearer(&headers).unwrap().is_token());
    }
}
