//! Where it was measured.

use dockgate_stack::repository;
use serde::Serialize;

use crate::program::ask;

/// Facts without which a figure says little.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Facts {
    pub(super) cpu: String,
    /// Those that this program may use.
    pub(super) cores: usize,
    pub(super) kernel: String,
    pub(super) commit: String,
    pub(super) rustc: String,
}

impl Facts {
    /// To be asked before anything is pinned.
    pub(super) fn look() -> Self {
        let root = repository();
        let root = root.to_string_lossy();
        Self {
            cpu: cpu().unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: answer("uname", &["-sr"]),
            commit: answer("git", &["-C", &root, "describe", "--always", "--dirty"]),
            rustc: answer("rustc", &["--version"]),
        }
    }
}

/// What a program says of itself.
pub(super) fn answer(program: &str, arguments: &[&str]) -> String {
    ask(program, arguments).map_or_else(unknown, |answer| answer.trim().to_owned())
}

pub(super) fn unknown() -> String {
    "unknown".to_owned()
}

fn cpu() -> Option<String> {
    let facts = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = facts.lines().find(|line| line.starts_with("model name"))?;
    let (_, model) = line.split_once(':')?;
    Some(model.trim().to_owned())
}
