//! A Docker engine of our own, where none answers: its data, its socket and its processes are below
//! the target directory and end with us.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Deadline, Process};

use super::client::Client;
use super::directory;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::ask;
use crate::setup::debian;

const START: Duration = Duration::from_secs(60);
/// It ends its containers first.
const STOP: Duration = Duration::from_secs(30);
/// Of a Unix socket's path, with the byte that ends it (unix(7)). Its containerd has the longest one.
const LONGEST_PATH: usize = 107;
const LONGEST_SOCKET: &str = "exec/containerd/containerd-debug.sock";

/// A running engine. Dropping it removes its containers, networks and volumes, keeps its images (they
/// are what makes the next run short), and ends it.
pub(crate) struct Engine {
    client: Client,
    process: Process,
    /// Held as long as the engine runs: two on one directory would destroy it.
    _lock: File,
}

impl Engine {
    /// Speaks to it.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    fn clear(&self) {
        if let Some(containers) = self.client.ask(&["ps", "--all", "--quiet"]) {
            for container in containers.lines() {
                self.client.ask(&["rm", "--force", "--volumes", container]);
            }
        }
        self.client.ask(&["network", "prune", "--force"]);
        if let Some(volumes) = self.client.ask(&["volume", "ls", "--quiet"]) {
            for volume in volumes.lines() {
                self.client.ask(&["volume", "rm", "--force", volume]);
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.clear();
        self.process.stop(STOP);
    }
}

/// Starts one and waits until it answers.
pub(super) fn start(context: &Context) -> Outcome<Engine> {
    require(context)?;
    let dir = directory();
    let lock = prepare(&dir)?;
    let socket = dir.join("engine.sock");
    let client = Client::of(format!("unix://{}", socket.display()));
    context.say("starting a Docker engine below the target directory");
    let log = dir.join("engine.log");
    let process = Process::start("dockerd", command(&dir, &socket), &log)
        .map_err(|error| Failure::new(format!("dockerd could not be started: {error}")))?;
    let mut engine = Engine {
        client,
        process,
        _lock: lock,
    };
    wait(context, &mut engine)?;
    // What a killed run has left.
    engine.clear();
    Ok(engine)
}

fn wait(context: &Context, engine: &mut Engine) -> Outcome {
    let answered = Deadline::after(START).poll(|| {
        if context.stop.is_raised() || engine.process.ended().is_some() {
            return Some(false);
        }
        engine
            .client
            .ask(&["info", "--format", "{{.ServerVersion}}"])
            .map(|_| true)
    });
    if answered == Some(true) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the Docker engine did not start; its last log lines:\n{}",
        engine.process.last_lines()
    )))
}

/// A PID namespace: whoever kills the first process in it, or us, has the system kill the engine with
/// every container. A mount namespace, so that its mounts go with it.
fn command(dir: &Path, socket: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command.arg("dockerd");
    command.arg("--data-root").arg(dir.join("data"));
    command.arg("--exec-root").arg(dir.join("exec"));
    command.arg("--pidfile").arg(dir.join("engine.pid"));
    command
        .arg("--host")
        .arg(format!("unix://{}", socket.display()));
    // Compose makes its own networks, and builds use the host's: the default bridge would only be
    // left behind.
    command.arg("--bridge=none");
    command
}

fn prepare(dir: &Path) -> Outcome<File> {
    fs::create_dir_all(dir)?;
    let length = dir.join(LONGEST_SOCKET).as_os_str().len();
    if length > LONGEST_PATH {
        return Err(Failure::new(format!(
            "{} is {} bytes too long a path for the sockets of a Docker engine: set \
             CARGO_TARGET_DIR to a shorter one, or start Docker",
            dir.display(),
            length - LONGEST_PATH
        )));
    }
    let lock = File::create(dir.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let in_use = format!(
                "{} is in use by another `cargo xtask test compose`",
                dir.display()
            );
            return Err(Failure::new(in_use));
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    // Of an engine that was killed: its process ids mean nothing in a new namespace.
    for leftover in ["engine.pid", "engine.sock", "engine.log"] {
        let _ = fs::remove_file(dir.join(leftover));
    }
    let _ = fs::remove_dir_all(dir.join("exec"));
    Ok(lock)
}

/// Sees to it that an engine can be started.
fn require(context: &Context) -> Outcome {
    let programs = [("dockerd", "--version"), ("iptables", "--version")];
    let present = || {
        programs
            .iter()
            .all(|(name, flag)| ask(name, &[flag]).is_some())
            && ask("docker", &["--version"]).is_some()
    };
    if !present() && debian::can_install() {
        debian::install(context, &["docker.io", "iptables"])?;
    }
    if !present() {
        return Err(Failure::new(
            "no Docker engine that can get the base images answers, and there is none to start: \
             install Docker and start it",
        ));
    }
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::new(
            "no Docker engine that can get the base images answers, and only root can start one: \
             start Docker, and check that `docker info` works",
        ));
    }
    Ok(())
}
