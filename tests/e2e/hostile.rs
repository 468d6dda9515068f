//! The corpus of hostile requests, inside Envoy. `policy/tests/corpus.rs` shows the same cases to the
//! decision core natively.

use std::collections::BTreeMap;
use std::time::Duration;

use dockgate_corpus::{Case, InEnvoy, Verdict, cases};
use dockgate_stack::{Deadline, Stack};
use dockgate_tests::forge::{self, Forge};
use dockgate_tests::http::{Request, get};
use dockgate_token::Algorithm;

/// How often each reason was counted.
type Counts = BTreeMap<String, u64>;

#[test]
fn each_case_has_the_same_verdict_and_reason_inside_envoy_and_a_good_token_passes_after_it() {
    let forge = Forge::new();
    let stack = forge.stack();
    let cases = cases(&forge.keys, forge::now());
    let mut before = denied(&stack);
    let mut wrong = Vec::new();
    for case in &cases {
        let (seen, after) = verdict(&stack, case, &before);
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
        before = after;
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    assert!(!stack.logs().contains("Wasm VM failed"), "{}", stack.logs());
    the_access_log_names_each_reason(&stack, &cases);
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

/// What came of it: the status, and the reason whose counter went up.
fn verdict(stack: &Stack, case: &Case, before: &Counts) -> ((u16, Option<String>), Counts) {
    let request = Request::new(case.method, &case.target);
    let request = case.headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    let status = request.send(stack.ports().http).status;
    let after = denied(stack);
    let risen = after
        .iter()
        .filter(|(reason, count)| before.get(*reason).copied().unwrap_or_default() < **count);
    let reasons: Vec<&str> = risen.map(|(reason, _)| reason.as_str()).collect();
    let reason = (!reasons.is_empty()).then(|| reasons.join(" and "));
    ((status, reason), after)
}

fn denied(stack: &Stack) -> Counts {
    let stats = get("/stats?filter=dockgate.denied").send(stack.ports().admin);
    let counter = |line: &str| {
        let (name, count) = line.split_once(": ")?;
        let (_, reason) = name.rsplit_once("dockgate.denied.")?;
        Some((reason.to_owned(), count.parse().ok()?))
    };
    stats.text().lines().filter_map(counter).collect()
}

/// `response_code_details` says the same as the counters.
fn the_access_log_names_each_reason(stack: &Stack, cases: &[Case]) {
    let mut expected_counts = Counts::new();
    for reason in cases.iter().filter_map(|case| expected(case).1) {
        *expected_counts.entry(reason.to_owned()).or_default() += 1;
    }
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
    deadline.poll(|| (logged() == expected_counts).then_some(()));
    assert_eq!(logged(), expected_counts);
}
