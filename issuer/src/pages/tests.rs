//! Every page, with the worst that can be put into it.

use askama::Template;

use super::*;

const HOSTILE: &str = "\"'><script>alert(1)</script>&amp;{{ 7 }}";

fn scopes() -> Vec<ShownScope> {
    vec![
        shown_scope("openid", None, true),
        shown_scope(HOSTILE, Some(HOSTILE), false),
    ]
}

/// All pages with `text` for everything that comes from outside.
fn pages(text: &str) -> Vec<(&'static str, String)> {
    let scopes = scopes();
    let (host, flow, csrf) = (text, text, text);
    let login = |purpose, problem, notice| LoginPage {
        host,
        purpose,
        notice,
        problem,
        username: text,
        flow,
        csrf,
    };
    let application = LoginPurpose::Application(text.to_owned());
    let fields = [("state", text.to_owned())];
    let rendered = [
        ("login", login(application, Some(text), Some(text)).render()),
        (
            "device login",
            login(LoginPurpose::Device, None, None).render(),
        ),
        (
            "consent",
            ConsentPage {
                host,
                client_name: text,
                client_id: text,
                unchecked: true,
                account: text,
                destination: text,
                scopes: &scopes,
                flow,
                csrf,
            }
            .render(),
        ),
        (
            "error",
            ErrorPage {
                host,
                heading: text,
                explanation: text,
                advice: Some(text),
                reference: Some(text),
            }
            .render(),
        ),
        (
            "form post",
            FormPostPage {
                host,
                action: text,
                fields: &fields,
            }
            .render(),
        ),
        (
            "device code",
            DeviceCodePage {
                host,
                problem: Some(text),
                user_code: text,
                flow,
                csrf,
            }
            .render(),
        ),
        (
            "device",
            DeviceConfirmPage {
                host,
                client_name: text,
                client_id: text,
                unchecked: true,
                account: text,
                user_code: text,
                scopes: &scopes,
                flow,
                csrf,
            }
            .render(),
        ),
        (
            "logout",
            LogoutPage {
                host,
                client_name: Some(text),
                account: text,
                flow,
                csrf,
            }
            .render(),
        ),
        (
            "message",
            MessagePage {
                host,
                heading: text,
                text,
            }
            .render(),
        ),
    ];
    let unwrapped = rendered.map(|(name, html)| (name, html.unwrap()));
    unwrapped.into()
}

#[test]
fn nothing_that_comes_from_outside_is_markup() {
    for (name, html) in pages(HOSTILE) {
        let html = html.replace(&format!("<script>{SUBMIT_SCRIPT}</script>"), "");
        assert!(!html.contains("<script"), "{name}: {html}");
        assert!(!html.contains("\"'>"), "{name}: {html}");
        assert!(
            html.contains("&#34;&#39;&#62;&#60;script&#62;"),
            "{name}: {html}"
        );
    }
}

#[test]
fn every_page_can_be_used_by_who_does_not_see_it() {
    for (name, html) in pages("x") {
        assert!(
            html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
            "{name}"
        );
        for once in ["<title>", "<h1>", "<main>"] {
            assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
        }
        for input in html.split("<input ").skip(1) {
            let input = input.split_once('>').unwrap().0;
            let labelled = input.contains("type=\"hidden\"")
                || input.contains("type=\"checkbox\"")
                || input.split_once(" id=\"").is_some_and(|(_, id)| {
                    let id = id.split_once('"').unwrap().0;
                    html.contains(&format!("for=\"{id}\""))
                });
            assert!(labelled, "{name}: {input}");
        }
        assert!(html.matches("autofocus").count() <= 1, "{name}");
    }
}

#[test]
fn a_scope_is_put_into_words() {
    for (name, description, words) in [
        ("api:read", Some("Read your data"), "Read your data"),
        ("api:read", Some(""), "api:read"),
        ("api:read", None, "api:read"),
        ("email", None, "See your email address"),
        ("email", Some("Write to you"), "Write to you"),
    ] {
        assert_eq!(shown_scope(name, description, false).description, words);
    }
}
