//! Bad input as it comes over the wire: what Envoy and the issuer together make of bytes that no
//! library would send. Each parameter of each endpoint is spoiled in the issuer's own tests.

use std::process::Command;

use dockgate_stack::{Artifacts, Stack, StackOptions};
use dockgate_tests::authorization_server::basic;
use dockgate_tests::http::{Request, Response, get, post};
use dockgate_tests::sign_in::*;

const FORM: &str = "application/x-www-form-urlencoded";

/// Endpoints that clients ask, and the body of a request of `web` that each would answer.
const ENDPOINTS: [(&str, &str); 6] = [
    ("/token", "grant_type=refresh_token&refresh_token="),
    (
        "/par",
        "response_type=code&redirect_uri=http://localhost:3000/callback",
    ),
    ("/device_authorization", "client_id=tv"),
    ("/introspect", "token=x"),
    ("/revoke", "token=x"),
    ("/userinfo", "access_token="),
];

/// Pages that browsers see.
const PAGES: [&str; 6] = [
    "/authorize",
    "/login",
    "/consent",
    "/device",
    "/logout",
    "/account",
];

/// How many records a backup of the store has.
fn records(stack: &Stack) -> String {
    let file = stack.issuer_config().with_file_name("counted");
    let output = Command::new(Artifacts::locate().unwrap().issuer)
        .args(["backup", "--config"])
        .args([&stack.issuer_config(), &file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::remove_file(file).unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// An error of a client's, with nothing in it that was sent.
#[track_caller]
fn check(what: &str, response: &Response) {
    let whole = format!("{:?} {}", response.headers, response.text());
    assert!(
        (400..500).contains(&response.status),
        "{what}: {} {whole}",
        response.status
    );
    assert!(!whole.contains("canary"), "{what}: {whole}");
}

fn spoiled(path: &str, body: &str) -> Vec<(&'static str, Request)> {
    let web = basic("web", "web-secret");
    let form = |request: Request| {
        request
            .header("content-type", FORM)
            .raw_body(body.as_bytes())
    };
    let authorized = |value: &[u8]| form(post(path)).header("authorization", value);
    let raw = |bytes: &[u8]| {
        let request = post(path).header("authorization", &web);
        request.header("content-type", FORM).raw_body(bytes)
    };
    let mut all = vec![
        (
            "two credentials",
            authorized(web.as_bytes()).header("authorization", &web),
        ),
        (
            "two schemes",
            authorized(web.as_bytes()).header("Authorization", "Bearer canary"),
        ),
        (
            "bytes in the header",
            authorized(b"Basic \xff\xfe\x80canary"),
        ),
        ("NUL in the header", authorized(b"Basic \0canary")),
        (
            "a carriage return in the header",
            authorized(b"Basic a\rcanary: b"),
        ),
        ("no base64", authorized(b"Basic canary!")),
        ("another scheme", authorized(b"Negotiate canary")),
        (
            "a long header",
            authorized(&[b"Basic ".as_slice(), &b"QUFB".repeat(4096)].concat()),
        ),
        ("no UTF-8", raw(b"\xff\xfe=canary&x=\xc0\x80")),
        (
            "escaped bytes",
            raw(b"grant_type=%ff%fe&token=%c0%80&client_id=%ff"),
        ),
        ("NUL", raw(b"grant_type=%00&client_id=%00&scope=%00")),
        (
            "line ends",
            raw(b"grant_type=a%0d%0aset-cookie:%20canary&client_id=%0a"),
        ),
        (
            "percent garbage",
            raw(b"grant_type=%zz&client_id=%&refresh_token=%4"),
        ),
        ("nothing but marks", raw(b"&&&===&=")),
        (
            "a large body",
            raw(&b"token="
                .iter()
                .chain(&vec![b'a'; 70_000])
                .copied()
                .collect::<Vec<_>>()),
        ),
        ("a huge body", raw(&vec![b'a'; 1_000_000])),
        (
            "an unread body",
            raw(b"").header("content-encoding", "gzip"),
        ),
        (
            "another type",
            post(path)
                .header("content-type", "text/xml")
                .raw_body(b"<canary/>"),
        ),
        (
            "JSON",
            post(path)
                .header("authorization", &web)
                .json(&serde_json::json!({"token": "canary"})),
        ),
    ];
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE"] {
        let target = format!("{path}?{body}&canary=canary");
        all.push(("another method", Request::new(method, target)));
    }
    // With a body that would do.
    all.push((
        "in the URL",
        form(post(format!(
            "{path}?token=canary&client_id=canary&access_token=canary"
        ))),
    ));
    all
}

#[test]
fn whatever_bytes_come_the_client_is_told_of_its_error_and_nothing_is_stored() {
    let stack = Stack::start(StackOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let port = stack.ports().http;
    let user = tokens(&stack, "web", "openid api:read");
    let before = records(&stack);
    let refresh_token = text(&user, "refresh_token");
    for (path, body) in ENDPOINTS {
        let body = match path {
            "/token" => format!("{body}{refresh_token}"),
            "/userinfo" => format!("{body}{}", text(&user, "access_token")),
            _ => body.to_owned(),
        };
        for (what, request) in spoiled(path, &body) {
            let what = format!("{path}: {what}");
            // To userinfo, what is no Bearer token is none, and the form has a good one. Envoy makes
            // one header of two.
            let foreign = [
                "two credentials",
                "two schemes",
                "no base64",
                "another scheme",
                "a long header",
                "bytes in the header",
                "a carriage return in the header",
            ];
            if path == "/userinfo" && foreign.iter().any(|own| what.ends_with(own)) {
                continue;
            }
            let response = request.send(port);
            check(&what, &response);
        }
    }
    for path in PAGES {
        for text in ["%FF", "flow=canary", "client_id=%00", "a=b&a=b", "&&&==="] {
            let with = [
                get(format!("{path}?{text}")),
                post(path)
                    .header("content-type", FORM)
                    .raw_body(text.as_bytes()),
            ];
            for request in with {
                let response = request.send(port);
                let what = format!("{path} {text}: {} {}", response.status, response.text());
                assert!((200..500).contains(&response.status), "{what}");
                assert_eq!(
                    response
                        .header("set-cookie")
                        .map(|cookie| cookie.contains("canary")),
                    response.header("set-cookie").map(|_| false),
                    "{what}"
                );
                assert!(!response.text().contains("canary"), "{what}");
            }
        }
    }
    assert_eq!(records(&stack), before);
    assert_eq!(
        refresh(&stack, "web", refresh_token).status,
        200,
        "nothing is used up"
    );
}
