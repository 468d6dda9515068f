//! What is written of what users and clients do: every event of it, and no secret.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing_subscriber::layer::SubscriberExt as _;

use super::ALICE;
use super::browser::*;
use crate::logging::tests::listen_to_all;
use crate::metrics;
use crate::store::{AuditEntry, AuditFilter, AuditStore as _};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A log of everything at level `trace`, other libraries included, for this thread.
fn log_everything() -> (Log, tracing::subscriber::DefaultGuard) {
    listen_to_all();
    let log = Log::default();
    let to = log.clone();
    let lines = tracing_subscriber::fmt::layer().with_writer(move || to.clone());
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(lines));
    (log, guard)
}

/// What nobody else may learn: all that answers and cookies bring, and what is sent.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add(&mut self, secret: &str) {
        assert!(secret.len() >= 8, "{secret} may stand anywhere");
        self.0.insert(secret.to_owned());
        // The signature alone would be as bad.
        if let Some((_, signature)) = secret.rsplit_once('.') {
            self.0.insert(signature.to_owned());
        }
    }

    fn of_answer(&mut self, answer: &serde_json::Value) {
        for name in ["access_token", "refresh_token", "id_token"] {
            self.add(answer[name].as_str().unwrap());
        }
    }

    fn found_in(&self, text: &str) -> Vec<&String> {
        self.0
            .iter()
            .filter(|secret| text.contains(*secret))
            .collect()
    }
}

fn audit(issuer: &Issuer) -> Vec<AuditEntry> {
    let all = AuditFilter {
        limit: 1000,
        ..AuditFilter::default()
    };
    issuer.store.audit(&all).unwrap().entries
}

/// A login that fails and one that does not, a consent, a code that is used twice.
async fn traffic(issuer: &Issuer) -> Secrets {
    let mut secrets = Secrets::default();
    let mut browser = Browser::new(issuer);
    browser
        .headers
        .push(("x-request-id", "request-77".to_owned()));
    browser
        .headers
        .push(("x-forwarded-for", "192.0.2.1".to_owned()));
    let login = browser.open(&request("web", "openid api:read", &[])).await;
    secrets.add(&login.field("flow"));
    secrets.add(&login.field("csrf"));
    secrets.add("mistyped-by-alice");
    secrets.add("typed-into-the-wrong-box");
    for (user, password) in [
        (ALICE.0, "mistyped-by-alice"),
        ("typed-into-the-wrong-box", "x"),
    ] {
        let filled = [("username", user), ("password", password)];
        browser.submit(&login, &filled, None).await;
    }
    secrets.add(ALICE.1);
    let consent = browser.log_in(&login, ALICE).await;
    secrets.add(&consent.field("csrf"));
    let back = browser.submit(&consent, &[], Some("allow")).await;
    let code = back.answer()["code"].clone();
    secrets.add(&code);
    for cookie in browser.cookies.values() {
        secrets.add(cookie);
    }
    secrets.add("web-secret");
    secrets.of_answer(&redeem(issuer, "web", &code).await);
    redeem(issuer, "web", &code).await;
    secrets
}

#[tokio::test]
async fn what_bears_on_security_is_put_on_record_with_who_and_from_where() {
    let issuer = Issuer::demo();
    traffic(&issuer).await;
    let entries = audit(&issuer);
    let told: Vec<_> = entries
        .iter()
        .rev()
        .map(|entry| {
            let facts = &entry.stored;
            (
                facts.event.as_str(),
                facts.fact("subject").is_some(),
                facts.fact("client_id"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("login_failed", true, None),
            ("login_failed", false, None),
            ("login_succeeded", true, None),
            ("consent_granted", true, Some("web")),
            ("code_reused", true, Some("web")),
        ]
    );
    for entry in entries.iter().skip(1) {
        let stored = &entry.stored;
        assert_eq!(stored.at, NOW, "{entry:?}");
        assert_eq!(
            stored.request_id.as_deref(),
            Some("request-77"),
            "{entry:?}"
        );
        assert_eq!(stored.address, "192.0.2.1".parse().ok(), "{entry:?}");
    }
}

#[tokio::test]
async fn no_secret_is_in_log_audit_or_metrics() {
    let (log, _guard) = log_everything();
    let issuer = Issuer::demo();
    let secrets = traffic(&issuer).await;
    assert!(secrets.0.len() >= 15, "{}", secrets.0.len());
    let log = log.text();
    let audit = serde_json::to_string(&audit(&issuer)).unwrap();
    let metrics = metrics::text().unwrap();
    // What is there is found: each of them was written.
    for (text, known) in [
        (&log, "token issued"),
        (&log, "code_reused"),
        (&audit, "login_failed"),
        (&metrics, "dockgate_issuer_logins_total"),
    ] {
        assert!(text.contains(known), "{known}");
    }
    for text in [&log, &audit, &metrics] {
        let found = secrets.found_in(text);
        assert!(found.is_empty(), "{found:?} in {text}");
    }
}

#[tokio::test]
async fn what_is_counted_grows_with_what_is_done() {
    let count = |series: &str| {
        let text = metrics::text().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.map_or(0, |value| value.trim().parse::<u64>().unwrap())
    };
    let series = [
        r#"dockgate_issuer_token_requests_total{grant="authorization_code",outcome="success"}"#,
        r#"dockgate_issuer_token_requests_total{grant="authorization_code",outcome="invalid_grant"}"#,
        r#"dockgate_issuer_authorization_responses_total{outcome="success"}"#,
        r#"dockgate_issuer_logins_total{outcome="failure"}"#,
        r#"dockgate_issuer_logins_total{outcome="success"}"#,
        r#"dockgate_issuer_consents_total{outcome="granted"}"#,
        r#"dockgate_issuer_security_events_total{event="code_reused"}"#,
        r#"dockgate_issuer_http_requests_total{route="/login",status="3xx"}"#,
        r#"dockgate_issuer_signatures_total{algorithm="RS256"}"#,
    ];
    let before = series.map(count);
    traffic(&Issuer::demo()).await;
    for (series, before) in series.iter().zip(before) {
        // Other tests of this process count too.
        assert!(count(series) > before, "{series}");
    }
}
