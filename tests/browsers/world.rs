//! What all tests share: the stack, and the site of a client.

use std::sync::Arc;

use dockgate_stack::{BrowserPrograms, Edit, Stack, StackOptions};
use dockgate_tests::Shared;
use dockgate_tests::client_site::ClientSite;

/// The demo, with a client that has a real web site.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) site: ClientSite,
    pub(crate) programs: BrowserPrograms,
}

/// The one that runs, or a new one.
pub(crate) fn world() -> Arc<World> {
    static WORLD: Shared<World> = Shared::new();
    WORLD.get(start)
}

fn start() -> Result<World, String> {
    let programs = BrowserPrograms::locate().map_err(|missing| missing.to_string())?;
    let site = ClientSite::start(include_str!("single-page/index.html"));
    // The site of the client `web` listens on a port of this run.
    let to_the_site = Edit {
        from: "http://localhost:3000".to_owned(),
        to: site.origin().to_owned(),
        count: 2,
    };
    // The API is called from a page of another origin, which has to be listed.
    let rules = "                    rules:\n";
    let cors = format!(
        "                    cors: {{ allow_origins: [\"{}\"] }}\n",
        site.single_page_origin()
    );
    let options = StackOptions {
        issuer_edits: vec![to_the_site],
        envoy_edits: vec![Edit::once(rules, cors + rules)],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).map_err(|error| error.to_string())?;
    Ok(World {
        stack,
        site,
        programs,
    })
}
