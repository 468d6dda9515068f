//! What every page is protected by.

use super::ALICE;
use super::browser::*;

#[tokio::test]
async fn every_page_and_redirect_has_the_headers() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let begun = browser.get(&request("web", "api:read", &[])).await;
    let login = browser.follow(begun.clone()).await;
    let wrong = browser
        .submit(&login, &[("username", "x"), ("password", "y")], None)
        .await;
    let consent = browser.log_in(&login, ALICE).await;
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let error = browser.get("/authorize").await;
    let device = browser.open("/device").await;
    let account = browser.open("/account").await;
    let logout = browser.open("/logout").await;
    let done = browser.submit(&logout, &[], Some("logout")).await;
    for page in [
        &begun, &login, &wrong, &consent, &back, &error, &device, &account, &logout, &done,
    ] {
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            (
                "permissions-policy",
                "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
            ),
            ("access-control-allow-origin", ""),
            // A page that opened the login in a window goes on with it.
            ("cross-origin-opener-policy", ""),
        ] {
            assert_eq!(page.header(name), value, "{name} of {}", page.url);
        }
        if page.status == 303 {
            continue;
        }
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        // Nothing of another origin is loaded or linked.
        for text in [
            "http:",
            "https:",
            "src=",
            "javascript:",
            " on",
            "http-equiv",
        ] {
            let found = page.body.split("<style>").next().unwrap().contains(text)
                || page
                    .body
                    .split("</style>")
                    .last()
                    .unwrap()
                    .contains(&format!("=\"{text}"));
            assert!(!found, "{text} in {}", page.body);
        }
    }
    // A form that ends at a client cannot be held to `form-action`.
    for page in [&login, &consent, &logout] {
        assert!(
            !page
                .header("content-security-policy")
                .contains("form-action")
        );
    }
    for page in [&error, &device, &account, &done] {
        assert!(
            page.header("content-security-policy")
                .contains("form-action 'self'")
        );
    }
}

#[tokio::test]
async fn the_style_is_the_one_that_the_policy_names() {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    let issuer = Issuer::demo();
    let page = Browser::new(&issuer).open("/authorize").await;
    let (_, style) = page.body.split_once("<style>").unwrap();
    let style = style.split_once("</style>").unwrap().0;
    let hash = digest(&SHA256, style.as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    let named = format!("style-src 'sha256-{hash}'");
    assert!(page.header("content-security-policy").contains(&named));
}

#[tokio::test]
async fn cookies_are_for_the_whole_host_and_no_script() {
    for (url, prefix, secure) in [
        ("http://localhost:8080", "dockgate-", ""),
        ("https://as.example", "__Host-dockgate-", "; Secure"),
    ] {
        let issuer = Issuer::at(url, |_| {});
        let mut browser = Browser::new(&issuer);
        let begun = browser.get(&request("web", "api:read", &[])).await;
        let cookies = begun.headers("set-cookie");
        let login = browser.follow(begun).await;
        assert_eq!(login.headers("set-cookie"), [""; 0], "once is enough");
        let filled = [("username", ALICE.0), ("password", ALICE.1)];
        let after = browser.submit(&login, &filled, None).await;
        let cookies = [cookies, after.headers("set-cookie")].concat();
        let names = ["browser", "session", "known"];
        assert_eq!(cookies.len(), names.len(), "{cookies:?}");
        for (cookie, name) in cookies.iter().zip(names) {
            let (pair, attributes) = cookie.split_at(cookie.find(';').unwrap());
            let (own, value) = pair.split_once('=').unwrap();
            let mark = if name != "session" {
                format!("-{}", value.split_at(4).0)
            } else {
                String::new()
            };
            assert_eq!(own, format!("{prefix}{name}{mark}"));
            assert_eq!(value.len(), if name == "known" { 54 } else { 43 });
            let lasts = match name {
                "known" => "; Max-Age=34560000",
                _ => "",
            };
            assert_eq!(
                attributes,
                format!("; Path=/; HttpOnly; SameSite=Lax{secure}{lasts}")
            );
        }
    }
}

#[tokio::test]
async fn a_page_asked_for_under_another_name_is_at_the_issuers() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    browser.headers.push(("host", "127.0.0.1:8080".to_owned()));
    for path in ["/authorize", "/login", "/consent", "/device", "/logout"] {
        let page = browser.get(&format!("{path}?a=%2F&b")).await;
        assert_eq!(page.status, 303, "{path}");
        assert_eq!(
            page.header("location"),
            format!("http://localhost:8080{path}?a=%2F&b")
        );
        assert_eq!(page.headers("set-cookie"), [""; 0]);
        // The flow is in the address.
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    // The other endpoints answer under any name.
    assert_eq!(browser.get("/.well-known/jwks.json").await.status, 200);
}

#[tokio::test]
async fn nothing_of_a_bad_request_is_repeated() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let payload = "%22%3E%3Cscript%3Ealert(1)%3C/script%3Exyzzy";
    for path in ["/authorize", "/login", "/consent", "/device", "/logout"] {
        for name in [
            "client_id",
            "flow",
            "redirect_uri",
            "error",
            "post_logout_redirect_uri",
            "id_token_hint",
        ] {
            let page = browser.open(&format!("{path}?{name}={payload}")).await;
            assert!(!page.body.contains("xyzzy"), "{path} {name}: {}", page.body);
            assert_eq!(page.header("location"), "", "{path} {name}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_says_nothing() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let nothing = r#"{"error":"not_found","error_description":"There is nothing at this path."}"#;
    for path in [
        "/favicon.ico",
        "/robots.txt",
        "/index.html",
        "/admin",
        "/.env",
        "/.git/HEAD",
        "/login/",
        "/account/alice",
        "/consent.html",
        "/style.css",
        "/%2e%2e/issuer.toml",
    ] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.body.as_str()), (404, nothing), "{path}");
        assert_eq!(page.headers("set-cookie"), [""; 0], "{path}");
        assert_eq!(page.header("server"), "", "{path}");
    }
}

#[tokio::test]
async fn password_managers_find_their_fields_and_may_fill_them() {
    let issuer = Issuer::demo();
    let mut browser = Browser::new(&issuer);
    let login = browser.open(&request("web", "api:read", &[])).await;
    let field = |page: &Page, id: &str| {
        let (_, rest) = page.body.split_once(&format!("id=\"{id}\"")).unwrap();
        rest.split_once('>').unwrap().0.to_owned()
    };
    assert!(field(&login, "username").contains("autocomplete=\"username\""));
    let password = field(&login, "password");
    assert!(password.contains("autocomplete=\"current-password\""));
    // A password is never cut off, neither typed nor pasted.
    assert!(!password.contains("maxlength"), "{password}");
    browser.log_in(&login, ALICE).await;
    let device = browser.open("/device").await;
    assert!(field(&device, "user_code").contains("autocomplete=\"one-time-code\""));
}
