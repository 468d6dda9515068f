//! What changes in the headers of a request that passes.

use crate::claims::VerifiedClaims;
use crate::config::{IssuerPolicy, Policy};
use crate::credentials::has_bearer;
use crate::denial::TokenFault;
use crate::filter_state::StateField;
use crate::verify::VerifiedToken;
use dockgate_token::ClientId;

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

/// What to remove from a preflight: nothing of it may speak for anybody, whatever a page could not
/// have added.
pub(crate) fn strip_credentials<'a>(
    policy: &Policy,
    headers: &[(&'a [u8], &'a [u8])],
) -> Vec<&'a [u8]> {
    let mut remove = identity_lookalikes(policy, headers.iter().map(|(name, _)| *name));
    for credential in CREDENTIALS {
        if headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(credential))
        {
            remove.push(credential);
        }
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
        (&names.subject, verified.subject().map(str::as_bytes)),
        (&names.client_id, verified.client_id().map(str::as_bytes)),
        (&names.scope, Some(verified.scope.as_bytes())),
        (&names.issuer, Some(issuer.as_bytes())),
        (&names.claims, Some(verified.payload())),
    ];
    let sent = values
        .into_iter()
        .filter_map(|(name, value)| Some((name.as_deref()?, value?)));
    sent.collect()
}

/// Whether every claim that goes into a header or into filter state can: what could break a line
/// of a log is refused like what could break a header.
pub(crate) fn header_safe(
    policy: &Policy,
    issuer: &IssuerPolicy,
    claims: &VerifiedClaims,
    scope: &str,
) -> Result<(), TokenFault> {
    let names = &policy.identity_headers;
    let subject = claims.subject.as_deref().unwrap_or_default();
    let client_id = claims.client_id.as_ref().map_or("", ClientId::as_str);
    let issuer = issuer.identifier.as_str();
    for (name, field, claim, value) in [
        (&names.subject, StateField::Subject, "sub", subject),
        (
            &names.client_id,
            StateField::ClientId,
            "client_id",
            client_id,
        ),
        (&names.scope, StateField::Scope, "scope", scope),
        (&names.issuer, StateField::Issuer, "iss", issuer),
    ] {
        let is_told = name.is_some() || policy.filter_state.contains(&field);
        if is_told && !is_header_safe(value) {
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

/// A preflight has none (Fetch, CORS-preflight fetch); who sends them all the same is no browser. Nor
/// does one ask for another method than `OPTIONS` by a header, for which some frameworks look.
const CREDENTIALS: [&[u8]; 6] = [
    AUTHORIZATION,
    b"cookie",
    b"proxy-authorization",
    b"x-http-method",
    b"x-http-method-override",
    b"x-method-override",
];

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
