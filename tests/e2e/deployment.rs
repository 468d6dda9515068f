//! The files of `envoy/deploy/` at work: TLS ends at Envoy, the issuer identifier is an https URL.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use dockgate_stack::Deadline;
use dockgate_tests::authorization_server::basic;
use dockgate_tests::browser::Browser;
use dockgate_tests::deployment::{Deployment, PASSWORD, SERVICE_SECRET, WEB_SECRET};
use dockgate_tests::http::{Request, Response, get, post};
use dockgate_tests::sign_in::{CHALLENGE, VERIFIER, authorize, authorize_path, code, text};
use serde_json::Value;

pub(crate) const CALLBACK: &str = "https://app.example.com/callback";
const HSTS: &str = "max-age=31536000";

/// One for the tests that leave it as they found it.
fn shared() -> Arc<Deployment> {
    static RUNNING: Mutex<Weak<Deployment>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.upgrade().unwrap_or_else(|| {
        let deployment = Arc::new(Deployment::start());
        *running = Arc::downgrade(&deployment);
        deployment
    })
}

pub(crate) fn token_request(
    deployment: &Deployment,
    client: &str,
    form: &[(&str, &str)],
) -> Response {
    let secret = match client {
        "web" => WEB_SECRET,
        _ => SERVICE_SECRET,
    };
    let request = post("/token").header("authorization", basic(client, secret));
    deployment.https().send(request.form(form))
}

pub(crate) fn code_request<'a>(client: &'a str, callback: &'a str) -> [(&'a str, &'a str); 7] {
    [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", callback),
        ("scope", "openid api:read"),
        ("state", "a state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// Tokens of `someone` for `web`, by the whole flow in a browser of its own.
#[track_caller]
pub(crate) fn sign_in(deployment: &Deployment) -> (Browser, Value) {
    let mut browser = Browser::over(deployment.https());
    let request = code_request("web", CALLBACK);
    let page = authorize(&mut browser, &request, ("someone", PASSWORD));
    let query = page.query();
    assert!(page.url.starts_with(CALLBACK), "{}", page.url);
    assert_eq!(query["iss"], "https://api.example.com");
    assert_eq!(query["state"], "a state");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code(&page)),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = token_request(deployment, "web", &form);
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    (browser, tokens.json())
}

pub(crate) fn refresh(deployment: &Deployment, token: &str) -> Response {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    token_request(deployment, "web", &form)
}

pub(crate) fn api(deployment: &Deployment, method: &str, token: &str) -> Response {
    let request = Request::new(method, "/api/protected/data").bearer(token);
    deployment.https().send(request)
}

#[test]
fn every_url_of_the_metadata_is_https_and_a_token_opens_the_api() {
    let deployment = shared();
    let https = deployment.https();
    assert_eq!(
        https.preferred_protocol(&["h2", "http/1.1"]).as_deref(),
        Some("h2")
    );

    let metadata = https
        .send(get("/.well-known/oauth-authorization-server"))
        .json();
    assert_eq!(metadata["issuer"], "https://api.example.com");
    let urls = metadata.as_object().unwrap().iter();
    let urls: Vec<_> = urls
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
        .collect();
    assert!(urls.len() >= 6, "{urls:?}");
    for (name, url) in urls {
        let url = url.as_str().unwrap();
        assert!(url.starts_with("https://api.example.com/"), "{name}: {url}");
    }

    let form = [("grant_type", "client_credentials"), ("scope", "api:read")];
    let response = token_request(&deployment, "service", &form);
    assert_eq!(response.status, 200, "{}", response.text());
    let token = text(&response.json(), "access_token").to_owned();
    let answer = api(&deployment, "GET", &token);
    assert_eq!(
        (answer.status, &answer.json()["user"]),
        (200, &Value::from("service"))
    );

    let refused = api(&deployment, "POST", &token);
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap();
    let metadata = "https://api.example.com/.well-known/oauth-protected-resource";
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
    assert!(
        challenge.contains(&format!("resource_metadata=\"{metadata}\"")),
        "{challenge}"
    );
    let document = https
        .send(get("/.well-known/oauth-protected-resource"))
        .json();
    assert_eq!(
        document["authorization_servers"][0],
        "https://api.example.com"
    );
}

#[test]
fn a_user_signs_in_with_cookies_that_are_secure() {
    let deployment = shared();
    let (browser, tokens) = sign_in(&deployment);
    let token = text(&tokens, "access_token");
    assert_eq!(api(&deployment, "GET", token).status, 200);
    assert!(browser.cookies().len() >= 2, "{:?}", browser.cookies());
    for name in browser.cookies().keys() {
        assert!(name.starts_with("__Host-"), "{name}");
    }
    let mut stranger = Browser::over(deployment.https());
    let request = authorize_path(&code_request("spa", "https://spa.example.com/callback"));
    let first = stranger.ask(get(request));
    let cookie = first.header("set-cookie").expect("a cookie");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} is not in {cookie}");
    }
}

