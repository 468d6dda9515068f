//! Keys are fetched once for all workers, when it is time, and what is bad takes no good key away.

use std::time::Duration;

use dockgate_stack::{Deadline, Stack, StackOptions, now};
use dockgate_tests::forge::{Answer, Forge, ISSUER};
use dockgate_tests::http::get;
use dockgate_tests::stats::{assert_counted, stat};
use dockgate_token::Algorithm;

fn uri(more: &str) -> String {
    format!("cluster: forge, uri: \"{ISSUER}/jwks\", {more}")
}

fn start(options: StackOptions) -> Stack {
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

fn status(stack: &Stack, token: &str) -> u16 {
    get("/api/protected/data")
        .bearer(token)
        .send(stack.ports().http)
        .status
}

/// Waits until so many requests for keys have arrived in all.
#[track_caller]
fn await_served(forge: &Forge, count: usize, seconds: u64) {
    let arrived = Deadline::after(Duration::from_secs(seconds))
        .poll(|| (forge.jwks.served() >= count).then_some(()));
    let served = forge.jwks.served();
    assert_eq!(arrived, Some(()), "{served} of {count} requests for keys");
}

#[test]
fn four_workers_fetch_once_at_start_and_once_a_period() {
    let forge = Forge::new();
    let stack = start(StackOptions {
        concurrency: 4,
        ..forge.stack_options()
    });
    let at_start = forge.jwks.served();
    assert!((1..=2).contains(&at_start), "{at_start} fetches at start");
    await_served(&forge, at_start + 1, 20);
    let begun = now();
    await_served(&forge, at_start + 3, 40);
    let seconds = now().duration_since(begun).as_secs_f64();
    // Two periods of 10 seconds, each begun with the tick after.
    assert!(seconds >= 17.0, "two more after {seconds} s");
    assert_eq!(forge.jwks.served(), at_start + 3);
    assert_eq!(status(&stack, &forge.token(Algorithm::RS256, |_| {})), 200);
    let (keys, age) = (
        gauge(&stack, "workers_with_keys"),
        gauge(&stack, "jwks.age_seconds"),
    );
    assert_eq!(keys, 5, "four workers and the main thread");
    assert!(age <= 60, "{age}");
}

#[track_caller]
fn gauge(stack: &Stack, name: &str) -> u64 {
    let stats = get(format!("/stats?filter=dockgate.{name}"))
        .send(stack.ports().admin)
        .text();
    let value = stats.trim().rsplit(' ').next().map(str::parse);
    value
        .and_then(Result::ok)
        .unwrap_or_else(|| panic!("no {name} in {stats:?}"))
}

#[test]
fn the_issuers_cache_control_counts_within_bounds() {
    let forge = Forge::new();
    let document = forge.jwks.document();
    forge
        .jwks
        .answer(Answer::cached("max-age=12", document.as_str()));
    let stack = start(forge.stack_options_with(&uri("min_refresh_seconds: 10")));
    await_served(&forge, 2, 30);
    forge
        .jwks
        .answer(Answer::cached("no-store", document.as_str()));
    await_served(&forge, 3, 30);
    let begun = now();
    await_served(&forge, 4, 30);
    let seconds = now().duration_since(begun).as_secs_f64();
    assert!(
        seconds >= 8.0,
        "the minimum is 10 s, and it was {seconds} s"
    );
    assert_eq!(status(&stack, &forge.token(Algorithm::RS256, |_| {})), 200);
}

#[test]
fn an_unknown_key_is_fetched_for_once_for_all_workers() {
    let forge = Forge::new();
    let all: serde_json::Value = serde_json::from_str(&forge.jwks.document()).unwrap();
    let keys = all["keys"].as_array().unwrap();
    let only_rsa: Vec<_> = keys.iter().filter(|key| key["alg"] != "ES256").collect();
    let only_rsa = serde_json::json!({ "keys": only_rsa }).to_string();
    forge.jwks.answer_with(200, &only_rsa);
    let stack = start(StackOptions {
        concurrency: 4,
        ..forge.stack_options_with(&uri("refresh_seconds: 300"))
    });
    let served = forge.jwks.served();
    forge.jwks.answer_with(200, &all.to_string());
    let token = forge.token(Algorithm::ES256, |_| {});
    assert_eq!(status(&stack, &token), 401, "the key is not known yet");
    let admitted = Deadline::after(Duration::from_secs(20))
        .poll(|| (0..10).all(|_| status(&stack, &token) == 200).then_some(()));
    assert_eq!(admitted, Some(()), "every worker has the new key");
    // No two of them have the same key, which none of them has been signed with.
    let stranger =
        |number: usize| forge.token_with_key_id(Algorithm::ES256, &format!("stranger {number}"));
    let strangers: Vec<_> = (0..400).map(stranger).collect();
    let (begun, flooding) = (now(), Duration::from_secs(5));
    let admitted = std::thread::scope(|scope| {
        for strangers in strangers.chunks(100) {
            let stack = &stack;
            scope.spawn(move || {
                let mut strangers = strangers.iter().cycle();
                while now().duration_since(begun) < flooding {
                    assert_eq!(status(stack, strangers.next().unwrap()), 401);
                }
            });
        }
        let good = scope.spawn(|| {
            let mut admitted = 0;
            while now().duration_since(begun) < flooding {
                assert_eq!(
                    status(&stack, &token),
                    200,
                    "good tokens pass all the while"
                );
                admitted += 1;
            }
            admitted
        });
        good.join().unwrap()
    });
    assert!(admitted > 20, "{admitted}");
    assert_eq!(forge.jwks.served(), served + 1, "one for all of that");
}

/// Lets each answer be fetched and refused, and sees that every worker admits a good token all the
/// same.
fn check_bad(jwks: &str, answers: Vec<Answer>) {
    let forge = Forge::new();
    let stack = start(forge.stack_options_with(&uri(jwks)));
    let token = forge.token(Algorithm::RS256, |_| {});
    for answer in answers {
        let shown = format!("{answer:?}");
        let failed = stat(&stack, "jwks.fetch_failed");
        forge.jwks.answer(answer);
        // Nothing else fails here. One may have been under way that got the answer of before.
        let refused = Deadline::after(Duration::from_secs(60))
            .poll(|| (stat(&stack, "jwks.fetch_failed") >= failed + 2).then_some(()));
        assert_eq!(refused, Some(()), "{shown:.100} was refused");
        every_worker_admits(&stack, &token, &shown);
    }
    let fetched = stat(&stack, "jwks.fetched");
    forge.jwks.answer_with(200, &forge.jwks.document());
    let good = Deadline::after(Duration::from_secs(60))
        .poll(|| (stat(&stack, "jwks.fetched") > fetched).then_some(()));
    assert_eq!(good, Some(()), "a good document is taken again");
    every_worker_admits(&stack, &token, "a good document");
}

/// Each has looked at the shared keys, which it does once a second, and still has all of them. Forty
/// connections in a row would hardly all be one worker's.
#[track_caller]
fn every_worker_admits(stack: &Stack, token: &str, after: &str) {
    for _ in 0..40 {
        assert_eq!(status(stack, token), 200, "after {after:.100}");
    }
    assert_counted(stack, "workers_with_keys", 3);
}

#[test]
fn a_document_that_is_no_key_set_takes_no_good_key_away() {
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let documents = [
        "<html>".to_owned(),
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}".to_owned(),
        deep,
        format!("{{\"keys\":[{}", " ".repeat(2_000_000)),
    ];
    let answers = documents.map(|body| Answer::document(200, body));
    check_bad("refresh_seconds: 10", answers.to_vec());
}

