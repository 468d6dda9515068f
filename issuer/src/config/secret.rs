//! Client secrets in the configuration, and what is allowed for whom.

use std::collections::HashSet;
use std::path::Path;

use dockgate_token::Issuer;
use serde::Deserialize;

use super::demo;
use super::error::Problems;
use super::located::{Located, Place};
use crate::protocol::{ClientSecret, ClientSecretHash, ClientSecrets};

/// Below this a secret in a file may have been chosen by a person: 32 characters of hexadecimal
/// are 128 bits (RFC 6749 §10.10).
const MIN_SECRET_CHARACTERS: usize = 32;

/// Of 32 random hexadecimal digits fewer than this differ once in ten million times.
const MIN_DIFFERENT_CHARACTERS: usize = 8;

/// How strict to be: on a loopback issuer anything goes, for trying things out.
pub(super) struct Rules<'a> {
    /// Secrets must be real ones.
    pub(super) strict: bool,
    /// What `secret_file` and `jwks_file` are relative to.
    pub(super) directory: &'a Path,
}

/// How a secret may be written: in at most one of the four ways. Does not print.
pub(super) struct WrittenSecret {
    pub(super) secret: Option<Located<String>>,
    pub(super) secret_sha256: Option<Located<String>>,
    pub(super) secret_file: Option<Located<String>>,
    pub(super) secrets: Vec<Located<OneOfSeveral>>,
}

/// One of several secrets of a client, while an old one is replaced. Does not print.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OneOfSeveral {
    sha256: Located<String>,
    /// Seconds since the Unix epoch. Default: never.
    expires_at: Option<u64>,
}

/// A command that makes a secret and shows what to write for it.
const MAKE_ONE: &str = "make a secret with `openssl rand -hex 32` and write secret_sha256 = \"…\" with the output of `printf %s THE_SECRET | sha256sum`, or name a file that holds it with secret_file";

impl WrittenSecret {
    /// Whether the client is meant to be confidential, even if the secret turns out unusable.
    pub(super) fn is_present(&self) -> bool {
        self.first().is_some()
    }

    /// Where the first of the ways is, and in how many of them a secret is written.
    fn first(&self) -> Option<(&Place, usize)> {
        let single = [&self.secret, &self.secret_sha256, &self.secret_file];
        let single = single.into_iter().flatten().map(|secret| &secret.place);
        let several = self.secrets.first().map(|secret| &secret.place);
        let mut places = single.chain(several);
        let first = places.next()?;
        Some((first, 1 + places.count()))
    }
}

impl<'a> Rules<'a> {
    /// An issuer that could not be read is not held against the secrets.
    pub(super) fn new(issuer: Option<&Issuer>, directory: &'a Path) -> Self {
        Self {
            strict: issuer.is_some_and(|issuer| !issuer.is_loopback()),
            directory,
        }
    }

    /// The client's secrets; `None` for a public client or after a mistake.
    pub(super) fn check(
        &self,
        whose: &str,
        written: WrittenSecret,
        problems: &mut Problems,
    ) -> Option<ClientSecrets> {
        let (place, ways) = written.first()?;
        let place = place.clone();
        if ways > 1 {
            let wrong = format!(
                "{whose} has more than one of secret, secret_sha256, secret_file and secrets"
            );
            problems.add(&place, wrong, "Keep one of them");
            return None;
        }
        if !written.secrets.is_empty() {
            return self.several(whose, written.secrets, problems);
        }
        let hash = if let Some(Located { value, .. }) = written.secret {
            self.plain(whose, &value, &place, problems)
        } else if let Some(Located { value, .. }) = written.secret_sha256 {
            digest(whose, "secret_sha256", &value, &place, problems)
        } else {
            self.file(whose, &written.secret_file?.value, &place, problems)
        }?;
        self.refuse_demo(whose, &hash, &place, problems);
        Some(hash.into())
    }

