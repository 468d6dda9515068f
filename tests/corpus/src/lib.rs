//! Hostile requests and what has to become of each: one corpus that the decision core is shown
//! natively and the whole filter inside Envoy, with the same verdict and the same reason.
//!
//! A case is a request that passes but for one thing. Where Envoy itself answers, or hands the
//! filter something else than what was sent, the case says so.

mod algorithms;
mod critical;
mod form;
mod http;
mod identity;
mod json;
mod key_selection;
mod keys;
mod rsa_padding;
mod signatures;
mod time;
mod work;

use dockgate_token::{Algorithm, encode_segment, signing_input};
use serde_json::{Value, json};

pub use keys::Keys;
pub use work::worked;

/// The issuer of every token here.
pub const ISSUER: &str = "https://forge.example";
/// The path of every case that is not about paths. It needs the scope `api:read`.
pub const PATH: &str = "/api/protected/data";

/// One request and its verdict.
#[derive(Clone, Debug)]
pub struct Case {
    /// By which COVERAGE.md knows the rule.
    pub id: &'static str,
    /// What is wrong with the request, or right.
    pub name: String,
    /// The method.
    pub method: &'static str,
    /// The target, with the query.
    pub target: Vec<u8>,
    /// Headers, in order, as bytes.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// What the decision core says.
    pub verdict: Verdict,
    /// What becomes of it in Envoy.
    pub in_envoy: InEnvoy,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on to the API.
    Passes,
    /// It is answered with this status, for this reason.
    Refused(u16, &'static str),
}

/// What becomes of a case inside Envoy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InEnvoy {
    /// The same verdict for the same reason.
    Same,
    /// Envoy answers with this status before the filter sees anything.
    Answers(u16),
    /// Envoy changes the request, and the filter decides this about what is left of it.
    Decides(Verdict),
}

/// A token's fault: 401 for a reason.
const fn bad_token(reason: &'static str) -> Verdict {
    Verdict::Refused(401, reason)
}

/// Collects cases, and makes the tokens in them.
struct Corpus<'a> {
    keys: &'a Keys,
    now: u64,
    cases: Vec<Case>,
}

/// Every case, with tokens for the time `now` (seconds since the epoch).
#[must_use]
pub fn cases(keys: &Keys, now: u64) -> Vec<Case> {
    let mut corpus = Corpus {
        keys,
        now,
        cases: Vec::new(),
    };
    form::add(&mut corpus);
    algorithms::add(&mut corpus);
    key_selection::add(&mut corpus);
    critical::add(&mut corpus);
    signatures::add(&mut corpus);
    rsa_padding::add(&mut corpus);
    json::add(&mut corpus);
    time::add(&mut corpus);
    identity::add(&mut corpus);
    http::add(&mut corpus);
    corpus.cases
}

/// The filter's configuration for the cases, but for what the demo has and no case needs.
#[must_use]
pub fn policy() -> Value {
    json!({
        "issuers": [{
            "issuer": ISSUER,
            "audiences": ["api-gateway"],
            "jwks": {"cluster": "forge", "uri": format!("{ISSUER}/jwks")},
        }],
        "rules": [
            {"path": "/api/public/health", "methods": ["GET", "HEAD"], "require": "public"},
            {"prefix": "/api/protected", "methods": ["GET", "HEAD"], "require": {"all_scopes": ["api:read"]}},
            {"prefix": "/api/protected", "require": {"all_scopes": ["api:write"]}},
            {"prefix": "/api/admin", "require": {"all_scopes": ["api:admin"]}},
        ],
    })
}

/// The header of a good token.
#[must_use]
pub fn header(algorithm: Algorithm) -> Value {
    json!({"alg": algorithm.as_str(), "kid": algorithm.as_str(), "typ": "at+jwt"})
}

/// The claims of a good token.
#[must_use]
pub fn claims(now: u64) -> Value {
    json!({
        "iss": ISSUER, "sub": "forged", "aud": "api-gateway", "client_id": "forge",
        "iat": now - 5, "exp": now + 300, "jti": "1", "scope": "api:read",
    })
}

/// A compact JWS of a header and claims as they are.
#[must_use]
pub fn sign(keys: &Keys, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    sign_bytes(keys, algorithm, header.as_bytes(), claims.as_bytes())
}

fn sign_bytes(keys: &Keys, algorithm: Algorithm, header: &[u8], payload: &[u8]) -> String {
    let input = signing_input(header, payload);
    let signature = keys.sign(algorithm, input.as_bytes());
    format!("{input}.{}", encode_segment(&signature))
}

impl Corpus<'_> {
    fn claims(&self) -> Value {
        claims(self.now)
    }

    /// A good token.
    fn good(&self, algorithm: Algorithm) -> String {
        sign(self.keys, algorithm, &header(algorithm), &self.claims())
    }

    /// A token under a header that is good but for what `mutate` does to it.
    fn with_header(&self, algorithm: Algorithm, mutate: impl FnOnce(&mut Value)) -> String {
        let mut header = header(algorithm);
        mutate(&mut header);
        sign(self.keys, algorithm, &header, &self.claims())
    }

    /// A token of claims that are good but for what `mutate` does to them.
    fn with_claims(&self, mutate: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims();
        mutate(&mut claims);
        let algorithm = Algorithm::ES256;
        sign(self.keys, algorithm, &header(algorithm), &claims)
    }

    /// A token of a payload as it is.
    fn with_payload(&self, payload: &[u8]) -> String {
        let algorithm = Algorithm::ES256;
        let header = header(algorithm).to_string();
        sign_bytes(self.keys, algorithm, header.as_bytes(), payload)
    }

    /// A token of a header as it is.
    fn with_raw_header(&self, header: &[u8]) -> String {
        let claims = self.claims().to_string();
        sign_bytes(self.keys, Algorithm::ES256, header, claims.as_bytes())
    }

    /// A GET of [`PATH`] with these values of `Authorization`.
    fn values(
        &mut self,
        id: &'static str,
        name: impl Into<String>,
        values: &[&[u8]],
        verdict: Verdict,
        in_envoy: InEnvoy,
    ) {
        let named = |value: &&[u8]| (b"authorization".to_vec(), value.to_vec());
        self.cases.push(Case {
            id,
            name: name.into(),
            method: "GET",
            target: PATH.into(),
            headers: values.iter().map(named).collect(),
            verdict,
            in_envoy,
        });
    }

    /// The same with one bearer token.
    fn token(
        &mut self,
        id: &'static str,
        name: impl Into<String>,
        token: impl AsRef<[u8]>,
        verdict: Verdict,
    ) {
        let value = [b"Bearer ", token.as_ref()].concat();
        self.values(id, name, &[&value], verdict, InEnvoy::Same);
    }

    /// A token for each change of the claims.
    fn claim_cases(&mut self, id: &'static str, verdict: Verdict, values: &[(&str, Value)]) {
        for (claim, value) in values {
            let token = self.with_claims(|claims| claims[*claim] = value.clone());
            self.token(id, format!("{claim} is {value}"), token, verdict);
        }
    }

    /// A token for each change of the header.
    fn header_cases(&mut self, id: &'static str, verdict: Verdict, values: &[(&str, Value)]) {
        for (member, value) in values {
            let token = self.with_header(Algorithm::ES256, |header| {
                header[*member] = value.clone();
            });
            self.token(id, format!("{member} is {value}"), token, verdict);
        }
    }
}

/// Takes a member away.
fn remove(object: &mut Value, member: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(member);
    }
}
