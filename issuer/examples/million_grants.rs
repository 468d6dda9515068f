//! What a million live grants cost: `cargo xtask bench store [COUNT]`.
//!
//! Every step is a process of its own, so that its memory is its own. The store is filled, opened
//! after a clean stop, used, killed with SIGKILL, and opened again; then the same use is measured
//! on a store with nothing in it but the grants that are used.
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement measures wall time"
)]

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockgate_issuer::store::{
    GrantId, GrantStore as _, Login, Predecessor, RefreshFamily, SecretDigest, SessionId,
    SledStore, StoredGrant, Sweep as _,
};

/// The default of `store.cache_mib`.
const CACHE: u64 = 16 << 20;
const NOW: u64 = 1_800_000_000;
/// How many wait for the disk at once while the store is filled.
const FILLERS: usize = 4_096;
const SWAPS: usize = 10_000;
const SWAPPERS: usize = 32;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => all(1_000_000),
        [count] => all(count.parse()?),
        [step, directory, count] => {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(one(step, Path::new(directory), count.parse()?))
        }
        _ => Err("million_grants [COUNT]".into()),
    }
}

/// Runs the steps.
fn all(count: usize) -> Result<(), Failure> {
    let root = std::env::temp_dir().join(format!("dockgate-grants-{}", std::process::id()));
    for (name, count) in [("full", count), ("empty", SWAPS.min(count))] {
        let directory = root.join(name);
        fs::create_dir_all(&directory)?;
        println!("a store of {count} grants");
        step("fill", &directory, count, false)?;
        step("open, clean", &directory, count, false)?;
        step("swap", &directory, count, true)?;
        step("open, killed", &directory, count, false)?;
        step("wear", &directory, count, true)?;
        step("open, killed", &directory, count, false)?;
        step("sweep", &directory, count, false)?;
        step("open, clean", &directory, count, false)?;
    }
    fs::remove_dir_all(root)?;
    Ok(())
}

/// Runs one step in a process that is killed once it has said all it has to, or ends by itself.
fn step(name: &str, directory: &Path, count: usize, kill: bool) -> Result<(), Failure> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([name, &directory.display().to_string(), &count.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        if line == "done" && kill {
            child.kill()?;
        } else if line != "done" {
            println!("  {name:14} {line}");
        }
    }
    child.wait()?;
    println!("  {name:14} {} MiB on disk", mebibytes(size_of(directory)?));
    Ok(())
}

async fn one(step: &str, directory: &Path, count: usize) -> Result<(), Failure> {
    let begun = Instant::now();
    let store = Arc::new(SledStore::open(directory, CACHE)?);
    let opened = begun.elapsed();
    println!(
        "opened in {} ms, {} MiB resident",
        opened.as_millis(),
        resident()?
    );
    let begun = Instant::now();
    match step {
        "fill" => {
            fill(&store, count).await?;
            println!("{count} grants added in {} s", begun.elapsed().as_secs());
        }
        "swap" => {
            let mut times = swap(&store, count).await?;
            let all = begun.elapsed();
            times.sort();
            let at = |part: usize| times.get(times.len() * part / 1000).copied();
            println!(
                "{} swaps in {} ms: p50 {:?} p99 {:?} p99.9 {:?}",
                times.len(),
                all.as_millis(),
                at(500).unwrap_or_default(),
                at(990).unwrap_or_default(),
                at(999).unwrap_or_default(),
            );
        }
        "wear" => {
            wear(&store, count).await?;
            println!("{count} grants swapped in {} s", begun.elapsed().as_secs());
        }
        "sweep" => {
            let (mut seen, mut longest) = (0, Duration::ZERO);
            while seen < 2 * count {
                let one = Instant::now();
                let swept = store.sweep(NOW, 4_000)?;
                longest = longest.max(one.elapsed());
                seen += swept.seen.max(1);
            }
            let all = begun.elapsed();
            println!(
                "{seen} records swept in {} ms, 4000 in at most {longest:?}",
                all.as_millis()
            );
        }
        _ => {}
    }
    println!("{} MiB resident", resident()?);
    println!("done");
    if matches!(step, "swap" | "wear") {
        // Until it is killed.
        std::future::pending::<()>().await;
    }
    store.close()?;
    Ok(())
}

