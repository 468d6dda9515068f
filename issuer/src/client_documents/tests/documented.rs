//! The numbers of docs/limits.md are those of the code.

use super::super::{fetch, freshness};
use super::*;
use crate::throttle::documented::{number, written};

#[test]
fn every_bound_is_documented() {
    for (what, bound) in [
        ("client documents and key sets kept", MAX_DOCUMENTS as u64),
        (
            "bytes of a client document or key set",
            MAX_DOCUMENT_BYTES as u64,
        ),
        ("client documents fetched at once", MAX_AT_ONCE as u64),
        (
            "client documents and key sets kept of a site",
            MAX_DOCUMENTS_OF_A_SITE as u64,
        ),
        (
            "client documents fetched at once of a site",
            MAX_AT_ONCE_OF_A_SITE as u64,
        ),
        (
            "client documents fetched at once for an address",
            MAX_AT_ONCE_FOR_A_SOURCE as u64,
        ),
        ("seconds for a client document", FETCH_SECONDS),
        (
            "addresses tried for a client document",
            fetch::MAX_ADDRESSES as u64,
        ),
        (
            "seconds until a host that failed is asked for the same again",
            freshness::PAUSE_SECONDS,
        ),
        (
            "seconds that a client document is good, at least",
            freshness::LEAST_SECONDS,
        ),
        (
            "seconds that a client document is good, at most",
            freshness::MOST_SECONDS,
        ),
        (
            "seconds that a key set is good, at most",
            freshness::MOST_SECONDS_OF_KEYS,
        ),
        (
            "seconds that one may be used when its host does not answer",
            freshness::STALE_SECONDS,
        ),
    ] {
        assert_eq!(number(what), written(bound), "{what}");
    }
}
