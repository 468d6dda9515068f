//! Pictures of every page, for people to judge: narrow and wide, light and dark, with a brand and
//! without, in two languages, with names as long as may be. `cargo xtask pictures` takes them, all
//! below `target/dockgate/pictures/`. Nothing here compares them with any others.

mod look;
mod tour;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockgate_tests::Shared;
use dockgate_tests::client_site::ClientSite;

use self::tour::Tour;
use crate::world::{World, password_hash, start};

const DEMO: Tour = Tour {
    set: "demo",
    username: "ada",
    client: "web",
    scope: "openid profile email phone address offline_access api:read api:write api:admin",
    resource: None,
    languages: "en",
};

#[test]
#[ignore = "takes pictures, for people to look at: cargo xtask pictures"]
fn demo() {
    DEMO.take(plain());
}

#[test]
#[ignore = "takes pictures, for people to look at: cargo xtask pictures"]
fn german() {
    let tour = Tour {
        set: "german",
        username: "konrad",
        languages: "de-DE,de",
        ..DEMO
    };
    tour.take(plain());
}

#[test]
#[ignore = "takes pictures, for people to look at: cargo xtask pictures"]
fn brand() {
    let tour = Tour {
        set: "brand",
        username: "grace",
        ..DEMO
    };
    tour.take(branded());
}

#[test]
#[ignore = "takes pictures, for people to look at: cargo xtask pictures"]
fn long_names() {
    let tour = Tour {
        set: "long-names",
        username: "wilhelmina-charlotte.von-ansbach-hohenlohe@post.municipal-libraries.example",
        client: "catalogue-of-the-united-municipal-and-university-libraries-production",
        scope: "openid profile offline_access archive:holdings.periodicals:read \
                archive:loans.interlibrary:write archive:donaudampfschifffahrtsgesellschaft:administrate",
        resource: Some("https://archive.example/catalogue"),
        languages: "de-DE,de",
    };
    tour.take(branded());
}

fn plain() -> Arc<World> {
    static PLAIN: Shared<World> = Shared::new();
    PLAIN.get(|| start(|site| Ok(vec![written("people.toml", PEOPLE, site)?])))
}

fn branded() -> Arc<World> {
    static BRANDED: Shared<World> = Shared::new();
    BRANDED.get(|| {
        start(|site| {
            let people = written("branded-people.toml", PEOPLE, site)?;
            Ok(vec![people, written("brand.toml", BRAND, site)?])
        })
    })
}

const PEOPLE: &str = include_str!("people.toml");
const BRAND: &str = include_str!("brand.toml");

/// Writes a part of a configuration to a file, with what only this run knows.
fn written(name: &str, text: &str, site: &ClientSite) -> Result<PathBuf, String> {
    let logo = Path::new(env!("CARGO_MANIFEST_DIR")).join("browsers/pictures/logo.svg");
    let text = text
        .replace("{site}", site.origin())
        .replace("{hash}", password_hash())
        .replace("{logo}", &logo.display().to_string());
    let dir = dockgate_stack::demo_dir().join("pictures-config");
    let file = dir.join(name);
    std::fs::create_dir_all(&dir)
        .and_then(|()| std::fs::write(&file, text))
        .map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}
