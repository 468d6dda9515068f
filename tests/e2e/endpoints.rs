//! What all endpoints of the issuer have in common, as a client meets them through Envoy.

use std::thread;

use dockgate_stack::Stack;
use dockgate_tests::authorization_server::{basic, service_token};
use dockgate_tests::browser::{Browser, parameters};
use dockgate_tests::demo;
use dockgate_tests::http::{Request, Response, get, post};
use dockgate_tests::sign_in::*;
use serde_json::json;

const ALICE: (&str, &str) = ("alice", "wonderland");
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

/// What every page of the issuer is at.
const PAGES: [&str; 6] = [
    "/authorize",
    "/login",
    "/consent",
    "/device",
    "/logout",
    "/account",
];

#[test]
fn no_answer_to_a_client_or_a_browser_may_be_kept_by_a_cache() {
    let stack = demo();
    let user = tokens(&stack, "web", "openid api:read");
    let access = text(&user, "access_token");
    let web = |path: &str, form: &[(&str, &str)]| client_post(&stack, path, "web", form);
    let mut browser = Browser::new(stack.ports().http);
    let begun = get(authorize_path(&code_request("web", "openid"))).send(stack.ports().http);
    let login = browser.open(&authorize_path(&code_request("web", "api:read api:write")));
    let filled = [("username", ALICE.0), ("password", ALICE.1)];
    let consent = browser.submit(&login, &filled, None);
    let unknown_token = web("/introspect", &[("token", "x")]);
    let anonymous = |path: &str| post(path).form(&[("a", "b")]).send(stack.ports().http);
    for (what, status, response) in [
        (
            "userinfo",
            200,
            get("/userinfo").bearer(access).send(stack.ports().http),
        ),
        (
            "userinfo, no token",
            401,
            get("/userinfo").send(stack.ports().http),
        ),
        ("introspection", 200, unknown_token),
        ("introspection, nobody", 401, anonymous("/introspect")),
        ("revocation", 200, web("/revoke", &[("token", "x")])),
        ("revocation, nobody", 401, anonymous("/revoke")),
        ("push", 201, web("/par", &code_request("web", "openid"))),
        (
            "push, wrong",
            400,
            web("/par", &[("response_type", "magic")]),
        ),
        (
            "device",
            200,
            client_post(&stack, "/device_authorization", "tv", &[]),
        ),
        ("device, nobody", 401, anonymous("/device_authorization")),
        (
            "token, wrong",
            400,
            web("/token", &[("grant_type", "magic")]),
        ),
        ("authorization", 303, begun),
        ("login page", 200, login.response),
        ("consent page", 200, consent.response),
        (
            "error page",
            400,
            get("/authorize").send(stack.ports().http),
        ),
    ] {
        assert_eq!(response.status, status, "{what}: {}", response.text());
        assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
    }
}

#[test]
fn no_page_of_another_origin_may_read_the_pages_of_the_issuer() {
    let stack = demo();
    for origin in ["http://localhost:3000", "https://evil.example", "null"] {
        for path in PAGES.into_iter().chain(["/introspect"]) {
            let preflight = Request::new("OPTIONS", path)
                .header("origin", origin)
                .header("access-control-request-method", "GET")
                .send(stack.ports().http);
            let plain = get(path).header("origin", origin).send(stack.ports().http);
            for response in [preflight, plain] {
                let allowed = response.header("access-control-allow-origin");
                assert_eq!(allowed, None, "{origin} {path}");
            }
        }
    }
}

/// RFC 6749 §5.2, §4.1.2.1.
#[track_caller]
fn check_error_texts<'a>(texts: impl Iterator<Item = &'a str>, what: &str) {
    for text in texts {
        let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        assert!(text.bytes().all(allowed), "{what}: {text:?}");
        assert!(!text.contains("xyzzy"), "{what}: {text}");
    }
}

