//! Nobody learns who has an account here.

use axum::http::Request;
use serde_json::Value;

use super::browser::*;

/// Nobody has it, and it is as long as one that somebody has.
const NOBODY: &str = "mabel";
const SOMEBODY: &str = "alice";

/// All of an answer that a browser sees: the name and what is random is the same in each.
fn all_of(page: &Page, name: &str) -> (u16, Vec<(String, Vec<String>)>, usize, String) {
    let mut headers = Vec::new();
    for header in page.header_names() {
        // Of the same length, and random.
        let of = |value: String| match header.as_str() {
            "set-cookie" | "location" => value.len().to_string(),
            _ => value,
        };
        let values = page.headers(&header).into_iter().map(of).collect();
        headers.push((header, values));
    }
    let mut body = page.body.replace(name, "_");
    if body.contains("<form") {
        for field in ["flow", "csrf"] {
            body = body.replace(&page.field(field), "_");
        }
    }
    (page.status, headers, page.body.len(), body)
}

#[tokio::test]
async fn an_answer_to_a_wrong_password_is_the_same_for_a_name_that_nobody_has() {
    let issuer = Issuer::demo();
    let mut seen = Vec::new();
    for name in [SOMEBODY, NOBODY] {
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", "api:read", &[])).await;
        let filled = [("username", name), ("password", "looking-glass")];
        let mut all = Vec::new();
        // To beyond where it is slowed down.
        for _ in 0..7 {
            let answer = browser.submit(&login, &filled, None).await;
            all.push(all_of(&answer, name));
            let page = browser.follow(answer).await;
            all.push(all_of(&page, name));
        }
        assert!(all.iter().any(|page| page.0 == 429), "it was slowed down");
        seen.push(all);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_hint_of_a_client_tells_nobody_whether_somebody_has_the_name() {
    let issuer = Issuer::demo();
    let mut seen = Vec::new();
    for name in [SOMEBODY, NOBODY] {
        let hint = [("login_hint", name)];
        let mut browser = Browser::new(&issuer);
        let login = browser.open(&request("web", "api:read", &hint)).await;
        assert_eq!(login.field("username"), name);
        let silent = [("login_hint", name), ("prompt", "none")];
        let mut browser = Browser::new(&issuer);
        let silent = browser.get(&request("web", "api:read", &silent)).await;
        assert_eq!(silent.answer()["error"], "login_required");
        let location = silent.header("location").to_owned();
        seen.push((all_of(&login, name), all_of(&silent, name), location));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_client_that_has_the_password_is_told_no_more() {
    let issuer = Issuer::demo();
    let mut seen = Vec::new();
    for name in [SOMEBODY, NOBODY] {
        let form = format!(
            "grant_type=password&client_id=legacy&client_secret=legacy-secret&username={name}&password=looking-glass"
        );
        let request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into());
        let answer = issuer.ask(request.unwrap()).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"], "invalid_grant");
        seen.push(all_of(&answer, name));
    }
    assert_eq!(seen[0], seen[1]);
}
