//! `cargo xtask docs`: writes what of the documentation comes from the code.

use crate::cargo::cargo;
use crate::context::Context;
use crate::failure::Outcome;
use crate::program;

/// Has the test that compares the reference with the code write it first.
pub(crate) fn run(context: &Context) -> Outcome {
    let mut command = cargo("test");
    command.args(["--package", "dockgate-issuer", "--lib"]);
    command.args(["--", "the_reference_is_what_the_code_says"]);
    command.env("DOCKGATE_WRITE_DOCS", "1");
    program::shown(context, "docs", command)
}
