//! Having the configuration file count anew while the issuer runs: at SIGHUP, or at the `reload`
//! command's request.
//!
//! The file counts as a whole or not at all. Where it has a mistake, or changes a setting that counts
//! until the next start ([`Fixed`]), everything stays as it was.

mod changes;
mod last;
mod signal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{error, info, warn};

pub use self::changes::{Changes, Difference};
pub use self::last::{LastReload, Outcome};
pub use self::signal::reload_at;

use crate::additions::{self, AdditionError, Taken};
use crate::audit::{self, AuditEvent, Caller};
use crate::clock::{Clock, UnixSeconds};
use crate::config::{self, Config, ConfigError, Fixed};
use crate::http::{App, Current, NotReplaced};
use crate::keys::KeyError;
use crate::keys::lifecycle::Schedule;
use crate::store::StoreError;
use crate::turning::SigningKeys;

/// Where the configuration comes from.
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The environment as it was at the start: that of a process does not change from outside.
    pub variables: Vec<(String, String)>,
}

impl Source {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// As for [`config::load`].
    pub fn load(&self) -> Result<Config, ConfigError> {
        config::load(&self.path, self.variables.iter().cloned())
    }
}

/// Reloads, one at a time.
pub struct Reloader {
    source: Source,
    fixed: Fixed,
    current: Current,
    keys: Arc<SigningKeys>,
    clock: Clock,
    last: Arc<LastReload>,
    /// Held from before the file is read until what it says counts, so that the latest file wins.
    reloading: Mutex<()>,
}

/// What a reload has brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// What is different now.
    pub changes: Changes,
    /// What is allowed but unwise, one sentence each.
    pub warnings: Vec<String>,
}

/// Why the configuration of before still counts.
#[derive(Debug)]
pub enum NotReloaded {
    /// The new one has mistakes, or changes what counts until the next start.
    Config(ConfigError),
    /// What was added while the issuer ran could not be put beside the new one.
    Additions(AdditionError),
    /// A key for a new algorithm could not be made.
    Keys(KeyError),
    /// What requests are answered from could not be replaced.
    NotReplaced(NotReplaced),
    /// It could not be put on record.
    NotRecorded(StoreError),
}

impl Reloader {
    /// For an issuer that was started with `fixed` and `source`, is answered from `current` and signs
    /// with `keys`.
    pub fn new(
        source: Source,
        fixed: Fixed,
        current: Current,
        keys: Arc<SigningKeys>,
        clock: Clock,
    ) -> Self {
        Self {
            source,
            fixed,
            current,
            keys,
            clock,
            last: Arc::new(LastReload::at_start(clock())),
            reloading: Mutex::default(),
        }
    }

    /// How the last one went, for metrics.
    pub fn last(&self) -> Arc<LastReload> {
        self.last.clone()
    }

    /// Has requests that arrive from now on answered by the file as it is now, and logs what
    /// changed or why nothing did. It reads files, may try passwords on hashes and waits for the
    /// store: call it where blocking is no harm.
    ///
    /// # Errors
    /// [`NotReloaded`]; then requests are answered as before.
    pub fn reload(&self) -> Result<Reloaded, NotReloaded> {
        let reloading = self.reloading.lock();
        let _reloading = reloading.unwrap_or_else(PoisonError::into_inner);
        let outcome = self.replace();
        match &outcome {
            Ok(reloaded) => {
                self.last.succeeded((self.clock)());
                reloaded.log();
            }
            Err(reason) => {
                self.last.failed();
                reason.log();
                self.record_refusal();
            }
        }
        outcome
    }

    /// Nothing depends on it: where it cannot be put on record, the log has to be enough.
    fn record_refusal(&self) {
        let app = self.current.app();
        let event = AuditEvent::ConfigRefused {};
        let recorded = audit::record(&*app.store, (self.clock)(), Caller::default(), &event);
        if let Err(error) = recorded {
            error!(%error, "the audit log could not be written");
        }
    }

    fn replace(&self) -> Result<Reloaded, NotReloaded> {
        let config = self.source.load()?;
        self.fixed.check(&config, &self.source.path)?;
        let replaced = self.schedule(&config).and_then(|schedules| {
            let keys_differ = schedules.differ();
            with_schedule(&self.keys, schedules, || {
                self.current
                    .update(|app| apply(config, keys_differ, app, (self.clock)()))
            })
        });
        replaced.map_err(|reason| match reason {
            NotReloaded::Additions(AdditionError::Taken(taken)) => {
                let path = &self.source.path;
                ConfigError::whole(path, taken.to_string(), Taken::REMEDY).into()
            }
            other => other,
        })
    }

