//! What the tests of the modules below share.

use serde_json::{Value, json};

use crate::Policy;
use crate::config::{JwksSource, RemoteJwks};

pub(super) const ISSUER: &str = "https://issuer.example/realm";

/// The source of a configuration in which `jwks` has these members; `uri` unless it says otherwise.
pub(super) fn remote(jwks: Value) -> RemoteJwks {
    let mut members = jwks;
    members["cluster"] = json!("issuer");
    if members.get("discover").is_none() {
        members["uri"] = json!("https://issuer.example/keys");
    }
    let issuer = json!({"issuer": ISSUER, "audiences": ["api"], "jwks": members});
    let config = json!({ "issuers": [issuer] }).to_string();
    let policy = Policy::from_json(config.as_bytes()).unwrap();
    match policy.issuers()[0].jwks.clone() {
        JwksSource::Remote(remote) => remote,
        JwksSource::Inline(_) => panic!("it is remote"),
    }
}
