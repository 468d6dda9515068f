//! `[store]`: where state is kept.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::bounds::bounded;
use super::error::Problems;
use super::located::{Located, Place};

/// The embedded store.
#[derive(Clone, Debug)]
pub struct Store {
    /// `path`: its directory, made with mode 0700 where there is none. It holds the private signing
    /// keys. In the file it is relative to the file, in `DOCKGATE_STORE_PATH` to the working
    /// directory. Default `data`.
    pub path: PathBuf,
    /// `cache_mib`: memory for pages read, 1 to 4096 MiB. Default 16: a record is a few hundred
    /// bytes, and the working set is what is live.
    pub cache_bytes: u64,
}

/// Where state is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StoreTable {
    /// A directory, relative to the file; in the variable, to the working directory. Made with mode
    /// 0700: it holds the private keys.
    #[cfg_attr(test, schemars(extend("default" = "data", "examples" = ["/var/lib/dockgate/store"])))]
    pub(super) path: Option<Located<String>>,
    /// MiB of memory for pages read. A record has a few hundred bytes, and the working set is what
    /// is live.
    pub(super) cache_mib: Option<Located<u64>>,
}

impl StoreTable {
    pub(super) fn check(self, directory: &Path, problems: &mut Problems) -> Store {
        let written = self.path.as_ref();
        let written = written.map_or(Place::Absent, |path| path.place.clone());
        let path = match self.path {
            None => directory.join("data"),
            Some(Located { value, place }) => {
                if value.is_empty() {
                    let instead = "Write the path of a directory, such as \"data\"";
                    problems.add(&place, "store.path is empty", instead);
                }
                match place {
                    Place::Environment(_) => PathBuf::from(value),
                    Place::File(_) | Place::Absent => directory.join(value),
                }
            }
        };
        if path.exists() && !path.is_dir() {
            let wrong = format!("store.path: {} is no directory", path.display());
            let instead = "Write the path of a directory, or of none that is there yet";
            problems.add(&written, wrong, instead);
        }
        let mib = bounded("cache_mib", self.cache_mib, 16, 1..=4096, problems);
        Store {
            path,
            cache_bytes: mib << 20,
        }
    }
}
