//! Which core runs what: on few cores the client and the server would push each other about.

use serde::Serialize;

use crate::failure::Outcome;

/// One core for the server under test and another for the client.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Cores {
    pub(super) server: usize,
    pub(super) client: usize,
}

/// Keeps this program, and what it starts from now on, on the client's core; `None` where there
/// are no two cores to choose from.
pub(super) fn pin() -> Outcome<Option<Cores>> {
    let allowed = allowed();
    let cores = match (allowed.first(), allowed.last()) {
        (Some(client), Some(server)) if client != server => Cores {
            server: *server,
            client: *client,
        },
        _ => return Ok(None),
    };
    restrict(cores.client)?;
    Ok(Some(cores))
}

/// Runs `start`, whose child processes are kept on the server's core from their beginning: a
/// program that asks how many cores it has must hear the truth.
pub(super) fn on_server_core<T>(
    cores: Option<Cores>,
    start: impl FnOnce() -> Outcome<T>,
) -> Outcome<T> {
    let Some(cores) = cores else {
        return start();
    };
    restrict(cores.server)?;
    let started = start();
    restrict(cores.client)?;
    started
}

#[cfg(target_os = "linux")]
fn allowed() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU)
        .filter(|core| set.is_set(*core))
        .collect()
}

/// Every thread of this program, the one that starts processes among them.
#[cfg(target_os = "linux")]
fn restrict(core: usize) -> Outcome {
    use rustix::thread::{CpuSet, Pid, sched_setaffinity};
    let mut set = CpuSet::new();
    set.set(core);
    for thread in std::fs::read_dir("/proc/self/task")? {
        let id = thread?.file_name().to_string_lossy().parse().ok();
        if let Some(id) = id.and_then(Pid::from_raw) {
            // A thread may have ended since it was listed.
            let _ = sched_setaffinity(Some(id), &set);
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn allowed() -> Vec<usize> {
    Vec::new()
}

#[cfg(not(target_os = "linux"))]
fn restrict(_core: usize) -> Outcome {
    Ok(())
}
