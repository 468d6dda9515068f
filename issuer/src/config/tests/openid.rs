//! What clients of OpenID Connect may be told, and where they may send a browser after a logout.

use super::*;
use crate::protocol::UserProfile;

#[test]
fn a_user_has_the_claims_that_are_written() {
    let text = changed(
        "name = \"Alice Liddell\"",
        r#"name = "Alice Liddell"
given_name = "Alice"
family_name = "Liddell"
nickname = "Al"
preferred_username = "wonder"
picture = "https://example.com/alice.png"
website = "http://alice.example/"
zoneinfo = "Europe/London"
locale = "en-GB"
phone_number_verified = true"#,
    );
    let config = parse_text(&text, &[]).unwrap();
    let alice = config.server.users.by_name("alice").unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        alice.profile,
        UserProfile {
            name: text("Alice Liddell"),
            given_name: text("Alice"),
            family_name: text("Liddell"),
            nickname: text("Al"),
            preferred_username: text("wonder"),
            picture: text("https://example.com/alice.png"),
            website: text("http://alice.example/"),
            zoneinfo: text("Europe/London"),
            locale: text("en-GB"),
            email: text("alice@example.com"),
            email_verified: true,
            phone_number: text("+441865000000"),
            phone_number_verified: true,
            address: text("Christ Church, Oxford OX1 1DP"),
        }
    );
}

#[test]
fn links_of_a_user_are_web_links() {
    for key in ["picture", "website"] {
        for link in ["javascript:alert(1)", "data:text/html,x", "alice.png", ""] {
            let written = format!("{key} = \"{link}\"");
            let with_name = format!("name = \"Alice Liddell\"\n{written}");
            let error = parse_text(&changed("name = \"Alice Liddell\"", &with_name), &[]);
            let error = error.unwrap_err().to_string();
            assert!(error.contains(key) && error.contains("Write an http or https URL"));
        }
    }
}

#[test]
fn a_post_logout_redirect_uri_obeys_the_rules_of_redirect_uris() {
    let demo = "post_logout_redirect_uris = [\"http://localhost:3000/\"]";
    let with = |uris: &str| changed(demo, &format!("post_logout_redirect_uris = [{uris}]"));
    for (written, expected) in [
        ("http://app.example/bye", "http is for loopback hosts alone"),
        ("https://app.example/bye#x", "it has a fragment"),
        ("javascript:alert(1)", "its scheme is not allowed"),
        ("com.example.app:/bye", "its scheme is not allowed"),
    ] {
        let text = with(&format!("\"https://ok.example/\", \"{written}\""));
        let error = parse_text(&text, &[]).unwrap_err();
        let [message] = error.lines() else {
            panic!("{written}: {error}")
        };
        assert!(message.contains("client \"web\": post-logout redirect URI"));
        let message = message.to_lowercase();
        assert!(message.contains(expected), "{written}: {message}");
    }
    let config = parse_text(&with("\"https://ok.example/\""), &[]).unwrap();
    let web = config.server.client("web").unwrap();
    let [uri] = web.post_logout_redirect_uris.as_slice() else {
        panic!("one is written")
    };
    assert_eq!(uri.as_str(), "https://ok.example/");
    // It gives no origin the right to read tokens.
    assert!(!web.allows_origin("https://ok.example"));
}

#[test]
fn a_client_can_be_made_to_push_its_requests() {
    let has_to = |text: &str| {
        let server = parse_text(text, &[]).unwrap().server;
        server
            .client("web")
            .unwrap()
            .require_pushed_authorization_requests
    };
    assert!(!has_to(DEMO));
    let id = "client_id = \"web\"\n";
    let key = "require_pushed_authorization_requests = true\n";
    assert!(has_to(&changed(id, &format!("{id}{key}"))));
}
