//! Where and with what it was measured.

use std::path::Path;

use dockgate_stack::repository;
use serde::Serialize;

use super::server::{Program, directory, issuer_binary};
use crate::program::ask;

/// Facts without which a figure says little.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    pub(super) cpu: String,
    /// Those that this program may use.
    pub(super) cores: usize,
    pub(super) kernel: String,
    /// Of the disk that the store is on.
    pub(super) file_system: String,
    pub(super) issuer: String,
    pub(super) commit: String,
    pub(super) peer: String,
    pub(super) node: String,
    pub(super) rustc: String,
}

impl Machine {
    /// To be asked before anything is pinned.
    pub(super) fn look(peer: &Program) -> Self {
        let answer = |program: &str, arguments: &[&str]| {
            ask(program, arguments).map_or_else(unknown, |answer| answer.trim().to_owned())
        };
        let (peer, node) = match peer {
            Program::Peer { dir } => (
                peer_version(dir).unwrap_or_else(unknown),
                answer(&Program::node(dir).to_string_lossy(), &["--version"]),
            ),
            Program::Ours => (unknown(), unknown()),
        };
        let root = repository();
        let root = root.to_string_lossy();
        Self {
            cpu: cpu().unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: answer("uname", &["-sr"]),
            file_system: answer("stat", &["-f", "-c", "%T", &directory().to_string_lossy()]),
            issuer: answer(&issuer_binary().to_string_lossy(), &["--version"]),
            commit: answer("git", &["-C", &root, "describe", "--always", "--dirty"]),
            peer,
            node,
            rustc: answer("rustc", &["--version"]),
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn cpu() -> Option<String> {
    let facts = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = facts.lines().find(|line| line.starts_with("model name"))?;
    let (_, model) = line.split_once(':')?;
    Some(model.trim().to_owned())
}

fn peer_version(dir: &Path) -> Option<String> {
    let manifest = dir.join("node_modules/oidc-provider/package.json");
    let manifest = std::fs::read_to_string(manifest).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
    Some(manifest.get("version")?.as_str()?.to_owned())
}
