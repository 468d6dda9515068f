//! The clients that others wrote, of the versions in the lock files beside their tests.

use dockgate_stack::{demo_dir, repository};

use super::{browsers, npm, python};
use crate::context::Context;
use crate::failure::Outcome;

/// Installs all of them. One that cannot be had fails this: none is left out in silence.
pub(crate) fn provide(context: &Context) -> Outcome {
    browsers::provide(context)?;
    npm::install(context, &repository().join("tests/peers/oidc-provider"))?;
    let clients = repository().join("tests/clients");
    npm::install(context, &clients.join("javascript"))?;
    python::install(
        context,
        &clients.join("python/requirements.txt"),
        &demo_dir().join("clients-venv"),
    )
}
