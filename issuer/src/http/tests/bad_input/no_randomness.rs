//! Good requests, while there is no randomness.

use super::*;
use crate::entropy::EntropyFailure;

/// Whose tokens need none: nothing is made for them.
const READS: [&str; 3] = ["/introspect", "/revoke", "/userinfo"];

#[test]
fn without_randomness_nothing_is_issued_and_nothing_is_used_up() {
    let mut storm = Storm::new();
    let good = std::mem::replace(
        &mut storm.service,
        TowerToHyperService::new(routes(App {
            entropy: |_| Err(EntropyFailure),
            ..storm.app.clone()
        })),
    );
    for request in good::all(&storm) {
        if READS.contains(&request.path) {
            continue;
        }
        let what = request.what;
        let answer = storm.without_a_trace(what, request.request());
        let status = answer.response.status;
        assert!(
            status.is_server_error(),
            "{what}: {status} {}",
            answer.text()
        );
        assert_eq!(answer.header("content-type"), "application/json", "{what}");
        for name in [
            "access_token",
            "refresh_token",
            "id_token",
            "device_code",
            "request_uri",
        ] {
            assert_eq!(answer.json()[name], Value::Null, "{what}: {name}");
        }
    }
    for path in [
        "/authorize?response_type=code&client_id=spa&scope=api:read&redirect_uri=http://127.0.0.1:1/callback&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        "/device",
        "/account",
    ] {
        let request = Request::get(path).body(Vec::new()).unwrap();
        let answer = storm.without_a_trace(path, request);
        assert!(
            answer.response.status.is_server_error(),
            "{path}: {}",
            answer.text()
        );
        assert_eq!(answer.header("location"), "", "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
    storm.service = good;
    for good in good::all(&storm) {
        let answer = storm.send(good.request());
        // An assertion is used up by being looked at, whatever comes of it.
        let used = good.what == "jwt bearer";
        let is_good = answer.response.status.is_success();
        assert_eq!(is_good, !used, "{}: {}", good.what, answer.text());
    }
}
