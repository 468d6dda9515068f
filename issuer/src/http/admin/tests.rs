//! The admin socket, with a real one.

mod clients;
mod contract;
mod document;
mod revoking;
mod signing_keys;
mod slow;
mod users;

use std::fs;
use std::io::{Read as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;

use dockgate_token::Algorithm;
use tokio::sync::oneshot;

use super::*;
use crate::store::StoreError;
use crate::store::backup::{self, BackupError, Record};
use crate::temp_dir::TempDir;

/// As many records, then an error if there is to be one.
struct Rows(u32, bool);

impl Export for Rows {
    fn export(&self, to: &mut dyn Write) -> Result<u64, BackupError> {
        let records = (0..self.0).map(|number| {
            Ok(Record {
                tree: "grants".to_owned(),
                key: number.to_be_bytes().to_vec(),
                value: vec![7; 300],
            })
        });
        let failure = self.1.then(|| {
            Err(StoreError::Failed {
                detail: "a hole".to_owned(),
            })
        });
        backup::write(records.chain(failure), to)
    }
}

/// Those that an issuer has keys of.
const ALL: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Asks a listener in `directory` for something, and gives the whole answer.
fn ask(directory: &Path, head: &str) -> Vec<u8> {
    let mut stream = at_socket(directory, BlockingStream::connect).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

async fn answer(directory: &Path, store: Rows, head: &'static str) -> Vec<u8> {
    let listener = AdminListener::bind(directory).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let kept = TempDir::new();
    let admin = Admin {
        export: Arc::new(store),
        ..signing_keys::admin_with(kept.path(), ALL)
    };
    let serving = tokio::spawn(listener.serve(router(admin), async {
        stopped.await.ok();
    }));
    let asked = directory.to_owned();
    let answer = tokio::task::spawn_blocking(move || ask(&asked, head)).await;
    drop(stop);
    serving.await.unwrap();
    assert!(
        !directory.join(SOCKET).exists(),
        "it goes with its listener"
    );
    answer.unwrap()
}

fn body(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    &answer[end.unwrap() + 4..]
}

const ASK: &str = "POST /backup HTTP/1.0\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_whole_over_the_socket() {
    let dir = TempDir::new();
    let answer = answer(dir.path(), Rows(5_000, false), ASK).await;
    assert!(answer.starts_with(b"HTTP/1.0 200 OK\r\n"));
    assert_eq!(backup::verify(body(&answer)).unwrap(), 5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_fails_half_way_is_seen_to_be_none() {
    let dir = TempDir::new();
    let answer = answer(dir.path(), Rows(5_000, true), ASK).await;
    assert!(backup::verify(body(&answer)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_not_made_by_looking() {
    let dir = TempDir::new();
    let answer = answer(dir.path(), Rows(1, false), "GET /backup HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.0 405 "));
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_and_replaces_that_of_a_killed_process() {
    let dir = TempDir::new();
    fs::write(dir.path().join(SOCKET), "stale").unwrap();
    let _listener = AdminListener::bind(dir.path()).unwrap();
    let mode = fs::metadata(dir.path().join(SOCKET)).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_may_have_a_longer_path_than_an_address_has_room_for() {
    let dir = TempDir::new();
    let deep = dir.path().join("d".repeat(150));
    fs::create_dir(&deep).unwrap();
    let answer = answer(&deep, Rows(1, false), ASK).await;
    assert_eq!(backup::verify(body(&answer)).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_is_answered_with_what_it_changed() {
    let dir = TempDir::new();
    let answer = answer(dir.path(), Rows(1, false), "POST /reload HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.0 200 OK\r\n"));
    let reload: Reload = serde_json::from_slice(body(&answer)).unwrap();
    assert!(reload.reloaded && reload.problems.is_empty());
    assert_eq!(reload.changes, Some(crate::reload::Changes::default()));
}
