//! What one flush costs on the disk that the store is on.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use dockgate_stack::{Deadline, now};
use serde::Serialize;

use crate::bench::statistics::percentile;
use crate::failure::Outcome;

/// Enough for a 99th percentile.
const SAMPLES: usize = 500;
const LIMIT: Duration = Duration::from_secs(5);

/// Latencies of appending 4 KiB and `fsync`, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Disk {
    pub(super) fsync_p50_ms: f64,
    pub(super) fsync_p99_ms: f64,
    pub(super) samples: usize,
}

/// Measures in `dir`.
pub(super) fn measure(dir: &Path) -> Outcome<Disk> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join("fsync-probe");
    let mut file = std::fs::File::create(&path)?;
    let deadline = Deadline::after(LIMIT);
    let mut latencies = Vec::with_capacity(SAMPLES);
    while latencies.len() < SAMPLES && !deadline.passed() {
        let begun = now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_all()?;
        latencies.push(1e3 * now().duration_since(begun).as_secs_f64());
    }
    std::fs::remove_file(path)?;
    Ok(Disk {
        samples: latencies.len(),
        fsync_p50_ms: percentile(&mut latencies, 0.5),
        fsync_p99_ms: percentile(&mut latencies, 0.99),
    })
}
