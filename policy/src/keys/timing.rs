//! How long until the next fetch of a JWKS.
//!
//! Randomness comes in as an argument: many Envoys that began together must not ask together.

use crate::config::RemoteJwks;

/// How long a good answer is used, in seconds: as long as its `Cache-Control` says, within the
/// bounds of the configuration and without it the upper one; up to a tenth of it less, by chance, or
/// at the lower bound up to a tenth more. Where both bounds are one there is no chance.
pub(super) fn refresh_pause(source: &RemoteJwks, lifetime: Option<u64>, random: u64) -> u64 {
    let (min, max) = (source.min_refresh_seconds, source.refresh_seconds);
    let pause = lifetime.map_or(max, |seconds| seconds.min(max)).max(min);
    let chance = random % (pause / 10 + 1);
    let earlier = pause - chance;
    if earlier >= min {
        earlier
    } else {
        min.saturating_add(chance).min(max)
    }
}

/// How long to wait after failure number `failures`, from 1: 1, 2, 4, … seconds, never longer than
/// half a minute or the refresh period; up to half of it less, by chance.
pub(super) fn failure_pause(source: &RemoteJwks, failures: u32, random: u64) -> u64 {
    let doubled = 1u64
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u64::MAX);
    let pause = doubled.min(MAX_PAUSE_SECONDS).min(source.refresh_seconds);
    pause - random % (pause / 2 + 1).min(pause)
}

/// Longer would make the end of an outage an outage of its own.
pub(super) const MAX_PAUSE_SECONDS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::tests::remote;

    #[test]
    fn the_issuer_chooses_within_the_bounds() {
        let source = remote(json_bounds(60, 300));
        for (lifetime, expected) in [
            (None, 300),
            (Some(0), 60),
            (Some(59), 60),
            (Some(120), 120),
            (Some(u64::MAX), 300),
        ] {
            assert_eq!(refresh_pause(&source, lifetime, 0), expected);
        }
    }

    #[test]
    fn chance_shortens_by_a_tenth_and_at_the_minimum_lengthens() {
        for (bounds, lifetime, expected) in [
            ((60, 300), None, (270, 300)),
            ((60, 300), Some(0), (60, 66)),
            ((60, 300), Some(62), (60, 66)),
            ((60, 60), None, (60, 60)),
            ((60, 63), None, (60, 63)),
        ] {
            let source = remote(json_bounds(bounds.0, bounds.1));
            let pauses = (0..1000).map(|random| refresh_pause(&source, lifetime, random));
            let seen = (pauses.clone().min().unwrap(), pauses.max().unwrap());
            assert_eq!(seen, expected, "{bounds:?} {lifetime:?}");
        }
        let source = remote(json_bounds(60, 300));
        assert!(refresh_pause(&source, None, u64::MAX) >= 270);
    }

    #[test]
    fn failures_back_off_up_to_half_a_minute() {
        let source = remote(json_bounds(60, 300));
        let longest: Vec<u64> = (1..=8).map(|n| failure_pause(&source, n, 0)).collect();
        assert_eq!(longest, [1, 2, 4, 8, 16, 30, 30, 30]);
        for failures in [1, 2, 6, 40, 200, u32::MAX] {
            for random in 0..100 {
                let pause = failure_pause(&source, failures, random);
                let full = failure_pause(&source, failures, 0);
                assert!(pause >= 1 && pause * 2 >= full && pause <= full);
            }
        }
    }

    fn json_bounds(min: u64, max: u64) -> serde_json::Value {
        serde_json::json!({"min_refresh_seconds": min, "refresh_seconds": max})
    }
}
