//! A refused request, with what is known of who was refused.

use dockgate_token::ClientId;

use super::{Client, Grant, OAuthError};

/// A refusal. A client appears only once it is authenticated (or public and known).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: OAuthError,
    /// Who asked.
    pub client: Option<ClientId>,
    /// What for, at the token endpoint.
    pub grant: Option<Grant>,
}

impl Refusal {
    pub(super) fn of(client: &Client, grant: Option<Grant>, error: OAuthError) -> Self {
        Self {
            error,
            client: Some(client.id.clone()),
            grant,
        }
    }
}

impl<E: Into<OAuthError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            client: None,
            grant: None,
        }
    }
}
