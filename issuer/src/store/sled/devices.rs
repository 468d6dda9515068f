//! Device authorizations, and which user code is whose.

use super::super::{
    DeviceStore, GrantId, Room, SecretDigest, StoreError, StoredDevice, StoredGrant, Swap,
};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

impl DeviceStore for SledStore {
    async fn add_device(
        &self,
        device_code: SecretDigest,
        record: &StoredDevice,
        room: Room,
        now: UnixSeconds,
    ) -> Result<Swap, StoreError> {
        {
            let value = records::encode(record.expires_at, record)?;
            let row = records::encode(record.expires_at, &device_code)?;
            let place = self.counts.devices.take_of(room)?;
            let _together = self.together();
            if self.device_under(&record.user_code, now)?.is_some() {
                return Ok(Swap::Changed);
            }
            // A device without its user code cannot be approved, and expires.
            let before = self.tables.devices.insert(device_code.as_bytes(), value)?;
            if before.is_none() {
                place.keep();
            }
            self.tables
                .user_codes
                .insert(record.user_code.as_bytes(), row)?;
        }
        self.flusher.durable().await?;
        Ok(Swap::Done)
    }

    async fn device(
        &self,
        device_code: SecretDigest,
        now: UnixSeconds,
    ) -> Result<Option<StoredDevice>, StoreError> {
        self.tables.devices.live(device_code.as_bytes(), now)
    }

    async fn device_of_user_code(
        &self,
        user_code: &str,
        now: UnixSeconds,
    ) -> Result<Option<(SecretDigest, StoredDevice)>, StoreError> {
        self.device_under(user_code, now)
    }

    async fn swap_device(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
    ) -> Result<Swap, StoreError> {
        if !self.replace_device(device_code, old, new)? {
            return Ok(Swap::Changed);
        }
        self.flusher.durable().await?;
        Ok(Swap::Done)
    }

    async fn note_poll(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
    ) -> Result<Swap, StoreError> {
        let replaced = self.replace_device(device_code, old, new)?;
        Ok(if replaced { Swap::Done } else { Swap::Changed })
    }

    async fn redeem_device(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
        (id, grant): (GrantId, &StoredGrant),
    ) -> Result<Swap, StoreError> {
        {
            let _together = self.together();
            // The device is first, for the same reason as a code.
            if !self.replace_device(device_code, old, new)? {
                return Ok(Swap::Changed);
            }
            self.write_grant(id, grant)?;
        }
        self.flusher.durable().await?;
        Ok(Swap::Done)
    }
}

impl SledStore {
    fn replace_device(
        &self,
        device_code: SecretDigest,
        old: &StoredDevice,
        new: &StoredDevice,
    ) -> Result<bool, StoreError> {
        let expected = records::encode(old.expires_at, old)?;
        let value = records::encode(new.expires_at, new)?;
        self.tables
            .devices
            .swap(device_code.as_bytes(), (old, expected), &value)
    }

    fn device_under(
        &self,
        user_code: &str,
        now: UnixSeconds,
    ) -> Result<Option<(SecretDigest, StoredDevice)>, StoreError> {
        let row = self.tables.user_codes.live(user_code.as_bytes(), now)?;
        let Some(device_code): Option<SecretDigest> = row else {
            return Ok(None);
        };
        let device = self.tables.devices.live(device_code.as_bytes(), now)?;
        Ok(device.map(|device| (device_code, device)))
    }
}
