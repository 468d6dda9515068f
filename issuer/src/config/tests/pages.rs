//! `[pages]`.

use super::*;

const BEFORE: &str = "[[resource_servers]]";

#[track_caller]
fn refused_pages(line: &str, expected: &[&str]) {
    let text = changed(BEFORE, &format!("[pages]\n{line}\n\n{BEFORE}"));
    let error = parse_text(&text, &[]).unwrap_err();
    let [message] = error.lines() else {
        panic!("{line}: {error}")
    };
    let number = 1 + text.split_once(line).unwrap().0.matches('\n').count();
    let place = format!("etc/issuer.toml:{number}: ");
    assert!(message.starts_with(&place), "{line}: {message}");
    for part in expected {
        assert!(message.contains(part), "{line}: {part:?} in {message}");
    }
}

#[test]
fn a_brand_that_cannot_be_shown_is_refused_with_what_to_write() {
    for (line, expected) in [
        ("name = \"\"", &["cannot be shown"][..]),
        ("name = \" x\"", &["cannot be shown"]),
        ("name = \"a\\nb\"", &["cannot be shown"]),
        ("name = \"\\u202Ex\"", &["cannot be shown"]),
        ("accent = \"blue\"", &["is no colour", "#rrggbb"]),
        ("accent = \"#fff\"", &["is no colour"]),
        (
            "accent = \"#ffdd00\"",
            &["cannot be read", "contrast is 1.2 to 1", "Write \"#"],
        ),
        (
            "accent_dark = \"#103060\"",
            &["accent_dark", "cannot be read"],
        ),
        ("help = \"http://example.com\"", &["is no link", "https"]),
        ("help = \"a@b\"", &["is no link"]),
        ("help = \"a@b@example.com\"", &["is no link"]),
        ("help = \"mailto:a@example.com\"", &["is no link"]),
        ("privacy = \"javascript:alert(1)\"", &["is no link"]),
        ("terms = \"https://user@example.com/\"", &["is no link"]),
        ("logo_file = \"no-such-file.svg\"", &["cannot be read"]),
        (
            "default_language = \"tlh\"",
            &["no language", "\"en\", \"de\", \"es\", \"fr\""],
        ),
    ] {
        refused_pages(line, expected);
    }
}

#[test]
fn a_brand_is_read_from_file_and_environment() {
    let table = "[pages]\nname = \"Example\"\naccent = \"#7a0019\"\nhelp = \"help@example.com\"\n\
        privacy = \"https://example.com/privacy\"\ndefault_language = \"de\"\n\n[[resource_servers]]";
    let text = changed(BEFORE, table);
    let brand = parse_text(&text, &[]).unwrap().brand;
    assert_eq!(brand.name.as_deref(), Some("Example"));
    assert_eq!(brand.help.as_deref(), Some("mailto:help@example.com"));
    assert_eq!(
        brand.privacy.as_deref(),
        Some("https://example.com/privacy")
    );
    assert_eq!(brand.language.tag(), "de");
    let over = [("DOCKGATE_PAGES_NAME", "Other")];
    let brand = parse_text(&text, &over).unwrap().brand;
    assert_eq!(brand.name.as_deref(), Some("Other"));
}

#[test]
fn a_logo_is_known_by_its_bytes_and_bounded() {
    let directory = crate::temp_dir::TempDir::new();
    let parse_in = |bytes: &[u8]| {
        std::fs::write(directory.path().join("logo"), bytes).unwrap();
        let text = changed(
            BEFORE,
            "[pages]\nlogo_file = \"logo\"\n\n[[resource_servers]]",
        );
        parse(&directory.path().join("issuer.toml"), &text, [])
    };
    let logo = parse_in(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        .unwrap()
        .brand
        .logo;
    assert!(logo.unwrap().starts_with("data:image/svg+xml;base64,"));
    let other = parse_in(b"GIF89a").unwrap_err().to_string();
    assert!(other.contains("is no picture"), "{other}");
    let large = [b"<svg>".as_slice(), &vec![b' '; 32 * 1024]].concat();
    let large = parse_in(&large).unwrap_err().to_string();
    assert!(large.contains("at most 32 KiB"), "{large}");
}

#[test]
fn scopes_are_described_in_the_languages_of_the_pages() {
    let read = "{ de = \"Ihre Daten lesen\", es = \"Leer tus datos\", fr = \"Lire vos données\" }";
    let german = "{ de = \"Lesen\" }";
    let config = parse_text(&changed(read, german), &[]).unwrap();
    let scope = &config.server.resource_servers[0].scopes[0];
    assert_eq!(
        scope.in_language(crate::protocol::Language::German),
        "Lesen"
    );
    assert_eq!(
        scope.in_language(crate::protocol::Language::French),
        "Read your data"
    );
    let unknown = german.replace("de =", "tlh =");
    refused(read, &unknown, &["no language \"tlh\""]);
}

#[test]
fn the_demo_describes_its_scopes_in_every_language_of_the_pages() {
    use crate::protocol::Language::{English, French, German, Spanish};
    let config = parse_text(DEMO, &[]).unwrap();
    for scope in &config.server.resource_servers[0].scopes {
        let english = scope.in_language(English);
        for language in [German, Spanish, French] {
            let told = scope.in_language(language);
            assert!(told != english && told != scope.name, "{told} {language:?}");
        }
    }
}
