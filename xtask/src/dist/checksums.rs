//! SHA-256, and the file of sums that `sha256sum --check` reads.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::failure::Outcome;

/// What the file is called.
pub(super) const FILE: &str = "SHA256SUMS";

/// Of these bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the sums of all files of a directory.
pub(super) fn write(directory: &Path) -> Outcome {
    let mut lines = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name != FILE {
            lines.push(format!("{}  {name}\n", sha256(&fs::read(&path)?)));
        }
    }
    lines.sort_by(|one, other| one.get(64..).cmp(&other.get(64..)));
    Ok(fs::write(directory.join(FILE), lines.concat())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, the example of one block.
    #[test]
    fn the_sum_is_sha_256() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
