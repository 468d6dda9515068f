//! Trying a password on a hash.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher as _, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// KiB, passes and lanes.
const RECOMMENDED: (u32, u32, u32) = (19_456, 2, 1);

/// Random bytes, so that no two hashes of a password are alike.
pub(super) type Salt = [u8; 16];

/// Memory for hashing, used again and again. A hash takes tens of MiB; asked for anew each time, an
/// allocator with an arena per thread would end up holding that once for every thread.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// At least so many blocks of 1 KiB. What is in them does not matter.
    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            // Nothing of it has to be copied.
            self.0 = Vec::new();
            self.0.resize(count, Block::default());
        }
        &mut self.0
    }
}

/// Whether the password is that of the hash, an Argon2id PHC string that was checked when it was
/// configured; for anything else it is not.
pub(super) fn is_of(hash: &str, password: &str, memory: &mut Memory) -> bool {
    PasswordHash::new(hash)
        .ok()
        .and_then(|hash| matches(&hash, password.as_bytes(), memory))
        .unwrap_or(false)
}

/// What is kept of a password: Argon2id with the parameters that OWASP recommends (Password Storage
/// Cheat Sheet), as a PHC string. `None` if that fails.
pub fn hash(password: &str, salt: Salt) -> Option<String> {
    let (memory_kib, passes, lanes) = RECOMMENDED;
    let params = Params::new(memory_kib, passes, lanes, None).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    hash.ok().map(|hash| hash.to_string())
}

/// The same as [`hash`], in memory that is there already.
pub(super) fn hash_within(password: &str, salt: Salt, memory: &mut Memory) -> Option<String> {
    let (memory_kib, passes, lanes) = RECOMMENDED;
    let params = Params::new(memory_kib, passes, lanes, None).ok()?;
    let blocks = memory.blocks(params.block_count());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, blocks)
        .ok()?;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    Some(format!(
        "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}"
    ))
}

/// Whether a guess at the password costs less than it would with a hash that is made now: memory
/// times passes is what whoever stole the hashes pays for.
pub(super) fn is_outdated(hash: &str) -> bool {
    let params = PasswordHash::new(hash).ok();
    let params = params.and_then(|hash| Params::try_from(&hash).ok());
    let (memory_kib, passes, _) = RECOMMENDED;
    params.is_some_and(|own| work(own.m_cost(), own.t_cost()) < work(memory_kib, passes))
}

fn work(memory_kib: u32, passes: u32) -> u64 {
    u64::from(memory_kib) * u64::from(passes)
}

fn matches(hash: &PasswordHash, password: &[u8], memory: &mut Memory) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let params = Params::try_from(hash).ok()?;
    let blocks = memory.blocks(params.block_count());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = vec![0; expected.as_ref().len()];
    argon2
        .hash_password_into_with_memory(password, salt.as_ref(), &mut output, blocks)
        .ok()?;
    Some(verify_slices_are_equal(&output, expected.as_ref()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(password: &str, memory_kib: u32, lanes: u32) -> String {
        let params = Params::new(memory_kib, 2, lanes, None).unwrap();
        let hash =
            Argon2::from(params).hash_password_with_salt(password.as_bytes(), b"a salt of 16 byt");
        hash.unwrap().to_string()
    }

    #[test]
    fn memory_that_others_have_used_changes_nothing() {
        let mut memory = Memory::default();
        for (memory_kib, lanes) in [(64, 1), (256, 2), (64, 1), (100, 3), (8, 1)] {
            let hash = hash_of("wonderland", memory_kib, lanes);
            assert!(is_of(&hash, "wonderland", &mut memory), "{hash}");
            assert!(!is_of(&hash, "wonderland!", &mut memory), "{hash}");
        }
        assert_eq!(memory.0.len(), 256, "no more than the largest");
    }

    #[test]
    fn what_is_kept_of_a_password_is_of_that_password() {
        let kept = hash("wonderland", [7; 16]).unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert!(is_of(&kept, "wonderland", &mut Memory::default()));
        assert!(!is_of(&kept, "wonderlanD", &mut Memory::default()));
        assert_ne!(hash("wonderland", [8; 16]).unwrap(), kept);
    }

    #[test]
    fn a_hash_that_is_made_in_memory_of_others_is_the_same() {
        let mut memory = Memory::default();
        assert!(is_of(&hash_of("x", 64, 1), "x", &mut memory));
        let made = hash_within("wonderland", [7; 16], &mut memory);
        assert_eq!(made, hash("wonderland", [7; 16]));
    }

    #[test]
    fn a_hash_is_outdated_that_costs_less_than_new_ones() {
        for (parameters, outdated) in [
            ("m=7168,t=5,p=1", true),
            ("m=12288,t=3,p=4", true),
            ("m=19455,t=2,p=1", true),
            ("m=19456,t=2,p=1", false),
            ("m=47104,t=1,p=1", false),
            ("m=65536,t=3,p=4", false),
            ("m=1048576,t=4,p=16", false),
        ] {
            let hash = format!(
                "$argon2id$v=19${parameters}$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak"
            );
            assert_eq!(is_outdated(&hash), outdated, "{parameters}");
        }
        assert!(!is_outdated("no hash"));
    }

    #[test]
    fn a_hash_of_another_tool_is_understood() {
        // Made by the reference implementation.
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";
        assert!(is_of(hash, "wonderland", &mut Memory::default()));
    }

    #[test]
    fn what_is_no_hash_is_of_no_password() {
        for hash in [
            "",
            "wonderland",
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0",
        ] {
            assert!(!is_of(hash, "wonderland", &mut Memory::default()), "{hash}");
        }
    }
}
