//! How a client authenticates, against what it has to do so with.

use serde::Deserialize;

use super::error::Problems;
use super::key_sets::WrittenKeys;
use super::located::{Located, Place};
use super::secret::{Rules, WrittenSecret};
use crate::protocol::ClientKind;

/// `token_endpoint_auth_method` (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum AuthenticationMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}

/// What is written about it.
pub(super) struct WrittenAuthentication {
    pub(super) method: Option<Located<AuthenticationMethod>>,
    pub(super) secret: WrittenSecret,
    pub(super) keys: WrittenKeys,
}

impl WrittenAuthentication {
    /// Whether the client is meant to be confidential, even if what it has turns out unusable.
    pub(super) fn is_confidential(&self) -> bool {
        match &self.method {
            Some(method) => method.value != AuthenticationMethod::None,
            None => self.secret.is_present() || self.keys.place().is_some(),
        }
    }

    /// What the client is; after a mistake it is public, and nothing is started.
    pub(super) fn check(
        self,
        whose: &str,
        client: &Place,
        rules: &Rules,
        problems: &mut Problems,
    ) -> ClientKind {
        self.check_shape(whose, client, problems);
        let method = self.method.map(|method| method.value);
        let secret = rules.check(whose, self.secret, problems);
        let keys = self.keys.check(whose, rules.directory, problems);
        let kind = match method {
            Some(AuthenticationMethod::None) => None,
            Some(AuthenticationMethod::PrivateKeyJwt) => keys.map(ClientKind::PrivateKeyJwt),
            Some(AuthenticationMethod::ClientSecretBasic) => secret.map(ClientKind::SecretBasic),
            Some(AuthenticationMethod::ClientSecretPost) => secret.map(ClientKind::SecretPost),
            None => secret.map(ClientKind::Confidential),
        };
        kind.unwrap_or(ClientKind::Public)
    }

    /// A client has what its method needs, and nothing that its method makes no use of: a secret
    /// that is never asked for is one that nobody looks after.
    fn check_shape(&self, whose: &str, client: &Place, problems: &mut Problems) {
        use AuthenticationMethod::{
            ClientSecretBasic, ClientSecretPost, None as Nothing, PrivateKeyJwt,
        };
        let (place, method) = match &self.method {
            Some(method) => (&method.place, Some(method.value)),
            None => (self.keys.place().unwrap_or(client), None),
        };
        let mistake = match (
            method,
            self.secret.is_present(),
            self.keys.place().is_some(),
        ) {
            (Some(Nothing), false, false)
            | (Some(ClientSecretBasic | ClientSecretPost), true, false)
            | (Some(PrivateKeyJwt), false, true)
            | (None, _, false) => return,
            (None, _, true) => (
                "has keys but no method that uses them",
                "Add token_endpoint_auth_method = \"private_key_jwt\", or remove the keys",
            ),
            (Some(Nothing), _, _) => (
                "does not authenticate but has a secret or keys",
                "Remove the secret or the keys, or name the method that uses them",
            ),
            (Some(ClientSecretBasic | ClientSecretPost), false, _) => (
                "authenticates with a secret but has none",
                "Add secret_sha256 or secret_file",
            ),
            (Some(ClientSecretBasic | ClientSecretPost), true, true) => (
                "authenticates with a secret but has keys",
                "Remove the keys, or write \"private_key_jwt\" and remove the secret",
            ),
            (Some(PrivateKeyJwt), _, false) => (
                "authenticates with a key but has none",
                "Add jwks or jwks_file with its public keys",
            ),
            (Some(PrivateKeyJwt), true, true) => (
                "authenticates with a key but has a secret",
                "Remove the secret",
            ),
        };
        problems.add(place, format!("{whose} {}", mistake.0), mistake.1);
    }
}
