//! One run of the committed compose file: on a free port, with a name and volumes of its own.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dockgate_stack::{Deadline, Ports, demo_dir, repository};
use dockgate_tests::authorization_server::basic;
use dockgate_tests::http::{Response, get, post};

use crate::docker::{compose_words, docker, written};

/// The services of the compose file.
pub(crate) const SERVICES: [&str; 3] = ["envoy", "issuer", "api"];

const PATIENCE: Duration = Duration::from_secs(120);
const ORIGIN: &str = "http://localhost:8080";

/// What the committed files say and a run needs otherwise: text, how often, replacement.
type Change<'a> = (&'a str, usize, &'a str);

/// Containers, networks and a volume. Dropping it removes them all, and so does the end of this
/// process, however it comes.
pub(crate) struct Project {
    name: String,
    port: u16,
    dir: PathBuf,
    remover: Child,
}

impl Project {
    /// Runs the committed files and waits until all is healthy.
    pub(crate) fn up() -> Self {
        let project = Self::prepared();
        project.start();
        project
    }

    /// Writes the files and starts nothing.
    pub(crate) fn prepared() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dockgate-test-{}-{number}", std::process::id());
        let port = Ports::free().expect("a free port").http;
        let dir = demo_dir().join("compose").join(&name);
        fs::create_dir_all(&dir).expect("a directory");
        let origin = format!("http://localhost:{port}");
        let file = |name: &str| dir.join(name).display().to_string();
        let (envoy, issuer) = (file("envoy.yaml"), file("issuer.toml"));
        write(&dir, "envoy/envoy.yaml", &[(ORIGIN, 4, &origin)]);
        write(&dir, "envoy/issuer.toml", &[(ORIGIN, 3, &origin)]);
        let published = format!("\"127.0.0.1:{port}:8080\"");
        write(
            &dir,
            "docker-compose.yml",
            &[
                ("\"127.0.0.1:8080:8080\"", 1, &published),
                ("./envoy/envoy.yaml:", 1, &format!("{envoy}:")),
                ("./envoy/issuer.toml:", 1, &format!("{issuer}:")),
            ],
        );
        let remover = remover(&name, &dir);
        Self {
            name,
            port,
            dir,
            remover,
        }
    }

    /// Changes a file of this run; `from` has to occur once.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).expect("a file of this run");
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        fs::write(path, text.replace(from, to)).expect("a file of this run");
    }

    /// `up`, until all is healthy.
    #[track_caller]
    pub(crate) fn start(&self) {
        self.succeed(&["up", "--detach", "--no-build"]);
        for service in SERVICES {
            self.wait_until_healthy(service);
        }
    }

    /// `docker compose ARGUMENTS` on this run's files.
    pub(crate) fn compose(&self, arguments: &[&str]) -> Output {
        let mut command = command(&compose(&self.name, &self.dir));
        command.args(arguments).stdin(Stdio::null());
        command.output().expect("Compose can be started")
    }

    /// The same, which has to succeed; gives what it wrote.
    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.compose(arguments);
        let written = written(&output);
        assert!(
            output.status.success(),
            "compose {}: {written}{}",
            arguments.join(" "),
            self.logs()
        );
        written
    }

    /// What all containers have written.
    pub(crate) fn logs(&self) -> String {
        written(&self.compose(&["logs", "--no-color"]))
    }

    /// What one container has written, as it wrote it.
    pub(crate) fn log_of(&self, service: &str) -> String {
        written(&crate::docker::attempt(&["logs", &self.container(service)]))
    }

    /// The id of a service's container, which may have ended.
    #[track_caller]
    pub(crate) fn container(&self, service: &str) -> String {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let service = format!("label=com.docker.compose.service={service}");
        let mut list = vec!["ps", "--all", "--quiet"];
        list.extend(["--filter", &project, "--filter", &service]);
        docker(&list)
    }

    /// A field of what Docker knows of a service's container, as a Go template names it.
    #[track_caller]
    pub(crate) fn inspect(&self, service: &str, field: &str) -> String {
        docker(&["inspect", "--format", field, &self.container(service)])
    }

    #[track_caller]
    pub(crate) fn wait_until_healthy(&self, service: &str) {
        self.wait(service, "{{.State.Health.Status}}", "healthy");
    }

    #[track_caller]
    pub(crate) fn wait_until_ended(&self, service: &str) {
        self.wait(service, "{{.State.Status}}", "exited");
    }

    #[track_caller]
    fn wait(&self, service: &str, field: &str, wanted: &str) {
        let mut seen = String::new();
        let reached = Deadline::after(PATIENCE).poll(|| {
            seen = self.inspect(service, field);
            (seen == wanted).then_some(())
        });
        assert!(
            reached.is_some(),
            "{service} is {seen}, not {wanted}: {}",
            self.logs()
        );
    }

    /// The containers, networks and volumes of this run.
    pub(crate) fn remains(&self) -> String {
        let label = format!("label=com.docker.compose.project={}", self.name);
        let lists: [&[&str]; 3] = [
            &["ps", "--all", "--quiet"],
            &["network", "ls", "--quiet"],
            &["volume", "ls", "--quiet"],
        ];
        let list = |list: &&[&str]| docker(&[*list, &["--filter", &label]].concat());
        lists.iter().map(list).collect()
    }

    /// The run's name, which begins those of its networks.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where Envoy is published.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A token of the client `service`.
    #[track_caller]
    pub(crate) fn service_token(&self, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let response = post("/token")
            .header("authorization", basic("service", "service-secret"))
            .form(&form)
            .send(self.port);
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()["access_token"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    /// What `GET /api/protected/data` answers to a token.
    pub(crate) fn protected(&self, token: &str) -> Response {
        get("/api/protected/data").bearer(token).send(self.port)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
        drop(self.remover.stdin.take());
        let _ = self.remover.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Copies a committed file and changes what has to be otherwise here.
fn write(dir: &Path, committed: &str, changes: &[Change<'_>]) {
    let path = repository().join(committed);
    let mut text = fs::read_to_string(&path).expect("a committed file");
    for (from, count, to) in changes {
        assert_eq!(text.matches(from).count(), *count, "{from} in {committed}");
        text = text.replace(from, to);
    }
    let name = path.file_name().expect("a name");
    fs::write(dir.join(name), text).expect("a file of this run");
}

/// Compose's command for a run.
fn compose(name: &str, dir: &Path) -> Vec<String> {
    let mut words = compose_words();
    words.extend(["--project-name", name, "--file"].map(str::to_owned));
    words.push(dir.join("docker-compose.yml").display().to_string());
    words.push("--project-directory".to_owned());
    words.push(repository().display().to_string());
    words
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// Waits for the end of its input, which comes with the end of this process, and removes everything.
/// In a process group of its own, so that what ends the tests does not end it.
fn remover(name: &str, dir: &Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", "cat > /dev/null; exec \"$@\"", "remover"]);
    command.args(compose(name, dir));
    command.args(["down", "--volumes", "--remove-orphans", "--timeout", "5"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.process_group(0).spawn().expect("a shell")
}
