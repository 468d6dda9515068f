//! The audit log: what is kept, for how long, and what can be asked.

use super::opening::key;
use super::{Opened, opened, reopen};
use crate::audit::{AuditEvent, Caller};
use crate::store::{
    Acts, AuditFilter, AuditLimits, AuditPage, AuditStore as _, GrantId, GrantStore as _,
    SigningKeyStore as _, SledStore, Sweep as _,
};
use crate::temp_dir::TempDir;

const NOW: u64 = 1_000_000;
const KEEP: u64 = 1000;

fn added(subject: &str) -> AuditEvent {
    AuditEvent::UserAdded {
        subject: subject.to_owned(),
    }
}

fn failed(subject: &str) -> AuditEvent {
    AuditEvent::LoginFailed {
        subject: Some(subject.to_owned()),
        client_id: None,
    }
}

fn add(store: &SledStore, at: u64, event: &AuditEvent) {
    store.add_audit(at, Caller::default(), event).unwrap();
}

fn all() -> AuditFilter {
    AuditFilter {
        limit: 1000,
        ..AuditFilter::default()
    }
}

fn subjects(page: &AuditPage) -> Vec<&str> {
    let entries = page.entries.iter();
    entries
        .map(|entry| entry.stored.fact("subject").unwrap())
        .collect()
}

fn limited(max_entries: usize) -> Opened {
    let opened = opened();
    opened.limit_audit(AuditLimits {
        max_entries,
        keep_seconds: KEEP,
    });
    opened
}

#[test]
fn an_entry_says_who_did_what_when_and_from_where() {
    let store = opened();
    let caller = Caller {
        request_id: Some("7c5"),
        address: Some("192.0.2.1".parse().unwrap()),
    };
    let event = AuditEvent::GrantRevoked {
        subject: "alice".to_owned(),
        client_id: "web".parse().unwrap(),
        grant_id: GrantId::from_bytes([0; 16]),
        reason: "client",
    };
    store.add_audit(NOW, caller, &event).unwrap();
    let page = store.audit(&all()).unwrap();
    let told = serde_json::to_value(&page).unwrap();
    let expected = serde_json::json!({
        "entries": [{
            "number": 1, "at": NOW, "event": "grant_revoked", "count": 1,
            "request_id": "7c5", "address": "192.0.2.1",
            "facts": {
                "subject": "alice", "client_id": "web",
                "grant_id": "AAAAAAAAAAAAAAAAAAAAAA", "reason": "client",
            },
        }],
        "next": null,
    });
    assert_eq!(told, expected);
}

