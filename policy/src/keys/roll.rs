//! Which VMs have keys.
//!
//! A VM that crashed cannot sign off, so each signs in again and again, and who stays away is
//! struck off.

use serde::{Deserialize, Serialize};

use crate::UnixSeconds;

/// The VMs that had every issuer's keys a moment ago.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roll(Vec<(u64, UnixSeconds)>);

impl Roll {
    /// The name of its entry in the host's shared data.
    pub const NAME: &str = r#"["dockgate",1,"roll"]"#;

    /// Reads what [`Self::write`] wrote; anything else is an empty one.
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The entry.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The roll after `member` has signed in, or off if it `has_keys` no more.
    #[must_use]
    pub fn signed(&self, member: u64, has_keys: bool, now: UnixSeconds) -> Self {
        let present = |at: UnixSeconds| at <= now && now <= at.saturating_add(ABSENT_AFTER_SECONDS);
        let others = self
            .0
            .iter()
            .filter(|(other, at)| *other != member && present(*at));
        let own = has_keys.then_some((member, now));
        Self(
            own.into_iter()
                .chain(others.copied().take(MAX_MEMBERS - 1))
                .collect(),
        )
    }

    /// How many are on it.
    pub fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}

/// Each signs in once a second; a busy worker may be late.
const ABSENT_AFTER_SECONDS: u64 = 5;
/// More workers than any machine has, so that the entry has an end.
const MAX_MEMBERS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_in_is_counted_once() {
        let roll = Roll::default().signed(1, true, 100).signed(2, true, 100);
        assert_eq!(roll.signed(1, true, 101).count(), 2);
        assert_eq!(Roll::read(&roll.write()), roll);
    }

    #[test]
    fn whoever_stays_away_or_loses_its_keys_is_struck_off() {
        let roll = Roll::default().signed(1, true, 100).signed(2, true, 103);
        assert_eq!(roll.signed(2, true, 105).count(), 2);
        assert_eq!(roll.signed(2, true, 106).count(), 1);
        assert_eq!(roll.signed(2, false, 103).count(), 1);
        assert_eq!(roll.signed(3, true, 50).count(), 1, "the clock went back");
    }

    #[test]
    fn a_roll_that_cannot_be_read_is_begun_anew_and_none_grows_without_end() {
        assert_eq!(Roll::read(b"x"), Roll::default());
        let roll = (0..2000).fold(Roll::default(), |roll, member| roll.signed(member, true, 1));
        assert_eq!(roll.count(), 1024);
    }
}
