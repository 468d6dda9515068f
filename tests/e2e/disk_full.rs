//! A disk without room: every write is refused, nothing is handed out without its record, and all
//! that was acknowledged is there once there is room again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dockgate_stack::{Deadline, Stack, StackOptions, target_dir};
use dockgate_tests::browser::Browser;
use dockgate_tests::http::{Response, get};
use dockgate_tests::sign_in::*;

const ALICE: (&str, &str) = ("alice", "wonderland");

/// A file system in memory, of few MiB, that is gone when this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this process may not mount anything.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let options = format!("size={size},mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "dockgate-test"]);
        let output = mount.arg(at).output().ok()?;
        output.status.success().then(|| Self(at.to_owned()))
    }

    /// Leaves no room but `spare` bytes.
    fn fill(&self, spare: usize) {
        let mut ballast = vec![0; spare];
        // Until nothing more fits.
        while fs::write(self.ballast(), &ballast).is_ok() {
            ballast.resize(ballast.len() + 64 * 1024, 0);
        }
        let fits = fs::metadata(self.ballast()).unwrap().len();
        let size = usize::try_from(fits).unwrap().saturating_sub(spare);
        fs::write(self.ballast(), vec![0; size]).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmount = || Command::new("umount").arg(&self.0).status().ok();
        Deadline::after(Duration::from_secs(5))
            .poll(|| unmount().filter(|status| status.success()));
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

/// What a user's application holds: the last refresh token that it was given.
struct Application {
    refresh_token: String,
    access_token: String,
}

impl Application {
    fn take(&mut self, answer: &Response) {
        let tokens = answer.json();
        self.refresh_token = text(&tokens, "refresh_token").to_owned();
        self.access_token = text(&tokens, "access_token").to_owned();
    }
}

#[track_caller]
fn assert_unavailable(what: &str, answer: &Response) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.text());
    assert!(answer.header("retry-after").is_some(), "{what}");
    let said = answer.text();
    assert!(
        !said.contains("_token\"") && !said.contains("_code\""),
        "{what}: {said}"
    );
}

#[test]
fn without_room_writes_are_refused_and_what_was_acknowledged_comes_back() {
    let dir = target_dir().join(format!("dockgate/tests/disk-full-{}", std::process::id()));
    let Some(disk) = SmallDisk::mount(&dir.join("store"), "24m") else {
        eprintln!("SKIPPED: without_room_… needs to mount a tmpfs, which this process may not do");
        return;
    };
    let options = StackOptions {
        dir: Some(dir),
        ..StackOptions::default()
    };
    let stack = Stack::start(options).unwrap_or_else(|error| panic!("{error}"));
    let mut applications: Vec<_> = (0..4)
        .map(|_| {
            let tokens = tokens(&stack, "spa", "api:read");
            Application {
                refresh_token: text(&tokens, "refresh_token").to_owned(),
                access_token: text(&tokens, "access_token").to_owned(),
            }
        })
        .collect();
    let mut browser = Browser::new(stack.ports().http);
    let pending = code(&authorize(
        &mut browser,
        &code_request("spa", "api:read"),
        ALICE,
    ));

    disk.fill(96 * 1024);
    let mut acknowledged = 0;
    'full: loop {
        for application in &mut applications {
            let answer = refresh(&stack, "spa", &application.refresh_token);
            if answer.status != 200 {
                assert_unavailable("a refresh", &answer);
                break 'full;
            }
            application.take(&answer);
            acknowledged += 1;
            assert!(acknowledged < 100_000, "the disk never fills");
        }
    }
    println!("{acknowledged} refreshes before the disk was full");

    refuses_every_write(&stack, &applications, &pending, &mut browser);
    let ready = get("/readyz").send(stack.ports().ops);
    assert_eq!(ready.status, 503, "{}", ready.text());
    assert_eq!(get("/healthz").send(stack.ports().ops).status, 200);
    // What needs no record goes on.
    let own = [("grant_type", "client_credentials")];
    assert_eq!(token(&stack, "service", &own).status, 200);

    disk.make_room();
    // Not by itself: what is on disk and what is in memory may differ.
    let still = refresh(&stack, "spa", &applications[0].refresh_token);
    assert_unavailable("a refresh before the restart", &still);
    stack.stop_issuer();
    stack
        .start_issuer()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(get("/readyz").send(stack.ports().ops).status, 200);
    for application in &mut applications {
        let active = introspect(&stack, &application.access_token);
        assert_eq!(active["active"], true);
        let answer = refresh(&stack, "spa", &application.refresh_token);
        assert_eq!(answer.status, 200, "{}", answer.text());
        application.take(&answer);
        let next = refresh(&stack, "spa", &application.refresh_token);
        assert_eq!(next.status, 200, "{}", next.text());
    }
    drop(stack);
    drop(disk);
}

fn refuses_every_write(
    stack: &Stack,
    applications: &[Application],
    pending: &str,
    browser: &mut Browser,
) {
    let application = &applications[0];
    let revoke = |token: &str| client_post(stack, "/revoke", "spa", &[("token", token)]);
    let password = [
        ("grant_type", "password"),
        ("username", ALICE.0),
        ("password", ALICE.1),
    ];
    for (what, answer) in [
        ("a code", redeem(stack, "spa", pending)),
        (
            "a refresh",
            refresh(stack, "spa", &application.refresh_token),
        ),
        ("a revocation", revoke(&application.refresh_token)),
        (
            "a revocation of one token",
            revoke(&application.access_token),
        ),
        ("a password", token(stack, "legacy", &password)),
        (
            "a device",
            client_post(stack, "/device_authorization", "tv", &[]),
        ),
        (
            "a pushed request",
            client_post(stack, "/par", "web", &code_request("web", "api:read")),
        ),
    ] {
        assert_unavailable(what, &answer);
    }
    // Alice has agreed before: the next thing is a code.
    let page = browser.open(&authorize_path(&code_request("spa", "api:read")));
    assert!(!page.url.contains("code="), "{}", page.url);
}
