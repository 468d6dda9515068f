//! The secrets of the demo, which everybody knows. Those of clients are read from the demo's own
//! file, so that there is no second list to keep; of passwords it has hashes only.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::thread;

use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params};
use serde::Deserialize;

use crate::protocol::ClientSecretHash;

const FILE: &str = include_str!("../../../envoy/issuer.toml");

static SECRETS: LazyLock<HashSet<ClientSecretHash>> = LazyLock::new(|| {
    let file: DemoFile = toml::from_str(FILE).unwrap_or_default();
    let secrets = file.clients.into_iter().filter_map(|client| client.secret);
    secrets
        .map(|secret| ClientSecretHash::of(secret.as_bytes()))
        .collect()
});

/// Of `alice` and `bob`.
const PASSWORDS: [&str; 2] = ["wonderland", "builder"];

/// Memory for trying passwords, in KiB: little for a small container, enough for three hashes of
/// the usual 19 MiB at once. A hash that needs more is tried alone.
const MEMORY_KIB: u32 = 64 << 10;

#[derive(Default, Deserialize)]
struct DemoFile {
    clients: Vec<DemoClient>,
}

#[derive(Deserialize)]
struct DemoClient {
    secret: Option<String>,
}

/// Whether it is a secret of one of the demo's clients, however it was written.
pub(super) fn is_demo_secret(secret: &ClientSecretHash) -> bool {
    SECRETS.contains(secret)
}

/// Which of the hashes are of a password of the demo. The text of a hash does not tell, as each has
/// a salt and several spellings, so the passwords are tried.
pub(super) fn are_of_demo_passwords(hashes: &[PasswordHash]) -> Vec<bool> {
    let share = hashes.len().div_ceil(threads(hashes)).max(1);
    let try_all = |hashes: &[PasswordHash]| hashes.iter().map(is_of_demo_password).collect();
    thread::scope(|scope| {
        let shares = hashes.chunks(share);
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || -> Vec<bool> { try_all(share) }))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

fn is_of_demo_password(hash: &PasswordHash) -> bool {
    PASSWORDS.iter().any(|password| {
        let verified = Argon2::default().verify_password(password.as_bytes(), hash);
        verified.is_ok()
    })
}

/// One per core, as far as the memory goes.
fn threads(hashes: &[PasswordHash]) -> usize {
    let memory = |hash| Params::try_from(hash).map_or(MEMORY_KIB, |params| params.m_cost());
    let most = hashes.iter().map(memory).max().unwrap_or(MEMORY_KIB);
    let fit = usize::try_from(MEMORY_KIB / most.max(1)).unwrap_or(1);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    cores.min(fit).max(1)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher as _;

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
        assert_eq!(SECRETS.len(), 4);
    }

    fn hash_of(password: &str) -> PasswordHash {
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), b"another salt 123")
            .unwrap()
    }

    #[test]
    fn a_demo_password_is_known_by_any_hash() {
        // More than any number of threads, so that their shares are put together in order.
        let passwords = ["builder", "wonderland!", "wonderland", "", "Builder"];
        let hashes: Vec<_> = passwords.into_iter().map(hash_of).collect();
        assert_eq!(
            are_of_demo_passwords(&hashes),
            [true, false, true, false, false]
        );
        assert_eq!(are_of_demo_passwords(&[]), Vec::<bool>::new());
    }

    #[test]
    fn hashes_are_tried_at_once_only_within_the_memory() {
        let large = "$argon2id$v=19$m=1048576,t=1,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";
        let hashes = [hash_of("a"), PasswordHash::new(large).unwrap()];
        assert_eq!(threads(&hashes), 1);
        assert!((1..=3).contains(&threads(&[hash_of("a")])));
    }
}
