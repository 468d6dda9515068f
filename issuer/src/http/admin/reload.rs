//! Having the configuration count anew, with an answer that says what that changed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{Answer, Refusal};
use crate::config::Mistake;
use crate::reload::{Changes, NotReloaded, Reloaded, Reloader};

/// How a reload went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// Whether the file counts now. Otherwise everything is as it was.
    pub reloaded: bool,
    /// What is different now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What is allowed but unwise, one sentence each.
    pub warnings: Vec<String>,
    /// What is wrong with the file.
    pub problems: Vec<Mistake>,
}

pub(super) async fn make(State(reloader): State<Arc<Reloader>>) -> Answer<Reload> {
    let reload = spawn_blocking(move || reloader.reload()).await;
    let reload = reload.map_err(|error| Refusal::Failed(error.to_string()))?;
    match reload {
        Ok(Reloaded { changes, warnings }) => Ok(Json(Reload {
            reloaded: true,
            changes: Some(changes),
            warnings,
            problems: Vec::new(),
        })),
        Err(NotReloaded::Config(error)) => Ok(Json(Reload {
            reloaded: false,
            changes: None,
            warnings: Vec::new(),
            problems: error.mistakes().to_vec(),
        })),
        Err(
            error
            @ (NotReloaded::Additions(_) | NotReloaded::Keys(_) | NotReloaded::NotReplaced(_)),
        ) => Err(Refusal::Failed(error.to_string())),
    }
}
