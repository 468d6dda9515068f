//! Clients whose id is the URL of a document, through Envoy.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dockgate_tests::demo;
use dockgate_tests::http::get;
use dockgate_tests::sign_in::*;
use serde_json::{Value, json};

use crate::registration::{ask, stack, tokens_of_alice};

/// The web site of a client, on this machine. Its thread ends with the process.
struct Website {
    id: String,
    asked: Arc<AtomicUsize>,
}

impl Website {
    /// One that answers with what `answer` makes of its id, the head included; or with nothing.
    fn start(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let id = format!("http://{}/client.json", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (own, count) = (id.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut unanswered = Vec::new();
            for mut stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                let _head = stream.read(&mut [0; 4096]);
                match answer(&own) {
                    Some(answer) => drop(stream.write_all(answer.as_bytes())),
                    None => unanswered.push(stream),
                }
            }
        });
        Self { id, asked }
    }

    fn of_document(document: impl Fn(&str) -> Value + Send + 'static) -> Self {
        Self::start(move |id| Some(found(&document(id).to_string())))
    }
}

fn found(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn document(id: &str) -> Value {
    json!({
        "client_id": id,
        "client_name": "Assistant",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

#[test]
fn a_client_that_nobody_registered_gets_its_user_to_the_api() {
    let stack = stack();
    let port = stack.ports().http;
    let metadata = get("/.well-known/oauth-authorization-server").send(port);
    let metadata = metadata.json();
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    let methods = metadata["token_endpoint_auth_methods_supported"].to_string();
    assert!(methods.contains("\"none\""), "{methods}");

    let site = Website::of_document(document);
    let (tokens, consent) = tokens_of_alice(&stack, &site.id);
    assert!(consent.contains("Assistant"), "{consent}");
    let host = site.id.split('/').nth(2).unwrap();
    assert!(consent.contains(host), "{consent}");
    let api = get("/api/echo")
        .bearer(text(&tokens, "access_token"))
        .send(port);
    assert_eq!(api.status, 200, "{}", api.text());
    assert_eq!(api.json()["x-auth-client-id"], json!([site.id]));
    let again = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    let refreshed = ask(&stack, &site.id, &again);
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    assert_eq!(site.asked.load(Ordering::SeqCst), 1, "it is kept");
    stack.stop();
}

/// Who writes a document chooses where its client is: a link of the issuer's does not lead there.
#[test]
fn no_link_leads_to_a_client_that_nobody_vouches_for() {
    let stack = stack();
    let elsewhere = "https://elsewhere.example/landing";
    let site = Website::of_document(move |id| {
        let mut changed = document(id);
        changed["redirect_uris"] = json!([elsewhere]);
        changed
    });
    let with = |name: &'static str, value: &'static str| {
        let mut request = code_request("spa", "api:read");
        request.retain(|(own, _)| *own != name);
        for (name, value) in &mut request {
            match *name {
                "client_id" => *value = &site.id,
                "redirect_uri" => *value = elsewhere,
                _ => {}
            }
        }
        request.push((name, value));
        get(authorize_path(&request)).send(stack.ports().http)
    };
    for (name, value, error) in [
        ("scope", "nonsense", "invalid_scope"),
        ("prompt", "none", "login_required"),
    ] {
        let page = with(name, value);
        assert_eq!(page.status, 400, "{}", page.text());
        assert_eq!(page.header("location"), None);
        let link = format!("<a href=\"{elsewhere}?error={error}&");
        assert!(page.text().contains(&link), "{}", page.text());
        assert!(page.text().contains("<bdi>elsewhere.example</bdi>"));
    }
    stack.stop();
}

#[test]
fn what_is_no_good_document_makes_no_client() {
    let stack = stack();
    let with = |name: &'static str, value: Value| {
        Website::of_document(move |id| {
            let mut changed = document(id);
            changed[name] = value.clone();
            changed
        })
    };
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (what, site) in [
        ("another id", with("client_id", json!("http://127.0.0.1/x"))),
        ("a secret", with("client_secret", json!("secret"))),
        (
            "a method that needs one",
            with("token_endpoint_auth_method", json!("client_secret_post")),
        ),
        ("too long", with("client_name", json!("x".repeat(20_000)))),
        ("too deep", Website::start(move |_| Some(found(&deep)))),
        (
            "no JSON",
            Website::start(|_| Some(found("<html>not a document</html>"))),
        ),
        (
            "a redirect",
            Website::start(|id| {
                Some(format!(
                    "HTTP/1.1 302 Found\r\nlocation: {id}\r\ncontent-length: 0\r\n\r\n"
                ))
            }),
        ),
        ("silence", Website::start(|_| None)),
    ] {
        let form = [("grant_type", "authorization_code"), ("code", "x")];
        let refused = ask(&stack, &site.id, &form);
        let error = refused.json()["error"].clone();
        let expected = [
            (401, json!("invalid_client")),
            (503, json!("temporarily_unavailable")),
        ];
        assert!(
            expected.contains(&(refused.status, error)),
            "{what}: {} {}",
            refused.status,
            refused.text()
        );
        let mut request = code_request("spa", "api:read");
        for (name, value) in &mut request {
            if *name == "client_id" {
                *value = &site.id;
            }
        }
        let page = get(authorize_path(&request)).send(stack.ports().http);
        assert!(matches!(page.status, 400 | 503), "{what}: {}", page.status);
        assert_eq!(page.header("location"), None, "{what}");
        assert!(site.asked.load(Ordering::SeqCst) >= 1, "{what}");
    }
    // The issuer is well.
    let site = Website::of_document(document);
    tokens_of_alice(&stack, &site.id);
    stack.stop();
}

#[test]
fn where_it_is_off_nothing_is_fetched() {
    let site = Website::of_document(document);
    let form = [("grant_type", "authorization_code"), ("code", "x")];
    let refused = ask(&demo(), &site.id, &form);
    assert_eq!(refused.status, 401, "{}", refused.text());
    assert_eq!(site.asked.load(Ordering::SeqCst), 0);
}
