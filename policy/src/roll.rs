//! What every VM has to say of itself, from which come the gauges that are about all of them.
//!
//! A VM that crashed cannot sign off, so each signs in again and again, and who stays away is
//! struck off with all that it said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::UnixSeconds;

/// The VMs that signed in a moment ago, each once for each configuration that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roll(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    member: u64,
    at: UnixSeconds,
    presence: Presence,
}

/// What a VM says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// Tells configurations apart: one Envoy may have several filters.
    pub configuration: u64,
    /// Whether it has usable keys of every issuer.
    pub has_keys: bool,
    /// How long ago, in seconds, the oldest of its fetched key sets was fetched.
    pub keys_age: Option<u64>,
    /// How many tokens it remembers.
    pub cached_tokens: u64,
    /// How many of its rules only report.
    pub reporting_rules: u64,
}

/// What all of them together say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many have keys; of several configurations the one for which it is fewest.
    pub with_keys: u64,
    /// The age of the oldest key set, in seconds; `None` while there is none.
    pub keys_age: Option<u64>,
    /// The tokens that they remember, summed up.
    pub cached_tokens: u64,
    /// The rules that only report, summed up over the configurations.
    pub reporting_rules: u64,
}

impl Roll {
    /// The name of its entry in the host's shared data.
    pub const NAME: &str = r#"["dockgate",2,"roll"]"#;

    /// Reads what [`Self::write`] wrote; anything else is an empty one.
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The entry.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The roll after `member` has signed in.
    #[must_use]
    pub fn signed(&self, member: u64, presence: Presence, now: UnixSeconds) -> Self {
        // Workers look at the clock one after the other and sign in in another order, so that one may be
        // there from the future.
        let present = |at: UnixSeconds| at.abs_diff(now) <= ABSENT_AFTER_SECONDS;
        let others = self.0.iter();
        let others = others.filter(|entry| entry.member != member && present(entry.at));
        let own = Entry {
            member,
            at: now,
            presence,
        };
        Self(
            std::iter::once(own)
                .chain(others.take(MAX_MEMBERS - 1).cloned())
                .collect(),
        )
    }

    /// What they say together.
    pub fn totals(&self) -> Totals {
        let all = || self.0.iter().map(|entry| &entry.presence);
        let mut by_configuration: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for presence in all() {
            let (with_keys, reporting) =
                by_configuration.entry(presence.configuration).or_default();
            *with_keys += u64::from(presence.has_keys);
            // The same in each of its VMs.
            *reporting = presence.reporting_rules;
        }
        let each = || by_configuration.values();
        let sum = |numbers: &mut dyn Iterator<Item = u64>| numbers.fold(0, u64::saturating_add);
        Totals {
            with_keys: each().map(|(with_keys, _)| *with_keys).min().unwrap_or(0),
            keys_age: all().filter_map(|presence| presence.keys_age).max(),
            cached_tokens: sum(&mut all().map(|presence| presence.cached_tokens)),
            reporting_rules: sum(&mut each().map(|(_, reporting)| *reporting)),
        }
    }
}

/// Each signs in once a second; a busy worker may be late.
const ABSENT_AFTER_SECONDS: u64 = 5;
/// More workers than any machine has, so that the entry has an end.
const MAX_MEMBERS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Presence = Presence {
        configuration: 1,
        has_keys: true,
        keys_age: Some(3),
        cached_tokens: 10,
        reporting_rules: 2,
    };

    #[test]
    fn whoever_signs_in_is_counted_once() {
        let roll = Roll::default().signed(1, READY, 100).signed(2, READY, 100);
        assert_eq!(roll.signed(1, READY, 101).totals().with_keys, 2);
        assert_eq!(Roll::read(&roll.write()), roll);
    }

    #[test]
    fn whoever_stays_away_is_struck_off_with_its_share() {
        let roll = Roll::default().signed(1, READY, 100).signed(2, READY, 103);
        let at_105 = roll.signed(2, READY, 105).totals();
        assert_eq!((at_105.with_keys, at_105.cached_tokens), (2, 20));
        let at_106 = roll.signed(2, READY, 106).totals();
        assert_eq!((at_106.with_keys, at_106.cached_tokens), (1, 10));
        let put_back = roll.signed(3, READY, 50).totals();
        assert_eq!(put_back.with_keys, 1, "the clock went back");
        let late = roll.signed(3, READY, 102).totals();
        assert_eq!(late.with_keys, 3, "a worker that came late to sign in");
    }

    #[test]
    fn whoever_has_no_keys_is_there_without() {
        let without = Presence {
            has_keys: false,
            keys_age: None,
            ..READY
        };
        let roll = Roll::default().signed(1, READY, 1).signed(2, without, 1);
        let totals = roll.totals();
        assert_eq!((totals.with_keys, totals.keys_age), (1, Some(3)));
        assert_eq!(
            Roll::default().signed(1, without, 1).totals().keys_age,
            None
        );
    }

    #[test]
    fn two_configurations_are_summed_up_and_ready_when_both_are() {
        let other = Presence {
            configuration: 2,
            reporting_rules: 1,
            keys_age: Some(9),
            ..READY
        };
        let roll = Roll::default().signed(1, READY, 1).signed(2, READY, 1);
        let roll = roll.signed(3, other, 1);
        let expected = Totals {
            with_keys: 1,
            keys_age: Some(9),
            cached_tokens: 30,
            reporting_rules: 3,
        };
        assert_eq!(roll.totals(), expected);
        let without = Presence {
            has_keys: false,
            ..other
        };
        assert_eq!(roll.signed(3, without, 1).totals().with_keys, 0);
    }

    #[test]
    fn a_roll_that_cannot_be_read_is_begun_anew_and_none_grows_without_end() {
        assert_eq!(Roll::read(b"x"), Roll::default());
        let roll = (0..2000).fold(Roll::default(), |roll, member| {
            roll.signed(member, READY, 1)
        });
        assert_eq!(roll.totals().with_keys, 1024);
    }
}
