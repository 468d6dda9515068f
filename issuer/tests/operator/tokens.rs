//! `token`: the families of refresh tokens, by what a user gets with the password grant.

use serde_json::Value;

use crate::process::{Directory, Issuer};

fn refresh_token(issuer: &Issuer) -> String {
    let form = [
        ("grant_type", "password"),
        ("client_id", "legacy"),
        ("client_secret", "legacy-secret"),
        ("username", "alice"),
        ("password", "wonderland"),
        ("scope", "api:read"),
    ];
    let (status, tokens) = issuer.token(&form);
    assert_eq!(status, 200, "{tokens}");
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

/// The next one, if there is one.
fn refreshed(issuer: &Issuer, token: &str) -> Option<String> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "legacy"),
        ("client_secret", "legacy-secret"),
        ("refresh_token", token),
    ];
    let (_, tokens) = issuer.token(&form);
    tokens["refresh_token"].as_str().map(str::to_owned)
}

#[test]
fn a_family_a_user_and_a_client_are_revoked() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory);
    let [first, second] = [(); 2].map(|()| refresh_token(&issuer));
    let second = refreshed(&issuer, &second).unwrap();
    let list = ["token", "families", "--user", "alice", "--json"];
    let families = directory.json(&list);
    assert_eq!(families["total"], 2);
    let id = |number: usize| {
        families["families"][number]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // Which is whose is not told by the token.
    let ended = directory.done(&["token", "revoke", "--family", &id(0)]);
    assert_eq!(ended, "ended: 1 grant\n");
    let alive = |token: &str| refreshed(&issuer, token);
    let left: Vec<String> = [&first, &second]
        .into_iter()
        .filter_map(|token| alive(token))
        .collect();
    assert_eq!(left.len(), 1);
    let again = directory.refused(&["token", "revoke", "--family", &id(0)], 1);
    assert!(again.contains("token families --user NAME"), "{again}");
    assert_eq!(
        directory.done(&["token", "revoke", "--user", "alice"]),
        "ended: 1 grant\n"
    );
    assert_eq!(alive(&left[0]), None);
    let third = refresh_token(&issuer);
    let ended = directory.json(&["token", "revoke", "--client", "legacy", "--json"]);
    assert_eq!(ended["grants"], 1);
    assert_eq!(alive(&third), None);
    assert_eq!(directory.json(&list)["families"], Value::Array(Vec::new()));
}
