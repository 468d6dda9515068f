//! `docs/configuration.md` and `docs/issuer.schema.json`: what each setting is, from the comments
//! beside it; its bounds and its default, from what is said of a number out of bounds.
//!
//! A setting is added in one place, its table: a field with its comment, and `bounded` or an
//! attribute with its default. Then `cargo xtask docs` writes both files anew.

mod markdown;
mod rules;
mod schema;

use std::path::{Path, PathBuf};

use super::*;

/// What this issuer signs with.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "for its schema")]
pub(in crate::config) enum SigningAlgorithm {
    RS256,
    ES256,
    EdDSA,
    PS256,
}

/// Set by `cargo xtask docs`.
const WRITE: &str = "DOCKGATE_WRITE_DOCS";

/// The files, and what they have to be.
fn files() -> [(PathBuf, String); 2] {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let schema = schema::of_the_file();
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    [
        (docs.join("configuration.md"), markdown::of(&schema)),
        (docs.join("issuer.schema.json"), json),
    ]
}

#[test]
fn the_reference_is_what_the_code_says() {
    for (path, expected) in files() {
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &expected).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let same = written == expected;
        assert!(
            same,
            "{} is not up to date: run `cargo xtask docs`",
            path.display()
        );
    }
}

/// A table of the file: its name, whether it may occur several times, and its keys.
struct Table<'a> {
    name: &'a str,
    is_list: bool,
    /// What is said of the table as a whole.
    about: &'a str,
    keys: Vec<Key<'a>>,
}

/// A key of a table.
#[derive(Clone, Copy)]
struct Key<'a> {
    name: &'a str,
    required: bool,
    schema: &'a Value,
}

use serde_json::Value;

impl<'a> Key<'a> {
    fn text(&self, member: &str) -> &'a str {
        self.schema[member].as_str().unwrap_or_default()
    }

    fn is_number(&self) -> bool {
        self.schema["type"] == "integer"
    }

    fn number(&self, member: &str) -> u64 {
        let number = self.schema[member].as_u64();
        number.unwrap_or_else(|| panic!("{}: {member}: {}", self.name, self.schema))
    }

    fn example(&self) -> Option<&'a Value> {
        self.schema["examples"].get(0)
    }
}

/// The tables in the order of the file; single values at its top are none.
fn tables(schema: &Value) -> Vec<Table<'_>> {
    let properties = schema["properties"].as_object().unwrap();
    let mut tables = Vec::new();
    for name in ORDER {
        let written = &properties[name];
        let is_list = written["type"] == "array";
        let table = if is_list { &written["items"] } else { written };
        tables.push(Table {
            name,
            is_list,
            about: table["description"].as_str().unwrap_or_default(),
            keys: keys(table),
        });
    }
    let top = properties.len() - tables.len();
    assert_eq!(top, 1, "a table is missing in ORDER");
    tables
}

/// The tables in the order in which they are explained.
const ORDER: [&str; 16] = [
    "listen",
    "store",
    "log",
    "tracing",
    "audit",
    "tokens",
    "keys",
    "passwords",
    "pages",
    "registration",
    "initial_access_tokens",
    "client_id_metadata",
    "resource_servers",
    "clients",
    "trusted_issuers",
    "users",
];

fn keys(table: &Value) -> Vec<Key<'_>> {
    let required: Vec<_> = table["required"].as_array().into_iter().flatten().collect();
    let keys = table["properties"].as_object().unwrap();
    keys.iter()
        .map(|(name, schema)| Key {
            name,
            required: required.iter().any(|required| *required == name),
            schema,
        })
        .collect()
}
