//! `cargo xtask up`, the command that newcomers type.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, repository};
use dockgate_tests::http::get;

fn up(ports: Ports, name: &str) -> Command {
    // Everything is built already, and built with the same settings, so cargo has nothing to do.
    let mut command = Command::new(env!("CARGO"));
    let data = dockgate_stack::target_dir()
        .join("dockgate/tests")
        .join(format!("up-{name}-{}", std::process::id()));
    command
        .current_dir(repository())
        .args(["run", "--quiet", "--package", "xtask", "--", "up", "--data"])
        .arg(data);
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
    command
}

/// Lines of the output until one satisfies `wanted`.
fn read_until(child: &mut Child, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        seen.push(line.clone());
        if wanted(&line) {
            // Whatever comes later must find a reader.
            std::thread::spawn(move || lines.for_each(drop));
            return seen;
        }
    }
    panic!("the output ended with {seen:#?}\n{:?}", child.wait());
}

#[test]
fn it_says_when_it_is_ready_and_leaves_nothing_running() {
    let ports = Ports::free().unwrap();
    let mut child = up(ports, "ready").spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    std::thread::spawn(move || {
        BufReader::new(stderr)
            .lines()
            .map_while(Result::ok)
            .for_each(|line| eprintln!("{line}"))
    });
    let url = format!("http://localhost:{}", ports.http);
    let output = read_until(&mut child, |line| {
        line.contains("ready") && line.contains(&url)
    });
    assert!(!output.is_empty());
    assert_eq!(get("/api/public/health").send(ports.http).status, 200);

    let terminated = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(terminated.success());
    let status = Deadline::after(Duration::from_secs(30)).poll(|| child.try_wait().unwrap());
    assert_eq!(
        status.and_then(|status| status.code()),
        Some(0),
        "it ends in order"
    );
    for port in [ports.http, ports.admin, ports.issuer, ports.ops, ports.api] {
        assert!(
            TcpStream::connect(("127.0.0.1", port)).is_err(),
            "port {port} is closed"
        );
    }
}

#[test]
fn an_occupied_port_is_named_with_the_flag_that_moves_it() {
    let ports = Ports::free().unwrap();
    let occupant = TcpListener::bind(("127.0.0.1", ports.api)).unwrap();
    let output = up(ports, "occupied").output().unwrap();
    drop(occupant);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        errors.contains(&ports.api.to_string()) && errors.contains("--api-port"),
        "{errors}"
    );
}
