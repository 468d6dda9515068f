//! The secrets of the demo, which everybody knows: read from the demo's own file, so that there is
//! no second list to keep.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::protocol::ClientSecretHash;

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let file: DemoFile =
        toml::from_str(include_str!("../../../envoy/issuer.toml")).unwrap_or_default();
    let secrets = file.clients.into_iter().filter_map(|client| client.secret);
    Demo {
        secrets: secrets
            .map(|secret| ClientSecretHash::of(secret.as_bytes()))
            .collect(),
        password_hashes: file
            .users
            .into_iter()
            .map(|user| user.password_hash)
            .collect(),
    }
});

struct Demo {
    secrets: HashSet<ClientSecretHash>,
    password_hashes: HashSet<String>,
}

#[derive(Default, Deserialize)]
struct DemoFile {
    clients: Vec<DemoClient>,
    users: Vec<DemoUser>,
}

#[derive(Deserialize)]
struct DemoClient {
    secret: Option<String>,
}

#[derive(Deserialize)]
struct DemoUser {
    password_hash: String,
}

/// Whether it is a secret of one of the demo's clients, however it was written.
pub(super) fn is_demo_secret(secret: &ClientSecretHash) -> bool {
    DEMO.secrets.contains(secret)
}

/// Whether it is the password hash of one of the demo's users.
pub(super) fn is_demo_password_hash(hash: &str) -> bool {
    DEMO.password_hashes.contains(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_file_gives_its_secrets() {
        for secret in [
            "web-secret",
            "service-secret",
            "legacy-secret",
            "gateway-secret",
        ] {
            assert!(
                is_demo_secret(&ClientSecretHash::of(secret.as_bytes())),
                "{secret}"
            );
        }
        assert_eq!(DEMO.secrets.len(), 4);
        assert_eq!(DEMO.password_hashes.len(), 2);
    }
}
