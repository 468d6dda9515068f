//! What a reload says is different.

use super::*;

#[test]
fn each_kind_of_change_is_named() {
    let site = site();
    for (from, to, expected) in [
        ("# ", "#  ", "nothing is different"),
        (
            "secret = \"service-secret\"",
            "secret = \"another-secret\"",
            "clients: changed \"service\"",
        ),
        (
            "email = \"alice@example.com\"",
            "email = \"alice@example.org\"",
            "clients: changed \"service\"; users: changed \"alice\"",
        ),
        (
            "default_scope = [\"api:read\"]",
            "default_scope = []",
            "users: changed \"alice\"; resource servers: changed \"api-gateway\"",
        ),
        (
            "access_token_seconds = 600",
            "access_token_seconds = 60",
            "resource servers: changed \"api-gateway\"; settings: changed [tokens]",
        ),
        (
            "jwks_max_age_seconds = 300",
            "jwks_max_age_seconds = 30",
            "settings: changed [tokens], [keys]",
        ),
    ] {
        let reloaded = site.reload(from, to).unwrap();
        assert_eq!(reloaded.changes.to_string(), expected, "{to}");
        assert_eq!(reloaded.warnings.len(), 2, "as at the start");
    }
}

#[test]
fn each_table_that_counts_at_once_is_named() {
    let site = site();
    for (line, table) in [
        (
            "[registration]\nenabled = true\nopen = true",
            "registration",
        ),
        ("[client_id_metadata]\nenabled = true", "client_id_metadata"),
        ("[audit]\nmax_entries = 1000", "audit"),
        ("[pages]\nname = \"Northwind\"", "pages"),
    ] {
        site.write(&format!("{DEMO}\n{line}\n"));
        let changes = site.reloader.reload().unwrap().changes;
        assert!(changes.settings.contains(&table.to_owned()), "{changes}");
    }
    let rotation = "jwks_max_age_seconds = 300\nrotation_seconds = 864000";
    site.write(DEMO);
    site.reloader.reload().unwrap();
    let changes = site.reload("jwks_max_age_seconds = 300", rotation).unwrap();
    assert_eq!(changes.changes.settings, ["keys"]);
}

#[test]
fn many_names_are_cut_in_the_log() {
    let changes = Changes {
        clients: Difference {
            added: (0..25).map(|number| number.to_string()).collect(),
            ..Difference::default()
        },
        ..Changes::default()
    };
    let line = changes.to_string();
    assert!(line.starts_with("clients: added \"0\" \"1\" "), "{line}");
    assert!(line.ends_with("\"19\" and 5 more"), "{line}");
}
