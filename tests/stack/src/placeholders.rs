//! Puts addresses, ports and paths into the committed configurations.
//!
//! The committed files run as they are under compose, where each part has a host of its own.
//! Everything else runs on one machine, and this is the one place that turns the one form into
//! the other.

pub mod deployment;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use crate::Ports;

/// Where a stack lives: what the placeholders stand for.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where everything listens.
    pub ports: Ports,
    /// Whether Envoy also listens on `::1`.
    pub ipv6: bool,
    /// The Proxy-Wasm module.
    pub filter: PathBuf,
    /// The issuer's store.
    pub store: PathBuf,
}

/// A change to a committed configuration, made before the placeholders are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Text of the committed file.
    pub from: String,
    /// What takes its place; may hold placeholders.
    pub to: String,
    /// How often `from` has to occur.
    pub count: usize,
}

impl Edit {
    /// Replaces text that occurs exactly once.
    pub fn once(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            count: 1,
        }
    }
}

/// A committed configuration is not what the stack expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceholderError {
    file: &'static str,
    placeholder: String,
    expected: usize,
    found: usize,
}

impl fmt::Display for PlaceholderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            placeholder,
            expected,
            found,
        } = self;
        write!(
            f,
            "{file}: `{placeholder}` should occur {expected} times and occurs {found} times; \
             correct the file, or the expectation in tests/stack/src/placeholders.rs"
        )
    }
}

impl std::error::Error for PlaceholderError {}

/// Text of a committed file that stands for something of this [`Site`].
struct Placeholder {
    text: Cow<'static, str>,
    expected: usize,
    replacement: String,
}

impl Placeholder {
    fn new(text: impl Into<Cow<'static, str>>, expected: usize, replacement: String) -> Self {
        Self {
            text: text.into(),
            expected,
            replacement,
        }
    }
}

const ENVOY_CONFIG: &str = "envoy/envoy.yaml";
const ISSUER_CONFIG: &str = "envoy/issuer.toml";
const ORIGIN: &str = "http://localhost:8080";

/// `envoy/envoy.yaml` for this machine.
pub(crate) fn envoy_config(
    committed: &str,
    edits: &[Edit],
    site: &Site,
) -> Result<String, PlaceholderError> {
    fill(ENVOY_CONFIG, committed, edits, &envoy_placeholders(site))
}

/// `envoy/issuer.toml`, given as `committed`, for this machine.
///
/// # Errors
/// When it does not hold every placeholder, or what an edit replaces, as often as expected.
pub fn issuer_config(
    committed: &str,
    edits: &[Edit],
    site: &Site,
) -> Result<String, PlaceholderError> {
    fill(ISSUER_CONFIG, committed, edits, &issuer_placeholders(site))
}

/// What is merged into the demo configuration may name the origin, as often as it likes.
pub(crate) fn issuer_addition(addition: &str, site: &Site) -> String {
    replace_all(addition, &issuer_placeholders(site))
}

fn envoy_placeholders(site: &Site) -> Vec<Placeholder> {
    let Ports {
        http,
        admin,
        issuer,
        api,
        ..
    } = site.ports;
    let at = |port: u16| format!("{{ address: 127.0.0.1, port_value: {port} }}");
    let socket = |text: &'static str, port| Placeholder::new(text, 1, at(port));
    vec![
        // With its key, because a second address is a second key beside it.
        Placeholder::new(
            "address:\n      socket_address: { address: 0.0.0.0, port_value: 8080 }",
            1,
            listener(http, site.ipv6),
        ),
        socket("{ address: 127.0.0.1, port_value: 9901 }", admin),
        socket("{ address: issuer, port_value: 9000 }", issuer),
        socket("{ address: api, port_value: 9001 }", api),
        Placeholder::new(
            "/etc/dockgate/dockgate_filter.wasm",
            1,
            site.filter.display().to_string(),
        ),
        Placeholder::new(ORIGIN, 4, site.ports.origin()),
    ]
}

fn issuer_placeholders(site: &Site) -> Vec<Placeholder> {
    let Ports { issuer, ops, .. } = site.ports;
    let local = |port: u16| format!("127.0.0.1:{port}");
    vec![
        Placeholder::new(ORIGIN, 3, site.ports.origin()),
        Placeholder::new("127.0.0.1:9000", 1, local(issuer)),
        Placeholder::new("127.0.0.1:9002", 1, local(ops)),
        Placeholder::new("path = \"data\"", 1, format!("path = {:?}", site.store)),
    ]
}

