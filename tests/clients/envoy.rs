//! Envoy's own filters as clients of the issuer.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, Edit, Ports, Process, Stack, StackOptions, demo_dir};
use dockgate_tests::authorization_server::service_token;
use dockgate_tests::browser::Browser;
use dockgate_tests::demo;
use dockgate_tests::http::{Response, get};
use dockgate_tests::sign_in::visit;

use crate::client::Record;

const ALICE: (&str, &str) = ("alice", "wonderland");

/// A second Envoy beside the demo's.
struct Second {
    port: u16,
    _envoy: Process,
}

impl Second {
    /// One with this configuration, in which the places of the demo are to be filled in.
    #[track_caller]
    fn start(name: &'static str, config: &str, port: u16, stack: &Stack) -> Self {
        let ports = stack.ports();
        let config = config
            .replace("LISTEN", &port.to_string())
            .replace("ISSUER", &ports.http.to_string())
            .replace("API", &ports.api.to_string())
            .replace("ORIGIN", &stack.base_url());
        let dir = demo_dir().join("clients");
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join(name).with_extension("yaml");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(Artifacts::locate().unwrap().envoy);
        command.arg("-c").arg(&file).args(["--concurrency", "1"]);
        command.args(["--use-dynamic-base-id", "--disable-hot-restart"]);
        command.args(["--log-level", "warning"]);
        let log = file.with_extension("log");
        let _ = std::fs::remove_file(&log);
        let envoy = Process::start(name, command, &log).unwrap();
        let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).ok();
        let up = Deadline::after(Duration::from_secs(60)).poll(listens);
        assert!(up.is_some(), "{}", envoy.last_lines());
        Self {
            port,
            _envoy: envoy,
        }
    }
}

fn version() -> String {
    include_str!("../../.envoy-version").trim().to_owned()
}

#[test]
fn jwt_authn() {
    let mut record = Record::of("envoy.filters.http.jwt_authn", "Envoy", version());
    let stack = demo();
    let port = Ports::free().unwrap().http;
    let config = include_str!("envoy/jwt_authn.yaml");
    let second = Second::start("jwt-authn", config, port, &stack);
    let call = |token: &str| {
        let call = get("/api/protected/data").bearer(token);
        call.send(second.port)
    };
    let token = service_token(&stack, "api:read");
    // It fetches the keys when it starts, and refuses until it has them.
    let admitted = Deadline::after(Duration::from_secs(30))
        .poll(|| Some(call(&token)).filter(|answer| answer.status == 200));
    let answer = admitted.unwrap_or_else(|| panic!("{}", call(&token).text()));
    assert_eq!(answer.json()["user"], "service");
    record.exercised("keys fetched, RS256 verified, claims as headers");
    assert_eq!(call(&service_token(&stack, "api:write")).status, 403);
    record.exercised("scope by RBAC");
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let altered: String = signature.chars().rev().collect();
    assert_eq!(call(&format!("{rest}.{altered}")).status, 401);
    record.exercised("an altered token refused");
    record.works();
}

#[test]
fn oauth2() {
    let mut record = Record::of("envoy.filters.http.oauth2", "Envoy", version());
    let port = Ports::free().unwrap().http;
    let origin = format!("http://localhost:{port}");
    let stack = Stack::start(StackOptions {
        issuer_edits: vec![Edit::once(
            "redirect_uris = [\"http://localhost:3000/callback\"]",
            format!("redirect_uris = [\"{origin}/callback\"]"),
        )],
        ..StackOptions::default()
    });
    let stack = stack.unwrap_or_else(|error| panic!("{error}"));
    let config = include_str!("envoy/oauth2.yaml");
    let second = Second::start("oauth2", config, port, &stack);

    let mut jar = Jar::default();
    let path = "/api/protected/data";
    let away = jar.get(path, second.port);
    assert_eq!(away.status, 302, "{}", away.text());
    let mut browser = Browser::new(stack.ports().http);
    let back = visit(&mut browser, away.header("location").unwrap(), ALICE);
    let callback = back.url.strip_prefix(&origin);
    let callback = callback.unwrap_or_else(|| panic!("{}: {}", back.url, back.response.text()));
    let home = jar.get(callback, second.port);
    assert_eq!(home.status, 302, "{}", home.text());
    assert_eq!(home.header("location"), Some(&*format!("{origin}{path}")));
    record.exercised("authorization code, tokens into cookies");
    let answer = jar.get(path, second.port);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["user"], "user-4cmzq8xg2v");
    record.exercised("call of the API with the token forwarded");
    // The access token's cookie has gone, as when it has ended.
    jar.0
        .retain(|name, _| !["BearerToken", "OauthHMAC", "OauthExpires"].contains(&&**name));
    let renewed = jar.get(path, second.port);
    assert_eq!(renewed.status, 200, "{}", renewed.text());
    record.exercised("refresh");
    record.works();
}

/// The cookies of the second Envoy.
#[derive(Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn get(&mut self, target: &str, port: u16) -> Response {
        let cookies: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = get(target).header("accept", "text/html");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = request.send(port);
        for (name, value) in &answer.headers {
            if let Some((name, value)) = value
                .split(';')
                .next()
                .filter(|_| name.eq_ignore_ascii_case("set-cookie"))
                .and_then(|pair| pair.split_once('='))
            {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
