//! Everyone who may log in.

use std::collections::HashMap;
use std::sync::Arc;

use super::User;
use crate::store::Login;

/// Every user, by name and by subject: those of the configuration, and those that were added while
/// the issuer ran. No name and no subject is in both. A copy shares what it has with the original
/// until one of them changes.
#[derive(Clone, Debug, Default)]
pub struct Users {
    configured: Arc<Names>,
    added: Arc<Names>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    by_name: HashMap<String, Arc<User>>,
    of_subjects: HashMap<String, String>,
}

impl Users {
    /// The user who logs in with this name.
    pub fn by_name(&self, username: &str) -> Option<&User> {
        let user = self.configured.by_name(username);
        user.or_else(|| self.added.by_name(username))
    }

    /// The user whose tokens have this `sub`.
    pub fn by_subject(&self, subject: &str) -> Option<&User> {
        let user = self.configured.by_subject(subject);
        user.or_else(|| self.added.by_subject(subject))
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
        self.configured().chain(self.added())
    }

    /// Those of the configuration.
    pub fn configured(&self) -> impl Iterator<Item = &User> {
        self.configured.by_name.values().map(Arc::as_ref)
    }

    /// Those that were added.
    pub fn added(&self) -> impl Iterator<Item = &User> {
        self.added.by_name.values().map(Arc::as_ref)
    }

    /// Whether the configuration has one of that name.
    pub fn is_configured(&self, username: &str) -> bool {
        self.configured.by_name(username).is_some()
    }

    /// Adds a user to those that were added, in place of the one with that name.
    pub fn add(&mut self, user: User) {
        Arc::make_mut(&mut self.added).add(user);
    }

    /// Takes one away from those that were added.
    pub fn remove_added(&mut self, username: &str) {
        Arc::make_mut(&mut self.added).remove(username);
    }
}

impl Names {
    fn by_name(&self, username: &str) -> Option<&User> {
        self.by_name.get(username).map(Arc::as_ref)
    }

    fn by_subject(&self, subject: &str) -> Option<&User> {
        self.by_name(self.of_subjects.get(subject)?)
    }

    fn add(&mut self, user: User) {
        self.remove(&user.username);
        self.of_subjects
            .insert(user.subject.clone(), user.username.clone());
        self.by_name.insert(user.username.clone(), Arc::new(user));
    }

    fn remove(&mut self, username: &str) {
        if let Some(user) = self.by_name.remove(username) {
            self.of_subjects.remove(&user.subject);
        }
    }
}

/// As the configuration has them.
impl FromIterator<User> for Users {
    fn from_iter<I: IntoIterator<Item = User>>(users: I) -> Self {
        let mut configured = Names::default();
        for user in users {
            configured.add(user);
        }
        Self {
            configured: Arc::new(configured),
            added: Arc::default(),
        }
    }
}

#[cfg(test)]
#[path = "users/tests.rs"]
mod tests;
