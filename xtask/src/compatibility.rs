//! What the clients that others wrote were made to do, as a table: printed, and held against
//! docs/compatibility.md.

use std::fmt::Write as _;
use std::path::PathBuf;

use dockgate_stack::{demo_dir, repository};
use serde::Deserialize;

use crate::context::Context;
use crate::evidence::Extent;
use crate::failure::{Failure, Outcome};

/// Set, to any value, it has the page written rather than compared.
const WRITE: &str = "DOCKGATE_WRITE_DOCS";
const ABOVE: &str = "\
# Compatibility

Clients and servers that others wrote, unmodified, against the demo: the real Envoy, the filter, the
issuer. `cargo xtask test clients` installs them at these versions, runs them, and writes this page; it
fails when one of them does, or when the page is not what the run gave.

| client | version | what it did | result |
|---|---|---|---|
";

/// What a test writes down of one client.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Record {
    registry: String,
    name: String,
    version: String,
    exercised: Vec<String>,
    result: String,
}

/// Forgets what earlier runs wrote down.
pub(crate) fn forget() -> Outcome {
    match std::fs::remove_dir_all(directory()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints what was done and, after a run of all of them, compares it with the page or writes that.
pub(crate) fn report(context: &Context, extent: Extent) -> Outcome {
    let records = records()?;
    let table = table(&records);
    context.say("what the clients did");
    println!("{table}");
    if extent != Extent::Whole {
        return Ok(());
    }
    let page = format!("{ABOVE}{table}");
    let path = repository().join("docs/compatibility.md");
    if std::env::var_os(WRITE).is_some() {
        return Ok(std::fs::write(path, page)?);
    }
    match std::fs::read_to_string(&path).is_ok_and(|present| present == page) {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "{} is not what the run gave: `{WRITE}=1 cargo xtask test clients` writes it",
            path.display()
        ))),
    }
}

fn table(records: &[Record]) -> String {
    let mut table = String::new();
    for record in records {
        let Record {
            registry,
            name,
            version,
            exercised,
            result,
        } = record;
        let exercised = exercised.join("; ");
        // Into a string nothing fails.
        let _ = writeln!(
            table,
            "| {name} ({registry}) | {version} | {exercised} | {result} |"
        );
    }
    table
}

/// By registry and name.
fn records() -> Outcome<Vec<Record>> {
    let mut records = Vec::new();
    for entry in std::fs::read_dir(directory())? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = std::fs::read_to_string(&path)?;
            let record = serde_json::from_str(&text)
                .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            records.push(record);
        }
    }
    records.sort();
    Ok(records)
}

/// Where the tests write.
fn directory() -> PathBuf {
    demo_dir().join("compatibility")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_a_row_with_all_that_it_did() {
        let record = Record {
            registry: "npm".to_owned(),
            name: "client".to_owned(),
            version: "1.2.3".to_owned(),
            exercised: vec!["discovery".to_owned(), "refresh".to_owned()],
            result: "works".to_owned(),
        };
        assert_eq!(
            table(&[record]),
            "| client (npm) | 1.2.3 | discovery; refresh | works |\n"
        );
    }
}
