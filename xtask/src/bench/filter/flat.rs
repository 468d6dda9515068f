//! Memory over very many distinct tokens: it must not grow with them.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::contender::PATH;
use super::envoy::{Behind, Home};
use super::load::Client;
use super::requests::{Requests, Tokens};
use super::setup::Setup;
use super::tokens::{GOOD, Mint};
use crate::bench::algorithm::Algorithm;
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Signed and sent at a time.
const BATCH: u64 = 50_000;
/// Longer than a batch takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Memory after so many tokens.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Flat {
    pub(super) samples: Vec<Sample>,
}

/// One look at it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sample {
    pub(super) tokens: u64,
    pub(super) rss_mib: f64,
}

impl Flat {
    /// From the first batch, which fills every cache, to the end.
    pub(super) fn growth_mib(&self) -> f64 {
        let rss = |sample: Option<&Sample>| sample.map_or(0.0, |sample| sample.rss_mib);
        rss(self.samples.last()) - rss(self.samples.first())
    }
}

/// Sends `count` good ES256 tokens, each once.
pub(super) fn measure(
    context: &Context,
    home: &Home,
    mint: &mut Mint,
    count: u64,
) -> Outcome<Flat> {
    let envoy = home.start(context, "flat", Setup::Ours, Behind::Nothing)?;
    let port = envoy.origin.port;
    let mut client = Client::open(port)?;
    let mut samples = Vec::new();
    let mut tokens = 0;
    let mut pool = mint.fresh(Algorithm::ES256, BATCH.min(count) as usize, GOOD)?;
    while !pool.is_empty() {
        let ahead = BATCH.min(count.saturating_sub(tokens + pool.len() as u64));
        let mut requests = Requests::new(port, PATH, Tokens::Once(Arc::new(pool)));
        // The next ones are signed meanwhile: no times are measured here.
        let (stretch, next) = std::thread::scope(|scope| {
            let next = scope.spawn(|| mint.fresh(Algorithm::ES256, ahead as usize, GOOD));
            let stretch = client.run(context, envoy.pid(), &mut requests, 200, PATIENCE);
            (stretch, next.join())
        });
        pool = next.map_err(|_| Failure::new("signing panicked"))??;
        tokens += stretch?.requests() as u64;
        let rss_mib = envoy.resident_mib()?;
        context.say(&format!("{tokens:>10} tokens: RSS {rss_mib:.1} MiB"));
        samples.push(Sample { tokens, rss_mib });
    }
    Ok(Flat { samples })
}
