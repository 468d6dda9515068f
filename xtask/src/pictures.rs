//! `cargo xtask pictures`: every page of the issuer, as people see it.

use dockgate_stack::{Build, demo_dir};

use crate::build;
use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program;
use crate::setup::browsers;

/// Has the tests that take pictures do so. What was taken before is removed: a page that is no longer
/// there has no picture.
pub(crate) fn run(context: &Context) -> Outcome {
    browsers::provide(context)?;
    build::stack(context, Build::Dev)?;
    let pictures = demo_dir().join("pictures");
    if pictures.exists() {
        std::fs::remove_dir_all(&pictures)?;
    }
    let mut command = cargo("test");
    command.args(["--package", "dockgate-tests", "--test", "browsers"]);
    command.args(["--", "--ignored", "pictures::"]);
    program::shown(context, "pictures", command)?;
    context.say(&format!("the pictures are in {}", pictures.display()));
    Ok(())
}
