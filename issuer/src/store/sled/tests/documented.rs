//! docs/limits.md has the numbers that the store is bounded by.

use super::super::super::Room;
use super::super::counts;
use crate::throttle::documented::{number, written};

#[test]
fn the_bounds_of_the_store_are_documented() {
    for (what, most) in [
        ("authorization codes", counts::CODES),
        ("device codes", counts::DEVICES),
        ("pushed requests", counts::PUSHED_REQUESTS),
        ("used assertions", counts::USED_NAMES),
        ("revoked access tokens", counts::REVOKED_TOKENS),
        (
            "tenths of device codes, pushed requests and registrations kept from strangers",
            Room::KEPT_TENTHS,
        ),
    ] {
        assert_eq!(number(what), written(most as u64), "{what}");
    }
}
