//! `[registration]`.

use super::*;

const ON: &str = "[registration]\nenabled = true\n";

fn with(text: &str) -> Result<Config, ConfigError> {
    parse_text(&format!("{DEMO}\n{text}\n"), &[])
}

#[test]
fn it_is_off_unless_it_is_enabled() {
    assert!(with("").unwrap().server.registration.is_none());
    let off = with("[registration]\nopen = true\nmax_clients = 5").unwrap();
    assert!(off.server.registration.is_none());
    assert_eq!(off.warnings, with("").unwrap().warnings);
}

#[test]
fn somebody_has_to_be_able_to_register() {
    let error = with(ON).unwrap_err().to_string();
    assert!(error.contains("nobody may register"), "{error}");
    assert!(error.contains("initial_access_tokens"), "{error}");
}

#[test]
fn open_registration_is_warned_of() {
    let config = with(&format!("{ON}open = true")).unwrap();
    let warned = config
        .warnings
        .iter()
        .any(|warning| warning.contains("registration.open"));
    assert!(warned, "{:?}", config.warnings);
    let policy = config.server.registration.unwrap();
    assert_eq!(
        (policy.max_clients, policy.unused_seconds),
        (10_000, 30 * 24 * 60 * 60)
    );
    assert!(!policy.offer.private_use_schemes);
}

#[test]
fn each_mistake_says_what_to_write() {
    for (text, what, instead) in [
        (
            "max_clients = 10001",
            "max_clients is 10001",
            "from 1 to 10000",
        ),
        ("max_clients = 0", "max_clients is 0", "from 1 to 10000"),
        ("unused_days = 0", "unused_days is 0", "from 1 to 366"),
        (
            "grants = [\"implicit\"]",
            "cannot register \"implicit\"",
            "[[clients]]",
        ),
        (
            "grants = [\"password\"]",
            "cannot register \"password\"",
            "authorization_code",
        ),
        (
            "scopes = [\"no:such\"]",
            "scope \"no:such\" is unknown",
            "resource server",
        ),
        (
            "scopes = [\"api:read\"]\ndefault_scopes = [\"api:write\"]",
            "default_scopes has \"api:write\"",
            "registration.scopes",
        ),
        (
            "[[initial_access_tokens]]\nname = \"ci\"",
            "\"ci\" has no secret",
            "secret_sha256",
        ),
        (
            "[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"a\"\n[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"b\"",
            "\"ci\" occurs twice",
            "name of its own",
        ),
    ] {
        let error = with(&format!("{ON}open = true\n{text}"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(what) && error.contains(instead),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_token_in_plain_text_is_for_a_loopback_issuer() {
    let text =
        format!("{DEMO}\n{ON}[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"plain\"\n");
    let variables = [("DOCKGATE_ISSUER", "https://api.example.com")];
    let error = parse_text(&text, &variables).unwrap_err().to_string();
    assert!(
        error.contains("initial access token \"ci\" has a secret in plain text"),
        "{error}"
    );
}

#[test]
fn variables_override_it() {
    let variables = [
        ("DOCKGATE_REGISTRATION_ENABLED", "true"),
        ("DOCKGATE_REGISTRATION_OPEN", "true"),
        ("DOCKGATE_REGISTRATION_MAX_CLIENTS", "7"),
    ];
    let config = parse_text(DEMO, &variables).unwrap();
    assert_eq!(config.server.registration.unwrap().max_clients, 7);
}
