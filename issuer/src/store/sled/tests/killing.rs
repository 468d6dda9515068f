//! A process that is killed with SIGKILL undoes nothing of what it acknowledged, and what it leaves
//! opens again.

use std::collections::HashMap;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::super::super::{GrantId, GrantStore as _, OnceStore as _, Swap};
use super::super::SledStore;
use super::records::{END, NOW, digest, grant, id, rotated};
use super::reopen;
use crate::entropy::system_entropy;
use crate::temp_dir::TempDir;

const KILLS: usize = 50;
const WRITERS: u8 = 32;
/// Tells the process to be killed where its store is.
const DIRECTORY: &str = "DOCKGATE_TEST_STORE";
const WRITER: &str = "store::sled::tests::killing::write_until_killed";

/// What has been acknowledged, by writer: the last step.
type Acknowledged = HashMap<u8, u32>;

#[test]
fn nothing_acknowledged_is_undone_by_a_kill() {
    let dir = TempDir::new();
    let mut acknowledged = Acknowledged::new();
    for kill in 0..KILLS {
        write_and_kill(&dir, &mut acknowledged);
        let store = reopen(dir.path());
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.build().unwrap();
        runtime.block_on(check(&store, &acknowledged, kill));
    }
    let steps: u32 = acknowledged.values().sum();
    assert!(steps as usize > KILLS * 30, "only {steps} steps");
}

/// Starts a process that writes, and kills it after a random number of steps.
fn write_and_kill(dir: &TempDir, acknowledged: &mut Acknowledged) {
    let mut random = [0; 2];
    system_entropy(&mut random).unwrap();
    let steps = usize::from(u16::from_be_bytes(random) % 250);
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", WRITER, "--ignored", "--nocapture"])
        .env(DIRECTORY, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let mut seen = 0;
    for line in BufReader::new(output).lines() {
        // Beside the steps there is what the test harness says.
        let line = line.unwrap();
        let Some((writer, step)) = line.strip_prefix("step ").and_then(|s| s.split_once(' '))
        else {
            continue;
        };
        let (writer, Ok(step)) = (writer.parse().unwrap(), step.parse::<u32>()) else {
            continue;
        };
        let last = acknowledged.entry(writer).or_default();
        *last = step.max(*last);
        seen += 1;
        if seen == steps + 1 {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "it was not killed");
    assert!(seen > steps, "it ended by itself after {seen} steps");
}

async fn check(store: &SledStore, acknowledged: &Acknowledged, kill: usize) {
    for (&writer, &step) in acknowledged {
        let found = step_of(store, writer).await;
        assert!(
            found >= step,
            "kill {kill}: {writer} is at {found}, not {step}"
        );
        let name = digest(name_of(writer, step));
        let is_new = store.use_once(name, END, NOW).await.unwrap();
        assert!(!is_new, "kill {kill}: {writer} forgot the name of {step}");
        let removed = store.grant(passing(writer, step), NOW).await.unwrap();
        assert_eq!(removed, None, "kill {kill}: {writer} removed it in {step}");
    }
}

/// Not a test: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "runs as a process of its own"]
async fn write_until_killed() {
    let Some(directory) = env::var_os(DIRECTORY) else {
        return;
    };
    let store = Arc::new(reopen(directory.as_ref()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), writer)))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Each step uses a name up, adds and removes a grant, and rotates a token.
async fn write(store: Arc<SledStore>, writer: u8) {
    if store.grant(id(writer), NOW).await.unwrap().is_none() {
        store.add_grant(id(writer), &rotated(0)).await.unwrap();
    }
    let first = step_of(&store, writer).await;
    for step in first + 1.. {
        let name = digest(name_of(writer, step));
        // After a kill the name of the step that was lost may be used.
        store.use_once(name, END, NOW).await.unwrap();
        let passing = passing(writer, step);
        store.add_grant(passing, &grant("bob")).await.unwrap();
        store.remove_grant(passing).await.unwrap();
        let swapped = store
            .swap_grant(id(writer), &rotated(step - 1), &rotated(step))
            .await;
        assert_eq!(swapped.unwrap(), Swap::Done);
        let line = format!("step {writer} {step}\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

async fn step_of(store: &SledStore, writer: u8) -> u32 {
    let grant = store.grant(id(writer), NOW).await.unwrap().unwrap();
    let current = grant.refresh.unwrap().current;
    (0..).find(|step| digest(*step) == current).unwrap()
}

fn name_of(writer: u8, step: u32) -> u32 {
    u32::from(writer) << 24 | step
}

/// The grant that is there for one step only.
fn passing(writer: u8, step: u32) -> GrantId {
    let digest = digest(name_of(writer, step));
    GrantId::from_bytes(*digest.as_bytes().first_chunk().unwrap())
}
