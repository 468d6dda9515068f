//! What the reference says is so: each default, each bound, each example, each variable.

use serde_json::Value;

use super::*;

/// A good file with one of each table; the rest of it goes where a key is put.
const BASE: [(&str, &str); 7] = [
    (
        "resource_servers",
        "audience = \"api-gateway\"\nscopes = [{ name = \"api:read\" }]",
    ),
    (
        "clients",
        "client_id = \"robot\"\nsecret = \"s\"\ngrants = [\"urn:ietf:params:oauth:grant-type:jwt-bearer\"]",
    ),
    ("initial_access_tokens", "name = \"ci\"\nsecret = \"of-ci\""),
    ("registration", "enabled = true\nopen = true"),
    ("client_id_metadata", "enabled = true"),
    (
        "trusted_issuers",
        "issuer = \"https://ci.example\"\nscopes = []\nclients = [\"robot\"]\njwks = '''{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", \"y\": \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}'''",
    ),
    (
        "users",
        "username = \"alice\"\npassword_hash = \"$argon2id$v=19$m=19456,t=2,p=1$i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak\"",
    ),
];

/// What a key needs beside it, and what goes for it.
const NEEDS: [(&str, &str, &str, &str); 10] = [
    ("initial_access_tokens", "secret_sha256", "", "secret"),
    ("initial_access_tokens", "secret_file", "", "secret"),
    ("clients", "secrets", "", "secret"),
    ("clients", "secret_sha256", "", "secret"),
    ("clients", "secret_file", "", "secret"),
    (
        "clients",
        "jwks",
        "token_endpoint_auth_method = \"private_key_jwt\"",
        "secret",
    ),
    (
        "clients",
        "jwks_file",
        "token_endpoint_auth_method = \"private_key_jwt\"",
        "secret",
    ),
    ("trusted_issuers", "jwks_file", "", "jwks"),
    (
        "clients",
        "exchange_audiences",
        "grants = [\"urn:ietf:params:oauth:grant-type:jwt-bearer\", \"urn:ietf:params:oauth:grant-type:token-exchange\"]",
        "grants",
    ),
    (
        "clients",
        "grants",
        "redirect_uris = [\"https://app.example.com/\"]",
        "",
    ),
];

/// A good file, but for the key's value.
pub(super) fn with_key(table: &str, key: &str, value: &str) -> String {
    let mut text = "issuer = \"http://localhost:8080\"\n".to_owned();
    let need = NEEDS.iter().find(|need| (need.0, need.1) == (table, key));
    for (name, lines) in BASE {
        // Nothing of it would be left that names this client.
        if name == "trusted_issuers" && table == "clients" {
            continue;
        }
        text.push_str(&match name {
            "registration" | "client_id_metadata" => format!("[{name}]\n"),
            _ => format!("[[{name}]]\n"),
        });
        for line in lines.lines() {
            let written = line.split(" =").next().unwrap();
            let goes = written == key || need.is_some_and(|need| written == need.3);
            if name != table || !goes {
                text.push_str(&format!("{line}\n"));
            }
        }
        if name == table {
            let beside = need.map_or("", |need| need.2);
            text.push_str(&format!("{beside}\n{}", line(key, value)));
        }
    }
    if BASE.iter().all(|(name, _)| *name != table) {
        text.push_str(&format!("[{table}]\n{}", line(key, value)));
    }
    text
}

/// The key with its value, which may be none.
fn line(key: &str, value: &str) -> String {
    match value.is_empty() {
        true => String::new(),
        false => format!("{key} = {value}\n"),
    }
}

