//! Which sources a release is made of.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::program::ask;

/// The commit, and the time that stands in everything that is made of it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The commit's id, and `, changed` where the files are not those of the commit.
    pub(super) commit: String,
    /// Seconds since the Unix epoch: `SOURCE_DATE_EPOCH`, or when the commit was made.
    pub(super) epoch: u64,
}

impl Source {
    pub(super) fn of(repository: &Path) -> Outcome<Self> {
        let git = |arguments: &[&str]| {
            let at = repository.to_string_lossy();
            ask("git", &[&["-C", &at], arguments].concat())
        };
        let given = std::env::var_os("SOURCE_DATE_EPOCH");
        let given = given.map(|epoch| epoch.to_string_lossy().into_owned());
        let epoch = given.or_else(|| git(&["log", "-1", "--format=%ct"]));
        let epoch = epoch.as_deref().map(str::trim).map(str::parse);
        let Some(Ok(epoch)) = epoch else {
            return Err(Failure::new(
                "the time of the release is unknown: build it in a git repository, or set \
                 SOURCE_DATE_EPOCH to seconds since 1970",
            ));
        };
        let commit = git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "no commit".to_owned());
        let changed = git(&["status", "--porcelain"]).is_none_or(|list| !list.trim().is_empty());
        let note = if changed { ", changed" } else { "" };
        Ok(Self {
            commit: format!("{}{note}", commit.trim()),
            epoch,
        })
    }

    /// The time as RFC 3339 writes it.
    pub(super) fn timestamp(&self) -> String {
        let (days, seconds) = (self.epoch / 86_400, self.epoch % 86_400);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The date that is `days` after 1970-01-01. Years begin in March here, so that the leap day is their
/// last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for (epoch, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_795_541_013, "2026-11-24T17:23:33Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            let commit = String::new();
            assert_eq!(Source { commit, epoch }.timestamp(), expected);
        }
    }
}
