//! What changes in the headers of a request that passes.

use crate::claims::VerifiedClaims;
use crate::config::{IssuerPolicy, Policy};
use crate::credentials::has_bearer;
use crate::denial::TokenFault;
use crate::verify::VerifiedToken;

/// Changes to the request's headers: first every removal, then every setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderEdits<'a> {
    /// Names to remove, as the client spelled them; every value of each goes.
    pub remove: Vec<&'a [u8]>,
    /// Names and values to set, in place of whatever is there.
    pub set: Vec<(&'a str, &'a [u8])>,
}

/// The names among `names` that an upstream could take for one of our identity headers.
///
/// Compared after folding case and dropping whatever is neither letter nor digit: frameworks fold
/// these into one another (CGI, RFC 3875 §4.1.18), which is how look-alikes got past three proxies
/// (CVE-2025-64484, CVE-2026-33433, CVE-2026-54763).
pub fn identity_lookalikes<'a>(
    policy: &Policy,
    names: impl Iterator<Item = &'a [u8]>,
) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    for name in names {
        if policy.identity_headers.is_lookalike(name) && !found.contains(&name) {
            found.push(name);
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

/// What to remove from a request that passes without its credentials having been looked at.
pub(crate) fn strip_identity<'a>(
    policy: &Policy,
    headers: &[(&'a [u8], &'a [u8])],
    keep_bearer: bool,
) -> Vec<&'a [u8]> {
    let mut remove = identity_lookalikes(policy, headers.iter().map(|(name, _)| *name));
    let has_bearer = headers
        .iter()
        .any(|(name, value)| is_authorization(name) && has_bearer(value));
    if has_bearer && !keep_bearer {
        remove.push(AUTHORIZATION);
    }
    remove
}

/// What to remove from a request whose token was verified.
pub(crate) fn strip_token<'a>(policy: &Policy, headers: &[(&'a [u8], &'a [u8])]) -> Vec<&'a [u8]> {
    let mut remove = identity_lookalikes(policy, headers.iter().map(|(name, _)| *name));
    if !policy.forward_token {
        remove.push(AUTHORIZATION);
    }
    remove
}

/// The identity headers for a verified token, and their values.
pub(crate) fn identity<'a>(
    policy: &'a Policy,
    verified: &'a VerifiedToken,
) -> Vec<(&'a str, &'a [u8])> {
    let names = &policy.identity_headers;
    let issuer = policy.issuers().get(verified.issuer());
    let issuer = issuer.map_or("", |issuer| issuer.identifier.as_str());
    let values = [
        (&names.subject, verified.subject().as_bytes()),
        (&names.client_id, verified.client_id().as_bytes()),
        (&names.scope, verified.scope.as_bytes()),
        (&names.issuer, issuer.as_bytes()),
        (&names.claims, verified.payload()),
    ];
    let sent = values
        .into_iter()
        .filter_map(|(name, value)| Some((name.as_deref()?, value)));
    sent.collect()
}

/// Whether every claim that goes into a header can.
pub(crate) fn header_safe(
    policy: &Policy,
    issuer: &IssuerPolicy,
    claims: &VerifiedClaims,
    scope: &str,
) -> Result<(), TokenFault> {
    let names = &policy.identity_headers;
    for (name, claim, value) in [
        (&names.subject, "sub", claims.subject.as_str()),
        (&names.client_id, "client_id", claims.client_id.as_str()),
        (&names.scope, "scope", scope),
        (&names.issuer, "iss", issuer.identifier.as_str()),
    ] {
        if name.is_some() && !is_header_safe(value) {
            return Err(TokenFault::ClaimNotHeaderSafe { claim });
        }
    }
    Ok(())
}

/// A claim goes into a header only as it is: up to 1 KiB of bytes 0x20 to 0x7E with no space at its
/// ends. Anything else would be cut, folded or split somewhere on its way.
fn is_header_safe(value: &str) -> bool {
    let printable = value.bytes().all(|byte| matches!(byte, 0x20..=0x7E));
    let trimmed = value.trim_matches(' ').len() == value.len();
    value.len() <= MAX_CLAIM_BYTES && printable && trimmed
}

fn is_authorization(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(AUTHORIZATION)
}

const AUTHORIZATION: &[u8] = b"authorization";
const MAX_CLAIM_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_that_fit_into_a_header() {
        for value in ["", "a", "a b", &"x".repeat(1024), "~!\"\\"] {
            assert!(is_header_safe(value), "{value:?}");
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
            assert!(!is_header_safe(value), "{value:?}");
        }
    }
}
