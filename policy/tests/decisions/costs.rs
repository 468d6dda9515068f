//! What is cheap to see is seen before a signature is checked, which costs more than all the rest.

use std::cell::Cell;

use dockgate_policy::keys::VerificationKey;
use dockgate_policy::signature::{SoftwareVerifier, VerifySignature};
use dockgate_policy::{Decision, Request, decide};
use serde_json::json;

use crate::support::*;

/// Counts the signatures that are checked.
#[derive(Default)]
struct Counting(Cell<usize>);

impl VerifySignature for Counting {
    fn verify(&self, key: &VerificationKey, signing_input: &[u8], signature: &[u8]) -> bool {
        self.0.set(self.0.get() + 1);
        SoftwareVerifier.verify(key, signing_input, signature)
    }
}

/// Why it is refused, and how many signatures were checked for that.
fn judged(token: &str) -> (Option<&'static str>, usize) {
    let policy = policy(|_| {});
    let bearer = format!("Bearer {token}");
    let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
    let request = Request {
        method: b"GET",
        target: b"/data",
        headers: &headers,
    };
    let (ring, counting) = (key_ring(&policy), Counting::default());
    let decision = decide(
        &policy,
        &ring,
        &counting,
        &mut cache(&policy),
        &request,
        NOW,
    );
    let reason = match decision {
        Decision::Forward(_) => None,
        Decision::Reply(reply) => reply.denial.as_ref().map(|denial| denial.reason()),
    };
    (reason, counting.0.get())
}

#[test]
fn a_bad_token_costs_no_more_signatures_than_a_good_one_and_mostly_none() {
    let with_header = |name: &str, value: serde_json::Value| {
        let mut header = header();
        header[name] = value;
        sign(1, &header, &claims())
    };
    let [head, payload, signature] =
        [0, 1, 2].map(|part| good().split('.').nth(part).unwrap().to_owned());
    for (reason, token) in [
        ("token_too_long", "a.".repeat(40_000)),
        ("token_structure", format!("{head}.{payload}")),
        ("token_structure", format!("{head}.{payload}.{signature}.")),
        ("algorithm_not_allowed", with_header("alg", json!("none"))),
        ("algorithm_not_allowed", with_header("alg", json!("HS256"))),
        ("critical_extension", with_header("crit", json!(["b64"]))),
        ("not_an_access_token", with_header("typ", json!("JWT"))),
        ("bad_key_id", with_header("kid", json!(1))),
        ("unknown_key", with_header("kid", json!("other"))),
        ("algorithm_mismatch", with_header("alg", json!("ES256"))),
        (
            "unknown_issuer",
            token(|claims| claims["iss"] = json!("https://other.example")),
        ),
        ("expired", token(|claims| claims["exp"] = json!(NOW - 60))),
    ] {
        let (given, checked) = judged(&token);
        assert_eq!((given, checked), (Some(reason), 0));
    }
    let forged = format!("{head}.{payload}.{}", "A".repeat(signature.len()));
    assert_eq!(judged(&forged), (Some("bad_signature"), 1));
    let other = token(|claims| claims["aud"] = json!("other"));
    assert_eq!(judged(&other), (Some("wrong_audience"), 1));
    assert_eq!(judged(&good()), (None, 1));
}
