//! What browsers meet: a page or a redirect to the client, and nothing stored.

use super::*;

const AUTHORIZE: &str = "response_type=code&client_id=web&scope=api:read\
    &redirect_uri=http://localhost:3000/callback&state=s";

/// Bodies and queries that mean nothing, or two things.
fn garbage() -> Vec<String> {
    let long = "A".repeat(15 * 1024);
    let mut all: Vec<String> = [
        "",
        "&&&===",
        "%FF",
        "flow=%FF",
        "flow=zyxwv-canary",
        "flow=x&flow=y",
        "csrf=%00",
        "decision=allow",
        "decision=zyxwv-canary&flow=x",
        "user_code=%00&flow=x",
        "username=alice&password=wonderland",
        "client_id=%00",
        "client_id=nobody",
        "client_id=web&client_id=web",
        "client_id=web&redirect_uri=https://zyxwv-canary.example",
        "client_id=web&request_uri=https://zyxwv-canary.example",
        "client_id=web&request_uri=urn:ietf:params:oauth:request_uri:x",
        "id_token_hint=zyxwv-canary",
        "post_logout_redirect_uri=https://zyxwv-canary.example",
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("flow={long}"));
    for extra in [
        "&scope=%00",
        "&scope=api:none",
        "&response_type=code",
        "&resource=x",
        "&prompt=none+login",
        "&prompt=none",
        "&max_age=-1",
        "&code_challenge=x",
        "&code_challenge_method=S256",
        "&request=x",
        "&registration={}",
        "&request_uri=x",
        "&id_token_hint=x",
        "&response_mode=none",
        "&nonce=%FF",
    ] {
        all.push(format!("{AUTHORIZE}{extra}"));
    }
    all.push(AUTHORIZE.replace("code&", "magic&"));
    all
}

#[test]
fn a_browser_gets_a_page_or_goes_to_its_client_and_nothing_is_stored() {
    let storm = Storm::new();
    for path in ["/authorize", "/login", "/consent", "/device", "/logout"] {
        for text in garbage() {
            let what: String = format!("{path} {text}").chars().take(200).collect();
            let request = Request::get(format!("{path}?{text}")).body(vec![]).unwrap();
            check(&storm, &what, request);
            for content_type in ["application/x-www-form-urlencoded", "application/json", ""] {
                for site in ["http://localhost:8080", "https://evil.example"] {
                    let request = Request::post(path)
                        .header("content-type", content_type)
                        .header("origin", site)
                        .body(text.clone().into_bytes());
                    check(&storm, &what, request.unwrap());
                }
            }
        }
        let large = Request::post(path).header(FORM.0, FORM.1);
        check(
            &storm,
            path,
            large.body(b"A".repeat(64 * 1024 + 1)).unwrap(),
        );
        let put = Request::put(path).body(vec![]).unwrap();
        assert_eq!(storm.send(put).response.status, 405);
    }
}

#[track_caller]
fn check(storm: &Storm, what: &str, request: Request<Vec<u8>>) {
    let before = storm.store.all_rows();
    let answer = storm.send(request);
    assert!(
        before == storm.store.all_rows(),
        "{what}: something is stored"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    let location = answer.header("location");
    match answer.response.status.as_u16() {
        // One of our own pages, or the client's, and never anybody else's.
        303 => {
            let own = [
                "authorize?",
                "login?",
                "consent?",
                "device?",
                "logout?",
                "http://localhost:3000/callback?",
            ];
            assert!(
                own.iter().any(|own| location.starts_with(own)),
                "{what}: {location}"
            );
        }
        200 | 400..500 => {
            assert!(
                answer.header("content-type").starts_with("text/html"),
                "{what}"
            );
            assert_eq!(location, "", "{what}");
            assert!(!answer.text().contains(CANARY), "{what}: {}", answer.text());
        }
        other => panic!("{what}: {other} {}", answer.text()),
    }
}
