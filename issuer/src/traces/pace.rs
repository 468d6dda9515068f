//! How many spans wait, and how long for what.

use std::time::Duration;

/// Bounds of number and time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Spans that wait for the collector; further ones are dropped. 2048, as in OpenTelemetry's own
    /// batch processors: about 1 MiB.
    pub queue: usize,
    /// Spans in one call: 512, as there.
    pub batch: usize,
    /// How long a span waits for company.
    pub interval: Duration,
    /// How long a call may take: 10 s, as OTLP has it.
    pub timeout: Duration,
    /// How long after a failed call the next one is; each failure doubles it.
    pub first_pause: Duration,
    /// The most that it becomes.
    pub longest_pause: Duration,
    /// How often spans are sent before they are given up.
    pub attempts: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            queue: 2048,
            batch: 512,
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            attempts: 5,
        }
    }
}
