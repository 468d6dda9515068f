//! Bad input: requests that would succeed, with one thing wrong. Each is refused with an error code
//! of the RFCs, repeats nothing that was sent, and leaves the store as it was, row by row.

mod browsers;
mod good;
mod headers;
mod no_randomness;
mod parameters;
mod wrong_kinds;

use axum::http::HeaderValue;
use tokio::runtime::Runtime;

use self::good::{Good, Kind, Parameter};
use super::*;
use crate::entropy::system_entropy;
use crate::protocol::fixture::NOW;
use crate::protocol::fixture::tokens::{Issued, issued};
use crate::protocol::signer;

/// In everything that is sent where it might be repeated.
const CANARY: &str = "zyxwv-canary";

/// Of RFC 6749 §5.2, RFC 6750 §3.1, RFC 8628 §3.5, RFC 8707 §2, RFC 9126 §2.3 and RFC 6749
/// §4.1.2.1, OIDC Core §3.1.2.6; and, for a request without a token, one that no header says (RFC 6750 §3.1).
const CODES: [&str; 14] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "insufficient_scope",
    "request_not_supported",
    "registration_not_supported",
    "temporarily_unavailable",
    "unauthorized",
];

/// An issuer with something of each kind in its store.
struct Storm {
    app: App,
    runtime: Runtime,
    service: TowerToHyperService<axum::Router>,
    store: Arc<SledStore>,
    tokens: Issued,
    code: &'static str,
    device_code: &'static str,
    request_uri: String,
    _directory: TempDir,
}

/// An answer with its body read.
struct Answer {
    response: axum::http::response::Parts,
    body: Vec<u8>,
}

impl Storm {
    fn new() -> Self {
        let directory = TempDir::new();
        let app = App {
            server: signer::fixture().server,
            clock: || NOW,
            entropy: system_entropy,
            ..demo_app_in(directory.path(), "http://localhost:8080")
        };
        let store = app.store.clone();
        let tokens = issued(app.context(), "web", "openid api:read api:write");
        let mut storm = Self {
            app: app.clone(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            service: TowerToHyperService::new(routes(app)),
            code: good::CODE,
            device_code: good::DEVICE_CODE,
            request_uri: String::new(),
            store,
            tokens,
            _directory: directory,
        };
        storm.runtime.block_on(good::fill(&storm.store));
        let pushed = storm.send(good::par(&storm).request());
        storm.request_uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
        storm
    }

    fn send(&self, request: Request<Vec<u8>>) -> Answer {
        let request = request.map(Body::from);
        self.runtime.block_on(async {
            let response = self.service.call(request).await.unwrap();
            let (response, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes().to_vec();
            Answer { response, body }
        })
    }

    /// What is stored, but for the names of client assertions: one that is good authenticates its
    /// client, and is used up by that, whatever its client then asks for.
    fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rows = self.store.all_rows();
        rows.retain(|(key, _)| !key.starts_with(b"used_names/"));
        rows
    }

    /// Sends it, and sees to it that nothing came of it.
    #[track_caller]
    fn without_a_trace(&self, what: &str, request: Request<Vec<u8>>) -> Answer {
        let before = self.rows();
        let answer = self.send(request);
        assert!(before == self.rows(), "{what}: something is stored");
        let whole = format!("{:?}{}", answer.response.headers, answer.text());
        assert!(!whole.contains(CANARY), "{what}: {whole}");
        answer
    }

    /// What was refused has spoiled nothing for the request that is right: not even a code, a
    /// refresh token or an assertion is used up.
    fn still_works(&self) {
        for good in good::all(self) {
            let answer = self.send(good.request());
            let status = answer.response.status;
            // Wrong passwords make the right one wait.
            let throttled = good.what == "password" && status == StatusCode::TOO_MANY_REQUESTS;
            let what = good.what;
            assert!(
                status.is_success() || throttled,
                "{what}: {status} {}",
                answer.text()
            );
        }
    }

    /// Sends it, and expects a refusal as JSON.
    #[track_caller]
    fn refuses(&self, what: &str, request: Request<Vec<u8>>) -> Value {
        let answer = self.without_a_trace(what, request);
        let status = answer.response.status.as_u16();
        assert!(
            (400..500).contains(&status),
            "{what}: {status} {}",
            answer.text()
        );
        for (name, value) in [
            ("content-type", "application/json"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{what}");
        }
        let plain = |text: &Value| {
            let text = text.as_str().unwrap().bytes();
            text.into_iter()
                .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E))
        };
        let json = answer.json();
        let error = json["error"].as_str().unwrap();
        assert!(CODES.contains(&error), "{what}: {json}");
        assert!(plain(&json["error_description"]), "{what}: {json}");
        let has = |name| !answer.header(name).is_empty();
        assert_eq!(status == 401, has("www-authenticate") && status == 401);
        assert_eq!(status == 429, has("retry-after"), "{what}");
        assert_eq!(error == "temporarily_unavailable", status == 429, "{what}");
        json
    }
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.response.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}
