//! `issuer`: the identifier and public base URL of the server (RFC 8414 §2).

use dockgate_token::Issuer;

use super::error::Problems;
use super::located::{Located, Place};
use crate::protocol::ResourceUri;

/// There is no default: it is the public origin of Envoy, which nothing here can know.
pub(super) fn check(written: Option<Located<String>>, problems: &mut Problems) -> Option<Issuer> {
    let Some(Located { value, place }) = written else {
        problems.add(
            &Place::Absent,
            "issuer is missing",
            "Add the public URL of Envoy at the top of the file: issuer = \"https://api.example.com\"",
        );
        return None;
    };
    let wrong = match (value.parse::<Issuer>(), ResourceUri::parse(&value)) {
        (Err(error), _) => format!("issuer {value:?} cannot be used: {error}"),
        // Envoy's origin is a resource, and a client derives its URI from the issuer's.
        (Ok(_), Err(error)) => format!("issuer {value:?} cannot be used as a resource: {error}"),
        (Ok(issuer), Ok(_)) => return Some(issuer),
    };
    let instead = "Write the public URL of Envoy, such as \"https://api.example.com\" or, on one machine, \"http://localhost:8080\"";
    problems.add(&place, wrong, instead);
    None
}
