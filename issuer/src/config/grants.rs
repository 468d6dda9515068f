//! The grants of a client, against what kind of client it is.

use std::collections::BTreeSet;

use super::error::Problems;
use super::located::Located;
use crate::protocol::{Client, Grant};

/// What of a client decides which grants make sense.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) confidential: bool,
    pub(super) redirects: bool,
}

pub(super) fn check_grants(
    whose: &str,
    shape: Shape,
    written: &[Located<String>],
    problems: &mut Problems,
) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for Located { value, place } in written {
        let Ok(grant) = value.parse::<Grant>() else {
            let known: Vec<_> = Grant::ALL.into_iter().map(Grant::as_str).collect();
            let instead = format!("Write one of {}", known.join(", "));
            problems.add(
                place,
                format!("{whose}: grant {value:?} is unknown"),
                instead,
            );
            continue;
        };
        if let Some((lacks, instead)) = lacking(grant, shape, written) {
            problems.add(
                place,
                format!("{whose} has the grant {grant} but {lacks}"),
                instead,
            );
        }
        if !grants.insert(grant) {
            problems.add(
                place,
                format!("{whose}: grant {grant} occurs twice"),
                "Keep one of the two",
            );
        }
    }
    grants
}

/// What the grant needs and the client has not, and what to do about it.
fn lacking(
    grant: Grant,
    shape: Shape,
    all: &[Located<String>],
) -> Option<(&'static str, &'static str)> {
    match grant {
        // RFC 6749 §4.4; RFC 8693 §5 and RFC 7523 leave it open, we do not.
        Grant::ClientCredentials | Grant::TokenExchange | Grant::JwtBearer | Grant::Password
            if !shape.confidential =>
        {
            Some((
                "no secret",
                "Give it a secret_sha256 or a jwks_file, or remove the grant",
            ))
        }
        Grant::AuthorizationCode | Grant::Implicit if !shape.redirects => {
            Some(("no redirect URI", "Add redirect_uris, or remove the grant"))
        }
        Grant::RefreshToken if !all.iter().any(|other| gives_refresh_tokens(&other.value)) => {
            Some((
                "no grant that gives refresh tokens",
                "Add authorization_code or urn:ietf:params:oauth:grant-type:device_code, or remove refresh_token",
            ))
        }
        _ => None,
    }
}

/// A user has to be present: never with client credentials (RFC 6749 §4.4.3) or implicit
/// (RFC 6749 §4.2.2).
fn gives_refresh_tokens(grant: &str) -> bool {
    [Grant::AuthorizationCode, Grant::DeviceCode, Grant::Password]
        .into_iter()
        .any(|giving| giving.as_str() == grant)
}

/// Grants that are allowed for the sake of old clients.
pub(super) fn legacy_warnings(client: &Client) -> impl Iterator<Item = String> {
    let id = &client.id;
    client.grants.iter().filter_map(move |grant| match grant {
        Grant::Password => Some(format!(
            "client \"{id}\" may use the password grant, which shows it the user's password and must not be used (RFC 9700 §2.4); move it to authorization_code"
        )),
        Grant::Implicit => Some(format!(
            "client \"{id}\" may use the implicit grant, whose tokens leak through URLs (RFC 9700 §2.1.2); move it to authorization_code with PKCE"
        )),
        _ => None,
    })
}
