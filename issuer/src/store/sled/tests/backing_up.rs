//! A backup makes the store again, but for what lives for minutes.

use std::fs;

use super::super::super::backup::{BackupError, Export as _, Record, Records, verify};
use super::super::super::{
    AuditFilter, AuditStore as _, CodeStore as _, GrantStore as _, OnceStore as _,
    PageSecretStore as _, SessionId, SessionStore as _, SigningKeyStore as _, StoreError,
    StoredSession,
};
use super::super::SledStore;
use super::super::disk::{DATABASE, RESTORING};
use super::opening::key;
use super::records::{END, NOW, code, digest, grant, id, rotated};
use super::{CACHE, opened, reopen};
use crate::audit::{AuditEvent, Caller};
use crate::temp_dir::TempDir;

fn session() -> StoredSession {
    StoredSession {
        expires_at: END,
        ends_at: END,
        id: SessionId::from_bytes([1; 16]),
        lineage: SessionId::from_bytes([2; 16]),
        subject: "alice".to_owned(),
        login: grant("alice").login,
    }
}

/// A backup of a store with something of everything, and how many records it has.
async fn backup() -> (Vec<u8>, u64) {
    let store = opened();
    store
        .write_signing_keys(&[key(1, 10), key(2, 20)], &[])
        .unwrap();
    store.page_secret([9; 32]).unwrap();
    // More than are read at once.
    for number in 0..200 {
        store.add_grant(id(number), &rotated(3)).await.unwrap();
    }
    store
        .put_session(digest(1), &session(), &Default::default())
        .await
        .unwrap();
    store.use_once(digest(1), END, NOW).await.unwrap();
    store.revoke(digest(2), END).await.unwrap();
    store.add_code(digest(1), &code(id(201))).await.unwrap();
    let made = AuditEvent::BackupMade {};
    store.add_audit(NOW, Caller::default(), &made).unwrap();
    let mut bytes = Vec::new();
    let count = store.export(&mut bytes).unwrap();
    (bytes, count)
}

fn restore(dir: &TempDir, backup: &[u8]) -> Result<u64, BackupError> {
    SledStore::restore(dir.path(), CACHE, Records::begin(backup)?, 1)
}

#[tokio::test]
async fn a_restored_store_is_the_one_that_was_backed_up() {
    let (backup, count) = backup().await;
    assert_eq!(count, 2 + 1 + 200 + 1 + 1 + 1 + 1);
    assert_eq!(verify(backup.as_slice()).unwrap(), count);
    let dir = TempDir::new();
    assert_eq!(restore(&dir, &backup).unwrap(), count);

    let store = reopen(dir.path());
    assert_eq!(store.signing_keys().unwrap(), [key(1, 10), key(2, 20)]);
    assert_eq!(store.page_secret([1; 32]).unwrap(), [9; 32]);
    let grant = store.grant(id(77), NOW).await.unwrap();
    assert_eq!(grant, Some(rotated(3)));
    assert_eq!(store.grants_of("alice", NOW).await.unwrap().len(), 200);
    assert_eq!(
        store.session(digest(1), NOW).await.unwrap(),
        Some(session())
    );
    assert!(!store.use_once(digest(1), END, NOW).await.unwrap());
    assert!(store.is_revoked(digest(2)).await.unwrap());
    assert_eq!(store.code(digest(1), NOW).await.unwrap(), None);
    assert!(!dir.path().join(RESTORING).exists());
    let page = store.audit(&AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    });
    let entries = page.unwrap().entries;
    let events: Vec<_> = entries
        .iter()
        .map(|e| (e.number, &*e.stored.event))
        .collect();
    assert_eq!(events, [(2, "backup_restored"), (1, "backup_made")]);
    let mut again = Vec::new();
    store.export(&mut again).unwrap();
    let all = |bytes: &[u8]| -> Vec<Record> {
        Records::begin(bytes).unwrap().map(Result::unwrap).collect()
    };
    let mut again = all(&again);
    let restored = again.pop().unwrap();
    assert_eq!(restored.tree, "audit");
    assert!(
        again == all(&backup),
        "a backup of it is the same, but for its restoration"
    );
}

#[tokio::test]
async fn a_store_is_not_overwritten() {
    let (backup, _) = backup().await;
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    for _ in ["while it is open", "when it is closed"] {
        let refused = restore(&dir, &backup);
        let occupied = matches!(
            refused,
            Err(BackupError::Store(StoreError::Occupied { .. }))
        );
        assert!(occupied, "{refused:?}");
        store.close().ok();
    }
}

#[tokio::test]
async fn a_store_that_lost_its_database_takes_a_backup() {
    let (backup, count) = backup().await;
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    store.write_signing_keys(&[key(7, 7)], &[]).unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join(DATABASE)).unwrap();
    assert_eq!(restore(&dir, &backup).unwrap(), count);
    let store = reopen(dir.path());
    assert_eq!(store.signing_keys().unwrap(), [key(1, 10), key(2, 20)]);
}

#[tokio::test]
async fn a_restore_that_was_not_finished_is_no_store_and_can_be_done_again() {
    let (backup, count) = backup().await;
    let dir = TempDir::new();
    // As after a kill: all but the last record.
    let records = Records::begin(backup.as_slice()).unwrap();
    let cut_off = records.take(100).chain([Err(BackupError::Damaged)]);
    assert!(SledStore::restore(dir.path(), CACHE, cut_off, 1).is_err());
    let refused = SledStore::open(dir.path(), CACHE).err().unwrap();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    assert_eq!(restore(&dir, &backup).unwrap(), count);
    assert_eq!(reopen(dir.path()).signing_keys().unwrap().len(), 2);
}

#[test]
fn records_that_no_store_has_are_refused() {
    let strange = |tree: &str, key: &[u8]| Record {
        tree: tree.to_owned(),
        key: key.to_vec(),
        value: vec![0; 9],
    };
    for record in [
        strange("codes", &[1; 32]),
        strange("meta", b"start"),
        strange("grants", &[1; 15]),
        strange("grants", &[1; 16]),
    ] {
        let dir = TempDir::new();
        let refused = SledStore::restore(dir.path(), CACHE, [Ok(record.clone())].into_iter(), 1);
        assert!(matches!(refused, Err(BackupError::Damaged)), "{record:?}");
    }
}
