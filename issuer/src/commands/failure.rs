//! Why a command did not succeed, and with which exit code.

use std::path::Path;
use std::process::ExitCode;

use dockgate_issuer::additions::AdditionError;
use dockgate_issuer::config::ConfigError;
use dockgate_issuer::keys::KeyError;
use dockgate_issuer::store::StoreError;
use dockgate_issuer::store::backup::BackupError;

/// `EX_DATAERR` of sysexits.h: starting again will not help.
const DATA_ERROR: u8 = 65;

/// Ends a command.
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) code: u8,
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self { reason, code: 1 }
    }
}

impl Failure {
    /// `config` is the configuration file, which the commands to run name.
    pub(crate) fn of_store(error: &StoreError, config: &Path) -> Self {
        match error {
            StoreError::Damaged { path, .. } => Self {
                reason: format!("{error}. {}", how_to_restore(path, config)),
                code: DATA_ERROR,
            },
            _ => Self::from(error.to_string()),
        }
    }

    pub(crate) fn of_additions(error: &AdditionError, config: &Path) -> Self {
        match error {
            AdditionError::Store(error) => Self::of_store(error, config),
            AdditionError::Taken(_) => Self {
                reason: format!("{}: {error}", config.display()),
                code: ConfigError::EXIT_CODE,
            },
        }
    }

    /// `backup` is the file that was to be restored.
    pub(crate) fn of_backup(error: &BackupError, backup: &Path, config: &Path) -> Self {
        let reason = format!("{}: {error}", backup.display());
        match error {
            BackupError::Store(error) => Self::of_store(error, config),
            BackupError::Io(_) => Self::from(reason),
            BackupError::NotABackup | BackupError::Version(_) | BackupError::Damaged => Self {
                reason,
                code: DATA_ERROR,
            },
        }
    }

    /// Says so on standard error.
    pub(crate) fn end(&self) -> ExitCode {
        eprintln!("{}", self.reason);
        ExitCode::from(self.code)
    }

    pub(crate) fn of_keys(error: &KeyError, store: &Path, config: &Path) -> Self {
        match error {
            KeyError::Store(error) => Self::of_store(error, config),
            KeyError::Unreadable(_) => Self {
                reason: format!("{error}. {}", how_to_restore(store, config)),
                code: DATA_ERROR,
            },
            KeyError::NoSecret | KeyError::WrongSecret { .. } => Self {
                reason: error.to_string(),
                code: ConfigError::EXIT_CODE,
            },
            _ => Self::from(error.to_string()),
        }
    }
}

fn how_to_restore(store: &Path, config: &Path) -> String {
    let (store, config) = (store.display(), config.display());
    format!(
        "Restore the last backup: mv {store} {store}.damaged && dockgate-issuer restore --config {config} BACKUP. To start afresh instead, which makes all tokens invalid, only move it away"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_ends_with_65_and_the_commands_that_help() {
        let error = StoreError::Damaged {
            path: "/var/store".into(),
            detail: "a hole".to_owned(),
        };
        let failure = Failure::of_store(&error, Path::new("/etc/issuer.toml"));
        assert_eq!(failure.code, 65);
        for part in [
            "/var/store is damaged (a hole)",
            "mv /var/store /var/store.damaged",
            "dockgate-issuer restore --config /etc/issuer.toml BACKUP",
        ] {
            assert!(failure.reason.contains(part), "{part}: {}", failure.reason);
        }
    }

    #[test]
    fn whatever_else_ends_with_1() {
        let error = StoreError::Full { what: "codes" };
        assert_eq!(Failure::of_store(&error, Path::new("x")).code, 1);
    }
}
