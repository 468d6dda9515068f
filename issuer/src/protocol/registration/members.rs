//! Taking single members out of what a client sent, each with its bound. `null` is as good as absent
//! (RFC 7592 §2.2).

use serde_json::{Map, Value};

use super::RegistrationError;

pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Keeps of a list what is wanted, if it is one.
    pub(super) fn narrow(&mut self, name: &str, wanted: impl Fn(&str) -> bool) {
        if let Some(Value::Array(values)) = self.0.get_mut(name) {
            values.retain(|value| value.as_str().is_none_or(&wanted));
        }
    }

    /// A text of at most so many bytes; an empty one is as good as absent.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Result<Option<String>, RegistrationError> {
        let text = self.take(name).map(|value| text(value, name, most));
        Ok(text.transpose()?.filter(|text| !text.is_empty()))
    }

    /// A list of so many texts of so many bytes each.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
        most: usize,
        longest: usize,
    ) -> Result<Option<Vec<String>>, RegistrationError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let Value::Array(values) = value else {
            return Err(RegistrationError::WrongType(name));
        };
        if values.len() > most {
            return Err(RegistrationError::TooMany(name));
        }
        let texts = values.into_iter().map(|value| text(value, name, longest));
        texts.collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, RegistrationError> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(value),
            Some(_) => Err(RegistrationError::WrongType(name)),
        }
    }

    /// The values of `name` in other languages: `name#de` (RFC 7591 §2.2).
    pub(super) fn in_languages(
        &mut self,
        name: &'static str,
        longest: usize,
    ) -> Result<Vec<(String, String)>, RegistrationError> {
        let tagged = |own: &&String| {
            let tag = own
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('#'));
            tag.is_some_and(is_language_tag)
        };
        let names: Vec<String> = self.0.keys().filter(tagged).cloned().collect();
        if names.len() > super::MAX_LISTED {
            return Err(RegistrationError::TooMany(name));
        }
        let mut found = Vec::new();
        for own in names {
            if let Some(value) = self.take(&own) {
                found.push((own, text(value, name, longest)?));
            }
        }
        Ok(found)
    }
}

fn text(value: Value, name: &'static str, most: usize) -> Result<String, RegistrationError> {
    match value {
        Value::String(text) if text.len() > most => Err(RegistrationError::TooLong(name)),
        Value::String(text) => Ok(text),
        _ => Err(RegistrationError::WrongType(name)),
    }
}

/// The shape of one (RFC 5646 §2.1), which is all that is needed to hand it back.
fn is_language_tag(tag: &str) -> bool {
    let plain = tag
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && (1..=35).contains(&tag.len())
}
