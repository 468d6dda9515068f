//! Two filters with configurations of their own in one Envoy, and so in the same VMs.

use dockgate_stack::{Edit, Stack, StackOptions, repository};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::http::get;
use dockgate_tests::stats::assert_counted;

const AFTER: &str = "          # ---- COPY to here";

/// The public key of RFC 8037 Appendix A.2.
const RFC_8037_KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// The second, which only reports about what the first lets pass.
fn second_filter() -> String {
    let config = std::fs::read_to_string(repository().join("envoy/envoy.yaml")).expect("a file");
    let vm = config.find("                vm_config:\n").expect("a VM");
    let end = config.find(AFTER).expect("an end");
    let own = serde_json::json!({
        "issuers": [{"issuer": "https://other.example", "audiences": ["other"], "jwks": {"inline": {
            "keys": [{"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_KEY}]}}}],
        "rules": [
            {"path": "/token", "require": "passthrough"},
            {"prefix": "/api", "require": "token", "enforcement": "report"},
            {"prefix": "/v1", "require": "token", "enforcement": "report"},
        ],
    });
    format!(
        r#"          - name: second
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
              config:
                name: second
                failure_policy: FAIL_RELOAD
                configuration:
                  "@type": type.googleapis.com/google.protobuf.StringValue
                  value: '{own}'
{}"#,
        &config[vm..end]
    )
}

#[test]
fn gauges_are_about_both_and_no_filter_overwrites_the_others() {
    let rule = "- { prefix: /v1, require: { all_scopes: [\"api:write\"] }";
    let options = StackOptions {
        envoy_edits: vec![
            Edit::once(AFTER, second_filter() + AFTER),
            Edit::once(
                format!("{rule} }}"),
                format!("{rule}, enforcement: report }}"),
            ),
        ],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    assert_counted(&stack, "rules_in_report_mode", 3);
    assert_counted(&stack, "workers_with_keys", 3);
    let token = service_token(&stack, "api:read");
    let answer = get("/api/protected/data")
        .bearer(&token)
        .send(stack.ports().http);
    assert_eq!(answer.status, 200, "{}", answer.text());
    // The first has taken the token away, of this request and of the one that awaited the start.
    assert_counted(&stack, "would_deny.no_credentials", 2);
    assert_counted(&stack, "rules_in_report_mode", 3);
}
