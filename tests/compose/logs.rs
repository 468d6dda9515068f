//! What `docker compose logs` shows: enough, readable, and no secret.

use dockgate_tests::browser::Browser;
use dockgate_tests::http::percent_encode;
use dockgate_tests::sign_in::{
    VERIFIER, authorize, client_post_at, code, code_request, redeem_at, refresh_at, text,
};

use crate::project::Project;

/// Of a start and of what the test does. More would be noise.
const MOST_LINES: usize = 100;

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

    let logs = project.logs();
    for secret in secrets {
        for spelling in [percent_encode(&secret), secret] {
            assert!(!logs.contains(&spelling), "{spelling} in {logs}");
        }
    }
    for wanted in [
        "serving",
        "GET /api/protected/data 200",
        "sample-api listens",
    ] {
        assert!(logs.contains(wanted), "no {wanted:?} in {logs}");
    }
    assert!(logs.lines().count() <= MOST_LINES, "{logs}");
    assert!(
        !logs.contains('\u{1b}'),
        "colours, where there is no terminal: {logs}"
    );
}
