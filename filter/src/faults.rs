//! Panics on demand, to show what comes of one. Only a module that is built with the feature `faults`
//! has this, and no such module is ever shipped.

use crate::host::{HeaderBlock, shared_data};

/// Where to panic: `request` at once, `lease` in the VM that next takes a lease, before it fetches, and
/// `call` in the one that next has the answer to a call.
const HEADER: &[u8] = b"x-dockgate-fault";
const WISH: &str = "dockgate-fault";

/// Does or notes what the request asks for.
pub(crate) fn ask(headers: &HeaderBlock) {
    for (_, place) in headers.pairs().iter().filter(|(name, _)| *name == HEADER) {
        shared_data::set(WISH, place);
        strike("request");
    }
}

/// Panics if that was asked for at this place, once.
#[expect(clippy::panic, reason = "it is the whole point")]
pub(crate) fn strike(place: &str) {
    if shared_data::get(WISH).is_some_and(|wish| wish.bytes == place.as_bytes()) {
        shared_data::set(WISH, b"");
        panic!("a fault was asked for");
    }
}
