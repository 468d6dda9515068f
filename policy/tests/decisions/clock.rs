//! A clock that jumps, as one does that is set right, or wrong.

use dockgate_policy::Request;
use dockgate_policy::keys::KeyRing;
use serde_json::json;

use crate::support::*;

const HOUR: u64 = 3600;

#[test]
fn a_token_is_judged_by_the_clock_as_it_is_whether_it_is_known_or_not() {
    let policy = policy(|_| {});
    let bearer = format!("Bearer {}", good());
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    let mut ring = key_ring(&policy);
    let mut cache = cache(&policy);
    let mut at = |now: u64| {
        ring.clock_shows(now);
        judge(&policy, &ring, &mut cache, &request, now)
    };
    for _ in 0..2 {
        passes(at(NOW));
        refused(at(NOW + HOUR), "expired");
        passes(at(NOW));
        refused(at(NOW - HOUR), "issued_in_future");
        passes(at(NOW + 1));
    }
}

#[test]
fn keys_serve_no_longer_for_a_clock_that_is_put_back() {
    let policy = policy(|c| {
        c["issuers"][0]["jwks"]["refresh_seconds"] = json!(60);
        c["issuers"][0]["jwks"]["max_stale_seconds"] = json!(300);
    });
    let mut ring = key_ring(&policy);
    let early = token(|c| {
        c["iat"] = json!(NOW - 2 * HOUR);
        c["exp"] = json!(NOW + 2 * HOUR);
    });
    let mut at = |now: u64| {
        ring.clock_shows(now);
        ask_at(&policy, &ring, &early, now)
    };
    passes(at(NOW));
    passes(at(NOW - HOUR));
    // 60 seconds old at the start, and 240 more.
    passes(at(NOW - HOUR + 240));
    refused(at(NOW - HOUR + 241), "no_keys");
    refused(at(NOW + HOUR), "no_keys");
}

fn ask_at(policy: &dockgate_policy::Policy, ring: &KeyRing, token: &str, now: u64) -> Verdict {
    let bearer = format!("Bearer {token}");
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    judge(policy, ring, &mut cache(policy), &request, now)
}

/// What the filter takes the time for when its host gives none (`filter/src/host.rs`).
#[test]
fn a_clock_that_fails_opens_nothing_to_a_token_whether_it_is_known_or_not() {
    let policy = policy(|_| {});
    let bearer = format!("Bearer {}", good());
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    let eternal = token(|c| c["exp"] = json!(u64::MAX - 60));
    let mut ring = key_ring(&policy);
    let mut cache = cache(&policy);
    passes(judge(&policy, &ring, &mut cache, &request, NOW));
    ring.clock_shows(u64::MAX);
    match judge(&policy, &ring, &mut cache, &request, u64::MAX) {
        Verdict::Refused(reply) => assert!(matches!(reply.answer.status, 401 | 503)),
        Verdict::Passed(passed) => panic!("{passed:?}"),
    }
    refused(ask_at(&policy, &ring, &good(), u64::MAX), "expired");
    refused(ask_at(&policy, &ring, &eternal, u64::MAX), "no_keys");
}
