//! Scopes: space-delimited, case-sensitive sets of tokens (RFC 6749 §3.3).

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// A set of scope tokens that remembers the order in which they were first named.
///
/// ```
/// use dockgate_token::Scope;
///
/// let granted: Scope = "api:read api:write".parse().unwrap();
/// assert!(granted.contains("api:read"));
/// assert!(!granted.contains("api:READ"));
/// assert!(granted.covers(&"api:write".parse().unwrap()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scope {
    tokens: Vec<String>,
}

impl Scope {
    /// The set with nothing in it; its text form is the empty string.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Builds a set from single tokens; a token named twice counts once.
    ///
    /// # Errors
    /// [`ScopeError`] for the first token that RFC 6749 §3.3 does not allow.
    pub fn from_tokens<I>(tokens: I) -> Result<Self, ScopeError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut scope = Self::default();
        let mut seen = HashSet::new();
        for token in tokens {
            let token = token.as_ref();
            if !is_scope_token(token) {
                return Err(ScopeError {
                    token: token.to_owned(),
                });
            }
            // A hostile token has thousands: those are not looked through for each.
            let is_new = if scope.tokens.len() < FEW {
                !scope.contains(token)
            } else {
                if seen.is_empty() {
                    seen.extend(scope.tokens.iter().cloned());
                }
                seen.insert(token.to_owned())
            };
            if is_new {
                scope.tokens.push(token.to_owned());
            }
        }
        Ok(scope)
    }

    /// Whether the set has this very token.
    pub fn contains(&self, token: &str) -> bool {
        self.tokens.iter().any(|own| own == token)
    }

    /// Whether every token of `required` is in this set.
    pub fn covers(&self, required: &Self) -> bool {
        let own = self.lookup(required.tokens.len());
        required.tokens.iter().all(|token| own.has(token))
    }

    /// Whether at least one token of `alternatives` is in this set.
    pub fn covers_any(&self, alternatives: &Self) -> bool {
        let own = self.lookup(alternatives.tokens.len());
        alternatives.tokens.iter().any(|token| own.has(token))
    }

    /// The tokens of this set that `other` has too, in this set's order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let others = other.lookup(self.tokens.len());
        Self {
            tokens: self
                .tokens
                .iter()
                .filter(|token| others.has(token))
                .cloned()
                .collect(),
        }
    }

    /// The tokens of this set, then those that only `other` has.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for token in &other.tokens {
            if !self.contains(token) {
                self.tokens.push(token.clone());
            }
        }
        self
    }

    /// Whether the set has no token.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// For as many questions: of thousands, not all are looked through for each of thousands.
    fn lookup(&self, questions: usize) -> Lookup<'_> {
        if self.tokens.len().min(questions) < FEW {
            return Lookup::Few(self);
        }
        Lookup::Many(self.tokens.iter().map(String::as_str).collect())
    }

    /// The tokens, in the order in which they were first named.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }
}

/// Up to here, looking through all is quicker than hashing.
const FEW: usize = 16;

/// What a set is asked through.
enum Lookup<'a> {
    Few(&'a Scope),
    Many(HashSet<&'a str>),
}

impl Lookup<'_> {
    fn has(&self, token: &str) -> bool {
        match self {
            Self::Few(scope) => scope.contains(token),
            Self::Many(tokens) => tokens.contains(token),
        }
    }
}

/// Sets are equal when they have the same tokens, in whatever order.
impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.tokens.len() == other.tokens.len() && self.covers(other)
    }
}

impl Eq for Scope {}

impl FromStr for Scope {
    type Err = ScopeError;

    /// Splits at single spaces. Empty parts (doubled, leading or trailing spaces) are passed over:
    /// they name no token, and clients in the field send them.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::from_tokens(text.split(' ').filter(|token| !token.is_empty()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tokens.join(" "))
    }
}

impl serde::Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A scope token has a byte that RFC 6749 §3.3 does not allow, or none at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeError {
    token: String,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a scope: use visible ASCII without space, '\"' and '\\'",
            self.token
        )
    }
}

impl std::error::Error for ScopeError {}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )` (RFC 6749 §3.3).
fn is_scope_token(token: &str) -> bool {
    !token.is_empty()
        && token
            .bytes()
            .all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quadratic work would take minutes here.
    #[test]
    fn thousands_of_tokens_are_told_apart_in_no_time() {
        let names: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
        let twice = names.iter().chain(&names);
        let scope = Scope::from_tokens(twice).unwrap();
        assert!(scope.iter().eq(names.iter().map(String::as_str)));
    }

    /// So it would here, for each of these.
    #[test]
    fn thousands_are_looked_for_among_thousands_in_no_time() {
        let tokens = |prefix: &str| {
            let names = (0..100_000).map(|number| format!("{prefix}{number}"));
            Scope::from_tokens(names).unwrap()
        };
        let (own, same, others) = (tokens("a"), tokens("a"), tokens("b"));
        assert!(own.covers(&same) && own == same);
        assert!(own.covers_any(&same) && !own.covers_any(&others));
        assert_eq!(own.intersection(&same), own);
        assert!(own.intersection(&others).is_empty());
    }

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    #[test]
    fn order_and_repetition_do_not_matter_to_equality() {
        assert_eq!(scope("a b"), scope("b a a"));
        assert_ne!(scope("a"), scope("a b"));
    }

    #[test]
    fn order_of_first_naming_is_kept_in_text() {
        assert_eq!(scope("b  a b ").to_string(), "b a");
    }

    #[test]
    fn a_union_keeps_the_order_and_repeats_nothing() {
        assert_eq!(scope("b a").union(&scope("c a d")).to_string(), "b a c d");
        assert_eq!(scope("b").union(&Scope::empty()).to_string(), "b");
    }

    #[test]
    fn comparison_is_exact() {
        for wider in ["readx", "READ", "rea", "read\u{2010}"] {
            assert!(
                !Scope {
                    tokens: vec![wider.into()]
                }
                .covers(&scope("read")),
                "{wider:?}"
            );
        }
    }

    #[test]
    fn bytes_outside_the_grammar_are_refused() {
        for text in ["a\tb", "a\"", "a\\b", "\u{e9}", "a\nb", "\u{7f}"] {
            assert!(text.parse::<Scope>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn one_of_several_alternatives_is_enough_and_none_is_never() {
        assert!(scope("a b").covers_any(&scope("x b")));
        assert!(!scope("a b").covers_any(&scope("x y")));
        assert!(!scope("a b").covers_any(&Scope::empty()));
    }

    #[test]
    fn the_empty_scope_has_no_token() {
        assert!(Scope::empty().is_empty() && scope(" ").is_empty());
        assert!(!scope("a").is_empty());
        assert_eq!(scope("a b").iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_ne!(scope("a b"), scope("a c"));
    }

    #[test]
    fn a_scope_is_a_string_in_json() {
        let read: Scope = serde_json::from_str(r#""b a""#).unwrap();
        assert_eq!(read, scope("a b"));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#""b a""#);
        assert!(serde_json::from_str::<Scope>(r#"["a"]"#).is_err());
    }

    #[test]
    fn intersection_keeps_only_common_tokens() {
        assert_eq!(
            scope("a b c").intersection(&scope("c a x")).to_string(),
            "a c"
        );
    }
}
