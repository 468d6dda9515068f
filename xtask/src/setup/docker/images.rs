//! The images: those that the Dockerfiles begin with, and those that they make.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use dockgate_stack::repository;

use super::client::Client;
use super::{directory, stand_in};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{self, logged};

/// The Dockerfiles, by their place in the repository.
const DOCKERFILES: [&str; 2] = ["envoy/Dockerfile", "issuer/Dockerfile"];
/// The largest has some hundred megabytes.
const PULL: Duration = Duration::from_secs(600);

/// A public image that a Dockerfile begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Rust's toolchain on Debian.
    Rust(String),
    /// Envoy's.
    Envoy(String),
}

impl Base {
    fn name(&self) -> &str {
        match self {
            Self::Rust(name) | Self::Envoy(name) => name,
        }
    }
}

/// All of them, as the Dockerfiles name them.
pub(super) fn bases() -> Outcome<Vec<Base>> {
    let mut bases = Vec::new();
    for path in DOCKERFILES {
        let text = std::fs::read_to_string(repository().join(path))
            .map_err(|error| Failure::new(format!("{path}: {error}")))?;
        for base in bases_in(path, &text)? {
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
    }
    Ok(bases)
}

fn bases_in(path: &str, dockerfile: &str) -> Outcome<Vec<Base>> {
    let mut arguments = Vec::new();
    let mut stages = vec!["scratch"];
    let mut bases = Vec::new();
    for line in dockerfile.lines() {
        if let Some((name, value)) = line.strip_prefix("ARG ").and_then(|a| a.split_once('=')) {
            arguments.push((format!("${{{name}}}"), value));
        }
        let Some(image) = line.strip_prefix("FROM ") else {
            continue;
        };
        let (image, stage) = image.split_once(" AS ").unwrap_or((image, ""));
        let name = arguments
            .iter()
            .fold(image.to_owned(), |name, (from, to)| name.replace(from, to));
        if !stages.contains(&name.as_str()) {
            bases.push(base(path, name)?);
        }
        stages.push(stage);
    }
    Ok(bases)
}

fn base(path: &str, name: String) -> Outcome<Base> {
    match name.split_once(':').map(|(repository, _)| repository) {
        Some("rust") => Ok(Base::Rust(name)),
        Some("envoyproxy/envoy") => Ok(Base::Envoy(name)),
        _ => Err(Failure::new(format!(
            "{path} begins with {name}, which the set-up of the tests does not know: add it to \
             xtask/src/setup/docker/images.rs"
        ))),
    }
}

/// Whether the engine has it.
pub(super) fn is_there(client: &Client, base: &Base) -> bool {
    client
        .ask(&["image", "inspect", "--format", "{{.Id}}", base.name()])
        .is_some()
}

/// Fetches it; says whether that worked.
pub(super) fn pull(context: &Context, client: &Client, base: &Base) -> bool {
    context.say(&format!("fetching the image {}", base.name()));
    logged("docker pull", client.docker(&["pull", base.name()]))
        .within(PULL)
        .run(context)
        .is_ok()
}

/// Gets each into an engine of our own: makes it where no registry answers.
pub(super) fn provide(context: &Context, client: &Client, bases: &[Base]) -> Outcome {
    for base in bases {
        if is_there(client, base) || pull(context, client, base) {
            continue;
        }
        context.say(&format!(
            "no registry answers: making what stands in for {}",
            base.name()
        ));
        match base {
            Base::Rust(name) => stand_in::rust(context, client, name)?,
            Base::Envoy(name) => stand_in::envoy(context, client, name)?,
        }
    }
    Ok(())
}

/// Builds what `docker compose up` would build, and the filter's own image.
pub(super) fn build(
    context: &Context,
    client: &Client,
    compose: &[String],
    own_engine: bool,
) -> Outcome {
    context.say("building the images");
    let (program, words) = compose
        .split_first()
        .ok_or_else(|| Failure::new("Compose has no command"))?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = client.command(program, &words);
    command.args(["--file", "docker-compose.yml"]);
    if own_engine {
        // Its builds have no network of their own.
        command.arg("--file").arg(build_network()?);
    }
    command.arg("build");
    run(context, "docker compose build", command)?;
    target(context, client, own_engine, FILTER)?;
    if own_engine {
        keep_only_what_is_used(context, client)?;
    }
    Ok(())
}

/// A Dockerfile, a stage of it, and the name of its image.
type Target = [&'static str; 3];

const FILTER: Target = ["envoy/Dockerfile", "filter", "dockgate-filter"];

/// What the next build can take over, unless its name is taken by something newer.
const CACHED: [Target; 3] = [
    ["envoy/Dockerfile", "manifests", "dockgate-manifests"],
    ["envoy/Dockerfile", "build", "dockgate-envoy-build"],
    ["issuer/Dockerfile", "build", "dockgate-issuer-build"],
];

fn target(context: &Context, client: &Client, own_engine: bool, target: Target) -> Outcome {
    let [file, stage, name] = target;
    let mut command = client.docker(&["build", "--file", file, "--target", stage, "--tag", name]);
    if own_engine {
        command.args(["--network", "host"]);
    }
    command.arg(".");
    run(context, "docker build", command)
}

/// Removes what earlier sources were built into: gigabytes at each change otherwise. An image without
/// a name is removed, and the stages of a build have none; they are given one first.
fn keep_only_what_is_used(context: &Context, client: &Client) -> Outcome {
    for cached in CACHED {
        target(context, client, true, cached)?;
    }
    client.ask(&["image", "prune", "--force"]);
    Ok(())
}

fn run(context: &Context, name: &'static str, mut command: Command) -> Outcome {
    command.current_dir(repository());
    program::logged(name, command).run(context).map(drop)
}

fn build_network() -> Outcome<PathBuf> {
    let path = directory().join("build-network.yml");
    let services: String = ["envoy", "issuer", "api"]
        .iter()
        .map(|service| format!("  {service}: {{ build: {{ network: host }} }}\n"))
        .collect();
    std::fs::write(&path, format!("services:\n{services}"))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dockerfiles_begin_with_images_that_have_a_version() {
        let bases = bases().unwrap();
        let version = std::fs::read_to_string(repository().join(".envoy-version")).unwrap();
        let envoy = format!("envoyproxy/envoy:distroless-v{}", version.trim());
        assert!(bases.contains(&Base::Envoy(envoy)), "{bases:?}");
        let [rust] = bases
            .iter()
            .filter(|base| matches!(base, Base::Rust(_)))
            .collect::<Vec<_>>()[..]
        else {
            panic!("one version of Rust: {bases:?}");
        };
        assert!(rust.name().starts_with("rust:1."), "{rust:?}");
    }

    #[test]
    fn stages_and_scratch_are_no_base_images() {
        let file = "ARG V=1\nFROM rust:${V} AS a\nFROM a AS b\nFROM scratch\n";
        let found = bases_in("x", file).unwrap();
        assert_eq!(found, [Base::Rust("rust:1".to_owned())]);
    }

    #[test]
    fn an_image_that_the_set_up_does_not_know_is_named() {
        let failure = bases_in("x", "FROM debian:12\n").unwrap_err().to_string();
        assert!(failure.contains("debian:12"), "{failure}");
    }

    #[test]
    fn both_dockerfiles_share_the_layer_of_the_manifests() {
        let [first, second] = DOCKERFILES.map(|path| {
            let text = std::fs::read_to_string(repository().join(path)).unwrap();
            let (_, after) = text.split_once("AS manifests\n").unwrap();
            after.split_once("\nFROM ").unwrap().0.to_owned()
        });
        assert_eq!(first, second);
    }
}
