//! The commands of docs/operating.md, run as they stand there, and what they write beside what is
//! written there. An ellipsis stands for any text.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::process::{Directory, Issuer, PROGRAM};

const DOCS: &str = include_str!("../../../docs/operating.md");

/// Commands, each with what it is said to write.
fn steps() -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    let mut lines = DOCS.lines();
    while lines.by_ref().any(|line| line == "```console") {
        for line in lines.by_ref().take_while(|line| *line != "```") {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push((command.to_owned(), String::new())),
                (None, Some((_, output))) => {
                    output.push_str(line);
                    output.push('\n');
                }
                (None, None) => panic!("{line:?} follows no command"),
            }
        }
    }
    steps
}

/// Whether the pieces between the ellipses follow each other in `text`, from its start to its end.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((first, others)) = pattern.split_once('\u{2026}') else {
        return text == pattern;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<_> = others.split('\u{2026}').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn the_commands_of_the_operators_manual_write_what_it_says() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let programs = directory.path().join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(PROGRAM, programs.join("dockgate-issuer")).unwrap();
    let steps = steps();
    assert!(steps.len() >= 12, "only {} commands", steps.len());
    for (command, expected) in steps {
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("DOCKGATE_CONFIG", "issuer.toml")
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let written = String::from_utf8(output.stdout).unwrap();
        assert!(
            is_like(&written, &expected),
            "$ {command}\nthe manual says:\n{expected}\nand it writes:\n{written}"
        );
    }
}

#[test]
fn an_ellipsis_stands_for_any_text_and_nothing_else_does() {
    for (text, pattern, alike) in [
        ("a 1 b\n", "a \u{2026} b\n", true),
        ("a 1 b\n", "a \u{2026}\n", true),
        ("a 1 b", "a \u{2026}", true),
        ("a 1 c\n", "a \u{2026} b\n", false),
        ("x a\n", "a\n", false),
        ("a\nb\n", "a\n", false),
        ("a\nb\nc\n", "\u{2026}b\n\u{2026}\n", true),
    ] {
        assert_eq!(is_like(text, pattern), alike, "{text:?} {pattern:?}");
    }
}
