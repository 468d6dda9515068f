//! Records to store.

use super::super::super::{
    DeviceDecision, GrantId, Login, Predecessor, RefreshFamily, SecretDigest, SessionId,
    StoredCode, StoredDevice, StoredGrant,
};

/// When all of them end.
pub(super) const END: u64 = 2_000;
/// A time at which all of them are alive.
pub(super) const NOW: u64 = 1_000;

pub(super) fn digest(number: u32) -> SecretDigest {
    SecretDigest::of(&number.to_be_bytes())
}

pub(super) fn id(number: u8) -> GrantId {
    GrantId::from_bytes([number; 16])
}

fn login() -> Login {
    Login {
        at: 900,
        methods: vec!["pwd".to_owned()],
    }
}

pub(super) fn grant(subject: &str) -> StoredGrant {
    StoredGrant {
        expires_at: END,
        client_id: "web".parse().unwrap(),
        subject: subject.to_owned(),
        scope: "api:read api:write".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: Vec::new(),
        login: login(),
        session: Some(SessionId::from_bytes([7; 16])),
        granted_at: 950,
        refresh: None,
    }
}

/// A grant whose refresh token has been rotated `step` times.
pub(super) fn rotated(step: u32) -> StoredGrant {
    let predecessor = step.checked_sub(1).map(|last| Predecessor {
        token: digest(last),
        rotated_at: 960,
        sealed_successor: vec![5; 60],
    });
    StoredGrant {
        refresh: Some(RefreshFamily {
            tag_key: [3; 16],
            current: digest(step),
            ends_at: END,
            predecessor,
            retired: Vec::new(),
        }),
        ..grant("alice")
    }
}

pub(super) fn code(grant: GrantId) -> StoredCode {
    StoredCode {
        expires_at: END,
        valid_until: 1_060,
        grant,
        client_id: "web".parse().unwrap(),
        redirect_uri: "http://localhost:3000/callback".to_owned(),
        redirect_uri_was_sent: true,
        code_challenge: None,
        subject: "alice".to_owned(),
        scope: "api:read".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: Vec::new(),
        nonce: Some("n".to_owned()),
        login: login(),
        session: SessionId::from_bytes([7; 16]),
        redeemed: false,
    }
}

pub(super) fn device(user_code: &str) -> StoredDevice {
    StoredDevice {
        expires_at: END,
        valid_until: 1_600,
        client_id: "tv".parse().unwrap(),
        scope: "api:read".parse().unwrap(),
        audience: "api-gateway".to_owned(),
        resources: Vec::new(),
        user_code: user_code.to_owned(),
        interval: 5,
        polled_at: 0,
        decision: DeviceDecision::Pending,
    }
}
