//! One child process: a part of the stack, or a step of the set-up.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::clock::Deadline;
use crate::spawner;

/// How many of a process's last log lines an error quotes.
const QUOTED_LINES: usize = 25;

/// A child process that ends, with what it started, before this one does. Dropping it stops it.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: Option<PathBuf>,
    /// A second SIGTERM would cut short the drain that the first began.
    asked_to_end: bool,
}

impl Process {
    /// Starts `command`; what it writes is appended to `log`.
    ///
    /// # Errors
    /// When the log cannot be opened or the program cannot be started.
    pub fn start(name: &'static str, mut command: Command, log: &Path) -> io::Result<Self> {
        let output: File = OpenOptions::new().create(true).append(true).open(log)?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = spawner::spawn(command)?;
        Ok(Self {
            name,
            child,
            log: Some(log.to_path_buf()),
            asked_to_end: false,
        })
    }

    /// Starts `command` with its input and output as they are set in it.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_as_is(name: &'static str, command: Command) -> io::Result<Self> {
        let child = spawner::spawn(command)?;
        Ok(Self {
            name,
            child,
            log: None,
            asked_to_end: false,
        })
    }

    /// Its standard error, once, where `command` set it to be piped.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// What it is, as errors and logs call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end and kills it when it has not after `patience`.
    pub fn stop(&mut self, patience: Duration) -> Option<ExitStatus> {
        self.ask_to_end();
        let deadline = Deadline::after(patience);
        deadline.poll(|| self.ended()).or_else(|| self.kill())
    }

    /// Sends SIGTERM, once, and does not wait.
    pub fn ask_to_end(&mut self) {
        if self.ended().is_none() && !self.asked_to_end {
            self.asked_to_end = true;
            self.signal(Signal::TERM);
        }
    }

    /// Sends SIGKILL and waits until it is gone.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        if self.ended().is_none() {
            self.signal(Signal::KILL);
        }
        self.child.wait().ok()
    }

    /// Everything it has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        let Some(log) = &self.log else {
            return String::new();
        };
        std::fs::read(log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines it has written.
    #[must_use]
    pub fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let skipped = lines.len().saturating_sub(QUOTED_LINES);
        lines
            .into_iter()
            .skip(skipped)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// To its whole group, which the spawner made: a build has compilers below it.
    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // An error means that it has ended already.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(5));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn shell(script: &str) -> Process {
        let log = std::env::temp_dir().join(format!(
            "dockgate-process-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        let _ = std::fs::remove_file(&log);
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start("shell", command, &log).unwrap()
    }

    fn wait_for_line(process: &Process, line: &str) {
        let seen = Deadline::after(Duration::from_secs(10))
            .poll(|| process.log().lines().any(|seen| seen == line).then_some(()));
        assert_eq!(seen, Some(()), "{}", process.log());
    }

    #[test]
    fn a_process_that_obeys_is_asked_to_end() {
        let mut process = shell("trap 'exit 7' TERM; echo up; while :; do read -t 1 x; done");
        wait_for_line(&process, "up");
        let status = process.stop(Duration::from_secs(10)).unwrap();
        assert!(
            status.code() == Some(7) || status.signal() == Some(15),
            "{status}"
        );
    }

    #[test]
    fn a_process_that_does_not_obey_is_killed() {
        let mut process = shell("trap '' TERM; echo up; while :; do sleep 1; done");
        wait_for_line(&process, "up");
        let status = process.stop(Duration::from_millis(100)).unwrap();
        assert_eq!(status.signal(), Some(9));
    }

    #[test]
    fn the_end_of_a_process_and_its_last_words_are_seen() {
        let mut process = shell("echo cannot start >&2; exit 3");
        let status = Deadline::after(Duration::from_secs(10))
            .poll(|| process.ended())
            .unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(process.last_lines(), "cannot start");
    }

    #[test]
    fn a_dropped_process_is_gone() {
        let process = shell("echo up; exec sleep 1000");
        wait_for_line(&process, "up");
        let pid = Pid::from_raw(i32::try_from(process.pid()).unwrap()).unwrap();
        drop(process);
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
