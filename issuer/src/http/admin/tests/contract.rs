//! Asks the admin API, and holds what it is asked and what it answers against
//! `docs/admin-api.json`.

use std::path::Path;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::Request;
use boon::{Compiler, Draft, Schemas};
use dockgate_token::Algorithm;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;

use super::signing_keys::admin_with;
use super::*;
use crate::entropy::system_entropy;
use crate::http::NotReplaced;

const DOCUMENT: &str = include_str!("../../../../../docs/admin-api.json");
const NAME: &str = "http://localhost/admin-api.json";

/// The document.
pub(super) fn document() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    READ.get_or_init(|| serde_json::from_str(DOCUMENT).unwrap())
}

/// The demo's issuer, with real randomness.
pub(super) fn running(directory: &Path) -> Admin {
    let algorithms = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    let admin = admin_with(directory, algorithms);
    let changed = admin.current.update(|app| {
        app.entropy = system_entropy;
        Ok::<_, NotReplaced>(())
    });
    changed.unwrap();
    admin
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// As the document has it.
    pub(super) path: &'a str,
    /// What is in the braces.
    pub(super) name: &'a str,
    pub(super) query: &'a str,
    pub(super) body: Option<Value>,
}

impl<'a> Call<'a> {
    pub(super) fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            name: "",
            query: "",
            body: None,
        }
    }

    pub(super) fn delete(path: &'a str) -> Self {
        Self {
            method: "DELETE",
            ..Self::get(path)
        }
    }

    /// Without a body if that is `null`.
    pub(super) fn post(path: &'a str, body: Value) -> Self {
        Self {
            method: "POST",
            body: Some(body).filter(|body| !body.is_null()),
            ..Self::get(path)
        }
    }

    pub(super) fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    /// Status and body.
    pub(super) async fn of(&self, admin: &Admin) -> (u16, Value) {
        let body = self.body.as_ref().map(Value::to_string);
        let request = Request::builder()
            .method(self.method)
            .uri(path_of(self.path, self.name) + self.query)
            .header("content-type", "application/json")
            .body(Body::from(body.unwrap_or_default()))
            .unwrap();
        let service = TowerToHyperService::new(router(admin.clone()));
        let response = service.call(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let operation = &document()["paths"][self.path][self.method.to_lowercase()];
        if status < 300
            && let Some(sent) = &self.body
        {
            validate(&operation["requestBody"], sent, self);
        }
        let described = &operation["responses"][status.to_string()];
        assert!(
            described.is_object(),
            "{self:?}: {status} is not described: {body}"
        );
        validate(described, &body, self);
        (status, body)
    }

    /// The body of an answer that does what was asked for.
    pub(super) async fn done(&self, admin: &Admin) -> Value {
        let (status, body) = self.of(admin).await;
        assert_eq!(status, 200, "{self:?}: {body}");
        body
    }

    /// Why it is refused with that status.
    pub(super) async fn refused(&self, admin: &Admin, expected: u16) -> String {
        let (status, body) = self.of(admin).await;
        assert_eq!(status, expected, "{self:?}: {body}");
        body["error_description"].as_str().unwrap().to_owned()
    }
}

/// What is not JSON is not described by a schema of ours.
fn validate(described: &Value, body: &Value, call: &Call<'_>) {
    let Some(schema) = described["content"]["application/json"]["schema"]["$ref"].as_str() else {
        let raw = &described["content"]["application/octet-stream"];
        assert!(raw.is_object(), "{call:?}: nothing describes {body}");
        return;
    };
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.add_resource(NAME, document().clone()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile(&format!("{NAME}{schema}"), &mut schemas);
    let valid = schemas.validate(body, index.unwrap());
    assert!(valid.is_ok(), "{call:?}: {body}: {}", valid.unwrap_err());
}
