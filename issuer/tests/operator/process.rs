//! An issuer with a directory of its own, the commands on it, and plain HTTP to it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use serde_json::Value;

const CONFIG: &str = include_str!("../../../envoy/issuer.toml");
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dockgate-issuer");

/// It goes with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// With the demo's configuration in it.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("dockgate-operator-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        let config = CONFIG
            .replace("127.0.0.1:9000", "127.0.0.1:0")
            .replace("127.0.0.1:9002", "127.0.0.1:0");
        fs::write(path.join("issuer.toml"), config).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("data/admin.sock")
    }

    /// A command on the issuer here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env("DOCKGATE_CONFIG", self.0.join("issuer.toml"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The same with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    /// What a command that succeeds writes to standard output.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        succeeded(arguments, self.run(arguments))
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(arguments)).unwrap()
    }

    /// What a command that fails with `code` writes to standard error.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        errors
    }
}

#[track_caller]
pub(crate) fn succeeded(arguments: &[&str], output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// It ends with the test.
pub(crate) struct Issuer {
    child: Child,
    http: SocketAddr,
}

impl Issuer {
    /// Starts it, and waits until it serves.
    pub(crate) fn start(directory: &Directory) -> Self {
        Self::start_with(directory, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn start_with(directory: &Directory, more: &[(&str, &str)]) -> Self {
        let mut serve = directory.command(&["serve"]);
        serve.env("DOCKGATE_LOG_FORMAT", "json");
        serve.envs(more.iter().copied());
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let serving = log.by_ref().map(Result::unwrap).find_map(|line| {
            let entry: Value = serde_json::from_str(&line).ok()?;
            seen.push(line);
            let seen_at = [&entry["http"], &entry["fields"]["http"]];
            seen_at.into_iter().find_map(|at| at.as_str()?.parse().ok())
        });
        let http = serving.unwrap_or_else(|| panic!("it does not serve: {seen:#?}"));
        // So that it never waits for somebody to read.
        thread::spawn(move || log.for_each(drop));
        Self { child, http }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Status and body of a token request.
    pub(crate) fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let length = form.len();
        let request = format!(
            "POST /token HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        let mut stream = TcpStream::connect(self.http).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, serde_json::from_str(body).unwrap())
    }

    /// Whether a client gets a token in its own name.
    pub(crate) fn admits(&self, client: &str, secret: &str) -> bool {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", secret),
            ("scope", "api:read"),
        ];
        self.token(&form).0 == 200
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
