//! Metrics, called directly.
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrapper panics on a status that it does not know"
)]

use proxy_wasm::types::MetricType;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
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

/// `None` where the host does not let it be defined.
pub(super) fn define(kind: MetricType, name: &str) -> Option<u32> {
    let mut metric = 0;
    // SAFETY: the host reads the name during the call and writes one number.
    let status = unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut metric) };
    (status == OK).then_some(metric)
}

/// What cannot be counted is not.
pub(super) fn increment(metric: u32, by: i64) {
    // SAFETY: nothing but numbers goes over.
    let _ = unsafe { proxy_increment_metric(metric, by) };
}

/// A gauge that cannot be set, as where the host's list of capabilities has no such call, stays as
/// it is.
pub(super) fn set(metric: u32, value: u64) {
    // SAFETY: nothing but numbers goes over.
    let _ = unsafe { proxy_record_metric(metric, value) };
}
