//! The configuration file read again, and what requests are answered then.

mod named;

use super::*;
use crate::config::{Mistake, Position};
use crate::keys::Old;
use crate::protocol::endpoints::JWKS;
use crate::reload::{Changes, Difference, NotReloaded, Outcome, Reloaded, Reloader, Source};
use crate::store::{AuditFilter, AuditStore as _};
use crate::turning::SigningKeys;

const STARTED: u64 = 1_000_000;
const SERVICE: &str = "client_id = \"service\"";

/// The demo, with its file where it can be changed.
struct Site {
    directory: TempDir,
    current: Current,
    reloader: Reloader,
    keys: Arc<SigningKeys>,
}

fn site() -> Site {
    site_with(&[])
}

fn site_with(variables: &[(&str, &str)]) -> Site {
    let directory = TempDir::new();
    let path = directory.path().join("issuer.toml");
    std::fs::write(&path, DEMO).unwrap();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let source = Source {
        path,
        variables: variables.iter().map(own).collect(),
    };
    let config = source.load().unwrap();
    let mut app = demo_app_in(&directory.path().join("data"), "http://localhost:8080");
    let fixed = config.fixed();
    app.server = config.server;
    let algorithms = app.server.signing_algorithms().collect::<Vec<_>>();
    let schedule = config.keys.settings(&app.server).schedule;
    let (current, keys) = running(app, algorithms);
    keys.change(|keeper, now| keeper.reschedule(schedule, now))
        .unwrap();
    Site {
        reloader: Reloader::new(source, fixed, current.clone(), keys.clone(), || STARTED),
        keys,
        directory,
        current,
    }
}

