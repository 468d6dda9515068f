//! What users granted to clients, with the refresh tokens that came of it.

use dockgate_token::{ClientId, Scope};
use serde::{Deserialize, Serialize};

use super::{GrantId, SecretDigest, SessionId, StoreError};
use crate::clock::UnixSeconds;

/// One authorization of one client by one user. It is alive as long as its record is there and has
/// not expired: whatever revokes it removes the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredGrant {
    /// When nothing that came of it can be alive any more.
    pub expires_at: UnixSeconds,
    /// The client.
    pub client_id: ClientId,
    /// The `sub` of the user.
    pub subject: String,
    /// All that was granted.
    pub scope: Scope,
    /// The audience of the resource server it is for.
    pub audience: String,
    /// The resources that were named (RFC 8707); none means the whole resource server.
    pub resources: Vec<String>,
    /// How the user had logged in.
    pub login: Login,
    /// The login session it was granted in, if there was one.
    pub session: Option<SessionId>,
    /// When it was granted.
    pub granted_at: UnixSeconds,
    /// The refresh tokens; `None` for a client that gets none.
    pub refresh: Option<RefreshFamily>,
}

/// How and when a user proved who they are; the same in every token of a grant (RFC 9068 §2.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// `auth_time` (OIDC Core §2).
    pub at: UnixSeconds,
    /// `amr` (RFC 8176).
    pub methods: Vec<String>,
}

/// The refresh tokens of a grant. Exactly one is current; those before it are known by what is
/// needed to recognise them, so that a family takes one record however often it is refreshed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshFamily {
    /// The key of the tags by which a token is known to be of this family, however old. It makes
    /// no token: the current one is known by its digest alone.
    pub tag_key: [u8; 16],
    /// The current token.
    pub current: SecretDigest,
    /// The end of the family, however much it is used.
    pub ends_at: UnixSeconds,
    /// The token before the current one, until the current one is used.
    pub predecessor: Option<Predecessor>,
    /// Tokens before that, as long as a replay of them may be a benign race.
    pub retired: Vec<Retired>,
}

/// A token that was rotated while its successor has not been used.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// The token.
    pub token: SecretDigest,
    /// When it was rotated.
    pub rotated_at: UnixSeconds,
    /// Its successor, sealed under a key that only the token itself gives.
    pub sealed_successor: Vec<u8>,
}

/// A token whose successor has been used.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// The token.
    pub token: SecretDigest,
    /// When it was rotated.
    pub rotated_at: UnixSeconds,
}

impl std::fmt::Debug for RefreshFamily {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshFamily")
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

/// How a compare-and-swap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The record was as expected and is now the new one.
    Done,
    /// The record has changed since it was read, or is gone: read it again.
    Changed,
}

/// Where grants are kept. Reads give what is not yet expired at `now`; writes are on disk when they
/// return.
pub trait GrantStore: Send + Sync {
    /// The grant, if it is alive. What this gives is on disk: what another request has written and
    /// not yet flushed is waited for, as something may be handed out because of it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn grant(
        &self,
        id: GrantId,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredGrant>, StoreError>> + Send;

    /// Adds a grant under a fresh id.
    ///
    /// # Errors
    /// [`StoreError`]; the grant must then not be used.
    fn add_grant(
        &self,
        id: GrantId,
        grant: &StoredGrant,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces a grant in one atomic step, if it is still `old`.
    ///
    /// # Errors
    /// [`StoreError`]; what is on disk is then either of the two.
    fn swap_grant(
        &self,
        id: GrantId,
        old: &StoredGrant,
        new: &StoredGrant,
    ) -> impl Future<Output = Result<Swap, StoreError>> + Send;

    /// Revokes a grant; one that is not there is revoked already.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still be alive.
    fn remove_grant(&self, id: GrantId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The live grants of a user, in no particular order.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn grants_of(
        &self,
        subject: &str,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Vec<(GrantId, StoredGrant)>, StoreError>> + Send;
}
