//! The stack itself.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Doing as _;
use crate::evidence;
use crate::http::Http;
use crate::ready::{self, Condition};
use crate::run_dir::RunDir;
use crate::{
    Artifacts, Deadline, Ports, Process, Site, StackError, StackOptions, StopFlag, merge,
    placeholders, ports,
};

/// How long one part may take to become ready on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a part may take to end after SIGTERM; the issuer drains its connections first.
const FAREWELL: Duration = Duration::from_secs(10);

/// A running demo. Dropping it stops everything; while panicking it also prints the logs.
#[derive(Debug)]
pub struct Stack {
    ports: Ports,
    artifacts: Artifacts,
    stop: StopFlag,
    merged: Vec<std::path::PathBuf>,
    // Envoy is stopped first: it holds connections to the other two.
    envoy: Mutex<Option<Process>>,
    issuer: Mutex<Option<Process>>,
    api: Mutex<Option<Process>>,
    // Dropped last: the processes above write to it.
    dir: RunDir,
}

impl Stack {
    /// Starts issuer and sample API, then Envoy, and returns when every worker has keys and a
    /// token from the issuer has opened a protected route.
    ///
    /// # Errors
    /// Anything that keeps the stack from becoming ready; nothing is left running then.
    pub fn start(options: StackOptions) -> Result<Self, StackError> {
        let stack = Self::prepare(&options)?;
        stack.launch_issuer()?;
        stack.launch(&stack.api, "sample-api", |stack| {
            let mut command = Command::new(&stack.artifacts.sample_api);
            command.args(["--listen", &format!("127.0.0.1:{}", stack.ports.api)]);
            command
        })?;
        stack.wait_for(&ready::backends(stack.ports))?;
        stack.launch(&stack.envoy, "envoy", |stack| {
            envoy_command(stack, &options)
        })?;
        stack.wait_for(&[ready::envoy(stack.ports)])?;
        if options.await_keys {
            stack.wait_for(&ready::front_door(stack.ports, options.concurrency))?;
        }
        Ok(stack)
    }

    fn prepare(options: &StackOptions) -> Result<Self, StackError> {
        let artifacts = Artifacts::built_as(options.build)?;
        let ports = options.ports.map_or_else(Ports::free, Ok)?;
        let dir = match &options.dir {
            Some(dir) => RunDir::given(dir)?,
            None => RunDir::temporary().doing(|| "cannot make a directory".to_owned())?,
        };
        let site = Site {
            ports,
            ipv6: ports::has_ipv6_loopback(),
            filter: artifacts.filter.clone(),
            store: dir.store(),
        };
        write_envoy_config(&artifacts, options, &site, &dir)?;
        write_issuer_config(&artifacts, options, &site, &dir)?;
        Ok(Self {
            ports,
            artifacts,
            stop: options.stop.clone(),
            merged: options.issuer_config.clone(),
            envoy: Mutex::default(),
            issuer: Mutex::default(),
            api: Mutex::default(),
            dir,
        })
    }

