//! Becomes another program, one that is killed when whoever started it ends.
//!
//! A driver starts its browser by itself, and dies with the test, even of SIGKILL. Its browser would
//! then be nobody's. So what drivers take for the browser is this program.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use dockgate_tests::webdriver::TETHERED_PROGRAM;

fn main() -> ExitCode {
    let Some(program) = std::env::var_os(TETHERED_PROGRAM) else {
        eprintln!("{TETHERED_PROGRAM} has to name a program");
        return ExitCode::FAILURE;
    };
    if let Err(error) = tether() {
        eprintln!("cannot be tethered: {error}");
        return ExitCode::FAILURE;
    }
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1));
    // Comes back only when it failed.
    let error = command.exec();
    eprintln!("{}: {error}", program.display());
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
fn tether() -> std::io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal};
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

#[cfg(not(target_os = "linux"))]
fn tether() -> std::io::Result<()> {
    Ok(())
}