    /// What the keys are to promise now, and what they promised before.
    fn schedule(&self, config: &Config) -> Result<Schedules, NotReloaded> {
        let mut server = config.server.clone();
        additions::load(&*self.current.app().store, &mut server)?;
        let new = config.keys.settings(&server).schedule;
        let (old, present) = self.keys.schedule();
        if let Some(algorithm) = new.algorithms.difference(&present).next() {
            // Made by this reload it would sign before anybody has fetched it.
            let wrong =
                format!("there is no key for {algorithm} yet, which tokens are to be signed with");
            let instead = format!(
                "Make one with `key rotate --algorithm {algorithm}`, and once verifiers have fetched it (jwks_max_age_seconds) reload again; or choose another algorithm"
            );
            return Err(ConfigError::whole(&self.source.path, wrong, &instead).into());
        }
        Ok(Schedules { old, new })
    }
}

/// What the keys promise has to be true before anything is signed that relies on it, and as long as
/// anything is that relied on what they promised before: until it is known which of the two counts,
/// they keep to both.
fn with_schedule(
    keys: &SigningKeys,
    Schedules { old, new }: Schedules,
    replace: impl FnOnce() -> Result<Reloaded, NotReloaded>,
) -> Result<Reloaded, NotReloaded> {
    let both = old.and(&new);
    keys.change(|keeper, now| keeper.reschedule(both, now))?;
    let replaced = replace();
    let counts = if replaced.is_ok() { new } else { old };
    let settled = keys.change(|keeper, now| keeper.reschedule(counts, now));
    if let Err(error) = settled {
        // What holds both is enough, and the next reload settles it.
        warn!(%error, "the keys keep to the longer times of the configurations before and after");
    }
    replaced
}

/// Before and after.
struct Schedules {
    old: Schedule,
    new: Schedule,
}

impl Schedules {
    /// Whether `[keys]` says anything else; the rest follows from other tables.
    fn differ(&self) -> bool {
        let own = |schedule: &Schedule| Schedule {
            algorithms: BTreeSet::new(),
            longest_token: 0,
            ..schedule.clone()
        };
        own(&self.old) != own(&self.new)
    }
}

/// Puts the parts that may change into `app`; [`Fixed`] has seen that the others are the same.
fn apply(
    config: Config,
    keys_differ: bool,
    app: &mut App,
    now: UnixSeconds,
) -> Result<Reloaded, NotReloaded> {
    let Config {
        keys,
        audit,
        brand,
        mut server,
        mut warnings,
        ..
    } = config;
    // Those that were added while the issuer ran stay, checked against what is configured now.
    warnings.extend(additions::load(&*app.store, &mut server)?);
    // The last that can fail: what follows counts.
    let event = AuditEvent::ConfigReloaded {};
    audit::record(&*app.store, now, Caller::default(), &event)?;
    let max_age = keys.jwks_max_age_seconds;
    let mut changes = Changes::between(&app.server, &server);
    if keys_differ {
        changes.settings.push("keys".to_owned());
    }
    app.documents_max_age_seconds = max_age;
    if *app.brand != brand {
        changes.settings.push("pages".to_owned());
        app.brand = Arc::new(brand);
    }
    app.server = server;
    if app.store.limit_audit(audit) != audit {
        changes.settings.push("audit".to_owned());
    }
    app.passwords
        .replace_hashes(app.server.users.password_hashes());
    Ok(Reloaded { changes, warnings })
}

impl Reloaded {
    fn log(&self) {
        for warning in &self.warnings {
            warn!("{warning}");
        }
        info!("the configuration was reloaded: {}", self.changes);
    }
}

impl NotReloaded {
    /// What is wrong, one line each.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Config(error) => error.lines().to_vec(),
            Self::Additions(error) => vec![error.to_string()],
            Self::Keys(error) => vec![error.to_string()],
            Self::NotReplaced(error) => vec![error.to_string()],
            Self::NotRecorded(error) => vec![error.to_string()],
        }
    }

    fn log(&self) {
        for line in self.lines() {
            error!(
                "the configuration was not reloaded, and the one of before still counts: {line}"
            );
        }
    }
}

impl From<ConfigError> for NotReloaded {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<AdditionError> for NotReloaded {
    fn from(error: AdditionError) -> Self {
        Self::Additions(error)
    }
}

impl From<KeyError> for NotReloaded {
    fn from(error: KeyError) -> Self {
        Self::Keys(error)
    }
}

impl From<NotReplaced> for NotReloaded {
    fn from(error: NotReplaced) -> Self {
        Self::NotReplaced(error)
    }
}

impl fmt::Display for NotReloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl From<StoreError> for NotReloaded {
    fn from(error: StoreError) -> Self {
        Self::NotRecorded(error)
    }
}
