//! JSON objects in which no member may come twice.
//!
//! RFC 7519 §4 and RFC 7515 §4 let a parser either refuse duplicate names or take the last one.
//! Two parsers that choose differently see two different tokens, so this one refuses.
//!
//! What is read borrows from the text: a token's payload is read for each request that brings a new
//! one, and little of it is kept.

mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(JsonObject<'a>),
}

/// The members of a JSON object in the order of the text, each named once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonObject<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

/// Parses a JSON object; nesting is bounded by serde_json at 128 levels.
///
/// # Errors
/// Anything that is not exactly one JSON object, and a member named twice at any depth.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<JsonObject<'_>, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// As [`parse_object`], for what is read once, kept and written by whom we trust: what a `Map` takes is
/// dozens of times as long as a hostile text.
///
/// # Errors
/// As [`parse_object`].
pub(crate) fn parse_owned_object(bytes: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    parse_object(bytes).map(JsonObject::into_map)
}

impl<'a> JsonObject<'a> {
    /// The value of a member; `null` is a value, not an absence.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        let mut members = self.members.iter();
        members.find(|(own, _)| own == name).map(|(_, value)| value)
    }

    fn into_map(self) -> Map<String, Value> {
        let members = self.members.into_iter();
        members
            .map(|(name, value)| (name.into_owned(), value.into_value()))
            .collect()
    }
}

impl<'a> Json<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a JSON Pointer finds in this value (RFC 6901 §4).
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Json<'a>> {
        let Some(tokens) = pointer.strip_prefix('/') else {
            return pointer.is_empty().then_some(self);
        };
        tokens
            .split('/')
            .try_fold(self, |value, token| match value {
                Self::Object(object) => object.get(&unescaped(token)),
                Self::Array(values) => values.get(index(token)?),
                _ => None,
            })
    }

    fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number),
            Self::String(text) => Value::String(text.into_owned()),
            Self::Array(values) => values.into_iter().map(Self::into_value).collect(),
            Self::Object(object) => Value::Object(object.into_map()),
        }
    }
}

/// RFC 6901 §4: `~1` before `~0`, so that `~01` stays `~1`.
pub(crate) fn unescaped(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    }
}

/// RFC 6901 §4: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let leads_with_zero = token.len() > 1 && token.starts_with('0');
    (digits && !leads_with_zero)
        .then(|| token.parse().ok())
        .flatten()
}
