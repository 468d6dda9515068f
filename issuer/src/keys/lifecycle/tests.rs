//! The rules, in tables and against clocks that jump.

use std::collections::BTreeMap;

use super::*;

const AHEAD: u64 = 400;
const YEAR: u64 = 366 * 24 * 60 * 60;
const NOW: u64 = 1_800_000_000;

fn schedule() -> Schedule {
    Schedule {
        algorithms: BTreeSet::from([Algorithm::RS256]),
        rotation: Some(10_000),
        cached_for: 300,
        publish_margin: 100,
        clock_skew: 60,
        longest_token: 600,
    }
}

fn key(number: u64, state: KeyState, elapsed: u64) -> Entry {
    let life = begin(state, NOW - elapsed, &schedule());
    Entry {
        number,
        algorithm: Algorithm::RS256,
        life: advance(life, NOW, elapsed, &schedule()),
    }
}

fn check(keys: &[Entry], expected: &[Step]) {
    assert_eq!(steps(NOW, keys, &schedule()), expected, "{keys:?}");
}

#[test]
fn an_algorithm_without_a_key_begins_at_once() {
    check(&[], &[Step::Begin(Algorithm::RS256)]);
}

#[test]
fn a_key_is_published_before_its_turn_and_signs_only_after_a_whole_life_of_the_jwks() {
    let active = |elapsed| key(1, KeyState::Active, elapsed);
    check(&[active(0)], &[]);
    check(&[active(10_000 - AHEAD - 1)], &[]);
    check(
        &[active(10_000 - AHEAD)],
        &[Step::Publish(Algorithm::RS256)],
    );
    let published = |elapsed| key(2, KeyState::Published, elapsed);
    check(&[active(10_000), published(0)], &[]);
    check(&[active(10_000), published(AHEAD - 1)], &[]);
    check(&[active(10_000), published(AHEAD)], &[Step::Activate(2)]);
}

#[test]
fn without_a_schedule_a_key_signs_until_another_is_asked_for() {
    let manual = Schedule {
        rotation: None,
        ..schedule()
    };
    let active = key(1, KeyState::Active, 10 * YEAR);
    assert_eq!(steps(NOW, &[active], &manual), []);
    let asked_for = [active, key(2, KeyState::Published, AHEAD)];
    assert_eq!(steps(NOW, &asked_for, &manual), [Step::Activate(2)]);
}

#[test]
fn a_retired_key_stays_until_nothing_that_it_signed_is_alive() {
    let active = key(9, KeyState::Active, 10);
    let retired = |elapsed, signed_until| {
        let mut retired = key(1, KeyState::Retired, elapsed);
        retired.life.longest_token = 600;
        retired.life.signed_until = signed_until;
        retired
    };
    let long_ago = NOW - YEAR;
    let gone = [Step::Remove(1)];
    check(&[retired(660, long_ago), active], &[]);
    check(&[retired(661, long_ago), active], &gone);
    // The tokens live by the clock on the wall.
    let last = NOW - 600 - 60 - CHECKPOINT;
    check(&[retired(YEAR, last), active], &[]);
    check(&[retired(YEAR, last - 1), active], &gone);
}

#[test]
fn the_bound_that_was_in_force_counts_and_not_the_one_of_today() {
    let before = Schedule {
        longest_token: 86_400,
        ..schedule()
    };
    let life = begin(KeyState::Active, NOW - 90_000, &before);
    let life = enter(life, KeyState::Retired, NOW - 86_400, &schedule());
    let life = advance(life, NOW, 86_400, &schedule());
    assert_eq!(life.longest_token, 86_400);
    let retired = Entry {
        number: 1,
        algorithm: Algorithm::RS256,
        life,
    };
    check(&[retired, key(2, KeyState::Active, 1)], &[]);
}

#[test]
fn a_longer_bound_counts_from_when_it_is_in_force() {
    let life = begin(KeyState::Active, NOW, &schedule());
    let longer = Schedule {
        longest_token: 3_600,
        ..schedule()
    };
    let raised = advance(life, NOW, 0, &longer);
    assert_eq!(raised.longest_token, 3_600);
    assert!(is_worth_writing(&life, &raised));
    let retired = enter(life, KeyState::Retired, NOW, &schedule());
    assert_eq!(advance(retired, NOW, 0, &longer).longest_token, 600);
}

#[test]
fn caches_may_have_a_jwks_from_when_they_were_allowed_to_keep_it_for_longer() {
    let mut active = key(1, KeyState::Active, 10_000);
    active.life.cached_for = 86_400;
    check(&[active, key(2, KeyState::Published, AHEAD)], &[]);
    let long_enough = key(2, KeyState::Published, 86_400 + 100);
    check(&[active, long_enough], &[Step::Activate(2)]);
}

