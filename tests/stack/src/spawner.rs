//! Starts child processes that cannot outlive this one.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};

struct Request {
    command: Command,
    answer: Sender<io::Result<Child>>,
}

/// Spawns `command` in a process group of its own, so that Ctrl-C reaches only this process,
/// which then stops its children in order; should this process be killed, they die with it.
pub(crate) fn spawn(mut command: Command) -> io::Result<Child> {
    command.process_group(0);
    die_with_parent(&mut command);
    let (answer, answered) = channel();
    spawner()
        .send(Request { command, answer })
        .map_err(|_| spawner_gone())?;
    answered.recv().map_err(|_| spawner_gone())?
}

/// The death signal fires when the *thread* that forked ends, so one thread that lives as long as
/// the process forks for everyone: a test's own thread ends with the test.
fn spawner() -> &'static Sender<Request> {
    static SPAWNER: OnceLock<Sender<Request>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (sender, requests): (_, Receiver<Request>) = channel();
        std::thread::spawn(move || {
            for Request {
                mut command,
                answer,
            } in requests
            {
                // Whoever asked may have gone; then the child is dropped, and ends with us.
                let _ = answer.send(command.spawn());
            }
        });
        sender
    })
}

fn spawner_gone() -> io::Error {
    io::Error::other("the thread that starts processes has ended")
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "nothing safe runs in the child between fork and exec"
)]
fn die_with_parent(command: &mut Command) {
    use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};
    let parent: Pid = getpid();
    // SAFETY: the closure makes two system calls and neither allocates nor locks.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the call above; then no signal will come.
            if getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
