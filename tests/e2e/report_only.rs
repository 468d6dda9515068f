//! A rule that only reports, beside rules that do not.

use dockgate_stack::{Edit, Stack, StackOptions};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::http::{Request, get};
use dockgate_tests::stats::assert_counted;

fn stack() -> Stack {
    let rule = "- { prefix: /api/admin, require: { all_scopes: [\"api:admin\"] } }";
    let reporting =
        "- { prefix: /api/admin, require: { all_scopes: [\"api:admin\"] }, enforcement: report }";
    let echo = "                    - { prefix: /api/echo, require: { all_scopes: [\"api:admin\"] }, enforcement: report }\n                    ";
    let options = StackOptions {
        envoy_edits: vec![Edit::once(
            rule,
            format!("{}{reporting}", echo.trim_start()),
        )],
        ..StackOptions::default()
    };
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_reporting_rule_counts_and_lets_pass_and_names_only_whom_it_knows() {
    let stack = stack();
    let port = stack.ports().http;
    let ask = |request: Request| {
        let spoofed = request.header("X_Auth_Subject", "admin");
        let response = spoofed.send(port);
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    };
    // Nobody: no identity, and none invented.
    let seen = ask(get("/api/echo"));
    assert!(!seen.to_string().contains("auth"), "{seen}");
    // A token that proves nothing is left to the upstream.
    let seen = ask(get("/api/echo").bearer("nonsense"));
    assert_eq!(seen["authorization"][0], "Bearer nonsense");
    assert_eq!(seen.get("x-auth-subject"), None);
    // One that verified names its caller, and stays.
    let token = service_token(&stack, "api:read");
    let seen = ask(get("/api/echo").bearer(&token));
    assert_eq!(seen["x-auth-subject"][0], "service");
    assert_eq!(seen.get("authorization"), None);

    for (name, expected) in [
        ("would_deny.no_credentials", 1),
        ("would_deny.token_structure", 1),
        ("would_deny.insufficient_scope", 1),
        ("rules_in_report_mode", 2),
    ] {
        assert_counted(&stack, name, expected);
    }
    assert_counted(&stack, "denied.no_credentials", 0);
    assert!(
        stack
            .logs()
            .contains("dockgate: rules[20] (prefix /api/echo) only reports"),
        "{}",
        stack.logs()
    );
}

#[test]
fn other_rules_and_ambiguous_paths_are_as_strict_as_ever() {
    let stack = stack();
    let port = stack.ports().http;
    assert_eq!(get("/api/protected/data").send(port).status, 401);
    assert_eq!(get("/v1/models").send(port).status, 401);
    // Envoy resolves the dot segment, so that another rule decides.
    let around = get("/api/echo/..;/protected/data").send(port);
    assert_eq!(around.status, 401);
    for path in ["/api/echo;x", "/api/echo/a;b"] {
        assert_eq!(get(path).send(port).status, 400, "{path}");
    }
}
