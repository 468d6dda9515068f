//! `key`: the signing keys of the running issuer.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use dockgate_issuer::http::admin::keys::{self, Import, Key, Keys, Rotate};
use dockgate_issuer::keys::import::{self, MAX_BYTES};
use dockgate_issuer::store::KeyState;
use dockgate_token::{Algorithm, KeyId};
use zeroize::Zeroizing;

use super::admin_client::{Ask, ask};
use super::failure::Failure;
use super::output::{print, print_as_json, table};
use crate::ConfigFile;

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys, oldest first, and what will become of each
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Publish a new key, which signs once caches know it; the old one stays while its tokens live
    Rotate {
        #[command(flatten)]
        config: ConfigFile,
        /// Of this algorithm alone, such as RS256; otherwise of each
        #[arg(long, value_name = "ALG", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        /// For a key that is in wrong hands: all old keys leave the JWKS at once and a new one signs at
        /// once. Every token of before is refused, and those of the new key until caches have it
        #[arg(long)]
        revoke_old: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring a private key along: PEM (PKCS#8, PKCS#1, SEC 1) or a JWK; RSA of 2048 to 4096 bits, P-256
    /// or Ed25519
    Import {
        #[command(flatten)]
        config: ConfigFile,
        /// The file; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The name that verifiers know it by; otherwise that of the JWK, or its thumbprint
        #[arg(long, value_name = "KID", value_parser = kid)]
        kid: Option<KeyId>,
        /// What it signs with; otherwise what the JWK says, or RS256, ES256 or EdDSA by its kind
        #[arg(long, value_name = "ALG", value_parser = algorithm)]
        algorithm: Option<Algorithm>,
        /// Sign with it at once. For a key that verifiers know already: others refuse its tokens until
        /// they have fetched the JWKS again
        #[arg(long)]
        activate_now: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(command: KeyCommand) -> ExitCode {
    match command {
        KeyCommand::List { config, json } => super::with_issuer(&config, |store| list(store, json)),
        KeyCommand::Rotate {
            config,
            algorithm,
            revoke_old,
            json,
        } => {
            let rotate = Rotate {
                algorithm,
                revoke_old,
            };
            super::with_issuer(&config, |store| {
                let keys: Keys = ask(store, &Ask::post(keys::ROTATE, &rotate)?)?;
                print_keys(&keys, json)
            })
        }
        KeyCommand::Import {
            config,
            file,
            kid,
            algorithm,
            activate_now,
            json,
        } => super::with_issuer(&config, |store| {
            let key = read(&file)?;
            // Here it has a name, and a file that is something else is sent to nobody.
            import::read(key.as_bytes(), algorithm, kid.clone())
                .map_err(|error| Failure::from(format!("{}: {error}", file.display())))?;
            let import = Import {
                key,
                kid,
                algorithm,
                activate_now,
            };
            let key: Key = ask(store, &Ask::post(keys::IMPORT, &import)?)?;
            print_keys(&Keys { keys: vec![key] }, json)
        }),
    }
}

fn list(store: &Path, json: bool) -> Result<(), Failure> {
    let keys: Keys = ask(store, &Ask::get(keys::LIST))?;
    print_keys(&keys, json)
}

/// Reads no more than a key may have: what is longer the issuer refuses.
fn read(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let name = file.display();
    let failed = |error: io::Error| {
        Failure::from(format!(
            "{name}: {error}. Name a file with a private key that this user may read, or `-` for standard input"
        ))
    };
    let mut text = Zeroizing::new(String::new());
    let limit = MAX_BYTES as u64 + 1;
    let read = if super::is_standard_stream(file) {
        io::stdin().lock().take(limit).read_to_string(&mut text)
    } else {
        let file = File::open(file).map_err(failed)?;
        file.take(limit).read_to_string(&mut text)
    };
    match read {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Failure::from(format!(
            "{name} is neither PEM nor a JWK. Where it is DER, make PEM of it: openssl pkey -inform DER -in KEY.der | dockgate-issuer key import -"
        ))),
        read => read.map(|_| text).map_err(failed),
    }
}

fn print_keys(keys: &Keys, json: bool) -> Result<(), Failure> {
    if json {
        return print_as_json(keys);
    }
    let rows: Vec<_> = keys
        .keys
        .iter()
        .map(|key| {
            let at_rest = if key.sealed { "sealed" } else { "clear" };
            [
                key.kid.as_str().to_owned(),
                key.algorithm.to_string(),
                key.state.as_str().to_owned(),
                at_rest.to_owned(),
                next(key, &keys.keys),
            ]
        })
        .collect();
    print(&table(["KID", "ALG", "STATE", "AT REST", "NEXT"], &rows))
}

fn next(key: &Key, keys: &[Key]) -> String {
    let follows =
        |other: &Key| other.state == KeyState::Published && other.algorithm == key.algorithm;
    let Some(seconds) = key.next_in_seconds else {
        return if keys.iter().any(follows) {
            "the published one follows".to_owned()
        } else {
            "none by schedule".to_owned()
        };
    };
    let span = span(seconds);
    match key.state {
        KeyState::Published => format!("signs in {span}"),
        KeyState::Active => format!("the next one is published in {span}"),
        KeyState::Retired => format!("leaves in {span}"),
    }
}

/// In the two greatest units.
fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    text.parse()
        .map_err(|_| "it is none of RS256, PS256, ES256 and EdDSA".to_owned())
}

fn kid(text: &str) -> Result<KeyId, String> {
    text.parse()
        .map_err(|_| "a kid has 1 to 255 bytes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_in_the_two_greatest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (7_260, "2 h 1 min"),
            (30 * 86_400 - 1, "29 d 23 h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
