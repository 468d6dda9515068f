//! Scopes in words.

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
pub fn shown_scope(name: &str, description: Option<&str>, required: bool) -> ShownScope {
    let description = description.filter(|text| !text.is_empty());
    ShownScope {
        name: name.to_owned(),
        description: description.unwrap_or_else(|| of_openid(name)).to_owned(),
        required,
    }
}

/// OIDC Core §5.4 and §11.
fn of_openid(name: &str) -> &str {
    match name {
        "openid" => "Know that it is you",
        "profile" => "See your name and profile",
        "email" => "See your email address",
        "phone" => "See your phone number",
        "address" => "See your postal address",
        "offline_access" => "Keep this access when you are away or signed out",
        other => other,
    }
}
