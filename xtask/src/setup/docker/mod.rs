//! Docker for the tests of the compose file: the engine that answers, or one of our own; Compose,
//! v2 or 1.29; and the images.

mod client;
mod compose;
mod engine;
mod images;
mod stand_in;

use std::path::PathBuf;

use dockgate_stack::demo_dir;

use crate::context::Context;
use crate::failure::Outcome;
use client::Client;
use engine::Engine;

/// An engine that has the images. Dropping it ends the engine, if it is our own.
pub(crate) struct Docker {
    client: Client,
    compose: Vec<String>,
    _engine: Option<Engine>,
}

impl Docker {
    /// What the tests find the engine and Compose by.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let compose = ("DOCKGATE_TEST_COMPOSE", self.compose.join(" "));
        let host = self.client.host().map(|host| ("DOCKER_HOST", host.into()));
        host.into_iter().chain([compose]).collect()
    }
}

/// Provides the engine and builds the images of the committed files in it.
pub(crate) fn provide(context: &Context) -> Outcome<Docker> {
    let bases = images::bases()?;
    let (client, engine) = match usable(context, &bases) {
        Some(client) => (client, None),
        None => {
            let engine = engine::start(context)?;
            let client = engine.client();
            images::provide(context, &client, &bases)?;
            (client, Some(engine))
        }
    };
    let compose = compose::provide(context)?;
    images::build(context, &client, &compose, engine.is_some())?;
    Ok(Docker {
        client,
        compose,
        _engine: engine,
    })
}

/// The engine that answers, if it has or can get every base image. One that cannot is left alone:
/// what stands in for a public image has no place in an engine that others use.
fn usable(context: &Context, bases: &[images::Base]) -> Option<Client> {
    let client = Client::default();
    let version = client.ask(&["info", "--format", "{{.ServerVersion}}"])?;
    context.say(&format!("Docker {} answers", version.trim()));
    let can = bases
        .iter()
        .all(|base| images::is_there(&client, base) || images::pull(context, &client, base));
    if !can {
        context.say("it cannot get the base images");
    }
    can.then_some(client)
}

/// Where our own engine keeps everything.
fn directory() -> PathBuf {
    demo_dir().join("docker")
}
