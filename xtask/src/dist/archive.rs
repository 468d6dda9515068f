//! A compressed archive that depends on its contents alone.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::failure::Outcome;

/// A file of an archive.
pub(super) struct Entry {
    path: String,
    mode: u32,
    contents: Vec<u8>,
}

impl Entry {
    pub(super) fn file(path: &str, contents: Vec<u8>) -> Self {
        Self {
            path: path.to_owned(),
            mode: 0o644,
            contents,
        }
    }

    pub(super) fn program(path: &str, contents: Vec<u8>) -> Self {
        Self {
            mode: 0o755,
            ..Self::file(path, contents)
        }
    }
}

/// All entries below a directory `name`, in the order of their paths, of nobody in particular, with one
/// time for all.
pub(super) fn pack(name: &str, entries: &[Entry], epoch: u64) -> Outcome<Vec<u8>> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|one, other| one.path.cmp(&other.path));
    let mut archive = Builder::new(Vec::new());
    for entry in sorted {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(entry.mode);
        header.set_mtime(epoch);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(u64::try_from(entry.contents.len()).unwrap_or(u64::MAX));
        let path = format!("{name}/{}", entry.path);
        archive.append_data(&mut header, path, entry.contents.as_slice())?;
    }
    // Without a time and a name of its own, which would be this run's.
    let mut compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    compressed.write_all(&archive.into_inner()?)?;
    Ok(compressed.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        vec![
            Entry::program("bin/b", vec![1; 5000]),
            Entry::file("a", vec![2; 3]),
        ]
    }

    #[test]
    fn the_order_in_which_files_are_found_makes_no_difference() {
        let packed = pack("x", &entries(), 7).unwrap();
        let mut reversed = entries();
        reversed.reverse();
        assert_eq!(packed, pack("x", &reversed, 7).unwrap());
        assert_ne!(packed, pack("x", &entries(), 8).unwrap());
    }

    #[test]
    fn every_file_is_nobodys_and_programs_can_be_run() {
        let packed = pack("x", &entries(), 7).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
        let found: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let header = entry.header();
                assert_eq!((header.uid().unwrap(), header.mtime().unwrap()), (0, 7));
                let path = entry.path().unwrap().display().to_string();
                (path, header.mode().unwrap(), header.size().unwrap())
            })
            .collect();
        let expected = [("x/a", 0o644, 3), ("x/bin/b", 0o755, 5000)];
        assert_eq!(
            found,
            expected.map(|(path, mode, size)| (path.to_owned(), mode, size))
        );
    }
}
