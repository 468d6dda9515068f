//! The same requests to our issuer and to one that others wrote. Where the answers differ in status or
//! error code, the request says how, and by which sentence of which document.
//!
//! Which status a redirect has is not compared: RFC 6749 §1.7 leaves it open.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, Process, demo_dir, repository};
use dockgate_tests::authorization_server::basic;
use dockgate_tests::browser::{Browser, parameters};
use dockgate_tests::http::{Request, Response, percent_encode, post};
use dockgate_tests::sign_in::{
    CHALLENGE, SPA_CALLBACK, VERIFIER, WEB_CALLBACK, authorize_path, visit,
};
use serde::Deserialize;
use serde_json::Value;

use crate::client::{Record, open_stack};
use crate::javascript::PEER;

/// Requests of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    request: Vec<Case>,
}

/// A request, and what is known of its answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    /// Method and target. Here and below, `{…}` is what [`Server::value`] knows.
    send: String,
    /// Id and secret of a client, for HTTP Basic.
    basic: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The media type of the body, a form's by default; none at all if empty.
    r#type: Option<String>,
    body: Option<String>,
    /// Both or none: what the two answer, where that differs.
    ours: Option<String>,
    theirs: Option<String>,
    /// Where it differs, which document decides, and how.
    rule: Option<String>,
}

/// One of the two.
struct Server {
    port: u16,
    /// Whom it knows already.
    browser: Browser,
}

impl Server {
    fn at(port: u16) -> Self {
        Self {
            port,
            browser: Browser::new(port),
        }
    }

    /// What a case has a placeholder for. Codes and tokens are new each time.
    #[track_caller]
    fn value(&mut self, name: &str) -> String {
        match name {
            "origin" => format!("http://localhost:{}", self.port),
            "verifier" => VERIFIER.to_owned(),
            "challenge" => CHALLENGE.to_owned(),
            "code" => self.code("web", "openid email offline_access api:read"),
            "spa_code" => self.code("spa", "openid email offline_access api:read"),
            "used_code" => {
                let code = self.value("code");
                self.redeem(&code);
                code
            }
            "access" => self.tokens()["access_token"].as_str().unwrap().to_owned(),
            "refresh" => self.tokens()["refresh_token"].as_str().unwrap().to_owned(),
            "user_token" => {
                let code = self.code("web", "openid email");
                let tokens = self.redeem(&code);
                tokens["access_token"].as_str().unwrap().to_owned()
            }
            "used_refresh" => {
                let token = self.value("refresh");
                let form = [("grant_type", "refresh_token"), ("refresh_token", &token)];
                self.post("/token", "web", &form);
                token
            }
            "revoked_refresh" | "revoked_access" => {
                let token = self.value(&name["revoked_".len()..]);
                self.post("/revoke", "web", &[("token", &token)]);
                token
            }
            "service_token" => {
                let form = [("grant_type", "client_credentials")];
                let answer = self.post("/token", "service", &form);
                answer.json()["access_token"].as_str().unwrap().to_owned()
            }
            "device_code" => {
                let begun = post("/device_authorization").form(&[("client_id", "tv")]);
                let begun = begun.send(self.port).json();
                begun["device_code"].as_str().unwrap().to_owned()
            }
            "polled_device_code" => {
                let code = self.value("device_code");
                let grant = "urn:ietf:params:oauth:grant-type:device_code";
                let form = [
                    ("grant_type", grant),
                    ("client_id", "tv"),
                    ("device_code", &code),
                ];
                post("/token").form(&form).send(self.port);
                code
            }
            other => panic!("{{{other}}} means nothing"),
        }
    }

