//! What may be used once or is no longer good, by its digest.

use super::{SecretDigest, StoreError};
use crate::clock::UnixSeconds;

/// Names that may be used once, and tokens revoked by name. Writes are on disk when they return.
pub trait OnceStore: Send + Sync {
    /// Notes a name until `until`; `false` when it was noted already. One atomic step: of several
    /// calls at once exactly one is told `true`.
    ///
    /// # Errors
    /// [`StoreError`]; the name must then be taken as used. `Full` when too many are remembered.
    fn use_once(
        &self,
        name: SecretDigest,
        until: UnixSeconds,
        now: UnixSeconds,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Revokes the access token of this `jti`, which ends by itself at `until`.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still pass as live.
    fn revoke_token(
        &self,
        jti: SecretDigest,
        until: UnixSeconds,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether the access token of this `jti` has been revoked.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn is_revoked(
        &self,
        jti: SecretDigest,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
