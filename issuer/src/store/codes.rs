//! Authorization codes (RFC 6749 §4.1.2).

use dockgate_token::{ClientId, Scope};
use serde::{Deserialize, Serialize};

use super::{GrantId, Login, SecretDigest, SessionId, StoreError, StoredGrant};
use crate::clock::UnixSeconds;

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCode {
    /// When the record may go: later than the code itself ends, so that a second use is noticed.
    pub expires_at: UnixSeconds,
    /// When the code can no longer be redeemed.
    pub valid_until: UnixSeconds,
    /// The grant that it becomes; its id is chosen when the code is made.
    pub grant: GrantId,
    /// The client it was made for.
    pub client_id: ClientId,
    /// The redirect URI it was sent to, as the request had it.
    pub redirect_uri: String,
    /// Whether the request named the redirect URI; the token request then has to as well.
    pub redirect_uri_was_sent: bool,
    /// The S256 challenge (RFC 7636 §4.2), base64url.
    pub code_challenge: Option<String>,
    /// Who granted.
    pub subject: String,
    /// What was granted.
    pub scope: Scope,
    /// For which resource server.
    pub audience: String,
    /// The resources that were named.
    pub resources: Vec<String>,
    /// `nonce` of the request, for the ID token.
    pub nonce: Option<String>,
    /// How the user had logged in.
    pub login: Login,
    /// The line of sessions it was granted in.
    pub session: SessionId,
    /// Whether it has been redeemed.
    pub redeemed: bool,
}

/// What became of an attempt to redeem a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// This call redeemed it, and the grant is there.
    First,
    /// It had been redeemed before, or is gone.
    Again,
}

/// Where codes are kept.
pub trait CodeStore: Send + Sync {
    /// Adds a code. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the code must then not be handed out. `Full` when too many are pending.
    fn add_code(
        &self,
        code: SecretDigest,
        record: &StoredCode,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The code, redeemed or not. One that was made before an unclean stop is not there: what
    /// became of it is not known for sure.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn code(
        &self,
        code: SecretDigest,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Option<StoredCode>, StoreError>> + Send;

    /// Marks the code as redeemed and adds the grant, both or neither, in one atomic step; on disk
    /// when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the code must then be taken as redeemed.
    fn redeem_code(
        &self,
        code: SecretDigest,
        grant: &StoredGrant,
    ) -> impl Future<Output = Result<Redemption, StoreError>> + Send;
}
