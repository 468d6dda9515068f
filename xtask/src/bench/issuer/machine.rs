//! Where and with what it was measured.

use std::path::Path;

use serde::Serialize;

use super::server::{Program, directory, issuer_binary};
use crate::bench::machine::{Facts, answer, unknown};

/// Facts without which a figure says little.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    #[serde(flatten)]
    pub(super) facts: Facts,
    /// Of the disk that the store is on.
    pub(super) file_system: String,
    pub(super) issuer: String,
    pub(super) peer: String,
    pub(super) node: String,
}

impl Machine {
    /// To be asked before anything is pinned.
    pub(super) fn look(peer: &Program) -> Self {
        let (peer, node) = match peer {
            Program::Peer { dir } => (
                peer_version(dir).unwrap_or_else(unknown),
                answer(&Program::node(dir).to_string_lossy(), &["--version"]),
            ),
            Program::Ours => (unknown(), unknown()),
        };
        Self {
            facts: Facts::look(),
            file_system: answer("stat", &["-f", "-c", "%T", &directory().to_string_lossy()]),
            issuer: answer(&issuer_binary().to_string_lossy(), &["--version"]),
            peer,
            node,
        }
    }
}

fn peer_version(dir: &Path) -> Option<String> {
    let manifest = dir.join("node_modules/oidc-provider/package.json");
    let manifest = std::fs::read_to_string(manifest).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
    Some(manifest.get("version")?.as_str()?.to_owned())
}
