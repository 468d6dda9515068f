//! Keys of a store in memory, through starts, steps and commands.

use std::sync::atomic::{AtomicUsize, Ordering};

use dockgate_token::CompactJws;

use super::*;
use crate::entropy::system_entropy;
use crate::keys::signing_key::generate;
use crate::keys::tests::{MemoryKeys, settings};
use crate::keys::{KeyEncryptionSecret, TokenKind};
use crate::store::{KeyLife, KeyMaterial, StoreError, StoredSigningKey};

const WALL: u64 = 1_800_000_000;
/// How long a key is published in `settings`.
const AHEAD: u64 = 400;

/// Both clocks, `seconds` after the beginning.
fn at(seconds: u64) -> Moment {
    Moment {
        wall: WALL + seconds,
        uptime: Duration::from_secs(seconds),
    }
}

/// ES256 alone, for which keys are made quickly.
fn quick() -> KeySettings {
    let mut settings = settings([]);
    settings.schedule.algorithms = BTreeSet::from([Algorithm::ES256]);
    settings
}

fn start(store: &MemoryKeys, now: Moment) -> Keeper<MemoryKeys> {
    with(store, quick(), now).unwrap()
}

fn with(
    store: &MemoryKeys,
    settings: KeySettings,
    now: Moment,
) -> Result<Keeper<MemoryKeys>, KeyError> {
    Keeper::open(store.clone(), settings, system_entropy, now)
}

fn states<S: SigningKeyStore>(keeper: &Keeper<S>, now: Moment) -> Vec<KeyState> {
    let listed = keeper.list(now).into_iter();
    listed.map(|status| status.state).collect()
}

/// The name of the key that signs.
fn signer(keyring: &Keyring) -> String {
    let token = keyring
        .sign(TokenKind::AccessToken, Algorithm::ES256, &"claims")
        .unwrap();
    let token = CompactJws::parse(token.as_bytes()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&token.header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn secret(text: &str) -> KeyEncryptionSecret {
    KeyEncryptionSecret::new(text.to_owned())
}

fn sealed_under(current: &str, previous: Option<&str>) -> KeySettings {
    KeySettings {
        protection: Protection::Sealed {
            current: secret(current),
            previous: previous.map(secret),
        },
        ..quick()
    }
}

fn imported() -> Imported {
    Imported {
        algorithm: Algorithm::ES256,
        kid: None,
        private_key: generate(Algorithm::ES256).unwrap(),
    }
}

use KeyState::{Active, Published, Retired};

#[test]
fn the_first_start_publishes_a_key_and_signs_with_it() {
    let keeper = start(&MemoryKeys::default(), at(0));
    assert_eq!(states(&keeper, at(0)), [Active]);
    let keyring = keeper.keyring();
    let published: Vec<_> = keyring.public_keys().collect();
    assert_eq!(published[0].kid.as_str(), signer(&keyring));
}

#[test]
fn a_key_goes_through_its_whole_life_on_schedule() {
    let store = MemoryKeys::default();
    let mut keeper = start(&store, at(0));
    let first = signer(&keeper.keyring());
    let mut expect = |seconds, expected: &[KeyState]| {
        keeper.tick(at(seconds)).unwrap();
        assert_eq!(states(&keeper, at(seconds)), expected, "{seconds}");
        signer(&keeper.keyring())
    };
    assert_eq!(expect(10_000 - AHEAD - 1, &[Active]), first);
    assert_eq!(expect(10_000 - AHEAD, &[Active, Published]), first);
    assert_eq!(expect(9_999, &[Active, Published]), first);
    let second = expect(10_000, &[Retired, Active]);
    assert_ne!(second, first);
    assert_eq!(expect(10_000 + 660, &[Retired, Active]), second);
    assert_eq!(
        expect(10_000 + 660 + lifecycle::CHECKPOINT + 1, &[Active]),
        second
    );
    let kept = store.signing_keys().unwrap();
    assert_eq!(kept.len(), 1, "the private part of the first is gone too");
}

#[test]
fn a_retired_key_checks_what_it_signed_and_the_jwks_keeps_its_order() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    let before = keeper.keyring();
    let token = before
        .sign(TokenKind::AccessToken, Algorithm::ES256, &"claims")
        .unwrap();
    keeper.rotate(None, Old::Retire, at(1)).unwrap();
    keeper.tick(at(1 + AHEAD)).unwrap();
    let after = keeper.keyring();
    assert_ne!(signer(&before), signer(&after));
    assert!(after.payload(TokenKind::AccessToken, &token).is_some());
    let names: Vec<_> = after
        .public_keys()
        .map(|key| key.kid.as_str().to_owned())
        .collect();
    assert_eq!(names, [signer(&before), signer(&after)]);
}

#[test]
fn a_start_goes_on_where_the_last_one_was() {
    let store = MemoryKeys::default();
    let mut keeper = start(&store, at(0));
    keeper.rotate(None, Old::Retire, at(10)).unwrap();
    keeper.tick(at(10 + AHEAD / 2)).unwrap();
    keeper.settle(at(10 + AHEAD / 2)).unwrap();
    // A day later by the wall, and the other clock begins anew: half of the time is still to come.
    let later = |seconds| Moment {
        wall: WALL + 5_000 + seconds,
        uptime: Duration::from_secs(seconds),
    };
    let mut keeper = start(&store, later(0));
    keeper.tick(later(AHEAD / 2 - 1)).unwrap();
    assert_eq!(states(&keeper, later(0)), [Active, Published]);
    keeper.tick(later(AHEAD / 2)).unwrap();
    assert_eq!(states(&keeper, later(0)), [Retired, Active]);
}

#[test]
fn parts_of_a_second_are_not_lost() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    keeper.rotate(None, Old::Retire, at(0)).unwrap();
    for tick in 1..=(AHEAD as u32 * 10 - 1) {
        let uptime = Duration::from_millis(100) * tick;
        keeper.tick(Moment { wall: WALL, uptime }).unwrap();
    }
    assert_eq!(states(&keeper, at(0)), [Active, Published]);
    keeper.tick(at(AHEAD)).unwrap();
    assert_eq!(states(&keeper, at(0)), [Retired, Active]);
}