#[test]
fn an_error_repeats_nothing_and_keeps_to_the_characters_it_may_have() {
    let stack = demo();
    let evil = "\"\\\0\r\nxyzzy: <script>\u{e9}\u{7f}";
    for (path, names) in [
        (
            "/token",
            &["grant_type", "scope", "resource", "client_id"][..],
        ),
        (
            "/par",
            &[
                "response_type",
                "scope",
                "redirect_uri",
                "prompt",
                "client_id",
            ],
        ),
        ("/device_authorization", &["scope", "client_id"]),
        ("/introspect", &["token", "client_id"]),
        ("/revoke", &["token", "client_id"]),
    ] {
        for name in names {
            let mut form = vec![GRANT, ("response_type", "code")];
            form.retain(|(own, _)| own != name);
            form.push((name, evil));
            let response = post(path)
                .header("authorization", basic("web", "web-secret"))
                .form(&form)
                .send(stack.ports().http);
            if response.status == 200 {
                continue;
            }
            let what = format!("{path} {name}");
            assert!((400..500).contains(&response.status), "{what}");
            let body = response.json();
            let members = ["error", "error_description"].map(|name| text(&body, name));
            check_error_texts(members.into_iter(), &what);
            for (_, value) in &response.headers {
                assert!(!value.contains("xyzzy"), "{what}: {value}");
            }
        }
    }
    for name in [
        "response_type",
        "scope",
        "prompt",
        "resource",
        "claims",
        "max_age",
    ] {
        let mut request = code_request("web", "api:read");
        request.retain(|(own, _)| *own != name);
        request.push((name, evil));
        let response = get(authorize_path(&request)).send(stack.ports().http);
        let Some((_, query)) = response
            .header("location")
            .and_then(|to| to.split_once('?'))
        else {
            panic!("{name}: {}", response.text());
        };
        let told = parameters(query);
        let members = ["error", "error_description"].map(|name| told.get(name));
        check_error_texts(members.into_iter().flatten().map(String::as_str), name);
    }
}

#[test]
fn a_parameter_counts_once_an_empty_one_not_at_all_and_an_unknown_one_never() {
    let stack = demo();
    let service = basic("service", "service-secret");
    let ask = |path: &str, body: &str| {
        post(path)
            .header("authorization", &service)
            .header("content-type", "application/x-www-form-urlencoded")
            .raw_body(body.as_bytes())
            .send(stack.ports().http)
    };
    let good = "grant_type=client_credentials";
    for body in ["scope=&resource=&client_id=", "foo=bar", "foo=", ""] {
        let answer = ask("/token", &format!("{good}&{body}"));
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        assert_eq!(answer.json()["scope"], "api:read", "the default scope");
    }
    for (path, body) in [
        ("/token", "grant_type=authorization_code&code=a&code=b"),
        (
            "/token",
            "grant_type=client_credentials&client_id=service&client_id=service",
        ),
        (
            "/token",
            "grant_type=client_credentials&grant_type=client_credentials",
        ),
        (
            "/token",
            "grant_type=client_credentials&scope=api:read&scope=",
        ),
        ("/token", "grant_type=client_credentials&foo=1&foo=2"),
        ("/token?client_id=service", good),
        ("/token?code=a", "grant_type=authorization_code&code=a"),
        ("/token?client_secret=service-secret", good),
        ("/introspect", "token=a&token=b"),
        ("/revoke", "token=a&token=b"),
    ] {
        let answer = ask(path, body);
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status, error),
            (400, json!("invalid_request")),
            "{path} {body}"
        );
    }
    let twice = format!(
        "{}&state=x",
        authorize_path(&code_request("web", "api:read"))
    );
    let page = get(twice).send(stack.ports().http);
    assert_eq!((page.status, page.header("location")), (400, None));
}

#[test]
fn a_client_that_has_a_secret_proves_it_at_every_grant() {
    let stack = demo();
    let first = tokens(&stack, "web", "api:read");
    let refresh_token = text(&first, "refresh_token");
    for form in [
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ],
        [("grant_type", "authorization_code"), ("code", "x")],
        [("grant_type", "client_credentials"), ("scope", "api:read")],
    ] {
        for secret in [None, Some("wrong")] {
            let mut form = form.to_vec();
            form.push(("client_id", "web"));
            form.extend(secret.map(|secret| ("client_secret", secret)));
            let refused = post("/token").form(&form).send(stack.ports().http);
            let error = refused.json()["error"].clone();
            assert_eq!(
                (refused.status, error),
                (401, json!("invalid_client")),
                "{form:?}"
            );
        }
    }
    assert_eq!(
        refresh(&stack, "web", refresh_token).status,
        200,
        "none of them used it up"
    );
}

