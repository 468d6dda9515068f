use super::*;
use serde_json::json;

#[test]
fn objects_come_through_unchanged() {
    let text = r#"{"a":[1,-2,1.5,true,null,"x",{"b":{}}],"c\n":"\u00e9"}"#;
    let expected: Value = serde_json::from_str(text).unwrap();
    let owned = parse_owned_object(text.as_bytes()).unwrap();
    assert_eq!(Value::Object(owned), expected);
}

#[test]
fn whatever_is_not_one_plain_object_is_refused() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":{"b":1,"b":2}}"#,
        "[]",
        "null",
        "1",
        "",
        "{} {}",
        r#"{"a":1,}"#,
        r#"{"a":NaN}"#,
        r#"{"a":1e400}"#,
        "\u{feff}{}",
        r#"{"a":"\ud800"}"#,
        &deep,
    ] {
        assert!(parse_object(text.as_bytes()).is_err(), "{:.40}", text);
    }
    assert!(parse_object(b"{\"a\":\"\xff\"}").is_err());
    assert!(parse_object(b"{\"\xff\":1}").is_err());
}

#[test]
fn namesakes_are_found_among_few_and_among_many() {
    for count in [1, 2, 15, 16, 17, 40, 1000] {
        let name = |number: usize| format!("\"m{number}\":{number}");
        let members: Vec<String> = (0..count).map(name).collect();
        let good = format!("{{{}}}", members.join(","));
        let object = parse_object(good.as_bytes()).unwrap();
        let last = format!("m{}", count - 1);
        assert_eq!(object.get(&last), Some(&Json::Number((count - 1).into())));
        assert_eq!(object.get("m"), None);
        for twice in [0, count / 2, count - 1] {
            // The same name, spelled with an escape.
            let bad = format!("{{{},\"\\u006d{twice}\":0}}", members.join(","));
            assert!(parse_object(bad.as_bytes()).is_err(), "{count} {twice}");
        }
    }
}

/// The bytes that a value has taken room for, without its texts.
fn room(value: &Json<'_>) -> usize {
    match value {
        Json::Array(values) => {
            values.capacity() * size_of::<Json<'_>>() + values.iter().map(room).sum::<usize>()
        }
        Json::Object(JsonObject { members }) => {
            members.capacity() * size_of::<(Cow<'_, str>, Json<'_>)>()
                + members.iter().map(|(_, value)| room(value)).sum::<usize>()
        }
        _ => 0,
    }
}

#[test]
fn a_hostile_text_takes_a_bounded_multiple_of_its_length() {
    for part in [
        "{}",
        "[]",
        "0",
        r#"{"":0}"#,
        r#"{"":{}}"#,
        r#"{"":0,"a":0}"#,
        "[0]",
        "[[]]",
        "[0,0]",
    ] {
        let parts = vec![part; 262_144 / (part.len() + 1)].join(",");
        let text = format!("{{\"a\":[{parts}]}}");
        let object = Json::Object(parse_object(text.as_bytes()).unwrap());
        let taken = room(&object);
        assert!(taken <= 40 * text.len(), "{part}: {taken}");
    }
}

#[test]
fn pointers_find_what_serde_json_finds() {
    let value = json!({"a": {"b/c": [10, {"~": "x"}], "": 1, "01": 2}, "n": null, "s": "text"});
    let text = value.to_string();
    let object = Json::Object(parse_object(text.as_bytes()).unwrap());
    for pointer in [
        "",
        "/",
        "/a",
        "/a/",
        "/a/01",
        "/a/b~1c/0",
        "/a/b~1c/1/~0",
        "/a/b~1c/01",
        "/a/b~1c/2",
        "/a/b~1c/+0",
        "/a/b~1c/-",
        "/a/b~1c/",
        "/n",
        "/n/x",
        "/s/0",
        "a",
        "/x",
        "/a/b~1c/99999999999999999999",
    ] {
        let found = object.pointer(pointer).cloned().map(Json::into_value);
        assert_eq!(found.as_ref(), value.pointer(pointer), "{pointer}");
    }
}
