//! Redirect URIs and CORS origins of a client.

use super::error::Problems;
use super::located::Located;
use crate::protocol::{AllowedOrigin, ApplicationType, RedirectUri};

/// Checks the `kind` of redirect URIs that are for codes, or those for after a logout.
pub(super) fn check_redirect_uris(
    whose: &str,
    kind: &str,
    written: Vec<Located<String>>,
    application: ApplicationType,
    problems: &mut Problems,
) -> Vec<RedirectUri> {
    let mut uris: Vec<RedirectUri> = Vec::new();
    for Located { value, place } in written {
        match RedirectUri::parse(&value, application) {
            Ok(uri) if uris.contains(&uri) => {
                let wrong = format!("{whose}: {kind} {value:?} occurs twice");
                problems.add(&place, wrong, "Keep one of the two");
            }
            Ok(uri) => uris.push(uri),
            Err(error) => {
                let wrong = format!("{whose}: {kind} {value:?} cannot be used");
                problems.add(&place, wrong, capitalised(&error.to_string()));
            }
        }
    }
    uris
}

/// The origins that follow from the redirect URIs, then those that are listed.
pub(super) fn check_origins(
    whose: &str,
    written: Vec<Located<String>>,
    redirect_uris: &[RedirectUri],
    application: ApplicationType,
    problems: &mut Problems,
) -> Vec<AllowedOrigin> {
    let mut origins = Vec::new();
    for uri in redirect_uris {
        let origin = AllowedOrigin::of_redirect_uri(uri, application);
        origins.extend(origin.filter(|origin| !origins.contains(origin)));
    }
    for Located { value, place } in written {
        match AllowedOrigin::parse(&value) {
            Ok(origin) => origins.push(origin),
            Err(error) => {
                let wrong = format!("{whose}: CORS origin {value:?} cannot be used");
                problems.add(&place, wrong, capitalised(&error.to_string()));
            }
        }
    }
    origins
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