#[test]
fn a_key_that_is_lost_is_followed_at_once_by_the_next_one() {
    check(
        &[
            key(2, KeyState::Published, 0),
            key(3, KeyState::Published, 0),
        ],
        &[Step::Activate(2)],
    );
    check(
        &[key(2, KeyState::Retired, 0)],
        &[Step::Begin(Algorithm::RS256)],
    );
}

#[test]
fn there_are_never_more_keys_than_there_may_be() {
    let mut keys = vec![key(0, KeyState::Active, 20_000)];
    keys.extend((1..MAX_KEYS as u64 - 1).map(|number| key(number, KeyState::Retired, 0)));
    for retired in &mut keys[1..] {
        retired.life.signed_until = NOW;
    }
    check(&keys, &[Step::Publish(Algorithm::RS256)]);
    let mut last = key(99, KeyState::Retired, 0);
    last.life.signed_until = NOW;
    keys.push(last);
    check(&keys, &[Step::Hold(Algorithm::RS256)]);
}

#[test]
fn each_algorithm_goes_its_own_way() {
    let other = Entry {
        algorithm: Algorithm::PS256,
        ..key(5, KeyState::Active, 10_000)
    };
    check(
        &[key(1, KeyState::Active, 0), other],
        &[Step::Publish(Algorithm::PS256)],
    );
}

#[test]
fn a_clock_that_is_set_back_does_not_put_a_rotation_off() {
    let active = key(1, KeyState::Active, 10_000 - AHEAD);
    for now in [0, 1, NOW - 86_400] {
        let expected = [Step::Publish(Algorithm::RS256)];
        assert_eq!(steps(now, &[active], &schedule()), expected, "{now}");
    }
}

#[test]
fn a_clock_that_leaps_makes_one_rotation_and_no_key_early() {
    for leap in [86_400, YEAR, 100 * YEAR] {
        let active = key(1, KeyState::Active, 5);
        let retired = Entry {
            life: enter(active.life, KeyState::Retired, NOW, &schedule()),
            ..key(0, KeyState::Active, 5)
        };
        let published = key(2, KeyState::Published, AHEAD - 1);
        let then = NOW + leap;
        assert_eq!(
            steps(then, &[retired, active], &schedule()),
            [Step::Publish(Algorithm::RS256)]
        );
        assert_eq!(steps(then, &[retired, active, published], &schedule()), []);
    }
}

#[test]
fn what_is_next_is_said_to_the_second() {
    let active = key(1, KeyState::Active, 1_000);
    let next = |key: &Entry, own: &[Entry]| next_in(NOW, key, own, &schedule());
    assert_eq!(next(&active, &[active]), Some(10_000 - AHEAD - 1_000));
    let published = key(2, KeyState::Published, 150);
    assert_eq!(next(&published, &[active, published]), Some(AHEAD - 150));
    assert_eq!(next(&active, &[active, published]), None);
    let retired = Entry {
        life: enter(active.life, KeyState::Retired, NOW, &schedule()),
        ..active
    };
    assert_eq!(next(&retired, &[retired]), Some(600 + 60 + CHECKPOINT));
}

#[test]
fn the_store_is_never_behind_by_more_than_a_crash_may_take() {
    let stored = begin(KeyState::Active, NOW, &schedule());
    let live = |seconds, now| advance(stored, now, seconds, &schedule());
    assert!(!is_worth_writing(&stored, &live(0, NOW)));
    assert!(!is_worth_writing(&stored, &live(CHECKPOINT - 1, NOW)));
    assert!(is_worth_writing(&stored, &live(CHECKPOINT, NOW)));
    assert!(is_worth_writing(&stored, &live(0, NOW + CHECKPOINT)));
}

/// Clocks, processes and verifiers, without any of them.
struct World {
    real: u64,
    wall: u64,
    random: u64,
    keys: BTreeMap<u64, Kept>,
    next: u64,
    last_activation: Option<u64>,
    activations: usize,
    removals: usize,
}

#[derive(Clone, Copy)]
struct Kept {
    stored: KeyLife,
    life: KeyLife,
    published_at: u64,
    signed_at: u64,
    expires_at: u64,
}

impl World {
    fn random(&mut self, below: u64) -> u64 {
        // xorshift64: the same run every time.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    fn pass(&mut self, seconds: u64, counted: bool) {
        self.real += seconds;
        self.wall += seconds;
        for kept in self.keys.values_mut() {
            let counted = if counted { seconds } else { 0 };
            kept.life = advance(kept.life, self.wall, counted, &schedule());
        }
    }

    fn crash(&mut self) {
        for kept in self.keys.values_mut() {
            kept.life = kept.stored;
        }
    }

