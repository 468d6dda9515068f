//! What `envoy/deploy/` describes, running on this machine: TLS at Envoy, an https issuer behind it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use dockgate_stack::deployment::{self, DeploymentSite};
use dockgate_stack::{Artifacts, Deadline, Edit, Process, repository, target_dir};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::pki_types::CertificateDer;

use crate::http::{Response, get};
use crate::https::Https;

/// The domain of the files.
pub const HOST: &str = "api.example.com";
/// The secret that the test gives the client `web`.
pub const WEB_SECRET: &str = "3b1f7c9d5e8a42064d2c6f0e8b97a153";
/// The secret that the test gives the client `service`.
pub const SERVICE_SECRET: &str = "9a60c4e1b7d2583f0f6e1a8c5d4b3297";
/// The password that the test gives the user `someone`.
pub const PASSWORD: &str = "a password of the test";

/// How long a part may take to start on a busy machine, and to end.
const PATIENCE: Duration = Duration::from_secs(60);
const FAREWELL: Duration = Duration::from_secs(10);

/// A running deployment. Dropping it stops everything; while panicking it also prints the logs.
pub struct Deployment {
    /// Where everything is.
    pub site: DeploymentSite,
    authority: Authority,
    artifacts: Artifacts,
    // Stopped in this order.
    envoy: Mutex<Option<Process>>,
    issuer: Mutex<Option<Process>>,
    api: Mutex<Option<Process>>,
    dir: Directory,
}

impl Deployment {
    /// Writes the files as an operator would, starts what they describe, and returns when Envoy is
    /// ready and has the issuer's keys.
    ///
    /// # Panics
    /// When something does not start.
    pub fn start() -> Self {
        let deployment = Self::prepare();
        deployment.start_issuer();
        deployment.start_others();
        deployment.wait_until_ready();
        deployment
    }

    /// The same with one change of Envoy's configuration.
    ///
    /// # Panics
    /// When something does not start, or when `from` is not there once.
    pub fn start_with(from: &str, to: &str) -> Self {
        let deployment = Self::prepare();
        let path = deployment.path("envoy.yaml");
        let config = fs::read_to_string(&path).expect("it was written");
        assert_eq!(config.matches(from).count(), 1, "{from:?}");
        fs::write(&path, config.replace(from, to)).expect("a file");
        deployment.start_issuer();
        deployment.start_others();
        deployment.wait_until_ready();
        deployment
    }

    /// Writes the files and starts nothing.
    ///
    /// # Panics
    /// When something is not there.
    pub fn prepare() -> Self {
        let artifacts = Artifacts::locate().unwrap_or_else(|missing| panic!("{missing}"));
        let dir = Directory::new();
        let site = DeploymentSite::free(dir.0.clone(), artifacts.filter.clone()).expect("ports");
        let deployment = Self {
            authority: Authority::new(),
            site,
            artifacts,
            envoy: Mutex::default(),
            issuer: Mutex::default(),
            api: Mutex::default(),
            dir,
        };
        deployment.write_files();
        deployment
    }

    /// A client that trusts the authority of [`Deployment::renew_certificate`].
    pub fn https(&self) -> Https {
        Https::new(HOST, self.site.ports.http, self.authority.certificate())
    }

