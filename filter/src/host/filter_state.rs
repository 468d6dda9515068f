//! Filter state: what later filters, rate limits and access logs may read as `wasm.<name>`.
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrapper panics on a status other than OK"
)]

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_set_property(
        path: *const u8,
        path_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
}

/// Writes each name and value; one crossing each. What cannot be written is left out: a request
/// must not fail for what a log would have said.
pub(crate) fn write(fields: &[(&'static str, String)]) {
    for (name, value) in fields {
        // SAFETY: the host reads both during the call.
        let _ =
            unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
    }
}