/// JSON as TOML in one line.
pub(super) fn toml(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let elements: Vec<_> = list.iter().map(toml).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{name} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a change of the table is refused while the issuer runs.
pub(super) fn counts_until_the_next_start(table: &str) -> bool {
    let config = parse_text(&with_key("log", "level", "\"info\""), &[]).unwrap();
    config.fixed().tables().any(|name| name == table)
}

/// All that a configuration is, as far as it shows.
fn all(text: &str) -> String {
    let directory = crate::temp_dir::TempDir::new();
    for (name, content) in [
        ("web.secret", "0123456789abcdef-fedcba9876543210"),
        ("web.jwks.json", KEYS),
        ("ci.jwks.json", KEYS),
        ("logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ] {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    let path = directory.path().join("issuer.toml");
    let config = parse(&path, text, []).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let users: Vec<_> = config
        .server
        .users
        .iter()
        .map(|user| {
            let (name, profile) = (&user.username, &user.profile);
            format!("{name} {:?} {} {profile:?}", user.scope, user.logins_since)
        })
        .collect();
    let shown = format!(
        "{:?} {users:?}",
        Config {
            places: Default::default(),
            ..config
        }
    );
    shown.replace(&directory.path().display().to_string(), "etc")
}

const KEYS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

#[track_caller]
fn for_each_key(mut check: impl FnMut(&Table<'_>, &Key<'_>)) {
    let schema = schema::of_the_file();
    let mut seen = 0;
    for table in tables(&schema) {
        for key in &table.keys {
            check(&table, key);
            seen += 1;
        }
    }
    assert!(seen > 70, "{seen}");
}

#[test]
fn every_key_is_explained() {
    for_each_key(|table, key| {
        let about = key.text("description");
        assert!(
            about.len() > 10 && about.ends_with('.'),
            "{}.{}",
            table.name,
            key.name
        );
    });
}

#[test]
fn each_default_is_what_a_file_without_the_key_means() {
    let mut compared = 0;
    for_each_key(|table, key| {
        let Some(default) = key.schema.get("default") else {
            return;
        };
        let without = all(&with_key(table.name, key.name, ""));
        let with = all(&with_key(table.name, key.name, &toml(default)));
        assert_eq!(without, with, "{}.{}", table.name, key.name);
        compared += 1;
    });
    assert!(compared > 25, "{compared}");
}

#[test]
fn each_bound_is_kept() {
    let mut numbers = 0;
    for_each_key(|table, key| {
        if !key.is_number() {
            return;
        }
        let (low, high) = (key.number("minimum"), key.number("maximum"));
        let parsed =
            |number: u64| parse_text(&with_key(table.name, key.name, &number.to_string()), &[]);
        let name = format!("{}.{}", table.name, key.name);
        assert!(parsed(low).is_ok() && parsed(high).is_ok(), "{name}");
        let outside = [low.checked_sub(1), high.checked_add(1)];
        for number in outside.into_iter().flatten() {
            let error = parsed(number).unwrap_err();
            assert_eq!(error.lines().len(), 1, "{name}: {error}");
            assert!(
                error.lines()[0].contains(&format!("{} is {number}", key.name)),
                "{error}"
            );
        }
        numbers += 1;
    });
    assert!(numbers > 18, "{numbers}");
}

#[test]
fn each_example_is_good_and_makes_a_difference() {
    let mut seen = 0;
    for_each_key(|table, key| {
        let Some(example) = key.example() else {
            return;
        };
        let with = all(&with_key(table.name, key.name, &toml(example)));
        // What is required has its value of the example in a file without it, and a hash is not shown.
        let hidden = [
            "password_hash",
            "secret_sha256",
            "secret_file",
            "secrets",
            "secret",
            "jwks",
            "jwks_file",
        ];
        // A default that depends on the machine may be the example.
        let depends = key.is_number() && !key.text("x-default").is_empty();
        if !key.required && !depends && !hidden.contains(&key.name) {
            let without = all(&with_key(table.name, key.name, ""));
            assert_ne!(with, without, "{}.{}", table.name, key.name);
        }
        seen += 1;
    });
    assert!(seen > 40, "{seen}");
}

#[test]
fn each_single_value_has_its_variable() {
    for_each_key(|table, key| {
        if table.is_list {
            return;
        }
        let variable = format!("DOCKGATE_{}_{}", table.name, key.name).to_uppercase();
        let default = key.schema.get("default");
        let value = default.map_or("1".to_owned(), |default| match default {
            Value::String(text) => text.clone(),
            Value::Array(list) => {
                let texts: Vec<_> = list.iter().filter_map(Value::as_str).collect();
                texts.join(",")
            }
            other => other.to_string(),
        });
        // What it is refused for has been read.
        let config = match parse_text(DEMO, &[(&variable, &value)]) {
            Ok(config) => config,
            Err(error) if default.is_none() && error.to_string().contains(&variable) => return,
            Err(error) => panic!("{variable}: {error}"),
        };
        let ignored = config
            .warnings
            .iter()
            .any(|warning| warning.contains(&variable));
        assert!(!ignored, "{variable} is not read");
    });
}
