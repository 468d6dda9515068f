use serde_json::json;

use super::*;
use crate::keys::tests::{ISSUER, remote};

const A: u64 = 1;
const B: u64 = 2;

fn source() -> RemoteJwks {
    remote(json!({"refresh_seconds": 300, "min_refresh_seconds": 60}))
}

/// Fetched at `at` by A, without a word from the issuer about how long.
fn fetched(at: u64) -> SlotState {
    let source = source();
    let leased = SlotState::default().lease_to(A, &source, None, at).unwrap();
    leased.fetched(A, &source, (None, 0), at, 0).unwrap()
}

fn is_fetched_at(state: &SlotState, wish: Option<u64>, now: u64) -> bool {
    state.lease_to(B, &source(), wish, now).is_some()
}

#[test]
fn of_many_who_look_at_a_new_slot_one_fetches() {
    let leased = SlotState::default()
        .lease_to(A, &source(), None, 1000)
        .unwrap();
    assert!(leased.is_held_by(A) && !leased.is_held_by(B));
    assert!(!is_fetched_at(&leased, None, 1000));
    assert!(!is_fetched_at(&leased, Some(1000), 1000));
}

#[test]
fn a_lease_ends_by_time_and_its_holder_can_then_change_nothing() {
    let source = source();
    let leased = SlotState::default()
        .lease_to(A, &source, None, 1000)
        .unwrap();
    // One call of at most 5 seconds, and 5 to spare.
    assert!(!is_fetched_at(&leased, None, 1009));
    let taken_over = leased.lease_to(B, &source, None, 1010).unwrap();
    assert_eq!(taken_over.fetched(A, &source, (None, 0), 1010, 0), None);
    assert_eq!(taken_over.failed(A, &source, 1010, 0), None);
    assert!(taken_over.fetched(B, &source, (None, 0), 1010, 0).is_some());
}

#[test]
fn a_lease_lasts_as_long_as_all_calls_of_a_fetch() {
    let source = remote(json!({"discover": true, "timeout_milliseconds": 60_000}));
    let leased = SlotState::default().lease_to(A, &source, None, 0).unwrap();
    assert_eq!(leased.lease_to(B, &source, None, 184), None);
    assert!(leased.lease_to(B, &source, None, 185).is_some());
}

#[test]
fn good_keys_are_fetched_again_after_the_period() {
    let state = fetched(1000);
    assert_eq!((state.revision(), state.fetched_at(1000)), (1, Some(1000)));
    assert!(!is_fetched_at(&state, None, 1299));
    assert!(is_fetched_at(&state, None, 1300));
}

#[test]
fn the_issuers_lifetime_shortens_the_period() {
    let source = source();
    let leased = SlotState::default()
        .lease_to(A, &source, None, 1000)
        .unwrap();
    let state = leased.fetched(A, &source, (Some(100), 0), 1000, 0).unwrap();
    assert!(!is_fetched_at(&state, None, 1099));
    assert!(is_fetched_at(&state, None, 1100));
}

#[test]
fn whoever_has_the_shorter_period_fetches_by_its_own() {
    let state = fetched(1000);
    let shorter = remote(json!({"refresh_seconds": 20}));
    assert_eq!(state.lease_to(B, &shorter, None, 1019), None, "not at once");
    let slow = remote(json!({"timeout_milliseconds": 60_000}));
    let leased = state.lease_to(B, &slow, None, 1300).unwrap();
    assert_eq!(
        leased.lease_to(A, &shorter, None, 1300),
        None,
        "nor a longer lease"
    );
    assert!(state.lease_to(B, &shorter, None, 1020).is_some());
}

#[test]
fn a_failure_keeps_the_document_and_is_tried_again_soon() {
    let source = source();
    let leased = fetched(1000).lease_to(A, &source, None, 1300).unwrap();
    let failed = leased.failed(A, &source, 1301, 0).unwrap();
    assert_eq!(
        (failed.revision(), failed.fetched_at(1301)),
        (1, Some(1000))
    );
    assert!(
        !is_fetched_at(&failed, Some(1301), 1301),
        "no wish shortens a pause"
    );
    assert!(is_fetched_at(&failed, None, 1302));
    let leased = failed.lease_to(A, &source, None, 1302).unwrap();
    let again = leased.failed(A, &source, 1302, 0).unwrap();
    assert!(!is_fetched_at(&again, None, 1303), "the pauses grow");
    let leased = again.lease_to(A, &source, None, 1304).unwrap();
    let good = leased.fetched(A, &source, (None, 0), 1304, 0).unwrap();
    assert_eq!(good.revision(), 2);
    assert!(is_fetched_at(&good, Some(1305), 1305), "all is well again");
}

