//! What is kept of a request: by a page between two steps, and by the store of one that is pushed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded::Serializer;

use super::request::Arrival;
use crate::protocol::{Client, Form};
use crate::store::SecretDigest;

/// The parameters that mean something. The others are not kept, those that authenticate a client
/// among them.
const KEPT: [&str; 14] = [
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "id_token_hint",
    "login_hint",
    "resource",
    "ui_locales",
];

/// The most that is kept of one request, in bytes: it comes back, sealed, in the address of each
/// page, and addresses have to stay well below what proxies let through.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// The digest of a pushed request's reference. No parameter of a browser is ever taken for it.
const PUSHED: &str = "pushed";

/// The request, form-encoded.
pub(in crate::protocol) fn parameters(
    client: &Client,
    form: &Form<'_>,
    arrival: Arrival,
) -> String {
    let mut kept = Serializer::new(String::new());
    kept.append_pair("client_id", client.id.as_str());
    for name in KEPT {
        for value in form.get_all(name) {
            kept.append_pair(name, value);
        }
    }
    if let Arrival::Pushed(reference) = arrival {
        let reference = URL_SAFE_NO_PAD.encode(reference.as_bytes());
        kept.append_pair(PUSHED, &reference);
    }
    kept.finish()
}

/// How the request that a page has kept had got here.
pub(super) fn arrival(kept: &Form<'_>) -> Arrival {
    let reference = kept.get(PUSHED);
    let reference = reference.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let reference = reference.and_then(|bytes| bytes.try_into().ok());
    reference.map_or(Arrival::Browser, |bytes| {
        Arrival::Pushed(SecretDigest::from_bytes(bytes))
    })
}
