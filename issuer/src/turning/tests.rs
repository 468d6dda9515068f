//! What requests are answered with, where showing it fails.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::entropy::system_entropy;
use crate::keys::Old;
use crate::keys::tests::{MemoryKeys, settings};

fn wall() -> u64 {
    1_800_000_000
}

fn uptime() -> Duration {
    Duration::ZERO
}

#[test]
fn keys_that_could_not_be_shown_are_shown_by_the_next_look() {
    let now = Moment {
        wall: wall(),
        uptime: uptime(),
    };
    let mut settings = settings([]);
    settings.schedule.algorithms = BTreeSet::from([Algorithm::ES256]);
    let keeper = Keeper::open(MemoryKeys::default(), settings, system_entropy, now).unwrap();
    let fails = Arc::new(AtomicBool::new(true));
    let shown = Arc::new(Mutex::new(keeper.keyring().jwks()));
    let show = {
        let (fails, shown) = (fails.clone(), shown.clone());
        move |keys: Keyring| {
            if fails.load(Ordering::Relaxed) {
                return Err(NotReplaced::OtherIssuer);
            }
            *shown.lock().unwrap() = keys.jwks();
            Ok(())
        }
    };
    let turning = Turning::showing(keeper, Box::new(show), wall, uptime);
    let before = shown.lock().unwrap().clone();
    let rotate = |old| turning.change(|keeper, now| keeper.rotate(None, old, now));
    let failed = rotate(Old::Revoke).unwrap_err();
    assert!(matches!(failed, KeyError::NotShown(_)), "{failed}");
    assert!(failed.to_string().contains("are on disk"), "{failed}");
    assert!(turning.change(Keeper::tick).is_err(), "it fails again");
    assert_eq!(*shown.lock().unwrap(), before);
    fails.store(false, Ordering::Relaxed);
    turning.change(Keeper::tick).unwrap();
    let on_disk = |keeper: &mut Keeper<MemoryKeys>, _| Ok(keeper.keyring().jwks());
    let after = turning.change(on_disk).unwrap();
    assert_ne!(after, before);
    assert_eq!(*shown.lock().unwrap(), after);
}