#[test]
fn a_rotation_by_command_is_begun_once() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    let published = keeper.rotate(None, Old::Retire, at(5)).unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].next_in, Some(AHEAD));
    let again = keeper
        .rotate(Some(Algorithm::ES256), Old::Retire, at(6))
        .unwrap();
    assert_eq!(again[0].kid, published[0].kid);
    assert_eq!(states(&keeper, at(6)), [Active, Published]);
    let missing = keeper.rotate(Some(Algorithm::RS256), Old::Revoke, at(6));
    assert!(matches!(missing, Err(KeyError::Missing(Algorithm::RS256))));
}

#[test]
fn revoking_leaves_one_new_key_that_signs() {
    let store = MemoryKeys::default();
    let mut keeper = start(&store, at(0));
    keeper.rotate(None, Old::Retire, at(5)).unwrap();
    let before: Vec<_> = keeper.list(at(5)).into_iter().map(|key| key.kid).collect();
    let after = keeper.rotate(None, Old::Revoke, at(6)).unwrap();
    assert_eq!(states(&keeper, at(6)), [Active]);
    assert!(!before.contains(&after[0].kid));
    assert_eq!(signer(&keeper.keyring()), after[0].kid.as_str());
    assert_eq!(store.signing_keys().unwrap().len(), 1);
}

#[test]
fn commands_make_no_more_keys_than_there_may_be() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    for round in 0..MAX_KEYS as u64 - 1 {
        keeper.import(imported(), First::AtOnce, at(round)).unwrap();
    }
    let refused = keeper.rotate(None, Old::Retire, at(60)).unwrap_err();
    assert!(matches!(refused, KeyError::TooMany(Algorithm::ES256)));
    let refused = keeper
        .import(imported(), First::AtOnce, at(60))
        .unwrap_err();
    assert!(matches!(refused, KeyError::TooMany(Algorithm::ES256)));
}

#[test]
fn an_imported_key_is_published_first_and_at_once_only_by_that_name() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    let waits = keeper.import(imported(), First::Published, at(1)).unwrap();
    assert_eq!((waits.state, waits.next_in), (Published, Some(AHEAD)));
    let refused = keeper.import(imported(), First::AtOnce, at(2)).unwrap_err();
    assert!(matches!(refused, KeyError::Waiting(_, kid) if kid == waits.kid));
    keeper.tick(at(1 + AHEAD)).unwrap();
    assert_eq!(signer(&keeper.keyring()), waits.kid.as_str());
    let named = Imported {
        kid: Some("theirs".parse().unwrap()),
        ..imported()
    };
    let signs = keeper.import(named, First::AtOnce, at(500)).unwrap();
    assert_eq!(signs.state, Active);
    assert_eq!(signer(&keeper.keyring()), "theirs");
    assert_eq!(states(&keeper, at(500)), [Retired, Retired, Active]);
}

#[test]
fn a_name_or_a_key_that_is_there_is_refused() {
    let mut keeper = start(&MemoryKeys::default(), at(0));
    let one = imported();
    let private_key = one.private_key.clone();
    let there = keeper.import(one, First::AtOnce, at(1)).unwrap();
    let same = Imported {
        kid: Some("another-name".parse().unwrap()),
        private_key,
        ..imported()
    };
    let refused = keeper.import(same, First::AtOnce, at(2)).unwrap_err();
    assert!(matches!(refused, KeyError::SameKey(kid) if kid == there.kid));
    let named = Imported {
        kid: Some(there.kid.clone()),
        ..imported()
    };
    let refused = keeper.import(named, First::AtOnce, at(2)).unwrap_err();
    assert!(matches!(refused, KeyError::SameName(kid) if kid == there.kid));
}