async fn fill(store: &Arc<SledStore>, count: usize) -> Result<(), Failure> {
    let mut tasks = Vec::new();
    for filler in 0..FILLERS {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for number in (filler..count).step_by(FILLERS) {
                store.add_grant(id(number), &grant(number, 0)).await?;
            }
            Ok::<_, Failure>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// Rotates tokens all over the store, and gives how long each took.
async fn swap(store: &Arc<SledStore>, count: usize) -> Result<Vec<Duration>, Failure> {
    let mut tasks = Vec::new();
    for swapper in 0..SWAPPERS {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for turn in (swapper..SWAPS).step_by(SWAPPERS) {
                let number = turn * (count / SWAPS).max(1) % count;
                let old = store.grant(id(number), NOW).await?;
                let old = old.ok_or("a grant is missing")?;
                let new = grant(number, 1);
                let begun = Instant::now();
                store.swap_grant(id(number), &old, &new).await?;
                times.push(begun.elapsed());
            }
            Ok::<_, Failure>(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    Ok(times)
}

/// Rotates every token, so that all of the log is newer than the last start.
async fn wear(store: &Arc<SledStore>, count: usize) -> Result<(), Failure> {
    let mut tasks = Vec::new();
    for filler in 0..FILLERS {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for number in (filler..count).step_by(FILLERS) {
                let old = store.grant(id(number), NOW).await?;
                let old = old.ok_or("a grant is missing")?;
                let new = grant(number, 2);
                store.swap_grant(id(number), &old, &new).await?;
            }
            Ok::<_, Failure>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

fn digest(number: usize, step: u32) -> SecretDigest {
    SecretDigest::of(format!("{number} {step}").as_bytes())
}

fn id(number: usize) -> GrantId {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest(number, u32::MAX).as_bytes()) {
        *to = *from;
    }
    GrantId::from_bytes(bytes)
}

/// One grant of one of 100 000 users to a browser application.
fn grant(number: usize, step: u32) -> StoredGrant {
    let predecessor = step.checked_sub(1).map(|last| Predecessor {
        token: digest(number, last),
        rotated_at: NOW,
        sealed_successor: vec![0x5a; 32 + 28],
    });
    StoredGrant {
        expires_at: NOW + 30 * 86_400,
        client_id: "spa".parse().unwrap_or_else(|_| std::process::abort()),
        subject: format!("9f86d081884c7d65{:08}", number % 100_000),
        scope: "openid profile email offline_access api:read api:write"
            .parse()
            .unwrap_or_default(),
        audience: "api-gateway".to_owned(),
        resources: vec!["https://api.example.com/mcp".to_owned()],
        login: Login {
            at: NOW,
            methods: vec!["pwd".to_owned()],
        },
        session: Some(SessionId::from_bytes(*id(number).as_bytes())),
        granted_at: NOW,
        refresh: Some(RefreshFamily {
            tag_key: *id(number).as_bytes(),
            current: digest(number, step),
            ends_at: NOW + 30 * 86_400,
            predecessor,
            retired: Vec::new(),
        }),
    }
}

fn size_of(path: &Path) -> Result<u64, Failure> {
    let mut size = 0;
    for entry in fs::read_dir(path)? {
        let path: PathBuf = entry?.path();
        size += if path.is_dir() {
            size_of(&path)?
        } else {
            fs::metadata(&path)?.len()
        };
    }
    Ok(size)
}

fn resident() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    Ok(mebibytes(
        kibibytes.ok_or("no VmRSS")?.parse::<u64>()? << 10,
    ))
}

fn mebibytes(bytes: u64) -> u64 {
    bytes >> 20
}
