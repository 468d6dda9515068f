//! The people who log in.

use std::fmt;

use dockgate_token::Scope;

use crate::clock::UnixSeconds;

/// A resource owner (RFC 6749 §1.1).
#[derive(Clone, PartialEq)]
pub struct User {
    /// What the user types in.
    pub username: String,
    /// The `sub` of the user's tokens: never changes, never equals a client id (RFC 9700 §4.15).
    pub subject: String,
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// Logins before this moment count no more, nor does anything that was granted after them.
    pub logins_since: UnixSeconds,
    /// The most that may be granted in the user's name.
    pub scope: Scope,
    /// What the user's claims say.
    pub profile: UserProfile,
}

/// Standard claims (OIDC Core §5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserProfile {
    /// Full name.
    pub name: Option<String>,
    /// First names.
    pub given_name: Option<String>,
    /// Last names.
    pub family_name: Option<String>,
    /// What friends say.
    pub nickname: Option<String>,
    /// What the user wants to be called by in applications. Not unique, and not the username.
    pub preferred_username: Option<String>,
    /// URL of a picture of the user.
    pub picture: Option<String>,
    /// URL of the user's page.
    pub website: Option<String>,
    /// Time zone, such as `Europe/Paris`.
    pub zoneinfo: Option<String>,
    /// Language, such as `en-GB` (BCP 47).
    pub locale: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// Telephone number, E.164.
    pub phone_number: Option<String>,
    /// Whether the number is known to be the user's.
    pub phone_number_verified: bool,
    /// Postal address, as it would be written on a letter.
    pub address: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
