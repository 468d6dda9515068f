//! The end of everything that a user or a client has here.

use dockgate_token::ClientId;
use serde::de::DeserializeOwned;
use sled::IVec;

use super::super::{
    Consents, DeviceDecision, EndStore, Ended, GrantId, SecretDigest, StoreError, StoredCode,
    StoredDevice, StoredGrant, StoredPushedRequest, StoredSession, Whose,
};
use super::counts::Count;
use super::table::Table;
use super::{SledStore, records, short};
use crate::clock::UnixSeconds;

/// How many rows are read at once, and how many grants wait for one flush.
const AT_ONCE: usize = 128;

impl EndStore for SledStore {
    fn count_grants(&self, whose: Whose<'_>, now: UnixSeconds) -> Result<u64, StoreError> {
        let mut count = 0_u64;
        self.each_grant(whose, |_, value| {
            count = count.saturating_add(u64::from(!records::has_expired(value, now)));
            Ok(())
        })?;
        Ok(count)
    }

    fn end(&self, whose: Whose<'_>, consents: Consents) -> Result<Ended, StoreError> {
        let (tables, counts) = (&self.tables, &self.counts);
        // In the order in which one becomes the other: what has become something else meanwhile is
        // met there.
        let (mut sessions, mut pushed_requests) = (0, 0);
        match whose {
            Whose::User(subject) => {
                sessions = self.remove_sessions(subject)?;
            }
            Whose::Client(client) => {
                let is_its = |request: &StoredPushedRequest| request.client_id == *client;
                let count = Some(&counts.pushed_requests);
                pushed_requests = self.remove_where(&tables.pushed_requests, count, is_its)?;
            }
        }
        let is_of_code =
            |(_, code): &(u64, StoredCode)| whose.has(Some(&code.subject), &code.client_id);
        let codes = self.remove_where(&tables.codes, Some(&counts.codes), is_of_code)?;
        let is_of_device = |device: &StoredDevice| {
            let subject = match &device.decision {
                DeviceDecision::Approved { subject, .. } => Some(subject.as_str()),
                DeviceDecision::Pending | DeviceDecision::Denied | DeviceDecision::Redeemed => None,
            };
            whose.has(subject, &device.client_id)
        };
        let devices = self.remove_where(&tables.devices, Some(&counts.devices), is_of_device)?;
        let grants = self.remove_grants(whose)?;
        let consents = match consents {
            Consents::Kept => 0,
            Consents::Forgotten => self.remove_consents(whose)?,
        };
        self.flusher.durable_blocking()?;
        Ok(Ended {
            sessions,
            pushed_requests,
            codes,
            devices,
            grants,
            consents,
        })
    }
}

impl Whose<'_> {
    fn has(&self, subject: Option<&str>, client_id: &ClientId) -> bool {
        match self {
            Self::User(wanted) => subject == Some(*wanted),
            Self::Client(wanted) => *client_id == **wanted,
        }
    }
}

impl SledStore {
    /// Removes the records that `matches`. One that cannot be read is left to expire: it does
    /// nothing.
    fn remove_where<T: DeserializeOwned>(
        &self,
        table: &Table,
        count: Option<&Count>,
        matches: impl Fn(&T) -> bool,
    ) -> Result<u64, StoreError> {
        let mut removed = 0_u64;
        each(table, |key, value| {
            if !records::decode::<T>(value).is_ok_and(|record| matches(&record)) {
                return Ok(());
            }
            // A code that is being redeemed is put back otherwise.
            let _together = self.together();
            if table.remove(key)?.is_some() {
                removed = removed.saturating_add(1);
                if let Some(count) = count {
                    count.release();
                }
            }
            Ok(())
        })?;
        Ok(removed)
    }

    /// Looked for among all, so that none without a row is left.
    fn remove_sessions(&self, subject: &str) -> Result<u64, StoreError> {
        let sessions = &self.tables.sessions;
        let mut removed = 0_u64;
        each(sessions, |key, value| {
            let session = records::decode::<StoredSession>(value);
            if session.is_ok_and(|session| session.subject == subject)
                && let Some(value) = sessions.remove(key)?
            {
                removed = removed.saturating_add(1);
                if let Ok(cookie) = key.as_ref().try_into() {
                    self.remove_session_row(SecretDigest::from_bytes(cookie), &value)?;
                }
            }
            Ok(())
        })?;
        Ok(removed)
    }

    fn remove_grants(&self, whose: Whose<'_>) -> Result<u64, StoreError> {
        let mut removed = 0_u64;
        let mut changes = Vec::new();
        self.each_grant(whose, |id, _| {
            // Whoever finds it gone meanwhile must not find it alive after a crash.
            changes.push(self.unsettled.begin(id));
            {
                let _together = self.together();
                if let Some(value) = self.tables.grants.remove(id.as_bytes())? {
                    self.remove_subject_row(id, &value)?;
                    removed = removed.saturating_add(1);
                }
            }
            if changes.len() >= AT_ONCE {
                self.flusher.durable_blocking()?;
                changes.clear();
            }
            Ok(())
        })?;
        self.flusher.durable_blocking()?;
        Ok(removed)
    }

    /// Those of a user are found by their index; those of a client among all.
    fn each_grant(
        &self,
        whose: Whose<'_>,
        mut visit: impl FnMut(GrantId, &IVec) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let grants = &self.tables.grants;
        let is_theirs = |value: &IVec| {
            let grant = records::decode::<StoredGrant>(value);
            grant.is_ok_and(|grant| whose.has(Some(&grant.subject), &grant.client_id))
        };
        let mut consider = |id: GrantId, value: &IVec| match is_theirs(value) {
            true => visit(id, value),
            false => Ok(()),
        };
        match whose {
            Whose::User(subject) => {
                for key in self.tables.grants_by_subject.keys_under(&short(subject))? {
                    let Some(id) = key.last_chunk().copied().map(GrantId::from_bytes) else {
                        continue;
                    };
                    if let Some(value) = grants.get(id.as_bytes())? {
                        consider(id, &value)?;
                    }
                }
                Ok(())
            }
            Whose::Client(_) => each(grants, |key, value| match key.as_ref().try_into() {
                Ok(id) => consider(GrantId::from_bytes(id), value),
                Err(_) => Ok(()),
            }),
        }
    }

    fn remove_consents(&self, whose: Whose<'_>) -> Result<u64, StoreError> {
        let consents = &self.tables.consents;
        let mut removed = 0_u64;
        let mut remove = |key: &IVec| {
            let was_there = consents.remove(key)?.is_some();
            removed = removed.saturating_add(u64::from(was_there));
            Ok(())
        };
        match whose {
            Whose::User(subject) => {
                for key in consents.keys_under(&short(subject))? {
                    remove(&key)?;
                }
            }
            Whose::Client(client) => {
                let of_client = short(client.as_str());
                each(consents, |key, _| match key.ends_with(&of_client) {
                    true => remove(key),
                    false => Ok(()),
                })?;
            }
        }
        Ok(removed)
    }
}

/// Visits every row, with few of them in memory.
fn each(
    table: &Table,
    mut visit: impl FnMut(&IVec, &IVec) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after: Option<IVec> = None;
    loop {
        let rows = table.rows(after.as_deref(), AT_ONCE)?;
        for (key, value) in &rows {
            visit(key, value)?;
        }
        match rows.last() {
            Some((key, _)) => after = Some(key.clone()),
            None => return Ok(()),
        }
    }
}