    fn sign(&mut self) {
        let active = |kept: &&mut Kept| kept.life.state == KeyState::Active;
        let mut signing: Vec<_> = self.keys.values_mut().filter(active).collect();
        assert_eq!(signing.len(), 1, "one key signs, always");
        let kept = &mut signing[0];
        kept.signed_at = self.real;
        kept.expires_at = kept.expires_at.max(self.wall + schedule().longest_token);
    }

    fn tick(&mut self) {
        for kept in self.keys.values_mut() {
            kept.life = advance(kept.life, self.wall, 0, &schedule());
        }
        let entries = self.keys.iter();
        let entries: Vec<_> = entries
            .map(|(number, kept)| Entry {
                number: *number,
                algorithm: Algorithm::RS256,
                life: kept.life,
            })
            .collect();
        for step in steps(self.wall, &entries, &schedule()) {
            match step {
                Step::Begin(_) => {
                    assert!(self.keys.is_empty(), "only the first start begins");
                    self.add(KeyState::Active);
                }
                Step::Publish(_) => self.add(KeyState::Published),
                Step::Activate(number) => self.activate(number),
                Step::Remove(number) => self.remove(number),
                Step::Hold(_) => assert_eq!(self.keys.len(), MAX_KEYS),
            }
        }
        assert!(self.keys.len() <= MAX_KEYS);
        for kept in self.keys.values_mut() {
            if is_worth_writing(&kept.stored, &kept.life) {
                kept.stored = kept.life;
            }
        }
    }

    fn add(&mut self, state: KeyState) {
        let life = begin(state, self.wall, &schedule());
        let kept = Kept {
            stored: life,
            life,
            published_at: self.real,
            signed_at: 0,
            expires_at: 0,
        };
        self.keys.insert(self.next, kept);
        self.next += 1;
    }

    fn activate(&mut self, number: u64) {
        let published_at = self.keys[&number].published_at;
        assert!(
            self.real >= published_at + AHEAD,
            "it signs before every cache can know it"
        );
        if let Some(last) = self.last_activation {
            assert!(self.real >= last + AHEAD, "a storm of rotations");
        }
        self.last_activation = Some(self.real);
        self.activations += 1;
        for (other, kept) in &mut self.keys {
            if *other == number {
                kept.life = enter(kept.life, KeyState::Active, self.wall, &schedule());
            } else if kept.life.state == KeyState::Active {
                kept.life = enter(kept.life, KeyState::Retired, self.wall, &schedule());
            }
        }
    }

    fn remove(&mut self, number: u64) {
        let kept = self.keys.remove(&number).unwrap();
        let schedule = schedule();
        let by_real = kept.signed_at + schedule.longest_token + schedule.clock_skew;
        assert!(self.real >= by_real, "a token of it may be alive");
        let by_wall = kept.expires_at + schedule.clock_skew;
        assert!(
            self.wall >= by_wall,
            "a token of it may be alive by the wall"
        );
        self.removals += 1;
    }
}

/// Time passes, tokens are signed, processes crash and stand still, clocks leap both ways.
fn live_through(seed: u64, leaps: bool) -> World {
    let mut world = World {
        real: NOW,
        wall: NOW,
        random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        keys: BTreeMap::new(),
        next: 0,
        last_activation: None,
        activations: 0,
        removals: 0,
    };
    world.tick();
    for _ in 0..20_000 {
        match world.random(100) {
            0 => world.crash(),
            1 => {
                // A stop, or a machine that sleeps: only the wall goes on.
                world.crash();
                let seconds = world.random(5_000);
                world.pass(seconds, false);
            }
            2 if leaps => {
                let leap = [86_400, YEAR][world.random(2) as usize];
                world.wall += leap;
            }
            3 if leaps => world.wall = world.wall.saturating_sub(86_400),
            4 if leaps => world.wall = 0,
            5..=8 if leaps => world.wall = world.real,
            _ => {
                let seconds = world.random(60);
                world.pass(seconds, true);
            }
        }
        world.tick();
        world.sign();
    }
    world
}

#[test]
fn whatever_clocks_and_processes_do_no_rule_is_broken() {
    for seed in 1..=20u64 {
        let world = live_through(seed, true);
        assert!(world.activations > 5, "{}", world.activations);
    }
}

#[test]
fn with_clocks_that_are_right_keys_come_and_go_by_the_schedule() {
    for seed in 1..=20u64 {
        let world = live_through(seed, false);
        let due = ((world.real - NOW) / 10_000) as usize;
        assert!(
            world.activations + 5 >= due * 9 / 10,
            "{} of {due}",
            world.activations
        );
        assert!(world.activations <= due + 1);
        assert!(world.removals + 2 >= world.activations);
    }
}
