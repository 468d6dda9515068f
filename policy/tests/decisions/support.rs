//! A base that passes: policy, key, header and claims; and the verdicts.

use std::hash::RandomState;

use dockgate_policy::keys::{KeyRing, KeySet};
use dockgate_policy::signature::SoftwareVerifier;
use dockgate_policy::{Admission, Decision, Policy, Reply, Request, TokenCache, decide};
use dockgate_token::{encode_segment, signing_input};
use ed25519_compact::{KeyPair, Seed};
use serde_json::{Value, json};

/// The one thing that a case does to the claims.
pub(crate) type Mutation = fn(&mut Value);

pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) fn policy(mutate: impl FnOnce(&mut Value)) -> Policy {
    let mut config = json!({
        "issuers": [{
            "issuer": "https://issuer.example",
            "audiences": ["api"],
            "jwks": {"cluster": "issuer", "uri": "https://issuer.example/jwks.json"},
        }],
        "protected_resources": [
            {"resource": "https://api.example", "scopes_supported": ["read"]},
            {"resource": "https://api.example/mcp"},
        ],
        "rules": [
            {"path": "/token", "require": "passthrough"},
            {"path": "/health", "methods": ["GET"], "require": "public"},
            {"prefix": "/data", "methods": ["GET"], "require": {"all_scopes": ["read"]}},
            {"prefix": "/data", "require": {"all_scopes": ["read", "write"]}},
            {"path": "/any", "require": {"any_scope": ["read", "admin"]}},
            {"template": "/users/{id}/notes", "require": {"all_scopes": ["notes"]}},
            {"prefix": "/files", "require": "token", "allow": ["encoded_slash"]},
        ],
    });
    mutate(&mut config);
    Policy::from_json(config.to_string().as_bytes()).unwrap()
}

pub(crate) fn key_pair(seed: u8) -> KeyPair {
    KeyPair::from_seed(Seed::new([seed; 32]))
}

pub(crate) fn jwk(seed: u8, kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode_segment(key_pair(seed).pk.as_ref())})
}

pub(crate) fn key_ring(policy: &Policy) -> KeyRing {
    let mut ring = KeyRing::new(policy);
    for position in 0..policy.issuers().len() {
        let seed = u8::try_from(position + 1).unwrap();
        let document = json!({"keys": [jwk(seed, "k")]}).to_string();
        ring.fetched(
            position,
            KeySet::parse(document.as_bytes()).unwrap().0,
            NOW - 60,
            NOW,
        );
    }
    ring
}

pub(crate) fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "k", "typ": "at+jwt"})
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "sub": "alice", "aud": "api", "client_id": "web",
        "exp": NOW + 600, "iat": NOW - 10, "jti": "1", "scope": "read",
    })
}

pub(crate) fn sign(seed: u8, header: &Value, claims: &Value) -> String {
    let input = signing_input(header.to_string().as_bytes(), claims.to_string().as_bytes());
    let signature = key_pair(seed).sk.sign(input.as_bytes(), None);
    format!("{input}.{}", encode_segment(&signature[..]))
}

pub(crate) fn token(mutate: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims();
    mutate(&mut claims);
    sign(1, &header(), &claims)
}

pub(crate) fn good() -> String {
    token(|_| {})
}

pub(crate) fn ask(
    policy: &Policy,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Verdict {
    let headers: Vec<(&[u8], &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
        .collect();
    let request = Request {
        method: method.as_bytes(),
        target: target.as_bytes(),
        headers: &headers,
    };
    judge(policy, &key_ring(policy), &mut cache(policy), &request, NOW)
}

pub(crate) fn cache(policy: &Policy) -> TokenCache {
    TokenCache::new(policy, RandomState::new())
}

/// What `decide` says, without what it borrows.
pub(crate) fn judge(
    policy: &Policy,
    keys: &KeyRing,
    cache: &mut TokenCache,
    request: &Request<'_>,
    now: u64,
) -> Verdict {
    match decide(policy, keys, &SoftwareVerifier, cache, request, now) {
        Decision::Reply(reply) => Verdict::Refused(reply),
        Decision::Forward(permit) => {
            let edits = permit.edits();
            let set = edits.set.into_iter();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            Verdict::Passed(Passed {
                remove: edits.remove.into_iter().map(<[u8]>::to_vec).collect(),
                set: set
                    .map(|(name, value)| (name.to_owned(), text(value)))
                    .collect(),
                admission: permit.admission().clone(),
                filter_state: permit.filter_state().to_vec(),
            })
        }
    }
}

#[derive(Debug)]
pub(crate) enum Verdict {
    Passed(Passed),
    Refused(Reply),
}

#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) admission: Admission,
    pub(crate) remove: Vec<Vec<u8>>,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) filter_state: Vec<(&'static str, String)>,
}

pub(crate) fn with_token(policy: &Policy, method: &str, target: &str, token: &str) -> Verdict {
    ask(
        policy,
        method,
        target,
        &[("authorization", &format!("Bearer {token}"))],
    )
}

#[track_caller]
pub(crate) fn passes(verdict: Verdict) -> Passed {
    match verdict {
        Verdict::Passed(passed) => passed,
        Verdict::Refused(reply) => panic!("refused: {:?}", reply.denial),
    }
}

#[track_caller]
pub(crate) fn refused(verdict: Verdict, reason: &str) -> Reply {
    match verdict {
        Verdict::Passed(passed) => panic!("passed: {passed:?}, expected {reason}"),
        Verdict::Refused(reply) => {
            assert_eq!(reply.denial.as_ref().unwrap().reason(), reason);
            reply
        }
    }
}

pub(crate) fn header_of<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply
        .answer
        .headers
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, value)| &**value)
}
