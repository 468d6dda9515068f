//! The reference as people read it.

use serde_json::Value;

use super::{Key, Table, keys, tables};

const INTRO: &str = "\
<!-- Written by `cargo xtask docs` from the comments in issuer/src/config/: change it there. -->

# The issuer's configuration

One TOML file, which is checked as a whole before anything starts: `dockgate-issuer check --config FILE`
says what is wrong with it, in which line, and what to write. An unknown key is an error. What is
not written has its default; only `issuer`, one of `[[resource_servers]]` and what says *required*
have none.

- Keys are in alphabetical order. Below each table is how they may look; the values there are examples,
  not advice.
- Times are in seconds. File names are relative to the file.
- A variable `DOCKGATE_` and the key's path in capitals overrides a single value
  (`DOCKGATE_TOKENS_CODE_SECONDS`); tables that there may be several of have none. A variable that names no setting is a warning.
- [issuer.schema.json](issuer.schema.json) is the same as a JSON Schema. Editors that know it complete
  and check the file while you write: put `#:schema` and its path or URL into the file's first line.
- Most of it can change while the issuer runs: [Reload](issuer.md#reload).
";

pub(super) fn of(schema: &Value) -> String {
    let mut text = INTRO.to_owned();
    let issuer = keys(schema).into_iter().find(|key| key.name == "issuer");
    let about = issuer.unwrap().text("description");
    text.push_str(&format!("\n## `issuer`\n\nRequired. {about} A change counts from the next start.\n\n```toml\nissuer = \"https://api.example.com\"\n```\n"));
    for table in tables(schema) {
        text.push_str(&section(&table));
    }
    text
}

fn section(table: &Table<'_>) -> String {
    let heading = match table.is_list {
        true => format!("[[{}]]", table.name),
        false => format!("[{}]", table.name),
    };
    let mut text = format!("\n## `{heading}`\n\n{}\n", table.about);
    if super::rules::counts_until_the_next_start(table.name) {
        text.push_str("\nA change counts from the next start.\n");
    }
    text.push_str("\n| key | value | default | what it does, and why so |\n|---|---|---|---|\n");
    for key in &table.keys {
        let about = key.text("description").replace('|', "\\|");
        let (value, default) = (value(key.schema), default(key));
        text.push_str(&format!(
            "| `{}` | {value} | {default} | {about} |\n",
            key.name
        ));
    }
    let example = example(table, &heading);
    text.push_str(&format!("\n```toml\n{example}```\n"));
    text
}

fn value(schema: &Value) -> String {
    let values = of_enum(schema);
    if !values.is_empty() {
        return values.join(", ");
    }
    match schema["type"].as_str() {
        Some("integer") => {
            let bound = |name: &str| amount(schema[name].as_u64().unwrap(), name == "maximum");
            format!("{} to {}", bound("minimum"), bound("maximum"))
        }
        Some("number") => {
            let bound = |name: &str| schema[name].as_f64().unwrap();
            format!("{} to {}", bound("minimum"), bound("maximum"))
        }
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("string") => "text".to_owned(),
        Some("array") if schema["items"]["type"] == "object" => {
            let members = schema["items"]["properties"].as_object().unwrap();
            let names: Vec<_> = members.keys().map(|name| format!("`{name}`")).collect();
            format!("list of tables with {}", names.join(" and "))
        }
        Some("array") => "list of text".to_owned(),
        Some("object") => "table of text".to_owned(),
        other => panic!("{other:?}: {schema}"),
    }
}

/// The values of an enumeration, which may have a description each.
fn of_enum(schema: &Value) -> Vec<String> {
    let plain = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|option| {
        let listed = option["enum"].as_array().into_iter().flatten();
        listed.chain(option.get("const"))
    });
    let texts = plain.chain(described).filter_map(Value::as_str);
    texts.map(|text| format!("`\"{text}\"`")).collect()
}

fn default(key: &Key<'_>) -> String {
    if key.required {
        return "required".to_owned();
    }
    match (&key.schema["x-default"], &key.schema["default"]) {
        (Value::String(text), _) => text.clone(),
        (_, Value::Number(number)) => number
            .as_u64()
            .map_or_else(|| number.to_string(), |number| amount(number, true)),
        (_, Value::String(text)) => format!("`\"{text}\"`"),
        (_, Value::Null) => match key.schema["type"].as_str() {
            Some("array") => "`[]`".to_owned(),
            Some("object") => "`{}`".to_owned(),
            _ => String::new(),
        },
        (_, other) => format!("`{other}`"),
    }
}

/// `2592000 (30 days)`.
fn amount(number: u64, with_unit: bool) -> String {
    let units = [(86_400, "day"), (3_600, "hour")];
    let unit = units
        .into_iter()
        .find(|(seconds, _)| number > 0 && number.is_multiple_of(*seconds));
    match unit {
        Some((seconds, unit)) if with_unit => {
            let count = number / seconds;
            let plural = if count == 1 { "" } else { "s" };
            format!("{number} ({count} {unit}{plural})")
        }
        _ => number.to_string(),
    }
}

/// The keys as they may be written: their examples, otherwise their defaults.
fn example(table: &Table<'_>, heading: &str) -> String {
    let mut text = format!("{heading}\n");
    for key in &table.keys {
        let default = key.schema.get("default");
        // Of three ways to write a secret, and of two for keys, there is one.
        let is_other =
            ["secret", "secrets", "secret_sha256", "jwks", "jwks_file"].contains(&key.name);
        let needed = table.name == "trusted_issuers" && key.name == "jwks_file";
        if is_other && !needed {
            continue;
        }
        if let Some(value) = key.example().or(default) {
            text.push_str(&format!("{} = {}\n", key.name, super::rules::toml(value)));
        }
    }
    text
}
