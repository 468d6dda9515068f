//! What a browser meets, attacked through Envoy: flows, forms, cookies and values that are not what
//! they should be, and several accounts in one browser.

use dockgate_tests::browser::{Browser, Page, percent_decode};
use dockgate_tests::demo;
use dockgate_tests::http::{Request, get, post};
use dockgate_tests::sign_in::*;

const ALICE: (&str, &str) = ("alice", "wonderland");
const BOB: (&str, &str) = ("bob", "builder");

/// A request of `web` with some parameters changed.
fn web<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut request = code_request("web", "openid api:read");
    for (name, value) in changes {
        request.retain(|(own, _)| own != name);
        request.push((name, value));
    }
    request
}

/// A browser that is asked whether it agrees.
fn on_consent(port: u16, user: (&str, &str)) -> (Browser, Page) {
    let mut browser = Browser::new(port);
    let login = browser.open(&authorize_path(&web(&[("prompt", "consent")])));
    let filled = [("username", user.0), ("password", user.1)];
    let page = browser.submit(&login, &filled, None);
    assert!(page.response.text().contains("value=\"allow\""));
    (browser, page)
}

/// A page of ours that leads nowhere.
#[track_caller]
fn assert_dead_end(page: &Page, what: &str) {
    let status = page.response.status;
    assert!(
        (400..500).contains(&status),
        "{what}: {status} {}",
        page.url
    );
    assert_eq!(page.response.header("location"), None, "{what}");
    assert!(!page.response.text().contains("<form"), "{what}");
}

#[test]
fn tabs_that_a_new_browser_opens_at_once_all_work() {
    let stack = demo();
    let port = stack.ports().http;
    let mut browser = Browser::new(port);
    let mut begun = Vec::new();
    for state in ["one", "two", "three"] {
        // No request has the cookie of another's answer yet.
        let mut tab = Browser::new(port);
        begun.push((state, tab.open(&authorize_path(&web(&[("state", state)])))));
        for (name, value) in tab.cookies() {
            browser.set_cookie(name, value);
        }
    }
    for (state, login) in begun {
        let filled = [("username", ALICE.0), ("password", ALICE.1)];
        let mut page = browser.submit(&login, &filled, None);
        if page.response.text().contains("value=\"allow\"") {
            page = browser.submit(&page, &[], Some("allow"));
        }
        assert_eq!(page.query()["state"], state);
        assert!(page.query().contains_key("code"), "{}", page.url);
    }
}

#[test]
fn cookies_of_neighbours_do_not_lock_anybody_out() {
    let stack = demo();
    let port = stack.ports().http;
    let mut browser = Browser::new(port);
    let login = browser.open(&authorize_path(&web(&[])));
    let own: Vec<String> = browser
        .cookies()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let own = own.join("; ").into_bytes();
    let many: Vec<String> = (0..200).map(|n| format!("k{n}=v")).collect();
    let path = login.url.split_at(stack.base_url().len()).1.to_owned();
    for neighbours in [
        b"city=Z\xc3\xbcrich".to_vec(),
        b"bad=\xff\xfe".to_vec(),
        b"a=\"b;c\"; =; ;; dockgate-session".to_vec(),
        [b"big=".to_vec(), vec![b'x'; 20_000]].concat(),
        many.join("; ").into_bytes(),
        b"dockgate-session=AAAA; dockgate-browser-AAAA=AAAA".to_vec(),
    ] {
        let cookies = [neighbours, b"; ".to_vec(), own.clone()].concat();
        let shown = String::from_utf8_lossy(&cookies)[..30].to_owned();
        let response = get(&path).header("cookie", cookies).send(port);
        assert_eq!(response.status, 200, "{shown}: {}", response.text());
    }
}