    /// The public origin, which is the issuer identifier.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.ports.origin()
    }

    /// Envoy's admin interface.
    #[must_use]
    pub fn admin_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.admin)
    }

    /// The issuer's health and metrics.
    #[must_use]
    pub fn ops_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.ops)
    }

    /// The issuer as Envoy sees it, for what only Envoy may reach.
    #[must_use]
    pub fn issuer_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.issuer)
    }

    /// Where everything listens.
    #[must_use]
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// Where the logs are.
    #[must_use]
    pub fn log_dir(&self) -> std::path::PathBuf {
        self.dir.logs()
    }

    /// A place for what a test keeps beside the stack; it goes with it.
    #[must_use]
    pub fn scratch_dir(&self) -> std::path::PathBuf {
        self.dir.file("scratch")
    }

    /// The issuer's configuration as this stack runs it.
    #[must_use]
    pub fn issuer_config(&self) -> std::path::PathBuf {
        self.dir.file(ISSUER_FILE)
    }

    /// Envoy's process id.
    #[must_use]
    pub fn envoy_pid(&self) -> Option<u32> {
        pid(&self.envoy)
    }

    /// The issuer's process id; `None` after [`Stack::kill_issuer`].
    #[must_use]
    pub fn issuer_pid(&self) -> Option<u32> {
        pid(&self.issuer)
    }

    /// The sample API's process id.
    #[must_use]
    pub fn api_pid(&self) -> Option<u32> {
        pid(&self.api)
    }

    /// Kills the issuer (SIGKILL: it gets no chance to flush) and waits until it is gone.
    pub fn kill_issuer(&self) {
        if let Some(mut issuer) = lock(&self.issuer).take() {
            issuer.kill();
        }
    }

    /// Stops the issuer as an operator would (SIGTERM) and waits until it is gone.
    pub fn stop_issuer(&self) {
        if let Some(mut issuer) = lock(&self.issuer).take() {
            issuer.stop(FAREWELL);
        }
    }

    /// Starts the issuer again on the same port and store, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_issuer(&self) -> Result<(), StackError> {
        self.launch_issuer()?;
        self.wait_for(&[ready::issuer(self.ports)])
    }

    /// Checks that everything still runs.
    ///
    /// # Errors
    /// Names the part that ended, with its last log lines.
    pub fn check(&self) -> Result<(), StackError> {
        for slot in self.slots() {
            if let Some(process) = lock(slot).as_mut()
                && let Some(status) = process.ended()
            {
                return Err(StackError::Died {
                    name: process.name(),
                    status: status.to_string(),
                    log: process.last_lines() + &self.merged_note(),
                });
            }
        }
        Ok(())
    }

    /// Stops everything and waits until it is gone.
    pub fn stop(self) {
        drop(self);
    }

    /// What every part has written so far.
    #[must_use]
    pub fn logs(&self) -> String {
        let mut logs = String::new();
        for name in ["envoy", "issuer", "sample-api"] {
            let log = std::fs::read(self.log_file(name)).unwrap_or_default();
            logs.push_str(&format!("==== {name}\n{}\n", String::from_utf8_lossy(&log)));
        }
        logs
    }

    /// Where to look for a line of a configuration that nobody wrote as it stands.
    fn merged_note(&self) -> String {
        let files: Vec<_> = self
            .merged
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        if files.is_empty() {
            return String::new();
        }
        format!(
            "\nissuer.toml is envoy/issuer.toml with {} merged in",
            files.join(" and ")
        )
    }

    fn slots(&self) -> [&Mutex<Option<Process>>; 3] {
        [&self.envoy, &self.issuer, &self.api]
    }

    fn log_file(&self, name: &str) -> std::path::PathBuf {
        self.dir.logs().join(format!("{name}.log"))
    }

    fn launch_issuer(&self) -> Result<(), StackError> {
        self.launch(&self.issuer, "issuer", |stack| {
            let mut command = Command::new(&stack.artifacts.issuer);
            command
                .arg("serve")
                .arg("--config")
                .arg(stack.issuer_config());
            command
        })
    }

    fn launch(
        &self,
        slot: &Mutex<Option<Process>>,
        name: &'static str,
        command: impl FnOnce(&Self) -> Command,
    ) -> Result<(), StackError> {
        let mut command = command(self);
        for (variable, _) in std::env::vars_os() {
            // They would override the demo's own configuration.
            if variable.to_string_lossy().starts_with("DOCKGATE_") {
                command.env_remove(variable);
            }
        }
        let process = Process::start(name, command, &self.log_file(name))
            .doing(|| format!("cannot start {name}"))?;
        *lock(slot) = Some(process);
        Ok(())
    }

    fn wait_for(&self, conditions: &[Condition<'_>]) -> Result<(), StackError> {
        let http = Http::new();
        for (waiting_for, condition) in conditions {
            let mut seen = String::new();
            let outcome = Deadline::after(PATIENCE).poll(|| {
                if self.stop.is_raised() {
                    return Some(Err(StackError::Stopped));
                }
                if let Err(died) = self.check() {
                    return Some(Err(died));
                }
                condition(&http)
                    .map_err(|instead| seen = instead)
                    .ok()
                    .map(Ok)
            });
            match outcome {
                Some(outcome) => outcome?,
                None => {
                    let seen = format!("{seen}\n{}", self.last_lines());
                    let waiting_for = (*waiting_for).to_owned();
                    return Err(StackError::NotReady { waiting_for, seen });
                }
            }
        }
        Ok(())
    }

    fn last_lines(&self) -> String {
        let quoted = |slot: &Mutex<Option<Process>>| {
            let process = lock(slot);
            let process = process.as_ref()?;
            Some(format!(
                "==== {}\n{}\n",
                process.name(),
                process.last_lines()
            ))
        };
        self.slots().into_iter().filter_map(quoted).collect()
    }
}