#[test]
fn no_url_that_anybody_names_is_where_a_browser_ends_up() {
    let stack = demo();
    let names = [
        "next",
        "return_to",
        "url",
        "continue",
        "target_link_uri",
        "error_uri",
        "login_hint",
        "post_logout_redirect_uri",
        "iss",
        "logo_uri",
        "flow",
    ];
    for value in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        for name in names {
            for path in PAGES {
                let mut request = match path {
                    "/authorize" => code_request("web", "api:read"),
                    _ => vec![],
                };
                request.push((name, value));
                let query = authorize_path(&request);
                let target = query.replacen("/authorize", path, 1);
                let response = get(&target).send(stack.ports().http);
                let location = response.header("location").unwrap_or_default();
                assert!(
                    location.is_empty() || location.starts_with("login?flow="),
                    "{target}: {location}"
                );
                assert_eq!(response.header("refresh"), None, "{target}");
                assert!(!response.text().contains("http-equiv"), "{target}");
            }
        }
    }
    // Nor after a login that began with all of them.
    let mut request = code_request("web", "api:read");
    request.extend(
        names
            .iter()
            .filter(|name| **name != "flow")
            .map(|name| (*name, "https://evil.example/")),
    );
    let page = authorize(&mut Browser::new(stack.ports().http), &request, ALICE);
    assert!(
        page.url.starts_with(&format!("{WEB_CALLBACK}?")),
        "{}",
        page.url
    );
    assert!(!page.url.contains("evil.example"), "{}", page.url);
}

/// Headers by which a proxy tells of a client; from outside they are anybody's claim.
const FORGED: [(&str, &str); 10] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "444"),
    ("x-forwarded-prefix", "/evil"),
    ("forwarded", "for=203.0.113.1;host=evil.example;proto=https"),
    ("x-original-url", "/token"),
    ("x-rewrite-url", "/token"),
    ("x-envoy-original-path", "/token"),
    ("x-http-method-override", "DELETE"),
    (
        "x-forwarded-client-cert",
        "Hash=00;Subject=\"CN=service\";URI=urn:service",
    ),
];

#[test]
fn what_a_client_says_as_if_it_were_a_proxy_changes_nothing() {
    let stack = demo();
    let port = stack.ports().http;
    let metadata = || get("/.well-known/openid-configuration");
    let plain = metadata().send(port).body;
    let path = authorize_path(&code_request("web", "api:read"));
    for (name, value) in FORGED {
        assert_eq!(
            metadata().header(name, value).send(port).body,
            plain,
            "{name}"
        );
        let begun = get(&path).header(name, value).send(port);
        let location = begun.header("location").unwrap_or_default();
        assert!(location.starts_with("login?flow="), "{name}: {location}");
        let form = [GRANT, ("client_id", "service")];
        let refused = post("/token").header(name, value).form(&form).send(port);
        assert_eq!(refused.status, 401, "{name}");
    }
    // Guesses are counted by where they come from, whatever they say of that.
    let mut browser = Browser::new(port);
    let login = browser.open(&path);
    let mut guess = |number: u32| {
        let mut fields = login.form().fields;
        fields.retain(|(name, _)| name != "username" && name != "password");
        let user = format!("nobody-{}", stack.issuer_pid().unwrap());
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain([("username", user.as_str()), ("password", "guess")])
            .collect();
        let address = format!("203.0.113.{number}");
        let request = post("/login")
            .header("x-forwarded-for", &address)
            .header("x-envoy-external-address", &address)
            .header("x-real-ip", &address)
            .form(&pairs);
        browser.ask(request).status
    };
    let statuses: Vec<u16> = (0..6).map(&mut guess).collect();
    // A wrong password leads to the page that says so, too many wrong ones are refused at once.
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429]);
}

/// Seconds of the processor that the issuer has used.
fn cpu_seconds(stack: &Stack) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", stack.issuer_pid().unwrap()));
    let stat = stat.unwrap();
    let fields: Vec<_> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    let ticks: f64 = [11, 12]
        .map(|at| fields[at].parse::<f64>().unwrap())
        .iter()
        .sum();
    // USER_HZ is 100 on every Linux.
    ticks / 100.0
}

#[test]
fn a_guess_at_a_clients_secret_costs_a_digest_and_locks_nobody_out() {
    const GUESSES: u32 = 10_000;
    const THREADS: u32 = 8;
    let stack = Stack::start(Default::default()).unwrap_or_else(|error| panic!("{error}"));
    let before = cpu_seconds(&stack);
    let guess = |number: u32| -> Response {
        let guess = format!("guess-{number}");
        post("/token")
            .header("authorization", basic("service", &guess))
            .form(&[GRANT])
            .send(stack.ports().http)
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for number in (thread..GUESSES).step_by(THREADS as usize) {
                    assert!(matches!(guess(number).status, 401 | 429));
                }
            });
        }
    });
    let each = (cpu_seconds(&stack) - before) / f64::from(GUESSES);
    println!("{:.0} µs of the processor for each guess", each * 1e6);
    // Hashing a password takes some 20 ms.
    assert!(each < 0.002, "{each} s");
    // Too many wrong ones are told so, and the right one is looked at all the same.
    let refused = guess(GUESSES);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert!(!service_token(&stack, "api:read").is_empty());
}
