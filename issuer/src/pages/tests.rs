//! Every page, with the worst that can be put into it.

use std::collections::BTreeMap;

use askama::Template;

use super::texts::{Texts, texts};
use super::*;
use crate::protocol::Language;
use crate::protocol::resource_server::ScopeDescription;

const HOSTILE: &str = "\"'><script>alert(1)</script>&amp;{{ 7 }}";

fn described(text: &str) -> ScopeDescription {
    ScopeDescription {
        name: text.to_owned(),
        description: text.to_owned(),
        descriptions: BTreeMap::new(),
    }
}

fn scopes(texts: &Texts) -> Vec<ShownScope> {
    vec![
        shown_scope(texts, "openid", None, true),
        shown_scope(texts, HOSTILE, Some(&described(HOSTILE)), false),
    ]
}

/// All pages with `text` for everything that comes from outside.
fn pages(text: &str, language: Language) -> Vec<(&'static str, String)> {
    let words = texts(language);
    let scopes = scopes(words);
    let brand = Brand::new(BrandInput {
        name: Some(text.to_owned()),
        help: Some(text.to_owned()),
        privacy: Some(text.to_owned()),
        terms: Some(text.to_owned()),
        ..BrandInput::default()
    });
    let frame = &Frame {
        host: text,
        text: words,
        brand: &brand,
    };
    let session = ShownSession {
        id: text.to_owned(),
        is_this: false,
        browser: text.to_owned(),
        began: text.to_owned(),
        last_used: text.to_owned(),
    };
    let shown_application = ShownApplication {
        client_id: text.to_owned(),
        name: text.to_owned(),
        scopes: scopes.clone(),
        since: Some(text.to_owned()),
        last_used: Some(text.to_owned()),
    };
    let (flow, csrf) = (text, text);
    let login = |purpose, problem, signed_in| LoginPage {
        frame,
        purpose,
        signed_in,
        problem,
        username: text,
        flow,
        csrf,
    };
    let application = LoginPurpose::Application(text.to_owned());
    let fields = [("state", text.to_owned())];
    let leave = |way| LeavePage {
        frame,
        message: words.leave.refused,
        as_wished: false,
        host: text,
        way,
        reference: Some(text),
    };
    let rendered = [
        ("login", login(application, Some(text), Some(text)).render()),
        (
            "device login",
            login(LoginPurpose::Device, None, None).render(),
        ),
        (
            "consent",
            ConsentPage {
                frame,
                client_name: text,
                client_id: text,
                unchecked: true,
                vouching_host: Some(text),
                to_this_computer: true,
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
                frame,
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
                frame,
                action: text,
                fields: &fields,
            }
            .render(),
        ),
        ("leave", leave(WayOut::Link(text)).render()),
        (
            "leave by form post",
            leave(WayOut::Post {
                action: text,
                fields: &fields,
            })
            .render(),
        ),
        (
            "device code",
            DeviceCodePage {
                frame,
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
                frame,
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
                frame,
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
                frame,
                heading: text,
                text,
                as_wished: true,
                signed_in: true,
            }
            .render(),
        ),
        (
            "account",
            AccountPage {
                frame,
                account: text,
                done: Some(text),
                sessions: &[session],
                more_sessions: true,
                applications: &[shown_application],
                more_applications: true,
                can_show_more: true,
                flow,
                csrf,
            }
            .render(),
        ),
    ];
    let unwrapped = rendered.map(|(name, html)| (name, html.unwrap()));
    unwrapped.into()
}

#[test]
fn nothing_that_comes_from_outside_is_markup() {
    for (name, html) in pages(HOSTILE, Language::English) {
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
    let of = |language| {
        pages("x", language)
            .into_iter()
            .map(move |page| (language, page))
    };
    for (language, (name, html)) in Language::ALL.into_iter().flat_map(of) {
        let start = format!("<!DOCTYPE html>\n<html lang=\"{}\">", language.tag());
        assert!(html.starts_with(&start), "{name}");
        // A list or a button that is described by something is described by what is there.
        for attribute in ["aria-labelledby", "aria-describedby"] {
            for rest in html.split(&format!(" {attribute}=\"")).skip(1) {
                let id = rest.split('"').next().unwrap();
                assert_eq!(
                    html.matches(&format!(" id=\"{id}\"")).count(),
                    1,
                    "{name}: {id}"
                );
            }
        }
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
        let described = description.map(described);
        let shown = shown_scope(texts(Language::English), name, described.as_ref(), false);
        assert_eq!(shown.description, words);
    }
}
