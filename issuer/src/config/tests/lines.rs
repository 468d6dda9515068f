//! Messages name the line of the mistake. Counted by hand, not by what is tested.

use super::*;

const TEXT: &str = "\
# Line 1
issuer = \"http://localhost:8080\"

[[resource_servers]]
audience = \"api\"

[[clients]]
client_id = \"one\"
secret = \"x\"
grants = [\"client_credentials\"]

[[clients]]
# Line 13
client_id = \"two\"
secret = \"y\"
grants = [\"client_credentials\"]
";

/// After the change there is one message, which begins like this.
#[track_caller]
fn says(from: &str, to: &str, expected: &str) {
    let error = parse_text(&TEXT.replacen(from, to, 1), &[]).unwrap_err();
    assert_eq!(error.lines().len(), 1, "{error}");
    assert!(error.lines()[0].starts_with(expected), "{error}");
}

#[test]
fn the_text_has_no_mistake_by_itself() {
    assert!(parse_text(TEXT, &[]).is_ok());
}

#[test]
fn the_second_of_two_clients_is_the_duplicate() {
    says(
        "\"two\"",
        "\"one\"",
        "etc/issuer.toml:14: client_id \"one\" occurs twice. ",
    );
}

#[test]
fn an_insecure_issuer_is_named_where_it_stands() {
    says(
        "http://localhost:8080",
        "http://api.example",
        "etc/issuer.toml:2: issuer \"http://api.example\" cannot be used: an http issuer must be loopback",
    );
}

#[test]
fn a_default_port_is_named_with_what_to_write() {
    says(
        "http://localhost:8080",
        "http://localhost:80",
        "etc/issuer.toml:2: issuer \"http://localhost:80\" cannot be used: an issuer leaves out the default port",
    );
}

#[test]
fn a_mistake_within_a_table_is_named_by_its_own_line() {
    says("secret = \"y\"", "", "etc/issuer.toml:16: client \"two\"");
}

#[test]
fn the_operations_address_is_read_without_the_rest() {
    let directory = crate::temp_dir::TempDir::new();
    let path = directory.path().join("issuer.toml");
    std::fs::write(&path, "[listen]\nops = \"127.0.0.1:7\"\n").unwrap();
    let address = load_ops_address(&path, []).unwrap();
    assert_eq!(address.to_string(), "127.0.0.1:7");
    std::fs::write(&path, "\n[listen]\nops = \"x\"\n").unwrap();
    let error = load_ops_address(&path, []).unwrap_err().to_string();
    assert!(error.contains("issuer.toml:3: listen.ops"), "{error}");
}