    fn several(
        &self,
        whose: &str,
        written: Vec<Located<OneOfSeveral>>,
        problems: &mut Problems,
    ) -> Option<ClientSecrets> {
        if let Some(beyond) = written.get(ClientSecrets::MOST) {
            let wrong = format!("{whose} has more than {} secrets", ClientSecrets::MOST);
            problems.add(&beyond.place, wrong, "Remove those that nobody uses");
        }
        let secrets = written.into_iter().map(|Located { value, place }| {
            let hash = digest(whose, "sha256", &value.sha256.value, &place, problems)?;
            self.refuse_demo(whose, &hash, &place, problems);
            let expires_at = value.expires_at;
            Some(ClientSecret { hash, expires_at })
        });
        secrets.collect::<Option<Vec<_>>>().map(ClientSecrets::new)
    }

    fn refuse_demo(
        &self,
        whose: &str,
        hash: &ClientSecretHash,
        place: &Place,
        problems: &mut Problems,
    ) {
        if self.strict && demo::is_demo_secret(hash) {
            let wrong = format!("{whose} has a secret of the demo, which everybody knows");
            problems.add(place, wrong, format!("For this client, {MAKE_ONE}"));
        }
    }

    fn plain(
        &self,
        whose: &str,
        secret: &str,
        place: &Place,
        problems: &mut Problems,
    ) -> Option<ClientSecretHash> {
        if self.strict {
            let wrong =
                format!("{whose} has a secret in plain text, which only a loopback issuer allows");
            problems.add(place, wrong, format!("Instead, {MAKE_ONE}"));
            return None;
        }
        hash_secret(whose, secret, place, problems)
    }

    fn file(
        &self,
        whose: &str,
        name: &str,
        place: &Place,
        problems: &mut Problems,
    ) -> Option<ClientSecretHash> {
        let path = self.directory.join(name);
        let content = match std::fs::read_to_string(&path) {
            Ok(content) => content,
            Err(error) => {
                let wrong = format!("{whose}: {} cannot be read ({error})", path.display());
                problems.add(
                    place,
                    wrong,
                    "Write the path of a file that holds the secret alone",
                );
                return None;
            }
        };
        let secret = content.trim_end_matches(['\r', '\n']);
        if self.strict
            && let Err(weakness) = looks_random(secret)
        {
            let wrong = format!("{whose}: the secret in {} {weakness}", path.display());
            problems.add(
                place,
                wrong,
                "Fill the file with the output of `openssl rand -hex 32`",
            );
            return None;
        }
        hash_secret(whose, secret, place, problems)
    }
}

/// Rejects what was obviously not drawn at random.
pub(super) fn looks_random(secret: &str) -> Result<(), String> {
    if secret.chars().count() < MIN_SECRET_CHARACTERS {
        return Err(format!("has fewer than {MIN_SECRET_CHARACTERS} characters"));
    }
    let different = secret.chars().collect::<HashSet<_>>().len();
    if different < MIN_DIFFERENT_CHARACTERS {
        return Err(format!(
            "is not random: it has only {different} different characters"
        ));
    }
    // A text that repeats a part of itself is found in its double before the end.
    let rotated = secret.chars().skip(1).chain(secret.chars());
    let inside: String = rotated.take(2 * secret.chars().count() - 2).collect();
    if inside.contains(secret) {
        return Err("is not random: it repeats itself".to_owned());
    }
    Ok(())
}

/// `client-secret = *VSCHAR` (RFC 6749 Appendix A.2), and not empty: that would be none.
fn hash_secret(
    whose: &str,
    secret: &str,
    place: &Place,
    problems: &mut Problems,
) -> Option<ClientSecretHash> {
    if secret.is_empty() || !secret.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        let wrong = format!("{whose} has a secret that is empty or not printable ASCII");
        problems.add(place, wrong, format!("Instead, {MAKE_ONE}"));
        return None;
    }
    Some(ClientSecretHash::of(secret.as_bytes()))
}

fn digest(
    whose: &str,
    key: &str,
    hex: &str,
    place: &Place,
    problems: &mut Problems,
) -> Option<ClientSecretHash> {
    let digest = decode_hex(hex);
    if digest.is_none() {
        let wrong = format!("{whose}: {key} is not 64 hexadecimal digits");
        let instead = "Write the output of `printf %s THE_SECRET | sha256sum`";
        problems.add(place, wrong, instead);
    }
    digest.map(ClientSecretHash::from_digest)
}

fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}