    /// Puts a new certificate in the place of the old one, as tools for that do: by `rename`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn renew_certificate(&self) {
        let (chain, key) = self.authority.issue(HOST);
        // The key first: Envoy looks at both after each, and takes no pair that does not fit.
        for (name, text) in [("tls.key", key), ("tls.crt", chain)] {
            let new = self.path("tls").join("new");
            fs::write(&new, text).expect("a file");
            fs::rename(&new, self.path("tls").join(name)).expect("a file");
        }
    }

    /// `dockgate-issuer COMMAND --config issuer.toml`.
    pub fn issuer_command(&self, command: &str) -> Command {
        let mut process = Command::new(&self.artifacts.issuer);
        process.arg(command).arg("--config");
        process.arg(self.path("issuer.toml"));
        without_settings(&mut process);
        process
    }

    /// A file of the deployment's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.site.etc.join(name)
    }

    /// Stops the issuer as an operator would and waits until it is gone.
    pub fn stop_issuer(&self) {
        if let Some(mut issuer) = lock(&self.issuer).take() {
            issuer.stop(FAREWELL);
        }
    }

    /// Starts the issuer and waits until it says that it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start_issuer(&self) {
        self.launch(&self.issuer, "issuer", self.issuer_command("serve"));
        let ready = Deadline::after(PATIENCE).poll(|| {
            let health = self.issuer_command("health").output().expect("it runs");
            health.status.success().then_some(())
        });
        assert!(
            ready.is_some(),
            "the issuer is not ready: {}",
            self.log("issuer")
        );
    }

    /// What a part has written.
    pub fn log(&self, name: &str) -> String {
        fs::read_to_string(self.log_file(name)).unwrap_or_default()
    }

    fn write_files(&self) {
        let site = &self.site;
        let write = |name: &str, text: &str| {
            fs::write(self.path(name), text).expect("a file");
        };
        write(
            "envoy.yaml",
            &filled(site.envoy_config(&committed(deployment::ENVOY_CONFIG))),
        );
        write(
            "tls.yaml",
            &filled(site.tls_config(&committed(deployment::TLS_CONFIG))),
        );
        let issuer = committed(deployment::ISSUER_CONFIG);
        let edits = [
            Edit::once(quoted(&issuer, "secret_sha256"), sha256(SERVICE_SECRET)),
            Edit::once(quoted(&issuer, "password_hash"), password_hash()),
        ];
        write("issuer.toml", &filled(site.issuer_config(&issuer, &edits)));
        for dir in ["tls", "secrets"] {
            fs::create_dir_all(self.path(dir)).expect("a directory");
        }
        write("secrets/web", WEB_SECRET);
        self.renew_certificate();
    }

    fn start_others(&self) {
        let mut api = Command::new(&self.artifacts.sample_api);
        api.args(["--listen", &format!("127.0.0.1:{}", self.site.ports.api)]);
        self.launch(&self.api, "api", api);
        let mut envoy = Command::new(&self.artifacts.envoy);
        envoy.arg("-c").arg(self.path("envoy.yaml"));
        envoy.args(["--use-dynamic-base-id", "--disable-hot-restart"]);
        envoy.args(["--concurrency", "2", "--log-level", "warning"]);
        // Logs are looked at while the test runs.
        envoy.args(["--file-flush-interval-msec", "100"]);
        self.launch(&self.envoy, "envoy", envoy);
    }

    /// Envoy answers, and a worker has keys as soon as a token that cannot be good is told so.
    fn wait_until_ready(&self) {
        let has_keys = || {
            if let Some(status) = lock(&self.envoy).as_mut()?.ended() {
                panic!("Envoy ended: {status}");
            }
            std::net::TcpStream::connect(("127.0.0.1", self.site.envoy_ops)).ok()?;
            let ready = get("/ready").send(self.site.envoy_ops);
            let keys = self.stat("workers_with_keys");
            (ready.status == 200 && keys == Some(3)).then_some(())
        };
        let ready = Deadline::after(PATIENCE).poll(has_keys);
        assert!(ready.is_some(), "Envoy is not ready: {}", self.log("envoy"));
    }

    /// A counter or gauge of the filter's, as Prometheus gets it.
    pub fn stat(&self, name: &str) -> Option<u64> {
        let metrics = self.metrics().text();
        let line = format!("dockgate_{name}{{}} ");
        metrics
            .lines()
            .find_map(|found| found.strip_prefix(&line)?.parse().ok())
    }

    /// What Prometheus gets.
    pub fn metrics(&self) -> Response {
        get("/stats/prometheus").send(self.site.envoy_ops)
    }

    fn launch(&self, slot: &Mutex<Option<Process>>, name: &'static str, mut command: Command) {
        without_settings(&mut command);
        let process = Process::start(name, command, &self.log_file(name)).expect("it starts");
        *lock(slot) = Some(process);
    }

    fn log_file(&self, name: &str) -> PathBuf {
        self.dir.0.join(format!("{name}.log"))
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        for slot in [&self.envoy, &self.issuer, &self.api] {
            if let Some(mut process) = lock(slot).take() {
                process.stop(FAREWELL);
            }
        }
        if std::thread::panicking() {
            for name in ["envoy", "issuer", "api"] {
                eprintln!("==== {name}\n{}", self.log(name));
            }
        }
    }
}

/// A certificate authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    fn certificate(&self) -> &CertificateDer<'static> {
        self.0.der()
    }

    /// A certificate for a host and its key, PEM.
    fn issue(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([host.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}

/// Removed with the deployment.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("deployment-{}-{number}", std::process::id());
        let dir = target_dir().join("dockgate/tests").join(name);
        fs::create_dir_all(&dir).expect("a directory");
        Self(dir)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file of the repository, as it is committed.
///
/// # Panics
/// When it is not there.
pub fn committed(path: impl AsRef<Path>) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn filled(config: Result<String, dockgate_stack::PlaceholderError>) -> String {
    config.unwrap_or_else(|error| panic!("{error}"))
}

/// The text between the quotes after `key = `.
fn quoted(config: &str, key: &str) -> String {
    let (_, rest) = config
        .split_once(&format!("\n{key} = \""))
        .expect("the key");
    rest.split_once('"')
        .expect("the end of a string")
        .0
        .to_owned()
}

fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn password_hash() -> String {
    let hash = Argon2::default().hash_password_with_salt(PASSWORD.as_bytes(), b"salt of the test");
    hash.expect("a hash").to_string()
}

/// Variables of the machine's would override the files.
fn without_settings(command: &mut Command) {
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("DOCKGATE_") {
            command.env_remove(variable);
        }
    }
}

fn lock(slot: &Mutex<Option<Process>>) -> std::sync::MutexGuard<'_, Option<Process>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
