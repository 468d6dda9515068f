//! The events.

use std::collections::BTreeMap;

use dockgate_token::{ClientId, Scope, encode_segment};

use crate::store::{GrantId, SessionId};

/// What is told of an event, by name. No fact is a secret.
pub type Facts = BTreeMap<String, String>;

/// Declares the events with their names, and how each is told.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($fact:ident: $kind:ty),* })*) => {
        /// An event that bears on security: one variant each, with its data.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum AuditEvent {
            $(
                $(#[$doc])*
                $variant {
                    $(
                        #[doc = concat!("Told as `", stringify!($fact), "`.")]
                        $fact: $kind
                    ),*
                }
            ),*
        }

        impl AuditEvent {
            /// The names of all events.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name in the store and in logs. It never changes its meaning.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name),*
                }
            }

            /// What is told of it.
            pub fn facts(&self) -> Facts {
                let mut facts = Facts::new();
                match self {
                    $(Self::$variant { $($fact),* } => {
                        $($fact.tell(stringify!($fact), &mut facts);)*
                    })*
                }
                facts
            }
        }
    };
}

events! {
    /// Somebody proved who they are by a password, in a browser or, with the password grant, to a
    /// client.
    LoginSucceeded = "login_succeeded" { subject: String, client_id: Option<ClientId> }
    /// The password was wrong. The subject is there if somebody has the name that was given; the
    /// name itself never is, as now and then it is a password.
    LoginFailed = "login_failed" { subject: Option<String>, client_id: Option<ClientId> }
    /// A password was not tried, as there had been too many wrong ones.
    LoginThrottled = "login_throttled" { subject: Option<String>, client_id: Option<ClientId> }
    /// A user logged out.
    LoggedOut = "logged_out" { subject: String, session_id: SessionId }
    /// A user agreed to what a client asks for.
    ConsentGranted = "consent_granted" { subject: String, client_id: ClientId, scope: Scope }
    /// A user said no.
    ConsentDenied = "consent_denied" { subject: String, client_id: ClientId }
    /// What a user had agreed to counts no more.
    ConsentRevoked = "consent_revoked" { subject: String, client_id: ClientId }
    /// A user connected a device.
    DeviceApproved = "device_approved" { subject: String, client_id: ClientId, scope: Scope }
    /// A user said no to a device.
    DeviceDenied = "device_denied" { subject: String, client_id: ClientId }
    /// A user typed a code that no device was given.
    UserCodeRefused = "user_code_refused" { subject: String }
    /// A refresh token came again after its successor: its family is revoked. Two parties have it.
    RefreshTokenReused = "refresh_token_reused" { subject: String, client_id: ClientId, grant_id: GrantId }
    /// A code came again after it was redeemed: what came of it is revoked. Two parties have it.
    CodeReused = "code_reused" { subject: String, client_id: ClientId, grant_id: GrantId }
    /// A grant was revoked, with its refresh and access tokens: by its client, its user or an
    /// operator, as `reason` says.
    GrantRevoked = "grant_revoked" { subject: String, client_id: ClientId, grant_id: GrantId, reason: &'static str }
    /// One access token was revoked by its client.
    AccessTokenRevoked = "access_token_revoked" { subject: String, client_id: ClientId, jti: String }
    /// A session was ended by its user from another place, or by an operator.
    SessionRevoked = "session_revoked" { subject: String, session_id: SessionId, reason: &'static str }
    /// An operator ended everything of a user's.
    UserRevoked = "user_revoked" { subject: String, grants: u64 }
    /// An operator ended everything of a client's.
    ClientRevoked = "client_revoked" { client_id: ClientId, grants: u64 }
    /// A client is not who it says. The id is there if some client has it.
    ClientAuthenticationFailed = "client_authentication_failed" { client_id: Option<ClientId>, reason: &'static str }
    /// A key is in the JWKS from now on; nothing is signed with it yet.
    KeyPublished = "key_published" { kid: String, algorithm: String }
    /// Tokens are signed with a key from now on.
    KeyActivated = "key_activated" { kid: String, algorithm: String }
    /// Nothing is signed with a key any more.
    KeyRetired = "key_retired" { kid: String, algorithm: String }
    /// A key has gone from the JWKS.
    KeyRemoved = "key_removed" { kid: String, algorithm: String }
    /// An operator brought a key.
    KeyImported = "key_imported" { kid: String, algorithm: String }
    /// Another configuration counts from now on.
    ConfigReloaded = "config_reloaded" {}
    /// Another configuration has a mistake, which the log names: the one before counts on.
    ConfigRefused = "config_refused" {}
    /// There is a new user.
    UserAdded = "user_added" { subject: String }
    /// A user has another password or other rights.
    UserChanged = "user_changed" { subject: String }
    /// A user may not log in any more.
    UserDisabled = "user_disabled" { subject: String }
    /// There is a new client.
    ClientAdded = "client_added" { client_id: ClientId }
    /// A client has other rights.
    ClientChanged = "client_changed" { client_id: ClientId }
    /// A client has a new secret.
    ClientSecretRotated = "client_secret_rotated" { client_id: ClientId }
    /// A client may do nothing any more.
    ClientDisabled = "client_disabled" { client_id: ClientId }
    /// A client registered itself.
    ClientRegistered = "client_registered" { client_id: ClientId }
    /// A registration was refused.
    RegistrationRefused = "registration_refused" { reason: &'static str }
    /// A backup was made, of the whole store with its keys.
    BackupMade = "backup_made" {}
    /// The store was made from a backup.
    BackupRestored = "backup_restored" { records: u64 }
}

impl AuditEvent {
    /// Whether anybody can bring it about, without being anybody: such events are counted together,
    /// and have a room of their own in the store.
    pub fn is_attempt(&self) -> bool {
        matches!(
            self,
            Self::LoginFailed { .. }
                | Self::LoginThrottled { .. }
                | Self::UserCodeRefused { .. }
                | Self::ClientAuthenticationFailed { .. }
                | Self::RegistrationRefused { .. }
        )
    }

    /// Whether somebody may have stolen something, or something asks for a person: logged as a
    /// warning.
    pub fn is_alarm(&self) -> bool {
        matches!(
            self,
            Self::RefreshTokenReused { .. } | Self::CodeReused { .. } | Self::ConfigRefused { .. }
        )
    }
}

/// A value as it is told.
trait Fact {
    fn tell(&self, name: &str, facts: &mut Facts);
}

impl<T: Fact> Fact for Option<T> {
    fn tell(&self, name: &str, facts: &mut Facts) {
        if let Some(value) = self {
            value.tell(name, facts);
        }
    }
}

macro_rules! told_as {
    ($($kind:ty => |$value:ident| $text:expr),* $(,)?) => {
        $(impl Fact for $kind {
            fn tell(&self, name: &str, facts: &mut Facts) {
                let $value = self;
                facts.insert(name.to_owned(), $text);
            }
        })*
    };
}

told_as! {
    String => |value| value.clone(),
    &'static str => |value| (*value).to_owned(),
    u64 => |value| value.to_string(),
    ClientId => |value| value.to_string(),
    Scope => |value| value.to_string(),
    GrantId => |value| encode_segment(value.as_bytes()),
    SessionId => |value| encode_segment(value.as_bytes()),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: BTreeSet<_> = AuditEvent::NAMES.iter().collect();
        assert_eq!(names.len(), AuditEvent::NAMES.len());
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let event = AuditEvent::LoginFailed {
            subject: Some("alice".to_owned()),
            client_id: None,
        };
        let told = Facts::from([("subject".to_owned(), "alice".to_owned())]);
        assert_eq!((event.name(), event.facts()), ("login_failed", told));
    }
}
