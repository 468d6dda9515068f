//! JSON of strangers: no member twice, and no deeper than any of it has reason to be.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::RegistrationError;

/// A key set is four levels deep.
const MAX_DEPTH: usize = 8;

const TWICE: &str = "a member comes twice";
const DEEP: &str = "nested too deeply";

/// Reads exactly one object.
pub(super) fn read_object(text: &[u8]) -> Result<Map<String, Value>, RegistrationError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Level(MAX_DEPTH).deserialize(&mut json);
    let value = value.and_then(|value| json.end().map(|()| value));
    match value {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(RegistrationError::NotAnObject),
        Err(error) => Err(match error.to_string() {
            message if message.starts_with(TWICE) => RegistrationError::RepeatedMember,
            message if message.starts_with(DEEP) => RegistrationError::TooDeep,
            _ => RegistrationError::NotJson,
        }),
    }
}

/// A value that may have so many levels below it.
struct Level(usize);

impl Level {
    fn below<E: Error>(&self) -> Result<Self, E> {
        let below = self.0.checked_sub(1).map(Self);
        below.ok_or_else(|| E::custom(DEEP))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(self.below()?)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self.below()?)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(object))
    }
}
