//! What went wrong is said with where, and with what to do about it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::process::{Directory, Issuer};

#[track_caller]
fn assert_says(errors: &str, parts: &[&str]) {
    for part in parts {
        assert!(errors.contains(part), "{part:?} in {errors}");
    }
    assert!(
        errors.ends_with('\n') && errors.lines().count() == 1,
        "{errors}"
    );
}

#[test]
fn who_is_gone_and_who_never_was_are_told_from_who_has_nothing() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let nothing = directory.done(&["token", "revoke", "--subject", "user-4cmzq8xg2v"]);
    assert_eq!(nothing, "there was nothing to end\n");
    let typo = ["token", "revoke", "--subject", "user-4cmzq8xg2w"];
    assert_says(
        &directory.refused(&typo, 1),
        &["nobody has the subject \"user-4cmzq8xg2w\"", "`user list`"],
    );
    assert_says(
        &directory.refused(&[&typo[..], &["--json"]].concat(), 1),
        &["nobody has the subject"],
    );
    let gone = directory.refused(&["token", "families", "--user", "mallory"], 1);
    assert_says(
        &gone,
        &[
            "no user \"mallory\"",
            "`user list`",
            "`token revoke --subject SUB`",
        ],
    );
    for command in [&["token", "revoke"][..], &["audit"]] {
        let errors = directory.refused(&[command, &["--user", "mallory"]].concat(), 1);
        assert_says(&errors, &["no user \"mallory\"", "`--subject` is for one"]);
    }
}

#[test]
fn a_key_that_cannot_be_taken_or_is_not_there_is_told_with_the_command_that_helps() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let der = directory.path().join("key.der");
    fs::write(&der, [0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00, 0xff]).unwrap();
    let named = der.to_str().unwrap();
    let errors = directory.refused(&["key", "import", named], 1);
    assert_says(
        &errors,
        &[named, "openssl pkey -inform DER", "key import -"],
    );
    let errors = directory.refused(&["key", "import", "nowhere.pem"], 1);
    assert_says(&errors, &["nowhere.pem: No such file", "Name a file"]);
    let text = directory.path().join("issuer.toml");
    let named = text.to_str().unwrap();
    let errors = directory.refused(&["key", "import", named], 1);
    assert_says(&errors, &[named, "neither PEM", "`openssl genpkey`"]);
    let ps256 = ["key", "rotate", "--algorithm", "PS256", "--revoke-old"];
    assert_says(
        &directory.refused(&ps256, 1),
        &[
            "there is no PS256 key",
            "`key list`",
            "without --revoke-old",
        ],
    );
}

#[test]
fn a_client_without_a_secret_gets_none_by_rotation() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let tv = ["client", "add", "tv2", "--public", "--grant"];
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    directory.done(&[&tv[..], &[device, "--scope", "api:read"]].concat());
    assert_says(
        &directory.refused(&["client", "rotate-secret", "tv2"], 1),
        &["it is public", "remove the client and add it again"],
    );
}

#[test]
fn where_there_is_no_store_there_is_nothing_to_back_up() {
    let directory = Directory::new();
    let out = directory.path().join("backup");
    let errors = directory.refused(&["backup", out.to_str().unwrap()], 1);
    let file = directory.path().join("issuer.toml");
    assert_says(
        &errors,
        &["nothing to back up", "store.path", file.to_str().unwrap()],
    );
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let errors = directory.refused(&["restore", out.to_str().unwrap()], 1);
    assert_says(
        &errors,
        &["No such file", "Name a file that `backup` has written"],
    );
    let nowhere = directory.path().join("nowhere/backup");
    let errors = directory.refused(&["backup", nowhere.to_str().unwrap()], 1);
    assert_says(&errors, &["No such file", "Name a file in a directory"]);
}

#[test]
fn a_file_by_which_no_issuer_is_found_is_not_reloaded_and_json_says_so() {
    let directory = Directory::new();
    let file = directory.path().join("issuer.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("unknown = 1\n{text}")).unwrap();
    let errors = directory.refused(&["reload"], 64);
    for part in ["issuer.toml:1: unknown key", "not reloaded"] {
        assert!(errors.contains(part), "{errors}");
    }
    let output = directory.run(&["reload", "--json"]);
    assert_eq!(output.status.code(), Some(64));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["reloaded"], &told["problems"][0]["line"]),
        (&false.into(), &1.into())
    );
}

#[test]
fn what_is_in_the_place_of_the_socket_is_named() {
    let directory = Directory::new();
    Issuer::start(&directory).kill();
    fs::remove_file(directory.socket()).unwrap();
    fs::create_dir(directory.socket()).unwrap();
    let output = directory.run(&["serve"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    for part in [directory.socket().to_str().unwrap(), "store.path"] {
        assert!(errors.contains(part), "{errors}");
    }
}

/// What `health` says of an address.
#[track_caller]
fn health(directory: &Directory, address: &str, code: i32) -> String {
    let mut command = directory.command(&["health"]);
    let output = command
        .env("DOCKGATE_LISTEN_OPS", address)
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert_eq!(output.stdout, b"");
    errors
}

#[test]
fn an_issuer_that_is_not_ready_is_told_from_one_that_is_not_there() {
    let directory = Directory::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers = [
        "HTTP/1.0 503 Service Unavailable\r\n\r\n",
        "SSH-2.0-strange\r\n",
        "",
    ];
    let answering = thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 64];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    assert_says(&health(&directory, &address, 1), &["is not ready", "log"]);
    for _ in ["another program", "nothing said"] {
        let errors = health(&directory, &address, 1);
        assert_says(&errors, &["is no issuer", "listen.ops"]);
    }
    answering.join().unwrap();
    let errors = health(&directory, &address, 1);
    assert_says(
        &errors,
        &["no issuer answers at", &address, "`serve`", "listen.ops"],
    );
    let errors = health(&directory, "127.0.0.1:0", 1);
    assert_says(
        &errors,
        &["listen.ops is 127.0.0.1:0", "DOCKGATE_LISTEN_OPS"],
    );
    let ops = [("DOCKGATE_LISTEN_OPS", address.as_str())];
    let _issuer = Issuer::start_with(&directory, &ops);
    assert_eq!(health(&directory, &address, 0), "");
}
