//! Keys that stand in the configuration, and keys that are found through the issuer's metadata.

use dockgate_stack::Stack;
use dockgate_tests::forge::{Answer, Forge, ISSUER};
use dockgate_tests::http::get;
use dockgate_token::Algorithm;
use serde_json::json;

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