    #[track_caller]
    fn code(&mut self, client: &str, scope: &str) -> String {
        let path = authorize_path(&[
            ("response_type", "code"),
            ("client_id", client),
            (
                "redirect_uri",
                if client == "web" {
                    WEB_CALLBACK
                } else {
                    SPA_CALLBACK
                },
            ),
            ("scope", scope),
            // Without it, the peer leaves offline_access out.
            ("prompt", "consent"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let page = visit(&mut self.browser, &path, ("alice", "wonderland"));
        let query = page.query();
        let code = query.get("code");
        code.unwrap_or_else(|| panic!("no code in {}: {}", page.url, page.response.text()))
            .clone()
    }

    #[track_caller]
    fn tokens(&mut self) -> Value {
        let code = self.value("code");
        self.redeem(&code)
    }

    #[track_caller]
    fn redeem(&self, code: &str) -> Value {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", WEB_CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post("/token", "web", &form).json()
    }

    #[track_caller]
    fn post(&self, path: &str, client: &str, form: &[(&str, &str)]) -> Response {
        let secret = format!("{client}-secret");
        let request = post(path).header("authorization", basic(client, &secret));
        let answer = request.form(form).send(self.port);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    /// Text with its placeholders filled in, as `encode` has it.
    fn filled(&mut self, text: &str, encode: fn(&str) -> String) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let is_name = |name: &&str| {
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            };
            filled.push_str(before);
            // Other braces are JSON's.
            match after
                .split_once('}')
                .filter(|(name, _)| !name.is_empty() && is_name(name))
            {
                Some((name, after)) => {
                    filled.push_str(&encode(&self.value(name)));
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled + rest
    }

    fn answer(&mut self, case: &Case) -> String {
        let (method, target) = case.send.split_once(' ').expect("method and target");
        let mut request = Request::new(method, self.filled(target, percent_encode));
        if let Some((id, secret)) = case
            .basic
            .as_deref()
            .and_then(|basic| basic.split_once(':'))
        {
            request = request.header("authorization", basic(id, secret));
        }
        for (name, value) in &case.headers {
            request = request.header(name, self.filled(value, str::to_owned));
        }
        if let Some(body) = &case.body {
            let form = "application/x-www-form-urlencoded";
            let media_type = case.r#type.as_deref().unwrap_or(form);
            if !media_type.is_empty() {
                request = request.header("content-type", media_type);
            }
            request = request.raw_body(self.filled(body, percent_encode).as_bytes());
        }
        told(&request.send(self.port))
    }
}

/// Status and error code, or where the browser is sent.
fn told(answer: &Response) -> String {
    let Some(location) = answer
        .header("location")
        .filter(|_| answer.status / 100 == 3)
    else {
        let error = error(answer).map_or_else(String::new, |error| format!(" {error}"));
        return format!("{}{error}", answer.status);
    };
    let clients = [WEB_CALLBACK, "http://localhost:3000/", "http://127.0.0.1:"];
    if !clients.iter().any(|client| location.starts_with(client)) {
        return "goes on".to_owned();
    }
    let (_, told) = location.split_once(['?', '#']).unwrap_or_default();
    match parameters(told).get("error") {
        Some(error) => format!("to the client, {error}"),
        None => "to the client".to_owned(),
    }
}

fn error(answer: &Response) -> Option<String> {
    let challenge = answer.header("www-authenticate");
    let in_challenge = challenge.and_then(|text| text.split_once("error=\"")?.1.split('"').next());
    let is_json = answer
        .header("content-type")
        .is_some_and(|own| own.contains("json"));
    let body: Option<Value> = serde_json::from_slice(&answer.body)
        .ok()
        .filter(|_| is_json);
    let in_body = body.and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    in_body.or_else(|| in_challenge.map(str::to_owned))
}

fn start_peer() -> (Process, u16) {
    let port = Ports::free().unwrap().api;
    let dir = demo_dir().join("clients");
    std::fs::create_dir_all(&dir).unwrap();
    let log = dir.join("oidc-provider-beside.log");
    let _ = std::fs::remove_file(&log);
    let mut command = PEER.script("whole.mjs");
    command.arg(port.to_string());
    let peer = Process::start("oidc-provider", command, &log).unwrap();
    let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
    let up = Deadline::after(Duration::from_secs(30)).poll(listens);
    assert!(up.is_some(), "{}", peer.last_lines());
    (peer, port)
}

fn cases(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let table: Table =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    table.request
}

#[test]
fn every_difference_from_oidc_provider_has_its_reason() {
    let mut record = Record::of(
        "oidc-provider, asked the same",
        "npm",
        PEER.version("oidc-provider"),
    );
    // Its own: as many clients register here as may from one address.
    let demo = open_stack().unwrap_or_else(|error| panic!("{error}"));
    let (_peer, port) = start_peer();
    let (mut ours, mut theirs) = (Server::at(demo.ports().http), Server::at(port));
    let directory = repository().join("tests/clients/beside");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut asked, mut different, mut wrong) = (0, 0, Vec::new());
    for file in files {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for case in cases(&file) {
            asked += 1;
            let answers = (ours.answer(&case), theirs.answer(&case));
            let differ = answers.0 != answers.1;
            different += usize::from(differ);
            let known = (case.ours.as_ref(), case.theirs.as_ref());
            let is_known = match (differ, known) {
                (true, (Some(ours), Some(theirs))) => {
                    (ours, theirs) == (&answers.0, &answers.1)
                        && case.rule.as_ref().is_some_and(|rule| !rule.is_empty())
                }
                (false, (None, None)) => case.rule.is_none(),
                _ => false,
            };
            if !is_known {
                let (ours, theirs) = answers;
                wrong.push(format!(
                    "{name}, {}:\nours = {ours:?}\ntheirs = {theirs:?}",
                    case.what
                ));
            }
        }
    }
    assert!(asked >= 150, "{asked} requests");
    assert!(wrong.is_empty(), "not as written:\n{}", wrong.join("\n"));
    record.exercised(&format!(
        "{asked} requests to it and to us, {different} answered otherwise, each for a reason"
    ));
    record.works();
}
