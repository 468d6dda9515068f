//! What Envoy makes of a scalar without quotes. The table of the test was taken from Envoy 1.40 itself.

use serde_json::Value;

/// Null, a boolean, a whole number of 32 bits, or text; in this order.
pub(super) fn read(text: &str) -> Value {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    if let Some(value) = boolean(text) {
        return Value::Bool(value);
    }
    match whole(text) {
        Some(number) => match i32::try_from(number) {
            Ok(number) => Value::from(number),
            // Protobuf's JSON has larger numbers as text.
            Err(_) => Value::String(number.to_string()),
        },
        None => Value::String(text.to_owned()),
    }
}

/// What to say where `value` is not what `text` is in YAML 1.2, which most other programs read.
pub(super) fn surprise(text: &str, value: &Value) -> Option<String> {
    let says = match value {
        Value::Bool(read) if !text.eq_ignore_ascii_case(&read.to_string()) => format!(
            "Envoy reads {text} as {read}; write {read}, or \"{text}\" in quotes if text is meant"
        ),
        Value::Number(read) if has_leading_zero(text) => format!(
            "Envoy reads {text} as the number {read} (octal); leave the zero out, or quote it if text is meant"
        ),
        Value::String(_) if whole(text).is_some() => format!(
            "Envoy reads {text} as text, since it has more than 32 bits; write \"{text}\" in quotes if that is meant"
        ),
        Value::String(_) if is_number_elsewhere(text) => format!(
            "Envoy reads {text} as text; write a whole number without a point or an exponent, or \"{text}\" in quotes if text is meant"
        ),
        _ => return None,
    };
    Some(says)
}

/// The words of YAML 1.1, in small letters, in capitals, or with one capital in front.
fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    let capitalised = || {
        let mut letters = text.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
            && letters.all(|letter| letter.is_ascii_lowercase())
    };
    if text != lower && text != text.to_ascii_uppercase() && !capitalised() {
        return None;
    }
    match lower.as_str() {
        "y" | "yes" | "true" | "on" => Some(true),
        "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// As C reads a number of any base: decimal, `0x` for hexadecimal, `0` for octal.
fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (base, digits) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    if !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), base).ok()
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.len() > 1 && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.starts_with('0')
}

/// Whether YAML 1.2 has a number here (§10.3.2).
fn is_number_elsewhere(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_float = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && text.parse::<f64>().is_ok();
    let is_named = [".inf", ".nan"].contains(&&*unsigned.to_ascii_lowercase());
    let octal = text.strip_prefix("0o");
    let is_octal = octal.is_some_and(|digits| i64::from_str_radix(digits, 8).is_ok());
    is_float || is_named || is_octal
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_what_envoy_makes_of_them() {
        for (text, value, surprises) in [
            ("yes", json!(true), true),
            ("Yes", json!(true), true),
            ("YES", json!(true), true),
            ("yEs", json!("yEs"), false),
            ("on", json!(true), true),
            ("off", json!(false), true),
            ("y", json!(true), true),
            ("N", json!(false), true),
            ("true", json!(true), false),
            ("TRUE", json!(true), false),
            ("True", json!(true), false),
            ("tRue", json!("tRue"), false),
            ("300", json!(300), false),
            ("-5", json!(-5), false),
            ("+5", json!(5), false),
            ("-0", json!(0), false),
            ("0", json!(0), false),
            ("0x1F", json!(31), false),
            ("010", json!(8), true),
            ("08", json!("08"), true),
            ("0o10", json!("0o10"), true),
            ("0b11", json!("0b11"), false),
            ("1_000", json!("1_000"), false),
            ("300.0", json!("300.0"), true),
            ("300.", json!("300."), true),
            ("1e3", json!("1e3"), true),
            (".5", json!(".5"), true),
            (".inf", json!(".inf"), true),
            (".nan", json!(".nan"), true),
            ("3000000000", json!("3000000000"), true),
            ("99999999999999999999", json!("99999999999999999999"), true),
            ("~", json!(null), false),
            ("", json!(null), false),
            ("Null", json!(null), false),
            ("nULL", json!("nULL"), false),
            ("infinity", json!("infinity"), false),
            ("at+jwt", json!("at+jwt"), false),
            ("1.2.3", json!("1.2.3"), false),
        ] {
            let read = read(text);
            assert_eq!(read, value, "{text}");
            assert_eq!(surprise(text, &read).is_some(), surprises, "{text}");
        }
    }
}
