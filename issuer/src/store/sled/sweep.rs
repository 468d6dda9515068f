//! Removal of what has expired, a few records at a time.

use sled::IVec;

use super::super::{GrantId, SecretDigest, StoreError, Sweep, Swept};
use super::counts::Count;
use super::table::Table;
use super::{SledStore, records};
use crate::clock::UnixSeconds;
use crate::metrics;

/// How many rows are read at once: what a sweep holds in memory.
const AT_ONCE: usize = 128;

/// How much longer than they count names and revocations stay, in seconds: a clock that ran ahead
/// and is set back makes what has ended good again, and these alone say that it is not.
pub(super) const LINGER: UnixSeconds = 300;

/// Where the next sweep goes on.
#[derive(Default)]
pub(super) struct Cursor {
    /// Which of [`KINDS`].
    kind: usize,
    /// The last key that was looked at.
    after: Option<IVec>,
    /// How many of this kind were met and are still there.
    present: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Codes,
    Devices,
    UserCodes,
    PushedRequests,
    UsedNames,
    RevokedTokens,
    Counters,
    Sessions,
    SessionsBySubject,
    Consents,
    AccessEnds,
    Grants,
    GrantsBySubject,
}

const KINDS: [Kind; 13] = [
    Kind::Codes,
    Kind::Devices,
    Kind::UserCodes,
    Kind::PushedRequests,
    Kind::UsedNames,
    Kind::RevokedTokens,
    Kind::Counters,
    Kind::Sessions,
    Kind::SessionsBySubject,
    Kind::Consents,
    Kind::AccessEnds,
    Kind::Grants,
    Kind::GrantsBySubject,
];

impl Kind {
    /// What ends no later than this may go at `now`.
    fn over_at(self, now: UnixSeconds) -> UnixSeconds {
        match self {
            Self::UsedNames | Self::RevokedTokens | Self::AccessEnds => now.saturating_sub(LINGER),
            _ => now,
        }
    }
}

impl Sweep for SledStore {
    fn sweep(&self, now: UnixSeconds, budget: usize) -> Result<Swept, StoreError> {
        self.sweep_audit(now)?;
        let mut cursor = self.cursor();
        let mut swept = Swept::default();
        let mut ends_reached = 0;
        while swept.seen < budget && ends_reached <= KINDS.len() {
            let Some(kind) = KINDS.get(cursor.kind) else {
                *cursor = Cursor::default();
                ends_reached += 1;
                continue;
            };
            let over_at = kind.over_at(now);
            let limit = AT_ONCE.min(budget - swept.seen);
            let rows = self.table(*kind).rows(cursor.after.as_deref(), limit)?;
            for (key, value) in &rows {
                swept.seen += 1;
                cursor.present += 1;
                if records::has_expired(value, over_at)
                    && self.remove_expired(*kind, key, value, now)?
                {
                    swept.removed += 1;
                    cursor.present -= 1;
                }
            }
            if rows.len() < limit {
                ends_reached += 1;
                metrics::store_records(self.table(*kind).what(), cursor.present);
                cursor.present = 0;
                cursor.kind += 1;
                cursor.after = None;
            } else {
                cursor.after = rows.last().map(|(key, _)| key.clone());
            }
        }
        Ok(swept)
    }
}

impl SledStore {
    fn table(&self, kind: Kind) -> &Table {
        let tables = &self.tables;
        match kind {
            Kind::Codes => &tables.codes,
            Kind::Devices => &tables.devices,
            Kind::UserCodes => &tables.user_codes,
            Kind::PushedRequests => &tables.pushed_requests,
            Kind::UsedNames => &tables.used_names,
            Kind::RevokedTokens => &tables.revoked_tokens,
            Kind::Counters => &tables.counters,
            Kind::Sessions => &tables.sessions,
            Kind::SessionsBySubject => &tables.sessions_by_subject,
            Kind::Consents => &tables.consents,
            Kind::AccessEnds => &tables.access_ends,
            Kind::Grants => &tables.grants,
            Kind::GrantsBySubject => &tables.grants_by_subject,
        }
    }

    fn count(&self, kind: Kind) -> Option<&Count> {
        let counts = &self.counts;
        match kind {
            Kind::Codes => Some(&counts.codes),
            Kind::Devices => Some(&counts.devices),
            Kind::PushedRequests => Some(&counts.pushed_requests),
            Kind::UsedNames => Some(&counts.used_names),
            Kind::RevokedTokens => Some(&counts.revoked_tokens),
            Kind::UserCodes
            | Kind::Counters
            | Kind::Sessions
            | Kind::SessionsBySubject
            | Kind::Consents
            | Kind::AccessEnds
            | Kind::Grants
            | Kind::GrantsBySubject => None,
        }
    }

    /// Removes a row unless it has been renewed since it was read.
    fn remove_expired(
        &self,
        kind: Kind,
        key: &IVec,
        value: &IVec,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        match kind {
            Kind::Grants => self.remove_expired_grant(key, value),
            Kind::GrantsBySubject => self.remove_expired_row(key, value, now),
            _ => {
                let removed = self.table(kind).compare_and_swap(key, Some(value), None)?;
                if let (Kind::Sessions, Ok(()), Ok(cookie)) =
                    (kind, &removed, key.as_ref().try_into())
                {
                    self.remove_session_row(SecretDigest::from_bytes(cookie), value)?;
                }
                if removed.is_ok()
                    && let Some(count) = self.count(kind)
                {
                    count.release();
                }
                Ok(removed.is_ok())
            }
        }
    }

    fn remove_expired_grant(&self, key: &IVec, value: &IVec) -> Result<bool, StoreError> {
        let _together = self.together();
        let removed = self
            .tables
            .grants
            .compare_and_swap(key, Some(value), None)?;
        if removed.is_ok()
            && let Ok(id) = key.as_ref().try_into()
        {
            self.remove_subject_row(GrantId::from_bytes(id), value)?;
        }
        Ok(removed.is_ok())
    }

    /// The row of a grant that has been prolonged stays and is prolonged with it.
    fn remove_expired_row(
        &self,
        key: &IVec,
        value: &IVec,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        let _together = self.together();
        let grant = match key.last_chunk::<16>() {
            Some(id) => self.tables.grants.get(id)?,
            None => None,
        };
        let kept = match grant {
            None => None,
            Some(grant) if records::has_expired(&grant, now) => return Ok(false),
            Some(grant) => Some(records::encode(
                records::expires_at(&grant).unwrap_or(UnixSeconds::MAX),
                &(),
            )?),
        };
        let is_kept = kept.is_some();
        let rows = &self.tables.grants_by_subject;
        let swapped = rows.compare_and_swap(key, Some(value), kept)?;
        Ok(swapped.is_ok() && !is_kept)
    }
}
