//! What may not stand in which files.

use super::Finding;
use super::tree::Tree;

/// A word that only some files may hold.
struct Ban {
    word: &'static str,
    /// Where it is forbidden: beginnings of paths.
    within: &'static [&'static str],
    /// Where it is allowed all the same: beginnings of paths.
    except: &'static [&'static str],
    /// Whether comments may speak of it.
    comments_may: bool,
    because: &'static str,
}

const EVERYWHERE: &[&str] = &[""];
/// This list has to spell out what it forbids.
const HERE: &str = "xtask/src/tidy/";
const PROTOCOL: &[&str] = &["issuer/src/protocol"];
const DECIDING: &[&str] = &["token/", "policy/"];

const BANS: [Ban; 13] = [
    code(
        "axum",
        PROTOCOL,
        &[],
        "the protocol does not know how requests arrive",
    ),
    code(
        "sled",
        PROTOCOL,
        &[],
        "the protocol sees the store's traits only",
    ),
    code("SystemTime", PROTOCOL, &[], "the protocol is told the time"),
    code(
        "proxy_wasm::hostcalls",
        EVERYWHERE,
        &["filter/src/host", HERE],
        "one place calls the host",
    ),
    code(
        "sled::",
        EVERYWHERE,
        &["issuer/src/store/sled", "issuer/src/store/mod.rs", HERE],
        "one place knows sled",
    ),
    code(
        "proxy_wasm",
        DECIDING,
        &[],
        "decisions are made without a host",
    ),
    code("SystemTime", DECIDING, &[], "decisions are told the time"),
    code("std::net", DECIDING, &[], "decisions do no I/O"),
    code("std::fs", DECIDING, &[], "decisions do no I/O"),
    code(
        "#[allow(",
        EVERYWHERE,
        &[HERE],
        "`#[expect(lint, reason = …)]` says why and ends when it is not needed",
    ),
    code(
        "#![allow(",
        EVERYWHERE,
        &[HERE],
        "`#[expect(lint, reason = …)]` says why and ends when it is not needed",
    ),
    text("TODO", "open work is an issue, not a comment"),
    text("FIXME", "open work is an issue, not a comment"),
];

const fn code(
    word: &'static str,
    within: &'static [&'static str],
    except: &'static [&'static str],
    because: &'static str,
) -> Ban {
    Ban {
        word,
        within,
        except,
        comments_may: true,
        because,
    }
}

const fn text(word: &'static str, because: &'static str) -> Ban {
    Ban {
        word,
        within: EVERYWHERE,
        except: &[HERE, "Cargo.lock"],
        comments_may: false,
        because,
    }
}

impl Ban {
    fn applies_to(&self, path: &str) -> bool {
        let begins = |with: &&str| path.starts_with(with);
        let readable = !self.comments_may || path.ends_with(".rs");
        readable && self.within.iter().any(begins) && !self.except.iter().any(begins)
    }

    fn is_broken_by(&self, line: &str) -> bool {
        let line = if self.comments_may {
            without_comment(line)
        } else {
            line
        };
        line.contains(self.word)
    }
}

fn without_comment(line: &str) -> &str {
    match line.split_once("//") {
        // Not the `//` of a URL in a string.
        Some((code, _)) if !code.ends_with(':') => code,
        _ => line,
    }
}

/// Looks for forbidden words.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        for ban in BANS.iter().filter(|ban| ban.applies_to(path)) {
            for (number, line) in text.lines().enumerate() {
                if ban.is_broken_by(line) {
                    let rule = format!("`{}` is not allowed here: {}", ban.word, ban.because);
                    findings.push(Finding::new(path, number + 1, rule));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ban_is_broken_by_its_word_and_by_nothing_else() {
        for ban in &BANS {
            let place = ban.within.first().unwrap();
            let path = format!("{place}/bad.rs");
            let bad = format!("use {};\n", ban.word);
            let found = check(&Tree::from([(path.as_str(), bad.as_str())]));
            assert!(
                found.iter().any(|f| f.rule.contains(ban.word)),
                "{}",
                ban.word
            );
            assert_eq!(check(&Tree::from([(path.as_str(), "fn good() {}\n")])), []);
        }
    }

    #[test]
    fn an_exception_holds_for_its_file_alone() {
        let line = "use proxy_wasm::hostcalls;\n";
        assert_eq!(check(&Tree::from([("filter/src/host/keys.rs", line)])), []);
        assert_eq!(check(&Tree::from([("filter/src/lib.rs", line)])).len(), 1);
    }

    #[test]
    fn a_comment_may_explain_what_the_code_must_not_do() {
        let tree = Tree::from([("issuer/src/protocol/a.rs", "//! No axum here.\n")]);
        assert_eq!(check(&tree), []);
    }
}
