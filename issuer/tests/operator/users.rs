//! `user`, `audit` and `hash-password`.

use crate::process::{Directory, Issuer, succeeded};

const PASSWORD: &str = "correct horse\n";

#[test]
fn a_user_is_there_from_the_command_on_until_it_is_taken_back() {
    let directory = Directory::new();
    let issuer = Issuer::start(&directory);
    let add = [
        "user",
        "add",
        "carol",
        "--scope",
        "openid api:read",
        "--password-stdin",
        "--json",
    ];
    let added = succeeded(&add, directory.run_with(&add, PASSWORD));
    let added: serde_json::Value = serde_json::from_str(&added).unwrap();
    assert_eq!(
        (&added["standing"], &added["source"]),
        (&"active".into(), &"operator".into())
    );
    // It survives a kill right behind the answer.
    issuer.kill();
    let _issuer = Issuer::start(&directory);
    let all = directory.json(&["user", "list", "--json"]);
    let names: Vec<_> = all["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["username"])
        .collect();
    assert_eq!(names, ["alice", "bob", "carol"]);
    let table = directory.done(&["user", "list"]);
    let subject = added["subject"].as_str().unwrap();
    assert!(table.starts_with("USERNAME  SUBJECT "), "{table}");
    assert!(
        table.contains(&format!("carol     {subject}  active    operator ")),
        "{table}"
    );
    directory.done(&["user", "disable", "carol"]);
    assert!(directory.done(&["user", "list"]).contains("disabled"));
    directory.done(&["user", "enable", "carol"]);
    let passwd = [
        "user",
        "passwd",
        "carol",
        "--password-stdin",
        "--keep-sessions",
    ];
    succeeded(&passwd, directory.run_with(&passwd, "another horse\n"));
    directory.done(&["user", "remove", "carol"]);
    assert!(!directory.done(&["user", "list"]).contains("carol"));

    let all = directory.json(&["audit", "--since", "1h", "--subject", subject, "--json"]);
    let events: Vec<_> = all["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["event"])
        .collect();
    assert_eq!(
        events,
        [
            "user_added",
            "user_disabled",
            "user_enabled",
            "user_changed",
            "user_removed"
        ]
    );
    let last = directory.done(&["audit", "--limit", "1"]);
    assert!(
        last.ends_with(&format!(
            "  user_removed                  subject={subject}\n"
        )),
        "{last}"
    );
    assert_eq!(directory.done(&["audit", "--until", "1h"]), "");
}

#[test]
fn what_is_kept_of_a_password_is_printed_and_counts_in_a_configuration() {
    let directory = Directory::new();
    let hash = succeeded(&[], directory.run_with(&["hash-password"], PASSWORD));
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    let again = succeeded(&[], directory.run_with(&["hash-password"], PASSWORD));
    assert_ne!(hash, again, "its salt is another one");
    let _issuer = Issuer::start(&directory);
    directory.done(&["user", "add", "carol", "--password-hash", hash.trim()]);
    let weak = directory.run_with(&["hash-password"], "short\n");
    assert_eq!((weak.status.code(), weak.stdout.len()), (Some(1), 0));
}

#[test]
fn what_a_name_has_in_it_never_reaches_the_terminal() {
    let directory = Directory::new();
    let _issuer = Issuer::start(&directory);
    let add = [
        "user",
        "add",
        "carol",
        "--name",
        "\u{1b}[2J\u{202e}",
        "--password-stdin",
    ];
    succeeded(&add, directory.run_with(&add, PASSWORD));
    let client = [
        "client",
        "add",
        "job",
        "--grant",
        "client_credentials",
        "--name",
        "\u{1b}]0;x\u{7}",
    ];
    directory.done(&client);
    for arguments in [
        &["client", "show", "job"][..],
        &["user", "list"],
        &["audit"],
    ] {
        let text = directory.done(arguments);
        assert!(
            text.chars()
                .all(|shown| shown == '\n' || !shown.is_control()),
            "{text:?}"
        );
    }
    assert!(
        directory
            .done(&["client", "show", "job"])
            .contains("\\u{1b}]0;x\\u{7}")
    );
    let missing = directory.refused(&["user", "remove", "\u{1b}[2J"], 1);
    assert!(!missing.contains('\u{1b}'), "{missing:?}");
}
