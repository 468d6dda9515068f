//! What a command says when it cannot do what it is asked.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::thread;

use crate::process::{Directory, Issuer};

#[test]
fn without_an_issuer_the_command_says_how_to_start_one() {
    let directory = Directory::new();
    for arguments in [
        &["user", "list"][..],
        &["client", "list"],
        &["audit"],
        &["token", "families", "--user", "alice"],
    ] {
        let errors = directory.refused(arguments, 1);
        assert!(
            errors.contains("no issuer runs with the store at"),
            "{errors}"
        );
        assert!(errors.contains("Start it with `serve`"), "{errors}");
    }
    // The socket of one that was killed.
    let issuer = Issuer::start(&directory);
    issuer.kill();
    assert!(directory.socket().exists());
    directory.refused(&["user", "list"], 1);
}

#[test]
fn a_wrong_configuration_or_command_line_ends_with_a_code_of_its_own() {
    let directory = Directory::new();
    directory.refused(&["user"], 2);
    directory.refused(&["user", "add", "carol", "--password", "x"], 2);
    directory.refused(&["token", "revoke"], 2);
    directory.refused(&["token", "revoke", "--user", "a", "--client", "b"], 2);
    directory.refused(&["audit", "--since", "yesterday"], 2);
    directory.refused(&["client", "add", "job"], 2);
    fs::remove_file(directory.path().join("issuer.toml")).unwrap();
    directory.refused(&["user", "list"], 64);
}

#[test]
fn where_nobody_can_be_asked_the_password_has_to_come_another_way() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let errors = directory.refused(&["user", "add", "carol"], 1);
    assert!(errors.contains("give it by --password-stdin"), "{errors}");
}

#[test]
fn what_is_in_the_configuration_is_changed_there() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let file = directory.path().join("issuer.toml");
    for arguments in [
        ["user", "disable", "alice"],
        ["client", "rotate-secret", "web"],
    ] {
        let errors = directory.refused(&arguments, 1);
        let expected = format!("change it in {}", file.display());
        assert!(errors.contains(&expected), "{errors}");
    }
}

/// What answers in the place of the issuer: one of another version.
fn answering(directory: &Directory, answer: &'static str) -> thread::JoinHandle<()> {
    fs::create_dir_all(directory.path().join("data")).unwrap();
    let listener = UnixListener::bind(directory.socket()).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(answer.as_bytes()).unwrap();
    })
}

#[test]
fn an_issuer_of_another_version_is_told_from_a_broken_one() {
    for (answer, says) in [
        (
            "HTTP/1.0 200 OK\r\n\r\n{\"people\":[]}",
            "Is it of this version? Restart it after an upgrade",
        ),
        (
            "HTTP/1.0 404 Not Found\r\n\r\n{\"error\":\"not_found\",\"error_description\":\"the running issuer is of version 0.0.9\"}",
            "the running issuer is of version 0.0.9",
        ),
        (
            "HTTP/1.0 500 No\r\n\r\n",
            "the running issuer refused: HTTP/1.0 500 No",
        ),
        ("", "the running issuer did not answer"),
    ] {
        let directory = Directory::new();
        let answering = answering(&directory, answer);
        let errors = directory.refused(&["user", "list"], 1);
        assert!(errors.contains(says), "{errors}");
        answering.join().unwrap();
    }
}

#[test]
fn a_list_that_nobody_reads_to_its_end_is_no_failure() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let mut child = directory.command(&["user", "list"]);
    let mut child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_shell_gets_its_completions() {
    let directory = Directory::new();
    for (shell, part) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef dockgate-issuer"),
        ("fish", "complete -c dockgate-issuer"),
    ] {
        let script = directory.done(&["completion", shell]);
        assert!(script.contains(part), "{shell}");
        assert!(script.contains("rotate-secret"), "{shell}");
    }
}
