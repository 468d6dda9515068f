//! Keys that stand in the configuration, and keys that are found through the issuer's metadata.

use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Stack, StackOptions};
use dockgate_tests::forge::{Answer, Forge, ISSUER};
use dockgate_tests::http::get;
use dockgate_token::Algorithm;
use serde_json::json;

/// Where the demo's filter has its keys from.
const DEMO_KEYS: &str = "cluster: issuer
                        uri: http://localhost:8080/.well-known/jwks.json
                        refresh_seconds: 300";

fn opens(forge: &Forge, jwks: &str) {
    let options = forge.stack_options_with(jwks);
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let token = forge.token(algorithm, |_| {});
        let request = get("/api/protected/data").bearer(&token);
        assert_eq!(request.send(stack.ports().http).status, 200);
    }
}

#[test]
fn inline_keys_need_no_fetch() {
    let forge = Forge::new();
    let document = forge.jwks.document();
    opens(&forge, &format!("inline: {document}"));
    opens(&forge, &format!("inline: '{document}'"));
    assert_eq!(forge.jwks.served(), 0);
}

/// Tokens are judged all the same, so nothing else would say that the gauges are missing.
#[test]
fn inline_keys_need_no_shared_data_and_the_missing_gauges_are_told_once() {
    let forge = Forge::new();
    let inline = format!("inline: {}", forge.jwks.document());
    let mut options = StackOptions {
        // The start awaits a gauge.
        await_keys: false,
        ..forge.stack_options_with(&inline)
    };
    options.envoy_edits.push(Edit::once(DEMO_KEYS, inline));
    for capability in ["proxy_get_shared_data", "proxy_set_shared_data"] {
        let line = format!("                      {capability}: {{}}\n");
        options.envoy_edits.push(Edit::once(line, ""));
    }
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    let token = forge.token(Algorithm::ES256, |_| {});
    let request = || get("/api/protected/data").bearer(&token);
    let admitted = Deadline::after(Duration::from_secs(40))
        .poll(|| (request().send(stack.ports().http).status == 200).then_some(()));
    assert_eq!(admitted, Some(()));
    // Envoy configures a VM for its main thread, one for each of two workers, and one to try.
    let said = |words: &str| {
        let log = std::fs::read_to_string(stack.log_dir().join("envoy.log")).expect("a log");
        log.matches(words).count()
    };
    let by_each = || {
        let told = said("the gauges are not kept");
        (told >= 3 && told == said("dockgate: verified by the host")).then_some(told)
    };
    let told = Deadline::after(Duration::from_secs(20)).poll(by_each);
    let told = told.expect("each VM tells once");
    // Envoy writes a line for each call that it does not allow: these stop.
    let refused = said("restricted proxy-wasm capability: proxy_set_shared_data");
    assert!(refused <= told, "{refused} by {told}");
}

#[test]
fn keys_are_found_through_the_issuers_metadata() {
    for well_known in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let forge = Forge::new();
        let metadata = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/some/keys")});
        forge.jwks.answer_with(404, "");
        forge
            .jwks
            .answer_at(well_known, Answer::document(200, metadata.to_string()));
        forge
            .jwks
            .answer_at("/some/keys", Answer::document(200, forge.jwks.document()));
        opens(&forge, "cluster: forge, discover: true");
    }
}
