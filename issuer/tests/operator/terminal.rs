//! Asking for a password at a terminal, with a real pseudoterminal.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::process::PROGRAM;

/// `hash-password` at a terminal of its own.
struct Asking {
    child: Child,
    keys: File,
    terminal: File,
}

impl Asking {
    fn begin() -> Self {
        let keys: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let name = name.to_str().unwrap();
        let open = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .open(name)
                .unwrap()
        };
        let terminal = open();
        let child = Command::new(PROGRAM)
            .arg("hash-password")
            .stdin(open())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            child,
            keys: keys.into(),
            terminal,
        }
    }

    fn shows(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Waits for the question, and types.
    fn answer(&mut self, question: &str, typed: &str) {
        let mut asked = vec![0; question.len()];
        let errors = self.child.stderr.as_mut().unwrap();
        errors.read_exact(&mut asked).unwrap();
        assert_eq!(String::from_utf8(asked).unwrap(), question);
        assert!(!self.shows(), "nothing that is typed is shown");
        self.keys.write_all(typed.as_bytes()).unwrap();
    }

    /// How it ends, with the terminal as it was.
    fn end(self) -> Output {
        let terminal = self.terminal;
        let output = self.child.wait_with_output().unwrap();
        let modes = tcgetattr(&terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
        output
    }
}

#[test]
fn a_password_is_asked_for_twice_and_not_shown() {
    let mut asking = Asking::begin();
    // With a slip of the finger that is taken back.
    asking.answer("Password: ", "correct horsf\u{7f}e\n");
    asking.answer("\nAgain: ", "correct horse\n");
    let output = asking.end();
    assert!(output.status.success(), "{output:?}");
    assert!(
        output
            .stdout
            .starts_with(b"$argon2id$v=19$m=19456,t=2,p=1$")
    );
}

#[test]
fn two_that_differ_are_asked_for_again() {
    let mut asking = Asking::begin();
    asking.answer("Password: ", "correct horse\n");
    asking.answer("\nAgain: ", "correct house\n");
    asking.answer("\nThe two differ.\nPassword: ", "correct horse\n");
    asking.answer("\nAgain: ", "correct horse\n");
    assert!(asking.end().status.success());
}

#[test]
fn ctrl_c_gives_the_terminal_back_as_it_was() {
    for (keys, question) in [("corr\u{3}", 1), ("\u{4}", 1), ("correct horse\n", 2)] {
        let mut asking = Asking::begin();
        asking.answer("Password: ", keys);
        if question == 2 {
            asking.answer("\nAgain: ", "\u{3}");
        }
        let output = asking.end();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_eq!(output.stdout, b"");
    }
}
