//! A panic takes a VM down; nobody is let in for it, nobody hangs, and the keys are still there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, Edit, Stack, StackOptions, now};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::forge::Forge;
use dockgate_tests::http::get;
use dockgate_tests::stats::{assert_counted, stat};
use dockgate_token::Algorithm;

const MODULE: &str = "/etc/dockgate/dockgate_filter.wasm";
const HEADER: &str = "x-dockgate-fault";
/// The panic's message. The header's name would not do: the compiler compares it as two numbers.
const MARK: &str = "a fault was asked for";
/// Envoy waits a second, give or take, before it makes a VM anew that has failed again.
const BACK_AFTER: Duration = Duration::from_secs(20);

fn with_faults(mut options: StackOptions) -> StackOptions {
    let module = Artifacts::faulty_filter_path();
    let module = module.to_str().expect("a path of text");
    options.envoy_edits.push(Edit::once(MODULE, module));
    options
}

fn start(options: StackOptions) -> Stack {
    Stack::start(with_faults(options)).unwrap_or_else(|error| panic!("{error}"))
}

fn status(stack: &Stack, token: Option<&str>) -> u16 {
    let request = get("/api/protected/data");
    let request = match token {
        Some(token) => request.bearer(token),
        None => request,
    };
    request.send(stack.ports().http).status
}

fn break_a_vm(stack: &Stack, place: &str) -> u16 {
    // It would be let in, were it not for the panic.
    get("/api/public/health")
        .header(HEADER, place)
        .send(stack.ports().http)
        .status
}

/// Every worker serves again: that many answers in a row.
#[track_caller]
fn await_service(stack: &Stack, token: &str) {
    let back = Deadline::after(BACK_AFTER).poll(|| {
        (0..20)
            .all(|_| status(stack, Some(token)) == 200)
            .then_some(())
    });
    assert_eq!(back, Some(()), "service is back");
}

#[test]
fn the_shipped_module_has_no_way_to_panic_on_demand() {
    let has_hook = |module: &std::path::Path| {
        let bytes = std::fs::read(module).expect("a module");
        bytes
            .windows(MARK.len())
            .any(|part| part == MARK.as_bytes())
    };
    assert!(has_hook(&Artifacts::faulty_filter_path()));
    assert!(!has_hook(&Artifacts::filter_path()));
}

#[test]
fn after_a_panic_there_are_503s_and_then_service_without_the_issuer() {
    let stack = start(StackOptions::default());
    let token = service_token(&stack, "api:read");
    stack.kill_issuer();
    for round in 0..4 {
        // One for each worker, more or less.
        for _ in 0..4 {
            let begun = now();
            let broken = break_a_vm(&stack, "request");
            assert_eq!(broken, 503, "round {round}");
            assert!(now().duration_since(begun) < Duration::from_secs(5));
        }
        for _ in 0..10 {
            let stranger = status(&stack, None);
            assert!(matches!(stranger, 401 | 503), "{stranger}");
            let known = status(&stack, Some(&token));
            assert!(matches!(known, 200 | 503), "{known}");
        }
        await_service(&stack, &token);
    }
}

#[test]
fn under_load_a_panic_lets_nobody_in_and_nobody_hang() {
    let stack = start(StackOptions::default());
    let token = service_token(&stack, "api:read");
    let over = AtomicBool::new(false);
    let (bad, slowest) = std::thread::scope(|scope| {
        let load = |token: Option<&'static str>, good: u16| {
            let (stack, over) = (&stack, &over);
            scope.spawn(move || {
                let (mut bad, mut slowest, mut answers) = (Vec::new(), Duration::ZERO, 0u32);
                while !over.load(Ordering::Relaxed) {
                    let begun = now();
                    let answer = status(stack, token);
                    slowest = slowest.max(now().duration_since(begun));
                    answers += 1;
                    if answer != good && answer != 503 {
                        bad.push(answer);
                    }
                }
                assert!(answers > 10, "only {answers} answers");
                (bad, slowest)
            })
        };
        let token: &'static str = Box::leak(token.clone().into_boxed_str());
        let clients = [
            load(None, 401),
            load(Some("x.y.z"), 401),
            load(Some(token), 200),
            load(Some(token), 200),
        ];
        for _ in 0..5 {
            for _ in 0..3 {
                assert_eq!(break_a_vm(&stack, "request"), 503);
            }
            let served = Deadline::after(BACK_AFTER)
                .poll(|| (status(&stack, Some(token)) == 200).then_some(()));
            assert_eq!(served, Some(()));
        }
        over.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .map(|client| client.join().expect("a client"))
            .fold(
                (Vec::new(), Duration::ZERO),
                |(all, most), (bad, slowest)| ([all, bad].concat(), most.max(slowest)),
            )
    });
    assert_eq!(bad, [0u16; 0], "answers that are neither right nor 503");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    await_service(&stack, &token);
}

#[test]
fn keys_are_fetched_on_though_the_vm_that_fetched_them_panicked() {
    let forge = Forge::new();
    let stack = start(forge.stack_options());
    let token = forge.token(Algorithm::RS256, |_| {});
    // With the answer in its hands, and before it has asked.
    for (count, place) in [(1, "call"), (2, "lease")] {
        break_a_vm(&stack, place);
        let served = forge.jwks.served();
        // Whoever had the lease is gone; it ends by itself. A request wakes a worker's new VM.
        let fetched = Deadline::after(Duration::from_secs(60)).poll(|| {
            let answer = status(&stack, Some(&token));
            assert!(
                matches!(answer, 200 | 503),
                "{answer} after a panic in {place}"
            );
            (forge.jwks.served() >= served + 2).then_some(())
        });
        assert_eq!(fetched, Some(()), "after a panic in {place}");
        let log = std::fs::read_to_string(stack.log_dir().join("envoy.log")).expect("a log");
        let panics = log.matches(MARK).count();
        assert_eq!(panics, count, "the panic in {place} happened");
        // Only the end of a lease that nobody gave back says so: the VM that fell had it.
        let lost = log.matches("whoever fetched them did not come to an end");
        assert_eq!(lost.count(), count, "{place}: the lease was lost");
        assert!(stat(&stack, "jwks.fetch_failed") >= count as u64);
        await_service(&stack, &token);
    }
}

#[test]
fn a_vm_that_died_leaves_nothing_in_the_gauges() {
    let stack = start(StackOptions::default());
    let token = service_token(&stack, "api:read");
    let known_to_both = Deadline::after(BACK_AFTER).poll(|| {
        assert_eq!(status(&stack, Some(&token)), 200);
        (stat(&stack, "cache.entries") >= 2).then(|| stat(&stack, "cache.entries"))
    });
    assert!(known_to_both.is_some(), "each worker remembers the token");
    // Both, sooner or later: which worker has the next connection is the kernel's choice.
    let empty = Deadline::after(Duration::from_secs(60)).poll(|| {
        break_a_vm(&stack, "request");
        (stat(&stack, "cache.entries") == 0).then_some(())
    });
    let left = stat(&stack, "cache.entries");
    assert_eq!(empty, Some(()), "{left} entries of dead VMs");
    await_service(&stack, &token);
    assert_counted(&stack, "workers_with_keys", 3);
}
