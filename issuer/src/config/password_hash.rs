//! Password hashes in PHC string form, and how strong they have to be.

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Params, Version};

/// What to write instead of a hash that was refused.
pub(super) const REMEDY: &str = "Write the output of `dockgate-issuer hash-password`";

/// Argon2id parameters of equal strength, (KiB, passes): each pair is a least one (OWASP Password
/// Storage Cheat Sheet).
const LEAST: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

/// A login must not be able to take more memory than this, in KiB: 1 GiB.
const MOST_MEMORY_KIB: u32 = 1 << 20;

/// Nor more time than four passes over that much memory, a few seconds: the strongest setting that
/// common libraries offer. In KiB times passes.
const MOST_WORK: u64 = 4 << 20;

/// More lanes than a machine has cores add nothing.
const MOST_LANES: u32 = 16;

/// Least length of salt and hash, in bytes (RFC 9106 §4).
const LEAST_BYTES: usize = 16;

/// Reads a hash whose strength and whose cost are within bounds.
///
/// # Errors
/// What is wrong with it; the hash itself is not repeated.
pub(super) fn parse(phc: &str) -> Result<PasswordHash, &'static str> {
    let hash = PasswordHash::new(phc).map_err(|_| "password_hash is no PHC string")?;
    if hash.algorithm != ARGON2ID_IDENT {
        return Err("password_hash is not Argon2id");
    }
    if hash.version != Some(Version::V0x13.into()) {
        return Err("password_hash is not of Argon2 version 19");
    }
    let params = Params::try_from(&hash).map_err(|_| "password_hash has unusable parameters")?;
    let strong = |(memory, passes)| params.m_cost() >= memory && params.t_cost() >= passes;
    if !LEAST.into_iter().any(strong) {
        return Err("password_hash has parameters that are too weak");
    }
    if params.m_cost() > MOST_MEMORY_KIB {
        return Err("password_hash needs more than 1 GiB of memory");
    }
    if u64::from(params.m_cost()) * u64::from(params.t_cost()) > MOST_WORK {
        return Err("password_hash needs more work than four passes over 1 GiB of memory");
    }
    if params.p_cost() > MOST_LANES {
        return Err("password_hash needs more than 16 lanes");
    }
    let salt = hash.salt.map_or(0, |salt| salt.as_ref().len());
    let output = hash.hash.map_or(0, |output| output.as_ref().len());
    if salt < LEAST_BYTES || output < LEAST_BYTES {
        return Err("password_hash has a salt or a hash of fewer than 16 bytes");
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT_AND_HASH: &str =
        "i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";

    #[test]
    fn hashes_at_least_as_strong_as_owasp_asks_are_accepted() {
        for parameters in [
            "m=19456,t=2,p=1",
            "m=7168,t=5,p=1",
            "m=47104,t=1,p=4",
            "m=65536,t=3,p=4",
            "m=1048576,t=4,p=16",
        ] {
            let hash = format!("$argon2id$v=19${parameters}${SALT_AND_HASH}");
            assert!(parse(&hash).is_ok(), "{hash}");
        }
    }

    #[test]
    fn others_are_refused() {
        for hash in [
            "",
            "wonderland",
            "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            &format!("$argon2i$v=19$m=19456,t=2,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=16$m=19456,t=2,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=19456,t=1,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=4096,t=3,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=1048577,t=1,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=1048576,t=5,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=19456,t=4294967295,p=1${SALT_AND_HASH}"),
            &format!("$argon2id$v=19$m=65536,t=3,p=17${SALT_AND_HASH}"),
            "$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g",
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak",
        ] {
            assert!(parse(hash).is_err(), "{hash}");
        }
    }
}
