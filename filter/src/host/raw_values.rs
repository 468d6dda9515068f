//! Host functions of names, values and numbers, called directly (Proxy-Wasm ABI 0.2.1): properties,
//! shared data, metrics.
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrappers panic on a status that they do not know"
)]

use std::ptr::null_mut;

use proxy_wasm::types::MetricType;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_set_property(
        path: *const u8,
        path_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
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
    fn proxy_define_metric(
        kind: MetricType,
        name: *const u8,
        name_size: usize,
        metric: *mut u32,
    ) -> u32;
    fn proxy_increment_metric(metric: u32, by: i64) -> u32;
    fn proxy_record_metric(metric: u32, value: u64) -> u32;
}

/// The status of a host call that did what it was asked.
const OK: u32 = 0;

/// Whether the property is set.
pub(super) fn set_property(path: &str, value: &[u8]) -> bool {
    // SAFETY: the host reads both during the call.
    let status =
        unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) };
    status == OK
}

/// An entry's value and version, if there is such an entry.
pub(super) fn get_shared_data(name: &str) -> Option<(Vec<u8>, u32)> {
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
        Some((bytes, version))
    }
}

/// Whether the entry is written.
pub(super) fn set_shared_data(name: &str, value: &[u8], version: u32) -> bool {
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

/// `None` where the host does not let it be defined.
pub(super) fn define_metric(kind: MetricType, name: &str) -> Option<u32> {
    let mut metric = 0;
    // SAFETY: the host reads the name during the call and writes one number.
    let status = unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut metric) };
    (status == OK).then_some(metric)
}

/// What cannot be counted is not.
pub(super) fn increment_metric(metric: u32, by: i64) {
    // SAFETY: nothing but numbers goes over.
    let _ = unsafe { proxy_increment_metric(metric, by) };
}

/// A gauge that cannot be set, as where the host's list of capabilities has no such call, stays as
/// it is.
pub(super) fn record_metric(metric: u32, value: u64) {
    // SAFETY: nothing but numbers goes over.
    let _ = unsafe { proxy_record_metric(metric, value) };
}
