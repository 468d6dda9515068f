//! An issuer that runs the demo's configuration, and plain HTTP to talk to it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../envoy/issuer.toml");
/// After this, what should have happened has not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that goes with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("dockgate-hardening-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Bytes on disk, of all files.
    pub(crate) fn size(&self) -> u64 {
        size(&self.0)
    }
}

fn size(path: &Path) -> u64 {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            // Gone meanwhile.
            Err(_) => 0,
        })
        .sum()
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

pub(crate) struct Issuer {
    child: Child,
    pub(crate) http: SocketAddr,
    pub(crate) ops: SocketAddr,
    /// Lines of its log, but for those that say how things go.
    troubles: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    /// Starts it with its store in `directory`, and waits until it serves.
    pub(crate) fn start(directory: &Directory, settings: &[(&str, &str)]) -> Self {
        Self::start_with(Path::new(CONFIG), directory, settings)
    }

    /// The same for one that may have so many files open: what `ulimit` is given.
    pub(crate) fn start_within(limit: &str, directory: &Directory) -> Self {
        let mut command = Command::new("sh");
        let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_dockgate-issuer")]);
        Self::run(command, Path::new(CONFIG), directory, &[])
    }

    /// The same with the demo's configuration and some more in it.
    pub(crate) fn start_with_more(directory: &Directory, more: &str) -> Self {
        let demo = fs::read_to_string(CONFIG).unwrap();
        let path = directory.0.join("issuer.toml");
        fs::write(&path, format!("{demo}\n{more}")).unwrap();
        Self::start_with(&path, directory, &[])
    }

    fn start_with(config: &Path, directory: &Directory, settings: &[(&str, &str)]) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_dockgate-issuer"));
        Self::run(command, config, directory, settings)
    }

    fn run(
        mut command: Command,
        config: &Path,
        directory: &Directory,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut child = command
            .args(["serve", "--config"])
            .arg(config)
            .env("DOCKGATE_LISTEN_HTTP", "127.0.0.1:0")
            .env("DOCKGATE_LISTEN_OPS", "127.0.0.1:0")
            .env("DOCKGATE_STORE_PATH", directory.0.join("store"))
            .env("DOCKGATE_LOG_FORMAT", "json")
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let serving = log.by_ref().map(Result::unwrap).find_map(|line| {
            let entry: Value = serde_json::from_str(&line).ok()?;
            seen.push(line);
            let address = |name: &str| find(&entry, name)?.as_str()?.parse().ok();
            Some((address("http")?, address("ops")?))
        });
        let (http, ops) = serving.unwrap_or_else(|| panic!("it does not serve: {seen:#?}"));
        seen.retain(|line| !line.contains("\"INFO\""));
        let troubles = Arc::new(Mutex::new(seen));
        let heard = troubles.clone();
        // So that it never waits for somebody to read.
        thread::spawn(move || {
            let lines = log.map_while(Result::ok);
            let troubles = lines.filter(|line| !line.contains("\"INFO\""));
            troubles.for_each(|line| heard.lock().unwrap().push(line));
        });
        Self {
            child,
            http,
            ops,
            troubles,
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        until("it ends", || self.child.try_wait().unwrap())
    }

    /// The value of a series, as it is written in `/metrics`.
    pub(crate) fn metric(&self, series: &str) -> u64 {
        Self::metric_on(&mut Connection::to(self.ops), series)
    }

    /// The same on a connection that there is.
    pub(crate) fn metric_on(ops: &mut Connection, series: &str) -> u64 {
        let answer = ops.ask("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
        let values = answer.body.lines().filter_map(|line| line.rsplit_once(' '));
        let mut own = values.filter(|(name, _)| *name == series);
        let (_, value) = own.next().unwrap_or_else(|| panic!("{series}: {answer:?}"));
        value.parse().unwrap()
    }

    /// How often a limit refused something.
    pub(crate) fn throttled(&self, what: &str, limit: &str) -> u64 {
        self.metric(&format!(
            r#"dockgate_issuer_throttled_total{{limit="{limit}",what="{what}"}}"#
        ))
    }

    /// Lines of its log that have `text`, but for those that say how things go.
    pub(crate) fn troubles(&self, text: &str) -> Vec<String> {
        let troubles = self.troubles.lock().unwrap();
        let own = troubles.iter().filter(|line| line.contains(text));
        own.cloned().collect()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn find<'a>(entry: &'a Value, name: &str) -> Option<&'a Value> {
    entry.get(name).or_else(|| entry.get("fields")?.get(name))
}

#[expect(clippy::disallowed_methods, reason = "tests wait in real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks until there is an answer.
#[expect(clippy::disallowed_methods, reason = "between two questions")]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{what}: not within {PATIENCE:?}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let mut own = headers.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.next().map(|(_, value)| value)
    }
}

/// A connection that is kept.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.0.get_mut().write_all(bytes.as_bytes()).unwrap();
    }

    pub(crate) fn ask(&mut self, request: &str) -> Answer {
        self.send(request);
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "closed: {head:?}");
        }
        let mut answer = Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: String::new(),
            head,
        };
        let length = answer.header("content-length").map_or("0", |length| length);
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }
}

/// A form for `path`, as of somebody at `address` who came through Envoy.
pub(crate) fn form(path: &str, address: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {address}\r\ncontent-type: \
         application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A request for a token that has to succeed; how long it took.
pub(crate) fn served(address: SocketAddr) -> Duration {
    let begun = now();
    served_on(&mut Connection::to(address));
    begun.elapsed()
}

/// The same on a connection that there is.
pub(crate) fn served_on(connection: &mut Connection) {
    let body = "grant_type=client_credentials&client_id=service&client_secret=service-secret&scope=api:read";
    let answer = connection.ask(&form("/token", "198.51.100.1", body));
    assert_eq!(answer.status, 200, "{answer:?}");
}
