//! The audit log: acts and attempts in a tree each, under one row of numbers.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::audit::{
    AuditEntry, AuditFilter, AuditLimits, AuditPage, AuditStore, MAX_AUDIT_PAGE, StoredAudit,
};
use super::super::{Acts, StoreError};
use super::counts::{Count, Place};
use super::table::Table;
use super::{SledStore, records};
use crate::audit::{Attempts, AuditEvent, Caller, Counted};
use crate::clock::UnixSeconds;
use crate::metrics;

/// How many rows are read at once.
const AT_ONCE: usize = 256;
/// How many entries go at most when one is added: more than one, so that a lower limit is reached.
const GO_PER_ADDED: usize = 4;
/// How many go at most in a sweep.
const GO_PER_SWEEP: usize = 1000;

/// What is in memory of the log.
pub(super) struct Audit {
    limits: Mutex<AuditLimits>,
    attempts: Mutex<Attempts<StoredAudit>>,
    next: AtomicU64,
    acts: Count,
    attempted: Count,
    /// From how many flushes on all that was added is on disk.
    settled_at: AtomicU64,
}

impl Audit {
    pub(super) fn of(acts: &Table, attempts: &Table) -> Result<Self, StoreError> {
        let next = next_number(acts, attempts)?;
        Ok(Self {
            limits: Mutex::default(),
            attempts: Mutex::default(),
            next: AtomicU64::new(next),
            // What goes beyond a limit makes the oldest go, and is never refused.
            acts: Count::of(acts, usize::MAX)?,
            attempted: Count::of(attempts, usize::MAX)?,
            settled_at: AtomicU64::new(0),
        })
    }

    fn limits(&self) -> AuditLimits {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts<StoredAudit>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditStore for SledStore {
    fn add_audit(
        &self,
        at: UnixSeconds,
        caller: Caller<'_>,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let stored = stored(at, caller, event);
        if !event.is_attempt() {
            return self.write_audit(Room::Acts, &stored);
        }
        let owned = |name| stored.fact(name).map(str::to_owned);
        let from = (caller.address, owned("subject"), owned("client_id"));
        let counted = self.audit.attempts().count(event.name(), from, stored, at);
        match counted {
            Some(counted) => self.write_audit(Room::Attempts, &counted.record),
            None => Ok(()),
        }
    }

    fn audit(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
        let limit = filter.limit.min(MAX_AUDIT_PAGE);
        let mut newest = [Room::Acts, Room::Attempts].map(|room| Backwards {
            table: self.room(room).0,
            batch: VecDeque::new(),
            before: filter.before,
            ended: false,
        });
        let mut page = AuditPage::default();
        while let Some(entry) = next_of(&mut newest)? {
            if !filter.admits(&entry.stored) {
                continue;
            }
            if page.entries.len() >= limit {
                page.next = page.entries.last().map(|last| last.number);
                break;
            }
            page.entries.push(entry);
        }
        Ok(page)
    }
}

#[derive(Clone, Copy)]
enum Room {
    Acts,
    Attempts,
}

impl SledStore {
    /// Sets how much of the audit log is kept; gives what was set before. Entries keep the end that
    /// they were written with.
    pub fn limit_audit(&self, limits: AuditLimits) -> AuditLimits {
        let own = self.audit.limits.lock();
        std::mem::replace(&mut *own.unwrap_or_else(PoisonError::into_inner), limits)
    }

    /// Numbers go on behind the entries that a backup brought.
    pub(super) fn go_on_with_audit(&self) -> Result<(), StoreError> {
        let next = next_number(&self.tables.audit, &self.tables.audit_attempts)?;
        self.audit.next.store(next, Ordering::Relaxed);
        Ok(())
    }

    fn room(&self, room: Room) -> (&Table, &Count) {
        match room {
            Room::Acts => (&self.tables.audit, &self.audit.acts),
            Room::Attempts => (&self.tables.audit_attempts, &self.audit.attempted),
        }
    }

    fn write_audit(&self, room: Room, stored: &StoredAudit) -> Result<(), StoreError> {
        let row = self.row(room, stored)?;
        let (table, _) = self.room(room);
        table.insert(&row.key, row.value)?;
        row.place.keep();
        // A flush that is under way may have begun before this was written.
        let settled_at = self.flusher.flushes().saturating_add(2);
        self.audit
            .settled_at
            .fetch_max(settled_at, Ordering::Relaxed);
        self.let_go(room, self.audit.limits(), None, GO_PER_ADDED)
    }

    fn row(&self, room: Room, stored: &StoredAudit) -> Result<Row<'_>, StoreError> {
        let end = stored.at.saturating_add(self.audit.limits().keep_seconds);
        let value = records::encode(end, stored)?;
        let (_, count) = self.room(room);
        let place = count.take()?;
        let number = self.audit.next.fetch_add(1, Ordering::Relaxed);
        Ok(Row {
            place,
            key: number.to_be_bytes(),
            value,
        })
    }

    /// Writes `batch` to `table` and puts on record what it does, all or nothing. The flush is the
    /// caller's.
    pub(super) fn apply_with_acts(
        &self,
        table: &Table,
        batch: &sled::Batch,
        acts: Acts<'_>,
    ) -> Result<(), StoreError> {
        let mut on_record = sled::Batch::default();
        let mut places = Vec::new();
        for event in acts.events {
            let row = self.row(Room::Acts, &stored(acts.at, Caller::default(), event))?;
            on_record.insert(&row.key, row.value);
            places.push(row.place);
        }
        table.apply_both(batch, &self.tables.audit, &on_record)?;
        for place in places {
            place.keep();
            // What is still too much goes with the next that is added, or in a sweep.
            self.let_go(Room::Acts, self.audit.limits(), None, GO_PER_ADDED)
                .ok();
        }
        Ok(())
    }

    /// Removes the oldest while there are too many, or, with `now`, while they are over.
    fn let_go(
        &self,
        room: Room,
        limits: AuditLimits,
        now: Option<UnixSeconds>,
        most: usize,
    ) -> Result<(), StoreError> {
        let (table, count) = self.room(room);
        for _ in 0..most {
            let too_many = count.present() > limits.max_entries;
            if !too_many && now.is_none() {
                return Ok(());
            }
            let oldest = table.rows(None, 1)?;
            let Some((key, value)) = oldest.first() else {
                return Ok(());
            };
            if !too_many && !now.is_some_and(|now| records::has_expired(value, now)) {
                return Ok(());
            }
            if table.remove(key)?.is_some() {
                count.release();
            }
        }
        Ok(())
    }

    /// Lets go what is over, and puts on record and on disk what was only counted so far.
    pub(super) fn sweep_audit(&self, now: UnixSeconds) -> Result<(), StoreError> {
        let limits = self.audit.limits();
        for room in [Room::Acts, Room::Attempts] {
            self.let_go(room, limits, Some(now), GO_PER_SWEEP)?;
            let (table, count) = self.room(room);
            metrics::store_records(table.what(), count.present());
        }
        metrics::store_bytes(self.database.size_on_disk().unwrap_or(0));
        let over = self.audit.attempts().over(now);
        self.write_counted(over)?;
        let settled_at = self.audit.settled_at.load(Ordering::Relaxed);
        if self.flusher.flushes() < settled_at {
            self.flusher.durable_blocking()?;
            // Fails where something was added meanwhile, which the next sweep sees to.
            self.audit
                .settled_at
                .compare_exchange(settled_at, 0, Ordering::Relaxed, Ordering::Relaxed)
                .ok();
        }
        Ok(())
    }

    /// Puts on record what was only counted so far; the flush of the close is its flush.
    pub(super) fn finish_audit(&self) -> Result<(), StoreError> {
        let all = self.audit.attempts().all();
        self.write_counted(all)
    }

    fn write_counted(&self, counted: Vec<Counted<StoredAudit>>) -> Result<(), StoreError> {
        for one in counted {
            let stored = StoredAudit {
                count: one.count,
                ..one.record
            };
            self.write_audit(Room::Attempts, &stored)?;
        }
        Ok(())
    }
}

/// A row that is to be written.
struct Row<'a> {
    place: Place<'a>,
    key: [u8; 8],
    value: Vec<u8>,
}