impl Site {
    fn write(&self, text: &str) {
        // At once, as people are told to do it: nobody reads half of it.
        let beside = self.directory.path().join("new.toml");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, self.directory.path().join("issuer.toml")).unwrap();
    }

    /// Reloads the demo's configuration with one change.
    fn reload(&self, from: &str, to: &str) -> Result<Reloaded, NotReloaded> {
        assert!(DEMO.contains(from), "{from}");
        self.write(&DEMO.replacen(from, to, 1));
        self.reloader.reload()
    }

    async fn token(&self, client: &str, secret: &str) -> Value {
        let form =
            format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let request = Request::post("/token").header(FORM.0, FORM.1);
        json(self.call(request.body(Body::from(form)).unwrap()).await).await
    }

    async fn get(&self, path: &str) -> Response {
        self.call(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn call(&self, request: Request<Body>) -> Response {
        let service = TowerToHyperService::new(router::router(&self.current));
        service.call(request).await.unwrap()
    }
}

fn mistakes(outcome: Result<Reloaded, NotReloaded>) -> Vec<Mistake> {
    match outcome {
        Err(NotReloaded::Config(error)) => error.mistakes().to_vec(),
        other => panic!("{other:?}"),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_client_that_was_added_is_served_and_one_that_was_removed_is_not() {
    let site = site();
    assert!(site.token("service", "service-secret").await["access_token"].is_string());
    let reloaded = site.reload(SERVICE, "client_id = \"robot\"").unwrap();
    let expected = Difference {
        added: names(&["robot"]),
        removed: names(&["service"]),
        changed: Vec::new(),
    };
    assert_eq!(reloaded.changes.clients, expected);
    assert!(reloaded.changes.users.is_empty() && reloaded.changes.settings.is_empty());
    assert!(site.token("robot", "service-secret").await["access_token"].is_string());
    let refused = site.token("service", "service-secret").await;
    assert_eq!(refused["error"], "invalid_client");
}

#[tokio::test]
async fn a_wrong_file_changes_nothing_and_each_mistake_is_named_at_its_line() {
    let site = site();
    let wrong = DEMO
        .replacen(SERVICE, "client_id = \"robot\"", 1)
        .replacen("access_token_seconds = 600", "access_token_seconds = 1", 1)
        .replacen("username = \"bob\"", "username = \"alice\"", 1);
    site.write(&wrong);
    let mistakes = mistakes(site.reloader.reload());
    let lines: Vec<_> = mistakes.iter().map(Mistake::to_string).collect();
    let line = 1 + wrong
        .lines()
        .position(|line| line == "access_token_seconds = 1")
        .unwrap();
    assert_eq!(mistakes.len(), 2, "{lines:?}");
    let at = format!("issuer.toml:{line}: access_token_seconds is 1. Write a number");
    assert!(lines[0].contains(&at), "{lines:?}");
    assert!(
        matches!(mistakes[0].position, Position::Line { column: 24, .. }),
        "{:?}",
        mistakes[0].position
    );
    assert!(site.token("service", "service-secret").await["access_token"].is_string());
    let failed = Outcome {
        succeeded: false,
        success_at: STARTED,
    };
    assert_eq!(site.reloader.last().outcome(), failed);

    site.write(DEMO);
    site.reloader.reload().unwrap();
    assert!(site.reloader.last().outcome().succeeded);
}

#[test]
fn a_file_that_is_gone_changes_nothing() {
    let site = site();
    std::fs::remove_file(site.directory.path().join("issuer.toml")).unwrap();
    let mistakes = mistakes(site.reloader.reload());
    assert!(mistakes[0].wrong.contains("cannot be read"));
    assert!(site.current.app().server.client("service").is_some());
}

#[test]
fn what_counts_until_the_next_start_is_refused_at_its_line_with_all_the_rest() {
    let site = site();
    let table = |name: &str, line: &str| (format!("[{name}]\n"), format!("[{name}]\n{line}\n"));
    let replaced = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    for (key, (from, to)) in [
        (
            "issuer",
            replaced(
                "issuer = \"http://localhost:8080\"",
                "issuer = \"http://localhost:8081\"",
            ),
        ),
        (
            "listen.http",
            replaced("http = \"127.0.0.1:9000\"", "http = \"127.0.0.1:9009\""),
        ),
        (
            "listen.ops",
            replaced("ops = \"127.0.0.1:9002\"", "ops = \"127.0.0.1:9003\""),
        ),
        (
            "listen.trusted_proxies",
            table("listen", "trusted_proxies = [\"10.0.0.1\"]"),
        ),
        (
            "listen.proxies_in_a_row",
            table("listen", "proxies_in_a_row = 2"),
        ),
        (
            "listen.max_connections",
            table("listen", "max_connections = 7"),
        ),
        (
            "listen.header_read_timeout_seconds",
            table("listen", "header_read_timeout_seconds = 7"),
        ),
        (
            "listen.body_read_timeout_seconds",
            table("listen", "body_read_timeout_seconds = 7"),
        ),
        ("listen.drain_seconds", table("listen", "drain_seconds = 7")),
        (
            "store.path",
            replaced("path = \"data\"", "path = \"other\""),
        ),
        ("store.cache_mib", table("store", "cache_mib = 7")),
        (
            "log.format",
            replaced("format = \"text\"", "format = \"json\""),
        ),
        (
            "log.level",
            replaced("level = \"info\"", "level = \"warn\""),
        ),
        (
            "passwords.max_concurrent",
            replaced("[keys]\n", "[passwords]\nmax_concurrent = 63\n[keys]\n"),
        ),
    ] {
        let changed = DEMO
            .replacen(&from, &to, 1)
            .replacen(SERVICE, "client_id = \"robot\"", 1);
        assert_ne!(changed.replacen("robot", "service", 1), DEMO, "{key}");
        site.write(&changed);
        let mistakes = mistakes(site.reloader.reload());
        let [mistake] = mistakes.as_slice() else {
            panic!("{key}: {mistakes:?}")
        };
        let name = key.rsplit('.').next().unwrap();
        let at = changed.find(&to).unwrap() + to.find(&format!("{name} =")).unwrap();
        let line = 1 + changed.split_at(at).0.matches('\n').count();
        let said = mistake.to_string();
        assert!(
            said.contains(&format!("issuer.toml:{line}: {key} is ")),
            "{said}"
        );
        assert!(said.contains("Restart the issuer to change"), "{said}");
        assert!(
            site.current.app().server.client("service").is_some(),
            "{key}"
        );
    }
    // To write what counts anyway is no change.
    site.reload("[listen]\n", "[listen]\ndrain_seconds = 10\n")
        .unwrap();
}

#[test]
fn a_setting_that_was_taken_out_is_named_with_the_file() {
    let site = site_with(&[]);
    site.write(&DEMO.replacen("path = \"data\"", "", 1));
    assert!(site.reloader.reload().is_ok(), "it is the default");
    site.write(&DEMO.replacen("ops = \"127.0.0.1:9002\"", "", 1));
    assert!(site.reloader.reload().is_ok(), "it is the default");
}

#[test]
fn the_environment_of_the_start_still_overrides_the_file() {
    let site = site_with(&[("DOCKGATE_TOKENS_CODE_SECONDS", "17")]);
    site.reload("access_token_seconds = 600", "access_token_seconds = 60")
        .unwrap();
    let lifetimes = site.current.app().server.lifetimes;
    assert_eq!((lifetimes.access_token, lifetimes.code), (60, 17));
}

#[tokio::test]
async fn files_that_the_configuration_names_are_read_again() {
    let site = site();
    let secret = |text: &str| std::fs::write(site.directory.path().join("secret"), text).unwrap();
    let (one, two) = (
        "0123456789abcdef-fedcba9876543210",
        "fedcba9876543210-0123456789abcdef",
    );
    secret(one);
    site.reload("secret = \"service-secret\"", "secret_file = \"secret\"")
        .unwrap();
    assert!(site.token("service", one).await["access_token"].is_string());
    secret(two);
    let reloaded = site.reloader.reload().unwrap();
    assert_eq!(reloaded.changes.clients.changed, ["service"]);
    assert_eq!(site.token("service", one).await["error"], "invalid_client");
    assert!(site.token("service", two).await["access_token"].is_string());
}

#[tokio::test]
async fn a_new_algorithm_is_refused_until_there_is_a_key_that_verifiers_may_have() {
    let site = site();
    let (from, to) = (
        "signing_algorithm = \"RS256\"",
        "signing_algorithm = \"PS256\"",
    );
    let mistakes = mistakes(site.reload(from, to));
    assert!(mistakes[0].instead.contains("key rotate --algorithm PS256"));
    let algorithms = async || json(site.get(JWKS).await).await["keys"].to_string();
    assert!(!algorithms().await.contains("PS256"));

    let ps256 = Some(dockgate_token::Algorithm::PS256);
    site.keys
        .change(|keeper, now| keeper.rotate(ps256, Old::Retire, now))
        .unwrap();
    assert!(algorithms().await.contains("PS256"));
    site.reload(from, to).unwrap();
    assert!(site.token("service", "service-secret").await["access_token"].is_string());
}

#[tokio::test]
async fn caches_are_told_the_new_age() {
    let site = site();
    let age = async || {
        let document = site.get(JWKS).await;
        header(&document, "cache-control").to_owned()
    };
    assert!(age().await.contains("max-age=300"));
    site.reload("jwks_max_age_seconds = 300", "jwks_max_age_seconds = 7")
        .unwrap();
    assert!(age().await.contains("max-age=7"));
}

#[tokio::test]
async fn a_new_password_counts_at_once_and_wrong_ones_stay_counted() {
    use crate::passwords::Attempt;
    use crate::throttle::Source;
    let site = site();
    let hash = |name: &str| {
        let app = site.current.app();
        let user = app.server.users.by_name(name).unwrap();
        user.password_hash.clone()
    };
    let attempt = async |password: &str| {
        let (app, hash) = (site.current.app(), hash("alice"));
        let attempt = Attempt {
            username: "alice",
            password,
            hash: Some(&hash),
            is_renewable: false,
            source: Source::browser(None),
        };
        app.passwords.check(attempt, STARTED).await
    };
    assert_eq!(attempt("wonderland").await, Ok(true));
    for _ in 0..3 {
        assert_eq!(attempt("x").await, Ok(false));
    }
    let (alice, bob) = (hash("alice"), hash("bob"));
    site.reload(&alice, &bob).unwrap();
    for _ in 0..2 {
        assert_eq!(attempt("wonderland").await, Ok(false));
    }
    assert!(
        attempt("builder").await.is_err(),
        "five wrong ones are too many"
    );
}

#[test]
fn of_many_reloads_at_once_the_last_file_counts() {
    let site = site();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| site.reloader.reload().unwrap());
        }
        site.write(&DEMO.replacen("access_token_seconds = 600", "access_token_seconds = 61", 1));
        scope.spawn(|| site.reloader.reload().unwrap());
    });
    assert_eq!(site.current.app().server.lifetimes.access_token, 61);
}