impl Stack {
    /// What the issuer has counted, as long as there is somebody to ask.
    fn keep_metrics(&self) {
        if evidence::directory().is_none() {
            return;
        }
        if let Ok((200, metrics)) = Http::new().get(&format!("{}/metrics", self.ops_url())) {
            let file = self.dir.logs().join("metrics.txt");
            if let Err(error) = std::fs::write(&file, metrics) {
                eprintln!("{}: {error}", file.display());
            }
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.keep_metrics();
        for slot in self.slots() {
            if let Some(process) = lock(slot).as_mut() {
                process.ask_to_end();
            }
        }
        for slot in self.slots() {
            if let Some(mut process) = lock(slot).take() {
                process.stop(FAREWELL);
            }
        }
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

const ENVOY_FILE: &str = "envoy.yaml";
const ISSUER_FILE: &str = "issuer.toml";

fn envoy_command(stack: &Stack, options: &StackOptions) -> Command {
    let mut command = Command::new(&stack.artifacts.envoy);
    command.arg("-c").arg(stack.dir.file(ENVOY_FILE));
    command.args(["--concurrency", &options.concurrency.to_string()]);
    // Several may run side by side, and none is restarted hot.
    command.args(["--use-dynamic-base-id", "--disable-hot-restart"]);
    command.args(["--log-level", "warning"]);
    command.args([
        "--component-log-level",
        &format!("wasm:{}", options.filter_log),
    ]);
    command
}

fn write_envoy_config(
    artifacts: &Artifacts,
    options: &StackOptions,
    site: &Site,
    dir: &RunDir,
) -> Result<(), StackError> {
    let committed = read(&artifacts.envoy_config)?;
    let config = placeholders::envoy_config(&committed, &options.envoy_edits, site)?;
    write(&dir.file(ENVOY_FILE), &config)
}

fn write_issuer_config(
    artifacts: &Artifacts,
    options: &StackOptions,
    site: &Site,
    dir: &RunDir,
) -> Result<(), StackError> {
    let committed = read(&artifacts.issuer_config)?;
    let mut config = placeholders::issuer_config(&committed, &options.issuer_edits, site)?;
    if !options.issuer_config.is_empty() {
        let mut base = parse(&artifacts.issuer_config, &config)?;
        for path in &options.issuer_config {
            let addition = placeholders::issuer_addition(&read(path)?, site);
            merge::merge(&mut base, parse(path, &addition)?);
        }
        config = base.to_string();
    }
    write(&dir.file(ISSUER_FILE), &config)
}

fn parse(path: &Path, config: &str) -> Result<toml::Table, StackError> {
    toml::from_str(config).map_err(|error| StackError::NotToml {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}

fn read(path: &Path) -> Result<String, StackError> {
    std::fs::read_to_string(path).doing(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), StackError> {
    std::fs::write(path, text).doing(|| format!("cannot write {}", path.display()))
}

fn lock(slot: &Mutex<Option<Process>>) -> std::sync::MutexGuard<'_, Option<Process>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pid(slot: &Mutex<Option<Process>>) -> Option<u32> {
    lock(slot).as_ref().map(Process::pid)
}