fn stored(at: UnixSeconds, caller: Caller<'_>, event: &AuditEvent) -> StoredAudit {
    StoredAudit {
        at,
        event: event.name().to_owned(),
        count: 1,
        request_id: caller.request_id.map(str::to_owned),
        address: caller.address,
        facts: event.facts(),
    }
}

/// A tree from its end to its beginning.
struct Backwards<'a> {
    table: &'a Table,
    batch: VecDeque<AuditEntry>,
    before: Option<u64>,
    ended: bool,
}

impl Backwards<'_> {
    fn peek(&mut self) -> Result<Option<u64>, StoreError> {
        if self.batch.is_empty() && !self.ended {
            let before = self.before.map(u64::to_be_bytes);
            let before = before.as_ref().map(<[u8; 8]>::as_slice);
            let rows = self.table.rows_before(before, AT_ONCE)?;
            self.ended = rows.len() < AT_ONCE;
            for (key, value) in &rows {
                let number = number(key).ok_or_else(|| self.table.unreadable())?;
                let stored = self.table.decode(value)?;
                self.before = Some(number);
                self.batch.push_back(AuditEntry { number, stored });
            }
        }
        Ok(self.batch.front().map(|entry| entry.number))
    }
}

/// The newest entry of both.
fn next_of(trees: &mut [Backwards<'_>; 2]) -> Result<Option<AuditEntry>, StoreError> {
    let [one, other] = trees;
    let from = if one.peek()? >= other.peek()? {
        one
    } else {
        other
    };
    Ok(from.batch.pop_front())
}

fn next_number(acts: &Table, attempts: &Table) -> Result<u64, StoreError> {
    let last = |table: &Table| {
        let rows = table.rows_before(None, 1)?;
        let last = rows.first().and_then(|(key, _)| number(key));
        Ok::<_, StoreError>(last.unwrap_or(0))
    };
    Ok(last(acts)?.max(last(attempts)?).saturating_add(1))
}

fn number(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}