fn added(table: &str) -> crate::store::StoredClient {
    crate::store::StoredClient {
        client_id: "added".to_owned(),
        table: table.to_owned(),
        added_at: STARTED,
        disabled: false,
        added_by: crate::store::AddedBy::Operator,
    }
}

#[tokio::test]
async fn a_client_that_was_added_at_run_time_stays_and_no_file_takes_its_name() {
    use crate::store::AdditionStore as _;
    let site = site();
    let digest = "c9c2c5a5e5c5a5b5d5e5f505152535455565758595a5b5c5d5e5f50515253545";
    let table = format!(
        "client_id = \"added\"\nsecret_sha256 = \"{digest}\"\ngrants = [\"client_credentials\"]\nscopes = [\"api:admin\"]\n"
    );
    let store = site.current.app().store.clone();
    store.put_added_client(&added(&table)).unwrap();
    let reloaded = site.reload("# ", "#  ").unwrap();
    assert_eq!(
        reloaded.changes.clients.added,
        ["added"],
        "the test put it past the issuer"
    );
    let taken = mistakes(site.reload(SERVICE, "client_id = \"added\""));
    let [mistake] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert!(
        mistake
            .wrong
            .contains("client \"added\" is in the configuration"),
        "{mistake}"
    );
    assert!(site.current.app().server.client("service").is_some());
}

#[test]
fn what_became_of_the_file_is_on_record_and_a_gauge_tells_the_last() {
    let site = site();
    site.write("issuer = 1");
    site.reloader.reload().unwrap_err();
    site.write(DEMO);
    site.reloader.reload().unwrap();
    let filter = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    let page = site.current.app().store.audit(&filter).unwrap();
    let events = page.entries.iter().map(|entry| entry.stored.event.as_str());
    let config: Vec<_> = events
        .filter(|event| event.starts_with("config_"))
        .collect();
    assert_eq!(
        config,
        ["config_reloaded", "config_refused"],
        "newest first"
    );
    let text = crate::metrics::text().unwrap();
    for gauge in [
        "dockgate_issuer_config_last_reload_successful ",
        "dockgate_issuer_config_last_reload_success_timestamp_seconds ",
    ] {
        assert!(text.contains(gauge), "{text}");
    }
}
