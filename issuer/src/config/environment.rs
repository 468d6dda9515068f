//! Environment variables that override single values of the file.
//!
//! A variable is named `DOCKGATE_` and the key's path in capitals: `DOCKGATE_LISTEN_HTTP` is
//! `listen.http`. Texts of a list are parted by commas. Resource servers, clients and users have none. The
//! secrets that seal the keys are here alone.

use std::str::FromStr;

use super::error::Problems;
use super::file::File;
use super::located::{Located, Place};

const PREFIX: &str = "DOCKGATE_";

/// Puts the variables in; returns a warning for each that names no setting. It is no error:
/// orchestrators put variables named after services into every container.
pub(super) fn apply(
    file: &mut File,
    variables: impl IntoIterator<Item = (String, String)>,
    problems: &mut Problems,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let Some(key) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let mut variable = Variable {
            name: &name,
            value: &value,
            problems,
        };
        match key {
            "ISSUER" => variable.set(&mut file.issuer),
            "LISTEN_HTTP" => variable.set(&mut file.listen.http),
            "LISTEN_OPS" => variable.set(&mut file.listen.ops),
            "LISTEN_ALLOW_NON_LOOPBACK" => variable.set(&mut file.listen.allow_non_loopback),
            "LISTEN_TRUSTED_PROXIES" => {
                file.listen.trusted_proxies = Some(variable.list());
            }
            "LISTEN_PROXIES_IN_A_ROW" => variable.set(&mut file.listen.proxies_in_a_row),
            "LISTEN_MAX_CONNECTIONS" => variable.set(&mut file.listen.max_connections),
            "LISTEN_HEADER_READ_TIMEOUT_SECONDS" => {
                variable.set(&mut file.listen.header_read_timeout_seconds);
            }
            "LISTEN_BODY_READ_TIMEOUT_SECONDS" => {
                variable.set(&mut file.listen.body_read_timeout_seconds);
            }
            "LISTEN_DRAIN_SECONDS" => variable.set(&mut file.listen.drain_seconds),
            "STORE_PATH" => variable.set(&mut file.store.path),
            "STORE_CACHE_MIB" => variable.set(&mut file.store.cache_mib),
            "LOG_FORMAT" => variable.set(&mut file.log.format),
            "LOG_LEVEL" => variable.set(&mut file.log.level),
            "TRACING_OTLP_ENDPOINT" => variable.set(&mut file.tracing.otlp_endpoint),
            "TRACING_SAMPLE_RATIO" => variable.set(&mut file.tracing.sample_ratio),
            "TRACING_CONTINUE_TRACES" => variable.set(&mut file.tracing.continue_traces),
            "TRACING_SERVICE_NAME" => variable.set(&mut file.tracing.service_name),
            "AUDIT_MAX_ENTRIES" => variable.set(&mut file.audit.max_entries),
            "AUDIT_KEEP_SECONDS" => variable.set(&mut file.audit.keep_seconds),
            "TOKENS_ACCESS_TOKEN_SECONDS" => variable.set(&mut file.tokens.access_token_seconds),
            "TOKENS_ID_TOKEN_SECONDS" => variable.set(&mut file.tokens.id_token_seconds),
            "TOKENS_CODE_SECONDS" => variable.set(&mut file.tokens.code_seconds),
            "TOKENS_REFRESH_IDLE_SECONDS" => variable.set(&mut file.tokens.refresh_idle_seconds),
            "TOKENS_REFRESH_ABSOLUTE_SECONDS" => {
                variable.set(&mut file.tokens.refresh_absolute_seconds);
            }
            "TOKENS_REFRESH_GRACE_SECONDS" => variable.set(&mut file.tokens.refresh_grace_seconds),
            "TOKENS_SESSION_IDLE_SECONDS" => variable.set(&mut file.tokens.session_idle_seconds),
            "TOKENS_SESSION_ABSOLUTE_SECONDS" => {
                variable.set(&mut file.tokens.session_absolute_seconds);
            }
            "TOKENS_DEVICE_CODE_SECONDS" => variable.set(&mut file.tokens.device_code_seconds),
            "TOKENS_PUSHED_REQUEST_SECONDS" => {
                variable.set(&mut file.tokens.pushed_request_seconds);
            }
            "TOKENS_CONSENT_SECONDS" => variable.set(&mut file.tokens.consent_seconds),
            "KEYS_JWKS_MAX_AGE_SECONDS" => variable.set(&mut file.keys.jwks_max_age_seconds),
            "KEYS_PUBLISH_MARGIN_SECONDS" => variable.set(&mut file.keys.publish_margin_seconds),
            "KEYS_ROTATION_SECONDS" => variable.set(&mut file.keys.rotation_seconds),
            "KEYS_CLOCK_SKEW_SECONDS" => variable.set(&mut file.keys.clock_skew_seconds),
            "KEYS_UNSEAL" => variable.set(&mut file.keys.unseal),
            "KEY_ENCRYPTION_SECRET" => variable.set(&mut file.keys.secrets.current.text),
            "KEY_ENCRYPTION_SECRET_FILE" => variable.set(&mut file.keys.secrets.current.file),
            "KEY_ENCRYPTION_SECRET_PREVIOUS" => variable.set(&mut file.keys.secrets.previous.text),
            "KEY_ENCRYPTION_SECRET_PREVIOUS_FILE" => {
                variable.set(&mut file.keys.secrets.previous.file);
            }
            "PAGES_NAME" => variable.set(&mut file.pages.name),
            "PAGES_LOGO_FILE" => variable.set(&mut file.pages.logo_file),
            "PAGES_ACCENT" => variable.set(&mut file.pages.accent),
            "PAGES_ACCENT_DARK" => variable.set(&mut file.pages.accent_dark),
            "PAGES_HELP" => variable.set(&mut file.pages.help),
            "PAGES_PRIVACY" => variable.set(&mut file.pages.privacy),
            "PAGES_TERMS" => variable.set(&mut file.pages.terms),
            "PAGES_DEFAULT_LANGUAGE" => variable.set(&mut file.pages.default_language),
            // Where the file itself is: for the command line.
            "CONFIG" => {}
            "PASSWORDS_MAX_CONCURRENT" => variable.set(&mut file.passwords.max_concurrent),
            "CLIENT_ID_METADATA_ENABLED" => variable.set(&mut file.client_id_metadata.enabled),
            "CLIENT_ID_METADATA_ALLOW_LOOPBACK" => {
                variable.set(&mut file.client_id_metadata.allow_loopback);
            }
            "CLIENT_ID_METADATA_ALLOWED_HOSTS" => {
                file.client_id_metadata.allowed_hosts = Some(variable.list());
            }
            "CLIENT_ID_METADATA_SCOPES" => {
                file.client_id_metadata.scopes = Some(variable.list());
            }
            "CLIENT_ID_METADATA_DEFAULT_SCOPES" => {
                file.client_id_metadata.default_scopes = Some(variable.list());
            }
            "REGISTRATION_ENABLED" => variable.set(&mut file.registration.enabled),
            "REGISTRATION_OPEN" => variable.set(&mut file.registration.open),
            "REGISTRATION_MAX_CLIENTS" => variable.set(&mut file.registration.max_clients),
            "REGISTRATION_UNUSED_DAYS" => variable.set(&mut file.registration.unused_days),
            "REGISTRATION_GRANTS" => file.registration.grants = Some(variable.list()),
            "REGISTRATION_SCOPES" => file.registration.scopes = Some(variable.list()),
            "REGISTRATION_DEFAULT_SCOPES" => {
                file.registration.default_scopes = Some(variable.list());
            }
            "REGISTRATION_PRIVATE_USE_SCHEMES" => {
                variable.set(&mut file.registration.private_use_schemes);
            }
            _ => warnings.push(format!(
                "the environment variable {name} names no setting and is ignored"
            )),
        }
    }
    warnings
}

