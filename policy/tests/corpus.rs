//! The corpus of hostile requests, natively. `tests/e2e/hostile.rs` shows the same cases to the
//! filter inside Envoy.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test they are the verdict"
)]

use std::hash::RandomState;

use dockgate_corpus::{Case, Keys, Verdict, cases};
use dockgate_policy::keys::{KeyRing, KeySet};
use dockgate_policy::signature::SoftwareVerifier;
use dockgate_policy::{Decision, Policy, Request, TokenCache, decide};

const NOW: u64 = 1_800_000_000;

#[test]
fn each_case_has_its_verdict_and_its_reason() {
    let keys = Keys::generate();
    let policy = Policy::from_json(dockgate_corpus::policy().to_string().as_bytes()).unwrap();
    let mut ring = KeyRing::new(&policy);
    let (set, skipped) = KeySet::parse(keys.jwks().to_string().as_bytes()).unwrap();
    assert_eq!(skipped, []);
    ring.fetched(0, set, NOW, NOW);
    let cases = cases(&keys, NOW);
    // One for all, as in a worker: no case changes what the next one is told, itself included.
    let mut cache = TokenCache::new(&policy, RandomState::new());
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(|case| [case, case])
        .filter_map(|case| {
            let decided = verdict(&policy, &ring, &mut cache, case);
            (decided != case.verdict).then(|| {
                format!(
                    "{} {}: {decided:?}, not {:?}",
                    case.id, case.name, case.verdict
                )
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    assert!(cases.len() > 500, "{}", cases.len());
}

fn verdict(policy: &Policy, ring: &KeyRing, cache: &mut TokenCache, case: &Case) -> Verdict {
    let headers: Vec<(&[u8], &[u8])> = case
        .headers
        .iter()
        .map(|(name, value)| (name.as_slice(), value.as_slice()))
        .collect();
    let request = Request {
        method: case.method.as_bytes(),
        target: &case.target,
        headers: &headers,
    };
    match decide(policy, ring, &SoftwareVerifier, cache, &request, NOW) {
        Decision::Forward(_) => Verdict::Passes,
        Decision::Reply(reply) => match &reply.denial {
            Some(denial) => {
                let status = u16::try_from(reply.answer.status).unwrap();
                Verdict::Refused(status, denial.reason())
            }
            None => panic!("{} {}: a document", case.id, case.name),
        },
    }
}