#[test]
fn an_imported_name_survives_a_restart() {
    let store = MemoryKeys::default();
    let mut keeper = start(&store, at(0));
    let named = Imported {
        kid: Some("theirs".parse().unwrap()),
        ..imported()
    };
    keeper.import(named, First::AtOnce, at(1)).unwrap();
    assert_eq!(signer(&start(&store, at(2)).keyring()), "theirs");
}

#[test]
fn with_a_secret_the_store_has_sealed_keys_alone() {
    let store = MemoryKeys::default();
    let clear = start(&store, at(0)).keyring().jwks();
    let mut keeper = with(&store, sealed_under("one", None), at(1)).unwrap();
    assert_eq!(keeper.keyring().jwks(), clear, "they are the same keys");
    keeper.rotate(None, Old::Retire, at(2)).unwrap();
    keeper.import_refused_while_waiting();
    let kept = store.signing_keys().unwrap();
    assert_eq!(kept.len(), 2);
    for key in kept {
        assert!(matches!(key.material, KeyMaterial::Sealed(_)), "{key:?}");
    }
    assert!(keeper.list(at(2)).iter().all(|key| key.sealed));
}

impl Keeper<MemoryKeys> {
    fn import_refused_while_waiting(&mut self) {
        let refused = self.import(imported(), First::Published, at(3));
        assert!(matches!(refused, Err(KeyError::Waiting(..))));
    }
}

#[test]
fn without_its_secret_a_sealed_store_opens_for_nobody_and_stays_as_it_is() {
    let store = MemoryKeys::default();
    with(&store, sealed_under("one", None), at(0)).unwrap();
    let before = store.signing_keys().unwrap();
    let none = with(&store, quick(), at(1)).err().unwrap();
    assert!(matches!(none, KeyError::NoSecret));
    assert!(none.to_string().contains("DOCKGATE_KEY_ENCRYPTION_SECRET"));
    for (settings, expected) in [
        (sealed_under("two", None), false),
        (sealed_under("two", Some("three")), true),
    ] {
        let wrong = with(&store, settings, at(1)).err().unwrap();
        assert!(
            matches!(wrong, KeyError::WrongSecret { with_previous } if with_previous == expected)
        );
    }
    assert_eq!(store.signing_keys().unwrap(), before);
}

#[test]
fn a_secret_is_changed_with_the_one_before_beside_it() {
    let store = MemoryKeys::default();
    let jwks = |settings, now| Some(with(&store, settings, now).ok()?.keyring().jwks());
    let first = jwks(sealed_under("one", None), at(0)).unwrap();
    assert_eq!(
        jwks(sealed_under("two", Some("one")), at(1)).as_ref(),
        Some(&first)
    );
    assert_eq!(jwks(sealed_under("two", None), at(2)), Some(first));
    assert_eq!(jwks(sealed_under("one", None), at(3)), None);
}

#[test]
fn keys_are_unsealed_only_with_the_secret_and_by_name() {
    let store = MemoryKeys::default();
    with(&store, sealed_under("one", None), at(0)).unwrap();
    let unseal = |text| KeySettings {
        protection: Protection::Unseal {
            previous: secret(text),
        },
        ..quick()
    };
    let wrong = with(&store, unseal("two"), at(1)).err().unwrap();
    assert!(matches!(wrong, KeyError::WrongSecret { .. }));
    with(&store, unseal("one"), at(2)).unwrap();
    with(&store, quick(), at(3)).unwrap();
    let is_clear = |key: &StoredSigningKey| matches!(key.material, KeyMaterial::Clear(_));
    assert!(store.signing_keys().unwrap().iter().all(is_clear));
}

#[test]
fn longer_tokens_are_promised_on_disk_before_there_are_any() {
    let store = MemoryKeys::default();
    let mut keeper = start(&store, at(0));
    let schedule = Schedule {
        longest_token: 7_200,
        ..quick().schedule
    };
    keeper.reschedule(schedule, at(1)).unwrap();
    let kept = store.signing_keys().unwrap();
    assert_eq!(kept[0].life.longest_token, 7_200);
}

#[test]
fn a_record_from_before_keys_had_a_life_is_an_active_key() {
    let store = MemoryKeys::default();
    let old = StoredSigningKey {
        number: 3,
        algorithm: Algorithm::ES256,
        kid: None,
        created_at: 5,
        life: KeyLife::default(),
        material: KeyMaterial::Clear(generate(Algorithm::ES256).unwrap()),
    };
    store.write_signing_keys(&[old], &[]).unwrap();
    let keeper = start(&store, at(0));
    assert_eq!(states(&keeper, at(0))[0], Active);
}