struct Variable<'a> {
    name: &'a str,
    value: &'a str,
    problems: &'a mut Problems,
}

impl Variable<'_> {
    /// The texts, parted by commas.
    fn list(&self) -> Vec<Located<String>> {
        let texts = self.value.split(',').map(str::trim);
        let texts = texts.filter(|text| !text.is_empty());
        texts
            .map(|text| Located {
                value: text.to_owned(),
                place: Place::Environment(self.name.to_owned()),
            })
            .collect()
    }

    fn set<T: FromStr + Expected>(&mut self, slot: &mut Option<Located<T>>) {
        let place = Place::Environment(self.name.to_owned());
        match self.value.parse() {
            Ok(value) => *slot = Some(Located { value, place }),
            Err(_) => {
                let wrong = format!("{:?} is not {}", self.value, T::EXPECTED);
                self.problems
                    .add(&place, wrong, format!("Write {}", T::EXPECTED));
            }
        }
    }
}

/// What a value of the type looks like, for messages.
pub(super) trait Expected {
    /// As in "write …".
    const EXPECTED: &str;
}

impl Expected for String {
    const EXPECTED: &str = "text";
}

impl Expected for u64 {
    const EXPECTED: &str = "a whole number";
}

impl Expected for f64 {
    const EXPECTED: &str = "a number";
}

impl Expected for bool {
    const EXPECTED: &str = "true or false";
}
