//! Gauges that are set.
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrapper panics on a status that it does not know"
)]

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_record_metric(metric: u32, value: u64) -> u32;
}

/// A gauge that cannot be set, as where the host's list of capabilities has no such call, stays as
/// it is.
pub(super) fn set(metric: u32, value: u64) {
    // SAFETY: nothing but numbers goes over.
    let _ = unsafe { proxy_record_metric(metric, value) };
}
