//! Clients: which there are, and those that are added while the issuer runs.

mod change;
mod secrets;
mod shown;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::blocking;
use super::standing::{Source, Standing};
use super::{Admin, Answer};
use crate::clock::UnixSeconds;
use crate::store::Ended;

/// Where clients are listed and added.
pub const CLIENTS: &str = "/clients";
/// Where one is shown and removed.
pub const CLIENT: &str = "/clients/{client_id}";
/// Where one is given a new secret.
pub const SECRET: &str = "/clients/{client_id}/secret";
/// Where one is shut out.
pub const DISABLE: &str = "/clients/{client_id}/disable";
/// Where one is let in again.
pub const ENABLE: &str = "/clients/{client_id}/enable";

/// How long the old secrets stay by default, in seconds: a week to bring the new one everywhere.
pub const USUAL_OVERLAP: u64 = 7 * 24 * 60 * 60;
/// The longest that they may stay, in seconds: a year.
pub const LONGEST_OVERLAP: u64 = 366 * 24 * 60 * 60;

/// Every client, by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Clients {
    /// Each once.
    pub clients: Vec<ClientInfo>,
}

/// A client, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Its id.
    pub client_id: String,
    /// What people see.
    pub name: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Whether it counts.
    pub standing: Standing,
    /// What is wrong with one that is left out.
    pub mistakes: Vec<String>,
    /// `web` or `native`; `null` of one that is left out, as it has nothing from here on.
    pub application_type: Option<String>,
    /// How it may authenticate, by the names of RFC 7591 §2.
    pub authentication_methods: Vec<String>,
    /// Its secrets: until when each is one.
    pub secrets: Vec<SecretInfo>,
    /// The grants that it may use.
    pub grants: Vec<String>,
    /// The most that it may ask for.
    pub scopes: Vec<String>,
    /// Where browsers may be sent.
    pub redirect_uris: Vec<String>,
    /// When it was added; `null` of those in the configuration.
    pub added_at: Option<UnixSeconds>,
}

/// What there is to tell of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretInfo {
    /// When it is one no more; `null`: never.
    pub expires_at: Option<UnixSeconds>,
}

/// A client that is to be added.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// Like one of the `[[clients]]` of the configuration.
    pub client: Map<String, Value>,
    /// Whether it gets a secret that the issuer draws.
    #[serde(default)]
    pub generate_secret: bool,
}

/// A client that was added. Does not print.
#[derive(Serialize, Deserialize)]
pub struct AddedClient {
    /// The client.
    pub client: ClientInfo,
    /// Its secret, which nobody can read again; `null` if none was asked for.
    pub client_secret: Option<String>,
    /// What is allowed but unwise.
    pub warnings: Vec<String>,
}

/// What a new secret is asked for with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the old ones stay, in seconds.
    #[serde(default = "usual_overlap")]
    pub overlap_seconds: u64,
}

/// A new secret. Does not print.
#[derive(Serialize, Deserialize)]
pub struct RotatedSecret {
    /// The client.
    pub client: ClientInfo,
    /// The secret, which nobody can read again.
    pub client_secret: String,
}

/// A client, and what has ended.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedClient {
    /// As the client is now, or was.
    pub client: ClientInfo,
    /// What is dead from now on.
    pub ended: Ended,
}

fn usual_overlap() -> u64 {
    USUAL_OVERLAP
}

type Id = Result<Path<String>, PathRejection>;

/// `GET /clients`.
pub(super) async fn list(State(admin): State<Admin>) -> Answer<Clients> {
    blocking(move || {
        let clients = shown::all(&admin.current.app())?;
        Ok(Clients { clients })
    })
    .await
}

/// `GET /clients/{client_id}`.
pub(super) async fn show(State(admin): State<Admin>, id: Id) -> Answer<ClientInfo> {
    let Path(id) = id?;
    blocking(move || shown::one(&admin.current.app(), &id)).await
}

/// `POST /clients`.
pub(super) async fn add(
    State(admin): State<Admin>,
    body: Result<Json<NewClient>, JsonRejection>,
) -> Answer<AddedClient> {
    let Json(new) = body?;
    blocking(move || change::add(&admin, new)).await
}

/// `POST /clients/{client_id}/secret`.
pub(super) async fn rotate_secret(
    State(admin): State<Admin>,
    id: Id,
    body: Result<Json<RotateSecret>, JsonRejection>,
) -> Answer<RotatedSecret> {
    let (Path(id), Json(rotate)) = (id?, body?);
    blocking(move || change::rotate_secret(&admin, &id, rotate.overlap_seconds)).await
}

/// `POST /clients/{client_id}/disable`.
pub(super) async fn disable(State(admin): State<Admin>, id: Id) -> Answer<ChangedClient> {
    let Path(id) = id?;
    blocking(move || change::disable(&admin, &id)).await
}

/// `POST /clients/{client_id}/enable`.
pub(super) async fn enable(State(admin): State<Admin>, id: Id) -> Answer<ClientInfo> {
    let Path(id) = id?;
    blocking(move || change::enable(&admin, &id)).await
}

/// `DELETE /clients/{client_id}`.
pub(super) async fn remove(State(admin): State<Admin>, id: Id) -> Answer<ChangedClient> {
    let Path(id) = id?;
    blocking(move || change::remove(&admin, &id)).await
}
