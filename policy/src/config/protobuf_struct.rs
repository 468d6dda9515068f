//! `google.protobuf.Struct`, which Envoy hands over in its wire format and not as JSON.

use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as ProtoValue};
use serde_json::{Map, Number, Value};

/// The struct as JSON, or `None` if `bytes` is not a serialised struct with at least one field.
pub(super) fn to_json(bytes: &[u8]) -> Option<Value> {
    // Its only field has number 1 and is length-delimited; JSON may start with this byte too, as a
    // line feed, but then does not go on like a message.
    if bytes.first() != Some(&0x0A) {
        return None;
    }
    Struct::decode(bytes).ok().map(object)
}

fn object(message: Struct) -> Value {
    Value::Object(
        message
            .fields
            .into_iter()
            .map(|(name, value)| (name, json(value)))
            .collect::<Map<_, _>>(),
    )
}

fn json(value: ProtoValue) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(value),
        Some(Kind::NumberValue(value)) => number(value),
        Some(Kind::StringValue(value)) => Value::String(value),
        Some(Kind::StructValue(value)) => object(value),
        Some(Kind::ListValue(ListValue { values })) => {
            Value::Array(values.into_iter().map(json).collect())
        }
    }
}

/// A struct knows doubles only; a whole one becomes an integer again.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the value is whole and within 2^53, where the cast is exact"
)]
fn number(value: f64) -> Value {
    let whole = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0;
    if whole {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

#[cfg(test)]
pub(super) fn from_json(value: &Value) -> Vec<u8> {
    fn kind(value: &Value) -> ProtoValue {
        let kind = match value {
            Value::Null => Kind::NullValue(0),
            Value::Bool(value) => Kind::BoolValue(*value),
            Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
            Value::String(value) => Kind::StringValue(value.clone()),
            Value::Array(values) => Kind::ListValue(ListValue {
                values: values.iter().map(kind).collect(),
            }),
            Value::Object(_) => Kind::StructValue(message(value)),
        };
        ProtoValue { kind: Some(kind) }
    }
    fn message(value: &Value) -> Struct {
        let fields = value
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), kind(value)));
        Struct {
            fields: fields.collect(),
        }
    }
    message(value).encode_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_struct_round_trips() {
        let value = json!({"a": [1, 2.5, -3, true, null, "x"], "b": {"c": {}}});
        assert_eq!(to_json(&from_json(&value)), Some(value));
    }

    #[test]
    fn json_is_not_taken_for_a_struct() {
        for text in ["", "{}", "\n{}", "\n\n{\"a\": 1}", " {}"] {
            assert_eq!(to_json(text.as_bytes()), None, "{text:?}");
        }
    }
}
