//! The JSON Schema of the file, with the bounds and the defaults of its numbers.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::rules::with_key;
use super::*;

pub(super) fn of_the_file() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<File>();
    let mut schema = schema.to_value();
    plain(&mut schema);
    schema["title"] = json!("The configuration of dockgate-issuer");
    schema["required"] = json!(["issuer", "resource_servers"]);
    let tables = schema["properties"].as_object_mut().unwrap();
    for (name, table) in tables {
        let is_list = table["type"] == "array";
        let table = if is_list { &mut table["items"] } else { table };
        let Some(keys) = table["properties"].as_object_mut() else {
            continue;
        };
        for (key, schema) in keys {
            bounds(name, key, schema);
        }
    }
    schema
}

/// What the parser says of a number that is out of bounds is what its bounds are.
fn bounds(table: &str, key: &str, schema: &mut Value) {
    if schema["type"] != "integer" {
        return;
    }
    let error = parse_text(&with_key(table, key, &i64::MAX.to_string()), &[]);
    let error = error.unwrap_err().to_string();
    let said = error.split_once("Write a number from ");
    let (_, said) = said.unwrap_or_else(|| panic!("{table}.{key} has no bounds: {error}"));
    let mut numbers = said
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse::<u64>().ok());
    let mut next = || numbers.next().unwrap();
    let (minimum, maximum, default) = (next(), next(), next());
    schema["minimum"] = minimum.into();
    schema["maximum"] = maximum.into();
    if schema.get("x-default").is_none() {
        schema["default"] = default.into();
    }
}

/// TOML has no null, whole numbers are whole numbers, and a comment's lines are one line.
fn plain(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(plain),
        Value::Object(members) => {
            without_null(members);
            members.remove("format");
            members.retain(|_, value| !value.is_null());
            if let Some(Value::String(text)) = members.get_mut("description") {
                let paragraphs = text.split("\n\n");
                let lines =
                    paragraphs.map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
                *text = lines.collect::<Vec<_>>().join("\n\n");
            }
            members.values_mut().for_each(plain);
        }
        _ => {}
    }
}

fn without_null(members: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(mut options)) = members.remove("anyOf") else {
        return;
    };
    options.retain(|option| option["type"] != "null");
    let [Value::Object(only)] = options.as_slice() else {
        panic!("one of several: {options:?}")
    };
    for (name, value) in only {
        members.entry(name).or_insert_with(|| value.clone());
    }
}
