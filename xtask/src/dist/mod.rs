//! `cargo xtask dist`: what a release consists of, the same bytes from the same sources.

mod archive;
mod builds;
mod checksums;
mod licences;
mod packages;
mod remap;
mod sbom;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use dockgate_stack::{demo_dir, repository};

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use archive::Entry;
use builds::Built;
use packages::Packages;
use sbom::Subject;
use source::Source;

/// Where the release goes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The directory; what an earlier run left there is replaced [default: below target/].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Files of the repository that go into the archive as they are.
const FILES: [&str; 6] = [
    ".envoy-version",
    "CHANGELOG.md",
    "LICENSE",
    "SECURITY.md",
    "envoy/envoy.yaml",
    "envoy/issuer.toml",
];
/// Directories of which all files do that git tracks: what else lies there may be a secret.
const DIRECTORIES: [&str; 2] = ["docs", "envoy/deploy"];

const NOTICE: &str = "THIRD-PARTY-LICENSES.txt";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds everything and writes it to the directory.
pub(crate) fn run(context: &Context, arguments: &Arguments) -> Outcome {
    let out = arguments.out.clone().unwrap_or_else(default_dir);
    let source = Source::of(&repository())?;
    let built = builds::all(context)?;
    let target = &built.target;
    let name = format!("dockgate-{VERSION}-{target}");
    let programs = Packages::of(&["dockgate-issuer", "dockgate-filter-check"], target)?;
    let issuer = Packages::of(&["dockgate-issuer"], target)?;
    let filter = Packages::of(&["dockgate-filter"], builds::WASM)?;
    let notice = licences::notice(&programs.with(&filter))?;
    let issuer_sbom = sbom::document(&issuer, &subject(&built.issuer, &built.compilers), &source)?;
    let filter_sbom = sbom::document(
        &filter,
        &subject(&built.filter, &built.wasm_compilers),
        &source,
    )?;

    empty(&out)?;
    let archive = archive::pack(&name, &entries(&built, &notice)?, source.epoch)?;
    fs::write(out.join(format!("{name}.tar.gz")), archive)?;
    let module = out.join(format!("dockgate-filter-{VERSION}.wasm"));
    fs::write(module, read(&built.filter)?)?;
    let issuer_name = format!("dockgate-issuer-{VERSION}-{target}.cdx.json");
    fs::write(out.join(issuer_name), issuer_sbom)?;
    let filter_name = format!("dockgate-filter-{VERSION}.cdx.json");
    fs::write(out.join(filter_name), filter_sbom)?;
    checksums::write(&out)?;
    context.say(&format!("{} of {}", out.display(), source.commit));
    Ok(())
}

/// For the tests, which look at what is there.
pub(crate) fn for_tests(context: &Context) -> Outcome {
    run(context, &Arguments { out: None })
}

fn default_dir() -> PathBuf {
    demo_dir().join("dist")
}

fn subject<'a>(file: &'a Path, compilers: &'a [(&'static str, String)]) -> Subject<'a> {
    Subject { file, compilers }
}

/// What is in the archive, by its path there.
fn entries(built: &Built, notice: &str) -> Outcome<Vec<Entry>> {
    let root = repository();
    let mut entries = vec![
        Entry::program("bin/dockgate-issuer", read(&built.issuer)?),
        Entry::program("bin/dockgate-filter-check", read(&built.filter_check)?),
        Entry::file("dockgate_filter.wasm", read(&built.filter)?),
        Entry::file(NOTICE, notice.as_bytes().to_vec()),
    ];
    for path in FILES {
        entries.push(Entry::file(path, read(&root.join(path))?));
    }
    for directory in DIRECTORIES {
        for path in Source::files(&root, directory)? {
            entries.push(Entry::file(&path, read(&root.join(&path))?));
        }
    }
    Ok(entries)
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Makes the directory, or takes the files of an earlier release out of it; of anything else it keeps
/// away.
fn empty(out: &Path) -> Outcome {
    fs::create_dir_all(out)?;
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("dockgate-") && name != checksums::FILE {
            return Err(Failure::new(format!(
                "{} is not from a release: name a directory that is empty with --out",
                entry.path().display()
            )));
        }
        fs::remove_file(entry.path())?;
    }
    Ok(())
}
