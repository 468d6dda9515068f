//! What clients see at Envoy's port is what `cargo xtask up` shows.

use dockgate_tests::browser::Browser;
use dockgate_tests::http::{get, post};
use dockgate_tests::readme;
use dockgate_tests::sign_in::{authorize, code, code_request, redeem_at, refresh_at, text};

use crate::project::Project;

const ALICE: (&str, &str) = ("alice", "wonderland");

#[test]
fn the_commands_of_the_readme_give_its_output() {
    let project = Project::up();
    readme::run_its_commands(project.port());
}

#[test]
fn a_user_logs_in_agrees_and_gets_tokens_that_open_the_api() {
    let project = Project::up();
    let mut browser = Browser::new(project.port());
    let page = authorize(&mut browser, &code_request("spa", "api:read"), ALICE);
    let tokens = redeem_at(project.port(), "spa", &code(&page));
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let tokens = tokens.json();
    let admitted = project.protected(text(&tokens, "access_token"));
    assert_eq!(admitted.json()["user"], "user-4cmzq8xg2v");
    let again = redeem_at(project.port(), "spa", &code(&page));
    assert_eq!(again.json()["error"], "invalid_grant");
    // The second use of the code has revoked what came of the first.
    let refreshed = refresh_at(project.port(), "spa", text(&tokens, "refresh_token"));
    assert_eq!(refreshed.json()["error"], "invalid_grant");
}

#[test]
fn what_has_no_business_at_the_front_door_is_refused() {
    let project = Project::up();
    let port = project.port();
    for path in ["/healthz", "/readyz", "/metrics", "/stats", "/ready"] {
        assert_eq!(get(path).send(port).status, 401, "{path}");
    }
    let altered = project.service_token("api:read") + "A";
    assert_eq!(project.protected(&altered).status, 401);
    let confused = get("/api/public/..%2fadmin/x").send(port);
    assert_eq!(confused.status, 400, "{}", confused.text());
    let health = get("/api/public/health").send(port);
    assert_eq!(health.status, 200);
    let wrong = [("grant_type", "client_credentials")];
    let wrong = post("/token")
        .header("authorization", "Basic c2VydmljZTp3cm9uZw==")
        .form(&wrong)
        .send(port);
    assert_eq!(wrong.status, 401, "{}", wrong.text());
}
