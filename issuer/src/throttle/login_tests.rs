//! Who has to wait for whose wrong passwords.

use super::*;

const NOW: UnixSeconds = 1_000_000;
const DAY: u64 = 24 * 60 * 60;

fn browser(address: &str) -> Source {
    Source::browser(Some(address.parse().unwrap()))
}

fn bot(number: u32) -> Source {
    Source::browser(Some(std::net::Ipv4Addr::from(0x0a00_0000 + number).into()))
}

#[test]
fn guesses_from_one_place_lock_nobody_out_elsewhere() {
    let throttle = LoginThrottle::default();
    let (attacker, user) = (browser("192.0.2.1"), browser("198.51.100.1"));
    for _ in 0..20 {
        throttle.failed("alice", attacker, NOW);
    }
    assert!(throttle.check("alice", attacker, NOW).is_err());
    assert_eq!(throttle.check("alice", user, NOW), Ok(()));
    assert_eq!(throttle.check("bob", attacker, NOW), Ok(()));
}

#[test]
fn the_right_password_ends_a_streak_but_not_what_the_source_owes() {
    let throttle = LoginThrottle::default();
    let source = browser("192.0.2.1");
    for _ in 0..4 {
        throttle.failed("alice", source, NOW);
    }
    throttle.succeeded("alice", source);
    for _ in 0..4 {
        throttle.failed("alice", source, NOW);
    }
    assert_eq!(throttle.check("alice", source, NOW), Ok(()));
    for n in 0..92 {
        throttle.failed(&format!("user{n}"), source, NOW);
    }
    throttle.succeeded("alice", source);
    assert_eq!(throttle.check("alice", source, NOW), Err(RetryAfter(10)));
}

#[test]
fn a_client_speaks_for_many_users() {
    let throttle = LoginThrottle::default();
    let client = Source::client(&"legacy".parse().unwrap(), None);
    for n in 0..999 {
        throttle.failed(&format!("user{n}"), client, NOW);
    }
    assert_eq!(throttle.check("alice", client, NOW), Ok(()));
    throttle.failed("last", client, NOW);
    assert_eq!(throttle.check("alice", client, NOW), Err(RetryAfter(1)));
}

#[test]
fn guesses_from_many_places_slow_each_of_them_and_let_newcomers_try() {
    let throttle = LoginThrottle::default();
    for number in 0..100 {
        assert_eq!(throttle.check("alice", bot(number), NOW), Ok(()));
        throttle.failed("alice", bot(number), NOW);
    }
    // One failure was free; now it is not.
    assert_eq!(
        throttle.check("alice", bot(1), NOW),
        Err(RetryAfter(PRESSED.first_wait))
    );
    assert_eq!(
        throttle.check("alice", browser("198.51.100.1"), NOW),
        Ok(())
    );
    let pace = throttle.counters().pace("alice", bot(1), NOW);
    assert_eq!(pace, (PRESSED, Limit::Account));
    // Other accounts are none of the attack.
    throttle.failed("bob", browser("198.51.100.1"), NOW);
    assert_eq!(throttle.check("bob", browser("198.51.100.1"), NOW), Ok(()));
}

#[test]
fn a_flood_over_many_accounts_slows_unknown_browsers_of_all() {
    let throttle = LoginThrottle::default();
    for number in 0..10_000 {
        throttle.failed(&format!("user{number}"), bot(number), NOW);
    }
    let newcomer = browser("198.51.100.1");
    assert_eq!(throttle.check("carol", newcomer, NOW), Ok(()));
    throttle.failed("carol", newcomer, NOW);
    assert!(throttle.check("carol", newcomer, NOW).is_err());
    let pace = throttle.counters().pace("carol", newcomer, NOW);
    assert_eq!(pace, (PRESSED, Limit::Overall));
}

#[test]
fn a_browser_that_is_known_waits_for_nobody_but_itself() {
    let throttle = LoginThrottle::default();
    let known = Source::device(b"given at a login");
    for number in 0..20_000 {
        throttle.failed("alice", bot(number), NOW);
    }
    for _ in 0..4 {
        throttle.failed("alice", known, NOW);
        assert_eq!(throttle.check("alice", known, NOW), Ok(()));
    }
    throttle.failed("alice", known, NOW);
    assert_eq!(throttle.check("alice", known, NOW), Err(RetryAfter(5)));
    throttle.succeeded("alice", known);
    assert_eq!(throttle.check("alice", known, NOW), Ok(()));
}

/// How many guesses at one account are made in a day from so many addresses that lose no second.
fn guesses_a_day(addresses: u32) -> u32 {
    let throttle = LoginThrottle::default();
    let mut guesses = 0;
    let mut waiting: std::collections::BinaryHeap<_> = (0..addresses)
        .map(|number| std::cmp::Reverse((NOW, number)))
        .collect();
    while let Some(std::cmp::Reverse((at, number))) = waiting.pop() {
        if at >= NOW + DAY {
            break;
        }
        let next = match throttle.check("alice", bot(number), at) {
            Ok(()) => {
                guesses += 1;
                throttle.failed("alice", bot(number), at);
                at
            }
            Err(RetryAfter(seconds)) => at + seconds,
        };
        waiting.push(std::cmp::Reverse((next, number)));
    }
    guesses
}

#[test]
fn what_an_attacker_can_do_in_a_day_is_what_the_documentation_says() {
    let documented = include_str!("../../../docs/limits.md");
    for addresses in [1, 10, 100, 1000] {
        let guesses = guesses_a_day(addresses);
        let row = format!("| {addresses} | {guesses} |");
        assert!(documented.contains(&row), "{row}");
    }
}
