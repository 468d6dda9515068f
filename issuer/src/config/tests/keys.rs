//! `[keys]` and the secrets that seal them.

use super::*;
use crate::keys::Protection;
use crate::temp_dir::TempDir;

const MAX_AGE: &str = "jwks_max_age_seconds = 300";
const NAME: &str = "DOCKGATE_KEY_ENCRYPTION_SECRET";
const PREVIOUS: &str = "DOCKGATE_KEY_ENCRYPTION_SECRET_PREVIOUS";
const ONE: &str = "3f9a6c1be27d48055b8ce1946fa2d370";
const OTHER: &str = "c07d1f5ea8934b26d8e1704fb39a52c6";

fn rotation(more: &str) -> Option<u64> {
    let config = parse_text(&changed(MAX_AGE, more), &[]).unwrap();
    config.keys.rotation_seconds
}

fn protection(unseal: bool, variables: &[(&str, &str)]) -> Result<Protection, String> {
    let text = if unseal {
        changed(MAX_AGE, "unseal = true")
    } else {
        DEMO.to_owned()
    };
    let config = parse_text(&text, variables).map_err(|error| error.to_string())?;
    Ok(config.keys.protection)
}

#[track_caller]
fn is_refused(unseal: bool, variables: &[(&str, &str)], expected: &[&str]) {
    let message = protection(unseal, variables).unwrap_err();
    for part in expected {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    for secret in variables.iter().map(|(_, value)| value) {
        let is_path = secret.is_empty() || secret.contains('/');
        assert!(
            is_path || !message.contains(secret),
            "it repeats the secret: {message}"
        );
    }
}

#[test]
fn keys_follow_each_other_every_month_unless_that_is_changed() {
    assert_eq!(rotation(MAX_AGE), Some(30 * 24 * 60 * 60));
    assert_eq!(rotation("rotation_seconds = 0"), None);
    assert_eq!(rotation("rotation_seconds = 840"), Some(840));
}

#[test]
fn a_schedule_leaves_time_for_publishing_and_for_what_was_signed() {
    refused(
        MAX_AGE,
        "rotation_seconds = 839",
        &["published for 420 seconds", "from 840"],
    );
    refused(MAX_AGE, "rotation_seconds = 316224001", &["to 316224000"]);
    // Six retired keys at once: (86400 + 300 + 30) / 6.
    let long = changed("access_token_seconds = 600", "access_token_seconds = 86400");
    let with = |seconds| long.replace(MAX_AGE, &format!("rotation_seconds = {seconds}"));
    let refused = parse_text(&with(14_454), &[]).unwrap_err().to_string();
    assert!(refused.contains("stays for 86730 seconds") && refused.contains("from 14455"));
    assert!(parse_text(&with(14_455), &[]).is_ok());
}

#[test]
fn the_lives_of_keys_are_bounded() {
    refused(MAX_AGE, "publish_margin_seconds = 0", &["from 1 to 86400"]);
    refused(MAX_AGE, "clock_skew_seconds = 3601", &["from 1 to 3600"]);
}

#[test]
fn a_secret_comes_from_the_environment_or_from_a_file_that_it_names() {
    assert!(matches!(protection(false, &[]), Ok(Protection::Clear)));
    let sealed = protection(false, &[(NAME, ONE)]);
    assert!(matches!(
        sealed,
        Ok(Protection::Sealed { previous: None, .. })
    ));
    let dir = TempDir::new();
    let path = dir.path().join("secret");
    std::fs::write(&path, format!("{OTHER}\n")).unwrap();
    let file = format!("{PREVIOUS}_FILE");
    let sealed = protection(false, &[(NAME, ONE), (&file, path.to_str().unwrap())]);
    assert!(matches!(
        sealed,
        Ok(Protection::Sealed {
            previous: Some(_),
            ..
        })
    ));
}

#[test]
fn a_secret_that_was_not_drawn_at_random_is_refused() {
    is_refused(
        false,
        &[(NAME, "short-and-sweet")],
        &["fewer than 32", "openssl rand"],
    );
    is_refused(false, &[(NAME, "")], &["fewer than 32"]);
    let repeated = "abcdefgh".repeat(4);
    is_refused(false, &[(NAME, &repeated)], &["repeats itself", NAME]);
    is_refused(
        false,
        &[(&format!("{NAME}_FILE"), "/nowhere/at/all")],
        &["cannot be read", "holds the secret alone"],
    );
    let both = [(NAME, ONE), (&format!("{NAME}_FILE"), "/nowhere")];
    is_refused(false, &both, &["both", "Keep one"]);
}

#[test]
fn keys_are_in_clear_again_only_by_the_setting_and_the_secret_of_before() {
    is_refused(false, &[(PREVIOUS, ONE)], &["is not", "keys.unseal = true"]);
    is_refused(true, &[], &["no secret", PREVIOUS]);
    is_refused(true, &[(NAME, ONE)], &["keys.unseal is true", PREVIOUS]);
    let unsealed = protection(true, &[(PREVIOUS, ONE)]);
    assert!(matches!(unsealed, Ok(Protection::Unseal { .. })));
    let text = changed(MAX_AGE, "unseal = true");
    let config = parse_text(&text, &[(PREVIOUS, ONE)]).unwrap();
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("in clear"))
    );
}

#[test]
fn a_configuration_does_not_print_the_secret() {
    let config = parse_text(DEMO, &[(NAME, ONE), (PREVIOUS, OTHER)]).unwrap();
    let printed = format!("{config:?}");
    assert!(!printed.contains(ONE) && !printed.contains(OTHER));
}
