//! `[client_id_metadata]`.

use super::*;

const ON: &str = "[client_id_metadata]\nenabled = true\n";

fn with(text: &str, issuer: &str) -> Result<Config, ConfigError> {
    let text = format!("{DEMO}\n{text}\n");
    parse_text(&text, &[("DOCKGATE_ISSUER", issuer)])
}

#[test]
fn it_is_off_unless_it_is_enabled() {
    let policy = |text| {
        with(text, "http://localhost:8080")
            .unwrap()
            .server
            .client_id_metadata
    };
    assert!(policy("").is_none());
    assert!(policy("[client_id_metadata]\nallow_loopback = true").is_none());
    let on = policy(ON).unwrap();
    assert!(!on.allow_loopback && on.allowed_hosts.is_none());
}

#[test]
fn loopback_is_for_a_loopback_issuer() {
    let text = format!("{ON}allow_loopback = true");
    assert!(with(&text, "http://localhost:8080").is_ok());
    let error = with(&text, "https://api.example.com")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("allow_loopback is for a loopback issuer"),
        "{error}"
    );
}

#[test]
fn the_file_for_trying_out_mcp_is_for_one_machine() {
    let text = include_str!("../../../../envoy/issuer.mcp.toml");
    let config = with(text, "http://localhost:8080").unwrap();
    assert!(config.server.registration.is_some_and(|policy| policy.open));
    assert!(
        config
            .server
            .client_id_metadata
            .is_some_and(|policy| policy.allow_loopback)
    );
    let error = with(text, "https://api.example.com")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("allow_loopback is for a loopback issuer"),
        "{error}"
    );
}

#[test]
fn a_host_is_a_host() {
    for host in [
        "https://app.example",
        "app.example:443",
        "*.example",
        "App.example",
        "",
    ] {
        let error = with(
            &format!("{ON}allowed_hosts = [{host:?}]"),
            "http://localhost:8080",
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains("is no host"), "{host}: {error}");
    }
}
