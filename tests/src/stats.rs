//! What Envoy counts. The filter hands over once a second what it has counted of requests.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack};

use crate::http::get;

/// A counter or gauge of the filter's, such as `denied.expired`; 0 where there is none.
pub fn stat(stack: &Stack, name: &str) -> u64 {
    let target = format!("/stats?format=json&filter=dockgate.{name}$");
    let stats = get(target).send(stack.ports().admin).json();
    let found = stats["stats"].as_array().into_iter().flatten();
    found.filter_map(|stat| stat["value"].as_u64()).sum()
}

/// Waits until a counter or gauge has a value.
///
/// # Panics
/// When it has not after ten seconds.
pub fn assert_counted(stack: &Stack, name: &str, expected: u64) {
    let counted = Deadline::after(Duration::from_secs(10))
        .poll(|| (stat(stack, name) == expected).then_some(()));
    assert!(
        counted.is_some(),
        "{name} is {}, not {expected}",
        stat(stack, name)
    );
}
