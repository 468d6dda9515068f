//! What a stretch of load is made of.

use super::usage;
use crate::failure::Outcome;

/// What was measured in one stretch of load.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    pub(super) seconds: f64,
    /// Of the server.
    pub(super) cpu_seconds: f64,
    /// Of this program: the server waits for it when it is busy all the time.
    pub(super) client_cpu_seconds: f64,
    /// Of everything on the machine, these two among it.
    pub(super) machine_cpu_seconds: f64,
    /// Of each request, in microseconds.
    pub(super) latencies: Vec<u32>,
    /// Signatures in the answers, where they were counted.
    pub(super) signatures: u32,
}

impl Stretch {
    pub(super) fn requests(&self) -> f64 {
        self.latencies.len() as f64
    }

    /// Adds a stretch that came later.
    pub(super) fn append(&mut self, mut later: Self) {
        self.seconds += later.seconds;
        self.cpu_seconds += later.cpu_seconds;
        self.client_cpu_seconds += later.client_cpu_seconds;
        self.machine_cpu_seconds += later.machine_cpu_seconds;
        self.latencies.append(&mut later.latencies);
        self.signatures += later.signatures;
    }
}

/// CPU time used up to a moment, in seconds.
pub(super) struct Cpu {
    server: f64,
    client: f64,
    machine: f64,
}

impl Cpu {
    pub(super) fn read(server: u32) -> Outcome<Self> {
        Ok(Self {
            server: usage::cpu_seconds(server)?,
            client: usage::cpu_seconds(std::process::id())?,
            machine: usage::machine_cpu_seconds()?,
        })
    }

    /// What was used from this moment to a later one.
    pub(super) fn until(&self, later: &Self, seconds: f64) -> Stretch {
        Stretch {
            seconds,
            cpu_seconds: later.server - self.server,
            client_cpu_seconds: later.client - self.client,
            machine_cpu_seconds: later.machine - self.machine,
            ..Stretch::default()
        }
    }
}
