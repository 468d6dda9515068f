//! Runs a client and writes down what it did.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use dockgate_stack::{Deadline, Process, Stack, StackOptions, demo_dir, repository};
use dockgate_tests::{Shared, person};
use serde_json::json;

/// Longer than any of them takes, on a machine that others use too.
const LIMIT: Duration = Duration::from_secs(120);

/// Something that others wrote.
pub(crate) struct Client {
    /// What it is called where it is published.
    pub(crate) name: &'static str,
    /// Where that is.
    pub(crate) registry: &'static str,
    /// The version that is installed.
    pub(crate) version: String,
    /// What runs it. It prints `exercised …` for each thing that has worked.
    pub(crate) command: Command,
}

impl Client {
    /// Runs it against the demo, with Alice at hand.
    ///
    /// # Panics
    /// When it fails, or is not done in time.
    #[track_caller]
    pub(crate) fn run(self, stack: &Stack) {
        self.run_with(stack, |line| panic!("what does {line:?} ask for?"));
    }

    /// The same for one that prints `ask …` when it wants something done.
    #[track_caller]
    pub(crate) fn run_with(self, stack: &Stack, asked: impl Fn(&str)) {
        let Self {
            name,
            registry,
            version,
            mut command,
        } = self;
        let directory = records();
        std::fs::create_dir_all(&directory).unwrap();
        let file = directory.join(name.replace(['/', '@'], "-"));
        let record = |result: &str, exercised: &[String]| {
            let record = json!({
                "name": name, "registry": registry, "version": version,
                "exercised": exercised, "result": result,
            });
            std::fs::write(file.with_extension("json"), record.to_string()).unwrap();
        };
        record("fails", &[]);
        command
            .env("DOCKGATE_ORIGIN", stack.base_url())
            .env("DOCKGATE_PERSON", person::wait(stack));
        let log = file.with_extension("log");
        // Output is added to what is there.
        let _ = std::fs::remove_file(&log);
        let mut process = Process::start(name, command, &log).unwrap();
        let mut answered = 0;
        let status = Deadline::after(LIMIT).poll(|| {
            let status = process.ended();
            let log = process.log();
            let requests = log.lines().filter_map(|line| line.strip_prefix("ask "));
            for request in requests.skip(answered) {
                answered += 1;
                asked(request);
            }
            status
        });
        let log = process.log();
        assert!(
            status.is_some_and(|status| status.success()),
            "{name}, {status:?}:\n{log}"
        );
        let exercised: Vec<String> = log
            .lines()
            .filter_map(|line| line.strip_prefix("exercised "))
            .map(str::to_owned)
            .collect();
        assert_ne!(exercised, [] as [String; 0], "{name} has done nothing");
        record("works", &exercised);
    }
}

/// The demo in which anybody may become a client: one for all tests that leave it as they found it.
///
/// # Panics
/// When it does not start.
pub(crate) fn open_demo() -> Arc<Stack> {
    static DEMO: Shared<Stack> = Shared::new();
    DEMO.get(|| {
        let options = StackOptions {
            issuer_config: ["envoy/issuer.mcp.toml", "tests/clients/issuer.toml"]
                .map(|file| repository().join(file))
                .into(),
            ..StackOptions::default()
        };
        Stack::start(options).map_err(|error| error.to_string())
    })
}

/// Where `cargo xtask test clients` looks for what was done.
fn records() -> PathBuf {
    demo_dir().join("compatibility")
}
