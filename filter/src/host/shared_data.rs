//! Entries that all VMs with one `vm_id` share, and that outlive each of them.

use super::raw_values::{get_shared_data, set_shared_data};

/// As the expected version: whatever is there is overwritten.
#[cfg(feature = "faults")]
const ANY_VERSION: u32 = 0;

/// An entry as it is now.
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    /// Changes with every write.
    pub(crate) version: u32,
}

/// The entry, if there is one.
pub(crate) fn get(name: &str) -> Option<Entry> {
    let (bytes, version) = get_shared_data(name)?;
    Some(Entry { bytes, version })
}

/// Writes an entry, whatever it was. Says whether that was done.
#[cfg(feature = "faults")]
pub(crate) fn set(name: &str, value: &[u8]) -> bool {
    set_shared_data(name, value, ANY_VERSION)
}

/// Writes an entry that nobody else has written since it had `version`. Says whether that was done.
///
/// The host looks at the version of an entry that exists only: two who create one both succeed.
pub(crate) fn swap(name: &str, value: &[u8], version: u32) -> bool {
    set_shared_data(name, value, version)
}