#[test]
fn an_unknown_key_is_fetched_for_once_a_cool_down() {
    let mut state = fetched(0);
    let fetches = (1..=100)
        .filter(|now| match state.lease_to(B, &source(), Some(*now), *now) {
            None => false,
            Some(leased) => {
                state = leased.fetched(B, &source(), (None, 0), *now, 0).unwrap();
                true
            }
        })
        .count();
    assert_eq!(fetches, 4, "at 1, 31, 61 and 91 seconds");
}

#[test]
fn a_wish_from_before_the_last_fetch_is_granted_already() {
    assert!(!is_fetched_at(&fetched(1000), Some(999), 1001));
}

#[test]
fn times_from_the_future_hold_nothing_up() {
    let read = |json: serde_json::Value| SlotState::read(json.to_string().as_bytes()).unwrap();
    let mut written = serde_json::to_value(fetched(1000)).unwrap();
    written["next_at"] = json!(u64::MAX);
    assert!(is_fetched_at(&read(written.clone()), None, 1001));
    written["next_at"] = json!(1300);
    assert!(
        !is_fetched_at(&read(written.clone()), None, 999),
        "a moment earlier"
    );
    assert!(
        is_fetched_at(&read(written.clone()), None, 900),
        "the clock was put back"
    );
    written["fetched_at"] = json!(u64::MAX);
    assert_eq!(read(written.clone()).fetched_at(1001), Some(1001));
    written["lease"] = json!({"holder": 9, "until": u64::MAX});
    assert!(is_fetched_at(&read(written), None, 1001));
}

#[test]
fn a_clock_that_is_put_back_during_an_outage_holds_nothing_up() {
    let source = source();
    let leased = SlotState::default()
        .lease_to(A, &source, None, 5000)
        .unwrap();
    let failed = leased.failed(A, &source, 5000, 0).unwrap();
    assert!(!is_fetched_at(&failed, None, 4999), "a moment earlier");
    assert!(is_fetched_at(&failed, None, 1400), "an hour earlier");
}

#[test]
fn a_state_is_read_as_it_was_written_and_nothing_else_is() {
    let leased = fetched(1000)
        .lease_to(u64::MAX, &source(), None, 1300)
        .unwrap();
    for state in [SlotState::default(), fetched(1000), leased] {
        assert_eq!(SlotState::read(&state.write()), Some(state));
    }
    for other in ["", "{}", "null", "[", "{\"revision\":1}", "\u{ff}"] {
        assert_eq!(SlotState::read(other.as_bytes()), None, "{other}");
    }
}

#[test]
fn passed_over_keys_are_news_until_they_were_told() {
    let source = source();
    let leased = SlotState::default().lease_to(A, &source, None, 0).unwrap();
    assert!(leased.is_news(7) && !leased.is_news(0));
    let told = leased.fetched(A, &source, (None, 7), 0, 0).unwrap();
    assert!(!told.is_news(7) && told.is_news(8));
}

#[test]
fn slots_are_named_by_issuer_cluster_and_place_together() {
    let uri = |uri: &str| {
        let mut source = source();
        let (authority, path) = uri.split_once('/').unwrap();
        source.location = JwksLocation::Uri(crate::config::Location {
            authority: authority.to_owned(),
            path: format!("/{path}"),
        });
        source
    };
    let mut other_cluster = uri("a/k");
    other_cluster.cluster = "other".to_owned();
    let discovered = remote(json!({"discover": true}));
    let wider = remote(json!({"discover": true, "allow_authorities": ["a"]}));
    let mut names = vec![SlotNames::new("https://other.example", &uri("a/k")).state];
    for source in [
        uri("a/k"),
        uri("a/l"),
        uri("b/k"),
        other_cluster,
        discovered,
        wider,
    ] {
        let own = SlotNames::new(ISSUER, &source);
        names.extend([own.state, own.document]);
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    let longer = remote(json!({"refresh_seconds": 999}));
    assert_eq!(
        SlotNames::new(ISSUER, &longer),
        SlotNames::new(ISSUER, &source())
    );
}
