//! Passwords that operators give: asked for, read or brought as a hash; never an argument, which
//! every process of the machine can read.

use std::io::{self, Read as _};

use clap::Args;
use dockgate_issuer::entropy::system_entropy;
use dockgate_issuer::passwords::{MAX_PASSWORD_BYTES, hash};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::terminal::{self, Answer};

/// Fewer are guessed by trying (NIST SP 800-63B §3.1.1.2).
const LEAST_CHARACTERS: usize = 8;
/// How often one may differ from the first when typing it again.
const ATTEMPTS: usize = 3;

/// Where the password comes from; from the terminal if nothing is said.
#[derive(Args, Default)]
#[group(multiple = false)]
pub(crate) struct PasswordFrom {
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Its Argon2id hash as a PHC string, as `hash-password` prints it
    #[arg(long, value_name = "PHC")]
    password_hash: Option<String>,
}

impl PasswordFrom {
    /// The hash of it.
    pub(crate) fn hash(self) -> Result<String, Failure> {
        match self.password_hash {
            Some(hash) => Ok(hash),
            None if self.password_stdin => hashed(&from_standard_input()?),
            None => hashed(&from_terminal("--password-stdin")?),
        }
    }
}

/// The hash of a password from the terminal, or from standard input where that is none.
pub(crate) fn hash_of_any() -> Result<String, Failure> {
    match terminal::is_there() {
        true => hashed(&from_terminal("standard input")?),
        false => hashed(&from_standard_input()?),
    }
}

fn hashed(password: &str) -> Result<String, Failure> {
    check(password)?;
    let mut salt = [0; 16];
    system_entropy(&mut salt).map_err(|error| Failure::from(error.to_string()))?;
    hash(password, salt).ok_or_else(|| Failure::from("the password could not be hashed".to_owned()))
}

fn check(password: &str) -> Result<(), Failure> {
    let wrong = if password.chars().count() < LEAST_CHARACTERS {
        format!("has fewer than {LEAST_CHARACTERS} characters")
    } else if password.len() > MAX_PASSWORD_BYTES {
        format!("has more than {MAX_PASSWORD_BYTES} bytes")
    } else if password.chars().any(char::is_control) {
        "has a control character or a second line, which no login page can send".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::from(format!(
        "the password {wrong}: choose another one"
    )))
}

/// All of it, but for the line's end.
fn from_standard_input() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_PASSWORD_BYTES + 4));
    let limit = u64::try_from(MAX_PASSWORD_BYTES + 3).unwrap_or(u64::MAX);
    let read = io::stdin().lock().take(limit).read_to_string(&mut text);
    read.map_err(|error| Failure::from(format!("standard input: {error}")))?;
    for end in ['\n', '\r'] {
        if text.ends_with(end) {
            text.pop();
        }
    }
    Ok(text)
}

/// Typed twice, so that a slip of the finger shuts nobody out.
fn from_terminal(instead: &str) -> Result<Zeroizing<String>, Failure> {
    if !terminal::is_there() {
        return Err(Failure::from(format!(
            "standard input is no terminal to ask for the password at: give it by {instead}"
        )));
    }
    for _ in 0..ATTEMPTS {
        let password = typed("Password: ")?;
        check(&password)?;
        if *typed("Again: ")? == *password {
            return Ok(password);
        }
        eprintln!("The two differ.");
    }
    Err(Failure::from(
        "the two differed each time: nothing was changed".to_owned(),
    ))
}

fn typed(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let answer = terminal::ask(prompt);
    match answer.map_err(|error| Failure::from(format!("the terminal: {error}")))? {
        Answer::GivenUp => Err(Failure {
            reason: "given up: nothing was changed".to_owned(),
            code: Failure::INTERRUPTED,
        }),
        Answer::Line(line) => match std::str::from_utf8(&line) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(Failure::from("the password is no UTF-8, as every browser sends it: check the terminal's encoding".to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_nobody_could_use_or_anybody_could_guess_are_refused() {
        for password in [
            "",
            "1234567",
            "two\nlines of it",
            "bell\u{7}\u{7}\u{7}\u{7}\u{7}",
        ] {
            assert!(check(password).is_err(), "{password:?}");
        }
        assert!(check(&"x".repeat(MAX_PASSWORD_BYTES + 1)).is_err());
        for password in [
            "12345678",
            "\u{732b}\u{732b}\u{732b}\u{732b}\u{732b}\u{732b}\u{732b}\u{732b}",
            " in between ",
        ] {
            assert!(check(password).is_ok(), "{password:?}");
        }
    }
}
