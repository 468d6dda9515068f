//! Randomness from the host (WASI preview 1).
#![expect(unsafe_code, reason = "the function takes a pointer")]

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(buffer: *mut u8, size: usize) -> u16;
}

/// 64 random bits. They spread calls over time and tell VMs apart, and guard no secret: should the
/// host have none, the clock has to do.
pub(crate) fn random() -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: the host writes as many bytes as it is told.
    let errno = unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) };
    if errno == 0 {
        u64::from_le_bytes(bytes)
    } else {
        super::raw::current_time_nanoseconds().unwrap_or_default()
    }
}
