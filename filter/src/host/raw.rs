//! Host functions called directly (Proxy-Wasm ABI 0.2.1).
#![expect(
    unsafe_code,
    reason = "host functions take pointers; the SDK's wrappers panic or drop details"
)]

use std::borrow::Cow;
use std::ptr::{null, null_mut};

use dockgate_policy::answer::Answer;
use proxy_wasm::types::MapType;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_current_time_nanoseconds(nanoseconds: *mut u64) -> u32;
    fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_remove_header_map_value(map: MapType, name: *const u8, name_size: usize) -> u32;
    fn proxy_replace_header_map_value(
        map: MapType,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
}

/// The status of a host call that did what it was asked.
const OK: u32 = 0;
/// "No gRPC status of my own": the host derives one where it needs one.
const NO_GRPC_STATUS: i32 = -1;

pub(super) fn current_time_nanoseconds() -> Option<u64> {
    let mut nanoseconds = 0;
    // SAFETY: the host writes one u64 to the address.
    let status = unsafe { proxy_get_current_time_nanoseconds(&raw mut nanoseconds) };
    (status == OK).then_some(nanoseconds)
}

/// Header pairs as the host serialised them.
pub(crate) struct HeaderBlock(Vec<u8>);

impl HeaderBlock {
    /// Names and values, in order, as bytes. A block that is cut short gives what is whole in it.
    pub(crate) fn pairs(&self) -> Vec<(&[u8], &[u8])> {
        let count = read_u32(&self.0, 0).unwrap_or_default();
        let sizes = |index: usize| {
            Some((
                read_u32(&self.0, 4 + index * 8)?,
                read_u32(&self.0, 8 + index * 8)?,
            ))
        };
        let mut at = 4 + count * 8;
        let mut pairs = Vec::with_capacity(count.min(self.0.len() / 10));
        for index in 0..count {
            let Some((name_size, value_size)) = sizes(index) else {
                break;
            };
            // Each string is followed by a NUL.
            let value_at = at + name_size + 1;
            let (Some(name), Some(value)) = (
                self.0.get(at..at + name_size),
                self.0.get(value_at..value_at + value_size),
            ) else {
                break;
            };
            pairs.push((name, value));
            at = value_at + value_size + 1;
        }
        pairs
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*word)).ok()
}

/// Without headers where the host has no such map now.
pub(super) fn header_block(map: MapType) -> HeaderBlock {
    let mut data = null_mut();
    let mut size = 0;
    // SAFETY: the host writes the address and size of a block that it allocated in this module by
    // the allocator that the SDK exports, which makes it a Vec of exactly that size.
    let bytes = unsafe {
        let status = proxy_get_header_map_pairs(map, &raw mut data, &raw mut size);
        if status == OK && !data.is_null() {
            Vec::from_raw_parts(data, size, size)
        } else {
            Vec::new()
        }
    };
    HeaderBlock(bytes)
}

/// Whether it is gone.
pub(super) fn remove_header(map: MapType, name: &[u8]) -> bool {
    // SAFETY: the host reads `name` during the call.
    let status = unsafe { proxy_remove_header_map_value(map, name.as_ptr(), name.len()) };
    status == OK
}

/// Whether it is set.
pub(super) fn replace_header(map: MapType, name: &[u8], value: &[u8]) -> bool {
    // SAFETY: the host reads both during the call.
    let status = unsafe {
        proxy_replace_header_map_value(map, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    };
    status == OK
}

/// Answers the request, with details and gRPC status, which the SDK's wrapper does not send together
/// with headers. Whether the host takes it.
pub(super) fn send_local_response(answer: &Answer) -> bool {
    let headers = serialize_headers(&answer.headers);
    let grpc_status = answer
        .grpc_status
        .and_then(|status| i32::try_from(status).ok())
        .unwrap_or(NO_GRPC_STATUS);
    let body = if answer.body.is_empty() {
        null()
    } else {
        answer.body.as_ptr()
    };
    // SAFETY: the host reads details, body and headers during the call.
    let status = unsafe {
        proxy_send_local_response(
            answer.status,
            answer.details.as_ptr(),
            answer.details.len(),
            body,
            answer.body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status,
        )
    };
    status == OK
}

fn serialize_headers(headers: &[(&str, Cow<'_, str>)]) -> Vec<u8> {
    let word = |size: usize| u32::try_from(size).unwrap_or_default().to_le_bytes();
    let sizes = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 10);
    let mut bytes = Vec::with_capacity(4 + sizes.sum::<usize>());
    bytes.extend_from_slice(&word(headers.len()));
    for (name, value) in headers {
        bytes.extend_from_slice(&word(name.len()));
        bytes.extend_from_slice(&word(value.len()));
    }
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(0);
    }
    bytes
}
