//! The secret of the pages.

use super::super::{PageSecretStore, StoreError};
use super::SledStore;

/// Its key in `meta`.
pub(super) const KEY: &[u8] = b"page_secret";

impl PageSecretStore for SledStore {
    fn page_secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let meta = &self.tables.meta;
        match meta.compare_and_swap(KEY, None, Some(fresh.to_vec()))? {
            Ok(()) => {
                self.flusher.durable_blocking()?;
                Ok(fresh)
            }
            Err(there) => there
                .and_then(|value| value.as_ref().try_into().ok())
                .ok_or_else(|| meta.unreadable()),
        }
    }
}
