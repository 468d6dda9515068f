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
        let mut record = Record::of(name, registry, version);
        command
            .env("DOCKGATE_ORIGIN", stack.base_url())
            .env("DOCKGATE_PERSON", person::wait(stack));
        let log = record.file("log");
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
        for line in log.lines() {
            if let Some(what) = line.strip_prefix("exercised ") {
                record.exercised(what);
            }
        }
        record.works();
    }
}

/// What is written down of a client: that it fails, until it works.
pub(crate) struct Record {
    name: &'static str,
    registry: &'static str,
    version: String,
    exercised: Vec<String>,
    directory: PathBuf,
}

impl Record {
    /// Begins it.
    pub(crate) fn of(name: &'static str, registry: &'static str, version: String) -> Self {
        let directory = demo_dir().join("compatibility");
        std::fs::create_dir_all(&directory).unwrap();
        let record = Self {
            name,
            registry,
            version,
            exercised: Vec::new(),
            directory,
        };
        record.write("fails");
        record
    }

    /// Something that has worked.
    pub(crate) fn exercised(&mut self, what: &str) {
        self.exercised.push(what.to_owned());
        self.write("fails");
    }

    /// The end.
    ///
    /// # Panics
    /// When the client has done nothing.
    #[track_caller]
    pub(crate) fn works(&self) {
        assert!(!self.exercised.is_empty(), "{} has done nothing", self.name);
        self.write("works");
    }

    /// One of its files.
    fn file(&self, extension: &str) -> PathBuf {
        let stem = self.name.trim_start_matches('@').replace('/', "-");
        self.directory.join(format!("{stem}.{extension}"))
    }

    fn write(&self, result: &str) {
        let record = json!({
            "name": self.name, "registry": self.registry, "version": self.version,
            "exercised": self.exercised, "result": result,
        });
        std::fs::write(self.file("json"), record.to_string()).unwrap();
    }
}

/// The demo in which anybody may become a client: one for all tests that leave it as they found it.
///
/// # Panics
/// When it does not start.
pub(crate) fn open_demo() -> Arc<Stack> {
    static DEMO: Shared<Stack> = Shared::new();
    DEMO.get(open_stack)
}

/// Another one.
///
/// # Errors
/// When it does not start.
pub(crate) fn open_stack() -> Result<Stack, String> {
    let options = StackOptions {
        issuer_config: ["envoy/issuer.mcp.toml", "tests/clients/issuer.toml"]
            .map(|file| repository().join(file))
            .into(),
        ..StackOptions::default()
    };
    Stack::start(options).map_err(|error| error.to_string())
}
