//! JSON as Envoy reads it: no name twice, and `300.0` is the number that `300` is.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads the one value of a file.
///
/// # Errors
/// A sentence with the line and the column, for what is no JSON, and for a name that stands twice in an
/// object.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let Strict(value) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// A `Struct` knows no whole numbers beside the others.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let whole = format!("{value:.0}").parse::<i64>().ok().map(Number::from);
        let whole = whole.filter(|whole| whole.as_f64() == Some(value));
        whole
            .or_else(|| Number::from_f64(value))
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:?} is there twice")));
            }
            let Strict(value) = entries.next_value()?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_and_whole_numbers_are_whole() {
        let text = r#"{"a": [1, -2, 300.0, 1e3, 1.5, 1e40, -0.0], "b": {"c": null, "d": "\u00e9"}, "e": true}"#;
        let expected = json!({
            "a": [1, -2, 300, 1000, 1.5, 1e40, 0], "b": {"c": null, "d": "é"}, "e": true,
        });
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn a_name_that_stands_twice_is_named_with_its_line() {
        for text in [
            "{\"a\": 1,\n\"a\": 2}",
            "{\"b\": [{\"a\": 1,\n\"\\u0061\": 1}]}",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.starts_with("\"a\" is there twice at line 2"),
                "{error}"
            );
        }
        for text in ["", "{", "{} {}", "{'a': 1}", "{\"a\": 1,}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
