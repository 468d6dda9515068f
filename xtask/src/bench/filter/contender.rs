//! One Envoy in one case.

use std::time::Duration;

use super::case::{Case, ROTATION};
use super::envoy::{Behind, Envoy, Home};
use super::figures::Figures;
use super::load::Client;
use super::requests::{Requests, Tokens};
use super::setup::Setup;
use super::tokens::{EXPIRED, GOOD, Mint};
use crate::bench::algorithm::Algorithm;
use crate::bench::stretch::Stretch;
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// What is asked for: needs the scope `api:read`.
pub(super) const PATH: &str = "/api/protected/data";

/// One Envoy in one case.
pub(super) struct Contender {
    status: u16,
    envoy: Envoy,
    client: Client,
    requests: Requests,
    rounds: Vec<Stretch>,
}

impl Contender {
    pub(super) fn start(
        context: &Context,
        home: &Home,
        case: Case,
        setup: Setup,
        tokens: Tokens,
    ) -> Outcome<Self> {
        let envoy = home.start(context, case.name(), setup, Behind::Nothing)?;
        let port = envoy.origin.port;
        let tokens = match tokens {
            // To whoever does not look at them all tokens are the same, and it is the fastest.
            Tokens::Once(pool) if setup == Setup::NoFilter => {
                let length = pool.len();
                Tokens::Rotation(pool, length)
            }
            tokens => tokens,
        };
        Ok(Self {
            status: case.status(setup),
            client: Client::open(port)?,
            requests: Requests::new(port, PATH, tokens),
            envoy,
            rounds: Vec::new(),
        })
    }

    /// Load that is not counted.
    pub(super) fn warm_up(&mut self, context: &Context, duration: Duration) -> Outcome {
        self.stretch(context, duration).map(drop)
    }

    /// Load that is counted.
    pub(super) fn round(&mut self, context: &Context, duration: Duration) -> Outcome {
        let round = self.stretch(context, duration)?;
        if round.seconds < 0.5 * duration.as_secs_f64() {
            return Err(Failure::new("too few tokens were signed for this machine"));
        }
        self.rounds.push(round);
        Ok(())
    }

    pub(super) fn figures(&self) -> Outcome<Figures> {
        Ok(Figures::of(&self.rounds, self.envoy.resident_mib()?))
    }

    fn stretch(&mut self, context: &Context, duration: Duration) -> Outcome<Stretch> {
        let pid = self.envoy.pid();
        let stretch = self
            .client
            .run(context, pid, &mut self.requests, self.status, duration);
        stretch.map_err(|failure| {
            let log = self.envoy.last_lines();
            Failure::new(format!("{failure}\nEnvoy's log ends:\n{log}"))
        })
    }
}

/// The tokens of one case, enough for so many seconds of the fastest Envoy.
pub(super) fn tokens(mint: &mut Mint, case: Case, seconds: f64) -> Outcome<Tokens> {
    let mut enough = |algorithm| {
        // Half as much again as was ever seen.
        let per_second = match algorithm {
            Algorithm::RS256 => 22_000.0,
            Algorithm::ES256 | Algorithm::EdDSA => 15_000.0,
        };
        mint.pool(algorithm, (per_second * seconds) as usize, GOOD)
    };
    Ok(match case {
        Case::New(algorithm) => Tokens::Once(enough(algorithm)?),
        Case::BadSignature(algorithm) => Tokens::Spoiled(enough(algorithm)?),
        Case::Rotation => Tokens::Rotation(mint.pool(Algorithm::RS256, ROTATION, GOOD)?, ROTATION),
        Case::Expired => {
            Tokens::Rotation(mint.pool(Algorithm::RS256, ROTATION, EXPIRED)?, ROTATION)
        }
        Case::Garbage => Tokens::Same("garbage"),
        Case::NoToken => Tokens::None,
    })
}
