//! Starts and stops the whole demo: the real Envoy with the filter, the real issuer and the
//! sample API. `cargo xtask up` and the end-to-end tests share it, so that what a newcomer sees
//! is what is tested.

mod artifacts;
mod browsers;
mod clock;
mod error;
mod evidence;
mod http;
mod merge;
mod options;
mod placeholders;
mod ports;
mod process;
mod ready;
mod run_dir;
mod spawner;
mod stack;

pub use artifacts::{Artifacts, Build, MissingArtifact, demo_dir, repository, target_dir};
pub use browsers::BrowserPrograms;
pub use clock::{Deadline, now};
pub use error::StackError;
pub use evidence::{EVIDENCE_SECRETS, EVIDENCE_STACKS, EVIDENCE_VARIABLE, keep_secret};
pub use options::{StackOptions, StopFlag};
pub use placeholders::{Edit, PlaceholderError, Site, deployment, issuer_config};
pub use ports::{NoFreePort, Ports, is_occupied};
pub use process::Process;
pub use stack::Stack;
