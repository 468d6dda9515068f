//! How many access tokens one core signs in a second, with each algorithm:
//! `cargo xtask bench signing`.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time, and its tokens need no particular time"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use dockgate_issuer::entropy::system_entropy;
use dockgate_issuer::keys::lifecycle::Schedule;
use dockgate_issuer::keys::{Keeper, KeySettings, Moment, Protection, TokenKind};
use dockgate_issuer::store::SledStore;
use dockgate_token::{AccessTokenClaims, Algorithm, Audience};

/// Long enough to even out the scheduler, short enough to be run on a whim.
const RUN: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("dockgate-signing-{}", std::process::id()));
    let store = SledStore::open(&path, 1 << 20)?;
    let algorithms = [
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::EdDSA,
    ];
    let settings = KeySettings {
        schedule: Schedule {
            algorithms: algorithms.into(),
            rotation: None,
            cached_for: 300,
            publish_margin: 120,
            clock_skew: 300,
            longest_token: 600,
        },
        protection: Protection::Clear,
    };
    let now = Moment {
        wall: 0,
        uptime: Duration::ZERO,
    };
    let keys = Keeper::open(store, settings, system_entropy, now)?.keyring();
    println!("{:10} {:>14} {:>12}", "algorithm", "tokens/s", "µs/token");
    for algorithm in algorithms {
        let mut signed = 0u32;
        let begun = Instant::now();
        while begun.elapsed() < RUN {
            for _ in 0..100 {
                std::hint::black_box(keys.sign(TokenKind::AccessToken, algorithm, &claims()?)?);
            }
            signed += 100;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let (rate, cost) = (
            f64::from(signed) / seconds,
            1e6 * seconds / f64::from(signed),
        );
        println!("{:10} {rate:>14.0} {cost:>12.1}", algorithm.as_str());
    }
    std::fs::remove_dir_all(path)?;
    Ok(())
}

fn claims() -> Result<AccessTokenClaims, Box<dyn Error>> {
    Ok(AccessTokenClaims {
        iss: "https://issuer.example".parse()?,
        sub: "service".to_owned(),
        aud: Audience::One("api-gateway".to_owned()),
        exp: 1_800_000_600,
        iat: 1_800_000_000,
        jti: "W1vy-DpLW5JWeXkYVMB89A".to_owned(),
        client_id: "service".parse()?,
        scope: "api:read api:write".parse()?,
        grant_id: None,
        auth_time: None,
        amr: vec![],
        act: None,
    })
}
