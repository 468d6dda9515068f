//! One trace for Envoy and issuer, by the blocks that docs/observability.md shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockgate_stack::{Deadline, Edit, Stack, StackOptions, repository};
use dockgate_tests::browser::Browser;
use dockgate_tests::collector::{Collected, Collector};
use dockgate_tests::http::post;
use dockgate_tests::sign_in::*;

/// Envoy and issuer send every five seconds.
const PATIENCE: Duration = Duration::from_secs(40);
const ISSUER: &str = "dockgate-issuer";
const ENVOY: &str = "envoy";

/// The blocks of the section on traces, as they are shown there.
fn shown(language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs/observability.md")).unwrap();
    let (_, section) = text.split_once("\n## Traces\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let begin = format!("```{language}\n");
    let blocks = section.split(&begin).skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0.to_owned())
        .collect()
}

fn indented(block: &str, columns: usize) -> String {
    let lines = block.lines();
    lines
        .map(|line| format!("{}{line}\n", " ".repeat(columns)))
        .collect()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} in\n{text}");
    text.replace(from, to)
}

/// The demo with the blocks put in where the text says; every request is traced.
fn start(collector: &Collector, directory: &Path) -> Stack {
    let [listener, cluster] = &shown("yaml")[..] else {
        panic!("two blocks of YAML")
    };
    let listener = replaced(listener, "{ value: 10 }", "{ value: 100 }");
    let port = collector.port();
    let cluster = replaced(
        cluster,
        "{ address: 127.0.0.1, port_value: 4318 }",
        &format!("{{ address: 127.0.0.1, port_value: {port} }}"),
    );
    let [tracing] = &shown("toml")[..] else {
        panic!("one block of TOML")
    };
    let tracing = replaced(tracing, "127.0.0.1:4318", &format!("127.0.0.1:{port}"));
    let addition = directory.join("tracing.toml");
    fs::write(&addition, tracing).unwrap();
    Stack::start(StackOptions {
        envoy_edits: vec![
            Edit::once(
                "          http_filters:\n",
                format!("{}          http_filters:\n", indented(&listener, 10)),
            ),
            Edit::once(
                "  clusters:\n",
                format!("  clusters:\n{}", indented(&cluster, 2)),
            ),
        ],
        issuer_config: vec![addition],
        ..StackOptions::default()
    })
    .unwrap_or_else(|error| panic!("{error}"))
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dockgate-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of<'a>(spans: &'a [Collected], service: &str, name: &str) -> Vec<&'a Collected> {
    let spans = spans.iter();
    spans
        .filter(|one| one.service == service && one.span.name == name)
        .collect()
}

/// The names of what is part of `whole`.
fn parts<'a>(spans: &'a [Collected], whole: &Collected) -> Vec<&'a str> {
    let parts = spans
        .iter()
        .filter(|one| one.service == ISSUER && one.span.parent_span_id == whole.span.span_id);
    for part in parts.clone() {
        assert_eq!(part.span.trace_id, whole.span.trace_id);
    }
    parts.map(|part| &*part.span.name).collect()
}

/// Envoy's span that one of the issuer's belongs to.
fn parent<'a>(spans: &'a [Collected], child: &Collected) -> Option<&'a Collected> {
    spans.iter().find(|one| {
        one.service == ENVOY
            && one.span.trace_id == child.span.trace_id
            && one.span.span_id == child.span.parent_span_id
    })
}

/// Whether a span has one of the issuer's with these names among its parts.
fn has_parts(spans: &[Collected], name: &str, wanted: &[&str]) -> bool {
    of(spans, ISSUER, name).into_iter().any(|whole| {
        let parts = parts(spans, whole);
        parent(spans, whole).is_some() && wanted.iter().all(|wanted| parts.contains(wanted))
    })
}

#[test]
fn one_trace_has_envoys_span_and_the_issuers_with_its_parts_and_no_secret() {
    let collector = Collector::start();
    let scratch = Scratch::new("tracing");
    let stack = start(&collector, &scratch.0);
    let mut browser = Browser::new(stack.ports().http);
    let page = authorize(
        &mut browser,
        &code_request("spa", "openid api:read offline_access"),
        ("alice", "wonderland"),
    );
    let code = code(&page);
    let redeemed = redeem(&stack, "spa", &code).json();
    let refreshed = refresh(&stack, "spa", text(&redeemed, "refresh_token")).json();

    // What a client says of traces counts for nothing: Envoy begins one of its own.
    let claimed = "4bf92f3577b34da6a3ce929d0e0e4736";
    let asked = post("/token")
        .header("traceparent", format!("00-{claimed}-00f067aa0ba902b7-01"))
        .form(&[
            ("grant_type", "client_credentials"),
            ("client_id", "service"),
            ("client_secret", "service-secret"),
        ])
        .send(stack.ports().http);
    assert_eq!(asked.status, 200, "{}", asked.text());

    let complete = || {
        let spans = collector.spans();
        let tokens = of(&spans, ISSUER, "POST /token");
        let all = tokens.len() >= 3
            && tokens.iter().all(|token| parent(&spans, token).is_some())
            && has_parts(&spans, "POST /login", &["hash password", "flush store"])
            && has_parts(&spans, "POST /token", &["sign token", "flush store"]);
        all.then_some(spans)
    };
    let spans = Deadline::after(PATIENCE)
        .poll(complete)
        .unwrap_or_else(|| panic!("{:#?}", collector.spans()));
    for token in of(&spans, ISSUER, "POST /token") {
        assert_ne!(hex(&token.span.trace_id), claimed);
        let parent = &parent(&spans, token).unwrap().span;
        // One machine has one clock, which Envoy reads to the microsecond.
        assert!(parent.start_time_unix_nano <= token.span.start_time_unix_nano + 1_000_000);
        assert!(token.span.start_time_unix_nano <= token.span.end_time_unix_nano);
    }

    let log = fs::read_to_string(stack.log_dir().join("issuer.log")).unwrap();
    let traced = of(&spans, ISSUER, "POST /token").into_iter().filter(|one| {
        let name = format!("trace_id=\"{}\"", hex(&one.span.trace_id));
        log.lines()
            .any(|line| line.contains("token issued") && line.contains(&name))
    });
    assert!(traced.count() >= 3, "{log}");

    let bytes = collector.bytes();
    let sent = String::from_utf8_lossy(&bytes);
    assert!(
        sent.contains("http.response.status_code"),
        "it would be found"
    );
    for secret in [
        "wonderland",
        "alice",
        "service-secret",
        "some state",
        "some%20state",
        CHALLENGE,
        VERIFIER,
        claimed,
        &code,
        text(&redeemed, "access_token"),
        text(&redeemed, "refresh_token"),
        text(&redeemed, "id_token"),
        text(&refreshed, "refresh_token"),
        text(&asked.json(), "access_token"),
    ] {
        assert!(!sent.contains(secret), "{secret} was sent to the collector");
    }
}

#[test]
fn what_waits_is_sent_when_the_issuer_stops_and_a_dead_collector_holds_nobody_up() {
    let collector = Collector::start();
    let directory = Scratch::new("tracing-stop");
    let stack = start(&collector, &directory.0);
    let credentials = || {
        let form = [("grant_type", "client_credentials")];
        assert_eq!(token(&stack, "service", &form).status, 200);
    };
    let count = || of(&collector.spans(), ISSUER, "POST /token").len();
    credentials();
    let before = count();
    for _ in 0..20 {
        credentials();
    }
    stack.stop_issuer();
    assert!(count() >= before + 20, "all came before it had ended");

    // The discard port: nobody is there.
    let config = fs::read_to_string(stack.issuer_config()).unwrap();
    let port = format!("127.0.0.1:{}", collector.port());
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = gone.local_addr().unwrap().to_string();
    drop(gone);
    fs::write(stack.issuer_config(), replaced(&config, &port, &nobody)).unwrap();
    stack.start_issuer().unwrap();
    for _ in 0..20 {
        credentials();
    }
    let failed = || {
        let metrics = dockgate_tests::http::get("/metrics").send(stack.ports().ops);
        let text = metrics.text();
        let calls = "dockgate_issuer_trace_exports_total{outcome=\"unreachable\"} ";
        let count = text.lines().find_map(|line| line.strip_prefix(calls))?;
        (count.parse::<u64>().ok()? > 0).then_some(())
    };
    assert!(Deadline::after(PATIENCE).poll(failed).is_some());
    credentials();
    stack.stop_issuer();
}
