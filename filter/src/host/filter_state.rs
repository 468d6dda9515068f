//! Filter state: what later filters, rate limits and access logs may read as `wasm.<name>`.

use super::raw_values::set_property;

/// Writes each name and value; one crossing each. What cannot be written is left out: a request
/// must not fail for what a log would have said.
pub(crate) fn write(fields: &[(&'static str, String)]) {
    for (name, value) in fields {
        let _ = set_property(name, value.as_bytes());
    }
}
