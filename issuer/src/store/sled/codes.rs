//! Authorization codes.

use super::super::{CodeStore, Redemption, SecretDigest, StoreError, StoredCode, StoredGrant};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

/// The number of the start it was made in, and the code.
type Record = (u64, StoredCode);

impl CodeStore for SledStore {
    async fn add_code(&self, code: SecretDigest, record: &StoredCode) -> Result<(), StoreError> {
        let value = records::encode(record.expires_at, &(self.start.number, record))?;
        let place = self.counts.codes.take()?;
        if self.tables.codes.insert(code.as_bytes(), value)?.is_none() {
            place.keep();
        }
        self.flusher.durable().await
    }

    async fn code(
        &self,
        code: SecretDigest,
        now: UnixSeconds,
    ) -> Result<Option<StoredCode>, StoreError> {
        let record = self.tables.codes.live(code.as_bytes(), now)?;
        Ok(record.and_then(|record| self.counted(record)))
    }

    async fn redeem_code(
        &self,
        code: SecretDigest,
        grant: &StoredGrant,
    ) -> Result<Redemption, StoreError> {
        {
            // Whoever is told `Again` comes after the whole of the first redemption, so that the
            // grant it then revokes is there to be revoked.
            let _together = self.together();
            let Some(value) = self.tables.codes.get(code.as_bytes())? else {
                return Ok(Redemption::Again);
            };
            let Some(mut record) = self.counted(self.tables.codes.decode(&value)?) else {
                return Ok(Redemption::Again);
            };
            if record.redeemed {
                return Ok(Redemption::Again);
            }
            record.redeemed = true;
            let id = record.grant;
            let value = records::encode(record.expires_at, &(self.start.number, &record))?;
            // The code is first: a crash in between may cost the client its grant, of which it has
            // not heard, but never leaves a grant whose code can be used again.
            self.tables.codes.insert(code.as_bytes(), value)?;
            self.write_grant(id, grant)?;
        }
        self.flusher.durable().await?;
        Ok(Redemption::First)
    }
}

impl SledStore {
    fn counted(&self, (start, code): Record) -> Option<StoredCode> {
        (start >= self.start.codes_from).then_some(code)
    }
}
