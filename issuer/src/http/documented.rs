//! docs/limits.md has the numbers that requests are bounded by.

use super::accept::{MAX_HEADER_BYTES, MAX_HEADERS, MAX_OWN_RESETS, MAX_RESETS, MAX_STREAMS};
use super::accept::{MAX_WINDOW, PING};
use crate::protocol::{MAX_BODY_BYTES, MAX_PARAMETERS};
use crate::throttle::documented::{number, written};

#[test]
fn the_bounds_of_requests_are_documented() {
    for (what, most) in [
        ("bytes of a body", MAX_BODY_BYTES),
        ("parameters of a form", MAX_PARAMETERS),
        ("bytes of a head", MAX_HEADER_BYTES),
        ("headers on HTTP/1", MAX_HEADERS),
        (
            "streams at once on an HTTP/2 connection",
            MAX_STREAMS as usize,
        ),
        (
            "streams reset by a client before they are looked at",
            MAX_RESETS,
        ),
        ("streams that a client makes us reset", MAX_OWN_RESETS),
        (
            "bytes under way on an HTTP/2 connection",
            MAX_WINDOW as usize,
        ),
    ] {
        assert_eq!(number(what), written(most as u64), "{what}");
    }
    let ping = format!("{} seconds", PING.as_secs());
    assert_eq!(number("time for the answer to a ping"), ping);
}
