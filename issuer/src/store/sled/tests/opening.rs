//! The embedded store, with real directories.

use std::fs;
use std::path::Path;

use dockgate_token::Algorithm;

use super::super::super::StoreError;
use super::super::super::{
    KeyLife, KeyMaterial, PrivateKey, Reachable as _, SigningKeyStore as _, StoredSigningKey,
};
use super::super::SledStore;
use super::super::disk::{DATABASE, IN_USE, PROGRESS};
use super::{CACHE, reopen};
use crate::clock::UnixSeconds;
use crate::temp_dir::TempDir;

pub(super) fn key(byte: u8, created_at: UnixSeconds) -> StoredSigningKey {
    StoredSigningKey {
        number: created_at,
        algorithm: Algorithm::ES256,
        kid: Some(format!("key-{byte:x}").parse().unwrap()),
        created_at,
        life: KeyLife::default(),
        material: KeyMaterial::Clear(PrivateKey::from_pkcs8(vec![byte; 40])),
    }
}

#[test]
fn what_was_added_is_there_after_reopening() {
    let dir = TempDir::new();
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    assert_eq!(store.signing_keys().unwrap(), []);
    store
        .write_signing_keys(&[key(2, 20), key(1, 10)], &[])
        .unwrap();
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(store.signing_keys().unwrap(), [key(1, 10), key(2, 20)]);
    store.reach().unwrap();
}

#[test]
fn a_second_opener_is_told_that_the_store_is_in_use() {
    let dir = TempDir::new();
    let _held = SledStore::open(dir.path(), CACHE).unwrap();
    let second = SledStore::open(dir.path(), CACHE).err().unwrap();
    assert!(matches!(second, StoreError::Locked { .. }), "{second}");
}

#[test]
fn a_store_that_lost_its_keys_does_not_pass_for_a_new_one() {
    let dir = TempDir::new();
    SledStore::open(dir.path(), CACHE)
        .unwrap()
        .write_signing_keys(&[key(1, 1)], &[])
        .unwrap();
    fs::remove_dir_all(dir.path().join(DATABASE)).unwrap();
    let lost = SledStore::open(dir.path(), CACHE).err().unwrap();
    assert!(matches!(lost, StoreError::Damaged { .. }), "{lost}");
    fs::remove_file(dir.path().join(PROGRESS)).unwrap();
    let lost = SledStore::open(dir.path(), CACHE)
        .unwrap()
        .signing_keys()
        .err()
        .unwrap();
    assert!(matches!(lost, StoreError::Damaged { .. }), "{lost}");
}

#[test]
fn a_path_that_is_no_directory_is_unusable() {
    let dir = TempDir::new();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = SledStore::open(&file, CACHE).err().unwrap();
    assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
}

#[test]
fn private_keys_do_not_print() {
    assert!(!format!("{:?}", key(0x41, 1)).contains("65"));
}

#[test]
fn keys_without_the_marker_get_it_when_the_store_is_opened() {
    let dir = TempDir::new();
    let marker = dir.path().join(IN_USE);
    let store = SledStore::open(dir.path(), CACHE).unwrap();
    assert!(!marker.exists(), "a store without keys is new");
    store.write_signing_keys(&[key(1, 1)], &[]).unwrap();
    drop(store);
    fs::remove_file(&marker).unwrap();
    drop(reopen(dir.path()));
    assert!(marker.exists());
    fs::remove_dir_all(dir.path().join(DATABASE)).unwrap();
    fs::remove_file(dir.path().join(PROGRESS)).unwrap();
    let store = reopen(dir.path());
    let lost = store.signing_keys().err().unwrap();
    assert!(matches!(lost, StoreError::Damaged { .. }), "{lost}");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every file and directory with its mode is one that others cannot open.
#[track_caller]
fn assert_private(path: &Path) {
    let expected = if path.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(mode(path), expected, "{}", path.display());
    for entry in path
        .is_dir()
        .then(|| fs::read_dir(path).unwrap())
        .into_iter()
        .flatten()
    {
        assert_private(&entry.unwrap().path());
    }
}

#[test]
fn nothing_of_a_new_store_can_be_opened_by_others() {
    let dir = TempDir::new();
    let path = dir.path().join("store");
    let store = SledStore::open(&path, CACHE).unwrap();
    store.write_signing_keys(&[key(1, 1)], &[]).unwrap();
    assert_private(&path);
}

#[test]
fn a_store_that_others_could_open_is_taken_from_them() {
    let dir = TempDir::new();
    set_mode(dir.path(), 0o755);
    SledStore::open(dir.path(), CACHE)
        .unwrap()
        .write_signing_keys(&[key(1, 1)], &[])
        .unwrap();
    for (name, to) in [
        (".", 0o770),
        (DATABASE, 0o755),
        ("sled/db", 0o644),
        ("sled/blobs", 0o755),
    ] {
        set_mode(&dir.path().join(name), to);
    }
    let _open = SledStore::open(dir.path(), CACHE).unwrap();
    assert_private(dir.path());
}

#[test]
fn a_directory_that_others_use_is_not_taken_from_them() {
    let dir = TempDir::new();
    set_mode(dir.path(), 0o755);
    fs::write(dir.path().join("letter"), "").unwrap();
    let error = SledStore::open(dir.path(), CACHE).err().unwrap();
    assert!(matches!(error, StoreError::Exposed { .. }), "{error}");
    assert_eq!(mode(dir.path()), 0o755);
    assert!(!dir.path().join(DATABASE).exists(), "nothing was written");
}
