//! The room that is left on the disk of the build directory: tests without any fail in ways that do
//! not say so.

use dockgate_stack::target_dir;

/// What every group takes from nothing, with some to spare: `cargo xtask test` ends with that much
/// in the build directory, and the images and programs that it makes on the way need the rest.
const WHOLE_RUN: u64 = 12_000_000_000;

/// Bytes that are free; `None` where the system does not say.
pub(crate) fn free() -> Option<u64> {
    let directory = target_dir();
    let there = directory.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// How much is free, for the end of a line.
pub(crate) fn told() -> String {
    free().map_or_else(String::new, |bytes| {
        format!(", {} of disk free", gigabytes(bytes))
    })
}

/// What to say before a whole run when there may be too little.
pub(crate) fn warning() -> Option<String> {
    warning_at(free()?)
}

fn warning_at(free: u64) -> Option<String> {
    (free < WHOLE_RUN).then(|| {
        format!(
            "only {} are free on the disk of {}: a whole run from nothing takes up to {}; when \
             something fails for want of room, make some and run it again",
            gigabytes(free),
            target_dir().display(),
            gigabytes(WHOLE_RUN)
        )
    })
}

fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000_000;
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_said_with_both_numbers() {
        assert_eq!(warning_at(WHOLE_RUN), None);
        let warning = warning_at(7_049_999_999).expect("less than it takes");
        assert!(warning.starts_with("only 7.0 GB are free"), "{warning}");
        assert!(warning.contains("up to 12.0 GB"), "{warning}");
    }

    #[test]
    fn the_disk_of_the_build_directory_says_what_is_free() {
        assert!(free().is_some_and(|bytes| bytes > 0));
    }
}
