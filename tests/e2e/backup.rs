//! `backup` and `restore`, with the issuer running and without; and what a damaged store does.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use dockgate_stack::{Artifacts, Deadline, repository, target_dir};
use dockgate_tests::backed_up::rows;
use rustix::process::{Pid, Signal, kill_process};

/// EX_DATAERR of sysexits.h.
const DATA_ERROR: i32 = 65;

/// An issuer in a directory of its own, on ports that the system chooses.
struct Issuer {
    dir: PathBuf,
    running: Option<Child>,
}

impl Issuer {
    fn new(name: &str) -> Self {
        let name = format!("backup-{name}-{}", std::process::id());
        let dir = target_dir().join("dockgate/tests").join(name);
        fs::create_dir_all(&dir).unwrap();
        let config = fs::read_to_string(repository().join("envoy/issuer.toml")).unwrap();
        let config = config
            .replace("127.0.0.1:9000", "127.0.0.1:0")
            .replace("127.0.0.1:9002", "127.0.0.1:0");
        fs::write(dir.join("issuer.toml"), config).unwrap();
        Self { dir, running: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn command(&self, command: &str) -> Command {
        let issuer = Artifacts::locate().unwrap().issuer;
        let mut process = Command::new(issuer);
        process.arg(command).arg("--config");
        process.arg(self.path("issuer.toml"));
        process
    }

    fn run(&self, command: &str, file: &Path) -> Output {
        self.command(command).arg(file).output().unwrap()
    }

    /// `restore` from standard input.
    fn restore_from(&self, backup: &Path) -> Output {
        let mut restore = self.command("restore");
        restore.arg("-").stdin(fs::File::open(backup).unwrap());
        restore.output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, command: &str, file: &Path) {
        let output = self.run(command, file);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
    }

    #[track_caller]
    fn is_refused(&self, command: &str, file: &Path, code: i32, says: &[&str]) {
        let output = self.run(command, file);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{command}: {errors}");
        for text in says {
            assert!(errors.contains(text), "{text:?} is not in {errors}");
        }
    }

    /// Starts it and waits for its admin socket.
    fn start(&mut self) {
        let mut serve = self.command("serve");
        self.running = Some(serve.stderr(Stdio::null()).spawn().unwrap());
        let socket = self.path("data/admin.sock");
        let connected = || UnixStream::connect(&socket).ok();
        let started = Deadline::after(Duration::from_secs(10)).poll(connected);
        assert!(started.is_some(), "the issuer does not start");
    }

    fn stop(&mut self, signal: Signal) {
        let mut child = self.running.take().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn a_backup_of_the_running_issuer_makes_the_same_store_again() {
    let mut issuer = Issuer::new("online");
    let [online, offline, again] = ["online", "offline", "again"].map(|name| issuer.path(name));
    issuer.is_refused("backup", &online, 1, &["there is no store"]);
    issuer.start();
    issuer.succeeds("backup", &online);
    let mode = fs::metadata(&online).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    issuer.is_refused("restore", &online, 1, &["already", "mv "]);
    issuer.stop(Signal::TERM);
    assert!(!issuer.path("data/admin.sock").exists());
    issuer.succeeds("backup", &offline);
    let kept = |path: &Path| rows(&fs::read(path).unwrap());
    assert_eq!(kept(&online), kept(&offline));

    fs::rename(issuer.path("data"), issuer.path("data.old")).unwrap();
    issuer.succeeds("restore", &online);
    issuer.start();
    // The socket of a killed issuer is in nobody's way.
    issuer.stop(Signal::KILL);
    assert!(issuer.path("data/admin.sock").exists());
    issuer.start();
    issuer.succeeds("backup", &again);
    assert_eq!(kept(&online), kept(&again));
}

/// For images without a shell, and for backups that never are on this machine's disk.
#[test]
fn a_backup_goes_through_pipes_too() {
    let mut issuer = Issuer::new("pipes");
    let file = issuer.path("file");
    issuer.is_refused("backup", Path::new("-"), 1, &["there is no store"]);
    issuer.start();
    issuer.succeeds("backup", &file);
    let online = issuer.run("backup", Path::new("-"));
    assert!(online.status.success(), "{online:?}");
    let kept = rows(&online.stdout);
    assert_eq!(kept, rows(&fs::read(&file).unwrap()));
    assert!(String::from_utf8_lossy(&online.stderr).contains("records"));
    let onto_a_full_disk = issuer
        .command("backup")
        .arg("-")
        .stdout(fs::File::options().write(true).open("/dev/full").unwrap())
        .output()
        .unwrap();
    assert_eq!(onto_a_full_disk.status.code(), Some(1));
    issuer.stop(Signal::TERM);
    let offline = issuer.run("backup", Path::new("-"));
    assert!(offline.status.success(), "{offline:?}");
    assert_eq!(rows(&offline.stdout), kept);

    let before = issuer.restore_from(&file);
    assert_eq!(before.status.code(), Some(1), "{before:?}");
    fs::rename(issuer.path("data"), issuer.path("data.old")).unwrap();
    let cut_off = issuer.path("cut-off");
    fs::write(&cut_off, &online.stdout[..online.stdout.len() - 1]).unwrap();
    let damaged = issuer.restore_from(&cut_off);
    assert_eq!(damaged.status.code(), Some(DATA_ERROR), "{damaged:?}");
    assert!(!issuer.path("data").exists());
    let restored = issuer.restore_from(&file);
    assert!(restored.status.success(), "{restored:?}");
    issuer.start();
    issuer.succeeds("backup", &issuer.path("again"));
    assert_eq!(rows(&fs::read(issuer.path("again")).unwrap()), kept);
    let left = fs::read_dir(&issuer.dir).unwrap();
    let mut left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.any(|name| name.starts_with('.')));
}

#[test]
fn a_damaged_backup_makes_no_store() {
    let mut issuer = Issuer::new("cut-off");
    let backup = issuer.path("backup");
    issuer.start();
    issuer.succeeds("backup", &backup);
    issuer.stop(Signal::TERM);
    fs::rename(issuer.path("data"), issuer.path("data.old")).unwrap();
    let bytes = fs::read(&backup).unwrap();
    fs::write(&backup, &bytes[..bytes.len() - 1]).unwrap();
    issuer.is_refused("restore", &backup, DATA_ERROR, &["damaged"]);
    let config = issuer.path("issuer.toml");
    issuer.is_refused("restore", &config, DATA_ERROR, &["not a backup"]);
    assert!(!issuer.path("data").exists());
}

#[test]
fn a_damaged_store_ends_the_start_with_the_commands_that_help() {
    let mut issuer = Issuer::new("damaged");
    let backup = issuer.path("backup");
    issuer.start();
    issuer.succeeds("backup", &backup);
    issuer.stop(Signal::TERM);
    let log = fs::OpenOptions::new()
        .write(true)
        .open(issuer.path("data/sled/db"));
    log.unwrap().write_all_at(b"damage", 1_000).unwrap();

    let data = issuer.path("data").display().to_string();
    let config = issuer.path("issuer.toml").display().to_string();
    let help = [
        format!("mv {data} {data}.damaged"),
        format!("dockgate-issuer restore --config {config} BACKUP"),
    ];
    // More than once: an empty store would start.
    for _ in 0..2 {
        let output = issuer.command("serve").output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(DATA_ERROR), "{errors}");
        for text in &help {
            assert!(errors.contains(text.as_str()), "{text} is not in {errors}");
        }
    }
    issuer.is_refused("backup", &issuer.path("late"), DATA_ERROR, &["damaged"]);
    fs::rename(&data, format!("{data}.damaged")).unwrap();
    issuer.succeeds("restore", &backup);
    issuer.start();
}
