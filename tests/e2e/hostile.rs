//! The corpus of hostile requests, inside Envoy. `policy/tests/corpus.rs` shows the same cases to the
//! decision core natively.

use std::collections::BTreeMap;
use std::time::Duration;

use dockgate_corpus::{Case, InEnvoy, Verdict, cases};
use dockgate_stack::{Deadline, Edit, Stack};
use dockgate_tests::forge::{self, Forge};
use dockgate_tests::http::{Request, get};
use dockgate_tests::stats::assert_counted;
use dockgate_token::Algorithm;

/// How often each reason was counted.
type Counts = BTreeMap<String, u64>;

#[test]
fn each_case_has_the_same_verdict_and_reason_inside_envoy_and_a_good_token_passes_after_it() {
    let forge = Forge::new();
    let stack = explaining(&forge);
    let cases = cases(&forge.keys, forge::now());
    let mut wrong = Vec::new();
    for case in &cases {
        let seen = verdict(&stack, case);
        let (status, reason) = expected(case);
        if seen != (status, reason.map(str::to_owned)) {
            let told = format!(
                "{} {}: {seen:?}, not {status} {reason:?}",
                case.id, case.name
            );
            wrong.push(told);
        }
        let good = get(dockgate_corpus::PATH).bearer(&forge.token(Algorithm::ES256, |_| {}));
        assert_eq!(
            good.send(stack.ports().http).status,
            200,
            "after {}",
            case.name
        );
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    assert!(!stack.logs().contains("Wasm VM failed"), "{}", stack.logs());
    let counts = expected_counts(&cases);
    for (reason, count) in &counts {
        assert_counted(&stack, &format!("denied.{reason}"), *count);
    }
    the_access_log_names_each_reason(&stack, &counts);
}

/// The status, and the filter's reason unless it had none or was not asked.
fn expected(case: &Case) -> (u16, Option<&'static str>) {
    let of = |verdict| match verdict {
        Verdict::Passes => (200, None),
        Verdict::Refused(status, reason) => (status, Some(reason)),
    };
    match case.in_envoy {
        InEnvoy::Same => of(case.verdict),
        InEnvoy::Decides(verdict) => of(verdict),
        InEnvoy::Answers(status) => (status, None),
    }
}

/// What came of it: the status, and the reason that the filter gives for it.
fn verdict(stack: &Stack, case: &Case) -> (u16, Option<String>) {
    let request = Request::new(case.method, &case.target);
    let request = case.headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    let response = request.send(stack.ports().http);
    let explanation = response.header("x-dockgate-debug");
    let reason = explanation.and_then(|text| text.split(';').next());
    (response.status, reason.map(str::to_owned))
}

/// A stack whose filter names its reasons to the client.
fn explaining(forge: &Forge) -> Stack {
    let resources =
        "                    # CHANGE: the URIs by which clients know your API (RFC 9728).\n";
    let debug = "                    debug_header: true\n";
    let mut options = forge.stack_options();
    let edit = Edit::once(resources, format!("{debug}{resources}"));
    options.envoy_edits.push(edit);
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

/// How often each reason is given.
fn expected_counts(cases: &[Case]) -> Counts {
    let mut counts = Counts::new();
    for reason in cases.iter().filter_map(|case| expected(case).1) {
        *counts.entry(reason.to_owned()).or_default() += 1;
    }
    counts
}

/// `response_code_details` says the same as the counters.
fn the_access_log_names_each_reason(stack: &Stack, expected_counts: &Counts) {
    let logged = || {
        let mut counts = Counts::new();
        for line in stack.logs().lines() {
            let details = line
                .split(' ')
                .find_map(|word| word.strip_prefix("dockgate_"));
            if let Some(reason) = details {
                *counts.entry(reason.to_owned()).or_default() += 1;
            }
        }
        counts
    };
    // Envoy writes its access log every ten seconds.
    let deadline = Deadline::after(Duration::from_secs(30));
    deadline.poll(|| (logged() == *expected_counts).then_some(()));
    assert_eq!(logged(), *expected_counts);
}
