//! What the keys promise while a configuration is replaced.

use std::path::Path;

use super::*;
use crate::http::tests::{DEMO, demo_app_in, running};
use crate::temp_dir::TempDir;

/// Keys that keep to `old`.
fn keys_by(directory: &Path, old: &Schedule) -> Arc<SigningKeys> {
    let app = demo_app_in(directory, "http://localhost:8080");
    let (_, keys) = running(app, []);
    keys.change(|keeper, now| keeper.reschedule(old.clone(), now))
        .unwrap();
    keys
}

fn by(longest_token: u64, cached_for: u64) -> Schedule {
    let config = config::parse(Path::new("issuer.toml"), DEMO, []).unwrap();
    Schedule {
        longest_token,
        cached_for,
        ..config.keys.settings(&config.server).schedule
    }
}

#[test]
fn until_it_is_known_what_counts_the_keys_keep_to_both() {
    let (old, new) = (by(3600, 60), by(300, 600));
    for is_taken in [true, false] {
        let directory = TempDir::new();
        let keys = keys_by(directory.path(), &old);
        let schedules = Schedules {
            old: old.clone(),
            new: new.clone(),
        };
        let replaced = with_schedule(&keys, schedules, || {
            assert_eq!(keys.schedule().0, by(3600, 600));
            let changes = Changes::default();
            let warnings = Vec::new();
            match is_taken {
                true => Ok(Reloaded { changes, warnings }),
                false => Err(NotReloaded::Config(ConfigError::whole(
                    Path::new("issuer.toml"),
                    "it is no good".to_owned(),
                    "Write another",
                ))),
            }
        });
        assert_eq!(replaced.is_ok(), is_taken);
        let counts = if is_taken { &new } else { &old };
        assert_eq!(keys.schedule().0, *counts, "taken: {is_taken}");
    }
}