/// A store that takes as many writes as it is told, and then none.
#[derive(Clone)]
struct Failing {
    store: MemoryKeys,
    left: Arc<AtomicUsize>,
}

impl SigningKeyStore for Failing {
    fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        self.store.signing_keys()
    }

    fn write_recorded_keys(
        &self,
        put: &[StoredSigningKey],
        gone: &[u64],
        acts: Acts<'_>,
    ) -> Result<(), StoreError> {
        match self.left.load(Ordering::Relaxed).checked_sub(1) {
            None => Err(StoreError::Failed {
                detail: "told to".to_owned(),
            }),
            Some(left) => {
                self.left.store(left, Ordering::Relaxed);
                self.store.write_recorded_keys(put, gone, acts)
            }
        }
    }
}

#[test]
fn nothing_is_shown_that_is_not_on_disk() {
    let store = Failing {
        store: MemoryKeys::default(),
        left: Arc::new(AtomicUsize::new(1)),
    };
    let mut keeper = Keeper::open(store.clone(), quick(), system_entropy, at(0)).unwrap();
    let (before, generation) = (keeper.keyring().jwks(), keeper.generation());
    let failed = |result: Result<(), KeyError>| assert!(matches!(result, Err(KeyError::Store(_))));
    failed(keeper.tick(at(20_000)));
    failed(keeper.rotate(None, Old::Revoke, at(20_001)).map(drop));
    failed(
        keeper
            .import(imported(), First::AtOnce, at(20_002))
            .map(drop),
    );
    assert_eq!(keeper.keyring().jwks(), before);
    assert_eq!(keeper.generation(), generation);
    let first = events(&store.store);
    assert_eq!(
        first.len(),
        2,
        "nothing on record of what is not: {first:?}"
    );
    store.left.store(usize::MAX, Ordering::Relaxed);
    keeper.tick(at(20_003)).unwrap();
    assert_eq!(states(&keeper, at(20_003)), [Active, Published]);
}

#[test]
fn a_crash_after_any_write_leaves_keys_that_sign_and_break_no_rule() {
    for writes in 1..40 {
        let memory = MemoryKeys::default();
        let store = Failing {
            store: memory.clone(),
            left: Arc::new(AtomicUsize::new(writes)),
        };
        let Ok(mut keeper) = Keeper::open(store, quick(), system_entropy, at(0)) else {
            continue;
        };
        for seconds in (0..12_000).step_by(300) {
            if keeper.tick(at(seconds)).is_err() {
                break;
            }
        }
        let mut keeper = start(&memory, at(12_000));
        let active = |state: &KeyState| *state == Active;
        assert_eq!(
            states(&keeper, at(12_000))
                .iter()
                .filter(|state| active(state))
                .count(),
            1
        );
        signer(&keeper.keyring());
        keeper.tick(at(12_001)).unwrap();
    }
}

/// What was put on record since the last time, as event and algorithm.
fn events(store: &MemoryKeys) -> Vec<(&'static str, String)> {
    let told = |event: &AuditEvent| (event.name(), event.facts()["algorithm"].clone());
    store.take_events().iter().map(told).collect()
}

#[test]
fn what_becomes_of_a_key_is_on_record() {
    let store = MemoryKeys::default();
    let es256 = |names: &[&'static str]| -> Vec<(&'static str, String)> {
        names
            .iter()
            .map(|name| (*name, "ES256".to_owned()))
            .collect()
    };
    let mut keeper = start(&store, at(0));
    assert_eq!(events(&store), es256(&["key_published", "key_activated"]));
    keeper.tick(at(1)).unwrap();
    assert_eq!(events(&store), [], "nothing happened");
    keeper.rotate(None, Old::Retire, at(2)).unwrap();
    assert_eq!(events(&store), es256(&["key_published"]));
    keeper.tick(at(2 + AHEAD)).unwrap();
    assert_eq!(events(&store), es256(&["key_retired", "key_activated"]));
    keeper.tick(at(2 + AHEAD + 1000)).unwrap();
    assert_eq!(events(&store), es256(&["key_removed"]));
    keeper.rotate(None, Old::Revoke, at(3000)).unwrap();
    let revoked = ["key_revoked", "key_published", "key_activated"];
    assert_eq!(events(&store), es256(&revoked));
    let status = keeper
        .import(imported(), First::Published, at(3001))
        .unwrap();
    let kids = store
        .take_events()
        .into_iter()
        .map(|event| event.facts()["kid"].clone());
    assert_eq!(
        kids.collect::<Vec<_>>(),
        [status.kid.to_string(), status.kid.to_string()]
    );
}
