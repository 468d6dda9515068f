//! Secrets and passwords that a public issuer must not have.

use super::*;

#[test]
fn demo_and_plain_secrets_need_a_loopback_issuer() {
    let error = parse_text(&changed(ISSUER, "issuer = \"https://as.example\""), &[]).unwrap_err();
    let plain = error
        .lines()
        .iter()
        .filter(|line| line.contains("in plain text"))
        .count();
    let passwords = error
        .lines()
        .iter()
        .filter(|line| line.contains("password of the demo"))
        .count();
    assert_eq!(
        (plain, passwords, error.lines().len()),
        (4, 2, 6),
        "{error}"
    );
    assert!(
        error
            .lines()
            .iter()
            .all(|line| line.starts_with("etc/issuer.toml:")),
        "{error}"
    );
}

#[test]
fn a_demo_secret_is_recognised_however_it_is_written() {
    let directory = crate::temp_dir::TempDir::new();
    let path = directory.path().join("issuer.toml");
    let file = |content: &str| std::fs::write(directory.path().join("secret"), content).unwrap();
    let hashed = format!("secret_sha256 = \"{}\"", "ab".repeat(32));
    let config = |secret: &str| {
        format!(
            "issuer = \"https://as.example\"\n[[resource_servers]]\naudience = \"api\"\n[[clients]]\nclient_id = \"c\"\ngrants = [\"client_credentials\"]\n{secret}\n"
        )
    };
    let check = |secret: &str| {
        let result = parse(&path, &config(secret), []);
        result.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(check(&hashed), Ok(()));
    // SHA-256 of `service-secret`.
    let known = sha256_hex("service-secret");
    assert!(
        check(&format!("secret_sha256 = \"{known}\""))
            .unwrap_err()
            .contains("of the demo")
    );
    file("service-secret\n");
    assert!(
        check("secret_file = \"secret\"")
            .unwrap_err()
            .contains("fewer than 32")
    );
    for (content, reason) in [
        ("a".repeat(32), "only 1 different"),
        ("0123456".repeat(9), "only 7 different"),
        ("0123456789abcdef".repeat(4), "repeats itself"),
    ] {
        file(&content);
        let error = check("secret_file = \"secret\"").unwrap_err();
        assert!(
            error.contains(reason) && error.contains("openssl rand"),
            "{error}"
        );
    }
    // As `openssl rand -hex 16` and `openssl rand -base64 32` make them.
    for content in [
        "5d1e0cd16d3a83a5e2c8cbcc8a0ee8b1\n",
        "7tTAQH0cZ4F2Jm8W9Xn0hb0hXv3Yk1oQyq7mZ0Ue3xA=\n",
    ] {
        file(content);
        assert_eq!(check("secret_file = \"secret\""), Ok(()));
    }
}

fn sha256_hex(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// One user under a public issuer; the hash stands in line 6.
fn with_user(hash: &str) -> String {
    format!(
        "issuer = \"https://as.example\"\n[[resource_servers]]\naudience = \"api\"\n[[users]]\nusername = \"u\"\npassword_hash = \"{hash}\"\n"
    )
}

#[test]
fn a_demo_password_is_recognised_however_its_hash_is_written() {
    const SALT_AND_HASH: &str =
        "i0mrEZ7XrfqRdVtgN3VJ2g$tl7WQdg/UnyGFE+xTmngAMh4KzQH1j1Sb0IxLF3+Cak";
    assert!(DEMO.contains(SALT_AND_HASH));
    for parameters in [
        "m=19456,t=2,p=1",
        "p=1,t=2,m=19456",
        "m=19456,t=2,p=1,keyid=AAAA",
    ] {
        let hash = format!("$argon2id$v=19${parameters}${SALT_AND_HASH}");
        let error = parse_text(&with_user(&hash), &[]).unwrap_err();
        let [line] = error.lines() else {
            panic!("{error}")
        };
        let expected = "etc/issuer.toml:6: user \"u\": this is a password of the demo";
        assert!(line.starts_with(expected), "{parameters}: {line}");
    }
}

#[test]
fn a_password_of_ones_own_passes_under_a_public_issuer() {
    use argon2::PasswordHasher as _;
    let hash = argon2::Argon2::default()
        .hash_password_with_salt(b"not of the demo", b"sixteen bytes ..")
        .unwrap()
        .to_string();
    assert!(parse_text(&with_user(&hash), &[]).is_ok());
}

#[test]
fn several_secrets_overlap_while_one_is_replaced() {
    let (old, new) = ("ab".repeat(32), "cd".repeat(32));
    let config = |secrets: &str| {
        let text = format!(
            "issuer = \"https://as.example\"\n[[resource_servers]]\naudience = \"api\"\n[[clients]]\nclient_id = \"c\"\ngrants = [\"client_credentials\"]\n{secrets}\n"
        );
        parse(Path::new("issuer.toml"), &text, []).map_err(|error| error.to_string())
    };
    let written =
        format!("secrets = [{{ sha256 = \"{old}\", expires_at = 9 }}, {{ sha256 = \"{new}\" }}]");
    let server = config(&written).unwrap().server;
    assert!(server.client("c").unwrap().is_confidential());
    let known = sha256_hex("service-secret");
    for (secrets, reason) in [
        (
            format!("{written}\nsecret_sha256 = \"{old}\""),
            "more than one",
        ),
        (
            "secrets = [{ sha256 = \"ab\" }]".to_owned(),
            "64 hexadecimal",
        ),
        (
            format!("secrets = [{{ sha256 = \"{known}\" }}]"),
            "of the demo",
        ),
        (
            format!(
                "secrets = [{}]",
                format!("{{ sha256 = \"{old}\" }},").repeat(6)
            ),
            "more than 5 secrets",
        ),
    ] {
        let error = config(&secrets).unwrap_err();
        assert!(error.contains(reason), "{secrets}: {error}");
    }
}