#[test]
fn a_filter_gives_what_all_of_it_applies_to_the_newest_first() {
    let store = opened();
    add(&store, NOW, &added("alice"));
    add(&store, NOW + 1, &failed("bob"));
    add(&store, NOW + 2, &added("bob"));
    add(&store, NOW + 3, &added("carol"));
    let client = AuditEvent::ClientAdded {
        client_id: "web".parse().unwrap(),
    };
    add(&store, NOW + 4, &client);
    let check = |filter: AuditFilter, expected: &[u64]| {
        let page = store.audit(&filter).unwrap();
        let at: Vec<_> = page.entries.iter().map(|e| e.stored.at - NOW).collect();
        assert_eq!(at, expected, "{filter:?}");
    };
    check(all(), &[4, 3, 2, 1, 0]);
    let since = Some(NOW + 1);
    let until = Some(NOW + 3);
    check(
        AuditFilter {
            since,
            until,
            ..all()
        },
        &[2, 1],
    );
    let subject = Some("bob".to_owned());
    check(
        AuditFilter {
            subject: subject.clone(),
            ..all()
        },
        &[2, 1],
    );
    let event = Some("login_failed".to_owned());
    check(
        AuditFilter {
            subject,
            event,
            ..all()
        },
        &[1],
    );
    let client_id = Some("web".to_owned());
    check(AuditFilter { client_id, ..all() }, &[4]);
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let store = opened();
    // More than is read at once, acts and attempts in turn.
    for n in 0..600 {
        let name = format!("user{n}");
        let event = if n % 3 == 0 {
            failed(&name)
        } else {
            added(&name)
        };
        add(&store, NOW, &event);
    }
    let mut seen = Vec::new();
    let mut filter = AuditFilter { limit: 70, ..all() };
    loop {
        let page = store.audit(&filter).unwrap();
        assert!(page.entries.len() <= 70);
        seen.extend(page.entries.iter().map(|entry| entry.number));
        if page.next.is_none() {
            break;
        }
        filter.before = page.next;
    }
    let expected: Vec<u64> = (1..=600).rev().collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_oldest_go_and_attempts_push_no_act_out() {
    let store = limited(10);
    for n in 0..15 {
        add(&store, NOW, &added(&format!("user{n}")));
    }
    for n in 0..100 {
        add(&store, NOW, &failed(&format!("victim{n}")));
    }
    let page = store.audit(&all()).unwrap();
    let (acts, attempts): (Vec<_>, Vec<_>) = subjects(&page)
        .into_iter()
        .partition(|name| name.starts_with("user"));
    assert_eq!(acts.first(), Some(&"user14"));
    assert_eq!(acts.last(), Some(&"user5"));
    assert_eq!((acts.len(), attempts.len()), (10, 10));
}

#[test]
fn what_is_over_goes_with_the_sweep() {
    let store = limited(100);
    add(&store, NOW, &added("alice"));
    add(&store, NOW + 1, &failed("bob"));
    store.sweep(NOW + KEEP - 1, 1).unwrap();
    assert_eq!(store.audit(&all()).unwrap().entries.len(), 2);
    store.sweep(NOW + KEEP, 1).unwrap();
    assert_eq!(subjects(&store.audit(&all()).unwrap()), ["bob"]);
}

#[test]
fn a_thousand_wrong_passwords_take_two_entries() {
    let store = opened();
    for n in 0..1000 {
        add(&store, NOW + n / 100, &failed("alice"));
    }
    store.sweep(NOW + 60, 1).unwrap();
    let page = store.audit(&all()).unwrap();
    let counts: Vec<_> = page.entries.iter().map(|e| e.stored.count).collect();
    assert_eq!(counts, [999, 1]);
}

#[test]
fn numbers_go_on_after_a_start_and_what_was_only_counted_is_there() {
    let dir = TempDir::new();
    let store = reopen(dir.path());
    add(&store, NOW, &added("alice"));
    add(&store, NOW, &failed("bob"));
    add(&store, NOW, &failed("bob"));
    store.close().unwrap();
    drop(store);
    let store = reopen(dir.path());
    add(&store, NOW, &added("carol"));
    let page = store.audit(&all()).unwrap();
    let numbers: Vec<_> = page.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [4, 3, 2, 1]);
    assert_eq!(subjects(&page), ["carol", "bob", "bob", "alice"]);
}

#[tokio::test]
async fn an_event_has_the_flush_of_its_act_or_that_of_the_next_sweep() {
    let store = opened();
    let before = store.flusher.flushes();
    add(&store, NOW, &added("alice"));
    assert_eq!(store.flusher.flushes(), before, "nothing waits for it");
    store
        .remove_grant(GrantId::from_bytes([1; 16]))
        .await
        .unwrap();
    assert_eq!(store.flusher.flushes(), before + 1);
    store.sweep(NOW, 1).unwrap();
    let settled = store.flusher.flushes();
    store.sweep(NOW, 1).unwrap();
    assert_eq!(store.flusher.flushes(), settled, "once is enough");
    add(&store, NOW, &failed("bob"));
    store.sweep(NOW, 1).unwrap();
    assert_eq!(store.flusher.flushes(), settled + 1);
}

#[test]
fn keys_and_what_is_on_record_of_them_are_there_together_or_not_at_all() {
    let dir = TempDir::new();
    let events = [1, 2].map(|number| AuditEvent::KeyPublished {
        kid: format!("key{number}").parse().unwrap(),
        algorithm: dockgate_token::Algorithm::ES256,
    });
    let acts = Acts {
        at: NOW,
        events: &events,
    };
    {
        let store = SledStore::open(dir.path(), super::CACHE).unwrap();
        let write = |byte| store.write_recorded_keys(&[key(byte, byte.into())], &[], acts);
        store.limit_audit(AuditLimits {
            max_entries: 3,
            keep_seconds: KEEP,
        });
        write(1).unwrap();
        write(2).unwrap();
        store.health.fail("told to");
        write(3).unwrap_err();
        assert_eq!(store.signing_keys().unwrap().len(), 2);
    }
    let store = reopen(dir.path());
    assert_eq!(store.signing_keys().unwrap().len(), 2);
    let entries = store.audit(&all()).unwrap().entries;
    let kids: Vec<_> = entries
        .iter()
        .map(|entry| entry.stored.fact("kid").unwrap())
        .collect();
    assert_eq!(kids, ["key2", "key1", "key2"], "the oldest has gone");
}
