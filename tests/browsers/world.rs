//! What all tests share: the stack, and the site of a client.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dockgate_stack::{BrowserPrograms, Edit, Stack, StackOptions};
use dockgate_tests::Shared;
use dockgate_tests::client_site::ClientSite;

/// The demo, with a client that has a real web site.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) site: ClientSite,
    pub(crate) programs: BrowserPrograms,
    next_person: AtomicUsize,
}

/// More than there are tests.
const PEOPLE: usize = 200;

impl World {
    /// Someone whom no test has had yet.
    pub(crate) fn person(&self) -> String {
        let number = self.next_person.fetch_add(1, Ordering::Relaxed);
        assert!(number < PEOPLE, "nobody is left");
        username(number)
    }
}

/// The one that runs, or a new one.
pub(crate) fn world() -> Arc<World> {
    static WORLD: Shared<World> = Shared::new();
    WORLD.get(|| start(|_| Ok(Vec::new())))
}

/// One whose issuer has more in its configuration, which may name the client's site.
pub(crate) fn start(
    more: impl FnOnce(&ClientSite) -> Result<Vec<PathBuf>, String>,
) -> Result<World, String> {
    let programs = BrowserPrograms::locate().map_err(|missing| missing.to_string())?;
    let site = ClientSite::start(include_str!("single-page/index.html"));
    let issuer_config = more(&site)?;
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
        issuer_edits: vec![to_the_site, people()],
        envoy_edits: vec![Edit::once(rules, cors + rules)],
        issuer_config,
        ..StackOptions::default()
    };
    let stack = Stack::start(options).map_err(|error| error.to_string())?;
    Ok(World {
        stack,
        site,
        programs,
        next_person: AtomicUsize::new(0),
    })
}

fn username(number: usize) -> String {
    format!("visitor-{number}")
}

/// Puts them before the user `bob`, with what the user `alice` has.
fn people() -> Edit {
    let bob = "[[users]]\nusername = \"bob\"";
    let password_hash = password_hash();
    let mut people = String::new();
    for number in 0..PEOPLE {
        let username = username(number);
        let _ = write!(
            people,
            "[[users]]\nusername = \"{username}\"\nsubject = \"user-{number}\"\n\
             password_hash = \"{password_hash}\"\n\
             scopes = [\"api:read\", \"api:write\", \"openid\", \"profile\", \"email\", \"offline_access\"]\n\
             name = \"Visitor {number}\"\nemail = \"{username}@example.com\"\n\n"
        );
    }
    Edit::once(bob, people + bob)
}

/// What the example has for its first user.
pub(crate) fn password_hash() -> &'static str {
    let example = include_str!("../../envoy/issuer.toml");
    let mut lines = example.lines();
    let hash = lines.find_map(|line| line.strip_prefix("password_hash = "));
    hash.expect("the example has a user").trim_matches('"')
}
