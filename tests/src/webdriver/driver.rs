//! The program that drives a browser, and what is asked of the browser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{BrowserPrograms, Deadline, Process};
use serde_json::{Value, json};

/// The environment variable from which `tethered` knows what to become.
pub const TETHERED_PROGRAM: &str = "TETHERED_PROGRAM";

/// How long a driver may take to listen on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserKind {
    /// Chromium, driven by ChromeDriver.
    Chromium,
    /// Firefox, driven by geckodriver.
    Firefox,
}

/// A running driver. It, and its browser, end when this is dropped.
pub(super) struct Driver {
    process: Process,
    pub(super) port: u16,
}

impl Driver {
    /// Starts a driver for one browser whose files are kept in `dir`.
    pub(super) fn start(kind: BrowserKind, programs: &BrowserPrograms, dir: &Path) -> Self {
        let (name, mut command, browser) = match kind {
            BrowserKind::Chromium => {
                let mut command = Command::new(&programs.chromedriver);
                command.arg("--port=0");
                ("chromedriver", command, &programs.chromium)
            }
            BrowserKind::Firefox => {
                let mut command = Command::new(&programs.geckodriver);
                command.args(["--port", "0", "--websocket-port", "0"]);
                // For the browser's own console, which pages cannot read.
                command.arg("--allow-system-access");
                command.arg("--profile-root").arg(dir);
                ("geckodriver", command, &programs.firefox)
            }
        };
        // Nothing of the user's is read or written.
        command.env("HOME", dir).env_remove("XDG_CONFIG_HOME");
        command.env(TETHERED_PROGRAM, browser);
        let log = dir.join(format!("{name}.log"));
        let process = Process::start(name, command, &log)
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let port = await_port(&process);
        Self { process, port }
    }

    /// What the driver, and the browser below it, have written.
    pub(super) fn log(&self) -> String {
        self.process.last_lines()
    }
}

/// Both say on which port they listen, in a line of their own.
fn await_port(process: &Process) -> u16 {
    let port = Deadline::after(PATIENCE).poll(|| {
        let log = process.log();
        let line = log.lines().find(|line| {
            line.contains("started successfully on port") || line.contains("Listening on")
        })?;
        let digits = line.trim_end_matches('.').rsplit([' ', ':']).next()?;
        digits.parse().ok()
    });
    port.unwrap_or_else(|| panic!("{} does not listen: {}", process.name(), process.log()))
}

impl BrowserKind {
    /// The browser as a new user has it, but without a screen and without traffic of its own. Nothing
    /// that protects users is switched off; Chromium does not start as root with its sandbox.
    pub(super) fn capabilities(self, tethered: &Path, dir: &Path) -> Value {
        let own = match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:loggingPrefs": { "browser": "ALL" },
                "goog:chromeOptions": { "binary": tethered, "args": chromium_arguments(dir) },
            }),
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": { "binary": tethered, "args": ["-headless"] },
            }),
        };
        let mut all = json!({
            "timeouts": { "implicit": 10_000, "pageLoad": 60_000, "script": 60_000 },
        });
        let members = own.as_object().into_iter().flatten();
        for (name, value) in members {
            all[name] = value.clone();
        }
        json!({ "capabilities": { "alwaysMatch": all } })
    }
}

fn chromium_arguments(dir: &Path) -> Vec<String> {
    let profile = format!("--user-data-dir={}", dir.join("profile").display());
    let fixed = [
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ];
    let root = rustix::process::geteuid().is_root();
    let sandbox = root.then(|| "--no-sandbox".to_owned());
    let fixed = fixed.map(str::to_owned).into_iter();
    fixed.chain(sandbox).chain([profile]).collect()
}