#[test]
fn an_answer_that_is_no_answer_takes_no_good_key_away() {
    let redirect = Answer::Document {
        status: 302,
        headers: "location: /elsewhere\r\n".to_owned(),
        body: "{}".to_owned(),
    };
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"keys\":[".to_vec();
    let answers = vec![
        Answer::document(500, "{}"),
        Answer::document(304, ""),
        redirect,
        Answer::Bytes(cut),
        Answer::Silence,
    ];
    check_bad("refresh_seconds: 10, timeout_milliseconds: 500", answers);
}

#[test]
fn a_bad_key_among_good_ones_is_passed_over_and_logged_once() {
    let forge = Forge::new();
    let mut set: serde_json::Value = serde_json::from_str(&forge.jwks.document()).unwrap();
    let keys = set["keys"].as_array_mut().unwrap();
    let mut private = keys[0].clone();
    private["kid"] = "private".into();
    private["d"] = "AAAA".into();
    keys.insert(0, private);
    forge.jwks.answer_with(200, &set.to_string());
    let stack = start(forge.stack_options());
    await_served(&forge, 3, 60);
    assert_eq!(status(&stack, &forge.token(Algorithm::RS256, |_| {})), 200);
    let log = std::fs::read_to_string(stack.log_dir().join("envoy.log")).unwrap();
    let logged = log
        .matches("key 0 of https://forge.example is passed over")
        .count();
    assert_eq!(logged, 1, "for three fetches");
}
