//! What may be used once or is no longer good, by its digest.

use super::{SecretDigest, StoreError};
use crate::clock::UnixSeconds;

/// Names that may be used once, and names that were revoked: of tokens, and of sessions that were
/// ended. Writes are on disk when they return.
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

    /// Revokes a name until `until`, when whatever goes by it has ended by itself.
    ///
    /// # Errors
    /// [`StoreError`]; it may then still pass as live. `Full` when too many are remembered.
    fn revoke(
        &self,
        name: SecretDigest,
        until: UnixSeconds,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether this name has been revoked.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn is_revoked(
        &self,
        name: SecretDigest,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
