//! Stands in until the embedded store keeps everything.

use dockgate_token::ClientId;

use super::*;
use crate::clock::UnixSeconds;

fn not_yet<T>() -> Result<T, StoreError> {
    Err(StoreError::Failed {
        detail: "not kept yet".to_owned(),
    })
}

impl GrantStore for SledStore {
    async fn grant(
        &self,
        _id: GrantId,
        _now: UnixSeconds,
    ) -> Result<Option<StoredGrant>, StoreError> {
        not_yet()
    }
    async fn add_grant(&self, _id: GrantId, _grant: &StoredGrant) -> Result<(), StoreError> {
        not_yet()
    }
    async fn swap_grant(
        &self,
        _id: GrantId,
        _old: &StoredGrant,
        _new: &StoredGrant,
    ) -> Result<Swap, StoreError> {
        not_yet()
    }
    async fn remove_grant(&self, _id: GrantId) -> Result<(), StoreError> {
        not_yet()
    }
    async fn grants_of(
        &self,
        _subject: &str,
        _now: UnixSeconds,
    ) -> Result<Vec<(GrantId, StoredGrant)>, StoreError> {
        not_yet()
    }
}

impl CodeStore for SledStore {
    async fn add_code(&self, _code: SecretDigest, _record: &StoredCode) -> Result<(), StoreError> {
        not_yet()
    }
    async fn code(
        &self,
        _code: SecretDigest,
        _now: UnixSeconds,
    ) -> Result<Option<StoredCode>, StoreError> {
        not_yet()
    }
    async fn redeem_code(
        &self,
        _code: SecretDigest,
        _grant: &StoredGrant,
    ) -> Result<Redemption, StoreError> {
        not_yet()
    }
}

impl SessionStore for SledStore {
    async fn session(
        &self,
        _cookie: SecretDigest,
        _now: UnixSeconds,
    ) -> Result<Option<StoredSession>, StoreError> {
        not_yet()
    }
    async fn put_session(
        &self,
        _cookie: SecretDigest,
        _session: &StoredSession,
    ) -> Result<(), StoreError> {
        not_yet()
    }
    async fn remove_session(&self, _cookie: SecretDigest) -> Result<(), StoreError> {
        not_yet()
    }
}

impl ConsentStore for SledStore {
    async fn consent(
        &self,
        _subject: &str,
        _client: &ClientId,
        _now: UnixSeconds,
    ) -> Result<Option<StoredConsent>, StoreError> {
        not_yet()
    }
    async fn put_consent(
        &self,
        _subject: &str,
        _client: &ClientId,
        _consent: &StoredConsent,
    ) -> Result<(), StoreError> {
        not_yet()
    }
    async fn remove_consent(&self, _subject: &str, _client: &ClientId) -> Result<(), StoreError> {
        not_yet()
    }
}

impl DeviceStore for SledStore {
    async fn add_device(
        &self,
        _device_code: SecretDigest,
        _record: &StoredDevice,
        _now: UnixSeconds,
    ) -> Result<Swap, StoreError> {
        not_yet()
    }
    async fn device(
        &self,
        _device_code: SecretDigest,
        _now: UnixSeconds,
    ) -> Result<Option<StoredDevice>, StoreError> {
        not_yet()
    }
    async fn device_of_user_code(
        &self,
        _user_code: &str,
        _now: UnixSeconds,
    ) -> Result<Option<(SecretDigest, StoredDevice)>, StoreError> {
        not_yet()
    }
    async fn swap_device(
        &self,
        _device_code: SecretDigest,
        _old: &StoredDevice,
        _new: &StoredDevice,
    ) -> Result<Swap, StoreError> {
        not_yet()
    }
    async fn note_poll(
        &self,
        _device_code: SecretDigest,
        _old: &StoredDevice,
        _new: &StoredDevice,
    ) -> Result<Swap, StoreError> {
        not_yet()
    }
    async fn redeem_device(
        &self,
        _device_code: SecretDigest,
        _old: &StoredDevice,
        _new: &StoredDevice,
        _grant: (GrantId, &StoredGrant),
    ) -> Result<Swap, StoreError> {
        not_yet()
    }
}

impl PushedRequestStore for SledStore {
    async fn add_pushed_request(
        &self,
        _reference: SecretDigest,
        _record: &StoredPushedRequest,
    ) -> Result<(), StoreError> {
        not_yet()
    }
    async fn pushed_request(
        &self,
        _reference: SecretDigest,
        _now: UnixSeconds,
    ) -> Result<Option<StoredPushedRequest>, StoreError> {
        not_yet()
    }
    async fn consume_pushed_request(&self, _reference: SecretDigest) -> Result<bool, StoreError> {
        not_yet()
    }
}

impl OnceStore for SledStore {
    async fn use_once(
        &self,
        _name: SecretDigest,
        _until: UnixSeconds,
        _now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        not_yet()
    }
    async fn revoke_token(
        &self,
        _jti: SecretDigest,
        _until: UnixSeconds,
    ) -> Result<(), StoreError> {
        not_yet()
    }
    async fn is_revoked(&self, _jti: SecretDigest) -> Result<bool, StoreError> {
        not_yet()
    }
}
