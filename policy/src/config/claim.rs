//! Claims as they are written: names, and the values that they must have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ConfigError;
use crate::claim_requirement::{ClaimName, ClaimRequirement};

/// A claim's name, and the value or the values of which it must be one.
pub(super) type RawClaims = BTreeMap<String, Value>;

pub(super) fn requirements(raw: RawClaims) -> Result<Vec<ClaimRequirement>, ConfigError> {
    if raw.is_empty() {
        return Err(ConfigError::new("", "name at least one claim"));
    }
    raw.into_iter()
        .map(|(name, values)| {
            let any_of = match values {
                Value::Array(values) => values,
                value => vec![value],
            };
            if any_of.is_empty() || !any_of.iter().all(is_comparable) {
                return Err(ConfigError::new(
                    name,
                    "write a string, a boolean, a number of at most 2^53, or a list of these",
                ));
            }
            let name = claim_name(&name, name.clone())?;
            Ok(ClaimRequirement { name, any_of })
        })
        .collect()
}

/// Reads a list of names in which each stands once.
pub(super) fn names(field: &str, raw: Vec<String>) -> Result<Vec<ClaimName>, ConfigError> {
    let mut names: Vec<ClaimName> = Vec::new();
    for (index, name) in raw.into_iter().enumerate() {
        let field = format!("{field}[{index}]");
        let name = claim_name(&field, name)?;
        if names.contains(&name) {
            return Err(ConfigError::new(field, "this claim is already in the list"));
        }
        names.push(name);
    }
    Ok(names)
}

fn claim_name(field: &str, name: String) -> Result<ClaimName, ConfigError> {
    if name.is_empty() || name == "/" {
        return Err(ConfigError::new(field, "a claim has a name"));
    }
    Ok(ClaimName::new(name))
}

/// Beyond 2^53 a number in a configuration is no longer the one that was written.
fn is_comparable(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Bool(_) => true,
        Value::Number(number) => number
            .as_f64()
            .is_some_and(|number| number.abs() <= 9_007_199_254_740_992.0),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}