#[test]
fn no_parameter_leads_a_browser_elsewhere() {
    let stack = demo();
    let port = stack.ports().http;
    for path in [
        "/authorize",
        "/login",
        "/consent",
        "/device",
        "/logout",
        "/account",
    ] {
        for name in [
            "next",
            "return_to",
            "url",
            "continue",
            "error_uri",
            "login_hint",
            "redirect_uri",
            "post_logout_redirect_uri",
            "request_uri",
            "target_link_uri",
            "flow",
            "state",
        ] {
            for value in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
                let pairs = [("client_id", "web"), (name, value)];
                let query = authorize_path(&pairs).replacen("/authorize", path, 1);
                let response = get(&query).send(port);
                let target = response.header("location").unwrap_or("login?");
                assert!(
                    target.starts_with("login?") || target.starts_with(WEB_CALLBACK),
                    "{query}: {target}"
                );
                assert!(response.status < 500, "{query}");
                assert!(!response.text().contains("evil.example"), "{query}");
            }
        }
    }
}

#[test]
fn state_comes_back_byte_for_byte_and_nothing_of_it_becomes_a_header() {
    let stack = demo();
    let mut browser = Browser::new(stack.ports().http);
    let long = "s".repeat(8 * 1024);
    for state in [
        "a\r\nSet-Cookie: x=y\r\n\r\n<script>",
        "\0 &=?#%00%0d+",
        "\u{202e}\u{e9}\u{1f600}",
        &long,
    ] {
        for mode in ["query", "fragment"] {
            let changes = [("state", state), ("response_mode", mode)];
            let page = authorize(&mut browser, &web(&changes), ALICE);
            let answer = if mode == "query" {
                page.query()
            } else {
                page.fragment()
            };
            assert_eq!(answer["state"], state, "{mode}");
            assert_eq!(answer["iss"], stack.base_url());
            assert!(!browser.cookies().contains_key("x"));
        }
    }
}

#[test]
fn a_form_is_good_for_its_page_its_flow_and_its_browser_alone() {
    let stack = demo();
    let port = stack.ports().http;
    let (mut browser, consent) = on_consent(port, ALICE);
    let logout = browser.open("/logout");
    let device = browser.open("/device");
    let of = |page: &Page, name: &str| {
        let fields = page.form().fields;
        fields.into_iter().find(|(own, _)| own == name).unwrap().1
    };
    let fields = |flow: &Page, token: &Page, more: &[(&str, &str)]| {
        let own = [("flow", of(flow, "flow")), ("csrf", of(token, "csrf"))];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        own.into_iter().chain(more).collect::<Vec<_>>()
    };
    let (allow, out) = ([("decision", "allow")], [("decision", "logout")]);
    for (action, flow, token, more) in [
        ("consent", &consent, &logout, &allow),
        ("consent", &logout, &logout, &allow),
        ("consent", &device, &device, &allow),
        ("device", &consent, &consent, &allow),
        ("device", &device, &device, &allow),
        ("logout", &consent, &consent, &out),
        ("logout", &logout, &consent, &out),
        ("login", &consent, &consent, &[("username", "alice")]),
    ] {
        let page = browser.send_form(&consent, action, &fields(flow, token, more));
        assert_dead_end(&page, action);
    }
    // Nor in another browser, nor in one with the session but not the browser's own cookie.
    let mut other = Browser::new(port);
    let good = fields(&consent, &consent, &allow);
    assert_dead_end(
        &other.send_form(&consent, "consent", &good),
        "other browser",
    );
    other.set_cookie("dockgate-session", &browser.cookies()["dockgate-session"]);
    assert_dead_end(
        &other.send_form(&consent, "consent", &good),
        "stolen session",
    );
    let page = browser.send_form(&consent, "consent", &good);
    assert!(page.url.starts_with(WEB_CALLBACK), "{}", page.url);
}

