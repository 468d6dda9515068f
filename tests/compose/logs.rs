//! What `docker compose logs` shows: enough, readable, and no secret.

use std::time::Duration;

use dockgate_stack::Deadline;
use dockgate_tests::browser::Browser;
use dockgate_tests::http::percent_encode;
use dockgate_tests::sign_in::{
    VERIFIER, authorize, client_post_at, code, code_request, redeem_at, refresh_at, text,
};

use crate::project::{Project, SERVICES};

/// Of a start and of what the test does. More would be noise.
const MOST_LINES: usize = 100;

/// What each service has to say.
const WANTED: [&str; 5] = [
    "serving issuer=",
    "sample-api listens",
    "GET /api/protected/data 200",
    "GET /api/protected/data 401 dockgate_",
    "POST /revoke 200",
];

/// Envoy keeps its access log for a second before it writes it.
const FLUSH: Duration = Duration::from_secs(20);

#[test]
fn logs_are_short_plain_and_free_of_secrets() {
    let project = Project::up();
    let port = project.port();
    let mut secrets: Vec<String> = ["wonderland", "web-secret", "service-secret", VERIFIER]
        .map(str::to_owned)
        .into();
    let service = project.service_token("api:read");
    assert_eq!(project.protected(&service).status, 200);
    assert_eq!(project.protected(&format!("{service}A")).status, 401);
    let mut browser = Browser::new(port);
    let request = code_request("web", "openid api:read");
    let page = authorize(&mut browser, &request, ("alice", "wonderland"));
    let code = code(&page);
    let tokens = redeem_at(port, "web", &code).json();
    let refreshed = refresh_at(port, "web", text(&tokens, "refresh_token")).json();
    let revoked = [("token", text(&refreshed, "refresh_token"))];
    assert_eq!(client_post_at(port, "/revoke", "web", &revoked).status, 200);
    // A failure is logged too.
    assert_eq!(redeem_at(port, "web", &code).status, 400);
    for answer in [&tokens, &refreshed] {
        for name in ["access_token", "refresh_token", "id_token"] {
            secrets.push(text(answer, name).to_owned());
        }
    }
    secrets.extend([service, code]);
    secrets.extend(browser.cookies().values().cloned());

    let mut logs = String::new();
    let written = Deadline::after(FLUSH).poll(|| {
        logs = project.logs();
        WANTED.iter().all(|line| logs.contains(line)).then_some(())
    });
    assert!(written.is_some(), "not all of {WANTED:?} in {logs}");
    for secret in secrets {
        for spelling in [percent_encode(&secret), secret] {
            assert!(!logs.contains(&spelling), "{spelling} in {logs}");
        }
    }
    assert!(logs.lines().count() <= MOST_LINES, "{logs}");
    // Compose may add its own; what the containers write has none, since there is no terminal.
    for service in SERVICES {
        let log = project.log_of(service);
        assert!(!log.contains('\u{1b}'), "colours of {service}: {log}");
    }
}
