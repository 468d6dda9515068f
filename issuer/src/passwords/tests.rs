//! Real hashes of small cost; what is checked when they are configured is not asked here.

use argon2::{Argon2, Params, PasswordHasher as _};

use super::*;

const NOW: UnixSeconds = 1_000_000;

fn hash_of(password: &str) -> String {
    let argon2 = Argon2::from(Params::new(64, 1, 1, None).unwrap());
    let hash = argon2.hash_password_with_salt(password.as_bytes(), b"a salt of 16 byt");
    hash.unwrap().to_string()
}

fn passwords() -> Passwords {
    Passwords::new(1, [&*hash_of("wonderland"), &*hash_of("builder")])
}

async fn check(
    passwords: &Passwords,
    username: &str,
    password: &str,
    hash: Option<&str>,
) -> Result<bool, TurnedAway> {
    let attempt = Attempt {
        username,
        password,
        hash,
        is_renewable: true,
        source: Source::browser(None),
    };
    passwords.check(attempt, NOW).await
}

#[tokio::test]
async fn the_right_password_is_right_and_others_are_not() {
    let (passwords, hash) = (passwords(), hash_of("wonderland"));
    for (password, right) in [
        ("wonderland", true),
        ("Wonderland", false),
        ("wonderland ", false),
        ("", false),
    ] {
        let checked = check(&passwords, "alice", password, Some(&hash)).await;
        assert_eq!(checked, Ok(right), "{password:?}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_fails_with_any_password() {
    let passwords = passwords();
    for (name, password) in [("mallory", "wonderland"), ("mallet", "builder")] {
        assert!(passwords.decoy(name).is_some());
        assert_eq!(check(&passwords, name, password, None).await, Ok(false));
    }
    let nobody = Passwords::new(1, []);
    assert_eq!(check(&nobody, "alice", "x", None).await, Ok(false));
}

#[tokio::test]
async fn a_password_of_more_than_a_kibibyte_is_not_hashed() {
    let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
    let hash = hash_of(&long);
    assert_eq!(
        check(&passwords(), "alice", &long, Some(&hash)).await,
        Ok(false)
    );
    let longest = long.split_at(1).1;
    let hash = hash_of(longest);
    assert_eq!(
        check(&passwords(), "alice", longest, Some(&hash)).await,
        Ok(true)
    );
}

#[tokio::test]
async fn after_too_many_wrong_ones_the_right_one_has_to_wait_too() {
    let (passwords, hash) = (passwords(), hash_of("wonderland"));
    for _ in 0..5 {
        assert_eq!(
            check(&passwords, "alice", "x", Some(&hash)).await,
            Ok(false)
        );
    }
    let turned_away = Err(TurnedAway::Throttled(RetryAfter(5)));
    assert_eq!(
        check(&passwords, "alice", "wonderland", Some(&hash)).await,
        turned_away
    );
    // The same for a name that nobody has.
    for _ in 0..5 {
        assert_eq!(check(&passwords, "mallory", "x", None).await, Ok(false));
    }
    assert_eq!(check(&passwords, "mallory", "x", None).await, turned_away);
}

#[tokio::test]
async fn a_known_browser_is_let_in_when_the_queue_is_full() {
    let (passwords, hash) = (passwords(), hash_of("wonderland"));
    let attempt = |source| Attempt {
        username: "alice",
        password: "wonderland",
        hash: Some(&hash),
        is_renewable: true,
        source,
    };
    let _all = passwords.gate.take_all_places();
    let unknown = passwords.check(attempt(Source::browser(None)), NOW).await;
    assert!(matches!(unknown, Err(TurnedAway::Busy(_))), "{unknown:?}");
    let known = Source::device(b"given at a login");
    assert_eq!(passwords.check(attempt(known), NOW).await, Ok(true));
}

#[tokio::test]
async fn many_at_once_get_no_more_guesses_than_one_after_the_other() {
    let (passwords, hash) = (passwords(), hash_of("wonderland"));
    let attempts = (0..30).map(|_| check(&passwords, "alice", "x", Some(&hash)));
    let mut tasks: Vec<_> = attempts.map(Box::pin).collect();
    let mut tried = 0;
    // Polled in turn, so that most of them pass the first check before any has failed. One that
    // comes later, when the machine is slow, may be turned away at once.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    tasks.retain_mut(|task| match task.as_mut().poll(&mut context) {
        std::task::Poll::Ready(outcome) => {
            tried += usize::from(outcome.is_ok());
            false
        }
        std::task::Poll::Pending => true,
    });
    for task in tasks {
        tried += usize::from(task.await.is_ok());
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn other_hashes_are_tried_for_unknown_names_and_wrong_passwords_stay_counted() {
    let passwords = passwords();
    for _ in 0..5 {
        let tried = check(&passwords, "mallory", "x", None).await;
        assert_eq!(tried, Ok(false));
    }
    let new = hash_of("looking-glass");
    passwords.replace_hashes([&*new]);
    assert_eq!(passwords.decoy("mallory"), Some(new));
    let turned_away = Err(TurnedAway::Throttled(RetryAfter(5)));
    assert_eq!(check(&passwords, "mallory", "x", None).await, turned_away);
}

#[tokio::test]
async fn a_right_password_of_an_outdated_hash_is_hashed_anew_and_nothing_else_is() {
    let (passwords, mut renewals) = passwords().renewing(crate::entropy::system_entropy);
    let hash = hash_of("wonderland");
    for (password, own) in [("wrong", Some(&*hash)), ("wonderland", None)] {
        let checked = check(&passwords, "alice", password, own).await;
        assert_eq!(checked, Ok(false));
    }
    let configured = Attempt {
        username: "bob",
        password: "wonderland",
        hash: Some(&hash),
        is_renewable: false,
        source: Source::browser(None),
    };
    assert_eq!(passwords.check(configured, NOW).await, Ok(true));
    assert!(renewals.try_recv().is_err(), "nothing so far");

    let checked = check(&passwords, "alice", "wonderland", Some(&hash)).await;
    assert_eq!(checked, Ok(true));
    let Renewal { username, old, new } = renewals.try_recv().unwrap();
    assert_eq!((username.as_str(), &old), ("alice", &hash));
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    for (password, right) in [("wonderland", true), ("wrong", false)] {
        let checked = check(&passwords, "alice", password, Some(&new)).await;
        assert_eq!(checked, Ok(right), "{password}");
    }
    assert!(renewals.try_recv().is_err(), "the new one is good");
}

#[tokio::test]
async fn without_randomness_or_room_a_password_is_right_all_the_same() {
    let hash = hash_of("wonderland");
    let (none, mut renewals) = passwords().renewing(|_| Err(crate::entropy::EntropyFailure));
    let checked = check(&none, "alice", "wonderland", Some(&hash)).await;
    assert_eq!(checked, Ok(true));
    assert!(renewals.try_recv().is_err());

    let (full, mut renewals) = passwords().renewing(crate::entropy::system_entropy);
    let renewing = full.renewing.as_ref().unwrap();
    let other = Renewal {
        username: "bob".to_owned(),
        old: String::new(),
        new: String::new(),
    };
    while renewing.salt_for(&hash).is_some() {
        renewing.offer(other.clone());
    }
    let checked = check(&full, "alice", "wonderland", Some(&hash)).await;
    assert_eq!(checked, Ok(true));
    while let Ok(kept) = renewals.try_recv() {
        assert!(kept == other, "alice's was not made");
    }
}

/// What a hash takes, without a limit on guesses between.
#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is what is asked"
)]
async fn median_of_checks(known: bool) -> std::time::Duration {
    let argon2 = Argon2::from(Params::new(8192, 2, 1, None).unwrap());
    let hash = argon2.hash_password_with_salt(b"wonderland", b"a salt of 16 byt");
    let hash = hash.unwrap().to_string();
    let mut taken = Vec::new();
    for _ in 0..9 {
        let passwords = Passwords::new(1, [&*hash]);
        let own = known.then_some(&*hash);
        let begun = std::time::Instant::now();
        assert_eq!(check(&passwords, "alice", "x", own).await, Ok(false));
        taken.push(begun.elapsed());
    }
    taken.sort_unstable();
    taken[4]
}

/// Without the hash that is tried in its place it would take a thousandth.
#[tokio::test]
async fn a_name_that_nobody_has_takes_the_time_of_one_that_somebody_has() {
    let (known, unknown) = (median_of_checks(true).await, median_of_checks(false).await);
    let (most, least) = (known.max(unknown), known.min(unknown));
    assert!(most < 4 * least, "{known:?} and {unknown:?}");
}