#[test]
fn accounts_in_one_browser_are_not_taken_for_each_other() {
    let stack = demo();
    let port = stack.ports().http;
    let mut bob = Browser::new(port);
    let page = authorize(&mut bob, &web(&[]), BOB);
    let bobs = redeem(&stack, "web", &code(&page)).json();
    let hint = text(&bobs, "id_token");

    let (mut browser, consent) = on_consent(port, ALICE);
    let silent = web(&[("prompt", "none"), ("id_token_hint", hint)]);
    let page = browser.open(&authorize_path(&silent));
    assert_eq!(page.query()["error"], "login_required");
    // Another's ID token ends nothing without a question.
    let logout = browser.open(&format!("/logout?id_token_hint={hint}"));
    assert!(logout.response.text().contains("<bdi>alice</bdi>"));
    // Who logs in as somebody else than the hint says gets no code.
    let hinted = web(&[("id_token_hint", hint)]);
    let login = browser.open(&authorize_path(&hinted));
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    let page = browser.submit(&login, &filled, None);
    assert_eq!(page.query()["error"], "login_required");
    // And what alice was asked is not answered by bob.
    let login = browser.open(&authorize_path(&hinted));
    let filled = [("username", BOB.0), ("password", BOB.1)];
    browser.submit(&login, &filled, None);
    assert_dead_end(
        &browser.submit(&consent, &[], Some("allow")),
        "alice's page",
    );
}

#[test]
fn what_was_handed_out_before_a_logout_gives_nothing_after_it() {
    let stack = demo();
    let port = stack.ports().http;
    let mut browser = Browser::new(port);
    let page = authorize(&mut browser, &web(&[]), ALICE);
    let kept = authorize(
        &mut browser,
        &web(&[("scope", "openid offline_access")]),
        ALICE,
    );
    let begun = client_post(
        &stack,
        "/device_authorization",
        "tv",
        &[("scope", "api:read")],
    )
    .json();
    let complete = text(&begun, "verification_uri_complete").to_owned();
    let typed = browser.open(&complete);
    let confirm = browser.submit(&typed, &[], None);
    browser.submit(&confirm, &[], Some("allow"));

    let logout = browser.open("/logout");
    let done = browser.submit(&logout, &[], Some("logout"));
    assert!(done.response.text().contains("signed out"));
    let refused = redeem(&stack, "web", &code(&page));
    assert_eq!(
        refused.json()["error"],
        "invalid_grant",
        "{}",
        refused.text()
    );
    let poll = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", text(&begun, "device_code")),
    ];
    assert_eq!(token(&stack, "tv", &poll).json()["error"], "invalid_grant");
    // What is for when the user is away outlasts the logout.
    assert_eq!(redeem(&stack, "web", &code(&kept)).status, 200);
}

#[test]
fn requests_that_are_too_much_or_not_meant_get_a_plain_refusal() {
    let stack = demo();
    let port = stack.ports().http;
    let path = authorize_path(&web(&[]));
    let long = format!("{path}&x={}", "a".repeat(17_000));
    assert_eq!(get(&long).send(port).status, 414);
    for twice in ["state", "redirect_uri", "client_id"] {
        let response = get(format!("{path}&{twice}=x")).send(port);
        assert_eq!((response.status, response.header("location")), (400, None));
    }
    // Whose it is and where to go is known here, so that the client is told (RFC 6749 §4.1.2.1).
    let told = get(format!("{path}&scope=x")).send(port);
    let target = told.header("location").unwrap_or_default();
    assert!(
        target.contains("callback?error=invalid_request"),
        "{target}"
    );
    for page in [
        "/authorize",
        "/login",
        "/consent",
        "/device",
        "/logout",
        "/account",
    ] {
        for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
            let asked = Request::new(method, page)
                .header("origin", "http://localhost:3000")
                .header("access-control-request-method", "POST")
                .send(port);
            assert_eq!(asked.status, 405, "{method} {page}");
            assert_eq!(asked.header("access-control-allow-origin"), None);
        }
        let big = vec![b'a'; 70_000];
        let body = post(page).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(body.raw_body(&big).send(port).status, 413, "{page}");
        let encoded = post(page).header("content-encoding", "gzip").raw_body(b"x");
        assert_eq!(encoded.send(port).status, 415, "{page}");
    }
    // Parameters of the address do not mix with those of the form.
    let mixed = post("/authorize?state=evil&client_id=spa")
        .form(&web(&[]))
        .send(port);
    let target = percent_decode(mixed.header("location").unwrap());
    assert!(
        target.contains("state=some state") && !target.contains("evil"),
        "{target}"
    );
}
