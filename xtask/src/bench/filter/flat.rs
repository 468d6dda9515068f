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
use crate::failure::Outcome;

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
    while tokens < count {
        let batch = BATCH.min(count - tokens);
        let pool = mint.fresh(Algorithm::ES256, batch as usize, GOOD)?;
        let mut requests = Requests::new(port, PATH, Tokens::Once(Arc::new(pool)));
        let stretch = client.run(context, envoy.pid(), &mut requests, 200, PATIENCE)?;
        tokens += stretch.requests() as u64;
        let rss_mib = envoy.resident_mib()?;
        context.say(&format!("{tokens:>10} tokens: RSS {rss_mib:.1} MiB"));
        samples.push(Sample { tokens, rss_mib });
    }
    Ok(Flat { samples })
}
