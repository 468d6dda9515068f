//! What goes into a backup, and how a store is made from one.
//!
//! Codes, device codes and pushed requests do not: they live for minutes, and one that was used
//! after the backup must not be usable again. `grants_by_subject` follows from `grants`,
//! `sessions_by_subject` from `sessions`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::super::backup::{self, BackupError, Export, Record};
use super::super::error::unusable;
use super::super::{AuditStore as _, GrantId, StoreError, StoredGrant, private};
use super::disk::{CLEAN, DATABASE, IN_USE, PROGRESS, RESTORING, sync_directory};
use super::table::Table;
use super::{META, SledStore, page_secret, records};
use crate::audit::{AuditEvent, Caller};
use crate::clock::UnixSeconds;

/// How many rows are read at once: what a backup holds in memory.
const AT_ONCE: usize = 128;

impl Export for SledStore {
    fn export(&self, to: &mut dyn Write) -> Result<u64, BackupError> {
        let tables = self.kept_tables();
        let rows = tables.iter().flat_map(|(name, table)| {
            Rows::of(table).map(|row| {
                row.map(|(key, value)| Record {
                    tree: (*name).to_owned(),
                    key,
                    value,
                })
            })
        });
        let secret = self.tables.meta.get(page_secret::KEY).transpose();
        let secret = secret.map(|value| {
            value.map(|value| Record {
                tree: META.to_owned(),
                key: page_secret::KEY.to_vec(),
                value: value.to_vec(),
            })
        });
        backup::write(secret.into_iter().chain(rows), to)
    }
}

impl SledStore {
    /// Makes a store from the records of a backup that has been verified. Until all of it is there
    /// it is in a directory of its own, and no store starts beside that. That it was made from one is
    /// put on record. Gives the number of records.
    ///
    /// # Errors
    /// [`BackupError`]; [`StoreError::Occupied`] when there is a store already.
    pub fn restore(
        path: &Path,
        cache_bytes: u64,
        records: impl Iterator<Item = Result<Record, BackupError>>,
        now: UnixSeconds,
    ) -> Result<u64, BackupError> {
        private::directory(path, &[DATABASE, IN_USE, RESTORING])?;
        if path.join(DATABASE).exists() {
            return Err(BackupError::Store(StoreError::Occupied {
                path: path.to_owned(),
            }));
        }
        let failed = |error: io::Error| BackupError::Store(unusable(path, &error));
        for stale in [IN_USE, PROGRESS, CLEAN] {
            ignore_missing(fs::remove_file(path.join(stale))).map_err(failed)?;
        }
        let within = path.join(RESTORING);
        ignore_missing(fs::remove_dir_all(&within)).map_err(failed)?;
        let count = Self::fill(&within, cache_bytes, records, now)?;
        Self::move_into_place(path).map_err(failed)?;
        Ok(count)
    }

    fn fill(
        path: &Path,
        cache_bytes: u64,
        records: impl Iterator<Item = Result<Record, BackupError>>,
        now: UnixSeconds,
    ) -> Result<u64, BackupError> {
        let store = Self::open(path, cache_bytes)?;
        let mut count = 0;
        for record in records {
            store.take_in(&record?)?;
            count += 1;
        }
        store.go_on_with_audit()?;
        let event = AuditEvent::BackupRestored { records: count };
        store.add_audit(now, Caller::default(), &event)?;
        store.list_sessions_of_before()?;
        store.flusher.durable_blocking()?;
        store.finish_first_start()?;
        Ok(count)
    }

    fn take_in(&self, record: &Record) -> Result<(), BackupError> {
        let Record { tree, key, value } = record;
        if tree == META && key == page_secret::KEY {
            self.tables.meta.insert(key, value.clone())?;
            return Ok(());
        }
        let tables = self.kept_tables();
        let (_, table) = tables
            .iter()
            .find(|(name, _)| name == tree)
            .ok_or(BackupError::Damaged)?;
        if std::ptr::eq(*table, &self.tables.grants) {
            let id = key
                .as_slice()
                .try_into()
                .map_err(|_| BackupError::Damaged)?;
            let grant: StoredGrant = records::decode(value).map_err(|_| BackupError::Damaged)?;
            let _together = self.together();
            self.write_grant(GrantId::from_bytes(id), &grant)?;
        } else {
            // The rows of sessions follow once all are there.
            table.insert(key, value.clone())?;
        }
        Ok(())
    }

    /// The database comes last: with it the store is there.
    fn move_into_place(path: &Path) -> io::Result<()> {
        let within = path.join(RESTORING);
        for name in [PROGRESS, IN_USE, DATABASE] {
            ignore_missing(fs::rename(within.join(name), path.join(name)))?;
        }
        sync_directory(path)?;
        fs::remove_dir(within)?;
        sync_directory(path)
    }

    fn kept_tables(&self) -> [(&'static str, &Table); 12] {
        let tables = &self.tables;
        [
            ("signing_keys", &tables.signing_keys),
            ("sessions", &tables.sessions),
            ("consents", &tables.consents),
            ("access_ends", &tables.access_ends),
            ("grants", &tables.grants),
            ("used_names", &tables.used_names),
            ("revoked_tokens", &tables.revoked_tokens),
            ("added_clients", &tables.added_clients),
            ("registrations", &tables.registrations),
            ("added_users", &tables.added_users),
            ("audit", &tables.audit),
            ("audit_attempts", &tables.audit_attempts),
        ]
    }
}

/// All rows of a table, a few at a time.
struct Rows<'a> {
    table: &'a Table,
    batch: std::vec::IntoIter<(Vec<u8>, Vec<u8>)>,
    after: Option<Vec<u8>>,
    ended: bool,
}

impl<'a> Rows<'a> {
    fn of(table: &'a Table) -> Self {
        Self {
            table,
            batch: Vec::new().into_iter(),
            after: None,
            ended: false,
        }
    }

    fn read(&mut self) -> Result<(), StoreError> {
        let rows = self.table.rows(self.after.as_deref(), AT_ONCE)?;
        self.ended = rows.len() < AT_ONCE;
        self.after = rows.last().map(|(key, _)| key.to_vec());
        let rows = rows
            .iter()
            .map(|(key, value)| (key.to_vec(), value.to_vec()));
        self.batch = rows.collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<(Vec<u8>, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.batch.next() {
            return Some(Ok(row));
        }
        if self.ended {
            return None;
        }
        if let Err(error) = self.read() {
            self.ended = true;
            return Some(Err(error));
        }
        self.batch.next().map(Ok)
    }
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
