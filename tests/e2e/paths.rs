//! No spelling of a path gets around a rule, with and without Envoy's own normalisation.

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::demo;
use dockgate_tests::http::get;

/// Spellings of `/api/admin/x` and of ways out of a public path.
const TRICKS: [&str; 26] = [
    "/api/public/health/../../admin/x",
    "/api/public/health/..;/..;/admin/x",
    "/api/public/health/%2e%2e/%2e%2e/admin/x",
    "/api/public/health/.%2e/..%2f/admin/x",
    "/api/public/health%2f..%2f..%2fadmin/x",
    "/api/public/health%5c..%5c..%5cadmin/x",
    "/api/public/health/..\\..\\admin/x",
    "/api/public/health;/../../admin/x",
    "//api/admin/x",
    "/api//admin/x",
    "/api/./admin/x",
    "/api/%61dmin/x",
    "/api;x=y/admin/x",
    "/api/admin;x=y/x",
    "/api/admin%00/x",
    "/api/admin%2fx",
    "/api/admin%5cx",
    "/api\\admin\\x",
    "/api/public/health?/../../admin/x",
    "/api/public/health/../../../api/admin/x",
    "/%2e/api/admin/x",
    "/api/public/health/%c0%ae%c0%ae/%c0%ae%c0%ae/admin/x",
    "/api/public/health%c0%af..%c0%af..%c0%afadmin/x",
    "/api/public/health%e0%80%af..%e0%80%af..%e0%80%afadmin/x",
    "/api/%c1%a1dmin/x",
    "/api/public/health/%252e%252e/admin/x",
];

/// The reader's token opens nothing under /api/admin, so whatever a trick does, the admin's answer
/// must not come.
fn never_opens_admin(stack: &Stack) {
    let token = service_token(stack, "api:read");
    for trick in TRICKS {
        for request in [get(trick), get(trick).bearer(&token)] {
            let response = request.send(stack.ports().http);
            assert!(
                !response.text().contains("Access granted"),
                "{trick}: {}",
                response.text()
            );
            assert!(
                response.status >= 200 && response.status < 500,
                "{trick}: {}",
                response.status
            );
        }
    }
}

#[test]
fn with_normalisation() {
    never_opens_admin(&demo());
}

#[test]
fn without_normalisation() {
    let edits = vec![
        Edit::once(
            "          normalize_path: true\n",
            "          normalize_path: false\n",
        ),
        Edit::once(
            "          merge_slashes: true\n",
            "          merge_slashes: false\n",
        ),
        Edit::once(
            "path_with_escaped_slashes_action: REJECT_REQUEST",
            "path_with_escaped_slashes_action: KEEP_UNCHANGED",
        ),
    ];
    let options = StackOptions {
        envoy_edits: edits,
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    never_opens_admin(&stack);
    // What Envoy no longer refuses, the filter does.
    let token = service_token(&stack, "api:read");
    for trick in TRICKS
        .into_iter()
        .filter(|trick| !trick.contains("health?") && !trick.contains("%25"))
    {
        let response = get(trick).bearer(&token).send(stack.ports().http);
        assert_eq!(response.status, 400, "{trick}: {}", response.text());
    }
}

#[test]
fn rules_do_not_look_at_the_query() {
    let stack = demo();
    for target in [
        "/api/protected/data?/api/public/health",
        "/api/protected/data?path=/api/public/health",
    ] {
        assert_eq!(get(target).send(stack.ports().http).status, 401, "{target}");
    }
}

#[test]
fn forwarded_paths_and_methods_do_not_count() {
    let stack = demo();
    for name in [
        "x-envoy-original-path",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-uri",
        "x-forwarded-path",
    ] {
        let response = get("/api/protected/data")
            .header(name, "/api/public/health")
            .send(stack.ports().http);
        assert_eq!(response.status, 401, "{name}");
    }
    let token = service_token(&stack, "api:read");
    let overridden = get("/api/protected/data")
        .bearer(&token)
        .header("x-http-method-override", "POST");
    assert_eq!(overridden.send(stack.ports().http).status, 200);
}
