//! The names of the headers that tell the upstream who calls.

use serde::Deserialize;

use super::error::ConfigError;

/// Header names, each `None` when that header is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders {
    pub(crate) subject: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) claims: Option<String>,
    /// Every name above, and every default name, folded: what a client may not send.
    folded: Vec<Vec<u8>>,
}

impl IdentityHeaders {
    /// Whether an upstream could take `name` for one of ours.
    pub(crate) fn is_lookalike(&self, name: &[u8]) -> bool {
        self.folded.iter().any(|own| equals_folded(own, name))
    }
}

/// Each field is a header name, or `null` not to send that header.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawIdentityHeaders {
    subject: Option<String>,
    client_id: Option<String>,
    scope: Option<String>,
    issuer: Option<String>,
    /// The whole payload as base64url JSON; off by default for its size.
    claims: Option<String>,
}

impl Default for RawIdentityHeaders {
    fn default() -> Self {
        Self {
            subject: Some("x-auth-subject".into()),
            client_id: Some("x-auth-client-id".into()),
            scope: Some("x-auth-scope".into()),
            issuer: Some("x-auth-issuer".into()),
            claims: None,
        }
    }
}

impl RawIdentityHeaders {
    pub(super) fn validate(self) -> Result<IdentityHeaders, ConfigError> {
        let mut folded: Vec<Vec<u8>> = Vec::new();
        for (field, name) in [
            ("subject", &self.subject),
            ("client_id", &self.client_id),
            ("scope", &self.scope),
            ("issuer", &self.issuer),
            ("claims", &self.claims),
        ] {
            let Some(name) = name else { continue };
            if !is_header_name(name) {
                return Err(ConfigError::new(
                    field,
                    "use lower-case letters, digits and hyphens",
                ));
            }
            let own = fold(name.as_bytes());
            if RESERVED
                .iter()
                .any(|reserved| equals_folded(&fold(reserved), name.as_bytes()))
            {
                return Err(ConfigError::new(
                    field,
                    format!("{name} has a meaning of its own; take another name"),
                ));
            }
            if folded.contains(&own) {
                return Err(ConfigError::new(
                    field,
                    format!("{name} is already used for another claim"),
                ));
            }
            folded.push(own);
        }
        // A header that is switched off must not become one that clients can send.
        for name in DEFAULT_NAMES {
            let own = fold(name);
            if !folded.contains(&own) {
                folded.push(own);
            }
        }
        let Self {
            subject,
            client_id,
            scope,
            issuer,
            claims,
        } = self;
        Ok(IdentityHeaders {
            subject,
            client_id,
            scope,
            issuer,
            claims,
            folded,
        })
    }
}

fn is_header_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.bytes().any(|byte| byte.is_ascii_alphanumeric()) && name.bytes().all(allowed)
}

/// Lower case, without the characters that frameworks fold into one another.
fn fold(name: &[u8]) -> Vec<u8> {
    name.iter()
        .filter(|byte| !is_separator(**byte))
        .map(u8::to_ascii_lowercase)
        .collect()
}

/// Whether `name` folds to `folded`, without allocating: this runs for every header of a request.
fn equals_folded(folded: &[u8], name: &[u8]) -> bool {
    let mut own = folded.iter();
    let mut theirs = name.iter().filter(|byte| !is_separator(**byte));
    own.by_ref().all(|byte| {
        theirs
            .next()
            .is_some_and(|other| other.to_ascii_lowercase() == *byte)
    }) && theirs.next().is_none()
}

/// CGI gateways turn whatever is neither letter nor digit into `_` (RFC 3875 §4.1.18).
fn is_separator(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric()
}

const DEFAULT_NAMES: [&[u8]; 5] = [
    b"x-auth-subject",
    b"x-auth-client-id",
    b"x-auth-scope",
    b"x-auth-issuer",
    b"x-auth-claims",
];

/// Headers that Envoy, HTTP or this filter give a meaning to.
const RESERVED: [&[u8]; 15] = [
    // The pseudo-headers: look-alikes of a header are told without regard to the colon.
    b"authority",
    b"method",
    b"path",
    b"protocol",
    b"scheme",
    b"status",
    b"upgrade",
    b"authorization",
    b"connection",
    b"content-length",
    b"content-type",
    b"cookie",
    b"host",
    b"te",
    b"transfer-encoding",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_are_found_in_every_spelling() {
        let headers = RawIdentityHeaders::default().validate().unwrap();
        for name in [
            "x-auth-subject",
            "X-Auth-Subject",
            "X_Auth.Subject",
            "x_auth_subject",
            "xauthsubject",
            "x--auth--subject",
            "-x-auth-subject-",
            "x-auth-claims",
            "x~auth~subject",
            "x!auth'subject",
        ] {
            assert!(headers.is_lookalike(name.as_bytes()), "{name}");
        }
        for name in ["x-auth-subjects", "x-auth", "y-auth-subject", "", "-"] {
            assert!(!headers.is_lookalike(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_header_that_is_switched_off_is_still_stripped() {
        let raw: RawIdentityHeaders = serde_json::from_str(r#"{"subject":null}"#).unwrap();
        let headers = raw.validate().unwrap();
        assert_eq!(headers.subject, None);
        assert_eq!(headers.scope.as_deref(), Some("x-auth-scope"));
        assert!(headers.is_lookalike(b"x-auth-subject"));
    }
}
