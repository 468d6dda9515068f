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
    // One call of at most 5 seconds, and 5 to spare; then the pause after a failure.
    assert!(!leased.has_lost_lease(1009) && leased.has_lost_lease(1010));
    assert!(!is_fetched_at(&leased, None, 1010));
    let taken_over = leased.lease_to(B, &source, None, 1011).unwrap();
    assert!(!taken_over.has_lost_lease(1011));
    assert_eq!(taken_over.fetched(A, &source, (None, 0), 1011, 0), None);
    assert_eq!(taken_over.failed(A, &source, 1011, 0), None);
    assert!(taken_over.fetched(B, &source, (None, 0), 1011, 0).is_some());
}

#[test]
fn fetches_that_nobody_survives_are_tried_ever_more_rarely() {
    let source = source();
    let (mut state, mut now, mut tries) = (fetched(0), 300, Vec::new());
    for holder in 10..18 {
        let lost_at = now;
        // Nobody tries as long as the lease lasts, nor in the pause after it.
        state = loop {
            match state.lease_to(holder, &source, None, now) {
                Some(leased) => break leased,
                None => now += 1,
            }
        };
        tries.push(now - lost_at);
    }
    let pauses: Vec<u64> = tries.iter().skip(1).map(|waited| waited - 10).collect();
    for (pause, longest) in pauses.iter().zip([1, 2, 4, 8, 16, 30, 30]) {
        assert!(pause * 2 >= longest && *pause <= longest, "{pauses:?}");
    }
    assert_eq!(state.document(), Some(A), "the keys of before stay");
    let good = state.fetched(17, &source, (None, 0), now, 0).unwrap();
    assert!(!is_fetched_at(&good, None, now + 299) && is_fetched_at(&good, None, now + 300));
}

#[test]
fn every_moment_counts_until_a_first_fetch_has_ended_in_whatever_way() {
    let source = source();
    let leased = SlotState::default().lease_to(A, &source, None, 0).unwrap();
    assert!(SlotState::default().is_urgent() && leased.is_urgent());
    assert!(!leased.failed(A, &source, 1, 0).unwrap().is_urgent());
    assert!(!fetched(1000).is_urgent());
}

#[test]
fn a_lease_lasts_as_long_as_all_calls_of_a_fetch() {
    let source = remote(json!({"discover": true, "timeout_milliseconds": 60_000}));
    let leased = SlotState::default().lease_to(A, &source, None, 0).unwrap();
    assert!(!leased.has_lost_lease(184) && leased.has_lost_lease(185));
    assert!(leased.lease_to(B, &source, None, 186).is_some());
}

#[test]
fn good_keys_are_fetched_again_after_the_period() {
    let state = fetched(1000);
    assert_eq!(
        (state.document(), state.fetched_at(1000)),
        (Some(A), Some(1000))
    );
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
        (failed.document(), failed.fetched_at(1301)),
        (Some(A), Some(1000))
    );
    assert!(
        !is_fetched_at(&failed, Some(1301), 1301),
        "no wish shortens a pause"
    );
    assert!(is_fetched_at(&failed, None, 1302));
    let leased = failed.lease_to(A, &source, None, 1302).unwrap();
    let again = leased.failed(A, &source, 1302, 0).unwrap();
    assert!(!is_fetched_at(&again, None, 1303), "the pauses grow");
    let leased = again.lease_to(B, &source, None, 1304).unwrap();
    let good = leased.fetched(B, &source, (None, 0), 1304, 0).unwrap();
    assert_eq!(good.document(), Some(B));
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
    let read = |json: serde_json::Value| serde_json::from_value::<SlotState>(json).unwrap();
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
fn a_clock_that_is_put_back_makes_the_keys_younger_once_at_most() {
    let source = source();
    let leased = fetched(5000).lease_to(B, &source, None, 1400).unwrap();
    for state in [
        leased.clone(),
        leased.failed(B, &source, 1400, 0).unwrap(),
        leased.lease_to(9, &source, None, 1411).unwrap(),
    ] {
        assert_eq!(state.fetched_at(4000), Some(1400));
    }
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
fn a_slot_is_read_as_it_was_written_and_nothing_else_is() {
    let leased = fetched(1000)
        .lease_to(u64::MAX, &source(), None, 1300)
        .unwrap();
    for (state, document) in [
        (SlotState::default(), ""),
        (fetched(1000), "{\n\"keys\": []\n}"),
        (leased, "\n"),
    ] {
        let document = document.as_bytes().to_vec();
        let slot = Slot { state, document };
        assert_eq!(Slot::read(&slot.write()), Some(slot));
    }
    let without = Slot {
        state: fetched(1000),
        document: Vec::new(),
    };
    let of_none = Slot {
        state: SlotState::default(),
        document: b"{}".to_vec(),
    };
    let others = ["", "{}", "null\n", "[", "{\"document\":1}\n", "\u{ff}"];
    let others = others.map(|other| other.as_bytes().to_vec());
    for other in others.into_iter().chain([without.write(), of_none.write()]) {
        assert_eq!(Slot::read(&other), None, "{other:?}");
    }
}

/// What shared data does: a write counts only if nobody has written since what it builds upon.
struct Entry(Vec<u8>, u32);

impl Entry {
    fn swap(&mut self, slot: &Slot, version: u32) -> bool {
        let is_current = self.1 == version;
        if is_current {
            *self = Self(slot.write(), version + 1);
        }
        is_current
    }

    fn read(&self) -> (Slot, u32) {
        (Slot::read(&self.0).unwrap(), self.1)
    }
}

#[test]
fn whoever_comes_late_puts_no_older_document_under_a_newer_state() {
    let source = source();
    let mut entry = Entry(Slot::default().write(), 1);
    let write = |entry: &mut Entry, (slot, version): (Slot, u32), state: SlotState, new: &[u8]| {
        let document = match new {
            [] => slot.document,
            new => new.to_vec(),
        };
        entry.swap(&Slot { state, document }, version)
    };
    let read = entry.read();
    let leased = read.0.state.lease_to(A, &source, None, 0).unwrap();
    assert!(write(&mut entry, read, leased, b""));
    // A has fetched and read the slot when it is held up; its lease runs out.
    let late = entry.read();
    let lates_state = late.0.state.fetched(A, &source, (None, 0), 9, 0).unwrap();
    let read = entry.read();
    let leased = read.0.state.lease_to(B, &source, None, 11).unwrap();
    assert!(write(&mut entry, read, leased, b""));
    let read = entry.read();
    let good = read.0.state.fetched(B, &source, (None, 0), 12, 0).unwrap();
    assert!(write(&mut entry, read, good, b"newer"));
    assert!(!write(&mut entry, late, lates_state, b"older"));
    let (slot, _) = entry.read();
    assert_eq!(
        (slot.state.document(), slot.document),
        (Some(B), b"newer".to_vec())
    );
    assert_eq!(slot.state.fetched(A, &source, (None, 0), 13, 0), None);
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
    let mut names = vec![slot_name("https://other.example", &uri("a/k"))];
    for source in [
        uri("a/k"),
        uri("a/l"),
        uri("b/k"),
        other_cluster,
        discovered,
        wider,
    ] {
        names.push(slot_name(ISSUER, &source));
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    let longer = remote(json!({"refresh_seconds": 999}));
    assert_eq!(slot_name(ISSUER, &longer), slot_name(ISSUER, &source()));
}
