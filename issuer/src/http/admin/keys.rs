//! Signing keys: what there are, the next one now, and one from elsewhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use dockgate_token::{Algorithm, KeyId};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{Answer, Refusal};
use crate::clock::UnixSeconds;
use crate::keys::import::read;
use crate::keys::{First, Keeper, KeyError, KeyStatus, Moment, Old};
use crate::store::KeyState;
use crate::turning::SigningKeys;

/// Where the keys are listed.
pub const LIST: &str = "/keys";
/// Where a rotation is begun.
pub const ROTATE: &str = "/keys/rotate";
/// Where a key is brought.
pub const IMPORT: &str = "/keys/import";

/// Several keys, oldest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct Keys {
    /// Each once.
    pub keys: Vec<Key>,
}

/// A key, without anything secret.
#[derive(Debug, Serialize, Deserialize)]
pub struct Key {
    /// Its name in the JWKS.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// `published`, `active` or `retired`.
    pub state: KeyState,
    /// When it was made or imported.
    pub created_at: UnixSeconds,
    /// When it came into its state.
    pub since: UnixSeconds,
    /// How many seconds are left until it signs (published), until the next one is published
    /// (active), or until it leaves the JWKS (retired), at the earliest; `null` where nothing is
    /// due.
    pub next_in_seconds: Option<u64>,
    /// Whether the store has it sealed.
    pub sealed: bool,
}

/// What a rotation is asked for with.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Of which algorithm; without it of each that there is a key of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Algorithm>,
    /// Whether the old keys leave the JWKS at once and a new one signs at once.
    #[serde(default)]
    pub revoke_old: bool,
}

/// A key that is brought. Does not print.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// A private key as PEM or as a JWK.
    pub key: Zeroizing<String>,
    /// Its name, before that of the JWK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<KeyId>,
    /// What it is to sign with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Algorithm>,
    /// Whether it signs at once, known to verifiers or not.
    #[serde(default)]
    pub activate_now: bool,
}

/// `GET /keys`.
pub(super) async fn list(State(keys): State<Arc<SigningKeys>>) -> Answer<Keys> {
    change(keys, |keeper, now| {
        keeper.tick(now)?;
        Ok(Keys::of(keeper.list(now)))
    })
    .await
}

/// `POST /keys/rotate`.
pub(super) async fn rotate(
    State(keys): State<Arc<SigningKeys>>,
    body: Result<Json<Rotate>, JsonRejection>,
) -> Answer<Keys> {
    let Json(Rotate {
        algorithm,
        revoke_old,
    }) = body?;
    let old = if revoke_old { Old::Revoke } else { Old::Retire };
    change(keys, move |keeper, now| {
        Ok(Keys::of(keeper.rotate(algorithm, old, now)?))
    })
    .await
}

/// `POST /keys/import`.
pub(super) async fn import(
    State(keys): State<Arc<SigningKeys>>,
    body: Result<Json<Import>, JsonRejection>,
) -> Answer<Key> {
    let Json(Import {
        key,
        kid,
        algorithm,
        activate_now,
    }) = body?;
    let imported = read(key.as_bytes(), algorithm, kid);
    let imported = imported.map_err(|error| Refusal::Invalid(format!("the key: {error}")))?;
    let first = if activate_now {
        First::AtOnce
    } else {
        First::Published
    };
    change(keys, move |keeper, now| {
        Ok(Key::of(keeper.import(imported, first, now)?))
    })
    .await
}

/// Making keys and waiting for the disk both take their time.
async fn change<T: Send + 'static>(
    keys: Arc<SigningKeys>,
    change: impl FnOnce(&mut Keeper<Arc<crate::store::SledStore>>, Moment) -> Result<T, KeyError>
    + Send
    + 'static,
) -> Answer<T> {
    let changed = spawn_blocking(move || keys.change(change)).await;
    let changed = changed.map_err(|error| Refusal::Failed(error.to_string()))?;
    Ok(Json(changed?))
}

impl Keys {
    fn of(keys: Vec<KeyStatus>) -> Self {
        Self {
            keys: keys.into_iter().map(Key::of).collect(),
        }
    }
}

impl Key {
    fn of(status: KeyStatus) -> Self {
        let KeyStatus {
            kid,
            algorithm,
            state,
            created_at,
            since,
            next_in,
            sealed,
        } = status;
        Self {
            kid,
            algorithm,
            state,
            created_at,
            since,
            next_in_seconds: next_in,
            sealed,
        }
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        let description = error.to_string();
        match error {
            KeyError::Store(error) => error.into(),
            KeyError::Missing(_) => Self::NotFound(description),
            KeyError::Unsupported(_) => Self::Invalid(description),
            KeyError::Waiting(..)
            | KeyError::TooMany(_)
            | KeyError::SameName(_)
            | KeyError::SameKey(_) => Self::Conflict(description),
            KeyError::NotGenerated(_)
            | KeyError::Unreadable(_)
            | KeyError::NotSigned(_)
            | KeyError::NotSealed(_)
            | KeyError::NotShown(_)
            | KeyError::NoSecret
            | KeyError::WrongSecret { .. } => Self::Failed(description),
        }
    }
}
