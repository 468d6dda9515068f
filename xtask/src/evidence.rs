//! Searches everything that the end-to-end tests had written for every secret that was in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockgate_stack::{EVIDENCE_SECRETS, EVIDENCE_STACKS, EVIDENCE_VARIABLE, demo_dir};

use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// A run of the whole group has all of them; a search without one would show less than it says.
const KINDS: [&str; 11] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "device_code",
    "request_uri",
    "cookie",
    "credentials",
    "password",
    "client_secret",
    "code_verifier",
];
/// What a stack keeps that is searched, below its directory: a backup beside them is a secret itself.
const SEARCHED: [&str; 2] = ["logs", "store"];
/// By how many bytes secrets are looked up. None is shorter.
const KEY: usize = 8;
/// How many places are named.
const NAMED: usize = 20;

/// Whether all tests of the group have run, only some, or one has failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    Part,
    Failed,
}

/// Makes room for the evidence of a run and has the tests keep it.
pub(crate) fn keep(command: &mut Command) -> Outcome {
    let directory = directory();
    remove(&directory)?;
    std::fs::create_dir_all(&directory)?;
    command.env(EVIDENCE_VARIABLE, &directory);
    Ok(())
}

/// Searches it, and removes it where nothing was found. After a failure it stays, to be looked at.
pub(crate) fn search(context: &Context, extent: Extent) -> Outcome {
    if extent == Extent::Failed {
        return Ok(());
    }
    let directory = directory();
    let written = std::fs::read_to_string(directory.join(EVIDENCE_SECRETS));
    let secrets = match written {
        Ok(written) => secrets(&written)?,
        // Not every test sends anything.
        Err(error) if error.kind() == io::ErrorKind::NotFound && extent == Extent::Part => {
            return Ok(remove(&directory)?);
        }
        Err(error) => return Err(Failure::new(format!("no secrets were kept: {error}"))),
    };
    let files = files(&directory.join(EVIDENCE_STACKS))?;
    if extent == Extent::Whole {
        check_extent(&secrets, &files)?;
    }
    let patterns = Patterns::of(&secrets);
    let (mut bytes, mut places) = (0, Vec::new());
    for file in &files {
        let content = std::fs::read(file)?;
        bytes += content.len();
        for (line, kind) in patterns.found(&content) {
            places.push(format!("{}:{line}: {kind}", file.display()));
        }
    }
    if places.is_empty() {
        context.say(&format!(
            "none of {} secrets is in the {} files ({} MB) that the tests had written",
            secrets.len(),
            files.len(),
            bytes / 1_000_000
        ));
        return Ok(remove(&directory)?);
    }
    let more = places.len().saturating_sub(NAMED);
    places.truncate(NAMED);
    let mut text = format!("secrets were written:\n{}", places.join("\n"));
    if more > 0 {
        text.push_str(&format!("\nand {more} more"));
    }
    Err(Failure::new(text))
}

fn directory() -> PathBuf {
    demo_dir().join("evidence")
}

fn remove(directory: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A secret and its kind.
type Secret = (String, Vec<u8>);

fn secrets(written: &str) -> Outcome<Vec<Secret>> {
    let parsed = written.lines().map(|line| {
        let (kind, hex) = line.split_once(' ')?;
        let digits = hex.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes = digits.map(byte).collect::<Option<Vec<_>>>()?;
        (bytes.len() >= KEY).then(|| (kind.to_owned(), bytes))
    });
    let parsed: Option<Vec<_>> = parsed.collect();
    parsed.ok_or_else(|| Failure::new("the kept secrets cannot be read".to_owned()))
}

fn files(stacks: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for stack in std::fs::read_dir(stacks)? {
        for part in SEARCHED {
            let part = stack.as_ref().map(|stack| stack.path().join(part));
            let part = part.map_err(|error| io::Error::other(error.to_string()))?;
            if part.is_dir() {
                add_below(&part, &mut files)?;
            }
        }
    }
    Ok(files)
}

fn add_below(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            add_below(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn check_extent(secrets: &[Secret], files: &[PathBuf]) -> Outcome {
    let kinds: BTreeSet<_> = secrets.iter().map(|(kind, _)| kind.as_str()).collect();
    let missing: Vec<_> = KINDS.iter().filter(|kind| !kinds.contains(*kind)).collect();
    if !missing.is_empty() {
        return Err(Failure::new(format!(
            "the search for secrets shows nothing of {missing:?}, which no test was seen to use"
        )));
    }
    for name in ["issuer.log", "envoy.log", "metrics.txt", "db"] {
        if !files.iter().any(|file| file.ends_with(name)) {
            return Err(Failure::new(format!("no stack has kept a {name}")));
        }
    }
    Ok(())
}

/// What is looked for, by its first bytes.
struct Patterns<'a> {
    /// Which first two bytes there are: nearly every place is passed over by this alone.
    begins: Vec<bool>,
    by_key: HashMap<[u8; KEY], Vec<(&'a str, Vec<u8>)>>,
}

impl<'a> Patterns<'a> {
    fn of(secrets: &'a [Secret]) -> Self {
        let mut patterns = Self {
            begins: vec![false; 1 << 16],
            by_key: HashMap::new(),
        };
        for (kind, secret) in secrets {
            for spelling in spellings(secret) {
                patterns.add(kind, spelling);
            }
        }
        patterns
    }

    fn add(&mut self, kind: &'a str, spelling: Vec<u8>) {
        let Some(key) = spelling.first_chunk::<KEY>() else {
            return;
        };
        if let Some(begins) = self.begins.get_mut(first_two(key)) {
            *begins = true;
        }
        self.by_key.entry(*key).or_default().push((kind, spelling));
    }

    /// Lines, counted from 1, with what is in them.
    fn found(&self, content: &[u8]) -> BTreeMap<usize, &'a str> {
        let mut found = BTreeMap::new();
        for (at, window) in content.windows(KEY).enumerate() {
            let Some(key) = window.first_chunk::<KEY>() else {
                continue;
            };
            if self.begins.get(first_two(key)) != Some(&true) {
                continue;
            }
            let rest = content.get(at..).unwrap_or_default();
            let mut candidates = self.by_key.get(key).into_iter().flatten();
            if let Some((kind, _)) = candidates.find(|(_, secret)| rest.starts_with(secret)) {
                let before = content.get(..at).unwrap_or_default();
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                found.insert(line, *kind);
            }
        }
        found
    }
}

fn first_two(key: &[u8; KEY]) -> usize {
    let [first, second, ..] = *key;
    usize::from(u16::from_be_bytes([first, second]))
}

/// As it is and as it is in a URL; of a JWT the signature, without which the rest is worth nothing and
/// which stands in all of it.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    if secret.starts_with(b"eyJ")
        && let Some(signature) = secret.rsplit(|byte| *byte == b'.').next()
        && signature.len() > 40
    {
        return vec![signature.to_vec()];
    }
    let mut encoded = Vec::new();
    for byte in secret {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    let mut all = vec![secret.to_vec()];
    if encoded != secret {
        all.push(encoded);
    }
    all
}

#[cfg(test)]
mod tests;
