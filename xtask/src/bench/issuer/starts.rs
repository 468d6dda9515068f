//! How long a start takes, and what a server needs that nobody asks anything.

use std::time::Duration;

use dockgate_stack::Deadline;
use serde::Serialize;

use super::server::{Home, Program};
use crate::bench::affinity::Cores;
use crate::bench::algorithm::{Algorithm, Format};
use crate::bench::statistics::median;
use crate::context::Context;
use crate::failure::Outcome;

/// Starts with keys that are there already.
const RESTARTS: usize = 5;
/// What has to be done after a start is done by then.
const SETTLE: Duration = Duration::from_secs(1);

/// One server's figures.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Starts {
    /// The first start, which makes the keys: an RSA key takes as long as chance will have it.
    pub(super) first_ms: f64,
    /// Later ones; the median.
    pub(super) start_ms: f64,
    /// After the last of them.
    pub(super) idle_rss_mib: f64,
}

/// Starts a server several times.
pub(super) fn measure(
    context: &Context,
    program: &Program,
    cores: Option<Cores>,
) -> Outcome<Starts> {
    let home = Home::new(program, Format::Jwt(Algorithm::RS256), "start", cores)?;
    let first_ms = home.start(context)?.start_ms;
    let mut later = Vec::with_capacity(RESTARTS);
    let mut idle_rss_mib = 0.0;
    for _ in 0..RESTARTS {
        let server = home.start(context)?;
        later.push(server.start_ms);
        Deadline::after(SETTLE).poll(|| context.stop.is_raised().then_some(()));
        idle_rss_mib = server.resident_mib()?;
    }
    Ok(Starts {
        first_ms,
        start_ms: median(later),
        idle_rss_mib,
    })
}
