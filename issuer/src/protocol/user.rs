//! The people who log in.

use std::collections::HashMap;
use std::fmt;

use dockgate_token::Scope;

use crate::clock::UnixSeconds;
use crate::store::Login;

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

/// Every user, by name and by subject.
#[derive(Clone, Debug, Default)]
pub struct Users {
    by_name: HashMap<String, User>,
    names: HashMap<String, String>,
}

impl Users {
    /// The user who logs in with this name.
    pub fn by_name(&self, username: &str) -> Option<&User> {
        self.by_name.get(username)
    }

    /// The user whose tokens have this `sub`.
    pub fn by_subject(&self, subject: &str) -> Option<&User> {
        self.by_name.get(self.names.get(subject)?)
    }

    /// The user with this `sub` who logged in so; `None` where the login counts no more.
    pub fn who_logged_in(&self, subject: &str, login: &Login) -> Option<&User> {
        self.by_subject(subject)
            .filter(|user| login.at >= user.logins_since)
    }

    /// The hashes of all passwords.
    pub fn password_hashes(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|user| user.password_hash.as_str())
    }

    /// Every user.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_name.values()
    }
}

impl FromIterator<User> for Users {
    fn from_iter<I: IntoIterator<Item = User>>(users: I) -> Self {
        let mut all = Self::default();
        for user in users {
            all.names
                .insert(user.subject.clone(), user.username.clone());
            all.by_name.insert(user.username.clone(), user);
        }
        all
    }
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
