//! Entries that all VMs with one `vm_id` share, and that outlive each of them (Proxy-Wasm ABI 0.2.1).
//!
//! The SDK's wrappers panic on a status that they do not know, so the functions are called directly.
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrappers panic"
)]

use std::ptr::null_mut;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_shared_data(
        name: *const u8,
        name_size: usize,
        value: *mut *mut u8,
        value_size: *mut usize,
        version: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
        version: u32,
    ) -> u32;
}

const OK: u32 = 0;
/// As the expected version: whatever is there is overwritten.
const ANY_VERSION: u32 = 0;

/// An entry as it is now.
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    /// Changes with every write.
    pub(crate) version: u32,
}

/// The entry, if there is one.
pub(crate) fn get(name: &str) -> Option<Entry> {
    let mut value = null_mut();
    let mut value_size = 0;
    let mut version = 0;
    // SAFETY: the host reads `name` during the call, and writes a version and the address and size
    // of a block that it allocated in this module by the allocator that the SDK exports, which makes
    // it a Vec of exactly that size.
    unsafe {
        let status = proxy_get_shared_data(
            name.as_ptr(),
            name.len(),
            &raw mut value,
            &raw mut value_size,
            &raw mut version,
        );
        if status != OK {
            return None;
        }
        let bytes = if value.is_null() {
            Vec::new()
        } else {
            Vec::from_raw_parts(value, value_size, value_size)
        };
        Some(Entry { bytes, version })
    }
}

/// Writes an entry, whatever it was. Says whether that was done.
pub(crate) fn set(name: &str, value: &[u8]) -> bool {
    write(name, value, ANY_VERSION)
}

/// Writes an entry that nobody else has written since it had `version`. Says whether that was done.
///
/// The host looks at the version of an entry that exists only: two who create one both succeed.
pub(crate) fn swap(name: &str, value: &[u8], version: u32) -> bool {
    write(name, value, version)
}

fn write(name: &str, value: &[u8], version: u32) -> bool {
    // SAFETY: the host reads both during the call.
    let status = unsafe {
        proxy_set_shared_data(
            name.as_ptr(),
            name.len(),
            value.as_ptr(),
            value.len(),
            version,
        )
    };
    status == OK
}
