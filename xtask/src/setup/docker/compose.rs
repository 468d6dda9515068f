//! Compose: v2, which is a plugin of `docker`, or `docker-compose` 1.29.

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::ask;
use crate::setup::debian;

/// The one that is there, or Debian's: the words that its command begins with.
pub(super) fn provide(context: &Context) -> Outcome<Vec<String>> {
    if let Some(words) = present() {
        return Ok(words);
    }
    if debian::can_install() {
        debian::install(context, &["docker-compose"])?;
    }
    present().ok_or_else(|| {
        Failure::new(
            "Compose is missing: install the package docker-compose-plugin (or docker-compose) \
             of Docker or of your system",
        )
    })
}

fn present() -> Option<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    if ask("docker", &["compose", "version"]).is_some() {
        return Some(words(&["docker", "compose"]));
    }
    let old = ask("docker-compose", &["version", "--short"])?;
    // Before 1.29 it took no conditions for the order of start.
    let minor = old
        .trim()
        .strip_prefix("1.")
        .and_then(|rest| rest.split('.').next());
    let too_old = minor.is_some_and(|minor| minor.parse().is_ok_and(|minor: u32| minor < 29));
    (!too_old).then(|| words(&["docker-compose"]))
}
