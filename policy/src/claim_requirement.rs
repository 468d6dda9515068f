//! Claims by name, and what a configuration wants them to be.

use std::fmt;

use serde_json::Value;

use crate::strict_json::{Json, JsonObject, unescaped};

/// Where a claim is found: a member of the payload by its exact name, or, where the name starts
/// with a slash, a JSON Pointer into the payload (RFC 6901).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimName(String);

impl ClaimName {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The claim's value; `null` is a value, not an absence.
    pub(crate) fn find<'a, 'p>(&self, payload: &'p JsonObject<'a>) -> Option<&'p Json<'a>> {
        let Some(pointer) = self.0.strip_prefix('/') else {
            return payload.get(&self.0);
        };
        let (first, rest) = match pointer
            .find('/')
            .and_then(|at| pointer.split_at_checked(at))
        {
            Some((first, rest)) => (first, rest),
            None => (pointer, ""),
        };
        payload.get(&unescaped(first))?.pointer(rest)
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A claim that has to be one of some values, or a list with one of them in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClaimRequirement {
    pub(crate) name: ClaimName,
    /// Strings, booleans and numbers.
    pub(crate) any_of: Vec<Value>,
}

impl ClaimRequirement {
    pub(crate) fn is_met_by(&self, payload: &JsonObject<'_>) -> bool {
        match self.name.find(payload) {
            None => false,
            Some(Json::Array(values)) => values.iter().any(|value| self.allows(value)),
            Some(value) => self.allows(value),
        }
    }

    fn allows(&self, value: &Json<'_>) -> bool {
        self.any_of.iter().any(|wanted| is_same(wanted, value))
    }
}

/// Equality of one type: `"1"` is not `1`, and `1.0` is.
fn is_same(wanted: &Value, value: &Json<'_>) -> bool {
    match (wanted, value) {
        (Value::Number(wanted), Json::Number(value)) => {
            match (wanted.as_i64(), value.as_i64()) {
                (Some(wanted), Some(value)) => wanted == value,
                // Not both whole, or beyond what the configuration can name.
                _ => wanted.as_f64() == value.as_f64(),
            }
        }
        (Value::String(wanted), Json::String(value)) => wanted == value,
        (Value::Bool(wanted), Json::Bool(value)) => wanted == value,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict_json::parse_object;
    use serde_json::json;

    fn payload() -> String {
        json!({
            "tier": "gold", "staff": true, "level": 3, "half": 0.5, "none": null,
            "groups": ["a", "b", 7], "https://x.example/roles": ["r"], "nested": {"a/b": {"~": ["deep"]}},
        })
        .to_string()
    }

    fn is_met(name: &str, any_of: &Value) -> bool {
        let any_of = any_of.as_array().unwrap().clone();
        let name = ClaimName::new(name);
        let payload = payload();
        let payload = parse_object(payload.as_bytes()).unwrap();
        ClaimRequirement { name, any_of }.is_met_by(&payload)
    }

    #[test]
    fn a_claim_is_one_of_the_values_or_a_list_with_one_of_them() {
        for (name, any_of) in [
            ("tier", json!(["silver", "gold"])),
            ("staff", json!([true])),
            ("level", json!([3])),
            ("level", json!([3.0])),
            ("half", json!([0.5])),
            ("groups", json!(["b"])),
            ("groups", json!([7])),
            ("https://x.example/roles", json!(["r"])),
            ("/nested/a~1b/~0", json!(["deep"])),
            ("/tier", json!(["gold"])),
        ] {
            assert!(is_met(name, &any_of), "{name} {any_of}");
        }
    }

    #[test]
    fn nothing_else_meets_it() {
        for (name, any_of) in [
            ("tier", json!(["GOLD", "gol", "gold "])),
            ("staff", json!(["true", false, 1])),
            ("level", json!(["3", 4])),
            ("groups", json!(["c", "7", "a b"])),
            ("none", json!(["null", "", false, 0])),
            ("nested", json!(["deep"])),
            ("absent", json!([""])),
            ("/nested/a/b", json!(["deep"])),
            ("/nested/a~1b/x", json!(["deep"])),
            ("nested/a~1b/~0", json!(["deep"])),
            ("/", json!([""])),
        ] {
            assert!(!is_met(name, &any_of), "{name} {any_of}");
        }
    }
}
