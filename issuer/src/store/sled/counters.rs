//! Counters of failures.

use super::super::{CounterName, CounterStore, StoreError, StoredCounter};
use super::{SledStore, records};
use crate::clock::UnixSeconds;

/// How many rows are read or written at once: whoever else writes waits no longer than for these.
const AT_ONCE: usize = 512;

impl CounterStore for SledStore {
    fn counters(&self, now: UnixSeconds) -> Result<Vec<(CounterName, StoredCounter)>, StoreError> {
        let table = &self.tables.counters;
        let mut counters = Vec::new();
        let mut after = None;
        loop {
            let rows = table.rows(after.as_deref(), AT_ONCE)?;
            for (key, value) in &rows {
                let expires_at = records::expires_at(value).map_err(|_| table.unreadable())?;
                let name = key.as_ref().try_into().map_err(|_| table.unreadable())?;
                if expires_at > now {
                    let counter = table.decode(value)?;
                    let counter = StoredCounter {
                        expires_at,
                        ..counter
                    };
                    counters.push((name, counter));
                }
            }
            match rows.last() {
                Some((last, _)) if rows.len() == AT_ONCE => after = Some(last.clone()),
                _ => break,
            }
        }
        counters.sort_by_key(|(_, counter)| counter.expires_at);
        Ok(counters)
    }

    fn write_counters(
        &self,
        changes: &[(CounterName, Option<StoredCounter>)],
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        for some in changes.chunks(AT_ONCE) {
            let mut batch = sled::Batch::default();
            for (name, counter) in some {
                match counter {
                    Some(counter) => {
                        let value = records::encode(counter.expires_at, counter)?;
                        batch.insert(name.as_slice(), value);
                    }
                    None => batch.remove(name.as_slice()),
                }
            }
            self.tables.counters.apply(batch)?;
        }
        self.flusher.durable_blocking()
    }
}
