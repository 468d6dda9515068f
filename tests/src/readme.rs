//! The README's commands, run as they stand there, and what they answer beside what is written there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use dockgate_stack::repository;

use crate::browser::Browser;
use crate::sign_in::code;

/// What the README has in place of a port that a test chooses.
const ORIGIN: &str = "http://localhost:8080";
const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", "wonderland")];
/// Written to the shell's output after each command.
const END: &str = "--- end of the command ---";

/// A command, and what the README says that it writes.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    output: String,
}

/// Runs every `console` block of the README in one shell, with Envoy at `port`, and compares. An
/// ellipsis stands for any text. Where the README has the reader log in, alice does.
///
/// # Panics
/// When a command writes something else, or none is found.
pub fn run_its_commands(port: u16) {
    let text = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let steps = steps(&text);
    assert!(
        steps.len() > 15,
        "only {} commands in the README",
        steps.len()
    );
    let here = format!("http://localhost:{port}");
    let mut shell = Shell::start();
    let mut before = String::new();
    for Step { command, output } in steps {
        let command = match command.as_str() {
            "CODE=…" => format!("CODE={}", log_in(port, before.trim())),
            command => command.replace(ORIGIN, &here),
        };
        before = shell.run(&command);
        let written = before.replace(&here, ORIGIN);
        assert!(
            is_like(&settled(written.trim()), &settled(&shortened(&output))) || silent(&command),
            "$ {command}\nthe README says:\n{output}\nand it writes:\n{written}"
        );
    }
}

/// Commands whose output the README leaves to the reader.
fn silent(command: &str) -> bool {
    command.starts_with("echo \"http")
}

/// Opens the address that the command before has printed, as a reader would, and gives the code.
fn log_in(port: u16, address: &str) -> String {
    let mut browser = Browser::new(port);
    let login = browser.open(address);
    let consent = browser.submit(&login, &ALICE, None);
    let page = browser.submit(&consent, &[], Some("allow"));
    code(&page)
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::<Step>::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "```console" {
            continue;
        }
        for line in lines.by_ref().take_while(|line| *line != "```") {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    command: command.to_owned(),
                    output: String::new(),
                }),
                (None, Some(step)) if step.command.ends_with('\\') => {
                    step.command.push('\n');
                    step.command.push_str(line);
                }
                (None, Some(step)) => {
                    step.output.push_str(line);
                    step.output.push('\n');
                }
                (None, None) => panic!("output without a command: {line}"),
            }
        }
    }
    for step in &mut steps {
        step.output.truncate(step.output.trim_end().len());
    }
    steps
}

/// The README's text without the first letters that it shows of what is random.
fn shortened(text: &str) -> String {
    let mut parts = text.split('…').peekable();
    let mut short = String::new();
    while let Some(part) = parts.next() {
        let start = part.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        if parts.peek().is_some() {
            short.push_str(start);
            short.push('…');
        } else {
            short.push_str(part);
        }
    }
    short
}

/// The text with what is different each time made the same: instants, user codes.
fn settled(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let settle = |word: &str| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let end = word.get(bare.len()..).unwrap_or_default();
        let digits = bare.len() >= 10 && bare.bytes().all(|byte| byte.is_ascii_digit());
        let code = bare.len() == 9
            && bare.bytes().enumerate().all(|(at, byte)| match at {
                4 => byte == b'-',
                _ => byte.is_ascii_uppercase(),
            });
        // What is made of another token ends with it, and seconds pass between two commands.
        let lifetime = bare
            .parse()
            .is_ok_and(|seconds| (590..=600).contains(&seconds));
        match (digits, code, lifetime) {
            (true, _, _) => format!("<instant>{end}"),
            (_, true, _) => format!("<user code>{end}"),
            (_, _, true) => format!("<lifetime>{end}"),
            _ => word.to_owned(),
        }
    };
    words.map(settle).collect()
}

/// Whether the text is the pattern with something in place of each ellipsis.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('…') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| tail.get(at..).is_some_and(|tail| is_like(tail, rest)))
        }),
    }
}

/// A shell that keeps what commands set.
struct Shell {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Shell {
    fn start() -> Self {
        for program in ["curl", "openssl"] {
            let found = Command::new(program).arg("--version").output();
            let found = found.or_else(|_| Command::new(program).arg("version").output());
            assert!(
                found.is_ok(),
                "the README's commands need {program}: install it"
            );
        }
        // What curl says of its progress is of no interest.
        let mut process = Command::new("sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Self {
            process,
            input,
            output,
        }
    }

    /// Runs a command and gives what it writes to standard output.
    fn run(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}\nprintf '\\n%s\\n' '{END}'").expect("a shell");
        self.input.flush().expect("a shell");
        let mut written = String::new();
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("text");
            assert_ne!(read, 0, "the shell has ended at: {command}");
            if line.trim_end() == END {
                return written.replace('\r', "");
            }
            written.push_str(&line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_on_after_a_backslash_and_the_rest_is_output() {
        let text = "text\n```console\n$ a \\\n    b\nx\ny\n$ c\n```\n$ no\n```sh\nno\n```\n";
        let step = |command: &str, output: &str| Step {
            command: command.to_owned(),
            output: output.to_owned(),
        };
        assert_eq!(steps(text), [step("a \\\n    b", "x\ny"), step("c", "")]);
    }

    #[test]
    fn an_ellipsis_is_any_text_and_nothing_else_is() {
        assert!(is_like("abc", "a…"));
        assert!(is_like("a\nb\nc", "a\n…\nc"));
        assert!(!is_like("abd", "a…c"));
        assert!(!is_like("ab", "a"));
        assert!(is_like(
            &settled("{\"exp\":1795523315,\"code\":\"ABCD-EFGH\",\"n\":600}"),
            &settled("{\"exp\":1795523999,\"code\":\"TLRW-QGGC\",\"n\":600}")
        ));
        assert_ne!(settled("600"), settled("601"));
        assert_eq!(
            shortened("{\"a\":\"eyJh…\",\"b\":\"c\"}"),
            "{\"a\":\"…\",\"b\":\"c\"}"
        );
    }
}
