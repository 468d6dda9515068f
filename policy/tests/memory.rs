//! What of the memory a token takes: while it is judged, and afterwards.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hash::RandomState;

use dockgate_policy::keys::{KeyRing, KeySet, VerificationKey};
use dockgate_policy::signature::VerifySignature;
use dockgate_policy::{Decision, Policy, Request, TokenCache, decide};
use dockgate_token::{encode_segment, signing_input};
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Counts what a thread has allocated and not freed.
struct Counting;

fn count(bytes: isize) {
    // A thread that ends has neither any more.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        MOST.try_with(|most| most.set(most.get().max(live.get())))
    });
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}

#[expect(unsafe_code, reason = "an allocator is")]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Takes any signature for a good one, so that a test has time for many tokens.
struct Credulous;

impl VerifySignature for Credulous {
    fn verify(&self, _: &VerificationKey, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

struct Filter {
    policy: Policy,
    keys: KeyRing,
    cache: TokenCache,
}

impl Filter {
    fn new(cache: &Value) -> Self {
        let config = json!({
            "issuers": [{
                "issuer": "https://issuer.example",
                "audiences": ["api"],
                "jwks": {"cluster": "issuer", "uri": "https://issuer.example/jwks.json"},
            }],
            "cache": cache,
            "max_token_bytes": 61_440,
            "protected_resources": [{"resource": "https://api.example"}],
            "rules": [{"prefix": "/", "require": {"all_scopes": ["read"]}}],
        });
        let policy = Policy::from_json(config.to_string().as_bytes()).unwrap();
        let mut keys = KeyRing::new(&policy);
        // RFC 8037 §A.2.
        let key = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
        let (set, _) = KeySet::parse(key.to_string().as_bytes()).unwrap();
        keys.fetched(0, set, NOW - 60, NOW);
        let cache = TokenCache::new(&policy, RandomState::new());
        Self {
            policy,
            keys,
            cache,
        }
    }

    /// Whether the token opens, and the most that it took of the memory meanwhile.
    fn judge(&mut self, token: &str) -> (bool, usize) {
        let (refused, most) = self.reason(token);
        (refused.is_none(), most)
    }

    /// The same with why it does not.
    fn reason(&mut self, token: &str) -> (Option<&'static str>, usize) {
        let bearer = format!("Bearer {token}");
        let headers: [(&[u8], &[u8]); 1] = [(b"authorization", bearer.as_bytes())];
        let request = Request {
            method: b"GET",
            target: b"/data",
            headers: &headers,
        };
        let before = LIVE.get();
        MOST.set(before);
        let decision = decide(
            &self.policy,
            &self.keys,
            &Credulous,
            &mut self.cache,
            &request,
            NOW,
        );
        let refused = match &decision {
            Decision::Forward(_) => None,
            Decision::Reply(reply) => reply.denial.as_ref().map(|denial| denial.reason()),
        };
        drop(decision);
        (refused, usize::try_from(MOST.get() - before).unwrap())
    }
}

/// A token with some text in its claims, in JSON.
fn token(more: &str) -> String {
    let header = r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#;
    let claims = format!(
        r#"{{"iss":"https://issuer.example","sub":"alice","aud":"api","client_id":"web","exp":{},"iat":{},"scope":"read"{more}}}"#,
        NOW + 600,
        NOW - 10
    );
    let input = signing_input(header.as_bytes(), claims.as_bytes());
    format!("{input}.{}", encode_segment(&[1; 64]))
}

/// As many as fit into a token.
fn filled(part: &str) -> String {
    let parts = vec![part; 40_000 / (part.len() + 1)].join(",");
    token(&format!(r#","jti":"1","more":[{parts}]"#))
}

#[test]
fn a_token_takes_ten_times_its_length_and_no_hostile_one_a_hundred_times() {
    let groups: Vec<_> = (0..1000)
        .map(|number| format!("\"group number {number} of many\""))
        .collect();
    let groups = format!(r#","jti":"1","teams":[{}]"#, groups.join(","));
    for (what, text) in [
        (
            "usual",
            token(
                r#","jti":"0123456789abcdef0123456789abcdef","auth_time":1799999000,"acr":"urn:example:level:1","amr":["pwd","otp"]"#,
            ),
        ),
        ("groups", token(&groups)),
        (
            "a long text",
            token(&format!(r#","jti":"1","more":"{}""#, "x".repeat(40_000))),
        ),
    ] {
        let (refused, most) = Filter::new(&json!({})).reason(&text);
        println!("{what}: {} bytes take {most}", text.len());
        assert_eq!(refused, None, "{what}");
        assert!(most <= 10 * text.len(), "{what}: {most} for {}", text.len());
    }
    for part in [
        "{}",
        "[]",
        "0",
        "\"\"",
        r#"{"":0}"#,
        r#"{"":{}}"#,
        "[0]",
        "[[]]",
        r#""\u0000""#,
    ] {
        let text = filled(part);
        let (_, most) = Filter::new(&json!({})).judge(&text);
        println!("{part}: {} bytes take {most}", text.len());
        assert!(most < 100 * text.len(), "{part}: {most} for {}", text.len());
    }
    let dots = ".".repeat(20_000);
    let (opened, most) = Filter::new(&json!({})).judge(&dots);
    assert!(!opened && most <= 10 * dots.len(), "{most} for dots");
}

#[test]
fn what_was_seen_stays_within_the_cache_however_many_come() {
    let mut filter = Filter::new(&json!({"max_entries": 200, "max_bytes": 1 << 20}));
    let mut live = Vec::new();
    for round in 0..10 {
        for number in 0..200 {
            let good = token(&format!(r#","jti":"{:08}""#, round * 200 + number));
            assert!(filter.judge(&good).0);
            let bad = good.replace("EdDSA", "none") + "x";
            assert!(!filter.judge(&bad).0);
        }
        live.push(LIVE.get());
    }
    let first = live[1];
    println!("{live:?}");
    assert!(
        live[1..]
            .iter()
            .all(|live| (live - first).abs() < first / 20),
        "{live:?}"
    );
}
