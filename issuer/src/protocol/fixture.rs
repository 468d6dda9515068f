//! A server with real keys and a real store in a directory that goes with it, for tests of the rules.

pub(crate) mod tokens;

use std::path::Path;
use std::sync::LazyLock;

use crate::keys::Keyring;
use crate::keys::tests::keyring;
use crate::passwords::Passwords;
use crate::protocol::{AuthorizationServer, Context};
use crate::store::SledStore;
use crate::temp_dir::TempDir;
use crate::throttle::Throttles;

const DEMO: &str = include_str!("../../../envoy/issuer.toml");

/// When tests take place.
pub(crate) const NOW: u64 = 1_000_000;

/// Making RSA keys takes long enough to do it once.
static KEYS: LazyLock<Keyring> = LazyLock::new(|| keyring([]));

/// A server, and what it keeps.
pub(crate) struct Fixture {
    pub(crate) server: AuthorizationServer,
    pub(crate) store: SledStore,
    pub(crate) passwords: Passwords,
    pub(crate) throttles: Throttles,
    _directory: TempDir,
}

impl Fixture {
    pub(crate) fn of(server: AuthorizationServer) -> Self {
        let directory = TempDir::new();
        Self {
            passwords: Passwords::new(1, server.users.password_hashes()),
            throttles: Throttles::default(),
            server,
            store: SledStore::open(directory.path(), 1 << 20).unwrap(),
            _directory: directory,
        }
    }

    /// The server of `envoy/issuer.toml`.
    pub(crate) fn demo() -> Self {
        let config = crate::config::parse(Path::new("issuer.toml"), DEMO, []).unwrap();
        Self::of(config.server)
    }

    pub(crate) fn context(&self) -> Context<'_, SledStore> {
        self.at(NOW)
    }

    pub(crate) fn at(&self, now: u64) -> Context<'_, SledStore> {
        Context {
            server: &self.server,
            keys: &KEYS,
            store: &self.store,
            passwords: &self.passwords,
            throttles: &self.throttles,
            now,
            entropy: crate::entropy::system_entropy,
            caller: crate::audit::Caller::default(),
        }
    }
}

/// Runs a rule to its end.
pub(crate) fn block_on<T>(rule: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(rule)
}
