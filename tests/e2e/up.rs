//! `cargo xtask up`, the command that newcomers type.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, repository};
use dockgate_tests::http::get;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

fn data_dir(name: &str) -> PathBuf {
    let tests = dockgate_stack::target_dir().join("dockgate/tests");
    tests.join(format!("up-{name}-{}", std::process::id()))
}

fn command(ports: Ports, name: &str) -> Command {
    // Everything is built already, and built with the same settings, so cargo has nothing to do.
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(repository());
    command
        .args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "up",
            "--dev",
            "--data",
        ])
        .arg(data_dir(name));
    for (flag, port) in [
        ("--port", ports.http),
        ("--admin-port", ports.admin),
        ("--issuer-port", ports.issuer),
        ("--ops-port", ports.ops),
        ("--api-port", ports.api),
    ] {
        command.args([flag, &port.to_string()]);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A group of its own, as a shell gives it, so that Ctrl-C reaches it and nobody else.
    command.process_group(0);
    command
}

/// A demo that has said that it is ready.
struct Up {
    child: Child,
    ports: Ports,
    name: &'static str,
}

impl Up {
    fn start(name: &'static str) -> Self {
        let ports = Ports::free().unwrap();
        let mut child = command(ports, name).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            BufReader::new(stderr)
                .lines()
                .map_while(Result::ok)
                .for_each(|line| eprintln!("{line}"))
        });
        let url = format!("http://localhost:{}", ports.http);
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let ready = lines
            .by_ref()
            .any(|line| line.contains("ready") && line.contains(&url));
        // Whatever comes later must find a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let up = Self { child, ports, name };
        assert!(ready, "it ended without being ready");
        assert_eq!(get("/api/public/health").send(ports.http).status, 200);
        up
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The exit code, once it has ended and every part with it.
    fn ended(&mut self) -> Option<i32> {
        let status =
            Deadline::after(Duration::from_secs(30)).poll(|| self.child.try_wait().unwrap());
        let status = status.expect("it ends");
        let Ports {
            http,
            admin,
            issuer,
            ops,
            api,
        } = self.ports;
        for port in [http, admin, issuer, ops, api] {
            let closed = || {
                TcpStream::connect(("127.0.0.1", port))
                    .is_err()
                    .then_some(())
            };
            assert_eq!(
                Deadline::after(Duration::from_secs(10)).poll(closed),
                Some(()),
                "port {port} is closed"
            );
        }
        status.code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(data_dir(self.name));
    }
}

#[test]
fn sigterm_leaves_nothing_running() {
    let mut up = Up::start("term");
    kill_process(up.pid(), Signal::TERM).unwrap();
    assert_eq!(up.ended(), Some(0));
}

/// A terminal sends Ctrl-C to every process of the group at once.
#[test]
fn ctrl_c_leaves_nothing_running() {
    let mut up = Up::start("int");
    kill_process_group(up.pid(), Signal::INT).unwrap();
    assert_eq!(up.ended(), Some(0));
}

#[test]
fn nothing_outlives_a_killed_up() {
    let mut up = Up::start("kill");
    kill_process(up.pid(), Signal::KILL).unwrap();
    assert_eq!(up.ended(), None);
}

#[test]
fn a_directory_in_use_is_named_and_its_user_left_alone() {
    let up = Up::start("shared");
    let output = command(Ports::free().unwrap(), "shared").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        errors.contains("in use") && errors.contains("--data"),
        "{errors}"
    );
    assert_eq!(get("/api/public/health").send(up.ports.http).status, 200);
}

#[test]
fn an_occupied_port_is_named_with_the_flag_that_moves_it() {
    let ports = Ports::free().unwrap();
    let occupant = TcpListener::bind(("127.0.0.1", ports.api)).unwrap();
    let output = command(ports, "occupied").output().unwrap();
    drop(occupant);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        errors.contains(&ports.api.to_string()) && errors.contains("--api-port"),
        "{errors}"
    );
}
