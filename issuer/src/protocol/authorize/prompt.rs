//! `prompt` (OIDC Core §3.1.2.1).

use crate::protocol::{Form, RequestError};

/// How the user is to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Not at all: what would need the user is an error.
    pub none: bool,
    /// To log in again.
    pub login: bool,
    /// To agree again.
    pub consent: bool,
    /// Which account to use; with one account per browser, to log in again.
    pub select_account: bool,
}

impl Prompt {
    /// The values, for the metadata.
    pub const VALUES: [&'static str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads the list. Values that nobody knows are an error (OpenID Connect Prompt Create §4.1),
    /// and so is `none` with others.
    pub(super) fn of(form: &Form<'_>) -> Result<Self, RequestError> {
        let mut prompt = Self::default();
        let words = form.get("prompt").unwrap_or_default().split(' ');
        for word in words.filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(RequestError::Malformed("prompt")),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            return Err(RequestError::Malformed("prompt"));
        }
        Ok(prompt)
    }
}
