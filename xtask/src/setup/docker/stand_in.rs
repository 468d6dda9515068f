//! What stands in for public images where no registry answers. Only ever made in an engine of our
//! own: they have the public images' names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockgate_stack::demo_dir;

use super::client::Client;
use super::directory;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::program::{ask, logged};
use crate::setup::{debian, envoy};

const BOOTSTRAP: Duration = Duration::from_secs(900);
const RELEASE: &str = "bookworm";
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";
const SOURCES: [&str; 2] = ["etc/apt/sources.list", "etc/apt/sources.list.d"];

/// Debian with a C compiler, this machine's Rust, and what this machine knows of package sources and
/// certificates.
pub(super) fn rust(context: &Context, client: &Client, name: &str) -> Outcome {
    let root = fresh("rust")?;
    bootstrap(context, &root)?;
    let sysroot = ask("rustc", &["--print", "sysroot"])
        .ok_or_else(|| Failure::new("rustc does not say where it is"))?;
    let toolchain = root.join("usr/local/rust");
    fs::create_dir_all(&toolchain)?;
    for part in ["bin", "lib", "libexec"] {
        let part = Path::new(sysroot.trim()).join(part);
        if part.exists() {
            copy(context, &part, &toolchain)?;
        }
    }
    fs::copy(Path::new("/").join(CERTIFICATES), root.join(CERTIFICATES))?;
    for sources in SOURCES {
        package_sources(context, &root, sources)?;
    }
    // The first use of apt-get reads the sources that are there now.
    for leftover in ["var/lib/apt/lists", "var/cache/apt/archives"] {
        let _ = fs::remove_dir_all(root.join(leftover));
        fs::create_dir_all(root.join(leftover).join("partial"))?;
    }
    let path =
        "ENV PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    import(context, client, &root, name, &[path])?;
    Ok(fs::remove_dir_all(root)?)
}

/// Envoy's binary and the libraries that it loads.
pub(super) fn envoy(context: &Context, client: &Client, name: &str) -> Outcome {
    let root = fresh("envoy")?;
    let binary = envoy::provide(context)?;
    let programs = root.join("usr/local/bin");
    fs::create_dir_all(&programs)?;
    fs::copy(&binary, programs.join("envoy"))?;
    let libraries = ask("ldd", &[&binary.to_string_lossy()]).unwrap_or_default();
    for library in libraries
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
    {
        let target = root.join(library.trim_start_matches('/'));
        if let Some(dir) = target.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::copy(library, target)?;
    }
    import(context, client, &root, name, &[])?;
    Ok(fs::remove_dir_all(root)?)
}

fn fresh(name: &str) -> Outcome<PathBuf> {
    let root = directory().join("stand-in").join(name);
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    fs::create_dir_all(&root)?;
    Ok(root)
}

fn bootstrap(context: &Context, root: &Path) -> Outcome {
    if ask("debootstrap", &["--version"]).is_none() {
        if !debian::can_install() {
            return Err(Failure::new(
                "no registry answers, and without Debian's debootstrap nothing can stand in for \
                 its images: give the Docker engine a way to a registry",
            ));
        }
        debian::install(context, &["debootstrap"])?;
    }
    let mut command = Command::new("debootstrap");
    command.args([
        "--variant=minbase",
        "--include=ca-certificates,gcc,libc6-dev",
    ]);
    command.arg(RELEASE).arg(root);
    logged("debootstrap", command)
        .within(BOOTSTRAP)
        .run(context)
        .map(drop)
}

/// Debian's own only: others want keys and helpers that a fresh Debian does not have.
fn package_sources(context: &Context, root: &Path, place: &str) -> Outcome {
    let (host, target) = (Path::new("/").join(place), root.join(place));
    if host.is_file() {
        fs::copy(host, target)?;
        return Ok(());
    }
    if target.is_file() {
        fs::remove_file(&target)?;
    }
    let of_debian = host.join("debian.sources");
    if of_debian.is_file() {
        copy(context, &of_debian, &target)?;
    }
    Ok(())
}

fn copy(context: &Context, from: &Path, to: &Path) -> Outcome {
    let mut command = Command::new("cp");
    command.arg("--archive").arg(from).arg(to);
    logged("cp", command).run(context).map(drop)
}

/// Makes an image of a directory.
fn import(
    context: &Context,
    client: &Client,
    root: &Path,
    name: &str,
    changes: &[&str],
) -> Outcome {
    let archive = demo_dir().join("docker/stand-in.tar");
    let mut tar = Command::new("tar");
    tar.arg("--create").arg("--file").arg(&archive);
    tar.arg("--directory")
        .arg(root)
        .arg(".")
        .stdin(Stdio::null());
    logged("tar", tar).run(context)?;
    let mut command = client.docker(&["import"]);
    for change in changes.iter().chain(&["LABEL dockgate.stand-in=true"]) {
        command.args(["--change", change]);
    }
    command.arg(&archive).arg(name);
    logged("docker import", command).run(context)?;
    Ok(fs::remove_file(archive)?)
}