/// Both keys of the listener that say where it listens.
fn listener(port: u16, ipv6: bool) -> String {
    let at =
        |address: &str| format!("socket_address: {{ address: {address}, port_value: {port} }}");
    let v4 = format!("address:\n{COLUMN}  {}", at("127.0.0.1"));
    if !ipv6 {
        return v4;
    }
    let v6 = at("\"::1\"");
    format!("{v4}\n{COLUMN}additional_addresses:\n{COLUMN}- address: {{ {v6} }}")
}

/// In a replacement: the column at which the placeholder began, in spaces.
const COLUMN: char = '\u{1}';

fn fill(
    file: &'static str,
    committed: &str,
    edits: &[Edit],
    placeholders: &[Placeholder],
) -> Result<String, PlaceholderError> {
    for placeholder in placeholders {
        expect(file, committed, &placeholder.text, placeholder.expected)?;
    }
    let mut edited = committed.to_owned();
    for edit in edits {
        expect(file, &edited, &edit.from, edit.count)?;
        edited = edited.replace(&edit.from, &edit.to);
    }
    Ok(replace_all(&edited, placeholders))
}

fn expect(
    file: &'static str,
    text: &str,
    wanted: &str,
    expected: usize,
) -> Result<(), PlaceholderError> {
    let found = text.matches(wanted).count();
    if found == expected {
        return Ok(());
    }
    Err(PlaceholderError {
        file,
        placeholder: wanted.to_owned(),
        expected,
        found,
    })
}

/// Replaces all placeholders in one pass, so that no replacement is taken for a placeholder when
/// ports are swapped.
fn replace_all(text: &str, placeholders: &[Placeholder]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let next = placeholders
            .iter()
            .filter_map(|placeholder| Some((rest.split_once(&*placeholder.text)?, placeholder)))
            .min_by_key(|((before, _), _)| before.len());
        let Some(((before, after), placeholder)) = next else {
            out.push_str(rest);
            return out;
        };
        out.push_str(before);
        let column = out.chars().rev().take_while(|c| *c != '\n').count();
        out.push_str(&placeholder.replacement.replace(COLUMN, &" ".repeat(column)));
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = r#"
issuer = "http://localhost:8080"
listen = "127.0.0.1:9000"
ops = "127.0.0.1:9002"
path = "data"
resources = ["http://localhost:8080", "http://localhost:8080/mcp"]
"#;

    fn site() -> Site {
        let ports = Ports {
            http: 1,
            admin: 2,
            issuer: 9002,
            ops: 9000,
            api: 5,
        };
        Site {
            ports,
            ipv6: true,
            filter: "/f.wasm".into(),
            store: "/s".into(),
        }
    }

    #[test]
    fn ports_can_be_swapped() {
        let filled = issuer_config(ISSUER, &[], &site()).unwrap();
        assert_eq!(
            filled,
            r#"
issuer = "http://localhost:1"
listen = "127.0.0.1:9002"
ops = "127.0.0.1:9000"
path = "/s"
resources = ["http://localhost:1", "http://localhost:1/mcp"]
"#
        );
    }

    #[test]
    fn a_placeholder_too_few_or_too_many_is_named() {
        for committed in [
            ISSUER.replace("127.0.0.1:9002", ""),
            ISSUER.replace("127.0.0.1:9002", "127.0.0.1:9002 127.0.0.1:9002"),
        ] {
            let error = issuer_config(&committed, &[], &site()).unwrap_err();
            assert_eq!(error.placeholder, "127.0.0.1:9002");
            assert_eq!(error.expected, 1);
        }
    }

    #[test]
    fn edits_speak_of_the_committed_text() {
        let edit = Edit::once("/mcp", "/a http://localhost:8080/b");
        let filled = issuer_config(ISSUER, &[edit], &site()).unwrap();
        assert!(filled.contains("http://localhost:1/a http://localhost:1/b"));
        let edit = Edit::once("absent", "");
        assert!(issuer_config(ISSUER, &[edit], &site()).is_err());
    }

    #[test]
    fn the_ipv6_address_stands_beside_the_first() {
        let committed =
            "    address:\n      socket_address: { address: 0.0.0.0, port_value: 8080 }\n";
        let expected = concat!(
            "    address:\n",
            "      socket_address: { address: 127.0.0.1, port_value: 1 }\n",
            "    additional_addresses:\n",
            "    - address: { socket_address: { address: \"::1\", port_value: 1 } }\n",
        );
        assert_eq!(
            replace_all(committed, &envoy_placeholders(&site())),
            expected
        );
    }

    #[test]
    fn the_committed_files_have_every_placeholder_as_often_as_expected() {
        let root = crate::repository();
        let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
        envoy_config(&read(ENVOY_CONFIG), &[], &site()).unwrap();
        issuer_config(&read(ISSUER_CONFIG), &[], &site()).unwrap();
    }
}
