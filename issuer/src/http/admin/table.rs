//! The tables of clients and users, between JSON and the TOML that the store has.

use serde_json::{Map, Value};
use toml::Table;

use super::Refusal;

/// A table that came as JSON. What is `null` is as if it were not there.
pub(super) fn from_json(object: Map<String, Value>) -> Result<Table, Refusal> {
    let object: Map<_, _> = object.into_iter().filter(|(_, v)| !v.is_null()).collect();
    Table::try_from(object).map_err(|error| Refusal::Invalid(format!("the table: {error}")))
}

/// A table that the store has.
pub(super) fn read(table: &str) -> Result<Table, Refusal> {
    table
        .parse()
        .map_err(|error| Refusal::Failed(format!("the store has a table that is no TOML: {error}")))
}

/// As the store has it.
pub(super) fn write(table: &Table) -> Result<String, Refusal> {
    toml::to_string(table)
        .map_err(|error| Refusal::Failed(format!("the table cannot be written: {error}")))
}

/// A text that has to be there.
pub(super) fn text(table: &Table, key: &str) -> Result<String, Refusal> {
    let value = table.get(key).and_then(toml::Value::as_str);
    let value =
        value.ok_or_else(|| Refusal::Invalid(format!("{key} is missing: give it a text")))?;
    Ok(value.to_owned())
}

/// A moment or a span, as TOML has numbers.
pub(super) fn number(seconds: u64) -> toml::Value {
    toml::Value::Integer(i64::try_from(seconds).unwrap_or(i64::MAX))
}
