//! What has to be on the machine before anything can be built, one thing per file. Each tries
//! the ordinary way first, then what else is known to work, and says in one sentence what is
//! missing when nothing does.

pub(crate) mod browsers;
pub(crate) mod c_compiler;
pub(crate) mod cargo_deny;
pub(crate) mod cargo_tool;
pub(crate) mod clients;
mod debian;
pub(crate) mod docker;
pub(crate) mod envoy;
pub(crate) mod npm;
pub(crate) mod python;
pub(crate) mod wasm_target;
