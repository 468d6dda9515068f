//! The format of backups.

use super::*;

fn records() -> Vec<Record> {
    (0..20u8)
        .map(|number| Record {
            tree: format!("tree {}", number % 3),
            key: vec![number; 16],
            value: vec![number; usize::from(number) * 10],
        })
        .collect()
}

fn backup() -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write(records().into_iter().map(Ok), &mut bytes).unwrap();
    assert_eq!(written, 20);
    bytes
}

#[test]
fn a_backup_gives_back_what_was_put_into_it() {
    let bytes = backup();
    assert_eq!(verify(bytes.as_slice()).unwrap(), 20);
    let read: Result<Vec<_>, _> = Records::begin(bytes.as_slice()).unwrap().collect();
    assert_eq!(read.unwrap(), records());
}

#[test]
fn a_backup_of_nothing_is_one() {
    let mut bytes = Vec::new();
    write(std::iter::empty(), &mut bytes).unwrap();
    assert_eq!(verify(bytes.as_slice()).unwrap(), 0);
}

#[test]
fn a_backup_that_was_cut_off_anywhere_is_refused() {
    let bytes = backup();
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_backup_with_any_bit_changed_is_refused() {
    let bytes = backup();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(verify(changed.as_slice()).is_err(), "{at} {bit}");
        }
    }
}

#[test]
fn a_backup_with_something_behind_it_is_refused() {
    let longer = [backup(), vec![0]].concat();
    assert!(matches!(
        verify(longer.as_slice()),
        Err(BackupError::Damaged)
    ));
}

#[test]
fn other_files_and_later_versions_are_told_apart_from_damage() {
    for other in [&b""[..], b"short", b"a text that is no backup at all"] {
        let refused = verify(other);
        assert!(
            matches!(refused, Err(BackupError::NotABackup)),
            "{refused:?}"
        );
    }
    let mut later = backup();
    later[MAGIC.len() + 3] = 2;
    assert!(matches!(
        verify(later.as_slice()),
        Err(BackupError::Version(2))
    ));
}

#[test]
fn a_store_that_fails_half_way_leaves_no_backup() {
    let failed = || {
        Err(StoreError::Failed {
            detail: "a hole".to_owned(),
        })
    };
    let rows = records()
        .into_iter()
        .map(Ok)
        .chain(std::iter::once_with(failed));
    let mut bytes = Vec::new();
    assert!(matches!(
        write(rows, &mut bytes),
        Err(BackupError::Store(_))
    ));
    assert!(verify(bytes.as_slice()).is_err());
}
