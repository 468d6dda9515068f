//! Runs other programs: bounded, stoppable, and leaving nothing behind.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use dockgate_stack::{Deadline, Process, demo_dir};

use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Longer than any build; a step that can hang is given a limit of its own.
const LONG: Duration = Duration::from_secs(2 * 3600);

/// What a short question answers on standard output; `None` when it fails or is not there.
pub(crate) fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Runs a program with its output on the terminal.
pub(crate) fn shown(context: &Context, name: &'static str, command: Command) -> Outcome {
    succeeded(
        name,
        start(name, command).and_then(|process| finish(context, process, LONG))?,
    )
}

/// Runs a build, whose progress is on standard error: announced, and shown, only when there is
/// something to do.
pub(crate) fn build(context: &Context, name: &'static str, mut command: Command) -> Outcome {
    command.stderr(Stdio::piped());
    let mut process = start(name, command)?;
    let stderr = process.take_stderr();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let lines = stderr
                .into_iter()
                .flat_map(|stderr| BufReader::new(stderr).lines());
            let mut silent = true;
            for line in lines.map_while(Result::ok).filter(|line| !is_routine(line)) {
                if std::mem::take(&mut silent) {
                    context.say(&format!("building {name}"));
                }
                eprintln!("{line}");
            }
        });
        succeeded(name, finish(context, process, LONG)?)
    })
}

/// What cargo also says when there is nothing to build.
fn is_routine(line: &str) -> bool {
    line.trim_start().starts_with("Finished") || line.trim_start().starts_with("Blocking waiting")
}

/// Runs a program with its output in a log, which a failure quotes.
pub(crate) fn logged(name: &'static str, command: Command) -> Step {
    Step {
        name,
        command,
        limit: LONG,
    }
}

/// A program to be run with its output in a log.
pub(crate) struct Step {
    name: &'static str,
    command: Command,
    limit: Duration,
}

impl Step {
    /// Ends it after `limit`.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it and gives what it wrote.
    pub(crate) fn run(self, context: &Context) -> Outcome<String> {
        let Self {
            name,
            command,
            limit,
        } = self;
        let log = log_file(name)?;
        let process = Process::start(name, command, &log)
            .map_err(|error| Failure::new(format!("{name} could not be started: {error}")))?;
        let status = finish(context, process, limit);
        let written = std::fs::read(&log).unwrap_or_default();
        let written = String::from_utf8_lossy(&written).into_owned();
        match status {
            Ok(status) if status.success() => Ok(written),
            Ok(status) => Err(Failure::new(format!(
                "{name} failed ({status}):\n{written}"
            ))),
            Err(failure) => Err(Failure::new(format!("{failure}:\n{written}"))),
        }
    }
}

fn log_file(name: &str) -> Outcome<PathBuf> {
    let logs = demo_dir().join("logs");
    std::fs::create_dir_all(&logs)?;
    let log = logs.join(format!("{}.log", name.replace([' ', '/'], "-")));
    // The file of an earlier run must not be quoted as this one's.
    if log.exists() {
        std::fs::remove_file(&log)?;
    }
    Ok(log)
}

fn start(name: &'static str, command: Command) -> Outcome<Process> {
    Process::start_as_is(name, command)
        .map_err(|error| Failure::new(format!("{name} could not be started: {error}")))
}

fn finish(context: &Context, mut process: Process, limit: Duration) -> Outcome<ExitStatus> {
    let ended = Deadline::after(limit).poll(|| {
        if context.stop.is_raised() {
            Some(None)
        } else {
            process.ended().map(Some)
        }
    });
    match ended {
        Some(Some(status)) => Ok(status),
        Some(None) => Err(Failure::new(format!("{} was stopped", process.name()))),
        None => Err(Failure::new(format!(
            "{} took longer than {} s",
            process.name(),
            limit.as_secs()
        ))),
    }
}

fn succeeded(name: &str, status: ExitStatus) -> Outcome {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{name} failed ({status})")))
    }
}
