//! A C compiler: the issuer's cryptography is partly C and assembly.

use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// Checks that there is one.
pub(crate) fn require() -> Outcome {
    match ask("cc", &["--version"]) {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            "a C compiler is missing (`cc`): install it with `apt-get install gcc`, \
             `xcode-select --install` or your system's equivalent",
        )),
    }
}
