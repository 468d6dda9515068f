//! What changes in the headers of a request that passes.

use crate::claims::VerifiedClaims;
use crate::config::{IdentityHeaders, Policy};
use crate::credentials::has_bearer;
use crate::denial::TokenFault;
use dockgate_token::{ClientId, encode_segment};

/// Changes to the request's headers: first every removal, then every setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderEdits {
    /// Names to remove, as the client spelled them; every value of each goes.
    pub remove: Vec<Vec<u8>>,
    /// Names and values to set, in place of whatever is there.
    pub set: Vec<(String, String)>,
}

/// The names among `names` that an upstream could take for one of our identity headers.
///
/// Compared after folding case and dropping whatever is neither letter nor digit: frameworks fold
/// these into one another (CGI, RFC 3875 §4.1.18), which is how look-alikes got past three proxies
/// (CVE-2025-64484, CVE-2026-33433, CVE-2026-54763).
pub fn identity_lookalikes<'a>(
    policy: &Policy,
    names: impl Iterator<Item = &'a [u8]>,
) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for name in names {
        if policy.identity_headers.is_lookalike(name) && !found.iter().any(|seen| seen == name) {
            found.push(name.to_vec());
        }
    }
    found
}

/// Whether `Connection` names a header that the filter sets, or `Authorization`. Envoy passes the
/// header on with an upgrade, and a proxy behind it would drop what is named.
pub(crate) fn nominates_identity(policy: &Policy, headers: &[(&[u8], &[u8])]) -> bool {
    headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"connection"))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|option| policy.identity_headers.is_lookalike(option) || is_authorization(option))
}

/// Edits for a request that passes without its credentials having been looked at.
pub(crate) fn strip_identity(
    policy: &Policy,
    headers: &[(&[u8], &[u8])],
    keep_bearer: bool,
) -> HeaderEdits {
    let mut remove = identity_lookalikes(policy, headers.iter().map(|(name, _)| *name));
    let has_bearer = headers
        .iter()
        .any(|(name, value)| is_authorization(name) && has_bearer(value));
    if has_bearer && !keep_bearer {
        remove.push(b"authorization".to_vec());
    }
    HeaderEdits {
        remove,
        set: Vec::new(),
    }
}

/// Edits for a preflight: nothing of it may speak for anybody, whatever a page could not have added.
pub(crate) fn strip_credentials(policy: &Policy, headers: &[(&[u8], &[u8])]) -> HeaderEdits {
    let mut remove = identity_lookalikes(policy, headers.iter().map(|(name, _)| *name));
    for credential in CREDENTIALS {
        if headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(credential))
        {
            remove.push(credential.to_vec());
        }
    }
    HeaderEdits {
        remove,
        set: Vec::new(),
    }
}

/// Edits for a request whose token was verified.
pub(crate) fn identify(
    policy: &Policy,
    issuer: &str,
    claims: &VerifiedClaims,
    headers: &[(&[u8], &[u8])],
) -> Result<HeaderEdits, TokenFault> {
    let mut edits = HeaderEdits {
        remove: identity_lookalikes(policy, headers.iter().map(|(name, _)| *name)),
        set: Vec::new(),
    };
    if !policy.forward_token {
        edits.remove.push(b"authorization".to_vec());
    }
    let names: &IdentityHeaders = &policy.identity_headers;
    let scope = claims.scope.to_string();
    let client_id = claims.client_id.as_ref().map(ClientId::as_str);
    for (name, claim, value) in [
        (&names.subject, "sub", claims.subject.as_deref()),
        (&names.client_id, "client_id", client_id),
        (&names.scope, "scope", Some(scope.as_str())),
        (&names.issuer, "iss", Some(issuer)),
    ] {
        if let (Some(name), Some(value)) = (name, value) {
            edits.set.push((name.clone(), header_safe(claim, value)?));
        }
    }
    if let Some(name) = &names.claims {
        edits
            .set
            .push((name.clone(), encode_segment(&claims.payload)));
    }
    Ok(edits)
}

/// A claim goes into a header only as it is: up to 1 KiB of bytes 0x20 to 0x7E with no space at its
/// ends. Anything else would be cut, folded or split somewhere on its way.
pub(crate) fn header_safe(claim: &'static str, value: &str) -> Result<String, TokenFault> {
    let printable = value.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
    let trimmed = value.trim_matches(' ').len() == value.len();
    if value.len() <= MAX_CLAIM_BYTES && printable && trimmed {
        Ok(value.to_owned())
    } else {
        Err(TokenFault::ClaimNotHeaderSafe { claim })
    }
}

fn is_authorization(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"authorization")
}

/// A preflight has none (Fetch, CORS-preflight fetch); who sends them all the same is no browser.
const CREDENTIALS: [&[u8]; 3] = [b"authorization", b"cookie", b"proxy-authorization"];

const MAX_CLAIM_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_that_fit_into_a_header() {
        for value in ["", "a", "a b", &"x".repeat(1024), "~!\"\\"] {
            assert_eq!(header_safe("sub", value), Ok(value.to_owned()));
        }
    }

    #[test]
    fn claims_that_do_not() {
        for value in [
            " a",
            "a ",
            "a\r\nx-admin: 1",
            "a\0",
            "a\tb",
            "\u{e9}",
            "\u{7f}",
            &"x".repeat(1025),
        ] {
            assert_eq!(
                header_safe("sub", value),
                Err(TokenFault::ClaimNotHeaderSafe { claim: "sub" })
            );
        }
    }
}
