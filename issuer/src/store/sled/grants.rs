//! Grants, and which of them are a user's.

use sled::IVec;

use super::super::{GrantId, GrantStore, StoreError, StoredGrant, Swap};
use super::{SledStore, records, short};
use crate::clock::UnixSeconds;

impl GrantStore for SledStore {
    async fn grant(
        &self,
        id: GrantId,
        now: UnixSeconds,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let grant = self.tables.grants.live(id.as_bytes(), now)?;
        if self.unsettled.contains(id) {
            self.flusher.durable().await?;
        }
        // After a failed flush nobody knows what of it is on disk. Asked last: the flush may have
        // failed since the grant was read.
        self.health.check()?;
        Ok(grant)
    }

    async fn add_grant(&self, id: GrantId, grant: &StoredGrant) -> Result<(), StoreError> {
        {
            let _together = self.together();
            self.write_grant(id, grant)?;
        }
        self.flusher.durable().await
    }

    async fn swap_grant(
        &self,
        id: GrantId,
        old: &StoredGrant,
        new: &StoredGrant,
    ) -> Result<Swap, StoreError> {
        let expected = records::encode(old.expires_at, old)?;
        let value = records::encode(new.expires_at, new)?;
        let change = self.unsettled.begin(id);
        if !self
            .tables
            .grants
            .swap(id.as_bytes(), (old, expected), &value)?
        {
            return Ok(Swap::Changed);
        }
        self.flusher.settle(change).await?;
        Ok(Swap::Done)
    }

    async fn remove_grant(&self, id: GrantId) -> Result<(), StoreError> {
        // Whoever finds it gone meanwhile may be told so, and must not find it alive after a crash.
        let change = self.unsettled.begin(id);
        {
            let _together = self.together();
            if let Some(value) = self.tables.grants.remove(id.as_bytes())? {
                self.remove_subject_row(id, &value)?;
            }
        }
        self.flusher.settle(change).await
    }

    async fn grants_of(
        &self,
        subject: &str,
        now: UnixSeconds,
    ) -> Result<Vec<(GrantId, StoredGrant)>, StoreError> {
        let mut grants = Vec::new();
        for key in self.tables.grants_by_subject.keys_under(&short(subject))? {
            let Some(id) = key.last_chunk().copied().map(GrantId::from_bytes) else {
                continue;
            };
            match self.tables.grants.live::<StoredGrant>(id.as_bytes(), now)? {
                Some(grant) if grant.subject == subject => grants.push((id, grant)),
                _ => {}
            }
        }
        Ok(grants)
    }
}

impl SledStore {
    /// Writes a new grant and its row. The row is first: alone it means nothing, while a grant
    /// without it would not be found when all of a user's are to be removed. Call it with
    /// [`Self::together`] held.
    pub(super) fn write_grant(&self, id: GrantId, grant: &StoredGrant) -> Result<(), StoreError> {
        let row = records::encode(grant.expires_at, &())?;
        let value = records::encode(grant.expires_at, grant)?;
        self.tables
            .grants_by_subject
            .insert(&subject_key(&grant.subject, id), row)?;
        self.tables.grants.insert(id.as_bytes(), value)?;
        Ok(())
    }

    /// Removes the row of a grant that has been removed.
    pub(super) fn remove_subject_row(&self, id: GrantId, value: &IVec) -> Result<(), StoreError> {
        // A grant that cannot be read is gone all the same; sweeping finds its row.
        if let Ok(grant) = records::decode::<StoredGrant>(value) {
            self.tables
                .grants_by_subject
                .remove(&subject_key(&grant.subject, id))?;
        }
        Ok(())
    }
}

fn subject_key(subject: &str, id: GrantId) -> Vec<u8> {
    [short(subject), *id.as_bytes()].concat()
}
