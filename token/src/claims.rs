//! The claims of an access token (RFC 9068 §2.2).

use serde::{Deserialize, Serialize};

use crate::{ClientId, Issuer, Scope};

/// The `typ` header parameter of an access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// What the issuer puts into an access token and the filter expects to find.
///
/// Times are seconds since the Unix epoch (RFC 7519 §2, NumericDate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who issued the token.
    pub iss: Issuer,
    /// For whom: a user's opaque id, or the client id where no user is involved.
    pub sub: String,
    /// Which resource servers may accept it.
    pub aud: Audience,
    /// When it ends; never accepted at or after this second.
    pub exp: u64,
    /// When it was issued.
    pub iat: u64,
    /// Unique to this token; at least 128 bits of randomness.
    pub jti: String,
    /// The client that asked for it.
    pub client_id: ClientId,
    /// What it allows; left out when nothing was granted (RFC 9068 §2.2.3).
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// The grant of the user that it came of; whatever revokes the grant makes introspection call
    /// the token inactive. Base64url of 128 bits; left out where no user is involved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// When the user had logged in; the same in every token of a grant (RFC 9068 §2.2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// How the user had logged in (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Who acts for the subject (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

/// A party that acts for the subject, and in whose place it acts (RFC 8693 §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who acts now.
    pub sub: String,
    /// Who acted before; for information, never for decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

/// The `aud` claim: one string or a list of them (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// A single audience, written as a plain string.
    One(String),
    /// Several, written as a list.
    Many(Vec<String>),
}

impl Audience {
    /// Every audience named.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }

    /// Whether `audience` is named, byte for byte.
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|own| own == audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_one_string_or_a_list_and_is_compared_whole() {
        let one: Audience = serde_json::from_str(r#""a""#).unwrap();
        let many: Audience = serde_json::from_str(r#"["a","b"]"#).unwrap();
        assert_eq!(one.iter().collect::<Vec<_>>(), ["a"]);
        assert_eq!(many.iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(one.contains("a") && many.contains("b"));
        assert!(!one.contains("b") && !many.contains("A") && !many.contains("a b"));
        for (audience, json) in [(one, r#""a""#), (many, r#"["a","b"]"#)] {
            assert_eq!(serde_json::to_string(&audience).unwrap(), json);
        }
    }
}
