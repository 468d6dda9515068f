//! Scopes in words.

use super::texts::{ScopeTexts, Texts};
use crate::protocol::resource_server::ScopeDescription;

/// A scope as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownScope {
    /// The scope token.
    pub name: String,
    /// What it allows.
    pub description: String,
    /// Whether there is no choice.
    pub required: bool,
}

/// Puts a scope into words: those of its resource server, or for the scopes of OpenID Connect, which
/// none describes, our own.
pub fn shown_scope(
    texts: &Texts,
    name: &str,
    described: Option<&ScopeDescription>,
    required: bool,
) -> ShownScope {
    let description = described.map(|scope| scope.in_language(texts.language));
    let description = description.filter(|text| !text.is_empty());
    ShownScope {
        name: name.to_owned(),
        description: description
            .unwrap_or_else(|| of_openid(&texts.scopes, name))
            .to_owned(),
        required,
    }
}

/// OIDC Core §5.4 and §11.
fn of_openid<'a>(texts: &'a ScopeTexts, name: &'a str) -> &'a str {
    match name {
        "openid" => texts.openid,
        "profile" => texts.profile,
        "email" => texts.email,
        "phone" => texts.phone,
        "address" => texts.address,
        "offline_access" => texts.offline_access,
        other => other,
    }
}