#[test]
fn every_answer_tells_browsers_to_stay_with_https() {
    let deployment = shared();
    let https = deployment.https();
    for (request, status, from) in [
        (get("/api/public/health"), 200, "the API"),
        (get("/.well-known/jwks.json"), 200, "the issuer"),
        (get("/api/protected/data"), 401, "the filter"),
        (get("/admin").bearer("x"), 403, "the last rule"),
        (get("/api%2fx"), 400, "Envoy"),
        (
            get("/api/public/health").header("host", "other.example.com"),
            404,
            "no virtual host",
        ),
    ] {
        let response = https.send(request);
        assert_eq!(response.status, status, "{from}: {}", response.text());
        let hsts = response.header("strict-transport-security");
        assert_eq!(hsts, Some(HSTS), "{from}");
    }
}

#[test]
fn plain_http_sends_browsers_to_https_and_refuses_what_carries_a_secret() {
    let deployment = shared();
    let port = deployment.site.plain_http;
    let link = get("/authorize?x=1")
        .header("host", "evil.example.com")
        .send(port);
    assert_eq!(link.status, 308);
    let target = link.header("location");
    assert_eq!(target, Some("https://api.example.com/authorize?x=1"));
    for request in [
        post("/token").form(&[("grant_type", "client_credentials")]),
        get("/api/protected/data").bearer("a token"),
        get("/token").header("authorization", basic("service", SERVICE_SECRET)),
        Request::new("DELETE", "/api/protected/data"),
    ] {
        let refused = request.send(port);
        assert_eq!((refused.status, refused.header("location")), (403, None));
    }
}

#[test]
fn monitoring_reaches_readiness_and_metrics_and_nothing_else_of_the_admin_interface() {
    let deployment = shared();
    let port = deployment.site.envoy_ops;
    assert_eq!(get("/ready").send(port).text().trim(), "LIVE");
    assert_eq!(deployment.metrics().status, 200);
    assert_eq!(deployment.stat("jwks_fetch_failed"), Some(0));
    for path in [
        "/quitquitquit",
        "/ready/../quitquitquit",
        "/ready%2f..%2fquitquitquit",
        "/ready/",
        "/config_dump",
        "/stats",
        "/",
    ] {
        for method in ["GET", "POST"] {
            let response = Request::new(method, path).send(port);
            assert!([400, 404].contains(&response.status), "{method} {path}");
        }
    }
    assert_eq!(post("/ready").send(port).status, 404);
}

/// `stop_accepting_requests` acts on every listener that does not say otherwise, and whoever asks for the
/// readiness would take the 503 for the end of Envoy.
#[test]
fn while_envoy_sheds_load_monitoring_still_gets_its_answers() {
    let deployment =
        Deployment::start_with("max_heap_size_bytes: 402653184", "max_heap_size_bytes: 1");
    let https = deployment.https();
    let health = || https.send(get("/api/public/health")).status;
    let shed = Deadline::after(Duration::from_secs(20)).poll(|| (health() == 503).then_some(()));
    assert!(
        shed.is_some(),
        "Envoy takes requests with too little memory"
    );
    let ready = get("/ready").send(deployment.site.envoy_ops);
    assert_eq!((ready.status, ready.text().trim()), (200, "LIVE"));
    assert_eq!(deployment.metrics().status, 200);
}

#[test]
fn the_access_log_names_reason_and_caller_and_holds_no_code_and_no_token() {
    let deployment = Deployment::start();
    let (_, tokens) = sign_in(&deployment);
    let token = text(&tokens, "access_token");
    assert_eq!(api(&deployment, "GET", token).status, 200);
    let with_code = get("/api/public/health?code=as-a-callback-has-it");
    deployment.https().send(with_code);
    let altered = api(&deployment, "GET", &token[..token.len() - 8]);
    assert_eq!(altered.status, 401);
    let lines = || -> Vec<Value> {
        let log = deployment.log("envoy");
        log.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    };
    let complete = Deadline::after(Duration::from_secs(20)).poll(|| {
        let lines = lines();
        let last = lines.iter().any(|line| line["status"] == 401);
        last.then_some(lines)
    });
    let lines = complete.expect("the access log");
    let admitted = lines
        .iter()
        .find(|line| line["path"] == "/api/protected/data");
    let admitted = admitted.expect("a line");
    assert_eq!(
        (&admitted["status"], &admitted["client_id"]),
        (&200.into(), &"web".into())
    );
    assert_eq!(admitted["subject"], "user-m3kq7dx2fa");
    assert!(admitted["request_id"].is_string() && admitted["client_address"] == "127.0.0.1");
    let refused = lines
        .iter()
        .find(|line| line["status"] == 401)
        .expect("a line");
    let details = refused["details"].as_str().unwrap();
    assert!(details.starts_with("dockgate_"), "{details}");
    let log = deployment.log("envoy") + &deployment.log("issuer");
    for secret in [
        token,
        text(&tokens, "refresh_token"),
        "as-a-callback-has-it",
        CHALLENGE,
        PASSWORD,
        WEB_SECRET,
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_renewed_certificate_is_taken_without_a_restart() {
    let deployment = Deployment::start();
    let before = deployment.https().certificate();
    deployment.renew_certificate();
    let renewed = Deadline::after(Duration::from_secs(20))
        .poll(|| (deployment.https().certificate() != before).then_some(()));
    assert!(renewed.is_some(), "Envoy shows the old certificate");
    assert_eq!(
        deployment.https().send(get("/api/public/health")).status,
        200
    );
}
