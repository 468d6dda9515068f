//! The secrets in a client's table: digests, each with its end.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use dockgate_token::encode_segment;
use toml::{Table, Value};

use crate::clock::UnixSeconds;
use crate::entropy::Entropy;
use crate::http::admin::{Refusal, table};
use crate::protocol::ClientSecrets;

/// 256 bits, as text that needs no escaping anywhere.
pub(super) fn draw(entropy: Entropy) -> Result<String, Refusal> {
    let mut bytes = [0; 32];
    entropy(&mut bytes).map_err(|failure| Refusal::Failed(failure.to_string()))?;
    Ok(encode_segment(&bytes))
}

/// Gives a client that has none its secret.
pub(super) fn give(table: &mut Table, secret: &str) -> Result<(), Refusal> {
    let others = ["secret", "secret_sha256", "secret_file", "secrets"];
    if let Some(other) = others.into_iter().find(|key| table.contains_key(*key)) {
        return Err(Refusal::Invalid(format!(
            "the client has {other} and is to get another secret: leave one of the two out"
        )));
    }
    table.insert("secrets".to_owned(), Value::Array(vec![entry(secret)]));
    Ok(())
}

/// Puts a new one in front of the old ones, which end after `overlap` seconds, at once for 0.
pub(super) fn replace(
    table: &mut Table,
    secret: &str,
    now: UnixSeconds,
    overlap: u64,
) -> Result<(), Refusal> {
    let mut all = vec![entry(secret)];
    for mut old in take(table)? {
        let end = now.saturating_add(overlap);
        let own = old.get("expires_at").and_then(Value::as_integer);
        let own = own.and_then(|seconds| UnixSeconds::try_from(seconds).ok());
        let end = own.map_or(end, |own| own.min(end));
        if end > now {
            old.insert("expires_at".to_owned(), table::number(end));
            all.push(Value::Table(old));
        }
    }
    if all.len() > ClientSecrets::MOST {
        return Err(Refusal::Conflict(format!(
            "the client has {} secrets that are still good, and may have no more: wait for one to end, or end them all with `--overlap 0`",
            ClientSecrets::MOST
        )));
    }
    table.insert("secrets".to_owned(), Value::Array(all));
    Ok(())
}

/// Those that the table has, in either of the ways in which the store has them.
fn take(table: &mut Table) -> Result<Vec<Table>, Refusal> {
    if let Some(Value::String(digest)) = table.remove("secret_sha256") {
        let one = Table::from_iter([("sha256".to_owned(), Value::String(digest))]);
        return Ok(vec![one]);
    }
    let secrets = match table.remove("secrets") {
        Some(Value::Array(secrets)) if !secrets.is_empty() => secrets,
        _ => {
            return Err(Refusal::Conflict(
                "the client has no secret that another could follow: it is public, or authenticates with a key, which is changed where its key set is. For a secret, or another key set in the store, remove the client and add it again".to_owned(),
            ));
        }
    };
    let tables = secrets.into_iter().filter_map(|secret| match secret {
        Value::Table(secret) => Some(secret),
        _ => None,
    });
    Ok(tables.collect())
}

fn entry(secret: &str) -> Value {
    let mut hex = String::new();
    for byte in digest(&SHA256, secret.as_bytes()).as_ref() {
        // Writing to a string does not fail.
        write!(hex, "{byte:02x}").ok();
    }
    Value::Table(Table::from_iter([(
        "sha256".to_owned(),
        Value::String(hex),
    )]))
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
